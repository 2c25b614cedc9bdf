//! One order against what is kept beside it. Pure: rows come in, problems go out.

use std::collections::BTreeMap;

use kernel::ShopId;
use ledger::Account;
use store::Value;

use super::rows::{Beside, Kept, LedgerLine};
use super::{Report, order_row};
use crate::code::{Kind, Progress, Status};
use crate::market::{MallShop, PAYOUT_KIND, Script, rows as market};
use crate::order::{Order, ShippingReport};
use crate::progress::{TimerKind, owed_to_the_shop, promised_to_the_shop};

/// Payouts by day, as the ledger says: yen, and entries.
#[derive(Default)]
pub struct Payouts(BTreeMap<String, (i64, i64)>);

impl Payouts {
    fn add(&mut self, line: &LedgerLine) {
        let (yen, orders) = self.0.entry(line.posted.jst_date().to_string()).or_default();
        (*yen, *orders) = (*yen + line.amount, *orders + 1);
    }

    /// The rows of payouts are the sums of the ledger.
    pub fn compare(&self, shop: ShopId, kept: &[(String, i64, i64)], report: &mut Report) {
        let mut expected = self.0.clone();
        for (day, yen, orders) in kept {
            let row = format!("mall_payout {shop}/{day}");
            match expected.remove(day) {
                Some(sums) if sums == (*yen, *orders) => {}
                Some((sum, entries)) => report.add(
                    "mall_payout",
                    row,
                    format!("it is {yen} yen for {orders} orders, and the ledger pays {sum} yen for {entries}"),
                ),
                None => report.add("mall_payout", row, "the ledger pays nothing on this day"),
            }
        }
        for (day, (yen, _)) in expected {
            report.add("mall_payout", format!("mall_payout {shop}/{day}"), format!("missing: {yen} yen"));
        }
    }
}

/// Checks one order.
pub fn check(shop: &MallShop, kept: &Kept, beside: &Beside, payouts: &mut Payouts, report: &mut Report) {
    let row = order_row(shop.id, &kept.number);
    let Some((order, script)) = read(kept) else {
        return report.add("mall_order", row, "its document cannot be read");
    };
    if order.number.to_string() != kept.number || order.number.shop() != shop.rms_id {
        report.add("mall_order", &row, format!("its document is that of {}", order.number));
    }
    let number = kept.number.as_str();
    check_columns(&row, kept, &order, &script, report);
    let lines = beside.lines.get(number).map_or(&[] as &[_], Vec::as_slice);
    for problem in money_problems(&order, lines) {
        report.add("mall_ledger", &row, problem);
    }
    lines.iter().filter(|line| line.kind == PAYOUT_KIND).for_each(|line| payouts.add(line));
    let timers: Vec<TimerKind> =
        beside.timers.get(number).into_iter().flatten().filter_map(|kind| TimerKind::of(kind)).collect();
    let asks = beside.asks.get(number).map_or(&[] as &[_], Vec::as_slice);
    for problem in standstill_problems(&order, &timers, asks) {
        report.add("mall_timer", &row, problem);
    }
}

fn read(kept: &Kept) -> Option<(Order, Script)> {
    let at = |name: &str| market::COLUMNS.iter().position(|column| *column == name);
    let text = |name: &str| match kept.columns.get(at(name)?)? {
        Value::Text(text) => Some(text.as_str()),
        Value::Null | Value::Int(_) | Value::Blob(_) => None,
    };
    let script = match text("script") {
        None => Script::default(),
        Some(script) => serde_json::from_str(script).ok()?,
    };
    Some((serde_json::from_str(text("doc")?).ok()?, script))
}

/// What searches look at is what the document says.
fn check_columns(row: &str, kept: &Kept, order: &Order, script: &Script, report: &mut Report) {
    let expected = market::columns_of(order, script);
    for ((name, is), should) in market::COLUMNS.iter().zip(&kept.columns).zip(&expected) {
        if is != should && *name != "doc" {
            report.add("mall_order", row, format!("its column {name} is not what its document says"));
        }
    }
    match &kept.words {
        None => report.add("mall_order", row, "its words are missing"),
        Some(words) if *words != market::words_of(order) => {
            report.add("mall_order", row, "its words are not those of its document");
        }
        Some(_) => {}
    }
}

/// What the mall owes the shop by the ledger is what the order says.
fn money_problems(order: &Order, lines: &[LedgerLine]) -> Vec<String> {
    let net = |account: Account| {
        let name = account.as_str();
        let ours = lines.iter().filter(|line| line.kind != PAYOUT_KIND);
        let signed = |line: &LedgerLine| match (line.debit == name, line.credit == name) {
            (true, _) => line.amount,
            (_, true) => -line.amount,
            (false, false) => 0,
        };
        ours.map(signed).sum::<i64>()
    };
    let paid: i64 = lines.iter().filter(|line| line.kind == PAYOUT_KIND).map(|line| line.amount).sum();
    let promised = if order.settled.is_some() { promised_to_the_shop(order) } else { 0 };
    let received = if order.settled.is_some() { owed_to_the_shop(order) - promised } else { 0 };
    let mut problems = Vec::new();
    for (account, should) in [(Account::MallFunds, received), (Account::MallPromotion, promised)] {
        let is = net(account);
        if is != should {
            problems.push(format!("the ledger has {is} yen in {account}, and the order says {should}"));
        }
    }
    let may_be_paid = match order.progress {
        Progress::Settled | Progress::AwaitingCancellation | Progress::Cancelled => true,
        Progress::AwaitingConfirmation
        | Progress::InProcess
        | Progress::AwaitingShipment
        | Progress::AwaitingChange
        | Progress::Shipped
        | Progress::SettlementInProgress => false,
    };
    if paid != 0 && !may_be_paid {
        problems.push(format!("{paid} yen were paid out, and the order is not settled"));
    }
    // What falls after the payout is owed back, so more may have been paid than is owed now.
    if order.progress == Progress::Settled && paid < received + promised {
        problems.push(format!("{paid} yen were paid out of {}", received + promised));
    }
    problems
}

/// Nobody waits for what never comes: wherever an order waits for a timer or an answer, that is there, and nothing runs
/// that has nothing to say.
pub fn standstill_problems(order: &Order, timers: &[TimerKind], asks: &[u32]) -> Vec<String> {
    let mut problems = Vec::new();
    let asked = order.payment().and_then(|payment| payment.asked);
    if let Some(serial) = asked.filter(|serial| !asks.contains(serial)) {
        problems.push(format!("it waits for the answer to its request {serial}, which is not under way"));
    }
    for kind in needed(order, asked.is_some()) {
        if !timers.contains(&kind) {
            problems.push(format!("its timer {} is missing", kind.as_str()));
        }
    }
    let allowed = allowed(order.progress);
    for kind in timers.iter().filter(|kind| !allowed.contains(kind)) {
        problems.push(format!("its timer {} has nothing to say in {}", kind.as_str(), order.progress.code()));
    }
    problems
}

/// Timers that an order waits for.
fn needed(order: &Order, is_asked: bool) -> Vec<TimerKind> {
    let status = order.payment().map(|payment| payment.status);
    let kind = order.payment().map(|payment| payment.method.kind());
    let of_payment = match (status, kind) {
        (Some(Status::ProcedureRefused), _) => vec![TimerKind::MethodRequest],
        (Some(Status::ProcedureRequested), Some(Kind::Prepaid)) => vec![TimerKind::Deposit],
        (_, _) => Vec::new(),
    };
    match order.progress {
        Progress::AwaitingConfirmation => vec![TimerKind::Confirmation],
        Progress::InProcess if order.under_check && !is_asked => vec![TimerKind::FraudCancel],
        Progress::InProcess | Progress::AwaitingChange => of_payment,
        Progress::AwaitingShipment => {
            let complete = matches!(order.shipping_report(), ShippingReport::Complete { .. });
            of_payment.into_iter().chain(complete.then_some(TimerKind::Nightly)).collect()
        }
        Progress::Shipped if order.settled.is_some() => vec![TimerKind::Closing],
        Progress::SettlementInProgress => vec![TimerKind::Payout],
        Progress::AwaitingCancellation => match status {
            // The shop has to act.
            Some(Status::ProcedureCancelRefused | Status::FixedCancelRefused) => Vec::new(),
            Some(_) | None if is_asked => Vec::new(),
            Some(_) | None => vec![TimerKind::Cancellation],
        },
        Progress::Shipped | Progress::Settled | Progress::Cancelled => Vec::new(),
    }
}

/// Timers that may run.
fn allowed(progress: Progress) -> &'static [TimerKind] {
    match progress {
        Progress::AwaitingConfirmation => &[TimerKind::Confirmation, TimerKind::Recipient],
        Progress::InProcess => &[TimerKind::Deposit, TimerKind::MethodRequest, TimerKind::FraudCancel],
        Progress::AwaitingShipment | Progress::AwaitingChange => &[
            TimerKind::Nightly,
            TimerKind::AuthorizationEnd,
            TimerKind::Reauthorization,
            TimerKind::MethodRequest,
            TimerKind::Deposit,
        ],
        Progress::Shipped => &[TimerKind::Closing],
        Progress::SettlementInProgress => &[TimerKind::Payout],
        Progress::AwaitingCancellation => &[TimerKind::Cancellation],
        Progress::Settled | Progress::Cancelled => &[],
    }
}

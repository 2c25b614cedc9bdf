//! 楽天処理中: the mall secures the payment, method by method, then looks for fraud (seed 002, seed 004, design of the
//! marketplace).

use super::arrive::check_delivery;
use super::{Answer, Notice, Refused, Request, Step, TimerKind, cancel, edit, settle, ship};
use crate::code::{ChangeDetail, ChangeType, Kind, Method, Progress, Reason, Status};
use crate::order::{Authorization, Card, Caution, Change, Day, Deposit, DueDate, DueKind, Payment, Price};

/// 注文確認: 100 → 200.
pub(super) fn confirm(step: &mut Step<'_>) -> Result<(), Refused> {
    match step.progress() {
        Progress::AwaitingConfirmation => {}
        Progress::AwaitingCancellation | Progress::Cancelled => return Err(Refused::Cancelled),
        Progress::InProcess
        | Progress::AwaitingShipment
        | Progress::AwaitingChange
        | Progress::Shipped
        | Progress::SettlementInProgress
        | Progress::Settled => return Err(Refused::Status),
    }
    let Price::Fixed(_) = step.order.amounts().request else { return Err(Refused::Unpriced) };
    if step.order.caution == Some(Caution::RecipientMissing) {
        return Err(Refused::Status);
    }
    check_delivery(step)?;
    let now = step.now;
    step.unset(TimerKind::Confirmation);
    step.order.confirmed = Some(now);
    let id = i64::from(step.order.next_id());
    let at = Some(now);
    step.order.changes.push(Change {
        id,
        kind: ChangeType::Confirmation,
        detail: None,
        reason: None,
        applied: at,
        fixed: at,
        completed: at,
    });
    step.order.accepted = step.order.amounts().request;
    step.go(Progress::InProcess);
    step.tell(Notice::Confirmed);
    let card = step.order.payments.pop().and_then(|payment| payment.card);
    begin_payment(step, card);
    Ok(())
}

/// Begins to get the money in the way the order names.
pub(super) fn begin_payment(step: &mut Step<'_>, card: Option<Card>) {
    let Price::Fixed(amount) = step.order.amounts().request else { return };
    let method = step.order.method_in_fact();
    let serial = step.order.payments.last().map_or(1, |payment| payment.serial + 1);
    let token = card.as_ref().map(|card| card.token.clone());
    let charge = step.order.payment_charge;
    step.order.payments.push(Payment { charge, ..Payment::new(serial, method, amount, card) });
    match (method.kind(), token) {
        (Kind::Card, Some(card)) => {
            requested(step);
            step.ask(Request::Authorize { card, amount });
        }
        // A card without its token cannot be asked: as if it had been refused.
        (Kind::Card, None) => refused(step),
        (Kind::Prepaid, _) => await_deposit(step),
        (Kind::Deferred, _) => {
            requested(step);
            step.ask(Request::Screen { amount });
        }
        (Kind::ShopSelected | Kind::Points, _) => {
            status(step, Status::None);
            nothing_to_secure(step);
        }
    }
}

/// The mall asks for no money: a new order is looked at for fraud, a change is final.
fn nothing_to_secure(step: &mut Step<'_>) {
    match step.progress() {
        Progress::InProcess => check_fraud(step),
        Progress::AwaitingChange => goes_on(step),
        Progress::AwaitingConfirmation
        | Progress::AwaitingShipment
        | Progress::Shipped
        | Progress::SettlementInProgress
        | Progress::Settled
        | Progress::AwaitingCancellation
        | Progress::Cancelled => {}
    }
}

/// 変更確定待ち is over: the money followed the change.
fn goes_on(step: &mut Step<'_>) {
    super::edit::change_settled(step);
    step.go(Progress::AwaitingShipment);
    ship::plan(step);
}

fn status(step: &mut Step<'_>, status: Status) {
    if let Some(payment) = step.order.payment_mut() {
        payment.status = status;
    }
}

/// 決済手続き依頼中.
pub(super) fn requested(step: &mut Step<'_>) {
    let now = step.now;
    if let Some(payment) = step.order.payment_mut() {
        payment.status = Status::ProcedureRequested;
        payment.asked_at = Some(now);
    }
}

fn await_deposit(step: &mut Step<'_>) {
    requested(step);
    ask_for_deposit(step);
}

/// Tells the buyer where to pay, until when.
pub(super) fn ask_for_deposit(step: &mut Step<'_>) {
    let last = step.now.jst_date().plus_days(step.policy.deposit_days);
    step.order.due_dates.push(DueDate { kind: DueKind::Payment, date: Day(last) });
    step.set(TimerKind::Deposit, last.plus_days(1).start());
    step.tell(Notice::PayHere);
}

/// The buyer paid in: enough of it secures the payment, an excess goes back at once.
pub(super) fn deposited(step: &mut Step<'_>, amount: i64, name_kana: &str) -> Result<(), Refused> {
    let (progress, now) = (step.progress(), step.now);
    let Some(payment) = step.order.payment_mut() else { return Err(Refused::Status) };
    let prepaid = payment.method.kind() == Kind::Prepaid;
    let waits = prepaid && payment.status == Status::ProcedureRequested;
    match progress {
        Progress::InProcess | Progress::AwaitingChange if waits => {}
        // Too late or too often: whatever comes in goes back.
        Progress::AwaitingConfirmation => return Err(Refused::Status),
        Progress::InProcess
        | Progress::AwaitingShipment
        | Progress::AwaitingChange
        | Progress::Shipped
        | Progress::SettlementInProgress
        | Progress::Settled
        | Progress::AwaitingCancellation
        | Progress::Cancelled => {
            if !prepaid {
                return Err(Refused::Status);
            }
            payment.deposits.push(Deposit { amount, at: now, name_kana: name_kana.to_owned() });
            give_back(step, amount);
            return Ok(());
        }
    }
    payment.deposits.push(Deposit { amount, at: now, name_kana: name_kana.to_owned() });
    let (paid, wanted) = (payment.paid_in(), payment.amount);
    if paid < wanted {
        step.tell(Notice::PaidShort);
        return Ok(());
    }
    step.unset(TimerKind::Deposit);
    if paid > wanted {
        give_back(step, paid - wanted);
    }
    secured(step);
    Ok(())
}

/// Sends a prepayment back, all of it or a part.
pub(super) fn give_back(step: &mut Step<'_>, amount: i64) {
    step.refund(amount, Request::Return { amount });
    step.tell(Notice::Refunded);
}

/// Somebody answered a request.
pub(super) fn answered(step: &mut Step<'_>, serial: u32, answer: &Answer) -> Result<(), Refused> {
    if sent_back(step, serial, answer) {
        return Ok(());
    }
    let counts = step.order.payment().is_some_and(|payment| payment.asked == Some(serial));
    if !counts {
        return late(step, answer);
    }
    match step.progress() {
        Progress::InProcess if step.order.under_check => checked(step, answer),
        Progress::InProcess | Progress::AwaitingShipment | Progress::AwaitingChange => procedure_answered(step, answer),
        Progress::Shipped | Progress::SettlementInProgress | Progress::Settled => settle::claimed(step, answer),
        Progress::AwaitingCancellation => cancel::given_back(step, answer),
        Progress::AwaitingConfirmation | Progress::Cancelled => return late(step, answer),
    }
    Ok(())
}

/// Whether the answer is that of a refund, which is done then.
fn sent_back(step: &mut Step<'_>, serial: u32, answer: &Answer) -> bool {
    let now = step.now;
    let mut refunds = step.order.payments.iter_mut().flat_map(|payment| payment.refunds.iter_mut());
    let Some(refund) = refunds.find(|refund| refund.asked == Some(serial)) else { return false };
    match answer {
        Answer::Done { .. } => (refund.asked, refund.done) = (None, refund.done.or(Some(now))),
        Answer::Refused => (refund.asked, refund.refused) = (None, refund.done.is_none()),
        Answer::OnHold => {}
    }
    true
}

/// An answer that nobody waits for: an authorization that was made all the same is given back.
fn late(step: &mut Step<'_>, answer: &Answer) -> Result<(), Refused> {
    match answer {
        Answer::Done { id: Some(authorization) } => {
            let known =
                |payment: &Payment| payment.authorization.as_ref().is_some_and(|held| held.id == *authorization);
            if step.order.payments.iter().any(known) {
                return Err(Refused::Stale);
            }
            step.release(Request::Void { authorization: authorization.clone() });
            Ok(())
        }
        Answer::Done { id: None } | Answer::Refused | Answer::OnHold => Err(Refused::Stale),
    }
}

fn procedure_answered(step: &mut Step<'_>, answer: &Answer) {
    match answer {
        Answer::Done { id } => {
            approved(step, id.clone());
            secured(step);
        }
        Answer::Refused => refused(step),
        // 与信保留: still running, under the same serial.
        Answer::OnHold => {
            if let Some(payment) = step.order.payment_mut() {
                payment.status = Status::ProcedureQueued;
            }
        }
    }
}

/// Keeps the new authorization; the one before it is given back after.
fn approved(step: &mut Step<'_>, id: Option<String>) {
    let now = step.now;
    let Some(payment) = step.order.payment_mut() else { return };
    payment.asked = None;
    let Some(id) = id else { return };
    let amount = payment.amount;
    let before = payment.authorization.replace(Authorization { id, amount, since: now });
    if let Some(before) = before {
        step.release(Request::Void { authorization: before.id });
    }
}

/// 決済手続き完了: in 楽天処理中 the fraud check comes next, after a change the order goes on where it was.
pub(super) fn secured(step: &mut Step<'_>) {
    let now = step.now;
    if let Some(payment) = step.order.payment_mut() {
        payment.status = Status::ProcedureDone;
        payment.done_at = Some(now);
        payment.refused_at = None;
    }
    step.order.caution = None;
    step.unset(TimerKind::MethodRequest);
    match step.progress() {
        Progress::InProcess => check_fraud(step),
        Progress::AwaitingChange => goes_on(step),
        Progress::AwaitingShipment => ship::plan(step),
        Progress::AwaitingConfirmation
        | Progress::Shipped
        | Progress::SettlementInProgress
        | Progress::Settled
        | Progress::AwaitingCancellation
        | Progress::Cancelled => {}
    }
}

fn check_fraud(step: &mut Step<'_>) {
    step.order.under_check = true;
    step.ask(Request::CheckFraud);
}

/// The fraud check answered: on to 発送待ち, or cancelled the next day.
fn checked(step: &mut Step<'_>, answer: &Answer) {
    match answer {
        Answer::Done { .. } => {
            step.order.under_check = false;
            if let Some(payment) = step.order.payment_mut() {
                payment.asked = None;
            }
            step.order.fixed = Some(step.now);
            step.go(Progress::AwaitingShipment);
            ship::plan(step);
        }
        Answer::Refused => {
            if let Some(payment) = step.order.payment_mut() {
                payment.asked = None;
            }
            let cancelled = step.now.jst_date().plus_days(step.policy.fraud_cancel_days).start();
            step.set(TimerKind::FraudCancel, cancelled);
        }
        Answer::OnHold => {}
    }
}

/// 決済手続きNG: the buyer is asked for another way of paying until a day.
pub(super) fn refused(step: &mut Step<'_>) {
    let (now, progress) = (step.now, step.progress());
    let placed = step.order.placed;
    let policy = step.policy;
    let Some(payment) = step.order.payment_mut() else { return };
    payment.asked = None;
    payment.status = Status::ProcedureRefused;
    payment.refused_at = Some(now);
    let kind = payment.method.kind();
    let last = match kind {
        Kind::Deferred => placed.jst_date().plus_days(policy.deferred_cancel_days - 1).max(now.jst_date()),
        Kind::Card | Kind::Prepaid | Kind::ShopSelected | Kind::Points => {
            now.jst_date().plus_days(policy.card_change_days)
        }
    };
    let caution =
        if progress == Progress::AwaitingShipment { Caution::ReauthorizationRefused } else { Caution::PaymentRefused };
    step.order.caution = Some(caution);
    step.order.due_dates.push(DueDate { kind: DueKind::MethodChange, date: Day(last) });
    step.set(TimerKind::MethodRequest, last.plus_days(1).start());
    step.tell(Notice::ChangeMethod);
}

/// The buyer names another way of paying, or another card.
pub(super) fn buyer_changes_method(step: &mut Step<'_>, method: Method, card: Option<&Card>) -> Result<(), Refused> {
    match step.progress() {
        Progress::InProcess | Progress::AwaitingShipment | Progress::AwaitingChange => {}
        Progress::AwaitingCancellation | Progress::Cancelled => return Err(Refused::Cancelled),
        Progress::AwaitingConfirmation | Progress::Shipped | Progress::SettlementInProgress | Progress::Settled => {
            return Err(Refused::Status);
        }
    }
    let refused = step.order.payment().is_some_and(|payment| payment.status == Status::ProcedureRefused);
    let fits = match method.kind() {
        Kind::Card => card.is_some(),
        Kind::Prepaid | Kind::Deferred => true,
        Kind::ShopSelected | Kind::Points => false,
    };
    if !refused || !fits {
        return Err(Refused::Method);
    }
    let before = step.order.clone();
    set_fee(step, method)?;
    let change = edit::compare(&before, &step.order, Some(method).filter(|method| *method != before.method));
    switch(step, (method, card.cloned()), change, Some(Reason::CustomerOther))
}

/// The fee of deferred payment comes and goes with it (seed 004); points may have paid for it.
pub(super) fn set_fee(step: &mut Step<'_>, method: Method) -> Result<(), Refused> {
    let fee = step.policy.deferred_fee;
    match (step.order.method == Method::Deferred, method == Method::Deferred) {
        (true, false) => step.order.payment_charge -= fee.min(step.order.payment_charge),
        (false, true) => step.order.payment_charge += fee,
        (true, true) | (false, false) => {}
    }
    edit::check_range(&step.order)
}

/// Another way of paying, or another card: what was held is given back. From 発送待ち another way of paying leads to
/// 変更確定待ち until it is secured.
pub(super) fn switch(
    step: &mut Step<'_>,
    (method, card): (Method, Option<Card>),
    change: Option<ChangeDetail>,
    reason: Option<Reason>,
) -> Result<(), Refused> {
    let waits = step.progress() == Progress::AwaitingShipment && method != step.order.method;
    step.order.method = method;
    check_delivery(step)?;
    edit::note(step, change, reason, !waits);
    edit::accept(step);
    step.unset(TimerKind::MethodRequest);
    step.unset(TimerKind::Deposit);
    step.order.caution = None;
    release_held(step);
    if waits {
        step.go(Progress::AwaitingChange);
        step.unset(TimerKind::Nightly);
    }
    begin_payment(step, card);
    Ok(())
}

/// Gives back what the present payment holds, before another takes its place.
pub(super) fn release_held(step: &mut Step<'_>) {
    let Some(payment) = step.order.payment_mut() else { return };
    payment.asked = None;
    payment.status = Status::ProcedureCancelled;
    let (held, paid) = (payment.authorization.take(), payment.paid_in());
    if let Some(held) = held {
        step.release(Request::Void { authorization: held.id });
    }
    if paid > 0 {
        give_back(step, paid);
    }
}

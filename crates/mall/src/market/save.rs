//! What is written with a decision: the order, its timers, its requests to others, ledger entry, notices, audit row.

use std::collections::BTreeMap;

use kernel::time::MICROS_PER_SECOND;
use kernel::{ShopId, Timestamp};
use shop::By;
use store::timer::{self, Timer};
use store::{ErrorKind, Statement, StoreError, Tx, outbox};

use super::ask::{self, Asked};
use super::rows::{self, Loaded};
use super::{WORLD, book, buyer, columns};
use crate::order::{Day, Order, OrderNumber};
use crate::progress::{Ask, Effect, Line, Moved, Notice, TimerKind};

/// A change that was decided.
pub(super) struct Change<'a> {
    /// Whose order it is.
    pub shop: ShopId,
    /// Who does it.
    pub by: &'a By,
    /// What the audit row calls it; none writes no row.
    pub action: Option<&'a str>,
    /// World time.
    pub now: Timestamp,
    /// Machine time.
    pub at: Timestamp,
    /// After so long of world time a request arrives.
    pub answer_micros: i64,
    /// Whether it is the answer to a request: then that is under way no more.
    pub is_answer: bool,
}

impl Change<'_> {
    /// When what is asked now arrives.
    fn answered(&self) -> Timestamp {
        whole_second(self.now.plus_micros(self.answer_micros))
    }
}

/// The whole second at or after an instant. What is due stands on whole seconds, so that whoever turns a clock meets few
/// instants, however many orders there are.
fn whole_second(at: Timestamp) -> Timestamp {
    let rest = at.micros().rem_euclid(MICROS_PER_SECOND);
    if rest == 0 { at } else { at.plus_micros(MICROS_PER_SECOND - rest) }
}

/// What has to be done, sorted by what it is written as.
#[derive(Default)]
struct Sorted {
    /// How each timer stands in the end; none ends it.
    timers: BTreeMap<TimerKind, Option<Timestamp>>,
    asks: Vec<Ask>,
    lines: Vec<Line>,
    notices: Vec<Notice>,
}

impl Sorted {
    fn of(effects: &[Effect]) -> Sorted {
        let mut sorted = Sorted::default();
        for effect in effects {
            match effect {
                Effect::Timer { kind, due } => {
                    sorted.timers.insert(*kind, *due);
                }
                Effect::Ask(ask) => sorted.asks.push(ask.clone()),
                Effect::Post(lines) => sorted.lines.extend(lines),
                Effect::Tell(notice) => sorted.notices.push(*notice),
            }
        }
        sorted
    }
}

/// What is paid out by changes of one transaction, by shop and day: one row for each, however many orders there are.
#[derive(Default)]
pub(super) struct Payouts(BTreeMap<(ShopId, String), (Day, i64, i64)>);

impl Payouts {
    fn add(&mut self, shop: ShopId, day: Day, yen: i64) {
        let (_, sum, orders) = self.0.entry((shop, day.0.to_string())).or_insert((day, 0, 0));
        (*sum, *orders) = (*sum + yen, *orders + 1);
    }

    /// Writes them, at the end of the transaction.
    pub fn write(self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        for ((shop, _), (day, yen, orders)) in self.0 {
            tx.execute_all(&[rows::pay_out(shop, day, yen, orders)])?;
        }
        Ok(())
    }
}

/// Saves a new order as it arrived.
pub(super) fn save_new(
    tx: &mut Tx<'_>,
    change: &Change<'_>,
    mut script: super::Script,
    moved: &Moved,
) -> Result<(), StoreError> {
    let sorted = Sorted::of(&moved.effects);
    let asks = statements_of_errands(change, (moved.order.number, 1), &mut script, &sorted);
    let mut statements = rows::insert(change.shop, &moved.order, &script).to_vec();
    statements.extend(asks);
    statements.extend(statements_of(change, &moved.order, 1, &sorted)?);
    statements.extend(audit_row(change, None, &moved.order));
    tx.execute_all(&statements).map(|_| ())
}

/// Saves what became of an order that was loaded for it.
pub(super) fn save(
    tx: &mut Tx<'_>,
    change: &Change<'_>,
    loaded: Loaded,
    moved: &Moved,
    payouts: &mut Payouts,
) -> Result<(), StoreError> {
    let Loaded { order: before, version, mut script } = loaded;
    let sorted = Sorted::of(&moved.effects);
    let asks = statements_of_errands(change, (before.number, version + 1), &mut script, &sorted);
    let mut statements = vec![rows::save(change.shop, &moved.order, &script, version)];
    if columns::words_may_differ(&before, &moved.order) {
        statements.push(rows::say(change.shop, &moved.order));
    }
    statements.extend(asks);
    statements.extend(statements_of(change, &moved.order, version + 1, &sorted)?);
    statements.extend(audit_row(change, Some(&before), &moved.order));
    let touched = tx.execute_all(&statements)?;
    if touched.first() != Some(&1) {
        return Err(StoreError::new(ErrorKind::Contention, "somebody else changed the order"));
    }
    if !change.is_answer {
        hasten_what_counts_no_more(tx, change, &before, &moved.order)?;
    }
    if let Some(yen) = book::paid_out(&sorted.lines) {
        payouts.add(change.shop, Day(change.now.jst_date()), yen);
    }
    Ok(())
}

/// What is asked of others, and what the buyer does for having been asked.
fn statements_of_errands(
    change: &Change<'_>,
    (order, version): (OrderNumber, i64),
    script: &mut super::Script,
    sorted: &Sorted,
) -> Vec<Statement<'static>> {
    let mut statements = Vec::new();
    for ask in &sorted.asks {
        let (request, verdict) = script.prepare(&ask.request);
        let asked = Asked { order, serial: ask.serial, request, verdict };
        statements.push(asked.send(change.shop, change.now, change.answered()));
    }
    // One deed for each change: its message is named by the version.
    if let Some(deed) = sorted.notices.iter().find_map(|notice| script.deed(*notice)) {
        let due = buyer::Due { order, deed };
        statements.push(due.send(change.shop, version, change.now, change.answered()));
    }
    statements
}

/// Timers, ledger entry and notices of the change that makes `version`.
fn statements_of(
    change: &Change<'_>,
    order: &Order,
    version: i64,
    sorted: &Sorted,
) -> Result<Vec<Statement<'static>>, StoreError> {
    let (shop, number) = (change.shop, order.number);
    let subject = number.to_string();
    let mut statements = Vec::new();
    let ended: Vec<&str> =
        sorted.timers.iter().filter(|(_, due)| due.is_none()).map(|(kind, _)| kind.as_str()).collect();
    if !ended.is_empty() {
        statements.push(timer::cancel_all(shop, WORLD, &ended, &subject));
    }
    for (kind, due) in &sorted.timers {
        statements.extend(due.map(|due| timer::set(shop, WORLD, kind.as_str(), &subject, whole_second(due))));
    }
    if let Some(entry) = book::entry(number, &sorted.lines, change.now)? {
        statements.extend(ledger::post(shop, WORLD, &book::entry_id(number, version), &entry));
    }
    for (line, notice) in sorted.notices.iter().enumerate() {
        statements.push(rows::tell(shop, number, (version, line), *notice, change.now));
    }
    Ok(statements)
}

/// The audit row of one order in the change of `by`; further orders of the same change have rows of their own.
fn audit_row(change: &Change<'_>, before: Option<&Order>, after: &Order) -> Option<Statement<'static>> {
    let action = change.action?;
    let status = |order: &Order| order.payment().map(|payment| payment.status.code());
    let fields = serde_json::json!({
        "progress": [before.map(|order| order.progress.code()), after.progress.code()],
        "payment": [before.and_then(status), status(after)],
        "amount": [before.map(|order| order.amounts().request.wire()), after.amounts().request.wire()],
    });
    let number = after.number.to_string();
    let by = By { id: format!("{}-{number}", change.by.id), ..change.by.clone() };
    Some(by.record(change.shop, change.at, (action, &number), &fields))
}

/// A request whose answer counts no more need not be held back: others of its order may leave after it.
fn hasten_what_counts_no_more(
    tx: &mut Tx<'_>,
    change: &Change<'_>,
    before: &Order,
    after: &Order,
) -> Result<(), StoreError> {
    let asked = |order: &Order| order.payment().and_then(|payment| payment.asked);
    match asked(before) {
        Some(serial) if asked(after) != Some(serial) => {
            outbox::hasten(tx, change.shop, &ask::id(before.number, serial), change.now)?;
        }
        Some(_) | None => {}
    }
    Ok(())
}

/// Ends timers that have nothing to say any more; of each, whether it was there.
pub(super) fn finish(tx: &mut Tx<'_>, timers: &[Timer]) -> Result<Vec<bool>, StoreError> {
    let ended: Vec<Statement<'_>> = timers.iter().map(timer::finish).collect();
    Ok(tx.execute_all(&ended)?.into_iter().map(|rows| rows == 1).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_stands_on_whole_seconds() {
        for (at, whole) in [(0, 0), (1, 1_000_000), (1_000_000, 1_000_000), (1_999_999, 2_000_000)] {
            assert_eq!(whole_second(Timestamp::from_micros(at)), Timestamp::from_micros(whole));
        }
    }
}

//! Recounting the simulator's book: what the rows say against what the logs of operations say.

use std::collections::BTreeMap;

use store::{StoreError, Tx};

use super::authorization::State;
use super::operation::{Kind, Outcome};
use super::points::rows::{self as points_rows, KeptHold};
use super::points::{self};
use super::rows::{self, KeptAuthorization, KeptOperation, Place};
use crate::refusal::Refusal;

/// Rows recounted at a time, so that a book of millions fits into memory.
const PAGE: u32 = 500;

/// Recounts every authorization, hold and account of the whole book from the operations. One sentence for each
/// disagreement, naming its row; none if the book is sound. Only reads.
pub fn check(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    check_authorizations(tx, &mut found)?;
    check_holds(tx, &mut found)?;
    check_accounts(tx, &mut found)?;
    Ok(found)
}

/// Before every place: shops have numbers above this.
fn beginning() -> Place {
    (i64::MIN, String::new(), String::new())
}

fn check_authorizations(tx: &mut Tx<'_>, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut after = beginning();
    loop {
        let page = rows::authorizations_after(tx, &after, PAGE)?;
        let last = page.last().map(|kept| kept.place.clone());
        let operations = rows::operations_between(tx, &after, last.as_ref())?;
        let mut by_place = group(operations, |operation| operation.place.clone());
        for kept in &page {
            let operations = by_place.remove(&kept.place).unwrap_or_default();
            let row = row_name("sim_authorization", &kept.place);
            found.extend(recount_authorization(kept, &operations).into_iter().map(|wrong| format!("{row}: {wrong}")));
        }
        for orphan in by_place.into_values().flatten() {
            if orphan.outcome != Refusal::UnknownAuthorization.code() {
                let row = operation_name("sim_operation", &orphan.place, &orphan.key);
                found.push(format!("{row}: its authorization {} has no row", orphan.place.2));
            }
        }
        match last {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

/// What the operations of one authorization add up to.
#[derive(Default)]
struct Recount {
    opened: Vec<State>,
    completed: Option<State>,
    captures: u32,
    captured: i128,
    refunds: u32,
    refunded: i128,
    voids: u32,
}

impl Recount {
    fn add(&mut self, kind: Kind, outcome: Outcome, amount: i64) {
        let succeeded = outcome == Outcome::Succeeded;
        match kind {
            Kind::Authorize => self.opened.push(match outcome {
                Outcome::Succeeded => State::Authorized,
                Outcome::RequiresAction => State::ActionRequired,
                Outcome::Refused(_) => State::Declined,
            }),
            Kind::CompletePassed | Kind::CompleteFailed | Kind::CompleteAbandoned => match outcome {
                Outcome::Succeeded => self.completed = Some(State::Authorized),
                Outcome::Refused(Refusal::AuthenticationFailed | Refusal::AuthenticationAbandoned) => {
                    self.completed = Some(State::Declined);
                }
                Outcome::Refused(_) | Outcome::RequiresAction => {}
            },
            Kind::Capture if succeeded => {
                self.captures += 1;
                self.captured += i128::from(amount);
            }
            Kind::Refund if succeeded => {
                self.refunds += 1;
                self.refunded += i128::from(amount);
            }
            Kind::Void if succeeded => self.voids += 1,
            Kind::Capture | Kind::Refund | Kind::Void => {}
        }
    }

    fn state(&self) -> Option<State> {
        let opened = *self.opened.first()?;
        Some(if self.refunds > 0 && self.refunded == self.captured {
            State::Refunded
        } else if self.captures > 0 {
            State::Captured
        } else if self.voids > 0 {
            State::Voided
        } else {
            self.completed.unwrap_or(opened)
        })
    }
}

fn recount_authorization(kept: &KeptAuthorization, operations: &[KeptOperation]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut recount = Recount::default();
    for operation in operations {
        let (Ok(kind), Ok(outcome)) = (operation.kind.parse(), operation.outcome.parse()) else {
            wrong.push(format!("its operation {:?} cannot be read", operation.key));
            continue;
        };
        recount.add(kind, outcome, operation.amount.unwrap_or(0));
        if kind == Kind::Authorize {
            let differs = |what, row: &str, asked: Option<&str>| {
                let asked = asked.unwrap_or("nothing");
                (row != asked).then(|| format!("{what} is {row}, its authorize operation says {asked}"))
            };
            let asked = operation.amount.map(|amount| amount.to_string());
            wrong.extend(differs("the amount", &kept.amount.to_string(), asked.as_deref()));
            wrong.extend(differs("the order", &kept.order, operation.order.as_deref()));
            wrong.extend(differs("the card", &kept.card, operation.card.as_deref()));
        }
    }
    if recount.opened.len() != 1 {
        wrong.push(format!("it has {} authorize operations instead of 1", recount.opened.len()));
    }
    if recount.captures + recount.voids > 1 {
        wrong.push(format!("it was captured {} times and voided {} times", recount.captures, recount.voids));
    }
    let mut compare = |what: &str, row: String, said: String| {
        if row != said {
            wrong.push(format!("{what} is {row}, its operations say {said}"));
        }
    };
    compare("captured", kept.captured.to_string(), recount.captured.to_string());
    compare("refunded", kept.refunded.to_string(), recount.refunded.to_string());
    if let Some(state) = recount.state() {
        compare("the state", kept.state.clone(), state.to_string());
    }
    if !(0 <= kept.refunded && kept.refunded <= kept.captured && kept.captured <= kept.amount) {
        let KeptAuthorization { amount, captured, refunded, .. } = kept;
        wrong.push(format!("{amount} authorized, {captured} captured, {refunded} refunded cannot be"));
    }
    wrong
}

fn check_holds(tx: &mut Tx<'_>, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut after = beginning();
    loop {
        let page = points_rows::holds_after(tx, &after, PAGE)?;
        let last = page.last().map(|kept| kept.place.clone());
        let operations = points_rows::operations_between(tx, &after, last.as_ref())?;
        let mut by_place = group(operations, |operation| operation.place.clone());
        for kept in &page {
            let operations = by_place.remove(&kept.place).unwrap_or_default();
            let row = row_name("sim_points_hold", &kept.place);
            found.extend(recount_hold(kept, &operations).into_iter().map(|wrong| format!("{row}: {wrong}")));
        }
        for orphan in by_place.into_values().flatten() {
            if orphan.outcome != crate::points::Refusal::UnknownHold.code() {
                let row = operation_name("sim_points_operation", &orphan.place, &orphan.key);
                found.push(format!("{row}: its hold {} has no row", orphan.place.2));
            }
        }
        match last {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

fn recount_hold(kept: &KeptHold, operations: &[points_rows::KeptOperation]) -> Vec<String> {
    let mut wrong = Vec::new();
    let (mut opened, mut used, mut returned) = (0, 0_i128, 0_i128);
    for operation in operations.iter().filter(|operation| operation.outcome == "succeeded") {
        match operation.kind.parse() {
            Ok(points::Kind::Hold) => {
                opened += 1;
                if operation.points != kept.points {
                    let (row, said) = (kept.points, operation.points);
                    wrong.push(format!("the points are {row}, its hold operation says {said}"));
                }
                if operation.account.as_ref() != Some(&kept.account) {
                    wrong.push("the account is not that of its hold operation".to_owned());
                }
            }
            Ok(points::Kind::Use) => used += i128::from(operation.points),
            Ok(points::Kind::GiveBack) => returned += i128::from(operation.points),
            Err(_) => wrong.push(format!("its operation {:?} cannot be read", operation.key)),
        }
    }
    if opened != 1 {
        wrong.push(format!("it has {opened} hold operations instead of 1"));
    }
    if !kept.has_account {
        wrong.push(format!("its account {} has no row", kept.account));
    }
    if used > i128::from(kept.points) {
        wrong.push(format!("its operations use {used} of {} points", kept.points));
    }
    // Used points are given back only when none are held, and then none can be used any more: order does not matter.
    let used = used - (returned + used - i128::from(kept.points)).max(0);
    for (what, row, said) in [("used", kept.used, used), ("returned", kept.returned, returned)] {
        if i128::from(row) != said {
            wrong.push(format!("{what} is {row}, its operations say {said}"));
        }
    }
    wrong
}

fn check_accounts(tx: &mut Tx<'_>, found: &mut Vec<String>) -> Result<(), StoreError> {
    let mut after = beginning();
    loop {
        let page = points_rows::accounts_after(tx, &after, PAGE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.place.clone();
        for kept in page {
            let row = row_name("sim_points_account", &kept.place);
            let opening = points::opening(&kept.place.2).get();
            if kept.opening != opening {
                found.push(format!("{row}: the opening balance is {}, instead of {opening}", kept.opening));
            }
            let left = i128::from(kept.opening) - i128::from(kept.taken);
            if i128::from(kept.balance) != left {
                found.push(format!("{row}: the balance is {}, its holds leave {left}", kept.balance));
            }
        }
    }
}

fn group<T>(rows: Vec<T>, place: impl Fn(&T) -> Place) -> BTreeMap<Place, Vec<T>> {
    let mut groups: BTreeMap<Place, Vec<T>> = BTreeMap::new();
    for row in rows {
        groups.entry(place(&row)).or_default().push(row);
    }
    groups
}

fn row_name(table: &str, (shop, environment, name): &Place) -> String {
    format!("{table} (shop {shop}, {environment}, {name})")
}

fn operation_name(table: &str, (shop, environment, _): &Place, key: &str) -> String {
    format!("{table} (shop {shop}, {environment}, key {key})")
}

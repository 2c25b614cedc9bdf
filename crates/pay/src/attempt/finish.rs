//! The last step: the outcome, committed with everything that tells of it, or not at all.

use kernel::ChargeNumber;
use serde::Serialize;
use store::audit::{self, NewEntry};
use store::outbox::{self, NewMessage};
use store::{Statement, StoreError, Tx, timer};

use super::{Attempt, Intent, Work, rows, steps};
use crate::charge::item::Items;
use crate::charge::rows as charge_rows;
use crate::charge::state::{Receipts, State};
use crate::charge::wire::Snapshot;
use crate::charge::{Charge, Order};
use crate::event;
use crate::figures;

/// Kind of the timer that ends the window of a provisional sale.
pub const WINDOW_TIMER: &str = "charge.window";
/// Topic of what is released after a change.
pub const RELEASE_TOPIC: &str = "acquirer.release";

/// The change is done outside: commits it. A row that is not as the intent left it undoes everything.
pub fn succeed(tx: &mut Tx<'_>, intent: &Intent, receipts: &Receipts) -> Result<Charge, StoreError> {
    let attempt = &intent.attempt;
    let after = outcome(intent, receipts);
    let mut statements = vec![rows::end(attempt, "succeeded", None)];
    statements.extend(save(intent, &after));
    statements.extend(ledger_entry(intent));
    statements.push(event::rows::insert(attempt, &Snapshot::of(&after, attempt.environment)));
    let must_touch = statements.len();
    statements.extend(counted(tx, intent, &after));
    statements.extend(figured(tx, intent, &after));
    statements.push(audit_row(tx, intent, &after));
    statements.extend(window_timer(intent, &after));
    statements.extend(releases(intent));
    statements.push(event::rows::fan_out(intent, after.version));
    let counts = tx.execute_all(&statements)?;
    match counts.iter().take(must_touch).position(|count| *count != 1) {
        None => Ok(after),
        Some(index) => {
            let message = format!("statement {index} of the end of attempt {} found no row", attempt.id);
            Err(StoreError::new(store::ErrorKind::Programming, message))
        }
    }
}

/// An outside party refused: the attempt ends, the charge stays as it is (or is not made).
pub fn refuse(tx: &mut Tx<'_>, attempt: &Attempt, reason: &str) -> Result<(), StoreError> {
    let fields = serde_json::json!({ "refused": reason }).to_string();
    let statements = [rows::end(attempt, "refused", Some(reason)), audit_of(tx, attempt, &fields)];
    if tx.execute_all(&statements)?[0] == 1 {
        return Ok(());
    }
    let message = format!("attempt {} has ended already", attempt.id);
    Err(StoreError::new(store::ErrorKind::Programming, message))
}

/// The charge after the change.
fn outcome(intent: &Intent, receipts: &Receipts) -> Charge {
    let standing = intent.plan.outcome(receipts);
    let updated = intent.attempt.begun;
    match (&intent.attempt.work, &intent.before) {
        (Work::Pay(order), _) => new_charge(intent.attempt.charge, order, standing),
        (work, Some(before)) => {
            let items_json = match work {
                Work::Change(items) => items_json(items),
                Work::Pay(_) | Work::Capture | Work::Cancel | Work::Expire => before.items_json.clone(),
            };
            Charge { standing, items_json, updated, version: before.version + 1, ..before.clone() }
        }
        (_, None) => unreachable!("only Pay begins without a charge"),
    }
}

fn new_charge(number: ChargeNumber, order: &Order, standing: crate::charge::Standing) -> Charge {
    let address_json = order.address.as_ref().map(|address| serde_json::to_string(address).expect("texts are JSON"));
    Charge {
        number,
        items_json: items_json(&order.items),
        cart_id: order.cart_id.clone(),
        open_id: order.open_id.clone(),
        address_json,
        updated: standing.ordered,
        standing,
        version: 1,
    }
}

fn items_json(items: &Items) -> String {
    serde_json::to_string(items.list()).expect("items are JSON")
}

fn save(intent: &Intent, after: &Charge) -> Option<Statement<'static>> {
    let Attempt { shop, environment, work, .. } = &intent.attempt;
    match (&intent.before, work) {
        (Some(before), _) => Some(charge_rows::save(*shop, *environment, before, after)),
        (None, Work::Pay(order)) => {
            let buyer = serde_json::to_string(&order.buyer).expect("texts are JSON");
            Some(charge_rows::insert(*shop, *environment, after, buyer))
        }
        (None, Work::Capture | Work::Cancel | Work::Change(_) | Work::Expire) => None,
    }
}

fn counted(tx: &Tx<'_>, intent: &Intent, after: &Charge) -> Option<Statement<'static>> {
    let Attempt { shop, environment, .. } = intent.attempt;
    let moved = (intent.before.as_ref().map(|before| before.standing.state), after.standing.state);
    charge_rows::count(tx, shop, environment, after.number, moved)
}

/// A new order counts in the figures; what becomes of it does not.
fn figured(tx: &Tx<'_>, intent: &Intent, after: &Charge) -> Option<Statement<'static>> {
    let Attempt { shop, environment, .. } = intent.attempt;
    let standing = &after.standing;
    let is_new = intent.before.is_none();
    is_new.then(|| figures::rows::count(tx, shop, environment, standing.ordered, standing.amount)).flatten()
}

fn ledger_entry(intent: &Intent) -> Vec<Statement<'static>> {
    let Attempt { shop, environment, id, charge, work, begun, .. } = &intent.attempt;
    if intent.plan.lines.is_empty() {
        return Vec::new();
    }
    let entry = ledger::Entry::new(work.verb(), charge.to_string(), *begun, intent.plan.lines.clone());
    ledger::post(*shop, *environment, id, &entry)
}

fn audit_row(tx: &Tx<'_>, intent: &Intent, after: &Charge) -> Statement<'static> {
    let before = intent.before.as_ref().map(|charge| &charge.standing);
    let fields = Fields {
        amount: (before.map(|standing| standing.amount.get()), after.standing.amount.get()),
        point: (before.map(|standing| standing.point.get()), after.standing.point.get()),
        state: (before.map(|standing| standing.state.as_str()), after.standing.state.as_str()),
    };
    audit_of(tx, &intent.attempt, &serde_json::to_string(&fields).expect("words and numbers are JSON"))
}

/// What changed, before and after; null before for a new charge.
#[derive(Serialize)]
struct Fields {
    amount: (Option<i64>, i64),
    point: (Option<i64>, i64),
    state: (Option<&'static str>, &'static str),
}

fn audit_of(tx: &Tx<'_>, attempt: &Attempt, fields: &str) -> Statement<'static> {
    audit::record(&NewEntry {
        shop: attempt.shop,
        id: &attempt.id,
        at: tx.machine_now(),
        actor: &attempt.requester.actor,
        origin: &attempt.requester.origin,
        action: &format!("charge.{}", attempt.work.verb()),
        object: &format!("{}/{}", attempt.environment, attempt.charge),
        fields,
    })
}

/// A provisional sale always has its timer, which stays while it is an actual sale: a change may make it provisional again.
fn window_timer(intent: &Intent, after: &Charge) -> Option<Statement<'static>> {
    let Attempt { shop, environment, .. } = intent.attempt;
    let subject = after.number.to_string();
    let was = intent.before.as_ref().map(|charge| charge.standing.state);
    match (was, after.standing.state) {
        (None | Some(State::Captured), State::Authorized) => {
            Some(timer::set(shop, environment, WINDOW_TIMER, &subject, after.standing.window_ends))
        }
        (Some(_), State::Cancelled) => Some(timer::cancel(shop, environment, WINDOW_TIMER, &subject)),
        (None, State::Captured | State::Cancelled)
        | (Some(State::Authorized | State::Cancelled), State::Authorized)
        | (Some(_), State::Captured) => None,
    }
}

fn releases(intent: &Intent) -> Vec<Statement<'static>> {
    let attempt = &intent.attempt;
    let message = |(index, step)| {
        outbox::enqueue(&NewMessage {
            shop: attempt.shop,
            id: &format!("{}-r{index}", attempt.id),
            world: attempt.environment,
            topic: RELEASE_TOPIC,
            lane: &attempt.charge.to_string(),
            body: &steps::to_json(step),
            due: attempt.begun,
            created: attempt.begun,
        })
    };
    intent.plan.releases.iter().enumerate().map(message).collect()
}

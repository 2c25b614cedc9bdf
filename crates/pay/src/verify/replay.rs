//! A charge made again from its attempts: each change is planned by the pure states from what its event tells, and what
//! the change left behind must be what was planned.

use kernel::{Timestamp, Yen};
use ledger::Line;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::area::instant;
use super::attempt::{Verb, check_lines, check_releases};
use super::charge::{History, total};
use super::report::{Findings, differs};
use super::rows::charge::{AttemptRow, ChargeRow};
use crate::charge::Windows;
use crate::charge::state::{self, Plan, Receipts, Standing, State, Step};

/// The charge as an event tells it.
#[derive(Deserialize)]
struct Told {
    open_id: String,
    id: String,
    livemode: bool,
    amount: i64,
    point: i64,
    cart_id: Option<String>,
    paid: bool,
    captured: bool,
    refunded: bool,
    items: Box<RawValue>,
    created: i64,
    updated: i64,
}

/// What a charge's attempts make of it.
pub(super) struct Replayed {
    pub standing: Standing,
    pub items: String,
    pub open_id: String,
    pub cart_id: Option<String>,
    /// World time of the last change.
    pub updated: Timestamp,
    /// How many changes there were.
    pub changes: usize,
    /// When the window closes or closed that was open while it was last a provisional sale.
    pub provisional_window: Timestamp,
    /// The row that tells of the last change.
    pub last_event: String,
}

/// Makes a charge again from the attempts that succeeded, in the order of their versions. None if they do not fit
/// together; what does not fit is found.
pub(super) fn replay(
    history: &History<'_>,
    charge: &ChargeRow,
    succeeded: &[&AttemptRow],
    found: &mut Findings,
) -> Option<Replayed> {
    let mut replayed: Option<Replayed> = None;
    for (index, attempt) in succeeded.iter().enumerate() {
        let row = history.area.row("attempt", &attempt.id);
        if attempt.version != index as i64 {
            found.add("attempt", &row, format!("it changed version {}, expected {index}", attempt.version));
        }
        // A missing event is found with the attempt.
        let told = tell(history, attempt, found)?;
        match change(history, charge, replayed.as_ref(), attempt, &told) {
            Ok((after, plan)) => {
                let before = replayed.as_ref().map(|replayed| &replayed.standing);
                check_lines(history, attempt, &plan.lines, found);
                check_releases(history, attempt, &plan.releases, found);
                check_audit(history, attempt, before, &after.standing, found);
                check_told(history, attempt, &told, &after, found);
                replayed = Some(after);
            }
            Err(problem) => {
                let event = history.area.row("event", crate::event::rows::id_of(&attempt.id));
                found.both("charge", row, event, format!("{} was not possible: {problem}", attempt.verb));
                found.add("charge", history.row(), format!("its attempts cannot be done again from {} on", attempt.id));
                return None;
            }
        }
    }
    replayed
}

fn tell(history: &History<'_>, attempt: &AttemptRow, found: &mut Findings) -> Option<Told> {
    let event = history.related.events.get(&attempt.id)?;
    match serde_json::from_str(&event.data) {
        Ok(told) => Some(told),
        Err(error) => {
            let row = history.area.row("event", crate::event::rows::id_of(&attempt.id));
            found.add("event", row, format!("its data cannot be read: {error}"));
            None
        }
    }
}

/// The windows that held when the charge was ordered: by its row, which is the only place that tells of them.
fn windows(charge: &ChargeRow) -> Result<Windows, String> {
    let days = |days: Option<i64>| days.map(u32::try_from).transpose().map_err(|error| error.to_string());
    Ok(Windows { provisional_days: days(charge.provisional_days)?, captured_days: days(charge.captured_days)? })
}

/// The charge after one more attempt, and how it became so.
fn change(
    history: &History<'_>,
    charge: &ChargeRow,
    before: Option<&Replayed>,
    attempt: &AttemptRow,
    told: &Told,
) -> Result<(Replayed, Plan), String> {
    let begun = instant(attempt.begun_us).ok_or("its beginning is no instant")?;
    let verb: Verb = attempt.verb.parse()?;
    let yen = |amount: i64| Yen::new(amount).map_err(|error| error.to_string());
    let standing = before.map(|before| &before.standing);
    let plan = match (verb, standing) {
        (Verb::Pay, None) => {
            state::pay(yen(told.amount)?, yen(told.point)?, charge.card.clone(), windows(charge)?, begun)
        }
        (Verb::Pay, Some(_)) => return Err("the charge was paid before".to_owned()),
        (_, None) => return Err("nothing was paid before".to_owned()),
        (Verb::Capture, Some(standing)) => standing.capture(begun).map_err(|refused| refused.to_string())?,
        (Verb::Cancel, Some(standing)) => standing.cancel(begun).map_err(|refused| refused.to_string())?,
        (Verb::Expire, Some(standing)) => standing.expire(begun).map_err(|refused| refused.to_string())?,
        (Verb::Change, Some(standing)) => {
            standing.change(yen(told.amount)?, begun).map_err(|refused| refused.to_string())?
        }
    };
    // What the outside parties named is not told; that there is a name, and for how much, is.
    let holds = verb == Verb::Pay && told.point > 0;
    let receipts = Receipts {
        authorization: Some(attempt.id.clone()),
        hold: holds.then(|| charge.hold.clone().unwrap_or_default()),
    };
    let standing = plan.outcome(&receipts);
    let items = match (verb, before) {
        (Verb::Pay | Verb::Change, _) | (_, None) => told.items.get().to_owned(),
        (Verb::Capture | Verb::Cancel | Verb::Expire, Some(before)) => before.items.clone(),
    };
    let provisional_window = match standing.state {
        State::Authorized => standing.window_ends,
        State::Captured | State::Cancelled => before.map_or(standing.window_ends, |before| before.provisional_window),
    };
    let after = Replayed {
        provisional_window,
        items,
        open_id: before.map_or(&told.open_id, |before| &before.open_id).clone(),
        cart_id: before.map_or(&told.cart_id, |before| &before.cart_id).clone(),
        updated: begun,
        changes: before.map_or(0, |before| before.changes) + 1,
        last_event: history.area.row("event", crate::event::rows::id_of(&attempt.id)),
        standing,
    };
    Ok((after, plan))
}

/// An event tells the charge as it was after its change.
fn check_told(history: &History<'_>, attempt: &AttemptRow, told: &Told, after: &Replayed, found: &mut Findings) {
    let standing = &after.standing;
    let livemode = history.area.known().is_some_and(|environment| environment.livemode());
    let problems = [
        differs("id", told.id.as_str(), history.id),
        differs("livemode", told.livemode, livemode),
        differs("amount", told.amount, standing.amount.get()),
        differs("point", told.point, standing.point.get()),
        differs("paid", told.paid, standing.state.paid()),
        differs("captured", told.captured, standing.state.captured()),
        differs("refunded", told.refunded, standing.state.refunded()),
        differs("created", told.created, standing.ordered.seconds()),
        differs("updated", told.updated, after.updated.seconds()),
        (told.open_id != after.open_id).then(|| "open_id is another one than before".to_owned()),
        (told.cart_id != after.cart_id).then(|| "cart_id is another one than before".to_owned()),
        (told.items.get() != after.items).then(|| "items are others than before".to_owned()),
        (total(told.items.get()) != Some(i128::from(told.amount)))
            .then(|| "its items do not add up to its amount".to_owned()),
    ];
    for problem in problems.into_iter().flatten() {
        found.both("event", &after.last_event, history.area.row("attempt", &attempt.id), problem);
    }
}

/// The audit row of a change tells the same money as the event.
fn check_audit(
    history: &History<'_>,
    attempt: &AttemptRow,
    before: Option<&Standing>,
    after: &Standing,
    found: &mut Findings,
) {
    // A missing audit row is found with the attempt.
    let Some(audit) = history.related.audit.get(&attempt.id) else { return };
    let should = json!({
        "state": [before.map(|standing| standing.state.as_str()), after.state.as_str()],
        "amount": [before.map(|standing| standing.amount.get()), after.amount.get()],
        "point": [before.map(|standing| standing.point.get()), after.point.get()],
    });
    if serde_json::from_str::<serde_json::Value>(&audit.fields).ok().as_ref() != Some(&should) {
        let row = format!("audit {}/{}", history.area.shop, attempt.id);
        let event = history.area.row("event", crate::event::rows::id_of(&attempt.id));
        found.both("audit", row, event, format!("its fields are {}, expected {should}", audit.fields));
    }
}

/// What a plan releases, without the acquirer's name for it: that is not told.
pub(super) fn releases_the_same(planned: &Step, written: &Step, hold: Option<&str>) -> bool {
    match planned {
        Step::Void { .. } => matches!(written, Step::Void { .. }),
        Step::Refund { amount: planned, .. } => matches!(written, Step::Refund { amount, .. } if amount == planned),
        Step::ReturnPoints { points: planned, .. } => {
            matches!(written, Step::ReturnPoints { hold: named, points } if points == planned && hold == Some(named))
        }
        Step::HoldPoints(_) | Step::Authorize { .. } | Step::Capture { .. } | Step::UsePoints { .. } => false,
    }
}

/// The acquirer's name for what a release gives back, if it is money.
pub(super) fn released_authorization(release: &Step) -> Option<&str> {
    match release {
        Step::Void { authorization } | Step::Refund { authorization, .. } => Some(authorization),
        Step::ReturnPoints { .. }
        | Step::HoldPoints(_)
        | Step::Authorize { .. }
        | Step::Capture { .. }
        | Step::UsePoints { .. } => None,
    }
}

/// A planned ledger line as its row says it.
pub(super) fn movement(line: &Line) -> (&'static str, &'static str, i64) {
    (line.debit().as_str(), line.credit().as_str(), line.amount().get())
}

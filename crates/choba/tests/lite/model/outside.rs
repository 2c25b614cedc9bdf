//! What the acquirer and the point service should hold for a charge that is at rest: nobody is at it, and everything
//! that was left over is released.

use acquirer::simulator::State as Held;
use testkit::effects::Effects;

use super::book::{Charge, State};

/// What is wrong, if anything.
pub fn disagreement(charge: &Charge, effects: &Effects) -> Option<String> {
    card(charge, effects).or_else(|| points(charge, effects)).map(|wrong| format!("{wrong}: {charge:?}\n{effects}"))
}

fn card(charge: &Charge, effects: &Effects) -> Option<String> {
    let mut open = Vec::new();
    for row in &effects.authorizations {
        match row.state {
            Held::Authorized => open.push(("held", row.amount.get())),
            Held::Captured if row.refunded.is_zero() => open.push(("claimed", row.captured.get())),
            Held::Captured | Held::ActionRequired => return Some(format!("{} is half done", row.authorization)),
            Held::Voided | Held::Refunded | Held::Declined => {}
        }
    }
    let needed = charge.amount - charge.point;
    let expected = match charge.state {
        State::Provisional if needed > 0 => vec![("held", charge.held)],
        State::Actual if needed > 0 => vec![("claimed", needed)],
        State::Provisional | State::Actual | State::Cancelled => vec![],
    };
    (open != expected).then(|| format!("the acquirer has {open:?}, expected {expected:?}"))
}

fn points(charge: &Charge, effects: &Effects) -> Option<String> {
    let Some(hold) = &effects.hold else {
        return (charge.point_at_first > 0).then(|| "there is no hold of points".to_owned());
    };
    let kept = match charge.state {
        State::Provisional | State::Actual => charge.point,
        State::Cancelled => 0,
    };
    let expected = if charge.used { (0, kept) } else { (kept, 0) };
    let is = (hold.held.get(), hold.used.get(), hold.returned.get());
    let expected = (expected.0, expected.1, charge.point_at_first - kept);
    (is != expected).then(|| format!("the point service has {is:?} (held, used, returned), expected {expected:?}"))
}

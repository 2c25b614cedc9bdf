//! Timers of windows, and the test clock that they follow.

use kernel::Timestamp;
use kernel::time::MICROS_PER_SECOND;

use super::area::Area;
use super::report::Findings;
use crate::attempt::finish::WINDOW_TIMER;
use crate::charge::state::State;
use crate::work::WINDOW_RETRY_SECONDS;

/// How far the clocks of machines that share a database may be apart, in microseconds: what was just due is not judged.
pub(super) const CLOCKS_APART: i64 = 600 * MICROS_PER_SECOND;

/// The window of a charge, and its timer.
pub(super) struct Window {
    /// The charge's state.
    pub state: Option<State>,
    /// When the window closes by the charge's row.
    pub ends_us: i64,
    /// When the window closed that was open while the charge was last a provisional sale, if that is known.
    pub provisional: Option<Timestamp>,
    /// When the timer is due; none if there is none.
    pub due_us: Option<i64>,
}

/// A provisional sale has its timer; an actual sale keeps the one it had until that is due; a cancelled charge has
/// none.
pub(super) fn check_window(area: &Area, charge: &str, window: &Window, now: Timestamp, found: &mut Findings) {
    let row = area.row("timer", format!("{WINDOW_TIMER}/{charge}"));
    let (ends_us, needed) = match (window.state, window.provisional) {
        (Some(State::Authorized), _) => (window.ends_us, true),
        (Some(State::Captured), Some(ends)) => (ends.micros(), now.plus_micros(CLOCKS_APART) < ends),
        (Some(State::Cancelled), _) => {
            if window.due_us.is_some() {
                found.add("timer", row, "its charge is cancelled");
            }
            return;
        }
        (Some(State::Captured), None) | (None, _) => return,
    };
    match window.due_us {
        None if needed => {
            found.add("timer", row, format!("missing, although the window of its charge ends at {ends_us}"))
        }
        None => {}
        Some(due) if due == ends_us => {}
        // A window that could not be ended at its time is tried again a little later.
        Some(due) if ends_us < due && was_put_off(ends_us, due, now) => {}
        Some(due) => found.add("timer", row, format!("it is due at {due}, and the window ends at {ends_us}")),
    }
}

fn was_put_off(ends_us: i64, due_us: i64, now: Timestamp) -> bool {
    let now = now.plus_micros(CLOCKS_APART);
    ends_us <= now.micros() && due_us <= now.plus_seconds(WINDOW_RETRY_SECONDS).micros()
}

/// A test clock only moves forward: nothing has happened after the instant on which it stands.
pub(super) fn check_clock(area: &Area, latest_us: i64, now: Timestamp, found: &mut Findings) {
    let turns = area.known().is_some_and(|environment| environment.has_test_clock());
    if turns && latest_us > now.plus_micros(CLOCKS_APART).micros() {
        let problem = format!("it stands at {}, and an attempt began at {latest_us}", now.micros());
        found.add("clock", format!("test_clock {}", area.shop), problem);
    }
}

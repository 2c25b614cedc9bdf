//! What is personal in mails is erased when its time to be read is over (contract "Rules": Mail; 365 days after sending).
//!
//! One timer for each shop and environment, set with the first mail. It is never ended, only set again, never later than
//! the end of the oldest mail there is or could be.

use kernel::{Environment, ShopId, Timestamp};
use store::timer::{self, Timer};
use store::{Statement, StoreError, Tx, clock};

use super::rows;
use crate::mailbox::readable_since;
use crate::rules;

/// Kind of the timer.
pub const ERASE_TIMER: &str = "mail.erase";
/// Its subject.
pub const ERASE_SUBJECT: &str = "mail";

/// How long after a change its mail may be written at the latest, when the mails before it in its lane were tried for days:
/// one that is being written while the timer fires is not seen by it.
const LATE_SECONDS: i64 = 60 * 86_400;

/// Makes sure that what is made at `created` will be erased.
pub fn timer_from(shop: ShopId, environment: Environment, created: Timestamp) -> Statement<'static> {
    timer::set_at_latest(shop, environment, ERASE_TIMER, ERASE_SUBJECT, end_of(created))
}

/// The first instant at which a mail made at `created` cannot be read any more.
pub fn end_of(created: Timestamp) -> Timestamp {
    created.plus_seconds(rules::NOTIFICATION_READABLE_DAYS * 86_400).plus_micros(1)
}

/// The timer's instant has come: erases, and sets it again.
pub fn fire(tx: &mut Tx<'_>, timer: &Timer) -> Result<(), StoreError> {
    let now = clock::world_now(tx, timer.shop, timer.world)?;
    rows::erase(tx, timer.shop, timer.world, readable_since(now))?;
    let next = rows::oldest(tx, timer.shop, timer.world)?.unwrap_or(now).min(now.plus_seconds(-LATE_SECONDS));
    tx.execute_all(&[timer::set(timer.shop, timer.world, &timer.kind, &timer.subject, end_of(next))])?;
    Ok(())
}

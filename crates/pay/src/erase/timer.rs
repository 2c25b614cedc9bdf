//! The timer that erases what a shop wants erased by itself: one for each shop and environment that has a setting. It is due
//! when the first charge may be old enough, and then at most once a day of world time.

use kernel::Timestamp;
use kernel::outside::sortable_hex;
use shop::By;
use store::timer::{self, Timer};
use store::{Statement, StoreError, Tx, clock};

use super::{BATCH, Place, erase, forget_in_log, rows};
use crate::gateway::Gateway;

/// Kind of the timer.
pub const ERASE_TIMER: &str = "buyer_data.erase";
/// Its subject.
pub const ERASE_SUBJECT: &str = "buyers";
/// Seconds of a day.
pub(crate) const DAY_SECONDS: i64 = 86_400;
/// From one look for what is to be erased to the next at the least, in seconds of world time.
pub(crate) const EVERY_SECONDS: i64 = DAY_SECONDS;

/// Sets the timer, or takes it away.
pub(super) fn timer_at(place: Place, due: Option<Timestamp>) -> Statement<'static> {
    let Place { shop, environment } = place;
    match due {
        Some(due) => timer::set(shop, environment, ERASE_TIMER, ERASE_SUBJECT, due),
        None => timer::cancel(shop, environment, ERASE_TIMER, ERASE_SUBJECT),
    }
}

/// The timer's instant has come: erases a batch; the timer stays due while there is more.
pub async fn fire(gateway: &Gateway, timer: Timer) -> Result<(), StoreError> {
    let place = Place { shop: timer.shop, environment: timer.world };
    let due = gateway.store().read(move |tx| due(tx, place)).await?;
    forget_in_log(gateway.store(), gateway.vault(), place, &due).await?;
    let id = sortable_hex(gateway.store().machine_now(), gateway.entropy());
    gateway.store().write(move |tx| erase_due(tx, place, &timer, &id)).await
}

/// What is to be erased now, at most a batch of it.
fn due(tx: &mut Tx<'_>, place: Place) -> Result<Vec<String>, StoreError> {
    let Some(days) = rows::setting(tx, place)? else { return Ok(Vec::new()) };
    let now = clock::world_now(tx, place.shop, place.environment)?;
    rows::unerased_until(tx, place, now.plus_seconds(-days * DAY_SECONDS), BATCH)
}

fn erase_due(tx: &mut Tx<'_>, place: Place, timer: &Timer, id: &str) -> Result<(), StoreError> {
    let Some(days) = rows::setting(tx, place)? else {
        return tx.execute_all(&[timer::finish(timer)]).map(|_| ());
    };
    let charges = due(tx, place)?;
    if !charges.is_empty() {
        let by = By::named(id.to_owned(), "system", "timer buyer_data.erase");
        erase(tx, place, &charges, &by)?;
    }
    if charges.len() < BATCH {
        let now = clock::world_now(tx, place.shop, place.environment)?;
        // No charge is changed before it is ordered, and none is ordered before now that is not there.
        let first = rows::first_unerased(tx, place)?.unwrap_or(now).plus_seconds(days * DAY_SECONDS);
        tx.execute_all(&[timer_at(place, Some(first.max(now.plus_seconds(EVERY_SECONDS))))])?;
    }
    Ok(())
}

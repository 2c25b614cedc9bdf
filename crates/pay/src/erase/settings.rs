//! After how many days a shop erases the personal data of its buyers by itself.

use shop::By;
use store::{StoreError, Tx, clock};

use super::timer::timer_at;
use super::{Place, rows};

/// Days at the least and at the most.
pub const AFTER_DAYS: std::ops::RangeInclusive<i64> = 1..=3_650;

/// After how many days; none if never.
pub fn show(tx: &mut Tx<'_>, place: Place) -> Result<Option<i64>, StoreError> {
    rows::setting(tx, place)
}

/// Changes it, and looks at once for what is to be erased by it. The days are within [`AFTER_DAYS`].
pub fn replace(tx: &mut Tx<'_>, place: Place, after_days: Option<i64>, by: &By) -> Result<(), StoreError> {
    let before = rows::setting(tx, place)?;
    let now = clock::world_now(tx, place.shop, place.environment)?;
    let fields = serde_json::json!({ "after_days": [before, after_days] });
    let object = format!("{} buyers of shop {}", place.environment, place.shop);
    let entry = by.record(place.shop, tx.machine_now(), ("erase_setting.replace", &object), &fields);
    // Without a setting the timer goes away: whoever fires it meanwhile finds none.
    let timer = timer_at(place, after_days.map(|_| now));
    tx.execute_all(&[rows::save_setting(place, after_days), timer, entry]).map(|_| ())
}

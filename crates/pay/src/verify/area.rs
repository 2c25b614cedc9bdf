//! One shop in one environment: what charges and everything that hangs on them are recounted by.

use std::fmt;

use kernel::{Environment, Timestamp};

/// The first two columns of a key, as they stand in the rows: a damaged row must be nameable too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Area {
    /// The shop.
    pub shop: i64,
    /// The environment's word, whatever it says.
    pub environment: String,
}

impl Area {
    /// How a row of this area is named.
    pub fn row(&self, table: &str, key: impl fmt::Display) -> String {
        format!("{table} {}/{}/{key}", self.shop, self.environment)
    }

    /// The environment, if it is one.
    pub fn known(&self) -> Option<Environment> {
        self.environment.parse().ok()
    }
}

/// The last instant that a row can name: the end of the year 9999.
const LAST_INSTANT_SECONDS: i64 = 253_402_300_799;

/// The instant in a row, if calendars can handle it.
pub(super) fn instant(micros: i64) -> Option<Timestamp> {
    let last = Timestamp::from_seconds(LAST_INSTANT_SECONDS);
    (0..=last.micros()).contains(&micros).then_some(Timestamp::from_micros(micros))
}

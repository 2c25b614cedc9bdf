//! Licences (seed 001 "利用設定"): the serviceSecret and the licenseKeys with which programs of a shop authenticate, and the
//! functions that they may use.
//!
//! | what | rule |
//! |---|---|
//! | serviceSecret | one a shop, for good |
//! | licenseKey | lives 90 days, to 23:59:59 (JST) of the 90th day after its issue, by the shop's test clock |
//! | renewal | a new key with the functions of the one before; the old one counts until its own end |
//! | functions | switched one by one, on the newest key only; an older key keeps those that it had (過去の利用情報) |
//! | a function is added | the key's 90 days begin again (licenseKeyの有効期限が変わる場合があります) |

mod esa;
mod function;
mod holder;
mod operations;
pub mod rows;

use kernel::{ShopId, Timestamp};

pub use esa::{Credentials, NotEsa, authorization, credentials};
pub use function::{Functions, Listed, UnknownFunction, listed};
pub use holder::{Holder, Unauthorised, find_holder, find_key};
pub use operations::{
    Added, END_TIMER, Made, Refused, Sealing, Shown, end_is_noted, issue, reveal, shown_to_programs, switch,
};

/// Days that a key lives (contract rms-order-api, "Licence, limits").
pub const LIFE_DAYS: i64 = 90;

/// A licenseKey without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Licence {
    /// Whose.
    pub shop: ShopId,
    /// Its name: `lic_` and hex digits; says nothing of the value.
    pub id: String,
    /// Counts the keys of the shop, from 1.
    pub serial: i64,
    /// What programs with it may use.
    pub functions: Functions,
    /// World time.
    pub issued: Timestamp,
    /// The first instant at which it counts no more, world time.
    pub ends: Timestamp,
}

impl Licence {
    /// Whether it counts at `now`, world time.
    pub fn counts(&self, now: Timestamp) -> bool {
        now < self.ends
    }

    /// 有効期限: its last second.
    pub fn last_second(&self) -> Timestamp {
        self.ends.plus_seconds(-1)
    }
}

/// When a key ends whose days begin at `at`: the midnight after its 90th day.
pub fn ends(at: Timestamp) -> Timestamp {
    at.jst_date().plus_days(LIFE_DAYS + 1).start()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_lives_to_the_last_second_of_its_90th_day() {
        // 2018-06-22T15:00:00+0900, whose 90th day after is 2018-09-20, the date that seed 001 shows.
        let issued = crate::wire::time::parse_datetime("2018-06-22T15:00:00+0900").unwrap();
        let key = Licence {
            shop: ShopId(1),
            id: String::new(),
            serial: 1,
            functions: Functions::none(),
            issued,
            ends: ends(issued),
        };
        assert_eq!(crate::wire::time::datetime(key.last_second()), "2018-09-20T23:59:59+0900");
        assert!(key.counts(key.last_second().plus_micros(999_999)) && !key.counts(key.ends));
    }
}

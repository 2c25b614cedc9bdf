//! What needs somebody's attention, for the top page: 仮売上 that expire soon, webhook endpoints that do not take what they are told,
//! mails that did not arrive, changes whose outcome is not known yet. Each is found through an index of its own and
//! bounded, so that a shop with millions of charges is asked as quickly as an empty one.

pub mod rows;

use kernel::{Environment, JstDate, ShopId, Timestamp};
use store::{StoreError, Tx, clock};

use crate::charge::Windows;
use crate::rules;

/// What of one environment needs attention.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attention {
    /// 仮売上 whose window ends within [`rules::EXPIRING_SOON_DAYS`].
    pub expiring: Expiring,
    /// Endpoints that do not take what they are told.
    pub endpoints: Vec<Endpoint>,
    /// Mails of the last [`rules::MAILS_LOOKED_AT_DAYS`] days that were refused or given up.
    pub mails: Count,
    /// Changes whose outcome is not known yet.
    pub unknown: Vec<Unknown>,
}

impl Attention {
    /// Whether there is nothing to do.
    pub fn is_nothing(&self) -> bool {
        *self == Attention::default()
    }
}

/// How many there are, up to [`rows::LIMIT`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// So many were found.
    pub found: i64,
    /// Whether there may be more than were looked for.
    pub or_more: bool,
}

/// 仮売上 that expire soon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expiring {
    /// How many.
    pub count: Count,
    /// For how much together, in yen: of those that were found.
    pub amount: i64,
    /// When the first of them expires.
    pub first: Option<Timestamp>,
    /// The last day (JST) on which any of them was ordered, for a search.
    pub ordered_until: Option<JstDate>,
}

/// An endpoint that does not take what it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// `we_…`.
    pub id: String,
    /// Where it is.
    pub url: String,
    /// Whether nothing is sent to it any more. One that the shop disabled itself is not among them.
    pub is_disabled: bool,
    /// World time of the first failure since it last took something.
    pub failing_since: Option<Timestamp>,
}

/// A change whose outcome is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// 注文番号.
    pub charge: String,
    /// `pay`, `capture`, `cancel`, `change`, `expire`.
    pub verb: String,
    /// World time of its beginning.
    pub since: Timestamp,
}

/// What needs attention in one environment of a shop, whose new charges have these windows.
pub fn of(tx: &mut Tx<'_>, shop: ShopId, environment: Environment, windows: Windows) -> Result<Attention, StoreError> {
    let now = clock::world_now(tx, shop, environment)?;
    let soon = now.plus_seconds(rules::EXPIRING_SOON_DAYS * 86_400);
    let since = now.plus_seconds(-rules::MAILS_LOOKED_AT_DAYS * 86_400);
    let at = (shop, environment);
    Ok(Attention {
        expiring: rows::expiring(tx, at, soon, ordered_before(soon, windows))?,
        endpoints: rows::endpoints(tx, at)?,
        mails: rows::mails(tx, at, since)?,
        unknown: rows::unknown(tx, at)?,
    })
}

/// The first day on which nobody ordered what expires by `soon`, with windows of so many days or with the usual ones: those end
/// with the month [`rules::PROVISIONAL_WINDOW_MONTHS`] after that of the order, and never before.
fn ordered_before(soon: Timestamp, windows: Windows) -> JstDate {
    let by_days = windows.provisional_days.map(|days| soon.jst_date().plus_days(-i64::from(days)));
    let by_months = ordered_before_by_months(soon);
    by_days.map_or(by_months, |by_days| by_days.max(by_months))
}

fn ordered_before_by_months(soon: Timestamp) -> JstDate {
    let (year, month, _) = soon.jst_date().civil();
    let months = year * 12 + i64::from(month) - 1 - i64::from(rules::PROVISIONAL_WINDOW_MONTHS);
    let month = u8::try_from(months.rem_euclid(12) + 1).unwrap_or(1);
    JstDate::new(months.div_euclid(12), month, 1).unwrap_or(soon.jst_date())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_expires_soon_was_ordered_before_a_month() {
        let date = |year, month, day| JstDate::new(year, month, day).unwrap();
        // Orders of June can be captured until the end of November: at midnight they are over.
        assert_eq!(ordered_before(date(2026, 12, 1).start(), Windows::USUAL), date(2026, 7, 1));
        assert_eq!(ordered_before(date(2026, 12, 1).start().plus_micros(-1), Windows::USUAL), date(2026, 6, 1));
        assert_eq!(ordered_before(date(2027, 3, 14).start(), Windows::USUAL), date(2026, 10, 1));
        // Ordered on the 2nd of October, sixty days end with the 1st of December.
        let sixty = Windows { provisional_days: Some(60), ..Windows::USUAL };
        assert_eq!(sixty.provisional_ends(date(2026, 10, 2).start()), date(2026, 12, 2).start());
        assert_eq!(ordered_before(date(2026, 12, 2).start(), sixty), date(2026, 10, 3));
        let year = Windows { provisional_days: Some(366), ..Windows::USUAL };
        assert_eq!(ordered_before(date(2026, 12, 1).start(), year), date(2026, 7, 1));
        assert_eq!(date(2026, 6, 30).end_of_month_after(5), date(2026, 12, 1).start());
    }
}

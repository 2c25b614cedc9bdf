//! 発送情報: the parcels of a package, and whether they make a complete shipping report.

use serde::{Deserialize, Serialize};

use super::{Day, Order};
use crate::code::Carrier;

/// One row of 発送情報.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// 発送明細ID, the mall's.
    pub id: i64,
    /// お荷物伝票番号.
    pub number: Option<String>,
    /// 配送会社.
    pub carrier: Option<Carrier>,
    /// 発送日; in the future, a plan.
    pub date: Option<Day>,
}

impl Parcel {
    /// Whether it tells all that a report needs: a carrier, its number where the carrier has one, a date (seed 002
    /// "出荷報告必須").
    pub fn is_told(&self) -> bool {
        let numbered = self.number.as_ref().is_some_and(|number| !number.is_empty());
        self.date.is_some() && self.carrier.is_some_and(|carrier| numbered || !carrier.tracks())
    }
}

/// What the parcels of an order say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShippingReport {
    /// Some package has no parcel, or some parcel does not tell all.
    Incomplete,
    /// All of it is told; the last parcel leaves on this day.
    Complete {
        /// The latest date of the parcels.
        last: Day,
    },
}

impl Order {
    /// What its parcels say.
    pub fn shipping_report(&self) -> ShippingReport {
        let parcels = || self.live_packages().flat_map(|package| &package.parcels);
        let every_package = self.live_packages().all(|package| !package.parcels.is_empty());
        let last = parcels().filter_map(|parcel| parcel.date).max();
        match last {
            Some(last) if every_package && parcels().all(Parcel::is_told) => ShippingReport::Complete { last },
            Some(_) | None => ShippingReport::Incomplete,
        }
    }

    /// The last date on which something of it is shipped, a plan included.
    pub fn last_shipping_date(&self) -> Option<Day> {
        self.live_packages().flat_map(|package| &package.parcels).filter_map(|parcel| parcel.date).max()
    }
}

//! The numbers of the older card API. docs/rms-fidelity.md says where their usual values come from; a shop may have others.

use serde::{Deserialize, Serialize};

/// The numbers, as JSON holds those that a shop has otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Seconds of world time from a request to its result: 31 were seen (contract 3).
    pub delay_seconds: u32,
    /// An authorization can be claimed for so many months (seed 003).
    pub authorization_months: u32,
    /// Orders of one request at the most.
    pub orders_max: u32,
    /// Request ids of one getRCCSResult at the most.
    pub request_ids_max: u32,
    /// Days from `fromDate` to `toDate` of getRCCSResultAll at the most.
    pub span_days_max: u32,
    /// Results of one getRCCSResultAll at the most.
    pub results_max: u32,
    /// Yen of one authorization at the most.
    pub price_max: u32,
    /// Whether group 2 of the card statuses means `sales` (22 売上請求済) and group 3 `authoriCancel`, instead of the other way
    /// round: sources leave it open (contract 6).
    pub sales_is_group_two: bool,
}

impl Rules {
    /// The usual numbers.
    pub const USUAL: Rules = Rules {
        delay_seconds: 31,
        authorization_months: 2,
        orders_max: 100,
        request_ids_max: 100,
        span_days_max: 31,
        results_max: 1_000,
        price_max: 99_999_999,
        sales_is_group_two: false,
    };
}

impl Default for Rules {
    fn default() -> Rules {
        Rules::USUAL
    }
}

//! Kept figures: how many orders were made in each hour and on each day, and for how much.

use std::collections::BTreeMap;

use kernel::Timestamp;
use serde::Deserialize;
use store::{StoreError, Tx};

use super::area::{Area, instant};
use super::charge::History;
use super::report::Findings;
use super::rows::figure::{Kept, kept};
use crate::figures::{counts, hour_of};

/// What the orders of an area come to, by length in hours and start.
#[derive(Default)]
pub(super) struct Figures(BTreeMap<(i64, i64), (i64, i64)>);

/// The total of an order when it was made, as its first event tells it.
#[derive(Deserialize)]
struct Told {
    amount: i64,
}

impl Figures {
    /// Adds a charge; one whose beginning cannot be told is a finding elsewhere.
    pub fn add(&mut self, history: &History<'_>) {
        if !history.area.known().is_some_and(counts) {
            return;
        }
        let Some(ordered) = history.charge.and_then(|charge| instant(charge.ordered_us)) else { return };
        let succeeded = history.succeeded();
        let paid = succeeded.iter().find(|attempt| attempt.verb == "pay");
        let event = paid.and_then(|attempt| history.related.events.get(&attempt.id));
        let Some(told) = event.and_then(|event| serde_json::from_str::<Told>(&event.data).ok()) else { return };
        for (hours, start) in spans(ordered) {
            let (orders, amount) = self.0.entry((hours, start)).or_default();
            *orders += 1;
            *amount += told.amount;
        }
    }

    /// Compares with what was kept.
    pub fn compare(mut self, tx: &mut Tx<'_>, area: &Area, found: &mut Findings) -> Result<(), StoreError> {
        for Kept { hours, start, slots, orders, amount } in kept(tx, area)? {
            let counted = self.0.remove(&(hours, start)).unwrap_or_default();
            if counted != (orders, amount) {
                let problem =
                    format!("{orders} orders for {amount} yen, and {} for {} were made", counted.0, counted.1);
                let slots = slots.iter().map(i64::to_string).collect::<Vec<_>>().join("+");
                found.add("figure", area.row("figure", format!("{hours}/{start}/{slots}")), problem);
            }
        }
        for ((hours, start), (orders, amount)) in self.0 {
            let problem = format!("missing, and {orders} orders for {amount} yen were made");
            found.add("figure", area.row("figure", format!("{hours}/{start}")), problem);
        }
        Ok(())
    }
}

/// The hour and the day of an order.
fn spans(ordered: Timestamp) -> [(i64, i64); 2] {
    [(1, hour_of(ordered)), (24, hour_of(ordered.jst_date().start()))]
}

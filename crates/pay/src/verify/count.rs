//! Kept counts: how many charges of a day are in each state.

use std::collections::BTreeMap;

use kernel::ChargeNumber;
use store::{StoreError, Tx};

use super::area::Area;
use super::report::Findings;
use super::rows::charge::{ChargeRow, kept_counts};
use crate::charge::state::State;

/// Counts of the charges of an area by day.
#[derive(Default)]
pub(super) struct Counts(BTreeMap<i64, [i64; 3]>);

impl Counts {
    /// Counts a charge; what has no number or no state is a finding elsewhere.
    pub fn add(&mut self, charge: &ChargeRow) {
        let (Ok(number), Ok(state)) = (charge.id.parse::<ChargeNumber>(), charge.state.parse::<State>()) else {
            return;
        };
        let counted = self.0.entry(number.date().day_number()).or_default();
        for (count, each) in counted.iter_mut().zip(State::ALL) {
            *count += i64::from(each == state);
        }
    }

    /// Compares with what was kept.
    pub fn compare(mut self, tx: &mut Tx<'_>, area: &Area, found: &mut Findings) -> Result<(), StoreError> {
        for (day, kept) in kept_counts(tx, area)? {
            let counted = self.0.remove(&day).unwrap_or_default();
            let slots = kept.slots.iter().map(i64::to_string).collect::<Vec<_>>().join("+");
            for ((kept, counted), state) in kept.counts.into_iter().zip(counted).zip(State::ALL) {
                if kept != counted {
                    let state = state.as_str();
                    let problem = format!("{state} is {kept}, and {counted} charges are {state}");
                    found.add("count", area.row("charge_count", format!("{day}/{slots}")), problem);
                }
            }
        }
        for (day, counted) in self.0 {
            let charges: i64 = counted.iter().sum();
            let problem = format!("missing, and there are {charges} charges to count");
            found.add("count", area.row("charge_count", day.to_string()), problem);
        }
        Ok(())
    }
}

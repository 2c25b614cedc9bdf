//! What shops erase by themselves: each setting has its timer, due in time, and no timer stands without a setting.

use store::{StoreError, Tx};

use super::report::Findings;
use super::rows::erase as rows;

/// Recounts the settings.
pub(super) fn check(tx: &mut Tx<'_>, found: &mut Findings) -> Result<(), StoreError> {
    for wrong in rows::all_wrong(tx)? {
        match wrong.other {
            Some(other) => found.both("erase", wrong.row, other, wrong.problem),
            None => found.add("erase", wrong.row, wrong.problem),
        }
    }
    Ok(())
}

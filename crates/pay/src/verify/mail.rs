//! Mails: every message has the change or notification that it tells of, every notification its message, every mail its
//! message and the end that the message had, and whatever is personal has the timer that erases it.
//!
//! That a change was told at all cannot be recounted: nobody kept whether the shop had its mails switched on then. That
//! a cancel or a change of amount is told to both or to nobody can.

use store::{StoreError, Tx};

use super::report::Findings;
use super::rows::mail as rows;

/// Recounts the mails.
pub(super) fn check(tx: &mut Tx<'_>, found: &mut Findings) -> Result<(), StoreError> {
    for wrong in rows::all_wrong(tx)? {
        match wrong.other {
            Some(other) => found.both("mail", wrong.row, other, wrong.problem),
            None => found.add("mail", wrong.row, wrong.problem),
        }
    }
    Ok(())
}

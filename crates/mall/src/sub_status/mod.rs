//! サブステータス: the shop's own stages within a status. An order shows one at the most.

mod operations;
pub mod rows;

pub use operations::{Refused, Wanted, replace};

use crate::code::Progress;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubStatus {
    /// サブステータスID, the mall's.
    pub id: i64,
    /// The status that it belongs to.
    pub progress: Progress,
    /// What the shop calls it.
    pub name: String,
    /// Its place among those of its status, from 1.
    pub position: i64,
}

/// Whether an order of this status may have this sub-status: UPDATE_ORDERSUBSTATUS_ERROR_102 if not.
pub fn fits(all: &[SubStatus], id: i64, progress: Progress) -> bool {
    all.iter().any(|sub| sub.id == id && sub.progress == progress)
}

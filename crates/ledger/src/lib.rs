//! The ledger: accounts and balanced entries, and recounting them.
//!
//! Promise: an entry is never changed. A correction is another entry in the other direction; balances are sums.

pub mod account;
pub mod entry;
mod rows;

pub use account::Account;
pub use entry::{Entry, Line, PostedLine};
pub use rows::{BrokenLine, lines_after, post};

/// The tables of the ledger.
pub const MIGRATIONS: &[store::Migration] =
    &[store::Migration { name: "ledger/0001-ledger", sql: include_str!("../migrations/0001-ledger.sql") }];

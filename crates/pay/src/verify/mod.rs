//! The recount behind `choba verify`: from the rows themselves, never from cached sums.
//!
//! [`verify`] recounts our own database in one snapshot. Each charge is replayed from its attempts and what their
//! events tell, through the pure states of [`crate::charge::state`]; charge, ledger, events, audit rows, releases,
//! timers and kept counts must be what comes out. What no charge leads to is looked for the other way round
//! (`orphan`). [`verify_all`] also compares with the acquirer's book, which is another database: what disagrees there
//! is looked at again before it is reported (`book`, `surplus`).
//!
//! A disagreement between two rows names both, because nobody can tell which of them is wrong. Memory is bounded: rows
//! are read by pages in the order of their keys, and of each check at most `report::FINDINGS_MAX` findings are kept.

mod area;
mod attempt;
mod audit;
mod book;
mod charge;
mod checkout;
mod count;
mod erase;
mod figure;
mod log;
mod mail;
mod orphan;
mod people;
mod replay;
mod report;
mod request;
mod rows;
mod shop_keys;
mod surplus;
mod timer;
mod webhook;

use std::sync::Arc;

use acquirer::simulator;
use kernel::Environment;
use shop::Vault;
use store::{Store, StoreError, Tx};

pub use report::{Finding, Report};

use report::Findings;

/// The book of an acquirer that answers inquiries about it: the built-in simulator's.
#[derive(Clone)]
pub struct Book {
    /// The simulator's own database.
    pub store: Store,
    /// The environments whose money goes through it.
    pub environments: Vec<Environment>,
    /// Whether an order of the book is none of payments, but somebody else's who asks the same acquirer.
    pub others: fn(&str) -> bool,
}

/// Recounts our own database, in the snapshot of `tx`. Only reads.
pub fn verify(tx: &mut Tx<'_>, vault: &Vault) -> Result<Report, StoreError> {
    let mut found = Findings::default();
    for table in rows::TABLES {
        found.counted(table, rows::count(tx, table)?);
    }
    charge::check(tx, &mut found)?;
    orphan::check(tx, &mut found)?;
    mail::check(tx, &mut found)?;
    request::check(tx, vault, &mut found)?;
    webhook::check(tx, &mut found)?;
    audit::check(tx, vault, &mut found)?;
    shop_keys::check(tx, vault, &mut found)?;
    people::check(tx, vault, &mut found)?;
    checkout::check(tx, &mut found)?;
    erase::check(tx, &mut found)?;
    log::check(tx, vault, &mut found)?;
    Ok(found.into_report())
}

/// Recounts our own database and compares it with the acquirer's book. Blocks; only reads, and works on databases that
/// are being written to.
pub fn verify_all(store: &Store, book: Option<&Book>, vault: &Arc<Vault>) -> Result<Report, StoreError> {
    let main_vault = vault.clone();
    let mut report = store.read_blocking(move |tx| verify(tx, &main_vault))?;
    if let Some(book) = book {
        let mut found = Findings::default();
        for sentence in book.store.read_blocking(simulator::check)? {
            let (row, problem) = report::named_in_book(&sentence);
            found.add("book", row, problem);
        }
        book::check(store, book, &mut found)?;
        surplus::check(store, book, &mut found)?;
        report.absorb(found.into_report());
    }
    Ok(report)
}

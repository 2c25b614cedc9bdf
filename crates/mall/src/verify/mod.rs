//! The marketplace's part of `choba verify`: orders against what is kept beside them, from the rows themselves.
//!
//! Of each order its columns, words, timers, open requests and ledger lines are read, page by page, and must be what the
//! order's document says ([`order`]): amounts are those of the ledger, and nobody waits for a timer or a request that is
//! not there. What leads to no order is looked for the other way round, payouts are summed up again, and what the
//! acquirer of cards holds must be what orders stand on ([`book`]).

mod book;
mod order;
mod rows;

use std::collections::BTreeMap;

use kernel::ShopId;
use store::{Store, StoreError, Tx};

use crate::rcard::recount;

/// Findings that are kept: the first ones say where to look.
pub const FINDINGS_MAX: usize = 1_000;

/// Something that disagrees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which recount disagrees.
    pub check: &'static str,
    /// Table and key, the parts of the key separated by `/`.
    pub row: String,
    /// What is wrong with it. No personal data.
    pub problem: String,
}

/// What came of a recount.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What disagrees.
    pub findings: Vec<Finding>,
    /// Findings beyond [`FINDINGS_MAX`].
    pub omitted: u64,
    /// How many rows of each table were looked at.
    pub counted: BTreeMap<&'static str, u64>,
}

impl Report {
    pub(crate) fn add(&mut self, check: &'static str, row: impl Into<String>, problem: impl Into<String>) {
        if self.findings.len() >= FINDINGS_MAX {
            self.omitted += 1;
            return;
        }
        self.findings.push(Finding { check, row: row.into(), problem: problem.into() });
    }
}

/// How an order is named in findings.
fn order_row(shop: ShopId, number: &str) -> String {
    format!("mall_order {shop}/{number}")
}

/// Recounts the marketplace in the snapshot of `tx`. Only reads.
pub fn verify(tx: &mut Tx<'_>) -> Result<Report, StoreError> {
    let mut report = Report::default();
    for table in rows::TABLES.into_iter().chain(recount::TABLES) {
        report.counted.insert(table, rows::count(tx, table)?);
    }
    for shop in crate::market::rows::shops(tx)? {
        let mut payouts = order::Payouts::default();
        let mut after = String::new();
        loop {
            let page = rows::orders_after(tx, shop.id, &after)?;
            let Some(last) = page.last() else { break };
            let last = last.number.clone();
            let beside = rows::beside(tx, shop.id, &page[0].number, &last)?;
            for kept in &page {
                order::check(&shop, kept, &beside, &mut payouts, &mut report);
            }
            after = last;
        }
        payouts.compare(shop.id, &rows::payouts(tx, shop.id)?, &mut report);
    }
    recount::check(tx, &mut report)?;
    for (row, problem) in rows::orphans(tx)? {
        report.add("mall_orphan", row, problem);
    }
    for migration in crate::MIGRATIONS {
        if !store::migration::applied(tx)?.iter().any(|name| name == migration.name) {
            report.add("schema", format!("schema_migration {}", migration.name), "missing");
        }
    }
    Ok(report)
}

/// Recounts the marketplace and compares it with the book of the simulator. Blocks; only reads.
pub fn verify_all(store: &Store, simulator: &Store) -> Result<Report, StoreError> {
    let mut report = store.read_blocking(verify)?;
    book::check(store, simulator, &mut report)?;
    recount::check_book(store, simulator, &mut report)?;
    Ok(report)
}

//! Removing what nobody needs any more, in small batches, by whichever process holds the lease.
//!
//! | what | kept for | never removed |
//! |---|---|---|
//! | a visit to the checkout | 24 hours after its end, machine time | while its payment is under way |
//! | a webhook or mail that was sent, in the outbox | 30 days after the change, world time | what waits or has failed; releases of money, which are recounted |
//! | a try in the log of webhooks | 30 days, machine time | pings, which are the answers of their idempotency keys |
//! | what somebody has used up ([`crate::allowance`]) | until all of it is there again, machine time | |
//!
//! A pass goes through the tables in the order of their keys, a page at a time: each page is one short read, and one
//! short write if something of it goes. What is removed needs no index of its own, so that no payment pays for it.

pub(crate) mod rows;

use kernel::time::MICROS_PER_SECOND;
use store::{Store, StoreError, Tx, lease};

use crate::allowance;
use rows::{Key, Table};

/// How long a visit to the checkout can be looked at after its end, machine time.
pub const SESSION_KEPT_MICROS: i64 = 24 * 3_600 * MICROS_PER_SECOND;
/// How long a message that was sent is kept, world time, and a try in the log of webhooks, machine time.
pub const SENT_KEPT_MICROS: i64 = 30 * 86_400 * MICROS_PER_SECOND;
/// How often a process looks.
pub const EVERY: std::time::Duration = std::time::Duration::from_secs(3_600);
/// How long the process that removes may be silent before another one does, machine time.
const LEASE_MICROS: i64 = 2 * 3_600 * MICROS_PER_SECOND;

/// One pass, if this process holds the lease; how many rows were removed.
pub async fn pass(store: &Store, holder: &str) -> Result<u64, StoreError> {
    let holder = holder.to_owned();
    let lead = move |tx: &mut Tx<'_>| lease::acquire(tx, "prune", &holder, LEASE_MICROS);
    if store.write(lead).await?.is_none() {
        return Ok(0);
    }
    let mut removed = 0;
    for table in Table::ALL {
        let of_table = pass_through(store, table).await?;
        metrics::counter!("choba_pruned_rows_total", "table" => table.name()).increment(of_table);
        removed += of_table;
    }
    loop {
        match store.write(allowance::rows::remove_full).await? {
            0 => return Ok(removed),
            some => removed += some,
        }
    }
}

async fn pass_through(store: &Store, table: Table) -> Result<u64, StoreError> {
    let (mut after, mut removed) = (Key::first(), 0);
    loop {
        let from = after.clone();
        let page = store.read(move |tx| rows::page(tx, table, &from)).await?;
        let Some(last) = page.last else { return Ok(removed) };
        if page.has_old {
            let (from, until) = (after.clone(), last.clone());
            removed += store.write(move |tx| rows::remove(tx, table, &from, &until)).await?;
        }
        after = last;
    }
}

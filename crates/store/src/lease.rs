//! Leases: who may do a piece of background work, until when (design "The house": work is claimed with leases).
//!
//! A lease counts in machine time. Its `fence` grows with each new holder, so that one who was paused past the end of
//! its lease finds out ([`check`]) before it writes. A holder's name must be unique to a running process.

use kernel::Timestamp;

use crate::error::StoreError;
use crate::params;
use crate::tx::Tx;

/// A lease that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// What it is for.
    pub name: String,
    /// Grows with each new holder.
    pub fence: i64,
    /// When it ends unless it is renewed; machine time.
    pub until: Timestamp,
}

/// Takes the lease `name` for `for_micros`, or renews it for the same holder (the fence stays). None while another holder
/// has it.
pub fn acquire(tx: &mut Tx<'_>, name: &str, holder: &str, for_micros: i64) -> Result<Option<Lease>, StoreError> {
    let now = tx.machine_now();
    let until = now.plus_micros(for_micros);
    let sql = "INSERT INTO lease (name, holder, fence, until_us) VALUES ($1, $2, 1, $3)
               ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_us = excluded.until_us,
                   fence = lease.fence + CASE WHEN lease.holder = excluded.holder THEN 0 ELSE 1 END
               WHERE lease.holder = excluded.holder OR lease.until_us <= $4
               RETURNING fence";
    let row = tx.query_opt(sql, &params![name, holder, until, now])?;
    row.map(|row| Ok(Lease { name: name.to_owned(), fence: row.int(0)?, until })).transpose()
}

/// Gives the lease free, if it is still that of `fence`. The row stays, because the fence must go on growing.
pub fn release(tx: &mut Tx<'_>, name: &str, fence: i64) -> Result<bool, StoreError> {
    let sql = "UPDATE lease SET holder = '', until_us = 0 WHERE name = $1 AND fence = $2";
    Ok(tx.execute(sql, &params![name, fence])? > 0)
}

/// Whether `fence` still holds the lease. Inside [`crate::Store::write`] nobody can take it over before the commit.
pub fn check(tx: &mut Tx<'_>, name: &str, fence: i64) -> Result<bool, StoreError> {
    let sql = format!("SELECT fence FROM lease WHERE name = $1 AND until_us > $2{}", tx.for_update());
    let row = tx.query_opt(&sql, &params![name, tx.machine_now()])?;
    Ok(row.map(|row| row.int(0)).transpose()? == Some(fence))
}

/// Names of the leases that begin with `prefix` and are held now.
pub fn held(tx: &mut Tx<'_>, prefix: &str) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT name FROM lease WHERE name >= $1 AND name < $2 AND until_us > $3";
    let rows = tx.query(sql, &params![prefix, format!("{prefix}\u{10ffff}"), tx.machine_now()])?;
    rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
}

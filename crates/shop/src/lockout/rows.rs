//! The rows of failed log-ins.

use kernel::Timestamp;
use store::{Row, StoreError, Tx, params};

/// What is kept of a subject.
pub(super) struct Kept {
    pub failures: i64,
    pub failed: Timestamp,
    pub locked: Timestamp,
}

const SELECT: &str = "SELECT failures, failed_us, locked_us FROM login_failure WHERE subject = $1";

pub(super) fn find(tx: &mut Tx<'_>, subject: &[u8]) -> Result<Option<Kept>, StoreError> {
    tx.query_opt(SELECT, &params![subject])?.as_ref().map(kept).transpose()
}

pub(super) fn find_for_update(tx: &mut Tx<'_>, subject: &[u8]) -> Result<Option<Kept>, StoreError> {
    let sql = format!("{SELECT}{}", tx.for_update());
    tx.query_opt(&sql, &params![subject])?.as_ref().map(kept).transpose()
}

fn kept(row: &Row) -> Result<Kept, StoreError> {
    Ok(Kept { failures: row.int(0)?, failed: row.timestamp(1)?, locked: row.timestamp(2)? })
}

pub(super) fn save(tx: &mut Tx<'_>, subject: &[u8], failures: i64, locked: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO login_failure (subject, failures, failed_us, locked_us) VALUES ($1, $2, $3, $4)
               ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, failed_us = excluded.failed_us,
                   locked_us = excluded.locked_us";
    tx.execute(sql, &params![subject, failures, tx.machine_now(), locked])?;
    Ok(())
}

/// Makes sure that there is a row, and keeps it from others until the commit.
pub(super) fn hold(tx: &mut Tx<'_>, subject: &[u8]) -> Result<(), StoreError> {
    let begin = "INSERT INTO login_failure (subject, failures, failed_us, locked_us) VALUES ($1, 0, $2, 0)
                 ON CONFLICT (subject) DO NOTHING";
    tx.execute(begin, &params![subject, tx.machine_now()])?;
    find_for_update(tx, subject).map(|_| ())
}

/// Removes what is too old to count.
pub(super) fn forget_before(tx: &mut Tx<'_>, before: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM login_failure WHERE failed_us < $1", &params![before])?;
    Ok(())
}

/// One failure less, and no lock: who was counted was not locked.
pub(super) fn take_back(tx: &mut Tx<'_>, subject: &[u8]) -> Result<(), StoreError> {
    let sql = "UPDATE login_failure SET failures = failures - 1, locked_us = 0 WHERE subject = $1 AND failures > 0";
    tx.execute(sql, &params![subject])?;
    Ok(())
}

pub(super) fn forget(tx: &mut Tx<'_>, subject: &[u8]) -> Result<(), StoreError> {
    tx.execute("DELETE FROM login_failure WHERE subject = $1", &params![subject])?;
    Ok(())
}

//! The rows of allowances.

use kernel::Timestamp;
use store::{StoreError, Tx, params};

/// Rows removed by one transaction.
const REMOVED_MAX: i64 = 100;

/// Takes a share of a subject's allowance, in one statement, which keeps others from its row until the commit; false if
/// there is none left.
pub(super) fn take(tx: &mut Tx<'_>, subject: &[u8], share: i64, longest: i64) -> Result<bool, StoreError> {
    let sql = "INSERT INTO allowance (subject, full_us) VALUES ($1, CAST($2 AS BIGINT) + CAST($3 AS BIGINT))
               ON CONFLICT (subject) DO UPDATE
                   SET full_us = CASE WHEN allowance.full_us > $2 THEN allowance.full_us ELSE $2 END + $3
                   WHERE CASE WHEN allowance.full_us > $2 THEN allowance.full_us ELSE $2 END + $3 <= $2 + $4";
    Ok(tx.execute(sql, &params![subject, tx.machine_now(), share, longest])? > 0)
}

/// When everything will be there again.
pub(super) fn full_at(tx: &mut Tx<'_>, subject: &[u8]) -> Result<Option<Timestamp>, StoreError> {
    let row = tx.query_opt("SELECT full_us FROM allowance WHERE subject = $1", &params![subject])?;
    row.map(|row| row.timestamp(0)).transpose()
}

/// Removes some of the rows that say nothing any more; how many. Rows that somebody is at are passed over.
pub(crate) fn remove_full(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    let sql = format!(
        "DELETE FROM allowance WHERE subject IN
             (SELECT a.subject FROM allowance a WHERE a.full_us <= $1 ORDER BY a.full_us LIMIT $2{})",
        tx.skip_locked()
    );
    tx.execute(&sql, &params![tx.machine_now(), REMOVED_MAX])
}

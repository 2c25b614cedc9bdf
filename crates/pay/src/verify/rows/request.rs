//! Kept idempotency keys.

use store::{Row, StoreError, Tx, params};

use super::super::report::FINDINGS_MAX;
use super::{PAGE, text};

/// A key and what is wrong with the work it names.
pub struct Claim {
    pub shop: i64,
    pub scope: String,
    pub key: String,
    pub work: String,
    /// Whether the attempt is there; then it began at another instant than the key was claimed.
    pub is_there: bool,
}

/// Keys whose attempt or notification is not there, or did not begin with them. The work of the scope `api` is no attempt.
pub fn broken_claims(tx: &mut Tx<'_>) -> Result<Vec<Claim>, StoreError> {
    let sql =
        "SELECT i.shop_id, i.scope, i.request_key, i.work, COALESCE(a.attempt_id, n.notification_id) FROM idempotency i
               LEFT JOIN attempt a ON a.shop_id = i.shop_id AND a.environment = i.scope AND a.attempt_id = i.work
               LEFT JOIN notification n
                   ON n.shop_id = i.shop_id AND n.environment = i.scope AND n.notification_id = i.work
               WHERE i.work IS NOT NULL AND i.scope <> 'api'
                   AND COALESCE(a.begun_us, n.created_us, i.created_us - 1) <> i.created_us
               ORDER BY i.work, i.request_key LIMIT $1";
    let rows = tx.query(sql, &params![FINDINGS_MAX as i64 + 1])?;
    let claim = |row: &Row| {
        let is_there = row.opt_text(4)?.is_some();
        Ok(Claim { shop: row.int(0)?, scope: text(row, 1)?, key: text(row, 2)?, work: text(row, 3)?, is_there })
    };
    rows.iter().map(claim).collect()
}

/// Work that several keys name: shop, scope, first and last of the keys.
pub fn shared_work(tx: &mut Tx<'_>) -> Result<Vec<(i64, String, String, String)>, StoreError> {
    let sql = "SELECT shop_id, scope, min(request_key), max(request_key) FROM idempotency
               WHERE work IS NOT NULL AND scope <> 'api' GROUP BY shop_id, scope, work HAVING count(*) > 1 LIMIT $1";
    let rows = tx.query(sql, &params![FINDINGS_MAX as i64 + 1])?;
    rows.iter().map(|row| Ok((row.int(0)?, text(row, 1)?, text(row, 2)?, text(row, 3)?))).collect()
}

/// Work that began under a key whose row is not there, or names other work: shop, environment, key, and the work's table and
/// id.
pub struct Lost {
    pub shop: i64,
    pub environment: String,
    pub key: String,
    pub work: (&'static str, String),
}

/// Keys that work was begun under and that would begin it again.
pub fn lost_keys(tx: &mut Tx<'_>) -> Result<Vec<Lost>, StoreError> {
    let mut lost = Vec::new();
    for (table, id) in [("attempt", "attempt_id"), ("notification", "notification_id")] {
        let sql = format!(
            "SELECT w.shop_id, w.environment, w.request_key, w.{id} FROM {table} w
             LEFT JOIN idempotency i
                 ON i.shop_id = w.shop_id AND i.scope = w.environment AND i.request_key = w.request_key
             WHERE w.request_key IS NOT NULL AND (i.work IS NULL OR i.work <> w.{id})
             ORDER BY w.shop_id, w.environment, w.{id} LIMIT $1"
        );
        for row in tx.query(&sql, &params![FINDINGS_MAX as i64 + 1])? {
            let work = (table, text(&row, 3)?);
            lost.push(Lost { shop: row.int(0)?, environment: text(&row, 1)?, key: text(&row, 2)?, work });
        }
    }
    Ok(lost)
}

/// A row of `idempotency` with a kept answer.
pub struct Kept {
    pub shop: i64,
    pub scope: String,
    pub key: String,
    pub fingerprint: Vec<u8>,
    pub status: i64,
    pub answer: Option<Vec<u8>>,
}

/// Kept answers after a key, in the order of their keys; of all rows, because few of them keep answers.
pub fn kept_after(tx: &mut Tx<'_>, after: &(i64, String, String)) -> Result<Vec<Kept>, StoreError> {
    let sql = "SELECT shop_id, scope, request_key, fingerprint, status, answer FROM idempotency
               WHERE (shop_id, scope, request_key) > ($1, $2, $3) AND status IS NOT NULL
               ORDER BY shop_id, scope, request_key LIMIT $4";
    let rows = tx.query(sql, &params![after.0, &after.1, &after.2, PAGE as i64])?;
    let kept = |row: &Row| {
        Ok(Kept {
            shop: row.int(0)?,
            scope: text(row, 1)?,
            key: text(row, 2)?,
            fingerprint: row.blob(3)?.to_vec(),
            status: row.int(4)?,
            answer: row.opt_blob(5)?.map(<[u8]>::to_vec),
        })
    };
    rows.iter().map(kept).collect()
}

/// Keys whose fingerprint is no digest: shop, scope, key.
pub fn broken_fingerprints(tx: &mut Tx<'_>) -> Result<Vec<(i64, String, String)>, StoreError> {
    let sql = "SELECT shop_id, scope, request_key FROM idempotency WHERE length(fingerprint) <> 32 LIMIT $1";
    let rows = tx.query(sql, &params![FINDINGS_MAX as i64 + 1])?;
    rows.iter().map(|row| Ok((row.int(0)?, text(row, 1)?, text(row, 2)?))).collect()
}

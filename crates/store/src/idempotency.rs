//! Twice is once: the same request under the same key gets the first answer again (design "What is true of every part").
//!
//! A row is claimed in the transaction that commits the intent and settled in the one that commits the outcome. The
//! scope is the environment, the fingerprint covers method, path and canonical body, and `work` names what is running,
//! so that who comes again can look it up. Answers are sealed by the caller: they may hold personal data.

use kernel::{ShopId, Timestamp};

use crate::error::StoreError;
use crate::params;
use crate::tx::{Statement, Tx};
use crate::value::Row;

/// The name of a row: whose key, in which scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    /// The shop that chose the key.
    pub shop: ShopId,
    /// The environment, or another space of keys.
    pub scope: &'static str,
    /// What the client sent.
    pub key: String,
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nobody used it yet.
    Unused,
    /// Another request used it.
    OtherRequest,
    /// The same request is under way, or its outcome is unknown; the text is the `work` it was claimed with.
    Running(String),
    /// The same request was answered.
    Answered {
        /// HTTP status.
        status: u16,
        /// The sealed answer; none once personal data was erased.
        answer: Option<Vec<u8>>,
        /// The `work` it was claimed with.
        work: String,
    },
}

/// Looks a key up.
pub fn find(tx: &mut Tx<'_>, key: &RequestKey, fingerprint: &[u8]) -> Result<Known, StoreError> {
    let sql = "SELECT fingerprint, work, state, status, answer FROM idempotency
               WHERE shop_id = $1 AND scope = $2 AND request_key = $3";
    match tx.query_opt(sql, &params![key.shop, key.scope, &key.key])? {
        None => Ok(Known::Unused),
        Some(row) => known(&row, fingerprint),
    }
}

fn known(row: &Row, fingerprint: &[u8]) -> Result<Known, StoreError> {
    let work = row.text(1)?.to_owned();
    if row.blob(0)? != fingerprint {
        return Ok(Known::OtherRequest);
    }
    if row.text(2)? == "running" {
        return Ok(Known::Running(work));
    }
    let status = u16::try_from(row.int(3)?).map_err(|_| StoreError::programming("a status outside of 16 bits"))?;
    Ok(Known::Answered { status, answer: row.opt_blob(4)?.map(<[u8]>::to_vec), work })
}

/// Claims an unused key as running. Touches no row if somebody was faster: the caller must then undo and look again.
pub fn claim(key: &RequestKey, fingerprint: &[u8], work: &str, now: Timestamp) -> Statement<'static> {
    Statement::new(
        "INSERT INTO idempotency (shop_id, scope, request_key, fingerprint, work, state, created_us)
         VALUES ($1, $2, $3, $4, $5, 'running', $6) ON CONFLICT (shop_id, scope, request_key) DO NOTHING",
        params![key.shop, key.scope, &key.key, fingerprint, work, now],
    )
}

/// Stores an answer at once, for a request that needed no outside party. Touches no row if somebody was faster.
pub fn claim_answered(
    key: &RequestKey,
    fingerprint: &[u8],
    work: &str,
    now: Timestamp,
    status: u16,
    answer: Vec<u8>,
) -> Statement<'static> {
    Statement::new(
        "INSERT INTO idempotency
             (shop_id, scope, request_key, fingerprint, work, state, created_us, status, answer)
         VALUES ($1, $2, $3, $4, $5, 'done', $6, $7, $8) ON CONFLICT (shop_id, scope, request_key) DO NOTHING",
        params![key.shop, key.scope, &key.key, fingerprint, work, now, status, answer],
    )
}

/// Stores the answer of a running request.
pub fn settle(key: &RequestKey, status: u16, answer: Vec<u8>) -> Statement<'static> {
    Statement::new(
        "UPDATE idempotency SET state = 'done', status = $4, answer = $5
         WHERE shop_id = $1 AND scope = $2 AND request_key = $3 AND state = 'running'",
        params![key.shop, key.scope, &key.key, status, answer],
    )
}

/// Gives a running key free again: the request turned out to be one that is not kept.
pub fn release(key: &RequestKey) -> Statement<'static> {
    Statement::new(
        "DELETE FROM idempotency WHERE shop_id = $1 AND scope = $2 AND request_key = $3 AND state = 'running'",
        params![key.shop, key.scope, &key.key],
    )
}

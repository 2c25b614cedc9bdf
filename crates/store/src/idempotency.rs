//! Twice is once: the same request under the same key gets the first answer again (design "What is true of every part").
//!
//! A row is claimed in the transaction that commits the intent, together with the *work* it stands for; what became of
//! the work is asked of the work itself, so a key can never disagree with it. A request that was refused without any work
//! keeps its answer in the row. The scope is the environment, the fingerprint covers method, path and canonical body.
//! Answers are sealed by the caller: they may hold personal data.

use kernel::{ShopId, Timestamp};

use crate::error::StoreError;
use crate::params;
use crate::tx::{Statement, Tx};
use crate::value::Row;

/// The name of a row: whose key, in which scope, and what was asked under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    /// The shop that chose the key.
    pub shop: ShopId,
    /// The environment, or another space of keys.
    pub scope: &'static str,
    /// What the client sent.
    pub key: String,
    /// Digest of method, path and canonical body.
    pub fingerprint: Vec<u8>,
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nobody used it yet.
    Unused,
    /// Another request used it.
    OtherRequest,
    /// The same request began this work: its outcome is the answer.
    Work(String),
    /// The same request was answered without any work.
    Answered {
        /// HTTP status.
        status: u16,
        /// The sealed answer; none once personal data was erased.
        answer: Option<Vec<u8>>,
    },
}

/// Looks a key up.
pub fn find(tx: &mut Tx<'_>, key: &RequestKey) -> Result<Known, StoreError> {
    let sql = "SELECT fingerprint, work, status, answer FROM idempotency
               WHERE shop_id = $1 AND scope = $2 AND request_key = $3";
    match tx.query_opt(sql, &params![key.shop, key.scope, &key.key])? {
        None => Ok(Known::Unused),
        Some(row) => known(&row, &key.fingerprint),
    }
}

fn known(row: &Row, fingerprint: &[u8]) -> Result<Known, StoreError> {
    if row.blob(0)? != fingerprint {
        return Ok(Known::OtherRequest);
    }
    if let Some(work) = row.opt_text(1)? {
        return Ok(Known::Work(work.to_owned()));
    }
    let status = u16::try_from(row.int(2)?).map_err(|_| StoreError::programming("a status outside of 16 bits"))?;
    Ok(Known::Answered { status, answer: row.opt_blob(3)?.map(<[u8]>::to_vec) })
}

/// Claims an unused key for `work`. Touches no row if somebody was faster: the caller must then undo and look again.
pub fn claim(key: &RequestKey, work: &str, now: Timestamp) -> Statement<'static> {
    Statement::new(
        "INSERT INTO idempotency (shop_id, scope, request_key, fingerprint, work, created_us)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (shop_id, scope, request_key) DO NOTHING",
        params![key.shop, key.scope, &key.key, &key.fingerprint[..], work, now],
    )
}

/// Keeps the answer of a request that was refused without any work. Touches no row if somebody was faster.
pub fn keep_answer(key: &RequestKey, now: Timestamp, status: u16, answer: Vec<u8>) -> Statement<'static> {
    Statement::new(
        "INSERT INTO idempotency (shop_id, scope, request_key, fingerprint, created_us, status, answer)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (shop_id, scope, request_key) DO NOTHING",
        params![key.shop, key.scope, &key.key, &key.fingerprint[..], now, status, answer],
    )
}

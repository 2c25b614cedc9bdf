//! The audit log: who did what, when, from where, which fields (design "What is true of every part").
//!
//! A row is written in the change's transaction ([`record`]). Later one leased sealer chains what is committed ([`seal`]):
//! each row gets the next position and a hash over the hash before it and its own content, and the head is signed with a
//! key that is not in the database. [`verify`] recounts the chain. Rows hold no personal data; that is the caller's duty.

use kernel::id::hex;
use kernel::{ShopId, Timestamp};
use sha2::{Digest, Sha256};

use crate::error::StoreError;
use crate::params;
use crate::tx::{Statement, Tx};
use crate::value::Row;

/// Statements sent together: bounds the number of different texts that a connection prepares.
const TOGETHER: usize = 16;
/// Rows in memory while the chain is recounted.
const PAGE: i64 = 1_000;
/// Findings after which recounting stops: the first ones say where to look.
const FINDINGS_MAX: usize = 1_000;
/// The hash before the first row.
const GENESIS: [u8; 32] = [0; 32];

/// An audit row to be written.
#[derive(Clone, Copy, Debug)]
pub struct NewEntry<'a> {
    /// Whose it is.
    pub shop: ShopId,
    /// Unique in the shop; ids made later sort later.
    pub id: &'a str,
    /// Machine time.
    pub at: Timestamp,
    /// Who: a key, a member of the staff, a worker.
    pub actor: &'a str,
    /// From where: API, page, command line; the request's id.
    pub origin: &'a str,
    /// What: `charge.capture`.
    pub action: &'a str,
    /// To what: the id of the object.
    pub object: &'a str,
    /// JSON object: names of the fields that changed, with the old and new value where they are no personal data.
    pub fields: &'a str,
}

/// Writes a row, in the transaction of the change it tells of.
pub fn record(entry: &NewEntry<'_>) -> Statement<'static> {
    let NewEntry { shop, id, at, actor, origin, action, object, fields } = *entry;
    Statement::new(
        "INSERT INTO audit (shop_id, audit_id, at_us, actor, origin, action, object, fields)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![shop, id, at, actor, origin, action, object, fields],
    )
}

/// Whether there is a row of this id.
pub fn is_recorded(tx: &mut Tx<'_>, shop: ShopId, id: &str) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM audit WHERE shop_id = $1 AND audit_id = $2";
    Ok(tx.query_opt(sql, &params![shop, id])?.is_some())
}

/// Chains up to `limit` committed rows and signs the new head; how many there were. Only for who holds the sealer's lease.
pub fn seal(tx: &mut Tx<'_>, sign: &dyn Fn(&[u8]) -> Vec<u8>, limit: usize) -> Result<usize, StoreError> {
    let sql = "SELECT shop_id, audit_id, at_us, actor, origin, action, object, fields FROM audit
               WHERE position IS NULL ORDER BY audit_id, shop_id LIMIT $1";
    if tx.query_opt("SELECT 1 FROM audit WHERE position IS NULL LIMIT 1", &[])?.is_none() {
        return Ok(0);
    }
    // The head is locked before the rows are read: a second sealer waits here, and then sees what this one sealed.
    let mut head = lock_head(tx)?;
    let rows = tx.query(sql, &params![limit as i64])?;
    if rows.is_empty() {
        return Ok(0);
    }
    for together in rows.chunks(TOGETHER) {
        let mut statements = Vec::with_capacity(together.len());
        for row in together {
            head = Head { position: head.position + 1, hash: chained(&head.hash, head.position + 1, row)? };
            statements.push(Statement::new(
                "UPDATE audit SET position = $3, hash = $4 WHERE shop_id = $1 AND audit_id = $2 AND position IS NULL",
                params![row.int(0)?, row.text(1)?, head.position, head.hash.to_vec()],
            ));
        }
        if tx.execute_all(&statements)?.iter().any(|count| *count != 1) {
            return Err(StoreError::new(crate::ErrorKind::Contention, "two sealers are at the audit log"));
        }
    }
    let update = "UPDATE audit_head SET position = $1, hash = $2, signature = $3 WHERE id = 1";
    tx.execute(update, &params![head.position, head.hash.to_vec(), sign(&head.to_be_signed())])?;
    Ok(rows.len())
}

/// How many committed rows are not chained yet.
pub fn unsealed_count(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.query_one("SELECT count(*) FROM audit WHERE position IS NULL", &[])?.int(0)
}

/// Recounts the chain; what is wrong with it, row by row. `check` tells whether a signature (second) fits the text (first).
pub fn verify(tx: &mut Tx<'_>, check: &dyn Fn(&[u8], &[u8]) -> bool) -> Result<Vec<String>, StoreError> {
    let mut chain = Recount { head: Head { position: 0, hash: GENESIS }, findings: Vec::new() };
    let sql = "SELECT shop_id, audit_id, at_us, actor, origin, action, object, fields, position, hash FROM audit
               WHERE position > $1 ORDER BY position LIMIT $2";
    loop {
        let rows = tx.query(sql, &params![chain.head.position, PAGE])?;
        for row in &rows {
            chain.follow(row)?;
        }
        if rows.is_empty() || chain.findings.len() >= FINDINGS_MAX {
            break;
        }
    }
    let before = "SELECT shop_id, audit_id, position FROM audit WHERE position <= 0 ORDER BY position LIMIT $1";
    for row in tx.query(before, &params![PAGE])? {
        chain.findings.push(format!("audit row {}/{}: its position is {}", row.int(0)?, row.text(1)?, row.int(2)?));
    }
    let signed = tx.query_opt("SELECT position, hash, signature FROM audit_head WHERE id = 1", &[])?;
    if chain.findings.len() < FINDINGS_MAX {
        chain.compare_head(signed.as_ref(), check)?;
    }
    Ok(chain.findings)
}

/// The end of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Head {
    position: i64,
    hash: [u8; 32],
}

impl Head {
    fn to_be_signed(&self) -> Vec<u8> {
        [b"choba audit head 1".as_slice(), &self.position.to_be_bytes(), &self.hash].concat()
    }
}

fn lock_head(tx: &mut Tx<'_>) -> Result<Head, StoreError> {
    let sql = format!("SELECT position, hash FROM audit_head WHERE id = 1{}", tx.for_update());
    if let Some(row) = tx.query_opt(&sql, &[])? {
        return Ok(Head { position: row.int(0)?, hash: hash_of(row.blob(1)?)? });
    }
    let first =
        "INSERT INTO audit_head (id, position, hash, signature) VALUES (1, 0, $1, $2) ON CONFLICT (id) DO NOTHING";
    tx.execute(first, &params![GENESIS.as_slice(), Vec::new()])?;
    let row = tx.query_one(&sql, &[])?;
    Ok(Head { position: row.int(0)?, hash: hash_of(row.blob(1)?)? })
}

fn hash_of(bytes: &[u8]) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| StoreError::new(crate::ErrorKind::Corrupt, "a hash of the audit log has not 32 bytes"))
}

/// SHA-256 over the hash before and the row, each part with its length in front so that no two rows read the same.
fn chained(before: &[u8], position: i64, row: &Row) -> Result<[u8; 32], StoreError> {
    let mut hasher = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hasher.update((bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    };
    part(before);
    part(&position.to_be_bytes());
    part(&row.int(0)?.to_be_bytes());
    part(row.text(1)?.as_bytes());
    part(&row.int(2)?.to_be_bytes());
    for column in 3..8 {
        part(row.text(column)?.as_bytes());
    }
    Ok(hasher.finalize().into())
}

struct Recount {
    head: Head,
    findings: Vec<String>,
}

impl Recount {
    fn follow(&mut self, row: &Row) -> Result<(), StoreError> {
        let (position, stored) = (row.int(8)?, row.opt_blob(9)?.unwrap_or_default());
        let name = format!("audit row {}/{} (position {position})", row.int(0)?, row.text(1)?);
        let expected = self.head.position + 1;
        if position != expected {
            self.findings.push(format!("audit positions {expected} to {}: no row; the next is {name}", position - 1));
        }
        let computed = chained(&self.head.hash, position, row)?;
        // After a gap the hash before this row is not known, so its own content cannot be judged.
        if position == expected && stored != computed {
            self.findings.push(format!("{name}: its content does not match its hash"));
        }
        // Going on from the stored hash names the broken row only, and not all that follow it.
        self.head = Head { position, hash: stored.try_into().unwrap_or(computed) };
        Ok(())
    }

    fn compare_head(&mut self, signed: Option<&Row>, check: &dyn Fn(&[u8], &[u8]) -> bool) -> Result<(), StoreError> {
        let Some(signed) = signed else {
            if self.head.position > 0 {
                self.findings.push(format!("audit head: missing, but the chain ends at {}", self.head.position));
            }
            return Ok(());
        };
        let (position, hash, signature) = (signed.int(0)?, signed.blob(1)?, signed.blob(2)?);
        if position != self.head.position {
            let ends = self.head.position;
            self.findings.push(format!("audit head: signed at position {position}, but the chain ends at {ends}"));
        } else if hash != self.head.hash {
            let (signed, ends) = (hex(hash), hex(&self.head.hash));
            self.findings.push(format!("audit head: signed for the hash {signed}, but the chain ends with {ends}"));
        }
        let signed = hash_of(hash).map(|hash| Head { position, hash });
        let untouched = position == 0 && signature.is_empty();
        if !untouched && !signed.is_ok_and(|head| check(&head.to_be_signed(), signature)) {
            self.findings.push(format!("audit head (position {position}): its signature is not of this key"));
        }
        Ok(())
    }
}

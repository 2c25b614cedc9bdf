//! Reading the audit log, newest first. Ids of rows sort by when they were made, so the id of the last row read says where
//! the next page begins, and bounds of time are bounds of ids: no index but the primary key, on a table that every change
//! writes to.

use kernel::{ShopId, Timestamp};

use crate::error::StoreError;
use crate::params;
use crate::tx::Tx;
use crate::value::Row;

/// A row of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// Machine time.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// From where.
    pub origin: String,
    /// What.
    pub action: String,
    /// To what.
    pub object: String,
    /// JSON object: what changed.
    pub fields: String,
    /// Its place in the sealed chain; none while it is not sealed.
    pub position: Option<i64>,
}

/// What is looked for; an empty text is anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Beginning of the actor: `staff:`, `staff:stf_…`.
    pub actor: String,
    /// Beginning of the action: `staff.`, `keys.rotate`.
    pub action: String,
    /// Part of the object.
    pub object: String,
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
    /// Only what is older than the row with this id.
    pub before: Option<String>,
}

/// A page of a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// What was found, newest first.
    pub rows: Vec<Entry>,
    /// Where the search goes on; none if it is at its end.
    pub next: Option<String>,
}

/// Rows read at once.
const CHUNK: usize = 500;
/// Rows looked at for one page, found or not: a search that finds little goes on with the next page.
const LOOKED_MAX: usize = 5_000;

/// A page of at most `limit` rows of a shop.
pub fn page(tx: &mut Tx<'_>, shop: ShopId, search: &Search, limit: usize) -> Result<Page, StoreError> {
    let least = search.from.map(first_id).unwrap_or_default();
    let until = search.until.map(first_id);
    // No id has a letter after f.
    let mut before = [search.before.clone(), until].into_iter().flatten().min().unwrap_or_else(|| "g".to_owned());
    let sql = "SELECT audit_id, at_us, actor, origin, action, object, fields, position FROM audit
               WHERE shop_id = $1 AND audit_id < $2 AND audit_id >= $3 ORDER BY audit_id DESC LIMIT $4";
    let mut found = Vec::new();
    for _ in 0..LOOKED_MAX / CHUNK {
        let rows = tx.query(sql, &params![shop, &before, &least, CHUNK as i64])?;
        for row in &rows {
            let entry = entry(row)?;
            before.clone_from(&entry.id);
            if search.fits(&entry) {
                found.push(entry);
            }
            if found.len() == limit {
                return Ok(Page { rows: found, next: Some(before) });
            }
        }
        if rows.len() < CHUNK {
            return Ok(Page { rows: found, next: None });
        }
    }
    Ok(Page { rows: found, next: Some(before) })
}

impl Search {
    fn fits(&self, entry: &Entry) -> bool {
        entry.actor.starts_with(&self.actor)
            && entry.action.starts_with(&self.action)
            && entry.object.contains(&self.object)
    }
}

/// No id that was made at `at` or later is less.
fn first_id(at: Timestamp) -> String {
    format!("{:012x}", (at.micros() / 1_000).max(0))
}

fn entry(row: &Row) -> Result<Entry, StoreError> {
    let text = |column: usize| row.text(column).map(str::to_owned);
    Ok(Entry {
        id: text(0)?,
        at: row.timestamp(1)?,
        actor: text(2)?,
        origin: text(3)?,
        action: text(4)?,
        object: text(5)?,
        fields: text(6)?,
        position: row.opt_int(7)?,
    })
}

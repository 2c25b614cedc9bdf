//! The rows of the request log.

use kernel::{ShopId, Timestamp};
use store::{Row, Statement, StoreError, Tx, Value, params};

use super::search::{Filter, StatusFilter};
use super::{Entry, Exchange};

/// Rows of one statement: bounds the number of different texts that a connection prepares.
const TOGETHER: usize = 16;
/// Rows removed in one transaction.
const REMOVED_MAX: i64 = 500;

const COLUMNS: &str = "shop_id, log_id, environment, at_us, credential_id, request_id, method, path, status, micros, \
                       charge_id, sealed";

/// Writes requests.
pub(super) fn insert(tx: &mut Tx<'_>, rows: &[(Entry, Vec<u8>)]) -> Result<(), StoreError> {
    for together in rows.chunks(TOGETHER) {
        let statements: Vec<Statement<'_>> = together.iter().map(statement).collect();
        tx.execute_all(&statements)?;
    }
    Ok(())
}

fn statement((entry, sealed): &(Entry, Vec<u8>)) -> Statement<'static> {
    Statement::new(
        "INSERT INTO request_log (shop_id, log_id, environment, at_us, credential_id, request_id, method, path, status,
             micros, charge_id, sealed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        params![
            entry.shop,
            &entry.id,
            entry.environment,
            entry.at,
            &entry.credential_id,
            &entry.request_id,
            &entry.method,
            &entry.path,
            entry.status,
            entry.micros,
            entry.charge.clone(),
            sealed.as_slice()
        ],
    )
}

fn read(row: &Row) -> Result<(Entry, Vec<u8>), StoreError> {
    let entry = Entry {
        shop: ShopId(row.int(0)?),
        id: row.text(1)?.to_owned(),
        environment: row.parsed(2)?,
        at: row.timestamp(3)?,
        credential_id: row.text(4)?.to_owned(),
        request_id: row.text(5)?.to_owned(),
        method: row.text(6)?.to_owned(),
        path: row.text(7)?.to_owned(),
        status: u16::try_from(row.int(8)?).unwrap_or(0),
        micros: row.int(9)?,
        charge: row.opt_text(10)?.map(str::to_owned),
    };
    Ok((entry, row.blob(11)?.to_vec()))
}

/// One request of a shop.
pub(super) fn find(tx: &mut Tx<'_>, shop: ShopId, id: &str) -> Result<Option<(Entry, Vec<u8>)>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM request_log WHERE shop_id = $1 AND log_id = $2");
    tx.query_opt(&sql, &params![shop, without_zero(id)])?.as_ref().map(read).transpose()
}

/// PostgreSQL has no text with a zero in it, so nothing that is stored has one.
fn without_zero(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// Requests of a shop before `before`, newest first, that the filter lets pass as far as columns tell.
pub(super) fn page(
    tx: &mut Tx<'_>,
    shop: ShopId,
    filter: &Filter,
    before: &str,
    limit: i64,
) -> Result<Vec<(Entry, Vec<u8>)>, StoreError> {
    let mut condition = "shop_id = $1 AND log_id < $2".to_owned();
    let mut params = params![shop, without_zero(before)].to_vec();
    let mut and = |text: &str, value: Value| {
        params.push(value);
        condition.push_str(&format!(" AND {}", text.replace('?', &format!("${}", params.len()))));
    };
    if let Some(environment) = filter.environment {
        and("environment = ?", environment.into());
    }
    match filter.status {
        Some(StatusFilter::Class(class)) => {
            and("status >= ?", Value::Int(i64::from(class) * 100));
            and("status < ?", Value::Int(i64::from(class) * 100 + 100));
        }
        Some(StatusFilter::Exactly(status)) => and("status = ?", status.into()),
        None => {}
    }
    if let Some(charge) = &filter.charge {
        and("charge_id = ?", without_zero(charge).into());
    }
    if let Some(key) = &filter.key {
        and("credential_id = ?", without_zero(key).into());
    }
    if let Some(path) = &filter.path {
        and("lower(path) LIKE ? ESCAPE '!'", contains(&without_zero(path)).into());
    }
    if let Some(from) = filter.from {
        and("log_id >= ?", first_id(from).into());
    }
    if let Some(until) = filter.until {
        and("log_id < ?", first_id(until).into());
    }
    params.push(limit.into());
    let last = params.len();
    let sql = format!("SELECT {COLUMNS} FROM request_log WHERE {condition} ORDER BY log_id DESC LIMIT ${last}");
    tx.query(&sql, &params)?.iter().map(read).collect()
}

/// No id of this instant or a later one is smaller (`kernel::outside::sortable_hex`).
fn first_id(at: Timestamp) -> String {
    format!("{:012x}", (at.micros() / 1_000).max(0))
}

/// A pattern for what contains `text`, in lower case.
fn contains(text: &str) -> String {
    let escape = |c: char| if "!%_".contains(c) { format!("!{c}") } else { c.to_string() };
    format!("%{}%", text.to_lowercase().chars().map(escape).collect::<String>())
}

/// Removes some of what is older than `oldest` or beyond the newest `rows`; how many.
pub(super) fn remove_old(tx: &mut Tx<'_>, shop: ShopId, oldest: Timestamp, rows: u32) -> Result<u64, StoreError> {
    let sql = "SELECT log_id FROM request_log WHERE shop_id = $1 ORDER BY log_id DESC LIMIT 1 OFFSET $2";
    let beyond = tx.query_opt(sql, &params![shop, rows])?;
    let beyond = beyond.map(|row| row.text(0).map(str::to_owned)).transpose()?.unwrap_or_default();
    let sql = "DELETE FROM request_log WHERE shop_id = $1 AND log_id IN (SELECT log_id FROM request_log
                   WHERE shop_id = $1 AND (log_id <= $2 OR log_id < $3) ORDER BY log_id LIMIT $4)";
    tx.execute(sql, &params![shop, beyond, first_id(oldest), REMOVED_MAX])
}

/// Requests of a shop that were answered well and are about no single charge, such as lists, those after the id `after`.
pub(crate) fn lists_after(
    tx: &mut Tx<'_>,
    shop: ShopId,
    after: &str,
    limit: i64,
) -> Result<Vec<(Entry, Vec<u8>)>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM request_log WHERE shop_id = $1 AND log_id > $2 AND charge_id IS NULL AND status = 200
         ORDER BY log_id LIMIT $3"
    );
    tx.query(&sql, &params![shop, after, limit])?.iter().map(read).collect()
}

/// Removes requests by their names.
pub(crate) fn remove(tx: &mut Tx<'_>, shop: ShopId, ids: &[String]) -> Result<(), StoreError> {
    let sql = "DELETE FROM request_log WHERE shop_id = $1 AND log_id = $2";
    for together in ids.chunks(TOGETHER) {
        let remove = |id: &String| Statement::new(sql, params![shop, id]);
        tx.execute_all(&together.iter().map(remove).collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Shop and id of a row, and the row as far as it can be read.
pub(crate) type Kept = ((ShopId, String), Option<(Entry, Vec<u8>)>);

/// Requests of every shop after `(shop, id)`, for the recount: rows that cannot be read come back by their keys.
pub(crate) fn after(tx: &mut Tx<'_>, shop: ShopId, id: &str, limit: i64) -> Result<Vec<Kept>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM request_log WHERE (shop_id, log_id) > ($1, $2) ORDER BY shop_id, log_id LIMIT $3"
    );
    let rows = tx.query(&sql, &params![shop, id, limit])?;
    rows.iter().map(|row| Ok(((ShopId(row.int(0)?), row.text(1)?.to_owned()), read(row).ok()))).collect()
}

/// Opens what was sealed for exactly these columns.
pub(crate) fn open(vault: &shop::Vault, entry: &Entry, sealed: &[u8]) -> Option<Exchange> {
    vault.open(&entry.purpose(), sealed).ok().and_then(|bytes| Exchange::from_bytes(&bytes))
}

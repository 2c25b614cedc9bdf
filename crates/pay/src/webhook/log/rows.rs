//! The rows of logged tries.

use kernel::{Environment, ShopId};
use serde_json::value::RawValue;
use store::{ErrorKind, Row, Statement, StoreError, Tx, Value, params};

use super::{Filter, Logged, Received, Sent};
use crate::webhook::send::Try;

const COLUMNS: &str = "attempt_id, endpoint_id, event_id, type, charge_id, number, url, started_us, took_us, outcome,
    request_headers, request_sha256, request_bytes, status, response_headers, response_body, response_truncated, error";

/// Logs a try.
pub fn insert(made: &Try) -> Statement<'static> {
    let answer = made.answer.as_ref();
    let json = |pairs: &Vec<(String, String)>| serde_json::to_string(pairs).expect("texts are JSON");
    Statement::new(
        "INSERT INTO webhook_attempt (shop_id, environment, attempt_id, endpoint_id, event_id, type, charge_id, number,
             url, started_us, took_us, outcome, request_headers, request_sha256, request_bytes, status,
             response_headers, response_body, response_truncated, error, request_body, open_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
         ON CONFLICT DO NOTHING",
        params![
            made.endpoint.shop,
            made.endpoint.environment,
            &made.id,
            &made.endpoint.id,
            &made.event_id,
            made.kind.as_str(),
            made.charge.clone(),
            made.number,
            &made.url,
            made.started,
            made.took_micros,
            made.outcome(),
            json(&made.request_headers),
            &made.request_sha256,
            i64::try_from(made.request_bytes).unwrap_or(i64::MAX),
            answer.ok().map(|answer| answer.status),
            answer.ok().map(|answer| json(&answer.headers)),
            answer.ok().map(|answer| answer.body.clone()),
            answer.is_ok_and(|answer| answer.truncated),
            answer.err().cloned(),
            made.request_body.clone(),
            made.open_id.clone()
        ],
    )
}

/// One logged try, with the body that was sent if it was kept.
pub fn find(tx: &mut Tx<'_>, shop: ShopId, environment: Environment, id: &str) -> Result<Option<Logged>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, request_body FROM webhook_attempt
         WHERE shop_id = $1 AND environment = $2 AND attempt_id = $3"
    );
    let Some(row) = tx.query_opt(&sql, &params![shop, environment, id])? else { return Ok(None) };
    let mut found = logged(&row)?;
    found.request.body = row.opt_text(18)?.map(str::to_owned);
    Ok(Some(found))
}

/// Erases what was asked about orders of a buyer, whatever became of them.
pub fn erase_of_buyer(shop: ShopId, environment: Environment, open_id: &str) -> Statement<'static> {
    Statement::new(
        "UPDATE webhook_attempt SET request_body = NULL, open_id = NULL,
             response_body = CASE WHEN status IS NULL THEN NULL ELSE '' END
         WHERE shop_id = $1 AND environment = $2 AND open_id = $3",
        params![shop, environment, open_id],
    )
}

/// Logged tries, newest first.
pub fn list(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    filter: &Filter,
) -> Result<Vec<Logged>, StoreError> {
    let mut sql = format!("SELECT {COLUMNS} FROM webhook_attempt WHERE shop_id = $1 AND environment = $2");
    let mut values: Vec<Value> = params![shop, environment].to_vec();
    let mut and = |condition: &str, value: Value| {
        values.push(value);
        sql.push_str(&format!(" AND {condition} ${}", values.len()));
    };
    for (condition, value) in [
        ("endpoint_id =", filter.endpoint.clone().map(Value::from)),
        ("event_id =", filter.event.clone().map(Value::from)),
        ("type =", filter.kind.map(|kind| Value::from(kind.as_str()))),
        ("outcome =", filter.outcome.clone().map(Value::from)),
        ("started_us >=", filter.from.map(Value::from)),
        ("started_us <", filter.to.map(Value::from)),
        ("attempt_id <", filter.before.clone().map(Value::from)),
    ] {
        if let Some(value) = value {
            and(condition, value);
        }
    }
    if let Some(charge) = &filter.charge {
        // By the charge's attempts: a log of millions needs no index of its own for this.
        values.push(charge.into());
        sql.push_str(&format!(
            " AND event_id IN (SELECT 'evt_' || a.attempt_id FROM attempt a
                 WHERE a.shop_id = $1 AND a.environment = $2 AND a.charge_id = ${})",
            values.len()
        ));
    }
    values.push(filter.limit.into());
    sql.push_str(&format!(" ORDER BY attempt_id DESC LIMIT ${}", values.len()));
    tx.query(&sql, &values)?.iter().map(logged).collect()
}

fn logged(row: &Row) -> Result<Logged, StoreError> {
    let raw = |text: &str| {
        RawValue::from_string(text.to_owned())
            .map_err(|error| StoreError::new(ErrorKind::Corrupt, format!("headers of a logged try: {error}")))
    };
    let response = match row.opt_int(13)? {
        None => None,
        Some(status) => Some(Received {
            status,
            headers: raw(row.opt_text(14)?.unwrap_or("[]"))?,
            body: row.opt_text(15)?.unwrap_or_default().to_owned(),
            truncated: row.int(16)? == 1,
        }),
    };
    Ok(Logged {
        object: "webhook_attempt",
        id: row.text(0)?.to_owned(),
        endpoint: row.text(1)?.to_owned(),
        event: row.text(2)?.to_owned(),
        r#type: row.text(3)?.to_owned(),
        charge: row.opt_text(4)?.map(str::to_owned),
        number: row.opt_int(5)?,
        url: row.text(6)?.to_owned(),
        started_us: row.int(7)?,
        took_us: row.int(8)?,
        outcome: row.text(9)?.to_owned(),
        request: Sent {
            headers: raw(row.text(10)?)?,
            body_sha256: row.text(11)?.to_owned(),
            body_bytes: row.int(12)?,
            body: None,
        },
        response,
        error: row.opt_text(17)?.map(str::to_owned),
    })
}

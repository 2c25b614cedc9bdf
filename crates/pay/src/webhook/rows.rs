//! The rows of endpoints and what they hear of.

use kernel::{Environment, ShopId, Timestamp};
use outbound::PinnedCertificate;
use store::{ErrorKind, Row, Statement, StoreError, Tx, params};

use super::endpoint::{Endpoint, Key, Reason, State};
use super::event_type::EventType;

/// The id of the message that tells of version `version` of a charge. In the order of these ids the messages of a charge
/// leave; the version, unlike the time at which an attempt was begun, follows the order of the changes in any case.
pub fn message_id(charge: &str, version: i64) -> String {
    format!("wh-{charge}-{version:010}")
}

const COLUMNS: &str =
    "e.shop_id, e.environment, e.endpoint_id, e.url, e.disabled_for, e.failing_since_us, e.certificate,
    e.created_us";

/// One endpoint, with what it hears of.
pub fn find(tx: &mut Tx<'_>, key: &Key) -> Result<Option<Endpoint>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM webhook_endpoint e WHERE e.shop_id = $1 AND e.environment = $2 AND e.endpoint_id = $3"
    );
    let row = tx.query_opt(&sql, &params![key.shop, key.environment, &key.id])?;
    row.map(|row| with_types(tx, endpoint(&row)?)).transpose()
}

/// The same, its row locked until the commit.
pub fn find_for_update(tx: &mut Tx<'_>, key: &Key) -> Result<Option<Endpoint>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM webhook_endpoint e WHERE e.shop_id = $1 AND e.environment = $2 AND e.endpoint_id = $3{}",
        tx.for_update()
    );
    let row = tx.query_opt(&sql, &params![key.shop, key.environment, &key.id])?;
    row.map(|row| with_types(tx, endpoint(&row)?)).transpose()
}

/// Every endpoint of a shop in an environment, oldest first.
pub fn list(tx: &mut Tx<'_>, shop: ShopId, environment: Environment) -> Result<Vec<Endpoint>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM webhook_endpoint e WHERE e.shop_id = $1 AND e.environment = $2 ORDER BY e.endpoint_id"
    );
    let rows = tx.query(&sql, &params![shop, environment])?;
    rows.iter().map(|row| with_types(tx, endpoint(row)?)).collect()
}

/// The endpoint that hears of `kind`.
pub fn subscribed(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    kind: EventType,
) -> Result<Option<Endpoint>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM webhook_subscription s
         JOIN webhook_endpoint e ON e.shop_id = s.shop_id AND e.environment = s.environment
             AND e.endpoint_id = s.endpoint_id
         WHERE s.shop_id = $1 AND s.environment = $2 AND s.type = $3"
    );
    let row = tx.query_opt(&sql, &params![shop, environment, kind.as_str()])?;
    row.map(|row| with_types(tx, endpoint(&row)?)).transpose()
}

/// Endpoints that messages wait for, whose time has come: the environment's time, or that of the shop's test clock.
pub fn due(tx: &mut Tx<'_>) -> Result<Vec<Key>, StoreError> {
    let sql = "SELECT shop_id, environment, endpoint_id FROM (
            SELECT e.shop_id, e.environment, e.endpoint_id,
                CASE WHEN e.environment = 'sandbox' THEN COALESCE(c.offset_us, 0) ELSE 0 END AS offset_us,
                (SELECT min(o.due_us) FROM outbox o WHERE o.topic = 'webhook/' || e.endpoint_id
                     AND o.world = e.environment AND o.state = 'waiting') AS due_us
            FROM webhook_endpoint e LEFT JOIN test_clock c ON c.shop_id = e.shop_id
            WHERE e.state = 'active'
        ) AS endpoint
        WHERE due_us <= $1 + offset_us ORDER BY due_us - offset_us, shop_id, endpoint_id";
    let now = tx.machine_now();
    tx.query(sql, &params![now])?.iter().map(key).collect()
}

/// Active endpoints of a shop's sandbox.
pub fn active_in_sandbox(tx: &mut Tx<'_>, shop: ShopId) -> Result<Vec<Key>, StoreError> {
    let sql = "SELECT shop_id, environment, endpoint_id FROM webhook_endpoint
               WHERE shop_id = $1 AND environment = 'sandbox' AND state = 'active' ORDER BY endpoint_id";
    tx.query(sql, &params![shop])?.iter().map(key).collect()
}

/// Inserts an endpoint, without what it hears of.
pub fn insert(endpoint: &Endpoint) -> Statement<'static> {
    let Endpoint { key, url, failing_since, certificate, created, .. } = endpoint;
    let (state, disabled_for) = words(&endpoint.state);
    Statement::new(
        "INSERT INTO webhook_endpoint (shop_id, environment, endpoint_id, url, state, disabled_for, failing_since_us,
             certificate, created_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            key.shop,
            key.environment,
            &key.id,
            url,
            state,
            disabled_for,
            *failing_since,
            certificate.as_ref().map(|certificate| certificate.der().to_vec()),
            *created
        ],
    )
}

/// Saves everything of an endpoint that can change, but what it hears of.
pub fn save(endpoint: &Endpoint) -> Statement<'static> {
    let Endpoint { key, url, failing_since, certificate, .. } = endpoint;
    let (state, disabled_for) = words(&endpoint.state);
    Statement::new(
        "UPDATE webhook_endpoint SET url = $4, state = $5, disabled_for = $6, failing_since_us = $7, certificate = $8
         WHERE shop_id = $1 AND environment = $2 AND endpoint_id = $3",
        params![
            key.shop,
            key.environment,
            &key.id,
            url,
            state,
            disabled_for,
            *failing_since,
            certificate.as_ref().map(|certificate| certificate.der().to_vec())
        ],
    )
}

/// Notes since when an endpoint fails, or that it answers again.
pub fn set_failing(key: &Key, since: Option<Timestamp>) -> Statement<'static> {
    Statement::new(
        "UPDATE webhook_endpoint SET failing_since_us = $4 WHERE shop_id = $1 AND environment = $2 AND endpoint_id = $3",
        params![key.shop, key.environment, &key.id, since],
    )
}

/// Deletes an endpoint; what it hears of first ([`set_types`]).
pub fn delete(key: &Key) -> Statement<'static> {
    Statement::new(
        "DELETE FROM webhook_endpoint WHERE shop_id = $1 AND environment = $2 AND endpoint_id = $3",
        params![key.shop, key.environment, &key.id],
    )
}

/// Lets an endpoint hear of exactly these types; the type that another endpoint hears of, if there is one: then nothing
/// of this transaction may stay.
pub fn set_types(tx: &mut Tx<'_>, key: &Key, types: &[EventType]) -> Result<Option<EventType>, StoreError> {
    let clear = "DELETE FROM webhook_subscription WHERE shop_id = $1 AND environment = $2 AND endpoint_id = $3";
    tx.execute(clear, &params![key.shop, key.environment, &key.id])?;
    for kind in types {
        let insert = "INSERT INTO webhook_subscription (shop_id, environment, type, endpoint_id)
                      VALUES ($1, $2, $3, $4) ON CONFLICT (shop_id, environment, type) DO NOTHING";
        if tx.execute(insert, &params![key.shop, key.environment, kind.as_str(), &key.id])? == 0 {
            return Ok(Some(*kind));
        }
    }
    Ok(None)
}

/// How many messages wait for an endpoint.
pub fn waiting(tx: &mut Tx<'_>, key: &Key) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM outbox WHERE shop_id = $1 AND topic = $2 AND state IN ('waiting', 'queued')";
    tx.query_one(sql, &params![key.shop, key.topic()])?.int(0)
}

fn words(state: &State) -> (&'static str, Option<&'static str>) {
    match state {
        State::Active => ("active", None),
        State::Disabled(reason) => ("disabled", Some(reason.as_str())),
    }
}

fn with_types(tx: &mut Tx<'_>, mut endpoint: Endpoint) -> Result<Endpoint, StoreError> {
    let Key { shop, environment, id } = &endpoint.key;
    let sql = "SELECT type FROM webhook_subscription WHERE shop_id = $1 AND environment = $2 AND endpoint_id = $3
               ORDER BY type";
    let rows = tx.query(sql, &params![*shop, *environment, id])?;
    endpoint.types = rows.iter().map(|row| row.parsed(0)).collect::<Result<_, _>>()?;
    endpoint.types.sort();
    Ok(endpoint)
}

fn key(row: &Row) -> Result<Key, StoreError> {
    Ok(Key { shop: ShopId(row.int(0)?), environment: row.parsed(1)?, id: row.text(2)?.to_owned() })
}

fn endpoint(row: &Row) -> Result<Endpoint, StoreError> {
    let key = key(row)?;
    let reason = row.opt_text(4)?.map(str::parse::<Reason>).transpose();
    let reason = reason.map_err(|error| StoreError::new(ErrorKind::Corrupt, error))?;
    let certificate = row.opt_blob(6)?.map(PinnedCertificate::parse).transpose();
    let certificate = certificate
        .map_err(|error| StoreError::new(ErrorKind::Corrupt, format!("the certificate of {}: {error}", key.id)))?;
    Ok(Endpoint {
        key,
        url: row.text(3)?.to_owned(),
        state: reason.map_or(State::Active, State::Disabled),
        failing_since: row.opt_int(5)?.map(Timestamp::from_micros),
        certificate,
        created: row.timestamp(7)?,
        types: Vec::new(),
    })
}

//! Webhooks that lead nowhere.

use store::{Row, StoreError, Tx, params};

use super::super::area::Area;
use super::super::report::FINDINGS_MAX;
use super::{opt_text, text};
use crate::webhook::endpoint::TOPIC_PREFIX;

/// An endpoint as it stands in its row.
pub struct Stored {
    pub area: Area,
    pub id: String,
    pub url: String,
    pub disabled_for: Option<String>,
    pub certificate: Option<Vec<u8>>,
}

/// A row that is wrong, and the row that it disagrees with: its table and its key.
pub struct Wrong {
    pub area: Area,
    pub key: String,
    pub other: (&'static str, String),
    pub problem: &'static str,
}

/// Every endpoint.
pub fn endpoints(tx: &mut Tx<'_>) -> Result<Vec<Stored>, StoreError> {
    let sql = "SELECT shop_id, environment, endpoint_id, url, disabled_for, certificate FROM webhook_endpoint
               ORDER BY shop_id, environment, endpoint_id";
    let stored = |row: &Row| {
        Ok(Stored {
            area: area(row)?,
            id: text(row, 2)?,
            url: text(row, 3)?,
            disabled_for: opt_text(row, 4)?,
            certificate: row.opt_blob(5)?.map(<[u8]>::to_vec),
        })
    };
    tx.query(sql, &[])?.iter().map(stored).collect()
}

/// Types of events that go to an endpoint that is not there.
pub fn subscriptions_without_endpoint(tx: &mut Tx<'_>) -> Result<Vec<Wrong>, StoreError> {
    wrong(
        tx,
        "SELECT s.shop_id, s.environment, s.type, s.endpoint_id FROM webhook_subscription s
         LEFT JOIN webhook_endpoint e ON e.shop_id = s.shop_id AND e.environment = s.environment
             AND e.endpoint_id = s.endpoint_id
         WHERE e.endpoint_id IS NULL",
        "webhook_endpoint",
        "its endpoint is missing",
    )
}

/// Every type that an endpoint hears of, to be looked at.
pub fn unknown_types(tx: &mut Tx<'_>) -> Result<Vec<Wrong>, StoreError> {
    wrong(
        tx,
        "SELECT s.shop_id, s.environment, s.type, s.type FROM webhook_subscription s",
        "webhook_subscription",
        "no event has this type",
    )
}

/// Messages that tell of no event, or of one of another charge.
pub fn messages_without_event(tx: &mut Tx<'_>) -> Result<Vec<Wrong>, StoreError> {
    wrong(
        tx,
        &format!(
            "SELECT o.shop_id, o.world, o.outbox_id, o.body FROM outbox o
             LEFT JOIN event e ON e.shop_id = o.shop_id AND e.environment = o.world AND e.event_id = o.body
             WHERE o.topic LIKE '{TOPIC_PREFIX}%' AND (e.event_id IS NULL OR e.charge_id <> o.lane
                 OR o.outbox_id NOT LIKE 'wh-' || e.charge_id || '-%')"
        ),
        "event",
        "the message tells of no such event of its charge",
    )
}

/// Tries of deliveries whose event is not there, or is of another type or charge.
pub fn tries_without_event(tx: &mut Tx<'_>) -> Result<Vec<Wrong>, StoreError> {
    wrong(
        tx,
        "SELECT t.shop_id, t.environment, t.attempt_id, t.event_id FROM webhook_attempt t
         LEFT JOIN event e ON e.shop_id = t.shop_id AND e.environment = t.environment AND e.event_id = t.event_id
         WHERE (t.type IN ('charge.check', 'ping')) <> (t.charge_id IS NULL)
             OR (t.charge_id IS NOT NULL AND (e.event_id IS NULL OR e.type <> t.type OR e.charge_id <> t.charge_id))",
        "event",
        "the try was made for no such event",
    )
}

fn wrong(tx: &mut Tx<'_>, sql: &str, table: &'static str, problem: &'static str) -> Result<Vec<Wrong>, StoreError> {
    let rows = tx.query(&format!("{sql} ORDER BY 1, 2, 3 LIMIT $1"), &params![FINDINGS_MAX as i64 + 1])?;
    let wrong = |row: &Row| Ok(Wrong { area: area(row)?, key: text(row, 2)?, other: (table, text(row, 3)?), problem });
    rows.iter().map(wrong).collect()
}

fn area(row: &Row) -> Result<Area, StoreError> {
    Ok(Area { shop: row.int(0)?, environment: text(row, 1)? })
}

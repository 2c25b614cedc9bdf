//! Charges by pages, and what belongs to the charges of a page.

use std::collections::{BTreeMap, HashMap};

use store::{Row, StoreError, Tx, Value, params};

use super::super::area::Area;
use super::{by_keys, opt_text, text};
use crate::attempt::finish::WINDOW_TIMER;
use crate::event::rows::id_of;

/// A row of `charge`.
pub struct ChargeRow {
    pub id: String,
    pub state: String,
    pub amount: i64,
    pub point: i64,
    pub open_id: String,
    pub cart_id: Option<String>,
    pub items: String,
    pub address: Option<String>,
    pub buyer: Option<String>,
    pub card: Option<String>,
    pub authorization: Option<String>,
    pub authorized_amount: i64,
    pub hold: Option<String>,
    pub hold_used: i64,
    pub ordered_us: i64,
    pub updated_us: i64,
    pub window_ends_us: i64,
    pub version: i64,
    pub provisional_days: Option<i64>,
    pub captured_days: Option<i64>,
}

/// Charges after `after`, in the order of their ids.
pub fn charges_after(tx: &mut Tx<'_>, area: &Area, after: &str, limit: usize) -> Result<Vec<ChargeRow>, StoreError> {
    let sql = "SELECT charge_id, state, amount, point, open_id, cart_id, items, address, buyer, card, authorization_id,
                   authorized_amount, hold_id, hold_used, ordered_us, updated_us, window_ends_us, version,
                   provisional_days, captured_days
               FROM charge WHERE shop_id = $1 AND environment = $2 AND charge_id > $3
               ORDER BY charge_id LIMIT $4";
    let rows = tx.query(sql, &params![area.shop, &area.environment, after, limit as i64])?;
    rows.iter().map(charge).collect()
}

fn charge(row: &Row) -> Result<ChargeRow, StoreError> {
    Ok(ChargeRow {
        id: text(row, 0)?,
        state: text(row, 1)?,
        amount: row.int(2)?,
        point: row.int(3)?,
        open_id: text(row, 4)?,
        cart_id: opt_text(row, 5)?,
        items: text(row, 6)?,
        address: opt_text(row, 7)?,
        buyer: opt_text(row, 8)?,
        card: opt_text(row, 9)?,
        authorization: opt_text(row, 10)?,
        authorized_amount: row.int(11)?,
        hold: opt_text(row, 12)?,
        hold_used: row.int(13)?,
        ordered_us: row.int(14)?,
        updated_us: row.int(15)?,
        window_ends_us: row.int(16)?,
        version: row.int(17)?,
        provisional_days: row.opt_int(18)?,
        captured_days: row.opt_int(19)?,
    })
}

/// A row of `attempt`.
pub struct AttemptRow {
    pub id: String,
    pub charge: String,
    pub version: i64,
    pub verb: String,
    pub has_arguments: bool,
    pub state: String,
    pub refusal: Option<String>,
    pub actor: String,
    pub origin: String,
    pub begun_us: i64,
    pub ended_us: Option<i64>,
    pub tries: i64,
}

const ATTEMPT: &str =
    "SELECT attempt_id, charge_id, version, verb, CASE WHEN arguments IS NULL THEN 0 ELSE 1 END, state,
    refusal, actor, origin, begun_us, ended_us, tries
    FROM attempt WHERE shop_id = $1 AND environment = $2";

/// Attempts on charges after the charge `after`, in the order of their charges.
pub fn attempts_after(tx: &mut Tx<'_>, area: &Area, after: &str, limit: usize) -> Result<Vec<AttemptRow>, StoreError> {
    let sql = format!("{ATTEMPT} AND charge_id > $3 ORDER BY charge_id, attempt_id LIMIT $4");
    let rows = tx.query(&sql, &params![area.shop, &area.environment, after, limit as i64])?;
    rows.iter().map(attempt).collect()
}

/// All attempts on one charge.
pub fn attempts_on(tx: &mut Tx<'_>, area: &Area, charge: &str) -> Result<Vec<AttemptRow>, StoreError> {
    let sql = format!("{ATTEMPT} AND charge_id = $3 ORDER BY attempt_id");
    let rows = tx.query(&sql, &params![area.shop, &area.environment, charge])?;
    rows.iter().map(attempt).collect()
}

fn attempt(row: &Row) -> Result<AttemptRow, StoreError> {
    Ok(AttemptRow {
        id: text(row, 0)?,
        charge: text(row, 1)?,
        version: row.int(2)?,
        verb: text(row, 3)?,
        has_arguments: row.int(4)? == 1,
        state: text(row, 5)?,
        refusal: opt_text(row, 6)?,
        actor: text(row, 7)?,
        origin: text(row, 8)?,
        begun_us: row.int(9)?,
        ended_us: row.opt_int(10)?,
        tries: row.int(11)?,
    })
}

/// A row of `event`.
pub struct EventRow {
    pub kind: String,
    pub charge: String,
    pub data: String,
    pub created_us: i64,
}

/// The events of attempts, by the attempt's id.
pub fn events_of(
    tx: &mut Tx<'_>,
    area: &Area,
    attempts: &[AttemptRow],
) -> Result<HashMap<String, EventRow>, StoreError> {
    let ids: Vec<String> = attempts.iter().map(|attempt| id_of(&attempt.id)).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let sql = "SELECT substr(event_id, 5), type, charge_id, data, created_us FROM event
               WHERE shop_id = $1 AND environment = $2 AND event_id";
    let rows = by_keys(tx, sql, &params![area.shop, &area.environment], &ids)?;
    let event = |row: &Row| {
        let event =
            EventRow { kind: text(row, 1)?, charge: text(row, 2)?, data: text(row, 3)?, created_us: row.int(4)? };
        Ok((text(row, 0)?, event))
    };
    rows.iter().map(event).collect()
}

/// A row of `audit`.
pub struct AuditRow {
    pub actor: String,
    pub origin: String,
    pub action: String,
    pub object: String,
    pub fields: String,
}

/// The audit rows of attempts, by the attempt's id.
pub fn audit_of(
    tx: &mut Tx<'_>,
    area: &Area,
    attempts: &[AttemptRow],
) -> Result<HashMap<String, AuditRow>, StoreError> {
    let sql = "SELECT audit_id, actor, origin, action, object, fields FROM audit WHERE shop_id = $1 AND audit_id";
    let rows = by_keys(tx, sql, &params![area.shop], &ids(attempts))?;
    let audit = |row: &Row| {
        let (actor, origin, action) = (text(row, 1)?, text(row, 2)?, text(row, 3)?);
        let audit = AuditRow { actor, origin, action, object: text(row, 4)?, fields: text(row, 5)? };
        Ok((text(row, 0)?, audit))
    };
    rows.iter().map(audit).collect()
}

/// A row of `ledger_entry`.
pub struct LineRow {
    pub line: i64,
    pub lines: i64,
    pub kind: String,
    pub reference: String,
    pub debit: String,
    pub credit: String,
    pub amount: i64,
    pub posted_us: i64,
}

/// The ledger lines of attempts, by the attempt's id, in the order of their numbers.
pub fn lines_of(
    tx: &mut Tx<'_>,
    area: &Area,
    attempts: &[AttemptRow],
) -> Result<HashMap<String, Vec<LineRow>>, StoreError> {
    let sql = "SELECT entry_id, line, lines, kind, reference, debit, credit, amount, posted_us FROM ledger_entry
               WHERE shop_id = $1 AND book = $2 AND entry_id";
    let rows = by_keys(tx, sql, &params![area.shop, &area.environment], &ids(attempts))?;
    let mut entries: HashMap<String, BTreeMap<i64, LineRow>> = HashMap::new();
    for row in &rows {
        let line = LineRow {
            line: row.int(1)?,
            lines: row.int(2)?,
            kind: text(row, 3)?,
            reference: text(row, 4)?,
            debit: text(row, 5)?,
            credit: text(row, 6)?,
            amount: row.int(7)?,
            posted_us: row.int(8)?,
        };
        entries.entry(text(row, 0)?).or_default().insert(line.line, line);
    }
    Ok(entries.into_iter().map(|(entry, lines)| (entry, lines.into_values().collect())).collect())
}

/// A row of `outbox` that releases what a change left over.
pub struct ReleaseRow {
    pub topic: String,
    pub world: String,
    pub lane: String,
    pub body: String,
    pub state: String,
    pub attempts: i64,
    pub last_error: Option<String>,
    pub created_us: i64,
}

/// The id of a release of an attempt.
pub fn release_id(attempt: &str, index: usize) -> String {
    format!("{attempt}-r{index}")
}

/// The releases of changes, by their ids.
pub fn releases_of(
    tx: &mut Tx<'_>,
    area: &Area,
    attempts: &[AttemptRow],
) -> Result<BTreeMap<String, ReleaseRow>, StoreError> {
    let changes = attempts.iter().filter(|attempt| attempt.verb == "change");
    let ids: Vec<String> = changes.flat_map(|change| [0, 1].map(|index| release_id(&change.id, index))).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let sql = "SELECT outbox_id, topic, world, lane, body, state, attempts, last_error, created_us FROM outbox
               WHERE shop_id = $1 AND outbox_id";
    let rows = by_keys(tx, sql, &params![area.shop], &ids)?;
    let release = |row: &Row| {
        let release = ReleaseRow {
            topic: text(row, 1)?,
            world: text(row, 2)?,
            lane: text(row, 3)?,
            body: text(row, 4)?,
            state: text(row, 5)?,
            attempts: row.int(6)?,
            last_error: opt_text(row, 7)?,
            created_us: row.int(8)?,
        };
        Ok((text(row, 0)?, release))
    };
    rows.iter().map(release).collect()
}

/// When the windows of charges end by their timers, by the charge's id: charges after `after`, up to and with `last`.
pub fn timers_between(
    tx: &mut Tx<'_>,
    area: &Area,
    after: &str,
    last: Option<&str>,
) -> Result<HashMap<String, i64>, StoreError> {
    let sql = "SELECT subject, due_us FROM timer WHERE shop_id = $1 AND world = $2 AND kind = $3 AND subject > $4";
    let mut params = params![area.shop, &area.environment, WINDOW_TIMER, after].to_vec();
    params.extend(last.map(Value::from));
    let until = if last.is_some() { " AND subject <= $5" } else { "" };
    let rows = tx.query(&format!("{sql}{until}"), &params)?;
    rows.iter().map(|row| Ok((text(row, 0)?, row.int(1)?))).collect()
}

/// What was kept of one day.
#[derive(Default)]
pub struct Kept {
    /// Its slots.
    pub slots: Vec<i64>,
    /// How many are authorized, captured and cancelled, over all slots.
    pub counts: [i64; 3],
}

/// The kept counts of an area, by day.
pub fn kept_counts(tx: &mut Tx<'_>, area: &Area) -> Result<BTreeMap<i64, Kept>, StoreError> {
    let sql = "SELECT day, slot, authorized, captured, cancelled FROM charge_count
               WHERE shop_id = $1 AND environment = $2 ORDER BY day, slot";
    let mut kept: BTreeMap<i64, Kept> = BTreeMap::new();
    for row in tx.query(sql, &params![area.shop, &area.environment])? {
        let day = kept.entry(row.int(0)?).or_default();
        day.slots.push(row.int(1)?);
        for (index, count) in day.counts.iter_mut().enumerate() {
            *count += row.int(2 + index)?;
        }
    }
    Ok(kept)
}

/// How far the test clock of a shop is ahead, in microseconds; none if it was never turned.
pub fn clock_offset(tx: &mut Tx<'_>, shop: i64) -> Result<Option<i64>, StoreError> {
    let row = tx.query_opt("SELECT offset_us FROM test_clock WHERE shop_id = $1", &params![shop])?;
    row.map(|row| row.int(0)).transpose()
}

/// The service id of a shop in a space, and the serial of its next order number.
pub fn service(tx: &mut Tx<'_>, shop: i64, space: &str) -> Result<Option<(String, i64)>, StoreError> {
    let sql = "SELECT service_id, next_serial FROM service WHERE shop_id = $1 AND space = $2";
    let row = tx.query_opt(sql, &params![shop, space])?;
    row.map(|row| Ok((text(&row, 0)?, row.int(1)?))).transpose()
}

fn ids(attempts: &[AttemptRow]) -> Vec<&str> {
    attempts.iter().map(|attempt| attempt.id.as_str()).collect()
}

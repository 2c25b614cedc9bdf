//! Rows that nothing leads to: each statement goes through a whole table and gives back only what is wrong with it.

use shop::news_mail::TOPIC as NEWS_TOPIC;
use shop::staff::mail::TOPIC as STAFF_TOPIC;
use store::{Row, StoreError, Tx, params};

use super::super::area::Area;
use super::super::report::FINDINGS_MAX;
use super::{opt_text, text};
use crate::attempt::finish::{RELEASE_TOPIC, WINDOW_TIMER};
use crate::erase::timer as erase;
use crate::mail::MAIL_TOPIC;
use crate::mail::erase::{ERASE_SUBJECT, ERASE_TIMER};
use crate::webhook::endpoint::TOPIC_PREFIX;

/// Kinds, topics and entries of the marketplace begin so: it recounts them itself.
const MALL: &str = "mall%";

/// A row that refers to what is not there, or is not as it would have to be.
pub struct Orphan {
    pub area: Area,
    /// The rest of its key.
    pub key: String,
    /// The id of the attempt (or charge) that it refers to.
    pub refers_to: String,
    /// What is there under that id: a state. None if nothing is.
    pub there: Option<String>,
}

fn orphans(tx: &mut Tx<'_>, sql: &str) -> Result<Vec<Orphan>, StoreError> {
    // Sorted, so that the planner plans for all rows: for the first few of many it takes a way that is slow for none.
    let sql = format!("{sql} ORDER BY 4, 3 LIMIT $1");
    let rows = tx.query(&sql, &params![FINDINGS_MAX as i64 + 1])?;
    rows.iter().map(orphan).collect()
}

fn orphan(row: &Row) -> Result<Orphan, StoreError> {
    Ok(Orphan {
        area: Area { shop: row.int(0)?, environment: text(row, 1)? },
        key: text(row, 2)?,
        refers_to: text(row, 3)?,
        there: opt_text(row, 4)?,
    })
}

/// Events of attempts that did not succeed.
pub fn events(tx: &mut Tx<'_>) -> Result<Vec<Orphan>, StoreError> {
    orphans(
        tx,
        "SELECT e.shop_id, e.environment, e.event_id, substr(e.event_id, 5), a.state FROM event e
         LEFT JOIN attempt a
             ON a.shop_id = e.shop_id AND a.environment = e.environment AND a.attempt_id = substr(e.event_id, 5)
         WHERE a.attempt_id IS NULL OR a.state <> 'succeeded' OR e.event_id <> 'evt_' || a.attempt_id",
    )
}

/// Ledger lines of attempts that did not succeed.
pub fn lines(tx: &mut Tx<'_>) -> Result<Vec<Orphan>, StoreError> {
    orphans(
        tx,
        &format!(
            "SELECT l.shop_id, l.book, l.entry_id || '/' || CAST(l.line AS TEXT), l.entry_id, a.state FROM ledger_entry l
             LEFT JOIN attempt a ON a.shop_id = l.shop_id AND a.environment = l.book AND a.attempt_id = l.entry_id
             WHERE (a.attempt_id IS NULL OR a.state <> 'succeeded') AND l.kind NOT LIKE '{MALL}'"
        ),
    )
}

/// Audit rows of attempts that have not ended.
pub fn audit_rows(tx: &mut Tx<'_>) -> Result<Vec<Orphan>, StoreError> {
    orphans(
        tx,
        "SELECT l.shop_id, l.object, l.audit_id, l.audit_id, a.state FROM audit l
         LEFT JOIN attempt a ON a.shop_id = l.shop_id AND a.environment IN ('live', 'sandbox', 'test')
             AND a.attempt_id = l.audit_id
         WHERE l.action LIKE 'charge.%' AND (a.attempt_id IS NULL OR a.state = 'running')",
    )
}

/// Timers of a kind that nobody handles, and timers of charges that are not there.
pub fn timers(tx: &mut Tx<'_>) -> Result<Vec<Orphan>, StoreError> {
    orphans(
        tx,
        &format!(
            "SELECT t.shop_id, t.world, t.kind || '/' || t.subject, t.subject, c.state FROM timer t
             LEFT JOIN charge c ON c.shop_id = t.shop_id AND c.environment = t.world AND c.charge_id = t.subject
             WHERE (t.kind <> '{WINDOW_TIMER}' OR c.charge_id IS NULL)
                 AND (t.kind <> '{ERASE_TIMER}' OR t.subject <> '{ERASE_SUBJECT}')
                 AND (t.kind <> '{}' OR t.subject <> '{}') AND t.kind NOT LIKE '{MALL}'",
            erase::ERASE_TIMER,
            erase::ERASE_SUBJECT
        ),
    )
}

/// Releases that no change left over.
pub fn releases(tx: &mut Tx<'_>) -> Result<Vec<Orphan>, StoreError> {
    orphans(
        tx,
        &format!(
            "SELECT o.shop_id, o.world, o.outbox_id, substr(o.outbox_id, 1, 32), a.state FROM outbox o
             LEFT JOIN attempt a ON a.shop_id = o.shop_id AND a.environment = o.world
                 AND a.attempt_id = substr(o.outbox_id, 1, 32) AND a.verb = 'change'
             WHERE o.topic = '{RELEASE_TOPIC}' AND (a.attempt_id IS NULL OR a.state <> 'succeeded'
                 OR o.outbox_id NOT IN (a.attempt_id || '-r0', a.attempt_id || '-r1'))"
        ),
    )
}

/// Messages of a topic that nobody sends.
pub fn unknown_topics(tx: &mut Tx<'_>) -> Result<Vec<Orphan>, StoreError> {
    orphans(
        tx,
        &format!(
            "SELECT o.shop_id, o.world, o.outbox_id, o.topic, NULL FROM outbox o
             WHERE o.topic NOT IN ('{RELEASE_TOPIC}', '{MAIL_TOPIC}', '{STAFF_TOPIC}', '{NEWS_TOPIC}')
                 AND o.topic NOT LIKE '{TOPIC_PREFIX}%' AND o.topic NOT LIKE '{MALL}'"
        ),
    )
}

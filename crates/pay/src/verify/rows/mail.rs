//! Mails, their messages and their notifications: each statement goes through a table and gives back only what is wrong.

use kernel::Timestamp;
use store::{Row, StoreError, Tx, params};

use super::super::report::FINDINGS_MAX;
use super::{opt_text, text};
use crate::mail::MAIL_TOPIC;
use crate::mail::erase::{ERASE_SUBJECT, ERASE_TIMER};
use crate::prune::rows::is_recent;
use crate::rules;
use crate::verify::timer::CLOCKS_APART;

/// A row that is not as it would have to be.
pub struct Wrong {
    /// Its name.
    pub row: String,
    /// The row that it disagrees with.
    pub other: Option<String>,
    /// What is wrong.
    pub problem: String,
}

const DAY_MICROS: i64 = 86_400_000_000;

/// Everything that is wrong with mails.
pub fn all_wrong(tx: &mut Tx<'_>) -> Result<Vec<Wrong>, StoreError> {
    wrong(tx, statements(tx.machine_now()))
}

/// What statements find that give back the names of two rows, the second one or NULL.
pub(super) fn wrong(tx: &mut Tx<'_>, statements: Vec<(String, &'static str)>) -> Result<Vec<Wrong>, StoreError> {
    let mut found = Vec::new();
    for (sql, problem) in statements {
        let rows = tx.query(&format!("{sql} ORDER BY 1 LIMIT $1"), &params![FINDINGS_MAX as i64 + 1])?;
        let wrong = |row: &Row| Ok(Wrong { row: text(row, 0)?, other: opt_text(row, 1)?, problem: problem.to_owned() });
        found.extend(rows.iter().map(wrong).collect::<Result<Vec<_>, StoreError>>()?);
    }
    Ok(found)
}

/// How a statement names a row.
pub(super) fn name(table: &str, alias: &str, environment: &str, key: &str) -> String {
    format!("'{table} ' || CAST({alias}.shop_id AS TEXT) || '/' || {environment}{key}")
}

fn of_message() -> String {
    name("outbox", "o", "", "o.outbox_id")
}

fn of_mail() -> String {
    name("mail", "m", "m.environment", " || '/' || m.mail_id")
}

fn of_notification() -> String {
    name("notification", "n", "n.environment", " || '/' || n.notification_id")
}

/// Whether a message made at `created` must still be there at `now`: those that were sent are removed after a time.
fn must_be_there(alias: &str, environment: &str, created: &str, now: Timestamp) -> String {
    is_recent(alias, environment, created, &now.micros().to_string(), CLOCKS_APART)
}

fn statements(now: Timestamp) -> Vec<(String, &'static str)> {
    vec![
        (untold(), "nothing that mails tell of left this behind"),
        (half_told(now), "the other reader of the same change has no mail"),
        (unsent(now), "its message is missing"),
        (misplaced(), "its charge is missing, or was ordered at a time when this mail could not be asked for"),
        (unaudited(), "nobody is noted to have asked for it"),
        (miscounted(), "the numbers of the mails of its charge have a gap, or there are too many"),
        (unmatched(now), "mail and message disagree"),
        (unwritten(), "its message has left, but the mail is missing"),
        (half_erased(), "it is erased in part only, or has no reader"),
        (unerased("mail"), "nothing will erase it in time"),
        (unerased("notification"), "nothing will erase it in time"),
    ]
}

/// Messages without a change or a notification that they could tell of, in that lane and with those words.
fn untold() -> String {
    let kind = "CASE a.verb WHEN 'capture' THEN 'captured' WHEN 'cancel' THEN 'cancelled' WHEN 'expire' THEN 'expired'
                    WHEN 'change' THEN 'changed' END";
    let rest = "CASE a.verb WHEN 'change' THEN '\",\"total_before\":%}' ELSE '\"}' END";
    let of_attempt = |suffix: &str, reader: &str, verbs: &str| {
        format!(
            "(o.outbox_id = a.attempt_id || '{suffix}' AND a.verb IN ({verbs}) AND o.lane = a.charge_id || '/{reader}'
              AND o.created_us = a.begun_us
              AND o.body LIKE '{{\"kind\":\"' || {kind} || '\",\"to\":\"{reader}' || {rest})"
        )
    };
    let buyer = of_attempt("-mb", "buyer", "'cancel', 'expire', 'change'");
    let shop = of_attempt("-ms", "shop", "'capture', 'cancel', 'expire', 'change'");
    format!(
        "SELECT {}, CASE WHEN o.body LIKE '%notification%' THEN {} ELSE {} END FROM outbox o
         LEFT JOIN attempt a ON a.shop_id = o.shop_id AND a.environment = o.world
             AND a.attempt_id = substr(o.outbox_id, 1, 32) AND a.state = 'succeeded'
         LEFT JOIN notification n ON n.shop_id = o.shop_id AND n.environment = o.world
             AND n.notification_id = 'ntfn_' || substr(o.outbox_id, 1, 32)
         WHERE o.topic = '{MAIL_TOPIC}' AND NOT COALESCE({buyer} OR {shop}, 1 = 0)
             AND NOT COALESCE(n.notification_id = 'ntfn_' || replace(o.outbox_id, '-mb', '')
                 AND o.lane = n.charge_id || '/buyer' AND o.created_us = n.created_us
                 AND o.body = '{{\"kind\":\"notification\",\"to\":\"buyer\"}}', 1 = 0)",
        of_message(),
        name("notification", "o", "o.world", " || '/ntfn_' || substr(o.outbox_id, 1, 32)"),
        name("attempt", "o", "o.world", " || '/' || substr(o.outbox_id, 1, 32)")
    )
}

/// Cancels and changes of amount that only one of the two readers hears of.
fn half_told(now: Timestamp) -> String {
    format!(
        "SELECT {}, NULL FROM outbox o JOIN attempt a ON a.shop_id = o.shop_id AND a.environment = o.world
             AND a.attempt_id = substr(o.outbox_id, 1, 32) AND a.verb IN ('cancel', 'expire', 'change')
         LEFT JOIN outbox p ON p.shop_id = o.shop_id AND p.topic = o.topic AND p.outbox_id = a.attempt_id ||
             CASE substr(o.outbox_id, 33) WHEN '-mb' THEN '-ms' ELSE '-mb' END
         WHERE o.topic = '{MAIL_TOPIC}' AND p.outbox_id IS NULL AND {}",
        name("outbox", "o", "", "a.attempt_id || CASE substr(o.outbox_id, 33) WHEN '-mb' THEN '-ms' ELSE '-mb' END"),
        must_be_there("a", "environment", "begun_us", now)
    )
}

fn unsent(now: Timestamp) -> String {
    format!(
        "SELECT {}, {} FROM notification n LEFT JOIN outbox o ON o.shop_id = n.shop_id AND o.world = n.environment
             AND o.outbox_id = substr(n.notification_id, 6) || '-mb' AND o.topic = '{MAIL_TOPIC}'
         WHERE o.outbox_id IS NULL AND {}",
        of_notification(),
        name("outbox", "n", "", "substr(n.notification_id, 6) || '-mb'"),
        must_be_there("n", "environment", "created_us", now)
    )
}

fn misplaced() -> String {
    let window = rules::NOTIFICATION_WINDOW_DAYS * DAY_MICROS;
    format!(
        "SELECT {}, NULL FROM notification n LEFT JOIN charge c ON c.shop_id = n.shop_id
             AND c.environment = n.environment AND c.charge_id = n.charge_id
         WHERE c.charge_id IS NULL OR n.created_us < c.ordered_us OR n.created_us > c.ordered_us + {window}",
        of_notification()
    )
}

fn unaudited() -> String {
    format!(
        "SELECT {}, {} FROM notification n LEFT JOIN audit l ON l.shop_id = n.shop_id
             AND l.audit_id = substr(n.notification_id, 6) AND l.action = 'notification.mail'
             AND l.object = n.environment || '/' || n.charge_id
         WHERE l.audit_id IS NULL",
        of_notification(),
        name("audit", "n", "", "substr(n.notification_id, 6)")
    )
}

fn miscounted() -> String {
    format!(
        "SELECT {}, NULL FROM notification n
         WHERE n.number > {} OR (n.number > 1 AND NOT EXISTS (SELECT 1 FROM notification p
             WHERE p.shop_id = n.shop_id AND p.environment = n.environment AND p.charge_id = n.charge_id
                 AND p.number = n.number - 1))",
        of_notification(),
        rules::NOTIFICATIONS_MAX
    )
}

/// Mails whose message is not there, or says or has come to something else.
fn unmatched(now: Timestamp) -> String {
    format!(
        "SELECT {}, {} FROM mail m LEFT JOIN outbox o ON o.shop_id = m.shop_id AND o.world = m.environment
             AND o.outbox_id = m.mail_id AND o.topic = '{MAIL_TOPIC}'
         WHERE (o.outbox_id IS NULL AND {}) OR (o.outbox_id IS NULL AND m.state NOT IN ('kept', 'sent', 'nobody'))
             OR o.lane <> m.charge_id || '/' || m.recipient OR o.created_us <> m.created_us
             OR o.body NOT LIKE '{{\"kind\":\"' || m.kind || '\",\"to\":\"' || m.recipient || '\"%'
             OR (o.state = 'sent') <> (m.state IN ('kept', 'sent', 'nobody'))
             OR (o.state = 'failed' AND m.state NOT IN ('refused', 'given_up'))",
        of_mail(),
        name("outbox", "m", "", "m.mail_id"),
        must_be_there("m", "environment", "created_us", now)
    )
}

fn unwritten() -> String {
    format!(
        "SELECT {}, {} FROM outbox o LEFT JOIN mail m ON m.shop_id = o.shop_id AND m.environment = o.world
             AND m.mail_id = o.outbox_id
         WHERE o.topic = '{MAIL_TOPIC}' AND o.state = 'sent' AND m.mail_id IS NULL",
        name("mail", "o", "o.world", " || '/' || o.outbox_id"),
        of_message()
    )
}

fn half_erased() -> String {
    let mails = format!(
        "SELECT {}, NULL FROM mail m
         WHERE (m.subject IS NULL AND (m.body IS NOT NULL OR m.to_address IS NOT NULL OR m.reply_to IS NOT NULL
                 OR m.sender_name IS NOT NULL OR m.error IS NOT NULL))
             OR (m.subject IS NOT NULL AND (m.body IS NULL OR m.sender_name IS NULL
                 OR (m.state = 'nobody') <> (m.to_address IS NULL)))",
        of_mail()
    );
    format!(
        "{mails} UNION ALL SELECT {}, NULL FROM notification n WHERE (n.subject IS NULL) <> (n.body IS NULL)",
        of_notification()
    )
}

/// Rows that still say something when their timer is missing or comes too late.
fn unerased(table: &str) -> String {
    let readable = rules::NOTIFICATION_READABLE_DAYS * DAY_MICROS + 1;
    let key = if table == "mail" { "mail_id" } else { "notification_id" };
    format!(
        "SELECT {}, {} FROM {table} x LEFT JOIN timer t ON t.shop_id = x.shop_id AND t.world = x.environment
             AND t.kind = '{ERASE_TIMER}' AND t.subject = '{ERASE_SUBJECT}'
         WHERE x.subject IS NOT NULL AND (t.due_us IS NULL OR t.due_us > x.created_us + {readable})",
        name(table, "x", "x.environment", &format!(" || '/' || x.{key}")),
        name("timer", "x", "x.environment", &format!(" || '/{ERASE_TIMER}/{ERASE_SUBJECT}'"))
    )
}

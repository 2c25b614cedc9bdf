//! What is known of one order in the rows of attempts, mails, deliveries and the audit log: each by its key, the newest
//! first and at most so many.

use kernel::{Environment, ShopId};
use store::{Row, StoreError, Tx, Value, params};

use super::operations::unnamed;
use super::{Delivery, EACH_MAX, Entry, MailMade, SentAgain, What};

/// Which order.
pub(super) struct Of<'a> {
    pub shop: ShopId,
    pub environment: Environment,
    pub charge: &'a str,
}

impl Of<'_> {
    fn values(&self) -> Vec<Value> {
        params![self.shop, self.environment, self.charge, EACH_MAX].to_vec()
    }
}

/// An attempt with its audit row.
pub(super) struct Attempted {
    pub id: String,
    pub verb: String,
    pub outcome: String,
    pub refusal: Option<String>,
    pub actor: String,
    pub world_us: i64,
    pub at_us: i64,
    pub fields: Option<String>,
}

/// The attempts to make or change the charge, in the order in which they happened: by the version that they change, and those
/// that were refused before the one that changed it.
pub(super) fn attempts(tx: &mut Tx<'_>, of: &Of<'_>) -> Result<Vec<Attempted>, StoreError> {
    let sql = "SELECT a.attempt_id, a.verb, a.state, a.refusal, a.actor, a.begun_us, l.at_us, l.fields
               FROM attempt a LEFT JOIN audit l ON l.shop_id = a.shop_id AND l.audit_id = a.attempt_id
               WHERE a.shop_id = $1 AND a.environment = $2 AND a.charge_id = $3
               ORDER BY a.version DESC, CASE a.state WHEN 'refused' THEN 0 ELSE 1 END DESC, a.begun_us DESC, a.attempt_id DESC
               LIMIT $4";
    let attempted = |row: &Row| {
        let id = row.text(0)?.to_owned();
        Ok(Attempted {
            verb: row.text(1)?.to_owned(),
            outcome: row.text(2)?.to_owned(),
            refusal: row.opt_text(3)?.map(str::to_owned),
            actor: row.text(4)?.to_owned(),
            world_us: row.int(5)?,
            at_us: row.opt_int(6)?.unwrap_or_else(|| made_us(&id)),
            fields: row.opt_text(7)?.map(str::to_owned),
            id,
        })
    };
    oldest_first(tx.query(sql, &of.values())?.iter().map(attempted).collect())
}

/// The mails that tell of changes by themselves.
pub(super) fn automatic_mails(tx: &mut Tx<'_>, of: &Of<'_>) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT m.mail_id, m.kind, m.recipient, m.state, m.created_us, l.at_us
               FROM attempt a
               JOIN mail m ON m.shop_id = a.shop_id AND m.environment = a.environment
                   AND m.mail_id IN (a.attempt_id || '-mb', a.attempt_id || '-ms')
               LEFT JOIN audit l ON l.shop_id = a.shop_id AND l.audit_id = a.attempt_id
               WHERE a.shop_id = $1 AND a.environment = $2 AND a.charge_id = $3 ORDER BY m.mail_id DESC LIMIT $4";
    let mail = |row: &Row| {
        let id = row.text(0)?.to_owned();
        Ok(Entry {
            at_us: row.opt_int(5)?.unwrap_or_else(|| made_us(&id)),
            world_us: Some(row.int(4)?),
            actor: None,
            what: What::Mail(MailMade {
                mail: id,
                kind: row.text(1)?.to_owned(),
                recipient: row.text(2)?.to_owned(),
                outcome: row.text(3)?.to_owned(),
            }),
        })
    };
    oldest_first(tx.query(sql, &of.values())?.iter().map(mail).collect())
}

/// お知らせメール, whether they are written out already or not.
pub(super) fn notifications(tx: &mut Tx<'_>, of: &Of<'_>) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT n.notification_id, COALESCE(m.state, 'waiting'), n.created_us, l.at_us, l.actor
               FROM notification n
               LEFT JOIN mail m ON m.shop_id = n.shop_id AND m.environment = n.environment
                   AND m.mail_id = substr(n.notification_id, 6) || '-mb'
               LEFT JOIN audit l ON l.shop_id = n.shop_id AND l.audit_id = substr(n.notification_id, 6)
               WHERE n.shop_id = $1 AND n.environment = $2 AND n.charge_id = $3 ORDER BY n.number DESC LIMIT $4";
    let mail = |row: &Row| {
        let id = row.text(0)?.to_owned();
        Ok(Entry {
            at_us: row.opt_int(3)?.unwrap_or_else(|| made_us(id.trim_start_matches("ntfn_"))),
            world_us: Some(row.int(2)?),
            actor: row.opt_text(4)?.map(|actor| unnamed(actor.to_owned())),
            what: What::Mail(MailMade {
                mail: id,
                kind: "notification".to_owned(),
                recipient: "buyer".to_owned(),
                outcome: row.text(1)?.to_owned(),
            }),
        })
    };
    oldest_first(tx.query(sql, &of.values())?.iter().map(mail).collect())
}

/// Every try to tell the shop's server of the changes.
pub(super) fn deliveries(tx: &mut Tx<'_>, of: &Of<'_>) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT w.attempt_id, w.event_id, w.type, w.endpoint_id, w.number, w.outcome, w.status, w.took_us,
                   w.started_us
               FROM attempt a
               JOIN webhook_attempt w ON w.shop_id = a.shop_id AND w.environment = a.environment
                   AND w.event_id = 'evt_' || a.attempt_id
               WHERE a.shop_id = $1 AND a.environment = $2 AND a.charge_id = $3 ORDER BY w.attempt_id DESC LIMIT $4";
    let delivery = |row: &Row| {
        Ok(Entry {
            at_us: row.int(8)?,
            world_us: None,
            actor: None,
            what: What::Delivery(Delivery {
                attempt: row.text(0)?.to_owned(),
                event: row.text(1)?.to_owned(),
                event_type: row.text(2)?.to_owned(),
                endpoint: row.text(3)?.to_owned(),
                number: row.opt_int(4)?,
                outcome: row.text(5)?.to_owned(),
                status: row.opt_int(6)?,
                took_us: row.int(7)?,
            }),
        })
    };
    oldest_first(tx.query(sql, &of.values())?.iter().map(delivery).collect())
}

/// Who had an event or a mail of the order sent again. The condition on the action is that of the index.
pub(super) fn sent_again(tx: &mut Tx<'_>, of: &Of<'_>) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT l.action, l.object, l.fields, l.actor, l.at_us, l.audit_id FROM (
                   SELECT a.shop_id, a.environment || '/evt_' || a.attempt_id AS object FROM attempt a
                   WHERE a.shop_id = $1 AND a.environment = $2 AND a.charge_id = $3
                   UNION ALL SELECT c.shop_id, c.environment || '/' || c.charge_id FROM charge c
                   WHERE c.shop_id = $1 AND c.environment = $2 AND c.charge_id = $3
               ) AS own
               JOIN audit l ON l.shop_id = own.shop_id AND l.object = own.object
               WHERE l.action IN ('webhook.resend', 'mail.resend') ORDER BY l.audit_id DESC LIMIT $4";
    let again = |row: &Row| {
        let action = row.text(0)?.to_owned();
        let mail = serde_json::from_str::<serde_json::Value>(row.text(2)?).ok();
        let mail = mail.and_then(|fields| fields["notification"].as_str().map(str::to_owned));
        let object = row.text(1)?;
        let of = mail.unwrap_or_else(|| object.split_once('/').map_or(object, |(_, id)| id).to_owned());
        let actor = Some(unnamed(row.text(3)?.to_owned()));
        Ok(Entry { at_us: row.int(4)?, world_us: None, actor, what: What::SentAgain(SentAgain { action, of }) })
    };
    oldest_first(tx.query(sql, &of.values())?.iter().map(again).collect())
}

fn oldest_first<T>(newest_first: Result<Vec<T>, StoreError>) -> Result<Vec<T>, StoreError> {
    let mut rows = newest_first?;
    rows.reverse();
    Ok(rows)
}

/// When something was made whose id begins with the millisecond: machine time, microseconds since 1970 UTC.
fn made_us(id: &str) -> i64 {
    id.get(..12).and_then(|digits| i64::from_str_radix(digits, 16).ok()).unwrap_or(0).saturating_mul(1_000)
}

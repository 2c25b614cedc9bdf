//! The rows of mails and their settings.

use std::collections::HashMap;

use kernel::{Environment, ShopId, Timestamp};
use outbound::mail::Address;
use store::outbox::Message;
use store::{ErrorKind, Row, Statement, StoreError, Tx, Value, params};

use super::render::ShopFacts;
use super::settings::MailSettings;
use super::{Order, Outcome};
use crate::event;

/// The settings of a shop; the default ones if it never made any.
pub fn settings(tx: &mut Tx<'_>, shop: ShopId) -> Result<MailSettings, StoreError> {
    let sql = "SELECT automatic, contact_address, sender_name, opening FROM mail_setting WHERE shop_id = $1";
    let row = tx.query_opt(sql, &params![shop])?;
    row.as_ref().map(read_settings).transpose().map(Option::unwrap_or_default)
}

fn read_settings(row: &Row) -> Result<MailSettings, StoreError> {
    let contact = row.opt_text(1)?.map(str::parse::<Address>).transpose();
    Ok(MailSettings {
        automatic: row.int(0)? == 1,
        contact_address: contact.map_err(|error| StoreError::new(ErrorKind::Corrupt, error.to_string()))?,
        sender_name: row.opt_text(2)?.map(str::to_owned),
        opening: row.opt_text(3)?.map(str::to_owned),
    })
}

/// Replaces the settings of a shop.
pub fn save_settings(shop: ShopId, settings: &MailSettings) -> Statement<'static> {
    let MailSettings { automatic, contact_address, sender_name, opening } = settings;
    Statement::new(
        "INSERT INTO mail_setting (shop_id, automatic, contact_address, sender_name, opening)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (shop_id) DO UPDATE SET automatic = excluded.automatic,
             contact_address = excluded.contact_address, sender_name = excluded.sender_name,
             opening = excluded.opening",
        params![
            shop,
            *automatic,
            contact_address.as_ref().map(ToString::to_string),
            sender_name.clone(),
            opening.clone()
        ],
    )
}

/// The name of a shop, and how its mails look.
pub fn shop_facts(tx: &mut Tx<'_>, shop: ShopId) -> Result<ShopFacts, StoreError> {
    let settings = settings(tx, shop)?;
    let row = tx.query_opt("SELECT name FROM shop WHERE shop_id = $1", &params![shop])?;
    let name = row.map(|row| row.text(0).map(str::to_owned)).transpose()?.unwrap_or_default();
    Ok(ShopFacts { name, settings })
}

/// Rows looked up by one statement. Always as many, so that there is one text for the statement.
const TOGETHER: usize = 16;

/// Runs a query whose text ends where a list is to follow, for all of `names`.
fn for_each_list(
    tx: &mut Tx<'_>,
    sql: &str,
    (shop, environment): (ShopId, Environment),
    names: &[String],
) -> Result<Vec<Row>, StoreError> {
    let places: Vec<String> = (3..3 + TOGETHER).map(|place| format!("${place}")).collect();
    let sql = format!("{sql} IN ({})", places.join(", "));
    let mut rows = Vec::with_capacity(names.len());
    for together in names.chunks(TOGETHER) {
        let mut values = params![shop, environment].to_vec();
        values.extend((0..TOGETHER).map(|index| Value::from(together.get(index).map_or("", String::as_str))));
        rows.extend(tx.query(&sql, &values)?);
    }
    Ok(rows)
}

/// The charge after a change as its event tells it, and who bought, both as JSON, by attempt; the buyer is none once erased.
pub fn events_and_buyers(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    attempts: &[&str],
) -> Result<HashMap<String, (String, Option<String>)>, StoreError> {
    let sql = "SELECT e.event_id, e.data, c.buyer FROM event e
               LEFT JOIN charge c ON c.shop_id = e.shop_id AND c.environment = e.environment AND c.charge_id = e.charge_id
               WHERE e.shop_id = $1 AND e.environment = $2 AND e.event_id";
    let by_event: HashMap<String, &str> =
        attempts.iter().map(|attempt| (event::rows::id_of(attempt), *attempt)).collect();
    let events: Vec<String> = by_event.keys().cloned().collect();
    let mut found = HashMap::with_capacity(events.len());
    for row in for_each_list(tx, sql, (shop, environment), &events)? {
        if let Some(attempt) = by_event.get(row.text(0)?) {
            found.insert((*attempt).to_owned(), (row.text(1)?.to_owned(), row.opt_text(2)?.map(str::to_owned)));
        }
    }
    Ok(found)
}

/// Who bought, as JSON; none once erased.
pub fn buyer(tx: &mut Tx<'_>, shop: ShopId, world: Environment, charge: &str) -> Result<Option<String>, StoreError> {
    let sql = "SELECT buyer FROM charge WHERE shop_id = $1 AND environment = $2 AND charge_id = $3";
    let row = tx.query_opt(sql, &params![shop, world, charge])?;
    Ok(row.map(|row| row.opt_text(0).map(|text| text.map(str::to_owned))).transpose()?.flatten())
}

/// A mail that was written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Who it is from, for who reads it.
    pub sender_name: String,
    /// Where answers go.
    pub reply_to: Option<Address>,
    /// Where it goes; none if there is no address.
    pub to: Option<Address>,
    /// 件名.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// Keeps a mail as it was written.
pub fn insert(message: &Message, order: &Order, charge: &str, letter: &Letter, outcome: Outcome) -> Statement<'static> {
    Statement::new(
        "INSERT INTO mail (shop_id, environment, mail_id, charge_id, kind, recipient, state, sender_name, reply_to,
             to_address, subject, body, error, created_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, NULL, $13)",
        params![
            message.shop,
            message.world,
            &message.id,
            charge,
            order.kind.as_str(),
            order.to.as_str(),
            outcome.as_str(),
            &letter.sender_name,
            letter.reply_to.as_ref().map(ToString::to_string),
            letter.to.as_ref().map(ToString::to_string),
            &letter.subject,
            &letter.body,
            message.created
        ],
    )
}

/// A mail as it was written by an earlier try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// It says this.
    Written(Letter),
    /// Its time is over, and what it said is erased.
    Erased,
}

/// What earlier tries left, by message.
pub fn earlier(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    messages: &[&str],
) -> Result<HashMap<String, Earlier>, StoreError> {
    let sql = "SELECT mail_id, sender_name, reply_to, to_address, subject, body FROM mail
               WHERE shop_id = $1 AND environment = $2 AND mail_id";
    let messages: Vec<String> = messages.iter().map(|id| (*id).to_owned()).collect();
    let rows = for_each_list(tx, sql, (shop, environment), &messages)?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), earlier_of(row)?))).collect()
}

fn earlier_of(row: &Row) -> Result<Earlier, StoreError> {
    let Some(subject) = row.opt_text(4)? else { return Ok(Earlier::Erased) };
    // An address was one when it was written here.
    let address = |column| Ok::<_, StoreError>(row.opt_text(column)?.and_then(|text| text.parse().ok()));
    Ok(Earlier::Written(Letter {
        sender_name: row.opt_text(1)?.unwrap_or_default().to_owned(),
        reply_to: address(2)?,
        to: address(3)?,
        subject: subject.to_owned(),
        body: row.opt_text(5)?.unwrap_or_default().to_owned(),
    }))
}

/// Notes what became of a mail.
pub fn note(message: &Message, outcome: Outcome, error: Option<&str>) -> Statement<'static> {
    Statement::new(
        "UPDATE mail SET state = $4, error = CASE WHEN subject IS NULL THEN NULL ELSE CAST($5 AS TEXT) END
         WHERE shop_id = $1 AND environment = $2 AND mail_id = $3",
        params![message.shop, message.world, &message.id, outcome.as_str(), error.map(str::to_owned)],
    )
}

/// Notes that a mail waits again for its next try.
pub fn wait_again(tx: &mut Tx<'_>, shop: ShopId, world: Environment, id: &str) -> Result<(), StoreError> {
    let sql =
        "UPDATE mail SET state = 'waiting', error = NULL WHERE shop_id = $1 AND environment = $2 AND mail_id = $3";
    tx.execute(sql, &params![shop, world, id])?;
    Ok(())
}

/// Erases what is personal in mails and notifications made before `until`.
pub fn erase(tx: &mut Tx<'_>, shop: ShopId, environment: Environment, until: Timestamp) -> Result<(), StoreError> {
    let mails = "UPDATE mail SET sender_name = NULL, reply_to = NULL, to_address = NULL, subject = NULL, body = NULL,
                     error = NULL
                 WHERE shop_id = $1 AND environment = $2 AND created_us < $3 AND subject IS NOT NULL";
    let notifications = "UPDATE notification SET subject = NULL, body = NULL
                         WHERE shop_id = $1 AND environment = $2 AND created_us < $3 AND subject IS NOT NULL";
    for sql in [mails, notifications] {
        tx.execute(sql, &params![shop, environment, until])?;
    }
    Ok(())
}

/// Erases what is personal in the mails and notifications of one charge: with its buyer's data.
pub fn erase_of_charge(shop: ShopId, environment: Environment, charge: &str) -> [Statement<'static>; 2] {
    let mails = "UPDATE mail SET sender_name = NULL, reply_to = NULL, to_address = NULL, subject = NULL, body = NULL,
                     error = NULL
                 WHERE shop_id = $1 AND environment = $2 AND charge_id = $3";
    let notifications = "UPDATE notification SET subject = NULL, body = NULL
                         WHERE shop_id = $1 AND environment = $2 AND charge_id = $3";
    [mails, notifications].map(|sql| Statement::new(sql, params![shop, environment, charge]))
}

/// When the oldest mail or notification was made that still says something.
pub fn oldest(tx: &mut Tx<'_>, shop: ShopId, environment: Environment) -> Result<Option<Timestamp>, StoreError> {
    let mut oldest: Option<i64> = None;
    for table in ["mail", "notification"] {
        let sql = format!(
            "SELECT min(created_us) FROM {table} WHERE shop_id = $1 AND environment = $2 AND subject IS NOT NULL"
        );
        let found = tx.query_one(&sql, &params![shop, environment])?.opt_int(0)?;
        oldest = [oldest, found].into_iter().flatten().min();
    }
    Ok(oldest.map(Timestamp::from_micros))
}

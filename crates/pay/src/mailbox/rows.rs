//! The rows of mails, to be read.

use kernel::{Environment, ShopId, Timestamp};
use store::{Row, StoreError, Tx, Value, params};

use super::{Mail, Search};

const COLUMNS: &str =
    "mail_id, charge_id, kind, recipient, state, to_address, sender_name, subject, body, error, created_us";

/// Mails since `since`, newest first, older than `after`.
pub fn newest(
    tx: &mut Tx<'_>,
    (shop, environment): (ShopId, Environment),
    search: &Search,
    since: Timestamp,
    after: Option<(i64, &str)>,
    limit: i64,
) -> Result<Vec<Mail>, StoreError> {
    let mut params = params![shop, environment, since].to_vec();
    let mut push = |value: Value| {
        params.push(value);
        params.len()
    };
    let mut conditions = String::new();
    if let Some((created, id)) = after {
        let (created, id) = (push(created.into()), push(id.into()));
        conditions.push_str(&format!(" AND (created_us, mail_id) < (${created}, ${id})"));
    }
    if search.undelivered {
        conditions.push_str(" AND state IN ('refused', 'given_up')");
    }
    if let Some(charge) = &search.charge {
        conditions.push_str(&format!(" AND charge_id = ${}", push(without_zero(charge).into())));
    }
    if !search.text.is_empty() {
        let pattern = push(pattern(&search.text).into());
        let column = |column: &str| format!("lower({column}) LIKE ${pattern} ESCAPE '!'");
        let any = ["to_address", "subject", "body", "charge_id"].map(column).join(" OR ");
        conditions.push_str(&format!(" AND ({any})"));
    }
    let limit = push(limit.into());
    let sql = format!(
        "SELECT {COLUMNS} FROM mail WHERE shop_id = $1 AND environment = $2 AND created_us >= $3 AND subject IS NOT NULL
         {conditions} ORDER BY created_us DESC, mail_id DESC LIMIT ${limit}"
    );
    tx.query(&sql, &params)?.iter().map(mail).collect()
}

/// One mail, if it is not older than `since`.
pub fn find(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    id: &str,
    since: Timestamp,
) -> Result<Option<Mail>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM mail WHERE shop_id = $1 AND environment = $2 AND mail_id = $3 AND created_us >= $4
             AND subject IS NOT NULL"
    );
    tx.query_opt(&sql, &params![shop, environment, without_zero(id), since])?.as_ref().map(mail).transpose()
}

/// A pattern for `LIKE` that finds `text` anywhere.
fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in without_zero(text).chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character.to_ascii_lowercase());
    }
    pattern + "%"
}

/// PostgreSQL has no text with a zero in it, so nothing that is stored has one.
fn without_zero(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

fn mail(row: &Row) -> Result<Mail, StoreError> {
    Ok(Mail {
        id: row.text(0)?.to_owned(),
        charge: row.text(1)?.to_owned(),
        kind: row.parsed(2)?,
        recipient: row.parsed(3)?,
        outcome: row.parsed(4)?,
        to: row.opt_text(5)?.map(str::to_owned),
        sender_name: row.opt_text(6)?.unwrap_or_default().to_owned(),
        subject: row.opt_text(7)?.unwrap_or_default().to_owned(),
        body: row.opt_text(8)?.unwrap_or_default().to_owned(),
        error: row.opt_text(9)?.map(str::to_owned),
        created: row.timestamp(10)?,
    })
}

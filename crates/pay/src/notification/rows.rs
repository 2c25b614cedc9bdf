//! The rows of notifications.

use kernel::{Environment, ShopId, Timestamp};
use store::{Row, Statement, StoreError, Tx, Value, params};

use super::Notification;
use crate::mail::Outcome;

/// Inserts a notification, the `number`th of its charge.
pub fn insert(
    (shop, environment): (ShopId, Environment),
    notification: &Notification,
    key: Option<&str>,
    number: i64,
) -> Statement<'static> {
    let Notification { id, charge, subject, body, created } = notification;
    Statement::new(
        "INSERT INTO notification (shop_id, environment, notification_id, charge_id, number, subject, body, created_us,
             request_key)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![shop, environment, id, charge, number, subject, body, *created, key.map(str::to_owned)],
    )
}

/// How many mails a charge has had.
pub fn sent(tx: &mut Tx<'_>, shop: ShopId, environment: Environment, charge: &str) -> Result<i64, StoreError> {
    let sql = "SELECT COALESCE(max(number), 0) FROM notification
               WHERE shop_id = $1 AND environment = $2 AND charge_id = $3";
    tx.query_one(sql, &params![shop, environment, charge])?.int(0)
}

const COLUMNS: &str = "notification_id, charge_id, subject, body, created_us";

/// A notification that still says something.
pub fn find(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    id: &str,
) -> Result<Option<Notification>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM notification WHERE shop_id = $1 AND environment = $2 AND notification_id = $3
             AND subject IS NOT NULL"
    );
    tx.query_opt(&sql, &params![shop, environment, id])?.as_ref().map(read).transpose()
}

/// Which notifications are wanted. A text that no row can have matches nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those of this charge.
    pub charge: Option<String>,
    /// The one with this id.
    pub id: Option<String>,
}

/// Notifications made at `since` or later, newest first, and how many there are without `limit` and `offset`.
pub fn page(
    tx: &mut Tx<'_>,
    (shop, environment): (ShopId, Environment),
    filter: &Filter,
    since: Timestamp,
    (limit, offset): (i64, i64),
) -> Result<(Vec<Notification>, i64), StoreError> {
    let mut params: Vec<Value> = params![shop, environment, since].to_vec();
    let mut conditions = String::from("shop_id = $1 AND environment = $2 AND created_us >= $3 AND subject IS NOT NULL");
    for (column, value) in [("charge_id", &filter.charge), ("notification_id", &filter.id)] {
        if let Some(value) = value {
            params.push(value.into());
            conditions.push_str(&format!(" AND {column} = ${}", params.len()));
        }
    }
    let total = tx.query_one(&format!("SELECT count(*) FROM notification WHERE {conditions}"), &params)?.int(0)?;
    // Of one charge, the numbers tell apart what was made at the same instant.
    let order = if filter.charge.is_some() { "number DESC" } else { "created_us DESC, notification_id DESC" };
    params.extend(params![limit, offset]);
    let sql = format!(
        "SELECT {COLUMNS} FROM notification WHERE {conditions} ORDER BY {order} LIMIT ${} OFFSET ${}",
        params.len() - 1,
        params.len()
    );
    let page = tx.query(&sql, &params)?.iter().map(read).collect::<Result<_, _>>()?;
    Ok((page, total))
}

/// A notification with what became of its mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Which mail of its charge, from 1.
    pub number: i64,
    /// What was asked for.
    pub notification: Notification,
    /// The whole text as it left; none until it is written out.
    pub text: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// What the mail server said last.
    pub error: Option<String>,
}

/// The notifications of a charge made at `since` or later that still say something, newest first, with their mails.
pub fn told(
    tx: &mut Tx<'_>,
    (shop, environment): (ShopId, Environment),
    charge: &str,
    since: Timestamp,
) -> Result<Vec<Told>, StoreError> {
    let sql = "SELECT n.notification_id, n.charge_id, n.subject, n.body, n.created_us, n.number, m.body, m.error,
                   COALESCE(m.state, 'waiting')
               FROM notification n
               LEFT JOIN mail m ON m.shop_id = n.shop_id AND m.environment = n.environment
                   AND m.mail_id = substr(n.notification_id, 6) || '-mb'
               WHERE n.shop_id = $1 AND n.environment = $2 AND n.charge_id = $3 AND n.created_us >= $4
                   AND n.subject IS NOT NULL
               ORDER BY n.number DESC";
    let told = |row: &Row| {
        Ok(Told {
            number: row.int(5)?,
            notification: read(row)?,
            text: row.opt_text(6)?.map(str::to_owned),
            outcome: row.parsed(8)?,
            error: row.opt_text(7)?.map(str::to_owned),
        })
    };
    tx.query(sql, &params![shop, environment, charge, since])?.iter().map(told).collect()
}

fn read(row: &Row) -> Result<Notification, StoreError> {
    Ok(Notification {
        id: row.text(0)?.to_owned(),
        charge: row.text(1)?.to_owned(),
        subject: row.text(2)?.to_owned(),
        body: row.text(3)?.to_owned(),
        created: row.timestamp(4)?,
    })
}

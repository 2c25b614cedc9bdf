//! What tests read that no operation of ours reads that way.

use kernel::{Environment, ShopId};
use store::{StoreError, Tx, Value, params};

/// Charge, type and data of every event of a shop, those of a charge in the order of its attempts; an event without an
/// attempt comes first.
pub fn events(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
) -> Result<Vec<(String, String, String)>, StoreError> {
    let sql = "SELECT e.charge_id, e.type, e.data FROM event e
               LEFT JOIN attempt a ON a.shop_id = e.shop_id AND a.environment = e.environment
                   AND 'evt_' || a.attempt_id = e.event_id
               WHERE e.shop_id = $1 AND e.environment = $2
               ORDER BY e.charge_id, COALESCE(a.version, -1), e.event_id";
    let rows = tx.query(sql, &params![shop, environment])?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned(), row.text(2)?.to_owned()))).collect()
}

/// Every charge of a shop with its hold of points.
pub fn holds(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
) -> Result<Vec<(String, Option<String>)>, StoreError> {
    let sql = "SELECT charge_id, hold_id FROM charge WHERE shop_id = $1 AND environment = $2";
    let rows = tx.query(sql, &params![shop, environment])?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.opt_text(1)?.map(str::to_owned)))).collect()
}

/// How many audit rows speak of a charge.
pub fn audit_rows(tx: &mut Tx<'_>, shop: ShopId, environment: Environment, charge: &str) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM audit WHERE shop_id = $1 AND object = $2";
    tx.query_one(sql, &params![shop, format!("{environment}/{charge}")])?.int(0)
}

/// When the window of a charge is watched to end, if it is.
pub fn window_timer(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    charge: &str,
) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT due_us FROM timer WHERE shop_id = $1 AND world = $2 AND kind = 'charge.window' AND subject = $3";
    let row = tx.query_opt(sql, &params![shop, environment, charge])?;
    row.map(|row| row.int(0)).transpose()
}

/// Subjects of the notifications of a shop's sandbox as they are stored, oldest first; none where they are erased.
pub fn notification_texts(tx: &mut Tx<'_>, shop: ShopId) -> Result<Vec<Option<String>>, StoreError> {
    let sql = "SELECT COALESCE(subject, body) FROM notification WHERE shop_id = $1 AND environment = 'sandbox'
               ORDER BY created_us, number";
    let rows = tx.query(sql, &params![shop])?;
    rows.iter().map(|row| Ok(row.opt_text(0)?.map(str::to_owned))).collect()
}

/// Forgets messages that were given up.
pub(crate) fn forget_failed(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM outbox WHERE state = 'failed'", &[])
}

/// Ids of a shop's messages that have not left and were not given up.
pub fn waiting_messages(tx: &mut Tx<'_>, shop: ShopId) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT outbox_id FROM outbox WHERE shop_id = $1 AND state IN ('waiting', 'queued') ORDER BY outbox_id";
    tx.query(sql, &params![shop])?.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
}

/// Ends a mail as if it had been taken: for what a test leaves to a person.
pub fn put_aside(tx: &mut Tx<'_>, shop: ShopId, message: &str) -> Result<(), StoreError> {
    let message_taken = "UPDATE outbox SET state = 'sent' WHERE shop_id = $1 AND outbox_id = $2";
    let mail_taken = "UPDATE mail SET state = 'sent' WHERE shop_id = $1 AND mail_id = $2";
    let news_taken = "UPDATE news_mail SET state = 'sent' WHERE shop_id = $1 AND mail_id = $2";
    for sql in [message_taken, mail_taken, news_taken] {
        tx.execute(sql, &params![shop, message])?;
    }
    Ok(())
}

/// Everything that tables hold, as text: bytes in hexadecimal digits.
pub(crate) fn everything_in(tx: &mut Tx<'_>, tables: &[String]) -> Result<String, StoreError> {
    let mut text = String::new();
    for table in tables {
        for row in tx.query(&format!("SELECT * FROM {table}"), &[])? {
            text.push_str(table);
            for value in &row.0 {
                match value {
                    Value::Null => text.push('|'),
                    Value::Int(number) => text.push_str(&format!("|{number}")),
                    Value::Text(value) => text.push_str(&format!("|{value}")),
                    Value::Blob(bytes) => text.push_str(&format!("|{}", kernel::id::hex(bytes))),
                }
            }
            text.push('\n');
        }
    }
    Ok(text)
}

/// Makes a shop's mail settings what nobody ever set.
pub(crate) fn forget_mail_settings(tx: &mut Tx<'_>, shop: ShopId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM mail_setting WHERE shop_id = $1", &params![shop]).map(|_| ())
}

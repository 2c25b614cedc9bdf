//! Which rows are old, table by table.

use store::{Row, StoreError, Tx, Value, params};

use super::{SENT_KEPT_MICROS, SESSION_KEPT_MICROS};
use crate::attempt::finish::RELEASE_TOPIC;

/// Rows of a page.
const PAGE: i64 = 500;

/// A table that rows are removed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    /// Visits to the checkout.
    Sessions,
    /// The log of webhooks.
    Tries,
    /// The outbox.
    Messages,
}

/// The key of a row: shop, and the texts after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key(i64, Vec<String>);

impl Key {
    /// Before every key.
    pub fn first() -> Key {
        Key(i64::MIN, Vec::new())
    }

    /// The key's values for `columns` columns.
    fn values(&self, columns: usize) -> Vec<Value> {
        let texts = self.1.iter().map(String::as_str).chain(std::iter::repeat(""));
        std::iter::once(Value::Int(self.0)).chain(texts.map(Value::from)).take(columns).collect()
    }
}

/// A page of rows.
pub(crate) struct Page {
    /// The key of its last row; none if there are no more rows.
    pub last: Option<Key>,
    /// Whether some of it goes.
    pub has_old: bool,
}

impl Table {
    /// All of them.
    pub const ALL: [Table; 3] = [Table::Sessions, Table::Tries, Table::Messages];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Table::Sessions => "checkout_session",
            Table::Tries => "webhook_attempt",
            Table::Messages => "outbox",
        }
    }

    /// The columns of its primary key.
    fn key(self) -> &'static [&'static str] {
        match self {
            Table::Sessions => &["shop_id", "environment", "session_id"],
            Table::Tries => &["shop_id", "environment", "attempt_id"],
            Table::Messages => &["shop_id", "outbox_id"],
        }
    }

    /// What is true of a row that goes; `$1` is now (machine time).
    fn old(self) -> String {
        let name = self.name();
        match self {
            Table::Sessions => format!(
                "{name}.expires_us < $1 - {SESSION_KEPT_MICROS} AND ({name}.state <> 'paying' OR EXISTS
                     (SELECT 1 FROM attempt a WHERE a.shop_id = {name}.shop_id AND a.environment = {name}.environment
                          AND a.attempt_id = {name}.attempt_id AND a.state <> 'running'))"
            ),
            Table::Tries => format!("{name}.started_us < $1 - {SENT_KEPT_MICROS} AND {name}.type <> 'ping'"),
            Table::Messages => format!(
                "{name}.state = 'sent' AND {name}.topic <> '{RELEASE_TOPIC}' AND NOT ({})",
                is_recent(name, "world", "created_us", "$1", 0)
            ),
        }
    }

    /// `(a, b)` of its key, and placeholders for one from `$first`.
    fn tuple(self, first: usize) -> (String, String) {
        let columns: Vec<String> = self.key().iter().map(|column| format!("{}.{column}", self.name())).collect();
        let places: Vec<String> = (0..columns.len()).map(|index| format!("${}", first + index)).collect();
        (columns.join(", "), places.join(", "))
    }
}

/// Whether a message made at `created` (world time) is kept, told at `now` (machine time, as it stands in the statement);
/// `slack` microseconds less are enough.
pub(crate) fn is_recent(alias: &str, environment: &str, created: &str, now: &str, slack: i64) -> String {
    let kept = SENT_KEPT_MICROS - slack;
    format!(
        "{alias}.{created} >= CAST({now} AS BIGINT) - {kept} + COALESCE((SELECT k.offset_us FROM test_clock k
             WHERE k.shop_id = {alias}.shop_id AND {alias}.{environment} = 'sandbox'), 0)"
    )
}

/// The rows after a key.
pub(super) fn page(tx: &mut Tx<'_>, table: Table, after: &Key) -> Result<Page, StoreError> {
    let columns = table.key().len();
    let (tuple, places) = table.tuple(3);
    let (old, name) = (table.old(), table.name());
    let sql = format!(
        "SELECT CASE WHEN {old} THEN 1 ELSE 0 END, {tuple} FROM {name} WHERE ({tuple}) > ({places})
         ORDER BY {tuple} LIMIT $2"
    );
    let mut values = params![tx.machine_now(), PAGE].to_vec();
    values.extend(after.values(columns));
    let rows = tx.query(&sql, &values)?;
    let mut has_old = false;
    for row in &rows {
        has_old |= row.int(0)? == 1;
    }
    Ok(Page { last: rows.last().map(|row| key(row, columns)).transpose()?, has_old })
}

fn key(row: &Row, columns: usize) -> Result<Key, StoreError> {
    let texts = (2..=columns).map(|column| Ok(row.text(column)?.to_owned()));
    Ok(Key(row.int(1)?, texts.collect::<Result<_, StoreError>>()?))
}

/// Removes what is old after a key, up to and with another one; how many rows.
pub(super) fn remove(tx: &mut Tx<'_>, table: Table, after: &Key, until: &Key) -> Result<u64, StoreError> {
    let columns = table.key().len();
    let (tuple, from) = table.tuple(2);
    let (_, to) = table.tuple(2 + columns);
    let sql =
        format!("DELETE FROM {} WHERE ({tuple}) > ({from}) AND ({tuple}) <= ({to}) AND {}", table.name(), table.old());
    let mut values = params![tx.machine_now()].to_vec();
    values.extend(after.values(columns));
    values.extend(until.values(columns));
    tx.execute(&sql, &values)
}

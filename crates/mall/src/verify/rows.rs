//! The rows that a recount of the marketplace reads.

use std::collections::HashMap;

use kernel::{ShopId, Timestamp};
use store::{Row, StoreError, Tx, Value, params};

use super::FINDINGS_MAX;
use crate::market::ask::TOPIC;
use crate::market::{WORLD, rows as market};
use crate::order::{Order, OrderNumber};
use crate::progress::TimerKind;

/// Orders in memory at once.
const PAGE: i64 = 200;
/// The tables of the marketplace.
pub const TABLES: [&str; 5] = ["mall_shop", "mall_order", "mall_order_words", "mall_notice", "mall_payout"];

/// How many rows a table has.
pub fn count(tx: &mut Tx<'_>, table: &str) -> Result<u64, StoreError> {
    Ok(tx.query_one(&format!("SELECT count(*) FROM {table}"), &[])?.int(0)?.unsigned_abs())
}

/// An order as it is kept.
pub struct Kept {
    /// Its number.
    pub number: String,
    /// Its columns, in the order of [`market::COLUMNS`].
    pub columns: Vec<Value>,
    /// Its words, in the order of [`market::WORDS`]; none if the row is missing.
    pub words: Option<Vec<Value>>,
}

/// The next orders of a shop after a number.
pub fn orders_after(tx: &mut Tx<'_>, shop: ShopId, after: &str) -> Result<Vec<Kept>, StoreError> {
    let named =
        |alias: &str, names: &[&str]| names.iter().map(|name| format!("{alias}.{name}")).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT o.number, w.number, {}, {} FROM mall_order o
         LEFT JOIN mall_order_words w ON w.shop_id = o.shop_id AND w.number = o.number
         WHERE o.shop_id = $1 AND o.number > $2 ORDER BY o.number LIMIT $3",
        named("o", &market::COLUMNS),
        named("w", &market::WORDS)
    );
    let kept = |row: &Row| {
        let (columns, words) = row.0[2..].split_at(market::COLUMNS.len());
        let has_words = row.opt_text(1)?.is_some();
        Ok(Kept {
            number: row.text(0)?.to_owned(),
            columns: columns.to_vec(),
            words: has_words.then(|| words.to_vec()),
        })
    };
    tx.query(&sql, &params![shop, after, PAGE])?.iter().map(kept).collect()
}

/// A ledger line of an order.
pub struct LedgerLine {
    /// The entry's kind.
    pub kind: String,
    /// The account that is debited.
    pub debit: String,
    /// The account that is credited.
    pub credit: String,
    /// In yen.
    pub amount: i64,
    /// World time.
    pub posted: Timestamp,
}

/// What stands beside the orders of a page, by their numbers.
#[derive(Default)]
pub struct Beside {
    /// Kinds of the timers that run.
    pub timers: HashMap<String, Vec<String>>,
    /// Serials of requests that were not answered yet, or that were given up.
    pub asks: HashMap<String, Vec<u32>>,
    /// Lines of the ledger.
    pub lines: HashMap<String, Vec<LedgerLine>>,
}

/// What stands beside the orders from `first` to `last`.
pub fn beside(tx: &mut Tx<'_>, shop: ShopId, first: &str, last: &str) -> Result<Beside, StoreError> {
    let mut beside = Beside::default();
    for kind in TimerKind::ALL {
        let sql = "SELECT subject FROM timer WHERE shop_id = $1 AND world = $2 AND kind = $3
                   AND subject >= $4 AND subject <= $5";
        for row in tx.query(sql, &params![shop, WORLD, kind.as_str(), first, last])? {
            beside.timers.entry(row.text(0)?.to_owned()).or_default().push(kind.as_str().to_owned());
        }
    }
    let sql = "SELECT lane, outbox_id FROM outbox WHERE shop_id = $1 AND outbox_id >= $2 AND outbox_id <= $3
               AND topic = $4 AND state <> 'sent'";
    // A tilde sorts after everything that follows a number.
    let ids = (format!("mall-{first}"), format!("mall-{last}-~"));
    for row in tx.query(sql, &params![shop, &ids.0, &ids.1, TOPIC])? {
        let serial = row.text(1)?.rsplit('-').next().and_then(|serial| serial.parse::<u32>().ok());
        let serials = beside.asks.entry(row.text(0)?.to_owned()).or_default();
        serials.extend(serial);
    }
    let sql = "SELECT reference, kind, debit, credit, amount, posted_us FROM ledger_entry
               WHERE shop_id = $1 AND book = $2 AND entry_id >= $3 AND entry_id <= $4";
    for row in tx.query(sql, &params![shop, WORLD, &ids.0, &ids.1])? {
        let line = LedgerLine {
            kind: row.text(1)?.to_owned(),
            debit: row.text(2)?.to_owned(),
            credit: row.text(3)?.to_owned(),
            amount: row.int(4)?,
            posted: row.timestamp(5)?,
        };
        beside.lines.entry(row.text(0)?.to_owned()).or_default().push(line);
    }
    Ok(beside)
}

/// Day, yen and orders of the payouts of a shop.
pub fn payouts(tx: &mut Tx<'_>, shop: ShopId) -> Result<Vec<(String, i64, i64)>, StoreError> {
    let sql = "SELECT day, yen, orders FROM mall_payout WHERE shop_id = $1 ORDER BY day";
    let rows = tx.query(sql, &params![shop])?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.int(1)?, row.int(2)?))).collect()
}

/// Rows that lead to no order, and what is wrong with them.
pub fn orphans(tx: &mut Tx<'_>) -> Result<Vec<(String, &'static str)>, StoreError> {
    let kinds = TimerKind::ALL.map(|kind| format!("'{}'", kind.as_str())).join(", ");
    let timers = format!(
        "SELECT 'timer ' || CAST(t.shop_id AS TEXT) || '/' || t.world || '/' || t.kind || '/' || t.subject FROM timer t
         LEFT JOIN mall_order o ON o.shop_id = t.shop_id AND o.number = t.subject
         WHERE t.kind IN ({kinds}) AND (o.number IS NULL OR t.world <> 'sandbox') LIMIT $1"
    );
    let searches: [(&str, &'static str); 6] = [
        (&timers, "its order is missing"),
        (
            "SELECT 'ledger_entry ' || CAST(l.shop_id AS TEXT) || '/' || l.book || '/' || l.entry_id FROM ledger_entry l
             LEFT JOIN mall_order o ON o.shop_id = l.shop_id AND o.number = l.reference
             WHERE l.kind LIKE 'mall%' AND l.kind <> 'mall.rcard' AND (o.number IS NULL OR l.book <> 'sandbox'
                 OR l.entry_id NOT LIKE 'mall-' || o.number || '-%') LIMIT $1",
            "no order of the mall left this behind",
        ),
        (
            "SELECT 'outbox ' || CAST(m.shop_id AS TEXT) || '/' || m.outbox_id FROM outbox m
             LEFT JOIN mall_order o ON o.shop_id = m.shop_id AND (o.number = m.lane OR 'buyer/' || o.number = m.lane)
             WHERE m.topic LIKE 'mall.%' AND m.topic <> 'mall.rcard' AND m.state <> 'sent' AND o.number IS NULL LIMIT $1",
            "its order is missing",
        ),
        (
            "SELECT 'mall_order_words ' || CAST(w.shop_id AS TEXT) || '/' || w.number FROM mall_order_words w
             LEFT JOIN mall_order o ON o.shop_id = w.shop_id AND o.number = w.number
             WHERE o.number IS NULL LIMIT $1",
            "its order is missing",
        ),
        (
            "SELECT 'mall_notice ' || CAST(n.shop_id AS TEXT) || '/' || n.number FROM mall_notice n
             LEFT JOIN mall_order o ON o.shop_id = n.shop_id AND o.number = n.number
             WHERE o.number IS NULL OR n.version > o.version LIMIT $1",
            "no change of an order told this",
        ),
        (
            "SELECT 'mall_order ' || CAST(o.shop_id AS TEXT) || '/' || o.number FROM mall_order o
             LEFT JOIN mall_shop s ON s.shop_id = o.shop_id WHERE s.shop_id IS NULL LIMIT $1",
            "its shop is none of the mall's",
        ),
    ];
    let mut found = Vec::new();
    for (sql, problem) in searches {
        for row in tx.query(sql, &params![FINDINGS_MAX as i64])? {
            found.push((row.text(0)?.to_owned(), problem));
        }
    }
    Ok(found)
}

/// An order, and whether a request of it is under way or was given up.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The order.
    pub order: Order,
    /// Whether what it asked for is not known yet.
    pub is_asking: bool,
}

/// How these orders stand; those that there are.
pub fn standings(
    tx: &mut Tx<'_>,
    shop: ShopId,
    numbers: &[OrderNumber],
) -> Result<HashMap<OrderNumber, Standing>, StoreError> {
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable();
    numbers.dedup();
    let mut standings = HashMap::new();
    let sql = "SELECT count(*) FROM outbox WHERE shop_id = $1 AND outbox_id >= $2 AND outbox_id <= $3
               AND topic = $4 AND state <> 'sent'";
    for order in market::find_many(tx, shop, &numbers)? {
        let (first, last) = (format!("mall-{}-", order.number), format!("mall-{}-~", order.number));
        let is_asking = tx.query_one(sql, &params![shop, first, last, TOPIC])?.int(0)? > 0;
        standings.insert(order.number, Standing { order, is_asking });
    }
    Ok(standings)
}

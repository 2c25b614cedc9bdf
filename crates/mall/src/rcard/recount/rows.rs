//! The rows that the recount reads.

use std::collections::HashSet;

use kernel::ShopId;
use ledger::Account;
use store::{StoreError, Tx, params};

use super::super::asking::ENTRY_KIND;
use super::super::orders::Order;
use super::super::rows;
use super::super::work::TOPIC;
use crate::order::OrderNumber;
use crate::verify::FINDINGS_MAX;

/// Rows in memory at once.
pub const PAGE: u32 = 200;
/// The tables of the older card API.
pub const TABLES: [&str; 4] = ["rcard_access", "rcard_order", "rcard_request", "rcard_result"];

/// An order, and what the ledger says that it claimed, in yen.
pub struct Counted {
    pub order: Order,
    pub posted: i64,
}

/// The next orders of a shop after a number.
pub fn orders_after(tx: &mut Tx<'_>, shop: ShopId, after: &str) -> Result<Vec<Counted>, StoreError> {
    let orders = rows::orders_after(tx, shop, after, PAGE as usize)?;
    let Some(last) = orders.last().map(|order| order.number.to_string()) else { return Ok(Vec::new()) };
    let sql =
        "SELECT reference, CAST(sum(CASE WHEN debit = $5 THEN amount ELSE -amount END) AS BIGINT) FROM ledger_entry
               WHERE shop_id = $1 AND kind = $2 AND reference > $3 AND reference <= $4 GROUP BY reference";
    let receivable = Account::AcquirerReceivable.as_str();
    let mut posted = std::collections::HashMap::new();
    for row in tx.query(sql, &params![shop, ENTRY_KIND, after, last, receivable])? {
        posted.insert(row.text(0)?.to_owned(), row.int(1)?);
    }
    let counted = |order: Order| Counted { posted: posted.remove(&order.number.to_string()).unwrap_or(0), order };
    Ok(orders.into_iter().map(counted).collect())
}

/// Those of these numbers that are card orders of the old model.
pub fn are_ours(tx: &mut Tx<'_>, shop: ShopId, numbers: &[OrderNumber]) -> Result<HashSet<OrderNumber>, StoreError> {
    let mut ours = HashSet::new();
    for number in numbers {
        if rows::order(tx, shop, *number)?.is_some() {
            ours.insert(*number);
        }
    }
    Ok(ours)
}

/// An order, and whether something about it is under way or was given up.
pub fn standing(tx: &mut Tx<'_>, shop: ShopId, number: OrderNumber) -> Result<Option<(Order, bool)>, StoreError> {
    let Some(order) = rows::order(tx, shop, number)? else { return Ok(None) };
    let sql = "SELECT count(*) FROM outbox WHERE shop_id = $1 AND topic = $2 AND lane = $3 AND state <> 'sent'";
    let waiting = tx.query_one(sql, &params![shop, TOPIC, number.to_string()])?.int(0)?;
    Ok(Some((order, waiting > 0)))
}

/// Requests that do not count what they hold, results without the message that makes them, and what leads to no order.
pub fn disagreements(tx: &mut Tx<'_>) -> Result<Vec<(String, &'static str)>, StoreError> {
    let searches = [
        (
            "SELECT 'rcard_request ' || CAST(q.shop_id AS TEXT) || '/' || CAST(q.request_id AS TEXT) FROM rcard_request q
             WHERE q.count <> (SELECT count(*) FROM rcard_result r
                 WHERE r.shop_id = q.shop_id AND r.request_id = q.request_id)
             OR q.done <> (SELECT count(r.registered_us) FROM rcard_result r
                 WHERE r.shop_id = q.shop_id AND r.request_id = q.request_id) LIMIT $1",
            "it does not count its results",
        ),
        (
            "SELECT 'rcard_result ' || CAST(r.shop_id AS TEXT) || '/' || CAST(r.request_id AS TEXT) || '/'
                 || CAST(r.position AS TEXT) FROM rcard_result r
             LEFT JOIN rcard_request q ON q.shop_id = r.shop_id AND q.request_id = r.request_id
             WHERE q.request_id IS NULL LIMIT $1",
            "its request is missing",
        ),
        (
            "SELECT 'rcard_result ' || CAST(r.shop_id AS TEXT) || '/' || CAST(r.request_id AS TEXT) || '/'
                 || CAST(r.position AS TEXT) FROM rcard_result r
             LEFT JOIN outbox o ON o.shop_id = r.shop_id AND o.outbox_id = r.message_id
             WHERE r.registered_us IS NULL AND (o.outbox_id IS NULL OR o.state = 'sent') LIMIT $1",
            "it has no result, and nobody is at it",
        ),
        (
            "SELECT 'outbox ' || CAST(o.shop_id AS TEXT) || '/' || o.outbox_id FROM outbox o
             LEFT JOIN rcard_result r ON r.shop_id = o.shop_id AND r.message_id = o.outbox_id
             WHERE o.topic = 'mall.rcard' AND o.state <> 'sent' AND (r.message_id IS NULL OR r.registered_us IS NOT NULL)
             LIMIT $1",
            "no order of a request waits for it",
        ),
        (
            "SELECT 'ledger_entry ' || CAST(l.shop_id AS TEXT) || '/' || l.book || '/' || l.entry_id FROM ledger_entry l
             LEFT JOIN rcard_result r ON r.shop_id = l.shop_id AND r.message_id = l.entry_id
             WHERE l.kind = 'mall.rcard' AND (r.message_id IS NULL OR r.order_number <> l.reference
                 OR r.error_code IS NULL OR r.error_code <> 'RCCS_N00-000' OR l.book <> 'sandbox') LIMIT $1",
            "no request left this behind",
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

//! The rows of orders: the order itself with the columns of searches, its words, its notices, its payout.

use kernel::{ShopId, Timestamp};
use store::{ErrorKind, Row, Statement, StoreError, Tx, Value, params};

use super::super::ask::TOPIC;
use super::super::columns;
use super::super::script::Script;
use crate::order::{Day, Order, OrderNumber};
use crate::progress::Notice;

/// Orders that one statement reads: one of these sizes, so that there are few texts. The smallest that fits is filled up
/// by naming an order again.
const LISTED: [usize; 4] = [1, 8, 32, 100];

/// An order that is held until the commit.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The order.
    pub order: Order,
    /// Grows with every change.
    pub version: i64,
    /// What others will answer.
    pub script: Script,
}

/// The order of this number.
pub fn find(tx: &mut Tx<'_>, shop: ShopId, number: OrderNumber) -> Result<Option<Order>, StoreError> {
    let sql = "SELECT doc FROM mall_order WHERE shop_id = $1 AND number = $2";
    tx.query_opt(sql, &params![shop, number.to_string()])?.map(|row| document(&row, 0)).transpose()
}

/// Whether a shop has any order.
pub fn has_orders(tx: &mut Tx<'_>, shop: ShopId) -> Result<bool, StoreError> {
    Ok(tx.query_opt("SELECT 1 FROM mall_order WHERE shop_id = $1 LIMIT 1", &params![shop])?.is_some())
}

/// Those of these orders that there are, in the order in which they were asked for.
pub fn find_many(tx: &mut Tx<'_>, shop: ShopId, numbers: &[OrderNumber]) -> Result<Vec<Order>, StoreError> {
    let mut found = Vec::with_capacity(numbers.len());
    for together in numbers.chunks(LISTED[LISTED.len() - 1]) {
        let (places, values) = named(shop, together);
        let sql = format!("SELECT doc FROM mall_order WHERE shop_id = $1 AND number IN ({places})");
        let mut page = tx.query(&sql, &values)?.iter().map(|row| document(row, 0)).collect::<Result<Vec<_>, _>>()?;
        for number in together {
            if let Some(at) = page.iter().position(|order| order.number == *number) {
                found.push(page.swap_remove(at));
            }
        }
    }
    Ok(found)
}

/// Places of so many numbers after the shop's, and their values.
fn named(shop: ShopId, numbers: &[OrderNumber]) -> (String, Vec<Value>) {
    let size = LISTED.into_iter().find(|size| numbers.len() <= *size).unwrap_or(numbers.len());
    let places: Vec<String> = (0..size).map(|place| format!("${}", place + 2)).collect();
    let named = (0..size).map(|place| Value::from(numbers[place.min(numbers.len() - 1)].to_string()));
    (places.join(", "), std::iter::once(Value::from(shop)).chain(named).collect())
}

/// Those of these orders that there are, held until the commit. Whoever holds several takes them in the order of their
/// numbers.
pub fn load_many_for_update(tx: &mut Tx<'_>, shop: ShopId, numbers: &[OrderNumber]) -> Result<Vec<Loaded>, StoreError> {
    let mut found = Vec::with_capacity(numbers.len());
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    for together in sorted.chunks(LISTED[LISTED.len() - 1]) {
        let (places, values) = named(shop, together);
        let sql = format!(
            "SELECT doc, version, script FROM mall_order WHERE shop_id = $1 AND number IN ({places}) ORDER BY number{}",
            tx.for_update()
        );
        for row in &tx.query(&sql, &values)? {
            found.push(loaded(row)?);
        }
    }
    Ok(found)
}

/// The order of this number, held until the commit.
pub fn load_for_update(tx: &mut Tx<'_>, shop: ShopId, number: OrderNumber) -> Result<Option<Loaded>, StoreError> {
    let lock = tx.for_update();
    let sql = format!("SELECT doc, version, script FROM mall_order WHERE shop_id = $1 AND number = $2{lock}");
    tx.query_opt(&sql, &params![shop, number.to_string()])?.as_ref().map(loaded).transpose()
}

fn loaded(row: &Row) -> Result<Loaded, StoreError> {
    let order = document(row, 0)?;
    let script = row.opt_text(2)?.map(serde_json::from_str).transpose();
    let script = script.map_err(|error| corrupt(&format!("the script of {}: {error}", order.number)))?;
    Ok(Loaded { order, version: row.int(1)?, script: script.unwrap_or_default() })
}

fn document(row: &Row, column: usize) -> Result<Order, StoreError> {
    serde_json::from_str(row.text(column)?).map_err(|error| corrupt(&format!("an order of the mall: {error}")))
}

fn corrupt(what: &str) -> StoreError {
    StoreError::new(ErrorKind::Corrupt, what.to_owned())
}

/// The columns of an order after its key and version.
pub const COLUMNS: [&str; 15] = [
    "progress",
    "sub_status",
    "kind",
    "method",
    "site",
    "traits",
    "delivery_name",
    "placed_us",
    "confirmed_us",
    "fixed_us",
    "shipping_us",
    "reported_us",
    "settled_us",
    "script",
    "doc",
];

/// The columns of its words after the key.
pub const WORDS: [&str; 13] = [
    "email",
    "phone",
    "reserve_number",
    "destination_phones",
    "item_names",
    "item_numbers",
    "memo",
    "orderer",
    "orderer_kana",
    "destinations",
    "sku_numbers",
    "sku_merchant_numbers",
    "sku_infos",
];

/// What stands in [`COLUMNS`].
pub fn columns_of(order: &Order, script: &Script) -> [Value; 15] {
    let text = |value: &dyn Fn() -> serde_json::Result<String>| value().expect("what the mall keeps is JSON");
    params![
        order.progress.code(),
        order.notes.sub_status,
        order.kind.code(),
        order.method.code(),
        columns::site(order.traits.device),
        columns::traits(order),
        &order.notes.delivery_name,
        order.placed,
        order.confirmed,
        order.fixed,
        columns::shipping(order),
        order.reported,
        order.settled,
        (!script.is_empty()).then(|| text(&|| serde_json::to_string(script))),
        text(&|| serde_json::to_string(order)),
    ]
}

/// What stands in [`WORDS`].
pub fn words_of(order: &Order) -> Vec<Value> {
    columns::words(order).into_iter().map(Value::from).collect()
}

/// [`columns_of`], and the number.
fn values(order: &Order, script: &Script) -> impl Iterator<Item = Value> {
    columns_of(order, script).into_iter().chain([Value::from(order.number.to_string())])
}

/// The statements that write a new order, in its first version.
pub fn insert(shop: ShopId, order: &Order, script: &Script) -> [Statement<'static>; 2] {
    let values: Vec<Value> = [Value::from(shop)].into_iter().chain(values(order, script)).collect();
    let order_row = Statement::new(
        "INSERT INTO mall_order (shop_id, progress, sub_status, kind, method, site, traits, delivery_name, placed_us,
             confirmed_us, fixed_us, shipping_us, reported_us, settled_us, script, doc, number, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 1)",
        values,
    );
    [order_row, say(shop, order)]
}

/// The statement that saves an order over its version `before`; it touches no row if somebody else was faster.
pub fn save(shop: ShopId, order: &Order, script: &Script, before: i64) -> Statement<'static> {
    let values = [Value::from(shop), Value::from(before)].into_iter().chain(values(order, script));
    Statement::new(
        "UPDATE mall_order SET version = version + 1, progress = $3, sub_status = $4, kind = $5, method = $6, site = $7,
             traits = $8, delivery_name = $9, placed_us = $10, confirmed_us = $11, fixed_us = $12, shipping_us = $13,
             reported_us = $14, settled_us = $15, script = $16, doc = $17
         WHERE shop_id = $1 AND number = $18 AND version = $2",
        values.collect::<Vec<_>>(),
    )
}

/// The statement that writes the words of an order, over those it had.
pub fn say(shop: ShopId, order: &Order) -> Statement<'static> {
    let key = params![shop, order.number.to_string()].into_iter();
    let values: Vec<Value> = key.chain(words_of(order)).collect();
    Statement::new(
        "INSERT INTO mall_order_words (shop_id, number, email, phone, reserve_number, destination_phones, item_names,
             item_numbers, memo, orderer, orderer_kana, destinations, sku_numbers, sku_merchant_numbers, sku_infos)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
         ON CONFLICT (shop_id, number) DO UPDATE SET email = excluded.email, phone = excluded.phone,
             reserve_number = excluded.reserve_number, destination_phones = excluded.destination_phones,
             item_names = excluded.item_names, item_numbers = excluded.item_numbers, memo = excluded.memo,
             orderer = excluded.orderer, orderer_kana = excluded.orderer_kana, destinations = excluded.destinations,
             sku_numbers = excluded.sku_numbers, sku_merchant_numbers = excluded.sku_merchant_numbers,
             sku_infos = excluded.sku_infos",
        values,
    )
}

/// The statement that notes what the buyer of an order was told in the change that made `version`.
pub fn tell(
    shop: ShopId,
    number: OrderNumber,
    (version, line): (i64, usize),
    notice: Notice,
    now: Timestamp,
) -> Statement<'static> {
    Statement::new(
        "INSERT INTO mall_notice (shop_id, number, version, line, kind, told_us) VALUES ($1, $2, $3, $4, $5, $6)",
        params![shop, number.to_string(), version, line as i64, notice.as_str(), now],
    )
}

/// What the buyer of an order was told, and when, the first first.
pub fn notices(tx: &mut Tx<'_>, shop: ShopId, number: OrderNumber) -> Result<Vec<(Notice, Timestamp)>, StoreError> {
    let sql = "SELECT kind, told_us FROM mall_notice WHERE shop_id = $1 AND number = $2 ORDER BY version, line";
    let notice = |row: &Row| {
        let kind = row.text(0)?;
        let notice = Notice::ALL.into_iter().find(|notice| notice.as_str() == kind);
        Ok((notice.ok_or_else(|| corrupt(&format!("{kind:?} is no notice")))?, row.timestamp(1)?))
    };
    tx.query(sql, &params![shop, number.to_string()])?.iter().map(notice).collect()
}

/// Names of an order's messages that were given up, in their order.
pub fn given_up(tx: &mut Tx<'_>, shop: ShopId, number: OrderNumber) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT outbox_id FROM outbox WHERE shop_id = $1 AND outbox_id >= $2 AND outbox_id <= $3
               AND topic = $4 AND state = 'failed' ORDER BY outbox_id";
    let (first, last) = (format!("mall-{number}-"), format!("mall-{number}-~"));
    let rows = tx.query(sql, &params![shop, first, last, TOPIC])?;
    rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
}

/// The statement that adds to what is paid out on a day.
pub fn pay_out(shop: ShopId, day: Day, yen: i64, orders: i64) -> Statement<'static> {
    Statement::new(
        "INSERT INTO mall_payout (shop_id, day, yen, orders) VALUES ($1, $2, $3, $4)
         ON CONFLICT (shop_id, day) DO UPDATE
             SET yen = mall_payout.yen + excluded.yen, orders = mall_payout.orders + excluded.orders",
        params![shop, day.0.to_string(), yen, orders],
    )
}

//! The rows of the older card API.

use kernel::{JstDate, ShopId, Timestamp};
use store::{ErrorKind, Row, Statement, StoreError, Tx, Value, params};

use super::access::Access;
use super::asking::{Asked, Item, Outcome};
use super::look::{Criteria, Result as Found};
use super::orders::{Card, Order};
use super::requests::{Request, Wish};
use super::state::{Act, Held, Kind, Standing};
use super::work::Place;
use crate::order::OrderNumber;

const ACCESS: &str = "SELECT shop_id, user_name, auth_key, switched_us, request_id, accepted, rules FROM rcard_access";
const ORDER: &str = "SELECT shop_id, order_number, placed_us, amount, card, brand, last4, expires, owner_name, state,
    reference, held, pay_type, held_since_us, version FROM rcard_order";
const REQUEST: &str = "SELECT shop_id, request_id, kind, fingerprint, count, done, started_us, finished_us
    FROM rcard_request";
const RESULT: &str = "SELECT r.request_id, r.order_number, r.registered_us, r.card_status, r.error_code, r.ccs_code,
    r.approval, r.transaction_id, r.result_price, r.result_pay_type, r.brand, r.card_number, r.owner_name, r.expires
    FROM rcard_result r";

fn corrupt(why: impl Into<String>) -> StoreError {
    StoreError::new(ErrorKind::Corrupt, why.into())
}

/// Lets nobody else switch the shop over, or use R-Card Plus, until the commit.
pub fn hold(tx: &mut Tx<'_>, shop: ShopId) -> Result<(), StoreError> {
    let sql = format!("SELECT shop_id FROM mall_shop WHERE shop_id = $1{}", tx.for_update());
    tx.query_opt(&sql, &params![shop]).map(|_| ())
}

/// Who may call for `shop`, if it has switched over.
pub fn access(tx: &mut Tx<'_>, shop: ShopId) -> Result<Option<Access>, StoreError> {
    tx.query_opt(&format!("{ACCESS} WHERE shop_id = $1"), &params![shop])?.as_ref().map(read_access).transpose()
}

/// The same, and nobody else is given a request id until the commit.
pub fn access_for_update(tx: &mut Tx<'_>, shop: ShopId) -> Result<Option<Access>, StoreError> {
    let sql = format!("{ACCESS} WHERE shop_id = $1{}", tx.for_update());
    tx.query_opt(&sql, &params![shop])?.as_ref().map(read_access).transpose()
}

/// Of every shop.
pub fn all_access(tx: &mut Tx<'_>) -> Result<Vec<Access>, StoreError> {
    tx.query(&format!("{ACCESS} ORDER BY shop_id"), &[])?.iter().map(read_access).collect()
}

fn read_access(row: &Row) -> Result<Access, StoreError> {
    Ok(Access {
        shop: ShopId(row.int(0)?),
        user_name: row.text(1)?.to_owned(),
        sealed_key: row.blob(2)?.to_vec(),
        switched: row.timestamp(3)?,
        request_id: row.int(4)?,
        accepted: row.int(5)?,
        rules: serde_json::from_str(row.text(6)?).map_err(|_| corrupt("rules of the R-Card API"))?,
    })
}

/// Writes who may call.
pub fn insert_access(access: &Access) -> Statement<'static> {
    let rules = serde_json::to_string(&access.rules).expect("rules are JSON");
    Statement::new(
        "INSERT INTO rcard_access (shop_id, user_name, auth_key, switched_us, request_id, accepted, rules)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            access.shop,
            &access.user_name,
            &access.sealed_key[..],
            access.switched,
            access.request_id,
            access.accepted,
            rules
        ],
    )
}

/// Changes the numbers of a shop.
pub fn save_rules(shop: ShopId, rules: &super::Rules) -> Statement<'static> {
    let rules = serde_json::to_string(rules).expect("rules are JSON");
    Statement::new("UPDATE rcard_access SET rules = $2 WHERE shop_id = $1", params![shop, rules])
}

/// Replaces a sealed key.
pub fn reseal(shop: ShopId, sealed: Vec<u8>) -> Statement<'static> {
    Statement::new("UPDATE rcard_access SET auth_key = $2 WHERE shop_id = $1", params![shop, sealed])
}

/// The next request id of a shop that has switched over.
pub fn next_request_id(tx: &mut Tx<'_>, shop: ShopId) -> Result<i64, StoreError> {
    let sql = "UPDATE rcard_access SET request_id = request_id + 1 WHERE shop_id = $1 RETURNING request_id";
    tx.query_one(sql, &params![shop])?.int(0)
}

/// Counts a request that is accepted; how many there were, this one included.
pub fn count_accepted(tx: &mut Tx<'_>, shop: ShopId) -> Result<i64, StoreError> {
    let sql = "UPDATE rcard_access SET accepted = accepted + 1 WHERE shop_id = $1 RETURNING accepted";
    tx.query_one(sql, &params![shop])?.int(0)
}

/// How many orders keep a shop from switching over.
pub fn count_in_the_way(tx: &mut Tx<'_>, shop: ShopId) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM rcard_order WHERE shop_id = $1 AND state NOT IN ('open', 'plus_claimed')";
    tx.query_one(sql, &params![shop])?.int(0)
}

/// Writes a new order.
pub fn insert_order(order: &Order) -> Statement<'static> {
    let Order { shop, number, placed, amount, card, standing, version } = order;
    let held = standing.held();
    Statement::new(
        "INSERT INTO rcard_order (shop_id, order_number, placed_us, amount, card, brand, last4, expires, owner_name,
             state, reference, held, pay_type, held_since_us, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        params![
            *shop,
            number.to_string(),
            *placed,
            *amount,
            &card.token,
            &card.brand,
            &card.last4,
            &card.expires,
            &card.owner,
            standing.word(),
            held.map(|held| held.reference.as_str()),
            held.map(|held| held.amount),
            held.map(|held| held.pay_type),
            held.map(|held| held.since),
            *version
        ],
    )
}

/// Saves the card and the standing of an order, whose `version` is one more than it was.
pub fn save_order(tx: &mut Tx<'_>, order: &Order) -> Result<(), StoreError> {
    let Order { shop, number, card, standing, version, .. } = order;
    let held = standing.held();
    let sql = "UPDATE rcard_order SET card = $3, brand = $4, last4 = $5, expires = $6, owner_name = $7, state = $8,
                   reference = $9, held = $10, pay_type = $11, held_since_us = $12, version = $13
               WHERE shop_id = $1 AND order_number = $2 AND version = $13 - 1";
    let values = params![
        *shop,
        number.to_string(),
        &card.token,
        &card.brand,
        &card.last4,
        &card.expires,
        &card.owner,
        standing.word(),
        held.map(|held| held.reference.as_str()),
        held.map(|held| held.amount),
        held.map(|held| held.pay_type),
        held.map(|held| held.since),
        *version
    ];
    match tx.execute(sql, &values)? {
        1 => Ok(()),
        _ => Err(StoreError::new(ErrorKind::Contention, "an order was changed by somebody else")),
    }
}

/// An order.
pub fn order(tx: &mut Tx<'_>, shop: ShopId, number: OrderNumber) -> Result<Option<Order>, StoreError> {
    let sql = format!("{ORDER} WHERE shop_id = $1 AND order_number = $2");
    tx.query_opt(&sql, &params![shop, number.to_string()])?.as_ref().map(read_order).transpose()
}

/// An order, held until the commit.
pub fn order_for_update(tx: &mut Tx<'_>, shop: ShopId, number: OrderNumber) -> Result<Option<Order>, StoreError> {
    let sql = format!("{ORDER} WHERE shop_id = $1 AND order_number = $2{}", tx.for_update());
    tx.query_opt(&sql, &params![shop, number.to_string()])?.as_ref().map(read_order).transpose()
}

/// The newest orders of a shop, at most `limit`, those placed before the one at `before`.
pub fn orders(
    tx: &mut Tx<'_>,
    shop: ShopId,
    before: Option<(Timestamp, OrderNumber)>,
    limit: usize,
) -> Result<Vec<Order>, StoreError> {
    let (at, number) = before.map_or((i64::MAX, String::new()), |(at, number)| (at.micros(), number.to_string()));
    let sql = format!(
        "{ORDER} WHERE shop_id = $1 AND (placed_us < $2 OR (placed_us = $2 AND order_number < $3))
         ORDER BY placed_us DESC, order_number DESC LIMIT $4"
    );
    tx.query(&sql, &params![shop, at, number, limit as i64])?.iter().map(read_order).collect()
}

/// The next orders of a shop after a number.
pub fn orders_after(tx: &mut Tx<'_>, shop: ShopId, after: &str, limit: usize) -> Result<Vec<Order>, StoreError> {
    let sql = format!("{ORDER} WHERE shop_id = $1 AND order_number > $2 ORDER BY order_number LIMIT $3");
    tx.query(&sql, &params![shop, after, limit as i64])?.iter().map(read_order).collect()
}

fn read_order(row: &Row) -> Result<Order, StoreError> {
    let held = || -> Result<Held, StoreError> {
        let reference = row.text(10)?.to_owned();
        Ok(Held { reference, amount: row.yen(11)?, pay_type: row.int(12)?, since: row.timestamp(13)? })
    };
    let standing = match row.text(9)? {
        "open" => Standing::Open,
        "plus_authorized" => Standing::PlusAuthorized,
        "plus_claimed" => Standing::PlusClaimed,
        "authorized" => Standing::Authorized(held()?),
        "claimed" => Standing::Claimed(held()?),
        other => return Err(corrupt(format!("the state {other} of a card order"))),
    };
    let text = |column: usize| row.text(column).map(str::to_owned);
    Ok(Order {
        shop: ShopId(row.int(0)?),
        number: row.parsed(1)?,
        placed: row.timestamp(2)?,
        amount: row.yen(3)?,
        card: Card { token: text(4)?, brand: text(5)?, last4: text(6)?, expires: text(7)?, owner: text(8)? },
        standing,
        version: row.int(14)?,
    })
}

/// Writes a request that was accepted.
pub fn insert_request(request: &Request) -> Statement<'static> {
    let Request { shop, id, kind, fingerprint, count, done, started, finished } = request;
    Statement::new(
        "INSERT INTO rcard_request (shop_id, request_id, kind, fingerprint, count, done, started_us, finished_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![*shop, *id, kind.number(), &fingerprint[..], *count, *done, *started, *finished],
    )
}

/// A request that was accepted.
pub fn request(tx: &mut Tx<'_>, shop: ShopId, id: i64) -> Result<Option<Request>, StoreError> {
    let sql = format!("{REQUEST} WHERE shop_id = $1 AND request_id = $2");
    tx.query_opt(&sql, &params![shop, id])?.as_ref().map(read_request).transpose()
}

fn read_request(row: &Row) -> Result<Request, StoreError> {
    Ok(Request {
        shop: ShopId(row.int(0)?),
        id: row.int(1)?,
        kind: Kind::of(row.int(2)?).ok_or_else(|| corrupt("the kind of a request"))?,
        fingerprint: row.blob(3)?.to_vec(),
        count: row.int(4)?,
        done: row.int(5)?,
        started: row.timestamp(6)?,
        finished: row.opt_int(7)?.map(Timestamp::from_micros),
    })
}

/// One more order of a request has its result; with the last one it is finished.
pub fn count_done(tx: &mut Tx<'_>, shop: ShopId, request: i64, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE rcard_request SET done = done + 1,
                   finished_us = CASE WHEN done + 1 = count THEN CAST($3 AS BIGINT) ELSE NULL END
               WHERE shop_id = $1 AND request_id = $2 AND done < count";
    match tx.execute(sql, &params![shop, request, now])? {
        1 => Ok(()),
        _ => Err(corrupt(format!("request {request} has more results than orders"))),
    }
}

/// Writes what is asked for about one order.
pub fn insert_wish(shop: ShopId, request: i64, position: i64, message: &str, wish: &Wish) -> Statement<'static> {
    let (price, pay_type) = match wish.act {
        Act::Authori { price, pay_type } => (Some(price), Some(pay_type)),
        Act::AuthoriCancel | Act::Sales | Act::SalesCancel => (None, None),
    };
    Statement::new(
        "INSERT INTO rcard_result (shop_id, request_id, position, message_id, order_number, price, pay_type)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![shop, request, position, message, &wish.number, price, pay_type],
    )
}

/// One order of a request, held until the commit.
pub fn item(tx: &mut Tx<'_>, shop: ShopId, place: Place) -> Result<Option<Item>, StoreError> {
    let Some(request) = request(tx, shop, place.request)? else { return Ok(None) };
    let sql = format!(
        "SELECT order_number, price, pay_type, asked, registered_us FROM rcard_result
         WHERE shop_id = $1 AND request_id = $2 AND position = $3{}",
        tx.for_update()
    );
    let Some(row) = tx.query_opt(&sql, &params![shop, place.request, place.position])? else { return Ok(None) };
    let act = match request.kind {
        Kind::Authori => Act::Authori { price: row.int(1)?, pay_type: row.int(2)? },
        Kind::AuthoriCancel => Act::AuthoriCancel,
        Kind::Sales => Act::Sales,
        Kind::SalesCancel => Act::SalesCancel,
    };
    let asked = row.opt_text(3)?.map(serde_json::from_str::<Asked>).transpose();
    Ok(Some(Item {
        shop,
        request: place.request,
        position: place.position,
        number: row.text(0)?.to_owned(),
        act,
        asked: asked.map_err(|error| corrupt(format!("what an acquirer is asked: {error}")))?,
        is_done: row.opt_int(4)?.is_some(),
    }))
}

/// Keeps what the acquirer is asked, before it is.
pub fn decide(item: &Item, asked: &Asked) -> Statement<'static> {
    let json = serde_json::to_string(asked).expect("what is asked is JSON");
    Statement::new(
        "UPDATE rcard_result SET asked = $4, asked_us = $5
         WHERE shop_id = $1 AND request_id = $2 AND position = $3 AND asked IS NULL",
        params![item.shop, item.request, item.position, json, asked.at_us],
    )
}

/// Keeps what came of it.
pub fn conclude(item: &Item, outcome: &Outcome, order: Option<&Order>) -> Statement<'static> {
    Statement::new(
        "UPDATE rcard_result SET registered_us = $4, card_status = $5, error_code = $6, ccs_code = $7, approval = $8,
             transaction_id = $9, result_price = $10, result_pay_type = $11, brand = $12, card_number = $13,
             owner_name = $14, expires = $15
         WHERE shop_id = $1 AND request_id = $2 AND position = $3 AND registered_us IS NULL",
        params![
            item.shop,
            item.request,
            item.position,
            outcome.registered,
            outcome.card_status,
            &outcome.error_code,
            &outcome.ccs_code,
            &outcome.approval,
            outcome.transaction.as_deref(),
            outcome.price,
            outcome.pay_type,
            order.map(|order| order.card.brand.as_str()),
            order.map(Order::card_number),
            order.map(|order| order.card.owner.as_str()),
            order.map(|order| order.card.expires.as_str())
        ],
    )
}

/// The results of a request that are there, in the order of its orders.
pub fn results_of(tx: &mut Tx<'_>, shop: ShopId, request: i64) -> Result<Vec<Found>, StoreError> {
    let sql = format!(
        "{RESULT} WHERE r.shop_id = $1 AND r.request_id = $2 AND r.registered_us IS NOT NULL ORDER BY r.position"
    );
    tx.query(&sql, &params![shop, request])?.iter().map(read_result).collect()
}

/// The results of these days, in the order they came, at most `limit`.
pub fn results(tx: &mut Tx<'_>, shop: ShopId, criteria: &Criteria, limit: usize) -> Result<Vec<Found>, StoreError> {
    let begin = |day: JstDate| day.start().micros();
    let mut sql = format!("{RESULT} WHERE r.shop_id = $1 AND r.registered_us >= $2 AND r.registered_us < $3");
    let mut values: Vec<Value> = params![shop, begin(criteria.from), begin(criteria.to.plus_days(1))].into();
    let equal = [
        ("card_status", criteria.card_status.map(Value::from)),
        ("order_number", criteria.number.clone().map(Value::from)),
        ("brand", criteria.brand.clone().map(Value::from)),
        ("owner_name", criteria.owner.clone().map(Value::from)),
        ("result_pay_type", criteria.pay_type.map(Value::from)),
    ];
    for (column, value) in equal {
        if let Some(value) = value {
            values.push(value);
            sql.push_str(&format!(" AND r.{column} = ${}", values.len()));
        }
    }
    values.push(Value::Int(limit as i64));
    sql.push_str(&format!(" ORDER BY r.registered_us, r.request_id, r.position LIMIT ${}", values.len()));
    tx.query(&sql, &values)?.iter().map(read_result).collect()
}

fn read_result(row: &Row) -> Result<Found, StoreError> {
    let opt = |column: usize| row.opt_text(column).map(|text| text.map(str::to_owned));
    Ok(Found {
        request: row.int(0)?,
        number: row.text(1)?.to_owned(),
        outcome: Outcome {
            registered: row.timestamp(2)?,
            card_status: row.int(3)?,
            error_code: row.text(4)?.to_owned(),
            ccs_code: row.text(5)?.to_owned(),
            approval: row.text(6)?.to_owned(),
            transaction: opt(7)?,
            price: row.opt_int(8)?,
            pay_type: row.opt_int(9)?,
        },
        brand: opt(10)?,
        card_number: opt(11)?,
        owner: opt(12)?,
        expires: opt(13)?,
    })
}

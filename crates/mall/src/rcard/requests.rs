//! Requests: an id is given out, a list of orders is accepted under it, and each order's turn comes later.

use std::collections::HashSet;

use kernel::time::MICROS_PER_SECOND;
use kernel::{ShopId, Timestamp};
use store::outbox::{self, NewMessage};
use store::{StoreError, Tx, clock};

use super::access::{Access, REQUEST_ID_BEFORE_FIRST};
use super::code::Refused;
use super::state::{Act, Kind};
use super::{rows, work};
use crate::market::WORLD;

/// A request that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Whose.
    pub shop: ShopId,
    /// Its id.
    pub id: i64,
    /// What is asked for.
    pub kind: Kind,
    /// Tells it from another request under the same id.
    pub fingerprint: Vec<u8>,
    /// How many orders.
    pub count: i64,
    /// How many of them have a result.
    pub done: i64,
    /// When it was accepted, world time.
    pub started: Timestamp,
    /// When the last result came, world time.
    pub finished: Option<Timestamp>,
}

/// What is asked for about one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// 注文番号 as sent: whether there is such an order shows when its turn comes.
    pub number: String,
    /// What is asked for.
    pub act: Act,
}

/// What came with a request.
#[derive(Clone, Debug)]
pub struct Wished {
    /// The request id.
    pub request: i64,
    /// What is asked for.
    pub kind: Kind,
    /// About which orders.
    pub wishes: Vec<Wish>,
    /// Tells it from another request under the same id.
    pub fingerprint: Vec<u8>,
}

/// Gives out a request id.
pub fn give_out(tx: &mut Tx<'_>, access: &Access) -> Result<i64, StoreError> {
    rows::next_request_id(tx, access.shop)
}

/// Accepts a request, or says again that it was.
pub fn accept(tx: &mut Tx<'_>, access: &Access, wished: &Wished) -> Result<Result<(), Refused>, StoreError> {
    let (shop, rules) = (access.shop, &access.rules);
    let given_out = rows::access_for_update(tx, shop)?.map_or(REQUEST_ID_BEFORE_FIRST, |access| access.request_id);
    if !(REQUEST_ID_BEFORE_FIRST + 1..=given_out).contains(&wished.request) {
        return Ok(Err(Refused::RequestId));
    }
    if let Some(before) = rows::request(tx, shop, wished.request)? {
        let same = before.kind == wished.kind && before.fingerprint == wished.fingerprint;
        return Ok(if same { Ok(()) } else { Err(Refused::RequestId) });
    }
    if wished.wishes.is_empty() || wished.wishes.len() > rules.orders_max as usize {
        return Ok(Err(Refused::Orders));
    }
    let mut seen = HashSet::new();
    if !wished.wishes.iter().all(|wish| seen.insert(wish.number.as_str())) {
        return Ok(Err(Refused::OrderTwice));
    }
    write(tx, access, wished)?;
    Ok(Ok(()))
}

fn write(tx: &mut Tx<'_>, access: &Access, wished: &Wished) -> Result<(), StoreError> {
    let (shop, now) = (access.shop, clock::world_now(tx, access.shop, WORLD)?);
    let due = now.plus_micros(i64::from(access.rules.delay_seconds) * MICROS_PER_SECOND);
    let request = Request {
        shop,
        id: wished.request,
        kind: wished.kind,
        fingerprint: wished.fingerprint.clone(),
        count: wished.wishes.len() as i64,
        done: 0,
        started: now,
        finished: None,
    };
    // Names of messages say in which order the requests were accepted: that is the order of each lane.
    let turn = rows::count_accepted(tx, shop)?;
    let mut statements = vec![rows::insert_request(&request)];
    for (position, wish) in wished.wishes.iter().enumerate() {
        let id = format!("rcard-{turn:012}-{position:04}");
        statements.push(rows::insert_wish(shop, wished.request, position as i64, &id, wish));
        let place = work::Place { request: wished.request, position: position as i64 };
        statements.push(outbox::enqueue(&NewMessage {
            shop,
            id: &id,
            world: WORLD,
            topic: work::TOPIC,
            lane: &wish.number,
            body: &serde_json::to_string(&place).expect("a place is JSON"),
            due,
            created: now,
        }));
    }
    for together in statements.chunks(16) {
        tx.execute_all(together)?;
    }
    Ok(())
}

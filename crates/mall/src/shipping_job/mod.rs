//! updateOrderShippingAsync: reports that are taken now and done a moment of world time later. All orders of a request are
//! done in one transaction together with what is told of it, so that a request is done once.

pub mod rows;

use kernel::time::MICROS_PER_SECOND;
use kernel::{Environment, ShopId};
use serde_json::Value;
use shop::By;
use store::{StoreError, Tx, clock, timer};

use crate::denied::Denied;
use crate::market;
use crate::order::OrderNumber;
use crate::progress::{Event, Refused};
use crate::wire::shipping::{self, Dates, Limit, Reading, Report};
use crate::wire::shipping_async::{self, Outcome};
use crate::wire::{Message, Operation, Reader, refused};

/// The timer of a request; its subject is the request's id.
pub const TIMER: &str = "mall.shipping_request";
/// A result is shown for so many days (contract 3.6).
pub const KEPT_DAYS: i64 = 30;
const KEPT_MICROS: i64 = KEPT_DAYS * 86_400 * MICROS_PER_SECOND;

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The licence that sent it.
    pub licence: String,
    /// Its body, read and found good.
    pub body: String,
    /// What it was bounded by.
    pub limit: Limit,
}

impl Sent {
    fn row(&self) -> rows::Open {
        let Sent { licence, body, limit } = self.clone();
        rows::Open { licence, body, basket_rows: limit.rows() as i64 }
    }
}

/// Takes a request whose body was read and found good; the id under which its result is asked for:
/// `ede66c43-9b9d-4222-93ed-5f11c96e08e2_20180101120000`.
pub fn accept(tx: &mut Tx<'_>, shop: ShopId, uuid: &str, sent: &Sent) -> Result<String, StoreError> {
    let now = clock::world_now(tx, shop, Environment::Sandbox)?;
    let stamp: String = now.to_string().chars().take(19).filter(char::is_ascii_digit).collect();
    let id = format!("{uuid}_{stamp}");
    let wait = market::rows::shop_of(tx, shop)?.map(|shop| shop.policy().answer_micros);
    let due = now.plus_micros(wait.unwrap_or(MICROS_PER_SECOND));
    rows::forget_before(tx, shop, now.plus_micros(-KEPT_MICROS))?;
    tx.execute_all(&[
        rows::insert(shop, &id, &sent.row(), now),
        timer::set(shop, Environment::Sandbox, TIMER, &id, due),
    ])?;
    Ok(id)
}

/// What there is of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// Orders, and what became of each.
    Done(Vec<Outcome>),
    /// It is not done, not known, or too long ago.
    Nothing,
}

/// What became of a request.
pub fn find(tx: &mut Tx<'_>, shop: ShopId, id: &str) -> Result<Found, StoreError> {
    let now = clock::world_now(tx, shop, Environment::Sandbox)?;
    let found = rows::results(tx, shop, id, now.plus_micros(-KEPT_MICROS))?;
    let Some(results) = found else { return Ok(Found::Nothing) };
    serde_json::from_str(&results).map(Found::Done).map_err(corrupt)
}

/// Does a request whose instant has come. One that is done already, or gone, is left as it is.
pub fn work_off(tx: &mut Tx<'_>, shop: ShopId, id: &str, by: &By) -> Result<(), StoreError> {
    let Some(request) = rows::open(tx, shop, id)? else { return Ok(()) };
    let by = By { actor: format!("licence:{}", request.licence), ..by.clone() };
    let body: Value = serde_json::from_str(&request.body).map_err(corrupt)?;
    let mut done = Vec::new();
    // It was read when it was taken, and found good.
    let mut reader = Reader::new(Operation::UpdateOrderShippingAsync, &body);
    let reading = Reading { dates: Dates::CompactToo, limit: Limit::of_rows(request.basket_rows) };
    for report in shipping_async::read(&mut reader, reading).unwrap_or_default() {
        done.push(Outcome { number: report.number.clone(), messages: one(tx, shop, &by, &report)? });
    }
    let now = clock::world_now(tx, shop, Environment::Sandbox)?;
    let results = serde_json::to_string(&done).expect("results are JSON");
    tx.execute_all(&[rows::save(shop, id, &results, now)]).map(|_| ())
}

fn corrupt(error: serde_json::Error) -> StoreError {
    StoreError::new(store::ErrorKind::Corrupt, error.to_string())
}

/// The messages of one order of a request: those of updateOrderShipping.
fn one(tx: &mut Tx<'_>, shop: ShopId, by: &By, sent: &Report) -> Result<Vec<Message>, StoreError> {
    let operation = Operation::UpdateOrderShipping;
    let Ok(number) = sent.number.parse::<OrderNumber>() else {
        return Ok(vec![refused::no_such_order(operation, &sent.number).with_row()]);
    };
    match report(tx, shop, number, by, sent) {
        Ok(messages) => Ok(messages),
        Err(denied) => {
            let messages = denied.messages(operation, &sent.number)?;
            Ok(messages.into_iter().map(Message::with_row).collect())
        }
    }
}

/// Changes the parcels of an order as the rows say; a message for each row.
pub(crate) fn report(
    tx: &mut Tx<'_>,
    shop: ShopId,
    number: OrderNumber,
    by: &By,
    report: &Report,
) -> Result<Vec<Message>, Denied> {
    let mut messages = Vec::new();
    market::act::<Denied>(tx, shop, number, by, |seen| {
        if seen.order.progress.is_cancelled() {
            return Err(Refused::Cancelled.into());
        }
        let applied = shipping::apply(Operation::UpdateOrderShipping, seen.order, report);
        let (order, done) = applied.map_err(Denied::Messages)?;
        messages = done;
        Ok(Event::ShippingChanged { order: Box::new(order) })
    })?;
    Ok(messages)
}

//! Operations: load, decide, save. Each runs in the caller's transaction, and one that is refused changes nothing.

use kernel::{ShopId, Timestamp};
use shop::By;
use store::{StoreError, Tx, clock, outbox};

use super::mall_shop::MallShop;
use super::save::{self, Change, Payouts};
use super::script::Script;
use super::{WORLD, rows};
use crate::order::{Order, OrderNumber};
use crate::progress::{Event, Moved, Policy, Refused, arrive, decide};

/// Why an operation was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undone {
    /// The shop is none of the mall's.
    #[error("the shop is not one of the mall's")]
    NoSuchShop,
    /// The shop has no order of this number.
    #[error("the shop has no order of this number")]
    NoSuchOrder,
    /// The engine refused it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a decision goes by: the order as it is, the rules of its shop, world time.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The order.
    pub order: &'a Order,
    /// The rules.
    pub policy: &'a Policy,
    /// World time.
    pub now: Timestamp,
}

/// A buyer placed `order`, at the instant that it says. Answers with the order as it arrived.
///
/// # Errors
///
/// [`Undone::NoSuchShop`], or [`Undone::Refused`] when such an order cannot be placed with the mall.
pub fn place(tx: &mut Tx<'_>, shop: ShopId, order: Order, script: Script, by: &By) -> Result<Order, Undone> {
    let policy = mall_shop(tx, shop)?.policy();
    place_one(tx, shop, (order, script), &policy, (by, Some("mall.place")))
}

/// Buyers placed these orders. One that cannot be placed is left out; `audit` of them all is the caller's. How many
/// there are.
///
/// # Errors
///
/// [`Undone::NoSuchShop`], or a failure of the database.
pub fn place_many(tx: &mut Tx<'_>, shop: ShopId, orders: Vec<(Order, Script)>, by: &By) -> Result<usize, Undone> {
    let policy = mall_shop(tx, shop)?.policy();
    let mut placed = 0;
    for order in orders {
        match place_one(tx, shop, order, &policy, (by, None)) {
            Ok(_) => placed += 1,
            Err(Undone::Refused(_)) => {}
            Err(undone) => return Err(undone),
        }
    }
    Ok(placed)
}

fn place_one(
    tx: &mut Tx<'_>,
    shop: ShopId,
    (order, script): (Order, Script),
    policy: &Policy,
    (by, action): (&By, Option<&str>),
) -> Result<Order, Undone> {
    let now = order.placed;
    let moved = arrive(order, policy, now)?;
    let change =
        Change { shop, by, action, now, at: tx.machine_now(), answer_micros: policy.answer_micros, is_answer: false };
    save::save_new(tx, &change, script, &moved)?;
    Ok(moved.order)
}

/// Something happens to an order: `what` says what, seeing the order. Answers with the order as it is afterwards.
///
/// # Errors
///
/// What `what` refuses, [`Undone::NoSuchShop`], [`Undone::NoSuchOrder`], or [`Undone::Refused`]: the engine refuses it.
/// [`Refused::Stale`] is among these, so twice is once.
pub fn act<E: From<Undone>>(
    tx: &mut Tx<'_>,
    shop: ShopId,
    number: OrderNumber,
    by: &By,
    what: impl FnOnce(Seen<'_>) -> Result<Event, E>,
) -> Result<Order, E> {
    let policy = mall_shop(tx, shop)?.policy();
    let now = now(tx, shop)?;
    let loaded = load(tx, shop, number)?;
    let event = what(Seen { order: &loaded.order, policy: &policy, now })?;
    let moved = decide(&loaded.order, &event, &policy, now).map_err(Undone::Refused)?;
    let (action, at) = (Some(event.action()), tx.machine_now());
    let change = Change { shop, by, action, now, at, answer_micros: policy.answer_micros, is_answer: false };
    Ok(save(tx, &change, loaded, moved)?)
}

/// The shop writes something on an order that the engine does not decide about: memo, remarks, sub-status, delivery,
/// delivery date and time. `what` answers with the order as it should be; what stands still in it is up to `what`.
///
/// # Errors
///
/// What `what` refuses, [`Undone::NoSuchShop`], [`Undone::NoSuchOrder`].
pub fn note<E: From<Undone>>(
    tx: &mut Tx<'_>,
    shop: ShopId,
    number: OrderNumber,
    (by, action): (&By, &str),
    what: impl FnOnce(Seen<'_>) -> Result<Order, E>,
) -> Result<Order, E> {
    let policy = mall_shop(tx, shop)?.policy();
    let now = now(tx, shop)?;
    let loaded = load(tx, shop, number)?;
    let order = what(Seen { order: &loaded.order, policy: &policy, now })?;
    if order == loaded.order {
        return Ok(order);
    }
    let (action, at) = (Some(action), tx.machine_now());
    let change = Change { shop, by, action, now, at, answer_micros: policy.answer_micros, is_answer: false };
    Ok(save(tx, &change, loaded, Moved { order, effects: Vec::new() })?)
}

/// A person lets the requests of an order be sent again that were given up, because nobody knew their outcome, and the
/// refunds that were refused. How many there were.
///
/// # Errors
///
/// [`Undone::NoSuchOrder`], or a failure of the database.
pub fn ask_again(tx: &mut Tx<'_>, shop: ShopId, number: OrderNumber, by: &By) -> Result<usize, Undone> {
    let order = load(tx, shop, number)?.order;
    let refused = order.refunds_refused().count();
    if refused > 0 {
        act::<Undone>(tx, shop, number, by, |_| Ok(Event::RefundAgain))?;
    }
    let given_up = rows::given_up(tx, shop, number)?;
    for message in &given_up {
        outbox::rerun(tx, shop, message)?;
    }
    if !given_up.is_empty() {
        let fields = serde_json::json!({ "requests": given_up.len() });
        let row = by.record(shop, tx.machine_now(), ("mall.ask_again", &number.to_string()), &fields);
        tx.execute_all(&[row])?;
    }
    Ok(given_up.len() + refused)
}

fn save(tx: &mut Tx<'_>, change: &Change<'_>, loaded: rows::Loaded, moved: Moved) -> Result<Order, Undone> {
    let mut payouts = Payouts::default();
    save::save(tx, change, loaded, &moved, &mut payouts)?;
    payouts.write(tx)?;
    Ok(moved.order)
}

pub(super) fn mall_shop(tx: &mut Tx<'_>, shop: ShopId) -> Result<MallShop, Undone> {
    rows::shop_of(tx, shop)?.ok_or(Undone::NoSuchShop)
}

fn load(tx: &mut Tx<'_>, shop: ShopId, number: OrderNumber) -> Result<rows::Loaded, Undone> {
    rows::load_for_update(tx, shop, number)?.ok_or(Undone::NoSuchOrder)
}

pub(super) fn now(tx: &mut Tx<'_>, shop: ShopId) -> Result<Timestamp, Undone> {
    Ok(clock::world_now(tx, shop, WORLD)?)
}

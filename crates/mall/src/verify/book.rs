//! What orders stand on against the book of the acquirer of cards.
//!
//! The two are different databases, so no snapshot holds both. The book is read first: whoever made what is in it had
//! noted the request here before. What seems to disagree is looked at again, and counts if the order was the same before
//! and after, with no request of its own under way.

use acquirer::Merchant;
use acquirer::simulator::{self, BookAuthorization, State};
use kernel::ShopId;
use store::{Store, StoreError};

use super::rows::{self, Standing};
use super::{Report, order_row};
use crate::code::Status;
use crate::market::{WORLD, rows as market};
use crate::order::{Order, OrderNumber};
use crate::rcard::recount;

/// Authorizations in memory at once.
const PAGE: u32 = 500;
/// How often an order that keeps changing is looked at.
const LOOKS: usize = 8;

/// Compares both, in both directions.
pub(super) fn check(main: &Store, book: &Store, report: &mut Report) -> Result<(), StoreError> {
    for shop in main.read_blocking(market::shops)? {
        let merchant = Merchant { shop: shop.id, environment: WORLD };
        check_book(main, book, merchant, report)?;
        check_orders(main, book, merchant, report)?;
    }
    Ok(())
}

/// Everything in the book that is of the mall is as an order says.
fn check_book(main: &Store, book: &Store, merchant: Merchant, report: &mut Report) -> Result<(), StoreError> {
    let mut after: Option<String> = None;
    loop {
        let from = after.clone();
        let page = book.read_blocking(move |tx| simulator::book_page(tx, merchant, from.as_deref(), PAGE))?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.authorization.clone());
        let ours = page.into_iter().filter_map(|held| Some((held.order.parse::<OrderNumber>().ok()?, held)));
        let ours: Vec<(OrderNumber, BookAuthorization)> = ours.collect();
        let numbers: Vec<OrderNumber> = ours.iter().map(|(number, _)| *number).collect();
        let (standings, of_rcard) = main.read_blocking(move |tx| {
            let standings = rows::standings(tx, merchant.shop, &numbers)?;
            let unknown = numbers.iter().copied().filter(|number| !standings.contains_key(number));
            let others: Vec<_> = unknown.collect();
            let of_rcard = recount::are_ours(tx, merchant.shop, &others)?;
            Ok::<_, StoreError>((standings, of_rcard))
        })?;
        for (number, held) in ours.into_iter().filter(|(number, _)| !of_rcard.contains(number)) {
            if wrong(standings.get(&number), &held).is_some() {
                look_again(main, book, merchant, (number, &held.authorization), report)?;
            }
        }
    }
}

/// Every authorization that an order stands on is in the book.
fn check_orders(main: &Store, book: &Store, merchant: Merchant, report: &mut Report) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let from = after.clone();
        let page = main.read_blocking(move |tx| rows::orders_after(tx, merchant.shop, &from))?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.number.clone();
        let numbers: Vec<OrderNumber> = page.iter().filter_map(|kept| kept.number.parse().ok()).collect();
        let orders = main.read_blocking(move |tx| market::find_many(tx, merchant.shop, &numbers))?;
        let named: Vec<(OrderNumber, String)> = orders.iter().flat_map(authorizations).collect();
        let missing = book.read_blocking(move |tx| {
            let mut missing = Vec::new();
            for (number, name) in &named {
                if simulator::book_of(tx, merchant, name)?.is_none() {
                    missing.push((*number, name.clone()));
                }
            }
            Ok::<_, StoreError>(missing)
        })?;
        for (number, name) in missing {
            let problem = format!("the acquirer's book does not have the authorization {name}");
            report.add("mall_book", order_row(merchant.shop, &number.to_string()), problem);
        }
    }
}

fn authorizations(order: &Order) -> impl Iterator<Item = (OrderNumber, String)> {
    let named = order.payments.iter().filter_map(|payment| payment.authorization.as_ref());
    named.map(|held| (order.number, held.id.clone()))
}

fn look_again(
    main: &Store,
    book: &Store,
    merchant: Merchant,
    (number, name): (OrderNumber, &str),
    report: &mut Report,
) -> Result<(), StoreError> {
    for _ in 0..LOOKS {
        let before = standing(main, merchant.shop, number)?;
        let name = name.to_owned();
        let held = book.read_blocking(move |tx| simulator::book_of(tx, merchant, &name))?;
        let after = standing(main, merchant.shop, number)?;
        if before == after {
            if let Some((held, problem)) = held.and_then(|held| wrong(after.as_ref(), &held).map(|why| (held, why))) {
                let row = order_row(merchant.shop, &number.to_string());
                report.add("mall_book", row, format!("sim_authorization {}: {problem}", held.authorization));
            }
            return Ok(());
        }
    }
    Ok(())
}

fn standing(main: &Store, shop: ShopId, number: OrderNumber) -> Result<Option<Standing>, StoreError> {
    Ok(main.read_blocking(move |tx| rows::standings(tx, shop, &[number]))?.remove(&number))
}

/// What is wrong with an authorization of the book, beside the order that it was asked for with.
fn wrong(standing: Option<&Standing>, held: &BookAuthorization) -> Option<String> {
    let is_holding = matches!(held.state, State::Authorized | State::Captured);
    let Some(standing) = standing else { return is_holding.then(|| "it is of no order".to_owned()) };
    // What comes of a request is not known yet, by nobody.
    if standing.is_asking {
        return None;
    }
    let mut payments = standing.order.payments.iter();
    let of = |id: &str| id == held.authorization;
    let payment = payments.rfind(|payment| payment.authorization.as_ref().is_some_and(|known| of(&known.id)));
    let Some(payment) = payment else {
        return is_holding.then(|| format!("it is {}, and its order does not stand on it", held.state));
    };
    let claimed = held.captured.get() - held.refunded.get();
    match payment.status {
        Status::Fixed | Status::FixedCancelRefused => (claimed != payment.amount)
            .then(|| format!("it claimed {claimed} yen, and its order {} yen", payment.amount)),
        Status::ProcedureCancelled | Status::SettlementCancelled => {
            is_holding.then(|| format!("it is {}, and its order is cancelled", held.state))
        }
        Status::ChargedBack => None,
        Status::None
        | Status::ProcedureWaiting
        | Status::ProcedureQueued
        | Status::ProcedureRequested
        | Status::ProcedureDone
        | Status::ProcedureRefused
        | Status::SettlementRequested
        | Status::Refused
        | Status::RefusedToShop
        | Status::ProcedureCancelling
        | Status::ProcedureCancelQueued
        | Status::ProcedureCancelQueuedLater
        | Status::ProcedureCancelRefused
        | Status::SettlementCancelling
        | Status::SettlementCancelQueued
        | Status::SettlementCancelQueuedLater => (held.state != State::Authorized)
            .then(|| format!("it is {}, and its order stands on it in {}", held.state, payment.status.code())),
    }
}

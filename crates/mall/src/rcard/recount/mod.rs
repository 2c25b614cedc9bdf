//! The recount of the older card API: each order against the ledger and the acquirer's book, each request against its
//! results, each result against the message that does its work.

mod rows;

use acquirer::Merchant;
use acquirer::simulator::{self, BookAuthorization, State};
use kernel::ShopId;
use store::{Store, StoreError, Tx};

pub use rows::{TABLES, are_ours};

use super::orders::Order;
use super::state::Standing;
use crate::market::{WORLD, rows as market};
use crate::order::OrderNumber;
use crate::verify::Report;

/// How often an order that keeps changing is looked at.
const LOOKS: usize = 8;

fn order_row(shop: ShopId, number: &OrderNumber) -> String {
    format!("rcard_order {shop}/{number}")
}

/// Recounts in the snapshot of `tx`. Only reads.
pub fn check(tx: &mut Tx<'_>, report: &mut Report) -> Result<(), StoreError> {
    for shop in market::shops(tx)? {
        let mut after = String::new();
        loop {
            let page = rows::orders_after(tx, shop.id, &after)?;
            let Some(last) = page.last() else { break };
            after = last.order.number.to_string();
            for counted in &page {
                let expected = match &counted.order.standing {
                    Standing::Claimed(held) => held.amount.get(),
                    Standing::Open | Standing::PlusAuthorized | Standing::PlusClaimed | Standing::Authorized(_) => 0,
                };
                if counted.posted != expected {
                    let problem = format!("it claimed {expected} yen, and the ledger says {}", counted.posted);
                    report.add("rcard_ledger", order_row(shop.id, &counted.order.number), problem);
                }
            }
        }
    }
    for (row, problem) in rows::disagreements(tx)? {
        report.add("rcard", row, problem);
    }
    Ok(())
}

/// Compares what orders stand on with the acquirer's book, in both directions. What seems to disagree is looked at again,
/// and counts if the order was the same before and after, with nothing of its own under way.
pub fn check_book(main: &Store, book: &Store, report: &mut Report) -> Result<(), StoreError> {
    for shop in main.read_blocking(market::shops)? {
        let merchant = Merchant { shop: shop.id, environment: WORLD };
        let mut after: Option<String> = None;
        loop {
            let from = after.clone();
            let page = book.read_blocking(move |tx| simulator::book_page(tx, merchant, from.as_deref(), rows::PAGE))?;
            let Some(last) = page.last() else { break };
            after = Some(last.authorization.clone());
            for held in page.into_iter().filter(is_holding) {
                let Ok(number) = held.order.parse() else { continue };
                look(main, book, merchant, number, Some(&held.authorization), report)?;
            }
        }
        let mut after = String::new();
        loop {
            let from = after.clone();
            let page = main.read_blocking(move |tx| rows::orders_after(tx, shop.id, &from))?;
            let Some(last) = page.last() else { break };
            after = last.order.number.to_string();
            for counted in page.iter().filter(|counted| counted.order.standing.held().is_some()) {
                look(main, book, merchant, counted.order.number, None, report)?;
            }
        }
    }
    Ok(())
}

fn is_holding(held: &BookAuthorization) -> bool {
    match held.state {
        State::Authorized | State::Captured => true,
        State::ActionRequired | State::Voided | State::Refunded | State::Declined => false,
    }
}

/// Looks at an order and at an authorization of the book: the one that the order names, or the one given.
fn look(
    main: &Store,
    book: &Store,
    merchant: Merchant,
    number: OrderNumber,
    named: Option<&str>,
    report: &mut Report,
) -> Result<(), StoreError> {
    let read = |main: &Store| main.read_blocking(move |tx| rows::standing(tx, merchant.shop, number));
    for _ in 0..LOOKS {
        let Some((before, is_asking)) = read(main)? else { return Ok(()) };
        // What comes of a request is not known yet, by nobody.
        let name = named.map(str::to_owned).or(before.standing.held().map(|held| held.reference.clone()));
        let (Some(name), false) = (name, is_asking) else { return Ok(()) };
        let asked = name.clone();
        let held = book.read_blocking(move |tx| simulator::book_of(tx, merchant, &asked))?;
        if read(main)?.is_none_or(|(after, is_asking)| after != before || is_asking) {
            continue;
        }
        if let Some(problem) = wrong(&before, &name, held.as_ref()) {
            report.add("rcard_book", order_row(merchant.shop, &number), format!("sim_authorization {name}: {problem}"));
        }
        return Ok(());
    }
    Ok(())
}

/// What is wrong between an order and an authorization of the book.
fn wrong(order: &Order, name: &str, held: Option<&BookAuthorization>) -> Option<String> {
    let Some(held) = held else { return Some("the book does not have it".to_owned()) };
    let ours = order.standing.held().filter(|ours| ours.reference == name);
    let Some(ours) = ours else {
        return is_holding(held).then(|| format!("it is {}, and its order does not stand on it", held.state));
    };
    let claims = matches!(order.standing, Standing::Claimed(_));
    let expected = if claims { (State::Captured, ours.amount) } else { (State::Authorized, kernel::Yen::ZERO) };
    let fits = held.state == expected.0 && held.captured == expected.1 && held.amount == ours.amount;
    let (state, amount, captured) = (held.state, held.amount, held.captured);
    (!fits).then(|| {
        format!("it is {state} over {amount} yen and claimed {captured}, its order is {}", order.standing.word())
    })
}

//! Our book against the acquirer's: what each charge stands on is there, and as the charge says.
//!
//! The two are different databases, so no snapshot holds both. A charge that seems to disagree is looked at again:
//! read here, there, and here again. If it was the same both times, and no attempt is running on it, then nothing was
//! asked of the acquirer between the two readings, and what still disagrees is wrong. See [`super::surplus`] for the
//! other direction.

use acquirer::Merchant;
use acquirer::simulator::{self, BookAuthorization, BookHold, State as BookState};
use store::{Store, StoreError};

use super::Book;
use super::report::{Findings, differs};
use super::rows::PAGE;
use super::rows::held::{self as rows, Held, HeldStanding};
use crate::charge::state::State;

/// How often a charge that keeps changing is looked at.
const LOOKS: usize = 8;

/// Every merchant that may have money in the book.
pub(super) fn merchants(main: &Store, book: &Book) -> Result<Vec<Merchant>, StoreError> {
    let shops = main.read_blocking(shop::rows::shops)?;
    let of_shop = |shop: shop::Shop| {
        book.environments.iter().map(move |environment| Merchant { shop: shop.id, environment: *environment })
    };
    Ok(shops.into_iter().flat_map(of_shop).collect())
}

/// How a row of the book is named.
pub(super) fn row(merchant: Merchant, table: &str, name: &str) -> String {
    format!("{table} {}/{}/{name}", merchant.shop, merchant.environment)
}

/// Compares what every charge stands on with the book.
pub(super) fn check(main: &Store, book: &Book, found: &mut Findings) -> Result<(), StoreError> {
    for merchant in merchants(main, book)? {
        let mut after = String::new();
        loop {
            let from = after.clone();
            let page =
                main.read_blocking(move |tx| rows::held_after(tx, merchant.shop, merchant.environment, &from, PAGE))?;
            let Some(last) = page.last() else { break };
            after = last.charge.clone();
            for (held, in_book) in in_book(book, merchant, page)? {
                if !wrong_with(merchant, &held, &in_book).is_empty() {
                    look_again(main, book, merchant, &held.charge, found)?;
                }
            }
        }
    }
    Ok(())
}

/// What the book has of what a charge names.
struct InBook {
    authorization: Option<BookAuthorization>,
    hold: Option<BookHold>,
}

fn in_book(book: &Book, merchant: Merchant, charges: Vec<Held>) -> Result<Vec<(Held, InBook)>, StoreError> {
    book.store.read_blocking(move |tx| {
        let mut beside = Vec::with_capacity(charges.len());
        for held in &charges {
            let standing = held.standing.as_ref();
            let mut in_book = InBook { authorization: None, hold: None };
            if let Some(authorization) = standing.and_then(|standing| standing.authorization.as_ref()) {
                in_book.authorization = simulator::book_of(tx, merchant, authorization)?;
            }
            if let Some(hold) = standing.and_then(|standing| standing.hold.as_ref()) {
                in_book.hold = simulator::hold_of(tx, merchant, hold)?;
            }
            beside.push((held.clone(), in_book));
        }
        Ok(beside)
    })
}

fn look_again(
    main: &Store,
    book: &Book,
    merchant: Merchant,
    charge: &str,
    found: &mut Findings,
) -> Result<(), StoreError> {
    for _ in 0..LOOKS {
        let before = held_now(main, merchant, charge)?;
        let looked_at = in_book(book, merchant, vec![before])?;
        let after = held_now(main, merchant, charge)?;
        let Some((before, in_book)) = looked_at.into_iter().next() else { return Ok(()) };
        if before == after {
            for (row, problem) in wrong_with(merchant, &before, &in_book) {
                found.both("book", self::row(merchant, "charge", charge), row, problem);
            }
            return Ok(());
        }
    }
    found.unsettled();
    Ok(())
}

/// What is known of one charge now.
pub(super) fn held_now(main: &Store, merchant: Merchant, charge: &str) -> Result<Held, StoreError> {
    let id = charge.to_owned();
    let held = main.read_blocking(move |tx| rows::held_by(tx, merchant.shop, merchant.environment, &[&id]))?;
    Ok(held.into_iter().next().unwrap_or_else(|| Held::unknown(charge)))
}

/// What disagrees between a charge and the book: rows of the book, and what is wrong.
fn wrong_with(merchant: Merchant, held: &Held, in_book: &InBook) -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    // The outcome of a running attempt is not known yet, by nobody.
    let Some(standing) = held.standing.as_ref().filter(|_| !held.is_running) else { return wrong };
    let Ok(state) = standing.state.parse::<State>() else { return wrong };
    if let Some(name) = &standing.authorization {
        let row = row(merchant, "sim_authorization", name);
        let problems = match &in_book.authorization {
            None => vec!["the book does not have it".to_owned()],
            Some(authorization) => wrong_authorization(&held.charge, standing, state, authorization),
        };
        wrong.extend(problems.into_iter().map(|problem| (row.clone(), problem)));
    }
    if let Some(name) = &standing.hold {
        let row = row(merchant, "sim_points_hold", name);
        let problems = match &in_book.hold {
            None => vec!["the book does not have it".to_owned()],
            // Points that are still to be given back are still held or used.
            Some(_) if !held.unsent.is_empty() => Vec::new(),
            Some(hold) => wrong_hold(standing, state, hold),
        };
        wrong.extend(problems.into_iter().map(|problem| (row.clone(), problem)));
    }
    wrong
}

fn wrong_authorization(
    charge: &str,
    standing: &HeldStanding,
    state: State,
    authorization: &BookAuthorization,
) -> Vec<String> {
    let by_card = standing.amount.saturating_sub(standing.point);
    let (captured, refunded) = (authorization.captured.get(), authorization.refunded.get());
    let in_state = match state {
        State::Authorized => differs("its state", authorization.state, BookState::Authorized),
        State::Captured => differs("its state", authorization.state, BookState::Captured),
        State::Cancelled => match authorization.state {
            BookState::Voided | BookState::Refunded => None,
            other => Some(format!("its state is {other}, and the charge is cancelled")),
        },
    };
    let should_be_captured = match state {
        State::Captured => by_card,
        State::Authorized => 0,
        State::Cancelled => refunded,
    };
    let should_be_refunded = match state {
        State::Authorized | State::Captured => 0,
        State::Cancelled => captured,
    };
    let problems = [
        differs("its order", authorization.order.as_str(), charge),
        differs("its amount", authorization.amount.get(), standing.authorized_amount),
        in_state,
        differs("what it captured", captured, should_be_captured),
        differs("what it refunded", refunded, should_be_refunded),
    ];
    problems.into_iter().flatten().collect()
}

fn wrong_hold(standing: &HeldStanding, state: State, hold: &BookHold) -> Vec<String> {
    let (held, used) = match (state, standing.hold_used) {
        (State::Cancelled, _) => (0, 0),
        (State::Authorized | State::Captured, true) => (0, standing.point),
        (State::Authorized | State::Captured, false) => (standing.point, 0),
    };
    let problems = [
        (hold.account != standing.open_id).then(|| "its account is not that of the buyer".to_owned()),
        differs("how many points it holds", hold.held.get(), held),
        differs("how many points it used", hold.used.get(), used),
    ];
    problems.into_iter().flatten().collect()
}

//! What the acquirer's book holds or has claimed, and no charge stands on: it must be on its way back.
//!
//! The book is read first and our database afterwards: whoever made what is in the book has noted it here by then, as a
//! charge, a running attempt or a release that waits. What seems to be left over is looked for again in the book.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use acquirer::Merchant;
use acquirer::simulator::{self, BookAuthorization, BookHold, State as BookState};
use serde::Deserialize;
use store::{Store, StoreError, Tx};

use super::Book;
use super::book::{held_now, merchants, row};
use super::replay::released_authorization;
use super::report::{FINDINGS_MAX, Findings};
use super::rows::PAGE;
use super::rows::held::{self as rows, Held};
use crate::attempt::steps;

/// Holds of points that are remembered at a time: larger books are gone through several times.
const REMEMBERED: u64 = 500_000;

/// Looks for money and points that are left over in the book.
pub(super) fn check(main: &Store, book: &Book, found: &mut Findings) -> Result<(), StoreError> {
    for merchant in merchants(main, book)? {
        check_authorizations(main, book, merchant, found)?;
        check_holds(main, book, merchant, found)?;
    }
    Ok(())
}

fn check_authorizations(main: &Store, book: &Book, merchant: Merchant, found: &mut Findings) -> Result<(), StoreError> {
    let mut after: Option<String> = None;
    loop {
        let from = after.clone();
        let page =
            book.store.read_blocking(move |tx| simulator::book_page(tx, merchant, from.as_deref(), PAGE as u32))?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.authorization.clone());
        let holding: Vec<BookAuthorization> = page.into_iter().filter(is_holding).collect();
        let holding: Vec<_> = holding.into_iter().filter(|held| !(book.others)(&held.order)).collect();
        let orders: HashSet<String> = holding.iter().map(|authorization| authorization.order.clone()).collect();
        let held = main.read_blocking(move |tx| {
            let orders: Vec<&str> = orders.iter().map(String::as_str).collect();
            rows::held_by(tx, merchant.shop, merchant.environment, &orders)
        })?;
        let held: HashMap<&str, &Held> = held.iter().map(|held| (held.charge.as_str(), held)).collect();
        for authorization in holding {
            if held.get(authorization.order.as_str()).is_some_and(|held| is_left_over(&authorization, held)) {
                look_again(main, book, merchant, &authorization, found)?;
            }
        }
    }
}

/// Whether money of the buyer is held or claimed.
fn is_holding(authorization: &BookAuthorization) -> bool {
    match authorization.state {
        BookState::Authorized | BookState::Captured => true,
        BookState::ActionRequired | BookState::Voided | BookState::Refunded | BookState::Declined => false,
    }
}

/// Whether nothing explains what is held: no charge stands on it, no attempt runs, no release waits.
fn is_left_over(authorization: &BookAuthorization, held: &Held) -> bool {
    let name = &authorization.authorization;
    let stands_on_it = held.standing.as_ref().is_some_and(|standing| standing.authorization.as_ref() == Some(name));
    !stands_on_it && !held.is_running && !held.unsent.iter().any(|body| releases(body, name))
}

fn releases(body: &str, name: &str) -> bool {
    steps::from_json(body).is_ok_and(|release| released_authorization(&release) == Some(name))
}

fn look_again(
    main: &Store,
    book: &Book,
    merchant: Merchant,
    authorization: &BookAuthorization,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let held = held_now(main, merchant, &authorization.order)?;
    if !is_left_over(authorization, &held) {
        return Ok(());
    }
    let name = authorization.authorization.clone();
    let now = book.store.read_blocking(move |tx| simulator::book_of(tx, merchant, &name))?;
    let Some(now) = now.filter(is_holding) else { return Ok(()) };
    let in_book = row(merchant, "sim_authorization", &now.authorization);
    let order = now.order.clone();
    let sent = main.read_blocking(move |tx| rows::sent_releases(tx, merchant.shop, merchant.environment, &order))?;
    let mut is_explained = false;
    for (release, _) in sent.iter().filter(|(_, body)| releases(body, &now.authorization)) {
        let release = format!("outbox {}/{release}", merchant.shop);
        found.both("book", &in_book, release, format!("it is still {}, although its release was sent", now.state));
        is_explained = true;
    }
    if !is_explained {
        let charge = row(merchant, "charge", &now.order);
        found.add("book", in_book, format!("it is {}, and {charge} does not stand on it", now.state));
    }
    Ok(())
}

fn check_holds(main: &Store, book: &Book, merchant: Merchant, found: &mut Findings) -> Result<(), StoreError> {
    let count = main.read_blocking(move |tx| rows::count_of_holds(tx, merchant.shop, merchant.environment))?;
    let parts = count.unsigned_abs() / REMEMBERED + 1;
    let mut left_over = HashMap::new();
    for part in 0..parts {
        let named = main.read_blocking(move |tx| {
            let mut named = HashSet::new();
            each_named_hold(tx, merchant, |hold| {
                let hash = hash(hold);
                if hash % parts == part {
                    named.insert(hash);
                }
            })?;
            Ok::<_, StoreError>(named)
        })?;
        let unnamed = |hold: &BookHold| {
            let hash = hash(&hold.hold);
            hash % parts == part && !named.contains(&hash)
        };
        outstanding_holds(book, merchant, unnamed, &mut left_over)?;
    }
    if left_over.is_empty() { Ok(()) } else { look_for_holds(main, book, merchant, left_over, found) }
}

/// The same number for the same name, in every process.
fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

fn each_named_hold(tx: &mut Tx<'_>, merchant: Merchant, mut each: impl FnMut(&str)) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let page = rows::holds_after(tx, merchant.shop, merchant.environment, &after, PAGE)?;
        for (_, hold) in &page {
            each(hold);
        }
        match page.into_iter().next_back() {
            Some((charge, _)) => after = charge,
            None => return Ok(()),
        }
    }
}

fn is_outstanding(hold: &BookHold) -> bool {
    !hold.held.is_zero() || !hold.used.is_zero()
}

/// Notes holds of the book that are not given back and for which `is_wanted` is true; no more than can be reported.
fn outstanding_holds(
    book: &Book,
    merchant: Merchant,
    is_wanted: impl Fn(&BookHold) -> bool,
    noted: &mut HashMap<String, BookHold>,
) -> Result<(), StoreError> {
    let mut after: Option<String> = None;
    loop {
        let from = after.clone();
        let page =
            book.store.read_blocking(move |tx| simulator::holds_page(tx, merchant, from.as_deref(), PAGE as u32))?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.hold.clone());
        for hold in page.into_iter().filter(|hold| is_outstanding(hold) && is_wanted(hold)) {
            if noted.len() <= FINDINGS_MAX {
                noted.insert(hold.hold.clone(), hold);
            }
        }
    }
}

/// What a running payment says of the points that it holds.
#[derive(Deserialize)]
struct Payment {
    open_id: String,
    point: i64,
}

fn look_for_holds(
    main: &Store,
    book: &Book,
    merchant: Merchant,
    mut left_over: HashMap<String, BookHold>,
    found: &mut Findings,
) -> Result<(), StoreError> {
    let suspects = left_over.clone();
    let (named, running) = main.read_blocking(move |tx| {
        let mut named = Vec::new();
        each_named_hold(tx, merchant, |hold| {
            if suspects.contains_key(hold) {
                named.push(hold.to_owned());
            }
        })?;
        let running = rows::running_payments(tx, merchant.shop, merchant.environment)?;
        Ok::<_, StoreError>((named, running))
    })?;
    for hold in named {
        left_over.remove(&hold);
    }
    let running: Vec<Payment> = running.iter().filter_map(|arguments| serde_json::from_str(arguments).ok()).collect();
    left_over.retain(|_, hold| {
        !running.iter().any(|payment| payment.open_id == hold.account && payment.point == hold.points.get())
    });
    let mut left_over: Vec<String> = left_over.into_keys().collect();
    left_over.sort();
    for name in left_over {
        let hold = name.clone();
        let now = book.store.read_blocking(move |tx| simulator::hold_of(tx, merchant, &hold))?;
        if let Some(now) = now.filter(is_outstanding) {
            let problem = format!("{} points are held and {} used, and no charge names it", now.held, now.used);
            found.add("book", row(merchant, "sim_points_hold", &name), problem);
        }
    }
    Ok(())
}

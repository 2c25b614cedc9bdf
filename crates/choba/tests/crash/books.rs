//! What the books say of the charges that the clerks made.

use std::collections::BTreeMap;

use acquirer::Merchant;
use acquirer::simulator::{self, BookAuthorization, State};
use choba::system::Stopwatch;
use kernel::{Environment, ShopId};
use pay::mail::MailSettings;
use store::{Store, StoreError, params};

use crate::house::House;
use crate::office::Office;
use crate::server::Server;

/// The only shop.
pub const SHOP: ShopId = ShopId(1);
/// How long background work may take: longer than a lease that was committed after its process died.
const PATIENCE_SECONDS: u64 = 180;

/// An authorization as it should stand in the acquirer's book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub amount: i64,
    pub captured: i64,
    pub state: State,
}

impl Held {
    /// Not captured yet.
    pub fn authorized(amount: i64) -> Held {
        Held { amount, captured: 0, state: State::Authorized }
    }

    /// Given back: all of it, whether it was captured or not.
    pub fn given_back(&self) -> Held {
        let state = if self.state == State::Captured { State::Refunded } else { State::Voided };
        Held { state, ..self.clone() }
    }
}

/// How far releases, which follow after a change, have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Releases {
    /// Each is done or still to be done.
    UnderWay,
    /// All are done.
    Done,
}

/// The acquirer's book has exactly these authorizations (of each order number, in the order of their making): each effect
/// once, and nothing of what nobody asked for.
pub fn assert_book(house: &House, expected: &BTreeMap<String, Vec<Held>>, releases: Releases) {
    let merchant = Merchant { shop: SHOP, environment: Environment::Sandbox };
    let book = house.book().read_blocking(move |tx| simulator::book(tx, merchant)).unwrap();
    let mut found: BTreeMap<String, Vec<BookAuthorization>> = BTreeMap::new();
    for authorization in book {
        found.entry(authorization.order.clone()).or_default().push(authorization);
    }
    for order in found.keys() {
        assert!(expected.contains_key(order), "the acquirer holds money for {order}, which nobody ordered");
    }
    for (order, expected) in expected {
        let found = found.remove(order).unwrap_or_default();
        let same = found.len() == expected.len()
            && found.iter().zip(expected).all(|(found, expected)| stands_so(found, expected, releases));
        assert!(same, "{order}: expected {expected:?}, the acquirer's book says {found:?}");
    }
}

fn stands_so(found: &BookAuthorization, expected: &Held, releases: Releases) -> bool {
    let before_release = match expected.state {
        State::Voided => State::Authorized,
        State::Refunded => State::Captured,
        State::ActionRequired | State::Authorized | State::Captured | State::Declined => expected.state,
    };
    let refunded = if found.state == State::Refunded { found.captured.get() } else { 0 };
    (found.state == expected.state || (releases == Releases::UnderWay && found.state == before_release))
        && found.amount.get() == expected.amount
        && found.captured.get() == expected.captured
        && found.refunded.get() == refunded
}

/// As if enough machine time had passed for every lease of a dead process to run out.
pub fn let_leases_run_out(store: &Store) {
    let run_out = |tx: &mut store::Tx<'_>| {
        tx.execute("UPDATE attempt SET leased_until_us = 0 WHERE state = 'running'", &[])?;
        tx.execute("UPDATE outbox SET leased_until_us = 0 WHERE state = 'waiting'", &[])?;
        tx.execute("UPDATE lease SET until_us = 0", &[])?;
        Ok::<_, StoreError>(())
    };
    store.write_blocking(run_out).unwrap();
}

/// As if enough machine time had passed for shops that a dead process asked to be asked no more.
pub fn let_checks_run_out(store: &Store) {
    let run_out = |tx: &mut store::Tx<'_>| {
        tx.execute("UPDATE checkout_session SET checking_until_us = 1 WHERE state = 'checking'", &[])
    };
    store.write_blocking::<_, StoreError, _>(run_out).unwrap();
}

/// How many charges there are of each cart.
pub fn charges_of_carts(store: &Store) -> BTreeMap<String, i64> {
    let count = |tx: &mut store::Tx<'_>| {
        let rows = tx.query("SELECT cart_id, count(*) FROM charge GROUP BY cart_id", &[])?;
        rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.int(1)?))).collect()
    };
    store.read_blocking::<_, StoreError, _>(count).unwrap()
}

/// Attempts that nobody has ended, and messages that have not left; not those that are on hold until another day.
pub fn open_ends(store: &Store) -> (i64, i64) {
    let count = |tx: &mut store::Tx<'_>| {
        let attempts = tx.query_one("SELECT count(*) FROM attempt WHERE state = 'running'", &[])?.int(0)?;
        let messages = "SELECT count(*) FROM outbox
                        WHERE state IN ('waiting', 'queued') AND COALESCE(last_error, '') <> 'on hold'";
        let messages = tx.query_one(messages, &[])?;
        Ok::<_, StoreError>((attempts, messages.int(0)?))
    };
    store.read_blocking(count).unwrap()
}

/// Whether a request with this idempotency key had any effect.
pub fn is_known(store: &Store, key: &str) -> bool {
    let key = key.to_owned();
    let count = move |tx: &mut store::Tx<'_>| {
        tx.query_one("SELECT count(*) FROM idempotency WHERE request_key = $1", &params![&key])?.int(0)
    };
    store.read_blocking(count).unwrap() > 0
}

/// Waits until the running server has ended every attempt and sent every message.
pub fn wait_until_drained(store: &Store) {
    until("work is left to do", || open_ends(store) == (0, 0));
}

/// Everything that was begun comes to its end, and then everything is as it was acknowledged.
pub fn finish(house: &House, server: Server, office: &Office) {
    let store = house.store();
    let_leases_run_out(&store);
    wait_until_drained(&store);
    if store.read_blocking(|tx| pay::mail::rows::settings(tx, SHOP)).unwrap().automatic {
        assert_each_change_is_told(&store);
    }
    drop(store);
    office.assert_all(house, &server, Releases::Done);
    server.terminate();
    let (status, printed) = server.ended();
    assert!(status.success(), "{printed}");
    assert!(!printed.contains("panicked"), "{printed}");
    house.verify();
}

/// Switches the shop's automatic mails on.
pub fn switch_mails_on(store: &Store) {
    let contact_address = "shop@example.com".parse().ok();
    let settings = MailSettings { automatic: true, contact_address, ..MailSettings::default() };
    let save = move |tx: &mut store::Tx<'_>| tx.execute_all(&[pay::mail::rows::save_settings(SHOP, &settings)]);
    store.write_blocking::<_, StoreError, _>(save).unwrap();
}

/// Each change was told to everybody whom it is told to, once: the built-in mailbox is part of the transaction in which
/// the message ends.
fn assert_each_change_is_told(store: &Store) {
    let rows = store.read_blocking::<_, StoreError, _>(|tx| {
        let events = "SELECT type, count(*) FROM event WHERE type <> 'charge.succeeded' GROUP BY type ORDER BY type";
        let mails = "SELECT CASE kind WHEN 'captured' THEN 'charge.captured' WHEN 'changed' THEN 'charge.updated'
                         ELSE 'charge.refunded' END, recipient, count(*) FROM mail GROUP BY 1, 2 ORDER BY 1, 2";
        Ok((tx.query(events, &[])?, tx.query(mails, &[])?))
    });
    let (events, mails) = rows.unwrap();
    let told = |kind: &str, to: &str| {
        let mail = mails.iter().find(|mail| (mail.text(0), mail.text(1)) == (Ok(kind), Ok(to)));
        mail.map_or(0, |mail| mail.int(2).unwrap())
    };
    for event in events {
        let (kind, count) = (event.text(0).unwrap(), event.int(1).unwrap());
        let to_buyers = if kind == "charge.captured" { 0 } else { count };
        assert_eq!((told(kind, "shop"), told(kind, "buyer")), (count, to_buyers), "{kind}");
    }
}

/// Asks again and again until it is so.
pub fn until(otherwise: &str, mut is_so: impl FnMut() -> bool) {
    let waiting = Stopwatch::start();
    while !is_so() {
        assert!(waiting.elapsed().as_secs() < PATIENCE_SECONDS, "after {PATIENCE_SECONDS} seconds: {otherwise}");
        std::thread::yield_now();
    }
}

/// How many requests of a kind the acquirer has done for a charge.
pub fn operations(house: &House, order: &str, kind: &'static str) -> i64 {
    let order = order.to_owned();
    let count = move |tx: &mut store::Tx<'_>| {
        let sql = "SELECT count(*) FROM sim_operation o
                   JOIN sim_authorization a ON a.shop_id = o.shop_id AND a.environment = o.environment
                       AND a.authorization_id = o.authorization_id
                   WHERE a.order_ref = $1 AND o.kind = $2 AND o.outcome = 'succeeded'";
        tx.query_one(sql, &params![&order, kind])?.int(0)
    };
    house.book().read_blocking(count).unwrap()
}

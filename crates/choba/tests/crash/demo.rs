//! A server that was killed while it made the shop of `--demo` makes the rest of it at its next start.

use std::process::{Command, Stdio};

use store::{Store, StoreError};
use testkit::postgres::TestDatabase;

use crate::books;
use crate::house::House;
use crate::server::Server;

/// On more days than these something was ordered when the story is told.
const WHOLE_DAYS: usize = 20;
/// Houses that are tried before the machine counts as too slow to strike in time.
const TRIES: usize = 5;

#[test]
fn a_demo_that_was_killed_is_completed_on_sqlite() {
    completed(on_sqlite);
}

#[test]
fn a_demo_that_was_killed_is_completed_on_postgres() {
    completed(on_postgres);
}

fn on_sqlite() -> (House, ()) {
    (House::of_folder(), ())
}

fn on_postgres() -> (House, TestDatabase) {
    let database = TestDatabase::new();
    (House::of_postgres(database.url()), database)
}

fn serving(house: &House) -> Command {
    let mut command = house.serving();
    command.arg("--demo");
    command
}

/// Kills a server in the middle of the story; the days on which something was ordered by then. None if all of it was told
/// before anybody looked.
fn killed_in_the_middle(house: &House) -> Option<Vec<i64>> {
    // Its database is brought up first, so that it can be looked at.
    house.serve().kill();
    let store = house.store();
    let mut dying = serving(house).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    books::until("the story did not begin", || days(&store).len() >= 3);
    dying.kill().unwrap();
    dying.wait().unwrap();
    books::let_leases_run_out(&store);
    Some(days(&store)).filter(|days| days.len() < WHOLE_DAYS)
}

fn completed<T>(new_house: impl Fn() -> (House, T)) {
    let in_the_middle = |(house, database): (House, T)| {
        let before = killed_in_the_middle(&house)?;
        Some((house, database, before))
    };
    let found = (0..TRIES).find_map(|_| in_the_middle(new_house()));
    let (house, _database, before) = found.expect("a server that is killed before its story is told");
    let serve = || serving(&house);
    let store = house.store();
    Server::try_start(serve()).unwrap().kill();
    let whole = days(&store);
    assert!(whole.len() > WHOLE_DAYS, "{whole:?}");
    assert!(before.iter().all(|day| whole.contains(day)), "{before:?} {whole:?}");
    books::let_leases_run_out(&store);
    let charges = count(&store);
    let server = Server::try_start(serve()).unwrap();
    assert_eq!(count(&store), charges, "a story that was told is not told again");
    books::wait_until_drained(&store);
    drop(store);
    server.terminate();
    assert!(server.ended().0.success());
    house.verify();
}

/// The days on which something was ordered.
fn days(store: &Store) -> Vec<i64> {
    let days = |tx: &mut store::Tx<'_>| {
        let rows = tx.query("SELECT DISTINCT day FROM charge_count ORDER BY day", &[])?;
        rows.iter().map(|row| row.int(0)).collect()
    };
    store.read_blocking::<_, StoreError, _>(days).unwrap()
}

fn count(store: &Store) -> i64 {
    let count = |tx: &mut store::Tx<'_>| tx.query_one("SELECT count(*) FROM charge", &[])?.int(0);
    store.read_blocking::<_, StoreError, _>(count).unwrap()
}

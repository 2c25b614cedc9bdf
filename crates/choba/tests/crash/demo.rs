//! A server that was killed while it made the shop of `--demo` makes the rest of it at its next start.

use store::{Store, StoreError};
use testkit::postgres::TestDatabase;

use crate::books;
use crate::house::House;
use crate::server::Server;

#[test]
fn a_demo_that_was_killed_is_completed_on_sqlite() {
    completed(&House::of_folder());
}

#[test]
fn a_demo_that_was_killed_is_completed_on_postgres() {
    let database = TestDatabase::new();
    completed(&House::of_postgres(database.url()));
}

fn completed(house: &House) {
    let serve = || {
        let mut command = house.serving();
        command.arg("--demo");
        command
    };
    // Its database is brought up first, so that it can be looked at.
    house.serve().kill();
    let store = house.store();
    let mut dying = serve().stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    books::until("the story did not begin", || days(&store).len() >= 3);
    dying.kill().unwrap();
    dying.wait().unwrap();
    let before = days(&store);
    assert!(before.len() < 20, "it was told to its end already: {before:?}");
    books::let_leases_run_out(&store);

    Server::try_start(serve()).unwrap().kill();
    let whole = days(&store);
    assert!(whole.len() > 20, "{whole:?}");
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

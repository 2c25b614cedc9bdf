//! A filled shop is sound: a recount of both books finds nothing.

use std::sync::Arc;
use std::time::Duration;

use choba::shops;
use choba::system::{OsEntropy, SystemClock};
use choba::wiring::{Parts, Wired, migrations};
use kernel::Environment;
use pay::charge::list::{Filter, PaymentFilter};
use pay::charge::rows;
use pay::verify::{Book, verify_all};
use shop::Vault;
use store::{Database, PostgresOptions, SqliteOptions, Store};
use testkit::fill::{self, Shape, Target};
use testkit::postgres::TestDatabase;

const CHARGES: u64 = 1_200;

#[test]
fn a_filled_folder_is_sound() {
    let folder = tempfile::tempdir().unwrap();
    is_sound(Database::Sqlite(SqliteOptions::new(folder.path().join("choba.db"))));
}

#[test]
fn a_filled_server_is_sound() {
    let database = TestDatabase::new();
    is_sound(Database::Postgres(PostgresOptions { writers: 2, readers: 2, ..PostgresOptions::new(database.url()) }));
}

fn is_sound(database: Database) {
    let clock = Arc::new(SystemClock);
    let store = Store::open(database, &migrations(), clock.clone()).unwrap();
    let vault = Arc::new(Vault::new(&[(1, [7; 32])]).unwrap());
    let shop = shops::ensure_first(&store, &vault, &OsEntropy).unwrap().id;
    let wired = Wired::new(Parts {
        store: store.clone(),
        vault: vault.clone(),
        clock,
        entropy: Arc::new(OsEntropy),
        base_url: "http://choba.test".to_owned(),
        acquirer_timeout: Duration::from_secs(5),
        late_after: Duration::from_secs(5),
        request_log: Default::default(),
        carrier: pay::mail::deliver::Carrier::Mailbox,
        guard: outbound::Guard::public(),
        webhook_limits: pay::webhook::Limits::default(),
        windows: pay::charge::Windows::USUAL,
    });
    let wired = wired.unwrap();
    let target = Target { gateway: wired.gateway.clone(), simulator: wired.simulator.clone(), shop };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let numbers = runtime.block_on(fill::fill(&target, CHARGES, Shape::AYear)).unwrap();
    let ordered = runtime.block_on(fill::fill(&target, 10, Shape::JustOrdered)).unwrap();

    assert!(numbers.iter().chain(&ordered).is_sorted());
    let days = ordered[0].date().day_number() - numbers[0].date().day_number();
    assert!((364..=366).contains(&days), "{days} days");
    let total = |payment| {
        let filter = Filter { payment, ..Filter::default() };
        store.read_blocking(move |tx| rows::total(tx, shop, Environment::Sandbox, &filter)).unwrap()
    };
    assert_eq!(total(PaymentFilter::default()), CHARGES as i64 + 10);
    assert!(total(PaymentFilter { captured: Some(true), ..PaymentFilter::default() }) > CHARGES as i64 * 3 / 4);
    assert!(total(PaymentFilter { refunded: Some(true), ..PaymentFilter::default() }) > CHARGES as i64 / 50);

    let book =
        Book { store: wired.simulator.store().clone(), environments: vec![Environment::Sandbox], others: |_| false };
    let report = verify_all(&store, Some(&book), &vault).unwrap();
    assert!(report.is_clean(), "{:#?}", report.findings);
}

//! What operations made adds up, on both engines.

use std::collections::BTreeSet;

use kernel::Environment;
use pay::attempt::Work;
use store::StoreError;

use super::world::{World, change_of, order};

fn tells_a_clean_story(world: &World) {
    world.tell_the_story();
    let report = world.databases.verify();
    assert!(report.is_clean(), "{:#?}", report.findings);
    assert_eq!((report.omitted, report.unsettled), (0, 0));
    let counted = |table| report.counted[table];
    assert_eq!((counted("charge"), counted("shop"), counted("credential")), (17, 1, 12));
    assert_eq!((counted("mail"), counted("notification"), counted("mail_setting")), (7, 2, 1));
    assert_eq!(counted("attempt"), counted("event") + 5, "three were refused, two are running");
    world.work_off();
    world.seal();
    assert!(world.databases.verify().is_clean());
    world.clock.advance_seconds(3_600);
    world.work_off();
    let report = world.databases.verify();
    assert!(report.is_clean(), "after everything was settled: {:#?}", report.findings);
    assert_eq!(report.counted["attempt"], report.counted["event"] + 3, "three were refused");
    assert_eq!(report.counted["charge"], 18);
}

#[test]
fn what_operations_made_is_clean_on_sqlite() {
    tells_a_clean_story(&World::sqlite());
}

#[test]
fn what_operations_made_is_clean_on_postgres() {
    tells_a_clean_story(&World::postgres());
}

/// The figures of a database that was made before there were any come out as if they had been kept all the time.
fn brings_figures_up(world: &World) {
    world.tell_the_story();
    let kept = |world: &World| {
        let sql =
            "SELECT environment, hours, start, CAST(sum(orders) AS BIGINT), CAST(sum(amount) AS BIGINT) FROM figure
                   GROUP BY environment, hours, start ORDER BY environment, hours, start";
        world.databases.main.read_blocking::<_, StoreError, _>(move |tx| tx.query(sql, &[])).unwrap()
    };
    let before = kept(world);
    assert!(before.len() >= 4, "an hour and a day long ago, and now: {before:?}");
    for sql in [
        "DROP TABLE figure",
        "DROP INDEX mail_not_taken",
        "DELETE FROM schema_migration WHERE name = 'pay/0011-figures'",
    ] {
        let run = move |tx: &mut store::Tx<'_>| tx.execute(sql, &[]);
        world.databases.main.write_blocking::<_, StoreError, _>(run).unwrap();
    }
    let database = world.databases.main.database().clone();
    drop(store::Store::open(database, &super::world::migrations(), world.clock.clone()).unwrap());
    assert_eq!(kept(world), before);
    let report = world.databases.verify();
    assert!(report.is_clean(), "{:#?}", report.findings);
}

#[test]
fn figures_of_earlier_charges_are_made_by_the_migration() {
    brings_figures_up(&World::sqlite());
    brings_figures_up(&World::postgres());
}

#[test]
fn nothing_is_clean() {
    for world in [World::sqlite(), World::postgres()] {
        let report = world.databases.verify();
        assert!(report.is_clean(), "{:#?}", report.findings);
    }
}

#[test]
fn the_book_is_optional() {
    let world = World::sqlite();
    world.paid(1_000, 100);
    let emptied = world.databases.book.store.write_blocking(|tx| tx.execute("DELETE FROM sim_authorization", &[]));
    assert_eq!(emptied.unwrap(), 1);
    let vault = world.databases.vault.clone();
    let report = world.databases.main.read_blocking(move |tx| pay::verify::verify(tx, &vault));
    assert!(report.unwrap().is_clean());
    assert!(!world.databases.verify().is_clean());
}

#[test]
fn another_master_key_is_noticed() {
    let world = World::sqlite();
    let other = shop::Vault::new(&[(1, [8; 32])]).unwrap();
    let report = world.databases.main.read_blocking(move |tx| pay::verify::verify(tx, &other));
    let report = report.unwrap_or_else(|error: StoreError| panic!("{error}"));
    let unopened = report.findings.iter().filter(|finding| finding.problem.contains("does not open")).count();
    assert_eq!(unopened, 12);
}

/// Runs SQL that no operation would.
fn written(world: &World, sql: &'static str, rows: u64) {
    let touched = world.databases.main.write_blocking::<_, StoreError, _>(move |tx| tx.execute(sql, &[]));
    assert_eq!(touched, Ok(rows), "{sql}");
}

#[test]
fn several_pages_of_charges_are_recounted_whole() {
    let world = World::sqlite();
    let pay = |total| {
        let gateway = world.gateway.clone();
        world.runtime.spawn(async move {
            let paid = gateway.pay(change_of(Environment::Sandbox, ""), order(total, total % 7, "visa")).await;
            paid.map(|_| ()).map_err(|error| error.code)
        })
    };
    let paying: Vec<_> = (0..1_050).map(|index| pay(1_000 + index)).collect();
    for paid in paying {
        world.runtime.block_on(paid).unwrap().unwrap();
    }
    let report = world.databases.verify();
    assert!(report.is_clean(), "{:#?}", report.findings);
    // The last charge of a page, the first of the next, the first and the last of all.
    let sql = "UPDATE charge SET cart_id = 'another'
               WHERE CAST(substr(charge_id, 21) AS INTEGER) IN (1, 500, 501, 1000, 1001, 1050)";
    written(&world, sql, 6);
    let report = world.databases.verify();
    let named: BTreeSet<&str> =
        report.findings.iter().map(|finding| finding.row.as_str()).filter(|row| row.starts_with("charge ")).collect();
    let number = |serial: u32| format!("charge 1/sandbox/1000000001-20261122-{serial:010}");
    assert_eq!(named.into_iter().collect::<Vec<_>>(), [1, 500, 501, 1000, 1001, 1050].map(number));
}

#[test]
fn a_charge_with_more_attempts_than_a_page_is_recounted_whole() {
    let world = World::sqlite();
    let before = world.paid(1_000, 0);
    let charge = world.pay(Environment::Sandbox, 1_900, 0, "capture_refused", "").unwrap();
    let after = world.paid(1_100, 0);
    assert_eq!(world.change(charge, Work::Capture, "").unwrap_err(), "invalid_payment");
    written(
        &world,
        "INSERT INTO attempt WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4500)
         SELECT shop_id, environment, substr(attempt_id, 1, 28) || printf('%04x', n.i), charge_id, version, verb,
             arguments, state, refusal, actor, origin, begun_us, ended_us, tries, leased_until_us,
             NULL, NULL, NULL
         FROM attempt CROSS JOIN n WHERE state = 'refused'",
        4_500,
    );
    written(
        &world,
        "INSERT INTO audit WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4500)
         SELECT shop_id, substr(audit_id, 1, 28) || printf('%04x', n.i), at_us, actor, origin, action, object, fields,
             position, hash
         FROM audit CROSS JOIN n WHERE fields LIKE '%refused%'",
        4_500,
    );
    let report = world.databases.verify();
    assert!(report.is_clean(), "{:#?}", report.findings);
    written(&world, "UPDATE charge SET cart_id = NULL", 3);
    let report = world.databases.verify();
    for number in [before, charge, after] {
        let row = format!("charge 1/sandbox/{number}");
        assert!(report.findings.iter().any(|finding| finding.row == row), "{row}");
    }
}

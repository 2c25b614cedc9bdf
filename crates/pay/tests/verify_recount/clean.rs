//! What operations made adds up, on both engines.

use store::StoreError;

use super::world::World;

fn tells_a_clean_story(world: &World) {
    world.tell_the_story();
    let report = world.databases.verify();
    assert!(report.is_clean(), "{:#?}", report.findings);
    assert_eq!((report.omitted, report.unsettled), (0, 0));
    let counted = |table| report.counted[table];
    assert_eq!((counted("charge"), counted("shop"), counted("credential")), (15, 1, 12));
    assert_eq!(counted("attempt"), counted("event") + 4, "two were refused, two are running");
    world.work_off();
    world.seal();
    assert!(world.databases.verify().is_clean());
    world.clock.advance_seconds(3_600);
    world.work_off();
    let report = world.databases.verify();
    assert!(report.is_clean(), "after everything was settled: {:#?}", report.findings);
    assert_eq!(report.counted["attempt"], report.counted["event"] + 2, "two were refused");
    assert_eq!(report.counted["charge"], 16);
}

#[test]
fn what_operations_made_is_clean_on_sqlite() {
    tells_a_clean_story(&World::sqlite());
}

#[test]
fn what_operations_made_is_clean_on_postgres() {
    tells_a_clean_story(&World::postgres());
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

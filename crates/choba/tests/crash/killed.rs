//! `kill -9` at random moments.

use testkit::postgres::TestDatabase;
use testkit::sim_clock::SeededEntropy;

use crate::books::{self, Releases};
use crate::house::House;
use crate::office::{self, Office};
use crate::server::Server;

#[test]
fn nothing_acknowledged_is_lost_on_sqlite() {
    // A folder is served by one process at a time: it takes over at once what the dead one left behind.
    crashes(&House::of_folder(), &office::dice("killed, SQLite"), |_| {});
}

#[test]
fn nothing_acknowledged_is_lost_on_postgres() {
    let database = TestDatabase::new();
    let house = House::of_postgres(database.url());
    crashes(&house, &office::dice("killed, PostgreSQL"), |house| books::let_leases_run_out(&house.store()));
}

fn crashes(house: &House, dice: &SeededEntropy, after_the_kill: impl Fn(&House)) {
    let mut server = house.serve();
    let mut office = Office::of(house, dice);
    for round in 0..office::rounds() {
        kill_under_load(&server, &mut office, 1 + dice.below(250), dice.below(5_000));
        let (_, printed) = server.ended();
        assert!(!printed.contains("panicked"), "{printed}");
        after_the_kill(house);
        server = house.serve();
        if dice.below(3) == 0 {
            // Again, while it is still taking over.
            kill_under_load(&server, &mut office, 1 + dice.below(8), dice.below(5_000));
            server.kill();
            after_the_kill(house);
            server = house.serve();
        }
        office.settle(&server);
        office.assert_all(house, &server, Releases::UnderWay);
        println!("round {round}: {} requests answered so far", office.answered());
    }
    let store = house.store();
    books::let_leases_run_out(&store);
    books::wait_until_drained(&store);
    drop(store);
    office.assert_all(house, &server, Releases::Done);
    server.terminate();
    let (status, printed) = server.ended();
    assert!(status.success(), "{printed}");
    house.verify();
}

fn kill_under_load(server: &Server, office: &mut Office, moment: u64, then_micros: u64) {
    let killer = server.killer();
    office.work_until_gone(server, moment, || {
        office::spin(then_micros);
        killer.kill();
    });
}

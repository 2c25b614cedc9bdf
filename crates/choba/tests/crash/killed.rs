//! `kill -9` at random moments.

use testkit::postgres::TestDatabase;
use testkit::sim_clock::SeededEntropy;

use crate::books::{self, Releases};
use crate::house::House;
use crate::office::{self, Office};
use crate::server::Server;

/// Crashes that one installation goes through; after them a new one is made, because a recount reads all of its history.
const ROUNDS_OF_A_HOUSE: u64 = 20;

#[test]
fn nothing_acknowledged_is_lost_on_sqlite() {
    let dice = office::dice("killed, SQLite");
    for rounds in shares(office::rounds()) {
        // A folder is served by one process at a time: it takes over at once what the dead one left behind.
        crashes(&House::of_folder(), &dice, rounds, |_| {});
    }
}

#[test]
fn nothing_acknowledged_is_lost_on_postgres() {
    let dice = office::dice("killed, PostgreSQL");
    for rounds in shares(office::rounds()) {
        let database = TestDatabase::new();
        let house = House::of_postgres(database.url());
        crashes(&house, &dice, rounds, |house| books::let_leases_run_out(&house.store()));
    }
}

/// `rounds` in parts of [`ROUNDS_OF_A_HOUSE`] at the most.
pub fn shares(rounds: u64) -> impl Iterator<Item = u64> {
    (0..rounds).step_by(ROUNDS_OF_A_HOUSE as usize).map(move |done| ROUNDS_OF_A_HOUSE.min(rounds - done))
}

fn crashes(house: &House, dice: &SeededEntropy, rounds: u64, after_the_kill: impl Fn(&House)) {
    let mut server = house.serve();
    books::switch_mails_on(&house.store());
    let mut office = Office::of(house, dice);
    for round in 0..rounds {
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
    books::finish(house, server, &office);
}

fn kill_under_load(server: &Server, office: &mut Office, moment: u64, then_micros: u64) {
    let killer = server.killer();
    office.work_until_gone(server, moment, || {
        office::spin(then_micros);
        killer.kill();
    });
}

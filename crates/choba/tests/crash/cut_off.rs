//! PostgreSQL goes away under a server that stays: its network is cut at random, or it is killed itself.

use std::sync::Mutex;

use testkit::postgres::{Crash, PostgresServer, TestDatabase};
use testkit::sim_clock::SeededEntropy;
use testkit::tcp_proxy::{Cut, TcpProxy};

use crate::books::{self, Releases};
use crate::house::House;
use crate::office::{self, Office};
use crate::server::Server;

const ROUNDS: u64 = 2;
/// Answers that show that the work goes on.
const ANSWERS_AFTERWARDS: u64 = 60;

#[test]
fn a_network_that_is_cut_loses_nothing() {
    let dice = office::dice("cut off, network");
    let database = TestDatabase::new();
    let proxy = TcpProxy::start(database.address());
    let house = House::of_postgres(database.url_through(proxy.address()));
    let server = house.serve();
    let mut office = Office::of(&house, &dice);
    for _ in 0..ROUNDS {
        let (moment, down_micros) = (20 + dice.below(100), 1_000 + dice.below(200_000));
        let cuts: Vec<Cut> = (0..4).map(|_| [Cut::BeforeServer, Cut::AfterServer][dice.below(2) as usize]).collect();
        strike(&house, &server, &mut office, moment, || {
            for cut in &cuts {
                let before = proxy.cuts();
                proxy.cut_next_commit(*cut);
                books::until("no COMMIT came by", || proxy.cuts() > before);
            }
            proxy.set_down(true);
            office::spin(down_micros);
            proxy.set_down(false);
        });
    }
    books::finish(&house, server, &office);
}

#[test]
fn a_postgres_that_dies_loses_nothing() {
    let dice: SeededEntropy = office::dice("cut off, PostgreSQL");
    let postgres = PostgresServer::start(&[]);
    postgres.execute("postgres", "CREATE DATABASE shop");
    let house = House::of_postgres(postgres.url("shop", postgres.address()));
    let postgres = Mutex::new(postgres);
    let server = house.serve();
    let mut office = Office::of(&house, &dice);
    for how in [Crash::Kill, Crash::Immediate] {
        strike(&house, &server, &mut office, 20 + dice.below(100), || postgres.lock().unwrap().crash(how));
    }
    books::finish(&house, server, &office);
}

/// The clerks work through it, and everything that was asked for is answered in the end.
fn strike(house: &House, server: &Server, office: &mut Office, moment: u64, disaster: impl Fn() + Sync) {
    office.work_through(server, moment, ANSWERS_AFTERWARDS, || {
        disaster();
        // Attempts whose outcome could not be committed are left to whoever comes when their lease has run out.
        books::let_leases_run_out(&house.store());
    });
    books::let_leases_run_out(&house.store());
    office.settle(server);
    office.assert_all(house, server, Releases::UnderWay);
}

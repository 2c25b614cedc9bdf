//! SIGTERM under load: what was accepted is finished and answered, the rest is refused without any effect.

use testkit::postgres::TestDatabase;

use crate::books::{self, Releases};
use crate::house::House;
use crate::office::{self, Office};

const ROUNDS: u64 = 3;

#[test]
fn what_was_accepted_is_finished_on_sqlite() {
    stops(&House::of_folder());
}

#[test]
fn what_was_accepted_is_finished_on_postgres() {
    let database = TestDatabase::new();
    stops(&House::of_postgres(database.url()));
}

fn stops(house: &House) {
    let dice = office::dice("stopping");
    let mut server = house.serve();
    let mut office = Office::of(house, &dice);
    for _ in 0..ROUNDS {
        let (moment, then_micros) = (1 + dice.below(150), dice.below(3_000));
        office.work_until_gone(&server, moment, || {
            office::spin(then_micros);
            server.terminate();
        });
        let (status, printed) = server.ended();
        assert!(status.success() && printed.contains(r#""message":"stopped""#), "{printed}");
        let store = house.store();
        assert_eq!(books::open_ends(&store).0, 0, "an attempt was left running");
        for key in office.unanswered() {
            assert!(!books::is_known(&store, key), "{key} was not answered, but it had an effect");
        }
        drop(store);
        house.verify();
        server = house.serve();
        office.settle(&server);
        office.assert_all(house, &server, Releases::UnderWay);
    }
    assert_eq!(office.broken_off(), 0, "answers ended in the middle");
}

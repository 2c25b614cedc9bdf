//! The disk is full for a while: every change is refused for now, what is there can be read, and nothing is half done.

use crate::books::Releases;
use crate::clerk::Outcome;
use crate::client::Request;
use crate::forgetful::Disk;
use crate::house::House;
use crate::office::{self, Office};
use crate::server::Server;

/// Requests of each clerk while the disk is full.
const TRIES: usize = 5;

#[test]
fn a_full_disk_refuses_and_recovers() {
    let dice = office::dice("disk full");
    let house = House::of_folder();
    let disk = Disk::of(&house);
    let server = Server::try_start(disk.under(house.serving())).unwrap();
    let mut office = Office::of(&house, &dice);
    for _ in 0..2 {
        office.work_through(&server, 1 + dice.below(60), 10, || {});
        disk.tell(b'F');
        office.each_until(&server, |outcome, _| outcome == Outcome::NotNow);
        office.each_until(&server, |outcome, tries| {
            assert_eq!(outcome, Outcome::NotNow, "acknowledged on a full disk");
            tries == TRIES
        });
        let list = Request { path: "/sandbox/v1/charges?limit=1".to_owned(), body: None, key: None };
        assert_eq!(office.connection(&server).send(&list).unwrap().status, 200);
        disk.tell(b'E');
        office.settle(&server);
        office.assert_all(&house, &server, Releases::UnderWay);
    }
    server.terminate();
    let (status, printed) = server.ended();
    assert!(status.success(), "{printed}");
    house.verify();
}

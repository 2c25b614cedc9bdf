//! A worker that dies holding a lease: what it was at is taken over, once, when the lease has run out.

use store::{StoreError, audit};
use testkit::postgres::TestDatabase;

use crate::books::{self, open_ends, operations};
use crate::client::{Answer, Connection, Request};
use crate::house::House;
use crate::server::Server;

#[test]
fn an_attempt_is_taken_over_at_once_on_sqlite() {
    let house = House::of_folder();
    let server = house.serve();
    let (charge, capture) = killed_while_the_acquirer_is_asked(&house, server);
    // Only one process serves a folder, so nobody else can be at the attempt.
    let server = house.serve();
    assert_captured(&house, &server, &charge, &capture);
}

#[test]
fn an_attempt_is_taken_over_after_its_lease_on_postgres() {
    let database = TestDatabase::new();
    let house = House::of_postgres(database.url());
    let server = house.serve();
    let (charge, capture) = killed_while_the_acquirer_is_asked(&house, server);
    let server = house.serve();
    let early = send(&house, &server, &capture);
    assert_eq!((early.status, early.code()), (503, "outcome_unknown"), "somebody else may be at it: {}", early.body);
    books::let_leases_run_out(&house.store());
    assert_captured(&house, &server, &charge, &capture);
}

#[test]
fn messages_and_the_audit_log_are_taken_over_on_sqlite() {
    releases_and_sealing_are_taken_over(&House::of_folder());
}

#[test]
fn messages_and_the_audit_log_are_taken_over_on_postgres() {
    let database = TestDatabase::new();
    releases_and_sealing_are_taken_over(&House::of_postgres(database.url()));
}

/// The acquirer has captured and is slow to say so.
fn killed_while_the_acquirer_is_asked(house: &House, server: Server) -> (String, Request) {
    let charge = create(house, &server, "capture_answer_late");
    let path = format!("/sandbox/v1/charges/{charge}/capture");
    let capture = post(path, "application/x-www-form-urlencoded", String::new(), "the-capture");
    let mut connection = connect(house, &server);
    let asked = capture.clone();
    let waiting = std::thread::spawn(move || connection.send(&asked));
    books::until("the acquirer was not asked", || operations(house, &charge, "capture") == 1);
    server.kill();
    assert_eq!(waiting.join().unwrap(), None, "the answer left before the outcome was known");
    (charge, capture)
}

fn assert_captured(house: &House, server: &Server, charge: &str, capture: &Request) {
    let mut answer = send(house, server, capture);
    books::until("the capture stays unknown", || {
        answer = send(house, server, capture);
        answer.status != 503
    });
    assert_eq!((answer.status, &answer.body["captured"]), (200, &true.into()), "{}", answer.body);
    assert_eq!(operations(house, charge, "capture"), 1);
    house.verify();
}

/// A change leaves an authorization to be voided, and the worker dies while the acquirer is slow to say that it is.
fn releases_and_sealing_are_taken_over(house: &House) {
    let server = house.serve();
    let charge = create(house, &server, "return_answer_late");
    let form = "item_id_1=a&item_name_1=a&item_quantity_1=1&item_unit_price_1=9000".to_owned();
    let path = format!("/sandbox/v1/charges/{charge}/refund");
    let changed = send(house, &server, &post(path, "application/x-www-form-urlencoded", form, "the-change"));
    assert_eq!(changed.status, 200, "{}", changed.body);
    books::until("nobody released the old authorization", || operations(house, &charge, "void") == 1);
    server.kill();
    let store = house.store();
    assert_eq!(open_ends(&store), (0, 1), "the message is leased to the dead worker");
    drop(store);

    let server = house.serve();
    let store = house.store();
    create(house, &server, "visa");
    books::let_leases_run_out(&store);
    books::wait_until_drained(&store);
    books::until("the audit log is not sealed", || {
        store.read_blocking(audit::unsealed_count).map_err(|error: StoreError| error).unwrap() == 0
    });
    assert_eq!(operations(house, &charge, "void"), 1);
    drop(store);
    house.verify();
}

fn create(house: &House, server: &Server, card: &str) -> String {
    let items = serde_json::json!([{ "id": "a", "name": "a", "unit_price": 1_000, "quantity": 1 }]);
    let body = serde_json::json!({ "items": items, "card": card }).to_string();
    let request = post("/api/test_helpers/charges".to_owned(), "application/json", body, &format!("create-{card}"));
    let created = send(house, server, &request);
    assert_eq!(created.status, 200, "{}", created.body);
    created.body["id"].as_str().unwrap().to_owned()
}

fn post(path: String, kind: &'static str, body: String, key: &str) -> Request {
    Request { path, body: Some((kind, body)), key: Some(key.to_owned()) }
}

fn connect(house: &House, server: &Server) -> Connection {
    Connection::open(server.address, &house.sandbox_key()).unwrap()
}

fn send(house: &House, server: &Server, request: &Request) -> Answer {
    connect(house, server).send(request).unwrap()
}

//! A crash between a change and its delivery: the shop's server still hears of every change, in order for each charge.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use kernel::{Environment, Timestamp};
use pay::webhook::endpoint::{Endpoint, Key, State};
use pay::webhook::{EventType, rows};
use serde_json::Value;
use store::{Store, StoreError, params};
use testkit::postgres::TestDatabase;

use crate::books::{self, SHOP};
use crate::house::House;
use crate::office::{self, Office};

const ROUNDS: u64 = 3;

/// Ids of the events that arrived, by charge, in the order in which they arrived.
type Heard = Arc<Mutex<BTreeMap<String, Vec<String>>>>;

#[test]
fn every_change_is_told_on_sqlite() {
    told(&House::of_folder());
}

#[test]
fn every_change_is_told_on_postgres() {
    let database = TestDatabase::new();
    told(&House::of_postgres(database.url()));
}

fn told(house: &House) {
    let dice = office::dice("told");
    let heard = Heard::default();
    let url = receiver(heard.clone());
    let mut server = house.serve();
    subscribe(&house.store(), url);
    let mut office = Office::of(house, &dice);
    for _ in 0..ROUNDS {
        let killer = server.killer();
        let (moment, then_micros) = (20 + dice.below(150), dice.below(5_000));
        office.work_until_gone(&server, moment, || {
            office::spin(then_micros);
            killer.kill();
        });
        server.ended();
        books::let_leases_run_out(&house.store());
        server = house.serve();
        office.settle(&server);
    }
    let store = house.store();
    // The last crash's deliveries, and the attempts that were taken over.
    books::let_leases_run_out(&store);
    books::wait_until_drained(&store);
    let happened = happened(&store);
    drop(store);
    assert!(happened.values().map(Vec::len).sum::<usize>() > 50, "too little happened");
    let heard = heard.lock().unwrap().clone();
    for (charge, events) in &happened {
        let arrived = heard.get(charge).cloned().unwrap_or_default();
        assert_eq!(&first_arrivals(&arrived), events, "{charge}: {arrived:?}");
    }
    assert!(heard.keys().all(|charge| happened.contains_key(charge)), "something was told that did not happen");
    books::finish(house, server, &office);
}

/// At least once: what came again is left out.
fn first_arrivals(arrived: &[String]) -> Vec<String> {
    let mut first: Vec<String> = Vec::new();
    for id in arrived {
        if !first.contains(id) {
            first.push(id.clone());
        }
    }
    first
}

/// Ids of the events in the book, by charge, in the order of the changes.
fn happened(store: &Store) -> HashMap<String, Vec<String>> {
    let read = |tx: &mut store::Tx<'_>| {
        let sql = "SELECT e.charge_id, e.event_id FROM event e
                   JOIN attempt a ON a.shop_id = e.shop_id AND a.environment = e.environment
                       AND a.attempt_id = substr(e.event_id, 5)
                   WHERE e.shop_id = $1 ORDER BY e.charge_id, a.version";
        let rows = tx.query(sql, &params![SHOP])?;
        rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).collect()
    };
    let events: Result<Vec<(String, String)>, StoreError> = store.read_blocking(read);
    let mut happened: HashMap<String, Vec<String>> = HashMap::new();
    for (charge, event) in events.unwrap() {
        happened.entry(charge).or_default().push(event);
    }
    happened
}

fn subscribe(store: &Store, url: String) {
    let key = Key { shop: SHOP, environment: Environment::Sandbox, id: format!("we_{}", "0".repeat(32)) };
    let types = vec![EventType::Succeeded, EventType::Captured, EventType::Refunded, EventType::Updated];
    let created = Timestamp::from_seconds(0);
    let endpoint = Endpoint { key, url, state: State::Active, failing_since: None, certificate: None, created, types };
    let subscribe = move |tx: &mut store::Tx<'_>| {
        tx.execute_all(&[rows::insert(&endpoint)])?;
        rows::set_types(tx, &endpoint.key, &endpoint.types)
    };
    assert_eq!(store.write_blocking::<_, StoreError, _>(subscribe).unwrap(), None);
}

/// A server that takes everything and outlives the crashes; its URL.
fn receiver(heard: Heard) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let heard = heard.clone();
            std::thread::spawn(move || receive(stream, &heard));
        }
    });
    url
}

/// Requests of one connection, until it is closed. A request that was cut off was not heard.
fn receive(stream: TcpStream, heard: &Heard) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let head = head.to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
        let mut body = vec![0; length.trim().parse().unwrap()];
        if stream.read_exact(&mut body).is_err() {
            return;
        }
        let event: Value = serde_json::from_slice(&body).unwrap();
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap().to_owned();
        heard.lock().unwrap().entry(text("/data/object/id")).or_default().push(text("/id"));
        if stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").is_err() {
            return;
        }
    }
}

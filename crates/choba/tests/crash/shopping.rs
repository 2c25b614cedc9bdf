//! Buyers confirm their purchases while the server is killed: each visit makes one charge or none, what was acknowledged
//! is true, and who clicks again pays once.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use kernel::{Environment, Timestamp};
use pay::charge::Item;
use pay::checkout::origin;
use pay::webhook::endpoint::{Endpoint, Key, State};
use pay::webhook::{EventType, rows};
use serde_json::Value;
use store::{Store, StoreError};
use testkit::postgres::TestDatabase;
use testkit::sim_clock::SeededEntropy;
use testkit::{Button, Http, Receiver, Request, SHOP_ORIGIN, Shopper};

use crate::books::{self, Held, Releases, SHOP};
use crate::house::House;
use crate::killed::shares;
use crate::office;
use crate::server::Server;

const BUYERS: usize = 4;
/// Visits of each buyer in a round.
const VISITS: usize = 4;
const CARD: &str = "4111111111111111";
/// How long the outcome of a visit may take: longer than a lease that was committed after its process died.
const PATIENCE_SECONDS: u64 = 180;

#[test]
fn a_visit_makes_one_charge_on_sqlite() {
    let dice = office::dice("shopping, SQLite");
    for rounds in shares(office::rounds().div_ceil(3)) {
        shopping(&House::of_folder(), &dice, rounds, |_| {});
    }
}

#[test]
fn a_visit_makes_one_charge_on_postgres() {
    let dice = office::dice("shopping, PostgreSQL");
    for rounds in shares(office::rounds().div_ceil(3)) {
        let database = TestDatabase::new();
        let house = House::of_postgres(database.url());
        shopping(&house, &dice, rounds, |house| books::let_leases_run_out(&house.store()));
    }
}

fn shopping(house: &House, dice: &SeededEntropy, rounds: u64, after_the_kill: impl Fn(&House)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let mut server = house.serve();
    // The shop is asked before every payment, and outlives the crashes.
    let shop = runtime.block_on(Receiver::plain());
    open_the_shop(&house.store(), shop.url());
    let mut crowd = Crowd::of(house);
    for round in 0..rounds {
        runtime.block_on(crowd.fill_carts(server.address));
        let (moment, micros) = (dice.below((BUYERS * VISITS) as u64 - 1), dice.below(30_000));
        let killer = server.killer();
        let strike = move || {
            office::spin(micros);
            killer.kill();
        };
        runtime.block_on(crowd.confirm_all(moment, strike));
        let (_, printed) = server.ended();
        assert!(!printed.contains("panicked"), "{printed}");
        after_the_kill(house);
        books::let_checks_run_out(&house.store());
        server = house.serve();
        runtime.block_on(crowd.come_back(server.address));
        crowd.assert_all(house);
        println!("round {round}: {} visits, {} acknowledged before the kill", crowd.visits.len(), crowd.acknowledged);
    }
    finish(house, server);
}

fn finish(house: &House, server: Server) {
    let store = house.store();
    books::let_leases_run_out(&store);
    books::wait_until_drained(&store);
    drop(store);
    server.terminate();
    let (status, printed) = server.ended();
    assert!(status.success(), "{printed}");
    house.verify();
}

/// The shop's page may show its button, and its server is asked whether it can sell.
fn open_the_shop(store: &Store, url: String) {
    let key = Key { shop: SHOP, environment: Environment::Sandbox, id: format!("we_{}", "0".repeat(32)) };
    let (types, created) = (vec![EventType::Check], Timestamp::from_seconds(0));
    let endpoint = Endpoint { key, url, state: State::Active, failing_since: None, certificate: None, created, types };
    let origin: origin::Origin = SHOP_ORIGIN.parse().unwrap();
    let open = move |tx: &mut store::Tx<'_>| {
        tx.execute_all(&[rows::insert(&endpoint)])?;
        tx.execute_all(&[origin::rows::insert(SHOP, Environment::Sandbox, &origin)])?;
        rows::set_types(tx, &endpoint.key, &endpoint.types)
    };
    assert_eq!(store.write_blocking::<_, StoreError, _>(open).unwrap(), None);
}

/// A visit to the checkout.
struct Visit {
    shopper: Shopper,
    cart: String,
    total: i64,
    /// The order number, once it is paid.
    charge: Option<String>,
}

/// The buyers, and what they know of their visits; they outlive the server.
struct Crowd {
    public_key: String,
    private_key: String,
    buyers: Vec<Shopper>,
    visits: Vec<Visit>,
    acknowledged: usize,
}

impl Crowd {
    fn of(house: &House) -> Crowd {
        let (public_key, private_key) = (house.key_of_sandbox("public_key"), house.sandbox_key());
        Crowd { public_key, private_key, buyers: Vec::new(), visits: Vec::new(), acknowledged: 0 }
    }

    fn button(&self, cart: &str, unit_price: i64) -> Button {
        let item = Item { id: "tea-01".into(), name: "煎茶".into(), quantity: 1, unit_price };
        let button = Button {
            key: self.public_key.clone(),
            items: vec![item],
            cart_id: Some(cart.to_owned()),
            signature: String::new(),
            origin: SHOP_ORIGIN.to_owned(),
            return_url: None,
        };
        button.signed(&self.private_key)
    }

    /// New visits, each up to its last click.
    async fn fill_carts(&mut self, address: SocketAddr) {
        let http = Http::new(address);
        for buyer in 0..BUYERS {
            for _ in 0..VISITS {
                let (cart, total) = (format!("cart-{}", self.visits.len()), 500 + self.visits.len() as i64);
                let base = Button::opened(&self.button(&cart, total).press(&http).await);
                let mut shopper = match self.buyers.get(buyer) {
                    Some(known) => known.at_server(&http).at_session(&base),
                    None => {
                        let mut new = Shopper::new(&http, &base);
                        new.sign_up(&format!("buyer-{buyer}@example.com")).await;
                        self.buyers.push(new.clone());
                        new
                    }
                };
                shopper.add_card(CARD).await;
                shopper.use_points(0).await;
                shopper.add_address().await;
                shopper.is_at("/confirm");
                self.visits.push(Visit { shopper, cart, total, charge: None });
            }
        }
    }

    /// Everybody clicks at once. With the answer that has the number `moment`, or before any, `strike` is called; who was
    /// answered until then has paid.
    async fn confirm_all(&mut self, moment: u64, strike: impl FnOnce() + Send + 'static) {
        let left = Arc::new(AtomicI64::new(moment as i64));
        let (tell, told) = tokio::sync::oneshot::channel::<()>();
        let tell = Arc::new(std::sync::Mutex::new(Some(tell)));
        let striking = std::thread::spawn(move || {
            // Whether somebody told, or all clicks ended without: strike.
            let _ = told.blocking_recv();
            strike();
        });
        let say = |tell: &std::sync::Mutex<Option<tokio::sync::oneshot::Sender<()>>>| {
            if let Some(tell) = tell.lock().unwrap().take() {
                let _ = tell.send(());
            }
        };
        let mut clicks = tokio::task::JoinSet::new();
        for (at, visit) in self.visits.iter().enumerate().filter(|(_, visit)| visit.charge.is_none()) {
            let (shopper, left, tell) = (visit.shopper.clone(), left.clone(), tell.clone());
            clicks.spawn(async move {
                let answered = shopper.try_form("confirm", &[]).await;
                assert!(matches!(answered, None | Some(303)), "{answered:?}");
                if answered.is_some() && left.fetch_sub(1, Ordering::SeqCst) == 1 {
                    say(&tell);
                }
                (at, answered.is_some())
            });
        }
        if moment == 0 {
            say(&tell);
        }
        let acknowledged: Vec<usize> =
            clicks.join_all().await.into_iter().filter_map(|(at, answered)| answered.then_some(at)).collect();
        say(&tell);
        striking.join().unwrap();
        self.acknowledged += acknowledged.len();
        for at in acknowledged {
            // Its number is asked for when the server is there again.
            self.visits[at].charge = Some(String::new());
        }
    }

    /// Who was acknowledged has paid; the others look, click again where they may, and have paid then.
    async fn come_back(&mut self, address: SocketAddr) {
        let http = Http::new(address);
        for visit in &mut self.visits {
            let known = visit.charge.take();
            let told = outcome(&http, &visit.shopper).await;
            match known.as_deref() {
                Some("") => assert_eq!(told["status"], "paid", "{}: it was acknowledged", visit.cart),
                Some(number) => assert_eq!(told["charge"]["id"], number, "{}", visit.cart),
                None => {}
            }
            visit.shopper = visit.shopper.at_server(&http);
            visit.charge = Some(until_paid(&http, visit).await);
        }
    }

    fn assert_all(&self, house: &House) {
        let of_carts: BTreeMap<String, i64> = self.visits.iter().map(|visit| (visit.cart.clone(), 1)).collect();
        assert_eq!(books::charges_of_carts(&house.store()), of_carts);
        let expected: BTreeMap<String, Vec<Held>> = self
            .visits
            .iter()
            .map(|visit| (visit.charge.clone().expect("paid"), vec![Held::authorized(visit.total)]))
            .collect();
        assert_eq!(expected.len(), self.visits.len(), "two visits show one charge");
        books::assert_book(house, &expected, Releases::UnderWay);
        house.verify();
    }
}

/// What the shop's page learns of a visit.
async fn outcome(http: &Http, shopper: &Shopper) -> Value {
    let path = shopper.base.replace("/checkout/", "/checkout/sessions/");
    http.send(&Request::get(format!("{path}/outcome")).header("origin", SHOP_ORIGIN)).await.good()
}

/// The order number, once there is one; where nothing is under way, the buyer clicks.
async fn until_paid(http: &Http, visit: &mut Visit) -> String {
    let waiting = choba::system::Stopwatch::start();
    loop {
        let told = outcome(http, &visit.shopper).await;
        match told["status"].as_str() {
            Some("paid") => return told["charge"]["id"].as_str().expect("an order number").to_owned(),
            Some("open") => {
                visit.shopper.open("/confirm").await;
                visit.shopper.send("confirm", &[("security_code", "123")]).await;
            }
            Some("processing") => tokio::task::yield_now().await,
            other => panic!("{}: {other:?}", visit.cart),
        }
        assert!(waiting.elapsed().as_secs() < PATIENCE_SECONDS, "{}: its outcome never came", visit.cart);
    }
}

//! The whole server inside a test: the real routes on a real socket, on either engine, with a clock that stands still.
//!
//! Nothing happens by itself: [`TestApp::run_jobs`] does the work of the workers, [`TestApp::advance`] turns a shop's
//! test clock, [`TestApp::wait`] machine time. [`TestApp::finish`] settles what is open, then asserts that nothing is
//! left to do and that every book agrees.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use choba::app::RunningApp;
use choba::serve::ServeSettings;
use choba::wiring::{Limits, Parts, Wired};
use kernel::{Environment, ShopId, Timestamp};
use pay::charge::Windows;
use pay::http::limit::Rate;
use pay::mail::MailSettings;
use pay::mail::deliver::Carrier;
use pay::mailbox::{Mail, Search};
use pay::request_log::recorder::Keep;
use pay::verify::Book;
use shop::{CredentialKind, Scope, Shop, Token, Vault};
use store::{Database, PostgresOptions, SqliteOptions, Store, StoreError, audit, clock, outbox};
use tokio::sync::OnceCell;

use crate::effects::{self, Effects};
use crate::http::{Http, Reply, Request};
use crate::merchant::Merchant;
use crate::postgres::TestDatabase;
use crate::rows;
use crate::sim_clock::{SeededEntropy, SimClock};
use crate::webhook_desk::WebhookDesk;

/// The public URL that the server is told.
pub const BASE_URL: &str = "https://choba.example";
/// Rounds of work after which work that never ends is a failure.
const ROUNDS_MAX: usize = 10_000;
/// How far machine time is moved, and how often, until everything that waits for a next try has had it.
const PATIENCE: (i64, usize) = (3_600, 200);

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file in a temporary folder.
    Sqlite,
    /// A fresh database of a real server.
    Postgres,
}

impl Engine {
    /// Both.
    pub const ALL: [Engine; 2] = [Engine::Sqlite, Engine::Postgres];
}

/// How a server is set up.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What requests are bounded by.
    pub limits: Limits,
    /// How the listener answers.
    pub max_body_bytes: usize,
    /// How long an answer of the acquirer is waited for.
    pub acquirer_timeout: Duration,
    /// How late the simulator's late answers are.
    pub late_after: Duration,
    /// How much of the request log is kept.
    pub request_log: Keep,
    /// How long shops' servers are waited for.
    pub webhook_limits: pay::webhook::Limits,
    /// Which addresses shops' servers may have.
    pub guard: outbound::Guard,
    /// Whether the workers of the server run beside it.
    pub workers: bool,
    /// Where its randomness comes from.
    pub seed: u64,
    /// Where mails go.
    pub carrier: Carrier,
    /// How long the windows of new charges are.
    pub windows: Windows,
}

impl Default for Setup {
    /// No limits, no workers, an acquirer whose late answers come in time.
    fn default() -> Setup {
        let unbounded = Rate { requests: u32::MAX, seconds: 3_600 };
        Setup {
            limits: Limits {
                requests_of_a_key: unbounded,
                failures_of_an_address: unbounded,
                plain_live: true,
                rms: mall::http::Settings {
                    switches: mall::http::Switches::default(),
                    requests_of_a_licence: unbounded,
                    failures_of_an_address: unbounded,
                },
                checkout: pay::checkout::Bounds {
                    sessions_of_an_address: unbounded,
                    cards_of_a_buyer: unbounded,
                    cards_of_an_address: unbounded,
                    accounts_of_an_address: unbounded,
                },
            },
            max_body_bytes: 1 << 20,
            acquirer_timeout: Duration::from_secs(60),
            late_after: Duration::from_millis(20),
            request_log: Keep::default(),
            webhook_limits: pay::webhook::Limits::default(),
            guard: outbound::Guard::public().with_loopback(),
            workers: false,
            seed: 1,
            carrier: Carrier::Mailbox,
            windows: Windows::USUAL,
        }
    }
}

/// Where the rows are; goes away with the test.
enum Place {
    Folder(tempfile::TempDir),
    Database(TestDatabase),
}

impl Place {
    fn new(engine: Engine) -> Place {
        match engine {
            Engine::Sqlite => Place::Folder(tempfile::tempdir().expect("a temporary folder")),
            Engine::Postgres => Place::Database(TestDatabase::new()),
        }
    }

    fn database(&self) -> Database {
        match self {
            Place::Folder(folder) => Database::Sqlite(SqliteOptions::new(folder.path().join("choba.db"))),
            // Few connections: many tests share the server.
            Place::Database(database) => {
                Database::Postgres(PostgresOptions { writers: 6, readers: 3, ..PostgresOptions::new(database.url()) })
            }
        }
    }
}

/// A shop with its keys.
#[derive(Clone)]
pub struct TestShop {
    /// Its id.
    pub id: ShopId,
    keys: HashMap<Environment, String>,
    public_keys: HashMap<Environment, String>,
    http: Http,
}

impl fmt::Debug for TestShop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TestShop({})", self.id)
    }
}

impl TestShop {
    /// Its server in `environment`.
    pub fn merchant(&self, environment: Environment) -> Merchant {
        Merchant::new(self.http.clone(), self.id, environment, self.keys[&environment].clone())
    }

    /// The public key of its buttons in `environment`.
    pub fn public_key(&self, environment: Environment) -> &str {
        &self.public_keys[&environment]
    }

    /// Its server in the sandbox.
    pub fn sandbox(&self) -> Merchant {
        self.merchant(Environment::Sandbox)
    }
}

/// A server that runs, and everything of it that a test may touch.
pub struct TestApp {
    /// Which database it uses.
    pub engine: Engine,
    /// Machine time.
    pub clock: Arc<SimClock>,
    /// Randomness.
    pub entropy: Arc<SeededEntropy>,
    /// Gateway and simulator.
    pub wired: Wired,
    /// The shop that every test begins with: receives shipping addresses.
    pub shop: TestShop,
    /// For requests that no actor makes.
    pub http: Http,
    running: Option<RunningApp>,
    vault: Arc<Vault>,
    /// Reads what happened, over HTTP.
    pub(crate) watcher: OnceCell<String>,
    _place: Place,
}

/// Runs a test on both engines, each on a server of its own.
pub async fn on_both(test: impl AsyncFn(&TestApp)) {
    on_both_with(Setup::default(), test).await;
}

/// [`on_both`], set up otherwise.
pub async fn on_both_with(setup: Setup, test: impl AsyncFn(&TestApp)) {
    for engine in Engine::ALL {
        // Shown when the test fails.
        println!("on {engine:?}");
        let app = TestApp::start(engine, setup.clone()).await;
        test(&app).await;
        app.finish().await;
    }
}

impl TestApp {
    /// A server on a fresh database, with one shop.
    pub async fn start(engine: Engine, setup: Setup) -> TestApp {
        let (clock, entropy) = (Arc::new(SimClock::default()), Arc::new(SeededEntropy::new(setup.seed)));
        let vault = Arc::new(Vault::new(&[(1, [7; 32])]).expect("a key"));
        let parts = (clock.clone(), entropy.clone(), vault.clone());
        let (late_after, acquirer_timeout, request_log) = (setup.late_after, setup.acquirer_timeout, setup.request_log);
        let (guard, webhook_limits, carrier) = (setup.guard.clone(), setup.webhook_limits, setup.carrier.clone());
        let windows = setup.windows;
        let opened = tokio::task::spawn_blocking(move || {
            let place = Place::new(engine);
            let (clock, entropy, vault) = parts;
            let store = Store::open(place.database(), &choba::wiring::migrations(), clock.clone());
            let store = store.expect("opening the database");
            let base_url = BASE_URL.to_owned();
            let parts = Parts {
                store,
                vault,
                clock,
                entropy,
                base_url,
                acquirer_timeout,
                late_after,
                request_log,
                guard,
                webhook_limits,
                carrier,
                windows,
            };
            (Wired::new(parts).expect("opening the simulator's book"), place)
        });
        let (wired, place) = opened.await.expect("opening the databases");
        let app = match setup.workers {
            true => wired.app(setup.limits),
            false => wired.app_without_workers(setup.limits),
        };
        let settings = ServeSettings { body_limit_bytes: setup.max_body_bytes, ..ServeSettings::local() };
        let running = app.start(settings).await.expect("a free port");
        let http = Http::new(running.address());
        let shop = make_shop(&wired, &vault, &entropy, &http, ShopId(1), true).await;
        TestApp {
            engine,
            clock,
            entropy,
            wired,
            shop,
            http,
            running: Some(running),
            vault,
            watcher: OnceCell::new(),
            _place: place,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> std::net::SocketAddr {
        self.running.as_ref().expect("a server that runs").address()
    }

    /// Our database.
    pub fn store(&self) -> &Store {
        self.wired.gateway.store()
    }

    /// The server of the first shop, in the sandbox.
    pub fn merchant(&self) -> Merchant {
        self.shop.sandbox()
    }

    /// One more shop, with a test clock of its own.
    pub async fn new_shop(&self, receives_address: bool) -> TestShop {
        let known = self.store().read(shop::rows::shops).await.expect("reading shops");
        let id = ShopId(known.iter().map(|shop| shop.id.0).max().unwrap_or(0) + 1);
        make_shop(&self.wired, &self.vault, &self.entropy, &self.http, id, receives_address).await
    }

    /// Does what the workers would do, until nothing that is due is left.
    pub async fn run_jobs(&self) {
        for _ in 0..ROUNDS_MAX {
            let round = self.wired.background().round().await.expect("a round of work");
            let mails = pay::work::mail_round(&self.wired.gateway).await.expect("a round of mails");
            let sealed = pay::work::seal(&self.wired.gateway, "tests").await.expect("sealing");
            let logged = self.wired.recorder.flush().await.expect("writing the request log");
            let told = self.wired.gateway.webhooks().round().await.expect("delivering webhooks");
            if round.taken + mails.taken + sealed + told + logged == 0 {
                return;
            }
        }
        panic!("there is work without end");
    }

    /// Lets so many seconds of machine time pass, which nobody works in; every world's time passes with it.
    pub fn wait(&self, seconds: i64) {
        self.clock.advance_seconds(seconds);
    }

    /// World time of a shop's sandbox.
    pub async fn now(&self, shop: ShopId) -> Timestamp {
        let now = self.store().read(move |tx| clock::world_now(tx, shop, Environment::Sandbox)).await;
        now.expect("reading a clock")
    }

    /// Turns a shop's test clock, working off what becomes due.
    pub async fn advance(&self, shop: ShopId, to: Timestamp) {
        self.wired.background().advance(shop, to).await.expect("turning a clock");
    }

    /// Turns a shop's test clock as if every worker slept: deadlines pass, and nobody acts on them.
    pub async fn turn_unattended(&self, shop: ShopId, to: Timestamp) {
        let turned = self.store().write(move |tx| clock::move_forward(tx, shop, to)).await;
        turned.expect("turning a clock");
    }

    /// A token for `/api` that may turn every shop's clock.
    pub async fn clock_token(&self) -> String {
        self.token(None, vec![Scope::Clock]).await
    }

    /// Switches a shop's automatic mails on; its own go to `contact`.
    pub async fn switch_mails_on(&self, shop: ShopId, contact: &str) {
        let contact_address = Some(contact.parse().expect("an address"));
        let settings = MailSettings { contact_address, ..MailSettings::default() };
        let save = move |tx: &mut store::Tx<'_>| tx.execute_all(&[pay::mail::rows::save_settings(shop, &settings)]);
        self.store().write::<_, StoreError, _>(save).await.expect("writing settings");
    }

    /// Another shop whose mails are as nobody ever set them: the automatic ones are sent.
    pub async fn new_shop_with_mails(&self) -> TestShop {
        let shop = self.new_shop(true).await;
        let id = shop.id;
        let forget = move |tx: &mut store::Tx<'_>| rows::forget_mail_settings(tx, id);
        self.store().write::<_, StoreError, _>(forget).await.expect("deleting settings");
        shop
    }

    /// The mails of a shop's sandbox that wait for nothing any more, oldest first.
    pub async fn mails(&self, merchant: &Merchant) -> Vec<Mail> {
        let (shop, environment) = (merchant.shop, merchant.environment);
        let list =
            move |tx: &mut store::Tx<'_>| pay::mailbox::list(tx, shop, environment, &Search::default(), None, 1_000);
        let mut mails = self.store().read(list).await.expect("reading mails").mails;
        mails.reverse();
        mails
    }

    /// Ids of a shop's messages that have not left and were not given up.
    pub async fn waiting_messages(&self, shop: ShopId) -> Vec<String> {
        self.store().read(move |tx| rows::waiting_messages(tx, shop)).await.expect("reading messages")
    }

    /// Ends a mail as if it had been taken: for what a test leaves to a person.
    pub async fn put_aside(&self, shop: ShopId, message: &str) {
        let message = message.to_owned();
        self.store().write(move |tx| rows::put_aside(tx, shop, &message)).await.expect("writing");
    }

    /// A token for `/api` with these scopes, for one shop or the operator's.
    pub async fn token(&self, shop: Option<ShopId>, scopes: Vec<Scope>) -> String {
        let now = self.store().machine_now();
        let (token, value) = Token::generate(shop, "tests", scopes, now, None, &*self.entropy);
        let statement = shop::rows::insert_token(&self.vault, &token, &value);
        let written = self.store().write(move |tx| tx.execute_all(std::slice::from_ref(&statement))).await;
        written.expect("writing a token");
        value
    }

    /// The webhooks of the first shop in the sandbox, over HTTP.
    pub async fn webhooks(&self) -> WebhookDesk {
        self.webhooks_of(self.shop.id, Environment::Sandbox).await
    }

    /// The webhooks of a shop in an environment.
    pub async fn webhooks_of(&self, shop: ShopId, environment: Environment) -> WebhookDesk {
        let token = self.token(Some(shop), vec![Scope::Webhooks]).await;
        WebhookDesk::new(self.http.clone(), token, shop, environment)
    }

    /// Registers `origin` for a shop's buttons, in every environment.
    pub async fn open_shop_page(&self, shop: ShopId, origin: &str) {
        let origin: pay::checkout::origin::Origin = origin.parse().expect("an origin");
        let register = move |tx: &mut store::Tx<'_>| {
            for environment in Environment::ALL {
                tx.execute_all(&[pay::checkout::origin::rows::insert(shop, environment, &origin)])?;
            }
            Ok::<_, StoreError>(())
        };
        self.store().write(register).await.expect("registering an origin");
    }

    /// `POST /api/shops/{shop}/clock/advance`.
    pub async fn advance_over_http(&self, token: &str, shop: ShopId, body: &str) -> Reply {
        let request = Request::post(format!("/api/shops/{shop}/clock/advance"), body);
        self.http.send(&request.header("authorization", format!("Bearer {token}"))).await
    }

    /// What every charge of a shop left in every book, by its order number.
    pub async fn all_effects(&self, merchant: &Merchant) -> HashMap<String, Effects> {
        let Merchant { shop, environment, .. } = *merchant;
        effects::effects(self.store(), &self.wired.simulator, shop, environment).await
    }

    /// What a charge left in every book.
    pub async fn effects(&self, merchant: &Merchant, charge: &str) -> Effects {
        self.all_effects(merchant).await.remove(charge).unwrap_or_default()
    }

    /// Data of the events of a charge as they are stored, in the order of the changes.
    pub async fn event_data(&self, merchant: &Merchant, charge: &str) -> Vec<serde_json::Value> {
        let (shop, environment) = (merchant.shop, merchant.environment);
        let events = self.store().read(move |tx| rows::events(tx, shop, environment)).await.expect("reading events");
        let ours = events.iter().filter(|(of, ..)| of == charge);
        ours.map(|(_, _, data)| serde_json::from_str(data).expect("data of an event are JSON")).collect()
    }

    /// How many audit rows speak of a charge.
    pub async fn audit_rows(&self, merchant: &Merchant, charge: &str) -> i64 {
        let (shop, environment, charge) = (merchant.shop, merchant.environment, charge.to_owned());
        self.store().read(move |tx| rows::audit_rows(tx, shop, environment, &charge)).await.expect("reading audit rows")
    }

    /// Everything that these tables hold, a line for each row.
    pub async fn everything_in(&self, tables: &[&str]) -> String {
        let tables: Vec<String> = tables.iter().map(|table| (*table).to_owned()).collect();
        self.store().read(move |tx| rows::everything_in(tx, &tables)).await.expect("reading tables")
    }

    /// How many rows a table has.
    pub async fn rows_in(&self, table: &str) -> usize {
        self.everything_in(&[table]).await.lines().count()
    }

    /// Removes what nobody needs any more, as the worker does; how many rows.
    pub async fn prune(&self) -> u64 {
        pay::prune::pass(self.store(), "tests").await.expect("removing what is old")
    }

    /// Forgets messages that were given up, for a test that ends with some.
    pub async fn forget_failed(&self) {
        self.store().write(rows::forget_failed).await.expect("deleting messages");
    }

    /// When the window of a charge is watched to end, if it is.
    pub async fn window_timer(&self, merchant: &Merchant, charge: &str) -> Option<Timestamp> {
        let (shop, environment, charge) = (merchant.shop, merchant.environment, charge.to_owned());
        let due = self.store().read(move |tx| rows::window_timer(tx, shop, environment, &charge)).await;
        due.expect("reading a timer").map(Timestamp::from_micros)
    }

    /// How many points a buyer has left.
    pub async fn points_left(&self, merchant: &Merchant, open_id: &str) -> i64 {
        let of = acquirer::Merchant { shop: merchant.shop, environment: merchant.environment };
        let account = open_id.to_owned();
        let book = self.wired.simulator.store();
        let left = book.read(move |tx| acquirer::simulator::points_balance(tx, of, &account)).await;
        left.expect("reading an account").get()
    }

    /// What is still to be done: running attempts, messages that wait, messages given up, audit rows not chained.
    pub async fn left_to_do(&self) -> [i64; 4] {
        let left = self.store().read(|tx| {
            let (running, _) = pay::attempt::rows::running(tx, 0)?;
            let lag = outbox::lag(tx)?;
            Ok::<_, StoreError>([running, lag.waiting, lag.failed, audit::unsealed_count(tx)?])
        });
        left.await.expect("reading what is left to do")
    }

    /// Lets machine time pass until nothing waits for a next try any more.
    pub async fn settle(&self) {
        let (seconds, times) = PATIENCE;
        for _ in 0..times {
            self.run_jobs().await;
            if self.left_to_do().await == [0; 4] {
                return;
            }
            self.wait(seconds);
        }
        panic!("attempts running, messages waiting, given up, audit rows: {:?}", self.left_to_do().await);
    }

    /// Asserts that every book agrees with every other.
    pub async fn verify(&self) {
        let (store, vault) = (self.store().clone(), self.vault.clone());
        let environments = vec![Environment::Sandbox, Environment::Test];
        let others = choba::wiring::is_of_the_mall;
        let book = Book { store: self.wired.simulator.store().clone(), environments, others };
        let verified = tokio::task::spawn_blocking(move || choba::command::verify::recount_all(&store, &book, &vault));
        let report = verified.await.expect("verifying").expect("reading the books");
        let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        assert!(report.is_clean(), "the books disagree:\n{}", findings.join("\n"));
    }

    /// The end of a test: settles what is open, asserts that nothing is left and that the books agree, stops the
    /// server.
    pub async fn finish(mut self) {
        self.settle().await;
        self.verify().await;
        self.http.hang_up();
        if let Some(running) = self.running.take() {
            assert_eq!(running.stop().await.cut_off, 0, "connections that had to be cut off");
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let forgotten = self.running.is_some() && !std::thread::panicking();
        assert!(!forgotten, "a test ends with `finish`, which asserts that no job is left");
    }
}

async fn make_shop(
    wired: &Wired,
    vault: &Arc<Vault>,
    entropy: &Arc<SeededEntropy>,
    http: &Http,
    id: ShopId,
    receives_address: bool,
) -> TestShop {
    let (store, vault, entropy) = (wired.gateway.store().clone(), vault.clone(), entropy.clone());
    let made = tokio::task::spawn_blocking(move || {
        let shop = Shop { id, name: format!("店 {id}"), receives_address };
        choba::shops::create(&store, &vault, &*entropy, shop)?;
        store.write_blocking::<_, StoreError, _>(move |tx| {
            // What tests count are their own doings: mails are switched on where a test is about them.
            let quiet = MailSettings { automatic: false, ..MailSettings::default() };
            let mails = pay::mail::rows::save_settings(id, &quiet);
            tx.execute_all(&[shop::rows::register_live(id, tx.machine_now()), mails])
        })?;
        let sealed = store.read_blocking(shop::rows::credentials)?;
        let of = |kind: CredentialKind| {
            let ours = sealed.iter().filter(|sealed| sealed.shop == id && sealed.kind == kind).cloned();
            let opened = ours.map(|sealed| sealed.open(&vault).expect("our own key"));
            opened.map(|credential| (credential.environment, credential.value)).collect::<HashMap<_, _>>()
        };
        Ok::<_, StoreError>((of(CredentialKind::PrivateKey), of(CredentialKind::PublicKey)))
    });
    let (keys, public_keys) = made.await.expect("making a shop").expect("writing a shop");
    TestShop { id, keys, public_keys, http: http.clone() }
}

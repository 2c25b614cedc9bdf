//! A shop with charges in every state, made through the gateway, with the simulator's book beside it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use acquirer::CardDetails;
use acquirer::simulator::{self, Simulator};
use kernel::{ChargeNumber, Clock, Environment, ServiceId, ShopId, Timestamp, Yen};
use pay::attempt::steps::Ports;
use pay::attempt::{Requester, Work};
use pay::buyer::Account;
use pay::buyer::address::Typed;
use pay::charge::{Address, Buyer, Item, Items, Order};
use pay::checkout::state::Kept;
use pay::checkout::{Bounds, Checkout, Session, SessionId, Visitor, rows as visits};
use pay::erase::Place;
use pay::fee::{Fee, Rate};
use pay::gateway::{Answer, Change, Gateway, Settings};
use pay::mail::MailSettings;
use pay::mail::deliver::Carrier;
use pay::notification::{Wanted, operations};
use pay::request_log::recorder::Keep;
use pay::request_log::{Entry, Exchange, Recorder};
use pay::verify::{Book, Report, verify_all};
use pay::webhook::endpoint::{Endpoint, Key, State};
use pay::webhook::{self, EventType};
use pay::work;
use shop::information::Information;
use shop::notice::{Draft, Severity};
use shop::password::Passwords;
use shop::service::Services;
use shop::{By, Credential, CredentialKind, Scope, Shop, Staff, Token, Vault};
use store::idempotency::RequestKey;
use store::{Database, Migration, PostgresOptions, SqliteOptions, Store, StoreError, Synchronous};
use testkit::postgres::TestDatabase;
use testkit::sim_clock::{SeededEntropy, SimClock};
use tokio::runtime::Runtime;

pub const SHOP: ShopId = ShopId(1);
const SANDBOX: Environment = Environment::Sandbox;

/// The tables of our own database.
pub fn migrations() -> Vec<Migration> {
    let all = [store::migration::MIGRATIONS, shop::MIGRATIONS, ledger::MIGRATIONS, pay::MIGRATIONS];
    all.into_iter().flatten().copied().collect()
}

/// Both databases, open.
pub struct Databases {
    pub main: Store,
    pub book: Book,
    pub vault: Arc<Vault>,
}

impl Databases {
    pub fn open(main: Database, book: Database, clock: Arc<SimClock>) -> Databases {
        let main = Store::open(main, &migrations(), clock.clone()).unwrap();
        let book = Store::open(book, simulator::MIGRATIONS, clock).unwrap();
        let environments = vec![Environment::Sandbox, Environment::Test];
        let vault = Arc::new(Vault::new(&[(1, [7; 32])]).unwrap());
        Databases { main, book: Book { store: book, environments, others: |_| false }, vault }
    }

    /// The two files in `folder`.
    pub fn in_folder(folder: &Path, clock: Arc<SimClock>) -> Databases {
        let file = |name| {
            let options = SqliteOptions::new(folder.join(name));
            Database::Sqlite(SqliteOptions { synchronous: Synchronous::Off, ..options })
        };
        Databases::open(file("choba.db"), file("book.db"), clock)
    }

    pub fn verify(&self) -> Report {
        verify_all(&self.main, Some(&self.book), &self.vault).unwrap()
    }
}

/// What keeps the databases alive.
enum Home {
    Folder(tempfile::TempDir),
    Servers { _main: TestDatabase, _book: TestDatabase },
}

pub struct World {
    pub databases: Databases,
    pub gateway: Gateway,
    pub simulator: Arc<Simulator>,
    pub clock: Arc<SimClock>,
    pub runtime: Runtime,
    // Dropped last: the databases go when nobody is connected any more.
    home: Home,
}

impl World {
    pub fn sqlite() -> World {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SimClock::default());
        let databases = Databases::in_folder(folder.path(), clock.clone());
        World::on(databases, clock, Home::Folder(folder))
    }

    pub fn postgres() -> World {
        let (main, book) = (TestDatabase::new(), TestDatabase::new());
        let clock = Arc::new(SimClock::default());
        let at = |database: &TestDatabase| {
            Database::Postgres(PostgresOptions { writers: 4, readers: 2, ..PostgresOptions::new(database.url()) })
        };
        let databases = Databases::open(at(&main), at(&book), clock.clone());
        World::on(databases, clock, Home::Servers { _main: main, _book: book })
    }

    fn on(databases: Databases, clock: Arc<SimClock>, home: Home) -> World {
        let entropy = Arc::new(SeededEntropy::new(11));
        let settings = simulator::Settings::default();
        let simulator = Arc::new(Simulator::new(databases.book.store.clone(), entropy.clone(), settings));
        let ports = Ports { cards: simulator.clone(), points: simulator.clone(), timeout: Duration::from_secs(60) };
        let served = databases.book.environments.iter().map(|world| (*world, ports.clone()));
        let gateway = Gateway::new(Settings {
            store: databases.main.clone(),
            entropy,
            vault: databases.vault.clone(),
            ports: served.collect::<HashMap<_, _>>(),
            base_url: "https://choba.example".to_owned(),
            carrier: Carrier::Mailbox,
            client: outbound::Client::new(outbound::Guard::public(), clock.clone()),
            webhook_limits: pay::webhook::Limits::default(),
            windows: pay::charge::Windows::USUAL,
        });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let world = World { databases, gateway, simulator, clock, runtime, home };
        world.make_shop();
        world
    }

    fn make_shop(&self) {
        let (vault, now) = (self.databases.vault.clone(), self.clock.now());
        let entropy = SeededEntropy::new(12);
        let shop = Shop { id: SHOP, name: "お店".to_owned(), receives_address: true };
        let services =
            Services { sandbox: ServiceId::new(1_000_000_001).unwrap(), live: ServiceId::new(2_000_000_001).unwrap() };
        let mut statements = Vec::new();
        for environment in Environment::ALL {
            for kind in CredentialKind::ALL {
                let credential = Credential::generate(SHOP, environment, kind, now, &entropy);
                statements.extend(shop::rows::insert_credential(&vault, &credential, &entropy));
            }
        }
        let (token, value) = Token::generate(Some(SHOP), "clock", vec![Scope::Clock], now, None, &entropy);
        statements.push(shop::rows::insert_token(&vault, &token, &value));
        let written = self.databases.main.write_blocking(move |tx| {
            shop::rows::insert_shop(tx, &shop, services)?;
            statements.chunks(8).try_for_each(|together| tx.execute_all(together).map(|_| ()))?;
            Ok::<_, StoreError>(())
        });
        written.unwrap();
        self.switch_mails(false);
    }

    /// A buyer pays `total` yen, `point` of it in points; the order number, or none if it failed or nobody knows.
    pub fn pay(&self, environment: Environment, total: i64, point: i64, card: &str, key: &str) -> Option<ChargeNumber> {
        let order = order(total, point, card);
        let paid = self.runtime.block_on(self.gateway.pay(change_of(environment, key), order));
        match paid {
            Ok(Answer::Charge(snapshot, _)) => Some(number_of(&snapshot.to_json())),
            Ok(Answer::Kept(..)) | Err(_) => None,
        }
    }

    /// Pays in the sandbox, which succeeds.
    pub fn paid(&self, total: i64, point: i64) -> ChargeNumber {
        self.pay(SANDBOX, total, point, "visa", "").unwrap()
    }

    /// Changes a charge of the sandbox; the code of the error if that fails.
    pub fn change(&self, number: ChargeNumber, work: Work, key: &str) -> Result<(), String> {
        self.change_in(SANDBOX, number, work, key)
    }

    pub fn change_in(
        &self,
        environment: Environment,
        number: ChargeNumber,
        work: Work,
        key: &str,
    ) -> Result<(), String> {
        let changed = self.runtime.block_on(self.gateway.change(change_of(environment, key), number, work));
        changed.map(|_| ()).map_err(|error| error.code)
    }

    /// Works until nothing is due.
    pub fn work_off(&self) {
        while self.runtime.block_on(work::background(&self.gateway).round()).unwrap().taken > 0 {}
        while self.runtime.block_on(work::mail_round(&self.gateway)).unwrap().taken > 0 {}
    }

    fn switch_mails(&self, automatic: bool) {
        let contact_address = "shop@example.jp".parse().ok();
        let settings = MailSettings { automatic, contact_address, ..MailSettings::default() };
        let save = move |tx: &mut store::Tx<'_>| tx.execute_all(&[pay::mail::rows::save_settings(SHOP, &settings)]);
        self.databases.main.write_blocking::<_, StoreError, _>(save).unwrap();
    }

    fn notify(&self, charge: ChargeNumber, key: &str) {
        let wanted = Wanted::new(&charge.to_string(), "発送のお知らせ", "本日発送しました。").unwrap();
        self.runtime.block_on(operations::ask(&self.gateway, change_of(SANDBOX, key), wanted)).unwrap();
    }

    /// Mails of every kind. Switched on for these changes only, so that the rest of the story is not about them.
    fn tell_of_mails(&self) {
        self.switch_mails(true);
        let charge = self.paid(7_000, 0);
        self.change(charge, Work::Capture, "").unwrap();
        self.change(charge, Work::Change(items(6_500)), "").unwrap();
        self.notify(charge, "key-mail");
        self.notify(charge, "");
        self.change(charge, Work::Cancel, "").unwrap();
        self.switch_mails(false);
    }

    pub fn seal(&self) {
        while self.runtime.block_on(work::seal(&self.gateway, "test")).unwrap() > 0 {}
    }

    /// Turns the test clock.
    pub fn advance_days(&self, days: i64) {
        let now = self.databases.main.read_blocking(|tx| store::clock::world_now(tx, SHOP, SANDBOX)).unwrap();
        let to: Timestamp = now.plus_seconds(days * 86_400);
        assert_eq!(self.runtime.block_on(work::background(&self.gateway).advance(SHOP, to)).unwrap(), to);
    }

    /// Closes the databases; what is in the folder is all there is.
    pub fn into_folder(self) -> (tempfile::TempDir, Arc<SimClock>) {
        let World { databases, gateway, simulator, clock, runtime, home } = self;
        drop(gateway);
        drop(runtime);
        drop(simulator);
        drop(databases);
        match home {
            Home::Folder(folder) => (folder, clock),
            Home::Servers { .. } => panic!("a server has no folder"),
        }
    }

    /// An endpoint of the sandbox hears of changed amounts.
    fn hear_of_changes(&self) {
        let key = Key { shop: SHOP, environment: SANDBOX, id: format!("we_{}", "0".repeat(32)) };
        let (url, types) = ("https://localhost/hook".to_owned(), vec![EventType::Updated]);
        let created = self.clock.now();
        let endpoint =
            Endpoint { key, url, state: State::Active, failing_since: None, certificate: None, created, types };
        let subscribed = self.databases.main.write_blocking(move |tx| {
            tx.execute_all(&[webhook::rows::insert(&endpoint)])?;
            webhook::rows::set_types(tx, &endpoint.key, &endpoint.types)
        });
        assert_eq!(subscribed, Ok::<_, StoreError>(None));
    }

    /// Somebody of the staff is logged in, and a program asked something.
    fn people_and_programs(&self) {
        let staff = Staff::new(SHOP, "owner@shop.example".parse().unwrap(), false, self.gateway.entropy());
        let hash = "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAA".to_owned();
        // Entropy of its own: ids of the rest of the story stay as they are.
        let (vault, entropy) = (self.gateway.vault().clone(), SeededEntropy::new(7));
        self.write(move |tx| {
            let now = tx.machine_now();
            let session = shop::staff::rows::insert_session(&[7; 32], &staff.id, &Default::default(), now);
            let search =
                pay::orders::view::NewView::new(Some(staff.id.clone()), "未確定", "status=authorized").unwrap();
            let by = By::named("0".repeat(32), &staff.actor(), "tests");
            pay::orders::view::save(tx, SHOP, &search, &by)?.unwrap();
            tx.execute_all(&[shop::staff::rows::insert(&staff, &hash, now), session]).map(|_| ())?;
            links(tx, &staff.id, &vault, &entropy)
        });
        self.told_by_the_operator();
        let entry = Entry {
            shop: SHOP,
            id: "0000000000010a".to_owned(),
            environment: SANDBOX,
            at: self.clock.now(),
            credential_id: "cred_1".to_owned(),
            request_id: "1".to_owned(),
            method: "GET".to_owned(),
            path: "/sandbox/v1/charges".to_owned(),
            status: 200,
            micros: 100,
            charge: None,
        };
        let recorder = Recorder::new(self.gateway.clone(), Keep::default());
        self.runtime.block_on(recorder.keep(vec![(entry, Exchange::default())])).unwrap();
    }

    /// What whoever runs the server keeps of the shop.
    fn told_by_the_operator(&self) {
        let by = |id: &str| By::named(format!("{id:f>32}"), "token:tkn_1", "api");
        self.write(move |tx| {
            let now = tx.machine_now();
            let (title, body) = ("メンテナンス".to_owned(), "深夜に行います。".to_owned());
            let draft =
                Draft { shop: Some(SHOP), severity: Severity::Maintenance, title, body, from: None, until: None };
            let notice = draft.checked("ntc_1".to_owned(), now).unwrap();
            // The owner is told of it by mail.
            shop::news_mail::set(tx, SHOP, true, &by("a0"))?;
            shop::notice::write(tx, &notice, &by("a1"))?;
            tx.execute_all(&[shop::notice::rows::mark_read(SHOP, "stf_1", "ntc_1", now)])?;
            let company = Information { company_name: "お茶株式会社".to_owned(), ..Information::default() };
            shop::information::replace(tx, SHOP, "お店", &company, &by("a2"))?;
            let rate = Rate::new(325, 10).unwrap();
            let fee = Fee { id: "fee_1".to_owned(), from: now.jst_date(), rate, created: now, withdrawn: None };
            pay::fee::write(tx, SHOP, &fee, &by("a3")).map(|written| assert_eq!(written, Ok(())))
        });
    }

    fn write(&self, op: impl FnMut(&mut store::Tx<'_>) -> Result<(), StoreError> + Send + 'static) {
        self.databases.main.write_blocking(op).unwrap();
    }

    /// Visits to the checkout: one that paid, one whose card was refused, one that is open, one that asks the shop.
    fn visit_the_checkout(&self) {
        let name = || "楽天".to_owned();
        let account = Account {
            id: "buyer_1".to_owned(),
            email: "taro@example.com".to_owned(),
            last_name: name(),
            first_name: name(),
            last_name_kana: name(),
            first_name_kana: name(),
        };
        let owner = account.clone();
        self.write(move |tx| {
            let now = tx.machine_now();
            let origin = "https://shop.example".parse().unwrap();
            let asked = "INSERT INTO security_code (shop_id, brand_group, approved, asked, forced)
                         VALUES (1, 'diners', 1, 0, 0)";
            tx.execute(asked, &[])?;
            tx.execute_all(&[
                pay::buyer::rows::insert_account(&owner, "$argon2id$", now),
                pay::checkout::origin::rows::insert(SHOP, SANDBOX, &origin),
            ])
            .map(|_| ())
        });
        self.visit("a", &account, Some("4111111111111111"), 1_300);
        self.visit("b", &account, Some("4111110000000013"), 1_400);
        self.visit("c", &account, None, 1_500);
        let asking = self.visit("d", &account, None, 1_600);
        self.write(move |tx| {
            let (mut session, _) = visits::find_for_update(tx, &asking)?.expect("the visit");
            session.kept = Kept::Checking(tx.machine_now().plus_seconds(30));
            session.attempt = Some("0".repeat(32));
            tx.execute_all(&[visits::save(&session)]).map(|_| ())
        });
    }

    /// One visit, up to its end if a card is typed.
    fn visit(&self, digit: &str, account: &Account, card: Option<&str>, total: i64) -> SessionId {
        let id = SessionId { shop: SHOP, environment: SANDBOX, secret: digit.repeat(32) };
        let session = Session {
            id: id.clone(),
            kept: Kept::Open,
            items: items(total),
            cart_id: Some("cart".to_owned()),
            origin: None,
            return_url: None,
            buyer: None,
            card: None,
            code_card: None,
            point: Yen::ZERO,
            address: None,
            attempt: None,
            notice: None,
            expires: self.clock.now().plus_seconds(7_200),
        };
        self.write(move |tx| {
            let now = tx.machine_now();
            tx.execute_all(&[visits::insert(&session, now)]).map(|_| ())
        });
        let checkout = Checkout::new(self.gateway.clone(), Passwords::default(), Bounds::default());
        let address = std::net::IpAddr::from([127, 0, 0, 1]);
        let visitor = Visitor { buyer: account.id.clone(), address, request_id: "1".to_owned() };
        self.runtime.block_on(async {
            checkout.claim(&id, &account.id).await.unwrap();
            let Some(card) = card else { return };
            let details = CardDetails {
                number: card.to_owned(),
                expiry_year: 2_199,
                expiry_month: 1,
                security_code: Some("123".to_owned()),
                holder: "TARO".to_owned(),
            };
            checkout.add_card(&id, &visitor, details).await.unwrap();
            let text = str::to_owned;
            let typed = Typed {
                last_name: text("楽天"),
                first_name: text("太郎"),
                last_name_kana: text("ラクテン"),
                first_name_kana: text("タロウ"),
                address_zip: text("1580094"),
                address_state: text("東京都"),
                address_city: text("世田谷区"),
                address_line: text("玉川1-14-1"),
                tel: text("0312345678"),
            };
            checkout.add_address(&id, &account.id, &typed).await.unwrap();
            checkout.confirm(&id, &visitor, account, None).await.unwrap();
        });
        id
    }

    /// The shop erases by itself, and one charge at once.
    fn erase(&self, charge: ChargeNumber) {
        let place = Place { shop: SHOP, environment: SANDBOX };
        self.write(move |tx| {
            let by = By::named("00000000000a".to_owned(), "operator", "command line");
            pay::erase::settings::replace(tx, place, Some(365), &by)
        });
        let by = By::named("00000000000b".to_owned(), "operator", "command line");
        let erase = pay::erase::charge(&self.databases.main, &self.databases.vault, place, charge, &by);
        assert_eq!(self.runtime.block_on(erase), Ok(true));
    }

    /// Charges in every state, with everything that can be left behind.
    pub fn tell_the_story(&self) {
        self.people_and_programs();
        // What the clock ends, turned far: an expired one, and a captured one whose window has closed.
        let captured_long_ago = self.paid(1_200, 200);
        self.change(captured_long_ago, Work::Capture, "").unwrap();
        self.paid(1_100, 100);
        self.advance_days(240);

        self.hear_of_changes();
        let authorized = self.pay(SANDBOX, 1_000, 0, "visa", "key-pay").unwrap();
        let captured = self.paid(3_000, 500);
        self.change(captured, Work::Capture, "key-capture").unwrap();
        let raised = self.paid(1_000, 0);
        self.change(raised, Work::Change(items(1_500)), "key-raise").unwrap();
        let below_points = self.paid(2_000, 800);
        self.change(below_points, Work::Capture, "").unwrap();
        self.change(below_points, Work::Change(items(300)), "").unwrap();
        let lowered = self.paid(5_000, 700);
        self.change(lowered, Work::Change(items(400)), "").unwrap();
        self.change(lowered, Work::Capture, "").unwrap();
        let cancelled = self.paid(2_500, 0);
        self.change(cancelled, Work::Cancel, "").unwrap();
        let returned = self.paid(2_600, 600);
        self.change(returned, Work::Capture, "").unwrap();
        self.change(returned, Work::Cancel, "").unwrap();
        let by_points = self.paid(900, 900);
        self.change(by_points, Work::Capture, "").unwrap();
        self.pay(SANDBOX, 1_700, 0, "3ds_passes", "").unwrap();
        let tested = self.pay(Environment::Test, 4_000, 0, "visa", "").unwrap();
        self.change_in(Environment::Test, tested, Work::Capture, "").unwrap();

        assert_eq!(self.pay(SANDBOX, 1_800, 300, "insufficient_funds", "key-refused"), None);
        let refusing = self.pay(SANDBOX, 1_900, 0, "capture_refused", "").unwrap();
        assert_eq!(self.change(refusing, Work::Capture, "").unwrap_err(), "invalid_payment");
        assert_eq!(self.change(cancelled, Work::Capture, "key-kept").unwrap_err(), "already_refunded");
        self.tell_of_mails();
        self.visit_the_checkout();
        self.erase(cancelled);
        self.work_off();
        self.seal();
        // Nothing answers there: the tries are logged, the messages wait.
        assert!(self.runtime.block_on(self.gateway.webhooks().round()).unwrap() > 0);

        // Left open: two lost answers, and releases that wait. What is not sealed yet.
        let losing = self.pay(SANDBOX, 2_100, 0, "capture_answer_lost", "").unwrap();
        assert_eq!(self.change(losing, Work::Capture, "key-lost").unwrap_err(), "outcome_unknown");
        assert_eq!(self.pay(SANDBOX, 2_200, 150, "authorization_answer_lost", "key-lost-pay"), None);
        self.change(authorized, Work::Change(items(1_050)), "").unwrap();
        let waiting = self.paid(6_000, 1_000);
        self.change(waiting, Work::Capture, "").unwrap();
        self.change(waiting, Work::Change(items(850)), "").unwrap();
    }
}

pub fn items(total: i64) -> Items {
    let item = |id: &str, unit_price, quantity| Item { id: id.into(), name: "お茶".into(), quantity, unit_price };
    Items::new(vec![item("tea-1", total - 100, 1), item("tea-2", 50, 2)]).unwrap()
}

pub fn order(total: i64, point: i64, card: &str) -> Order {
    Order {
        items: items(total),
        cart_id: Some(format!("cart-{total}")),
        point: Yen::new(point).unwrap(),
        card: Some(card.to_owned()),
        address: Some(Address { address_zip: Some("100-0001".into()), ..Address::default() }),
        buyer: Buyer { id: Some("buyer-1".into()), email: Some("taro@example.jp".into()), ..Buyer::default() },
        open_id: "https://choba.example/openid/user/1".to_owned(),
        presence: pay::charge::Presence::Simulated,
        windows: pay::charge::Windows::USUAL,
    }
}

/// A request with an idempotency key, if `key` says one.
pub fn change_of(environment: Environment, key: &str) -> Change {
    let key = (!key.is_empty()).then(|| RequestKey {
        shop: SHOP,
        scope: environment.as_str(),
        key: key.to_owned(),
        fingerprint: vec![5; 32],
    });
    let requester = Requester { actor: "key:cred_1".into(), origin: "api 127.0.0.1 1".into() };
    Change { shop: SHOP, environment, key, requester }
}

pub fn number_of(snapshot: &str) -> ChargeNumber {
    let value: serde_json::Value = serde_json::from_str(snapshot).unwrap();
    value["id"].as_str().unwrap().parse().unwrap()
}

/// The two-step login of an account, an invitation, and a link for another password with its mail.
fn links(tx: &mut store::Tx<'_>, staff: &str, vault: &Vault, entropy: &dyn kernel::Entropy) -> Result<(), StoreError> {
    use shop::staff::mail::{self, Letter};
    use shop::staff::rows::{self, Invitation};
    let (now, secret) = (tx.machine_now(), shop::staff::totp::Secret::generate(entropy));
    let expires = now.plus_seconds(1_800);
    let invitation = Invitation {
        id: "inv_1".to_owned(),
        shop: SHOP,
        email: "guest@shop.example".parse().unwrap(),
        name: String::new(),
        duties: shop::Duties::owner(),
        created: now,
        expires,
    };
    let letter = Letter { to: "owner@shop.example".into(), shop: "1".into(), token: "t".into() };
    let id = kernel::outside::sortable_hex(now, entropy);
    let mut statements = vec![
        rows::set_totp(staff, Some(shop::staff::second::seal(vault, staff, &secret, entropy)), 1),
        rows::insert_recovery(&[1; 32], staff),
        rows::insert_invitation(&[2; 32], &invitation, "staff:stf_1"),
        rows::insert_reset(&[3; 32], staff, now, expires),
    ];
    statements.extend(mail::send(vault, entropy, (SHOP, &id), mail::Kind::Reset, &letter, (now, expires)));
    tx.execute_all(&statements).map(|_| ())
}

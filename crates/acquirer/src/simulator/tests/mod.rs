//! The simulator as its callers see it, on both engines: scripts of commands through the ports, and the book after.

mod book;
mod cards;
mod mishaps;
mod points;
mod properties;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kernel::{Environment, JstDate, ShopId, Timestamp, Yen};
use store::{Database, PostgresOptions, SqliteOptions, Store, StoreError, Synchronous, Tx};
use testkit::postgres::TestDatabase;
use testkit::sim_clock::{SeededEntropy, SimClock};

use super::{MIGRATIONS, Settings, Simulator, book_page, check};
use crate::card::CardDetails;
use crate::port::{ActionOutcome, Answer, Command, Initiator, Inquiry, Merchant, Provider, Receipt, Request};

/// A simulator with its book, as one shop sees it.
struct World {
    simulator: Arc<Simulator>,
    merchant: Merchant,
    keys: AtomicU64,
    _home: Home,
}

/// What the book stands on; goes away with the world.
enum Home {
    File { _folder: tempfile::TempDir },
    Server(Option<TestDatabase>),
}

impl Drop for Home {
    fn drop(&mut self) {
        match self {
            Home::File { .. } => {}
            Home::Server(database) => outside(|| drop(database.take())),
        }
    }
}

/// Runs what blocks on a thread of its own: the client of the test server must not be used inside a runtime.
fn outside<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(work).join().unwrap())
}

impl World {
    fn sqlite() -> World {
        let folder = tempfile::tempdir().unwrap();
        let options =
            SqliteOptions { synchronous: Synchronous::Off, ..SqliteOptions::new(folder.path().join("book.db")) };
        World::on(Database::Sqlite(options), Home::File { _folder: folder })
    }

    fn postgres() -> World {
        let database = outside(TestDatabase::new);
        let options = PostgresOptions { writers: 4, readers: 2, ..PostgresOptions::new(database.url()) };
        World::on(Database::Postgres(options), Home::Server(Some(database)))
    }

    /// One on each engine.
    fn each() -> [World; 2] {
        [World::sqlite(), World::postgres()]
    }

    fn on(database: Database, home: Home) -> World {
        let store = outside(|| Store::open(database, MIGRATIONS, Arc::new(SimClock::default())).unwrap());
        // A late answer never comes while a test lasts.
        let settings = Settings { late_after: Duration::from_secs(86_400), ..Settings::default() };
        let simulator = Arc::new(Simulator::new(store, Arc::new(SeededEntropy::new(7)), settings));
        let merchant = Merchant { shop: ShopId(1), environment: Environment::Sandbox };
        World { simulator, merchant, keys: AtomicU64::new(0), _home: home }
    }

    fn provider(&self) -> Arc<dyn Provider> {
        self.simulator.clone()
    }

    fn request(&self, key: &str, command: Command) -> Request {
        Request { merchant: self.merchant, key: key.to_owned(), command, at: now() }
    }

    async fn send(&self, key: &str, command: Command) -> Answer {
        self.provider().execute(self.request(key, command)).await
    }

    /// Sends under a key that nobody used.
    async fn ask(&self, command: Command) -> Answer {
        let key = format!("fresh-{}", self.keys.fetch_add(1, Ordering::Relaxed));
        self.send(&key, command).await
    }

    async fn inquire(&self, key: &str) -> Inquiry {
        self.provider().inquire(self.merchant, key).await
    }

    /// Authorizes and gives the authorization's name.
    async fn authorized(&self, card: &str, amount: i64) -> String {
        name_of(&self.ask(authorize(card, amount)).await)
    }

    /// Runs commands like `authorize visa 1000; capture 400; refund 500; void; complete passed`, each under a new key
    /// and on the authorization made last, and gives what was answered to each.
    async fn script(&self, script: &str) -> String {
        let mut authorization = "auth_of_nobody".to_owned();
        let mut said = Vec::new();
        for step in script.split("; ") {
            let words: Vec<&str> = step.split(' ').collect();
            let answer = self.ask(command(&words, &authorization)).await;
            if words[0] == "authorize" && !matches!(answer, Answer::Refused(_)) {
                authorization = name_of(&answer);
            }
            said.push(word(&answer));
        }
        said.join("; ")
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnMut(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.simulator.store().read(read).await.unwrap()
    }

    /// Damages a row behind the simulator's back.
    async fn damage(&self, sql: &'static str) {
        let touched = self.simulator.store().write(move |tx| tx.execute(sql, &[])).await;
        assert!(touched.unwrap() > 0, "{sql}");
    }

    async fn disagreements(&self) -> Vec<String> {
        self.read(check).await
    }

    /// `amount captured refunded state` of each authorization, in the order of their making.
    async fn standing(&self) -> Vec<String> {
        let merchant = self.merchant;
        let page = self.read(move |tx| book_page(tx, merchant, None, 1_000)).await;
        page.iter().map(|row| format!("{} {} {} {}", row.amount, row.captured, row.refunded, row.state)).collect()
    }
}

/// 2026-11-22T00:00:00 JST.
fn now() -> Timestamp {
    JstDate::new(2026, 11, 22).unwrap().start()
}

fn yen(amount: i64) -> Yen {
    Yen::new(amount).unwrap()
}

fn details(number: &str, expiry_year: u16, expiry_month: u8) -> CardDetails {
    let holder = "HANAKO RAKUTEN".to_owned();
    CardDetails { number: number.to_owned(), expiry_year, expiry_month, security_code: None, holder }
}

fn authorize(card: &str, amount: i64) -> Command {
    Command::Authorize {
        card: card.to_owned(),
        amount: yen(amount),
        order: "order-1".to_owned(),
        initiator: Initiator::Buyer,
    }
}

fn capture(authorization: &str, amount: i64) -> Command {
    Command::Capture { authorization: authorization.to_owned(), amount: yen(amount) }
}

fn refund(authorization: &str, amount: i64) -> Command {
    Command::Refund { authorization: authorization.to_owned(), amount: yen(amount) }
}

fn void(authorization: &str) -> Command {
    Command::Void { authorization: authorization.to_owned() }
}

fn command(words: &[&str], authorization: &str) -> Command {
    let amount = |word: &str| word.parse().unwrap();
    match words {
        ["authorize", card, yen] => authorize(card, amount(yen)),
        ["capture", yen] => capture(authorization, amount(yen)),
        ["refund", yen] => refund(authorization, amount(yen)),
        ["void"] => void(authorization),
        ["complete", outcome] => {
            let outcome: ActionOutcome = outcome.parse().unwrap();
            Command::CompleteAction { authorization: authorization.to_owned(), outcome }
        }
        _ => panic!("no such step: {words:?}"),
    }
}

/// One word for an answer: `ok`, `action`, `unknown`, or the code of the refusal.
fn word(answer: &Answer) -> &'static str {
    match answer {
        Answer::Succeeded(_) => "ok",
        Answer::RequiresAction { .. } => "action",
        Answer::Refused(refusal) => refusal.code(),
        Answer::Unknown(_) => "unknown",
    }
}

fn name_of(answer: &Answer) -> String {
    match answer {
        Answer::Succeeded(Receipt { reference }) => reference.clone(),
        Answer::RequiresAction { authorization, .. } => authorization.clone(),
        Answer::Refused(_) | Answer::Unknown(_) => panic!("no authorization in {answer:?}"),
    }
}

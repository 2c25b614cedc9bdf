//! A store on a fresh database, with a clock that stands still.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use kernel::{ShopId, Timestamp};
use store::{Database, Migration, PostgresOptions, SqliteOptions, Store, StoreError, Tx, params};
use testkit::postgres::TestDatabase;
use testkit::sim_clock::SimClock;

pub const SHOP: ShopId = ShopId(7);
pub const OTHER_SHOP: ShopId = ShopId(8);
pub const SECOND: i64 = kernel::time::MICROS_PER_SECOND;

const NOTES: Migration = Migration {
    name: "test/0001-note",
    sql: "CREATE TABLE note (
              shop_id @INT NOT NULL, note_id @TEXT NOT NULL, amount @INT NOT NULL, body @TEXT, seal @BLOB,
              PRIMARY KEY (shop_id, note_id)) @CLUSTERED;",
};

/// The schema of these tests: the store's own, and one table.
pub fn migrations() -> Vec<Migration> {
    store::migration::MIGRATIONS.iter().copied().chain([NOTES]).collect()
}

pub struct Fixture {
    pub store: Store,
    pub clock: Arc<SimClock>,
    pub postgres: Option<TestDatabase>,
    pub folder: tempfile::TempDir,
}

impl Fixture {
    pub fn sqlite() -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(SqliteOptions::new(folder.path().join("choba.db")));
        Fixture::open(database, None, folder)
    }

    pub fn postgres() -> Fixture {
        let postgres = TestDatabase::new();
        Fixture::on_postgres(few_connections(postgres.url()), postgres)
    }

    pub fn on_postgres(options: PostgresOptions, postgres: TestDatabase) -> Fixture {
        Fixture::open(Database::Postgres(options), Some(postgres), tempfile::tempdir().unwrap())
    }

    fn open(database: Database, postgres: Option<TestDatabase>, folder: tempfile::TempDir) -> Fixture {
        let clock = Arc::new(SimClock::default());
        let store = Store::open(database, &migrations(), clock.clone()).unwrap();
        Fixture { store, clock, postgres, folder }
    }

    /// The file of the database on SQLite.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("choba.db")
    }

    pub fn now(&self) -> Timestamp {
        self.store.machine_now()
    }

    pub fn write<T: Send + 'static>(&self, op: impl FnMut(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static) -> T {
        self.store.write_blocking(op).unwrap()
    }

    pub fn read<T: Send + 'static>(&self, op: impl FnMut(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static) -> T {
        self.store.read_blocking(op).unwrap()
    }

    /// Runs SQL that no operation would: damage.
    pub fn damage(&self, sql: &'static str) {
        let touched = self.write(move |tx| tx.execute(sql, &[]));
        assert!(touched > 0, "{sql}: no row");
    }

    /// Ids of all notes, in order.
    pub fn notes(&self) -> Vec<String> {
        self.read(|tx| {
            let rows = tx.query("SELECT note_id FROM note ORDER BY shop_id, note_id", &[])?;
            rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
        })
    }
}

/// The server allows some hundred connections in all, and the tests run side by side.
pub fn few_connections(url: String) -> PostgresOptions {
    PostgresOptions { writers: 3, readers: 2, ..PostgresOptions::new(url) }
}

pub fn insert_note(tx: &mut Tx<'_>, id: &str) -> Result<u64, StoreError> {
    tx.execute("INSERT INTO note (shop_id, note_id, amount) VALUES ($1, $2, 1)", &params![SHOP, id])
}

/// Lets a write get into the queue, without waiting for its answer.
pub fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

pub fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

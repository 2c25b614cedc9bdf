//! The two engines and the queue in front of them.
//!
//! SQLite: one writer thread takes everything that waits and commits it once (`sqlite.rs`). PostgreSQL: each operation
//! is a transaction on one of several connections (`postgres.rs`). Both take the same jobs (`job.rs`) and answer only
//! after the commit.

mod job;
mod postgres;
mod queue;
mod sqlite;
mod statements;

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use kernel::Clock;

pub(crate) use self::postgres::PostgresConnection;
pub(crate) use self::statements::Run;
use crate::error::{ErrorKind, StoreError};
use crate::migration::{self, Migration};
use crate::tx::Tx;
use job::TypedJob;
use queue::{NotAccepted, Queue};

/// Writes that may wait before further ones are refused as [`ErrorKind::Overloaded`].
const QUEUE_LENGTH: usize = 16_384;
/// Threads for what reads at length: each holds a snapshot, and on PostgreSQL a connection, while it has work.
const LONG_READERS: usize = 2;

/// Which database.
#[derive(Clone, Debug)]
pub enum Database {
    /// SQLite, inside the process.
    Sqlite(SqliteOptions),
    /// A PostgreSQL server.
    Postgres(PostgresOptions),
}

/// When SQLite's commits are on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronous {
    /// Before the answer: what every shop runs.
    Full,
    /// Whenever the system likes. Only for the proof that the test of durability can fail.
    Off,
}

/// How SQLite is opened.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// The database file; made if it is missing.
    pub path: PathBuf,
    /// When commits are on the disk.
    pub synchronous: Synchronous,
    /// How long to wait for another process that holds the lock, in milliseconds.
    pub busy_timeout_ms: u64,
}

impl SqliteOptions {
    /// The file at `path`, durable, waiting five seconds for others.
    pub fn new(path: impl Into<PathBuf>) -> SqliteOptions {
        SqliteOptions { path: path.into(), synchronous: Synchronous::Full, busy_timeout_ms: 5_000 }
    }
}

/// How PostgreSQL is reached.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// `postgres://user@host/database` or key-value form.
    pub url: String,
    /// Schema that holds the tables; made if it is missing.
    pub schema: String,
    /// Certificate authorities (PEM file) to trust instead of the public ones.
    pub ca_file: Option<PathBuf>,
    /// Connections for writing.
    pub writers: usize,
    /// Connections for reading.
    pub readers: usize,
    /// A commit does not wait for the disk: it is durable when a later one of a store that waits is. Only for what
    /// nobody is told of before that.
    pub durable_later: bool,
}

impl PostgresOptions {
    /// The server at `url`, schema `public`, with 4 connections for writing and 8 for reading. Few writers make large
    /// batches: what waits meanwhile shares the next commit (docs/adr/0004).
    pub fn new(url: impl Into<String>) -> PostgresOptions {
        PostgresOptions {
            url: url.into(),
            schema: "public".into(),
            ca_file: None,
            writers: 4,
            readers: 8,
            durable_later: false,
        }
    }
}

/// A database that is open and whose schema is this binary's. Cheap to clone; the last clone closes it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    queues: Queues,
    threads: Vec<JoinHandle<()>>,
    clock: Arc<dyn Clock>,
    database: Database,
}

/// Where jobs wait, each kind for threads of its own.
#[derive(Clone)]
struct Queues {
    writes: Arc<Queue>,
    reads: Arc<Queue>,
    long_reads: Arc<Queue>,
}

impl Queues {
    fn new() -> Queues {
        let queue = || Arc::new(Queue::new(QUEUE_LENGTH));
        Queues { writes: queue(), reads: queue(), long_reads: queue() }
    }
}

impl Store {
    /// Opens the database, checks that its commits are durable, and brings its schema up to `migrations`.
    ///
    /// Errors name what is wrong: a newer schema, unsafe settings ([`ErrorKind::Unsuitable`]), a file that cannot be
    /// written, a server that cannot be reached. Blocks; call it before the runtime is busy.
    pub fn open(database: Database, migrations: &[Migration], clock: Arc<dyn Clock>) -> Result<Store, StoreError> {
        Store::start(database, Some(migrations), clock)
    }

    /// Opens a database that is there, and leaves its schema as it is: for who only looks.
    pub fn open_as_it_is(database: Database, clock: Arc<dyn Clock>) -> Result<Store, StoreError> {
        Store::start(database, None, clock)
    }

    fn start(database: Database, migrations: Option<&[Migration]>, clock: Arc<dyn Clock>) -> Result<Store, StoreError> {
        let queues = Queues::new();
        let threads = match &database {
            Database::Sqlite(options) => sqlite::start(options, migrations, &clock, &queues)?,
            Database::Postgres(options) => postgres::start(options, migrations, &clock, &queues)?,
        };
        let inner = Inner { queues, threads, clock, database };
        Ok(Store { inner: Arc::new(inner) })
    }

    /// Runs `op` in a transaction that may write. If it returns `Ok`, everything it wrote is durable when this returns;
    /// otherwise nothing of it is kept. `op` runs again after contention, so ids and random bytes are made outside of it.
    pub async fn write<T, E, F>(&self, op: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        metrics::gauge!("choba_store_write_queue_depth").increment(1);
        let answer = self.submit(&self.inner.queues.writes, op).await;
        metrics::gauge!("choba_store_write_queue_depth").decrement(1);
        answer
    }

    /// Runs `op` on a snapshot, without waiting for writers. Writing in it is an error.
    pub async fn read<T, E, F>(&self, op: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.submit(&self.inner.queues.reads, op).await
    }

    /// Like [`Store::read`], for what reads for minutes, such as an export: on threads of its own, so that it keeps nobody
    /// else from reading. There are few of them, and a snapshot keeps the database from tidying up what it shows, so `op`
    /// bounds how long it takes. Like every read it may run again after a lost connection: who has given out something
    /// by then refuses.
    pub async fn read_at_length<T, E, F>(&self, op: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.submit(&self.inner.queues.long_reads, op).await
    }

    /// [`Store::write`] for threads outside of the runtime: command line, workers, tests.
    pub fn write_blocking<T, E, F>(&self, op: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (job, answer) = TypedJob::new(op);
        enqueue(&self.inner.queues.writes, job)?;
        answer.blocking_recv().map_err(|_| closed())?
    }

    /// [`Store::read`] for threads outside of the runtime.
    pub fn read_blocking<T, E, F>(&self, op: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (job, answer) = TypedJob::new(op);
        enqueue(&self.inner.queues.reads, job)?;
        answer.blocking_recv().map_err(|_| closed())?
    }

    /// Machine time.
    pub fn machine_now(&self) -> kernel::Timestamp {
        self.inner.clock.now()
    }

    /// Which database this is.
    pub fn database(&self) -> &Database {
        &self.inner.database
    }

    async fn submit<T, E, F>(&self, queue: &Queue, op: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (job, answer) = TypedJob::new(op);
        enqueue(queue, job)?;
        answer.await.map_err(|_| closed())?
    }
}

fn enqueue(queue: &Queue, job: impl job::Job + 'static) -> Result<(), StoreError> {
    queue.push(Box::new(job)).map_err(|refused| match refused {
        NotAccepted::Full => StoreError::new(ErrorKind::Overloaded, format!("{QUEUE_LENGTH} operations are waiting")),
        NotAccepted::Closed => closed(),
    })
}

impl Drop for Inner {
    /// Lets the threads finish what was accepted, then waits for them.
    fn drop(&mut self) {
        let Queues { writes, reads, long_reads } = &self.queues;
        [writes, reads, long_reads].into_iter().for_each(|queue| queue.close());
        for thread in self.threads.drain(..) {
            // A thread of the store itself may drop the last clone (in a job's closure): it cannot wait for itself.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

fn closed() -> StoreError {
    StoreError::new(ErrorKind::Closed, "the store is closed")
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map_err(|error| StoreError::new(ErrorKind::Io, format!("starting the thread {name}: {error}")))
}

/// Brings the schema up to date through one job on a fresh connection.
fn migrate(tx: &mut Tx<'_>, migrations: &[Migration]) -> Result<(), StoreError> {
    migration::apply(tx, migrations)
}

//! SQLite: one writer that batches, several readers that never wait for it.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use kernel::Clock;
use rusqlite::OpenFlags;

use super::job::{Job, Verdict};
use super::queue::{Queue, Seat, Taken};
use super::statements::Statements;
use super::{LONG_READERS, Queues, SqliteOptions, Synchronous, migrate, spawn};
use crate::error::{ErrorKind, StoreError};
use crate::migration::Migration;
use crate::planner;
use crate::tx::{Connection, Tx};

/// Operations committed together at the most. Larger batches save little (docs/adr/0001-write-path.md) and cost latency.
const BATCH_MAX: usize = 128;
const READERS: usize = 3;
const WRITER_CACHE_KIB: i64 = 24 * 1024;
const READER_CACHE_KIB: i64 = 4 * 1024;
/// Pages in the write-ahead log at which the writer itself copies what is left of them into the database, so that the log
/// begins anew. Most of them the checkpointer has copied before, beside the writer.
const CHECKPOINT_PAGES: i64 = 6_000;
/// Operations after which the checkpointer copies what was written since.
const CHECKPOINT_OPERATIONS: usize = 512;

struct SqliteConnection {
    raw: rusqlite::Connection,
}

/// What each operation of a batch is told.
type Outcomes = Vec<Result<(), StoreError>>;

/// What keeps the operations of a batch apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Apart {
    /// Nothing: most batches need nothing undone, and SQLite copies every page that changes inside a savepoint.
    Nothing,
    /// A savepoint around each.
    Savepoints,
}

pub(super) fn start(
    options: &SqliteOptions,
    migrations: Option<&[Migration]>,
    clock: &Arc<dyn Clock>,
    queues: &Queues,
) -> Result<Vec<JoinHandle<()>>, StoreError> {
    let writer = SqliteConnection::open_writer(options)?;
    if let Some(migrations) = migrations {
        writer.migrate(migrations, clock.as_ref())?;
    }
    let mut threads = Vec::new();
    for (name, count, reads) in
        [("store-read", READERS, &queues.reads), ("store-read-long", LONG_READERS, &queues.long_reads)]
    {
        for _ in 0..count {
            let reader = SqliteConnection::open_reader(options)?;
            let (clock, reads) = (clock.clone(), reads.clone());
            threads.push(spawn(name, move || Session::on(&reader, clock.as_ref()).serve_reads(&reads))?);
        }
    }
    let (clock, writes) = (clock.clone(), queues.writes.clone());
    let (written, checkpoints) = sync_channel(1);
    let checkpointer = SqliteConnection::open(options, OpenFlags::SQLITE_OPEN_READ_WRITE, READER_CACHE_KIB)?;
    threads.push(spawn("store-checkpoint", move || checkpointer.serve_checkpoints(&checkpoints))?);
    threads.push(spawn("store-write", move || Session::on(&writer, clock.as_ref()).serve_writes(&writes, &written))?);
    Ok(threads)
}

impl SqliteConnection {
    fn open_writer(options: &SqliteOptions) -> Result<SqliteConnection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let connection = SqliteConnection::open(options, flags, WRITER_CACHE_KIB)?;
        let raw = &connection.raw;
        // SQLite falls back to reading when it may not write, and would tell only at the first change.
        if raw.is_readonly("main")? {
            return Err(StoreError::new(ErrorKind::ReadOnly, format!("{} cannot be written", options.path.display())));
        }
        let journal: String = raw.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        if journal != "wal" {
            let message = format!("journal_mode is {journal}: the file system does not support write-ahead logging");
            return Err(StoreError::new(ErrorKind::Unsuitable, message));
        }
        let (wanted, name) = match options.synchronous {
            Synchronous::Full => (2, "FULL"),
            Synchronous::Off => (0, "OFF"),
        };
        raw.execute_batch(&format!("PRAGMA synchronous = {name}; PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES};"))?;
        let synchronous: i64 = raw.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
        if synchronous != wanted {
            let message = format!("synchronous is {synchronous}, wanted {wanted}: answers would leave before the sync");
            return Err(StoreError::new(ErrorKind::Unsuitable, message));
        }
        Ok(connection)
    }

    fn open_reader(options: &SqliteOptions) -> Result<SqliteConnection, StoreError> {
        // Opened for writing, because a reader may have to make the shared memory file; told to write nothing.
        let connection = SqliteConnection::open(options, OpenFlags::SQLITE_OPEN_READ_WRITE, READER_CACHE_KIB)?;
        connection.raw.execute_batch("PRAGMA query_only = ON;")?;
        Ok(connection)
    }

    fn open(options: &SqliteOptions, flags: OpenFlags, cache_kib: i64) -> Result<SqliteConnection, StoreError> {
        let opened = rusqlite::Connection::open_with_flags(&options.path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX);
        let raw = opened
            .map_err(|error| StoreError::from(error).while_doing(format!("opening {}", options.path.display())))?;
        raw.busy_timeout(Duration::from_millis(options.busy_timeout_ms))?;
        raw.execute_batch(&format!("PRAGMA cache_size = -{cache_kib}; PRAGMA temp_store = MEMORY;"))
            .map_err(|error| StoreError::from(error).while_doing(format!("opening {}", options.path.display())))?;
        Ok(SqliteConnection { raw })
    }

    fn migrate(&self, migrations: &[Migration], clock: &dyn Clock) -> Result<(), StoreError> {
        let session = Session::on(self, clock);
        session.statements.simple("BEGIN IMMEDIATE")?;
        let done = migrate(&mut session.tx(), migrations).and_then(|()| planner::tell(&self.raw));
        match done {
            Ok(()) => session.statements.simple("COMMIT"),
            Err(error) => {
                session.undo();
                Err(error)
            }
        }
    }

    /// Copies what the log holds into the database while the writer goes on: waiting for the disk twice is not its work.
    fn serve_checkpoints(&self, written: &Receiver<()>) {
        while written.recv().is_ok() {
            if let Err(error) = self.raw.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
                tracing::warn!(%error, "a checkpoint failed; the writer makes one when the log is long enough");
            }
        }
    }
}

/// A connection at work on its thread.
struct Session<'c> {
    statements: Statements<'c>,
    clock: &'c dyn Clock,
}

impl<'c> Session<'c> {
    fn on(connection: &'c SqliteConnection, clock: &'c dyn Clock) -> Session<'c> {
        Session { statements: Statements::on(&connection.raw), clock }
    }

    fn tx(&self) -> Tx<'_> {
        Tx::new(Connection::Sqlite(&self.statements), self.clock.now())
    }

    fn serve_writes(&self, jobs: &Queue, written: &SyncSender<()>) {
        let (seat, mut operations) = (Seat::default(), 0);
        while let Taken::Jobs(batch) = jobs.take(&seat, |waiting| waiting.min(BATCH_MAX), None) {
            metrics::histogram!("choba_store_batch_size").record(batch.len() as f64);
            operations += batch.len();
            self.run_batch(batch);
            if operations >= CHECKPOINT_OPERATIONS {
                operations = 0;
                // A full channel means that the checkpointer is at it.
                let _ = written.try_send(());
            }
        }
    }

    fn serve_reads(&self, jobs: &Queue) {
        let seat = Seat::default();
        while let Taken::Jobs(taken) = jobs.take(&seat, |_| 1, None) {
            for mut job in taken {
                let verdict = match self.statements.simple("BEGIN DEFERRED") {
                    Ok(()) => job.run(&mut self.tx()),
                    Err(error) => Verdict::Failed(error),
                };
                self.undo();
                job.answer(match verdict {
                    Verdict::Keep | Verdict::Undo => Ok(()),
                    Verdict::Failed(error) => Err(error),
                });
            }
        }
    }

    /// One commit for the whole batch; if that fails as a whole, each operation by itself.
    fn run_batch(&self, mut batch: Vec<Box<dyn Job>>) {
        let committed = match self.try_batch(&mut batch, Apart::Nothing) {
            Ok(None) => self.try_batch(&mut batch, Apart::Savepoints),
            committed => committed,
        };
        match committed {
            Ok(outcomes) => {
                for (job, outcome) in batch.into_iter().zip(outcomes.unwrap_or_default()) {
                    job.answer(outcome);
                }
            }
            // A lock was waited for already: each one waiting for it again would make the queue stand still.
            Err(error) if batch.len() == 1 || error.kind == ErrorKind::Busy => {
                batch.into_iter().for_each(|job| job.answer(Err(error.clone())));
            }
            Err(error) => {
                tracing::warn!(%error, operations = batch.len(), "a batch was undone as a whole; running it one by one");
                for job in batch {
                    self.run_batch(vec![job]);
                }
            }
        }
    }

    /// Runs and commits all of `batch`; none if an operation spoilt it for the others ([`Apart::Nothing`]). Then, and after
    /// an error, nothing of it is in the database.
    fn try_batch(&self, batch: &mut [Box<dyn Job>], apart: Apart) -> Result<Option<Outcomes>, StoreError> {
        self.statements.simple("BEGIN IMMEDIATE")?;
        let ran = match apart {
            Apart::Nothing => self.run_together(batch),
            Apart::Savepoints => {
                batch.iter_mut().map(|job| self.run_in_savepoint(job.as_mut())).collect::<Result<_, _>>().map(Some)
            }
        };
        let ended = match ran {
            Ok(Some(_)) => self.commit(),
            Ok(None) | Err(_) => Ok(()),
        };
        // What was committed is not open any more.
        self.undo();
        ended.and(ran)
    }

    /// Runs operations that nothing keeps apart. None if one of several wrote and has to be undone.
    fn run_together(&self, batch: &mut [Box<dyn Job>]) -> Result<Option<Outcomes>, StoreError> {
        let mut outcomes = Vec::with_capacity(batch.len());
        let alone = batch.len() == 1;
        for job in batch {
            let (verdict, wrote) = self.run_one(job.as_mut())?;
            if wrote && !matches!(verdict, Verdict::Keep) {
                if !alone {
                    return Ok(None);
                }
                self.undo();
            }
            outcomes.push(outcome(verdict));
        }
        Ok(Some(outcomes))
    }

    /// Commits what is open; an operation that was undone by itself leaves nothing to commit.
    fn commit(&self) -> Result<(), StoreError> {
        if self.statements.raw.is_autocommit() { Ok(()) } else { self.statements.simple("COMMIT") }
    }

    /// Runs an operation, and tells whether it wrote. `Err` if the engine undid the whole transaction.
    fn run_one(&self, job: &mut dyn Job) -> Result<(Verdict, bool), StoreError> {
        let mut tx = self.tx();
        let verdict = job.run(&mut tx);
        let wrote = tx.wrote();
        if !self.statements.raw.is_autocommit() {
            return Ok((verdict, wrote));
        }
        Err(match verdict {
            Verdict::Failed(error) => error,
            Verdict::Keep | Verdict::Undo => StoreError::new(ErrorKind::Io, "the engine undid the whole transaction"),
        })
    }

    /// The inner result is for who waits; the outer error undid more than this operation.
    fn run_in_savepoint(&self, job: &mut dyn Job) -> Result<Result<(), StoreError>, StoreError> {
        self.statements.simple("SAVEPOINT operation")?;
        let (verdict, _) = self.run_one(job)?;
        if !matches!(verdict, Verdict::Keep) {
            self.statements.simple("ROLLBACK TO operation")?;
        }
        self.statements.simple("RELEASE operation")?;
        Ok(outcome(verdict))
    }

    /// Ends the transaction, if the engine has not done so itself.
    fn undo(&self) {
        if !self.statements.raw.is_autocommit()
            && let Err(error) = self.statements.simple("ROLLBACK")
        {
            tracing::error!(%error, "rolling back");
        }
    }
}

fn outcome(verdict: Verdict) -> Result<(), StoreError> {
    match verdict {
        Verdict::Keep | Verdict::Undo => Ok(()),
        Verdict::Failed(error) => Err(error),
    }
}

//! SQLite: one writer that batches, several readers that never wait for it.

use std::cell::RefCell;
use std::collections::HashMap;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use kernel::Clock;
use rusqlite::OpenFlags;

use super::job::{Job, Verdict};
use super::{SqliteOptions, Synchronous, migrate, spawn, take_batch};
use crate::error::{ErrorKind, StoreError};
use crate::migration::Migration;
use crate::sql;
use crate::tx::{Connection, Tx};
use crate::value::{Row, Value, row_from_sqlite};

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

pub(crate) struct SqliteConnection {
    pub(crate) raw: rusqlite::Connection,
    /// Statements as SQLite wants them, by the text they have in the source.
    rewritten: RefCell<HashMap<String, Arc<str>>>,
}

pub(super) fn start(
    options: &SqliteOptions,
    migrations: Option<&[Migration]>,
    clock: &Arc<dyn Clock>,
    writes: Receiver<Box<dyn Job>>,
    reads: Receiver<Box<dyn Job>>,
) -> Result<Vec<JoinHandle<()>>, StoreError> {
    let writer = SqliteConnection::open_writer(options)?;
    if let Some(migrations) = migrations {
        writer.migrate(migrations, clock.as_ref())?;
    }
    let mut threads = Vec::new();
    for _ in 0..READERS {
        let reader = SqliteConnection::open_reader(options)?;
        let (clock, reads) = (clock.clone(), reads.clone());
        threads.push(spawn("store-read", move || reader.serve_reads(&reads, clock.as_ref()))?);
    }
    let clock = clock.clone();
    let (written, checkpoints) = crossbeam_channel::bounded(1);
    let checkpointer = SqliteConnection::open(options, OpenFlags::SQLITE_OPEN_READ_WRITE, READER_CACHE_KIB)?;
    threads.push(spawn("store-checkpoint", move || checkpointer.serve_checkpoints(&checkpoints))?);
    threads.push(spawn("store-write", move || writer.serve_writes(&writes, clock.as_ref(), &written))?);
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
        raw.set_prepared_statement_cache_capacity(256);
        raw.execute_batch(&format!("PRAGMA cache_size = -{cache_kib}; PRAGMA temp_store = MEMORY;"))
            .map_err(|error| StoreError::from(error).while_doing(format!("opening {}", options.path.display())))?;
        Ok(SqliteConnection { raw, rewritten: RefCell::default() })
    }

    fn migrate(&self, migrations: &[Migration], clock: &dyn Clock) -> Result<(), StoreError> {
        self.raw.execute_batch("BEGIN IMMEDIATE")?;
        let done = migrate(&mut Tx::new(Connection::Sqlite(self), clock.now()), migrations);
        match done {
            Ok(()) => Ok(self.raw.execute_batch("COMMIT")?),
            Err(error) => {
                self.undo();
                Err(error)
            }
        }
    }

    fn serve_writes(&self, jobs: &Receiver<Box<dyn Job>>, clock: &dyn Clock, written: &Sender<()>) {
        let mut operations = 0;
        while let Some(batch) = take_batch(jobs, BATCH_MAX) {
            metrics::histogram!("choba_store_batch_size").record(batch.len() as f64);
            operations += batch.len();
            self.run_batch(batch, clock);
            if operations >= CHECKPOINT_OPERATIONS {
                operations = 0;
                // A full channel means that the checkpointer is at it.
                let _ = written.try_send(());
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

    fn serve_reads(&self, jobs: &Receiver<Box<dyn Job>>, clock: &dyn Clock) {
        while let Ok(mut job) = jobs.recv() {
            let verdict = match self.cached("BEGIN DEFERRED") {
                Ok(()) => job.run(&mut Tx::new(Connection::Sqlite(self), clock.now())),
                Err(error) => Verdict::Failed(error),
            };
            self.undo();
            job.answer(match verdict {
                Verdict::Keep | Verdict::Undo => Ok(()),
                Verdict::Failed(error) => Err(error),
            });
        }
    }

    /// One commit for the whole batch; if that fails as a whole, each operation by itself.
    fn run_batch(&self, mut batch: Vec<Box<dyn Job>>, clock: &dyn Clock) {
        let committed = self.try_batch(&mut batch, clock);
        match committed {
            Ok(outcomes) => {
                for (job, outcome) in batch.into_iter().zip(outcomes) {
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
                    self.run_batch(vec![job], clock);
                }
            }
        }
    }

    /// Runs and commits all of `batch`. `Err` means that nothing of it is in the database.
    fn try_batch(
        &self,
        batch: &mut [Box<dyn Job>],
        clock: &dyn Clock,
    ) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        self.cached("BEGIN IMMEDIATE")?;
        let mut outcomes = Vec::with_capacity(batch.len());
        for job in batch.iter_mut() {
            match self.run_in_savepoint(job.as_mut(), clock) {
                Ok(outcome) => outcomes.push(outcome),
                Err(error) => {
                    self.undo();
                    return Err(error);
                }
            }
        }
        if let Err(error) = self.cached("COMMIT") {
            self.undo();
            return Err(error);
        }
        Ok(outcomes)
    }

    /// The inner result is for who waits; the outer error undid more than this operation.
    fn run_in_savepoint(&self, job: &mut dyn Job, clock: &dyn Clock) -> Result<Result<(), StoreError>, StoreError> {
        self.cached("SAVEPOINT operation")?;
        let verdict = job.run(&mut Tx::new(Connection::Sqlite(self), clock.now()));
        if self.raw.is_autocommit() {
            return Err(match verdict {
                Verdict::Failed(error) => error,
                Verdict::Keep | Verdict::Undo => {
                    StoreError::new(ErrorKind::Io, "the engine undid the whole transaction")
                }
            });
        }
        if !matches!(verdict, Verdict::Keep) {
            self.cached("ROLLBACK TO operation")?;
        }
        self.cached("RELEASE operation")?;
        Ok(match verdict {
            Verdict::Keep | Verdict::Undo => Ok(()),
            Verdict::Failed(error) => Err(error),
        })
    }

    /// Ends the transaction, if the engine has not done so itself.
    fn undo(&self) {
        if !self.raw.is_autocommit()
            && let Err(error) = self.cached("ROLLBACK")
        {
            tracing::error!(%error, "rolling back");
        }
    }

    fn cached(&self, sql: &str) -> Result<(), StoreError> {
        self.raw.prepare_cached(sql)?.raw_execute().map_err(|error| StoreError::from(error).while_doing(sql))?;
        Ok(())
    }

    pub(crate) fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        let mut statement = self.prepared(sql, params)?;
        let columns = statement.column_count();
        let mut rows = statement.raw_query();
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            out.push(row_from_sqlite(row, columns)?);
        }
        Ok(out)
    }

    pub(crate) fn execute(&self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        Ok(self.prepared(sql, params)?.raw_execute()? as u64)
    }

    fn prepared(&self, sql: &str, params: &[Value]) -> Result<rusqlite::CachedStatement<'_>, StoreError> {
        let known = self.rewritten.borrow().get(sql).cloned();
        let text = known.unwrap_or_else(|| {
            let text: Arc<str> = sql::for_sqlite(sql).into();
            self.rewritten.borrow_mut().insert(sql.to_owned(), text.clone());
            text
        });
        let mut statement = self.raw.prepare_cached(&text)?;
        if statement.parameter_count() != params.len() {
            let message = format!("{} parameters for {} placeholders", params.len(), statement.parameter_count());
            return Err(StoreError::programming(message));
        }
        for (index, value) in params.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, value)?;
        }
        Ok(statement)
    }
}

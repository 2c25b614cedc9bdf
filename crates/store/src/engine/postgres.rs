//! PostgreSQL: each operation a transaction on a connection of its own thread; what touches the same row waits for it.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::{BuildHasherDefault, Hash as _, Hasher as _};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use kernel::Clock;

use super::job::{Job, Verdict};
use super::queue::{Queue, Seat, Taken};
use super::statements::TextHasher;
use super::{LONG_READERS, PostgresOptions, Queues, migrate, spawn};
use crate::error::{ErrorKind, StoreError};
use crate::migration::Migration;
use crate::sql;
use crate::tx::{Connection, Statement, Tx};
use crate::value::{Row, Value, row_from_postgres};

/// How often an operation is run again after contention or a lost connection.
const ATTEMPTS: u32 = 8;
/// How often a lost connection, or the fate of a lost commit, is asked for.
const RECONNECTS: u32 = 10;
/// How long a connection without work keeps its transaction open.
const IDLE: Duration = Duration::from_millis(50);
/// Operations that share a transaction at the most.
const TOGETHER_MAX: usize = 32;
/// Statements of one connection that are kept prepared; dynamic texts beyond it are prepared anew.
const PREPARED_MAX: usize = 512;
const MIGRATION_LOCK: i64 = 0x63_68_6f_62_61;

pub(crate) struct PostgresConnection {
    pub(crate) client: postgres::Client,
    /// Which of the connections of its kind this is, from 0.
    pub(crate) number: usize,
    /// Since when the server runs without having recovered from a crash.
    incarnation: String,
    prepared: HashMap<String, postgres::Statement, BuildHasherDefault<TextHasher>>,
    /// Statements that travel together, as the one that they were composed into, by the hash of their texts.
    composed: HashMap<u64, Composed>,
    /// The id of the running transaction, as soon as a statement has told it.
    transaction: Option<String>,
    /// Whether a transaction is open: the end of one begins the next in the same round trip, as long as work comes in.
    open: bool,
}

struct Composed {
    parts: Vec<Box<str>>,
    statement: postgres::Statement,
}

pub(super) fn start(
    options: &PostgresOptions,
    migrations: Option<&[Migration]>,
    clock: &Arc<dyn Clock>,
    queues: &Queues,
) -> Result<Vec<JoinHandle<()>>, StoreError> {
    let connector = Connector::new(options)?;
    let mut first = Connector::new(&PostgresOptions { durable_later: false, ..options.clone() })?.connect()?;
    first.check_durability()?;
    if let Some(migrations) = migrations {
        first.migrate(options, migrations, clock.as_ref())?;
    }
    drop(first);
    let mut threads = Vec::new();
    for (name, count, jobs, read_only) in [
        ("store-write", options.writers, &queues.writes, false),
        ("store-read", options.readers, &queues.reads, true),
        ("store-read-long", LONG_READERS, &queues.long_reads, true),
    ] {
        for number in 0..count {
            let connector = Connector { number, ..connector.clone() };
            let worker = Worker { connector, connection: None, clock: clock.clone(), read_only };
            let jobs = jobs.clone();
            threads.push(spawn(name, move || worker.serve(&jobs))?);
        }
    }
    Ok(threads)
}

/// How connections are made: with verified TLS, except on this machine.
#[derive(Clone)]
struct Connector {
    config: postgres::Config,
    tls: Option<tokio_postgres_rustls::MakeRustlsConnect>,
    number: usize,
}

impl Connector {
    fn new(options: &PostgresOptions) -> Result<Connector, StoreError> {
        let unsuitable = |message: String| StoreError::new(ErrorKind::Unsuitable, message);
        let mut config: postgres::Config =
            options.url.parse().map_err(|error| unsuitable(format!("the database URL: {error}")))?;
        if !options.schema.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
            return Err(unsuitable(format!(
                "the schema name {:?} has other characters than a-z, 0-9 and _",
                options.schema
            )));
        }
        let durability = if options.durable_later { " -c synchronous_commit=off" } else { "" };
        config.options(&format!("-c search_path={}{durability}", options.schema));
        config.application_name("choba");
        config.connect_timeout(Duration::from_secs(5));
        if is_local(&config) && options.ca_file.is_none() {
            return Ok(Connector { config, tls: None, number: 0 });
        }
        config.ssl_mode(postgres::config::SslMode::Require);
        let roots = trusted_roots(options)?;
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let tls = tokio_rustls::rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| unsuitable(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let tls = Some(tokio_postgres_rustls::MakeRustlsConnect::new(tls));
        Ok(Connector { config, tls, number: 0 })
    }

    fn connect(&self) -> Result<PostgresConnection, StoreError> {
        let client = match &self.tls {
            Some(tls) => self.config.connect(tls.clone()),
            None => self.config.connect(postgres::NoTls),
        };
        let client = client.map_err(|error| {
            let error = StoreError::from(error).while_doing("connecting to PostgreSQL");
            StoreError { kind: ErrorKind::ConnectionLost, ..error }
        })?;
        let mut connection = PostgresConnection {
            client,
            number: self.number,
            incarnation: String::new(),
            prepared: HashMap::default(),
            composed: HashMap::new(),
            transaction: None,
            open: false,
        };
        connection.incarnation = connection.learn_incarnation()?;
        Ok(connection)
    }
}

/// Whether every host is this machine: a socket in the file system or the loopback interface.
fn is_local(config: &postgres::Config) -> bool {
    let named = config.get_hosts().iter().all(|host| match host {
        postgres::config::Host::Unix(_) => true,
        postgres::config::Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    });
    // `hostaddr` goes before the name.
    named && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback)
}

fn trusted_roots(options: &PostgresOptions) -> Result<tokio_rustls::rustls::RootCertStore, StoreError> {
    use tokio_rustls::rustls::pki_types::{CertificateDer, pem::PemObject};
    let mut roots = tokio_rustls::rustls::RootCertStore::empty();
    let Some(file) = &options.ca_file else {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        return Ok(roots);
    };
    let wrong = |error: String| StoreError::new(ErrorKind::Unsuitable, format!("{}: {error}", file.display()));
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| wrong(error.to_string()))? {
        roots.add(certificate.map_err(|error| wrong(error.to_string()))?).map_err(|error| wrong(error.to_string()))?;
    }
    if roots.is_empty() { Err(wrong("no certificate in it".into())) } else { Ok(roots) }
}

/// A thread with a connection that it opens again when it is lost.
struct Worker {
    connector: Connector,
    connection: Option<PostgresConnection>,
    clock: Arc<dyn Clock>,
    read_only: bool,
}

/// How one run of an operation ended.
enum Ran {
    /// The answer may go out.
    Done(Result<(), StoreError>),
    /// Nothing of it is in the database; it may run again.
    Again(StoreError),
}

impl Worker {
    fn serve(mut self, jobs: &Queue) {
        let seat = Seat::default();
        let most = if self.read_only { 1 } else { TOGETHER_MAX };
        let share = |waiting: usize| waiting.min(most);
        let mut patience = Some(IDLE);
        loop {
            match jobs.take(&seat, share, patience) {
                Taken::Jobs(batch) => {
                    self.run_batch(batch);
                    patience = Some(IDLE);
                }
                Taken::Nothing => {
                    self.end_idle_transaction();
                    patience = None;
                }
                Taken::Closed => return,
            }
        }
    }

    /// A connection without work holds no transaction open.
    fn end_idle_transaction(&mut self) {
        if let Some(connection) = self.connection.as_mut().filter(|connection| connection.open) {
            connection.open = false;
            if connection.client.batch_execute("ROLLBACK").is_err() {
                self.connection = None;
            }
        }
    }

    /// One commit for all of `batch`; each operation by itself if one of them fails, or must be undone.
    fn run_batch(&mut self, mut batch: Vec<Box<dyn Job>>) {
        if batch.len() > 1
            && let Some(outcomes) = self.run_together(&mut batch)
        {
            return batch.into_iter().zip(outcomes).for_each(|(job, outcome)| job.answer(outcome));
        }
        for mut job in batch {
            let outcome = self.run(&mut job);
            job.answer(outcome);
        }
    }

    /// What each operation is told, if all of them were committed or none knows whether they were; otherwise nothing of
    /// them is in the database.
    fn run_together(&mut self, batch: &mut [Box<dyn Job>]) -> Option<Vec<Result<(), StoreError>>> {
        let (connection, handed_in) = self.connection().ok()?;
        match connection.run_transaction(batch, handed_in) {
            Attempted::Committed(outcomes) => Some(outcomes),
            Attempted::RolledBack(Verdict::Failed(error)) if error.kind == ErrorKind::ConnectionLost => {
                self.connection = None;
                None
            }
            Attempted::RolledBack(_) => None,
            Attempted::CommitFailed(error) if error.kind != ErrorKind::ConnectionLost => None,
            Attempted::CommitFailed(error) => match self.look_up_lost(error) {
                Ran::Done(outcome) => Some(batch.iter().map(|_| outcome.clone()).collect()),
                Ran::Again(_) => None,
            },
        }
    }

    fn run(&mut self, job: &mut Box<dyn Job>) -> Result<(), StoreError> {
        let mut last = None;
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                std::thread::sleep(backoff(attempt));
            }
            match self.run_once(job) {
                Ran::Done(outcome) => return outcome,
                Ran::Again(error) => {
                    tracing::warn!(%error, attempt, "an operation is run again");
                    last = Some(error);
                }
            }
        }
        Err(last.unwrap_or_else(|| StoreError::programming("no attempt was made")))
    }

    fn run_once(&mut self, job: &mut Box<dyn Job>) -> Ran {
        let connection = match self.connection() {
            Ok(connection) => connection,
            Err(error) => return Ran::Again(error),
        };
        match connection.0.run_transaction(std::slice::from_mut(job), connection.1) {
            Attempted::Committed(_) => Ran::Done(Ok(())),
            Attempted::RolledBack(Verdict::Failed(error)) => match error.kind {
                ErrorKind::Contention => Ran::Again(error),
                ErrorKind::ConnectionLost => self.lost(Ran::Again(error)),
                _ => Ran::Done(Err(error)),
            },
            Attempted::RolledBack(Verdict::Keep | Verdict::Undo) => Ran::Done(Ok(())),
            Attempted::CommitFailed(error) if error.kind == ErrorKind::Contention => Ran::Again(error),
            Attempted::CommitFailed(error) if error.kind != ErrorKind::ConnectionLost => Ran::Done(Err(error)),
            Attempted::CommitFailed(error) => self.look_up_lost(error),
        }
    }

    fn connection(&mut self) -> Result<(&mut PostgresConnection, (kernel::Timestamp, bool)), StoreError> {
        let broken = self.connection.as_ref().is_none_or(|connection| connection.client.is_closed());
        if broken {
            self.connection = Some(self.connector.connect()?);
        }
        let handed_in = (self.clock.now(), self.read_only);
        let connection = self.connection.as_mut().ok_or_else(|| StoreError::programming("no connection"))?;
        Ok((connection, handed_in))
    }

    fn lost(&mut self, ran: Ran) -> Ran {
        self.connection = None;
        ran
    }

    /// The connection went away with the answer to a commit.
    fn look_up_lost(&mut self, error: StoreError) -> Ran {
        let (incarnation, transaction) = connection_transaction(&mut self.connection);
        let fate = self.look_up(&incarnation, transaction.as_deref(), error);
        self.lost(fate)
    }

    /// The commit was sent and its answer did not come: the server remembers what became of the transaction.
    fn look_up(&mut self, incarnation: &str, transaction: Option<&str>, error: StoreError) -> Ran {
        let Some(transaction) = transaction else {
            // No id means that nothing was written: running it again changes nothing twice.
            return Ran::Again(error);
        };
        for attempt in 1..=RECONNECTS {
            match self.connector.connect().and_then(|mut connection| connection.fate(incarnation, transaction)) {
                Ok(Fate::Committed) => return Ran::Done(Ok(())),
                Ok(Fate::Aborted) => return Ran::Again(error),
                Ok(Fate::Forgotten) => break,
                Ok(Fate::InProgress) | Err(_) => std::thread::sleep(backoff(attempt + 4)),
            }
        }
        let message =
            format!("the commit of transaction {transaction} was sent, its answer was lost: {}", error.message);
        Ran::Done(Err(StoreError::new(ErrorKind::CommitUnknown, message)))
    }
}

/// The server's incarnation and the running transaction of a connection.
fn connection_transaction(connection: &mut Option<PostgresConnection>) -> (String, Option<String>) {
    let known = |connection: &mut PostgresConnection| (connection.incarnation.clone(), connection.transaction.take());
    connection.as_mut().map(known).unwrap_or_default()
}

/// 2, 4, 8 … 1,024 ms, shortened by up to half so that those who collided do not collide again.
fn backoff(attempt: u32) -> Duration {
    let full = 1_u64 << attempt.min(10);
    // The address of a stack variable differs between threads: enough to spread them, and no source of randomness.
    let spread = std::ptr::from_ref(&full) as u64 / 64 % (full / 2 + 1);
    Duration::from_millis(full - spread)
}

enum Attempted {
    /// What each operation is told.
    Committed(Vec<Result<(), StoreError>>),
    /// Because of the operation with this verdict.
    RolledBack(Verdict),
    CommitFailed(StoreError),
}

enum Fate {
    Committed,
    Aborted,
    InProgress,
    /// The server crashed since: what it knows under this id may be another transaction.
    Forgotten,
}

impl PostgresConnection {
    /// Runs all of `batch` in one transaction. Nothing keeps the operations apart: if one of several fails, or wrote and
    /// refuses, all of them are rolled back. One that refuses without having written is no reason to.
    fn run_transaction(
        &mut self,
        batch: &mut [Box<dyn Job>],
        (now, read_only): (kernel::Timestamp, bool),
    ) -> Attempted {
        self.transaction = None;
        let begin = if read_only { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" } else { "BEGIN" };
        if !self.open
            && let Err(error) = self.client.batch_execute(begin)
        {
            return Attempted::RolledBack(Verdict::Failed(error.into()));
        }
        self.open = false;
        let (mut outcomes, alone) = (Vec::with_capacity(batch.len()), batch.len() == 1);
        for job in batch {
            let mut tx = Tx::new(Connection::Postgres(self), now);
            let verdict = job.run(&mut tx);
            let harmless = matches!(verdict, Verdict::Undo) && !tx.wrote() && !alone;
            if !(matches!(verdict, Verdict::Keep) || harmless) || read_only {
                // A rollback that fails leaves a connection that is closed or will be: the server undoes it by itself.
                self.open = self.client.batch_execute("ROLLBACK AND CHAIN").is_ok();
                return Attempted::RolledBack(verdict);
            }
            outcomes.push(Ok(()));
        }
        match self.learn_transaction().and_then(|()| Ok(self.client.batch_execute("COMMIT AND CHAIN")?)) {
            Ok(()) => {
                self.open = true;
                Attempted::Committed(outcomes)
            }
            Err(error) => {
                // Whatever state it is in, the next operation begins a transaction of its own; a warning if none is open.
                let _ = self.client.batch_execute("ROLLBACK");
                Attempted::CommitFailed(error)
            }
        }
    }

    /// Asks for the id of the running transaction, if it wrote and no statement has told the id yet.
    fn learn_transaction(&mut self) -> Result<(), StoreError> {
        if self.transaction.is_none() {
            let rows = self.query("SELECT pg_current_xact_id_if_assigned()::text", &[])?;
            self.transaction = rows.first().and_then(|row| row.opt_text(0).ok().flatten()).map(str::to_owned);
        }
        Ok(())
    }

    /// Changes whenever the server starts, and when it recovers from a crash, which begins its statistics anew.
    fn learn_incarnation(&mut self) -> Result<String, StoreError> {
        let sql =
            "SELECT pg_postmaster_start_time()::text || ' ' || COALESCE(stats_reset::text, '') FROM pg_stat_bgwriter";
        let row = self.client.query_one(sql, &[])?;
        Ok(row.try_get(0)?)
    }

    /// What became of a transaction that began in an incarnation of the server.
    ///
    /// A server that crashes before it has written anything of a transaction to the disk gives its id to another one
    /// later: that the id was committed says nothing then, while one that did not commit is gone in either case.
    fn fate(&mut self, incarnation: &str, transaction: &str) -> Result<Fate, StoreError> {
        let status = self.query("SELECT pg_xact_status($1::text::xid8)", &[Value::from(transaction)]);
        let rows = match status {
            Ok(rows) => rows,
            // A server that took over without this transaction says that its id is in the future: it never happened there.
            Err(error) if error.message.contains("in the future") => return Ok(Fate::Aborted),
            Err(error) => return Err(error),
        };
        match rows.first().map(|row| row.opt_text(0)).transpose()?.flatten() {
            Some("committed") if self.incarnation != incarnation => Ok(Fate::Forgotten),
            Some("committed") => Ok(Fate::Committed),
            Some("aborted") => Ok(Fate::Aborted),
            Some(_) | None => Ok(Fate::InProgress),
        }
    }

    fn check_durability(&mut self) -> Result<(), StoreError> {
        for (setting, accepted) in [
            ("fsync", &["on"][..]),
            ("full_page_writes", &["on"]),
            ("synchronous_commit", &["on", "remote_apply", "remote_write", "local"]),
        ] {
            let value: String = self.client.query_one(&format!("SHOW {setting}"), &[])?.try_get(0)?;
            if !accepted.contains(&value.as_str()) {
                let message = format!("PostgreSQL has {setting} = {value}: an acknowledged payment could be lost");
                return Err(StoreError::new(ErrorKind::Unsuitable, message));
            }
        }
        Ok(())
    }

    fn migrate(
        &mut self,
        options: &PostgresOptions,
        migrations: &[Migration],
        clock: &dyn Clock,
    ) -> Result<(), StoreError> {
        // Servers that start together take turns: making a schema twice at once fails even with IF NOT EXISTS.
        self.client.batch_execute(&format!("BEGIN; SELECT pg_advisory_xact_lock({MIGRATION_LOCK});"))?;
        self.client.batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS {}", options.schema))?;
        let done = migrate(&mut Tx::new(Connection::Postgres(self), clock.now()), migrations);
        let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = self.client.batch_execute(end);
        done.and(ended.map_err(StoreError::from))
    }

    pub(crate) fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        let statement = self.prepare(sql)?;
        self.rows(&statement, params.iter())
    }

    fn rows<'v>(
        &mut self,
        statement: &postgres::Statement,
        params: impl ExactSizeIterator<Item = &'v Value>,
    ) -> Result<Vec<Row>, StoreError> {
        use postgres::fallible_iterator::FallibleIterator;
        let mut rows = self.client.query_raw(statement, params)?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            out.push(row_from_postgres(&row)?);
        }
        Ok(out)
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        let statement = self.prepare(sql)?;
        let params: Vec<&(dyn postgres::types::ToSql + Sync)> =
            params.iter().map(|value| value as &(dyn postgres::types::ToSql + Sync)).collect();
        Ok(self.client.execute(&statement, &params)?)
    }

    /// All statements as one, each a data-modifying common table expression that counts its rows.
    pub(crate) fn execute_all(&mut self, statements: &[Statement<'_>]) -> Result<Vec<u64>, StoreError> {
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        let params: Vec<&Value> = statements.iter().flat_map(|statement| statement.params()).collect();
        let composed = self.compose(statements)?;
        let row = self.rows(&composed, params.into_iter())?;
        let row = row.first().ok_or_else(|| StoreError::programming("a composed statement gave no row"))?;
        self.transaction = row.opt_text(statements.len())?.map(str::to_owned);
        (0..statements.len()).map(|index| Ok(row.int(index)? as u64)).collect()
    }

    /// The statement that these are composed into. Putting the text together takes as long as some statements run, so it
    /// is done once.
    fn compose(&mut self, statements: &[Statement<'_>]) -> Result<postgres::Statement, StoreError> {
        let hash = hash_of(statements);
        if let Some(known) = self.composed.get(&hash)
            && known.parts.iter().map(AsRef::as_ref).eq(statements.iter().map(Statement::sql))
        {
            return Ok(known.statement.clone());
        }
        let statement = self.prepare(&composed(statements))?;
        if self.composed.len() >= PREPARED_MAX {
            self.composed.clear();
        }
        let parts = statements.iter().map(|statement| statement.sql().into()).collect();
        self.composed.insert(hash, Composed { parts, statement: statement.clone() });
        Ok(statement)
    }

    fn prepare(&mut self, sql: &str) -> Result<postgres::Statement, StoreError> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql)?;
        if self.prepared.len() >= PREPARED_MAX {
            self.prepared.clear();
        }
        self.prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

fn hash_of(statements: &[Statement<'_>]) -> u64 {
    let mut hasher = TextHasher::default();
    statements.iter().for_each(|statement| statement.sql().hash(&mut hasher));
    hasher.finish()
}

fn composed(statements: &[Statement<'_>]) -> String {
    let mut text = String::from("WITH ");
    let mut offset = 0;
    for (index, statement) in statements.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        let _ = write!(text, "{comma}s{index} AS ({} RETURNING 1)", sql::shifted(statement.sql(), offset));
        offset += statement.params().len();
    }
    text.push_str(" SELECT ");
    for index in 0..statements.len() {
        let _ = write!(text, "(SELECT count(*) FROM s{index}), ");
    }
    text.push_str("pg_current_xact_id()::text");
    text
}

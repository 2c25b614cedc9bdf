//! Create, capture, list and retrieve over HTTP, on each database, at each number of connections.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::counters::Counters;
use super::figures::{Figure, Figures, Goal};
use super::load::{self, Outcome, Plan, Requests};
use super::machine::{self, MemoryWatch};
use super::requests::{Capture, Create, Fetch, Pool};
use super::sink::Sink;
use super::{Bench, baselines, webhooks};
use crate::postgres::{Postgres, Settings};
use crate::server::{self, Database, Server};

/// At which number of connections the goals are stated.
const GOAL_CONNECTIONS: usize = 64;
const PGBENCH_SCALE: u32 = 50;
/// The database on a server of our own.
pub const DATABASE: &str = "choba";

/// Measures `choba` on SQLite, and the bare store beside it.
pub fn sqlite(bench: &Bench, figures: &mut Figures) -> Result<()> {
    let folder = bench.folder("sqlite")?;
    Subject::start(bench, "sqlite", Database::Folder(folder.clone()), None, figures)?.measure(bench, figures)?;
    if bench.baselines {
        for connections in &bench.connections {
            let folder = bench.folder(&format!("bare-{connections}"))?;
            let bare = baselines::bare_store(&bench.bare_store(), &folder, bench.seconds, *connections)?;
            std::fs::remove_dir_all(folder)?;
            bare_store_figures(&bare, *connections, figures);
        }
    }
    let captured = figures.per_second("sqlite", "capture", GOAL_CONNECTIONS);
    let p99 = figures.p99_ms("sqlite", "capture", GOAL_CONNECTIONS);
    if let (Some(captured), Some(p99)) = (captured, p99) {
        // Every capture is also told, by the same two cores.
        let goal = if bench.webhooks { 4000.0 } else { 5000.0 };
        figures.single("sqlite: captures at 64 connections", captured, "/s", Some(Goal::AtLeast(goal)));
        figures.single("sqlite: p99 of a capture at 64 connections", p99, "ms", Some(Goal::Below(40.0)));
    }
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

fn bare_store_figures(bare: &baselines::BareStore, connections: usize, figures: &mut Figures) {
    let of = format!("bare store at {connections} connections");
    figures.single(format!("{of}: captures"), bare.captures_per_second, "/s", None);
    figures.single(format!("{of}: rows a capture"), bare.rows_per_capture, "", None);
    figures.single(format!("{of}: commits a capture"), bare.commits_per_capture, "", None);
    if let Some(captured) = figures.per_second("sqlite", "capture", connections) {
        let ratio = captured / bare.captures_per_second;
        let goal = (connections == GOAL_CONNECTIONS).then_some(Goal::AtLeast(0.5));
        figures.single(format!("sqlite: captures / {of}"), ratio, "", goal);
    }
}

/// Measures `choba` on PostgreSQL, and `pgbench` on the same server afterwards.
pub fn postgres(bench: &Bench, figures: &mut Figures) -> Result<()> {
    let (postgres, database) = postgres_database(bench)?;
    let folder = database.folder().to_owned();
    Subject::start(bench, "postgres", database, Some(&postgres), figures)?.measure(bench, figures)?;
    std::fs::remove_dir_all(folder)?;
    if bench.baselines {
        baselines::prepare_pgbench(&postgres, PGBENCH_SCALE)?;
        for connections in &bench.connections {
            let transactions = baselines::pgbench(&postgres, *connections, bench.seconds)?;
            let of = format!("pgbench at {connections} connections");
            figures.single(of.clone(), transactions, "/s", None);
            if let Some(captured) = figures.per_second("postgres", "capture", *connections) {
                let goal = (*connections == GOAL_CONNECTIONS).then_some(Goal::AtLeast(0.5));
                figures.single(format!("postgres: captures / {of}"), captured / transactions, "", goal);
            }
        }
    }
    Ok(())
}

/// A PostgreSQL server of our own with an empty database.
pub fn postgres_database(bench: &Bench) -> Result<(Postgres, Database)> {
    let binaries = crate::packages::postgres_binaries()?;
    let settings = Settings { connections: 400, shared_buffers: "256MB" };
    let postgres = Postgres::start(&binaries, &bench.base, &settings)?;
    postgres.ask("postgres", &format!("CREATE DATABASE {DATABASE}"))?;
    let database = Database::Url(postgres.url(DATABASE), bench.folder("postgres")?);
    Ok((postgres, database))
}

/// A running server that is measured.
pub struct Subject<'a> {
    name: String,
    server: Server,
    key: String,
    postgres: Option<&'a Postgres>,
    pool: Pool,
    /// Hears of everything, with `--webhooks`.
    sink: Option<Sink>,
}

impl<'a> Subject<'a> {
    /// Starts the server twice: the first start fills the demo shop, the second one is the start that users wait for.
    fn start(
        bench: &Bench,
        name: &str,
        database: Database,
        postgres: Option<&'a Postgres>,
        figures: &mut Figures,
    ) -> Result<Subject<'a>> {
        let log = bench.base.join(format!("{name}.log"));
        let first = Server::start(&bench.choba(), &database, &log)?;
        figures.single(
            format!("{name}: first start, demo shop made"),
            millis(first.first_answer),
            "ms",
            Some(Goal::Below(2000.0)),
        );
        first.stop()?;
        let subject = Subject::attach(bench, name, &database, postgres)?;
        let first_answer = millis(subject.server.first_answer);
        figures.single(format!("{name}: start to first answer"), first_answer, "ms", Some(Goal::Below(300.0)));
        // Resident memory settles within a moment of the start.
        std::thread::sleep(Duration::from_secs(2));
        let idle = machine::resident_mb(subject.server.process())?;
        figures.single(format!("{name}: resident memory, idle"), idle, "MB", Some(Goal::Below(60.0)));
        Ok(subject)
    }

    /// Starts the server on a database that has a shop.
    pub fn attach(
        bench: &Bench,
        name: &str,
        database: &Database,
        postgres: Option<&'a Postgres>,
    ) -> Result<Subject<'a>> {
        let log = bench.base.join(format!("{name}.log"));
        let server = Server::start(&bench.choba(), database, &log)?;
        let key = server::sandbox_private_key(&bench.choba(), database)?;
        let sink = bench.webhooks.then(Sink::start).transpose()?;
        if let Some(sink) = &sink {
            let token = server::token(&bench.choba(), database, &["webhooks"])?;
            webhooks::subscribe(&server, &token, &format!("http://{}/hook", sink.address))?;
        } else {
            let token = server::token(&bench.choba(), database, &["mail"])?;
            webhooks::switch_mails_off(&server, &token)?;
        }
        Ok(Subject { name: name.to_owned(), server, key, postgres, pool: Pool::default(), sink })
    }

    /// The server's address and the key to use there.
    pub fn access(&self) -> (std::net::SocketAddr, &str) {
        (self.server.address, &self.key)
    }

    fn measure(self, bench: &Bench, figures: &mut Figures) -> Result<()> {
        let memory = MemoryWatch::start(self.server.process());
        for connections in &bench.connections {
            self.create(bench, *connections, figures)?;
            let captured = self.capture(bench, *connections, figures)?;
            self.read(bench, *connections, &captured, figures)?;
        }
        let name = format!("{}: resident memory, most under load", self.name);
        figures.single(name, memory.largest_mb(), "MB", Some(Goal::Below(200.0)));
        drop(memory);
        if let Some(sink) = &self.sink {
            let told = sink.events() as f64;
            figures.single(format!("{}: events told by the end", self.name), told, "", None);
        }
        self.server.stop()
    }

    fn create(&self, bench: &Bench, connections: usize, figures: &mut Figures) -> Result<()> {
        let create = Arc::new(Create::new(self.server.address, &self.key, &self.pool));
        figures.measured(self.load(bench, "create", connections, &create)?);
        // Capturing may be quicker than creating was; what it takes is made before its clock runs.
        let wanted = self.pooled() / 2;
        let most = Duration::from_secs(2 * bench.seconds.max(5));
        let plan =
            Plan { warm_up: Duration::ZERO, measured: Duration::from_secs(1), ..bench.plan(self.server.address, 64) };
        let (target, started) = (self.pooled() + wanted, std::time::Instant::now());
        while self.pooled() < target && started.elapsed() < most {
            ensure!(load::run(plan, &create)?.answers > 0, "the server creates no more charges");
        }
        if let Some(postgres) = self.postgres {
            // As `pgbench -i` does: a server that runs for a minute has analysed its tables by itself.
            postgres.ask(DATABASE, "ANALYZE")?;
        }
        Ok(())
    }

    /// Captures what was created; gives the charges that exist.
    fn capture(&self, bench: &Bench, connections: usize, figures: &mut Figures) -> Result<Vec<String>> {
        let charges = std::mem::take(&mut *self.pool.lock().ok().context("the pool of charges")?);
        ensure!(!charges.is_empty(), "no charge could be created; the first answers are above");
        let run = format!("bench-{connections}");
        let capture = Arc::new(Capture::new(self.server.address, &self.key, charges.clone(), &run));
        let before = self.counters()?;
        let mut figure = self.load(bench, "capture", connections, &capture)?;
        figure.writing = self.counters()?.since(before, figure.outcome.answers);
        figures.measured(figure);
        self.pool.lock().ok().context("the pool of charges")?.extend(capture.left());
        Ok(charges)
    }

    fn read(&self, bench: &Bench, connections: usize, charges: &[String], figures: &mut Figures) -> Result<()> {
        let fetch = |paths: Vec<String>| Arc::new(Fetch::new(self.server.address, &self.key, paths));
        let list = fetch(vec!["/sandbox/v1/charges?limit=10".to_owned()]);
        figures.measured(self.load(bench, "list", connections, &list)?);
        let some = charges.iter().step_by(1 + charges.len() / 20_000);
        let retrieve = fetch(some.map(|id| format!("/sandbox/v1/charges/{id}")).collect());
        figures.measured(self.load(bench, "retrieve", connections, &retrieve)?);
        Ok(())
    }

    /// Runs one load and measures the processor time on both sides of it.
    pub fn load(
        &self,
        bench: &Bench,
        operation: &str,
        connections: usize,
        requests: &Arc<impl Requests>,
    ) -> Result<Figure> {
        let processes = [self.server.process(), std::process::id()];
        let times = || -> Result<Vec<Duration>> { processes.map(machine::processor_time).into_iter().collect() };
        let before = times()?;
        let outcome = load::run(bench.plan(self.server.address, connections), requests)?;
        let after = times()?;
        let each = |side: usize| micros_each(after[side].saturating_sub(before[side]), &outcome);
        let processor_us = (each(0), each(1));
        let (database, operation) = (self.name.clone(), operation.to_owned());
        Ok(Figure { database, operation, connections, outcome, processor_us, writing: None })
    }

    fn counters(&self) -> Result<Counters> {
        if self.postgres.is_some() {
            // PostgreSQL's backends hold back what they counted for up to a second.
            std::thread::sleep(Duration::from_millis(1200));
        }
        Counters::read(&self.server, self.postgres.map(|postgres| (postgres, DATABASE)))
    }

    fn pooled(&self) -> usize {
        self.pool.lock().map_or(0, |pool| pool.len())
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn micros_each(time: Duration, outcome: &Outcome) -> f64 {
    let requests = outcome.answers + outcome.error_count();
    if requests == 0 { 0.0 } else { time.as_secs_f64() * 1_000_000.0 / requests as f64 }
}

/// Whether the folder's file system makes the figures meaningless.
pub fn disk_figures(folder: &Path, figures: &mut Figures) -> Result<()> {
    let syncs = machine::sync_times(folder)?;
    let kind = machine::file_system(folder);
    println!("{} cores, {kind} at {}, fsync on in both databases", machine::cores(), folder.display());
    figures.single("write and fdatasync of 4 KiB: p50", syncs.quantile_ms(0.5), "ms", None);
    figures.single("write and fdatasync of 4 KiB: p99", syncs.quantile_ms(0.99), "ms", None);
    figures.single("cores", machine::cores() as f64, "", None);
    ensure!(kind != "tmpfs", "{} is a tmpfs, where a sync does nothing; choose a disk with --folder", folder.display());
    Ok(())
}

//! The rows of captures written without HTTP: what a server's figures stand beside.
//!
//! Each capture is whole: idempotency key and intent, the call through the port, the outcome. The sealer of the audit
//! log runs beside them as in a server, and its rows and commits are counted too. Figures for people: nothing here is
//! near money, so fractions are allowed.
#![allow(clippy::float_arithmetic)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use choba::serve::figures;
use choba::system::Stopwatch;
use kernel::{ChargeNumber, Environment};
use pay::attempt::{Requester, Work};
use pay::gateway::{Answer, Change};
use serde::Serialize;
use store::idempotency::RequestKey;
use store::{Database, Store, StoreError};

use crate::fill::{self, Shape, Target};

/// Captures a second that the charges are prepared for; a faster machine ends early.
const CAPTURES_PREPARED: u64 = 15_000;
/// The same on PostgreSQL.
const CAPTURES_PREPARED_POSTGRES: u64 = 4_000;
const WARM_UP: Duration = Duration::from_secs(1);
/// An idle connection of PostgreSQL reports what it did after ten seconds.
const POSTGRES_REPORTS_AFTER: Duration = Duration::from_secs(11);
const SEAL_PAUSE: Duration = Duration::from_millis(500);

/// What was measured.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Figures {
    /// Captures a second.
    pub captures_per_second: f64,
    /// Rows inserted, changed and deleted for each, in our database and the acquirer's book.
    pub rows_per_capture: f64,
    /// Commits for each, in both; below 1 when several share one.
    pub commits_per_capture: f64,
    /// Median of the time of a capture, microseconds.
    pub p50_us: u64,
    /// The time that 99 in 100 captures stay below, microseconds.
    pub p99_us: u64,
}

/// Captures for `seconds` with `connections` tasks at once.
pub async fn run(target: &Target, seconds: u64, connections: usize) -> anyhow::Result<Figures> {
    figures::recorder();
    let per_second = match target.gateway.store().database() {
        Database::Sqlite(_) => CAPTURES_PREPARED,
        Database::Postgres(_) => CAPTURES_PREPARED_POSTGRES,
    };
    let charges = per_second * (seconds + WARM_UP.as_secs());
    let numbers = fill::fill(target, charges, Shape::JustOrdered).await?;
    let load = Arc::new(Load { numbers, next: AtomicUsize::new(0), stop: AtomicBool::new(false) });
    let before = Counters::read(target).await?;
    let sealer = tokio::spawn(seal(target.clone(), load.clone()));
    let whole = Stopwatch::start();
    let tasks: Vec<_> = (0..connections).map(|_| tokio::spawn(capture(target.clone(), load.clone(), whole))).collect();
    tokio::time::sleep(WARM_UP + Duration::from_secs(seconds)).await;
    load.stop.store(true, Ordering::Relaxed);
    let (mut taken, mut ended) = (Vec::new(), Duration::ZERO);
    let mut all = 0;
    for task in tasks {
        let done = task.await??;
        all += done.captures;
        ended = ended.max(done.ended);
        taken.extend(done.measured);
    }
    sealer.await??;
    let after = Counters::read(target).await?;
    let each = |now: i64, then: i64| (now - then) as f64 / (all as f64).max(1.0);
    taken.sort_unstable();
    let quantile = |per_mille: usize| taken.get(taken.len() * per_mille / 1_000).copied().unwrap_or(0);
    Ok(Figures {
        captures_per_second: taken.len() as f64 / ended.saturating_sub(WARM_UP).as_secs_f64().max(0.001),
        rows_per_capture: each(after.rows, before.rows),
        commits_per_capture: each(after.commits, before.commits),
        p50_us: quantile(500),
        p99_us: quantile(990),
    })
}

/// What the tasks share.
struct Load {
    numbers: Vec<ChargeNumber>,
    next: AtomicUsize,
    stop: AtomicBool,
}

/// What one task did.
struct Done {
    /// All captures, those of the warm-up too.
    captures: usize,
    /// When the last one ended, since the start.
    ended: Duration,
    /// Times of those after the warm-up, microseconds.
    measured: Vec<u64>,
}

async fn capture(target: Target, load: Arc<Load>, whole: Stopwatch) -> anyhow::Result<Done> {
    let mut done = Done { captures: 0, ended: Duration::ZERO, measured: Vec::new() };
    while !load.stop.load(Ordering::Relaxed) {
        let index = load.next.fetch_add(1, Ordering::Relaxed);
        let Some(number) = load.numbers.get(index) else { break };
        let begun = whole.elapsed();
        let answer = target.gateway.change(change(&target, index), *number, Work::Capture).await;
        match answer {
            Ok(Answer::Charge(..)) => {}
            Ok(Answer::Kept(status, _)) => anyhow::bail!("{number}: a kept answer with status {status}"),
            Err(error) => anyhow::bail!("{number}: {} {}", error.code, error.message),
        }
        done.ended = whole.elapsed();
        done.captures += 1;
        if begun >= WARM_UP {
            done.measured.push((done.ended - begun).as_micros() as u64);
        }
    }
    Ok(done)
}

/// What a request of the LITE API would come with.
fn change(target: &Target, index: usize) -> Change {
    let environment = Environment::Sandbox;
    let fingerprint = [index.to_be_bytes(), [0; 8], [0; 8], [0; 8]].concat();
    let key = RequestKey { shop: target.shop, scope: environment.as_str(), key: format!("bare-{index}"), fingerprint };
    let requester = Requester { actor: "key:bare-store".into(), origin: format!("bare-store {index}") };
    Change { shop: target.shop, environment, key: Some(key), requester }
}

/// Chains the audit log as a server does, until the load has ended and all of it is chained.
async fn seal(target: Target, load: Arc<Load>) -> Result<(), StoreError> {
    loop {
        let last = load.stop.load(Ordering::Relaxed);
        while pay::work::seal(&target.gateway, "bare-store").await? > 0 {}
        if last {
            return Ok(());
        }
        tokio::time::sleep(SEAL_PAUSE).await;
    }
}

/// What the databases have done so far.
struct Counters {
    rows: i64,
    commits: i64,
}

impl Counters {
    async fn read(target: &Target) -> anyhow::Result<Counters> {
        let ours = target.gateway.store();
        match ours.database() {
            Database::Sqlite(_) => {
                let rows = changed_rows(ours, true).await? + changed_rows(target.simulator.store(), true).await?;
                Ok(Counters { rows, commits: batches() })
            }
            // Our tables and the acquirer's book are schemas of one database.
            Database::Postgres(_) => {
                tokio::time::sleep(POSTGRES_REPORTS_AFTER).await;
                let commits = ours.read(fill::commits).await?;
                Ok(Counters { rows: changed_rows(ours, false).await?, commits })
            }
        }
    }
}

async fn changed_rows(store: &Store, sqlite: bool) -> Result<i64, StoreError> {
    store.write(move |tx| fill::changed_rows(tx, sqlite)).await
}

/// Commits of both SQLite databases: how often the store recorded the size of a batch.
fn batches() -> i64 {
    let rendered = figures::recorder().render();
    let count = rendered.lines().find_map(|line| line.strip_prefix("choba_store_batch_size_count "));
    count.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}

//! `bench webhooks`: deliveries a second to a local sink while captures go on, none lost; the memory with many events
//! waiting for a dead endpoint; and how fast these are delivered when it lives again.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::Bench;
use super::figures::{Figures, Goal};
use super::load::{self, Plan};
use super::machine::MemoryWatch;
use super::requests::{Capture, Create, Pool};
use super::sink::Sink;
use crate::http;
use crate::server::{self, Database, Server};

/// Connections that create and capture meanwhile: as many captures as the machine can make, each with its delivery.
const CONNECTIONS: usize = 64;
/// Connections that capture while what waited is delivered: a shop at work, which leaves the machine room for it.
const CONNECTIONS_AT_WORK: usize = 2;
/// How long what is left over may take to arrive.
const DRAIN_WITHIN: Duration = Duration::from_secs(300);
/// Every type of event that is told.
const TYPES: [&str; 4] = ["charge.succeeded", "charge.captured", "charge.refunded", "charge.updated"];
const MAIL_SETTINGS: &str = "/api/shops/1/mail-settings";
const WEBHOOKS: &str = "/api/shops/1/sandbox/webhooks";

/// How much waits for the dead endpoint.
#[derive(Clone, Copy, Debug)]
pub struct Waiting(pub u64);

/// A server with an endpoint.
struct Told {
    server: Server,
    key: String,
    token: String,
}

impl Told {
    fn start(bench: &Bench, database: &Database, log: &Path, url: &str) -> Result<Told> {
        let server = Server::start(&bench.choba(), database, log)?;
        let key = server::sandbox_private_key(&bench.choba(), database)?;
        let token = server::token(&bench.choba(), database, &["webhooks"])?;
        subscribe(&server, &token, url)?;
        Ok(Told { server, key, token })
    }

    fn plan(&self, seconds: u64) -> Plan {
        let (warm_up, measured) = (Duration::ZERO, Duration::from_secs(seconds));
        Plan { address: self.server.address, connections: CONNECTIONS, warm_up, measured }
    }

    fn capture(&self, charges: Vec<String>, name: &'static str) -> Arc<Capture> {
        Arc::new(Capture::new(self.server.address, &self.key, charges, name))
    }

    fn move_to(&self, url: &str) -> Result<()> {
        let path = format!("{WEBHOOKS}/{}", only_endpoint(self)?);
        let body = json!({ "url": url }).to_string();
        let answer = http::post(self.server.address, &path, &format!("Bearer {}", self.token), &body)?;
        ensure!(answer.status == 200, "moving the endpoint: {} {}", answer.status, answer.body);
        Ok(())
    }

    fn create(&self, seconds: u64, pool: &Pool) -> Result<u64> {
        let create = Arc::new(Create::new(self.server.address, &self.key, pool));
        let created = load::run(self.plan(seconds), &create)?;
        ensure!(created.answers > 0, "the server creates no charges: {:?}", created.first_error);
        Ok(created.answers)
    }

    fn waiting(&self) -> Result<u64> {
        let answer = http::get(self.server.address, WEBHOOKS, Some(&format!("Bearer {}", self.token)))?;
        let list: Value = serde_json::from_str(&answer.body).context("a list of endpoints")?;
        list["data"][0]["waiting"].as_u64().context("an endpoint")
    }
}

/// Lets `url` hear of everything that is told.
pub fn subscribe(server: &Server, token: &str, url: &str) -> Result<()> {
    let body = json!({ "url": url, "events": TYPES }).to_string();
    let answer = http::post(server.address, WEBHOOKS, &format!("Bearer {token}"), &body)?;
    ensure!(answer.status == 200, "adding an endpoint: {} {}", answer.status, answer.body);
    Ok(())
}

/// Leaves the automatic mails of the demo shop off, so that captures are measured by themselves.
pub fn switch_mails_off(server: &Server, token: &str) -> Result<()> {
    let answer = http::put(server.address, MAIL_SETTINGS, &format!("Bearer {token}"), r#"{"automatic":false}"#)?;
    ensure!(answer.status == 200, "switching mails off: {} {}", answer.status, answer.body);
    Ok(())
}

/// Measures `choba` on `database`.
pub fn measure(bench: &Bench, name: &str, database: &Database, waiting: Waiting, figures: &mut Figures) -> Result<()> {
    let log = bench.base.join(format!("{name}-webhooks.log"));
    let sink = Sink::start()?;
    let url = format!("http://{}/hook", sink.address);
    let told = Told::start(bench, database, &log, &url)?;
    let told_before = deliveries(bench, name, &told, &sink, figures)?;
    // Nobody listens on port 1: refused at once, over and over.
    told.move_to("http://127.0.0.1:1/hook")?;
    let charges = memory(bench, name, &told, waiting, figures)?;
    told.move_to(&url)?;
    revived(bench, name, &told, (&sink, told_before), charges, figures)?;
    told.server.stop()
}

fn only_endpoint(told: &Told) -> Result<String> {
    let answer = http::get(told.server.address, WEBHOOKS, Some(&format!("Bearer {}", told.token)))?;
    let list: Value = serde_json::from_str(&answer.body).context("a list of endpoints")?;
    Ok(list["data"][0]["id"].as_str().context("an endpoint")?.to_owned())
}

/// Captures go on, as many as the machine can make, and every event arrives; how many there were.
fn deliveries(bench: &Bench, name: &str, told: &Told, sink: &Sink, figures: &mut Figures) -> Result<usize> {
    let pool = Pool::default();
    let created = told.create(bench.seconds, &pool)?;
    let charges = std::mem::take(&mut *pool.lock().ok().context("the pool of charges")?);
    let capture = told.capture(charges, "bench-webhooks");
    let (before, started) = (sink.requests(), Instant::now());
    let captured = load::run(told.plan(bench.seconds), &capture)?;
    let under_load = per_second(sink.requests() - before, started.elapsed());
    let at = format!("{name}: captures at {CONNECTIONS} connections");
    figures.single(at.clone(), captured.per_second(), "/s", None);
    figures.single(format!("{at}: deliveries meanwhile"), under_load, "/s", None);
    let expected = (created + captured.answers) as usize;
    all_told(name, sink, expected, figures)?;
    Ok(expected)
}

/// Waits until every event of `expected` has arrived.
fn all_told(name: &str, sink: &Sink, expected: usize, figures: &mut Figures) -> Result<()> {
    let (before, started) = (sink.requests(), Instant::now());
    while sink.events() < expected && started.elapsed() < DRAIN_WITHIN {
        std::thread::sleep(Duration::from_millis(20));
    }
    let left = sink.requests() - before;
    if left > 0 {
        figures.single(format!("{name}: deliveries of what was left"), per_second(left, started.elapsed()), "/s", None);
    }
    ensure!(sink.events() == expected, "{} events were told of {expected} that happened", sink.events());
    figures.single(format!("{name}: events, all told"), expected as f64, "", None);
    figures.single(format!("{name}: told more than once"), (sink.requests() as usize - expected) as f64, "", None);
    Ok(())
}

/// The endpoint lives again: what waited for it arrives, while a shop goes on capturing.
fn revived(
    bench: &Bench,
    name: &str,
    told: &Told,
    (sink, told_before): (&Sink, usize),
    charges: Vec<String>,
    figures: &mut Figures,
) -> Result<()> {
    let waited = charges.len();
    let capture = told.capture(charges, "bench-revived");
    let (before, started) = (sink.requests(), Instant::now());
    let plan = Plan { connections: CONNECTIONS_AT_WORK, ..told.plan(bench.seconds) };
    let captured = load::run(plan, &capture)?;
    let meanwhile = per_second(sink.requests() - before, started.elapsed());
    let at = format!("{name}: captures at {CONNECTIONS_AT_WORK} connections");
    figures.single(at.clone(), captured.per_second(), "/s", None);
    figures.single(format!("{at}: deliveries meanwhile"), meanwhile, "/s", Some(Goal::AtLeast(5000.0)));
    all_told(name, sink, told_before + waited + captured.answers as usize, figures)
}

/// Many events wait for an endpoint that is dead; the charges that were made for it.
fn memory(
    bench: &Bench,
    name: &str,
    told: &Told,
    Waiting(wanted): Waiting,
    figures: &mut Figures,
) -> Result<Vec<String>> {
    let watch = MemoryWatch::start(told.server.process());
    let pool = Pool::default();
    while told.waiting()? < wanted {
        told.create(bench.seconds.clamp(1, 5), &pool)?;
    }
    let waiting = told.waiting()?;
    figures.single(format!("{name}: events waiting for a dead endpoint"), waiting as f64, "", None);
    let most = watch.largest_mb();
    figures.single(format!("{name}: resident memory, most, with them"), most, "MB", Some(Goal::Below(200.0)));
    Ok(std::mem::take(&mut *pool.lock().ok().context("the pool of charges")?))
}

fn per_second(count: u64, elapsed: Duration) -> f64 {
    if elapsed.is_zero() { 0.0 } else { count as f64 / elapsed.as_secs_f64() }
}

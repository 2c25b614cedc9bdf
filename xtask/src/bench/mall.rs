//! The marketplace as a shop's programs use it: searchOrder and getOrder over HTTP on a million orders, a whole import, and
//! how long a turn of the clock takes over many timers.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::Bench;
use super::charges::Subject;
use super::figures::{Figures, Goal};
use super::load::Requests;
use super::requests::scattered;
use crate::http;
use crate::server::{self, Database, Server};

const SEARCH: &str = "/es/2.0/order/searchOrder/";
const GET: &str = "/es/2.0/order/getOrder/";
/// Days that the orders are spread over, and days of one search.
const DAYS: u64 = 720;
const WINDOW_DAYS: u64 = 60;
const PAGE: u64 = 1_000;
const TOGETHER: usize = 100;
/// Searches that are sent over and over.
const SEARCHES: u64 = 60;
/// Pages that an import reads.
const IMPORTED: u64 = 20;
const SEARCH_P99_MS: f64 = 50.0;
const GET_P99_MS: f64 = 80.0;
const IMPORTED_PER_SECOND: f64 = 5_000.0;
const TIMERS_WITHIN_SECONDS: f64 = 60.0;
const GENERATED_WITHIN_SECONDS: f64 = 20.0;

/// How many.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Orders that are searched and read.
    pub orders: u64,
    /// Timers that are due at one turn of the clock.
    pub timers: u64,
}

/// POST requests of JSON, picked from a list by chance, the same chance in every run.
struct Ask {
    requests: Vec<Vec<u8>>,
    next: AtomicU64,
}

impl Ask {
    fn new(rms: &Rms, path: &str, bodies: impl IntoIterator<Item = Value>) -> Arc<Ask> {
        let requests = bodies.into_iter().map(|body| rms.request(path, &body, "keep-alive").into_bytes()).collect();
        Arc::new(Ask { requests, next: AtomicU64::new(0) })
    }
}

impl Requests for Ask {
    fn write(&self, buffer: &mut Vec<u8>) -> bool {
        let picked = scattered(self.next.fetch_add(1, Ordering::Relaxed)) as usize % self.requests.len().max(1);
        let Some(request) = self.requests.get(picked) else { return false };
        buffer.extend_from_slice(request);
        true
    }
}

/// The API under the licence of the demo shop.
struct Rms {
    address: SocketAddr,
    authorization: String,
}

impl Rms {
    fn of(binary: &Path, database: &Database, address: SocketAddr) -> Result<Rms> {
        let printed = server::ask(binary, database, &["mall", "licence", "--json"])?;
        let licence: Value = serde_json::from_str(&printed).context("what `choba mall licence --json` printed")?;
        let text = |name: &str| licence[name].as_str().with_context(|| format!("no {name} in the licence"));
        let both = format!("{}:{}", text("service_secret")?, text("license_key")?);
        Ok(Rms { address, authorization: format!("ESA {}", http::base64(both.as_bytes())) })
    }

    fn request(&self, path: &str, body: &Value, connection: &str) -> String {
        let body = body.to_string();
        format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\nContent-Type: application/json; charset=utf-8\r\n\
             Content-Length: {}\r\nConnection: {connection}\r\n\r\n{body}",
            self.address,
            self.authorization,
            body.len()
        )
    }

    fn ask(&self, path: &str, body: &Value) -> Result<Value> {
        let (_, answer) = http::exchange(self.address, path, &self.request(path, body, "close"))?;
        ensure!(answer.status == 200, "{path}: {} {}", answer.status, answer.body);
        serde_json::from_str(&answer.body).context("an answer of the RMS API")
    }
}

/// Days since 1970 in Japan, as the API writes their first second.
fn datetime(day: u64) -> String {
    // Civil date of a day number, counted from 0000-03-01.
    let days = day + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let (date, month) =
        (of_year - (153 * from_march + 2) / 5 + 1, if from_march < 10 { from_march + 3 } else { from_march - 9 });
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{date:02}T00:00:00+0900")
}

/// A search by order date that begins on a day.
fn search(day: u64, page: u64, more: &Value) -> Value {
    let mut body = json!({
        "dateType": 1,
        "startDatetime": datetime(day),
        "endDatetime": datetime(day + WINDOW_DAYS),
        "PaginationRequestModel": { "requestRecordsAmount": PAGE, "requestPage": page },
    });
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    body
}

/// Fills the marketplace and measures what programs ask for. `settle` does what a server that runs for a minute has done
/// by itself.
pub fn measure_orders(
    bench: &Bench,
    (name, database): (&str, &Database),
    size: Size,
    settle: impl FnOnce() -> Result<()>,
    figures: &mut Figures,
) -> Result<()> {
    open(bench, name, database)?;
    println!("generating {} orders in {name}", size.orders);
    // Nobody confirms them: they stay all the same.
    server::ask(&bench.choba(), database, &["mall", "rules", "--set", r#"{"confirmation_days":100000}"#])?;
    generate(bench, (name, size.orders), database, DAYS, figures)?;
    settle()?;
    let subject = Subject::attach(bench, name, database, None)?;
    let rms = Rms::of(&bench.choba(), database, subject.access().0)?;
    let today = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs() / 86_400;
    let days: Vec<u64> = (0..SEARCHES).map(|index| today - 1 - scattered(index) % (DAYS - WINDOW_DAYS)).collect();
    let begin = |day: &u64| day - WINDOW_DAYS;
    let first = days.iter().map(|day| search(begin(day), 1, &json!({})));
    let deep = days.iter().map(|day| search(begin(day), 12, &json!({})));
    let of_status = days.iter().map(|day| search(begin(day), 1, &json!({ "orderProgressList": [100, 300] })));
    let of_method = days.iter().map(|day| search(begin(day), 1, &json!({ "settlementMethod": 21 })));
    let searches = [
        ("searchOrder, first page", first.collect::<Vec<_>>()),
        ("searchOrder, page 12", deep.collect()),
        ("searchOrder by status", of_status.collect()),
        ("searchOrder by method", of_method.collect()),
    ];
    let calls = searches.map(|(operation, bodies)| (operation, Ask::new(&rms, SEARCH, bodies), SEARCH_P99_MS));
    let get = ("getOrder of 100", Ask::new(&rms, GET, orders_of(&rms, &days)?), GET_P99_MS);
    for (operation, ask, p99_ms) in calls.into_iter().chain([get]) {
        for connections in &bench.connections {
            let figure = subject.load(bench, operation, *connections, &ask)?;
            ensure!(figure.outcome.error_count() == 0, "{operation}: some answers were not 200");
            let p99 = figure.outcome.latency.quantile_ms(0.99);
            let goal = (*connections == 1).then_some(Goal::Below(p99_ms));
            figures.single(format!("{name}: {operation} at {connections} connections: p99"), p99, "ms", goal);
            figures.measured(figure);
        }
    }
    import(&rms, name, begin(&(today - 1)), figures)
}

/// Bodies of getOrder for a hundred orders each, from all over the time.
fn orders_of(rms: &Rms, days: &[u64]) -> Result<Vec<Value>> {
    let mut bodies = Vec::new();
    for day in days {
        let found = rms.ask(SEARCH, &search(day - WINDOW_DAYS, 1, &json!({})))?;
        let numbers = found["orderNumberList"].as_array().context("order numbers")?;
        bodies.extend(numbers.chunks(TOGETHER).map(|numbers| json!({ "orderNumberList": numbers, "version": 10 })));
    }
    ensure!(!bodies.is_empty(), "no orders were found to read");
    Ok(bodies)
}

/// What an order desk does at first: page after page of a search, and all orders of each.
fn import(rms: &Rms, name: &str, day: u64, figures: &mut Figures) -> Result<()> {
    let (started, mut orders) = (Instant::now(), 0);
    // No more than the search reaches.
    for page in 1..=IMPORTED.min(15_000 / PAGE) {
        let found = rms.ask(SEARCH, &search(day, page, &json!({})))?;
        let numbers = found["orderNumberList"].as_array().context("order numbers")?.clone();
        for numbers in numbers.chunks(TOGETHER) {
            let answer = rms.ask(GET, &json!({ "orderNumberList": numbers, "version": 10 }))?;
            orders += answer["OrderModelList"].as_array().map_or(0, Vec::len);
        }
        if numbers.len() < PAGE as usize {
            break;
        }
    }
    let per_second = orders as f64 / started.elapsed().as_secs_f64();
    figures.single(
        format!("{name}: import of {orders} orders"),
        per_second,
        "/s",
        Some(Goal::AtLeast(IMPORTED_PER_SECOND)),
    );
    Ok(())
}

/// Places orders within a day that nobody confirms, and turns the clock past their end.
pub fn measure_timers(bench: &Bench, name: &str, database: &Database, size: Size, figures: &mut Figures) -> Result<()> {
    open(bench, name, database)?;
    generate(bench, (name, size.timers), database, 1, figures)?;
    let log = bench.base.join(format!("{name}-timers.log"));
    let running = Server::start(&bench.choba(), database, &log)?;
    let at = format!("http://{}", running.address);
    let advance = |by: &str| server::ask(&bench.choba(), database, &["clock", "advance", by, "--server", &at]);
    // The demo's own orders go first.
    advance("12d")?;
    let started = Instant::now();
    advance("3d")?;
    let seconds = started.elapsed().as_secs_f64();
    let goal = Goal::Below(TIMERS_WITHIN_SECONDS * size.timers as f64 / 100_000.0);
    figures.single(format!("{name}: {} timers at one turn of the clock", size.timers), seconds, "s", Some(goal));
    running.stop()
}

/// The demo shop, made and left alone.
fn open(bench: &Bench, name: &str, database: &Database) -> Result<()> {
    let log = bench.base.join(format!("{name}-demo.log"));
    Server::start(&bench.choba(), database, &log)?.stop()?;
    // The server has let go of its data.
    std::thread::sleep(Duration::from_millis(100));
    Ok(())
}

fn generate(
    bench: &Bench,
    (name, orders): (&str, u64),
    database: &Database,
    days: u64,
    figures: &mut Figures,
) -> Result<()> {
    let (orders_text, days) = (orders.to_string(), days.to_string());
    let started = Instant::now();
    let arguments = ["mall", "generate", "--orders", &orders_text, "--seed", "1", "--days", &days];
    print!("{}", server::ask(&bench.choba(), database, &arguments)?);
    let seconds = started.elapsed().as_secs_f64();
    let goal = (name == "sqlite").then_some(Goal::Below(GENERATED_WITHIN_SECONDS * orders as f64 / 100_000.0));
    figures.single(format!("{name}: {orders} orders generated"), seconds, "s", goal);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_the_api_reads_them() {
        assert_eq!(datetime(0), "1970-01-01T00:00:00+0900");
        assert_eq!(datetime(20_779), "2026-11-22T00:00:00+0900");
        assert_eq!(datetime(19_782), "2024-02-29T00:00:00+0900");
    }

    #[test]
    fn searches_differ_in_what_is_added() {
        let body = search(20_779, 2, &json!({ "settlementMethod": 21 }));
        assert_eq!(body["endDatetime"], "2027-01-21T00:00:00+0900");
        assert_eq!(
            (body["settlementMethod"].as_u64(), body["PaginationRequestModel"]["requestPage"].as_u64()),
            (Some(21), Some(2))
        );
    }
}

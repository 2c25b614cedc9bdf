//! How fast the pages of the staff are on a large shop, and how many bytes the first view takes.

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};

use super::charges::Subject;
use super::figures::{Figure, Figures, Goal};
use super::large::scattered_charges;
use super::requests::Fetch;
use super::{Bench, baselines};
use crate::http;
use crate::postgres::Postgres;
use crate::server::{Database, with_environment};

/// Not the account that a demo makes.
const EMAIL: &str = "bench@shop.example";
const PASSWORD: &str = "the password of a bench";
const MEDIAN_MS: f64 = 20.0;
const P99_MS: f64 = 60.0;
/// Kilobytes of a first view, with everything it loads, uncompressed.
const FIRST_VIEW_KB: f64 = 200.0;
const SIDE: &str = "/dashboard/sandbox";

/// Fills a database, logs in, and asks for the pages that a shop's staff look at all day.
pub fn measure(
    bench: &Bench,
    (name, charges): (&str, u64),
    database: &Database,
    postgres: Option<&Postgres>,
    figures: &mut Figures,
) -> Result<()> {
    println!("filling a database of {name} with {charges} charges");
    baselines::fill(&bench.bare_store(), database, charges)?;
    add_staff(bench, database)?;
    let subject = Subject::attach(bench, name, database, postgres)?;
    let (address, _) = subject.access();
    let session = log_in(address)?;
    let numbers = scattered_charges(&subject)?;
    for (page, paths) in pages(&numbers)? {
        first_view(address, &session, (name, page), &paths[0], figures)?;
        let fetch = Arc::new(Fetch::with_cookie(address, &session, paths));
        for connections in &bench.connections {
            let figure = subject.load(bench, page, *connections, &fetch)?;
            ensure!(figure.outcome.error_count() == 0, "{page}: some answers were not 200");
            compare(figure, figures);
        }
    }
    Ok(())
}

fn compare(figure: Figure, figures: &mut Figures) {
    let at = format!("{}: {} at {} connections", figure.database, figure.operation, figure.connections);
    let latency = &figure.outcome.latency;
    let (median, p99) = (latency.quantile_ms(0.5), latency.quantile_ms(0.99));
    figures.single(format!("{at}: p50"), median, "ms", Some(Goal::Below(MEDIAN_MS)));
    figures.single(format!("{at}: p99"), p99, "ms", Some(Goal::Below(P99_MS)));
    figures.measured(figure);
}

/// The pages, each with the addresses that it is asked for at.
fn pages(numbers: &[String]) -> Result<Vec<(&'static str, Vec<String>)>> {
    let newest = numbers.iter().max().context("a shop without charges")?;
    let (last, year) = (day(newest, 0)?, day(newest, 1)?);
    let three = day(newest, 3)?;
    let at = |query: &str| format!("{SIDE}/orders{query}");
    let of_days = |number: &String| day(number, 0).map(|day| at(&format!("?from={day}&to={day}")));
    let by_day = numbers.iter().step_by(50).map(of_days).collect::<Result<Vec<_>>>()?;
    let by_number = numbers.iter().map(|number| at(&format!("?number={number}"))).collect();
    Ok(vec![
        ("top page", vec![SIDE.to_owned()]),
        ("a year of days", vec![format!("{SIDE}?unit=day&from={year}&to={last}")]),
        ("three years of months", vec![format!("{SIDE}?unit=month&from={three}&to={last}")]),
        ("order list", vec![at("")]),
        ("search by number", by_number),
        ("search by day", by_day),
        ("search by status", ["authorized", "captured", "cancelled"].map(|one| at(&format!("?status={one}"))).into()),
        ("sorted by amount", vec![at("?sort=-amount"), at("?sort=amount")]),
        ("order page", numbers.iter().map(|number| format!("{SIDE}/orders/{number}")).collect()),
    ])
}

/// The day after the order date of `number`, `years` years before: `2026-11-22`.
fn day(number: &str, years: u32) -> Result<String> {
    let digits = number.split('-').nth(1).filter(|digits| digits.len() == 8).context("an order number")?;
    let year: u32 = digits[..4].parse()?;
    // The first of a month is a day in every year.
    let of_month = if years == 0 { &digits[6..] } else { "01" };
    let month: u32 = digits[4..6].parse::<u32>()? + u32::from(years > 0);
    let (year, month) = if month > 12 { (year + 1, 1) } else { (year, month) };
    Ok(format!("{:04}-{month:02}-{of_month}", year - years))
}

fn add_staff(bench: &Bench, database: &Database) -> Result<()> {
    let mut command = std::process::Command::new(bench.choba());
    command.args(["staff", "add", "--email", EMAIL, "--password-stdin"]).args(database.arguments());
    with_environment(&mut command).current_dir(database.folder());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().context("starting choba staff")?;
    let mut input = child.stdin.take().context("the input of choba staff")?;
    writeln!(input, "{PASSWORD}")?;
    drop(input);
    ensure!(child.wait()?.success(), "choba staff add failed");
    Ok(())
}

/// The cookies of a session.
fn log_in(address: SocketAddr) -> Result<String> {
    let get = format!("GET /login HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let (head, page) = http::exchange(address, "/login", &get)?;
    let token = page.body.split_once(r#"name="csrf" value=""#).and_then(|(_, rest)| rest.split('"').next());
    let form = format!(
        "csrf={}&to=&email={}&password={}",
        token.context("a form with a token")?,
        EMAIL.replace('@', "%40"),
        PASSWORD.replace(' ', "+")
    );
    let post = format!(
        "POST /login HTTP/1.1\r\nHost: {address}\r\nCookie: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{form}",
        cookies(&head),
        form.len()
    );
    let (head, answer) = http::exchange(address, "/login", &post)?;
    ensure!(answer.status == 303, "the login was refused: {}", answer.status);
    let session = cookies(&head);
    ensure!(session.contains("choba-staff="), "the login began no session");
    Ok(session)
}

/// What a head sets, as a browser sends it back.
fn cookies(head: &str) -> String {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let set = lines.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    let pairs: Vec<&str> = set.filter_map(|(_, value)| value.split(';').next()).collect();
    pairs.join("; ")
}

/// Bytes of a page with everything that it loads, bodies only.
fn first_view(
    address: SocketAddr,
    session: &str,
    (name, page): (&str, &str),
    path: &str,
    figures: &mut Figures,
) -> Result<()> {
    let get = |path: &str| {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nCookie: {session}\r\nConnection: close\r\n\r\n");
        let (_, answer) = http::exchange(address, path, &request)?;
        ensure!(answer.status == 200, "{path}: {}", answer.status);
        Ok(answer.body)
    };
    let body = get(path)?;
    let mut assets: Vec<&str> = body.split(['"']).filter(|part| part.starts_with("/s/")).collect();
    assets.sort_unstable();
    assets.dedup();
    let mut bytes = body.len();
    for asset in assets {
        bytes += get(asset)?.len();
    }
    let kilobytes = bytes as f64 / 1000.0;
    figures.single(format!("{name}: {page}: first view"), kilobytes, "kB", Some(Goal::Below(FIRST_VIEW_KB)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_order_numbers() {
        assert_eq!(day("1000000001-20261122-0000000042", 0).unwrap(), "2026-11-22");
        assert_eq!(day("1000000001-20261122-0000000042", 1).unwrap(), "2025-12-01");
        assert_eq!(day("1000000001-20261222-0000000042", 3).unwrap(), "2024-01-01");
    }

    #[test]
    fn cookies_are_sent_back() {
        let head = "HTTP/1.1 303 See Other\r\nset-cookie: a=1; Path=/\r\nx: y\r\nSet-Cookie: b=2; HttpOnly\r\n";
        assert_eq!(cookies(head), "a=1; b=2");
    }
}

//! Whether five million charges are as quick to read as fifty thousand.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::charges::Subject;
use super::figures::{Figure, Figures, Goal};
use super::requests::{Fetch, scattered};
use super::{Bench, baselines};
use crate::http;
use crate::server::Database;

const SMALL: u64 = 50_000;
const LARGE: u64 = 5_000_000;
/// The two take turns, so that a disturbance of the machine meets both.
const ROUNDS: usize = 3;
const CONNECTIONS: [usize; 2] = [1, 16];
/// How many points in time the looked-up charges are taken from.
const SAMPLES: u64 = 200;
const PAGE: usize = 100;
const LIST: &str = "/sandbox/v1/charges";

/// Fills both databases, measures them in turns, and compares the p99 of each way of reading.
pub fn compare(bench: &Bench, figures: &mut Figures) -> Result<()> {
    let mut subjects = Vec::new();
    for (name, charges) in [("50k", SMALL), ("5M", LARGE)] {
        let folder = bench.folder(name)?;
        println!("filling a database with {charges} charges");
        let database = Database::Folder(folder);
        baselines::fill(&bench.bare_store(), &database, charges)?;
        subjects.push(Subject::attach(bench, name, &database, None)?);
    }
    let small = ways_to_read(&subjects[0])?;
    let large = ways_to_read(&subjects[1])?;
    for connections in CONNECTIONS {
        for ways in small.iter().zip(&large) {
            let ((operation, small), (_, large)) = ways;
            let mut found: [Option<Figure>; 2] = [None, None];
            for _ in 0..ROUNDS {
                for ((subject, fetch), found) in subjects.iter().zip([small, large]).zip(&mut found) {
                    let figure = subject.load(bench, operation, connections, fetch)?;
                    match found {
                        Some(sum) => sum.outcome.add(&figure.outcome),
                        None => *found = Some(figure),
                    }
                }
            }
            compare_figures(found, figures);
        }
    }
    Ok(())
}

fn compare_figures(found: [Option<Figure>; 2], figures: &mut Figures) {
    let [Some(small), Some(large)] = found else { return };
    let p99 = |figure: &Figure| figure.outcome.latency.quantile_ms(0.99);
    let ratio = p99(&large) / p99(&small);
    let name = format!("{} at {} connections: p99 of 5M / p99 of 50k", small.operation, small.connections);
    figures.measured(small);
    figures.measured(large);
    figures.single(name, ratio, "", Some(Goal::Below(1.5)));
}

/// The first page, a page somewhere, a charge somewhere, and how many are captured.
fn ways_to_read(subject: &Subject<'_>) -> Result<Vec<(&'static str, Arc<Fetch>)>> {
    let (address, key) = subject.access();
    let ids = scattered_charges(subject)?;
    let one = |path: &str| vec![format!("{LIST}{path}")];
    let of_ids = |form: &dyn Fn(&String) -> String| ids.iter().map(form).collect::<Vec<_>>();
    let ways = [
        ("list", one("?limit=10")),
        ("page", of_ids(&|id| format!("{LIST}?limit=10&starting_after={id}"))),
        ("look-up", of_ids(&|id| format!("{LIST}/{id}"))),
        ("total", one("?limit=1&payment[captured]=true")),
    ];
    Ok(ways.map(|(name, paths)| (name, Arc::new(Fetch::new(address, key, paths)))).into())
}

/// Numbers of charges from all over the shop's time.
pub fn scattered_charges(subject: &Subject<'_>) -> Result<Vec<String>> {
    let newest = list(subject, "limit=1")?["data"][0]["created"].as_u64().context("a shop without charges")? + 1;
    let oldest = oldest(subject, newest)?;
    let mut ids = Vec::new();
    for sample in 0..SAMPLES {
        let before = oldest + 1 + scattered(sample) % (newest - oldest).max(1);
        let page = list(subject, &format!("limit={PAGE}&created[lt]={before}"))?;
        let numbers = page["data"].as_array().into_iter().flatten().filter_map(|charge| charge["id"].as_str());
        ids.extend(numbers.map(str::to_owned));
    }
    ids.sort();
    ids.dedup();
    ensure!(ids.len() > PAGE, "only {} charges were found to look up", ids.len());
    Ok(ids)
}

/// The last second before which there is no charge, by halving.
fn oldest(subject: &Subject<'_>, newest: u64) -> Result<u64> {
    let (mut none, mut some) = (0, newest);
    while none + 1 < some {
        let middle = none + (some - none) / 2;
        let page = list(subject, &format!("limit=1&created[lt]={middle}"))?;
        if page["data"].as_array().is_some_and(Vec::is_empty) { none = middle } else { some = middle }
    }
    Ok(none)
}

fn list(subject: &Subject<'_>, query: &str) -> Result<Value> {
    let (address, key) = subject.access();
    let answer = http::get(address, &format!("{LIST}?{query}"), Some(&http::basic(key)))?;
    ensure!(answer.status == 200, "listing charges: {} {}", answer.status, answer.body);
    serde_json::from_str(&answer.body).context("a list of charges")
}

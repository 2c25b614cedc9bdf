//! What the figures stand beside: the same rows written by the bare store, and PostgreSQL's own benchmark.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Bench;
use crate::postgres::Postgres;
use crate::process;
use crate::server::{Database, with_environment};

/// What the bare store did: the rows of a capture, without HTTP.
#[derive(Clone, Debug)]
pub struct BareStore {
    /// Captures a second.
    pub captures_per_second: f64,
    /// Rows written for each.
    pub rows_per_capture: f64,
    /// Commits for each; below 1 when several share one.
    pub commits_per_capture: f64,
}

/// Runs the bare store on a new database below `folder` with as many writers as the bench has connections.
pub fn bare_store(binary: &Path, folder: &Path, seconds: u64, connections: usize) -> Result<BareStore> {
    let mut command = Command::new(binary);
    command.arg("--data").arg(folder);
    command.args(["--seconds", &seconds.to_string(), "--connections", &connections.to_string()]);
    read_bare_store(&process::output(with_environment(&mut command))?)
}

fn read_bare_store(printed: &str) -> Result<BareStore> {
    let figures = printed_figures(printed)?;
    let figure = |name: &str| figures[name].as_f64().with_context(|| format!("bare-store did not say {name}"));
    Ok(BareStore {
        captures_per_second: figure("captures_per_second")?,
        rows_per_capture: figure("rows_per_capture")?,
        commits_per_capture: figure("commits_per_capture")?,
    })
}

/// Purchases through the checkout's operations. Times are milliseconds.
#[derive(Clone, Debug)]
pub struct Purchases {
    /// Purchases a second.
    pub per_second: f64,
    /// Half of them took this or less.
    pub p50_ms: f64,
    /// 99 of 100 took this or less.
    pub p99_ms: f64,
    /// Opening the visit, on average.
    pub open_ms: f64,
    /// Choosing, on average.
    pub choose_ms: f64,
    /// Confirming, on average.
    pub confirm_ms: f64,
}

/// Lets buyers buy in a new shop on `database`, as many at once as `connections`; `check_url` is the shop's server.
pub fn purchases(bench: &Bench, database: &Database, check_url: &str, connections: usize) -> Result<Purchases> {
    let mut command = Command::new(bench.bare_store());
    command.arg("buy").args(["--check-url", check_url]).args(database.arguments());
    command.args(["--seconds", &bench.seconds.to_string(), "--warm-up", &bench.warm_up.to_string()]);
    command.args(["--buyers", &connections.to_string()]);
    // The sink is on this machine.
    with_environment(&mut command).env("CHOBA_OUTBOUND_EXCEPTIONS", "127.0.0.1");
    let figures = printed_figures(&process::output(&mut command)?)?;
    let figure = |name: &str| figures[name].as_f64().with_context(|| format!("bare-store did not say {name}"));
    let millis = |name: &str| Ok::<_, anyhow::Error>(figure(name)? / 1000.0);
    Ok(Purchases {
        per_second: figure("purchases_per_second")?,
        p50_ms: millis("p50_us")?,
        p99_ms: millis("p99_us")?,
        open_ms: millis("open_us")?,
        choose_ms: millis("choose_us")?,
        confirm_ms: millis("confirm_us")?,
    })
}

fn printed_figures(printed: &str) -> Result<Value> {
    let line = printed.lines().rev().find(|line| line.starts_with('{')).context("bare-store printed no figures")?;
    serde_json::from_str(line).context("the figures of bare-store")
}

/// Has the bare store fill a new database with `charges` charges of one shop.
pub fn fill(binary: &Path, database: &Database, charges: u64) -> Result<()> {
    let mut command = Command::new(binary);
    command.arg("fill").args(database.arguments()).args(["--charges", &charges.to_string()]);
    process::output(with_environment(&mut command)).map(|_| ())
}

/// Makes the database that `pgbench` runs on; a scale of 50 is five million accounts.
pub fn prepare_pgbench(server: &Postgres, scale: u32) -> Result<()> {
    process::output(server.client("createdb").arg("pgbench"))?;
    process::output(server.client("pgbench").args(["-i", "-q", "-s", &scale.to_string(), "pgbench"]))?;
    Ok(())
}

/// Transactions a second of the tpcb-like script.
pub fn pgbench(server: &Postgres, connections: usize, seconds: u64) -> Result<f64> {
    server.ask("pgbench", "CHECKPOINT")?;
    let mut command = server.client("pgbench");
    // pgbench refuses more threads than connections.
    let threads = connections.min(2).to_string();
    command.args(["-n", "-c", &connections.to_string(), "-j", &threads, "-T", &seconds.to_string(), "pgbench"]);
    read_pgbench(&process::output(&mut command)?)
}

fn read_pgbench(printed: &str) -> Result<f64> {
    let line = printed.lines().find_map(|line| line.strip_prefix("tps = ")).context("pgbench printed no tps")?;
    line.split(' ').next().and_then(|figure| figure.parse().ok()).context("the tps of pgbench")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read() {
        let printed =
            "warming up\n{\"captures_per_second\":20000.5,\"rows_per_capture\":9,\"commits_per_capture\":0.05}\n";
        let bare = read_bare_store(printed).unwrap();
        assert!((bare.captures_per_second - 20000.5).abs() < 0.01 && (bare.rows_per_capture - 9.0).abs() < 0.01);
        assert!(read_bare_store("{\"captures_per_second\":1}").is_err());
        assert!(read_bare_store("nothing").is_err());
        let tps = read_pgbench("latency average = 3 ms\ntps = 4550.123 (without initial connection time)\n").unwrap();
        assert!((tps - 4550.123).abs() < 0.001);
        assert!(read_pgbench("").is_err());
    }
}

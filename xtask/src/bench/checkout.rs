//! `bench checkout`: durable purchases a second through the checkout's own operations, the shop asked before each
//! (`charge.check`, a sink on this machine) and the card authorized, beside the bare store.

use anyhow::Result;

use super::figures::{Figures, Goal};
use super::sink::Sink;
use super::{Bench, baselines};
use crate::server::Database;

/// At which number of connections the goal is stated.
const GOAL_CONNECTIONS: usize = 64;
/// Purchases a second on two cores, SQLite.
const GOAL: f64 = 2000.0;

/// Measures purchases on `database`, which has no shop yet.
pub fn measure(
    bench: &Bench,
    name: &str,
    database: &Database,
    connections: usize,
    figures: &mut Figures,
) -> Result<()> {
    let sink = Sink::start()?;
    let url = format!("http://{}/check", sink.address);
    let bought = baselines::purchases(bench, database, &url, connections)?;
    let of = format!("{name}: purchases at {connections} connections");
    let goal = (name == "sqlite" && connections == GOAL_CONNECTIONS).then_some(Goal::AtLeast(GOAL));
    figures.single(of.clone(), bought.per_second, "/s", goal);
    for (what, millis) in [
        ("p50", bought.p50_ms),
        ("p99", bought.p99_ms),
        ("mean, opening the visit", bought.open_ms),
        ("mean, choosing (3 operations)", bought.choose_ms),
        ("mean, confirming, charge.check and authorization included", bought.confirm_ms),
    ] {
        figures.single(format!("{of}: {what}"), millis, "ms", None);
    }
    figures.single(format!("{of}: charge.check answered"), sink.requests() as f64, "", None);
    if bench.baselines {
        let folder = bench.folder(&format!("bare-{name}-{connections}"))?;
        let bare = baselines::bare_store(&bench.bare_store(), &folder, bench.seconds, connections)?;
        std::fs::remove_dir_all(folder)?;
        let of = format!("bare store at {connections} connections");
        figures.single(format!("{of}: captures"), bare.captures_per_second, "/s", None);
        figures.single(format!("{name}: purchases / {of}"), bought.per_second / bare.captures_per_second, "", None);
    }
    Ok(())
}

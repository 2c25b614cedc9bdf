//! `choba verify`: recounts everything from the entries and prints what disagrees, row by row. Works on a live database.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use acquirer::simulator;
use anyhow::Context as _;
use kernel::Environment;
use pay::verify::{Book, Finding, Report};
use shop::Vault;
use store::Store;

use crate::config::CommonFlags;
use crate::opened::{Opened, Use};
use crate::output;
use crate::wiring;

/// Flags of `choba verify`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Where the data are.
    #[command(flatten)]
    common: CommonFlags,
}

/// Exit status 1 when anything disagrees.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let opened = Opened::open(&arguments.common.inputs(), Use::Shared)?;
    let report = recount(&opened)?;
    if arguments.json {
        output::line(format_args!("{}", serde_json::to_string_pretty(&report)?))?;
    } else {
        print(&report)?;
    }
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Recounts our book and compares it with the simulator's.
pub fn recount(opened: &Opened) -> anyhow::Result<Report> {
    let database = wiring::simulator_database(opened.store.database());
    let store = Store::open(database, simulator::MIGRATIONS, opened.clock.clone())
        .context("opening the book of the simulator")?;
    let environments = vec![Environment::Sandbox, Environment::Test];
    let book = Book { store, environments, others: wiring::is_of_the_mall };
    recount_all(&opened.store, &book, &opened.vault()?)
}

/// Recounts payments and the marketplace.
pub fn recount_all(store: &Store, book: &Book, vault: &Arc<Vault>) -> anyhow::Result<Report> {
    let mut report = pay::verify::verify_all(store, Some(book), vault)?;
    let of_the_mall = mall::verify::verify_all(store, &book.store)?;
    report.omitted += of_the_mall.omitted;
    report.counted.extend(of_the_mall.counted);
    let found = of_the_mall.findings.into_iter();
    report.findings.extend(found.map(|mall::verify::Finding { check, row, problem }| Finding { check, row, problem }));
    Ok(report)
}

/// For people: the findings, then what was counted.
pub fn print(report: &Report) -> io::Result<()> {
    for finding in &report.findings {
        output::line(format_args!("{finding}"))?;
    }
    let counted: Vec<String> = report.counted.iter().map(|(table, count)| format!("{table} {count}")).collect();
    output::line(format_args!("looked at: {}", counted.join(", ")))?;
    if report.unsettled > 0 {
        output::line(format_args!(
            "{} charges changed at every look and were not compared with the acquirer",
            report.unsettled
        ))?;
    }
    match report.findings.len() as u64 + report.omitted {
        0 => output::line("everything agrees"),
        count => output::line(format_args!("{count} rows disagree")),
    }
}

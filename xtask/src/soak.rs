//! `cargo xtask soak`: the same tests as always, with many more rounds of those that try at random.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;

use crate::test;

/// How long.
#[derive(Debug, Args)]
pub struct Options {
    /// Rounds of load, kill, restart and verify, on each database.
    #[arg(long, default_value_t = 500)]
    crash_rounds: u32,
    /// Random sequences of operations against the model, on each database.
    #[arg(long, default_value_t = 5_000)]
    model_cases: u32,
    /// Random inputs of each parser.
    #[arg(long, default_value_t = 100_000)]
    parser_cases: u32,
    /// Hours after which it is ended.
    #[arg(long, default_value_t = 12)]
    hours: u64,
}

/// Runs every test of the workspace with these numbers in the environment; each test reads its own.
pub fn run(root: &Path, target: &Path, options: &Options) -> Result<()> {
    let environment = [
        ("CHOBA_CRASH_ROUNDS", options.crash_rounds.to_string()),
        ("CHOBA_MODEL_CASES", options.model_cases.to_string()),
        ("PROPTEST_CASES", options.parser_cases.to_string()),
    ];
    let results = test::cargo_test(root, target, &environment, Duration::from_secs(3600 * options.hours))?;
    println!("{} passed, {} failed", results.passed, results.failed);
    if results.failed == 0 { Ok(()) } else { bail!("not everything passed") }
}

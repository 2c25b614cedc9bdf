//! `cargo xtask test`: everything that must hold, as a list of steps, each with its time and its limit.

mod fuzz_api;
mod results;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use crate::postgres::{Postgres, Settings};
use crate::{packages, process, tidy};
use results::Results;

/// Where PostgreSQL makes its folder: its user cannot enter a repository below someone's home.
const POSTGRES_BASE: &str = "/tmp";

/// Which steps to run; without any, all of them.
#[derive(Debug, Args)]
pub struct Options {
    /// Only this step.
    #[arg(long, value_enum, conflicts_with = "from")]
    only: Option<Step>,
    /// This step and those after it.
    #[arg(long, value_enum)]
    from: Option<Step>,
}

/// One step, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Step {
    /// The formatting.
    Fmt,
    /// The rules of the house.
    Tidy,
    /// The compiler's and clippy's warnings.
    Clippy,
    /// The programs that some tests start.
    Build,
    /// Every test, on SQLite and on a PostgreSQL of our own.
    Test,
    /// Random requests made from the OpenAPI document, against a running server.
    Fuzz,
}

impl Step {
    fn limit(self) -> Duration {
        let minutes = match self {
            Step::Fmt | Step::Tidy => 3,
            Step::Clippy | Step::Build | Step::Fuzz => 12,
            Step::Test => 35,
        };
        Duration::from_secs(60 * minutes)
    }

    fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    fn is_wanted(self, options: &Options) -> bool {
        match (options.only, options.from) {
            (Some(only), _) => self == only,
            (None, Some(from)) => from <= self,
            (None, None) => true,
        }
    }
}

/// Runs the wanted steps. A failed step does not keep the later ones from running: one run shows everything. The last
/// line says how many tests passed and failed; a step without tests of its own counts as one.
pub fn run(root: &Path, target: &Path, options: &Options) -> Result<()> {
    let started = Instant::now();
    let mut total = Results::default();
    let mut lines = Vec::new();
    for step in Step::value_variants().iter().copied().filter(|step| step.is_wanted(options)) {
        println!("\n== {}", step.name());
        let began = Instant::now();
        let (results, problem) = match run_step(step, root, target) {
            Ok(results) => (results, None),
            Err(error) => (Results::failed_step(), Some(format!("{error:#}"))),
        };
        total.add(results);
        let verdict = if results.failed == 0 { "ok" } else { "FAILED" };
        let problem = problem.map(|problem| format!(": {problem}")).unwrap_or_default();
        lines.push(format!("{:<8} {:>7.1} s  {verdict}{problem}", step.name(), began.elapsed().as_secs_f64()));
    }
    println!("\n== {:.1} s", started.elapsed().as_secs_f64());
    for line in lines {
        println!("{line}");
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed == 0 { Ok(()) } else { bail!("not everything passed") }
}

/// The rules of the house and the formatting; both are looked at, whatever the first one says.
pub fn tidy_and_format(root: &Path) -> Result<()> {
    let formatted = format_check(root);
    tidy::run(root)?;
    formatted
}

fn format_check(root: &Path) -> Result<()> {
    process::run(cargo(root).args(["fmt", "--all", "--check", "--", "--color", "never"]), Step::Fmt.limit())
        .context("run cargo fmt --all")
}

fn run_step(step: Step, root: &Path, target: &Path) -> Result<Results> {
    let limit = step.limit();
    match step {
        Step::Fmt => format_check(root)?,
        Step::Tidy => tidy::run(root)?,
        Step::Clippy => {
            let arguments = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
            process::run(cargo(root).args(arguments), limit)?;
        }
        Step::Build => process::run(cargo(root).args(["build", "--workspace", "--bins", "--locked"]), limit)?,
        Step::Test => return cargo_test(root, target, &[], limit),
        Step::Fuzz => fuzz_api::run(&choba(target), target, limit)?,
    }
    Ok(Results::passed_step())
}

/// Runs every test of the workspace, with a PostgreSQL server and the environment they look for.
pub fn cargo_test(root: &Path, target: &Path, environment: &[(&str, String)], limit: Duration) -> Result<Results> {
    let binaries = packages::postgres_binaries()?;
    packages::browser()?;
    let settings = Settings { connections: 400, shared_buffers: "128MB" };
    let postgres = Postgres::start(&binaries, Path::new(POSTGRES_BASE), &settings)?;
    let python = packages::python_environment(target)?.join("python");
    let mut command = cargo(root);
    command
        .args(["test", "--workspace", "--locked", "--no-fail-fast"])
        .env("CHOBA_TEST_POSTGRES_URL", postgres.url("postgres"))
        .env("CHOBA_TEST_PG_BIN", &binaries)
        .env("CHOBA_TEST_BIN", choba(target))
        .env("CHOBA_TEST_PYTHON", &python)
        .envs(environment.iter().map(|(name, value)| (name, value)));
    let mut results = Results::default();
    let status = process::run_lines(&mut command, limit, |line| {
        println!("{line}");
        results.read(line);
    })?;
    if !status.success() && results.failed == 0 {
        // A test that did not compile, or that took its whole program with it.
        results.failed = 1;
    }
    Ok(results)
}

/// Cargo, ended with us.
pub fn cargo(root: &Path) -> Command {
    let mut command = process::bound("TERM", env!("CARGO"));
    command.current_dir(root);
    command
}

fn choba(target: &Path) -> PathBuf {
    target.join("debug/choba")
}

/// The folder that Cargo builds into.
pub fn target_folder(root: &Path) -> Result<PathBuf> {
    let metadata = process::output(
        Command::new(env!("CARGO")).args(["metadata", "--format-version", "1", "--no-deps"]).current_dir(root),
    )?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    Ok(metadata["target_directory"].as_str().context("cargo metadata without target_directory")?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(only: Option<Step>, from: Option<Step>) -> Vec<Step> {
        let options = Options { only, from };
        Step::value_variants().iter().copied().filter(|step| step.is_wanted(&options)).collect()
    }

    #[test]
    fn steps_are_chosen() {
        assert_eq!(wanted(None, None), Step::value_variants());
        assert_eq!(wanted(Some(Step::Tidy), None), [Step::Tidy]);
        assert_eq!(wanted(None, Some(Step::Test)), [Step::Test, Step::Fuzz]);
    }
}

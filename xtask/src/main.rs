//! `cargo xtask`: everything a developer or the CI runs on this repository.
//!
//! It measures the machine it runs on, so it reads the clock that the crates may not read.
#![allow(clippy::disallowed_methods)]

mod bench;
mod http;
mod packages;
mod postgres;
mod process;
mod repository;
mod server;
mod shots;
mod soak;
mod test;
mod tidy;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(about = "Checks, tests and measures this repository")]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The rules of the house that a machine can check, and the formatting.
    Tidy,
    /// Everything that must hold: formatting, rules, warnings, tests on both databases, random requests.
    Test(test::Options),
    /// The tests with many more rounds of those that try at random.
    Soak(soak::Options),
    /// Pictures of every page (desktop, phone, dark), written into shots/.
    Shots,
    /// Measure the release build.
    Bench {
        #[command(subcommand)]
        subject: bench::Subject,
    },
}

fn main() -> ExitCode {
    match run(&CommandLine::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> Result<()> {
    let root = repository::root();
    let target = test::target_folder(&root)?;
    match command {
        Command::Tidy => test::tidy_and_format(&root),
        Command::Test(options) => test::run(&root, &target, options),
        Command::Soak(options) => soak::run(&root, &target, options),
        Command::Shots => shots::run(&root),
        Command::Bench { subject } => bench::run(&root, &target, subject),
    }
}

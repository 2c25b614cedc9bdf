//! `choba openapi`: prints the OpenAPI document, as the server serves it.

use std::process::ExitCode;

use crate::api::openapi;
use crate::config::CommonFlags;
use crate::output;

/// Flags of `choba openapi`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where the data are; taken as by every command, and not looked at.
    #[command(flatten)]
    _common: CommonFlags,
}

/// Prints it.
pub fn run(_: &Arguments) -> anyhow::Result<ExitCode> {
    output::line(format_args!("{:#}", openapi::document()))?;
    Ok(ExitCode::SUCCESS)
}

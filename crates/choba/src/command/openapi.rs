//! `choba openapi`: prints the OpenAPI document, as the server serves it.

use std::process::ExitCode;

use crate::api::openapi;

/// Prints it.
pub fn run() -> anyhow::Result<ExitCode> {
    println!("{:#}", openapi::document());
    Ok(ExitCode::SUCCESS)
}

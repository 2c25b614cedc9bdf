//! `choba restore FILE`: a backup into a new database of either engine, recounted before it says done.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use super::verify;
use crate::backup_file;
use crate::config::CommonFlags;
use crate::opened::{Opened, Use};
use crate::output;

/// Flags of `choba restore`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The backup
    file: PathBuf,
    /// Where the data are to be: a new folder or an empty database.
    #[command(flatten)]
    common: CommonFlags,
}

/// Restores and verifies.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let file = &arguments.file;
    // Looked at first: a file that is no backup must not leave a new database behind.
    let parts = backup_file::parts(file).with_context(|| format!("{}", file.display()))?;
    let opened = Opened::open(&arguments.common.inputs(), Use::Alone)?;
    let rows = backup_file::read(&opened, file, &parts).with_context(|| format!("restoring {}", file.display()))?;
    let report = verify::recount(&opened).context("recounting what was restored")?;
    verify::print(&report)?;
    if !report.findings.is_empty() {
        bail!("{rows} rows were restored, but they disagree as listed: the backup was made of a damaged database");
    }
    output::line(format_args!("{rows} rows are restored and verified"))?;
    Ok(ExitCode::SUCCESS)
}

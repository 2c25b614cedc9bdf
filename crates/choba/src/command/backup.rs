//! `choba backup FILE`: everything in one file, consistent while the server runs, for either engine; without the master key.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use crate::backup_file;
use crate::config::CommonFlags;
use crate::opened::{Opened, Use};
use crate::output;

/// Flags of `choba backup`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The file to make
    file: PathBuf,
    /// Replace the file if it is there already
    #[arg(long)]
    force: bool,
    /// Where the data are.
    #[command(flatten)]
    common: CommonFlags,
}

/// Makes it.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let file = &arguments.file;
    if !arguments.force && file.symlink_metadata().is_ok() {
        bail!("{} is there already: name another file, or replace it with --force", file.display());
    }
    let opened = Opened::open(&arguments.common.inputs(), Use::Shared)?;
    let rows = backup_file::write(&opened, file).with_context(|| format!("backing up to {}", file.display()))?;
    output::line(format_args!(
        "{}: {rows} rows. The master key is not in it: keep a copy of the key elsewhere.",
        file.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

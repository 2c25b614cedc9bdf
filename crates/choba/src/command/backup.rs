//! `choba backup FILE`: everything in one file, consistent while the server runs, for either engine; without the master key.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;

use crate::backup_file;
use crate::config::CommonFlags;
use crate::opened::{Opened, Use};

/// Flags of `choba backup`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The file to make
    file: PathBuf,
    /// Where the data are.
    #[command(flatten)]
    common: CommonFlags,
}

/// Makes it.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let opened = Opened::open(&arguments.common.inputs(), Use::Shared)?;
    let file = &arguments.file;
    let rows = backup_file::write(&opened, file).with_context(|| format!("backing up to {}", file.display()))?;
    println!("{}: {rows} rows. The master key is not in it: keep a copy of the key elsewhere.", file.display());
    Ok(ExitCode::SUCCESS)
}

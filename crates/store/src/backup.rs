//! Backups: one file with everything, which restores into either engine.
//!
//! JSON lines. First a header (format, migrations); then for each table its name and columns and one line a row, in the
//! order of the primary key (an integer, a text, `{"hex": …}` for bytes, or null for each column); last a trailer with the
//! number of rows of each table and the SHA-256 of every byte before it. The order is that of bytes in both engines, so the
//! same content makes the same file. Keys that secrets are sealed with are not in the database and so not in here.

mod read;
mod write;

use serde::{Deserialize, Serialize};

pub use self::read::{read_backup, restore_file};
pub use self::write::{backup_file, write_backup};
use crate::error::{ErrorKind, StoreError};

const FORMAT: u32 = 1;

/// What was written or restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Tables and their number of rows.
    pub rows: Vec<(String, u64)>,
    /// SHA-256 of the content, in hex digits: two databases with the same content have the same.
    pub sha256: String,
}

/// Why a backup could not be made or restored. Nothing was restored then.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file failed.
    #[error("the backup file: {0}")]
    File(#[from] std::io::Error),
    /// A restore would mix two books.
    #[error("the database is not empty: the table {0} has rows; restore into a new one")]
    NotEmpty(String),
    /// The file is of another schema.
    #[error(
        "the backup does not fit this choba: migrations only in the backup: {only_backup:?}, only here: {only_here:?}"
    )]
    MigrationsDiffer {
        /// Applied where the backup was made, unknown here.
        only_backup: Vec<String>,
        /// Applied here, unknown where the backup was made.
        only_here: Vec<String>,
    },
    /// Truncated, altered, or no backup.
    #[error("the backup is damaged at line {line}: {reason}")]
    Damaged {
        /// Counted from 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
}

impl BackupError {
    /// The kind of failure, for who looks at kinds.
    pub fn kind(&self) -> ErrorKind {
        match self {
            BackupError::Store(error) => error.kind,
            BackupError::File(_) => ErrorKind::Io,
            BackupError::NotEmpty(_) | BackupError::MigrationsDiffer { .. } => ErrorKind::Unsuitable,
            BackupError::Damaged { .. } => ErrorKind::Corrupt,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    choba_backup: u32,
    migrations: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TableHeader {
    table: String,
    columns: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Trailer {
    rows: Vec<(String, u64)>,
    sha256: String,
}

/// A column of a row, as it stands in the file.
#[derive(Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Cell {
    Int(i64),
    Text(String),
    Bytes { hex: String },
    Null(()),
}

//! The data folder: made for its owner only, and used by one server at a time.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Name of the database file in a data folder.
pub const DATABASE_FILE: &str = "choba.db";
/// Name of the file that a running server holds locked.
pub const LOCK_FILE: &str = "choba.lock";

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataFolderError {
    /// Another server uses it.
    #[error("the data folder {} is in use by another choba server: stop it, or choose another folder", .0.display())]
    InUse(PathBuf),
    /// It cannot be made or written to.
    #[error("the data folder {}: {error}", path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// A data folder that this process alone serves. The lock ends with the value, or with the process however it dies.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Makes the folder if it is missing and locks it.
    pub fn lock(path: &Path) -> Result<DataFolder, DataFolderError> {
        let failed = |error| DataFolderError::Io { path: path.to_owned(), error };
        if path.is_file() {
            return Err(failed(io::Error::from(io::ErrorKind::NotADirectory)));
        }
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed)?;
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).to_owned();
        let lock = options.open(path.join(LOCK_FILE)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(DataFolder { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(DataFolderError::InUse(path.to_owned())),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.path.join(DATABASE_FILE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_folder_is_served_once_at_a_time_and_free_again_afterwards() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("shop/data");
        let first = DataFolder::lock(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        let error = DataFolder::lock(&path).unwrap_err();
        assert!(matches!(&error, DataFolderError::InUse(in_use) if *in_use == path), "{error}");
        drop(first);
        DataFolder::lock(&path).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("file/data");
        std::fs::write(parent.path().join("file"), "").unwrap();
        let error = DataFolder::lock(&path).unwrap_err().to_string();
        assert!(error.starts_with(&format!("the data folder {}: ", path.display())), "{error}");
    }
}

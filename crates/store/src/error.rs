//! What can go wrong between an operation and the disk.

use std::fmt;

/// What kind of failure, which decides whether it is tried again and what the caller is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// A row that this one needs or forbids exists; the name of the constraint is in the message.
    Constraint,
    /// The engine undid the transaction because of others (deadlock, serialization); tried again, a bounded number of times.
    Contention,
    /// The database is locked by another process for longer than the busy time-out.
    Busy,
    /// The disk or a quota is full.
    Full,
    /// The file or the server accepts no writes.
    ReadOnly,
    /// The disk or the file failed.
    Io,
    /// The file is damaged or no database.
    Corrupt,
    /// The server went away before the commit was sent; tried again, a bounded number of times.
    ConnectionLost,
    /// The commit was sent and no way was found to learn whether it happened.
    CommitUnknown,
    /// Too many writes are waiting; nothing was tried.
    Overloaded,
    /// The operation itself panicked; its changes are undone.
    Panicked,
    /// The store is shutting down.
    Closed,
    /// The SQL or the type of a column is not what the code expects: our own mistake.
    Programming,
    /// The database cannot be used by this binary as it is: newer schema, unsafe durability settings.
    Unsuitable,
}

impl ErrorKind {
    /// Whether running the same operation again, later, can succeed without anybody changing anything.
    pub fn is_transient(self) -> bool {
        match self {
            ErrorKind::Contention
            | ErrorKind::Busy
            | ErrorKind::Full
            | ErrorKind::Io
            | ErrorKind::ConnectionLost
            | ErrorKind::CommitUnknown
            | ErrorKind::Overloaded
            | ErrorKind::Closed => true,
            ErrorKind::Constraint
            | ErrorKind::ReadOnly
            | ErrorKind::Corrupt
            | ErrorKind::Panicked
            | ErrorKind::Programming
            | ErrorKind::Unsuitable => false,
        }
    }
}

/// A failure of the database, with what was being done. Carries no values of rows, so it can be logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError {
    /// What kind of failure.
    pub kind: ErrorKind,
    /// What the engine said and what was being done.
    pub message: String,
}

impl StoreError {
    /// A failure of `kind`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> StoreError {
        StoreError { kind, message: message.into() }
    }

    /// The same failure with what was being done in front.
    pub fn while_doing(self, what: impl fmt::Display) -> StoreError {
        StoreError { kind: self.kind, message: format!("{what}: {}", self.message) }
    }

    pub(crate) fn programming(message: impl Into<String>) -> StoreError {
        StoreError::new(ErrorKind::Programming, message)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.message)
    }
}

impl std::error::Error for StoreError {}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        use rusqlite::ErrorCode as Code;
        let kind = match error.sqlite_error_code() {
            Some(Code::ConstraintViolation) => ErrorKind::Constraint,
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => ErrorKind::Busy,
            Some(Code::DiskFull) => ErrorKind::Full,
            Some(Code::ReadOnly | Code::PermissionDenied | Code::AuthorizationForStatementDenied) => {
                ErrorKind::ReadOnly
            }
            Some(Code::SystemIoFailure | Code::CannotOpen | Code::FileLockingProtocolFailed | Code::OutOfMemory) => {
                ErrorKind::Io
            }
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => ErrorKind::Corrupt,
            _ => ErrorKind::Programming,
        };
        StoreError::new(kind, error.to_string())
    }
}

impl From<postgres::Error> for StoreError {
    fn from(error: postgres::Error) -> StoreError {
        let Some(database) = error.as_db_error() else {
            let kind =
                if error.is_closed() || std::error::Error::source(&error).is_some_and(|s| s.is::<std::io::Error>()) {
                    ErrorKind::ConnectionLost
                } else {
                    ErrorKind::Programming
                };
            return StoreError::new(kind, describe(&error));
        };
        let kind = match &database.code().code()[..2] {
            "40" => ErrorKind::Contention,
            "23" => ErrorKind::Constraint,
            "53" if database.code().code() == "53100" => ErrorKind::Full,
            "53" => ErrorKind::Overloaded,
            "55" => ErrorKind::Busy,
            // A statement that ran into a time-out of the server or was cancelled by a person.
            "57" if database.code().code() == "57014" => ErrorKind::Busy,
            "57" | "08" => ErrorKind::ConnectionLost,
            "58" => ErrorKind::Io,
            "XX" => ErrorKind::Corrupt,
            "25" if database.code().code() == "25006" => ErrorKind::ReadOnly,
            _ => ErrorKind::Programming,
        };
        let constraint = database.constraint().map(|name| format!(" ({name})")).unwrap_or_default();
        StoreError::new(kind, format!("{} {}{constraint}", database.code().code(), database.message()))
    }
}

/// An error with its causes: the client's own text alone says only "db error".
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

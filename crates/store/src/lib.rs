//! The database: SQLite inside the process, or PostgreSQL, behind one way of reading and writing.
//!
//! Promise: knows no feature word. An *operation* is a plain synchronous function over a [`Tx`]; [`Store::write`] runs it
//! so that everything it wrote is durable before its answer is given out, or nothing of it is. Beside the transactions
//! live the mechanisms that must be written in the same one as a change: [`idempotency`], [`outbox`], [`timer`],
//! [`lease`], [`clock`] and [`audit`]. See docs/adr/0001-write-path.md.

pub mod audit;
pub mod audit_search;
pub mod backup;
mod catalogue;
pub mod clock;
mod engine;
pub mod error;
pub mod idempotency;
pub mod lease;
pub mod migration;
pub mod outbox;
mod planner;
mod sql;
pub mod timer;
mod tx;
pub mod value;
pub mod work;

pub use engine::{Database, PostgresOptions, SqliteOptions, Store, Synchronous};
pub use error::{ErrorKind, StoreError};
pub use migration::Migration;
pub use tx::{Statement, Tx};
pub use value::{Row, Value};

//! The store through its public API, each rule on SQLite and on a real PostgreSQL.

mod audit;
mod backup;
mod fixture;
mod lease;
mod lost_connection;
mod outbox;
mod schema;
mod sqlite_file;
mod timer;
mod transaction;
mod work;

/// Makes each test of a module one for SQLite and one for PostgreSQL.
#[macro_export]
macro_rules! on_both_engines {
    ($($test:ident),* $(,)?) => {
        mod sqlite { $(#[test] fn $test() { super::$test(&$crate::fixture::Fixture::sqlite()); })* }
        mod postgres { $(#[test] fn $test() { super::$test(&$crate::fixture::Fixture::postgres()); })* }
    };
}

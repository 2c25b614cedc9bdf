//! A transaction in progress, as operations see it.

use kernel::Timestamp;

use crate::engine::{PostgresConnection, Run};
use crate::error::StoreError;
use crate::value::{Row, Value};

/// The connection a transaction runs on.
pub(crate) enum Connection<'c> {
    Sqlite(&'c dyn Run),
    Postgres(&'c mut PostgresConnection),
}

/// A transaction in progress. An operation may run more than once, so it must do nothing but read and write through this.
pub struct Tx<'c> {
    connection: Connection<'c>,
    machine_now: Timestamp,
    writer: usize,
    wrote: bool,
    failure: Option<StoreError>,
}

/// One statement of [`Tx::execute_all`].
#[derive(Clone, Debug)]
pub struct Statement<'s> {
    sql: &'s str,
    params: Vec<Value>,
}

impl<'s> Statement<'s> {
    /// An INSERT, UPDATE or DELETE with `$1` placeholders, without RETURNING.
    pub fn new(sql: &'s str, params: impl Into<Vec<Value>>) -> Statement<'s> {
        Statement { sql, params: params.into() }
    }

    pub(crate) fn sql(&self) -> &'s str {
        self.sql
    }

    pub(crate) fn params(&self) -> &[Value] {
        &self.params
    }
}

impl<'c> Tx<'c> {
    pub(crate) fn new(connection: Connection<'c>, machine_now: Timestamp) -> Tx<'c> {
        let writer = match &connection {
            Connection::Sqlite(_) => 0,
            Connection::Postgres(postgres) => postgres.number,
        };
        Tx { connection, machine_now, writer, wrote: false, failure: None }
    }

    /// Which of this process's writers runs this, from 0: two that run at the same time differ. A row that many
    /// operations add to is kept once for each writer, so that none waits for the others' commits.
    pub fn writer(&self) -> usize {
        self.writer
    }

    /// Machine time at the beginning of this run of the operation. World time is [`crate::clock::world_now`].
    pub fn machine_now(&self) -> Timestamp {
        self.machine_now
    }

    /// All rows of a SELECT (or of a statement with RETURNING).
    pub fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        let rows = match &mut self.connection {
            Connection::Sqlite(sqlite) => sqlite.query(sql, params),
            Connection::Postgres(postgres) => postgres.query(sql, params),
        };
        // With RETURNING, statements that write come here too.
        self.wrote |= !sql.trim_start().starts_with("SELECT");
        self.remember(rows, sql)
    }

    /// The only row, or none; more than one is our own mistake.
    pub fn query_opt(&mut self, sql: &str, params: &[Value]) -> Result<Option<Row>, StoreError> {
        let mut rows = self.query(sql, params)?;
        if rows.len() > 1 {
            return self.remember(Err(StoreError::programming("more than one row")), sql);
        }
        Ok(rows.pop())
    }

    /// The only row; none is our own mistake.
    pub fn query_one(&mut self, sql: &str, params: &[Value]) -> Result<Row, StoreError> {
        let row = self.query_opt(sql, params)?;
        let row = row.ok_or_else(|| StoreError::programming("no row"));
        self.remember(row, sql)
    }

    /// Runs one INSERT, UPDATE or DELETE; how many rows it touched.
    pub fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        let count = match &mut self.connection {
            Connection::Sqlite(sqlite) => sqlite.execute(sql, params),
            Connection::Postgres(postgres) => postgres.execute(sql, params),
        };
        self.wrote |= !matches!(count, Ok(0));
        self.remember(count, sql)
    }

    /// Runs several statements and tells how many rows each touched. On PostgreSQL they travel as one statement, one
    /// round trip, so none may touch a row that another one touches or reads.
    pub fn execute_all(&mut self, statements: &[Statement<'_>]) -> Result<Vec<u64>, StoreError> {
        let counts = match &mut self.connection {
            Connection::Sqlite(sqlite) => {
                statements.iter().map(|statement| sqlite.execute(statement.sql, &statement.params)).collect()
            }
            Connection::Postgres(postgres) => postgres.execute_all(statements),
        };
        self.wrote |= !matches!(&counts, Ok(counts) if counts.iter().all(|count| *count == 0));
        let first = statements.first().map_or("", Statement::sql);
        self.remember(counts, first)
    }

    /// Runs statements without parameters and results, separated by `;`: migrations.
    pub(crate) fn execute_script(&mut self, sql: &str) -> Result<(), StoreError> {
        let done = match &mut self.connection {
            Connection::Sqlite(sqlite) => sqlite.script(sql),
            Connection::Postgres(postgres) => postgres.client.batch_execute(sql).map_err(StoreError::from),
        };
        self.wrote = true;
        self.remember(done, sql)
    }

    /// The clause that locks the selected rows until the commit. SQLite has one writer and took the write lock at BEGIN.
    pub fn for_update(&self) -> &'static str {
        match self.connection {
            Connection::Sqlite(_) => "",
            Connection::Postgres(_) => " FOR UPDATE",
        }
    }

    /// Like [`Tx::for_update`], but passes over rows that others hold: for workers that share a queue.
    pub fn skip_locked(&self) -> &'static str {
        match self.connection {
            Connection::Sqlite(_) => "",
            Connection::Postgres(_) => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// Keeps others from writing to `table` until the commit, and waits for those that have. SQLite has one writer, which
    /// this transaction is.
    pub fn lock_out_writers(&mut self, table: &'static str) -> Result<(), StoreError> {
        match self.connection {
            Connection::Sqlite(_) => Ok(()),
            Connection::Postgres(_) => self.execute_script(&format!("LOCK TABLE {table} IN SHARE MODE")),
        }
    }

    /// Counts what is in the tables, for PostgreSQL's planner: without, it reads whole shops where it should look up keys.
    /// After a large import, in an operation of its own; SQLite needs none.
    pub fn analyse(&mut self) -> Result<(), StoreError> {
        match self.connection {
            Connection::Sqlite(_) => Ok(()),
            Connection::Postgres(_) => self.execute_script("ANALYZE"),
        }
    }

    /// Which engine this is, for the few places that must read its catalogue.
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.connection, Connection::Postgres(_))
    }

    /// Whether it wrote anything, or may have: then undoing it means undoing the transaction it is part of.
    pub(crate) fn wrote(&self) -> bool {
        self.wrote
    }

    pub(crate) fn take_failure(&mut self) -> Option<StoreError> {
        self.failure.take()
    }

    /// Keeps the first failure: an operation that swallows an error must not be committed as if nothing had happened.
    fn remember<T>(&mut self, result: Result<T, StoreError>, sql: &str) -> Result<T, StoreError> {
        result.map_err(|error| {
            let error = error.while_doing(beginning(sql));
            self.failure.get_or_insert_with(|| error.clone());
            error
        })
    }
}

/// The first words of a statement: enough to find it, too little to hold a value.
fn beginning(sql: &str) -> String {
    sql.split_whitespace().take(5).collect::<Vec<_>>().join(" ")
}

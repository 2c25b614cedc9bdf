//! The schema, embedded and brought up at start. A migration that shipped is never edited.

use crate::error::{ErrorKind, StoreError};
use crate::sql;
use crate::tx::Tx;

/// One step of the schema. Column types are `@INT`, `@TEXT`, `@BLOB`; tables end in `@TABLE` or, where the primary key
/// is the way to every row, `@CLUSTERED`; `@NUMBER(column, field)` is a whole number in a column of JSON.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Unique for ever: `crate/0001-what`.
    pub name: &'static str,
    /// SQL statements, separated by `;`.
    pub sql: &'static str,
}

/// The tables of the store itself.
pub const MIGRATIONS: &[Migration] =
    &[Migration { name: "store/0001-spine", sql: include_str!("../migrations/0001-spine.sql") }];

const BOOK: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    name @TEXT PRIMARY KEY, position @INT NOT NULL, applied_us @INT NOT NULL) @TABLE";

/// Applies what is missing, in order.
pub(crate) fn apply(tx: &mut Tx<'_>, migrations: &[Migration]) -> Result<(), StoreError> {
    run(tx, BOOK)?;
    let applied = applied(tx)?;
    if let Some(unknown) = applied.iter().find(|name| migrations.iter().all(|known| known.name != *name)) {
        let message = format!("the database was made by a newer choba (it has the migration {unknown}): use that one");
        return Err(StoreError::new(ErrorKind::Unsuitable, message));
    }
    for (position, migration) in migrations.iter().enumerate() {
        if applied.iter().any(|name| name == migration.name) {
            continue;
        }
        run(tx, migration.sql).map_err(|error| error.while_doing(format!("migration {}", migration.name)))?;
        let now = tx.machine_now();
        let insert = "INSERT INTO schema_migration (name, position, applied_us) VALUES ($1, $2, $3)";
        tx.execute(insert, &crate::params![migration.name, position as i64, now])?;
    }
    Ok(())
}

/// Names of the migrations that the database has, in the order of their position.
pub fn applied(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    let rows = tx.query("SELECT name FROM schema_migration ORDER BY position", &[])?;
    rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
}

fn run(tx: &mut Tx<'_>, sql: &str) -> Result<(), StoreError> {
    let text = if tx.is_postgres() { sql::migration_for_postgres(sql) } else { sql::migration_for_sqlite(sql) };
    tx.execute_script(&text)
}

/// How SQLite would run `sql` on the tables of the store: one text a step.
#[cfg(test)]
pub(crate) fn query_plan(sql: &str) -> Vec<String> {
    let database = rusqlite::Connection::open_in_memory().unwrap();
    for migration in MIGRATIONS {
        database.execute_batch(&sql::migration_for_sqlite(migration.sql)).unwrap();
    }
    crate::planner::tell(&database).unwrap();
    let mut statement = database.prepare(&format!("EXPLAIN QUERY PLAN {}", sql::for_sqlite(sql))).unwrap();
    // Parameters that are not bound are NULL: the plan does not depend on them.
    let steps = statement.raw_query().mapped(|row| row.get(3));
    steps.collect::<Result<_, _>>().unwrap()
}

//! What SQLite is told of the sizes of tables, so that it plans for a shop that has grown.
//!
//! Without being told it takes a shop for ten rows, and reads a table by its primary key, `shop_id` alone, where an index
//! would lead to the one row wanted: fast while the shop is young and slow when it matters. Nothing is ever counted here
//! (`ANALYZE`): plans would depend on the day on which it was done. PostgreSQL counts by itself.

use rusqlite::Connection;

use crate::error::StoreError;

/// Rows of a table.
const ROWS: u64 = 1_000_000;
/// Rows of an index with a condition: what is under way, what failed.
const ROWS_OF_PARTIAL: u64 = 1_000;
/// Rows of an index that share all columns up to one that is nearly unique.
const FEW: u64 = 10;

/// The statistics of one index: `sqlite_stat1` holds its rows, and for each column how many rows share the values of all
/// columns up to it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Expected {
    table: String,
    index: String,
    stat: String,
}

/// Tells SQLite, unless it was told the same before. Its other connections hear of it when they are opened.
pub(crate) fn tell(connection: &Connection) -> Result<(), StoreError> {
    let expected = expected(connection)?;
    if told(connection)?.is_some_and(|told| told == expected) {
        return Ok(());
    }
    // Makes the table of statistics, and counts nothing but the schema.
    connection.execute_batch("ANALYZE sqlite_schema; DELETE FROM sqlite_stat1;")?;
    let mut insert = connection.prepare("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?1, ?2, ?3)")?;
    for Expected { table, index, stat } in &expected {
        insert.execute([table, index, stat])?;
    }
    // This connection reads them now.
    Ok(connection.execute_batch("ANALYZE sqlite_schema;")?)
}

fn told(connection: &Connection) -> Result<Option<Vec<Expected>>, StoreError> {
    let known = "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'";
    if connection.query_row(known, [], |row| row.get::<_, i64>(0))? == 0 {
        return Ok(None);
    }
    let mut rows = connection.prepare("SELECT tbl, idx, stat FROM sqlite_stat1 WHERE idx IS NOT NULL")?;
    let read = |row: &rusqlite::Row<'_>| Ok(Expected { table: row.get(0)?, index: row.get(1)?, stat: row.get(2)? });
    let mut told = rows.query_map([], read)?.collect::<Result<Vec<_>, _>>()?;
    told.sort();
    Ok(Some(told))
}

/// Of every index of every table, in the order of their names.
fn expected(connection: &Connection) -> Result<Vec<Expected>, StoreError> {
    let sql = "SELECT t.name, i.name, i.\"unique\", i.partial, c.name
               FROM sqlite_schema t JOIN pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c
               WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY t.name, i.name, c.seqno";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut indexes: Vec<(String, String, Shape)> = Vec::new();
    while let Some(row) = rows.next()? {
        let (table, index, column): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(4)?);
        if indexes.last().is_none_or(|(_, last, _)| *last != index) {
            let shape = Shape { is_unique: row.get(2)?, is_partial: row.get(3)?, columns: Vec::new() };
            indexes.push((table, index, shape));
        }
        if let Some((.., shape)) = indexes.last_mut() {
            shape.columns.push(column);
        }
    }
    let expected = |(table, index, shape): (String, String, Shape)| Expected { table, index, stat: shape.stat() };
    Ok(indexes.into_iter().map(expected).collect())
}

struct Shape {
    is_unique: bool,
    is_partial: bool,
    columns: Vec<String>,
}

impl Shape {
    fn stat(&self) -> String {
        let mut sharing = if self.is_partial { ROWS_OF_PARTIAL } else { ROWS };
        let mut stat = sharing.to_string();
        for (position, column) in self.columns.iter().enumerate() {
            let is_last = position + 1 == self.columns.len();
            sharing = if is_last && self.is_unique { 1 } else { shared(sharing, column) };
            stat.push_str(&format!(" {sharing}"));
        }
        stat
    }
}

/// How many of `rows` share a value of `column`, by the words that columns are called everywhere.
fn shared(rows: u64, column: &str) -> u64 {
    let shared = match column {
        "shop_id" => rows / 20,
        "environment" | "world" | "space" => rows / 2,
        "state" | "kind" | "topic" | "type" | "verb" | "hours" | "action" | "endpoint_id" | "progress" => rows / 8,
        // An id, an instant, an amount.
        _ if rows > FEW => FEW,
        _ => rows / 2,
    };
    shared.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> Connection {
        let database = Connection::open_in_memory().unwrap();
        let tables = "CREATE TABLE thing (shop_id INTEGER, environment TEXT, thing_id TEXT, state TEXT, amount INTEGER,
                          PRIMARY KEY (shop_id, environment, thing_id)) WITHOUT ROWID;
                      CREATE TABLE step (shop_id INTEGER, environment TEXT, step_id TEXT, thing_id TEXT, state TEXT,
                          PRIMARY KEY (shop_id, environment, step_id)) WITHOUT ROWID;
                      CREATE INDEX step_thing ON step (shop_id, environment, thing_id);
                      CREATE INDEX step_running ON step (shop_id, thing_id) WHERE state = 'running';";
        database.execute_batch(tables).unwrap();
        database
    }

    fn plan(database: &Connection, sql: &str) -> String {
        database.query_row(&format!("EXPLAIN QUERY PLAN {sql}"), [], |row| row.get(3)).unwrap()
    }

    #[test]
    fn a_grown_shop_is_planned_for() {
        let database = database();
        let sql = "SELECT state FROM step WHERE shop_id = 1 AND environment = 'e' AND thing_id = 't'";
        let by_shop = "SEARCH step USING PRIMARY KEY (shop_id=? AND environment=?)";
        assert_eq!(plan(&database, sql), by_shop, "what it does by itself");
        tell(&database).unwrap();
        let by_thing = "SEARCH step USING INDEX step_thing (shop_id=? AND environment=? AND thing_id=?)";
        assert_eq!(plan(&database, sql), by_thing);
    }

    #[test]
    fn it_is_told_once_and_again_when_an_index_is_new() {
        let database = database();
        tell(&database).unwrap();
        let told_before = told(&database).unwrap().unwrap();
        let stat = |index: &str| told_before.iter().find(|told| told.index == index).map(|told| told.stat.clone());
        assert_eq!(stat("step_thing").unwrap(), "1000000 50000 25000 10");
        assert_eq!(stat("step_running").unwrap(), "1000 50 10");
        assert_eq!(stat("sqlite_autoindex_thing_1").unwrap(), "1000000 50000 25000 1");
        let changes = database.total_changes();
        tell(&database).unwrap();
        assert_eq!(database.total_changes(), changes);
        database.execute_batch("CREATE INDEX thing_amount ON thing (shop_id, amount)").unwrap();
        tell(&database).unwrap();
        assert_eq!(told(&database).unwrap().unwrap().len(), told_before.len() + 1);
    }
}

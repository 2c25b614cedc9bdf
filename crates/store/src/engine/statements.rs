//! Statements on a connection of SQLite, each prepared once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use rusqlite::Statement;

use crate::error::StoreError;
use crate::sql;
use crate::value::{Row, Value, row_from_sqlite};

/// Statements that are kept; texts made at run time beyond it are prepared anew.
const PREPARED_MAX: usize = 256;

/// What an operation does with a connection of SQLite.
pub(crate) trait Run {
    /// All rows of a statement.
    fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError>;

    /// Runs a statement; how many rows it touched.
    fn execute(&self, sql: &str, params: &[Value]) -> Result<u64, StoreError>;

    /// Runs statements without parameters.
    fn script(&self, sql: &str) -> Result<(), StoreError>;
}

/// A connection and what is prepared on it, by the text in the source.
pub(super) struct Statements<'c> {
    pub(super) raw: &'c rusqlite::Connection,
    prepared: RefCell<HashMap<Box<str>, Statement<'c>, BuildHasherDefault<TextHasher>>>,
}

impl<'c> Statements<'c> {
    pub(super) fn on(raw: &'c rusqlite::Connection) -> Statements<'c> {
        Statements { raw, prepared: RefCell::default() }
    }

    /// Runs a statement without parameters and rows, such as COMMIT.
    pub(super) fn simple(&self, sql: &str) -> Result<(), StoreError> {
        self.execute(sql, &[]).map_err(|error| error.while_doing(sql))?;
        Ok(())
    }

    fn with<T>(
        &self,
        sql: &str,
        params: &[Value],
        run: impl FnOnce(&mut Statement<'c>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut prepared = self.prepared.borrow_mut();
        if let Some(statement) = prepared.get_mut(sql) {
            bind(statement, params)?;
            return run(statement);
        }
        if prepared.len() >= PREPARED_MAX {
            prepared.clear();
        }
        let statement = self.raw.prepare(&sql::for_sqlite(sql))?;
        let statement = prepared.entry(sql.into()).or_insert(statement);
        bind(statement, params)?;
        run(statement)
    }
}

impl Run for Statements<'_> {
    fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.with(sql, params, |statement| {
            let columns = statement.column_count();
            let mut rows = statement.raw_query();
            let mut out = Vec::new();
            while let Some(row) = rows.next()? {
                out.push(row_from_sqlite(row, columns)?);
            }
            Ok(out)
        })
    }

    fn execute(&self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        self.with(sql, params, |statement| Ok(statement.raw_execute()? as u64))
    }

    fn script(&self, sql: &str) -> Result<(), StoreError> {
        Ok(self.raw.execute_batch(sql)?)
    }
}

fn bind(statement: &mut Statement<'_>, params: &[Value]) -> Result<(), StoreError> {
    if statement.parameter_count() != params.len() {
        let message = format!("{} parameters for {} placeholders", params.len(), statement.parameter_count());
        return Err(StoreError::programming(message));
    }
    for (index, value) in params.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, value)?;
    }
    Ok(())
}

/// A quick hash for texts of our own: nobody outside chooses them, so none can be chosen to collide.
#[derive(Default)]
pub(super) struct TextHasher(u64);

const MULTIPLIER: u64 = 0xf135_7aea_2e62_a9c5;

impl TextHasher {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(MULTIPLIER);
    }
}

impl Hasher for TextHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.add(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.add(u64::from_le_bytes(last));
    }

    fn finish(&self) -> u64 {
        // The upper bits are the well mixed ones, the lower ones choose the place.
        self.0.rotate_left(26)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_prepared_once_and_texts_without_end_are_forgotten() {
        let raw = rusqlite::Connection::open_in_memory().unwrap();
        let statements = Statements::on(&raw);
        statements.script("CREATE TABLE t (a INTEGER, b TEXT)").unwrap();
        for number in 0..3 {
            let params = crate::params![number, "x"];
            assert_eq!(statements.execute("INSERT INTO t VALUES ($1, $2)", &params), Ok(1));
        }
        assert_eq!(statements.prepared.borrow().len(), 1);
        for number in 0..2 * PREPARED_MAX as i64 {
            let found =
                statements.query(&format!("SELECT a FROM t WHERE a = $1 AND {number} > -1"), &crate::params![2]);
            assert_eq!(found, Ok(vec![Row(vec![Value::Int(2)])]));
        }
        assert!(statements.prepared.borrow().len() <= PREPARED_MAX);
        let wrong = statements.query("SELECT a FROM t WHERE a = $1", &[]).unwrap_err();
        assert_eq!(wrong.kind, crate::ErrorKind::Programming);
    }

    #[test]
    fn texts_that_differ_anywhere_have_other_hashes() {
        let hash = |text: &str| {
            let mut hasher = TextHasher::default();
            std::hash::Hash::hash(text, &mut hasher);
            hasher.finish()
        };
        let text = "UPDATE outbox SET state = 'sent' WHERE shop_id = $1";
        let hashes: std::collections::HashSet<u64> = (0..text.len()).map(|end| hash(&text[..end])).collect();
        assert_eq!(hashes.len(), text.len());
    }
}

//! What tables there are: the only reader of the engines' catalogues.

use crate::error::StoreError;
use crate::params;
use crate::tx::Tx;
use crate::value::Value;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    Int,
    Text,
    Blob,
}

/// A table of this schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) name: String,
    /// In the order of CREATE TABLE.
    pub(crate) columns: Vec<(String, ColumnKind)>,
    /// Indexes into `columns`, in the order of the primary key.
    pub(crate) key: Vec<usize>,
}

impl ColumnKind {
    fn of(declared: &str) -> Option<ColumnKind> {
        match declared {
            "INTEGER" | "bigint" => Some(ColumnKind::Int),
            "TEXT" | "text" => Some(ColumnKind::Text),
            "BLOB" | "bytea" => Some(ColumnKind::Blob),
            _ => None,
        }
    }

    /// Whether a column of this kind can hold `value`; whether it may be NULL is the table's own rule.
    pub(crate) fn holds(self, value: &Value) -> bool {
        match (self, value) {
            (_, Value::Null)
            | (ColumnKind::Int, Value::Int(_))
            | (ColumnKind::Text, Value::Text(_))
            | (ColumnKind::Blob, Value::Blob(_)) => true,
            (
                ColumnKind::Int | ColumnKind::Text | ColumnKind::Blob,
                Value::Int(_) | Value::Text(_) | Value::Blob(_),
            ) => false,
        }
    }
}

/// Every table but the book of migrations, a table before those that refer to it, otherwise by name.
pub(crate) fn tables(tx: &mut Tx<'_>) -> Result<Vec<Table>, StoreError> {
    let names = if tx.is_postgres() {
        "SELECT table_name::text FROM information_schema.tables
         WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
    } else {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    };
    let names = tx.query(names, &[])?;
    let mut names = names.iter().map(|row| Ok(row.text(0)?.to_owned())).collect::<Result<Vec<_>, StoreError>>()?;
    names.retain(|name| name != "schema_migration");
    names.sort();
    let mut sorted = Vec::with_capacity(names.len());
    let mut waiting = Vec::with_capacity(names.len());
    for name in names {
        let parents = parents(tx, &name)?;
        waiting.push((name, parents));
    }
    while !waiting.is_empty() {
        let ready = waiting.iter().position(|(name, parents)| {
            parents.iter().all(|parent| parent == name || !waiting.iter().any(|(other, _)| other == parent))
        });
        let ready = ready.ok_or_else(|| StoreError::programming("tables refer to one another in a circle"))?;
        let (name, _) = waiting.remove(ready);
        sorted.push(table(tx, name)?);
    }
    Ok(sorted)
}

/// Tables that `name` refers to.
fn parents(tx: &mut Tx<'_>, name: &str) -> Result<Vec<String>, StoreError> {
    let sql = if tx.is_postgres() {
        "SELECT DISTINCT p.relname::text FROM pg_constraint k JOIN pg_class p ON p.oid = k.confrelid
         WHERE k.contype = 'f' AND k.conrelid = $1::text::regclass"
    } else {
        "SELECT DISTINCT \"table\" FROM pragma_foreign_key_list($1)"
    };
    tx.query(sql, &params![name])?.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
}

fn table(tx: &mut Tx<'_>, name: String) -> Result<Table, StoreError> {
    // The third column is the place in the primary key, from 1, or 0 outside of it.
    let sql = if tx.is_postgres() {
        "SELECT a.attname::text, format_type(a.atttypid, NULL),
             COALESCE(array_position(i.indkey::smallint[], a.attnum) - array_lower(i.indkey::smallint[], 1) + 1, 0)
         FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
         WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
    } else {
        "SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid"
    };
    let (mut columns, mut key) = (Vec::new(), Vec::new());
    for (index, row) in tx.query(sql, &params![&name])?.iter().enumerate() {
        let (column, declared) = (row.text(0)?.to_owned(), row.text(1)?);
        let kind = ColumnKind::of(declared);
        let kind = kind.ok_or_else(|| StoreError::programming(format!("{name}.{column} has the type {declared}")))?;
        if row.int(2)? > 0 {
            key.push((row.int(2)?, index));
        }
        columns.push((column, kind));
    }
    key.sort();
    if key.is_empty() {
        return Err(StoreError::programming(format!("the table {name} has no primary key")));
    }
    Ok(Table { name, columns, key: key.into_iter().map(|(_, index)| index).collect() })
}

//! Restoring a backup into an empty database, all of it or nothing.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use kernel::id::{hex, unhex};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::{BackupError, Cell, FORMAT, Header, Summary, TableHeader, Trailer};
use crate::catalogue::{Table, tables};
use crate::engine::Store;
use crate::migration;
use crate::tx::Tx;
use crate::value::Value;

/// A longer line is no backup of ours: keeps a wrong file from filling the memory.
const LINE_BYTES_MAX: u64 = 256 << 20;
const CHUNK_ROWS: usize = 64;
const CHUNK_BYTES: usize = 1 << 20;

/// Restores the backup at `path` into a new database.
pub fn restore_file(store: &Store, path: &Path) -> Result<Summary, BackupError> {
    let path = path.to_owned();
    store.write_blocking(move |tx| read_backup(tx, &mut BufReader::with_capacity(1 << 18, File::open(&path)?)))
}

/// Restores `input` into the empty database of `tx` ([`Store::write`]): on an error the caller's transaction keeps nothing.
/// The operation may run again: open `input` inside of it.
///
/// Verified before it says done: the hash of the file, the number of rows in the file and in the database.
pub fn read_backup(tx: &mut Tx<'_>, input: &mut dyn BufRead) -> Result<Summary, BackupError> {
    let mut lines = Lines { input, hasher: Sha256::new(), number: 0, line: Vec::new() };
    lines.advance()?;
    let header: Header = lines.parse()?;
    if header.choba_backup != FORMAT {
        return Err(lines.damaged(format!("format {} is unknown here, {FORMAT} is known", header.choba_backup)));
    }
    compare_migrations(&header.migrations, &migration::applied(tx)?)?;
    let tables = tables(tx)?;
    for table in &tables {
        let sql = format!("SELECT 1 FROM \"{}\" LIMIT 1", table.name);
        if tx.query_opt(&sql, &[])?.is_some() {
            return Err(BackupError::NotEmpty(table.name.clone()));
        }
    }
    let mut rows = Vec::new();
    lines.advance()?;
    for table in &tables {
        rows.push((table.name.clone(), read_table(tx, table, &mut lines)?));
    }
    finish(tx, lines, rows)
}

fn compare_migrations(backup: &[String], here: &[String]) -> Result<(), BackupError> {
    let only = |left: &[String], right: &[String]| -> Vec<String> {
        left.iter().filter(|name| !right.contains(name)).cloned().collect()
    };
    let (only_backup, only_here) = (only(backup, here), only(here, backup));
    if only_backup.is_empty() && only_here.is_empty() {
        Ok(())
    } else {
        Err(BackupError::MigrationsDiffer { only_backup, only_here })
    }
}

/// Restores one table; leaves `lines` at the first line after it.
fn read_table(tx: &mut Tx<'_>, table: &Table, lines: &mut Lines<'_>) -> Result<u64, BackupError> {
    let header: TableHeader = lines.parse()?;
    if header.table != table.name || !header.columns.iter().eq(table.columns.iter().map(|(name, _)| name)) {
        let found = format!("{} ({})", header.table, header.columns.join(", "));
        return Err(lines.damaged(format!("the table {} is expected with its columns, found {found}", table.name)));
    }
    let mut chunk = Chunk { table, rows: 0, bytes: 0, values: Vec::new() };
    let mut count = 0;
    lines.advance()?;
    while lines.line.first() == Some(&b'[') {
        chunk.push(lines)?;
        count += 1;
        if chunk.rows == CHUNK_ROWS || chunk.bytes >= CHUNK_BYTES {
            chunk.insert(tx)?;
        }
        lines.advance()?;
    }
    chunk.insert(tx)?;
    Ok(count)
}

fn finish(tx: &mut Tx<'_>, mut lines: Lines<'_>, rows: Vec<(String, u64)>) -> Result<Summary, BackupError> {
    let trailer: Trailer = lines.parse()?;
    let sha256 = hex(&lines.hasher.finalize_reset());
    if trailer.sha256 != sha256 {
        return Err(lines.damaged("the file was altered: its SHA-256 is not the one at its end"));
    }
    if trailer.rows != rows {
        return Err(lines.damaged("the numbers of rows are not those at its end"));
    }
    if lines.input.read(&mut [0])? > 0 {
        return Err(lines.damaged("there is something after the end"));
    }
    for (table, expected) in &rows {
        let found = tx.query_one(&format!("SELECT count(*) FROM \"{table}\""), &[])?.int(0)?;
        if u64::try_from(found) != Ok(*expected) {
            return Err(lines.damaged(format!("{table} has {found} rows after restoring {expected}")));
        }
    }
    Ok(Summary { rows, sha256 })
}

/// Rows on their way into a table.
struct Chunk<'t> {
    table: &'t Table,
    rows: usize,
    bytes: usize,
    values: Vec<Value>,
}

impl Chunk<'_> {
    fn push(&mut self, lines: &Lines<'_>) -> Result<(), BackupError> {
        let cells: Vec<Cell> = lines.parse()?;
        if cells.len() != self.table.columns.len() {
            return Err(lines.damaged(format!("{} columns of {}", cells.len(), self.table.columns.len())));
        }
        for (cell, (name, kind)) in cells.into_iter().zip(&self.table.columns) {
            let value = match cell {
                Cell::Null(()) => Value::Null,
                Cell::Int(n) => Value::Int(n),
                Cell::Text(text) => Value::Text(text),
                Cell::Bytes { hex } => Value::Blob(unhex(&hex).ok_or_else(|| lines.damaged("no hex digits"))?),
            };
            if !kind.holds(&value) {
                return Err(lines.damaged(format!("{}.{name} cannot hold this value", self.table.name)));
            }
            self.values.push(value);
        }
        self.rows += 1;
        self.bytes += lines.line.len();
        Ok(())
    }

    fn insert(&mut self, tx: &mut Tx<'_>) -> Result<(), BackupError> {
        if self.rows == 0 {
            return Ok(());
        }
        let width = self.table.columns.len();
        let columns: Vec<_> = self.table.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let row = |row: usize| {
            let places: Vec<_> = (1..=width).map(|column| format!("${}", row * width + column)).collect();
            format!("({})", places.join(", "))
        };
        let rows: Vec<_> = (0..self.rows).map(row).collect();
        let sql = format!("INSERT INTO \"{}\" ({}) VALUES {}", self.table.name, columns.join(", "), rows.join(", "));
        tx.execute(&sql, &self.values)?;
        (self.rows, self.bytes) = (0, 0);
        self.values.clear();
        Ok(())
    }
}

/// Reads lines and remembers what was read before the present one.
struct Lines<'r> {
    input: &'r mut dyn BufRead,
    hasher: Sha256,
    number: u64,
    line: Vec<u8>,
}

impl Lines<'_> {
    /// Goes to the next line; the end of the file is an error, because the trailer comes before it.
    fn advance(&mut self) -> Result<(), BackupError> {
        self.hasher.update(&self.line);
        self.line.clear();
        self.number += 1;
        (&mut *self.input).take(LINE_BYTES_MAX).read_until(b'\n', &mut self.line)?;
        match self.line.last() {
            Some(b'\n') => Ok(()),
            Some(_) | None => Err(self.damaged("the file ends before its trailer")),
        }
    }

    fn parse<T: DeserializeOwned>(&self) -> Result<T, BackupError> {
        serde_json::from_slice(&self.line).map_err(|error| self.damaged(error.to_string()))
    }

    fn damaged(&self, reason: impl Into<String>) -> BackupError {
        BackupError::Damaged { line: self.number, reason: reason.into() }
    }
}

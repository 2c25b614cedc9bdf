//! Writing a backup, table by table, a page at a time.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use kernel::id::hex;
use sha2::{Digest, Sha256};

use super::{BackupError, Cell, FORMAT, Header, Summary, TableHeader, Trailer};
use crate::catalogue::{Table, tables};
use crate::engine::Store;
use crate::error::StoreError;
use crate::migration;
use crate::tx::Tx;
use crate::value::{Row, Value};

/// What a page of rows should hold, whatever the size of a row.
const PAGE_BYTES: usize = 1 << 20;
const PAGE_ROWS_MAX: usize = 1_000;

/// Makes a consistent backup of a running database at `path`, readable by this account only and synced to the disk before
/// this returns. The file appears whole or not at all.
pub fn backup_file(store: &Store, path: &Path) -> Result<Summary, BackupError> {
    let unfinished = PathBuf::from(format!("{}.unfinished", path.display()));
    let summary = write_unfinished(store, &unfinished);
    if summary.is_err() {
        // What went wrong with the backup says more than what goes wrong with clearing up after it.
        let _ = std::fs::remove_file(&unfinished);
        return summary;
    }
    std::fs::rename(&unfinished, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    summary
}

fn write_unfinished(store: &Store, unfinished: &Path) -> Result<Summary, BackupError> {
    let unfinished = unfinished.to_owned();
    store.read_blocking(move |tx| {
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut out = BufWriter::with_capacity(1 << 18, options.open(&unfinished)?);
        let summary = write_backup(tx, &mut out)?;
        out.into_inner().map_err(|error| error.into_error())?.sync_all()?;
        Ok(summary)
    })
}

/// Writes everything that the snapshot of `tx` shows ([`Store::read`]). The operation may run again: open `out` inside of
/// it.
pub fn write_backup(tx: &mut Tx<'_>, out: &mut dyn Write) -> Result<Summary, BackupError> {
    let mut out = Hashed { out, hasher: Sha256::new(), line: Vec::new() };
    out.write(&Header { choba_backup: FORMAT, migrations: migration::applied(tx)? })?;
    let mut rows = Vec::new();
    for table in tables(tx)? {
        let columns = table.columns.iter().map(|(name, _)| name.clone()).collect();
        out.write(&TableHeader { table: table.name.clone(), columns })?;
        let count = write_rows(tx, &table, &mut out)?;
        rows.push((table.name, count));
    }
    let sha256 = hex(&out.hasher.finalize_reset());
    out.write(&Trailer { rows: rows.clone(), sha256: sha256.clone() })?;
    out.out.flush()?;
    Ok(Summary { rows, sha256 })
}

fn write_rows(tx: &mut Tx<'_>, table: &Table, out: &mut Hashed<'_>) -> Result<u64, BackupError> {
    let (first, next) = (page_sql(table, false), page_sql(table, true));
    let (mut count, mut limit) = (0, 16);
    let mut after: Vec<Value> = Vec::new();
    loop {
        let sql = if after.is_empty() { &first } else { &next };
        let mut params = after.clone();
        params.push(Value::Int(limit as i64));
        let rows = tx.query(sql, &params)?;
        let mut bytes = 0;
        for row in &rows {
            bytes += out.write(&cells(row))?;
        }
        count += rows.len() as u64;
        let Some(last) = rows.last().filter(|_| rows.len() == limit) else { return Ok(count) };
        after = key_of(table, last)?;
        limit = (PAGE_BYTES * rows.len() / bytes.max(1)).clamp(1, PAGE_ROWS_MAX);
    }
}

/// One page in the order of the primary key, after the key in the first parameters or from the beginning.
fn page_sql(table: &Table, continued: bool) -> String {
    let quoted = |name: &str| format!("\"{name}\"");
    let columns: Vec<_> = table.columns.iter().map(|(name, _)| quoted(name)).collect();
    let key: Vec<_> = table.key.iter().map(|index| columns[*index].clone()).collect();
    let key = key.join(", ");
    let (after, limit) = if continued {
        let places: Vec<_> = (1..=table.key.len()).map(|place| format!("${place}")).collect();
        (format!(" WHERE ({key}) > ({})", places.join(", ")), table.key.len() + 1)
    } else {
        (String::new(), 1)
    };
    format!("SELECT {} FROM {}{after} ORDER BY {key} LIMIT ${limit}", columns.join(", "), quoted(&table.name))
}

fn key_of(table: &Table, row: &Row) -> Result<Vec<Value>, StoreError> {
    let value = |index: &usize| row.0.get(*index).cloned();
    let key: Option<Vec<_>> = table.key.iter().map(value).collect();
    key.ok_or_else(|| StoreError::programming(format!("a row of {} is too short", table.name)))
}

fn cells(row: &Row) -> Vec<Cell> {
    let cell = |value: &Value| match value {
        Value::Null => Cell::Null(()),
        Value::Int(n) => Cell::Int(*n),
        Value::Text(text) => Cell::Text(text.clone()),
        Value::Blob(bytes) => Cell::Bytes { hex: hex(bytes) },
    };
    row.0.iter().map(cell).collect()
}

/// Writes lines and remembers what was written.
struct Hashed<'w> {
    out: &'w mut dyn Write,
    hasher: Sha256,
    line: Vec<u8>,
}

impl Hashed<'_> {
    /// The number of bytes written.
    fn write(&mut self, line: &impl serde::Serialize) -> Result<usize, BackupError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line).map_err(std::io::Error::from)?;
        self.line.push(b'\n');
        self.hasher.update(&self.line);
        self.out.write_all(&self.line)?;
        Ok(self.line.len())
    }
}

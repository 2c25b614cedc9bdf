//! The file of `choba backup`: our book and, beside it, the simulator's, as they were at one instant.
//!
//! First a line of JSON that names the parts and their lengths in bytes, then the parts, each as [`store::backup`] writes
//! it. Both snapshots are begun while no attempt can begin: whatever the simulator has done then belongs to an attempt
//! that our book knows.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use acquirer::simulator;
use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use store::backup::{self, BackupError};
use store::{Store, StoreError};

use crate::opened::Opened;
use crate::wiring;

/// How long the beginning of the two snapshots may take.
const PATIENCE: Duration = Duration::from_secs(30);
const OUR_BOOK: &str = "choba";
const SIMULATOR: &str = "simulator";

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
pub struct Parts {
    choba_backup_parts: Vec<Part>,
}

/// One part.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Part {
    name: String,
    bytes: u64,
}

/// Backs up to `path`; the number of rows. The file appears whole or not at all.
pub fn write(opened: &Opened, path: &Path) -> anyhow::Result<u64> {
    let beside = |suffix: &str| PathBuf::from(format!("{}.{suffix}", path.display()));
    let (ours, simulators, whole) = (beside("part1"), beside("part2"), beside("unfinished"));
    let written = write_parts(opened, &ours, &simulators).and_then(|rows| {
        join(&[(OUR_BOOK, &ours), (SIMULATOR, &simulators)], &whole)?;
        std::fs::rename(&whole, path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(rows)
    });
    for left_over in [ours, simulators, whole] {
        // Gone already after a success; after a failure that failure says more.
        let _ = std::fs::remove_file(left_over);
    }
    written
}

fn book_of(opened: &Opened) -> anyhow::Result<Store> {
    let database = wiring::simulator_database(opened.store.database());
    Store::open(database, simulator::MIGRATIONS, opened.clock.clone()).context("opening the book of the simulator")
}

/// Writes both parts from snapshots that were begun together.
fn write_parts(opened: &Opened, ours: &Path, simulators: &Path) -> anyhow::Result<u64> {
    let book = book_of(opened)?;
    let (held, locked) = mpsc::channel();
    let (begun, snapshots) = mpsc::channel();
    let (done, released) = mpsc::channel();
    std::thread::scope(|scope| {
        let store = opened.store.clone();
        let holder = scope.spawn(move || hold_attempts(&store, held, released));
        let together = locked.recv_timeout(PATIENCE).is_ok();
        let write_one = |store: Store, path: PathBuf, begun: mpsc::Sender<()>| {
            scope.spawn(move || write_snapshot(&store, &path, begun))
        };
        let first = write_one(opened.store.clone(), ours.to_owned(), begun.clone());
        let second = write_one(book, simulators.to_owned(), begun);
        let both = snapshots.recv_timeout(PATIENCE).and_then(|()| snapshots.recv_timeout(PATIENCE)).is_ok();
        drop(done);
        let kept = holder.join().map_err(|_| anyhow::anyhow!("holding the attempts panicked"))?;
        let rows = [first, second].map(|part| part.join().map_err(|_| anyhow::anyhow!("writing a part panicked")));
        let [ours, simulators] = rows;
        let rows = ours?? + simulators??;
        kept.context("holding new attempts back while the snapshots begin")?;
        if !(together && both) {
            bail!("the snapshots could not be begun together within {} s", PATIENCE.as_secs());
        }
        Ok(rows)
    })
}

/// Keeps new attempts from beginning until `released` hangs up.
fn hold_attempts(store: &Store, held: mpsc::Sender<()>, released: mpsc::Receiver<()>) -> Result<(), StoreError> {
    let released = std::sync::Mutex::new(released);
    store.write_blocking(move |tx| {
        pay::attempt::rows::hold(tx)?;
        // Nobody listens any more when this runs again: then it just ends.
        let _ = held.send(());
        let released = released.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let _ = released.recv_timeout(PATIENCE);
        Ok(())
    })
}

fn write_snapshot(store: &Store, path: &Path, begun: mpsc::Sender<()>) -> Result<u64, BackupError> {
    let path = path.to_owned();
    store.read_blocking(move |tx| {
        store::migration::applied(tx)?;
        let _ = begun.send(());
        let mut out = BufWriter::with_capacity(1 << 18, private(&path)?);
        let summary = backup::write_backup(tx, &mut out)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(summary.rows.iter().map(|(_, count)| count).sum())
    })
}

/// A new file that only this account reads.
fn private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    File::options().write(true).create(true).truncate(true).mode(0o600).open(path)
}

fn join(parts: &[(&str, &Path)], whole: &Path) -> anyhow::Result<()> {
    let mut out = BufWriter::new(private(whole)?);
    let part = |(name, path): &(&str, &Path)| {
        Ok::<_, io::Error>(Part { name: (*name).to_owned(), bytes: path.metadata()?.len() })
    };
    let header = Parts { choba_backup_parts: parts.iter().map(part).collect::<Result<_, _>>()? };
    writeln!(out, "{}", serde_json::to_string(&header)?)?;
    for (_, path) in parts {
        io::copy(&mut File::open(path)?, &mut out)?;
    }
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(())
}

/// Reads the first line and compares it with the length of the file.
pub fn parts(path: &Path) -> anyhow::Result<Parts> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut line = String::new();
    BufReader::new(file.take(4_096)).read_line(&mut line).context("this is no backup")?;
    let parts: Parts = serde_json::from_str(&line).context("this is no backup of choba")?;
    let expected = line.len() as u64 + parts.choba_backup_parts.iter().map(|part| part.bytes).sum::<u64>();
    if length != expected {
        bail!("the backup is damaged: it has {length} bytes, and its first line says {expected}");
    }
    Ok(parts)
}

/// Restores both parts into empty databases; the number of rows. Neither is kept unless both are whole.
pub fn read(opened: &Opened, path: &Path, parts: &Parts) -> anyhow::Result<u64> {
    let book = book_of(opened)?;
    let (ours, simulators) = (open_part(path, parts, OUR_BOOK)?, open_part(path, parts, SIMULATOR)?);
    let store = opened.store.clone();
    let rows = book.write_blocking(move |tx| {
        let simulators = simulators()?;
        let inner = backup::read_backup(tx, &mut BufReader::with_capacity(1 << 18, simulators))?;
        // Ours is committed inside of the other transaction: the simulator's follows only if ours is there.
        let ours = ours.clone();
        let outer =
            store.write_blocking(move |tx| backup::read_backup(tx, &mut BufReader::with_capacity(1 << 18, ours()?)))?;
        Ok::<_, BackupError>([inner, outer].iter().flat_map(|part| &part.rows).map(|(_, count)| *count).sum())
    })?;
    for store in [&book, &opened.store] {
        store.write_blocking(|tx| tx.analyse())?;
    }
    Ok(rows)
}

/// Opens a part, as often as a transaction runs again.
fn open_part(
    path: &Path,
    parts: &Parts,
    name: &str,
) -> anyhow::Result<impl Fn() -> io::Result<io::Take<File>> + Clone + Send + use<>> {
    let header = serde_json::to_string(parts)?.len() as u64 + 1;
    let before = parts.choba_backup_parts.iter().take_while(|part| part.name != name).map(|part| part.bytes);
    let start = header + before.sum::<u64>();
    let part = parts.choba_backup_parts.iter().find(|part| part.name == name);
    let bytes = part.with_context(|| format!("the backup has no part {name:?}"))?.bytes;
    let path = path.to_owned();
    Ok(move || {
        let mut file = File::open(&path)?;
        file.seek(SeekFrom::Start(start))?;
        Ok(file.take(bytes))
    })
}

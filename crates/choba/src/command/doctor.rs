//! `choba doctor`: would a server work here? Checks configuration, data folder, keys, disk and clock; changes nothing
//! but a probe file that it removes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use kernel::{Clock as _, Timestamp};
use serde::Serialize;
use shop::rows::SealedCredential;
use shop::vault::{Vault, VaultError};
use store::Store;

use crate::config::{DatabaseSettings, MasterKeySource, ServeFlags, Settings};
use crate::data_folder::{DATABASE_FILE, DataFolder, DataFolderError, LOCK_FILE};
use crate::master_key::{MasterKeyError, MasterKeys};
use crate::opened;
use crate::output;
use crate::system::{Stopwatch, SystemClock};

/// Flags of `choba doctor`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The settings a server would have.
    #[command(flatten)]
    pub flags: ServeFlags,
    /// One JSON object instead of lines
    #[arg(long)]
    pub json: bool,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Ok,
    Warning,
    Failure,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Finding {
    check: &'static str,
    outcome: Outcome,
    detail: String,
}

impl Finding {
    fn new(check: &'static str, outcome: Outcome, detail: impl Into<String>) -> Finding {
        Finding { check, outcome, detail: detail.into() }
    }
}

/// Prints what was found; exit status 1 if a server would not work here.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let findings = match Settings::resolve(&arguments.flags.inputs()) {
        Ok(settings) => examine(&settings),
        Err(problems) => {
            let finding =
                |problem: &crate::config::Problem| Finding::new("configuration", Outcome::Failure, problem.to_string());
            problems.0.iter().map(finding).collect()
        }
    };
    let failed = findings.iter().any(|finding| finding.outcome == Outcome::Failure);
    if arguments.json {
        output::line(serde_json::json!({"ok": !failed, "checks": findings}))?;
    } else {
        for Finding { check, outcome, detail } in &findings {
            let mark = match outcome {
                Outcome::Ok => "ok",
                Outcome::Warning => "WARNING",
                Outcome::Failure => "FAILURE",
            };
            output::line(format_args!("{mark:<8} {check}: {detail}"))?;
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn examine(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![configuration(settings), master_key(settings)];
    findings.extend(secrets(settings));
    match &settings.database {
        DatabaseSettings::Folder(folder) => {
            findings.extend([server(folder), database_file(folder), free_space(folder)]);
            findings.extend(disk(folder));
        }
        DatabaseSettings::Postgres { .. } => {
            let detail = "PostgreSQL; its durability settings are checked whenever a server starts";
            findings.push(Finding::new("database", Outcome::Ok, detail));
            findings.push(clock(None));
        }
    }
    findings
}

fn master_key(settings: &Settings) -> Finding {
    const CHECK: &str = "master key";
    let path = match &settings.master_key {
        MasterKeySource::Environment(keys) => {
            return Finding::new(CHECK, Outcome::Ok, format!("version {} from CHOBA_MASTER_KEY", keys.newest().0));
        }
        MasterKeySource::File(path) => path,
    };
    let has_data = match &settings.database {
        DatabaseSettings::Folder(folder) => folder.join(DATABASE_FILE).exists(),
        DatabaseSettings::Postgres { .. } => false,
    };
    match MasterKeys::load(path) {
        Ok(keys) => Finding::new(CHECK, Outcome::Ok, format!("version {} in {}", keys.newest().0, path.display())),
        Err(MasterKeyError::Missing(_)) if !has_data => {
            let detail = format!("none yet; the first start makes one in {}", path.display());
            Finding::new(CHECK, Outcome::Warning, detail)
        }
        Err(error) => Finding::new(CHECK, Outcome::Failure, error.to_string()),
    }
}

fn configuration(settings: &Settings) -> Finding {
    const CHECK: &str = "configuration";
    match settings.foreign_variables.as_slice() {
        [] => Finding::new(CHECK, Outcome::Ok, "every setting is understood"),
        names => {
            let detail = format!("nothing reads these environment variables: {}", names.join(", "));
            Finding::new(CHECK, Outcome::Warning, detail)
        }
    }
}

/// Whether the master key opens what is stored, as far as there is anything. Opens the database, and changes nothing.
fn secrets(settings: &Settings) -> Option<Finding> {
    const CHECK: &str = "stored secrets";
    if let DatabaseSettings::Folder(folder) = &settings.database
        && fs::metadata(folder.join(DATABASE_FILE)).map_or(0, |file| file.len()) == 0
    {
        return None;
    }
    let keys = match &settings.master_key {
        MasterKeySource::Environment(keys) => keys.clone(),
        // What is wrong with the file is told above.
        MasterKeySource::File(path) => MasterKeys::load(path).ok()?,
    };
    let vault = Vault::new(&keys.versions()).ok()?;
    let read = || {
        let store = Store::open_as_it_is(opened::database(&settings.database), Arc::new(SystemClock))?;
        store.read_blocking(shop::rows::credentials)
    };
    Some(match read() {
        Err(error) => {
            Finding::new(CHECK, Outcome::Failure, format!("{}: {error}", opened::describe(&settings.database)))
        }
        Ok(sealed) => opened_with(&sealed, &vault, keys.newest().0),
    })
}

/// What the keys at hand open of the secrets of shops.
fn opened_with(sealed: &[SealedCredential], vault: &Vault, newest: u32) -> Finding {
    const CHECK: &str = "stored secrets";
    let refused: Vec<VaultError> = sealed.iter().filter_map(|secret| secret.clone().open(vault).err()).collect();
    let (all, closed) = (sealed.len(), refused.len());
    let detail = match refused.first() {
        None => return Finding::new(CHECK, Outcome::Ok, format!("the master key opens all {all}")),
        Some(VaultError::UnknownVersion(version)) => format!(
            "wrong master key: {closed} of {all} are sealed under version {version}, and the keys at hand end with \
             version {newest}: add that version to them"
        ),
        Some(VaultError::DoesNotOpen(_)) if closed == all => format!(
            "wrong master key: none of {all} opens with it, although its version is theirs: it is the key of another \
             installation"
        ),
        Some(error @ (VaultError::DoesNotOpen(_) | VaultError::NoKey)) => {
            format!(
                "{closed} of {all} do not open, the others do, so the master key is right and they were altered: {error}"
            )
        }
    };
    Finding::new(CHECK, Outcome::Failure, detail)
}

/// Whether a server runs on this folder, told by its lock; the lock is given back at once.
fn server(folder: &Path) -> Finding {
    const CHECK: &str = "server";
    if !folder.join(LOCK_FILE).exists() {
        return Finding::new(CHECK, Outcome::Ok, format!("none has run on {} yet", folder.display()));
    }
    match DataFolder::lock(folder) {
        Ok(_) => Finding::new(CHECK, Outcome::Ok, format!("none is running on {}", folder.display())),
        Err(DataFolderError::InUse(_)) => {
            Finding::new(CHECK, Outcome::Ok, format!("one is running on {}", folder.display()))
        }
        Err(error) => Finding::new(CHECK, Outcome::Failure, error.to_string()),
    }
}

/// What every SQLite file begins with.
const SQLITE_MAGIC: &[u8; 16] = b"SQLite format 3\0";

fn database_file(folder: &Path) -> Finding {
    const CHECK: &str = "database";
    let path = folder.join(DATABASE_FILE);
    let read = || -> io::Result<(u64, bool)> {
        let mut file = OpenOptions::new().read(true).write(true).open(&path)?;
        let mut magic = [0; SQLITE_MAGIC.len()];
        let is_database = io::Read::read_exact(&mut file, &mut magic).is_ok() && magic == *SQLITE_MAGIC;
        Ok((file.metadata()?.len(), is_database))
    };
    match read() {
        Ok((bytes, true)) => Finding::new(CHECK, Outcome::Ok, format!("{}, {} MiB", path.display(), bytes >> 20)),
        Ok((0, false)) => Finding::new(CHECK, Outcome::Ok, format!("{} is still empty", path.display())),
        Ok((_, false)) => Finding::new(CHECK, Outcome::Failure, format!("{} is not a database", path.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Finding::new(CHECK, Outcome::Ok, format!("none yet; the first start makes {}", path.display()))
        }
        Err(error) => Finding::new(CHECK, Outcome::Failure, format!("{}: {error}", path.display())),
    }
}

/// Below this a server is about to stop taking writes.
const FREE_BYTES_LEAST: u64 = 100 << 20;
/// Below this somebody should know.
const FREE_BYTES_COMFORTABLE: u64 = 1 << 30;

fn free_space(folder: &Path) -> Finding {
    const CHECK: &str = "free space";
    let place = nearest_existing(folder);
    let free = match rustix::fs::statvfs(&place) {
        Ok(space) => space.f_bavail.saturating_mul(space.f_frsize),
        Err(error) => return Finding::new(CHECK, Outcome::Failure, format!("{}: {error}", place.display())),
    };
    let outcome = match free {
        0..FREE_BYTES_LEAST => Outcome::Failure,
        FREE_BYTES_LEAST..FREE_BYTES_COMFORTABLE => Outcome::Warning,
        FREE_BYTES_COMFORTABLE.. => Outcome::Ok,
    };
    Finding::new(CHECK, outcome, format!("{} MiB at {}", free >> 20, place.display()))
}

/// The folder itself, or the nearest one above it that exists.
fn nearest_existing(folder: &Path) -> PathBuf {
    let full = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    full.ancestors().find(|place| place.exists()).unwrap_or(Path::new("/")).to_owned()
}

/// Writing, syncing, and the clock of the file system, all with one probe file.
fn disk(folder: &Path) -> [Finding; 2] {
    let place = nearest_existing(folder);
    let name = format!(".choba-doctor-{}", kernel::outside::random_hex::<8>(&crate::system::OsEntropy));
    let path = place.join(name);
    let probed = probe(&path);
    // A probe that could not be made cannot be removed either; that is told below.
    let _ = fs::remove_file(&path);
    match probed {
        Ok(probe) => [sync_time(&place, probe.sync), clock(Some(probe.written))],
        Err(error) => {
            let detail = format!("{} cannot be written to: {error}", place.display());
            [Finding::new("disk", Outcome::Failure, detail), clock(None)]
        }
    }
}

struct Probe {
    /// The middle one of the times that syncing took.
    sync: Duration,
    /// When the file was written, by the file system's clock.
    written: Timestamp,
}

const PROBES: usize = 21;

fn probe(path: &Path) -> io::Result<Probe> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let mut times = Vec::with_capacity(PROBES);
    for _ in 0..PROBES {
        file.write_all(&[0x63; 4_096])?;
        let watch = Stopwatch::start();
        file.sync_data()?;
        times.push(watch.elapsed());
    }
    times.sort_unstable();
    Ok(Probe { sync: times[PROBES / 2], written: modified(&file)? })
}

fn modified(file: &File) -> io::Result<Timestamp> {
    let since = file.metadata()?.modified()?.duration_since(UNIX_EPOCH).map_err(io::Error::other)?;
    Ok(Timestamp::from_micros(i64::try_from(since.as_micros()).map_err(io::Error::other)?))
}

/// Slower than this, few payments a second can be made durable one by one.
const SYNC_SLOW: Duration = Duration::from_millis(20);
/// Faster than this, no disk or flash was reached.
const SYNC_IMPLAUSIBLE: Duration = Duration::from_micros(15);

fn sync_time(place: &Path, sync: Duration) -> Finding {
    let (outcome, remark) = match sync {
        sync if sync < SYNC_IMPLAUSIBLE => {
            (Outcome::Warning, "too fast to be true: this storage may lose what it says is written")
        }
        sync if sync > SYNC_SLOW => (Outcome::Warning, "slow: every payment waits for it"),
        _ => (Outcome::Ok, "the time one durable write takes"),
    };
    Finding::new("disk", outcome, format!("{} syncs in {} µs; {remark}", place.display(), sync.as_micros()))
}

/// This program did not exist before 2025.
const EARLIEST: Timestamp = Timestamp::from_seconds(1_735_689_600);
/// Nobody runs this version after 2100.
const LATEST: Timestamp = Timestamp::from_seconds(4_102_444_800);
/// How far the clocks of the machine and of its file system may be apart, in microseconds.
const APART_MICROS: i64 = 5_000_000;

fn clock(file_system: Option<Timestamp>) -> Finding {
    let now = SystemClock.now();
    let apart = file_system.map_or(0, |written| (now.micros() - written.micros()).abs());
    if !(EARLIEST..LATEST).contains(&now) {
        let detail = format!("the machine says it is {now}: set its clock");
        return Finding::new("clock", Outcome::Failure, detail);
    }
    if apart > APART_MICROS {
        let detail = format!("{now}; the file system's clock is {} s away from it", apart / 1_000_000);
        return Finding::new("clock", Outcome::Warning, detail);
    }
    Finding::new("clock", Outcome::Ok, now.to_string())
}

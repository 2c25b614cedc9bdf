//! What a command works on: settings that hold, the master keys, the database.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use kernel::Clock;
use shop::Vault;
use store::{Database, PostgresOptions, SqliteOptions, Store};

use crate::config::{DatabaseSettings, Inputs, MasterKeySource, Settings};
use crate::data_folder::{DATABASE_FILE, DataFolder};
use crate::master_key::{MasterKeyError, MasterKeys};
use crate::system::{OsEntropy, SystemClock};
use crate::wiring;

/// Whether the command may share the data folder with a running server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It serves, or replaces the data: nobody else may serve them meanwhile.
    Alone,
    /// The same, on data that exist already.
    AloneOnData,
    /// It works beside a running server, or reads.
    Shared,
}

/// Everything open.
pub struct Opened {
    /// As configured.
    pub settings: Settings,
    /// The master keys.
    pub keys: MasterKeys,
    /// The database, its schema brought up.
    pub store: Store,
    /// Machine time.
    pub clock: Arc<dyn Clock>,
    /// The lock of the data folder; held as long as this value. None for PostgreSQL and for [`Use::Shared`].
    pub folder: Option<DataFolder>,
}

impl Opened {
    /// Understands the configuration, begins to log, locks the data folder, loads the master keys, opens the database.
    /// Blocks; call it outside of a runtime.
    pub fn open(inputs: &Inputs, usage: Use) -> anyhow::Result<Opened> {
        let settings = Settings::resolve(inputs)?;
        crate::telemetry::install(&settings);
        Opened::with_settings(settings, usage)
    }

    /// Like [`Opened::open`], with settings that hold already.
    pub fn with_settings(settings: Settings, usage: Use) -> anyhow::Result<Opened> {
        if let (DatabaseSettings::Folder(path), Use::Shared | Use::AloneOnData) = (&settings.database, usage) {
            data_exist(path)?;
        }
        let folder = match (&settings.database, usage) {
            (DatabaseSettings::Folder(path), Use::Alone | Use::AloneOnData) => Some(DataFolder::lock(path)?),
            (DatabaseSettings::Folder(_), Use::Shared) | (DatabaseSettings::Postgres { .. }, _) => None,
        };
        let keys = master_keys(&settings)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let database = database(&settings.database);
        let opening = || format!("opening the database {}", describe(&settings.database));
        let store = Store::open(database, &wiring::migrations(), clock.clone()).with_context(opening)?;
        Ok(Opened { settings, keys, store, clock, folder })
    }

    /// The master keys, ready to seal and open.
    pub fn vault(&self) -> anyhow::Result<Arc<Vault>> {
        Ok(Arc::new(Vault::new(&self.keys.versions())?))
    }
}

fn data_exist(folder: &Path) -> anyhow::Result<()> {
    if folder.is_file() {
        anyhow::bail!("{} is a file: name the folder that the data are in with --data", folder.display());
    }
    if !folder.join(DATABASE_FILE).exists() {
        anyhow::bail!(
            "there are no data in {}: `choba serve` makes them, or name their folder with --data",
            folder.display()
        );
    }
    Ok(())
}

/// How the store opens the database of these settings.
pub fn database(settings: &DatabaseSettings) -> Database {
    match settings {
        DatabaseSettings::Folder(folder) => Database::Sqlite(SqliteOptions::new(folder.join(DATABASE_FILE))),
        DatabaseSettings::Postgres { url, ca_file } => {
            Database::Postgres(PostgresOptions { ca_file: ca_file.clone(), ..PostgresOptions::new(url.0.clone()) })
        }
    }
}

/// Loads the master keys. They are made only while there is no database file yet: a new key could not read its secrets.
fn master_keys(settings: &Settings) -> anyhow::Result<MasterKeys> {
    let path = match &settings.master_key {
        MasterKeySource::Environment(keys) => return Ok(keys.clone()),
        MasterKeySource::File(path) => path,
    };
    if existing_database(&settings.database).is_some() {
        return match MasterKeys::load(path) {
            Ok(keys) => Ok(keys),
            Err(error @ MasterKeyError::Missing(_)) => {
                let database = describe(&settings.database);
                Err(error).with_context(|| format!("the database {database} exists, and its secrets are sealed"))
            }
            Err(error) => Err(error.into()),
        };
    }
    let loaded = MasterKeys::load_or_create(path, &OsEntropy)?;
    if loaded.created {
        let path = path.display();
        tracing::warn!("a master key was made in {path}: keep a copy of it, no backup of the data contains it");
    }
    Ok(loaded.keys)
}

fn existing_database(settings: &DatabaseSettings) -> Option<PathBuf> {
    match settings {
        DatabaseSettings::Folder(folder) => Some(folder.join(DATABASE_FILE)).filter(|file| file.exists()),
        // Whether a server's database is new is known only after it was opened.
        DatabaseSettings::Postgres { .. } => None,
    }
}

/// The database in messages, without anything secret.
pub fn describe(settings: &DatabaseSettings) -> String {
    match settings {
        DatabaseSettings::Folder(folder) => folder.join(DATABASE_FILE).display().to_string(),
        DatabaseSettings::Postgres { .. } => "at database_url".to_owned(),
    }
}

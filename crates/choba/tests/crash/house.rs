//! Where a shop's data are, and how its server is started on them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use acquirer::simulator;
use choba::data_folder::DATABASE_FILE;
use choba::system::SystemClock;
use choba::wiring;
use store::{Database, PostgresOptions, SqliteOptions, Store};

use crate::server::Server;

/// The databases of one installation, and the home of its master key.
pub struct House {
    home: tempfile::TempDir,
    /// Of a PostgreSQL database; none: a folder in `home`.
    url: Option<String>,
}

impl House {
    /// On SQLite.
    pub fn of_folder() -> House {
        House { home: tempfile::tempdir().unwrap(), url: None }
    }

    /// On PostgreSQL.
    pub fn of_postgres(url: String) -> House {
        House { home: tempfile::tempdir().unwrap(), url: Some(url) }
    }

    /// The data folder.
    pub fn folder(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// Where tests put what is not the shop's.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// `choba` with the arguments, on these databases, with nothing of this process's environment.
    pub fn choba(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_choba"));
        command.args(arguments).args(self.place());
        self.at_home(command)
    }

    /// The flags that say where the data are.
    pub fn place(&self) -> [OsString; 2] {
        match &self.url {
            None => ["--data".into(), self.folder().into()],
            Some(url) => ["--database-url".into(), url.into()],
        }
    }

    /// The same server as another program runs it.
    pub fn at_home(&self, mut command: Command) -> Command {
        command.env_clear().env("HOME", self.home.path()).current_dir(self.home.path());
        // All requests come with one key, and all buyers from one address.
        for limit in ["PER_KEY", "CHECKOUTS_PER_ADDRESS", "CARDS_PER_BUYER", "CARDS_PER_ADDRESS"] {
            command.env(format!("CHOBA_RATE_LIMIT_{limit}"), "1000000");
        }
        command
    }

    /// `choba serve`.
    pub fn serving(&self) -> Command {
        let flags = ["serve", "--listen", "127.0.0.1:0", "--metrics-listen", "off", "--log-format", "json"];
        let mut command = self.choba(&flags);
        // Shops' servers of the tests are on this machine.
        command.env("CHOBA_OUTBOUND_EXCEPTIONS", "127.0.0.1");
        // The address that this one knows: the URL of a house on PostgreSQL may be a proxy's.
        command.env("CHOBA_BASE_URL", "http://choba.test");
        command
    }

    /// Starts a server.
    pub fn serve(&self) -> Server {
        Server::try_start(self.serving()).unwrap_or_else(|printed| panic!("the server did not start: {printed}"))
    }

    /// The private key of the sandbox.
    pub fn sandbox_key(&self) -> String {
        self.key_of_sandbox("private_key")
    }

    /// A key of the sandbox, by its kind.
    pub fn key_of_sandbox(&self, kind: &str) -> String {
        let output = self.choba(&["keys", "--json"]).output().unwrap();
        let keys: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let sandbox = keys.as_array().unwrap().iter().find(|keys| keys["environment"] == "sandbox").unwrap();
        sandbox[kind].as_str().unwrap().to_owned()
    }

    /// `choba verify` finds nothing.
    pub fn verify(&self) {
        let output = self.choba(&["verify"]).output().unwrap();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "verify: {}{}", text(&output.stdout), text(&output.stderr));
    }

    fn database(&self) -> Database {
        match &self.url {
            None => Database::Sqlite(SqliteOptions::new(self.folder().join(DATABASE_FILE))),
            Some(url) => {
                Database::Postgres(PostgresOptions { writers: 1, readers: 1, ..PostgresOptions::new(url.clone()) })
            }
        }
    }

    /// Our own book, beside the server if one runs.
    pub fn store(&self) -> Store {
        Store::open(self.database(), &wiring::migrations(), Arc::new(SystemClock)).unwrap()
    }

    /// The acquirer's book.
    pub fn book(&self) -> Store {
        let database = wiring::simulator_database(&self.database());
        Store::open(database, simulator::MIGRATIONS, Arc::new(SystemClock)).unwrap()
    }
}

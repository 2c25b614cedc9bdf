//! A `choba serve --demo` of our own: started on a free port, asked when it answers, stopped at the end.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::{http, process};

/// What our own throw-away servers run with, whatever the developer's environment says. The load comes from one key and
/// one address, which a real server would slow down.
const ENVIRONMENT: [(&str, &str); 4] = [
    ("CHOBA_MASTER_KEY", "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"),
    ("CHOBA_RATE_LIMIT_PER_KEY", "1000000"),
    ("CHOBA_RATE_LIMIT_LOGINS_PER_ADDRESS", "1000000"),
    ("CHOBA_RMS_RATE_LIMIT", "1000000"),
];
const READY_WITHIN: Duration = Duration::from_secs(120);

/// Which database the server uses.
#[derive(Clone, Debug)]
pub enum Database {
    /// SQLite in a folder.
    Folder(PathBuf),
    /// PostgreSQL. The folder holds what is not in the database.
    Url(String, PathBuf),
}

impl Database {
    /// The options every `choba` command takes to find the database.
    pub fn arguments(&self) -> Vec<String> {
        match self {
            Database::Folder(folder) => vec!["--data".to_owned(), folder.display().to_string()],
            Database::Url(url, _) => vec!["--database-url".to_owned(), url.clone()],
        }
    }

    /// The folder on this machine.
    pub fn folder(&self) -> &Path {
        match self {
            Database::Folder(folder) | Database::Url(_, folder) => folder,
        }
    }
}

/// A running server. Dropping it stops it; should xtask be killed, the system ends it.
pub struct Server {
    child: Child,
    /// Where it serves.
    pub address: SocketAddr,
    /// Where it shows its metrics.
    pub metrics: SocketAddr,
    /// Everything it printed.
    pub log: PathBuf,
    /// From the start of the program to its first answer.
    pub first_answer: Duration,
}

impl Server {
    /// Starts `binary` on `database` and waits for its first answer. What it prints is added to `log`.
    pub fn start(binary: &Path, database: &Database, log: &Path) -> Result<Server> {
        let address = SocketAddr::from(([127, 0, 0, 1], process::free_port()?));
        let metrics = SocketAddr::from(([127, 0, 0, 1], process::free_port()?));
        let file = fs::File::options().create(true).append(true).open(log)?;
        let mut command = process::bound("KILL", binary);
        command.args(["serve", "--demo", "--listen", &address.to_string(), "--metrics-listen", &metrics.to_string()]);
        with_environment(&mut command).args(database.arguments()).current_dir(database.folder());
        let started = Instant::now();
        let child =
            command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).spawn().context("starting choba")?;
        let mut server = Server { child, address, metrics, log: log.to_owned(), first_answer: Duration::ZERO };
        server.wait_for_answer(started)?;
        server.first_answer = started.elapsed();
        Ok(server)
    }

    fn wait_for_answer(&mut self, started: Instant) -> Result<()> {
        loop {
            if http::get(self.address, "/healthz", None).is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("choba serve ended at once: {status}: {}", self.printed()?.trim());
            }
            if READY_WITHIN < started.elapsed() {
                bail!(
                    "choba serve did not answer within {} seconds: {}",
                    READY_WITHIN.as_secs(),
                    self.printed()?.trim()
                );
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// What the server printed so far.
    pub fn printed(&self) -> Result<String> {
        fs::read_to_string(&self.log).with_context(|| format!("reading {}", self.log.display()))
    }

    /// The server's process number.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Whether the server is still there.
    pub fn is_running(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Asks the server to finish what it accepted and to stop; an error if it has to be ended.
    pub fn stop(mut self) -> Result<()> {
        if process::stop(&mut self.child, "TERM", Duration::from_secs(30)) {
            return Ok(());
        }
        bail!("choba serve did not stop within 30 seconds: {}", self.printed()?.trim())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            process::stop(&mut self.child, "TERM", Duration::from_secs(5));
        }
    }
}

/// Gives `command` the environment of our throw-away servers, and nothing of the developer's own settings.
pub fn with_environment(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CHOBA_")) {
        command.env_remove(name);
    }
    command.envs(ENVIRONMENT)
}

/// The private key of the sandbox, as `choba keys --json` shows it.
pub fn sandbox_private_key(binary: &Path, database: &Database) -> Result<String> {
    private_key(binary, database, "sandbox")
}

/// The private key of an environment that shows its keys: `sandbox` or `test`.
pub fn private_key(binary: &Path, database: &Database, environment: &str) -> Result<String> {
    let printed = process::output(&mut choba(binary, database, &["keys", "--json"]))?;
    let keys: serde_json::Value = serde_json::from_str(&printed).context("what `choba keys --json` printed")?;
    let wanted = keys.as_array().into_iter().flatten().find(|key| key["environment"] == environment);
    let key = wanted.and_then(|key| key["private_key"].as_str());
    Ok(key.with_context(|| format!("`choba keys --json` has no {environment} key"))?.to_owned())
}

/// What the demo shop's programs send to the RMS order API to prove whose they are.
pub fn esa(binary: &Path, database: &Database) -> Result<String> {
    let printed = process::output(&mut choba(binary, database, &["mall", "licence"]))?;
    let line = printed.lines().find_map(|line| line.strip_prefix("Authorization"));
    Ok(line.context("`choba mall licence` shows no Authorization")?.trim().to_owned())
}

/// A new token with these scopes, for all shops.
pub fn token(binary: &Path, database: &Database, scopes: &[&str]) -> Result<String> {
    let flags = scopes.iter().flat_map(|scope| ["--scope", scope]);
    let arguments: Vec<&str> = ["token", "create"].into_iter().chain(flags).collect();
    Ok(process::output(&mut choba(binary, database, &arguments))?.trim().to_owned())
}

/// What a `choba` command prints that works on the database.
pub fn ask(binary: &Path, database: &Database, arguments: &[&str]) -> Result<String> {
    process::output(&mut choba(binary, database, arguments))
}

fn choba(binary: &Path, database: &Database, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary);
    command.args(arguments).args(database.arguments()).current_dir(database.folder());
    with_environment(&mut command);
    command
}

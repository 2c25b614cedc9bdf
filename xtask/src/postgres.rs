//! A PostgreSQL 15 server of our own: made in a temporary folder, durable, on the loopback interface, gone afterwards.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process;

/// The user that the server runs as when we are root, because it refuses root.
const USER: &str = "postgres";
const PREFIX: &str = "choba-xtask-pg-";
const ATTEMPTS: usize = 3;
const READY_WITHIN: Duration = Duration::from_secs(60);

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A running server. Dropping it stops the server and removes its folder; should xtask be killed, the system stops it.
pub struct Postgres {
    child: Child,
    folder: PathBuf,
    binaries: PathBuf,
    port: u16,
}

/// What differs between one server and another.
pub struct Settings {
    /// Connections it accepts.
    pub connections: u32,
    /// Memory for pages, as PostgreSQL writes it.
    pub shared_buffers: &'static str,
}

impl Postgres {
    /// Makes a cluster below `base`, which any user may enter, and starts it with the programs in `binaries`.
    pub fn start(binaries: &Path, base: &Path, settings: &Settings) -> Result<Postgres> {
        remove_left_behind(base);
        let folder = base.join(format!("{PREFIX}{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir(&folder).with_context(|| format!("making {}", folder.display()))?;
        let made = make_cluster(binaries, &folder).and_then(|()| start_somewhere(binaries, &folder, settings));
        match made {
            Ok((child, port)) => Ok(Postgres { child, folder, binaries: binaries.to_owned(), port }),
            Err(error) => {
                let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
                let _removed = fs::remove_dir_all(&folder);
                Err(error.context(format!("the server said: {}", log.trim())))
            }
        }
    }

    /// Where a client finds `database`.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{database}", self.port)
    }

    /// One of the programs that came with the server, already told where the server is.
    pub fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.join(program));
        command.args(["-h", "127.0.0.1", "-U", USER, "-p"]).arg(self.port.to_string());
        command
    }

    /// What one statement in `database` answers, as plain text.
    pub fn ask(&self, database: &str, statement: &str) -> Result<String> {
        let answer = process::output(self.client("psql").args([
            "-XAtq",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            database,
            "-c",
            statement,
        ]))?;
        Ok(answer.trim().to_owned())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's fast shutdown: it disconnects everyone and stops cleanly.
        process::stop(&mut self.child, "INT", Duration::from_secs(20));
        let _removed = fs::remove_dir_all(&self.folder);
    }
}

fn make_cluster(binaries: &Path, folder: &Path) -> Result<()> {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    if is_root()? {
        process::output(Command::new("chown").arg(format!("{USER}:")).arg(folder))?;
    }
    let mut command = as_server_user("KILL", &binaries.join("initdb"))?;
    // Text is sorted by the rules of a language unless a column says otherwise, so that a forgotten COLLATE shows.
    command.args(["--locale=C", "--locale-provider=icu", "--icu-locale=en-US", "--encoding=UTF8"]);
    command
        .args(["--auth=trust", "--no-sync", "--username", USER, "--pgdata"])
        .arg(folder.join("data"))
        .current_dir(folder);
    process::output(&mut command)?;
    Ok(())
}

/// Another program may take the free port before the server does, so a failed start is tried again elsewhere.
fn start_somewhere(binaries: &Path, folder: &Path, settings: &Settings) -> Result<(Child, u16)> {
    let mut failure = None;
    for _ in 0..ATTEMPTS {
        let port = process::free_port()?;
        let mut child = start_server(binaries, folder, settings, port)?;
        match wait_until_ready(binaries, &mut child, port) {
            Ok(()) => return Ok((child, port)),
            Err(error) => failure = Some(error),
        }
        process::stop(&mut child, "QUIT", Duration::from_secs(10));
    }
    Err(failure.context("never tried")?)
}

fn start_server(binaries: &Path, folder: &Path, settings: &Settings, port: u16) -> Result<Child> {
    let log = fs::File::options().create(true).append(true).open(folder.join("log"))?;
    let mut command = as_server_user("INT", &binaries.join("postgres"))?;
    command.arg("-D").arg(folder.join("data")).arg("-p").arg(port.to_string()).current_dir(folder);
    let fixed =
        ["listen_addresses=127.0.0.1", "fsync=on", "synchronous_commit=on", "full_page_writes=on", "timezone=UTC"];
    let more = [
        format!("unix_socket_directories={}", folder.display()),
        format!("max_connections={}", settings.connections),
        format!("shared_buffers={}", settings.shared_buffers),
    ];
    for setting in fixed.into_iter().map(str::to_owned).chain(more) {
        command.args(["-c", &setting]);
    }
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn().context("starting PostgreSQL")
}

fn wait_until_ready(binaries: &Path, child: &mut Child, port: u16) -> Result<()> {
    let until = Instant::now() + READY_WITHIN;
    loop {
        if let Some(status) = child.try_wait()? {
            bail!("PostgreSQL ended at once: {status}");
        }
        let mut ready = Command::new(binaries.join("pg_isready"));
        ready.args(["-q", "-h", "127.0.0.1", "-U", USER, "-d", "postgres", "-p"]).arg(port.to_string());
        if ready.stdin(Stdio::null()).status().context("running pg_isready")?.success() {
            return Ok(());
        }
        if until < Instant::now() {
            bail!("PostgreSQL was not ready within {} seconds", READY_WITHIN.as_secs());
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// A command as the server's user, which the system ends with `signal` when xtask is gone.
fn as_server_user(signal: &str, program: &Path) -> Result<Command> {
    if !is_root()? {
        return Ok(process::bound(signal, program));
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", USER, "--regid", USER, "--init-groups", "--pdeathsig", signal, "--"]).arg(program);
    Ok(command)
}

/// Whether this process runs as root.
pub fn is_root() -> Result<bool> {
    Ok(fs::metadata("/proc/self").context("reading /proc/self")?.uid() == 0)
}

/// Removes folders of servers whose xtask was killed.
fn remove_left_behind(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next()?.parse::<u32>().ok());
        if owner.is_some_and(|process| !Path::new(&format!("/proc/{process}")).exists()) {
            let _removed = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_answers_and_leaves_nothing_behind() {
        let binaries = crate::packages::postgres_folder();
        let settings = Settings { connections: 7, shared_buffers: "16MB" };
        let base = std::env::temp_dir();
        let server = Postgres::start(&binaries, &base, &settings).unwrap();
        let ask = |question: &str| server.ask("postgres", question).unwrap();
        assert_eq!(ask("SELECT current_setting('fsync') || current_setting('max_connections')"), "on7");
        assert!(ask("SELECT version()").starts_with("PostgreSQL 15"));
        assert!(server.url("postgres").starts_with("postgres://postgres@127.0.0.1:"));
        let (folder, process) = (server.folder.clone(), server.child.id());
        drop(server);
        assert!(!folder.exists());
        assert!(!Path::new(&format!("/proc/{process}")).exists());
    }

    #[test]
    fn what_a_killed_run_left_behind_is_removed() {
        let base = std::env::temp_dir().join(format!("choba-left-behind-{}", std::process::id()));
        // Process numbers end far below this one.
        let dead = base.join(format!("{PREFIX}4294967295-0"));
        let own = base.join(format!("{PREFIX}{}-0", std::process::id()));
        for folder in [&dead, &own] {
            fs::create_dir_all(folder).unwrap();
        }
        remove_left_behind(&base);
        assert_eq!((dead.exists(), own.exists()), (false, true));
        fs::remove_dir_all(base).unwrap();
    }
}

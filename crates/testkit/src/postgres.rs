//! A real PostgreSQL for tests: one server for the process, a fresh database for each test.
//!
//! `CHOBA_TEST_POSTGRES_URL` names a server that is running already (a superuser's URL of the database `postgres`).
//! Otherwise one is made in a temporary folder; it goes away with this process, however that ends. Text is sorted by the
//! rules of a language unless a column says otherwise, so that a forgotten COLLATE shows.

use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;

use postgres::{Client, Config, NoTls};

/// A server, and how its superuser reaches it.
pub struct PostgresServer {
    user: String,
    password: Option<String>,
    address: SocketAddr,
    running: Option<Running>,
}

/// How a server ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// `kill -9` of the postmaster; the other processes notice and end.
    Kill,
    /// An immediate stop: no checkpoint, every connection is cut.
    Immediate,
}

/// A fresh, empty database, which goes away with this or with the server.
pub struct TestDatabase {
    server: &'static PostgresServer,
    name: String,
}

impl PostgresServer {
    /// The server that the tests of this process share.
    pub fn shared() -> &'static PostgresServer {
        static SERVER: OnceLock<PostgresServer> = OnceLock::new();
        SERVER.get_or_init(|| match std::env::var("CHOBA_TEST_POSTGRES_URL") {
            Ok(url) => PostgresServer::running_at(&url),
            Err(_) => PostgresServer::start(&[]),
        })
    }

    /// A server of its own, with settings beside the usual ones.
    pub fn start(settings: &[(&str, &str)]) -> PostgresServer {
        let binaries = binaries();
        let folder = tempfile::Builder::new().prefix("choba-pg-").tempdir().expect("a temporary folder");
        let account = Account::of_server(folder.path());
        account.give(folder.path());
        let data = folder.path().join("data");
        let made = account
            .command(&binaries.join("initdb"))
            .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--lc-messages=C", "--locale=C"])
            .args(["--locale-provider=icu", "--icu-locale=en-US", "-D"])
            .arg(&data)
            .output()
            .expect("running initdb");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        for _ in 0..5 {
            // Another process may take the port before the server does: then the next one is tried.
            let address = free_address();
            if let Some(running) = Running::start(&account, &binaries, folder.path(), address, settings) {
                std::mem::forget(folder);
                return PostgresServer { user: "postgres".into(), password: None, address, running: Some(running) };
            }
        }
        panic!("PostgreSQL does not start: see {}", folder.keep().join("log-0").display());
    }

    fn running_at(url: &str) -> PostgresServer {
        let config: Config = url.parse().expect("CHOBA_TEST_POSTGRES_URL is a database URL");
        let host = match config.get_hosts().first() {
            Some(postgres::config::Host::Tcp(host)) if host == "localhost" => "127.0.0.1",
            Some(postgres::config::Host::Tcp(host)) => host,
            Some(postgres::config::Host::Unix(_)) | None => panic!("CHOBA_TEST_POSTGRES_URL must name 127.0.0.1"),
        };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        PostgresServer {
            user: config.get_user().unwrap_or("postgres").to_owned(),
            password: config.get_password().map(|bytes| String::from_utf8_lossy(bytes).into_owned()),
            address: SocketAddr::new(host.parse().expect("an address in CHOBA_TEST_POSTGRES_URL"), port),
            running: None,
        }
    }

    /// Ends every process of the server at once and starts it again on the same folder and port. Only of a server that
    /// [`PostgresServer::start`] made.
    pub fn crash(&mut self, how: Crash) {
        self.running.as_mut().expect("a server of its own").crash(how);
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of a database, reached at `address` (the server's own, or a proxy's).
    pub fn url(&self, database: &str, address: SocketAddr) -> String {
        let password = self.password.as_ref().map(|password| format!(":{password}")).unwrap_or_default();
        format!("postgres://{}{password}@{address}/{database}", self.user)
    }

    /// Runs SQL in a database, as the superuser.
    pub fn execute(&self, database: &str, sql: &str) {
        self.try_execute(database, sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// On a thread of its own: the client cannot be used where asynchronous tests run.
    fn try_execute(&self, database: &str, sql: &str) -> Result<(), postgres::Error> {
        let url = self.url(database, self.address);
        std::thread::scope(|scope| {
            let executed = scope.spawn(|| Client::connect(&url, NoTls)?.batch_execute(sql));
            executed.join().expect("the client does not panic")
        })
    }

    /// A fresh, empty database.
    pub fn database(&'static self) -> TestDatabase {
        // The keys of a hash table are random: enough for a name that no other test has.
        let name = format!("t_{:016x}", RandomState::new().build_hasher().finish());
        self.execute("postgres", &format!("CREATE DATABASE {name}"));
        TestDatabase { server: self, name }
    }
}

impl TestDatabase {
    /// A fresh, empty database on the shared server.
    pub fn new() -> TestDatabase {
        PostgresServer::shared().database()
    }

    /// How the superuser reaches it.
    pub fn url(&self) -> String {
        self.url_through(self.server.address)
    }

    /// The same through a proxy.
    pub fn url_through(&self, proxy: SocketAddr) -> String {
        self.server.url(&self.name, proxy)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// Runs SQL in it, on a connection of its own.
    pub fn execute(&self, sql: &str) {
        self.server.execute(&self.name, sql);
    }
}

impl Default for TestDatabase {
    fn default() -> TestDatabase {
        TestDatabase::new()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // A server of this process goes away with everything in it; dropping would only cost a checkpoint.
        if self.server.running.is_some() {
            return;
        }
        // What cannot be dropped goes away with its server.
        let _ = self.server.try_execute("postgres", &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

/// A server process and its guard, which ends it when this end of the pipe closes: even when this process was killed.
struct Running {
    guard: Child,
    pipe: Option<ChildStdin>,
    folder: PathBuf,
    starts: usize,
}

/// Ends the server and removes its folder as soon as nobody holds the other end of standard input. A line there names a
/// signal to end it with and the log of its next start.
const GUARD: &str = r#"
start() { "$@" 2>"$log" & server=$!; }
log="$0/log-0"
start "$@"
while read -r signal log; do
    kill -"$signal" "$server" 2>/dev/null
    wait "$server" 2>/dev/null
    start "$@"
done
kill -QUIT "$server" 2>/dev/null
wait "$server"
rm -rf "$0"
"#;

impl Running {
    /// Starts the server; none if it does not come up.
    fn start(
        account: &Account,
        binaries: &Path,
        folder: &Path,
        address: SocketAddr,
        settings: &[(&str, &str)],
    ) -> Option<Running> {
        let log = log_of(folder, 0);
        let server = account.command(&binaries.join("postgres"));
        let mut guard = Command::new("sh");
        guard.arg("-c").arg(GUARD).arg(folder).arg(server.get_program()).args(server.get_args());
        guard.arg("-D").arg(folder.join("data")).arg("-k").arg(folder).arg("-p").arg(address.port().to_string());
        guard.args(["-h", "127.0.0.1", "-c", "max_connections=400", "-c", "fsync=on", "-c", "autovacuum=off"]);
        for (name, value) in settings {
            guard.arg("-c").arg(format!("{name}={value}"));
        }
        let mut guard = guard.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("starting sh");
        let pipe = guard.stdin.take();
        let running = Running { guard, pipe, folder: folder.to_owned(), starts: 1 };
        wait_until_ready(&log).then_some(running)
    }

    fn crash(&mut self, how: Crash) {
        let mut signal = match how {
            Crash::Kill => "KILL",
            Crash::Immediate => "QUIT",
        };
        // As long as processes of the killed server are still there, the next one does not start.
        loop {
            let log = log_of(&self.folder, self.starts);
            self.starts += 1;
            let pipe = self.pipe.as_mut().expect("the server is running");
            writeln!(pipe, "{signal} {}", log.display()).expect("telling the guard");
            if wait_until_ready(&log) {
                return;
            }
            assert!(self.starts < 10_000, "PostgreSQL does not start again: see {}", log.display());
            signal = "KILL";
        }
    }
}

/// The log of a start; made here, so that it can be followed at once.
fn log_of(folder: &Path, start: usize) -> PathBuf {
    let log = folder.join(format!("log-{start}"));
    File::create(&log).expect("making the server's log");
    log
}

/// Follows the log until it says that connections are accepted, or that the server has ended. Clients that come while it
/// recovers are turned away, which is logged too.
fn wait_until_ready(log: &Path) -> bool {
    let mut lines = BufReader::new(File::open(log).expect("opening the server's log"));
    let mut text = String::new();
    loop {
        let read = lines.read_line(&mut text).expect("reading the server's log");
        if text.contains("ready to accept connections") {
            return true;
        }
        let ended = text.contains("FATAL:") && !text.contains("the database system is");
        if text.ends_with('\n') && (ended || text.contains("could not")) {
            return false;
        }
        if read == 0 {
            std::thread::yield_now();
        } else if text.ends_with('\n') {
            text.clear();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.pipe = None;
        let _ = self.guard.wait();
    }
}

/// Under which account the server runs: PostgreSQL refuses to run as root.
enum Account {
    Own,
    Postgres,
}

impl Account {
    fn of_server(folder: &Path) -> Account {
        use std::os::unix::fs::MetadataExt;
        let own = std::fs::metadata(folder).expect("the temporary folder").uid();
        if own == 0 { Account::Postgres } else { Account::Own }
    }

    fn give(&self, folder: &Path) {
        match self {
            Account::Own => {}
            Account::Postgres => {
                let given = Command::new("chown").arg("postgres").arg(folder).status().expect("running chown");
                assert!(given.success(), "the account postgres is needed to run PostgreSQL from root");
            }
        }
    }

    fn command(&self, program: &Path) -> Command {
        match self {
            Account::Own => Command::new(program),
            Account::Postgres => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]).arg(program);
                command.current_dir("/");
                command
            }
        }
    }
}

/// The folder with `initdb` and `postgres`.
fn binaries() -> PathBuf {
    let named = std::env::var_os("CHOBA_TEST_PG_BIN").map(PathBuf::from);
    let packaged = PathBuf::from("/usr/lib/postgresql/15/bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let candidates = named.into_iter().chain([packaged]).chain(std::env::split_paths(&path));
    candidates
        .into_iter()
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
        .expect("PostgreSQL 15 was not found: run `cargo xtask test`, or name its folder in CHOBA_TEST_PG_BIN")
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("the address of a listener")
}

//! Answers leave after the sync. A killed process keeps what it wrote in the page cache, so these servers run on a disk
//! that forgets, at the cut, everything that was not synced (crates/testkit/interpose/forgetful.c).

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use choba::app::RunningApp;
use choba::cli::Cli;
use choba::opened::{Opened, Use, database};
use choba::serve::ServeSettings;
use choba::system::SystemClock;
use choba::wiring::{self, Limits, Wired};
use clap::Parser as _;
use store::{Database, SqliteOptions, Store, Synchronous};

use crate::books::Releases;
use crate::house::House;
use crate::office::{self, Office};
use crate::server::Server;

/// Cuts of the server as it is shipped.
const ROUNDS: u64 = 8;
/// Cuts after which a server that does not sync must have lost something.
const ROUNDS_UNSYNCED: u64 = 3;
/// Names the arguments of [`serve_without_syncing`].
const UNSYNCED: &str = "CRASH_TEST_SERVES_WITHOUT_SYNCING";

#[test]
fn nothing_acknowledged_is_lost_when_the_power_is_cut() {
    let dice = office::dice("forgetful");
    let house = House::of_folder();
    let disk = Disk::of(&house);
    let server = house.serve();
    let mut office = Office::of(&house, &dice);
    stop(server);
    let mut undone = 0;
    for round in 0..ROUNDS {
        // Whether the disk was in the middle of writing what it had not been told to write yet.
        let cut = [b'C', b'T'][round as usize % 2];
        let server = start(disk.under(house.serving()));
        let forgot = disk.cut_under_load(server, &mut office, cut, (1 + dice.below(250), dice.below(5_000)));
        println!("the disk forgot {forgot} changes; {} requests answered so far", office.answered());
        undone += forgot;
        let server = house.serve();
        assert_eq!(office.forgotten(&server), 0);
        office.settle(&server);
        office.assert_all(&house, &server, Releases::UnderWay);
        stop(server);
    }
    assert!(undone > 0, "the disk forgot nothing, so nothing is proved");
}

/// The test above can fail.
#[test]
fn a_server_that_does_not_sync_loses_what_it_acknowledged() {
    let dice = office::dice("forgetful, unsynced");
    let lost = (0..ROUNDS_UNSYNCED).any(|_| {
        let house = House::of_folder();
        let disk = Disk::of(&house);
        let server = house.serve();
        let mut office = Office::of(&house, &dice);
        stop(server);
        let server = start(disk.under(serving_without_syncing(&house)));
        disk.cut_under_load(server, &mut office, b'C', (100, dice.below(5_000)));
        office.forgotten(&house.serve()) > 0
    });
    assert!(lost, "nothing was lost although nothing was synced: the disk does not forget");
}

/// The disk of a house.
pub struct Disk {
    library: PathBuf,
    pipe: PathBuf,
    folder: PathBuf,
}

impl Disk {
    /// Builds the library.
    pub fn of(house: &House) -> Disk {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/interpose/forgetful.c");
        let (library, pipe) = (house.home().join("forgetful.so"), house.home().join("power"));
        let mut compiler = Command::new("cc");
        compiler.args(["-Wall", "-Werror", "-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source);
        let built = compiler.args(["-ldl", "-lpthread"]).output().expect("a C compiler");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        Disk { library, pipe, folder: house.folder() }
    }

    /// The program on this disk.
    pub fn under(&self, mut command: Command) -> Command {
        command.env("LD_PRELOAD", &self.library).env("FORGETFUL_FOLDER", &self.folder);
        command.env("FORGETFUL_PIPE", &self.pipe);
        command
    }

    /// Tells the disk what is at the beginning of its source: `C` or `T` cut, `F` full, `E` empty again.
    pub fn tell(&self, command: u8) {
        let pipe = OpenOptions::new().write(true).open(&self.pipe);
        pipe.and_then(|mut pipe| pipe.write_all(&[command])).expect("the server reads its commands");
    }

    /// Cuts the power after so many answers and microseconds; how many changes were forgotten.
    fn cut_under_load(&self, server: Server, office: &mut Office, cut: u8, (moment, then_micros): (u64, u64)) -> u64 {
        office.work_until_gone(&server, moment, || {
            office::spin(then_micros);
            self.tell(cut);
        });
        let (_, printed) = server.ended();
        let undone = printed.lines().find_map(|line| line.strip_prefix("forgetful: undone "));
        undone.and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("the power was not cut: {printed}"))
    }
}

fn start(command: Command) -> Server {
    Server::try_start(command).unwrap_or_else(|printed| panic!("the server did not start: {printed}"))
}

fn stop(server: Server) {
    server.terminate();
    let (status, printed) = server.ended();
    assert!(status.success(), "{printed}");
}

/// This program as a server whose databases do not sync: the shipped one has no such switch.
fn serving_without_syncing(house: &House) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "forgetful::serve_without_syncing", "--nocapture"]);
    let mut command = house.at_home(command);
    command.env(UNSYNCED, house.folder());
    command
}

/// No test of its own: see [`serving_without_syncing`].
#[test]
fn serve_without_syncing() {
    let Ok(folder) = std::env::var(UNSYNCED) else { return };
    let flags = ["--listen", "127.0.0.1:0", "--metrics-listen", "off", "--log-format", "json", "--data", &folder];
    let line = Cli::try_parse_from(["choba", "serve"].iter().chain(&flags)).unwrap();
    let choba::cli::Command::Serve(arguments) = line.command else { panic!("another command") };
    let mut opened = Opened::open(&arguments.flags.inputs(), Use::Alone).unwrap();
    let Database::Sqlite(options) = database(&opened.settings.database) else { panic!("another database") };
    let options = SqliteOptions { synchronous: Synchronous::Off, ..options };
    opened.store = Store::open(Database::Sqlite(options), &wiring::migrations(), Arc::new(SystemClock)).unwrap();
    let wired = Wired::of(&opened).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let settings = ServeSettings::configured(&opened.settings).unwrap();
        let running: RunningApp = wired.app(Limits::configured(&opened.settings)).start(settings).await.unwrap();
        let listening = running.address();
        tracing::info!(%listening, "ready");
        std::future::pending::<()>().await;
    });
}

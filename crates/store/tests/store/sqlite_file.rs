//! SQLite's file on a disk that fails: full, not growing, read-only, locked by another process.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use store::{Database, ErrorKind, SqliteOptions, Store, StoreError, params};
use testkit::sim_clock::SimClock;

use crate::fixture::{Fixture, SHOP, insert_note, migrations};

fn open(file: &Path, busy_timeout_ms: u64) -> Result<Store, StoreError> {
    let options = SqliteOptions { busy_timeout_ms, ..SqliteOptions::new(file) };
    Store::open(Database::Sqlite(options), &migrations(), Arc::new(SimClock::default()))
}

/// Two rows that are only right together; the first is small and the second is not.
fn insert_pair(store: &Store, number: usize, bytes: usize) -> Result<u64, StoreError> {
    store.write_blocking(move |tx| {
        insert_note(tx, &format!("{number:04}-small"))?;
        let sql = "INSERT INTO note (shop_id, note_id, amount, seal) VALUES ($1, $2, 2, $3)";
        tx.execute(sql, &params![SHOP, format!("{number:04}-large"), vec![7; bytes]])
    })
}

fn rows(store: &Store) -> i64 {
    store.read_blocking::<_, StoreError, _>(|tx| tx.query_one("SELECT count(*) FROM note", &[])?.int(0)).unwrap()
}

/// Writes until the disk refuses, makes space with `relieve`, and writes on: nothing is half done, nothing is lost.
fn survives(file: &Path, expected: &[ErrorKind], relieve: impl FnOnce()) {
    let store = open(file, 5_000).unwrap();
    let mut written = 0;
    let refused = loop {
        match insert_pair(&store, written, 20_000) {
            Ok(_) => written += 1,
            Err(refused) => break refused,
        }
        assert!(written < 2_000, "the disk never refused");
    };
    assert!(expected.contains(&refused.kind), "{refused}");
    assert_eq!(rows(&store), written as i64 * 2);
    for _ in 0..3 {
        let again = insert_pair(&store, written, 200_000).unwrap_err();
        assert!(expected.contains(&again.kind), "{again}");
    }
    assert_eq!(rows(&store), written as i64 * 2, "what was refused left nothing behind");
    relieve();
    for number in written..written + 5 {
        insert_pair(&store, number, 20_000).unwrap();
    }
    assert_eq!(rows(&store), (written as i64 + 5) * 2);
    drop(store);
    let store = open(file, 5_000).unwrap();
    assert_eq!(rows(&store), (written as i64 + 5) * 2);
    drop(store);
    let raw = rusqlite::Connection::open(file).unwrap();
    let check: String = raw.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}

/// A file system of a few megabytes; unmounted with this.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(folder: &Path) -> Option<SmallDisk> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=6m", "none"]).arg(folder).output();
        mounted.is_ok_and(|mounted| mounted.status.success()).then(|| SmallDisk(folder.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_is_an_error_and_space_heals_it() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(folder.path()) else {
        // Without the right to mount, a file that must not grow stands for the disk.
        return a_file_that_cannot_grow_is_an_error_and_space_heals_it();
    };
    let ballast = disk.0.join("ballast");
    std::fs::write(&ballast, vec![0; 4 << 20]).unwrap();
    survives(&disk.0.join("choba.db"), &[ErrorKind::Full], || std::fs::remove_file(&ballast).unwrap());
}

/// Runs `test` of this program again in `folder`, by a shell that prepares the process.
fn run_prepared(folder: &Path, test: &str, preparation: &str) {
    // A copy, because another account may not reach the folder of the build.
    let program = folder.join("test");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let script = format!("{preparation}\nexec $AS \"$0\" --exact \"$1\" --nocapture --test-threads=1");
    let ran = Command::new("sh")
        .args(["-c", &script])
        .arg(&program)
        .arg(test)
        .env("CHOBA_CHILD", folder)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{text}{}", String::from_utf8_lossy(&ran.stderr));
    assert!(text.contains("1 passed"), "{text}");
}

/// The folder, in a process that [`run_prepared`] started.
fn prepared_folder() -> Option<PathBuf> {
    std::env::var_os("CHOBA_CHILD").map(PathBuf::from)
}

#[test]
fn a_file_that_cannot_grow_is_an_error_and_space_heals_it() {
    let Some(folder) = prepared_folder() else {
        // 2 MB for each file of the process; the signal is ignored, so that writing answers with an error instead.
        let test = "sqlite_file::a_file_that_cannot_grow_is_an_error_and_space_heals_it";
        return run_prepared(tempfile::tempdir().unwrap().path(), test, "trap '' XFSZ; ulimit -S -f 4096");
    };
    survives(&folder.join("choba.db"), &[ErrorKind::Io, ErrorKind::Full], || {
        let own = std::process::id().to_string();
        let raised = Command::new("prlimit").args(["--pid", &own, "--fsize=unlimited"]).status().unwrap();
        assert!(raised.success());
    });
}

#[test]
fn a_read_only_file_is_refused_by_name() {
    if let Some(folder) = prepared_folder() {
        for (file, kind) in
            [("missing.db", ErrorKind::Io), ("existing.db", ErrorKind::ReadOnly), ("in-use.db", ErrorKind::ReadOnly)]
        {
            let refused =
                open(&folder.join("data").join(file), 100).err().expect("opened where nothing can be written");
            assert_eq!(refused.kind, kind, "{refused}");
            assert!(refused.message.contains(file), "{refused}");
        }
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    drop(open(&data.join("existing.db"), 100).unwrap());
    let in_use = open(&data.join("in-use.db"), 100).unwrap();
    // Root may write everything, so another account tries.
    let preparation = "[ \"$(id -u)\" = 0 ] && AS='setpriv --reuid=65534 --regid=65534 --clear-groups'
                       chmod a=r data/*; chmod a=rx . data";
    run_prepared(folder.path(), "sqlite_file::a_read_only_file_is_refused_by_name", preparation);
    // So that the folder can be removed again.
    Command::new("chmod").args(["-R", "u+w"]).arg(folder.path()).status().unwrap();
    drop(in_use);
}

#[test]
fn a_lock_of_another_process_is_waited_for_and_then_reported() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("choba.db");
    let store = open(&file, 20).unwrap();
    let other = rusqlite::Connection::open(&file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(insert_pair(&store, 1, 10).unwrap_err().kind, ErrorKind::Busy);
    assert_eq!(rows(&store), 0, "readers do not wait");
    let refused = open(&file, 20).err().expect("opened while the schema may be changing");
    assert_eq!(refused.kind, ErrorKind::Busy);
    other.execute_batch("ROLLBACK").unwrap();
    insert_pair(&store, 1, 10).unwrap();
    assert_eq!(rows(&store), 2);

    let patient = open(&file, 60_000).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    let waiting = std::thread::spawn(move || {
        tell.send(()).unwrap();
        insert_pair(&patient, 2, 10)
    });
    told.recv().unwrap();
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(waiting.join().unwrap(), Ok(1));
}

#[test]
fn what_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("choba.db");
    std::fs::write(&file, "not a database, but long enough to have a header of one hundred bytes ".repeat(20)).unwrap();
    let refused = open(&file, 100).err().expect("opened what is no database");
    assert_eq!(refused.kind, ErrorKind::Corrupt);
    assert!(refused.message.contains("choba.db"), "{refused}");
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("not a database"));
    let missing = open(&folder.path().join("no/such/folder/choba.db"), 100).err().expect("opened nothing");
    assert_eq!(missing.kind, ErrorKind::Io);
}

#[test]
fn a_store_that_closes_finishes_what_it_accepted() {
    let f = Fixture::sqlite();
    let file = f.file();
    let mut waiting: Vec<_> = (0..50)
        .map(|number| {
            let store = f.store.clone();
            Box::pin(async move { store.write(move |tx| insert_note(tx, &format!("{number:02}"))).await })
        })
        .collect();
    for write in &mut waiting {
        let _ = crate::fixture::poll_once(write.as_mut());
    }
    for write in waiting {
        let _: Result<u64, StoreError> = crate::fixture::block_on(write);
    }
    let Fixture { store, folder, .. } = f;
    drop(store);
    assert_eq!(rows(&open(&file, 100).unwrap()), 50);
    drop(folder);
}

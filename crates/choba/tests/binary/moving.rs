//! Moving a shop: a backup of a running SQLite server into PostgreSQL, and back.

use std::path::Path;

use serde_json::Value;
use testkit::postgres::TestDatabase;

use crate::commands::{TEA, sandbox};
use crate::program::{Server, run};

fn verified(home: &Path, flags: &[&str]) -> Value {
    let (code, out, error) = run(home, &[&["verify", "--json"], flags].concat());
    assert_eq!(code, Some(0), "{out}{error}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn a_shop_moves_from_sqlite_to_postgresql_and_back_while_it_serves() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start_with(home.path(), &["--demo"]);
    let authorization = sandbox(home.path(), &[]);
    // Writers are at work while the backup is made.
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(std::sync::atomic::Ordering::SeqCst) {
                    let (status, charge) = server.send("POST", "/api/test_helpers/charges", &authorization, TEA);
                    assert_eq!(status, 200, "{charge}");
                    let capture = format!("/sandbox/v1/charges/{}/capture", charge["id"].as_str().unwrap());
                    assert_eq!(server.send("POST", &capture, &authorization, "").0, 200);
                }
            });
        }
        for name in ["one", "two", "three"] {
            let (code, _, error) = run(home.path(), &["backup", name]);
            assert_eq!(code, Some(0), "{error}");
        }
        stop.store(true, std::sync::atomic::Ordering::SeqCst);
    });
    let server_url = server.url();
    assert_eq!(server.terminate().0, Some(0));
    assert_ne!(server_url, "");

    for name in ["one", "two"] {
        let folder = format!("restored-{name}");
        let (code, out, error) = run(home.path(), &["restore", name, "--data", &folder]);
        assert_eq!(code, Some(0), "{out}{error}");
    }
    let database = TestDatabase::new();
    let url = database.url();
    let (code, out, error) = run(home.path(), &["restore", "three", "--database-url", &url]);
    assert_eq!(code, Some(0), "{out}{error}");
    assert!(out.contains("are restored and verified"), "{out}");
    let (code, _, error) = run(home.path(), &["restore", "three", "--database-url", &url]);
    assert_eq!(code, Some(1));
    assert!(error.contains("the database is not empty"), "{error}");

    let (code, _, error) = run(home.path(), &["backup", "four", "--database-url", &url]);
    assert_eq!(code, Some(0), "{error}");
    let read = |name: &str| std::fs::read(home.path().join(name)).unwrap();
    assert!(read("three") == read("four"), "the same books make the same file on both engines");

    // The shop goes on where it was, with its own keys.
    let server = Server::start_with(home.path(), &["--database-url", &url]);
    let (status, list) = server.send("GET", "/sandbox/v1/charges?limit=1", &authorization, "");
    assert_eq!(status, 200, "{list}");
    assert!(list["total"].as_i64().unwrap() > 100, "{list}");
    let (status, charge) = server.send("POST", "/api/test_helpers/charges", &authorization, TEA);
    assert_eq!(status, 200, "{charge}");
    assert!(charge["id"].as_str().unwrap() > list["data"][0]["id"].as_str().unwrap());
    assert_eq!(server.terminate().0, Some(0));
    let report = verified(home.path(), &["--database-url", &url]);
    assert_eq!(report["findings"], serde_json::json!([]));
}

#[test]
fn a_damaged_backup_leaves_nothing_behind() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(Server::start_with(home.path(), &["--demo"]).terminate().0, Some(0));
    assert_eq!(run(home.path(), &["backup", "whole"]).0, Some(0));
    let whole = std::fs::read(home.path().join("whole")).unwrap();
    let (code, _, error) = run(home.path(), &["backup", "whole"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("whole is there already") && error.contains("--force"), "{error}");
    assert_eq!(std::fs::read(home.path().join("whole")).unwrap(), whole, "a refused backup changes nothing");
    std::fs::write(home.path().join("old"), "old").unwrap();
    assert_eq!(run(home.path(), &["backup", "old", "--force"]).0, Some(0));
    assert!(std::fs::metadata(home.path().join("old")).unwrap().len() > 1_000);
    let secret = std::fs::read_to_string(home.path().join(".config/choba/master.key")).unwrap();
    let key = secret.split_whitespace().last().unwrap().as_bytes();
    assert!(!whole.windows(key.len()).any(|window| window == key), "the master key is in the backup");

    std::fs::write(home.path().join("short"), &whole[..whole.len() - 1]).unwrap();
    std::fs::write(home.path().join("nothing"), "hello").unwrap();
    for (name, message) in
        [("short", "the backup is damaged"), ("nothing", "this is no backup"), ("missing", "missing")]
    {
        let (code, _, error) = run(home.path(), &["restore", name, "--data", "new"]);
        assert_eq!(code, Some(1));
        assert!(error.contains(message), "{error}");
        assert!(!home.path().join("new").exists(), "{name}");
    }
    let mut altered = whole.clone();
    let amount = altered.windows(6).rposition(|window| window == b"visa\",").unwrap_or(altered.len() / 2);
    altered[amount] ^= 1;
    std::fs::write(home.path().join("altered"), &altered).unwrap();
    let (code, _, error) = run(home.path(), &["restore", "altered", "--data", "new"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("the backup is damaged"), "{error}");
    let (code, out, _) = run(home.path(), &["restore", "whole", "--data", "new"]);
    assert_eq!(code, Some(0), "after a refused restore the same folder takes a whole one: {out}");
}

//! `choba staff`: accounts are made, listed and reset beside a running server.

use crate::program::{Server, run};

#[test]
fn accounts_are_made_once_listed_and_reset() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path());
    let staff = |arguments: &[&str]| run(home.path(), &[&["staff"], arguments].concat());
    let (code, first, error) = staff(&["add", "--email", "Owner@shop.example"]);
    assert_eq!((code, first.trim().len()), (Some(0), 23), "{error}");
    let (code, _, error) = staff(&["add", "--email", "owner@shop.example"]);
    assert!(code == Some(1) && error.contains("has an account already"), "{error}");
    let (code, _, error) = staff(&["add", "--email", "no address"]);
    assert!(code == Some(2) && error.contains("owner@shop.example"), "{error}");
    let (code, _, error) = staff(&["add", "--email", "second@shop.example", "--shop", "9"]);
    assert!(code == Some(1) && error.contains("there is no shop 9"), "{error}");

    let (_, listed, _) = staff(&["list"]);
    let line = "  shop 1  owner@shop.example  owner  has not logged in with a password of its own yet\n";
    assert!(listed.starts_with("stf_") && listed.ends_with(line) && listed.lines().count() == 1, "{listed}");
    let (code, second, error) = staff(&["reset", "--email", "owner@shop.example"]);
    assert!(code == Some(0) && second.trim().len() == 23 && second != first, "{error}");
    let (code, _, error) = staff(&["reset", "--email", "second@shop.example"]);
    assert!(code == Some(1) && error.contains("there is no account second@shop.example"), "{error}");

    assert_eq!(server.terminate().0, Some(0));
    let database = std::fs::read(home.path().join("choba-data/choba.db")).unwrap();
    let wal = std::fs::read(home.path().join("choba-data/choba.db-wal")).unwrap_or_default();
    for password in [first.trim(), second.trim()] {
        let holds = |file: &[u8]| file.windows(password.len()).any(|window| window == password.as_bytes());
        assert!(!holds(&database) && !holds(&wal), "a password is stored in clear");
    }
}

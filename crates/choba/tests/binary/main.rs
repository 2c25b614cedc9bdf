//! The binary as a person runs it: start, answer, stop, and what it says when it cannot.

mod commands;
mod listening;
mod mall;
mod moving;
mod program;
mod staff;

use program::{Server, run};

#[test]
fn a_server_starts_answers_and_stops() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path());
    assert!(server.get("/healthz").starts_with("HTTP/1.1 200 OK"));
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200 OK"));
    assert!(home.path().join(".config/choba/master.key").exists());
    assert!(home.path().join("choba-data/choba.db").exists());

    let (code, out, _) = run(home.path(), &["doctor"]);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("ok       server: one is running on choba-data"), "{out}");
    assert!(out.contains("ok       stored secrets: the master key opens all 12"), "{out}");

    let (code, _, error) = run(home.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("the data folder choba-data is in use by another choba server"), "{error}");

    let (code, log) = server.terminate();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains(r#""message":"stopped""#), "{log}");
}

#[test]
fn data_whose_master_key_is_gone_are_not_opened_with_a_new_one() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(Server::start(home.path()).terminate().0, Some(0));
    std::fs::remove_file(home.path().join(".config/choba/master.key")).unwrap();
    let (code, _, error) = run(home.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("master.key is missing: put it back"), "{error}");
    assert!(!home.path().join(".config/choba/master.key").exists());
    let (code, out, _) = run(home.path(), &["doctor"]);
    assert_eq!(code, Some(1));
    assert!(out.contains("FAILURE  master key: "), "{out}");
}

#[test]
fn the_doctor_tells_a_wrong_master_key_from_altered_secrets() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(Server::start(home.path()).terminate().0, Some(0));
    let key = home.path().join(".config/choba/master.key");
    let right = std::fs::read_to_string(&key).unwrap();
    let diagnosis = |keys: &str| {
        std::fs::write(&key, keys).unwrap();
        let (code, out, _) = run(home.path(), &["doctor"]);
        let found = out.lines().find(|line| line.contains("stored secrets")).map(str::to_owned);
        (code, found.unwrap_or_else(|| panic!("{out}")))
    };
    let (code, found) = diagnosis(&format!("1 {}\n", "ab".repeat(32)));
    assert_eq!(code, Some(1));
    assert!(found.contains("wrong master key: none of 12 opens with it") && found.contains("another installation"));
    let (code, found) = diagnosis(&format!("2 {}\n", "ab".repeat(32)));
    assert_eq!(code, Some(1));
    assert!(found.contains("12 of 12 are sealed under version 1, and the keys at hand end with version 2"), "{found}");
    let (code, found) = diagnosis(&right);
    assert_eq!(code, Some(0), "{found}");
    assert!(found.contains("the master key opens all 12"), "{found}");
}

#[test]
fn wrong_configuration_is_named_before_anything_starts() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("choba.toml"), "listn = \"x\"\nmax_connections = 0\n").unwrap();
    let (code, _, error) = run(home.path(), &["serve", "--config", "choba.toml", "--listen", "nowhere"]);
    assert_eq!(code, Some(1));
    let expected = [
        "listn (choba.toml:1: listn): there is no such setting; expected listen",
        "listen (flag --listen): \"nowhere\" is not an address with a port",
        "max_connections (choba.toml:2: max_connections): 0 is out of range; expected a whole number from 1 to 1000000",
    ];
    for line in expected {
        assert!(error.contains(line), "{error}");
    }
    assert!(!home.path().join("choba-data").exists());
    let (code, out, _) = run(home.path(), &["doctor", "--config", "choba.toml", "--json"]);
    let findings: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &findings["ok"]), (Some(1), &false.into()));
    assert_eq!(findings["checks"].as_array().unwrap().len(), 2);
}

#[test]
fn the_doctor_looks_at_a_fresh_machine_without_changing_it() {
    let home = tempfile::tempdir().unwrap();
    let (code, out, _) = run(home.path(), &["doctor", "--json"]);
    let findings: serde_json::Value = serde_json::from_str(&out).unwrap();
    let checks: Vec<&str> =
        findings["checks"].as_array().unwrap().iter().map(|finding| finding["check"].as_str().unwrap()).collect();
    assert_eq!(checks, ["configuration", "master key", "server", "database", "free space", "disk", "clock"]);
    assert_eq!(code, Some(0), "{out}");
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn an_address_in_use_is_named() {
    let home = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, _, error) = run(home.path(), &["serve", "--listen", &address, "--metrics-listen", "off"]);
    assert_eq!(code, Some(1));
    assert!(error.contains(&format!("choba: cannot listen on {address} (--listen, --metrics-listen): ")), "{error}");
}

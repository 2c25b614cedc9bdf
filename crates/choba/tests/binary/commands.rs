//! The commands beside `serve`, on the data of a real shop.

use std::path::Path;

use base64::Engine as _;
use serde_json::Value;

use crate::program::{Server, choba, run};

/// Keys of the shop, as `choba keys --json` prints them.
pub fn keys(home: &Path, flags: &[&str]) -> Vec<Value> {
    let (code, out, error) = run(home, &[&["keys", "--json"], flags].concat());
    assert_eq!(code, Some(0), "{error}");
    serde_json::from_str(&out).unwrap()
}

/// The Basic authentication of the sandbox.
pub fn sandbox(home: &Path, flags: &[&str]) -> String {
    let keys = keys(home, flags);
    let key =
        keys.iter().find(|key| key["environment"] == "sandbox").unwrap()["private_key"].as_str().unwrap().to_owned();
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{key}:")))
}

pub const TEA: &str = r#"{"items":[{"id":"tea-01","name":"煎茶 100g","unit_price":1080,"quantity":2}]}"#;

#[test]
fn keys_are_listed_and_live_secrets_only_on_request_which_is_audited() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path());
    let listed = keys(home.path(), &[]);
    let environments: Vec<&str> = listed.iter().map(|key| key["environment"].as_str().unwrap()).collect();
    assert_eq!(environments, ["sandbox", "test", "live"]);
    for key in &listed {
        let environment = key["environment"].as_str().unwrap();
        let fields: Vec<&String> = key.as_object().unwrap().keys().collect();
        assert_eq!(fields.len(), 5, "{fields:?}");
        let public = key["public_key"].as_str().unwrap();
        assert!(public.starts_with(&format!("{environment}_public_")) && public.len() == environment.len() + 8 + 96);
        let hidden = environment == "live";
        for (field, prefix) in [
            ("private_key", format!("{environment}_private_")),
            ("webhook_secret", "webhook_".to_owned()),
            ("webhook_signing_secret", "whsec_".to_owned()),
        ] {
            assert_eq!(key[field].is_null(), hidden, "{environment} {field}");
            assert!(hidden || key[field].as_str().unwrap().starts_with(&prefix));
        }
    }
    let revealed = keys(home.path(), &["--reveal"]);
    assert!(revealed[2]["private_key"].as_str().unwrap().starts_with("live_private_"));
    assert_eq!(server.terminate().0, Some(0));
    let database = std::fs::read(home.path().join("choba-data/choba.db")).unwrap();
    let wal = std::fs::read(home.path().join("choba-data/choba.db-wal")).unwrap_or_default();
    let holds =
        |needle: &str| [&database, &wal].iter().any(|file| file.windows(needle.len()).any(|w| w == needle.as_bytes()));
    assert!(holds("keys.reveal"));
    for key in &revealed {
        for field in ["private_key", "webhook_secret", "webhook_signing_secret"] {
            assert!(!holds(key[field].as_str().unwrap()), "{field} is stored in clear");
        }
    }
}

#[test]
fn tokens_are_made_listed_and_revoked_and_turn_the_clock() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path());
    let (code, token, error) = run(home.path(), &["token", "create", "--scope", "clock", "--label", "tests"]);
    assert_eq!(code, Some(0), "{error}");
    let bearer = format!("Bearer {}", token.trim());
    let (status, before) = server.send("GET", "/api/shops/1/clock", &bearer, "");
    assert_eq!(status, 200, "{before}");
    let (status, after) = server.send("POST", "/api/shops/1/clock/advance", &bearer, r#"{"by":"14d"}"#);
    assert_eq!(status, 200, "{after}");
    let moved = after["now"].as_i64().unwrap() - before["now"].as_i64().unwrap();
    assert!((14 * 86_400..14 * 86_400 + 60).contains(&moved), "{moved}");

    // Under a key, the same request goes where the first one went, and another request is refused.
    let path = "/api/shops/1/clock/advance";
    let keyed = |body: &str| server.send_with("POST", path, &bearer, "idempotency-key: turn-1\r\n", body);
    let (status, first) = keyed(r#"{"by":"1d"}"#);
    assert_eq!(status, 200, "{first}");
    assert_eq!(keyed(r#"{ "by": "1d" }"#), (200, first));
    let (status, other) = keyed(r#"{"by":"2d"}"#);
    assert_eq!((status, &other["errors"][0]["code"]), (400, &"idempotency_key_reused".into()));
    assert_eq!(run(home.path(), &["verify"]).0, Some(0));

    let (_, listed, _) = run(home.path(), &["token", "list"]);
    assert!(listed.contains("valid  clock  every shop") && listed.contains("tests"), "{listed}");
    assert!(!listed.contains(token.trim()));
    let id = listed.split_whitespace().next().unwrap();
    assert_eq!(run(home.path(), &["token", "revoke", id]).0, Some(0));
    let (status, answer) = server.send("GET", "/api/shops/1/clock", &bearer, "");
    assert_eq!((status, &answer["errors"][0]["type"]), (401, &"authentication_error".into()));
    let (code, _, error) = run(home.path(), &["token", "revoke", id]);
    assert_eq!(code, Some(1));
    assert!(error.contains("there is no token tkn_"), "{error}");
    let (_, _, error) = run(home.path(), &["token", "create", "--scope", "everything"]);
    assert!(error.contains("unknown scope \"everything\": expected one of clock, webhooks, mail, orders, keys, staff, settings, audit, mall, admin"), "{error}");
}

#[test]
fn the_clock_is_turned_from_the_command_line_and_only_forward() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path());
    let url = server.url();
    let authorization = sandbox(home.path(), &[]);
    let (status, charge) = server.send("POST", "/api/test_helpers/charges", &authorization, TEA);
    assert_eq!((status, &charge["paid"]), (200, &true.into()), "{charge}");
    let (code, _, error) = run(home.path(), &["clock", "advance", "14x", "--server", &url]);
    assert_eq!(code, Some(1));
    assert!(error.contains("\"14x\""), "{error}");
    let (code, out, error) = run(home.path(), &["clock", "advance", "190d", "--server", &url]);
    assert_eq!(code, Some(0), "{error}");
    let (_, shown, _) = run(home.path(), &["clock", "show", "--server", &url]);
    assert_eq!(shown[..10], out[..10]);
    // Nobody listens there.
    let (code, _, error) = run(home.path(), &["clock", "show", "--server", "http://127.0.0.1:1"]);
    assert_eq!(code, Some(1), "{error}");
    let (_, tokens, _) = run(home.path(), &["token", "list"]);
    assert_eq!(tokens.lines().count(), 3, "{tokens}");
    assert!(tokens.lines().all(|token| token.contains("  revoked ")), "the commands' own tokens: {tokens}");
    let path = format!("/sandbox/v1/charges/{}", charge["id"].as_str().unwrap());
    let (_, expired) = server.send("GET", &path, &authorization, "");
    assert_eq!((&expired["refunded"], &expired["paid"]), (&true.into(), &false.into()), "{expired}");
    let (code, out, _) = run(home.path(), &["verify"]);
    assert_eq!(code, Some(0), "{out}");
}

#[test]
fn buyers_are_erased_from_the_command_line_beside_a_running_server() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path());
    let authorization = sandbox(home.path(), &[]);
    let body = TEA.replace("]}", r#"],"buyer":{"id":"b","email":"taro@example.jp"},"address":{"tel":"0312345678"}}"#);
    let sell = || {
        let (status, charge) = server.send("POST", "/api/test_helpers/charges", &authorization, &body);
        assert_eq!((status, &charge["address"]["tel"]), (200, &"0312345678".into()), "{charge}");
        charge
    };
    let (one, other) = (sell(), sell());
    let address = |charge: &Value| {
        let path = format!("/sandbox/v1/charges/{}", charge["id"].as_str().unwrap());
        server.send("GET", &path, &authorization, "").1["address"].clone()
    };
    let number = one["id"].as_str().unwrap();
    let (code, out, error) = run(home.path(), &["erase", "charge", number]);
    assert_eq!((code, out.trim()), (Some(0), format!("erased the buyer's data of {number}").as_str()), "{error}");
    assert!(address(&one).is_null() && address(&other).is_object());
    let (code, out, _) = run(home.path(), &["erase", "buyer", one["open_id"].as_str().unwrap(), "--shop", "1"]);
    assert_eq!((code, out.trim()), (Some(0), "erased the buyer's data of 1 charges"));
    assert!(address(&other).is_null());

    let (code, _, error) = run(home.path(), &["erase", "charge", number, "--environment", "test"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("there is no charge") && error.contains("in test of shop 1"), "{error}");
    let (code, _, error) = run(home.path(), &["erase", "charge", "nothing"]);
    assert_eq!(code, Some(2), "{error}");
    let (code, _, error) = run(home.path(), &["erase", "account", "taro@example.jp"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("there is no such account"), "{error}");
    assert_eq!(run(home.path(), &["verify"]).0, Some(0));
}

#[test]
fn a_new_master_key_seals_everything_anew_and_old_keys_still_work() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path());
    let authorization = sandbox(home.path(), &[]);
    let (code, _, error) = run(home.path(), &["secrets", "rotate"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("in use by another choba server"), "{error}");
    assert_eq!(server.terminate().0, Some(0));

    let (code, out, error) = run(home.path(), &["secrets", "rotate"]);
    assert_eq!(code, Some(0), "{error}");
    assert!(out.contains("12 secrets are sealed under version 2"), "{out}");
    let key_file = home.path().join(".config/choba/master.key");
    let lines = std::fs::read_to_string(&key_file).unwrap();
    let newest: Vec<&str> = lines.lines().filter(|line| line.starts_with('2')).collect();
    std::fs::write(&key_file, newest.join("\n") + "\n").unwrap();
    let server = Server::start(home.path());
    let (status, list) = server.send("GET", "/sandbox/v1/charges", &authorization, "");
    assert_eq!((status, &list["total"]), (200, &0.into()), "{list}");
    assert_eq!(run(home.path(), &["verify"]).0, Some(0));
}

#[test]
fn a_server_with_another_master_key_does_not_start() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(Server::start(home.path()).terminate().0, Some(0));
    std::fs::write(home.path().join(".config/choba/master.key"), format!("1 {}\n", "ab".repeat(32))).unwrap();
    let (code, _, error) = run(home.path(), &["serve", "--listen", "127.0.0.1:0", "--metrics-listen", "off"]);
    assert_eq!(code, Some(1));
    assert!(error.contains("use the master key it was sealed with"), "{error}");
}

#[test]
fn a_reader_who_goes_is_no_failure_and_changes_no_exit_status() {
    use std::process::Stdio;
    let home = tempfile::tempdir().unwrap();
    assert_eq!(Server::start(home.path()).terminate().0, Some(0));
    for (arguments, expected) in [
        (&["openapi", "--data", "choba-data"][..], 0),
        (&["openapi", "--database-url", "postgres://nobody@localhost/none"], 0),
        (&["verify"], 0),
        (&["verify", "--json"], 0),
        (&["doctor", "--listen", "nowhere"], 1),
        (&["keys"], 0),
        (&["token", "list", "--data", "choba-data"], 0),
    ] {
        let mut child = choba(home.path(), arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Before anything is printed.
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert_eq!((ended.status.code(), &ended.stderr[..]), (Some(expected), &b""[..]), "{arguments:?}: {ended:?}");
    }
}

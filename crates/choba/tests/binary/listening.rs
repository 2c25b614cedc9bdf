//! `choba listen` and `choba trigger`, with a local program that hears of events.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::program::{Server, choba, run};

/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(60);

/// A request that a local program received: head, body.
type Heard = (String, Vec<u8>);

/// A program that answers 200 to everything; its URL, and what it hears.
fn program() -> (String, Receiver<Heard>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (sender, heard) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") && stream.read_line(&mut head).unwrap() > 0 {}
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
            stream.read_exact(&mut body).unwrap();
            stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
            if sender.send((head, body)).is_err() {
                return;
            }
        }
    });
    (url, heard)
}

/// A child that ends with the test.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        // It runs until it is interrupted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn header(head: &str, name: &str) -> String {
    let line = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    line.unwrap_or_else(|| panic!("no {name}: {head}")).to_owned()
}

/// What the reference implementation of Standard Webhooks says of a delivery.
fn standard_webhooks(secret: &str, head: &str, body: &[u8]) -> String {
    const SCRIPT: &str = "
import json, sys
from standardwebhooks import Webhook, WebhookVerificationError
given = json.load(sys.stdin)
try:
    Webhook(given['secret']).verify(given['body'], given['headers'])
    print('genuine')
except WebhookVerificationError:
    print('forged')
";
    let headers: serde_json::Map<String, Value> = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .collect();
    let given = serde_json::json!({ "secret": secret, "headers": headers, "body": std::str::from_utf8(body).unwrap() });
    let mut python = std::process::Command::new(testkit::python());
    let mut child = python.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(given.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn events_are_streamed_to_a_local_program_and_made_to_happen() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start_with(home.path(), &["--demo"]);
    let (url, heard) = program();
    let at = server.url();
    let listen = ["listen", "--forward-to", &url, "--server", &at, "--events", "charge.succeeded,charge.captured"];
    let mut child = Ending(choba(home.path(), &listen).stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("listening to sandbox of shop 1"));

    for event in ["charge.captured", "charge.updated", "charge.refunded"] {
        let (code, out, error) = run(home.path(), &["trigger", event, "--server", &at]);
        assert_eq!(code, Some(0), "{out}{error}");
        assert!(out.starts_with(event), "{out}");
    }
    let keys: Value = serde_json::from_str(&run(home.path(), &["keys", "--json"]).1).unwrap();
    let secret = keys[0]["webhook_secret"].as_str().unwrap();
    let signing = keys[0]["webhook_signing_secret"].as_str().unwrap().strip_prefix("whsec_").unwrap();
    let (mut types, mut last) = (Vec::new(), None);
    for _ in 0..4 {
        let (head, body) = heard.recv_timeout(LONG).unwrap();
        assert_eq!(header(&head, "x-lite-webhook-signature"), secret);
        let (id, time) = (header(&head, "webhook-id"), header(&head, "webhook-timestamp"));
        let message = [id.as_bytes(), b".", time.as_bytes(), b".", &body].concat();
        let mac = shop::vault::mac(&STANDARD.decode(signing).unwrap(), &message);
        let expected = format!("v1,{}", STANDARD.encode(mac));
        assert_eq!(header(&head, "webhook-signature"), expected, "the bytes that arrive are those that were signed");
        assert_eq!(standard_webhooks(keys[0]["webhook_signing_secret"].as_str().unwrap(), &head, &body), "genuine");
        let event: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(event["id"], id);
        types.push(event["type"].as_str().unwrap().to_owned());
        last = Some((head, body));
        let line = lines.next().unwrap().unwrap();
        assert!(line.contains(&id) && line.contains("-> 200"), "{line}");
    }
    let (head, body) = last.unwrap();
    let secret = keys[0]["webhook_signing_secret"].as_str().unwrap();
    assert_eq!(standard_webhooks(secret, &head, &[&body[..], b" "].concat()), "forged");
    assert_eq!(standard_webhooks("whsec_AAAA", &head, &body), "forged");
    types.sort();
    assert_eq!(types, ["charge.captured", "charge.succeeded", "charge.succeeded", "charge.succeeded"]);
    drop(child);
    assert_eq!(server.terminate().0, Some(0));
}

#[test]
fn a_ping_goes_to_every_endpoint_and_what_cannot_happen_is_said() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start_with(home.path(), &["--demo"]);
    let at = server.url();
    let (code, _, error) = run(home.path(), &["trigger", "ping", "--server", &at]);
    assert_eq!((code, error.contains("no endpoint in sandbox")), (Some(1), true), "{error}");
    let (url, heard) = program();
    let token = run(home.path(), &["token", "create", "--scope", "webhooks"]).1;
    let bearer = format!("Bearer {}", token.trim());
    let body = serde_json::json!({ "url": url, "events": [] }).to_string();
    assert_eq!(server.send("POST", "/api/shops/1/sandbox/webhooks", &bearer, &body).0, 200);
    let (code, out, error) = run(home.path(), &["trigger", "ping", "--server", &at]);
    assert_eq!((code, out.contains("-> 200")), (Some(0), true), "{out}{error}");
    assert!(String::from_utf8(heard.recv_timeout(LONG).unwrap().1).unwrap().contains("\"type\":\"ping\""));
    for (event, flags, part) in
        [("charge.check", &[][..], "checkout"), ("charge.captured", &["--environment", "live"][..], "in live")]
    {
        let (code, _, error) = run(home.path(), &[&["trigger", event, "--server", &at], flags].concat());
        assert_eq!((code, error.contains(part)), (Some(1), true), "{error}");
    }
    assert_eq!(server.terminate().0, Some(0));
}

//! Slow, large and silent clients. Waiting here is waiting for the server to close, which its limits make it do.

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, post};
use choba::app::{App, RunningApp};
use choba::serve::ServeSettings;

use crate::client::Client;

const SHORT: Duration = Duration::from_millis(500);
/// Short, where the connection must stay open for less than this.
const SHORTISH: Duration = Duration::from_secs(3);
const LONG: Duration = Duration::from_secs(30);

/// Nothing but what a test shortens ends a connection.
fn patient() -> ServeSettings {
    let settings = ServeSettings::local();
    ServeSettings { header_timeout: LONG, idle_timeout: LONG, request_timeout: LONG, ..settings }
}

async fn start(settings: ServeSettings) -> RunningApp {
    let routes = Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/never", get(std::future::pending::<String>))
        .route("/large", get(|| async { Bytes::from(vec![b'x'; 64 << 20]) }))
        .route("/echo", post(|body: Bytes| async move { body }))
        .route("/es/never", post(std::future::pending::<String>))
        .route("/unread", post(|| async { "unread" }));
    App::new().routes(routes).start(settings).await.unwrap()
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed() {
    let server = start(ServeSettings { header_timeout: SHORT, ..patient() }).await;
    Client::connect(server.address()).await.closed().await;
    server.stop().await;
}

#[tokio::test]
async fn half_a_head_is_closed_even_when_it_grows_byte_by_byte() {
    let server = start(ServeSettings { header_timeout: SHORT, ..patient() }).await;
    let mut client = Client::connect(server.address()).await;
    client.send("GET / HTTP/1.1\r\nhost: he").await;
    client.closed().await;

    let (mut reading, mut writing) = tokio::io::split(tokio::net::TcpStream::connect(server.address()).await.unwrap());
    let drip = async {
        use tokio::io::AsyncWriteExt as _;
        let mut drops = tokio::time::interval(SHORT / 6);
        writing.write_all(b"GET / HTTP/1.1\r\nx-slow: ").await.unwrap();
        while writing.write_all(b"a").await.is_ok() {
            drops.tick().await;
        }
    };
    let mut nothing = Vec::new();
    tokio::select! {
        _ = tokio::io::AsyncReadExt::read_to_end(&mut reading, &mut nothing) => {}
        () = drip => {}
    }
    assert_eq!(nothing, b"");
    server.stop().await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_its_own_time() {
    let server = start(ServeSettings { idle_timeout: SHORTISH, ..patient() }).await;
    let mut client = Client::connect(server.address()).await;
    assert_eq!(client.get("/").await.body, "hello");
    assert_eq!(client.get("/").await.body, "hello");
    client.closed().await;
    server.stop().await;

    // The time for heads does not count between two requests.
    let server = start(ServeSettings { header_timeout: SHORTISH, ..patient() }).await;
    let mut idle = Client::connect(server.address()).await;
    assert_eq!(idle.get("/").await.body, "hello");
    Client::connect(server.address()).await.closed().await;
    assert_eq!(idle.get("/").await.body, "hello");
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_its_answer_is_cut_off() {
    let server = start(ServeSettings { idle_timeout: SHORT, max_connections: 1, ..patient() }).await;
    let mut stuck = Client::connect(server.address()).await;
    stuck.send("GET /large HTTP/1.1\r\nhost: here\r\n\r\n").await;
    // The only place becomes free: the server gave up on the first.
    assert_eq!(Client::connect(server.address()).await.get("/").await.body, "hello");
    server.stop().await;
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_a_place() {
    let server = start(ServeSettings { max_connections: 1, ..patient() }).await;
    let mut first = Client::connect(server.address()).await;
    assert_eq!(first.get("/").await.body, "hello");
    let mut second = Client::connect(server.address()).await;
    second.send("GET / HTTP/1.1\r\nhost: here\r\n\r\n").await;
    assert_eq!(first.get("/").await.body, "hello");
    drop(first);
    assert_eq!(second.answer().await.body, "hello");
    server.stop().await;
}

#[tokio::test]
async fn large_heads_are_refused() {
    let server = start(patient()).await;
    let head = |bytes: usize| format!("GET / HTTP/1.1\r\nhost: here\r\nx-large: {}\r\n\r\n", "a".repeat(bytes));
    let mut client = Client::connect(server.address()).await;
    client.send(head(15_000)).await;
    assert_eq!(client.answer().await.status, 200);
    client.send(head(17_000)).await;
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.error()), (431, ("invalid_request_error".into(), "header_too_large".into())));
    client.closed().await;
    server.stop().await;
}

#[tokio::test]
async fn what_the_http_library_refuses_by_itself_is_told_in_our_shape() {
    let server = start(patient()).await;
    let large = format!("GET / HTTP/1.1\r\nhost: here\r\nx-large: {}\r\n\r\n", "a".repeat(200_000));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "x-many: 1\r\n".repeat(101));
    let long = format!("GET /{} HTTP/1.1\r\nhost: here\r\n\r\n", "a".repeat(65_535));
    let rows = [
        (large.as_str(), 431, "header_too_large"),
        (many.as_str(), 431, "header_too_large"),
        (long.as_str(), 414, "address_too_long"),
        ("GET / HTTP/1.1\r\nhost here\r\n\r\n", 400, "unreadable_request"),
        ("nothing of HTTP\r\n\r\n", 400, "unreadable_request"),
    ];
    for (request, status, code) in rows {
        // As the first request of a connection, and after another one.
        for before in [false, true] {
            let mut client = Client::connect(server.address()).await;
            if before {
                assert_eq!(client.get("/").await.body, "hello");
            }
            client.send(request).await;
            let answer = client.answer().await;
            let refused = ("invalid_request_error".to_owned(), code.to_owned());
            assert_eq!((answer.status, answer.error()), (status, refused), "{request:.60}");
            client.closed().await;
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn large_bodies_are_refused_whether_they_say_their_length_or_not() {
    let server = start(ServeSettings { body_limit_bytes: 10_000, ..patient() }).await;
    let with_length = |bytes: usize| {
        format!("POST /echo HTTP/1.1\r\nhost: here\r\ncontent-length: {bytes}\r\n\r\n{}", "a".repeat(bytes))
    };
    let in_chunks = |bytes: usize| {
        let head = "POST /echo HTTP/1.1\r\nhost: here\r\ntransfer-encoding: chunked\r\n\r\n";
        format!("{head}{bytes:x}\r\n{}\r\n0\r\n\r\n", "a".repeat(bytes))
    };
    let rows = [
        (with_length(10_000), 200),
        (in_chunks(10_000), 200),
        (with_length(10_001), 413),
        (in_chunks(10_001), 413),
        (with_length(5 << 20), 413),
        (in_chunks(300_000), 413),
    ];
    for (request, status) in rows {
        let mut client = Client::connect(server.address()).await;
        client.send(&request).await;
        let answer = client.answer().await;
        assert_eq!(answer.status, status, "{:.90}", request);
        if status == 413 {
            assert_eq!(answer.error(), ("invalid_request_error".into(), "body_too_large".into()));
            client.closed().await;
        } else {
            assert_eq!(answer.body.len(), 10_000);
            assert_eq!(client.get("/").await.body, "hello");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn an_answer_that_did_not_need_the_body_arrives_and_the_connection_goes_on() {
    let server = start(patient()).await;
    let (bytes, body) = (900_000, "a".repeat(900_000));
    let head = "POST /unread HTTP/1.1\r\nhost: here\r\n";
    let mut client = Client::connect(server.address()).await;
    for request in [
        format!("{head}content-length: {bytes}\r\n\r\n{body}"),
        format!("{head}transfer-encoding: chunked\r\n\r\n{bytes:x}\r\n{body}\r\n0\r\n\r\n"),
    ] {
        client.send(request).await;
        assert_eq!(client.answer().await.body, "unread");
        assert_eq!(client.get("/").await.body, "hello");
    }
    // Who waits to be asked for the body is not asked for it.
    client.send(format!("{head}expect: 100-continue\r\ncontent-length: {bytes}\r\n\r\n")).await;
    assert_eq!(client.answer().await.body, "unread");
    server.stop().await;
}

#[tokio::test]
async fn programs_of_the_marketplace_are_refused_in_its_shape() {
    let server = start(ServeSettings { body_limit_bytes: 10_000, ..patient() }).await;
    let hasty = start(ServeSettings { request_timeout: SHORT, ..patient() }).await;
    let at = "POST /es/2.0/order/getOrder/ HTTP/1.1\r\nhost: here\r\n";
    let large = format!("{at}content-length: 10001\r\n\r\n{}", "a".repeat(10_001));
    let long_head = format!("{at}x-large: {}\r\ncontent-length: 0\r\n\r\n", "a".repeat(17_000));
    let slow = "POST /es/never HTTP/1.1\r\nhost: here\r\ncontent-length: 0\r\n\r\n".to_owned();
    let rows = [(&server, large, 413, "ES04-01"), (&server, long_head, 431, "ES04-01"), (&hasty, slow, 503, "ES03-02")];
    for (asked, request, status, code) in rows {
        let mut client = Client::connect(asked.address()).await;
        client.send(request).await;
        let answer = client.answer().await;
        let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(
            (answer.status, &body["Results"]["errorCode"]),
            (status, &serde_json::json!(code)),
            "{}",
            answer.body
        );
    }
    hasty.stop().await;
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_asks_before_it_sends_is_refused_before_it_sends() {
    let server = start(ServeSettings { body_limit_bytes: 10_000, ..patient() }).await;
    let mut client = Client::connect(server.address()).await;
    client.send("POST /echo HTTP/1.1\r\nhost: here\r\nexpect: 100-continue\r\ncontent-length: 10001\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 413);
    server.stop().await;
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_told_so() {
    let server = start(ServeSettings { request_timeout: SHORT, ..patient() }).await;
    let mut client = Client::connect(server.address()).await;
    let answer = client.get("/never").await;
    assert_eq!((answer.status, answer.error()), (503, ("service_error".into(), "timeout".into())));
    client.closed().await;
    // So is one whose body does not come.
    let mut client = Client::connect(server.address()).await;
    client.send("POST /echo HTTP/1.1\r\nhost: here\r\ncontent-length: 10\r\n\r\nabc").await;
    assert_eq!(client.answer().await.status, 503);
    server.stop().await;
}

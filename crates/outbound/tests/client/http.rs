//! Plain HTTP: the guard, redirects, time limits, bodies, connections that are used again.

use std::sync::Arc;

use kernel::Clock;
use outbound::{
    AddressClass, BadUrl, Client, Forbidden, Guard, HeaderValue, Method, Request, SendError, StatusCode, Step,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::server::{LONG, SHORT, Server, Stopped, get, local_client};

fn clock() -> Arc<dyn Clock> {
    Stopped::at(2026, 7, 1)
}

#[tokio::test]
async fn a_request_arrives_as_it_was_meant() {
    let server = Server::plain().await;
    let request = Request::new(Method::POST, server.url("http", "127.0.0.1", "/echo?a=b#c"), LONG)
        .header(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .header(http::header::HOST, HeaderValue::from_static("evil.example"))
        .header(http::header::CONTENT_LENGTH, HeaderValue::from_static("1"))
        .header(http::header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"))
        .body("{\"id\":1}");
    let answer = local_client().send(request).await.unwrap();
    assert_eq!((answer.status, answer.truncated, answer.address), (StatusCode::OK, false, server.address));
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let (head, body) = text.split_once('\n').unwrap();
    assert_eq!(body, "{\"id\":1}");
    assert!(head.starts_with("POST /echo?a=b "), "{head}");
    for header in [
        "\"content-type\": \"application/json\"",
        "\"content-length\": \"8\"",
        "\"user-agent\": \"choba/0.1.0\"",
        &format!("\"host\": \"{}\"", server.address),
    ] {
        assert!(head.contains(header), "{header} in {head}");
    }
    assert!(!head.contains("transfer-encoding"), "{head}");
}

#[tokio::test]
async fn this_machine_is_out_of_bounds_unless_allowed() {
    let server = Server::plain().await;
    let public = Client::new(Guard::public(), clock());
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "127.1", "0x7f000001", "2130706433"] {
        let refused = get(&public, &server.url("http", host, "/echo")).await.unwrap_err();
        assert!(
            matches!(refused, SendError::Forbidden(Forbidden { class: AddressClass::Loopback, .. })),
            "{host}: {refused:?}"
        );
    }
    assert!(matches!(get(&public, &server.url("http", "0.0.0.0", "/")).await, Err(SendError::Forbidden(_))));
    assert_eq!(server.connections(), 0);
    let listed = Guard::public().except(["127.0.0.0/8".parse().unwrap()]);
    for guard in [Guard::public().with_loopback(), listed, Guard::operator()] {
        let client = Client::new(guard, clock());
        assert_eq!(get(&client, &server.url("http", "127.0.0.1", "/echo")).await.unwrap().status, StatusCode::OK);
    }
    assert_eq!(get(&local_client(), &server.url("http", "localhost", "/echo")).await.unwrap().status, StatusCode::OK);
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let server = Server::plain().await;
    let answer = get(&local_client(), &server.url("http", "127.0.0.1", "/redirect")).await.unwrap();
    assert_eq!((answer.status, &answer.body[..]), (StatusCode::FOUND, &b"elsewhere"[..]));
    assert_eq!(answer.headers["location"], "/echo");
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn the_time_limit_is_over_everything() {
    let server = Server::plain().await;
    // Accepts connections and says nothing.
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mute_url = |scheme: &str| format!("{scheme}://{}/", mute.local_addr().unwrap());
    let rows = [
        (server.url("http", "127.0.0.1", "/silent"), Step::Awaiting, true),
        (server.url("http", "127.0.0.1", "/stuck"), Step::Reading, true),
        (mute_url("http"), Step::Awaiting, true),
        (mute_url("https"), Step::Securing, false),
    ];
    let mut waiting = tokio::task::JoinSet::new();
    for (url, step, may_have_arrived) in rows {
        waiting.spawn(async move {
            let failure = local_client().send(Request::new(Method::POST, &url, SHORT)).await.unwrap_err();
            assert_eq!(failure, SendError::TimedOut(step), "{url}");
            assert_eq!(failure.may_have_arrived(), may_have_arrived, "{url}");
        });
    }
    waiting.join_all().await;
}

#[tokio::test]
async fn a_failure_says_what_failed() {
    // Bound, so that nobody else gets it, and not listening.
    let bound = tokio::net::TcpSocket::new_v4().unwrap();
    bound.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let free = bound.local_addr().unwrap();
    let client = local_client();
    let refused = get(&client, &format!("http://{free}/")).await.unwrap_err();
    assert!(matches!(refused, SendError::Connect { address, .. } if address == free), "{refused:?}");
    let unknown = get(&client, "http://no-such-name.invalid/").await.unwrap_err();
    assert!(matches!(&unknown, SendError::NameNotFound { host, .. } if host == "no-such-name.invalid"), "{unknown:?}");
    assert_eq!(get(&client, "http://u:p@127.0.0.1/").await.unwrap_err(), SendError::BadUrl(BadUrl::UserInfo));
    assert_eq!(get(&client, "file:///etc/passwd").await.unwrap_err(), SendError::BadUrl(BadUrl::NotHttp));
    for failure in [refused, unknown] {
        assert!(!failure.may_have_arrived());
    }
}

#[tokio::test]
async fn what_is_not_http_is_named_and_may_have_arrived() {
    for said in ["SSH-2.0-OpenSSH_9.6\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", ""] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.unwrap());
            }
            stream.write_all(said.as_bytes()).await.unwrap();
        });
        let failure = get(&local_client(), &url).await.unwrap_err();
        assert!(matches!(failure, SendError::Protocol(_)), "{said:?}: {failure:?}");
        assert!(failure.may_have_arrived());
        server.await.unwrap();
    }
}

#[tokio::test]
async fn a_big_body_is_cut() {
    let server = Server::plain().await;
    let client = local_client();
    let answer = get(&client, &server.url("http", "127.0.0.1", "/big")).await.unwrap();
    assert_eq!((answer.body.len(), answer.truncated), (64 * 1024, true));
    for (kept, truncated) in [(0, true), (999_999, true), (1_000_000, false), (1_000_001, false)] {
        let mut request = Request::new(Method::GET, server.url("http", "127.0.0.1", "/big"), LONG);
        request.body_bytes_max = kept;
        let answer = client.send(request).await.unwrap();
        assert_eq!((answer.body.len(), answer.truncated), (kept.min(1_000_000), truncated));
    }
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let server = Server::plain().await;
    let client = local_client();
    for _ in 0..20 {
        get(&client.clone(), &server.url("http", "127.0.0.1", "/echo")).await.unwrap();
    }
    assert_eq!((server.connections(), server.requests()), (1, 20));
    // Another name is another connection, although it is the same server.
    get(&client, &server.url("http", "localhost", "/echo")).await.unwrap();
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_connection_that_was_closed_or_left_in_the_middle_is_not_used_again() {
    let server = Server::plain().await;
    let client = local_client();
    for path in ["/last", "/last", "/big", "/echo", "/echo"] {
        get(&client, &server.url("http", "127.0.0.1", path)).await.unwrap();
    }
    assert_eq!((server.connections(), server.requests()), (4, 5));
    let stuck = Request::new(Method::GET, server.url("http", "127.0.0.1", "/stuck"), SHORT);
    assert_eq!(client.send(stuck).await.unwrap_err(), SendError::TimedOut(Step::Reading));
    get(&client, &server.url("http", "127.0.0.1", "/echo")).await.unwrap();
    assert_eq!((server.connections(), server.requests()), (5, 7));
}

#[tokio::test]
async fn a_server_that_closes_idle_connections_gets_a_new_one() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    // Promises to keep the connection, and closes it; the next request comes on a new one.
    let server = tokio::spawn(async move {
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.unwrap());
            }
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
            stream.shutdown().await.unwrap();
            // The client closes as well as soon as it has seen it.
            assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
        }
    });
    let client = local_client();
    get(&client, &url).await.unwrap();
    while !server.is_finished() {
        // Whether it was seen before this request or while it was being sent, nothing is sent twice.
        match get(&client, &url).await {
            Ok(answer) => assert_eq!(answer.status, StatusCode::NO_CONTENT),
            Err(failure) => assert!(matches!(failure, SendError::Protocol(_) | SendError::Connect { .. }), "{failure}"),
        }
        tokio::task::yield_now().await;
    }
    server.await.unwrap();
}

#[tokio::test]
async fn many_requests_at_once_share_what_becomes_free() {
    let server = Server::plain().await;
    let client = local_client();
    let mut round = tokio::task::JoinSet::new();
    for _ in 0..3 {
        for _ in 0..16 {
            let (client, url) = (client.clone(), server.url("http", "127.0.0.1", "/echo"));
            round.spawn(async move { get(&client, &url).await });
        }
        while let Some(answer) = round.join_next().await {
            assert_eq!(answer.unwrap().unwrap().status, StatusCode::OK);
        }
    }
    assert_eq!(server.requests(), 48);
    assert!(server.connections() <= 16, "{}", server.connections());
}

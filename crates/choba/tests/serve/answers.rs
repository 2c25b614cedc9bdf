//! What every answer has, whatever the handler does.

use std::net::SocketAddr;

use axum::extract::{Extension, Path};
use axum::routing::{get, post};
use axum::{Router, body::Bytes};
use choba::app::{App, RunningApp, Worker};
use choba::serve::health::{NotReady, ReadyCheck};
use choba::serve::{Peer, RequestId, ServeSettings, figures};
use tokio::sync::mpsc;

use crate::client::Client;

fn routes() -> Router {
    let say_peer = |Extension(peer): Extension<Peer>| async move { format!("{} {}", peer.address, peer.tls) };
    Router::new()
        .route("/v1/charges/{id}", get(|Path(id): Path<String>| async move { id }))
        .route("/id", get(|Extension(id): Extension<RequestId>| async move { id.to_string() }))
        .route("/peer", get(say_peer))
        .route("/panic", get(|| async { panic!("card 4242 of Taro") as String }))
        .route("/echo", post(|body: Bytes| async move { body }))
}

async fn server() -> RunningApp {
    App::new().routes(routes()).start(ServeSettings::local()).await.unwrap()
}

#[tokio::test]
async fn every_answer_carries_the_id_of_its_request() {
    let server = server().await;
    let mut client = Client::connect(server.address()).await;
    let mut seen = std::collections::HashSet::new();
    for path in ["/id", "/id", "/nowhere", "/panic", "/healthz", "/echo"] {
        let answer = client.get(path).await;
        let id = answer.header("x-request-id").unwrap().to_owned();
        assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
        if path == "/id" {
            assert_eq!(answer.body, id);
        }
        assert!(seen.insert(id));
    }
    server.stop().await;
}

#[tokio::test]
async fn unknown_paths_and_methods_are_errors_in_the_usual_shape() {
    let server = server().await;
    let mut client = Client::connect(server.address()).await;
    let answer = client.get("/v2/charges").await;
    assert_eq!((answer.status, answer.error()), (404, ("invalid_request_error".into(), "not_found".into())));
    assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
    client.send("DELETE /v1/charges/1 HTTP/1.1\r\nhost: here\r\n\r\n").await;
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.error()), (405, ("invalid_method".into(), "method_not_allowed".into())));
    assert_eq!(answer.header("allow"), Some("GET,HEAD"));
    server.stop().await;
}

#[tokio::test]
async fn a_panic_is_a_500_that_reveals_nothing_and_the_server_lives_on() {
    let server = server().await;
    let mut client = Client::connect(server.address()).await;
    let answer = client.get("/panic").await;
    assert_eq!((answer.status, answer.error()), (500, ("server_error".into(), "internal_error".into())));
    assert!(!answer.body.contains("4242"));
    assert_eq!(client.get("/id").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_goes_away_does_not_stop_what_it_began() {
    let (began, mut has_began) = mpsc::channel::<()>(1);
    let (go_on, may_go_on) = tokio::sync::watch::channel(false);
    let (finished, mut has_finished) = mpsc::channel::<()>(1);
    let work = move || {
        let (began, mut may_go_on, finished) = (began.clone(), may_go_on.clone(), finished.clone());
        async move {
            began.send(()).await.unwrap();
            may_go_on.wait_for(|go_on| *go_on).await.unwrap();
            finished.send(()).await.unwrap();
        }
    };
    let app = App::new().routes(Router::new().route("/work", post(work)));
    let server = app.start(ServeSettings::local()).await.unwrap();
    let mut client = Client::connect(server.address()).await;
    client.send("POST /work HTTP/1.1\r\nhost: here\r\ncontent-length: 0\r\n\r\n").await;
    has_began.recv().await.unwrap();
    drop(client);
    // Another whole exchange: by then the server has seen that the first client is gone.
    assert_eq!(Client::connect(server.address()).await.get("/healthz").await.status, 200);
    go_on.send_replace(true);
    has_finished.recv().await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn peers_are_seen_through_trusted_proxies() {
    let mut settings = ServeSettings::local();
    let say = |proxies: bool| if proxies { "203.0.113.9 true" } else { "127.0.0.1 false" };
    for proxies in [false, true] {
        settings.trusted_proxies = if proxies { loopback() } else { Vec::new() };
        let server = App::new().routes(routes()).start(settings.clone()).await.unwrap();
        let mut client = Client::connect(server.address()).await;
        client.send("GET /peer HTTP/1.1\r\nx-forwarded-for: 203.0.113.9\r\nx-forwarded-proto: https\r\n\r\n").await;
        assert_eq!(client.answer().await.body, say(proxies));
        server.stop().await;
    }
}

/// `127.0.0.0/8`, read as a configuration would be.
fn loopback() -> Vec<choba::config::Network> {
    let setting = choba::config::setting::Setting::find("trusted_proxies").unwrap();
    let mut inputs = choba::config::Inputs { flags: vec![(setting, "127.0.0.0/8".into())], ..Default::default() };
    inputs.environment.insert("HOME".into(), "/home/nobody".into());
    choba::config::Settings::resolve(&inputs).unwrap().trusted_proxies
}

#[tokio::test]
async fn readiness_follows_its_checks_and_life_does_not() {
    let failing = ReadyCheck::new(|| async { Err(NotReady("the database does not answer")) });
    let server = App::new().ready_when(failing).start(ServeSettings::local()).await.unwrap();
    let mut client = Client::connect(server.address()).await;
    assert_eq!(client.get("/healthz").await.body, r#"{"status":"ok"}"#);
    let answer = client.get("/readyz").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.body, r#"{"reason":"the database does not answer","status":"unavailable"}"#);
    server.stop().await;

    let content = ReadyCheck::new(|| async { Ok(()) });
    let server = App::new().ready_when(content).start(ServeSettings::local()).await.unwrap();
    assert_eq!(Client::connect(server.address()).await.get("/readyz").await.status, 200);
    server.stop().await;
}

#[tokio::test]
async fn figures_count_by_template_and_stand_on_their_own_listener() {
    let handle = figures::recorder();
    let server = server().await;
    let settings = ServeSettings::local().for_figures(SocketAddr::from(([127, 0, 0, 1], 0)));
    let listener = choba::serve::start(figures::router(handle), settings).await.unwrap();
    let mut client = Client::connect(server.address()).await;
    for path in ["/v1/charges/secret-1", "/v1/charges/secret-2?key=secret-3", "/secret-4", "/metrics"] {
        client.get(path).await;
    }
    let figures = Client::connect(listener.address()).await.get("/metrics").await;
    assert_eq!(figures.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let line = |start: &str| {
        let line = figures.body.lines().find(|line| line.starts_with(start));
        line.unwrap_or_else(|| panic!("no line {start} in\n{}", figures.body)).rsplit(' ').next().unwrap().to_owned()
    };
    let charges = r#"{method="GET",route="/v1/charges/{id}",status="200"}"#;
    assert_eq!(line(&format!("choba_http_requests_total{charges}")), "2");
    assert_eq!(line(r#"choba_http_request_seconds_count{method="GET",route="/v1/charges/{id}"}"#), "2");
    assert!(figures.body.contains(r#"choba_http_requests_total{method="GET",route="unmatched",status="404"}"#));
    assert!(line("process_resident_memory_bytes").parse::<u64>().unwrap() > 1 << 20);
    assert_eq!(line("choba_build_info{version="), "1");
    assert!(!figures.body.contains("secret"));
    server.stop().await;
    listener.stop().await;
}

#[tokio::test]
async fn a_worker_that_panics_is_started_again_and_ends_with_the_server() {
    let (tell, mut told) = mpsc::channel::<&str>(8);
    let starts = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let worker = Worker::new("shaky", move |mut stop| {
        let (tell, starts) = (tell.clone(), starts.clone());
        async move {
            tell.send("began").await.unwrap();
            assert!(starts.fetch_add(1, std::sync::atomic::Ordering::Relaxed) > 0, "the first start fails");
            stop.requested().await;
            tell.send("ended").await.unwrap();
        }
    });
    let server = App::new().worker(worker).start(ServeSettings::local()).await.unwrap();
    assert_eq!(told.recv().await, Some("began"));
    assert_eq!(told.recv().await, Some("began"));
    server.stop().await;
    assert_eq!(told.recv().await, Some("ended"));
    assert_eq!(told.recv().await, None);
}

//! Graceful stop: what was accepted is finished, within bounds.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use choba::app::App;
use choba::serve::{Drained, ServeSettings};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};

use crate::client::Client;

/// A route that says when it began and answers when it may.
fn gated() -> (Router, mpsc::Receiver<()>, watch::Sender<bool>) {
    let (began, has_began) = mpsc::channel(8);
    let (open, opened) = watch::channel(false);
    let handler = move || {
        let (began, mut opened) = (began.clone(), opened.clone());
        async move {
            began.send(()).await.unwrap();
            opened.wait_for(|open| *open).await.unwrap();
            "finished"
        }
    };
    (Router::new().route("/gate", get(handler)), has_began, open)
}

#[tokio::test]
async fn requests_in_flight_are_finished_and_idle_connections_end() {
    let (routes, mut has_began, open) = gated();
    let server = App::new().routes(routes).start(ServeSettings::local()).await.unwrap();
    let address = server.address();
    let mut busy = Client::connect(address).await;
    busy.send("GET /gate HTTP/1.1\r\nhost: here\r\n\r\n").await;
    has_began.recv().await.unwrap();
    let mut idle = Client::connect(address).await;
    assert_eq!(idle.get("/readyz").await.status, 200);
    let mut silent = Client::connect(address).await;
    // One more exchange: connections are taken in order, so the silent one has been accepted too.
    assert_eq!(Client::connect(address).await.get("/healthz").await.status, 200);

    let stopping = tokio::spawn(server.stop());
    idle.closed().await;
    silent.closed().await;
    assert!(TcpStream::connect(address).await.is_err(), "new connections are refused");
    open.send_replace(true);
    let answer = busy.answer().await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "finished"));
    busy.closed().await;
    assert_eq!(stopping.await.unwrap(), Drained { cut_off: 0 });
}

#[tokio::test]
async fn what_does_not_end_in_time_is_cut_off_and_counted() {
    let (routes, mut has_began, _open) = gated();
    let settings = ServeSettings { drain_timeout: Duration::from_millis(60), ..ServeSettings::local() };
    let server = App::new().routes(routes).start(settings).await.unwrap();
    let mut stuck = Client::connect(server.address()).await;
    stuck.send("GET /gate HTTP/1.1\r\nhost: here\r\n\r\n").await;
    has_began.recv().await.unwrap();
    assert_eq!(server.stop().await, Drained { cut_off: 1 });
    stuck.closed().await;
}

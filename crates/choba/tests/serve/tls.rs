//! The listener with its own TLS.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Extension;
use axum::routing::get;
use choba::app::App;
use choba::config::TlsFiles;
use choba::serve::{Peer, ServeSettings, tls};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

use crate::client::Client;

/// A certificate for `localhost` made for these tests only; nothing trusts it.
fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn files() -> TlsFiles {
    TlsFiles { cert: data("localhost.crt"), key: data("localhost.key") }
}

fn connector() -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(data("localhost.crt")).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

#[tokio::test]
async fn requests_over_tls_are_answered_and_known_as_such() {
    let say = |Extension(peer): Extension<Peer>| async move { peer.tls.to_string() };
    let settings = ServeSettings { tls: Some(tls::acceptor(&files()).unwrap()), ..ServeSettings::local() };
    let server = App::new().routes(Router::new().route("/tls", get(say))).start(settings).await.unwrap();
    let stream = TcpStream::connect(server.address()).await.unwrap();
    let stream = connector().connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
    let mut client = Client::over(stream);
    assert_eq!(client.get("/tls").await.body, "true");
    assert_eq!(client.get("/tls").await.body, "true");
    server.stop().await;
    client.closed().await;
}

#[tokio::test]
async fn a_handshake_that_does_not_come_is_closed_and_so_is_plain_http() {
    let acceptor = tls::acceptor(&files()).unwrap();
    let header_timeout = Duration::from_millis(60);
    let settings = ServeSettings { tls: Some(acceptor), header_timeout, ..ServeSettings::local() };
    let server = App::new().start(settings).await.unwrap();
    Client::connect(server.address()).await.closed().await;
    let mut plain = TcpStream::connect(server.address()).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut plain, b"GET / HTTP/1.1\r\nhost: here\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    // A TLS alert, or nothing: in no case an HTTP answer.
    let _ = tokio::io::AsyncReadExt::read_to_end(&mut plain, &mut answer).await;
    assert!(!answer.starts_with(b"HTTP"));
    server.stop().await;
}

#[test]
fn files_that_do_not_belong_together_are_named() {
    let cert = data("localhost.crt");
    let rows = [
        (data("none.crt"), data("localhost.key"), "tls_cert", "none.crt cannot be read: No such file"),
        (data("localhost.key"), data("localhost.key"), "tls_cert", "localhost.key holds no certificate"),
        (cert.clone(), data("none.key"), "tls_key", "none.key cannot be read: No such file"),
        (cert.clone(), data("localhost.crt"), "tls_key", "localhost.crt holds no private key"),
        (cert.clone(), data("other.key"), "tls_key", "other.key is not the private key of the certificate"),
    ];
    for (cert, key, setting, message) in rows {
        let error = tls::acceptor(&TlsFiles { cert, key }).err().expect("a refusal");
        assert_eq!(error.setting(), setting);
        assert!(error.to_string().contains(message), "{error}");
    }
}

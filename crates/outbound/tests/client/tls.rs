//! TLS: who is trusted, and pinned certificates with their bytes, host and dates.

use outbound::pin::BadCertificate;
use outbound::{Client, Guard, Method, PinnedCertificate, Request, Response, SendError, StatusCode, TlsFault};

use crate::server::{Identity, LONG, Server, Stopped, get, local_client};

async fn get_pinned(client: &Client, url: &str, pin: &[u8]) -> Result<Response, SendError> {
    let pin = PinnedCertificate::parse(pin).unwrap();
    client.send(Request::new(Method::GET, url, LONG).pinned(pin)).await
}

fn fault(answer: Result<Response, SendError>) -> TlsFault {
    match answer {
        Err(SendError::Tls(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_accepted_with_its_pin_only() {
    for identity in [Identity::of(&["localhost"]), Identity::authority("localhost"), Identity::common_name("localhost")]
    {
        let server = Server::tls(&identity).await;
        let url = server.url("https", "localhost", "/echo");
        let client = local_client();
        let unpinned = fault(get(&client, &url).await);
        assert!(matches!(unpinned, TlsFault::NotTrusted(_)), "{unpinned:?}");
        for file in [&identity.der[..], identity.pem.as_bytes()] {
            assert_eq!(get_pinned(&client, &url, file).await.unwrap().status, StatusCode::OK);
        }
        // Who has no pin does not ride on the connection of who has.
        assert!(matches!(fault(get(&client, &url).await), TlsFault::NotTrusted(_)));
        assert_eq!(server.requests(), 2);
    }
}

#[tokio::test]
async fn another_certificate_of_the_same_name_is_refused() {
    let (own, other) = (Identity::of(&["localhost"]), Identity::of(&["localhost"]));
    let server = Server::tls(&own).await;
    let client = local_client();
    let url = server.url("https", "localhost", "/echo");
    assert_eq!(fault(get_pinned(&client, &url, &other.der).await), TlsFault::NotPinned);
    get_pinned(&client, &url, &own.der).await.unwrap();
    assert_eq!(fault(get_pinned(&client, &url, &other.der).await), TlsFault::NotPinned);
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_pinned_certificate_is_refused_outside_its_dates() {
    let identity = Identity::of(&["localhost"]);
    let server = Server::tls(&identity).await;
    let clock = Stopped::at(2025, 12, 31);
    let client = Client::new(Guard::operator(), clock.clone());
    let url = server.url("https", "localhost", "/echo");
    assert_eq!(fault(get_pinned(&client, &url, &identity.der).await), TlsFault::NotYetValid);
    clock.turn(2026, 1, 2);
    get_pinned(&client, &url, &identity.der).await.unwrap();
    get_pinned(&client, &url, &identity.der).await.unwrap();
    // The idle connection is still there, but its certificate's time is over.
    clock.turn(2027, 1, 2);
    assert_eq!(fault(get_pinned(&client, &url, &identity.der).await), TlsFault::Expired);
    assert_eq!((server.requests(), server.connections()), (2, 3));
}

#[tokio::test]
async fn a_pinned_certificate_is_refused_for_another_host() {
    for identity in [Identity::of(&["shop.example.jp"]), Identity::common_name("shop.example.jp")] {
        let server = Server::tls(&identity).await;
        for host in ["localhost", "127.0.0.1"] {
            let answer = get_pinned(&local_client(), &server.url("https", host, "/echo"), &identity.der).await;
            assert_eq!(fault(answer), TlsFault::WrongHost, "{host}");
        }
        assert_eq!(server.requests(), 0);
    }
    let by_address = Identity::of(&["127.0.0.1"]);
    let server = Server::tls(&by_address).await;
    get_pinned(&local_client(), &server.url("https", "127.0.0.1", "/echo"), &by_address.der).await.unwrap();
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_named() {
    let server = Server::plain().await;
    let failure = fault(get(&local_client(), &server.url("https", "localhost", "/echo")).await);
    assert!(matches!(failure, TlsFault::Handshake(_)), "{failure:?}");
}

#[tokio::test]
async fn a_secure_connection_is_used_again() {
    let identity = Identity::of(&["localhost"]);
    let server = Server::tls(&identity).await;
    let client = local_client();
    for _ in 0..10 {
        get_pinned(&client, &server.url("https", "localhost", "/echo"), &identity.der).await.unwrap();
    }
    assert_eq!((server.connections(), server.requests()), (1, 10));
}

#[test]
fn a_certificate_says_what_it_is() {
    let identity = Identity::of(&["shop.example.jp", "*.shop.example.jp", "192.0.2.1"]);
    let pin = PinnedCertificate::parse(identity.pem.as_bytes()).unwrap();
    assert_eq!(pin.der(), identity.der);
    assert_eq!((pin.subject(), pin.issuer()), ("CN=rcgen self signed cert", "CN=rcgen self signed cert"));
    assert_eq!(pin.not_before().to_string(), "2026-01-01T09:00:00+09:00");
    assert_eq!(pin.not_after().to_string(), "2027-01-01T09:00:00+09:00");
    assert_eq!(pin.hosts().collect::<Vec<_>>(), ["shop.example.jp", "*.shop.example.jp", "192.0.2.1"]);
    let rows = [
        ("shop.example.jp", true),
        ("SHOP.example.JP", true),
        ("a.shop.example.jp", true),
        ("a.b.shop.example.jp", false),
        ("192.0.2.1", true),
        ("192.0.2.2", false),
        ("example.jp", false),
        ("not a host", false),
    ];
    for (host, covered) in rows {
        assert_eq!(pin.covers(host), covered, "{host}");
    }
    let (first, last) = (pin.not_before(), pin.not_after());
    assert!(pin.is_valid_at(first) && pin.is_valid_at(last) && pin.is_valid_at(last.plus_micros(999_999)));
    assert!(!pin.is_valid_at(first.plus_micros(-1)) && !pin.is_valid_at(last.plus_seconds(1)));
    let common = PinnedCertificate::parse(&Identity::common_name("shop.example.jp").der).unwrap();
    assert_eq!(common.hosts().collect::<Vec<_>>(), ["shop.example.jp"]);
    assert!(common.covers("Shop.example.jp") && !common.covers("example.jp"));
    assert_eq!(pin, PinnedCertificate::parse(&identity.der).unwrap());
    assert_ne!(pin, common);
}

#[test]
fn a_file_that_cannot_be_pinned_says_why() {
    let identity = Identity::of(&["shop.example.jp"]);
    let (pem, key) = (identity.pem.clone(), identity.key.serialize_pem());
    let windows = format!("Bag Attributes\r\n{}", pem.replace('\n', "\r\n"));
    assert_eq!(PinnedCertificate::parse(windows.as_bytes()).unwrap().der(), identity.der);
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let rows: [(Vec<u8>, BadCertificate); 11] = [
        (vec![], BadCertificate::NotACertificate),
        (b"hello".to_vec(), BadCertificate::NotACertificate),
        (identity.der[..identity.der.len() - 1].to_vec(), BadCertificate::NotACertificate),
        ([&identity.der[..], b"x"].concat(), BadCertificate::NotACertificate),
        (identity.key.serialize_der(), BadCertificate::NotACertificate),
        (key.clone().into_bytes(), BadCertificate::PrivateKey),
        (format!("{pem}{key}").into_bytes(), BadCertificate::PrivateKey),
        (format!("{pem}{encrypted}").into_bytes(), BadCertificate::PrivateKey),
        (format!("{pem}{pem}").into_bytes(), BadCertificate::Several),
        (pem.replace("-----END CERTIFICATE-----", "").into_bytes(), BadCertificate::DamagedPem),
        (vec![b' '; 64 * 1024 + 1], BadCertificate::TooLarge),
    ];
    for (file, why) in rows {
        assert_eq!(PinnedCertificate::parse(&file).unwrap_err(), why, "{}", String::from_utf8_lossy(&file));
    }
}

proptest::proptest! {
    #[test]
    fn no_file_stops_the_reader(
        at in 0_usize..300,
        byte: u8,
        noise in proptest::collection::vec(proptest::num::u8::ANY, 0..200),
    ) {
        let _ = PinnedCertificate::parse(&noise);
        let _ = PinnedCertificate::parse(&[b"-----BEGIN CERTIFICATE-----\n", &noise[..]].concat());
        static DER: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| Identity::of(&["a.example"]).der);
        let mut damaged = DER.clone();
        if let Some(place) = damaged.get_mut(at) {
            *place = byte;
        }
        if let Ok(pin) = PinnedCertificate::parse(&damaged) {
            let _ = (pin.covers("a.example"), pin.hosts().count());
        }
    }
}

//! HTTPS receivers whose certificate nobody vouches for: accepted exactly when it was uploaded.

use serde_json::{Value, json};
use testkit::{Identity, Receiver, Sale, on_both};

use crate::pass;

#[tokio::test]
async fn exactly_the_uploaded_certificate_is_accepted() {
    on_both(async |app| {
        let (own, other) = (Identity::of("localhost"), Identity::of("localhost"));
        let receiver = Receiver::tls(&own).await;
        let desk = app.webhooks().await;
        let endpoint = desk.add(&receiver.url_as("localhost"), &["charge.succeeded"]).await;
        let charge = app.merchant().sell(&Sale::of(500)).await;
        app.run_jobs().await;
        // The clock of the machine stands still, so the order of the log says nothing: the number of the try does.
        let error = |tries: &[Value]| {
            let last = tries.iter().max_by_key(|made| made["number"].as_i64());
            last.and_then(|made| made["error"].as_str()).unwrap_or_default().to_owned()
        };
        let tries = desk.tries("").await;
        assert!(error(&tries).contains("not publicly trusted"), "{tries:?}");
        let certificate = format!("/webhooks/{endpoint}/certificate");
        let shown = desk.send("PUT", &certificate, other.pem.clone()).await.good();
        assert_eq!(shown["certificate"]["hosts"], json!(["localhost"]));
        pass(app, 10).await;
        let tries = desk.tries("").await;
        assert!(error(&tries).contains("not the one that was uploaded"), "{tries:?}");
        assert!(receiver.received().is_empty());
        desk.send("PUT", &certificate, own.der.clone()).await.good();
        pass(app, 400).await;
        assert_eq!(receiver.taken().len(), 1);
        assert_eq!(receiver.taken()[0].text("/data/object/id"), charge);
        let removed = desk.send("DELETE", &certificate, "").await.good();
        assert_eq!(removed["certificate"], Value::Null);
    })
    .await;
}

#[tokio::test]
async fn a_certificate_that_cannot_serve_is_refused_with_a_reason() {
    on_both(async |app| {
        let desk = app.webhooks().await;
        let https = desk.add("https://shop.example/hook", &[]).await;
        let http = desk.add("http://shop.example/hook", &[]).await;
        let fitting = Identity::of("shop.example");
        for (endpoint, file, part) in [
            (&https, b"nonsense".to_vec(), "certificate"),
            (&https, Identity::of("elsewhere.example").pem.into_bytes(), "not for the host"),
            (&http, fitting.pem.clone().into_bytes(), "shows no certificate"),
            (&https, [fitting.pem.as_bytes(), fitting.pem.as_bytes()].concat(), "certificate"),
        ] {
            let reply = desk.send("PUT", &format!("/webhooks/{endpoint}/certificate"), file).await;
            let message = reply.refused(400, "invalid_request_error", "invalid_certificate");
            assert!(message.contains(part), "{message}");
        }
        // One that fits the old host stands in the way of another host.
        desk.send("PUT", &format!("/webhooks/{https}/certificate"), fitting.pem.clone()).await.good();
        let moved = json!({ "url": "https://elsewhere.example/hook" }).to_string();
        // The certificate is checked against the URL that the endpoint would have.
        let reply = desk.send("POST", &format!("/webhooks/{https}"), moved).await;
        reply.refused(400, "invalid_request_error", "invalid_certificate");
    })
    .await;
}

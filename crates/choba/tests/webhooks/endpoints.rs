//! Endpoints: what can be said of them, and what is refused.

use kernel::Environment;
use serde_json::{Value, json};
use testkit::{Receiver, Sale, on_both};

use crate::story;

#[tokio::test]
async fn an_endpoint_is_added_shown_changed_and_deleted() {
    on_both(async |app| {
        let desk = app.webhooks().await;
        let new = json!({ "url": "https://shop.example/a", "events": ["charge.updated", "charge.check"] });
        let made = desk.keyed("add-1", "/webhooks", &new).await.good();
        assert_eq!(desk.keyed("add-1", "/webhooks", &new).await.good(), made, "twice is once");
        let id = made["id"].as_str().expect("an id");
        assert_eq!(
            (&made["events"], &made["state"], &made["waiting"], &made["certificate"]),
            (&json!(["charge.check", "charge.updated"]), &json!("active"), &json!(0), &Value::Null)
        );
        assert_eq!(desk.endpoint(id).await, made);
        assert_eq!(desk.get("/webhooks").await["data"], json!([made]));
        let edit = json!({ "url": "https://shop.example/b", "events": ["charge.updated"] });
        let edited = desk.post(&format!("/webhooks/{id}"), &edit).await;
        assert_eq!((&edited["url"], &edited["events"]), (&edit["url"], &edit["events"]));
        let disabled = desk.post(&format!("/webhooks/{id}/disable"), &Value::Null).await;
        assert_eq!((&disabled["state"], &disabled["disabled_for"]), (&json!("disabled"), &json!("shop")));
        let enabled = desk.post(&format!("/webhooks/{id}/enable"), &Value::Null).await;
        assert_eq!((&enabled["state"], &enabled["disabled_for"]), (&json!("active"), &Value::Null));
        desk.send("DELETE", &format!("/webhooks/{id}"), "").await.good();
        assert_eq!(desk.send("GET", &format!("/webhooks/{id}"), "").await.status, 404);
        for action in ["create", "change", "disable", "enable", "delete"] {
            assert_eq!(app.actions(&format!("webhook.{action}")).await, 1, "{action}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_named() {
    on_both(async |app| {
        let desk = app.webhooks().await;
        let live = app.webhooks_of(app.shop.id, Environment::Live).await;
        desk.add("http://shop.example/a", &["charge.captured"]).await;
        for (desk, body, code, part) in [
            (
                &desk,
                json!({ "url": "http://shop.example/b", "events": ["charge.captured"] }),
                "event_taken",
                "charge.captured",
            ),
            (&desk, json!({ "url": "http://shop.example/b", "events": ["ping"] }), "invalid_parameter", "events"),
            (
                &desk,
                json!({ "url": "http://shop.example/b", "events": ["charge.lost"] }),
                "invalid_parameter",
                "events",
            ),
            (&desk, json!({ "url": "shop.example", "events": [] }), "invalid_parameter", "url"),
            (&desk, json!({ "url": "http://10.0.0.1/", "events": [] }), "invalid_parameter", "not a public address"),
            (&live, json!({ "url": "http://shop.example/b", "events": [] }), "invalid_parameter", "https"),
            (&desk, json!({ "url": "http://shop.example/\u{0}", "events": [] }), "invalid_parameter", "url"),
            (&desk, json!({ "events": [] }), "invalid_json", "url"),
            (&desk, json!({ "url": "http://a.example/", "events": [], "more": 1 }), "invalid_json", "more"),
        ] {
            let reply = desk.send("POST", "/webhooks", body.to_string()).await;
            let message = reply.refused(400, "invalid_request_error", code);
            assert!(message.contains(part), "{body}: {message}");
        }
        assert_eq!(desk.get("/webhooks").await["data"].as_array().map(Vec::len), Some(1));
        for path in ["/webhooks/we_x", "/webhooks/%00", "/webhook-attempts/x", "/events/evt_1/resend"] {
            let method = if path.ends_with("resend") { "POST" } else { "GET" };
            assert_eq!(desk.send(method, path, "").await.status, 404, "{path}");
        }
        for query in ["endpoint=%00", "outcome=lost", "limit=0", "limit=101", "from=soon", "before=%00"] {
            let reply = desk.send("GET", &format!("/webhook-attempts?{query}"), "").await;
            reply.refused(400, "invalid_request_error", "invalid_parameter");
        }
        for query in ["charge=%00", "events=ping", "before=x"] {
            let reply = desk.send("GET", &format!("/events?{query}"), "").await;
            reply.refused(400, "invalid_request_error", "invalid_parameter");
        }
    })
    .await;
}

#[tokio::test]
async fn a_disabled_endpoint_keeps_its_events_and_a_deleted_one_leaves_them_to_another() {
    on_both(async |app| {
        let (first, second) = (Receiver::plain().await, Receiver::plain().await);
        let desk = app.webhooks().await;
        let endpoint = desk.subscribe(&first).await;
        desk.post(&format!("/webhooks/{endpoint}/disable"), &Value::Null).await;
        let charge = app.merchant().sell(&Sale::of(500)).await;
        app.merchant().capture(&charge).await.good();
        app.run_jobs().await;
        assert!(first.received().is_empty());
        let deleted = desk.send("DELETE", &format!("/webhooks/{endpoint}"), "").await.good();
        assert_eq!(deleted["given_up"], 2);
        desk.subscribe(&second).await;
        let from = app.now(app.shop.id).await.seconds() - 60;
        let replayed = desk.post("/events/replay", &json!({ "from": from, "to": from + 3_600 })).await;
        assert_eq!(replayed["resent"], 2);
        app.run_jobs().await;
        assert_eq!(story(&second.taken(), &charge), ["charge.succeeded", "charge.captured"]);
        assert!(first.received().is_empty());
    })
    .await;
}

//! Webhooks are as documented, the good answers and the refusals.

use serde_json::{Value, json};
use shop::Scope;
use testkit::{Engine, Identity, Receiver, Request, Sale, Setup, TestApp};

use crate::conversation::Conversation;

const BASE: &str = "/api/shops/{shop}/{environment}";

/// Somebody whose answers are all held to the document.
struct Desk {
    said: Conversation,
    token: String,
}

impl Desk {
    async fn send(&mut self, method: &'static str, path: &str, name: &str, body: impl Into<Vec<u8>>) -> Value {
        let template = format!("{BASE}{path}");
        let target = template.replace("{shop}", "1").replace("{environment}", "sandbox");
        let (bare, query) = target.split_once('?').unwrap_or((&target, ""));
        let bare = bare.replace("{endpoint}", name).replace("{event}", name).replace("{attempt}", name);
        let target = if query.is_empty() { bare } else { format!("{bare}?{query}") };
        let request = Request::post(target, body).method(method);
        let request = request.header("authorization", format!("Bearer {}", self.token));
        let template = template.split('?').next().unwrap_or_default().to_owned();
        self.said.send(&method.to_ascii_lowercase(), &template, request).await.json()
    }
}

#[tokio::test]
async fn webhooks_are_as_documented() {
    let app = TestApp::start(Engine::Sqlite, Setup::default()).await;
    let receiver = Receiver::plain().await;
    let token = app.token(None, vec![Scope::Webhooks]).await;
    let mut desk = Desk { said: Conversation::new(&app.http), token };
    let new = json!({ "url": receiver.url(), "events": ["charge.succeeded", "charge.check"] }).to_string();
    let made = desk.send("POST", "/webhooks", "", new.clone()).await;
    let id = made["id"].as_str().expect("an id").to_owned();
    for body in
        [new.as_str(), "{", "{}", r#"{"url":"x","events":[]}"#, r#"{"url":"https://a.example/","events":["x"]}"#]
    {
        desk.send("POST", "/webhooks", "", body).await;
    }
    let pinned = json!({ "url": "https://a.example/", "events": [], "certificate": Identity::of("a.example").pem });
    let https = desk.send("POST", "/webhooks", "", pinned.to_string()).await["id"].as_str().expect("an id").to_owned();
    desk.send("GET", "/webhooks", "", "").await;
    desk.send("POST", "/webhooks/{endpoint}", &id, r#"{"events":["charge.succeeded"]}"#).await;
    for name in [id.as_str(), "we_x", "%00"] {
        desk.send("GET", "/webhooks/{endpoint}", name, "").await;
        desk.send("POST", "/webhooks/{endpoint}/disable", name, "").await;
        desk.send("POST", "/webhooks/{endpoint}/enable", name, "").await;
        desk.send("POST", "/webhooks/{endpoint}/ping", name, "").await;
        desk.send("PUT", "/webhooks/{endpoint}/certificate", name, "x").await;
        desk.send("DELETE", "/webhooks/{endpoint}/certificate", name, "").await;
    }
    app.merchant().sell(&Sale::of(500).with("address", json!({ "tel": "03" }))).await;
    desk.send("POST", "/events/listen", "", "").await;
    app.run_jobs().await;
    let tries = desk.send("GET", "/webhook-attempts?limit=5&outcome=delivered", "", "").await;
    let one = tries["data"][0]["id"].as_str().expect("an id").to_owned();
    for name in [one.as_str(), "x"] {
        desk.send("GET", "/webhook-attempts/{attempt}", name, "").await;
    }
    desk.send("GET", "/webhook-attempts?limit=0", "", "").await;
    let events = desk.send("GET", "/events?events=charge.succeeded", "", "").await;
    let event = events["data"][0]["id"].as_str().expect("an id").to_owned();
    desk.send("GET", "/events?charge=x", "", "").await;
    for name in [event.as_str(), "evt_x"] {
        desk.send("POST", "/events/{event}/resend", name, "").await;
    }
    desk.send("POST", "/events/replay", "", r#"{"from":0,"to":9999999999}"#).await;
    desk.send("POST", "/events/replay", "", "[]").await;
    desk.send("GET", "/events/feed?after=0", "", "").await;
    desk.send("GET", "/events/feed", "", "").await;
    app.run_jobs().await;
    for name in [&id, &https] {
        desk.send("DELETE", "/webhooks/{endpoint}", name, "").await;
    }
    for (operation, status) in
        [("create_webhook", 200), ("ping_webhook", 200), ("follow_events", 200), ("replay_events", 200)]
    {
        assert!(desk.said.met.iter().any(|met| met.0 == operation && met.1 == status), "{operation}");
    }
    app.finish().await;
}

//! What belongs to one order is as documented: what happened with it, and its mails.

use serde_json::{Value, json};
use shop::Scope;
use testkit::{Engine, Receiver, Request, Sale, Setup, TestApp};

use crate::conversation::Conversation;

const BASE: &str = "/api/shops/{shop}/{environment}";

/// Somebody whose answers are all held to the document.
struct Desk {
    said: Conversation,
    token: String,
}

impl Desk {
    async fn send(&mut self, method: &'static str, path: &str, names: (&str, &str), body: impl Into<Vec<u8>>) -> Value {
        let template = format!("{BASE}{path}");
        let target = template.replace("{shop}", "1").replace("{environment}", "sandbox");
        let target = target.replace("{id}", names.0).replace("{mail}", names.1);
        let request = Request::post(target, body).method(method);
        let request = request.header("authorization", format!("Bearer {}", self.token));
        let template = template.split('?').next().unwrap_or_default().to_owned();
        self.said.send(&method.to_ascii_lowercase(), &template, request).await.json()
    }
}

#[tokio::test]
async fn what_belongs_to_an_order_is_as_documented() {
    let app = TestApp::start(Engine::Sqlite, Setup::default()).await;
    app.switch_mails_on(app.shop.id, "shop@example.jp").await;
    let receiver = Receiver::plain().await;
    app.webhooks().await.subscribe(&receiver).await;
    let merchant = app.merchant();
    let sold = merchant.sell(&Sale::of(1_000).buyer_named("楽天", "花子", "hanako@buyer.example")).await;
    merchant.change(&sold, 900).await.good();
    merchant.capture(&sold).await.good();
    app.run_jobs().await;
    let token = app.token(None, vec![Scope::Orders, Scope::Mail, Scope::Webhooks]).await;
    let mut desk = Desk { said: Conversation::new(&app.http), token };
    let texts = json!({ "subject": "発送のお知らせ", "body": "#CUSTOMER_NAME# 様\n発送しました。" }).to_string();
    let made = desk.send("POST", "/orders/{id}/mails", (&sold, ""), texts.clone()).await;
    let mail = made["id"].as_str().expect("an id").to_owned();
    for (subject, body) in [("", "本文"), ("件名", "①"), ("件名", &"い".repeat(4_001)), ("a\nb", "c")] {
        let wrong = json!({ "subject": subject, "body": body }).to_string();
        for path in ["/orders/{id}/mails", "/orders/{id}/mail-preview", "/mail-check"] {
            desk.send("POST", path, (&sold, ""), wrong.clone()).await;
        }
    }
    let preview = desk.send("POST", "/orders/{id}/mail-preview", (&sold, ""), texts.clone()).await;
    for wrong in ["{", "[]", r#"{"subject":1}"#] {
        for path in ["/orders/{id}/mails", "/orders/{id}/mail-preview", "/mail-check"] {
            desk.send("POST", path, (&sold, ""), wrong).await;
        }
    }
    app.run_jobs().await;
    let history = desk.send("GET", "/orders/{id}/mails", (&sold, ""), "").await;
    assert_eq!((&history["data"][0]["text"], &history["data"][0]["outcome"]), (&preview["body"], &"kept".into()));
    let event = app.webhooks().await.events("events=charge.captured").await[0]["id"].as_str().unwrap().to_owned();
    app.webhooks().await.post(&format!("/events/{event}/resend"), &Value::Null).await;
    app.run_jobs().await;
    let unknown = "1234567890-20261122-0000000042";
    for number in [sold.as_str(), unknown, "x"] {
        desk.send("GET", "/orders/{id}/timeline", (number, ""), "").await;
        desk.send("GET", "/orders/{id}/mails", (number, ""), "").await;
        desk.send("GET", "/orders/{id}/mail-draft", (number, ""), "").await;
        desk.send("POST", "/orders/{id}/mail-preview", (number, ""), texts.clone()).await;
        for mail in [mail.as_str(), "ntfn_x", "x", "%00"] {
            desk.send("POST", "/orders/{id}/mails/{mail}/resend", (number, mail), "").await;
        }
    }
    let told = desk.send("GET", "/orders/{id}/timeline", (&sold, ""), "").await;
    let kinds: Vec<&str> =
        told["data"].as_array().unwrap().iter().map(|entry| entry["type"].as_str().unwrap()).collect();
    for kind in ["change", "mail", "delivery", "sent_again"] {
        assert!(kinds.contains(&kind), "{kind}: {told}");
    }
    for query in ["from=0&to=9999999999", "from=0", "from=x&to=1", "from=0&to=9999999999&events=charge.captured"] {
        desk.send("GET", &format!("/events/replay?{query}"), ("", ""), "").await;
    }
    for query in ["charge=x", "type=x", "type=charge.captured", &format!("charge={sold}")] {
        desk.send("GET", &format!("/webhook-attempts?{query}"), ("", ""), "").await;
    }
    for (operation, status) in [
        ("show_timeline", 200),
        ("show_timeline", 404),
        ("list_order_mails", 200),
        ("send_order_mail", 200),
        ("draft_order_mail", 200),
        ("preview_order_mail", 200),
        ("check_mail", 200),
        ("resend_order_mail", 400),
        ("resend_order_mail", 404),
        ("count_replay", 200),
        ("count_replay", 400),
    ] {
        assert!(desk.said.met.iter().any(|met| met.0 == operation && met.1 == status), "{operation} {status}");
    }
    app.finish().await;
}

//! Orders, their acts, their export and saved searches: as documented, the good answers and the refusals; and what programs
//! do is what the pages do.

use serde_json::{Value, json};
use shop::Scope;
use testkit::app::on_both;
use testkit::{Engine, Reply, Request, Sale, Setup, TestApp};

use crate::conversation::Conversation;

const BASE: &str = "/api/shops/{shop}/{environment}";
const VIEWS: &str = "/api/shops/{shop}/order-views";

/// Somebody with a token whose answers are all held to the document.
struct Clerk {
    said: Conversation,
    token: String,
    key: Option<String>,
}

impl Clerk {
    async fn of(app: &TestApp) -> Clerk {
        let token = app.token(Some(app.shop.id), vec![Scope::Orders]).await;
        Clerk { said: Conversation::new(&app.http), token, key: None }
    }

    async fn send(&mut self, method: &'static str, template: &str, name: &str, query: &str, body: &str) -> Reply {
        let target = template.replace("{shop}", "1").replace("{environment}", "sandbox");
        let target = target.replace("{id}", name).replace("{view}", name);
        let target = if query.is_empty() { target } else { format!("{target}?{query}") };
        let mut request = Request::post(target, body).method(method);
        request = request.header("authorization", format!("Bearer {}", self.token));
        if let Some(key) = &self.key {
            request = request.header("idempotency-key", key.as_str());
        }
        self.said.send(&method.to_ascii_lowercase(), template, request).await
    }

    async fn list(&mut self, query: &str) -> Reply {
        self.send("GET", &format!("{BASE}/orders"), "", query, "").await
    }

    async fn show(&mut self, number: &str) -> Reply {
        self.send("GET", &format!("{BASE}/orders/{{id}}"), number, "", "").await
    }

    async fn act(&mut self, verb: &str, number: &str, body: &str) -> Reply {
        self.send("POST", &format!("{BASE}/orders/{{id}}/{verb}"), number, "", body).await
    }

    async fn csv(&mut self, query: &str) -> Reply {
        self.send("GET", &format!("{BASE}/orders.csv"), "", query, "").await
    }
}

fn items(price: i64, version: Option<i64>) -> String {
    let items = json!([{ "id": "item-01", "name": "商品", "quantity": 1, "unit_price": price }]);
    json!({ "items": items, "version": version }).to_string()
}

#[tokio::test]
async fn orders_are_as_documented() {
    let app = TestApp::start(Engine::Sqlite, Setup::default()).await;
    let mut clerk = Clerk::of(&app).await;
    let address = json!({ "last_name": "楽天", "tel": "0312345678" });
    let number = app.merchant().sell(&Sale::of(1_000).with("cart_id", "=1").with("address", address).point(100)).await;
    app.merchant().sell(&Sale::of(2_000)).await;
    for query in [
        "",
        "limit=1",
        "limit=0",
        "limit=x",
        "from=2026-11-22&to=2026-11-22&status=authorized,captured&sort=-amount",
        "from=x",
        "to=2026-02-31",
        "status=paid",
        "sort=name",
        "number=1",
        "after=x",
        "a=1&a=2",
        "number=%00",
        "environment=moon",
    ] {
        let reply = clerk.list(query).await;
        assert!([200, 400].contains(&reply.status), "{query}: {}", reply.text);
    }
    let shown = clerk.show(&number).await.good();
    assert_eq!((shown["version"].as_i64(), shown["window_ends"].as_i64()), (Some(1), Some(1_809_097_200)));
    assert_eq!(shown["why_not"], json!({ "capture": null, "cancel": null, "change": null }));
    for name in ["x", "%00", "1234567890-20261122-0000000042"] {
        clerk.show(name).await.refused(404, "invalid_request_error", "resource_missing");
        for verb in ["capture", "cancel"] {
            clerk.act(verb, name, "").await.refused(404, "invalid_request_error", "resource_missing");
        }
    }
    for body in ["[]", "{", "{\"further\":1}", "{\"version\":\"x\"}", "{\"items\":[]}"] {
        for verb in ["capture", "change"] {
            assert_eq!(clerk.act(verb, &number, body).await.status, 400, "{verb} {body}");
        }
    }
    clerk.act("change", &number, &items(1_000, None)).await.refused(400, "invalid_request_error", "same_amount");
    clerk.act("change", &number, &items(99, None)).await.refused(400, "invalid_request_error", "amount_too_small");
    clerk.act("change", &number, &items(99_999_999_999, None)).await.refused(
        400,
        "invalid_request_error",
        "invalid_parameter",
    );
    clerk.act("capture", &number, "{\"version\":7}").await.refused(400, "invalid_request_error", "charge_changed");
    assert_eq!(clerk.act("capture", &number, "{\"version\":1}").await.good()["status"], "captured");
    clerk.act("capture", &number, "").await.refused(400, "invalid_request_error", "already_captured");
    let changed = clerk.act("change", &number, &items(1_500, Some(2))).await.good();
    assert_eq!((changed["status"].as_str(), changed["amount"].as_i64()), (Some("authorized"), Some(1_500)));
    assert_eq!(clerk.act("cancel", &number, "").await.good()["status"], "cancelled");
    clerk.act("cancel", &number, "").await.refused(400, "invalid_request_error", "already_refunded");
    let shown = clerk.show(&number).await.good();
    assert_eq!(shown["why_not"]["change"], "already_refunded");

    let refusing = app.merchant().sell(&Sale::of(700).card("capture_refused")).await;
    clerk.act("capture", &refusing, "").await.refused(402, "payment_error", "invalid_payment");
    assert_eq!(clerk.csv("status=cancelled").await.text.lines().count(), 2);
    assert_eq!(clerk.csv("encoding=shift_jis").await.status, 200);
    assert_eq!(clerk.csv("encoding=x").await.status, 400);
    assert_eq!(clerk.csv("from=x").await.status, 400);

    clerk.token = app.token(Some(app.shop.id), vec![Scope::Mail]).await;
    assert_eq!(clerk.list("").await.status, 403);
    let other = app.new_shop(false).await;
    clerk.token = app.token(Some(other.id), vec![Scope::Orders]).await;
    assert_eq!(clerk.show(&number).await.status, 404, "a token of another shop");
    app.finish().await;
}

#[tokio::test]
async fn saved_searches_are_as_documented() {
    let app = TestApp::start(Engine::Sqlite, Setup::default()).await;
    let mut clerk = Clerk::of(&app).await;
    let save = |name: &str, search: &str| json!({ "name": name, "search": search }).to_string();
    let made = clerk.send("PUT", VIEWS, "", "", &save("未確定", "status=authorized")).await.good();
    let again = clerk.send("PUT", VIEWS, "", "", &save("未確定", "status=captured")).await.good();
    assert_eq!((&made["id"], again["search"].as_str()), (&again["id"], Some("status=captured")));
    for body in [
        save("", ""),
        save("a", "status=paid"),
        save("a", "%zz"),
        save("\0", ""),
        "[]".into(),
        "{".into(),
        json!({ "name": "a", "search": "", "staff": "stf_x" }).to_string(),
        json!({ "name": "a", "search": "", "staff": "\0" }).to_string(),
    ] {
        assert_eq!(clerk.send("PUT", VIEWS, "", "", &body).await.status, 400, "{body}");
    }
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(clerk.send("GET", VIEWS, "", "", "").await.good()["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(clerk.send("GET", VIEWS, "", "staff=%00", "").await.status, 400);
    let (one, restore) = (format!("{VIEWS}/{{view}}"), format!("{VIEWS}/{{view}}/restore"));
    assert_eq!(clerk.send("DELETE", &one, &id, "", "").await.status, 200);
    assert_eq!(clerk.send("DELETE", &one, &id, "", "").await.status, 404);
    assert_eq!(clerk.send("POST", &restore, &id, "", "").await.good(), again);
    assert_eq!(clerk.send("POST", &restore, &id, "", "").await.good(), again, "twice is once");
    for nothing in ["x", "%00", "ov_00000000000000000000000000000000"] {
        assert_eq!(clerk.send("DELETE", &one, nothing, "", "").await.status, 404);
        assert_eq!(clerk.send("POST", &restore, nothing, "", "").await.status, 404);
    }
    app.finish().await;
}

#[tokio::test]
async fn the_same_request_gets_the_first_answer_and_nothing_happens_twice() {
    on_both(async |app| {
        let mut clerk = Clerk::of(app).await;
        let number = app.merchant().sell(&Sale::of(1_000)).await;
        clerk.key = Some("capture-1".into());
        let first = clerk.act("capture", &number, "{\"version\":1}").await.good();
        clerk.key = Some("change-1".into());
        clerk.act("change", &number, &items(800, None)).await.good();
        clerk.key = Some("capture-1".into());
        assert_eq!(clerk.act("capture", &number, "{\"version\":1}").await.good(), first);
        clerk.act("capture", &number, "{}").await.refused(400, "invalid_request_error", "idempotency_key_reused");
        assert_eq!(app.effects(&app.merchant(), &number).await.events, ["succeeded", "captured", "updated"]);
    })
    .await;
}

#[tokio::test]
async fn pages_of_the_list_go_on_where_they_ended() {
    on_both(async |app| {
        let mut sold = Vec::new();
        for total in 0..12 {
            sold.push(app.merchant().sell(&Sale::of(500 + total % 5)).await);
        }
        let mut clerk = Clerk::of(app).await;
        for sort in ["-date", "amount", "-status"] {
            let (mut seen, mut query) = (Vec::new(), format!("sort={sort}&limit=5"));
            loop {
                let page: Value = clerk.list(&query).await.good();
                assert_eq!(page["total"], 12);
                seen.extend(
                    page["data"].as_array().unwrap().iter().map(|line| line["id"].as_str().unwrap().to_owned()),
                );
                let Some(next) = page["next"].as_str() else { break };
                query = format!("sort={sort}&limit=5&after={next}");
            }
            seen.sort();
            assert_eq!(seen, sold, "{sort}");
        }
    })
    .await;
}

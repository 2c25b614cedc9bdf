//! Real answers are as the document says, the good ones and the refusals; and so are its examples.

use kernel::Environment;
use serde_json::{Value, json};
use testkit::merchant::{basic, items_form};
use testkit::{Engine, Merchant, Request, Sale, Setup, TestApp, on_both};

use choba::api::openapi::{document, resolved};

use crate::conversation::Conversation;
use crate::routes::operations;
use crate::schema::mistakes;

const HELPER: &str = "/api/test_helpers/charges";
const FORM: &str = "application/x-www-form-urlencoded";

/// A shop's server whose answers are all held to the document.
struct Held<'a> {
    merchant: Merchant,
    said: &'a mut Conversation,
}

impl Held<'_> {
    async fn create(&mut self, sale: &Sale) -> Value {
        let reply = self.merchant.create(sale).await;
        self.said.hold("post", HELPER, &reply);
        reply.json()
    }

    async fn sell(&mut self, sale: &Sale) -> String {
        self.create(sale).await["id"].as_str().expect("an order number").to_owned()
    }

    async fn list(&mut self, query: &str) {
        let reply = self.merchant.list(query).await;
        self.said.hold("get", &format!("{}/charges", self.merchant.base), &reply);
    }

    async fn retrieve(&mut self, id: &str) {
        let reply = self.merchant.retrieve(id).await;
        self.said.hold("get", &format!("{}/charges/{{id}}", self.merchant.base), &reply);
    }

    async fn capture(&mut self, id: &str) {
        let reply = self.merchant.capture(id).await;
        self.said.hold("post", &format!("{}/charges/{{id}}/capture", self.merchant.base), &reply);
    }

    async fn refund(&mut self, id: &str, form: &str) {
        let reply = self.merchant.post(&format!("/charges/{id}/refund"), form).await;
        self.said.hold("post", &format!("{}/charges/{{id}}/refund", self.merchant.base), &reply);
    }
}

fn new_total(total: i64) -> String {
    items_form(&[("item-01", "商品", 1, total)])
}

/// Everything that can happen to charges, and every way to be refused that a client can bring about by itself.
async fn talk(mut held: Held<'_>) {
    let address = json!({ "country": "JPN", "last_name": "楽天" });
    let sale = Sale::of(1_122).with("cart_id", "cart").with("address", address).point(100);
    let id = held.sell(&sale.with("buyer", json!({ "id": "b", "email": "b@example.jp" }))).await;
    let details =
        json!({ "number": "4111111111111111", "expiry_year": 2199, "expiry_month": 1, "security_code": "123" });
    held.sell(&Sale::of(1).with("card", details)).await;
    for card in ["insufficient_funds", "3ds_passes", "3ds_fails", "4111111111111112", "nobody"] {
        held.create(&Sale::of(500).card(card)).await;
    }
    held.create(&Sale::of(500).buyer("no-points").point(500)).await;
    for wrong in [json!({}), json!([[]]), json!({ "items": [] }), json!({ "items": [], "further": 1 })] {
        held.create(&Sale(wrong)).await;
    }
    held.create(&Sale::items(&[("a", "b", 2, 99_999_999)])).await;
    for query in
        ["", "limit=1&offset=1", "limit=0", "limit=1&limit=2", "id=x", "payment[paid]=true&payment%5Bcaptured%5D=0"]
    {
        held.list(query).await;
    }
    held.list(&format!("id={id}&starting_after={id}&created[gt]=1&created[lte]=9999999999")).await;
    held.retrieve(&id).await;
    held.retrieve("nothing").await;
    for form in ["item_id_1=a", "items=1", "item_id_1=%ff"] {
        held.refund(&id, form).await;
    }
    held.refund(&id, &new_total(99)).await;
    held.refund(&id, &new_total(1_122)).await;
    held.refund(&id, &new_total(2_000)).await;
    held.capture(&id).await;
    held.capture(&id).await;
    held.refund(&id, "").await;
    held.refund(&id, "").await;
    held.capture(&id).await;
    held.capture("nothing").await;
    let refused = held.sell(&Sale::of(700).card("capture_refused")).await;
    held.capture(&refused).await;
    held.merchant = held.merchant.keyed("twice");
    let kept = held.sell(&Sale::of(800)).await;
    held.sell(&Sale::of(800)).await;
    held.capture(&kept).await;
}

#[tokio::test]
async fn charges_and_refusals_are_as_documented() {
    let app = TestApp::start(Engine::Sqlite, Setup::default()).await;
    let mut said = Conversation::new(&app.http);
    for environment in [Environment::Sandbox, Environment::Test] {
        talk(Held { merchant: app.shop.merchant(environment), said: &mut said }).await;
    }
    let mut live = Held { merchant: app.shop.merchant(Environment::Live), said: &mut said };
    live.create(&Sale::of(1)).await;
    live.list("").await;
    live.capture("1234567890-20261122-0000000042").await;
    let mut strange = Held { merchant: app.new_shop(false).await.sandbox(), said: &mut said };
    strange.create(&Sale::of(1).with("address", json!({}))).await;

    let met = |operation: &str, status: u16, code: &str| {
        assert!(
            said.met.contains(&(operation.into(), status, code.into())),
            "{operation} {status} {code}: {:?}",
            said.met
        );
    };
    for base in ["", "sandbox_"] {
        met(&format!("list_{base}charges"), 200, "");
        met(&format!("retrieve_{base}charge"), 200, "");
        met(&format!("capture_{base}charge"), 200, "");
        met(&format!("capture_{base}charge"), 400, "already_captured");
        met(&format!("capture_{base}charge"), 400, "idempotency_key_reused");
        met(&format!("capture_{base}charge"), 402, "invalid_payment");
        met(&format!("refund_{base}charge"), 200, "");
        met(&format!("refund_{base}charge"), 400, "amount_too_small");
        met(&format!("refund_{base}charge"), 400, "same_amount");
        met(&format!("refund_{base}charge"), 400, "already_refunded");
    }
    met("create_test_charge", 200, "");
    met("create_test_charge", 400, "invalid_card");
    met("create_test_charge", 402, "invalid_point");
    met("create_test_charge", 403, "test_helper");
    met("capture_charge", 403, "no_provider");
    app.finish().await;
}

#[tokio::test]
async fn mails_are_as_documented() {
    let app = TestApp::start(Engine::Sqlite, Setup::default()).await;
    let mut said = Conversation::new(&app.http);
    for environment in [Environment::Sandbox, Environment::Test] {
        let merchant = app.shop.merchant(environment);
        let (mail, list) =
            (format!("{}/notifications/mail", merchant.base), format!("{}/notifications", merchant.base));
        let id = merchant.sell(&Sale::of(500)).await;
        for (charge, subject, body) in
            [(id.as_str(), "件名", "本文\n"), (&id, "①", "b"), (&id, "", "b"), ("\0", "a", "b"), (&id, "a", "\0")]
        {
            said.hold("post", &mail, &merchant.notify(charge, subject, body).await);
        }
        said.hold("post", &mail, &merchant.post("/notifications/mail", "charge=1").await);
        said.hold("post", &mail, &merchant.post("/notifications/mail", "charge=%ff").await);
        for _ in 0..30 {
            said.hold("post", &mail, &merchant.notify(&id, "a", "b").await);
        }
        for query in [format!("charge={id}"), "id=ntfn_%00&offset=1".into(), "limit=x".into(), "a=1&a=2".into()] {
            said.hold("get", &list, &merchant.notifications(&query).await);
        }
    }
    let path = "/api/shops/{shop}/mail-settings";
    let token = app.token(None, vec![shop::Scope::Mail]).await;
    let bearer = |request: Request| request.header("authorization", format!("Bearer {token}"));
    for (shop, status) in [("1", 200), ("2", 404), ("x", 404)] {
        let request = bearer(Request::get(path.replace("{shop}", shop)));
        assert_eq!(said.send("get", path, request).await.status, status);
    }
    for (body, status) in [
        (json!({ "automatic": true, "contact_address": "a@example.jp", "opening": "#CUSTOMER_NAME#様" }), 200),
        (json!({ "automatic": true }), 200),
        (json!({ "automatic": false, "sender_name": "㈱" }), 400),
        (json!({ "automatic": false, "contact_address": "\0" }), 400),
        (json!([]), 400),
        (json!({ "automatic": false }), 200),
    ] {
        let request = bearer(Request::post(path.replace("{shop}", "1"), body.to_string()).method("PUT"));
        assert_eq!(said.send("put", path, request).await.status, status, "{body}");
    }
    let met = |operation: &str, status: u16, code: &str| said.met.contains(&(operation.into(), status, code.into()));
    for base in ["", "sandbox_"] {
        assert!(met(&format!("send_{base}notification"), 200, ""));
        assert!(met(&format!("send_{base}notification"), 400, "invalid_character"));
        assert!(met(&format!("send_{base}notification"), 400, "too_many_notifications"));
        assert!(met(&format!("list_{base}notifications"), 200, ""));
    }
    app.finish().await;
}

/// PostgreSQL has no text with a zero in it: where such a text cannot matter it matches nothing, elsewhere it is
/// refused.
#[tokio::test]
async fn texts_that_a_database_cannot_hold_are_answered() {
    on_both(async |app| {
        let mut said = Conversation::new(&app.http);
        let mut held = Held { merchant: app.merchant(), said: &mut said };
        for query in ["id=%00", "starting_after=%00", "further=%00", "payment[paid]=%00"] {
            held.list(query).await;
        }
        let address = json!({ "tel": "\0" });
        held.sell(&Sale::of(500).with("address", address).with("buyer", json!({ "id": "\0", "email": "\0" }))).await;
        for card in ["\0", "tok_\0", "tok_\n", "tok_あ"] {
            held.create(&Sale::of(500).card(card)).await;
        }
        held.create(&Sale::of(500).with("cart_id", "\0")).await;
        let id = held.sell(&Sale::of(500)).await;
        held.refund(&id, "item_id_1=%00&item_name_1=a&item_quantity_1=1&item_unit_price_1=1").await;
        held.refund("%00", "").await;
        assert!(said.met.iter().all(|(_, status, _)| *status < 500), "{:?}", said.met);
    })
    .await;
}

#[tokio::test]
async fn the_clock_is_as_documented() {
    let app = TestApp::start(Engine::Sqlite, Setup::default()).await;
    let token = app.clock_token().await;
    let mut said = Conversation::new(&app.http);
    let bearer = |request: Request| request.header("authorization", format!("Bearer {token}"));
    let clock = "/api/shops/{shop}/clock";
    for (shop, status) in [("1", 200), ("2", 404), ("x", 404), ("99999999999999999999", 404)] {
        let request = bearer(Request::get(clock.replace("{shop}", shop)));
        assert_eq!(said.send("get", clock, request).await.status, status);
    }
    let advance = format!("{clock}/advance");
    for (body, status) in [
        (json!({ "by": "200d" }), 200),
        (json!({ "to": 1_900_000_000 }), 200),
        (json!({ "to": 1_000_000_000 }), 400),
        (json!({ "to": i64::MAX }), 400),
        (json!({ "to": i64::MIN }), 400),
        (json!({ "by": "9999d" }), 400),
        (json!({ "by": "1d", "to": 1 }), 400),
        (json!({}), 400),
        (json!(["1d"]), 400),
        (json!(null), 400),
    ] {
        let request = bearer(Request::post(advance.replace("{shop}", "1"), body.to_string()));
        assert_eq!(said.send("post", &advance, request).await.status, status, "{body}");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_clock_is_never_turned_out_of_the_years_that_order_numbers_have() {
    let app = TestApp::start(Engine::Sqlite, Setup::default()).await;
    let token = app.clock_token().await;
    let mut said = Conversation::new(&app.http);
    let before = kernel::JstDate::new(8_999, 1, 1).expect("a date").start();
    app.turn_unattended(app.shop.id, before).await;
    let sold = app.merchant().sell(&Sale::of(500)).await;
    assert_eq!(&sold[11..19], "89990101");
    for (body, status) in [(r#"{"by":"364d"}"#, 200), (r#"{"by":"3650d"}"#, 400), (r#"{"by":"1d"}"#, 400)] {
        let answer = app.advance_over_http(&token, app.shop.id, body).await;
        said.hold("post", "/api/shops/{shop}/clock/advance", &answer);
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
    }
    app.finish().await;
}

#[tokio::test]
async fn what_the_server_refuses_by_itself_is_as_documented() {
    let mut setup = Setup { max_body_bytes: 2_000, ..Setup::default() };
    setup.limits.requests_of_a_key.requests = 2;
    setup.limits.plain_live = false;
    let app = TestApp::start(Engine::Sqlite, setup).await;
    let mut said = Conversation::new(&app.http);
    let charges = "/sandbox/v1/charges";
    let key = basic(&format!("{}:", app.merchant().private_key));
    let list = || Request::get(charges).header("authorization", key.as_str());
    let long = list().header("x-long", "x".repeat(20_000));
    assert_eq!(said.send("get", charges, long).await.status, 431);
    let large = Request::post(HELPER, "x".repeat(3_000)).header("authorization", key.as_str());
    assert_eq!(said.send("post", HELPER, large).await.status, 413);
    for expected in [200, 200, 429] {
        assert_eq!(said.send("get", charges, list()).await.status, expected);
    }
    let plain = Request::get("/v1/charges").header("authorization", key.as_str());
    let answer = said.send("get", "/v1/charges", plain).await;
    assert_eq!(answer.error().1, "https_required");
    for path in ["/healthz", "/readyz", "/api/openapi.json", "/api/docs"] {
        assert_eq!(said.send("get", path, Request::get(path)).await.status, 200);
    }
    app.finish().await;
}

#[tokio::test]
async fn examples_of_the_document_are_accepted() {
    let app = TestApp::start(Engine::Sqlite, Setup::default()).await;
    let example = &document()["paths"][HELPER]["post"]["requestBody"]["content"]["application/json"]["example"];
    let id = app.merchant().sell(&Sale(example.clone()).with("point", 1)).await;
    let refund = &document()["paths"]["/sandbox/v1/charges/{id}/refund"]["post"]["requestBody"];
    let mut fields = refund["content"][FORM]["example"].as_object().unwrap().clone();
    fields["item_quantity_1"] = 1.into();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let form: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", testkit::merchant::escaped(&text(value)))).collect();
    app.merchant().post(&format!("/charges/{id}/refund"), &form.join("&")).await.good();
    app.finish().await;
}

#[test]
fn examples_are_as_their_schemas_say() {
    let mut checked = 0;
    let mut check = |place: &str, content: &Value| {
        for (media_type, content) in content.as_object().into_iter().flatten() {
            let Some(example) = content.get("example").filter(|example| !example.is_null()) else { continue };
            assert_eq!(mistakes(&content["schema"], example), [""; 0], "{place} {media_type}");
            checked += 1;
        }
    };
    for (method, path, operation) in operations() {
        check(&format!("{method} {path}"), &operation["requestBody"]["content"]);
        for (status, answer) in operation["responses"].as_object().unwrap() {
            check(&format!("{method} {path} {status}"), &resolved(document(), answer)["content"]);
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let parameter = resolved(document(), parameter);
            if let Some(example) = parameter.get("example") {
                assert_eq!(mistakes(&parameter["schema"], example), [""; 0], "{method} {path}: {parameter}");
            }
        }
    }
    assert!(checked > 50, "{checked}");
}

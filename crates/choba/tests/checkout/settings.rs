//! Origins and security codes, as a shop or the operator sets them.

use serde_json::{Value, json};
use shop::Scope;
use testkit::{Reply, Request, Shopper, TestApp, on_both};

use crate::{session, shopper};

async fn put(app: &TestApp, token: &str, path: &str, body: Value) -> Reply {
    let request = Request::post(path, body.to_string()).method("PUT");
    app.http.send(&request.header("authorization", format!("Bearer {token}"))).await
}

#[tokio::test]
async fn origins_are_replaced_as_browsers_write_them() {
    on_both(async |app| {
        let token = app.token(Some(app.shop.id), vec![Scope::Admin]).await;
        let path = "/api/shops/1/sandbox/origins";
        let wanted =
            json!({ "origins": ["https://Shop.example:443", "http://localhost:3000", "https://shop.example"] });
        let kept = put(app, &token, path, wanted).await.good();
        assert_eq!(kept["origins"], json!(["http://localhost:3000", "https://shop.example"]));
        let shown = app.http.send(&Request::get(path).header("authorization", format!("Bearer {token}"))).await.good();
        assert_eq!(shown, kept);
        let wrong = put(app, &token, path, json!({ "origins": ["https://shop.example/cart"] })).await;
        assert!(wrong.refused(400, "invalid_request_error", "invalid_parameter").contains("origins[0]"));
        let plain = put(app, &token, "/api/shops/1/live/origins", json!({ "origins": ["http://shop.example"] })).await;
        assert!(plain.refused(400, "invalid_request_error", "invalid_parameter").contains("https"));
        let other = app.new_shop(true).await;
        let path = format!("/api/shops/{}/sandbox/origins", other.id);
        put(app, &token, &path, json!({ "origins": [] })).await.refused(
            404,
            "invalid_request_error",
            "resource_missing",
        );
    })
    .await;
}

#[tokio::test]
async fn the_security_code_is_asked_for_as_the_shop_and_the_operator_say() {
    on_both(async |app| {
        let path = "/api/shops/1/security-code";
        let shops = app.token(Some(app.shop.id), vec![Scope::Admin]).await;
        let operator = app.token(None, vec![Scope::Admin]).await;
        let group = |change: Value| json!({ "groups": [change] });
        let off = group(json!({ "group": "visa_mastercard", "asked": false }));
        put(app, &shops, path, off.clone()).await.good();
        let mut buyer = Shopper::new(&app.http, &session(app, 500).await);
        buyer.sign_up("taro@example.com").await;
        buyer.send("card", &[("new", "1"), ("number", crate::VISA), ("expiry", "12/30"), ("holder", "TARO")]).await;
        buyer.is_at("/points");

        put(app, &operator, path, group(json!({ "group": "visa_mastercard", "forced": true }))).await.good();
        let still = put(app, &shops, path, group(json!({ "group": "visa_mastercard", "asked": true }))).await;
        still.refused(400, "invalid_request_error", "security_code_forced");
        let own = put(app, &shops, path, group(json!({ "group": "visa_mastercard", "forced": false }))).await;
        own.refused(403, "permission_error", "operator_only");
        buyer.add_address().await;
        buyer.is_at("/confirm").sees("security_code");

        put(app, &operator, path, group(json!({ "group": "jcb_amex", "approved": false }))).await.good();
        buyer.add_card("3530111333300000").await;
        assert_eq!(buyer.status, 400);
        buyer.sees("このブランドのカードはご利用いただけません");
        let not_ours = put(app, &shops, path, group(json!({ "group": "jcb_amex", "asked": false }))).await;
        not_ours.refused(400, "invalid_request_error", "brand_not_approved");
        let unknown = put(app, &shops, path, group(json!({ "group": "suica" }))).await;
        assert!(unknown.refused(400, "invalid_request_error", "invalid_parameter").contains("groups[0].group"));
    })
    .await;
}

#[tokio::test]
async fn a_shop_without_addresses_asks_for_none() {
    on_both(async |app| {
        let mut buyer = shopper(app, 500, crate::VISA).await;
        buyer.send("confirm", &[]).await;
        let plain = app.new_shop(false).await;
        app.open_shop_page(plain.id, testkit::SHOP_ORIGIN).await;
        let button = testkit::Button::of(&plain, kernel::Environment::Sandbox, 500);
        let mut buyer = buyer.at_session(&testkit::Button::opened(&button.press(&app.http).await));
        buyer.add_card(crate::VISA).await;
        buyer.use_points(0).await;
        buyer.is_at("/confirm");
        buyer.send("confirm", &[]).await;
        buyer.sees("お支払いが完了しました");
        let list = plain.sandbox().get("/charges").await.good();
        assert!(list["data"][0]["address"].is_null());
    })
    .await;
}

//! The marketplace over the API: licences, functions, sub-statuses, faults, and that every answer is as documented.

use choba::api::mall::{FAULTS, FUNCTIONS, LICENCES, PLACE, REVEAL, SETTINGS, SUB_STATUSES};
use mall::licence::Functions;
use serde_json::{Value, json};
use shop::Scope;
use testkit::{Reply, Request, TestApp, on_both};

use crate::conversation::Conversation;

/// Sends a request whose answer is held to the document.
async fn send(app: &TestApp, authorization: &str, (method, path): (&'static str, &str), sent: Option<Value>) -> Reply {
    send_to(app, authorization, (method, path), "", sent).await
}

async fn send_to(
    app: &TestApp,
    authorization: &str,
    (method, path): (&'static str, &str),
    licence: &str,
    sent: Option<Value>,
) -> Reply {
    let target = path.replace("{shop}", "1").replace("{licence}", licence);
    let text = sent.map(|sent| sent.to_string()).unwrap_or_default();
    let request = Request::post(target, text).method(method).header("authorization", authorization);
    Conversation::new(&app.http).send(&method.to_ascii_lowercase(), path, request).await
}

#[tokio::test]
async fn licences_answer_as_documented() {
    on_both(async |app| {
        let token = format!("Bearer {}", app.token(Some(app.shop.id), vec![Scope::Mall]).await);
        // A shop that is not on the mall has none.
        for (method, path, sent) in
            [("GET", LICENCES, None), ("POST", LICENCES, None), ("PUT", FUNCTIONS, Some(json!({ "functions": [] })))]
        {
            let refused = send(app, &token, (method, path), sent).await;
            refused.refused(404, "invalid_request_error", "resource_missing");
        }
        app.open_on_mall(app.shop.id, 123_456, Functions::none()).await;
        let listed = send(app, &token, ("GET", LICENCES), None).await.good();
        assert_eq!((listed["shop_url"].as_str(), listed["data"].as_array().unwrap().len()), (Some("shop-123456"), 1));
        assert_eq!(listed["functions"].as_array().unwrap().len(), 18);
        let made = send(app, &token, ("POST", LICENCES), None).await.good();
        let shown = send_to(app, &token, ("POST", REVEAL), made["id"].as_str().unwrap(), None).await.good();
        assert_eq!(shown, made);
        let missing = send_to(app, &token, ("POST", REVEAL), "lic_0000000000000000", None).await;
        missing.refused(404, "invalid_request_error", "resource_missing");
        let on = json!({ "functions": ["rpay.order.getOrder"] });
        assert_eq!(
            send(app, &token, ("PUT", FUNCTIONS), Some(on)).await.good()["data"][0]["functions"],
            json!(["rpay.order.getOrder"])
        );
        for wrong in [json!({ "functions": ["getOrder"] }), json!({}), json!({ "functions": [], "more": 1 })] {
            assert_eq!(send(app, &token, ("PUT", FUNCTIONS), Some(wrong)).await.status, 400);
        }
        assert_eq!(send(app, &token, ("POST", LICENCES), Some(json!({ "days": 365 }))).await.status, 400);
    })
    .await;
}

#[tokio::test]
async fn a_shop_opens_its_place_once_and_gets_a_licence() {
    on_both(async |app| {
        let token = format!("Bearer {}", app.token(None, vec![Scope::Admin]).await);
        send(app, &token, ("GET", PLACE), None).await.refused(404, "invalid_request_error", "resource_missing");
        let open = async |rms_id: i64, url: &str| {
            send(app, &token, ("PUT", PLACE), Some(json!({ "rms_id": rms_id, "shop_url": url }))).await
        };
        for (rms_id, url) in [(99_999, "tea"), (1_000_000, "tea"), (100_001, ""), (100_001, "Tea"), (100_001, "お茶")]
        {
            assert_eq!(open(rms_id, url).await.status, 400, "{rms_id} {url}");
        }
        let made = open(100_001, "tea").await.good();
        assert_eq!(
            made,
            json!({ "object": "mall_place", "shop": 1, "rms_id": 100_001, "shop_url": "tea", "model": "rpay" })
        );
        assert_eq!(open(100_001, "tea").await.good(), made);
        assert_eq!(send(app, &token, ("GET", PLACE), None).await.good(), made);
        open(100_002, "tea").await.refused(400, "invalid_request_error", "place_stays");
        assert_eq!(app.actions("mall.open").await, 1);

        // Another shop takes neither the number nor the URL.
        let other = app.new_shop(false).await;
        for (rms_id, url) in [(100_001, "coffee"), (100_002, "tea")] {
            let sent = json!({ "rms_id": rms_id, "shop_url": url }).to_string();
            let request = Request::post(PLACE.replace("{shop}", &other.id.0.to_string()), sent).method("PUT");
            let refused =
                Conversation::new(&app.http).send("put", PLACE, request.header("authorization", &token)).await;
            refused.refused(400, "invalid_request_error", "place_taken");
        }
        let key = send(app, &token, ("POST", LICENCES), None).await.good();
        assert!(key["license_key"].as_str().unwrap().starts_with("SL100001_"), "{key}");
        assert_eq!(key["functions"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_token_needs_the_scope_and_the_shop() {
    on_both(async |app| {
        app.open_on_mall(app.shop.id, 123_456, Functions::none()).await;
        let other = app.new_shop(false).await;
        let without = format!("Bearer {}", app.token(Some(app.shop.id), vec![Scope::Keys]).await);
        let others = format!("Bearer {}", app.token(Some(other.id), vec![Scope::Mall]).await);
        for (method, path, sent) in [
            ("GET", PLACE, None),
            ("PUT", PLACE, Some(json!({ "rms_id": 123_456, "shop_url": "x" }))),
            ("GET", LICENCES, None),
            ("POST", LICENCES, None),
            ("POST", REVEAL, None),
            ("PUT", FUNCTIONS, Some(json!({ "functions": [] }))),
            ("GET", SUB_STATUSES, None),
            ("PUT", SUB_STATUSES, Some(json!({ "data": [] }))),
        ] {
            let refused = send_to(app, &without, (method, path), "lic_0000000000000000", sent.clone()).await;
            refused.refused(403, "permission_error", "insufficient_scope");
            let hidden = send_to(app, &others, (method, path), "lic_0000000000000000", sent).await;
            hidden.refused(404, "invalid_request_error", "resource_missing");
        }
        assert_eq!(app.rows_in("mall_licence").await, 1);
    })
    .await;
}

#[tokio::test]
async fn sub_statuses_answer_as_documented() {
    on_both(async |app| {
        let token = format!("Bearer {}", app.token(Some(app.shop.id), vec![Scope::Mall]).await);
        let put = async |sent: Value| send(app, &token, ("PUT", SUB_STATUSES), Some(sent)).await;
        let made = put(json!({ "data": [{ "order_progress": 300, "name": "入荷待ち" }] })).await.good();
        assert_eq!(made, json!({ "object": "list", "data": [{ "id": 3_001, "order_progress": 300, "name": "入荷待ち", "position": 1 }] }));
        assert_eq!(send(app, &token, ("GET", SUB_STATUSES), None).await.good(), made);
        let renamed = put(json!({ "data": [{ "id": 3_001, "order_progress": 300, "name": "取寄せ中" }] })).await.good();
        assert_eq!(renamed["data"][0]["name"], "取寄せ中");
        for wrong in [
            json!({ "data": [{ "order_progress": 150, "name": "x" }] }),
            json!({ "data": [{ "order_progress": 300, "name": "" }] }),
            json!({ "data": [{ "id": 9, "order_progress": 300, "name": "x" }] }),
            json!({ "data": [{ "order_progress": 300 }] }),
        ] {
            assert_eq!(put(wrong).await.status, 400);
        }
        assert_eq!(app.actions("mall.sub_statuses").await, 2);
        assert_eq!(put(json!({ "data": [] })).await.good()["data"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn faults_answer_as_documented() {
    on_both(async |app| {
        let program = app.open_on_mall(app.shop.id, 123_456, Functions::none()).await;
        let esa = program.authorization();
        let asked = json!({ "faults": [
            { "fault": "slow", "times": 1, "milliseconds": 10 }, { "fault": "answer_lost", "operation": "getOrder", "times": 3 },
        ] });
        assert_eq!(send(app, &esa, ("PUT", FAULTS), Some(asked.clone())).await.good(), asked);
        assert_eq!(send(app, &esa, ("GET", FAULTS), None).await.good(), asked);
        assert_eq!(send(app, &esa, ("PUT", FAULTS), Some(json!({ "faults": [{ "fault": "slow" }] }))).await.status, 400);
        let unknown = send(app, "ESA U1A6U0w=", ("GET", FAULTS), None).await;
        let message = unknown.refused(401, "authentication_error", "invalid_api_key");
        assert_eq!(message, "Send Authorization: ESA base64(serviceSecret:licenseKey): serviceSecret or licenseKey is unknown.");
        assert_eq!(unknown.header("www-authenticate"), Some("ESA realm=\"choba\""));
        assert_eq!(app.actions("mall.faults").await, 1);
    })
    .await;
}

#[tokio::test]
async fn settings_answer_as_documented() {
    on_both(async |app| {
        let token = format!("Bearer {}", app.token(Some(app.shop.id), vec![Scope::Mall]).await);
        let automatic = || Some(json!({ "confirmation": "automatic", "trackable_mail": true }));
        for (method, sent) in [("GET", None), ("PUT", automatic())] {
            let refused = send(app, &token, (method, SETTINGS), sent).await;
            refused.refused(404, "invalid_request_error", "resource_missing");
        }
        app.open_on_mall(app.shop.id, 123_456, Functions::none()).await;
        assert_eq!(send(app, &token, ("GET", SETTINGS), None).await.good()["confirmation"], "unset");
        for _ in 0..2 {
            let set = send(app, &token, ("PUT", SETTINGS), automatic()).await.good();
            let expected = json!({ "object": "mall_settings", "confirmation": "automatic", "trackable_mail": true });
            assert_eq!(set, expected);
        }
        assert_eq!(app.actions("mall.setting").await, 1);
        for wrong in [
            json!({ "confirmation": "unset", "trackable_mail": true }),
            json!({ "confirmation": "manual" }),
            json!({ "confirmation": 1, "trackable_mail": true }),
        ] {
            assert_eq!(send(app, &token, ("PUT", SETTINGS), Some(wrong)).await.status, 400);
        }
    })
    .await;
}

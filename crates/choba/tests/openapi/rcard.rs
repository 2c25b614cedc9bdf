//! The older card API's switch-over and test helpers are as documented.

use choba::api::mall::PLACE as MALL;
use choba::api::rcard::{CARD, ORDER, ORDERS, PLACE, PLUS, REVEAL, RULES, SWITCH};
use serde_json::{Value, json};
use shop::Scope;
use testkit::merchant::basic;
use testkit::{Reply, Request, TestApp, on_both};

use crate::conversation::Conversation;

/// Sends to a documented path, as who authenticates so.
async fn send(
    said: &mut Conversation,
    (method, path): (&'static str, &str),
    order: &str,
    authorization: &str,
    body: Option<Value>,
) -> Reply {
    let target = path.replace("{shop}", "1").replace("{order}", order);
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let request = Request::post(target, body).method(method).header("authorization", authorization);
    said.send(&method.to_ascii_lowercase(), path, request).await
}

#[tokio::test]
async fn the_older_card_api_is_as_documented() {
    on_both(async |app: &TestApp| {
        let mut said = Conversation::new(&app.http);
        let token = app.token(Some(app.shop.id), vec![Scope::Mall]).await;
        let (token, key) = (format!("Bearer {token}"), basic(&format!("{}:", app.merchant().private_key)));
        let other = basic(&format!("{}:", app.shop.merchant(kernel::Environment::Test).private_key));
        let user = || Some(json!({ "user_name": "tempostar" }));
        let order = || Some(json!({ "amount": 208, "card": "over_limit", "owner": "HANAKO" }));
        for (at, authorization, body) in [
            (("GET", PLACE), &token, None),
            (("POST", SWITCH), &token, user()),
            (("POST", REVEAL), &token, None),
            (("POST", ORDERS), &key, order()),
        ] {
            let reply = send(&mut said, at, "", authorization, body).await;
            reply.refused(400, "invalid_request_error", "not_on_the_old_model");
        }
        let place = |model: &str| Some(json!({ "rms_id": 123_456, "shop_url": "tea", "model": model }));
        for model in ["rpay", "rcard"] {
            assert_eq!(send(&mut said, ("PUT", MALL), "", &token, place(model)).await.good()["model"], model);
        }
        assert_eq!(send(&mut said, ("PUT", MALL), "", &token, place("mcard")).await.status, 400);
        let unsaid = Some(json!({ "rms_id": 123_456, "shop_url": "tea" }));
        assert_eq!(send(&mut said, ("PUT", MALL), "", &token, unsaid).await.good()["model"], "rcard");

        let placed = send(&mut said, ("POST", ORDERS), "", &key, order()).await.good();
        let number = placed["orderNumber"].as_str().expect("a number").to_owned();
        assert_eq!(placed["cardNumber"], "****-****-****-0021");
        for wrong in [json!({}), json!({ "amount": -1 }), json!({ "amount": 1, "card": "gold" }), json!([1])] {
            assert_eq!(send(&mut said, ("POST", ORDERS), "", &key, Some(wrong)).await.status, 400);
        }
        let owner = json!({ "amount": 1, "owner": "" });
        assert_eq!(send(&mut said, ("POST", ORDERS), "", &key, Some(owner)).await.status, 400);
        assert_eq!(send(&mut said, ("POST", ORDERS), "", &other, order()).await.status, 403);
        for (act, status) in [("authorize", 200), ("authorize", 400), ("sing", 400)] {
            let reply = send(&mut said, ("POST", PLUS), &number, &key, Some(json!({ "act": act }))).await;
            assert_eq!(reply.status, status, "{act}");
        }
        assert_eq!(send(&mut said, ("GET", ORDER), &number, &key, None).await.good()["statusInRms"], "オーソリ済");
        let jcb = || Some(json!({ "card": "jcb" }));
        assert_eq!(send(&mut said, ("POST", CARD), &number, &key, jcb()).await.status, 400);
        send(&mut said, ("POST", SWITCH), "", &token, user()).await.refused(
            400,
            "invalid_request_error",
            "orders_in_the_way",
        );
        send(&mut said, ("POST", REVEAL), "", &token, None).await.refused(
            400,
            "invalid_request_error",
            "not_switched_over",
        );
        let rules = || Some(json!({ "delay_seconds": 5 }));
        assert_eq!(send(&mut said, ("PUT", RULES), "", &key, rules()).await.status, 400);
        send(&mut said, ("POST", PLUS), &number, &key, Some(json!({ "act": "cancel" }))).await.good();
        assert_eq!(send(&mut said, ("POST", CARD), &number, &key, jcb()).await.good()["brand"], "JCB");
        send(&mut said, ("GET", PLACE), "", &token, None).await.good();
        let made = send(&mut said, ("POST", SWITCH), "", &token, user()).await.good();
        assert_eq!(send(&mut said, ("POST", REVEAL), "", &token, None).await.good(), made);
        send(&mut said, ("GET", PLACE), "", &token, None).await.good();
        let set = send(&mut said, ("PUT", RULES), "", &key, rules()).await.good();
        assert_eq!((&set["delay_seconds"], &set["span_days_max"]), (&json!(5), &json!(31)));
        for wrong in [json!({ "delay": 5 }), json!({ "delay_seconds": -1 })] {
            assert_eq!(send(&mut said, ("PUT", RULES), "", &key, Some(wrong)).await.status, 400);
        }
        for unknown in ["123456-20261122-0000000099", "x"] {
            assert_eq!(send(&mut said, ("GET", ORDER), unknown, &key, None).await.status, 404);
            assert_eq!(send(&mut said, ("POST", CARD), unknown, &key, jcb()).await.status, 404);
        }
    })
    .await;
}

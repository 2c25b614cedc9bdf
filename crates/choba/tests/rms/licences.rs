//! Licences (contract, "Licence, limits"; seed 001 "利用設定"): 90 days by the shop's clock, overlap of two keys, functions
//! that are switched one by one, and what the audit log tells.

use mall::licence::Functions;
use mall::wire::Operation;
use serde_json::{Value, json};
use shop::Scope;
use testkit::{Engine, Reply, Request, RmsProgram, Setup, TestApp, on_both, on_both_with};

use crate::world::{FIRST, RMS_ID, advance_to, body, program, with_orders};

const EXPIRY: &str = "/es/1.0/license-management/license-key/expiry-date";

/// The shop's own programs, with a token for the marketplace.
async fn api(app: &TestApp, method: &'static str, path: &str, sent: Value) -> Reply {
    let token = app.token(Some(app.shop.id), vec![Scope::Mall]).await;
    let sent = if sent.is_null() { String::new() } else { sent.to_string() };
    let request = Request::post(format!("/api/shops/1/mall/{path}"), sent).method(method);
    app.http.send(&request.header("authorization", format!("Bearer {token}"))).await
}

async fn answers(program: &RmsProgram) -> u16 {
    program.call("getSubStatusList", json!({})).await.status
}

async fn expiry(program: &RmsProgram, key: &str) -> Reply {
    program.send(Request::get(format!("{EXPIRY}?licenseKey={key}"))).await
}

#[tokio::test]
async fn a_key_ends_after_its_90th_day_by_the_clock_of_the_shop() {
    on_both(async |app| {
        // Issued 2026-11-22; its 90th day after is 2027-02-20 (9 days of November, 31, 31, 19 of February).
        let program = program(app).await;
        let shown = expiry(&program, &program.license_key).await;
        assert_eq!(body(&shown, 200), json!({ "expiryDate": "2027-02-20T23:59:59+0900" }));
        advance_to(app, "2027-02-20T23:59:59+0900").await;
        assert_eq!(answers(&program).await, 200);
        advance_to(app, "2027-02-21T00:00:00+0900").await;
        let refused = program.call("getSubStatusList", json!({})).await;
        let expected = json!({ "Results": { "errorCode": "ES04-01", "message": "Un-Authorised" } });
        assert_eq!(body(&refused, 401), expected);
        assert_eq!(refused.header("x-choba-reason"), Some("the licenseKey ended at 2027-02-20T23:59:59+0900"));
        assert_eq!(app.actions("mall.licence.end").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_renewed_key_counts_beside_the_old_one_until_that_ends() {
    on_both(async |app| {
        let old = program(app).await;
        advance_to(app, "2027-01-10T12:00:00+0900").await;
        let made = api(app, "POST", "licences", Value::Null).await.good();
        assert_eq!(made["expiry_date"], "2027-04-10T23:59:59+0900");
        assert_eq!(made["service_secret"], old.service_secret.as_str(), "one secret a shop");
        let new = old.keyed(made["license_key"].as_str().unwrap());
        assert_ne!(new.license_key, old.license_key);
        assert_eq!((answers(&old).await, answers(&new).await), (200, 200));
        for program in [&old, &new] {
            assert_eq!(body(&expiry(program, &old.license_key).await, 200)["expiryDate"], "2027-02-20T23:59:59+0900");
        }
        advance_to(app, "2027-02-21T00:00:00+0900").await;
        assert_eq!((answers(&old).await, answers(&new).await), (401, 200));
        assert_eq!((app.actions("mall.licence.issue").await, app.actions("mall.licence.renew").await), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn functions_are_switched_on_the_newest_key_and_the_old_list_stays() {
    on_both(async |app| {
        let old = program(app).await;
        let made = api(app, "POST", "licences", Value::Null).await.good();
        let new = old.keyed(made["license_key"].as_str().unwrap());
        let listed = api(app, "PUT", "functions", json!({ "functions": ["rpay.order.getOrder"] })).await.good();
        let functions = |index: usize| listed["data"][index]["functions"].as_array().unwrap().len();
        assert_eq!((functions(0), functions(1)), (1, 18), "過去の利用情報");
        let enabled: Vec<&Value> =
            listed["functions"].as_array().unwrap().iter().filter(|function| function["enabled"] == true).collect();
        assert_eq!(enabled.len(), 1);
        assert_eq!(enabled[0]["name"], "rpay.order.getOrder");
        let refused = new.call("getSubStatusList", json!({})).await;
        assert_eq!(body(&refused, 401)["Results"]["errorCode"], "ES04-01");
        let reason = "the function rpay.order.getSubStatusList is not switched on";
        assert_eq!(refused.header("x-choba-reason"), Some(reason));
        let asked = json!({ "orderNumberList": [FIRST], "version": 7 });
        assert_eq!((new.call("getOrder", asked).await.status, answers(&old).await), (200, 200));
        let unknown = api(app, "PUT", "functions", json!({ "functions": ["rpay.order.getItem"] })).await;
        assert!(unknown.refused(400, "invalid_request_error", "invalid_parameter").contains("getItem"));
    })
    .await;
}

#[tokio::test]
async fn a_new_shop_has_no_function_and_each_is_switched_on_by_itself() {
    on_both(async |app| {
        let program = app.open_on_mall(app.shop.id, RMS_ID, Functions::none()).await;
        for operation in Operation::ALL {
            assert_eq!(program.call(operation.name(), json!({})).await.status, 401, "{}", operation.name());
        }
        for operation in Operation::ALL {
            let name = format!("rpay.order.{}", operation.name());
            assert_eq!(api(app, "PUT", "functions", json!({ "functions": [name] })).await.status, 200);
            for other in Operation::ALL {
                let is_let_in = program.call(other.name(), json!({})).await.status != 401;
                assert_eq!(is_let_in, other == operation, "{name} and {}", other.name());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_added_function_begins_the_90_days_again() {
    on_both(async |app| {
        let program = app.open_on_mall(app.shop.id, RMS_ID, Functions::of([Operation::GetOrder])).await;
        advance_to(app, "2026-12-01T10:00:00+0900").await;
        let end = async |functions: Value| {
            let listed = api(app, "PUT", "functions", json!({ "functions": functions })).await.good();
            listed["data"][0]["expiry_date"].as_str().unwrap().to_owned()
        };
        // 90 days after 2026-12-01; taking one away, or none of both, leaves the end where it is.
        let both = json!(["rpay.order.getOrder", "rpay.order.searchOrder"]);
        assert_eq!(end(both).await, "2027-03-01T23:59:59+0900");
        advance_to(app, "2026-12-05T10:00:00+0900").await;
        assert_eq!(end(json!(["rpay.order.getOrder"])).await, "2027-03-01T23:59:59+0900");
        assert_eq!(end(json!([])).await, "2027-03-01T23:59:59+0900");
        advance_to(app, "2027-03-01T23:59:59+0900").await;
        assert_eq!(app.actions("mall.licence.end").await, 0);
        advance_to(app, "2027-03-02T00:00:00+0900").await;
        assert_eq!((app.actions("mall.licence.end").await, app.actions("mall.licence.functions").await), (1, 3));
        let ended = api(app, "PUT", "functions", json!({ "functions": [] })).await;
        assert_eq!(ended.status, 200, "nothing changes");
        let ended = api(app, "PUT", "functions", json!({ "functions": ["rpay.order.getOrder"] })).await;
        ended.refused(400, "invalid_request_error", "licence_ended");
        assert_eq!(answers(&program).await, 401);
    })
    .await;
}

#[tokio::test]
async fn with_the_switch_an_added_function_leaves_the_end_where_it_is() {
    let mut setup = Setup::default();
    setup.limits.rms.switches = mall::http::Switches::of(&[mall::http::Switch::FixedLicenceEnd]);
    on_both_with(setup, async |app| {
        app.open_on_mall(app.shop.id, RMS_ID, Functions::none()).await;
        advance_to(app, "2026-12-01T10:00:00+0900").await;
        let listed = api(app, "PUT", "functions", json!({ "functions": ["rpay.order.getOrder"] })).await.good();
        assert_eq!(listed["data"][0]["expiry_date"], "2027-02-20T23:59:59+0900");
    })
    .await;
}

#[tokio::test]
async fn showing_a_key_is_audited_and_lists_show_none() {
    on_both(async |app| {
        let program = program(app).await;
        let listed = api(app, "GET", "licences", Value::Null).await;
        for value in [&program.license_key, &program.service_secret] {
            assert!(!listed.text.contains(value.as_str()), "{}", listed.text);
        }
        let id = listed.good()["data"][0]["id"].as_str().unwrap().to_owned();
        let shown = api(app, "POST", &format!("licences/{id}/reveal"), Value::Null).await.good();
        assert_eq!(shown["license_key"], program.license_key.as_str());
        assert_eq!(shown["service_secret"], program.service_secret.as_str());
        assert_eq!(app.actions("mall.licence.reveal").await, 1);
        // Values are stored sealed only, and no audit row holds one.
        let stored = app.everything_in(&["mall_licence", "mall_service_secret", "audit"]).await;
        for value in [&program.license_key, &program.service_secret] {
            assert!(!stored.contains(value.as_str()));
        }
    })
    .await;
}

#[tokio::test]
async fn the_same_renewal_twice_is_one() {
    on_both(async |app| {
        program(app).await;
        let token = app.token(Some(app.shop.id), vec![Scope::Mall]).await;
        let renew = async |key: &str| {
            let request = Request::post("/api/shops/1/mall/licences", "").header("idempotency-key", key);
            app.http.send(&request.header("authorization", format!("Bearer {token}"))).await.good()
        };
        let (one, again, other) = (renew("r-1").await, renew("r-1").await, renew("r-2").await);
        assert_eq!(one, again);
        assert_ne!(one["id"], other["id"]);
        assert_eq!(app.actions("mall.licence.renew").await, 2);
    })
    .await;
}

#[tokio::test]
async fn when_a_key_ends_is_told_to_its_shop_only() {
    on_both(async |app| {
        let program = program(app).await;
        let other = app.new_shop(false).await;
        let others = app.open_on_mall(other.id, 654_321, Functions::all()).await;
        let bad = json!({ "Results": { "errorCode": "ES04-01", "message": "Bad Request" } });
        assert_eq!(body(&expiry(&program, &others.license_key).await, 400), bad);
        assert_eq!(body(&expiry(&program, "SL123456_0000000000000000").await, 400), bad);
        assert_eq!(body(&program.send(Request::get(EXPIRY)).await, 400), bad);
        let with_slash = Request::get(format!("{EXPIRY}/?licenseKey={}", program.license_key));
        assert_eq!(program.send(with_slash).await.status, 200);
        let posted = Request::post(format!("{EXPIRY}?licenseKey={}", program.license_key), "");
        assert_eq!(program.send(posted).await.status, 405);
        assert_eq!(app.http.send(&Request::get(EXPIRY)).await.status, 401);
        // The secret of one shop with the key of another proves nothing.
        let mixed = program.keyed(&others.license_key);
        assert_eq!(answers(&mixed).await, 401);
    })
    .await;
}

#[tokio::test]
async fn a_licence_sees_the_orders_of_its_shop_only() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        let other = app.new_shop(false).await;
        let others = app.open_on_mall(other.id, 654_321, Functions::all()).await;
        let confirmed = others.call("confirmOrder", json!({ "orderNumberList": [FIRST] })).await;
        assert_eq!(
            body(&confirmed, 200)["MessageModelList"][0]["messageCode"],
            "ORDER_EXT_API_CONFIRM_ORDER_ERROR_016"
        );
        let asked = json!({ "orderNumberList": [FIRST], "version": 7 });
        assert_eq!(body(&others.call("getOrder", asked.clone()).await, 200)["OrderModelList"], json!([]));
        assert_eq!(body(&program.call("getOrder", asked).await, 200)["OrderModelList"][0]["orderProgress"], 100);
    })
    .await;
}

#[tokio::test]
async fn keys_open_again_under_a_new_master_key() {
    let app = TestApp::start(Engine::Sqlite, Setup::default()).await;
    let program = program(&app).await;
    let both = std::sync::Arc::new(shop::Vault::new(&[(1, [7; 32]), (2, [8; 32])]).unwrap());
    let (sealing, entropy) = (both.clone(), app.entropy.clone());
    let resealed = app.store().write(move |tx| mall::licence::rows::reseal(tx, &sealing, entropy.as_ref())).await;
    assert_eq!(resealed.unwrap(), 2);
    let new = shop::Vault::new(&[(2, [8; 32])]).unwrap();
    let shop = app.shop.id;
    let shown = app.store().read(move |tx| mall::licence::shown_to_programs(tx, &new, shop, None)).await.unwrap();
    assert_eq!((shown.license_key, shown.service_secret), (program.license_key, program.service_secret));
    app.finish().await;
}

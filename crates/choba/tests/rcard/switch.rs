//! The switch-over from R-Card Plus (seed 003 "楽天RMSで行う事前準備").

use serde_json::{Value, json};
use shop::Scope;
use testkit::{Reply, Request, TestApp, on_both};

use crate::client::{Program, SHOP_URL, code, helper, old_model, order, switch_over};

async fn plus(app: &TestApp, order: &str, act: &str) -> Reply {
    helper(&app.merchant(), "POST", &format!("/{order}/plus"), Some(json!({ "act": act }))).await
}

async fn place(app: &TestApp) -> Value {
    let token = app.token(Some(app.shop.id), vec![Scope::Mall]).await;
    let request = Request::get(format!("/api/shops/{}/rcard", app.shop.id));
    app.http.send(&request.header("authorization", format!("Bearer {token}"))).await.good()
}

#[tokio::test]
async fn every_order_must_be_open_or_claimed_and_r_card_plus_is_gone_afterwards() {
    on_both(async |app: &TestApp| {
        switch_over(app, "u").await.refused(400, "invalid_request_error", "not_on_the_old_model");
        old_model(app).await;
        let merchant = app.merchant();
        let (open, claimed, cancelled) =
            (order(&merchant, 1, "visa").await, order(&merchant, 1, "jcb").await, order(&merchant, 1, "visa").await);
        assert_eq!(plus(app, &claimed, "authorize").await.good()["statusInRms"], "オーソリ済");
        plus(app, &cancelled, "authorize").await.good();
        plus(app, &open, "claim").await.refused(400, "invalid_request_error", "not_in_that_state");
        assert_eq!(place(app).await["orders_in_the_way"], 2);
        switch_over(app, "u").await.refused(400, "invalid_request_error", "orders_in_the_way");
        assert_eq!(plus(app, &claimed, "claim").await.good()["statusInRms"], "売上請求済");
        plus(app, &cancelled, "cancel").await.good();

        for wrong in ["", "a b", "店", &"u".repeat(65)] {
            switch_over(app, wrong).await.refused(400, "invalid_request_error", "invalid_parameter");
        }
        let key = switch_over(app, "tempostar").await.good();
        assert_eq!((&key["shop_url"], &key["user_name"]), (&json!(SHOP_URL), &json!("tempostar")));
        let expected = json!({
            "object": "rcard", "shop": 1, "shop_url": SHOP_URL, "switched_over": true, "user_name": "tempostar",
            "orders_in_the_way": 0,
        });
        assert_eq!(place(app).await, expected);
        switch_over(app, "tempostar").await.refused(400, "invalid_request_error", "already_switched_over");
        for act in ["authorize", "claim", "cancel"] {
            plus(app, &open, act).await.refused(400, "invalid_request_error", "rcard_plus_gone");
        }
        // 未オーソリで固定: whatever was done before or is done after.
        let shown = helper(&merchant, "GET", &format!("/{claimed}"), None).await.good();
        assert_eq!((&shown["status"], &shown["statusInRms"]), (&json!("売上請求済"), &json!("未オーソリ")));
        assert_eq!(app.actions("mall.rcard.switch_over").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_key_is_shown_again_to_who_has_the_right_and_that_is_audited() {
    on_both(async |app: &TestApp| {
        let program = Program::switched(app).await;
        let target = format!("/api/shops/{}/rcard/reveal", app.shop.id);
        let of = async |scope: Scope| {
            let token = app.token(Some(app.shop.id), vec![scope]).await;
            app.http.send(&Request::post(&target, "").header("authorization", format!("Bearer {token}"))).await
        };
        of(Scope::Settings).await.refused(403, "permission_error", "insufficient_scope");
        assert_eq!(of(Scope::Mall).await.good()["auth_key"], json!(program.auth_key));
        assert_eq!(app.actions("mall.rcard.reveal").await, 1);
        let stored = app.everything_in(&["rcard_access", "audit"]).await;
        assert!(!stored.contains(&program.auth_key), "the key stands somewhere in clear");
    })
    .await;
}

#[tokio::test]
async fn only_the_right_credentials_of_a_shop_on_the_old_model_are_known() {
    on_both(async |app: &TestApp| {
        let mut program = Program::switched(app).await;
        assert_eq!(code(&program.send("getRCCSRequestId", "").await), "RCCS_N00-000");
        let good = program.auth_key.clone();
        for wrong in ["", "0", &good[1..], &good.to_uppercase()] {
            program.auth_key = wrong.to_owned();
            let reply = program.send("getRCCSRequestId", "").await;
            // Contract 3: an answer with an errorCode, and HTTP 200.
            assert_eq!((reply.status, code(&reply).as_str()), (200, "RCCS_E10-001"), "{wrong}");
        }
        program.auth_key = good;
        program.user_name = "somebody".to_owned();
        assert_eq!(code(&program.send("getRCCSRequestId", "").await), "RCCS_E10-001");
        program.user_name = "tempostar".to_owned();
        let elsewhere = program.envelope("getRCCSRequestId", "").replace(SHOP_URL, "elsewhere");
        assert_eq!(code(&app.http.send(&crate::client::soap(elsewhere)).await), "RCCS_E10-001");
        // A shop that goes over to 楽天ペイ has no use for this API any more.
        let shop = app.shop.id;
        let write = move |tx: &mut store::Tx<'_>| {
            let mut known = mall::market::rows::shop_of(tx, shop)?.expect("a shop of the mall");
            known.model = mall::market::Model::Rpay;
            tx.execute_all(&[mall::market::rows::save_shop(&known)])
        };
        app.store().write::<_, store::StoreError, _>(write).await.expect("writing a shop");
        assert_eq!(code(&program.send("getRCCSRequestId", "").await), "RCCS_E10-001");
    })
    .await;
}

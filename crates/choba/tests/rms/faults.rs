//! Throttling, and the faults that a test asks for: an answer that is lost after the effect leads to nothing twice.

use kernel::limit::Rate;
use serde_json::{Value, json};
use testkit::{Reply, Request, RmsProgram, Setup, on_both, on_both_with};

use crate::world::{FIRST, about, body, confirmed, number, program, ship, shown, with_orders};

async fn ask_for(program: &RmsProgram, faults: Value) -> Reply {
    let request = Request::post("/api/test_helpers/mall/faults", json!({ "faults": faults }).to_string());
    program.send(request.method("PUT")).await
}

#[tokio::test]
async fn a_licence_asks_about_once_a_second() {
    let mut setup = Setup::default();
    setup.limits.rms.requests_of_a_licence = Rate { requests: 10, seconds: 10 };
    on_both_with(setup, async |app| {
        let program = program(app).await;
        let ask = async || program.call("getSubStatusList", json!({})).await;
        for _ in 0..10 {
            assert_eq!(ask().await.status, 200);
        }
        let refused = ask().await;
        let expected = json!({ "Results": { "errorCode": "ES03-01", "message": "Too Many Requests" } });
        assert_eq!(body(&refused, 503), expected);
        assert_eq!(refused.header("retry-after"), Some("2"));
        app.wait(1);
        assert_eq!((ask().await.status, ask().await.status), (200, 503));
        // Turning the test clock gives nothing back: it is the machine that is spared.
        let now = app.now(app.shop.id).await;
        app.advance(app.shop.id, now.plus_seconds(3_600)).await;
        assert_eq!(ask().await.status, 503);
    })
    .await;
}

#[tokio::test]
async fn with_the_switch_who_asks_too_often_gets_429() {
    let mut setup = Setup::default();
    setup.limits.rms.requests_of_a_licence = Rate { requests: 1, seconds: 10 };
    setup.limits.rms.switches = mall::http::Switches::of(&[mall::http::Switch::Throttled429]);
    on_both_with(setup, async |app| {
        let program = program(app).await;
        assert_eq!(program.call("getSubStatusList", json!({})).await.status, 200);
        assert_eq!(program.call("getSubStatusList", json!({})).await.status, 429);
    })
    .await;
}

#[tokio::test]
async fn an_unavailable_service_and_a_dropped_connection_do_nothing() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        let confirm = json!({ "orderNumberList": [FIRST] });
        let faults =
            json!([{ "fault": "unavailable" }, { "fault": "dropped", "operation": "confirmOrder", "times": 2 }]);
        ask_for(&program, faults).await.good();
        let refused = program.call("confirmOrder", confirm.clone()).await;
        let expected = json!({ "Results": { "errorCode": "ES03-02", "message": "Service Unavailable" } });
        assert_eq!(body(&refused, 503), expected);
        assert_eq!(shown(&program, FIRST).await["orderProgress"], 100);
        for _ in 0..2 {
            assert_eq!(
                program.try_call("confirmOrder", confirm.clone()).await.unwrap_err(),
                "",
                "not a byte of an answer"
            );
        }
        assert_eq!(shown(&program, FIRST).await["orderProgress"], 100);
        assert_eq!(program.call("confirmOrder", confirm).await.status, 200);
        assert_eq!(shown(&program, FIRST).await["orderProgress"], 200);
    })
    .await;
}

#[tokio::test]
async fn a_slow_answer_comes() {
    on_both(async |app| {
        let program = program(app).await;
        ask_for(&program, json!([{ "fault": "slow", "milliseconds": 300 }])).await.good();
        let watch = choba::system::Stopwatch::start();
        assert_eq!(program.call("getSubStatusList", json!({})).await.status, 200);
        assert!(watch.elapsed().as_millis() >= 300);
    })
    .await;
}

#[tokio::test]
async fn after_a_lost_answer_the_client_asks_again_and_nothing_happens_twice() {
    on_both(async |app| {
        let program = with_orders(app, 2).await;
        let lost = async |operation: &str, sent: Value| {
            ask_for(&program, json!([{ "fault": "answer_lost", "operation": operation }])).await.good();
            assert_eq!(program.try_call(operation, sent.clone()).await.unwrap_err(), "");
            program.call(operation, sent).await
        };

        // confirmOrder: the order has moved on, which the second answer says (CONFIRM_ORDER_ERROR_103).
        let again = lost("confirmOrder", json!({ "orderNumberList": [FIRST] })).await;
        assert_eq!(body(&again, 200)["MessageModelList"][0]["messageCode"], "ORDER_EXT_API_CONFIRM_ORDER_ERROR_103");
        crate::world::advance_seconds(app, 60).await;
        let order = shown(&program, FIRST).await;
        assert_eq!(
            (&order["orderProgress"], order["ChangeReasonModelList"].as_array().unwrap().len()),
            (&json!(300), 1)
        );

        // updateOrderMemo: the same once more.
        let again = lost("updateOrderMemo", json!({ "orderNumber": FIRST, "memo": "急ぎ" })).await;
        let done =
            about(FIRST, "INFO", "UPDATE_ORDERMEMO_INFO_101", "ひとことメモ、担当者情報等の更新設定が完了しました。");
        assert_eq!(body(&again, 200)["MessageModelList"], json!([done]));

        // updateOrderShipping with the row's id: the same once more. A row without id is added by each request, so a client
        // looks first.
        let added = ship(&program, FIRST, "2026-11-22").await;
        let id = added["MessageModelList"][0]["shippingDetailId"].as_i64().unwrap();
        let row = json!({ "shippingDetailId": id, "shippingNumber": "999999999999" });
        let report =
            json!({ "orderNumber": FIRST, "BasketidModelList": [{ "basketId": 1, "ShippingModelList": [row] }] });
        let again = lost("updateOrderShipping", report).await;
        assert_eq!(
            body(&again, 200)["MessageModelList"][0]["messageCode"],
            "ORDER_EXT_API_UPDATE_ORDERSHIPPING_INFO_102"
        );
        let parcels = shown(&program, FIRST).await["PackageModelList"][0]["ShippingModelList"].clone();
        assert_eq!((parcels.as_array().unwrap().len(), &parcels[0]["shippingNumber"]), (1, &json!("999999999999")));

        // cancelOrder: what is cancelled stays so, and its money goes back once.
        let second = number(2);
        confirmed(app, &program, &second).await;
        let cancel = json!({ "orderNumber": second, "inventoryRestoreType": 1, "changeReasonDetailApply": 8 });
        let again = lost("cancelOrder", cancel).await;
        assert_eq!(body(&again, 400)["MessageModelList"][0]["messageCode"], "ORDER_EXT_API_CANCEL_ORDER_ERROR_102");
        crate::world::advance_seconds(app, 60).await;
        let order = shown(&program, &second).await;
        let cancels = |change: &&Value| [0, 2].map(Value::from).contains(&change["changeType"]);
        assert_eq!(order["orderProgress"], 900);
        assert_eq!(order["ChangeReasonModelList"].as_array().unwrap().iter().filter(cancels).count(), 1);
    })
    .await;
}

#[tokio::test]
async fn faults_are_listed_refused_when_they_cannot_be_meant_and_of_one_shop_only() {
    on_both(async |app| {
        let program = program(app).await;
        let other = app.new_shop(false).await;
        let others = app.open_on_mall(other.id, 654_321, mall::licence::Functions::all()).await;
        let asked = json!([{ "fault": "unavailable", "operation": "getOrder", "times": 2 }]);
        assert_eq!(ask_for(&program, asked.clone()).await.good()["faults"], asked);
        let listed = program.send(Request::get("/api/test_helpers/mall/faults")).await.good();
        assert_eq!(listed["faults"], asked);
        assert_eq!(others.send(Request::get("/api/test_helpers/mall/faults")).await.good()["faults"], json!([]));
        for wrong in [
            json!([{ "fault": "fire" }]),
            json!([{ "fault": "unavailable", "operation": "getOrders" }]),
            json!([{ "fault": "unavailable", "times": 0 }]),
            json!([{ "fault": "unavailable", "milliseconds": 5 }]),
            json!([{ "fault": "slow" }]),
        ] {
            assert_eq!(ask_for(&program, wrong.clone()).await.status, 400, "{wrong}");
        }
        let unknown = app.http.send(&Request::get("/api/test_helpers/mall/faults")).await;
        unknown.refused(401, "authentication_error", "invalid_api_key");
        assert_eq!(ask_for(&program, json!([])).await.good()["faults"], json!([]));
        assert_eq!(program.call("getOrder", json!({ "orderNumberList": [FIRST], "version": 7 })).await.status, 200);
    })
    .await;
}

//! Contract, 3.3 "confirmOrder".

use mall::code::Method;
use mall::order::Price;
use serde_json::{Value, json};
use testkit::{Setup, on_both, on_both_with};

use crate::world::{
    FIRST, NONE, about, advance_seconds, body, message, number, place, program, shown, tea, with_orders,
};

const DONE: &str = "注文確認に成功しました。";

#[tokio::test]
async fn confirmed_orders_go_on_and_show_the_change() {
    on_both(async |app| {
        let program = with_orders(app, 2).await;
        let reply = program.call("confirmOrder", json!({ "orderNumberList": [FIRST, number(2)] })).await;
        let expected = json!({ "MessageModelList": [
            about(FIRST, "INFO", "CONFIRM_ORDER_INFO_101", DONE), about(&number(2), "INFO", "CONFIRM_ORDER_INFO_101", DONE),
        ] });
        assert_eq!(body(&reply, 200), expected);
        let order = shown(&program, FIRST).await;
        assert_eq!(order["orderProgress"], 200);
        assert_eq!(order["shopOrderCfmDatetime"], "2026-11-22T09:00:00+0900");
        // changeType 8, all three datetimes equal (PY recording).
        let change = &order["ChangeReasonModelList"][0];
        assert_eq!((&change["changeType"], &change["changeReason"]), (&json!(8), &Value::Null));
        for member in ["changeApplyDatetime", "changeFixDatetime", "changeCmplDatetime"] {
            assert_eq!(change[member], "2026-11-22T09:00:00+0900", "{member}");
        }
        advance_seconds(app, 60).await;
        let order = shown(&program, FIRST).await;
        assert_eq!(order["orderProgress"], 300);
        assert_eq!(order["orderFixDatetime"], order["shippingInstDatetime"]);
    })
    .await;
}

#[tokio::test]
async fn each_order_has_its_own_answer() {
    on_both(async |app| {
        let program = with_orders(app, 2).await;
        let mut open = tea(3, Method::Card);
        open.packages[0].postage = Price::Unset;
        place(app, open).await;
        let cancel = json!({ "orderNumber": number(2), "inventoryRestoreType": 0, "changeReasonDetailApply": 8 });
        assert_eq!(program.call("cancelOrder", cancel).await.status, 200);
        program.call("confirmOrder", json!({ "orderNumberList": [FIRST] })).await;
        place(app, tea(4, Method::Card)).await;
        let all = json!({ "orderNumberList": [FIRST, number(2), number(3), number(4), NONE] });
        let state = "出来る状態ではありませんでした。";
        let expected = json!({ "MessageModelList": [
            about(FIRST, "ERROR", "CONFIRM_ORDER_ERROR_103", "指定された注文番号は、注文確認が出来るステータスではありませんでした。"),
            about(&number(2), "ERROR", "CONFIRM_ORDER_ERROR_102",
                &format!("指定された注文番号は既にキャンセルされているため、注文確認が{state}")),
            about(&number(3), "ERROR", "CONFIRM_ORDER_ERROR_105",
                &format!("指定された注文番号は金額が確定していないため、注文確認が{state}")),
            about(&number(4), "INFO", "CONFIRM_ORDER_INFO_101", DONE),
            about(NONE, "ERROR", "CONFIRM_ORDER_ERROR_016", "指定された注文番号は存在しません。"),
        ] });
        assert_eq!(body(&program.call("confirmOrder", all).await, 200), expected);
    })
    .await;
}

#[tokio::test]
async fn a_list_of_at_most_100_is_needed() {
    on_both(async |app| {
        let program = program(app).await;
        let many: Vec<String> = (1..=101).map(number).collect();
        for (sent, code, text) in [
            (json!({}), "009", "orderNumberListの項目を指定して下さい。"),
            (json!({ "orderNumberList": [] }), "010", "orderNumberListの値を指定して下さい。"),
            (json!({ "orderNumberList": FIRST }), "011", "orderNumberListの書式が不正です。"),
            (json!({ "orderNumberList": many }), "011", "orderNumberListの書式が不正です。"),
        ] {
            let expected =
                json!({ "MessageModelList": [message("ERROR", &format!("CONFIRM_ORDER_ERROR_{code}"), text)] });
            assert_eq!(body(&program.call("confirmOrder", sent).await, 400), expected);
        }
    })
    .await;
}

#[tokio::test]
async fn with_the_switch_a_list_in_which_an_order_failed_is_a_400() {
    let mut setup = Setup::default();
    setup.limits.rms.switches = mall::http::Switches::of(&[mall::http::Switch::ListErrors400]);
    on_both_with(setup, async |app| {
        let program = with_orders(app, 1).await;
        let reply = program.call("confirmOrder", json!({ "orderNumberList": [FIRST, NONE] })).await;
        let answer = body(&reply, 400);
        assert_eq!(answer["MessageModelList"][0]["messageType"], "INFO");
        assert_eq!(shown(&program, FIRST).await["orderProgress"], 200, "what could be done is done");
    })
    .await;
}

#[tokio::test]
async fn of_requests_that_come_at_once_one_confirms() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        let asked = || json!({ "orderNumberList": [FIRST] });
        let (a, b, c, d) = tokio::join!(
            program.call("confirmOrder", asked()),
            program.call("confirmOrder", asked()),
            program.call("confirmOrder", asked()),
            program.call("confirmOrder", asked()),
        );
        let mut codes: Vec<String> = [a, b, c, d]
            .iter()
            .map(|reply| body(reply, 200)["MessageModelList"][0]["messageCode"].as_str().unwrap().to_owned())
            .collect();
        codes.sort();
        let (once, moved) = ("ORDER_EXT_API_CONFIRM_ORDER_INFO_101", "ORDER_EXT_API_CONFIRM_ORDER_ERROR_103");
        assert_eq!(codes, [moved, moved, moved, once]);
        advance_seconds(app, 60).await;
        let order = shown(&program, FIRST).await;
        assert_eq!(
            (&order["orderProgress"], order["ChangeReasonModelList"].as_array().unwrap().len()),
            (&json!(300), 1)
        );
        assert_eq!(app.actions("mall.confirm").await, 1);
    })
    .await;
}

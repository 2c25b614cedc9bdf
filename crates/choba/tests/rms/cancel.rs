//! Contract, 3.13 and 3.14: cancelOrder and cancelOrderAfterShipping.

use serde_json::{Value, json};
use testkit::{RmsProgram, TestApp, on_both};

use crate::world::{
    FIRST, NONE, about, advance_seconds, advance_to, body, confirmed, message, number, program, ship, shown,
    with_orders,
};

const DONE: &str = "キャンセル申請に成功しました。";

fn cancel(number: &str, reason: i64) -> Value {
    json!({ "orderNumber": number, "inventoryRestoreType": 2, "changeReasonDetailApply": reason })
}

async fn shipped(app: &TestApp, program: &RmsProgram, number: &str) {
    confirmed(app, program, number).await;
    ship(program, number, "2026-11-22").await;
    advance_to(app, "2026-11-23T00:01:00+0900").await;
    assert_eq!(shown(program, number).await["orderProgress"], 500);
}

#[tokio::test]
async fn an_order_is_cancelled_and_its_money_goes_back() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        confirmed(app, &program, FIRST).await;
        let reply = program.call("cancelOrder", cancel(FIRST, 8)).await;
        let expected = json!({ "MessageModelList": [about(FIRST, "INFO", "CANCEL_ORDER_INFO_101", DONE)] });
        assert_eq!(body(&reply, 200), expected);
        assert_eq!(shown(&program, FIRST).await["orderProgress"], 800);
        advance_seconds(app, 60).await;
        let order = shown(&program, FIRST).await;
        assert_eq!((&order["orderProgress"], &order["cautionDisplayType"]), (&json!(900), &json!(2)));
        // Section 5: 2 cancel completed, by the shop (0), 8 out of stock.
        let last = order["ChangeReasonModelList"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(
            (&last["changeType"], &last["changeReason"], &last["changeReasonDetail"]),
            (&json!(2), &json!(0), &json!(8))
        );
        let payment = body(&program.call("getPayment", json!({ "orderNumber": FIRST, "version": 4 })).await, 200);
        assert_eq!(payment["OrderModel"]["PaymentModelList"][0]["paymentStatus"], 31_200);
    })
    .await;
}

#[tokio::test]
async fn a_shipping_date_has_to_be_deleted_first() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        confirmed(app, &program, FIRST).await;
        let added = ship(&program, FIRST, "2026-11-25").await;
        let refusal = about(
            FIRST,
            "ERROR",
            "CANCEL_ORDER_ERROR_106",
            "指定された注文番号は発送日が登録されているため、キャンセルが出来る状態ではありませんでした。",
        );
        assert_eq!(
            body(&program.call("cancelOrder", cancel(FIRST, 8)).await, 400),
            json!({ "MessageModelList": [refusal] })
        );
        let row = json!({ "shippingDetailId": added["MessageModelList"][0]["shippingDetailId"], "shippingDate": "" });
        let report =
            json!({ "orderNumber": FIRST, "BasketidModelList": [{ "basketId": 1, "ShippingModelList": [row] }] });
        assert_eq!(program.call("updateOrderShipping", report).await.status, 200);
        assert_eq!(program.call("cancelOrder", cancel(FIRST, 8)).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn each_of_the_two_has_its_statuses() {
    on_both(async |app| {
        let program = with_orders(app, 2).await;
        let status = |number: &str, operation: &str| {
            about(
                number,
                "ERROR",
                &format!("{operation}_ERROR_103"),
                "指定された注文番号は、キャンセルが出来るステータスではありませんでした。",
            )
        };
        let early = program.call("cancelOrderAfterShipping", cancel(FIRST, 2)).await;
        assert_eq!(body(&early, 400), json!({ "MessageModelList": [status(FIRST, "CANCEL_ORDER_AFTERSHIPPING")] }));
        shipped(app, &program, FIRST).await;
        let late = program.call("cancelOrder", cancel(FIRST, 2)).await;
        assert_eq!(body(&late, 400), json!({ "MessageModelList": [status(FIRST, "CANCEL_ORDER")] }));
        let done = about(FIRST, "INFO", "CANCEL_ORDER_AFTERSHIPPING_INFO_101", DONE);
        let reply = program.call("cancelOrderAfterShipping", cancel(FIRST, 2)).await;
        assert_eq!(body(&reply, 200), json!({ "MessageModelList": [done] }));
        advance_seconds(app, 60).await;
        let order = shown(&program, FIRST).await;
        assert_eq!(order["orderProgress"], 900);
        let again = program.call("cancelOrderAfterShipping", cancel(FIRST, 2)).await;
        let cancelled = about(
            FIRST,
            "ERROR",
            "CANCEL_ORDER_AFTERSHIPPING_ERROR_102",
            "指定された注文番号は既にキャンセルされているため、キャンセルが出来る状態ではありませんでした。",
        );
        assert_eq!(body(&again, 400), json!({ "MessageModelList": [cancelled] }));
        assert_eq!(shown(&program, &number(2)).await["orderProgress"], 100);
    })
    .await;
}

#[tokio::test]
async fn all_three_members_are_needed() {
    on_both(async |app| {
        let program = program(app).await;
        for (operation, code) in
            [("cancelOrder", "CANCEL_ORDER"), ("cancelOrderAfterShipping", "CANCEL_ORDER_AFTERSHIPPING")]
        {
            let missing = |field: &str| {
                message("ERROR", &format!("{code}_ERROR_009"), &format!("{field}の項目を指定して下さい。"))
            };
            let all = ["orderNumber", "inventoryRestoreType", "changeReasonDetailApply"].map(missing);
            assert_eq!(body(&program.call(operation, Value::Null).await, 400), json!({ "MessageModelList": all }));
            // 16 is read only; 3 is no way to treat the stock.
            let wrong = json!({ "orderNumber": FIRST, "inventoryRestoreType": 3, "changeReasonDetailApply": 16 });
            let format =
                |field: &str| message("ERROR", &format!("{code}_ERROR_011"), &format!("{field}の書式が不正です。"));
            let both = ["inventoryRestoreType", "changeReasonDetailApply"].map(format);
            assert_eq!(body(&program.call(operation, wrong).await, 400), json!({ "MessageModelList": both }));
            let none = about(NONE, "ERROR", &format!("{code}_ERROR_016"), "指定された注文番号は存在しません。");
            assert_eq!(
                body(&program.call(operation, cancel(NONE, 8)).await, 400),
                json!({ "MessageModelList": [none] })
            );
        }
    })
    .await;
}

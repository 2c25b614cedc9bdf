//! Contract, 3.7 to 3.10: getSubStatusList, updateOrderSubStatus, updateOrderMemo, updateOrderRemarks.

use mall::code::Method;
use serde_json::{Value, json};
use shop::Scope;
use testkit::{Request, TestApp, on_both};

use crate::world::{
    FIRST, NONE, about, advance_seconds, body, confirmed, message, number, place, program, shown, tea, with_orders,
};

const MEMO_DONE: &str = "ひとことメモ、担当者情報等の更新設定が完了しました。";
const SUB_DONE: &str = "サブステータスの更新設定が完了しました。";
const SUB_WRONG: &str = "指定された注文番号、サブステータスでは更新できません。";

/// 入荷待ち (3001) and 梱包 (3002) of 発送待ち, 要連絡 (3003) of 注文確認待ち.
async fn sub_statuses(app: &TestApp) {
    let token = app.token(Some(app.shop.id), vec![Scope::Mall]).await;
    let wanted = json!({ "data": [
        { "order_progress": 300, "name": "入荷待ち" }, { "order_progress": 300, "name": "梱包" },
        { "order_progress": 100, "name": "要連絡" },
    ] });
    let request = Request::post("/api/shops/1/mall/sub-statuses", wanted.to_string()).method("PUT");
    let made = app.http.send(&request.header("authorization", format!("Bearer {token}"))).await.good();
    assert_eq!(made["data"][2], json!({ "id": 3_003, "order_progress": 100, "name": "要連絡", "position": 1 }));
}

#[tokio::test]
async fn sub_statuses_are_listed_by_status() {
    on_both(async |app| {
        let program = program(app).await;
        let done = message("INFO", "GET_SUBSTATUSLIST_INFO_101", "サブステータス一覧の取得に成功しました。");
        let none = json!({ "MessageModelList": [done], "StatusModelList": [] });
        assert_eq!(body(&program.call("getSubStatusList", json!({})).await, 200), none);
        sub_statuses(app).await;
        let sub =
            |id: i64, name: &str, place: i64| json!({ "subStatusId": id, "subStatusName": name, "orderby": place });
        let expected = json!({ "MessageModelList": [done], "StatusModelList": [
            { "orderProgress": 100, "SubStatusModelList": [sub(3_003, "要連絡", 1)] },
            { "orderProgress": 300, "SubStatusModelList": [sub(3_001, "入荷待ち", 1), sub(3_002, "梱包", 2)] },
        ] });
        assert_eq!(body(&program.call("getSubStatusList", json!({})).await, 200), expected);
    })
    .await;
}

#[tokio::test]
async fn orders_get_a_sub_status_of_their_status() {
    on_both(async |app| {
        let program = with_orders(app, 3).await;
        sub_statuses(app).await;
        confirmed(app, &program, &number(2)).await;
        let cancel = json!({ "orderNumber": number(3), "inventoryRestoreType": 0, "changeReasonDetailApply": 8 });
        assert_eq!(program.call("cancelOrder", cancel).await.status, 200);
        advance_seconds(app, 60).await;
        let asked = json!({ "subStatusId": "3003", "orderNumberList": [FIRST, number(2), number(3), NONE] });
        let expected = json!({ "MessageModelList": [
            about(FIRST, "INFO", "UPDATE_ORDERSUBSTATUS_INFO_101", SUB_DONE),
            about(&number(2), "ERROR", "UPDATE_ORDERSUBSTATUS_ERROR_102", SUB_WRONG),
            about(&number(3), "ERROR", "UPDATE_ORDERSUBSTATUS_ERROR_101",
                "指定された注文番号は既にキャンセルされているため、サブステータスの更新が出来る状態ではありませんでした。"),
            about(NONE, "ERROR", "UPDATE_ORDERSUBSTATUS_ERROR_016", "指定された注文番号は存在しません。"),
        ] });
        assert_eq!(body(&program.call("updateOrderSubStatus", asked).await, 200), expected);
        let order = shown(&program, FIRST).await;
        assert_eq!((&order["subStatusId"], &order["subStatusName"]), (&json!(3_003), &json!("要連絡")));
        let found = json!({
            "dateType": 1, "startDatetime": "2026-11-01T00:00:00+0900", "endDatetime": "2026-11-30T23:59:59+0900",
            "subStatusIdList": [3_003],
        });
        assert_eq!(body(&program.call("searchOrder", found).await, 200)["orderNumberList"], json!([FIRST]));

        // It belongs to a status: on the way to another one it goes.
        confirmed(app, &program, FIRST).await;
        assert_eq!(shown(&program, FIRST).await["subStatusId"], Value::Null);
        // null takes it away; left out is missing.
        let cleared = program.call("updateOrderSubStatus", json!({ "subStatusId": null, "orderNumberList": [FIRST] })).await;
        assert_eq!(body(&cleared, 200)["MessageModelList"][0]["messageType"], "INFO");
        assert_eq!(shown(&program, FIRST).await["subStatusId"], Value::Null);
        let missing =
            |field: &str| message("ERROR", "UPDATE_ORDERSUBSTATUS_ERROR_009", &format!("{field}の項目を指定して下さい。"));
        let expected = json!({ "MessageModelList": [missing("subStatusId"), missing("orderNumberList")] });
        assert_eq!(body(&program.call("updateOrderSubStatus", json!({})).await, 400), expected);
    })
    .await;
}

#[tokio::test]
async fn a_memo_changes_what_it_names_and_nothing_else() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        sub_statuses(app).await;
        let sent = json!({
            "orderNumber": FIRST, "subStatusId": 3_003, "deliveryClass": "2", "deliveryDate": "2026-11-30",
            "shippingTerm": 1_416, "memo": "急ぎ", "operator": "担当一", "mailPlugSentence": "毎度ありがとうございます",
        });
        let expected = json!({ "MessageModelList": [about(FIRST, "INFO", "UPDATE_ORDERMEMO_INFO_101", MEMO_DONE)] });
        assert_eq!(body(&program.call("updateOrderMemo", sent).await, 200), expected);
        let order = shown(&program, FIRST).await;
        for (member, value) in [
            ("subStatusId", json!(3_003)),
            ("deliveryDate", json!("2026-11-30")),
            ("shippingTerm", json!(1_416)),
            ("memo", json!("急ぎ")),
            ("operator", json!("担当一")),
            ("mailPlugSentence", json!("毎度ありがとうございます")),
        ] {
            assert_eq!(order[member], value, "{member}");
        }
        assert_eq!(order["DeliveryModel"], json!({ "deliveryName": "宅配便", "deliveryClass": 2 }));
        let cleared = json!({ "orderNumber": FIRST, "memo": "", "deliveryDate": "" });
        assert_eq!(program.call("updateOrderMemo", cleared).await.status, 200);
        let order = shown(&program, FIRST).await;
        assert_eq!(
            (&order["memo"], &order["deliveryDate"], &order["operator"]),
            (&Value::Null, &Value::Null, &json!("担当一"))
        );
    })
    .await;
}

#[tokio::test]
async fn memos_that_cannot_be_are_told_for_each_member() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        let fault = |code: &str, text: &str| message("ERROR", &format!("UPDATE_ORDERMEMO_ERROR_{code}"), text);
        let refused =
            async |sent: Value| body(&program.call("updateOrderMemo", sent).await, 400)["MessageModelList"].clone();
        assert_eq!(refused(json!({})).await, json!([fault("009", "orderNumberの項目を指定して下さい。")]));
        let wrong = json!({
            "orderNumber": FIRST, "deliveryClass": 9, "deliveryDate": "2026/11/30", "shippingTerm": 3,
            "memo": "あ".repeat(1_001), "operator": "担当者七文字だ", "mailPlugSentence": "㈱",
        });
        let format = |field: &str| fault("011", &format!("{field}の書式が不正です。"));
        let all = ["deliveryClass", "deliveryDate", "shippingTerm", "memo", "operator", "mailPlugSentence"].map(format);
        assert_eq!(refused(wrong).await, json!(all));
        let not_there =
            json!([about(NONE, "ERROR", "UPDATE_ORDERMEMO_ERROR_016", "指定された注文番号は存在しません。")]);
        assert_eq!(refused(json!({ "orderNumber": NONE, "memo": "x" })).await, not_there);
        let no_such = json!([about(FIRST, "ERROR", "UPDATE_ORDERMEMO_ERROR_108", SUB_WRONG)]);
        assert_eq!(refused(json!({ "orderNumber": FIRST, "subStatusId": 1 })).await, no_such);
    })
    .await;
}

#[tokio::test]
async fn while_the_procedure_runs_only_delivery_date_and_time_are_taken() {
    on_both(async |app| {
        let program = program(app).await;
        place(app, tea(1, Method::BankTransfer)).await;
        program.call("confirmOrder", json!({ "orderNumberList": [FIRST] })).await;
        assert_eq!(shown(&program, FIRST).await["orderProgress"], 200);
        let running = |operation: &str, what: &str| {
            about(
                FIRST,
                "ERROR",
                &format!("{operation}_ERROR_107"),
                &format!("指定された注文番号は決済手続き中のため、{what}が出来る状態ではありませんでした。"),
            )
        };
        for (operation, sent, refusal) in [
            (
                "updateOrderMemo",
                json!({ "orderNumber": FIRST, "memo": "x" }),
                running("UPDATE_ORDERMEMO", "ひとことメモ、担当者情報等の更新"),
            ),
            (
                "updateOrderRemarks",
                json!({ "orderNumber": FIRST, "remarks": "x" }),
                running("UPDATE_ORDERREMARKS", "備考情報の更新"),
            ),
            (
                "updateOrderDelivery",
                json!({ "orderNumber": FIRST, "deliveryName": "クール便" }),
                running("UPDATE_ORDERDELIVERY", "配送方法の更新"),
            ),
        ] {
            assert_eq!(body(&program.call(operation, sent).await, 400), json!({ "MessageModelList": [refusal] }));
        }
        let delivery = json!({ "orderNumber": FIRST, "deliveryDate": "2026-11-30", "shippingTerm": 1 });
        assert_eq!(program.call("updateOrderMemo", delivery).await.status, 200);
        assert_eq!(shown(&program, FIRST).await["deliveryDate"], "2026-11-30");
    })
    .await;
}

#[tokio::test]
async fn remarks_need_one_of_two_members() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        let done = about(FIRST, "INFO", "UPDATE_ORDERREMARKS_INFO_101", "備考情報の更新設定が完了しました。");
        let sent = json!({ "orderNumber": FIRST, "giftCheck": 1, "remarks": "一行目\n二行目" });
        assert_eq!(body(&program.call("updateOrderRemarks", sent).await, 200), json!({ "MessageModelList": [done] }));
        let order = shown(&program, FIRST).await;
        assert_eq!((&order["giftCheckFlag"], &order["remarks"]), (&json!(1), &json!("一行目\n二行目")));
        assert_eq!(
            program.call("updateOrderRemarks", json!({ "orderNumber": FIRST, "giftCheck": 0 })).await.status,
            200
        );
        assert_eq!(shown(&program, FIRST).await["remarks"], "一行目\n二行目");
        let missing = |field: &str| {
            message("ERROR", "UPDATE_ORDERREMARKS_ERROR_009", &format!("{field}の項目を指定して下さい。"))
        };
        for (sent, fields) in [
            (json!({}), vec!["orderNumber", "giftCheck", "remarks"]),
            (json!({ "giftCheck": 1 }), vec!["orderNumber"]),
            (json!({ "orderNumber": FIRST }), vec!["giftCheck", "remarks"]),
        ] {
            let expected: Vec<Value> = fields.into_iter().map(missing).collect();
            assert_eq!(body(&program.call("updateOrderRemarks", sent).await, 400)["MessageModelList"], json!(expected));
        }
        let long = json!({ "orderNumber": FIRST, "remarks": "あ".repeat(4_001) });
        assert_eq!(program.call("updateOrderRemarks", long).await.status, 400);
    })
    .await;
}

//! Contract, 3.4 to 3.6: updateOrderShipping, updateOrderShippingAsync, getResultUpdateOrderShippingAsync.

use mall::code::Method;
use serde_json::{Value, json};
use testkit::{RmsProgram, Setup, TestApp, on_both, on_both_with};

use crate::world::{
    FIRST, NONE, about, advance_seconds, advance_to, body, confirmed, message, number, place, program, ship, shown,
    tea, with_orders,
};

const ADDED: &str = "発送情報の追加設定が完了しました。";
const UPDATED: &str = "発送情報の更新設定が完了しました。";

fn report(number: &str, rows: Value) -> Value {
    json!({ "orderNumber": number, "BasketidModelList": [{ "basketId": 1, "ShippingModelList": rows }] })
}

/// A message of a row.
fn row(number: &str, kind: &str, code: &str, text: &str, (row, id): (Value, Value)) -> Value {
    let mut message = about(number, kind, &format!("UPDATE_ORDERSHIPPING_{code}"), text);
    (message["dataNumber"], message["shippingDetailId"]) = (row, id);
    message
}

async fn parcels(program: &RmsProgram, number: &str) -> Value {
    shown(program, number).await["PackageModelList"][0]["ShippingModelList"].clone()
}

#[tokio::test]
async fn rows_are_added_updated_and_deleted() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        confirmed(app, &program, FIRST).await;
        let rows = json!([
            { "deliveryCompany": "1001", "shippingNumber": "111111111111", "shippingDate": "2026-11-25" },
            // A number for deliveryCompany, as PHP1 sends it; alone it is a valid row.
            { "deliveryCompany": 1003, "shippingDetailId": null },
        ]);
        let answer = body(&program.call("updateOrderShipping", report(FIRST, rows)).await, 200);
        let id = |index: usize| answer["MessageModelList"][index]["shippingDetailId"].clone();
        let expected = json!({ "MessageModelList": [
            row(FIRST, "INFO", "INFO_101", ADDED, (json!(1), id(0))), row(FIRST, "INFO", "INFO_101", ADDED, (json!(2), id(1))),
        ] });
        assert_eq!(answer, expected);
        assert!(id(0).is_i64() && id(1).is_i64() && id(0) != id(1));
        let first = json!({
            "shippingDetailId": id(0), "shippingNumber": "111111111111", "deliveryCompany": "1001",
            "deliveryCompanyName": "ヤマト運輸", "shippingDate": "2026-11-25",
        });
        let second = json!({
            "shippingDetailId": id(1), "shippingNumber": null, "deliveryCompany": "1003",
            "deliveryCompanyName": "日本郵便", "shippingDate": null,
        });
        assert_eq!(parcels(&program, FIRST).await, json!([first, second]));

        // Left out keeps, "" clears, shippingDeleteFlag deletes.
        let rows = json!([
            { "shippingDetailId": id(0), "shippingNumber": "222222222222", "shippingDate": "" },
            { "shippingDetailId": id(1), "shippingDeleteFlag": 1 },
        ]);
        let answer = body(&program.call("updateOrderShipping", report(FIRST, rows)).await, 200);
        let expected = json!({ "MessageModelList": [
            row(FIRST, "INFO", "INFO_102", UPDATED, (json!(1), id(0))),
            row(FIRST, "INFO", "INFO_103", "発送情報の削除設定が完了しました。", (json!(2), id(1))),
        ] });
        assert_eq!(answer, expected);
        let mut left = first;
        (left["shippingNumber"], left["shippingDate"]) = (json!("222222222222"), Value::Null);
        assert_eq!(parcels(&program, FIRST).await, json!([left]));
    })
    .await;
}

#[tokio::test]
async fn a_complete_report_ships_the_order_at_midnight() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        confirmed(app, &program, FIRST).await;
        ship(&program, FIRST, "2026-11-22").await;
        advance_to(app, "2026-11-22T23:59:59+0900").await;
        assert_eq!(shown(&program, FIRST).await["orderProgress"], 300);
        advance_to(app, "2026-11-23T00:00:01+0900").await;
        let order = shown(&program, FIRST).await;
        assert_eq!(
            (&order["orderProgress"], &order["shippingCmplRptDatetime"]),
            (&json!(500), &json!("2026-11-23T00:00:00+0900"))
        );
    })
    .await;
}

#[tokio::test]
async fn faulty_rows_are_counted_across_baskets() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        let sent = json!({ "orderNumber": FIRST, "BasketidModelList": [
            { "basketId": 1, "ShippingModelList": [{ "deliveryCompany": "1001" }, { "shippingDate": "2026/11/25" }] },
            { "basketId": 1, "ShippingModelList": [{ "deliveryCompany": "9999" }] },
        ] });
        let fault = |field: &str, at: i64| {
            row(FIRST, "ERROR", "ERROR_011", &format!("{field}の書式が不正です。"), (json!(at), Value::Null))
        };
        let expected = json!({ "MessageModelList": [fault("shippingDate", 2), fault("deliveryCompany", 3)] });
        assert_eq!(body(&program.call("updateOrderShipping", sent).await, 400), expected);
        let missing = |field: &str| {
            message("ERROR", "UPDATE_ORDERSHIPPING_ERROR_009", &format!("{field}の項目を指定して下さい。"))
        };
        let expected = json!({ "MessageModelList": [missing("orderNumber"), missing("BasketidModelList")] });
        assert_eq!(body(&program.call("updateOrderShipping", json!({})).await, 400), expected);
        // If it is there, deliveryCompany has a value; a number has at most 120 characters, no 機種依存文字.
        for (row_sent, code) in [
            (json!({ "deliveryCompany": "" }), "010"),
            (json!({ "shippingNumber": "1".repeat(121) }), "011"),
            (json!({ "shippingNumber": "①" }), "011"),
            (json!({ "shippingDate": "20261125" }), "011"),
            (json!({ "shippingDeleteFlag": 2 }), "011"),
        ] {
            let answer = body(&program.call("updateOrderShipping", report(FIRST, json!([row_sent]))).await, 400);
            let expected = format!("ORDER_EXT_API_UPDATE_ORDERSHIPPING_ERROR_{code}");
            assert_eq!(answer["MessageModelList"][0]["messageCode"], expected, "{row_sent}");
        }
        // 3.4: a row that is deleted is named, and a carrier that is there has a value.
        for (sent, expected) in [
            (json!({ "shippingDeleteFlag": 1 }), "shippingDetailIdの項目を指定して下さい。"),
            (json!({ "deliveryCompany": null, "shippingNumber": "1" }), "deliveryCompanyの値を指定して下さい。"),
        ] {
            let answer = body(&program.call("updateOrderShipping", report(FIRST, json!([sent]))).await, 400);
            assert_eq!(answer["MessageModelList"][0]["message"], expected);
        }
        // 20 rows of a basket are the most.
        let many = |count: usize| report(FIRST, (0..count).map(|_| json!({ "deliveryCompany": "1001" })).collect());
        let answer = body(&program.call("updateOrderShipping", many(21)).await, 400);
        assert_eq!(answer["MessageModelList"][0]["message"], "ShippingModelListの書式が不正です。");
        confirmed(app, &program, FIRST).await;
        assert_eq!(program.call("updateOrderShipping", many(20)).await.status, 200);
        assert_eq!(program.call("updateOrderShipping", many(1)).await.status, 400, "the 21st row of the basket");
    })
    .await;
}

#[tokio::test]
async fn rows_and_baskets_that_there_are_not_change_nothing() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        confirmed(app, &program, FIRST).await;
        let sent = report(
            FIRST,
            json!([{ "deliveryCompany": "1001" }, { "shippingDetailId": 999_999, "shippingNumber": "1" }]),
        );
        let expected = json!({ "MessageModelList": [
            row(FIRST, "ERROR", "ERROR_011", "shippingDetailIdの書式が不正です。", (json!(2), json!(999_999))),
        ] });
        assert_eq!(body(&program.call("updateOrderShipping", sent).await, 400), expected);
        assert_eq!(parcels(&program, FIRST).await, json!([]));
    })
    .await;
}

#[tokio::test]
async fn orders_that_cannot_be_reported_say_why() {
    on_both(async |app| {
        let program = with_orders(app, 2).await;
        let cancel = json!({ "orderNumber": number(2), "inventoryRestoreType": 0, "changeReasonDetailApply": 8 });
        assert_eq!(program.call("cancelOrder", cancel).await.status, 200);
        let rows = json!([{ "deliveryCompany": "1001" }]);
        for (asked, code, text) in [
            (
                number(2),
                "ERROR_102",
                "指定された注文番号は既にキャンセルされているため、発送完了報告が出来る状態ではありませんでした。",
            ),
            (number(1), "ERROR_103", "指定された注文番号は、発送完了報告が出来るステータスではありませんでした。"),
            (NONE.to_owned(), "ERROR_016", "指定された注文番号は存在しません。"),
        ] {
            let answer = body(&program.call("updateOrderShipping", report(&asked, rows.clone())).await, 400);
            let expected =
                json!({ "MessageModelList": [row(&asked, "ERROR", code, text, (Value::Null, Value::Null))] });
            assert_eq!(answer, expected);
        }
    })
    .await;
}

#[tokio::test]
async fn with_the_switch_what_an_order_does_not_allow_is_a_200() {
    let mut setup = Setup::default();
    setup.limits.rms.switches = mall::http::Switches::of(&[mall::http::Switch::Refused200]);
    on_both_with(setup, async |app| {
        let program = with_orders(app, 1).await;
        let answer = program.call("updateOrderShipping", report(FIRST, json!([{ "deliveryCompany": "1001" }]))).await;
        assert_eq!(
            body(&answer, 200)["MessageModelList"][0]["messageCode"],
            "ORDER_EXT_API_UPDATE_ORDERSHIPPING_ERROR_103"
        );
    })
    .await;
}

async fn accept(program: &RmsProgram, orders: Value) -> Value {
    body(&program.call("updateOrderShippingAsync", json!({ "OrderShippingModelList": orders })).await, 200)
}

async fn result(program: &RmsProgram, request: &Value) -> Value {
    body(&program.call("getResultUpdateOrderShippingAsync", json!({ "requestId": request })).await, 200)
}

fn no_result() -> Value {
    let code = "GET_RESULT_UPDATEORDERSHIPPING_ASYNC_INFO_101";
    let message = message("INFO", code, "指定されたリクエストIDの処理結果は存在しませんでした。");
    json!({ "ResultShippingModelList": [{ "MessageModelList": [message] }] })
}

/// Two orders that wait for shipment, and one that is cancelled.
async fn three(app: &TestApp) -> RmsProgram {
    let program = with_orders(app, 2).await;
    confirmed(app, &program, FIRST).await;
    confirmed(app, &program, &number(2)).await;
    place(app, tea(3, Method::Card)).await;
    let cancel = json!({ "orderNumber": number(3), "inventoryRestoreType": 0, "changeReasonDetailApply": 8 });
    assert_eq!(program.call("cancelOrder", cancel).await.status, 200);
    program
}

#[tokio::test]
async fn reports_are_taken_at_once_and_done_a_moment_later() {
    on_both(async |app| {
        let program = three(app).await;
        let orders = json!([
            report(FIRST, json!([{ "deliveryCompany": "1001", "shippingNumber": "1" }, { "deliveryCompany": "1002" }])),
            report(&number(3), json!([{ "deliveryCompany": "1001" }])),
            report(NONE, json!([{ "deliveryCompany": "1001" }])),
        ]);
        let answer = accept(&program, orders).await;
        let request = answer["MessageModelList"][0]["requestId"].clone();
        let mut accepted = message("INFO", "UPDATE_ORDERSHIPPING_ASYNC_INFO_101", "発送情報の更新を受付けました。");
        (accepted["dataNumber"], accepted["shippingDetailId"]) = (Value::Null, Value::Null);
        accepted["requestId"] = request.clone();
        assert_eq!(answer, json!({ "MessageModelList": [accepted] }));
        // uuid, `_`, JST: ede66c43-9b9d-4222-93ed-5f11c96e08e2_20180101120000.
        let (uuid, stamp) = request.as_str().unwrap().split_once('_').unwrap();
        assert_eq!((uuid.len(), stamp), (36, "20261122090200"));
        assert_eq!(result(&program, &request).await, no_result());
        assert_eq!(parcels(&program, FIRST).await, json!([]));

        advance_seconds(app, 5).await;
        let done = result(&program, &request).await;
        let id = |index: usize| done["ResultShippingModelList"][0]["MessageModelList"][index]["shippingDetailId"].clone();
        let cancelled = "指定された注文番号は既にキャンセルされているため、発送完了報告が出来る状態ではありませんでした。";
        let nothing = || (Value::Null, Value::Null);
        let expected = json!({ "ResultShippingModelList": [
            { "orderNumber": FIRST, "MessageModelList": [
                row(FIRST, "INFO", "INFO_101", ADDED, (json!(1), id(0))), row(FIRST, "INFO", "INFO_101", ADDED, (json!(2), id(1))),
            ] },
            { "orderNumber": number(3), "MessageModelList": [row(&number(3), "ERROR", "ERROR_102", cancelled, nothing())] },
            { "orderNumber": NONE, "MessageModelList": [
                row(NONE, "ERROR", "ERROR_016", "指定された注文番号は存在しません。", nothing()),
            ] },
        ] });
        assert_eq!(done, expected);
        assert_eq!(parcels(&program, FIRST).await.as_array().unwrap().len(), 2);
        assert_eq!(parcels(&program, &number(2)).await, json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_report_that_was_taken_is_done_once() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        confirmed(app, &program, FIRST).await;
        let answer = accept(&program, json!([report(FIRST, json!([{ "deliveryCompany": "1001" }]))])).await;
        let request = answer["MessageModelList"][0]["requestId"].as_str().unwrap().to_owned();
        // Two workers at it, one after the other, and then the clock.
        for _ in 0..2 {
            let (id, by, shop) = (request.clone(), app.by("worker"), app.shop.id);
            let work = move |tx: &mut store::Tx<'_>| mall::shipping_job::work_off(tx, shop, &id, &by);
            app.store().write(work).await.unwrap();
        }
        advance_seconds(app, 5).await;
        assert_eq!(parcels(&program, FIRST).await.as_array().unwrap().len(), 1);
        assert_ne!(result(&program, &json!(request)).await, no_result());
    })
    .await;
}

#[tokio::test]
async fn results_are_shown_for_30_days_to_their_shop() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        let other = app.new_shop(false).await;
        let others = app.open_on_mall(other.id, 654_321, mall::licence::Functions::all()).await;
        let answer = accept(&program, json!([report(FIRST, json!([{ "deliveryCompany": "1001" }]))])).await;
        let request = answer["MessageModelList"][0]["requestId"].clone();
        advance_seconds(app, 5).await;
        assert_ne!(result(&program, &request).await, no_result());
        assert_eq!(result(&others, &request).await, no_result());
        assert_eq!(result(&program, &json!("ede66c43-9b9d-4222-93ed-5f11c96e08e2_20180101120000")).await, no_result());
        // Taken at 09:00:00 of the 22nd; the 30 days end then on 2026-12-22.
        advance_to(app, "2026-12-22T08:59:59+0900").await;
        assert_ne!(result(&program, &request).await, no_result());
        advance_to(app, "2026-12-22T09:00:00+0900").await;
        assert_eq!(result(&program, &request).await, no_result());
        let missing =
            message("ERROR", "GET_RESULT_UPDATEORDERSHIPPING_ASYNC_ERROR_009", "requestIdの項目を指定して下さい。");
        let expected = json!({ "ResultShippingModelList": [{ "MessageModelList": [missing] }] });
        assert_eq!(body(&program.call("getResultUpdateOrderShippingAsync", json!({})).await, 400), expected);
    })
    .await;
}

#[tokio::test]
async fn faults_come_at_once_without_a_request_id_and_with_200() {
    on_both(async |app| {
        let program = program(app).await;
        let sent = json!([
            report(FIRST, json!([{ "deliveryCompany": "1001" }, { "shippingDate": "2026/11/25" }])),
            report(&number(2), json!([{ "deliveryCompany": "1001" }])),
            report(&number(2), json!([{ "deliveryCompany": "1001" }])),
        ]);
        let fault = |number: &str, field: &str, at: Value| {
            let code = "UPDATE_ORDERSHIPPING_ASYNC_ERROR_011";
            let mut message = about(number, "ERROR", code, &format!("{field}の書式が不正です。"));
            (message["dataNumber"], message["shippingDetailId"]) = (at, Value::Null);
            message
        };
        let expected = json!({ "MessageModelList": [
            fault(FIRST, "shippingDate", json!(2)), fault(&number(2), "orderNumber", Value::Null),
        ] });
        assert_eq!(accept(&program, sent).await, expected);
        let many: Vec<Value> =
            (1..=101).map(|serial| report(&number(serial), json!([{ "deliveryCompany": "1001" }]))).collect();
        let answer = accept(&program, many.into()).await;
        assert_eq!(answer["MessageModelList"][0]["message"], "OrderShippingModelListの書式が不正です。");
        assert_eq!(app.rows_in("mall_shipping_request").await, 0);
    })
    .await;
}

#[tokio::test]
async fn with_the_switch_faults_of_the_asynchronous_report_are_a_400() {
    let mut setup = Setup::default();
    setup.limits.rms.switches = mall::http::Switches::of(&[mall::http::Switch::AsyncErrors400]);
    on_both_with(setup, async |app| {
        let program = program(app).await;
        assert_eq!(program.call("updateOrderShippingAsync", json!({})).await.status, 400);
    })
    .await;
}

#[tokio::test]
async fn with_the_switch_shipping_dates_may_be_eight_digits() {
    let mut setup = Setup::default();
    setup.limits.rms.switches = mall::http::Switches::of(&[mall::http::Switch::CompactShippingDates]);
    on_both_with(setup, async |app| {
        let program = with_orders(app, 1).await;
        confirmed(app, &program, FIRST).await;
        let rows = |date: &str| report(FIRST, json!([{ "shippingDate": date }]));
        for wrong in ["2026112", "202611223", "20261322", "2026/11/22"] {
            assert_eq!(program.call("updateOrderShipping", rows(wrong)).await.status, 400, "{wrong}");
        }
        assert_eq!(program.call("updateOrderShipping", rows("20261124")).await.status, 200);
        assert_eq!(program.call("updateOrderShipping", rows("2026-11-25")).await.status, 200);
        let later = json!([{ "orderNumber": FIRST, "BasketidModelList": [{
            "basketId": 1, "ShippingModelList": [{ "shippingDate": "20261126" }],
        }] }]);
        accept(&program, later).await;
        advance_seconds(app, 5).await;
        let dates: Vec<Value> =
            parcels(&program, FIRST).await.as_array().unwrap().iter().map(|row| row["shippingDate"].clone()).collect();
        assert_eq!(dates, ["2026-11-24", "2026-11-25", "2026-11-26"]);
    })
    .await;
}

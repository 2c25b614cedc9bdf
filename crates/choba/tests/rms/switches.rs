//! docs/rms-fidelity.md, "Switches": what each changes, beside what happens without it.

use mall::http::{Switch, Switches};
use serde_json::{Value, json};
use shop::Scope;
use testkit::{Request, RmsProgram, Setup, TestApp, on_both_with};

use crate::world::{FIRST, about, advance_seconds, body, confirmed, number, shown, with_orders};

/// Runs `test` on both engines without the switch and with it.
async fn off_and_on(switch: Switch, test: impl AsyncFn(&TestApp, bool)) {
    for is_on in [false, true] {
        let mut setup = Setup::default();
        setup.limits.rms.switches = if is_on { Switches::of(&[switch]) } else { Switches::default() };
        on_both_with(setup, async |app| test(app, is_on).await).await;
    }
}

fn report(number: &str, rows: usize) -> Value {
    let rows = vec![json!({ "deliveryCompany": "1001" }); rows];
    json!({ "orderNumber": number, "BasketidModelList": [{ "basketId": 1, "ShippingModelList": rows }] })
}

/// The fields at fault, as the messages say them.
fn faults(answer: &Value) -> Vec<&str> {
    let messages = answer["MessageModelList"].as_array().unwrap();
    messages.iter().map(|message| message["message"].as_str().unwrap().trim_end_matches("の書式が不正です。")).collect()
}

async fn asynchronous(program: &RmsProgram, orders: &[Value]) -> Value {
    body(&program.call("updateOrderShippingAsync", json!({ "OrderShippingModelList": orders })).await, 200)
}

#[tokio::test]
async fn rows_without_order_leaves_the_number_out_of_messages_of_rows() {
    off_and_on(Switch::RowsWithoutOrder, async |app, is_on| {
        let program = with_orders(app, 2).await;
        confirmed(app, &program, FIRST).await;
        let row =
            body(&program.call("updateOrderShipping", report(FIRST, 1)).await, 200)["MessageModelList"][0].clone();
        assert_eq!(row.get("orderNumber").is_none(), is_on, "{row}");
        assert_eq!(row["dataNumber"], 1);
        // What speaks of the order says which one: it is not confirmed yet.
        let order = body(&program.call("updateOrderShipping", report(&number(2), 1)).await, 400);
        assert_eq!(order["MessageModelList"][0]["orderNumber"], json!(number(2)));

        let request = asynchronous(&program, &[report(FIRST, 1)]).await["MessageModelList"][0]["requestId"].clone();
        advance_seconds(app, 5).await;
        let done = program.call("getResultUpdateOrderShippingAsync", json!({ "requestId": request })).await;
        let done = &body(&done, 200)["ResultShippingModelList"][0];
        assert_eq!(done["orderNumber"], FIRST);
        assert_eq!(done["MessageModelList"][0].get("orderNumber").is_none(), is_on, "{done}");
        assert_eq!(done["MessageModelList"][0]["dataNumber"], 1);
    })
    .await;
}

#[tokio::test]
async fn rows_151_counts_the_rows_of_a_request() {
    off_and_on(Switch::Rows151, async |app, is_on| {
        let program = with_orders(app, 2).await;
        confirmed(app, &program, FIRST).await;
        confirmed(app, &program, &number(2)).await;
        let status = async |rows: usize| program.call("updateOrderShipping", report(FIRST, rows)).await.status;
        assert_eq!(status(21).await, if is_on { 200 } else { 400 });
        let many = program.call("updateOrderShipping", report(FIRST, 152)).await;
        // 152 of one destination are too many of either.
        assert_eq!(faults(&body(&many, 400)), ["ShippingModelList"]);

        let two = [report(FIRST, 76), report(&number(2), 76)];
        let refused = asynchronous(&program, &two).await;
        let expected: &[&str] =
            if is_on { &["OrderShippingModelList"] } else { &["ShippingModelList", "ShippingModelList"] };
        assert_eq!(faults(&refused), expected);

        // What was taken under the one rule is done under it.
        let rows = if is_on { 76 } else { 20 };
        let taken = asynchronous(&program, &[report(&number(2), rows)]).await;
        assert_eq!(taken["MessageModelList"][0]["messageType"], "INFO", "{taken}");
        advance_seconds(app, 5).await;
        let parcels = shown(&program, &number(2)).await["PackageModelList"][0]["ShippingModelList"].clone();
        assert_eq!(parcels.as_array().unwrap().len(), rows);
    })
    .await;
}

#[tokio::test]
async fn limits_by_date_count_whole_days() {
    off_and_on(Switch::LimitsByDate, async |app, is_on| {
        let program = with_orders(app, 1).await;
        // It is 09:00 of 2026-11-22.
        for (start, end, otherwise) in [
            // 63 days later to the second, and the last second of that date.
            ("2026-11-01T12:00:00+0900", "2027-01-03T12:00:00+0900", true),
            ("2026-11-01T12:00:00+0900", "2027-01-03T23:59:59+0900", is_on),
            ("2026-11-01T12:00:00+0900", "2027-01-04T00:00:00+0900", false),
            // 730 days ago to the second, the first second of that date, and the last one of the day before.
            ("2024-11-22T09:00:00+0900", "2024-11-30T00:00:00+0900", true),
            ("2024-11-22T00:00:00+0900", "2024-11-30T00:00:00+0900", is_on),
            ("2024-11-21T23:59:59+0900", "2024-11-30T00:00:00+0900", false),
        ] {
            let asked = json!({ "dateType": 1, "startDatetime": start, "endDatetime": end });
            let status = program.call("searchOrder", asked).await.status;
            assert_eq!(status, if otherwise { 200 } else { 400 }, "{start} to {end}");
        }
    })
    .await;
}

#[tokio::test]
async fn sender_200_keeps_400_away_from_update_order_sender() {
    off_and_on(Switch::Sender200, async |app, is_on| {
        let program = with_orders(app, 1).await;
        let expected = if is_on { 200 } else { 400 };
        let answer = program.call("updateOrderSender", json!({})).await;
        let missing = ["orderNumberの項目を指定して下さい。", "PackageModelListの項目を指定して下さい。"];
        assert_eq!(faults(&body(&answer, expected)), missing);
        let answer = program.call("updateOrderSender", json!({ "orderNumber": FIRST, "PackageModelList": 1 })).await;
        assert_eq!(body(&answer, expected)["MessageModelList"][0]["messageType"], "ERROR");
        let answer = program.call("updateOrderSender", json!({ "orderNumber": number(9) })).await;
        assert_eq!(body(&answer, expected)["MessageModelList"][0]["messageType"], "ERROR");
        // Others are as they were.
        assert_eq!(program.call("updateOrderMemo", json!({})).await.status, 400);
    })
    .await;
}

#[tokio::test]
async fn any_sub_status_is_not_bound_to_the_status() {
    off_and_on(Switch::AnySubStatus, async |app, is_on| {
        let program = with_orders(app, 1).await;
        let token = app.token(Some(app.shop.id), vec![Scope::Mall]).await;
        // 3001 belongs to 発送待ち; the order is in 注文確認待ち.
        let wanted = json!({ "data": [{ "order_progress": 300, "name": "入荷待ち" }] });
        let request = Request::post("/api/shops/1/mall/sub-statuses", wanted.to_string()).method("PUT");
        app.http.send(&request.header("authorization", format!("Bearer {token}"))).await.good();

        let list = json!({ "subStatusId": 3_001, "orderNumberList": [FIRST] });
        let answer = body(&program.call("updateOrderSubStatus", list).await, 200);
        let expected = if is_on {
            about(FIRST, "INFO", "UPDATE_ORDERSUBSTATUS_INFO_101", "サブステータスの更新設定が完了しました。")
        } else {
            let text = "指定された注文番号、サブステータスでは更新できません。";
            about(FIRST, "ERROR", "UPDATE_ORDERSUBSTATUS_ERROR_102", text)
        };
        assert_eq!(answer["MessageModelList"][0], expected);
        let memo = json!({ "orderNumber": FIRST, "subStatusId": 3_001 });
        assert_eq!(program.call("updateOrderMemo", memo).await.status, if is_on { 200 } else { 400 });
        assert_eq!(shown(&program, FIRST).await["subStatusId"], if is_on { json!(3_001) } else { Value::Null });
        // One that the shop does not have is wrong either way.
        let unknown = json!({ "subStatusId": 9_999, "orderNumberList": [FIRST] });
        let answer = body(&program.call("updateOrderSubStatus", unknown).await, 200);
        assert_eq!(answer["MessageModelList"][0]["messageType"], "ERROR");
    })
    .await;
}

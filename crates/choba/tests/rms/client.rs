//! A client that others wrote: PyPI's rakuten-ws, unmodified apart from the address of its endpoint, and called with
//! version 7. It leads orders through their whole life.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use testkit::{Engine, RmsProgram, Setup, TestApp};

use crate::world::{FIRST, advance_seconds, advance_to, number, with_orders};

/// Calls the client as its documentation says; operations that it has no method for go through the one that its methods
/// use. Reads `{"endpoint", "secret", "key", "calls": [[name, arguments]]}`, writes the answers.
const SCRIPT: &str = "
import json, sys
from rakuten_ws import RakutenWebService
given = json.load(sys.stdin)
ws = RakutenWebService(license_key=given['key'], secret_service=given['secret'])
client = ws.rms.rakutenpay_order
client.endpoint = given['endpoint']
answers = []
for name, arguments in given['calls']:
    if name in ('searchOrder', 'getOrder', 'confirmOrder'):
        answers.append(getattr(client, name)(**arguments))
    else:
        answers.append(client.send_request(name, arguments))
json.dump(answers, sys.stdout)
";

async fn calls(app: &TestApp, program: &RmsProgram, calls: Value) -> Vec<Value> {
    let given = json!({
        "endpoint": format!("http://{}/es/2.0/order", app.address()), "secret": program.service_secret,
        "key": program.license_key, "calls": calls,
    });
    let run = move || {
        let mut python = Command::new(testkit::python());
        let python = python.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = python.spawn().unwrap();
        child.stdin.take().unwrap().write_all(given.to_string().as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn codes(answer: &Value) -> Vec<&str> {
    let messages = answer["MessageModelList"].as_array().unwrap();
    messages
        .iter()
        .map(|message| message["messageCode"].as_str().unwrap().strip_prefix("ORDER_EXT_API_").unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rakuten_ws_leads_orders_through_their_life() {
    let app = TestApp::start(Engine::Sqlite, Setup::default()).await;
    let program = with_orders(&app, 2).await;
    let search = |status: i64| {
        json!(["searchOrder", {
            "dateType": 1, "startDatetime": "2026-11-01T00:00:00+0900", "endDatetime": "2026-11-30T23:59:59+0900",
            "orderProgressList": [status],
        }])
    };
    let get = |numbers: &[&str]| json!(["getOrder", { "orderNumberList": numbers, "version": 7 }]);
    let second = number(2);

    // New orders are found, read, noted on and confirmed.
    let memo = json!(["updateOrderMemo", { "orderNumber": FIRST, "memo": "発送急ぎ", "deliveryDate": "2026-11-24" }]);
    let confirm = json!(["confirmOrder", { "orderNumberList": [FIRST, second] }]);
    let answers = calls(&app, &program, json!([search(100), get(&[FIRST, &second]), memo, confirm])).await;
    assert_eq!(answers[0]["orderNumberList"], json!([second, FIRST]));
    assert_eq!(answers[1]["OrderModelList"][0]["OrdererModel"]["familyName"], "楽天");
    assert_eq!(codes(&answers[2]), ["UPDATE_ORDERMEMO_INFO_101"]);
    assert_eq!(codes(&answers[3]), ["CONFIRM_ORDER_INFO_101", "CONFIRM_ORDER_INFO_101"]);

    // The mall secures the payments; one order is shipped, the other cancelled.
    advance_seconds(&app, 60).await;
    let row = json!({ "deliveryCompany": "1001", "shippingNumber": "123456789012", "shippingDate": "2026-11-22" });
    let report = json!(["updateOrderShipping", {
        "orderNumber": FIRST, "BasketidModelList": [{ "basketId": 1, "ShippingModelList": [row] }],
    }]);
    let cancel =
        json!(["cancelOrder", { "orderNumber": second, "inventoryRestoreType": 1, "changeReasonDetailApply": 8 }]);
    let answers = calls(&app, &program, json!([search(300), report, cancel])).await;
    assert_eq!(answers[0]["PaginationResponseModel"]["totalRecordsAmount"], 2);
    assert_eq!(
        (codes(&answers[1]), codes(&answers[2])),
        (vec!["UPDATE_ORDERSHIPPING_INFO_101"], vec!["CANCEL_ORDER_INFO_101"])
    );

    // Midnight closes the report; the cancellation is final.
    advance_to(&app, "2026-11-23T00:05:00+0900").await;
    let payment = json!(["getPayment", { "orderNumber": FIRST, "version": 4 }]);
    let answers =
        calls(&app, &program, json!([get(&[FIRST, &second]), payment, get(&["123456-20261122-9999999999"])])).await;
    let orders = &answers[0]["OrderModelList"];
    assert_eq!((&orders[0]["orderProgress"], &orders[1]["orderProgress"]), (&json!(500), &json!(900)));
    assert_eq!(orders[0]["memo"], "発送急ぎ");
    assert_eq!(answers[1]["OrderModel"]["PaymentModelList"][0]["paymentAmount"], 2_660);
    assert_eq!(codes(&answers[2]), ["GET_ORDER_INFO_101", "GET_ORDER_WARNING_101"]);

    // After shipping the goods come back.
    let back = json!(["cancelOrderAfterShipping", { "orderNumber": FIRST, "inventoryRestoreType": 0, "changeReasonDetailApply": 2 }]);
    assert_eq!(codes(&calls(&app, &program, json!([back])).await[0]), ["CANCEL_ORDER_AFTERSHIPPING_INFO_101"]);
    advance_seconds(&app, 60).await;
    assert_eq!(calls(&app, &program, json!([get(&[FIRST])])).await[0]["OrderModelList"][0]["orderProgress"], 900);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_before_is_refused_unless_the_switch_is_on() {
    for (switches, is_answered) in [(vec![], false), (vec![mall::http::Switch::OldVersions], true)] {
        let mut setup = Setup::default();
        setup.limits.rms.switches = mall::http::Switches::of(&switches);
        let app = TestApp::start(Engine::Sqlite, setup).await;
        let program = with_orders(&app, 1).await;
        // Its own default is version 1.
        let answer = calls(&app, &program, json!([["getOrder", { "orderNumberList": [FIRST] }]])).await.remove(0);
        assert_eq!(codes(&answer), if is_answered { ["GET_ORDER_INFO_101"] } else { ["GET_ORDER_ERROR_011"] });
        app.finish().await;
    }
}

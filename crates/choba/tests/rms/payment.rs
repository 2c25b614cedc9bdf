//! Contract, 3.18 "getPayment".

use mall::code::Method;
use serde_json::{Value, json};
use testkit::on_both;

use crate::world::{FIRST, NONE, about, body, confirmed, message, place, program, tea, with_orders};

const DONE: &str = "支払明細情報の取得に成功しました。";

#[tokio::test]
async fn the_payment_of_a_confirmed_card_order_is_shown_in_full() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        confirmed(app, &program, FIRST).await;
        let reply = program.call("getPayment", json!({ "orderNumber": FIRST, "version": 4 })).await;
        let mut answer = body(&reply, 200);
        let names = answer["OrderModel"]["PaymentModelList"][0]["paymentOrganizationLinkageNumberList"].take();
        assert_eq!(names.as_array().unwrap().len(), 1, "the acquirer's name for what it holds: {names}");
        // Requested with the confirmation at 09:00:00; the company answers a second later.
        let payment = json!({
            "orderPaymentNumber": format!("{FIRST}-1"), "paymentMethod": 1, "paymentAmount": 2_660, "paymentCharge": 0,
            "paymentStatus": 30_300, "paymentProcReqDatetime": "2026-11-22T09:00:00+0900", "paymentProcNgDatetime": null,
            "paymentProcCmplDatetime": "2026-11-22T09:00:01+0900", "paymentProcCancelNgDate": null,
            "paymentProcCancelCmplDatetime": null, "paymentReqDatetime": null, "paymentNgDatetime": null,
            "paymentFixDatetime": null, "paymentCancelNgDatetime": null, "paymentCancelCmplDatetime": null,
            "paymentCancelFixDatetime": null, "payExpectDate": null, "minusPayExpectDate": null,
            "paymentOrganizationLinkageNumberList": null,
            "PaymentCardModel": {
                "cardName": "VISA", "cardYm": "2028-11", "cardOwner": "RAKUTEN TARO", "cardNumber": "XXXX-XXXX-XXXX-0015",
                "cardPayType": 0, "cardInstallmentDesc": null,
            },
            "PaymentMultiModel": null, "PaymentBankModel": null, "PaymentPayAfterModel": null, "PaymentPaypalModel": null,
            "RefundModelList": [], "AdditionalFeeModelList": [],
        });
        let expected = json!({
            "MessageModelList": [about(FIRST, "INFO", "GET_PAYMENT_INFO_101", DONE)],
            "OrderModel": { "orderNumber": FIRST, "PaymentModelList": [payment] },
        });
        assert_eq!(answer, expected);
    })
    .await;
}

#[tokio::test]
async fn paypal_came_with_version_4() {
    on_both(async |app| {
        let program = program(app).await;
        place(app, tea(1, Method::BankTransfer)).await;
        program.call("confirmOrder", json!({ "orderNumberList": [FIRST] })).await;
        for version in [3, 4] {
            let answer = program.call("getPayment", json!({ "orderNumber": FIRST, "version": version })).await;
            let payment = body(&answer, 200)["OrderModel"]["PaymentModelList"][0].clone();
            assert_eq!(payment.get("PaymentPaypalModel").is_some(), version == 4);
            assert_eq!((&payment["paymentMethod"], &payment["paymentStatus"]), (&json!(9), &json!(30_200)));
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_is_told_for_each_member() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        let refused = async |sent: Value| body(&program.call("getPayment", sent).await, 400);
        let fault = |code: &str, text: &str| message("ERROR", &format!("GET_PAYMENT_ERROR_{code}"), text);
        let expected = json!({
            "MessageModelList": [
                fault("009", "orderNumberの項目を指定して下さい。"), fault("009", "versionの項目を指定して下さい。"),
            ],
            "OrderModel": null,
        });
        assert_eq!(refused(json!({})).await, expected);
        for version in [1, 2, 5] {
            let answer = refused(json!({ "orderNumber": FIRST, "version": version })).await;
            assert_eq!(answer["MessageModelList"], json!([fault("011", "versionの書式が不正です。")]));
        }
        let none = about(NONE, "ERROR", "GET_PAYMENT_ERROR_016", "指定された注文番号は存在しません。");
        let expected = json!({ "MessageModelList": [none], "OrderModel": null });
        assert_eq!(refused(json!({ "orderNumber": NONE, "version": 4 })).await, expected);
    })
    .await;
}

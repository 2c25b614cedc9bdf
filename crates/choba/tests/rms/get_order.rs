//! Contract, 3.2 "getOrder" and section 4.

use serde_json::{Value, json};
use testkit::{Setup, on_both, on_both_with};

use crate::world::{FIRST, NONE, about, body, message, number, program, with_orders};

/// Section 4, of an order for two packets of tea that nobody touched yet, in version 7.
fn expected() -> Value {
    let person = json!({
        "zipCode1": "158", "zipCode2": "0094", "prefecture": "東京都", "city": "世田谷区", "subAddress": "玉川1-14-1",
        "familyName": "楽天", "firstName": "太郎", "familyNameKana": "ラクテン", "firstNameKana": "タロウ",
        "phoneNumber1": "03", "phoneNumber2": "1234", "phoneNumber3": "5678",
    });
    let with = |more: Value| {
        let mut all = person.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let item = json!({
        "itemDetailId": 11, "itemName": "煎茶 100g", "itemId": 10_000_001, "itemNumber": "tea-100",
        "manageNumber": "tea-100", "price": 1_080, "units": 2, "includePostageFlag": 0, "includeTaxFlag": 1,
        "includeCashOnDeliveryPostageFlag": 0, "selectedChoice": null, "pointRate": 1, "pointType": 0,
        "inventoryType": 1, "delvdateInfo": null, "restoreInventoryFlag": 0, "dealFlag": 0, "drugFlag": 0,
        "deleteItemFlag": 0, "taxRate": 0.08, "priceTaxIncl": 1_080, "isSingleItemShipping": 0,
        "SkuModelList": [{ "variantId": "tea-100", "merchantDefinedSkuId": null, "skuInfo": null }],
    });
    let package = json!({
        "basketId": 1, "postagePrice": 500, "postageTaxRate": 0.1, "deliveryPrice": 0, "deliveryTaxRate": 0.1,
        "goodsTax": 0, "goodsPrice": 2_160, "totalPrice": 2_660, "noshi": null, "packageDeleteFlag": 0,
        "SenderModel": with(json!({ "isolatedIslandFlag": 0 })), "ItemModelList": [item], "ShippingModelList": [],
        "DeliveryCvsModel": null, "defaultDeliveryCompanyCode": "1001",
    });
    let settlement = json!({
        "settlementMethodCode": 1, "settlementMethod": "クレジットカード", "rpaySettlementFlag": 1, "cardName": "VISA",
        "cardNumber": "XXXX-XXXX-XXXX-0015", "cardOwner": "RAKUTEN TARO", "cardYm": "2028-11", "cardPayType": 0,
        "cardInstallmentDesc": null,
    });
    // 500 yen hold 45 yen of tax at 10 per cent, 2,160 yen 160 at 8.
    let tax = |rate: Value, yen: i64, tax: i64| {
        json!({
            "taxRate": rate, "reqPrice": yen, "reqPriceTax": tax, "totalPrice": yen, "paymentCharge": 0, "couponPrice": 0,
            "point": 0,
        })
    };
    let standing = json!({
        "orderNumber": FIRST, "orderProgress": 100, "subStatusId": null, "subStatusName": null,
        "orderDatetime": "2026-11-22T08:30:00+0900", "shopOrderCfmDatetime": null, "orderFixDatetime": null,
        "shippingInstDatetime": null, "shippingCmplRptDatetime": null, "cancelDueDate": null, "deliveryDate": null,
        "shippingTerm": null, "remarks": null, "giftCheckFlag": 0, "severalSenderFlag": 0, "equalSenderFlag": 1,
        "isolatedIslandFlag": 0, "rakutenMemberFlag": 1, "carrierCode": 11, "emailCarrierCode": 0, "orderType": 1,
        "reserveNumber": null, "reserveDeliveryCount": null, "cautionDisplayType": 0, "cautionDisplayDetailType": null,
        "rakutenConfirmFlag": 0,
    });
    let amounts = json!({
        "goodsPrice": 2_160, "goodsTax": 0, "postagePrice": 500, "deliveryPrice": 0,
        "paymentCharge": 0, "paymentChargeTaxRate": 0.1, "totalPrice": 2_660, "requestPrice": 2_660,
        "couponAllTotalPrice": 0, "couponShopPrice": 0, "couponOtherPrice": 0, "additionalFeeOccurAmountToUser": 0,
        "additionalFeeOccurAmountToShop": 0, "asurakuFlag": 0, "drugFlag": 0, "dealFlag": 0, "membershipType": 0,
        "memo": null, "operator": null, "mailPlugSentence": null, "modifyFlag": 0, "isTaxRecalc": 1,
        "receiptIssueCount": 0, "receiptIssueHistoryList": [],
    });
    let models = json!({
        "OrdererModel": with(json!({
            "emailAddress": "0a1b2c3ds1@pc.fw.rakuten.example", "sex": "男", "birthYear": 1980, "birthMonth": 4,
            "birthDay": 1,
        })),
        "SettlementModel": settlement,
        "DeliveryModel": { "deliveryName": "宅配便", "deliveryClass": null },
        "PointModel": { "usedPoint": 0 }, "WrappingModel1": null, "WrappingModel2": null,
        "PackageModelList": [package], "CouponModelList": null, "ChangeReasonModelList": [],
        "TaxSummaryModelList": [tax(json!(0.1), 500, 45), tax(json!(0.08), 2_160, 160)],
        "DueDateModelList": [],
    });
    let parts = [standing, amounts, models].into_iter().flat_map(|part| part.as_object().unwrap().clone());
    Value::Object(parts.collect())
}

#[tokio::test]
async fn an_order_is_shown_in_full() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        let reply = program.call("getOrder", json!({ "orderNumberList": [FIRST], "version": 7 })).await;
        let found = message("INFO", "GET_ORDER_INFO_101", "受注情報取得に成功しました。(取得件数1件)");
        let answer = json!({ "MessageModelList": [found], "OrderModelList": [expected()], "version": 7 });
        assert_eq!(body(&reply, 200), answer);
        let place = |name: &str| reply.text.find(name).unwrap();
        assert!(place("\"MessageModelList\"") < place("\"OrderModelList\""), "section 1, Member order");
        assert!(reply.text.ends_with(",\"version\":7}"), "{}", &reply.text[reply.text.len() - 40..]);
    })
    .await;
}

#[tokio::test]
async fn versions_3_to_10_are_answered_and_say_so_from_6_on() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        for version in 3..=10 {
            let reply = program.call("getOrder", json!({ "orderNumberList": [FIRST], "version": version })).await;
            let answer = body(&reply, 200);
            assert_eq!(answer["version"], if version >= 6 { json!(version) } else { Value::Null });
            assert_eq!(answer.as_object().unwrap().contains_key("version"), version >= 6);
            let order = &answer["OrderModelList"][0];
            // Section 4: goodsTax until 7, SKUs from 7 on, 置き配 from 9 on, ソーシャルギフト from 10 on.
            assert_eq!(order.get("goodsTax").is_some(), version <= 7);
            assert_eq!(order["PackageModelList"][0]["ItemModelList"][0].get("SkuModelList").is_some(), version >= 7);
            assert_eq!(order["PackageModelList"][0].get("dropOffFlag").is_some(), version >= 9);
            assert_eq!(order.get("socialGiftFlag").is_some(), version >= 10);
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_is_told_for_each_member() {
    on_both(async |app| {
        let program = program(app).await;
        let fault = |number: &str, text: &str| message("ERROR", &format!("GET_ORDER_ERROR_{number}"), text);
        let refused = async |asked: Value| body(&program.call("getOrder", asked).await, 400);
        let both = json!({
            "MessageModelList": [
                fault("009", "orderNumberListの項目を指定して下さい。"), fault("009", "versionの項目を指定して下さい。"),
            ],
            "OrderModelList": null,
        });
        assert_eq!(refused(json!({})).await, both);
        assert_eq!(refused(Value::Null).await, both);
        // 1 and 2 were refused live (OBS1), 11 there is not.
        for version in [json!(1), json!(2), json!("2"), json!(11), json!(0), json!("x")] {
            let answer = refused(json!({ "orderNumberList": [FIRST], "version": version })).await;
            assert_eq!(answer["MessageModelList"], json!([fault("011", "versionの書式が不正です。")]), "{version}");
        }
        let many: Vec<String> = (1..=101).map(number).collect();
        let answer = refused(json!({ "orderNumberList": many, "version": 7 })).await;
        assert_eq!(answer["MessageModelList"], json!([fault("011", "orderNumberListの書式が不正です。")]));
        let answer = refused(json!({ "orderNumberList": [], "version": 7 })).await;
        assert_eq!(answer["MessageModelList"], json!([fault("010", "orderNumberListの値を指定して下さい。")]));
    })
    .await;
}

#[tokio::test]
async fn orders_that_there_are_not_are_warned_of() {
    on_both(async |app| {
        let program = with_orders(app, 2).await;
        let asked = json!({ "orderNumberList": [number(2), NONE, FIRST, "123"], "version": 7 });
        let answer = body(&program.call("getOrder", asked).await, 200);
        let text = "指定された注文番号の受注情報を取得できませんでした。";
        let expected = json!([
            message("INFO", "GET_ORDER_INFO_101", "受注情報取得に成功しました。(取得件数2件)"),
            about(NONE, "WARNING", "GET_ORDER_WARNING_101", text),
            about("123", "WARNING", "GET_ORDER_WARNING_101", text),
        ]);
        assert_eq!(answer["MessageModelList"], expected);
        let numbers: Vec<&Value> =
            answer["OrderModelList"].as_array().unwrap().iter().map(|order| &order["orderNumber"]).collect();
        assert_eq!(numbers, [&json!(number(2)), &json!(FIRST)], "in the order in which they were asked for");
    })
    .await;
}

#[tokio::test]
async fn orders_of_more_than_730_days_are_gone() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        let shown = async || {
            let asked = json!({ "orderNumberList": [FIRST], "version": 7 });
            body(&program.call("getOrder", asked).await, 200)["OrderModelList"].as_array().unwrap().len()
        };
        let placed = crate::world::PLACED;
        app.turn_unattended(app.shop.id, placed.plus_seconds(80 * 86_400)).await;
        assert_eq!(shown().await, 1);
        // A key of 90 days does not see the end of 730: it is renewed on the way.
        let program = app_renewed(app, &program, placed.plus_seconds(730 * 86_400)).await;
        let asked = json!({ "orderNumberList": [FIRST], "version": 7 });
        let last = body(&program.call("getOrder", asked.clone()).await, 200);
        assert_eq!(last["OrderModelList"].as_array().unwrap().len(), 1);
        app.turn_unattended(app.shop.id, placed.plus_seconds(730 * 86_400 + 1)).await;
        assert_eq!(body(&program.call("getOrder", asked).await, 200)["OrderModelList"], json!([]));
    })
    .await;
}

async fn app_renewed(
    app: &testkit::TestApp,
    program: &testkit::RmsProgram,
    at: kernel::Timestamp,
) -> testkit::RmsProgram {
    app.turn_unattended(program.shop, at).await;
    let token = app.token(Some(program.shop), vec![shop::Scope::Mall]).await;
    let request = testkit::Request::post("/api/shops/1/mall/licences", "");
    let made = app.http.send(&request.header("authorization", format!("Bearer {token}"))).await.good();
    program.keyed(made["license_key"].as_str().unwrap())
}

#[tokio::test]
async fn switches_accept_old_clients_and_say_nothing_of_what_is_missing() {
    use mall::http::{Switch, Switches};
    let mut setup = Setup::default();
    setup.limits.rms.switches = Switches::of(&[Switch::OldVersions, Switch::SilentMissing]);
    on_both_with(setup, async |app| {
        let program = with_orders(app, 1).await;
        for version in [1, 2] {
            let answer =
                program.call("getOrder", json!({ "orderNumberList": [FIRST, NONE], "version": version })).await;
            let answer = body(&answer, 200);
            assert_eq!(answer["MessageModelList"].as_array().unwrap().len(), 1);
            // Section 4.1: paymentCharge came with version 2.
            assert_eq!(answer["OrderModelList"][0].get("paymentCharge").is_some(), version == 2);
            let asked = json!({ "orderNumber": FIRST, "version": version });
            assert_eq!(program.call("getPayment", asked).await.status, 200);
        }
    })
    .await;
}

/// The members of an order in the recording of 2020 (contract, source PY; section 1, "Member order").
const RECORDED: &str = "orderNumber orderProgress subStatusId subStatusName orderDatetime shopOrderCfmDatetime orderFixDatetime \
    shippingInstDatetime shippingCmplRptDatetime cancelDueDate deliveryDate shippingTerm remarks giftCheckFlag severalSenderFlag \
    equalSenderFlag isolatedIslandFlag rakutenMemberFlag carrierCode emailCarrierCode orderType reserveNumber \
    reserveDeliveryCount cautionDisplayType rakutenConfirmFlag goodsPrice goodsTax postagePrice deliveryPrice totalPrice \
    requestPrice couponAllTotalPrice couponShopPrice couponOtherPrice asurakuFlag drugFlag dealFlag membershipType memo operator \
    mailPlugSentence modifyFlag isTaxRecalc OrdererModel SettlementModel DeliveryModel PointModel WrappingModel1 WrappingModel2 \
    PackageModelList CouponModelList ChangeReasonModelList";

#[tokio::test]
async fn members_stand_in_the_order_of_the_recording() {
    let mut setup = Setup::default();
    setup.limits.rms.switches = mall::http::Switches::of(&[mall::http::Switch::OldVersions]);
    on_both_with(setup, async |app| {
        let program = with_orders(app, 1).await;
        let reply = program.call("getOrder", json!({ "orderNumberList": [FIRST], "version": 1 })).await;
        let names: Vec<&str> = RECORDED.split_whitespace().collect();
        assert_eq!(body(&reply, 200)["OrderModelList"][0].as_object().unwrap().len(), names.len());
        // Each stands first in the order itself, or its models would stand before it.
        let text = &reply.text[reply.text.find("OrderModelList").unwrap()..];
        let places: Vec<usize> = names.iter().map(|name| text.find(&format!("\"{name}\":")).unwrap()).collect();
        assert!(places.is_sorted(), "{text}");
    })
    .await;
}

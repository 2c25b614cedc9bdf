//! Contract, 3.11, 3.12, 3.15 to 3.17: updateOrderSender, updateOrderSenderAfterShipping, updateOrderOrderer,
//! updateOrderDelivery, simulateCouponAmount.

use mall::code::Method;
use mall::order::{Coupon, CouponCapital, Day, Sku};
use serde_json::{Value, json};
use testkit::{RmsProgram, on_both};

use crate::world::{
    FIRST, NONE, about, advance_seconds, advance_to, body, confirmed, message, place, program, ship, shown, tea,
    with_orders,
};

const DONE: &str = "送付先情報の更新設定が完了しました。";

fn sender() -> Value {
    json!({
        "zipCode1": "158", "zipCode2": "0094", "prefecture": "東京都", "city": "世田谷区", "subAddress": "玉川1-14-1",
        "familyName": "楽天", "firstName": "太郎", "familyNameKana": "ラクテン", "firstNameKana": "タロウ",
        "phoneNumber1": "03", "phoneNumber2": "1234", "phoneNumber3": "5678",
    })
}

/// The order with so many packets of tea.
fn packets(units: i64) -> Value {
    let item = json!({
        "itemDetailId": 11, "itemName": "煎茶 100g", "price": 1_080, "taxRate": 0.08, "units": units,
        "includePostageFlag": 0, "includeTaxFlag": 1, "includeCashOnDeliveryPostageFlag": 0,
    });
    json!({ "orderNumber": FIRST, "PackageModelList": [{
        "basketId": 1, "postagePrice": 500, "postageTaxRate": 0.1, "SenderModel": sender(), "ItemModelList": [item],
    }] })
}

fn with(mut value: Value, members: Value) -> Value {
    value.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    value
}

#[tokio::test]
async fn an_amount_that_falls_needs_a_reason() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        let done = json!({ "MessageModelList": [about(FIRST, "INFO", "UPDATE_ORDERSENDER_INFO_101", DONE)] });
        assert_eq!(body(&program.call("updateOrderSender", packets(3)).await, 200), done);
        let order = shown(&program, FIRST).await;
        assert_eq!((&order["goodsPrice"], &order["requestPrice"]), (&json!(3_240), &json!(3_740)));
        let refusal = about(
            FIRST,
            "ERROR",
            "UPDATE_ORDERSENDER_ERROR_108",
            "請求金額が減額となる場合、減額理由の指定が必須となります。",
        );
        let answer = program.call("updateOrderSender", packets(1)).await;
        assert_eq!(body(&answer, 400), json!({ "MessageModelList": [refusal] }));
        assert_eq!(shown(&program, FIRST).await["requestPrice"], 3_740);
        let answer = program.call("updateOrderSender", with(packets(1), json!({ "reductionReason": 8 }))).await;
        assert_eq!(body(&answer, 200), done);
        // Section 5: changeTypeDetail 1 increase, 0 decrease; by the shop, out of stock.
        let order = shown(&program, FIRST).await;
        let changes = order["ChangeReasonModelList"].as_array().unwrap();
        let details: Vec<&Value> = changes.iter().map(|change| &change["changeTypeDetail"]).collect();
        assert_eq!(details, [&json!(1), &json!(0)]);
        assert_eq!((&changes[1]["changeReason"], &changes[1]["changeReasonDetail"]), (&json!(0), &json!(8)));
        assert_eq!(order["requestPrice"], 1_580);
    })
    .await;
}

#[tokio::test]
async fn an_increase_after_confirmation_waits_until_the_money_follows() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        confirmed(app, &program, FIRST).await;
        assert_eq!(program.call("updateOrderSender", packets(3)).await.status, 200);
        assert_eq!(shown(&program, FIRST).await["orderProgress"], 400);
        let running = about(
            FIRST,
            "ERROR",
            "UPDATE_ORDERSENDER_ERROR_107",
            "指定された注文番号は決済手続き中のため、送付先情報の更新が出来る状態ではありませんでした。",
        );
        assert_eq!(
            body(&program.call("updateOrderSender", packets(3)).await, 400),
            json!({ "MessageModelList": [running] })
        );
        advance_seconds(app, 60).await;
        assert_eq!(shown(&program, FIRST).await["orderProgress"], 300);
    })
    .await;
}

#[tokio::test]
async fn destinations_and_items_are_taken_over() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        let mut sent = packets(2);
        let package = &mut sent["PackageModelList"][0];
        (package["noshi"], package["dropOffLocation"]) = (json!("御祝"), json!("玄関前"));
        package["SenderModel"] = with(sender(), json!({ "prefecture": "国外", "city": "Paris", "familyName": "髙橋" }));
        package["ItemModelList"][0]["itemName"] = json!("煎茶 100g(箱入)");
        package["ItemModelList"][0]["price"] = json!("1080");
        assert_eq!(program.call("updateOrderSender", sent).await.status, 200);
        let asked = json!({ "orderNumberList": [FIRST], "version": 9 });
        let order = body(&program.call("getOrder", asked).await, 200)["OrderModelList"][0].clone();
        let package = &order["PackageModelList"][0];
        assert_eq!(
            (&package["noshi"], &package["dropOffLocation"], &package["dropOffFlag"]),
            (&json!("御祝"), &json!("玄関前"), &json!(1))
        );
        let to = &package["SenderModel"];
        assert_eq!(
            (&to["prefecture"], &to["city"], &to["familyName"]),
            (&json!("国外"), &json!("Paris"), &json!("髙橋"))
        );
        assert_eq!(package["ItemModelList"][0]["itemName"], "煎茶 100g(箱入)");
        assert_eq!(order["equalSenderFlag"], 0);
    })
    .await;
}

#[tokio::test]
async fn a_change_to_cash_on_delivery_needs_its_fee() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        let to = json!({ "afterSettlementMethodCode": 2 });
        let fee = |yen: i64| {
            let mut sent = with(packets(2), to.clone());
            (sent["PackageModelList"][0]["deliveryPrice"], sent["PackageModelList"][0]["deliveryTaxRate"]) = (json!(yen), json!(0.1));
            sent
        };
        // The text of FUN's sample; it carries the order's number.
        let text = "支払方法を代金引換に変更する場合、代引料の設定が必須となります。代引料を設定し、再度リクエストを行ってください。";
        let refusal = about(FIRST, "ERROR", "UPDATE_ORDERSENDER_ERROR_136", text);
        // No fee, none that is fixed (3.11: −9999), none at all.
        for without in [fee(0), fee(-9_999), with(packets(2), to.clone())] {
            assert_eq!(body(&program.call("updateOrderSender", without).await, 400), json!({ "MessageModelList": [refusal] }));
        }
        assert_eq!(program.call("updateOrderSender", fee(330)).await.status, 200);
        let order = shown(&program, FIRST).await;
        assert_eq!(order["SettlementModel"]["settlementMethod"], "代金引換");
        // 4.3: only for クレジットカード.
        for member in ["cardName", "cardNumber", "cardOwner", "cardYm", "cardPayType"] {
            assert_eq!(order["SettlementModel"][member], Value::Null, "{member}");
        }
        let payment = program.call("getPayment", json!({ "orderNumber": FIRST, "version": 4 })).await.good();
        assert_eq!(payment["OrderModel"]["PaymentModelList"], json!([]));
        // 3.11: yes when paid by COD.
        let missing = |field: &str| message("ERROR", "UPDATE_ORDERSENDER_ERROR_009", &format!("{field}の項目を指定して下さい。"));
        let expected = json!({ "MessageModelList": (["deliveryPrice", "deliveryTaxRate"].map(missing)) });
        assert_eq!(body(&program.call("updateOrderSender", packets(2)).await, 400), expected);
        assert_eq!((&order["deliveryPrice"], &order["requestPrice"]), (&json!(330), &json!(2_990)));
    })
    .await;
}

#[tokio::test]
async fn methods_cannot_be_changed_once_the_payment_is_secured() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        confirmed(app, &program, FIRST).await;
        let sent = with(packets(2), json!({ "afterSettlementMethodCode": 9 }));
        let refusal = about(FIRST, "ERROR", "UPDATE_ORDERSENDER_ERROR_109", "指定された支払方法へは変更できません。");
        assert_eq!(body(&program.call("updateOrderSender", sent).await, 400), json!({ "MessageModelList": [refusal] }));
    })
    .await;
}

#[tokio::test]
async fn an_order_keeps_a_destination_and_costs_something_sensible() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        let mut gone = packets(2);
        gone["PackageModelList"][0]["packageDeleteFlag"] = json!(1);
        let expected = message("ERROR", "UPDATE_ORDERSENDER_ERROR_011", "packageDeleteFlagの書式が不正です。");
        let answer = body(&program.call("updateOrderSender", gone).await, 400);
        assert_eq!(answer["MessageModelList"], json!([expected]));
        // 3.11: both may be 999,999,999; nobody can pay that.
        let mut much = packets(999_999_999);
        much["PackageModelList"][0]["ItemModelList"][0]["price"] = json!(999_999_999);
        let refused = about(
            FIRST,
            "ERROR",
            "UPDATE_ORDERSENDER_ERROR_110",
            "請求金額が0円未満、または上限を超えるため、更新できません。",
        );
        assert_eq!(body(&program.call("updateOrderSender", much).await, 400)["MessageModelList"], json!([refused]));
        let wrong = with(packets(2), json!({ "taxRecalcFlag": 7, "reductionReason": 99 }));
        let answer = body(&program.call("updateOrderSender", wrong).await, 400);
        let said = |index: usize| answer["MessageModelList"][index]["message"].clone();
        assert_eq!([said(0), said(1)], ["reductionReasonの書式が不正です。", "taxRecalcFlagの書式が不正です。"]);
        assert_eq!(shown(&program, FIRST).await["requestPrice"], 2_660);
    })
    .await;
}

/// Contract 3.11 and 3.15: 後払い決済 after the shipping report asks for a reason, whatever becomes of the amount.
#[tokio::test]
async fn deferred_payment_after_the_report_asks_for_a_reason() {
    on_both(async |app| {
        let program = program(app).await;
        place(app, tea(1, Method::Deferred)).await;
        confirmed(app, &program, FIRST).await;
        ship(&program, FIRST, "2026-11-22").await;
        advance_to(app, "2026-11-23T00:05:00+0900").await;
        let same = |reason: Value| with(packets(2), reason);
        let code = "UPDATE_ORDERSENDER_AFTERSHIPPING_ERROR_108";
        let refused = about(FIRST, "ERROR", code, "請求金額が減額となる場合、減額理由の指定が必須となります。");
        let answer = program.call("updateOrderSenderAfterShipping", same(json!({}))).await;
        assert_eq!(body(&answer, 400)["MessageModelList"], json!([refused]));
        let answer = program.call("updateOrderSenderAfterShipping", same(json!({ "reductionReason": 10 }))).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    })
    .await;
}

#[tokio::test]
async fn every_faulty_member_of_the_tree_has_its_message() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        let refused = async |sent: Value| body(&program.call("updateOrderSender", sent).await, 400)["MessageModelList"].clone();
        let fault = |code: &str, text: String| message("ERROR", &format!("UPDATE_ORDERSENDER_ERROR_{code}"), &text);
        let missing = |field: &str| fault("009", format!("{field}の項目を指定して下さい。"));
        let format = |field: &str| fault("011", format!("{field}の書式が不正です。"));
        assert_eq!(refused(json!({})).await, json!([missing("orderNumber"), missing("PackageModelList")]));
        assert_eq!(refused(json!({ "orderNumber": FIRST })).await, json!([missing("PackageModelList")]));
        let mut sent = packets(2);
        let package = &mut sent["PackageModelList"][0];
        package["postageTaxRate"] = json!(0.05);
        package["dropOffLocation"] = json!("屋根");
        package["SenderModel"] = json!({ "zipCode1": "158", "zipCode2": "0094", "prefecture": "江戸", "phoneNumber1": "03", "phoneNumber2": "1" });
        package["ItemModelList"][0] = json!({ "itemDetailId": 11, "itemName": "", "price": -1, "taxRate": "0.08", "units": 2,
            "includeTaxFlag": 1, "includeCashOnDeliveryPostageFlag": 2 });
        let expected = json!([
            format("postageTaxRate"), format("dropOffLocation"), missing("familyName"), format("prefecture"),
            missing("city"), missing("subAddress"),
            fault("010", "itemNameの値を指定して下さい。".to_owned()), format("price"), missing("includePostageFlag"),
            format("includeCashOnDeliveryPostageFlag"),
        ]);
        assert_eq!(refused(sent).await, expected);
        for (path, value) in [("basketId", json!(2)), ("SenderModel", with(sender(), json!({ "zipCode1": "1".repeat(18) })))] {
            let mut sent = packets(2);
            sent["PackageModelList"][0][path] = value;
            assert_eq!(refused(sent).await.as_array().unwrap().len(), 1, "{path}");
        }
        assert_eq!(refused(with(packets(2), json!({ "orderNumber": NONE }))).await,
            json!([about(NONE, "ERROR", "UPDATE_ORDERSENDER_ERROR_016", "指定された注文番号は存在しません。")]));
    })
    .await;
}

#[tokio::test]
async fn skus_of_a_multi_sku_item_come_along() {
    on_both(async |app| {
        let program = program(app).await;
        let mut order = tea(1, Method::Card);
        let info = Some("容量:100g".to_owned());
        order.packages[0].items[0].skus = vec![Sku { variant: "tea-100".into(), merchant_id: None, info }];
        place(app, order).await;
        let answer = program.call("updateOrderSender", packets(2)).await;
        let expected = message("ERROR", "UPDATE_ORDERSENDER_ERROR_139", "マルチSKUの場合、SKU情報は必須です。");
        assert_eq!(body(&answer, 400), json!({ "MessageModelList": [expected] }), "without orderNumber");
        let mut sent = packets(2);
        sent["PackageModelList"][0]["ItemModelList"][0]["SkuModelList"] =
            json!([{ "variantId": "tea-100", "merchantDefinedSkuId": "M1" }]);
        let answer = program.call("updateOrderSender", sent.clone()).await;
        assert_eq!(body(&answer, 400), json!({ "MessageModelList": [expected] }), "skuInfo is a part of it");
        sent["PackageModelList"][0]["ItemModelList"][0]["SkuModelList"] =
            json!([{ "variantId": "tea-100", "skuInfo": "容量:200g" }]);
        assert_eq!(program.call("updateOrderSender", sent).await.status, 200);
        let order = shown(&program, FIRST).await;
        assert_eq!(order["PackageModelList"][0]["ItemModelList"][0]["SkuModelList"][0]["skuInfo"], "容量:200g");
    })
    .await;
}

#[tokio::test]
async fn before_and_after_shipping_are_two_operations() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        let status = |operation: &str| {
            json!({ "MessageModelList": [about(FIRST, "ERROR", &format!("{operation}_ERROR_103"),
            "指定された注文番号は、送付先情報の更新が出来るステータスではありませんでした。")] })
        };
        let early = program.call("updateOrderSenderAfterShipping", packets(2)).await;
        assert_eq!(body(&early, 400), status("UPDATE_ORDERSENDER_AFTERSHIPPING"));
        confirmed(app, &program, FIRST).await;
        ship(&program, FIRST, "2026-11-22").await;
        advance_to(app, "2026-11-23T00:05:00+0900").await;
        assert_eq!(body(&program.call("updateOrderSender", packets(2)).await, 400), status("UPDATE_ORDERSENDER"));
        let less = with(packets(1), json!({ "reductionReason": 15 }));
        let done = about(FIRST, "INFO", "UPDATE_ORDERSENDER_AFTERSHIPPING_INFO_101", DONE);
        let reply = program.call("updateOrderSenderAfterShipping", less).await;
        assert_eq!(body(&reply, 200), json!({ "MessageModelList": [done] }));
        assert_eq!(shown(&program, FIRST).await["requestPrice"], 1_580);
        // 3.18: the refund has a status and dates of its own.
        let refund = async || {
            let payment = program.call("getPayment", json!({ "orderNumber": FIRST, "version": 4 })).await.good();
            payment["OrderModel"]["PaymentModelList"][0]["RefundModelList"][0].clone()
        };
        let asked = refund().await;
        assert_eq!((&asked["paymentAmount"], &asked["paymentStatus"]), (&json!(1_080), &json!(30_500)));
        assert_eq!((&asked["paymentFixDatetime"], &asked["paymentProcCmplDatetime"]), (&Value::Null, &Value::Null));
        app.run_jobs().await;
        advance_seconds(app, 60).await;
        let done = refund().await;
        assert_eq!(done["paymentStatus"], 30_600);
        assert!(done["paymentFixDatetime"].is_string() && done["paymentReqDatetime"] == asked["paymentReqDatetime"]);
        let more = program.call("updateOrderSenderAfterShipping", packets(5)).await;
        assert_eq!(more.status, 400, "the amount can only fall");
    })
    .await;
}

#[tokio::test]
async fn the_orderer_is_changed() {
    on_both(async |app| {
        let program = with_orders(app, 1).await;
        let orderer =
            with(sender(), json!({ "familyName": "髙橋", "emailAddress": "ees1@pc.fw.rakuten.example", "sex": "女" }));
        let reply = program.call("updateOrderOrderer", json!({ "orderNumber": FIRST, "OrdererModel": orderer })).await;
        let done = about(FIRST, "INFO", "UPDATE_ORDERORDERER_INFO_101", "注文者情報の更新設定が完了しました。");
        assert_eq!(body(&reply, 200), json!({ "MessageModelList": [done] }));
        let world_shown = async |program: &RmsProgram| shown(program, FIRST).await["OrdererModel"].clone();
        let shown = world_shown(&program).await;
        let expected = with(orderer, json!({ "birthYear": 1980, "birthMonth": 4, "birthDay": 1 }));
        assert_eq!(shown, expected);
        // What is left out stays; of an orderer the first name is never taken away (4.2).
        let mut less = expected.clone();
        for member in ["firstName", "familyNameKana", "phoneNumber3", "emailAddress"] {
            less.as_object_mut().unwrap().remove(member);
        }
        less["firstNameKana"] = json!("");
        less["subAddress"] = json!("");
        let reply = program.call("updateOrderOrderer", json!({ "orderNumber": FIRST, "OrdererModel": less })).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let after = world_shown(&program).await;
        assert_eq!(after, with(expected, json!({ "firstNameKana": null, "subAddress": "" })));
        let wrong = with(sender(), json!({ "birthYear": 1980, "birthMonth": 13, "birthDay": 32 }));
        let reply = program.call("updateOrderOrderer", json!({ "orderNumber": FIRST, "OrdererModel": wrong })).await;
        let format =
            |field: &str| message("ERROR", "UPDATE_ORDERORDERER_ERROR_011", &format!("{field}の書式が不正です。"));
        assert_eq!(body(&reply, 400), json!({ "MessageModelList": (["birthMonth", "birthDay"].map(format)) }));
        let missing = |field: &str| {
            message("ERROR", "UPDATE_ORDERORDERER_ERROR_009", &format!("{field}の項目を指定して下さい。"))
        };
        let reply = program.call("updateOrderOrderer", json!({ "orderNumber": FIRST })).await;
        assert_eq!(body(&reply, 400), json!({ "MessageModelList": [missing("OrdererModel")] }));
    })
    .await;
}

#[tokio::test]
async fn the_delivery_is_one_that_the_shop_has() {
    on_both(async |app| {
        let program = program(app).await;
        place(app, tea(1, Method::Deferred)).await;
        let change = async |name: &str| {
            program.call("updateOrderDelivery", json!({ "orderNumber": FIRST, "deliveryName": name })).await
        };
        let done = about(FIRST, "INFO", "UPDATE_ORDERDELIVERY_INFO_101", "配送方法の更新設定が完了しました。");
        assert_eq!(body(&change("クール便").await, 200), json!({ "MessageModelList": [done] }));
        assert_eq!(shown(&program, FIRST).await["DeliveryModel"]["deliveryName"], "クール便");
        let format = message("ERROR", "UPDATE_ORDERDELIVERY_ERROR_011", "deliveryNameの書式が不正です。");
        // 追跡可能メール便 is not set up in this shop.
        for name in ["飛脚便", "追跡可能メール便"] {
            assert_eq!(body(&change(name).await, 400), json!({ "MessageModelList": [format] }), "{name}");
        }
        // 後払い決済 cannot be had with メール便 (seed 004).
        let mail = about(
            FIRST,
            "ERROR",
            "UPDATE_ORDERDELIVERY_ERROR_901",
            "指定された配送方法では後払い決済をご利用いただけません。",
        );
        assert_eq!(body(&change("メール便").await, 400), json!({ "MessageModelList": [mail] }));
        let missing = |field: &str| {
            message("ERROR", "UPDATE_ORDERDELIVERY_ERROR_009", &format!("{field}の項目を指定して下さい。"))
        };
        let expected = json!({ "MessageModelList": (["orderNumber", "deliveryName"].map(missing)) });
        assert_eq!(body(&program.call("updateOrderDelivery", json!({})).await, 400), expected);
    })
    .await;
}

#[tokio::test]
async fn a_simulation_shows_both_amounts_and_changes_nothing() {
    on_both(async |app| {
        let program = program(app).await;
        let mut order = tea(1, Method::Card);
        order.coupons.push(Coupon {
            code: "UCSK-XEPV-LEGJ-H0SW".into(),
            item_id: 10_000_001,
            detail_id: 11,
            name: "100円OFF".into(),
            summary: "1点につき100円割引".into(),
            capital: CouponCapital::Shop,
            expires: Day::parse("2026-12-31").unwrap(),
            price: 100,
            units: 2,
        });
        place(app, order).await;
        let coupon = |units: i64| {
            json!({ "CouponModelList": [{
            "couponCode": "UCSK-XEPV-LEGJ-H0SW", "couponPrice": 100, "couponUnit": units, "itemId": 10_000_001,
        }] })
        };
        // 2 × 1,080 + 500 − 2 × 100 = 2,460; 1,080 + 500 − 100 = 1,480.
        let reply = program.call("simulateCouponAmount", with(packets(1), coupon(1))).await;
        let done =
            about(FIRST, "INFO", "SIMULATE_COUPONAMOUNT_INFO_101", "クーポン金額のシミュレーションに成功しました。");
        let expected = json!({ "MessageModelList": [done], "SimulateCouponAmountModel": {
            "orderNumber": FIRST, "totalPriceBefore": 2_660, "totalPriceAfter": 1_580, "requestPriceBefore": 2_460,
            "requestPriceAfter": 1_480, "couponAllTotalPriceBefore": 200, "couponAllTotalPriceAfter": 100,
            "couponShopPriceBefore": 200, "couponShopPriceAfter": 100, "couponOtherPriceBefore": 0,
            "couponOtherPriceAfter": 0, "paymentChargeBefore": 0, "paymentChargeAfter": 0,
            "CouponModelList": [{
                "couponCode": "UCSK-XEPV-LEGJ-H0SW", "itemId": 10_000_001, "couponPrice": 100, "couponUnit": 1,
                "couponTotalPrice": 100,
            }],
        } });
        assert_eq!(body(&reply, 200), expected);
        assert_eq!(shown(&program, FIRST).await["requestPrice"], 2_460);
        // Coupons come along, and their units may not grow.
        let fault = |code: &str, text: &str| message("ERROR", &format!("SIMULATE_COUPONAMOUNT_ERROR_{code}"), text);
        for (sent, expected) in [
            (packets(1), fault("009", "CouponModelListの項目を指定して下さい。")),
            (with(packets(3), coupon(3)), fault("011", "couponUnitの書式が不正です。")),
        ] {
            let answer = body(&program.call("simulateCouponAmount", sent).await, 400);
            assert_eq!(answer["MessageModelList"], json!([expected]));
        }
    })
    .await;
}

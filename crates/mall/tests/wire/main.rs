//! What the wire shows of an order in each version, held to the tables of the contract (section 4), written here by hand.

use mall::generate::{Dice, order};
use mall::order::Order;
use mall::wire::get_order::{ShopWords, view};
use mall::wire::{Json, Members, Version};

/// A member, the first version that has it, and the last one.
type Row = (&'static str, u8, u8);

const EVER: u8 = 99;

/// 4.1.
const ORDER: &[Row] = &[
    ("orderNumber", 1, EVER),
    ("orderProgress", 1, EVER),
    ("subStatusId", 1, EVER),
    ("subStatusName", 1, EVER),
    ("orderDatetime", 1, EVER),
    ("shopOrderCfmDatetime", 1, EVER),
    ("orderFixDatetime", 1, EVER),
    ("shippingInstDatetime", 1, EVER),
    ("shippingCmplRptDatetime", 1, EVER),
    ("cancelDueDate", 1, EVER),
    ("deliveryDate", 1, EVER),
    ("shippingTerm", 1, EVER),
    ("remarks", 1, EVER),
    ("giftCheckFlag", 1, EVER),
    ("severalSenderFlag", 1, EVER),
    ("equalSenderFlag", 1, EVER),
    ("isolatedIslandFlag", 1, EVER),
    ("rakutenMemberFlag", 1, EVER),
    ("socialGiftFlag", 10, EVER),
    ("carrierCode", 1, EVER),
    ("emailCarrierCode", 1, EVER),
    ("orderType", 1, EVER),
    ("reserveNumber", 1, EVER),
    ("reserveDeliveryCount", 1, EVER),
    ("cautionDisplayType", 1, EVER),
    ("cautionDisplayDetailType", 6, EVER),
    ("rakutenConfirmFlag", 1, EVER),
    ("goodsPrice", 1, EVER),
    ("goodsTax", 1, 7),
    ("postagePrice", 1, EVER),
    ("deliveryPrice", 1, EVER),
    ("paymentCharge", 2, EVER),
    ("paymentChargeTaxRate", 3, EVER),
    ("totalPrice", 1, EVER),
    ("requestPrice", 1, EVER),
    ("couponAllTotalPrice", 1, EVER),
    ("couponShopPrice", 1, EVER),
    ("couponOtherPrice", 1, EVER),
    ("additionalFeeOccurAmountToUser", 2, EVER),
    ("additionalFeeOccurAmountToShop", 2, EVER),
    ("asurakuFlag", 1, EVER),
    ("drugFlag", 1, EVER),
    ("dealFlag", 1, EVER),
    ("membershipType", 1, EVER),
    ("memo", 1, EVER),
    ("operator", 1, EVER),
    ("mailPlugSentence", 1, EVER),
    ("modifyFlag", 1, EVER),
    ("isTaxRecalc", 1, 7),
    ("receiptIssueCount", 5, EVER),
    ("receiptIssueHistoryList", 5, EVER),
    ("OrdererModel", 1, EVER),
    ("SettlementModel", 1, EVER),
    ("DeliveryModel", 1, EVER),
    ("PointModel", 1, EVER),
    ("WrappingModel1", 1, EVER),
    ("WrappingModel2", 1, EVER),
    ("PackageModelList", 1, EVER),
    ("CouponModelList", 1, EVER),
    ("ChangeReasonModelList", 1, EVER),
    ("TaxSummaryModelList", 3, EVER),
    ("DueDateModelList", 5, EVER),
    ("deliveryCertPrgFlag", 8, EVER),
    ("oneDayOperationFlag", 8, EVER),
];
/// 4.5.
const PACKAGE: &[Row] = &[
    ("basketId", 1, EVER),
    ("postagePrice", 1, EVER),
    ("deliveryPrice", 1, EVER),
    ("postageTaxRate", 3, EVER),
    ("deliveryTaxRate", 3, EVER),
    ("goodsTax", 1, 7),
    ("goodsPrice", 1, EVER),
    ("totalPrice", 1, EVER),
    ("noshi", 1, EVER),
    ("packageDeleteFlag", 1, EVER),
    ("SenderModel", 1, EVER),
    ("ItemModelList", 1, EVER),
    ("ShippingModelList", 1, EVER),
    ("DeliveryCvsModel", 1, EVER),
    ("defaultDeliveryCompanyCode", 4, EVER),
    ("dropOffFlag", 9, EVER),
    ("dropOffLocation", 9, EVER),
    ("SocialGiftModel", 10, EVER),
];
/// 4.7.
const ITEM: &[Row] = &[
    ("itemDetailId", 1, EVER),
    ("itemName", 1, EVER),
    ("itemId", 1, EVER),
    ("itemNumber", 1, EVER),
    ("manageNumber", 1, EVER),
    ("price", 1, EVER),
    ("units", 1, EVER),
    ("includePostageFlag", 1, EVER),
    ("includeTaxFlag", 1, EVER),
    ("includeCashOnDeliveryPostageFlag", 1, EVER),
    ("selectedChoice", 1, EVER),
    ("pointRate", 1, EVER),
    ("pointType", 2, EVER),
    ("inventoryType", 1, EVER),
    ("delvdateInfo", 1, EVER),
    ("restoreInventoryFlag", 1, EVER),
    ("dealFlag", 2, EVER),
    ("drugFlag", 2, EVER),
    ("deleteItemFlag", 1, EVER),
    ("taxRate", 3, EVER),
    ("priceTaxIncl", 3, EVER),
    ("isSingleItemShipping", 4, EVER),
    ("SkuModelList", 7, EVER),
];
/// Members of 4.1 to 4.9 that are never null.
const NEVER_NULL: &[&str] = &[
    "orderNumber",
    "orderProgress",
    "orderDatetime",
    "giftCheckFlag",
    "severalSenderFlag",
    "equalSenderFlag",
    "isolatedIslandFlag",
    "rakutenMemberFlag",
    "socialGiftFlag",
    "carrierCode",
    "emailCarrierCode",
    "orderType",
    "cautionDisplayType",
    "rakutenConfirmFlag",
    "goodsPrice",
    "goodsTax",
    "postagePrice",
    "deliveryPrice",
    "paymentCharge",
    "paymentChargeTaxRate",
    "totalPrice",
    "requestPrice",
    "couponAllTotalPrice",
    "couponShopPrice",
    "couponOtherPrice",
    "additionalFeeOccurAmountToUser",
    "additionalFeeOccurAmountToShop",
    "asurakuFlag",
    "drugFlag",
    "dealFlag",
    "membershipType",
    "modifyFlag",
    "isTaxRecalc",
    "receiptIssueCount",
    "OrdererModel",
    "DeliveryModel",
    "PackageModelList",
    "deliveryCertPrgFlag",
    "oneDayOperationFlag",
    "basketId",
    "postageTaxRate",
    "deliveryTaxRate",
    "packageDeleteFlag",
    "SenderModel",
    "ItemModelList",
    "defaultDeliveryCompanyCode",
    "dropOffFlag",
    "itemDetailId",
    "itemName",
    "itemId",
    "manageNumber",
    "price",
    "units",
    "includePostageFlag",
    "includeTaxFlag",
    "includeCashOnDeliveryPostageFlag",
    "pointRate",
    "pointType",
    "inventoryType",
    "restoreInventoryFlag",
    "deleteItemFlag",
    "taxRate",
    "priceTaxIncl",
    "isSingleItemShipping",
    "SkuModelList",
    "zipCode1",
    "zipCode2",
    "prefecture",
    "city",
    "subAddress",
    "familyName",
    "emailAddress",
    "settlementMethodCode",
    "settlementMethod",
    "rpaySettlementFlag",
    "deliveryName",
    "usedPoint",
    "changeId",
    "dueDateType",
    "dueDate",
    "shippingDetailId",
    "couponCode",
    "couponName",
];

fn orders() -> Vec<Order> {
    let mut dice = Dice::new(11);
    let placed = kernel::Timestamp::from_seconds(1_793_581_200);
    (1..=400).map(|serial| order(&mut dice, 123_456, serial, placed).unwrap()).collect()
}

fn expected(rows: &[Row], version: u8) -> Vec<&'static str> {
    let within = rows.iter().filter(|(_, first, last)| (*first..=*last).contains(&version));
    let mut names: Vec<_> = within.map(|(name, ..)| *name).collect();
    names.sort_unstable();
    names
}

fn sorted(members: &Members) -> Vec<&'static str> {
    let mut names: Vec<_> = members.names().collect();
    names.sort_unstable();
    names
}

fn models<'a>(members: &'a Members, name: &str) -> Vec<&'a Members> {
    let Some(Json::List(list)) = members.get(name) else { panic!("{name} is no list") };
    list.iter()
        .map(|entry| if let Json::Model(model) = entry { model } else { panic!("{name} holds no models") })
        .collect()
}

#[test]
fn every_version_has_its_members_and_no_others() {
    for order in orders() {
        for version in 1..=10 {
            let shown = view(&order, Version(version), &ShopWords::default());
            assert_eq!(sorted(&shown), expected(ORDER, version), "version {version}");
            for package in models(&shown, "PackageModelList") {
                assert_eq!(sorted(package), expected(PACKAGE, version), "version {version}");
                for item in models(package, "ItemModelList") {
                    assert_eq!(sorted(item), expected(ITEM, version), "version {version}");
                }
            }
        }
    }
}

fn check_nulls(members: &Members) {
    for name in members.names() {
        match members.get(name) {
            Some(Json::Null) => assert!(!NEVER_NULL.contains(&name), "{name} is null"),
            Some(Json::Model(inner)) => check_nulls(inner),
            Some(Json::List(list)) => {
                for entry in list {
                    if let Json::Model(inner) = entry {
                        check_nulls(inner);
                    }
                }
            }
            Some(Json::Int(_) | Json::Hundredths(_) | Json::Text(_) | Json::Written(_)) | None => {}
        }
    }
}

#[test]
fn members_that_are_never_null_never_are() {
    for order in orders() {
        check_nulls(&view(&order, Version(10), &ShopWords::default()));
    }
}

#[test]
fn sums_add_up_as_the_contract_says() {
    let int = |members: &Members, name: &str| {
        if let Some(Json::Int(number)) = members.get(name) { *number } else { panic!("{name} is no number") }
    };
    for order in orders().into_iter().filter(Order::is_priced) {
        let shown = view(&order, Version(10), &ShopWords::default());
        let of = |name: &str| int(&shown, name);
        // 4.1: items + postage + wrapping.
        assert_eq!(of("totalPrice"), of("goodsPrice") + of("postagePrice"));
        let points = order.points;
        let paid = of("totalPrice") + of("deliveryPrice") + of("paymentCharge") - of("couponAllTotalPrice") - points;
        assert_eq!(of("requestPrice"), paid);
        assert_eq!(of("couponAllTotalPrice"), of("couponShopPrice") + of("couponOtherPrice"));
        let packages = models(&shown, "PackageModelList");
        assert_eq!(packages.iter().map(|package| int(package, "goodsPrice")).sum::<i64>(), of("goodsPrice"));
        // 4.11: what is asked for without points, split by tax rate.
        let rates = models(&shown, "TaxSummaryModelList");
        assert_eq!(rates.iter().map(|rate| int(rate, "reqPrice")).sum::<i64>(), paid + points);
        assert_eq!(rates.iter().map(|rate| int(rate, "couponPrice")).sum::<i64>(), of("couponAllTotalPrice"));
    }
}

#[test]
fn an_order_whose_postage_is_open_shows_it() {
    let open = orders().into_iter().find(|order| !order.is_priced()).expect("one with open postage");
    let shown = serde_json::to_value(view(&open, Version(7), &ShopWords::default())).unwrap();
    for name in ["postagePrice", "totalPrice", "requestPrice"] {
        assert_eq!(shown[name], -9_999, "{name}");
    }
    assert!(shown["TaxSummaryModelList"].as_array().unwrap().iter().all(|rate| rate["reqPrice"] == -9_999));
}

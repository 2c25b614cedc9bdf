//! The tables of getOrder (contract rms-order-api, section 4), written here by hand, and an order held to them.

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

pub fn models<'a>(members: &'a Members, name: &str) -> Vec<&'a Members> {
    let Some(Json::List(list)) = members.get(name) else { panic!("{name} is no list") };
    list.iter()
        .map(|entry| if let Json::Model(model) = entry { model } else { panic!("{name} holds no models") })
        .collect()
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
            Some(Json::Int(_) | Json::Hundredths(_) | Json::Text(_)) | None => {}
        }
    }
}

/// Asserts that the order, as a version shows it, has the members of that version and no others, and that what is never null
/// is not.
pub fn hold(order: &Order, version: u8) {
    let shown = view(order, Version(version), &ShopWords::default());
    assert_eq!(sorted(&shown), expected(ORDER, version), "version {version}");
    for package in models(&shown, "PackageModelList") {
        assert_eq!(sorted(package), expected(PACKAGE, version), "version {version}");
        for item in models(package, "ItemModelList") {
            assert_eq!(sorted(item), expected(ITEM, version), "version {version}");
        }
    }
    check_nulls(&shown);
}

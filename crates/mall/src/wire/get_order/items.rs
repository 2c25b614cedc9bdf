//! ItemModel, SkuModel, WrappingModel and CouponModel (contract, 4.4, 4.7, 4.9).

use super::super::members::{Json, Members};
use super::super::read::Version;
use super::package::rate;
use super::{date, price};
use crate::order::{Coupon, CouponCapital, Item, Order, Sku, Wrapping, WrappingKind};

/// ItemModelList.
pub(super) fn list(items: &[Item], version: Version) -> Vec<Members> {
    items.iter().map(|item| one(item, version)).collect()
}

fn one(item: &Item, version: Version) -> Members {
    Members::new()
        .put("itemDetailId", item.detail_id)
        .put("itemName", item.name.as_str())
        .put("itemId", item.item_id)
        .put("itemNumber", item.number.as_deref())
        .put("manageNumber", item.manage_number.as_str())
        .put("price", item.price)
        .put("units", item.units)
        .put("includePostageFlag", item.postage_included)
        .put("includeTaxFlag", item.tax_included)
        .put("includeCashOnDeliveryPostageFlag", item.cod_included)
        .put("selectedChoice", item.choice.as_deref())
        .put("pointRate", item.point_rate)
        .since(version, 2, "pointType", i64::from(item.point_rate > 1))
        .put("inventoryType", if item.skus.len() > 1 { 2 } else { 1 })
        .put("delvdateInfo", item.lead_time.as_deref())
        .put("restoreInventoryFlag", item.restock)
        .since(version, 2, "dealFlag", item.deal)
        .since(version, 2, "drugFlag", item.drug)
        .put("deleteItemFlag", item.deleted)
        .since(version, 3, "taxRate", rate(item.tax))
        .since(version, 3, "priceTaxIncl", item.price_with_tax())
        .since(version, 4, "isSingleItemShipping", item.single)
        .since(version, 7, "SkuModelList", item.skus.iter().map(sku).collect::<Vec<_>>())
}

fn sku(sku: &Sku) -> Members {
    Members::new()
        .put("variantId", sku.variant.as_str())
        .put("merchantDefinedSkuId", sku.merchant_id.as_deref())
        .put("skuInfo", sku.info.as_deref())
}

/// WrappingModel1, the paper, and WrappingModel2, the ribbon; null when there is none.
pub(super) fn wrappings(order: &Order, version: Version) -> [Option<Members>; 2] {
    let of = |kind: WrappingKind| {
        let found = order.wrappings.iter().find(|wrapping| wrapping.kind == kind);
        found.map(|found| wrapping(found, version))
    };
    [of(WrappingKind::Paper), of(WrappingKind::Ribbon)]
}

fn wrapping(wrapping: &Wrapping, version: Version) -> Members {
    let title = match wrapping.kind {
        WrappingKind::Paper => 1,
        WrappingKind::Ribbon => 2,
    };
    let with_tax = if wrapping.tax_included { wrapping.price } else { wrapping.tax.added_to(wrapping.price) };
    Members::new()
        .put("title", title)
        .put("name", wrapping.name.as_str())
        .put("price", wrapping.price)
        .put("includeTaxFlag", wrapping.tax_included)
        .put("deleteWrappingFlag", wrapping.deleted)
        .since(version, 3, "taxRate", rate(wrapping.tax))
        .since(version, 3, "taxPrice", wrapping.tax.within(with_tax))
}

/// CouponModelList; null when there is none, as recorded.
pub(super) fn coupons(order: &Order) -> Json {
    if order.coupons.is_empty() { Json::Null } else { order.coupons.iter().map(coupon).collect::<Vec<_>>().into() }
}

fn coupon(coupon: &Coupon) -> Members {
    let (capital, code) = match coupon.capital {
        CouponCapital::Shop => ("ショップ", 1),
        CouponCapital::Maker => ("メーカー", 2),
        CouponCapital::Service => ("サービス", 3),
    };
    Members::new()
        .put("couponCode", coupon.code.as_str())
        .put("itemId", coupon.item_id)
        .put("couponName", coupon.name.as_str())
        .put("couponSummary", coupon.summary.as_str())
        .put("couponCapital", capital)
        .put("couponCapitalCode", code)
        .put("expiryDate", date(coupon.expires))
        .put("couponPrice", coupon.price)
        .put("couponUnit", coupon.units)
        .put("couponTotalPrice", price(coupon.total()))
        .put("itemDetailId", coupon.detail_id)
}

//! PackageModel with what it holds (contract, 4.5 and 4.8).

use super::super::members::{Json, Members};
use super::super::read::Version;
use super::super::time::datetime;
use super::{date, items, people, price};
use crate::code::Carrier;
use crate::order::{Order, Package, Parcel, PickUp, Price, SocialGift, TaxRate, Wrapping};

/// PackageModelList. Wrapping belongs to the order; the sums of the first destination that is left hold it.
pub(super) fn list(order: &Order, version: Version) -> Vec<Members> {
    let wrapping: i64 = order.wrappings.iter().map(Wrapping::price_with_tax).sum();
    let first = order.live_packages().next().map(|package| package.id);
    let of = |package: &Package| one(package, if Some(package.id) == first { wrapping } else { 0 }, version);
    order.packages.iter().map(of).collect()
}

fn one(package: &Package, wrapping: i64, version: Version) -> Members {
    let goods = package.items_price() + wrapping;
    // Version 1 counted the COD fee too (contract 4.5).
    let fee = if version.0 == 1 { package.cod_fee } else { Price::Fixed(0) };
    let total = Price::Fixed(goods).plus(package.postage).plus(fee);
    Members::new()
        .put("basketId", package.id)
        .put("postagePrice", price(package.postage))
        .since(version, 3, "postageTaxRate", rate(package.postage_tax))
        .put("deliveryPrice", price(package.cod_fee))
        .since(version, 3, "deliveryTaxRate", rate(package.cod_tax))
        .until(version, 7, "goodsTax", 0)
        .put("goodsPrice", goods)
        .put("totalPrice", price(total))
        .put("noshi", package.noshi.as_deref())
        .put("packageDeleteFlag", package.deleted)
        .put("SenderModel", people::sender(package, version))
        .put("ItemModelList", items::list(&package.items, version))
        .put("ShippingModelList", package.parcels.iter().map(parcel).collect::<Vec<_>>())
        .put("DeliveryCvsModel", package.pick_up.as_ref().map(|place| pick_up(place, version)))
        .since(version, 4, "defaultDeliveryCompanyCode", package.default_carrier.code().to_string())
        .since(version, 9, "dropOffFlag", package.drop_off.is_some())
        .since(version, 9, "dropOffLocation", package.drop_off.as_deref())
        .since(version, 10, "SocialGiftModel", package.social_gift.as_ref().map(social_gift))
}

/// A tax rate as the wire has it: 0.1.
pub(super) fn rate(rate: TaxRate) -> Json {
    Json::Hundredths(i64::from(rate.0))
}

fn parcel(parcel: &Parcel) -> Members {
    Members::new()
        .put("shippingDetailId", parcel.id)
        .put("shippingNumber", parcel.number.as_deref())
        .put("deliveryCompany", parcel.carrier.map(|carrier| carrier.code().to_string()))
        .put("deliveryCompanyName", parcel.carrier.map(Carrier::text))
        .put("shippingDate", parcel.date.map(date))
}

fn pick_up(place: &PickUp, version: Version) -> Members {
    Members::new()
        .put("cvsCode", place.code)
        .since(version, 2, "storeGenreCode", place.genre.as_str())
        .since(version, 2, "storeCode", place.store_code.as_str())
        .since(version, 2, "storeName", place.store_name.as_str())
        .since(version, 2, "storeZip", place.zip.as_str())
        .since(version, 2, "storePrefecture", place.prefecture.as_str())
        .since(version, 2, "storeAddress", place.address.as_str())
        .since(version, 2, "areaCode", Json::Null)
        .since(version, 2, "depo", Json::Null)
        .since(version, 2, "openTime", place.opens.as_str())
        .since(version, 2, "closeTime", place.closes.as_str())
        .since(version, 2, "cvsRemarks", Json::Null)
}

fn social_gift(gift: &SocialGift) -> Members {
    Members::new()
        .put("sgMngNumber", gift.number.as_str())
        .put("inputDueDate", date(gift.due))
        .put("inputFlag", gift.entered.is_some())
        .put("inputCompDatetime", gift.entered.map(datetime))
        .put("receiverEmailAddress", gift.email.as_deref())
}

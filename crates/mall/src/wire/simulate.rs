//! simulateCouponAmount (contract, 3.17): what a change would make of the amounts. Of its answer only the names
//! `paymentChargeBefore` and `paymentChargeAfter` are known; the others follow them, after the members of getOrder.

use super::members::{Json, Members};
use crate::order::Order;

/// The amounts before and after, and the coupons after.
pub fn view(before: &Order, after: &Order) -> Members {
    let (was, is) = (before.amounts(), after.amounts());
    Members::new()
        .put("orderNumber", before.number.to_string())
        .put("totalPriceBefore", was.total.wire())
        .put("totalPriceAfter", is.total.wire())
        .put("requestPriceBefore", was.request.wire())
        .put("requestPriceAfter", is.request.wire())
        .put("couponAllTotalPriceBefore", was.coupons)
        .put("couponAllTotalPriceAfter", is.coupons)
        .put("couponShopPriceBefore", was.shop_coupons)
        .put("couponShopPriceAfter", is.shop_coupons)
        .put("couponOtherPriceBefore", was.other_coupons)
        .put("couponOtherPriceAfter", is.other_coupons)
        .put("paymentChargeBefore", was.charge)
        .put("paymentChargeAfter", is.charge)
        .put("CouponModelList", coupons(after))
}

fn coupons(order: &Order) -> Json {
    let one = |coupon: &crate::order::Coupon| {
        Members::new()
            .put("couponCode", coupon.code.as_str())
            .put("itemId", coupon.item_id)
            .put("couponPrice", coupon.price)
            .put("couponUnit", coupon.units)
            .put("couponTotalPrice", coupon.total().wire())
    };
    if order.coupons.is_empty() { Json::Null } else { order.coupons.iter().map(one).collect::<Vec<_>>().into() }
}

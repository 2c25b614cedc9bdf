//! What an order costs (contract, section 4.1 and "Screen totals"): computed from its parts, never stored beside them.

use serde::{Deserialize, Serialize};

use super::{CouponCapital, Item, Order, Package, Wrapping};

/// Yen, or not known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Price {
    /// So many yen.
    Fixed(i64),
    /// 未確定: −9999 of the wire.
    Unset,
}

impl Price {
    /// The number of the wire.
    pub fn wire(self) -> i64 {
        match self {
            Price::Fixed(yen) => yen,
            Price::Unset => -9_999,
        }
    }

    /// Of the number of the wire.
    pub fn of_wire(number: i64) -> Price {
        if number == -9_999 { Price::Unset } else { Price::Fixed(number) }
    }

    /// The yen, if they are known.
    pub fn yen(self) -> Option<i64> {
        match self {
            Price::Fixed(yen) => Some(yen),
            Price::Unset => None,
        }
    }

    /// Both together; unknown as soon as one is.
    #[must_use]
    pub fn plus(self, other: Price) -> Price {
        match (self, other) {
            (Price::Fixed(one), Price::Fixed(other)) => Price::Fixed(one.saturating_add(other)),
            (Price::Unset, Price::Fixed(_) | Price::Unset) | (Price::Fixed(_), Price::Unset) => Price::Unset,
        }
    }

    /// All together.
    pub fn sum(prices: impl IntoIterator<Item = Price>) -> Price {
        prices.into_iter().fold(Price::Fixed(0), Price::plus)
    }
}

/// The sums of an order, in yen with tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amounts {
    /// 商品合計金額: items and wrapping.
    pub goods: i64,
    /// 送料合計.
    pub postage: Price,
    /// 代引料合計.
    pub cod_fee: Price,
    /// 合計金額: items, wrapping, postage.
    pub total: Price,
    /// 決済手数料合計.
    pub charge: i64,
    /// クーポン利用総額.
    pub coupons: i64,
    /// ショップ発行クーポン.
    pub shop_coupons: i64,
    /// Coupons of others.
    pub other_coupons: i64,
    /// 請求金額: what the buyer pays.
    pub request: Price,
}

impl Amounts {
    /// Those of an order.
    pub fn of(order: &Order) -> Amounts {
        let items = order.live_packages().map(Package::items_price);
        let goods = added(items.chain(order.wrappings.iter().map(Wrapping::price_with_tax)));
        let postage = Price::sum(order.live_packages().map(|package| package.postage));
        let cod_fee = Price::sum(order.live_packages().map(|package| package.cod_fee));
        let of = |by_shop: bool| {
            let counted = order.coupons.iter().filter(|coupon| (coupon.capital == CouponCapital::Shop) == by_shop);
            counted.filter_map(|coupon| coupon.total().yen()).sum::<i64>()
        };
        let (shop_coupons, other_coupons) = (of(true), of(false));
        let (coupons, charge) = (shop_coupons + other_coupons, order.payment_charge);
        let total = Price::Fixed(goods).plus(postage);
        let paid = Price::Fixed(charge - coupons - order.points);
        let request = total.plus(cod_fee).plus(paid);
        Amounts { goods, postage, cod_fee, total, charge, coupons, shop_coupons, other_coupons, request }
    }
}

/// Their sum; one that is too large for the books is refused wherever it comes from ([`crate::progress::Refused::Amount`]).
fn added(amounts: impl Iterator<Item = i64>) -> i64 {
    amounts.fold(0, i64::saturating_add)
}

impl Package {
    /// The items, in yen with tax.
    pub fn items_price(&self) -> i64 {
        added(self.items.iter().map(Item::subtotal))
    }

    /// 合計金額 of the destination: items and postage, in yen with tax.
    pub fn total(&self) -> Price {
        Price::Fixed(self.items_price()).plus(self.postage)
    }
}

//! TaxSummaryModel (contract, 4.11): the sums of each tax rate. Coupons of an item count where the item does, others are
//! spread over the rates by what they sum to, to the yen.

use std::collections::BTreeMap;

use super::super::members::Members;
use super::package::rate;
use crate::order::{Order, Price, TaxRate};

/// The rate of settlement charges.
const CHARGE: TaxRate = TaxRate(10);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    total: i64,
    fee: i64,
    charge: i64,
    coupons: i64,
}

/// TaxSummaryModelList, the highest rate first; −9999 for every sum while postage or the COD fee is open.
pub(super) fn summaries(order: &Order) -> Vec<Members> {
    let is_priced = order.is_priced();
    let shown = |yen: i64| if is_priced { yen } else { Price::Unset.wire() };
    let one = |(of, sums): (TaxRate, Sums)| {
        let request = sums.total + sums.fee + sums.charge - sums.coupons;
        Members::new()
            .put("taxRate", rate(of))
            .put("reqPrice", shown(request))
            .put("reqPriceTax", shown(of.within(request)))
            .put("totalPrice", shown(sums.total))
            .put("paymentCharge", shown(sums.charge))
            .put("couponPrice", shown(sums.coupons))
            // Orders from 2022-04-01 show no points here.
            .put("point", 0)
    };
    by_rate(order).into_iter().rev().map(one).collect()
}

fn by_rate(order: &Order) -> BTreeMap<TaxRate, Sums> {
    let mut rates: BTreeMap<TaxRate, Sums> = BTreeMap::new();
    for package in order.live_packages() {
        for item in package.items.iter().filter(|item| !item.deleted) {
            rates.entry(item.tax).or_default().total += item.subtotal();
        }
        rates.entry(package.postage_tax).or_default().total += package.postage.yen().unwrap_or(0);
        if package.cod_fee.yen() != Some(0) {
            rates.entry(package.cod_tax).or_default().fee += package.cod_fee.yen().unwrap_or(0);
        }
    }
    for wrapping in &order.wrappings {
        rates.entry(wrapping.tax).or_default().total += wrapping.price_with_tax();
    }
    if order.payment_charge != 0 {
        rates.entry(CHARGE).or_default().charge += order.payment_charge;
    }
    spread_coupons(order, &mut rates);
    rates.retain(|_, sums| *sums != Sums::default());
    rates
}

fn spread_coupons(order: &Order, rates: &mut BTreeMap<TaxRate, Sums>) {
    let mut open = 0;
    for coupon in &order.coupons {
        let total = coupon.total().yen().unwrap_or(0);
        let items = || order.live_packages().flat_map(|package| &package.items);
        match items().find(|item| coupon.detail_id != 0 && item.detail_id == coupon.detail_id) {
            Some(item) => rates.entry(item.tax).or_default().coupons += total,
            None => open += total,
        }
    }
    let whole: i64 = rates.values().map(|sums| sums.total).sum();
    if open == 0 || whole == 0 {
        return;
    }
    let mut left = open;
    for sums in rates.values_mut() {
        let share = open * sums.total / whole;
        sums.coupons += share;
        left -= share;
    }
    // Yen that no rate has a whole share of go to the highest.
    if let Some(highest) = rates.values_mut().next_back() {
        highest.coupons += left;
    }
}

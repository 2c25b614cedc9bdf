//! Scenarios: orders with a name, for tests of a shop's own programs. A scenario says what was ordered and what the other
//! parties of the mall, the card and the buyer will do; any fact of the order can be given instead of the scenario's.

mod base;
mod facts;
mod operations;

use kernel::Timestamp;

pub use facts::{BadFacts, with_facts};
pub use operations::{ChangeMethod, EnterRecipient, Later, Nothing, Pay, Unhelped, arrives, later};

use crate::code::{Method, OrderType, codes};
use crate::generate::{self, Dice};
use crate::market::{Deed, Script, Verdict};
use crate::order::{Coupon, CouponCapital, Day, Order, OrderNumber, PickUp, Price, SocialGift, TaxRate};

codes! {
    /// A scenario. The text is its name on the wire.
    Scenario {
        /// A card that is always approved.
        CardOk = 1, "card_ok";
        /// A card that is refused: the buyer is asked for another way of paying and does nothing.
        CardRefused = 2, "card_refused";
        /// A refused card, then 前払い that is paid in.
        CardRefusedThenChanged = 3, "card_refused_then_changed";
        /// Every capture of this card is refused.
        CaptureRefused = 4, "capture_refused";
        /// Approved at first, refused when the authorization is made anew.
        ReauthFails = 5, "reauth_fails";
        /// The acquirer's answer to the authorization gets lost once.
        AnswerLost = 6, "answer_lost";
        /// Apple Pay.
        ApplePay = 7, "apple_pay";
        /// 銀行振込 that is paid in.
        PrepaidOk = 10, "prepaid_ok";
        /// 銀行振込 that nobody pays.
        PrepaidNeverPaid = 11, "prepaid_never_paid";
        /// 100 yen too little, and nothing after.
        PrepaidShort = 12, "prepaid_short";
        /// 100 yen too little, and then the rest.
        PrepaidShortThenRest = 13, "prepaid_short_then_rest";
        /// 100 yen too much.
        PrepaidExcess = 14, "prepaid_excess";
        /// セブンイレブン（前払）.
        ConvenienceStore = 15, "convenience_store";
        /// 後払い決済 with 与信OK.
        DeferredOk = 20, "deferred_ok";
        /// 与信NG, and the buyer does nothing.
        DeferredNg = 21, "deferred_ng";
        /// 与信NG, and the buyer changes to セブンイレブン（前払） and pays.
        DeferredNgThenChanged = 22, "deferred_ng_then_changed";
        /// 与信保留 for a day, then OK.
        DeferredOnHold = 23, "deferred_on_hold";
        /// 与信保留 for a day, then NG.
        DeferredOnHoldNg = 24, "deferred_on_hold_ng";
        /// 代金引換.
        Cod = 30, "cod";
        /// 請求書払い.
        Invoice = 31, "invoice";
        /// Points pay all of it.
        PointsOnly = 32, "points_only";
        /// It needs the shop's approval.
        NeedsApproval = 40, "needs_approval";
        /// 送料未確定.
        PostageUnset = 41, "postage_unset";
        /// The mall's fraud check says no.
        FraudNg = 42, "fraud_ng";
        /// The mall's fraud check takes a day.
        FraudOnHold = 43, "fraud_on_hold";
        /// Twelve lines, for many parcels.
        ManyParcels = 50, "many_parcels";
        /// Three destinations.
        MultiDestination = 51, "multi_destination";
        /// Coupons of the shop, of a maker and of the mall, and points.
        CouponsAndPoints = 52, "coupons_and_points";
        /// Goods at 8 and at 10 per cent, and one priced without tax.
        MixedTax = 53, "mixed_tax";
        /// Wrapping paper, a ribbon, のし.
        Gift = 54, "gift";
        /// A social gift whose recipient has not said where it goes.
        SocialGift = 55, "social_gift";
        /// A convenience store pick-up.
        Pickup = 56, "pickup";
        /// 予約商品.
        Reservation = 57, "reservation";
        /// 定期購入.
        Subscription = 58, "subscription";
        /// あす楽.
        Asuraku = 59, "asuraku";
        /// A remote island.
        Island = 60, "island";
        /// 追跡可能メール便.
        MailDelivery = 61, "mail_delivery";
        /// Anything, by the seed that its serial is.
        Generated = 90, "generated";
    }
}

impl Scenario {
    /// The scenario of this name.
    pub fn named(name: &str) -> Option<Scenario> {
        Scenario::ALL.iter().copied().find(|scenario| scenario.text() == name)
    }

    /// An order of it, of the mall's shop `shop`, placed at `placed`, with this serial, and what will happen to it.
    ///
    /// # Errors
    ///
    /// None when shop, year or serial do not fit an order number.
    pub fn order(self, shop: u32, serial: u64, placed: Timestamp) -> Option<(Order, Script)> {
        if self == Scenario::Generated {
            let order = generate::order(&mut Dice::new(serial), shop, serial, placed)?;
            return Some((order, Script::default()));
        }
        let number = OrderNumber::new(shop, placed.jst_date(), serial)?;
        let mut order = base::order(number, placed, self.method());
        self.furnish(&mut order);
        Some((order, self.script()))
    }

    fn method(self) -> Method {
        match self {
            Scenario::ApplePay => Method::ApplePay,
            Scenario::PrepaidOk
            | Scenario::PrepaidNeverPaid
            | Scenario::PrepaidShort
            | Scenario::PrepaidShortThenRest
            | Scenario::PrepaidExcess => Method::BankTransfer,
            Scenario::ConvenienceStore => Method::SevenEleven,
            Scenario::DeferredOk
            | Scenario::DeferredNg
            | Scenario::DeferredNgThenChanged
            | Scenario::DeferredOnHold
            | Scenario::DeferredOnHoldNg => Method::Deferred,
            Scenario::Cod => Method::CashOnDelivery,
            Scenario::Invoice => Method::Invoice,
            Scenario::CardOk
            | Scenario::CardRefused
            | Scenario::CardRefusedThenChanged
            | Scenario::CaptureRefused
            | Scenario::ReauthFails
            | Scenario::AnswerLost
            | Scenario::PointsOnly
            | Scenario::NeedsApproval
            | Scenario::PostageUnset
            | Scenario::FraudNg
            | Scenario::FraudOnHold
            | Scenario::ManyParcels
            | Scenario::MultiDestination
            | Scenario::CouponsAndPoints
            | Scenario::MixedTax
            | Scenario::Gift
            | Scenario::SocialGift
            | Scenario::Pickup
            | Scenario::Reservation
            | Scenario::Subscription
            | Scenario::Asuraku
            | Scenario::Island
            | Scenario::MailDelivery
            | Scenario::Generated => Method::Card,
        }
    }

    /// What will happen.
    fn script(self) -> Script {
        let card = |name: &str| Script { cards: vec![name.to_owned()], ..Script::default() };
        let screened = |verdict| Script { screenings: vec![verdict, Verdict::Yes], ..Script::default() };
        let checked = |verdict| Script { fraud_checks: vec![verdict], ..Script::default() };
        let pays = |deeds: &[Deed]| Script { deeds: deeds.to_vec(), ..Script::default() };
        match self {
            Scenario::CardRefused => card("insufficient_funds"),
            Scenario::CardRefusedThenChanged => {
                let deeds = vec![Deed::Changes(Method::BankTransfer), Deed::PaysIn(0)];
                Script { deeds, ..card("over_limit") }
            }
            Scenario::CaptureRefused => card("capture_refused"),
            Scenario::AnswerLost => card("authorization_answer_lost"),
            Scenario::ReauthFails => {
                Script { cards: vec!["visa".to_owned(), "lost_or_stolen".to_owned()], ..Script::default() }
            }
            Scenario::PrepaidOk | Scenario::ConvenienceStore => pays(&[Deed::PaysIn(0)]),
            Scenario::PrepaidShort => pays(&[Deed::PaysIn(-100)]),
            Scenario::PrepaidShortThenRest => pays(&[Deed::PaysIn(-100), Deed::PaysIn(0)]),
            Scenario::PrepaidExcess => pays(&[Deed::PaysIn(100)]),
            Scenario::DeferredNg => screened(Verdict::No),
            Scenario::DeferredNgThenChanged => {
                let deeds = vec![Deed::Changes(Method::SevenEleven), Deed::PaysIn(0)];
                Script { deeds, ..screened(Verdict::No) }
            }
            Scenario::DeferredOnHold => screened(Verdict::HeldThenYes(1)),
            Scenario::DeferredOnHoldNg => screened(Verdict::HeldThenNo(1)),
            Scenario::FraudNg => checked(Verdict::No),
            Scenario::FraudOnHold => checked(Verdict::HeldThenYes(1)),
            Scenario::CardOk
            | Scenario::ApplePay
            | Scenario::PrepaidNeverPaid
            | Scenario::DeferredOk
            | Scenario::Cod
            | Scenario::Invoice
            | Scenario::PointsOnly
            | Scenario::NeedsApproval
            | Scenario::PostageUnset
            | Scenario::ManyParcels
            | Scenario::MultiDestination
            | Scenario::CouponsAndPoints
            | Scenario::MixedTax
            | Scenario::Gift
            | Scenario::SocialGift
            | Scenario::Pickup
            | Scenario::Reservation
            | Scenario::Subscription
            | Scenario::Asuraku
            | Scenario::Island
            | Scenario::MailDelivery
            | Scenario::Generated => Script::default(),
        }
    }

    /// What is ordered besides two packets of tea.
    fn furnish(self, order: &mut Order) {
        match self {
            Scenario::PointsOnly => order.points = order.amounts().request.yen().unwrap_or_default(),
            Scenario::NeedsApproval => order.needs_approval = true,
            Scenario::PostageUnset => order.packages.iter_mut().for_each(|package| package.postage = Price::Unset),
            Scenario::ManyParcels => base::add_lines(order, 11),
            Scenario::MultiDestination => base::add_destinations(order, 2),
            Scenario::CouponsAndPoints => discount(order),
            Scenario::MixedTax => base::add_other_taxes(order),
            Scenario::Gift => base::wrap(order),
            Scenario::SocialGift => give(order),
            Scenario::Pickup => pick_up(order),
            Scenario::Reservation => order.kind = OrderType::Reservation,
            Scenario::Subscription => order.kind = OrderType::Subscription,
            Scenario::Asuraku => order.traits.asuraku = true,
            Scenario::Island => base::to_an_island(order),
            Scenario::MailDelivery => "追跡可能メール便".clone_into(&mut order.notes.delivery_name),
            Scenario::CardOk
            | Scenario::CardRefused
            | Scenario::CardRefusedThenChanged
            | Scenario::CaptureRefused
            | Scenario::ReauthFails
            | Scenario::AnswerLost
            | Scenario::ApplePay
            | Scenario::PrepaidOk
            | Scenario::PrepaidNeverPaid
            | Scenario::PrepaidShort
            | Scenario::PrepaidShortThenRest
            | Scenario::PrepaidExcess
            | Scenario::ConvenienceStore
            | Scenario::DeferredOk
            | Scenario::DeferredNg
            | Scenario::DeferredNgThenChanged
            | Scenario::DeferredOnHold
            | Scenario::DeferredOnHoldNg
            | Scenario::Cod
            | Scenario::Invoice
            | Scenario::FraudNg
            | Scenario::FraudOnHold
            | Scenario::Generated => {}
        }
    }
}

fn discount(order: &mut Order) {
    let (item_id, detail_id) = order.packages[0].items.first().map_or((0, 0), |item| (item.item_id, item.detail_id));
    let coupon = |code: &str, name: &str, capital, price, (item_id, detail_id)| Coupon {
        code: code.to_owned(),
        item_id,
        detail_id,
        name: name.to_owned(),
        summary: format!("{price}円割引"),
        capital,
        expires: Day(order.placed.jst_date().plus_days(30)),
        price,
        units: 1,
    };
    order.coupons = vec![
        coupon("TEAA-0001-SHOP-0001", "ショップ100円OFFクーポン", CouponCapital::Shop, 100, (0, 0)),
        coupon("TEAA-0002-MAKE-0002", "メーカー200円OFFクーポン", CouponCapital::Maker, 200, (item_id, detail_id)),
        coupon("TEAA-0003-MALL-0003", "300円OFFクーポン", CouponCapital::Service, 300, (0, 0)),
    ];
    order.points = 150;
}

fn give(order: &mut Order) {
    let (number, due) = (format!("{}-sg", order.number), Day(order.placed.jst_date().plus_days(10)));
    let email = Some(order.orderer.email.clone());
    for package in &mut order.packages {
        package.social_gift = Some(SocialGift { number: number.clone(), due, entered: None, email: email.clone() });
    }
}

fn pick_up(order: &mut Order) {
    "コンビニ受取".clone_into(&mut order.notes.delivery_name);
    for package in &mut order.packages {
        package.pick_up = Some(PickUp {
            code: 50,
            genre: "00".to_owned(),
            store_code: "123456".to_owned(),
            store_name: "本町二丁目店".to_owned(),
            zip: "100-0000".to_owned(),
            prefecture: "東京都".to_owned(),
            address: "千代田区本町2-1".to_owned(),
            opens: "00:00".to_owned(),
            closes: "24:00".to_owned(),
        });
        package.postage_tax = TaxRate(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::{Policy, arrive};

    const PLACED: Timestamp = Timestamp::from_seconds(1_793_581_200);

    #[test]
    fn names_lead_back_and_are_unique() {
        for scenario in Scenario::ALL {
            assert_eq!(Scenario::named(scenario.text()), Some(*scenario));
        }
        assert_eq!(Scenario::named("card"), None);
    }

    #[test]
    fn the_document_tells_of_every_scenario_and_of_no_other() {
        let document = include_str!("../../../../docs/mall-scenarios.md");
        let table = document.split("## Facts").next().unwrap_or_default();
        let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        let named: Vec<&str> = Scenario::ALL.iter().map(|scenario| scenario.text()).collect();
        assert_eq!(rows.collect::<Vec<_>>(), named);
    }

    #[test]
    fn an_order_of_every_scenario_arrives() {
        for scenario in Scenario::ALL {
            let (order, _) = scenario.order(123_456, 7, PLACED).unwrap();
            assert_eq!(order.number.to_string(), "123456-20261102-0000000007");
            let request = order.amounts().request;
            assert!(request.yen().is_none_or(|yen| yen >= 0), "{scenario:?}: {request:?}");
            arrive(order, &Policy::USUAL, PLACED).unwrap_or_else(|refused| panic!("{scenario:?}: {refused}"));
        }
    }
}

//! getOrder (contract, 3.2 and section 4): what is asked for, and an order as each version shows it.

mod items;
mod package;
mod people;
mod tax;

use kernel::Timestamp;

use super::members::{Json, Members};
use super::message::{Fault, Message, Operation};
use super::read::{Reader, Version};
use super::time::datetime;
use crate::code::{Method, OrderType, Progress};
use crate::order::{Change, Day, DueDate, Order, Payment, Price};

/// Orders of one call at the most.
pub const ORDERS_MAX: usize = 100;
/// The versions that are answered; older ones are refused as the live API refuses them.
pub const VERSIONS: std::ops::RangeInclusive<u8> = 3..=10;
/// With the switch that accepts old clients, also these.
pub const OLD_VERSIONS: std::ops::RangeInclusive<u8> = 1..=2;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The order numbers, as they were sent.
    pub numbers: Vec<String>,
    /// The version.
    pub version: Version,
}

/// Reads a request; otherwise a message for each faulty member.
pub fn read(reader: &mut Reader<'_>, accepts_old: bool) -> Result<Wanted, Vec<Message>> {
    let numbers = numbers(reader, "orderNumberList", ORDERS_MAX);
    let known = |code: i64| {
        let version = u8::try_from(code).ok()?;
        let old = accepts_old && OLD_VERSIONS.contains(&version);
        (VERSIONS.contains(&version) || old).then_some(Version(version))
    };
    let version = reader.code("version", known);
    match (numbers, version) {
        (Some(numbers), Some(version)) if reader.is_sound() => Ok(Wanted { numbers, version }),
        (Some(_) | None, Some(_) | None) => Err(reader.messages()),
    }
}

/// A list of order numbers.
pub(super) fn numbers(reader: &mut Reader<'_>, field: &str, most: usize) -> Option<Vec<String>> {
    let list = reader.list(field, most)?;
    let texts: Option<Vec<String>> = list.iter().map(|value| value.as_str().map(str::to_owned)).collect();
    if texts.is_none() {
        reader.wrong(field, Fault::Format);
    }
    texts
}

/// 受注情報取得に成功しました。
pub fn found(count: usize) -> Message {
    let text = format!("受注情報取得に成功しました。(取得件数{count}件)");
    Message::new(Operation::GetOrder, super::Severity::Info, 101, text)
}

/// What the shop set up, as far as orders show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShopWords {
    /// Sub-statuses and their names.
    pub sub_statuses: Vec<(i64, String)>,
}

/// An order as `version` shows it: the members of section 4.1, in their order.
pub fn view(order: &Order, version: Version, words: &ShopWords) -> Members {
    let members = standing(order, version, words);
    let members = amounts(members, order, version);
    let members = marks(members, order, version);
    let wrappings = items::wrappings(order, version);
    let [first, second] = wrappings;
    members
        .put("OrdererModel", people::orderer(&order.orderer))
        .put("SettlementModel", settlement(order, version))
        .put("DeliveryModel", delivery(order))
        .put("PointModel", Members::new().put("usedPoint", order.points))
        .put("WrappingModel1", first)
        .put("WrappingModel2", second)
        .put("PackageModelList", package::list(order, version))
        .put("CouponModelList", items::coupons(order))
        .put("ChangeReasonModelList", changes(order))
        .since(version, 3, "TaxSummaryModelList", tax::summaries(order))
        .since(version, 5, "DueDateModelList", due_dates(&order.due_dates))
        .since(version, 8, "deliveryCertPrgFlag", order.traits.delivery_certified)
        .since(version, 8, "oneDayOperationFlag", order.traits.one_day)
}

fn standing(order: &Order, version: Version, words: &ShopWords) -> Members {
    let notes = &order.notes;
    let name = |id: i64| words.sub_statuses.iter().find(|(known, _)| *known == id).map(|(_, name)| name.clone());
    let at = |at: Option<Timestamp>| at.map(datetime);
    let single = match order.live_packages().collect::<Vec<_>>().as_slice() {
        // Where a gift goes is not known before its recipient says so.
        [only] if only.waits_for_recipient() => false,
        [only] => only.address == order.orderer.address,
        _ => false,
    };
    let island = order.live_packages().any(|package| package.isolated_island);
    let gift = order.live_packages().any(|package| package.social_gift.is_some());
    let reserved = order.kind == OrderType::Reservation;
    Members::new()
        .put("orderNumber", order.number.to_string())
        .put("orderProgress", order.progress.code())
        .put("subStatusId", notes.sub_status)
        .put("subStatusName", notes.sub_status.and_then(name))
        .put("orderDatetime", datetime(order.placed))
        .put("shopOrderCfmDatetime", at(order.confirmed))
        .put("orderFixDatetime", at(order.fixed))
        .put("shippingInstDatetime", at(order.fixed))
        .put("shippingCmplRptDatetime", at(order.reported))
        .put("cancelDueDate", order.cancel_due().map(date))
        .put("deliveryDate", notes.delivery_date.map(date))
        .put("shippingTerm", notes.shipping_term)
        .put("remarks", Some(notes.remarks.clone()).filter(|text| !text.is_empty()))
        .put("giftCheckFlag", notes.gift)
        .put("severalSenderFlag", order.live_packages().count() > 1)
        .put("equalSenderFlag", single)
        .put("isolatedIslandFlag", island)
        .put("rakutenMemberFlag", order.traits.member)
        .since(version, 10, "socialGiftFlag", gift)
        .put("carrierCode", order.traits.device.code())
        .put("emailCarrierCode", 0)
        .put("orderType", order.kind.code())
        .put("reserveNumber", reserved.then(|| format!("{}-r", order.number)))
        .put("reserveDeliveryCount", reserved.then_some(1))
}

fn marks(members: Members, order: &Order, version: Version) -> Members {
    members
        .put("asurakuFlag", order.traits.asuraku)
        .put("drugFlag", order.traits.drug)
        .put("dealFlag", order.traits.deal)
        .put("membershipType", 0)
        .put("memo", order.notes.memo.clone())
        .put("operator", order.notes.operator.clone())
        .put("mailPlugSentence", order.notes.mail_plug.clone())
        .put("modifyFlag", order.traits.modified)
        .until(version, 7, "isTaxRecalc", 1)
        .since(version, 5, "receiptIssueCount", 0)
        .since(version, 5, "receiptIssueHistoryList", Json::List(Vec::new()))
}

/// `cautionDisplayType` 0 none, 1 caution, 2 cancelled; 101 of its detail is an unpaid prepayment.
fn caution(order: &Order) -> (i64, Option<i64>) {
    match (order.progress, order.caution) {
        (Progress::Cancelled, _) => (2, None),
        // 101 to 105 speak of what a buyer did before (unpaid, refused, returned …): none of it is known of ours.
        (_, Some(_)) => (1, None),
        (_, None) => (0, None),
    }
}

fn amounts(members: Members, order: &Order, version: Version) -> Members {
    let (sums, (caution, detail)) = (order.amounts(), caution(order));
    members
        .put("cautionDisplayType", caution)
        .since(version, 6, "cautionDisplayDetailType", detail)
        .put("rakutenConfirmFlag", order.under_check)
        .put("goodsPrice", sums.goods)
        .until(version, 7, "goodsTax", 0)
        .put("postagePrice", sums.postage.wire())
        .put("deliveryPrice", sums.cod_fee.wire())
        .since(version, 2, "paymentCharge", sums.charge)
        .since(version, 3, "paymentChargeTaxRate", Json::Hundredths(10))
        .put("totalPrice", sums.total.wire())
        .put("requestPrice", sums.request.wire())
        .put("couponAllTotalPrice", sums.coupons)
        .put("couponShopPrice", sums.shop_coupons)
        .put("couponOtherPrice", sums.other_coupons)
        .since(version, 2, "additionalFeeOccurAmountToUser", 0)
        .since(version, 2, "additionalFeeOccurAmountToShop", 0)
}

fn settlement(order: &Order, version: Version) -> Members {
    let by_card = order.method == Method::Card;
    let card =
        order.payment().filter(|payment| by_card && payment.method == Method::Card).and_then(Payment::shown_card);
    let method = order.method_in_fact();
    Members::new()
        .put("settlementMethodCode", method.code())
        .put("settlementMethod", method.text())
        .since(version, 2, "rpaySettlementFlag", method.is_common())
        .put("cardName", card.map(|card| card.name.as_str()))
        .put("cardNumber", card.map(|card| card.number.as_str()))
        .put("cardOwner", card.map(|card| card.owner.as_str()))
        .put("cardYm", card.map(|card| card.expires.as_str()))
        .put("cardPayType", card.map(|card| card.pay_type))
        .put("cardInstallmentDesc", card.and_then(|card| card.instalments.as_deref()))
}

fn delivery(order: &Order) -> Members {
    Members::new()
        .put("deliveryName", order.notes.delivery_name.as_str())
        .put("deliveryClass", order.notes.delivery_class.map(crate::code::DeliveryClass::code))
}

fn changes(order: &Order) -> Vec<Members> {
    let at = |at: Option<Timestamp>| at.map(datetime);
    let change = |change: &Change| {
        Members::new()
            .put("changeId", change.id)
            .put("changeType", change.kind.code())
            .put("changeTypeDetail", change.detail.map(crate::code::ChangeDetail::code))
            .put("changeReason", change.reason.map(|reason| reason.party().code()))
            .put("changeReasonDetail", change.reason.map(crate::code::Reason::code))
            .put("changeApplyDatetime", at(change.applied))
            .put("changeFixDatetime", at(change.fixed))
            .put("changeCmplDatetime", at(change.completed))
    };
    order.changes.iter().map(change).collect()
}

fn due_dates(due: &[DueDate]) -> Vec<Members> {
    let one = |due: &DueDate| Members::new().put("dueDateType", due.kind.code()).put("dueDate", date(due.date));
    due.iter().map(one).collect()
}

fn date(day: Day) -> String {
    day.0.to_string()
}

impl Order {
    /// キャンセル期限日: the last day on which the shop can cancel before the order cancels itself.
    pub fn cancel_due(&self) -> Option<Day> {
        match self.progress {
            Progress::AwaitingConfirmation
            | Progress::InProcess
            | Progress::AwaitingShipment
            | Progress::AwaitingChange => self.due_dates.last().map(|due| due.date),
            Progress::Shipped
            | Progress::SettlementInProgress
            | Progress::Settled
            | Progress::AwaitingCancellation
            | Progress::Cancelled => None,
        }
    }
}

impl Payment {
    /// The card as the wire shows it.
    fn shown_card(&self) -> Option<&crate::order::Card> {
        self.card.as_ref()
    }
}

/// A price for a member.
fn price(price: Price) -> Json {
    Json::Int(price.wire())
}

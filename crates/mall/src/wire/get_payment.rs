//! getPayment (contract, 3.18): the ways of paying that were tried for an order.

use kernel::Timestamp;

use super::members::{Json, Members};
use super::message::Message;
use super::read::{Reader, Version};
use super::time::datetime;
use crate::code::{Kind, Method, Status};
use crate::order::{Order, Payment, Refund};

/// The versions that are answered.
pub const VERSIONS: std::ops::RangeInclusive<u8> = 3..=4;

/// With the switch that accepts old clients, also these.
pub const OLD_VERSIONS: std::ops::RangeInclusive<u8> = 1..=2;

/// Reads a request: order number and version; otherwise a message for each faulty member.
pub fn read(reader: &mut Reader<'_>, accepts_old: bool) -> Result<(String, Version), Vec<Message>> {
    let number = reader.text("orderNumber", 382);
    let known = |code: i64| {
        let version = u8::try_from(code).ok()?;
        let old = accepts_old && OLD_VERSIONS.contains(&version);
        (VERSIONS.contains(&version) || old).then_some(Version(version))
    };
    let version = reader.code("version", known);
    match (number, version) {
        (Some(number), Some(version)) if reader.is_sound() => Ok((number, version)),
        (Some(_) | None, Some(_) | None) => Err(reader.messages()),
    }
}

/// `OrderModel` of the answer.
pub fn view(order: &Order, version: Version) -> Members {
    let payments: Vec<Members> = order.payments.iter().map(|payment| one(order, payment, version)).collect();
    Members::new().put("orderNumber", order.number.to_string()).put("PaymentModelList", payments)
}

fn one(order: &Order, payment: &Payment, version: Version) -> Members {
    let at = |at: Option<Timestamp>| at.map(datetime);
    let organization = payment.authorization.iter().map(|held| held.id.clone()).collect::<Vec<_>>();
    let refused = |status: Status| payment.cancel_refused_at.filter(|_| payment.status == status);
    let fixed = payment.status == Status::SettlementCancelled || payment.fixed_at.is_some();
    // Before the money is claimed it is the procedure that is cancelled, after it the settlement.
    let (procedure_cancelled, cancelled) =
        if fixed { (None, payment.cancelled_at) } else { (payment.cancelled_at, None) };
    Members::new()
        .put("orderPaymentNumber", format!("{}-{}", order.number, payment.serial))
        .put("paymentMethod", payment.method.code())
        .put("paymentAmount", payment.amount)
        .put("paymentCharge", payment.charge)
        .put("paymentStatus", payment.status.code())
        .put("paymentProcReqDatetime", at(payment.asked_at))
        .put("paymentProcNgDatetime", at(payment.refused_at))
        .put("paymentProcCmplDatetime", at(payment.done_at))
        .put("paymentProcCancelNgDate", at(refused(Status::ProcedureCancelRefused)))
        .put("paymentProcCancelCmplDatetime", at(procedure_cancelled))
        .put("paymentReqDatetime", at(payment.claimed_at))
        .put("paymentNgDatetime", at(payment.claim_refused_at))
        .put("paymentFixDatetime", at(payment.fixed_at))
        .put("paymentCancelNgDatetime", at(refused(Status::FixedCancelRefused)))
        .put("paymentCancelCmplDatetime", at(cancelled))
        .put("paymentCancelFixDatetime", at(cancelled))
        .put("payExpectDate", at(payment.payout_expected))
        .put("minusPayExpectDate", Json::Null)
        .put("paymentOrganizationLinkageNumberList", organization)
        .put("PaymentCardModel", card(payment))
        .put("PaymentMultiModel", multi(payment))
        .put("PaymentBankModel", bank(payment))
        .put("PaymentPayAfterModel", deferred(payment))
        .since(version, 4, "PaymentPaypalModel", Json::Null)
        .put("RefundModelList", payment.refunds.iter().map(refunded).collect::<Vec<_>>())
        .put("AdditionalFeeModelList", Json::List(Vec::new()))
}

fn card(payment: &Payment) -> Option<Members> {
    let card = payment.card.as_ref().filter(|_| payment.method.kind() == Kind::Card)?;
    let model = Members::new()
        .put("cardName", card.name.as_str())
        .put("cardYm", card.expires.as_str())
        .put("cardOwner", card.owner.as_str())
        .put("cardNumber", card.number.as_str())
        .put("cardPayType", card.pay_type)
        .put("cardInstallmentDesc", card.instalments.as_deref());
    Some(model)
}

fn multi(payment: &Payment) -> Option<Members> {
    let at_store = matches!(payment.method, Method::SevenEleven | Method::Lawson);
    let paid = payment.deposits.last().map(|deposit| datetime(deposit.at));
    let model = Members::new().put("eventDatetime", paid).put("rcvgNumber", Json::Null);
    at_store.then(|| model.put("payInfoUrl", Json::Null).put("payStartUrl", Json::Null))
}

fn bank(payment: &Payment) -> Option<Members> {
    let deposit = payment.deposits.last().filter(|_| payment.method == Method::BankTransfer)?;
    let model = Members::new().put("transferDate", deposit.at.jst_date().to_string());
    Some(model.put("transferNameKana", deposit.name_kana.as_str()))
}

fn deferred(payment: &Payment) -> Option<Members> {
    let is_deferred = payment.method.kind() == Kind::Deferred;
    is_deferred.then(|| Members::new().put("rcvgAgcyTypeName", Json::Null).put("rcvgNumber", Json::Null))
}

fn refunded(refund: &Refund) -> Members {
    // A payment of its own, in the other direction.
    let status = match refund {
        Refund { done: Some(_), .. } => Status::Fixed,
        Refund { refused: true, .. } => Status::Refused,
        Refund { .. } => Status::SettlementRequested,
    };
    Members::new()
        .put("paymentAmount", refund.amount)
        .put("paymentStatus", status.code())
        .put("paymentProcCmplDatetime", refund.done.map(datetime))
        .put("paymentReqDatetime", datetime(refund.at))
        .put("paymentFixDatetime", refund.done.map(datetime))
        .put("payExpectDate", Json::Null)
}

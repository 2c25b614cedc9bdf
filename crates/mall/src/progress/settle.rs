//! 発送済 → 支払手続き中 → 支払手続き済: the money is claimed after shipping, and paid out in the mall's cycle.

use kernel::{JstDate, Timestamp};

use super::{Answer, Ask, Effect, Line, Notice, Policy, Refused, Request, Step, TimerKind};
use crate::code::{Kind, Progress, Status};
use crate::order::{CouponCapital, Order, Payment};

/// 決済依頼: what the method asks for after shipping.
pub(super) fn claim(step: &mut Step<'_>) {
    let now = step.now;
    let Some(payment) = step.order.payment_mut() else { return };
    payment.claimed_at = Some(now);
    let amount = payment.amount;
    match (payment.method.kind(), payment.authorization.clone()) {
        (Kind::Card, Some(held)) => {
            payment.status = Status::SettlementRequested;
            step.ask(Request::Capture { authorization: held.id, amount });
        }
        (Kind::Deferred, _) => {
            payment.status = Status::SettlementRequested;
            step.ask(Request::Bill { amount });
        }
        (Kind::Card | Kind::Prepaid | Kind::ShopSelected | Kind::Points, _) => fixed(step),
    }
}

/// The claim was answered.
pub(super) fn claimed(step: &mut Step<'_>, answer: &Answer) {
    let now = step.now;
    match answer {
        Answer::Done { .. } => {
            if let Some(payment) = step.order.payment_mut() {
                payment.asked = None;
            }
            match step.progress() {
                Progress::Shipped => fixed(step),
                Progress::SettlementInProgress
                | Progress::Settled
                | Progress::AwaitingConfirmation
                | Progress::InProcess
                | Progress::AwaitingShipment
                | Progress::AwaitingChange
                | Progress::AwaitingCancellation
                | Progress::Cancelled => {}
            }
        }
        Answer::Refused => {
            if let Some(payment) = step.order.payment_mut() {
                payment.asked = None;
                payment.status = Status::RefusedToShop;
                payment.claim_refused_at = Some(now);
            }
        }
        Answer::OnHold => {}
    }
}

/// 決済確定: the mall owes the shop the money, and pays it out after the next closing.
fn fixed(step: &mut Step<'_>) {
    let (now, policy) = (step.now, step.policy);
    let closes = closing_after(now, policy);
    let Some(payment) = step.order.payment_mut() else { return };
    let common = payment.method.is_common();
    payment.fixed_at = Some(now);
    payment.payout_expected = common.then_some(payout_after(closes, policy));
    payment.status = if common { Status::Fixed } else { Status::None };
    let received = if common { payment.amount } else { 0 };
    step.order.settled = Some(now);
    let lines = [Line::Received(received), Line::Promised(promised_to_the_shop(&step.order))];
    step.post(&lines);
    step.set(TimerKind::Closing, closes);
}

/// Points and the mall's own coupons, in yen: what the buyer did not pay and the shop gets all the same.
pub fn promised_to_the_shop(order: &Order) -> i64 {
    let coupons = order.coupons.iter().filter(|coupon| coupon.capital != CouponCapital::Shop);
    order.points + coupons.filter_map(|coupon| coupon.total().yen()).sum::<i64>()
}

/// The first instant after the closing date that comes next.
pub(super) fn closing_after(now: Timestamp, policy: &Policy) -> Timestamp {
    let today = now.jst_date();
    let is_closing = |date: &JstDate| {
        let (_, _, day) = date.civil();
        let (_, _, next) = date.plus_days(1).civil();
        policy.closing_days.iter().any(|closing| *closing == day || (*closing > day && next == 1))
    };
    let next = (0..=31).map(|days| today.plus_days(days)).find(is_closing);
    next.unwrap_or(today).plus_days(1).start()
}

/// When what is closed at an instant is paid out.
fn payout_after(closes: Timestamp, policy: &Policy) -> Timestamp {
    closes.jst_date().plus_days(policy.payout_days).start()
}

/// The closing date came: 500 → 600.
pub(super) fn begins(step: &mut Step<'_>) -> Result<(), Refused> {
    if step.progress() != Progress::Shipped {
        return Err(Refused::Stale);
    }
    step.go(Progress::SettlementInProgress);
    step.set(TimerKind::Payout, payout_after(step.now, step.policy));
    Ok(())
}

/// The payout date came: 600 → 700.
pub(super) fn done(step: &mut Step<'_>) -> Result<(), Refused> {
    if step.progress() != Progress::SettlementInProgress {
        return Err(Refused::Stale);
    }
    step.go(Progress::Settled);
    let paid = owed_to_the_shop(&step.order);
    step.post(&[Line::PaidOut(paid)]);
    Ok(())
}

/// The amount falls by `yen` after the money was claimed: the buyer gets it back.
pub(super) fn lower(step: &mut Step<'_>, yen: i64) {
    let Some(payment) = step.order.payment_mut() else { return };
    payment.amount -= yen;
    let request = back(payment, yen);
    step.refund(yen, request);
    step.post(&[Line::GivenBack(yen)]);
    step.tell(Notice::Refunded);
}

/// What is asked for so that `yen` of a payment go back to the buyer.
fn back(payment: &Payment, yen: i64) -> Request {
    match (payment.method.kind(), &payment.authorization) {
        (Kind::Card, Some(held)) => Request::Refund { authorization: held.id.clone(), amount: yen },
        (Kind::Deferred, _) => Request::Bill { amount: payment.amount },
        (Kind::Card | Kind::Prepaid | Kind::ShopSelected | Kind::Points, _) => Request::Return { amount: yen },
    }
}

/// Refunds that were refused are asked for again: a person found out why.
pub(super) fn refund_again(step: &mut Step<'_>) -> Result<(), Refused> {
    let mut last = step.order.last_id;
    let mut asks = Vec::new();
    for payment in &mut step.order.payments {
        for at in 0..payment.refunds.len() {
            if !payment.refunds[at].refused {
                continue;
            }
            last += 1;
            asks.push(Ask { serial: last, request: back(payment, payment.refunds[at].amount) });
            (payment.refunds[at].asked, payment.refunds[at].refused) = (Some(last), false);
        }
    }
    if asks.is_empty() {
        return Err(Refused::Stale);
    }
    step.order.last_id = last;
    step.effects.extend(asks.into_iter().map(Effect::Ask));
    Ok(())
}

/// What the mall owes the shop for an order once it is fixed, in yen. What the issuer took back it owes no more.
pub fn owed_to_the_shop(order: &Order) -> i64 {
    let stays = |payment: &&Payment| payment.method.is_common() && payment.status != Status::ChargedBack;
    let paid = order.payment().filter(stays).map_or(0, |payment| payment.amount);
    paid + promised_to_the_shop(order)
}

/// What the mall promised to the shop is another sum after an edit of an order that is fixed.
pub(super) fn promise_again(step: &mut Step<'_>, before: &Order) {
    let more = promised_to_the_shop(&step.order) - promised_to_the_shop(before);
    if step.order.settled.is_some() && more != 0 {
        let line = if more > 0 { Line::Promised(more) } else { Line::TakenBack(-more) };
        step.post(&[line]);
    }
}

/// The card's holder got the money back from the issuer: the shop owes it.
pub(super) fn charged_back(step: &mut Step<'_>) -> Result<(), Refused> {
    match step.progress() {
        Progress::Shipped | Progress::SettlementInProgress | Progress::Settled => {}
        Progress::AwaitingCancellation | Progress::Cancelled => return Err(Refused::Cancelled),
        Progress::AwaitingConfirmation
        | Progress::InProcess
        | Progress::AwaitingShipment
        | Progress::AwaitingChange => return Err(Refused::Status),
    }
    let now = step.now;
    let Some(payment) = step.order.payment_mut() else { return Err(Refused::Status) };
    if (payment.method.kind(), payment.status) != (Kind::Card, Status::Fixed) {
        return Err(Refused::Status);
    }
    payment.status = Status::ChargedBack;
    payment.cancelled_at = Some(now);
    let amount = payment.amount;
    step.post(&[Line::GivenBack(amount)]);
    Ok(())
}

/// The buyer sends the goods back: only what was shipped, and once.
pub(super) fn goods_returned(step: &mut Step<'_>) -> Result<(), Refused> {
    match step.progress() {
        Progress::Shipped | Progress::SettlementInProgress | Progress::Settled => {}
        Progress::AwaitingCancellation | Progress::Cancelled => return Err(Refused::Cancelled),
        Progress::AwaitingConfirmation
        | Progress::InProcess
        | Progress::AwaitingShipment
        | Progress::AwaitingChange => return Err(Refused::Status),
    }
    if step.order.returned.is_some() {
        return Err(Refused::Stale);
    }
    step.order.returned = Some(step.now);
    Ok(())
}

//! An order arrives: 注文確認待ち, or straight to 楽天処理中 (seed 001 "自動注文確認").

use kernel::{Timestamp, Yen};

use super::{Confirmation, Moved, Policy, Refused, Step, TimerKind, secure};
use crate::code::{Kind, Method, Progress};
use crate::order::{Caution, Order, Price};

/// 配送方法 with which deferred payment cannot be had (seed 004).
const MAIL_DELIVERY: &str = "メール便";

/// What becomes of an order that a buyer just placed.
pub fn arrive(order: Order, policy: &Policy, now: Timestamp) -> Result<Moved, Refused> {
    let mut step = Step { order, effects: Vec::new(), policy, now };
    check_delivery(&step)?;
    let due = step.order.amounts().request;
    if due.yen().is_some_and(|yen| !(0..=Yen::MAX.get()).contains(&yen)) {
        return Err(Refused::Amount);
    }
    step.go(Progress::AwaitingConfirmation);
    step.order.accepted = step.order.amounts().request;
    price_the_card(&mut step);
    if let Some(due) = recipient_due(&step.order) {
        step.order.caution = Some(Caution::RecipientMissing);
        step.set(TimerKind::Recipient, due);
    }
    if is_confirmed_at_once(&step) {
        secure::confirm(&mut step)?;
    } else {
        let due = now.jst_date().plus_days(policy.confirmation_days + 1).start();
        step.set(TimerKind::Confirmation, due);
    }
    Ok(Moved { order: step.order, effects: step.effects })
}

/// The buyer's card is known before the order is confirmed, and so is its amount; its issuer was asked nothing yet.
pub(super) fn price_the_card(step: &mut Step<'_>) {
    if let (Some(payment), Some(amount)) = (step.order.payments.last_mut(), step.order.accepted.yen()) {
        payment.amount = amount;
    }
}

/// 自動, except what needs approval or has no fixed postage (seed 001).
fn is_confirmed_at_once(step: &Step<'_>) -> bool {
    match step.policy.confirmation {
        Confirmation::Unset | Confirmation::Manual => false,
        Confirmation::Automatic => !step.order.needs_approval && step.order.is_priced() && step.order.caution.is_none(),
    }
}

/// 後払い決済 cannot be had with メール便, unless 追跡可能メール便 is set (seed 004).
pub(super) fn check_delivery(step: &Step<'_>) -> Result<(), Refused> {
    let deferred = match step.order.method.kind() {
        Kind::Deferred => true,
        Kind::Card | Kind::Prepaid | Kind::ShopSelected | Kind::Points => false,
    };
    let by_mail = step.order.notes.delivery_name == MAIL_DELIVERY;
    if deferred && by_mail && !step.policy.trackable_mail { Err(Refused::Delivery) } else { Ok(()) }
}

/// Until when the recipients of a social gift have to say where it goes: the first instant that is too late.
fn recipient_due(order: &Order) -> Option<Timestamp> {
    let gifts = order.live_packages().filter_map(|package| package.social_gift.as_ref());
    gifts.filter(|gift| gift.entered.is_none()).map(|gift| gift.due.0.plus_days(1).start()).min()
}

/// The recipient of a social gift said where it goes; the address was written already.
pub(super) fn recipient_entered(step: &mut Step<'_>) -> Result<(), Refused> {
    match step.progress() {
        Progress::AwaitingConfirmation => {}
        Progress::AwaitingCancellation | Progress::Cancelled => return Err(Refused::Cancelled),
        Progress::InProcess
        | Progress::AwaitingShipment
        | Progress::AwaitingChange
        | Progress::Shipped
        | Progress::SettlementInProgress
        | Progress::Settled => return Err(Refused::Stale),
    }
    let now = step.now;
    let gifts = step.order.packages.iter_mut().filter_map(|package| package.social_gift.as_mut());
    for gift in gifts.filter(|gift| gift.entered.is_none()) {
        gift.entered = Some(now);
    }
    step.order.caution = None;
    step.unset(TimerKind::Recipient);
    if is_confirmed_at_once(step) {
        step.unset(TimerKind::Confirmation);
        return secure::confirm(step);
    }
    Ok(())
}

impl Order {
    /// What it is paid with: points, when nothing else is left to pay.
    pub fn method_in_fact(&self) -> Method {
        match self.amounts().request {
            Price::Fixed(0) => Method::Points,
            Price::Fixed(_) | Price::Unset => self.method,
        }
    }
}

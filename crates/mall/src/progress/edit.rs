//! Edits that the shop sends upstream (contract 3.11, 3.12, 3.15; seed 002 "減額理由の登録").

use kernel::Yen;

use super::{Edit, Refused, Request, Step, secure, ship};
use crate::code::{ChangeDetail, ChangeType, Kind, Method, Progress, Reason, Status};
use crate::order::{Caution, Change, Order, Package, Price, Refund};

/// How far the payment of an order is, as far as edits care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Before anything was asked for: everything may change.
    Free,
    /// A procedure runs.
    Running,
    /// Refused, and the buyer was asked for another way of paying. Not for an increase: while that waits in 変更確定待ち,
    /// nothing is edited.
    Refused,
    /// Secured.
    Secured,
}

/// The shop sends another version of the order.
pub(super) fn edit(step: &mut Step<'_>, edit: &Edit) -> Result<(), Refused> {
    let stage = stage(step)?;
    let before = step.order.clone();
    if stage == Stage::Running {
        return Err(Refused::Running);
    }
    take_over(&mut step.order, &edit.order);
    let method = edit.method.filter(|method| *method != before.method);
    check_amount(&step.order, stage)?;
    check_method(step, stage, &before, method)?;
    // The fee of deferred payment goes with the method: nobody has to give a reason for that.
    if compare(&before, &step.order, None) == Some(ChangeDetail::Decrease) && edit.reason.is_none() {
        return Err(Refused::NoReason);
    }
    if let Some(method) = method {
        secure::set_fee(step, method)?;
    }
    let change = compare(&before, &step.order, method);
    match (step.progress(), stage) {
        (Progress::AwaitingConfirmation, _) => settle_before_confirmation(step, method, change, edit.reason),
        (Progress::InProcess, _) | (Progress::AwaitingShipment, Stage::Refused) => {
            corrected(step, &before, method, change, edit.reason)?;
        }
        (Progress::AwaitingShipment, _) => secured_edit(step, &before, change, edit.reason)?,
        (Progress::Shipped | Progress::SettlementInProgress | Progress::Settled, _) => {
            after_shipping(step, &before, change, edit.reason)?;
        }
        (Progress::AwaitingChange | Progress::AwaitingCancellation | Progress::Cancelled, _) => {
            return Err(Refused::Status);
        }
    }
    let same = |order: &Order| (order.method, order.notes.delivery_name.clone());
    if same(&before) == same(&step.order) { Ok(()) } else { super::arrive::check_delivery(step) }
}

/// Once an order is confirmed, its amount is known.
fn check_amount(order: &Order, stage: Stage) -> Result<(), Refused> {
    match order.amounts().request {
        Price::Unset if stage != Stage::Free => Err(Refused::Unpriced),
        Price::Fixed(_) | Price::Unset => check_range(order),
    }
}

/// An order is paid for with 0 yen or more.
pub(super) fn check_range(order: &Order) -> Result<(), Refused> {
    match order.amounts().request {
        Price::Fixed(amount) if !(0..=Yen::MAX.get()).contains(&amount) => Err(Refused::Amount),
        Price::Fixed(_) | Price::Unset => Ok(()),
    }
}

/// What the amount is compared with next time; an amount that is not known changes nothing about that.
pub(super) fn accept(step: &mut Step<'_>) {
    let now = step.order.amounts().request;
    if now != Price::Unset {
        step.order.accepted = now;
    }
}

fn stage(step: &Step<'_>) -> Result<Stage, Refused> {
    let payment = step.order.payment();
    let refused = payment.filter(|payment| payment.status == Status::ProcedureRefused);
    match (step.progress(), refused) {
        (Progress::AwaitingConfirmation, _) => Ok(Stage::Free),
        (Progress::InProcess | Progress::AwaitingShipment, Some(_)) => Ok(Stage::Refused),
        // 与信保留 counts like a refusal: the shop may correct what the screening stumbled over.
        (Progress::InProcess, None) if payment.is_some_and(|payment| payment.on_hold()) => Ok(Stage::Refused),
        (Progress::InProcess, None) => Ok(Stage::Running),
        (Progress::AwaitingShipment, None) if payment.is_some_and(|payment| payment.asked.is_some()) => {
            Ok(Stage::Running)
        }
        (Progress::AwaitingShipment, None) => Ok(Stage::Secured),
        (Progress::Shipped | Progress::SettlementInProgress | Progress::Settled, _) => Ok(Stage::Secured),
        (Progress::AwaitingChange, _) => Err(Refused::Running),
        (Progress::AwaitingCancellation | Progress::Cancelled, _) => Err(Refused::Cancelled),
    }
}

/// The parts of an order that edits may send.
fn take_over(order: &mut Order, sent: &Order) {
    order.orderer.clone_from(&sent.orderer);
    order.packages.clone_from(&sent.packages);
    order.wrappings.clone_from(&sent.wrappings);
    order.coupons.clone_from(&sent.coupons);
    order.notes.delivery_name.clone_from(&sent.notes.delivery_name);
    order.last_id = order.last_id.max(sent.last_id);
}

/// Contract 3.11 "Payment-method change": only in 100, or at 30400 that did not come from an increase; what may change
/// with it.
fn check_method(step: &Step<'_>, stage: Stage, before: &Order, method: Option<Method>) -> Result<(), Refused> {
    let Some(method) = method else { return Ok(()) };
    if !method.can_be_changed_to() {
        return Err(Refused::Method);
    }
    let no_fee = |package: &Package| package.cod_fee.yen().is_none_or(|yen| yen == 0);
    if method == Method::CashOnDelivery && step.order.live_packages().any(no_fee) {
        return Err(Refused::NoCodFee);
    }
    match stage {
        Stage::Free => Ok(()),
        Stage::Running => Err(Refused::Running),
        Stage::Secured => Err(Refused::Method),
        Stage::Refused => {
            let (was, is) = (before.amounts(), step.order.amounts());
            let goods_stay = (was.goods, was.coupons) == (is.goods, is.coupons);
            let fees_stay = (was.postage, was.cod_fee) == (is.postage, is.cod_fee);
            // Amounts are fixed with a common method; with one of the shop's, postage and its fee may change.
            let fits = goods_stay && (fees_stay || !method.is_common());
            if fits { Ok(()) } else { Err(Refused::Method) }
        }
    }
}

/// What an edit does to the amount, compared with what was last accepted.
pub(super) fn compare(before: &Order, after: &Order, method: Option<Method>) -> Option<ChangeDetail> {
    let difference = match (before.accepted, after.amounts().request) {
        (Price::Fixed(accepted), Price::Fixed(now)) => now - accepted,
        (Price::Unset, Price::Fixed(_) | Price::Unset) | (Price::Fixed(_), Price::Unset) => 0,
    };
    match (difference, method) {
        (0, None) => None,
        (..0, None) => Some(ChangeDetail::Decrease),
        (1.., None) => Some(ChangeDetail::Increase),
        (0, Some(_)) => Some(ChangeDetail::Method),
        (..0, Some(_)) => Some(ChangeDetail::MethodDecrease),
        (1.., Some(_)) => Some(ChangeDetail::MethodIncrease),
    }
}

/// 変更: applied now; fixed and completed now too, unless the money has to follow.
pub(super) fn note(step: &mut Step<'_>, detail: Option<ChangeDetail>, reason: Option<Reason>, is_settled: bool) {
    let Some(detail) = detail else { return };
    let id = i64::from(step.order.next_id());
    let (applied, settled) = (Some(step.now), is_settled.then_some(step.now));
    let kind = if is_settled { ChangeType::ChangeCompleted } else { ChangeType::ChangeApplied };
    step.order.changes.push(Change {
        id,
        kind,
        detail: Some(detail),
        reason,
        applied,
        fixed: settled,
        completed: settled,
    });
}

/// The money followed a change.
pub(super) fn change_settled(step: &mut Step<'_>) {
    let now = step.now;
    accept(step);
    let open = step.order.changes.iter_mut().rev().find(|change| change.kind == ChangeType::ChangeApplied);
    if let Some(change) = open {
        (change.kind, change.fixed, change.completed) = (ChangeType::ChangeCompleted, Some(now), Some(now));
    }
}

fn settle_before_confirmation(
    step: &mut Step<'_>,
    method: Option<Method>,
    change: Option<ChangeDetail>,
    reason: Option<Reason>,
) {
    if let Some(method) = method {
        step.order.method = method;
        // Nothing was asked for yet: the card of the buyer is of no use any more.
        step.order.payments.clear();
    }
    note(step, change, reason, true);
    accept(step);
    super::arrive::price_the_card(step);
}

/// After a refusal or a hold: in 楽天処理中, or in 発送待ち when a new authorization was refused.
fn corrected(
    step: &mut Step<'_>,
    before: &Order,
    method: Option<Method>,
    change: Option<ChangeDetail>,
    reason: Option<Reason>,
) -> Result<(), Refused> {
    if let Some(method) = method {
        return secure::switch(step, (method, None), change, reason);
    }
    note(step, change, reason, true);
    accept(step);
    // 住所変更などによる再与信 (seed 004): corrected data are screened again by themselves.
    let screened_again = step.order.method == Method::Deferred && (change.is_some() || moved(before, &step.order));
    if screened_again {
        step.unset(super::TimerKind::MethodRequest);
        step.order.caution = None;
        secure::release_held(step);
        secure::begin_payment(step, None);
    } else {
        ship::plan(step);
    }
    Ok(())
}

/// Whether the orderer or a destination is another.
fn moved(before: &Order, after: &Order) -> bool {
    let places = |order: &Order| {
        order.live_packages().map(|package| (package.person.clone(), package.address.clone())).collect::<Vec<_>>()
    };
    before.orderer != after.orderer || places(before) != places(after)
}

/// 発送待ち: a change of the amount waits in 変更確定待ち until the money follows.
fn secured_edit(
    step: &mut Step<'_>,
    before: &Order,
    change: Option<ChangeDetail>,
    reason: Option<Reason>,
) -> Result<(), Refused> {
    let Price::Fixed(amount) = step.order.amounts().request else { return Err(Refused::Unpriced) };
    let is_moved = moved(before, &step.order) && step.order.method == Method::Deferred;
    if change.is_none() && !is_moved {
        ship::plan(step);
        return Ok(());
    }
    let Some(payment) = step.order.payment_mut() else { return Err(Refused::Status) };
    let (kind, paid) = (payment.method.kind(), payment.paid_in());
    payment.amount = amount;
    let card = payment.card.as_ref().map(|card| card.token.clone());
    match (kind, change) {
        (Kind::ShopSelected | Kind::Points, _) => {
            note(step, change, reason, true);
            accept(step);
            ship::plan(step);
        }
        // Less is claimed of what is held.
        (Kind::Card, Some(ChangeDetail::Decrease)) if !step.policy.decrease_is_authorized => {
            note(step, change, reason, true);
            accept(step);
            ship::plan(step);
        }
        (Kind::Card, _) => {
            let Some(card) = card else { return Err(Refused::Status) };
            note(step, change, reason, false);
            wait(step);
            step.ask(Request::Authorize { card, amount });
        }
        (Kind::Deferred, _) => {
            // A new address alone is a change, too (changeTypeDetail 2).
            note(step, Some(change.unwrap_or(ChangeDetail::Other)), reason, false);
            wait(step);
            step.ask(Request::Screen { amount });
        }
        (Kind::Prepaid, _) if paid > amount => {
            note(step, change, reason, true);
            secure::give_back(step, paid - amount);
            accept(step);
            ship::plan(step);
        }
        (Kind::Prepaid, _) => {
            note(step, change, reason, false);
            wait(step);
            secure::ask_for_deposit(step);
        }
    }
    Ok(())
}

/// → 変更確定待ち.
fn wait(step: &mut Step<'_>) {
    step.go(Progress::AwaitingChange);
    step.unset(super::TimerKind::Nightly);
    secure::requested(step);
}

/// 500, 600, 700: the amount can only fall, and the difference goes back to the buyer.
fn after_shipping(
    step: &mut Step<'_>,
    before: &Order,
    change: Option<ChangeDetail>,
    reason: Option<Reason>,
) -> Result<(), Refused> {
    let (Price::Fixed(was), Price::Fixed(is)) = (before.amounts().request, step.order.amounts().request) else {
        return Err(Refused::Unpriced);
    };
    match change {
        None => {
            super::settle::promise_again(step, before);
            return Ok(());
        }
        Some(ChangeDetail::Decrease) => {}
        Some(_) => return Err(Refused::Status),
    }
    let fixed = step.order.payment().is_some_and(|payment| payment.status == Status::Fixed);
    let common = step.order.method.is_common();
    if common && !fixed {
        return Err(Refused::Running);
    }
    note(step, change, reason, true);
    accept(step);
    super::settle::promise_again(step, before);
    if common {
        super::settle::lower(step, was - is);
    }
    Ok(())
}

impl Order {
    /// Refunds that somebody refused: they wait for a person.
    pub fn refunds_refused(&self) -> impl Iterator<Item = &Refund> {
        self.payments.iter().flat_map(|payment| &payment.refunds).filter(|refund| refund.refused)
    }

    /// Whether the shop has to act before the order goes on.
    pub fn needs_the_shop(&self) -> bool {
        match self.caution {
            Some(Caution::NoShippingDate) => true,
            Some(Caution::ReauthorizationRefused | Caution::PaymentRefused | Caution::RecipientMissing) | None => {
                self.progress == Progress::AwaitingConfirmation
            }
        }
    }
}

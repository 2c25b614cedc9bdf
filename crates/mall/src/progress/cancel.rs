//! キャンセル: by the buyer, by the shop, by a deadline; before shipping and after (contract 3.13, 3.14; seed 002).

use super::{Answer, Line, Notice, Refused, Request, Step, TimerKind, secure, settle};
use crate::code::{ChangeType, Kind, OrderType, Progress, Reason, Status};
use crate::order::Change;

/// The buyer's own cancel: within 30 minutes of the order, unless it is of a kind that cannot be taken back.
pub(super) fn by_buyer(step: &mut Step<'_>) -> Result<(), Refused> {
    match step.progress() {
        Progress::AwaitingConfirmation | Progress::InProcess | Progress::AwaitingShipment => {}
        Progress::AwaitingCancellation | Progress::Cancelled => return Err(Refused::Cancelled),
        Progress::AwaitingChange | Progress::Shipped | Progress::SettlementInProgress | Progress::Settled => {
            return Err(Refused::TooLate);
        }
    }
    let in_time = step.now < step.order.placed.plus_micros(step.policy.buyer_cancel_micros);
    let kind_allows = match step.order.kind {
        OrderType::Normal => true,
        OrderType::Subscription | OrderType::Club | OrderType::Reservation => step.policy.buyer_cancels_special,
    };
    // あす楽 and orders that are shipped already are on their way.
    let goes_out = step.order.traits.asuraku && !step.policy.buyer_cancels_asuraku;
    if !in_time || !kind_allows || goes_out || step.order.has_shipping_date() {
        return Err(Refused::TooLate);
    }
    apply(step, Reason::CustomerCancel);
    Ok(())
}

/// cancelOrder: 100, 200, 300, and no shipping date.
pub(super) fn by_shop(step: &mut Step<'_>, reason: Reason) -> Result<(), Refused> {
    match step.progress() {
        Progress::AwaitingConfirmation | Progress::InProcess | Progress::AwaitingShipment => {}
        Progress::AwaitingCancellation | Progress::Cancelled => return Err(Refused::Cancelled),
        Progress::AwaitingChange | Progress::Shipped | Progress::SettlementInProgress | Progress::Settled => {
            return Err(Refused::Status);
        }
    }
    if step.order.has_shipping_date() {
        return Err(Refused::ShippingDate);
    }
    apply(step, reason);
    Ok(())
}

/// 14 days without confirmation.
pub(super) fn overdue_confirmation(step: &mut Step<'_>) -> Result<(), Refused> {
    only_in(step, Progress::AwaitingConfirmation)?;
    apply(step, Reason::ShopOther);
    Ok(())
}

/// The recipient of a social gift did not say where it goes.
pub(super) fn overdue_recipient(step: &mut Step<'_>) -> Result<(), Refused> {
    only_in(step, Progress::AwaitingConfirmation)?;
    apply(step, Reason::RecipientDeadline);
    Ok(())
}

/// Nothing, or too little, was paid in.
pub(super) fn overdue_deposit(step: &mut Step<'_>) -> Result<(), Refused> {
    let prepaid = step.order.payment().filter(|payment| payment.method.kind() == Kind::Prepaid);
    let waits = prepaid.is_some_and(|payment| payment.status == Status::ProcedureRequested);
    match step.progress() {
        Progress::InProcess | Progress::AwaitingChange if waits => {}
        Progress::AwaitingConfirmation
        | Progress::InProcess
        | Progress::AwaitingShipment
        | Progress::AwaitingChange
        | Progress::Shipped
        | Progress::SettlementInProgress
        | Progress::Settled
        | Progress::AwaitingCancellation
        | Progress::Cancelled => return Err(Refused::Stale),
    }
    apply(step, Reason::Unpaid);
    Ok(())
}

/// The buyer named no other way of paying.
pub(super) fn overdue_method(step: &mut Step<'_>) -> Result<(), Refused> {
    let refused = step.order.payment().is_some_and(|payment| payment.status == Status::ProcedureRefused);
    match step.progress() {
        Progress::InProcess | Progress::AwaitingShipment | Progress::AwaitingChange if refused => {}
        Progress::AwaitingConfirmation
        | Progress::InProcess
        | Progress::AwaitingShipment
        | Progress::AwaitingChange
        | Progress::Shipped
        | Progress::SettlementInProgress
        | Progress::Settled
        | Progress::AwaitingCancellation
        | Progress::Cancelled => return Err(Refused::Stale),
    }
    apply(step, Reason::Unpaid);
    Ok(())
}

/// The day after a fraud check that said no.
pub(super) fn after_fraud(step: &mut Step<'_>) -> Result<(), Refused> {
    only_in(step, Progress::InProcess)?;
    if !step.order.under_check {
        return Err(Refused::Stale);
    }
    apply(step, Reason::CustomerOther);
    Ok(())
}

fn only_in(step: &Step<'_>, progress: Progress) -> Result<(), Refused> {
    if step.progress() == progress { Ok(()) } else { Err(Refused::Stale) }
}

/// キャンセル申請: → 800, and everything that is held goes back.
fn apply(step: &mut Step<'_>, reason: Reason) {
    let id = i64::from(step.order.next_id());
    let applied = Some(step.now);
    // A change that still waited comes to nothing.
    let waiting = step.order.changes.iter_mut().filter(|change| change.kind == ChangeType::ChangeApplied);
    waiting.for_each(|change| change.kind = ChangeType::ChangeWithdrawn);
    let change = Change {
        id,
        kind: ChangeType::CancelApplied,
        detail: None,
        reason: Some(reason),
        applied,
        fixed: None,
        completed: None,
    };
    step.order.changes.push(change);
    step.order.under_check = false;
    step.order.caution = None;
    for kind in TimerKind::ALL {
        step.unset(kind);
    }
    step.go(Progress::AwaitingCancellation);
    give_back(step);
}

/// Asks for what has to go back; where nothing has to, the cancellation settles by itself.
fn give_back(step: &mut Step<'_>) {
    let settles_at = step.now.plus_micros(step.policy.answer_micros);
    let Some(payment) = step.order.payment_mut() else {
        step.set(TimerKind::Cancellation, settles_at);
        return;
    };
    payment.asked = None;
    let (amount, paid) = (payment.amount, payment.paid_in());
    let captured = matches!(payment.status, Status::Fixed | Status::SettlementRequested);
    match (payment.method.kind(), payment.authorization.clone()) {
        // The issuer took the money back already.
        _ if payment.status == Status::ChargedBack => step.set(TimerKind::Cancellation, settles_at),
        (Kind::Card, Some(held)) => {
            payment.status = if captured { Status::SettlementCancelling } else { Status::ProcedureCancelling };
            let authorization = held.id;
            let request =
                if captured { Request::Refund { authorization, amount } } else { Request::Void { authorization } };
            step.ask(request);
        }
        (Kind::Deferred, _) if captured || payment.status == Status::ProcedureDone => {
            payment.status = if captured { Status::SettlementCancelling } else { Status::ProcedureCancelling };
            step.ask(Request::Bill { amount: 0 });
        }
        (Kind::Prepaid, _) if paid > 0 => {
            payment.status = if captured { Status::SettlementCancelling } else { Status::ProcedureCancelling };
            secure::give_back(step, paid);
            step.set(TimerKind::Cancellation, settles_at);
        }
        (Kind::Card | Kind::Prepaid | Kind::Deferred | Kind::ShopSelected | Kind::Points, _) => {
            step.set(TimerKind::Cancellation, settles_at);
        }
    }
}

/// What was held went back, or did not.
pub(super) fn given_back(step: &mut Step<'_>, answer: &Answer) {
    let now = step.now;
    match answer {
        Answer::Done { .. } => finish(step),
        Answer::Refused => {
            if let Some(payment) = step.order.payment_mut() {
                payment.asked = None;
                payment.cancel_refused_at = Some(now);
                payment.status = match payment.status {
                    Status::SettlementCancelling => Status::FixedCancelRefused,
                    _ => Status::ProcedureCancelRefused,
                };
            }
        }
        Answer::OnHold => {}
    }
}

/// A cancellation that nobody has to be asked about is final.
pub(super) fn settles(step: &mut Step<'_>) -> Result<(), Refused> {
    only_in(step, Progress::AwaitingCancellation)?;
    finish(step);
    Ok(())
}

/// キャンセル確定: 800 → 900.
fn finish(step: &mut Step<'_>) {
    let now = step.now;
    let was_settled = step.order.settled.take().is_some();
    let charged_back = step.order.payment().is_some_and(|payment| payment.status == Status::ChargedBack);
    if let Some(payment) = step.order.payment_mut() {
        payment.asked = None;
        payment.cancelled_at = Some(now);
        payment.status = match (was_settled, payment.status) {
            (_, kept @ (Status::None | Status::ChargedBack)) => kept,
            (true, _) | (false, Status::SettlementCancelling) => Status::SettlementCancelled,
            (false, _) => Status::ProcedureCancelled,
        };
        // The company of a deferred payment bills nothing any more. Another refund that was refused stays so.
        let over = payment.method.kind() == Kind::Deferred;
        for refund in payment.refunds.iter_mut().filter(|refund| refund.done.is_none() && (over || !refund.refused)) {
            (refund.done, refund.refused) = (Some(now), false);
        }
    }
    let applied = step
        .order
        .changes
        .iter_mut()
        .rev()
        .find(|change| matches!(change.kind, ChangeType::CancelApplied | ChangeType::CancelFixed));
    if let Some(change) = applied {
        let fixed = change.fixed.or(Some(now));
        (change.kind, change.fixed, change.completed) = (ChangeType::CancelCompleted, fixed, Some(now));
    }
    if was_settled {
        let promised = settle::promised_to_the_shop(&step.order);
        let paid = if charged_back { 0 } else { settle::owed_to_the_shop(&step.order) - promised };
        step.post(&[Line::GivenBack(paid), Line::TakenBack(promised)]);
    }
    step.go(Progress::Cancelled);
    step.tell(Notice::Cancelled);
}

/// cancelOrderAfterShipping: request and confirmation in one go (contract 3.14).
pub(super) fn after_shipping(step: &mut Step<'_>, reason: Reason) -> Result<(), Refused> {
    match step.progress() {
        Progress::Shipped | Progress::SettlementInProgress | Progress::Settled => {}
        // A request that was filed and refused is filed again; one that runs goes on.
        Progress::AwaitingCancellation => {
            if step.order.payment().is_none_or(|payment| payment.asked.is_none()) {
                give_back(step);
            }
            return Ok(());
        }
        Progress::Cancelled => return Err(Refused::Cancelled),
        Progress::AwaitingConfirmation
        | Progress::InProcess
        | Progress::AwaitingShipment
        | Progress::AwaitingChange => return Err(Refused::Status),
    }
    apply(step, reason);
    let (now, applied) = (step.now, step.order.changes.iter_mut().next_back());
    if let Some(change) = applied.filter(|change| change.kind == ChangeType::CancelApplied) {
        (change.kind, change.fixed) = (ChangeType::CancelFixed, Some(now));
    }
    Ok(())
}

impl Request {
    /// Whether a cancellation waits for its answer.
    pub fn gives_back(&self) -> bool {
        match self {
            Request::Void { .. } | Request::Refund { .. } | Request::Return { .. } => true,
            Request::Bill { amount } => *amount == 0,
            Request::Authorize { .. } | Request::Capture { .. } | Request::Screen { .. } | Request::CheckFraud => false,
        }
    }
}

//! 発送待ち: shipping dates as plans, new authorizations before them, the nightly report (seed 002 "出荷予定日連携").

use kernel::Timestamp;

use super::{Notice, Refused, Request, Step, TimerKind, settle};
use crate::code::{Kind, Progress, Status};
use crate::order::{Authorization, Caution, Order, ShippingReport};

/// The shop changed parcels.
pub(super) fn changed(step: &mut Step<'_>, order: &Order) -> Result<(), Refused> {
    match step.progress() {
        Progress::AwaitingCancellation | Progress::Cancelled => return Err(Refused::Cancelled),
        // 出荷予定日連携: plans can be sent while the mall secures the payment.
        Progress::InProcess | Progress::AwaitingShipment | Progress::AwaitingChange => {}
        // After the report, numbers and dates are corrected; the status stays.
        Progress::Shipped | Progress::SettlementInProgress | Progress::Settled => {}
        Progress::AwaitingConfirmation => return Err(Refused::Status),
    }
    step.order.packages.clone_from(&order.packages);
    step.order.last_id = step.order.last_id.max(order.last_id);
    plan(step);
    Ok(())
}

/// Sets the timers that the shipping dates of an order ask for.
pub(super) fn plan(step: &mut Step<'_>) {
    match step.progress() {
        Progress::AwaitingShipment => {}
        Progress::AwaitingConfirmation
        | Progress::InProcess
        | Progress::AwaitingChange
        | Progress::Shipped
        | Progress::SettlementInProgress
        | Progress::Settled
        | Progress::AwaitingCancellation
        | Progress::Cancelled => return,
    }
    match step.order.shipping_report() {
        // It never ships early: the midnight after its last date, at the earliest the next one.
        ShippingReport::Complete { last } => {
            let closes = last.0.max(step.now.jst_date()).plus_days(1).start();
            step.set(TimerKind::Nightly, closes);
        }
        ShippingReport::Incomplete => step.unset(TimerKind::Nightly),
    }
    watch_authorization(step);
}

/// オーソリ lives 30 days; with a shipping date beyond them a new one is made seven days before it, at once if that day is
/// past.
fn watch_authorization(step: &mut Step<'_>) {
    let Some(payment) = step.order.payment() else { return };
    if payment.method.kind() != Kind::Card {
        return;
    }
    let held = payment.authorization.clone();
    let waits = payment.status == Status::ProcedureWaiting;
    let ends = held.as_ref().map(|held| authorization_end(step, held));
    match ends {
        Some(ends) => step.set(TimerKind::AuthorizationEnd, ends),
        None => step.unset(TimerKind::AuthorizationEnd),
    }
    let planned = step.order.last_shipping_date().map(|day| day.0);
    let beyond = planned.filter(|day| ends.map_or(waits, |ends| day.start() >= ends));
    match beyond {
        Some(day) => {
            let due = day.plus_days(-step.policy.reauthorization_days).start();
            step.set(TimerKind::Reauthorization, due.max(step.now));
            if step.order.caution == Some(Caution::NoShippingDate) {
                step.order.caution = None;
            }
        }
        None => {
            step.unset(TimerKind::Reauthorization);
            // The date that a new authorization was to be made for was taken back.
            if waits && step.order.caution.is_none() {
                step.order.caution = Some(Caution::NoShippingDate);
            }
        }
    }
}

/// The first instant at which an authorization counts no more.
fn authorization_end(step: &Step<'_>, held: &Authorization) -> Timestamp {
    held.since.jst_date().plus_days(step.policy.authorization_days + 1).start()
}

/// Seven days before the planned date.
pub(super) fn reauthorize(step: &mut Step<'_>) -> Result<(), Refused> {
    if step.progress() != Progress::AwaitingShipment {
        return Err(Refused::Stale);
    }
    let Some(payment) = step.order.payment() else { return Err(Refused::Stale) };
    let card = payment.card.as_ref().map(|card| card.token.clone());
    let (Kind::Card, Some(card), None) = (payment.method.kind(), card, payment.asked) else {
        return Err(Refused::Stale);
    };
    let amount = payment.amount;
    super::secure::requested(step);
    step.ask(Request::Authorize { card, amount });
    Ok(())
}

/// Its 30 days are over, and it was not shipped: the shop has to name a date, unless a new one is coming.
pub(super) fn authorization_ends(step: &mut Step<'_>) -> Result<(), Refused> {
    if step.progress() != Progress::AwaitingShipment {
        return Err(Refused::Stale);
    }
    let Some(held) = step.order.payment().and_then(|payment| payment.authorization.clone()) else {
        return Err(Refused::Stale);
    };
    if step.now < authorization_end(step, &held) {
        return Err(Refused::Stale);
    }
    // What this midnight reports is claimed with the authorization that ends at it.
    if matches!(step.order.shipping_report(), ShippingReport::Complete { last } if last.0 < step.now.jst_date()) {
        return nightly(step);
    }
    let planned = step.order.last_shipping_date().is_some_and(|day| day.0.start() >= step.now);
    if step.order.caution.is_none() && !planned {
        step.order.caution = Some(Caution::NoShippingDate);
    }
    if let Some(payment) = step.order.payment_mut() {
        payment.authorization = None;
        payment.status = Status::ProcedureWaiting;
    }
    step.release(Request::Void { authorization: held.id });
    Ok(())
}

/// Midnight: a complete report closes the order, if its money is secured.
pub(super) fn nightly(step: &mut Step<'_>) -> Result<(), Refused> {
    if step.progress() != Progress::AwaitingShipment {
        return Err(Refused::Stale);
    }
    let ShippingReport::Complete { last } = step.order.shipping_report() else { return Err(Refused::Stale) };
    if last.0 >= step.now.jst_date() {
        step.set(TimerKind::Nightly, last.0.plus_days(1).start());
        return Ok(());
    }
    let secured = match step.order.payment().map(|payment| payment.status) {
        Some(Status::ProcedureDone | Status::None) => true,
        Some(_) | None => false,
    };
    if !secured {
        // The next night looks again; the caution says who has to act.
        step.set(TimerKind::Nightly, step.now.jst_date().plus_days(1).start());
        return Ok(());
    }
    for kind in [TimerKind::AuthorizationEnd, TimerKind::Reauthorization] {
        step.unset(kind);
    }
    step.order.reported = Some(step.now);
    step.go(Progress::Shipped);
    step.tell(Notice::Shipped);
    settle::claim(step);
    Ok(())
}

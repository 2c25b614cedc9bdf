//! updateOrderSender, updateOrderSenderAfterShipping, updateOrderOrderer, updateOrderDelivery and simulateCouponAmount
//! (contract, 3.11, 3.12, 3.15 to 3.17): other versions of an order.

use serde_json::Value;
use store::StoreError;

use super::answer::{Answer, message_list};
use super::request::Call;
use crate::code::{Method, Progress};
use crate::denied::Denied;
use crate::market::{self, Seen, rows};
use crate::order::{Order, OrderNumber};
use crate::progress::{Edit, Event, Policy, Refused};
use crate::wire::{Json, Message, Operation, Reader, Severity, notes, refused, sender, simulate};

pub(super) async fn update_order_sender(call: Call) -> Result<Answer, StoreError> {
    edited(call, |operation, body, seen| {
        allowed(operation, seen.order.progress)?;
        sender::read(operation, &mut Reader::new(operation, body), seen.order).map_err(Denied::Messages)
    })
    .await
}

pub(super) async fn update_order_orderer(call: Call) -> Result<Answer, StoreError> {
    edited(call, |operation, body, seen| {
        sender::read_orderer(&mut Reader::new(operation, body), seen.order).map_err(Denied::Messages)
    })
    .await
}

pub(super) async fn update_order_delivery(call: Call) -> Result<Answer, StoreError> {
    if let Err(faults) = notes::read_delivery(&mut call.reader(), &delivery_names(true)) {
        return Ok(call.faulty(faults));
    }
    edited(call, |operation, body, seen| {
        let names = delivery_names(seen.policy.trackable_mail);
        let read = notes::read_delivery(&mut Reader::new(operation, body), &names);
        let (_, name) = read.map_err(Denied::Messages)?;
        let mut order = seen.order.clone();
        order.notes.delivery_name = name;
        Ok(Edit { order, reason: None, method: None })
    })
    .await
}

/// 配送方法 that a shop has: 追跡可能メール便 only where it is set (seed 004).
fn delivery_names(has_trackable_mail: bool) -> Vec<&'static str> {
    notes::DELIVERY_NAMES.into_iter().filter(|name| has_trackable_mail || *name != "追跡可能メール便").collect()
}

type ReadEdit = fn(Operation, &Value, Seen<'_>) -> Result<Edit, Denied>;

/// Another version of the order that the body names, as `read` reads it onto the one there is.
async fn edited(call: Call, read: ReadEdit) -> Result<Answer, StoreError> {
    let number = match number(&call) {
        Ok(number) => number,
        Err(faults) => return Ok(call.faulty(faults)),
    };
    let (done, operation, body) = (call.done(&number), call.operation, call.body.clone());
    let changed = call.change(&number, move |tx, shop, number, by| {
        let event = |seen: Seen<'_>| {
            let edit = read(operation, &body, seen)?;
            if edit.reason.is_none() && needs_reason(operation, seen.order) {
                return Err(Refused::NoReason.into());
            }
            Ok(Event::Edited(Box::new(edit)))
        };
        market::act::<Denied>(tx, shop, number, by, event).map(|_| vec![done.clone()])
    });
    let changed = changed.await?;
    Ok(call.about_one(changed))
}

/// Deferred payment after the shipping report asks for a reason, whatever becomes of the amount (contract 3.11, 3.15).
fn needs_reason(operation: Operation, order: &Order) -> bool {
    let says_reasons = operation != Operation::UpdateOrderDelivery;
    says_reasons && order.method == Method::Deferred && order.reported.is_some()
}

fn number(call: &Call) -> Result<String, Vec<Message>> {
    sender::number(&mut call.reader())
}

/// The statuses of contract section 3, "Allowed orderProgress".
fn allowed(operation: Operation, progress: Progress) -> Result<(), Refused> {
    let before = match progress {
        Progress::AwaitingConfirmation | Progress::InProcess | Progress::AwaitingShipment => true,
        Progress::Shipped | Progress::SettlementInProgress | Progress::Settled => false,
        Progress::AwaitingChange => return Err(Refused::Running),
        Progress::AwaitingCancellation | Progress::Cancelled => return Err(Refused::Cancelled),
    };
    match operation {
        Operation::UpdateOrderSender if !before => Err(Refused::Status),
        Operation::UpdateOrderSenderAfterShipping if before => Err(Refused::Status),
        _ => Ok(()),
    }
}

pub(super) async fn simulate_coupon_amount(call: Call) -> Result<Answer, StoreError> {
    let number = match number(&call) {
        Ok(number) => number,
        Err(faults) => return Ok(call.faulty(faults)),
    };
    let shop = call.shop;
    let known = number.parse::<OrderNumber>().ok();
    let load = move |tx: &mut store::Tx<'_>| {
        let Some(known) = known else { return Ok(None) };
        let found = rows::find(tx, shop, known)?;
        let policy = rows::shop_of(tx, shop)?.map(|shop| shop.policy());
        Ok::<_, StoreError>(found.zip(policy))
    };
    let Some((order, policy)) = call.rms.store().read(load).await? else {
        return Ok(call.about_one(Err(vec![refused::no_such_order(call.operation, &number)])));
    };
    match simulated(&call, &order, &policy) {
        Ok(after) => Ok(simulation(&call, &order, &after)),
        Err(denied) => denied.messages(call.operation, &number).map(|messages| call.about_one(Err(messages))),
    }
}

/// The order as the change would make it; nothing is decided about it.
fn simulated(call: &Call, order: &Order, policy: &Policy) -> Result<Order, Denied> {
    allowed(call.operation, order.progress)?;
    let edit = sender::read(call.operation, &mut call.reader(), order).map_err(Denied::Messages)?;
    let mut after = edit.order;
    let leaves_deferred = order.method == Method::Deferred && edit.method.is_some_and(|to| to != Method::Deferred);
    if leaves_deferred {
        after.payment_charge -= policy.deferred_fee.min(after.payment_charge);
    }
    Ok(after)
}

fn simulation(call: &Call, before: &Order, after: &Order) -> Answer {
    let message = Message::new(call.operation, Severity::Info, 101, notes::done_text(call.operation));
    let message = message.of_order(before.number.to_string());
    let view = Json::Model(simulate::view(before, after));
    Answer::good(message_list(vec![message]).put("SimulateCouponAmountModel", view))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_those_of_the_contract() {
        // Contract, section 3: 100, 200, 300 before shipping; 500, 600, 700 after it; both for the simulation.
        let of = |operation: Operation| {
            let fits = |progress: &&Progress| allowed(operation, **progress).is_ok();
            Progress::ALL.iter().filter(fits).map(|progress| progress.code()).collect::<Vec<_>>()
        };
        assert_eq!(of(Operation::UpdateOrderSender), [100, 200, 300]);
        assert_eq!(of(Operation::UpdateOrderSenderAfterShipping), [500, 600, 700]);
        assert_eq!(of(Operation::SimulateCouponAmount), [100, 200, 300, 500, 600, 700]);
    }

    #[test]
    fn trackable_mail_is_there_for_who_set_it() {
        assert!(delivery_names(true).contains(&"追跡可能メール便"));
        assert!(!delivery_names(false).contains(&"追跡可能メール便") && delivery_names(false).contains(&"宅配便"));
    }
}

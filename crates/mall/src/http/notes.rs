//! getSubStatusList, updateOrderSubStatus, updateOrderMemo, updateOrderRemarks (contract, 3.7 to 3.10): what the shop writes
//! on orders.

use store::StoreError;

use super::answer::{Answer, message_list};
use super::request::Call;
use super::switches::Switch;
use crate::denied::Denied;
use crate::market;
use crate::order::Order;
use crate::progress::{Noting, may_note};
use crate::sub_status::{self, SubStatus};
use crate::wire::{Message, Operation, Severity, notes, sub_status as sub_status_wire};

pub(super) async fn get_sub_status_list(call: Call) -> Result<Answer, StoreError> {
    let shop = call.shop;
    let all = call.rms.store().read(move |tx| sub_status::rows::of_shop(tx, shop)).await?;
    let text = notes::done_text(call.operation);
    let message = Message::new(call.operation, Severity::Info, 101, text);
    Ok(Answer::good(message_list(vec![message]).put("StatusModelList", sub_status_wire::view(&all))))
}

pub(super) async fn update_order_sub_status(call: Call) -> Result<Answer, StoreError> {
    let (wanted, numbers) = match notes::read_sub_status(&mut call.reader()) {
        Ok(read) => read,
        Err(faults) => return Ok(call.faulty(faults)),
    };
    let mut messages = Vec::with_capacity(numbers.len());
    let any = call.has(Switch::AnySubStatus);
    for number in &numbers {
        let noted = call.change(number, move |tx, shop, number, by| {
            let all = sub_status::rows::of_shop(tx, shop)?;
            market::note(tx, shop, number, (by, "mall.sub_status"), |seen| {
                may_note(seen.order, Noting::Anything)?;
                if wanted.is_some_and(|id| !fits(&all, id, seen.order, any)) {
                    let message = wrong_sub_status(Operation::UpdateOrderSubStatus, &seen.order.number.to_string());
                    return Err(Denied::Messages(vec![message]));
                }
                let mut order = seen.order.clone();
                order.notes.sub_status = wanted;
                Ok(order)
            })
            .map(|_| ())
        });
        match noted.await? {
            Ok(()) => messages.push(call.done(number)),
            Err(refused) => messages.extend(refused),
        }
    }
    Ok(call.about_many(messages))
}

/// Whether an order may have a sub-status: one of its status, unless the switch allows any.
fn fits(all: &[SubStatus], id: i64, order: &Order, any: bool) -> bool {
    if any { all.iter().any(|sub| sub.id == id) } else { sub_status::fits(all, id, order.progress) }
}

/// UPDATE_ORDERSUBSTATUS_ERROR_102; of a memo 108, because its 102 says that the order is cancelled.
fn wrong_sub_status(operation: Operation, number: &str) -> Message {
    let text = "指定された注文番号、サブステータスでは更新できません。";
    let code = if operation == Operation::UpdateOrderMemo { 108 } else { 102 };
    Message::new(operation, Severity::Error, code, text).of_order(number)
}

pub(super) async fn update_order_memo(call: Call) -> Result<Answer, StoreError> {
    let memo = match notes::read_memo(&mut call.reader()) {
        Ok(memo) => memo,
        Err(faults) => return Ok(call.faulty(faults)),
    };
    let number = memo.number.clone();
    let (done, any) = (call.done(&number), call.has(Switch::AnySubStatus));
    let noted = call.change(&number, move |tx, shop, number, by| {
        let all = sub_status::rows::of_shop(tx, shop)?;
        market::note(tx, shop, number, (by, "mall.memo"), |seen| {
            let noting = if memo.is_delivery_only() { Noting::Delivery } else { Noting::Anything };
            may_note(seen.order, noting)?;
            if memo.sub_status.is_some_and(|id| !fits(&all, id, seen.order, any)) {
                let message = wrong_sub_status(Operation::UpdateOrderMemo, &memo.number);
                return Err(Denied::Messages(vec![message]));
            }
            let mut order = seen.order.clone();
            memo.apply(&mut order);
            Ok(order)
        })
        .map(|_| vec![done.clone()])
    });
    let noted = noted.await?;
    Ok(call.about_one(noted))
}

pub(super) async fn update_order_remarks(call: Call) -> Result<Answer, StoreError> {
    let remarks = match notes::read_remarks(&mut call.reader()) {
        Ok(remarks) => remarks,
        Err(faults) => return Ok(call.faulty(faults)),
    };
    let number = remarks.number.clone();
    let done = call.done(&number);
    let noted = call.change(&number, move |tx, shop, number, by| {
        market::note(tx, shop, number, (by, "mall.remarks"), |seen| {
            may_note(seen.order, Noting::Anything)?;
            let mut order = seen.order.clone();
            remarks.apply(&mut order);
            Ok::<_, Denied>(order)
        })
        .map(|_| vec![done.clone()])
    });
    let noted = noted.await?;
    Ok(call.about_one(noted))
}

//! The operations: one table of what they are called, and who answers. The function of a licence that each needs has its
//! name ([`crate::licence::Functions`]).

use std::pin::Pin;

use store::StoreError;

use super::answer::Answer;
use super::request::Call;
use super::{cancel, confirm, edit, notes, payment, read, search, shipping};
use crate::wire::Operation;

/// What answers: runs to its end, whatever becomes of who asked.
pub(super) type Answering = Pin<Box<dyn Future<Output = Result<Answer, StoreError>> + Send>>;

/// An operation and who answers it.
pub struct Entry {
    /// The operation; its path ends in its name.
    pub operation: Operation,
    pub(super) answer: fn(Call) -> Answering,
}

const fn entry(operation: Operation, answer: fn(Call) -> Answering) -> Entry {
    Entry { operation, answer }
}

/// Every operation, in the order of the contract's section 3.
pub const TABLE: [Entry; 18] = [
    entry(Operation::SearchOrder, |call| Box::pin(search::search_order(call))),
    entry(Operation::GetOrder, |call| Box::pin(read::get_order(call))),
    entry(Operation::ConfirmOrder, |call| Box::pin(confirm::confirm_order(call))),
    entry(Operation::UpdateOrderShipping, |call| Box::pin(shipping::update_order_shipping(call))),
    entry(Operation::UpdateOrderShippingAsync, |call| Box::pin(shipping::update_order_shipping_async(call))),
    entry(Operation::GetResultUpdateOrderShippingAsync, |call| Box::pin(shipping::get_result(call))),
    entry(Operation::GetSubStatusList, |call| Box::pin(notes::get_sub_status_list(call))),
    entry(Operation::UpdateOrderSubStatus, |call| Box::pin(notes::update_order_sub_status(call))),
    entry(Operation::UpdateOrderMemo, |call| Box::pin(notes::update_order_memo(call))),
    entry(Operation::UpdateOrderRemarks, |call| Box::pin(notes::update_order_remarks(call))),
    entry(Operation::UpdateOrderSender, |call| Box::pin(edit::update_order_sender(call))),
    entry(Operation::UpdateOrderSenderAfterShipping, |call| Box::pin(edit::update_order_sender(call))),
    entry(Operation::CancelOrder, |call| Box::pin(cancel::cancel_order(call))),
    entry(Operation::CancelOrderAfterShipping, |call| Box::pin(cancel::cancel_order(call))),
    entry(Operation::UpdateOrderOrderer, |call| Box::pin(edit::update_order_orderer(call))),
    entry(Operation::UpdateOrderDelivery, |call| Box::pin(edit::update_order_delivery(call))),
    entry(Operation::SimulateCouponAmount, |call| Box::pin(edit::simulate_coupon_amount(call))),
    entry(Operation::GetPayment, |call| Box::pin(payment::get_payment(call))),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_its_place() {
        let listed: Vec<Operation> = TABLE.iter().map(|entry| entry.operation).collect();
        assert_eq!(listed, Operation::ALL);
    }
}

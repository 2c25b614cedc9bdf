//! cancelOrder and cancelOrderAfterShipping (contract, 3.13 and 3.14).

use store::StoreError;

use super::answer::Answer;
use super::request::Call;
use crate::denied::Denied;
use crate::market;
use crate::progress::Event;
use crate::wire::{Operation, cancel};

pub(super) async fn cancel_order(call: Call) -> Result<Answer, StoreError> {
    let wanted = match cancel::read(&mut call.reader()) {
        Ok(wanted) => wanted,
        Err(faults) => return Ok(call.faulty(faults)),
    };
    let done = call.done(&wanted.number);
    let (reason, restock) = (wanted.reason, wanted.restock);
    let event = match call.operation {
        Operation::CancelOrderAfterShipping => Event::ShopCancelsAfterShipping { reason, restock },
        _ => Event::ShopCancels { reason, restock },
    };
    let cancelled = call.change(&wanted.number, move |tx, shop, number, by| {
        market::act(tx, shop, number, by, |_| Ok::<_, Denied>(event.clone())).map(|_| vec![done.clone()])
    });
    let cancelled = cancelled.await?;
    Ok(call.about_one(cancelled))
}

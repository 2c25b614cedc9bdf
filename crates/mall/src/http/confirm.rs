//! confirmOrder (contract, 3.3): each order by itself, each with its message.

use store::StoreError;

use super::answer::Answer;
use super::request::Call;
use crate::denied::Denied;
use crate::market;
use crate::progress::Event;
use crate::wire::confirm;

pub(super) async fn confirm_order(call: Call) -> Result<Answer, StoreError> {
    let numbers = match confirm::read(&mut call.reader()) {
        Ok(numbers) => numbers,
        Err(faults) => return Ok(call.faulty(faults)),
    };
    let mut messages = Vec::with_capacity(numbers.len());
    for number in &numbers {
        let confirmed = call.change(number, |tx, shop, number, by| {
            market::act(tx, shop, number, by, |_| Ok::<_, Denied>(Event::Confirm)).map(|_| ())
        });
        match confirmed.await? {
            Ok(()) => messages.push(call.done(number)),
            Err(refused) => messages.extend(refused),
        }
    }
    Ok(call.about_many(messages))
}

//! getPayment (contract, 3.18).

use store::StoreError;

use super::answer::{Answer, message_list};
use super::request::Call;
use super::switches::Switch;
use crate::market::rows;
use crate::order::OrderNumber;
use crate::wire::{Json, Message, Severity, get_payment, notes, refused};

pub(super) async fn get_payment(call: Call) -> Result<Answer, StoreError> {
    let (number, version) = match get_payment::read(&mut call.reader(), call.has(Switch::OldVersions)) {
        Ok(read) => read,
        Err(faults) => return Ok(Answer::wrong(message_list(faults).put("OrderModel", Json::Null))),
    };
    let shop = call.shop;
    let order = match number.parse::<OrderNumber>() {
        Ok(known) => call.rms.store().read(move |tx| rows::find(tx, shop, known)).await?,
        Err(_) => None,
    };
    let Some(order) = order else {
        let message = refused::no_such_order(call.operation, &number);
        let body = message_list(vec![message]).put("OrderModel", Json::Null);
        return Ok(Answer::of(call.refused_status(), body));
    };
    let text = notes::done_text(call.operation);
    let message = Message::new(call.operation, Severity::Info, 101, text).of_order(number);
    Ok(Answer::good(message_list(vec![message]).put("OrderModel", get_payment::view(&order, version))))
}

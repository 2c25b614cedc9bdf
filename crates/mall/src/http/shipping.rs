//! updateOrderShipping, updateOrderShippingAsync and getResultUpdateOrderShippingAsync (contract, 3.4 to 3.6).

use kernel::outside::random_hex;
use store::{StoreError, Tx};

use super::answer::Answer;
use super::frame::uuid;
use super::request::Call;
use super::switches::Switch;
use crate::shipping_job::{self, Found, Sent};
use crate::wire::shipping::{self, Dates, Limit, Reading};
use crate::wire::shipping_async::{self, Outcome};
use crate::wire::{Members, Message};

fn reading(call: &Call) -> Reading {
    Reading {
        dates: if call.has(Switch::CompactShippingDates) { Dates::CompactToo } else { Dates::Usual },
        limit: if call.has(Switch::Rows151) { Limit::Request } else { Limit::Destination },
    }
}

/// Messages, those of rows without their order's number where that is how it is.
fn worded(call: &Call, messages: Vec<Message>) -> Vec<Message> {
    if !call.has(Switch::RowsWithoutOrder) {
        return messages;
    }
    messages.into_iter().map(Message::of_a_row_alone).collect()
}

pub(super) async fn update_order_shipping(call: Call) -> Result<Answer, StoreError> {
    let report = match shipping::read(call.operation, &mut call.reader(), reading(&call)) {
        Ok(report) => report,
        Err(faults) => return Ok(call.faulty(faults)),
    };
    let number = report.number.clone();
    let changed = call.change(&number, move |tx, shop, number, by| shipping_job::report(tx, shop, number, by, &report));
    let changed = changed.await?;
    let changed = changed.map_err(|messages| messages.into_iter().map(Message::with_row).collect());
    let changed = changed.map(|messages| worded(&call, messages)).map_err(|messages| worded(&call, messages));
    Ok(call.about_one(changed))
}

pub(super) async fn update_order_shipping_async(call: Call) -> Result<Answer, StoreError> {
    if let Err(faults) = shipping_async::read(&mut call.reader(), reading(&call)) {
        // FUN's sample: 200, though nothing was accepted.
        return Ok(Answer::messages(if call.has(Switch::AsyncErrors400) { 400 } else { 200 }, faults));
    }
    let uuid = uuid(&random_hex::<16>(call.rms.market().entropy()));
    let (shop, limit) = (call.shop, reading(&call).limit);
    let sent = Sent { licence: call.licence.clone(), body: call.body.to_string(), limit };
    let accept = move |tx: &mut Tx<'_>| shipping_job::accept(tx, shop, &uuid, &sent);
    let request = call.rms.store().write(accept).await?;
    Ok(Answer::messages(200, vec![shipping_async::accepted(&request)]))
}

pub(super) async fn get_result(call: Call) -> Result<Answer, StoreError> {
    let mut reader = call.reader();
    let Some(request) = reader.text("requestId", 200) else {
        let list = shipping_async::alone(reader.messages());
        return Ok(Answer::wrong(Members::new().put("ResultShippingModelList", list)));
    };
    let shop = call.shop;
    let found = call.rms.store().read(move |tx| shipping_job::find(tx, shop, &request)).await?;
    let list = match found {
        Found::Done(orders) => {
            let one = |outcome: Outcome| Outcome { messages: worded(&call, outcome.messages), ..outcome };
            shipping_async::results(orders.into_iter().map(one).collect())
        }
        Found::Nothing => shipping_async::alone(vec![shipping_async::no_result()]),
    };
    Ok(Answer::good(Members::new().put("ResultShippingModelList", list)))
}

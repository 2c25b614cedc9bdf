//! updateOrderShipping, updateOrderShippingAsync and getResultUpdateOrderShippingAsync (contract, 3.4 to 3.6).

use kernel::outside::random_hex;
use store::{StoreError, Tx};

use super::answer::Answer;
use super::frame::uuid;
use super::request::Call;
use super::switches::Switch;
use crate::shipping_job::{self, Found};
use crate::wire::shipping::{self, Dates};
use crate::wire::{Members, shipping_async};

fn dates(call: &Call) -> Dates {
    if call.has(Switch::CompactShippingDates) { Dates::CompactToo } else { Dates::Usual }
}

pub(super) async fn update_order_shipping(call: Call) -> Result<Answer, StoreError> {
    let report = match shipping::read(call.operation, &mut call.reader(), dates(&call)) {
        Ok(report) => report,
        Err(faults) => return Ok(Answer::messages(400, faults)),
    };
    let number = report.number.clone();
    let changed = call.change(&number, move |tx, shop, number, by| shipping_job::report(tx, shop, number, by, &report));
    let changed = changed.await?;
    let changed = changed.map_err(|messages| messages.into_iter().map(|message| message.with_row()).collect());
    Ok(call.about_one(changed))
}

pub(super) async fn update_order_shipping_async(call: Call) -> Result<Answer, StoreError> {
    if let Err(faults) = shipping_async::read(&mut call.reader(), dates(&call)) {
        // FUN's sample: 200, though nothing was accepted.
        return Ok(Answer::messages(if call.has(Switch::AsyncErrors400) { 400 } else { 200 }, faults));
    }
    let uuid = uuid(&random_hex::<16>(call.rms.market().entropy()));
    let (shop, licence, body) = (call.shop, call.licence.clone(), call.body.to_string());
    let accept = move |tx: &mut Tx<'_>| shipping_job::accept(tx, shop, &licence, &uuid, &body);
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
        Found::Done(results) => results,
        Found::Nothing => shipping_async::alone(vec![shipping_async::no_result()]),
    };
    Ok(Answer::good(Members::new().put("ResultShippingModelList", list)))
}

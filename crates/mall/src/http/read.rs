//! getOrder (contract, 3.2).

use std::collections::BTreeSet;

use kernel::{Environment, ShopId};
use store::{StoreError, Tx, clock};

use super::answer::{Answer, message_list};
use super::request::Call;
use super::switches::Switch;
use crate::market::rows;
use crate::order::{Order, OrderNumber};
use crate::sub_status;
use crate::wire::get_order::{self, ShopWords, Wanted};
use crate::wire::search::Days;
use crate::wire::{Json, Members, Message, Operation, Severity, Version};

/// The version from which on the answer says which version it is.
const SAYS_VERSION: u8 = 6;

pub(super) async fn get_order(call: Call) -> Result<Answer, StoreError> {
    let wanted = match get_order::read(&mut call.reader(), call.has(Switch::OldVersions)) {
        Ok(wanted) => wanted,
        Err(faults) => return Ok(Answer::wrong(message_list(faults).put("OrderModelList", Json::Null))),
    };
    let (shop, days) = (call.shop, call.days());
    let numbers = known(&wanted);
    let (orders, words) = call.rms.store().read(move |tx| load(tx, shop, &numbers, days)).await?;
    Ok(Answer::good(shown(&wanted, &orders, &words, call.has(Switch::SilentMissing))))
}

/// The numbers that can be numbers, each once, in the order in which they were sent.
fn known(wanted: &Wanted) -> Vec<OrderNumber> {
    let mut seen = BTreeSet::new();
    let numbers = wanted.numbers.iter().filter_map(|number| number.parse::<OrderNumber>().ok());
    numbers.filter(|number| seen.insert(*number)).collect()
}

/// Those of them that are not older than 730 days.
fn load(
    tx: &mut Tx<'_>,
    shop: ShopId,
    numbers: &[OrderNumber],
    days: Days,
) -> Result<(Vec<Order>, ShopWords), StoreError> {
    let oldest = days.oldest(clock::world_now(tx, shop, Environment::Sandbox)?);
    let mut orders = rows::find_many(tx, shop, numbers)?;
    orders.retain(|order| oldest <= order.placed);
    let words = if orders.iter().any(|order| order.notes.sub_status.is_some()) {
        let all = sub_status::rows::of_shop(tx, shop)?;
        ShopWords { sub_statuses: all.into_iter().map(|sub| (sub.id, sub.name)).collect() }
    } else {
        ShopWords::default()
    };
    Ok((orders, words))
}

fn shown(wanted: &Wanted, orders: &[Order], words: &ShopWords, is_silent: bool) -> Members {
    let mut messages = vec![get_order::found(orders.len())];
    if !is_silent {
        let found: BTreeSet<String> = orders.iter().map(|order| order.number.to_string()).collect();
        let missing = wanted.numbers.iter().filter(|number| !found.contains(*number));
        messages.extend(missing.map(|number| missing_order(number)));
    }
    let Wanted { version, .. } = wanted;
    let orders: Vec<Members> = orders.iter().map(|order| get_order::view(order, *version, words)).collect();
    let Version(number) = *version;
    message_list(messages).put("OrderModelList", orders).since(*version, SAYS_VERSION, "version", i64::from(number))
}

/// GET_ORDER_WARNING_101.
fn missing_order(number: &str) -> Message {
    let text = "指定された注文番号の受注情報を取得できませんでした。";
    Message::new(Operation::GetOrder, Severity::Warning, 101, text).of_order(number)
}

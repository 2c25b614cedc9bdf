//! updateOrderShippingAsync and getResultUpdateOrderShippingAsync (contract, 3.5 and 3.6): reports of many orders, accepted now
//! and done later.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::members::{Json, Members};
use super::message::{Fault, Message, Operation, Severity};
use super::read::Reader;
use super::shipping::{self, ORDERS_MAX, Reading, Report};

/// Reads a request; otherwise a message for each faulty member, with the order and the row it stands in.
pub fn read(reader: &mut Reader<'_>, reading: Reading) -> Result<Vec<Report>, Vec<Message>> {
    let operation = Operation::UpdateOrderShippingAsync;
    let orders = reader.list("OrderShippingModelList", ORDERS_MAX).unwrap_or_default();
    let mut faults = reader.messages();
    let (mut reports, mut seen) = (Vec::<Report>::new(), BTreeSet::new());
    for order in orders {
        match shipping::read(operation, &mut Reader::new(operation, order), reading) {
            Ok(report) if seen.insert(report.number.clone()) => reports.push(report),
            Ok(twice) => {
                let fault = Message::fault(operation, "orderNumber", Fault::Format);
                faults.push(fault.of_order(twice.number).of_row(None, None));
            }
            Err(messages) => faults.extend(messages),
        }
    }
    if !reading.limit.holds(reports.iter().map(|report| report.rows.len()).sum()) {
        faults.push(Message::fault(operation, "OrderShippingModelList", Fault::Format).of_row(None, None));
    }
    if faults.is_empty() { Ok(reports) } else { Err(faults) }
}

/// 発送情報の更新を受付けました。
pub fn accepted(request: &str) -> Message {
    let text = "発送情報の更新を受付けました。";
    let message = Message::new(Operation::UpdateOrderShippingAsync, Severity::Info, 101, text);
    message.of_row(None, None).of_request(request)
}

/// Not done, not known, or too old: nobody can tell which.
pub fn no_result() -> Message {
    let text = "指定されたリクエストIDの処理結果は存在しませんでした。";
    Message::new(Operation::GetResultUpdateOrderShippingAsync, Severity::Info, 101, text)
}

/// An order of a request, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// 注文番号, as it was sent.
    #[serde(rename = "orderNumber")]
    pub number: String,
    /// A message for each row, or those that say why nothing was done.
    #[serde(rename = "MessageModelList")]
    pub messages: Vec<Message>,
}

/// `ResultShippingModelList`.
pub fn results(done: Vec<Outcome>) -> Json {
    let one =
        |outcome: Outcome| Members::new().put("orderNumber", outcome.number).put("MessageModelList", outcome.messages);
    done.into_iter().map(one).collect::<Vec<_>>().into()
}

/// The same with one element that is about no order.
pub fn alone(messages: Vec<Message>) -> Json {
    vec![Members::new().put("MessageModelList", messages)].into()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read_it(value: &Value) -> Result<usize, Vec<Value>> {
        let read = read(&mut Reader::new(Operation::UpdateOrderShippingAsync, value), Reading::default());
        read.map(|reports| reports.len())
            .map_err(|faults| faults.iter().map(|fault| serde_json::to_value(fault).unwrap()).collect())
    }

    fn order(number: &str) -> Value {
        let row = json!({ "deliveryCompany": "1001" });
        json!({ "orderNumber": number, "BasketidModelList": [{ "basketId": 1, "ShippingModelList": [row] }] })
    }

    #[test]
    fn an_order_stands_in_a_request_once() {
        let two = json!({ "OrderShippingModelList": [order("a"), order("b")] });
        assert_eq!(read_it(&two), Ok(2));
        let faults = read_it(&json!({ "OrderShippingModelList": [order("a"), order("a")] })).unwrap_err();
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0]["messageCode"], "ORDER_EXT_API_UPDATE_ORDERSHIPPING_ASYNC_ERROR_011");
        assert_eq!(faults[0]["message"], "orderNumberの書式が不正です。");
        assert_eq!(faults[0]["orderNumber"], "a");
    }

    #[test]
    fn a_hundred_orders_are_the_most() {
        let many = |count: usize| (0..count).map(|n| order(&n.to_string())).collect::<Vec<_>>();
        assert_eq!(read_it(&json!({ "OrderShippingModelList": many(100) })), Ok(100));
        let faults = read_it(&json!({ "OrderShippingModelList": many(101) })).unwrap_err();
        assert_eq!(faults[0]["message"], "OrderShippingModelListの書式が不正です。");
    }
}

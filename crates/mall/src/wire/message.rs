//! `MessageModelList` (contract, section 2): codes and their texts, one message for each faulty field.

use serde::{Deserialize, Deserializer, Serialize};

use super::members::{Json, Members};

/// INFO, WARNING or ERROR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Severity {
    /// It was done.
    Info,
    /// It was done, and something is to be noticed.
    Warning,
    /// It was not done.
    Error,
}

impl Severity {
    /// The word of the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "INFO",
            Severity::Warning => "WARNING",
            Severity::Error => "ERROR",
        }
    }
}

/// The operations of the API, in the order of the contract's section 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// searchOrder.
    SearchOrder,
    /// getOrder.
    GetOrder,
    /// confirmOrder.
    ConfirmOrder,
    /// updateOrderShipping.
    UpdateOrderShipping,
    /// updateOrderShippingAsync.
    UpdateOrderShippingAsync,
    /// getResultUpdateOrderShippingAsync.
    GetResultUpdateOrderShippingAsync,
    /// getSubStatusList.
    GetSubStatusList,
    /// updateOrderSubStatus.
    UpdateOrderSubStatus,
    /// updateOrderMemo.
    UpdateOrderMemo,
    /// updateOrderRemarks.
    UpdateOrderRemarks,
    /// updateOrderSender.
    UpdateOrderSender,
    /// updateOrderSenderAfterShipping.
    UpdateOrderSenderAfterShipping,
    /// cancelOrder.
    CancelOrder,
    /// cancelOrderAfterShipping.
    CancelOrderAfterShipping,
    /// updateOrderOrderer.
    UpdateOrderOrderer,
    /// updateOrderDelivery.
    UpdateOrderDelivery,
    /// simulateCouponAmount.
    SimulateCouponAmount,
    /// getPayment.
    GetPayment,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Operation; 18] = [
        Operation::SearchOrder,
        Operation::GetOrder,
        Operation::ConfirmOrder,
        Operation::UpdateOrderShipping,
        Operation::UpdateOrderShippingAsync,
        Operation::GetResultUpdateOrderShippingAsync,
        Operation::GetSubStatusList,
        Operation::UpdateOrderSubStatus,
        Operation::UpdateOrderMemo,
        Operation::UpdateOrderRemarks,
        Operation::UpdateOrderSender,
        Operation::UpdateOrderSenderAfterShipping,
        Operation::CancelOrder,
        Operation::CancelOrderAfterShipping,
        Operation::UpdateOrderOrderer,
        Operation::UpdateOrderDelivery,
        Operation::SimulateCouponAmount,
        Operation::GetPayment,
    ];

    /// The last part of its path; the function of 利用機能編集 is `rpay.order.` and this.
    pub const fn name(self) -> &'static str {
        match self {
            Operation::SearchOrder => "searchOrder",
            Operation::GetOrder => "getOrder",
            Operation::ConfirmOrder => "confirmOrder",
            Operation::UpdateOrderShipping => "updateOrderShipping",
            Operation::UpdateOrderShippingAsync => "updateOrderShippingAsync",
            Operation::GetResultUpdateOrderShippingAsync => "getResultUpdateOrderShippingAsync",
            Operation::GetSubStatusList => "getSubStatusList",
            Operation::UpdateOrderSubStatus => "updateOrderSubStatus",
            Operation::UpdateOrderMemo => "updateOrderMemo",
            Operation::UpdateOrderRemarks => "updateOrderRemarks",
            Operation::UpdateOrderSender => "updateOrderSender",
            Operation::UpdateOrderSenderAfterShipping => "updateOrderSenderAfterShipping",
            Operation::CancelOrder => "cancelOrder",
            Operation::CancelOrderAfterShipping => "cancelOrderAfterShipping",
            Operation::UpdateOrderOrderer => "updateOrderOrderer",
            Operation::UpdateOrderDelivery => "updateOrderDelivery",
            Operation::SimulateCouponAmount => "simulateCouponAmount",
            Operation::GetPayment => "getPayment",
        }
    }

    /// The middle of its message codes (contract, "Known codes"; those not known follow the same pattern).
    pub const fn code(self) -> &'static str {
        match self {
            Operation::SearchOrder => "SEARCH_ORDER",
            Operation::GetOrder => "GET_ORDER",
            Operation::ConfirmOrder => "CONFIRM_ORDER",
            Operation::UpdateOrderShipping => "UPDATE_ORDERSHIPPING",
            Operation::UpdateOrderShippingAsync => "UPDATE_ORDERSHIPPING_ASYNC",
            Operation::GetResultUpdateOrderShippingAsync => "GET_RESULT_UPDATEORDERSHIPPING_ASYNC",
            Operation::GetSubStatusList => "GET_SUBSTATUSLIST",
            Operation::UpdateOrderSubStatus => "UPDATE_ORDERSUBSTATUS",
            Operation::UpdateOrderMemo => "UPDATE_ORDERMEMO",
            Operation::UpdateOrderRemarks => "UPDATE_ORDERREMARKS",
            Operation::UpdateOrderSender => "UPDATE_ORDERSENDER",
            Operation::UpdateOrderSenderAfterShipping => "UPDATE_ORDERSENDER_AFTERSHIPPING",
            Operation::CancelOrder => "CANCEL_ORDER",
            Operation::CancelOrderAfterShipping => "CANCEL_ORDER_AFTERSHIPPING",
            Operation::UpdateOrderOrderer => "UPDATE_ORDERORDERER",
            Operation::UpdateOrderDelivery => "UPDATE_ORDERDELIVERY",
            Operation::SimulateCouponAmount => "SIMULATE_COUPONAMOUNT",
            Operation::GetPayment => "GET_PAYMENT",
        }
    }
}

/// What is wrong with a member of a request: the generic numbers of message codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// 009: a required member is missing.
    Missing,
    /// 010: it is there and empty.
    Empty,
    /// 011: it cannot be read, or is no known code.
    Format,
}

impl Fault {
    /// The number.
    pub const fn number(self) -> u16 {
        match self {
            Fault::Missing => 9,
            Fault::Empty => 10,
            Fault::Format => 11,
        }
    }

    /// The text, with the member in front.
    pub fn text(self, field: &str) -> String {
        match self {
            Fault::Missing => format!("{field}の項目を指定して下さい。"),
            Fault::Empty => format!("{field}の値を指定して下さい。"),
            Fault::Format => format!("{field}の書式が不正です。"),
        }
    }
}

/// One entry of the list. Members that an operation does not show are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    message_type: Severity,
    message_code: String,
    message: String,
    /// The order concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    order_number: Option<String>,
    /// Of the updateOrderShipping family: which row, from 1 across all baskets.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "said")]
    data_number: Option<Option<u32>>,
    /// Of the same: the row's id.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "said")]
    shipping_detail_id: Option<Option<i64>>,
    /// Of updateOrderShippingAsync, when it was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

/// A member that is there, null or not.
fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(value).map(Some)
}

impl Message {
    /// A message of an operation.
    pub fn new(operation: Operation, severity: Severity, number: u16, text: impl Into<String>) -> Message {
        Message {
            message_type: severity,
            message_code: format!("ORDER_EXT_API_{}_{}_{number:03}", operation.code(), severity.as_str()),
            message: text.into(),
            order_number: None,
            data_number: None,
            shipping_detail_id: None,
            request_id: None,
        }
    }

    /// What is wrong with a member.
    pub fn fault(operation: Operation, field: &str, fault: Fault) -> Message {
        Message::new(operation, Severity::Error, fault.number(), fault.text(field))
    }

    /// About an order.
    #[must_use]
    pub fn of_order(mut self, number: impl Into<String>) -> Message {
        self.order_number = Some(number.into());
        self
    }

    /// About a row of 発送情報; `None` is shown as null.
    #[must_use]
    pub fn of_row(mut self, row: Option<u32>, id: Option<i64>) -> Message {
        (self.data_number, self.shipping_detail_id) = (Some(row), Some(id));
        self
    }

    /// With null where a row is not said: every message of the updateOrderShipping family speaks of rows.
    #[must_use]
    pub fn with_row(mut self) -> Message {
        (self.data_number, self.shipping_detail_id) =
            (self.data_number.or(Some(None)), self.shipping_detail_id.or(Some(None)));
        self
    }

    /// Without the number of its order if it is about a row, as FUN's samples show such messages.
    #[must_use]
    pub fn of_a_row_alone(mut self) -> Message {
        if let Some(Some(_)) = self.data_number {
            self.order_number = None;
        }
        self
    }

    /// With the id of an accepted request.
    #[must_use]
    pub fn of_request(mut self, id: impl Into<String>) -> Message {
        self.request_id = Some(id.into());
        self
    }

    /// Its code.
    pub fn code(&self) -> &str {
        &self.message_code
    }

    /// Whether it says that something was not done.
    pub fn is_error(&self) -> bool {
        self.message_type == Severity::Error
    }

    /// Whether it says that a member is missing, empty or badly written.
    pub fn is_fault(&self) -> bool {
        let faults = [Fault::Missing, Fault::Empty, Fault::Format];
        let number = self.message_code.rsplit('_').next().and_then(|number| number.parse().ok());
        self.is_error() && faults.iter().any(|fault| number == Some(fault.number()))
    }
}

impl From<Message> for Json {
    fn from(message: Message) -> Json {
        let Message { message_type, message_code, message, order_number, data_number, shipping_detail_id, request_id } =
            message;
        let mut members = Members::new()
            .put("messageType", message_type.as_str())
            .put("messageCode", message_code)
            .put("message", message);
        if let Some(number) = order_number {
            members = members.put("orderNumber", number);
        }
        if let Some(row) = data_number {
            members = members.put("dataNumber", row.map(i64::from));
        }
        if let Some(id) = shipping_detail_id {
            members = members.put("shippingDetailId", id);
        }
        if let Some(id) = request_id {
            members = members.put("requestId", id);
        }
        Json::Model(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_texts_are_those_of_the_contract() {
        let message = Message::fault(Operation::SearchOrder, "dateType", Fault::Missing);
        assert_eq!(
            serde_json::to_string(&message).unwrap(),
            r#"{"messageType":"ERROR","messageCode":"ORDER_EXT_API_SEARCH_ORDER_ERROR_009","message":"dateTypeの項目を指定して下さい。"}"#
        );
        let message =
            Message::new(Operation::UpdateOrderShipping, Severity::Info, 101, "発送情報の追加設定が完了しました。");
        assert_eq!(
            serde_json::to_string(&message.of_order("123456-20180101-1241583267").of_row(Some(1), Some(42))).unwrap(),
            r#"{"messageType":"INFO","messageCode":"ORDER_EXT_API_UPDATE_ORDERSHIPPING_INFO_101","message":"発送情報の追加設定が完了しました。","orderNumber":"123456-20180101-1241583267","dataNumber":1,"shippingDetailId":42}"#
        );
    }

    #[test]
    fn a_null_row_is_shown_as_null() {
        let message =
            Message::new(Operation::UpdateOrderShippingAsync, Severity::Info, 101, "発送情報の更新を受付けました。");
        let shown = serde_json::to_value(message.of_row(None, None).of_request("ede66c43")).unwrap();
        assert!(shown["dataNumber"].is_null() && shown.as_object().unwrap().contains_key("shippingDetailId"));
        assert_eq!(shown["requestId"], "ede66c43");
    }

    #[test]
    fn a_message_within_an_answer_reads_as_it_does_alone() {
        let text = "発送情報の追加設定が完了しました。";
        let message = Message::new(Operation::UpdateOrderShipping, Severity::Info, 101, text);
        let message = message.of_order("123456-20180101-1241583267").of_row(Some(1), None).of_request("r");
        let within = serde_json::to_string(&Json::from(message.clone())).unwrap();
        assert_eq!(within, serde_json::to_string(&message).unwrap());
    }
}

//! How tests write answers down: `provisional 1000`, `400 already_captured`.

use serde_json::Value;
use testkit::{Merchant, Reply};

/// `type` of the errors that most refusals are (contract "Errors").
pub const INVALID: &str = "invalid_request_error";

/// State and amount of a charge object, by its three flags (contract "Charge object": "State shown by …").
#[track_caller]
pub fn state(charge: &Value) -> String {
    let flag = |name: &str| charge[name].as_bool().unwrap_or_else(|| panic!("{name} is no flag: {charge}"));
    let word = match (flag("paid"), flag("captured"), flag("refunded")) {
        (true, false, false) => "provisional",
        (true, true, false) => "actual",
        (false, false, true) => "cancelled",
        other => panic!("no state has the flags {other:?}"),
    };
    format!("{word} {}", charge["amount"])
}

/// An answer in one line: the charge, or HTTP status and code. The type must be that of the contract's table.
#[track_caller]
pub fn answer(reply: &Reply) -> String {
    if reply.status == 200 {
        let body = reply.good();
        return match body["object"].as_str() {
            Some("charge") => state(&body),
            Some("list") => format!("{} of {}", states(&body).join(", "), body["total"]),
            other => panic!("an unknown object: {other:?}"),
        };
    }
    let (kind, code, message) = reply.error();
    assert_eq!(Some(kind.as_str()), type_of(reply.status), "{message}");
    format!("{} {code}", reply.status)
}

fn states(list: &Value) -> Vec<String> {
    list["data"].as_array().expect("data of a list").iter().map(state).collect()
}

/// Contract "Errors".
fn type_of(status: u16) -> Option<&'static str> {
    Some(match status {
        400 | 404 | 413 => INVALID,
        401 => "authentication_error",
        402 => "payment_error",
        403 => "permission_error",
        405 => "invalid_method",
        429 => "rate_limit",
        500 => "server_error",
        503 => "service_error",
        _ => return None,
    })
}

/// One of the operations that a merchant has: `retrieve`, `list`, `capture`, `cancel`, `change 1500`.
pub async fn operate(merchant: &Merchant, operation: &str, id: &str) -> Reply {
    match operation.split_once(' ') {
        None if operation == "retrieve" => merchant.retrieve(id).await,
        None if operation == "list" => merchant.list(&format!("id={id}")).await,
        None if operation == "capture" => merchant.capture(id).await,
        None if operation == "cancel" => merchant.cancel(id).await,
        Some(("change", total)) => merchant.change(id, total.parse().expect("a total")).await,
        _ => panic!("no operation: {operation}"),
    }
}

//! The helper that makes charges for programs.

use pay::ApiError;
use pay::charge::item::ItemsError;
use pay::http::{Base, test_helper};
use serde_json::{Map, Value, json};

use super::answer::{answers, good, of_change, of_key};
use super::charge::{State, example, operation_id};
use super::content;
use super::introduction::{HELPER_TAG, LIVE_KEY, SANDBOX_KEY};
use super::parameter::shared;

pub(super) fn paths() -> Map<String, Value> {
    let body = json!({
        "items": [{ "id": "item-01", "name": "湯呑み", "unit_price": 1_122, "quantity": 2 }],
        "cart_id": "cart-id-1",
    });
    let mut made = good("The charge, a provisional sale.", "Charge", example(Base::Sandbox, State::Provisional));
    made["links"] = links();
    let create = json!({
        "operationId": "create_test_charge",
        "tags": [HELPER_TAG],
        "summary": "Make a charge as if a buyer had paid",
        "description": "Through the operations that a checkout uses. Sandbox and test keys only. Everything but \
            `items` may be left out. A property that is not described is refused.",
        "security": [{ SANDBOX_KEY: [] }, { LIVE_KEY: [] }],
        "parameters": [shared("IdempotencyKey")],
        "requestBody": { "required": true, "content": content("application/json", "TestCharge", body) },
        "responses": answers(made, refusals()),
    });
    Map::from_iter([(test_helper::PATH.to_owned(), json!({ "post": create }))])
}

/// What can be done with the new charge, when the key is one of the sandbox.
fn links() -> Value {
    let operations = [("retrieve", "charge"), ("capture", "charge"), ("refund", "charge")];
    let link = |(verb, noun): (&str, &str)| {
        let to = operation_id(Base::Sandbox, verb, noun);
        (verb.to_owned(), json!({ "operationId": to, "parameters": { "id": "$response.body#/id" } }))
    };
    Value::Object(operations.into_iter().map(link).collect())
}

fn refusals() -> Vec<ApiError> {
    let not_json = serde_json::from_str::<Value>("{").expect_err("half an object is no JSON");
    let mut refusals = vec![
        ApiError::parameter("point", "0 to the total"),
        ApiError::invalid_json(&not_json),
        ItemsError::Total.into(),
        ApiError::invalid("invalid_card", acquirer::TokenizeRefused::NumberCheckDigit.to_string()),
        ApiError::payment("insufficient_funds"),
        ApiError::payment("insufficient_points"),
        ApiError::forbidden("test_helper", "Test helpers work with sandbox and test keys only."),
        ApiError::service("provider_unavailable", "The provider did not answer."),
    ];
    refusals.extend(of_change().into_iter().filter(|refusal| refusal.code != "charge_locked"));
    refusals.extend(of_key(Base::Sandbox));
    refusals
}

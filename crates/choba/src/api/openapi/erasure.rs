//! Erasing personal data.

use pay::ApiError;
use pay::erase::settings::AFTER_DAYS;
use serde_json::{Map, Value, json};

use super::answer::{answers, good, of_authenticated};
use super::content;
use super::introduction::{ERASURE_TAG, TOKEN};
use super::parameter::shared;
use super::schema::{CHARGE_NUMBER, CHARGE_NUMBER_EXAMPLE, complete, or_null, text};
use crate::api::erasure::{ACCOUNTS, ERASURES, OPEN_ID_MAX, SETTINGS};

pub(super) fn paths() -> Map<String, Value> {
    Map::from_iter([
        (ERASURES.to_owned(), json!({ "post": erase() })),
        (SETTINGS.to_owned(), json!({ "get": show(), "put": replace() })),
        (ACCOUNTS.to_owned(), json!({ "post": erase_account() })),
    ])
}

fn erase() -> Value {
    let mut refusals = of_change(of_token("admin for this shop"));
    refusals.extend([
        ApiError::missing_resource("There is no such charge."),
        ApiError::parameter("open_id", "an OpenID as charges show it"),
        ApiError::invalid("invalid_parameter", "Give either charge or open_id."),
    ]);
    let example = json!({
        "object": "erasure", "shop": 1, "environment": "sandbox", "charge": CHARGE_NUMBER_EXAMPLE, "open_id": null,
    });
    json!({
        "operationId": "erase_personal_data",
        "tags": [ERASURE_TAG],
        "summary": "Erase what is personal of a charge, or of a buyer in all charges",
        "description": "Of a charge: name, mail address and shipping address of the buyer, its mails and \
            お知らせメール, the visit to the checkout, its requests in the request log. Of a buyer, by `open_id`: that of \
            every charge, and the cards saved with the shop. It cannot be undone; mails about the charge have no reader \
            afterwards. Erasing twice is erasing once.",
        "security": [{ TOKEN: [] }],
        "parameters": [shared("Shop"), shared("Environment")],
        "requestBody": {
            "required": true,
            "content": content("application/json", "NewErasure", json!({ "charge": CHARGE_NUMBER_EXAMPLE })),
        },
        "responses": answers(good("It is erased.", "Erasure", example), refusals),
    })
}

fn settings() -> Value {
    json!({ "object": "erasure_settings", "shop": 1, "environment": "sandbox", "after_days": 365 })
}

fn show() -> Value {
    json!({
        "operationId": "show_erasure_settings",
        "tags": [ERASURE_TAG],
        "summary": "After how many days personal data are erased by themselves",
        "security": [{ TOKEN: [] }],
        "parameters": [shared("Shop"), shared("Environment")],
        "responses": answers(good("The settings.", "ErasureSettings", settings()), of_token("admin for this shop")),
    })
}

fn replace() -> Value {
    let mut refusals = of_change(of_token("admin for this shop"));
    refusals.push(ApiError::parameter("after_days", "1 to 3650, or null for never"));
    json!({
        "operationId": "replace_erasure_settings",
        "tags": [ERASURE_TAG],
        "summary": "Say after how many days personal data are erased by themselves",
        "description": "So many days of 24 hours after the last change of a charge, looked for once a day; never while it \
            is a provisional sale (仮売上). `null`: never.",
        "security": [{ TOKEN: [] }],
        "parameters": [shared("Shop"), shared("Environment")],
        "requestBody": {
            "required": true,
            "content": content("application/json", "NewErasureSettings", json!({ "after_days": 365 })),
        },
        "responses": answers(good("The settings, changed.", "ErasureSettings", settings()), refusals),
    })
}

fn erase_account() -> Value {
    let mut refusals = of_change(of_authenticated("Send a valid token as Authorization: Bearer choba_…."));
    refusals.extend([
        ApiError::forbidden("insufficient_scope", "The token needs the scope admin for all shops."),
        ApiError::missing_resource("There is no such account."),
    ]);
    json!({
        "operationId": "erase_buyer_account",
        "tags": [ERASURE_TAG],
        "summary": "Erase a buyer's account",
        "description": "The account with its saved cards and addresses; its log-ins end. Accounts are the same in every \
            shop, so this takes a token of the operator. What shops keep of the buyer's charges is theirs to erase.",
        "security": [{ TOKEN: [] }],
        "parameters": [],
        "requestBody": {
            "required": true,
            "content": content("application/json", "NewBuyerErasure", json!({ "email": "taro@example.jp" })),
        },
        "responses": answers(good("It is erased.", "BuyerErasure", json!({ "object": "buyer_erasure" })), refusals),
    })
}

fn of_token(right: &str) -> Vec<ApiError> {
    let mut refusals = of_authenticated("Send a valid token as Authorization: Bearer choba_….");
    refusals.push(ApiError::forbidden("insufficient_scope", &format!("The token needs the scope {right}.")));
    refusals.push(ApiError::missing_resource("There is no such shop."));
    refusals
}

fn of_change(mut refusals: Vec<ApiError>) -> Vec<ApiError> {
    let not_json = serde_json::from_str::<Value>("{").expect_err("half an object is no JSON");
    refusals.extend([
        ApiError::invalid_json(&not_json),
        ApiError::invalid("unreadable_body", "The body could not be read."),
        ApiError::outcome_unknown(),
        ApiError::read_only(),
    ]);
    refusals
}

/// The shapes of their bodies.
pub(super) fn schemas() -> Map<String, Value> {
    let charge = text("注文番号.", json!({ "pattern": CHARGE_NUMBER }));
    let open_id = text("The buyer's OpenID.", json!({ "minLength": 1, "maxLength": OPEN_ID_MAX }));
    let days = json!({
        "type": ["integer", "null"], "minimum": AFTER_DAYS.start(), "maximum": AFTER_DAYS.end(),
        "description": "Days of 24 hours after the last change of a charge; null: never.",
    });
    let shop = json!({ "type": "integer", "description": "Number of the shop." });
    let environment = json!({ "type": "string", "enum": ["sandbox", "test", "live"] });
    let only = |name: &str, schema: &Value| {
        json!({
            "type": "object", "required": [name], "additionalProperties": false, "properties": { name: schema },
        })
    };
    let erasure = json!({
        "object": { "const": "erasure" }, "shop": shop, "environment": environment,
        "charge": or_null(charge.clone()), "open_id": or_null(open_id.clone()),
    });
    let settings = json!({
        "object": { "const": "erasure_settings" }, "shop": shop, "environment": environment, "after_days": days,
    });
    let schemas = [
        ("NewErasure", json!({ "anyOf": [only("charge", &charge), only("open_id", &open_id)] })),
        ("Erasure", complete("What was erased.", erasure)),
        ("ErasureSettings", complete("When personal data are erased by themselves.", settings)),
        ("NewErasureSettings", only("after_days", &days)),
        ("NewBuyerErasure", only("email", &text("Mail address of the account.", json!({})))),
        ("BuyerErasure", complete("An account that was erased.", json!({ "object": { "const": "buyer_erasure" } }))),
    ];
    schemas.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

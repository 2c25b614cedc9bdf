//! The older card API of the marketplace: the switch-over of a shop, and what tests do with its card orders.

use acquirer::simulator::MAGIC_CARDS;
use mall::rcard::access::USER_NAME_MAX;
use pay::ApiError;
use pay::http::Base;
use serde_json::{Map, Value, json};

use super::answer::{answers, good, of_authenticated, of_key};
use super::content;
use super::introduction::{HELPER_TAG, MALL_TAG, SANDBOX_KEY, TOKEN};
use super::parameter::shared;
use super::schema::{complete, text};
use crate::api::rcard::{CARD, ORDER, ORDERS, PLACE, PLUS, REVEAL, RULES, SWITCH};

pub(super) fn paths() -> Map<String, Value> {
    let paths = [
        (PLACE, json!({ "get": show() })),
        (SWITCH, json!({ "post": switch_over() })),
        (REVEAL, json!({ "post": reveal() })),
        (ORDERS, json!({ "post": place() })),
        (ORDER, json!({ "get": show_order() })),
        (PLUS, json!({ "post": plus() })),
        (CARD, json!({ "post": card() })),
        (RULES, json!({ "put": rules() })),
    ];
    paths.into_iter().map(|(path, item)| (path.to_owned(), item)).collect()
}

const AUTH_KEY: &str = "5f0c2a9d41e87b36c0d1a2b3c4d5e6f7";

fn show() -> Value {
    let example = json!({
        "object": "rcard", "shop": 1, "shop_url": "chaya", "switched_over": false, "user_name": null,
        "orders_in_the_way": 2,
    });
    let mut refusals = of_token();
    refusals.push(not_old_model());
    json!({
        "operationId": "show_rcard",
        "tags": [MALL_TAG],
        "summary": "Where a shop on the old model stands",
        "security": [{ TOKEN: [] }],
        "parameters": [shared("Shop")],
        "responses": answers(good("Where it stands.", "Rcard", example), refusals),
    })
}

fn switch_over() -> Value {
    let mut refusals = of_token();
    refusals.extend(of_body());
    refusals.extend([
        not_old_model(),
        ApiError::invalid("already_switched_over", "This shop has switched over already: R-Card Plus is gone."),
        ApiError::invalid(
            "orders_in_the_way",
            "Orders are authorized through R-Card Plus: claim or cancel them first.",
        ),
        ApiError::invalid("invalid_parameter", "user_name: expected 1 to 64 letters, digits, or one of _ - ."),
    ]);
    let body = json!({ "user_name": "tempostar" });
    json!({
        "operationId": "switch_over_rcard",
        "tags": [MALL_TAG],
        "summary": "Switch over from R-Card Plus to the card API",
        "description": "カード決済API認証キー発行手続き: every card order must be 未オーソリ or 売上請求済. R-Card Plus is gone \
            afterwards, and what RMS shows as 決済ステータス stays 未オーソリ. The answer has what a program sends in \
            `userAuthModel` to `/rccsapi-services/RCCSApiService`.",
        "security": [{ TOKEN: [] }],
        "parameters": [shared("Shop")],
        "requestBody": { "required": true, "content": content("application/json", "RcardSwitch", body) },
        "responses": answers(good("The key.", "RcardKey", key()), refusals),
    })
}

fn reveal() -> Value {
    let mut refusals = of_token();
    refusals.extend([
        not_old_model(),
        ApiError::invalid("not_switched_over", "This shop has not switched over yet."),
        ApiError::read_only(),
    ]);
    json!({
        "operationId": "reveal_rcard_key",
        "tags": [MALL_TAG],
        "summary": "Show the key of the card API again",
        "description": "Who, and when, stands in the audit log.",
        "security": [{ TOKEN: [] }],
        "parameters": [shared("Shop")],
        "responses": answers(good("The key.", "RcardKey", key()), refusals),
    })
}

fn place() -> Value {
    let body = json!({ "amount": 208, "card": "visa" });
    let mut refusals = of_helper(true);
    refusals.extend([not_old_model(), ApiError::parameter("amount", "0 to 99999999")]);
    let mut made = good("The order, 未オーソリ.", "RcardOrder", order());
    made["links"] = json!({ "show": { "operationId": "show_rcard_order", "parameters": { "order": "$response.body#/orderNumber" } } });
    json!({
        "operationId": "create_rcard_order",
        "tags": [HELPER_TAG],
        "summary": "Place a card order of the old model as if a buyer had",
        "security": [{ SANDBOX_KEY: [] }],
        "requestBody": { "required": true, "content": content("application/json", "RcardNewOrder", body) },
        "responses": answers(made, refusals),
    })
}

fn show_order() -> Value {
    let mut refusals = of_helper(false);
    refusals.push(no_order());
    json!({
        "operationId": "show_rcard_order",
        "tags": [HELPER_TAG],
        "summary": "Where the payment of a card order stands, and what RMS shows of it",
        "security": [{ SANDBOX_KEY: [] }],
        "parameters": [of_order()],
        "responses": answers(good("The order.", "RcardOrder", order()), refusals),
    })
}

fn plus() -> Value {
    let mut refusals = of_helper(true);
    refusals.extend([
        no_order(),
        ApiError::invalid("rcard_plus_gone", "R-Card Plus is gone: this shop has switched over to the API."),
        ApiError::invalid("not_in_that_state", "The payment of this order does not allow it."),
        ApiError::parameter("act", "authorize, claim or cancel"),
    ]);
    let body = json!({ "act": "authorize" });
    json!({
        "operationId": "act_by_rcard_plus",
        "tags": [HELPER_TAG],
        "summary": "Do with an order what the shop did in R-Card Plus",
        "description": "Before the shop switches over. The card API can take nothing of it over.",
        "security": [{ SANDBOX_KEY: [] }],
        "parameters": [of_order()],
        "requestBody": { "required": true, "content": content("application/json", "RcardPlusAct", body) },
        "responses": answers(good("The order.", "RcardOrder", order()), refusals),
    })
}

fn card() -> Value {
    let mut refusals = of_helper(true);
    refusals.extend([
        no_order(),
        ApiError::invalid("not_in_that_state", "The payment of this order does not allow it."),
        ApiError::parameter("card", "a name of docs/magic-cards.md"),
    ]);
    let body = json!({ "card": "jcb" });
    json!({
        "operationId": "change_rcard_card",
        "tags": [HELPER_TAG],
        "summary": "Let the buyer of a card order name another card",
        "security": [{ SANDBOX_KEY: [] }],
        "parameters": [of_order()],
        "requestBody": { "required": true, "content": content("application/json", "RcardCard", body) },
        "responses": answers(good("The order.", "RcardOrder", order()), refusals),
    })
}

fn rules() -> Value {
    let mut refusals = of_helper(true);
    refusals.push(ApiError::invalid("not_switched_over", "This shop has not switched over yet."));
    let example = serde_json::to_value(mall::rcard::Rules::USUAL).expect("rules are JSON");
    json!({
        "operationId": "set_rcard_rules",
        "tags": [HELPER_TAG],
        "summary": "Set the numbers of the card API",
        "description": "All of them: one that is left out is the usual one. docs/rms-fidelity.md says what each does.",
        "security": [{ SANDBOX_KEY: [] }],
        "requestBody": {
            "required": true,
            "content": content("application/json", "RcardRules", json!({ "delay_seconds": 5 })),
        },
        "responses": answers(good("The numbers.", "RcardRules", example), refusals),
    })
}

fn of_token() -> Vec<ApiError> {
    let mut refusals = of_authenticated("Send a valid token as Authorization: Bearer choba_….");
    refusals.push(ApiError::forbidden("insufficient_scope", "The token needs the scope mall for this shop."));
    refusals.push(ApiError::missing_resource("There is no such shop."));
    refusals
}

fn of_helper(has_body: bool) -> Vec<ApiError> {
    let mut refusals = of_key(Base::Sandbox);
    refusals.push(ApiError::forbidden("test_helper", "This helper works with keys of the sandbox only."));
    if has_body {
        refusals.extend(of_body());
    }
    refusals
}

fn of_body() -> Vec<ApiError> {
    let not_json = serde_json::from_str::<Value>("{").expect_err("half an object is no JSON");
    vec![
        ApiError::invalid_json(&not_json),
        ApiError::invalid("unreadable_body", "The body could not be read."),
        ApiError::outcome_unknown(),
        ApiError::read_only(),
    ]
}

fn not_old_model() -> ApiError {
    ApiError::invalid("not_on_the_old_model", "This shop is not on the old model of the marketplace.")
}

fn no_order() -> ApiError {
    ApiError::missing_resource("There is no such order.")
}

fn of_order() -> Value {
    json!({
        "name": "order", "in": "path", "required": true, "description": "注文番号.",
        "schema": { "type": "string", "pattern": NUMBER }, "example": NUMBER_EXAMPLE,
    })
}

const NUMBER: &str = "^[0-9]{6}-[0-9]{8}-[0-9]{8,10}$";
const NUMBER_EXAMPLE: &str = "338459-20261122-0000000001";

fn key() -> Value {
    json!({ "object": "rcard_key", "shop": 1, "shop_url": "chaya", "user_name": "tempostar", "auth_key": AUTH_KEY })
}

fn order() -> Value {
    json!({
        "orderNumber": NUMBER_EXAMPLE, "amount": 208, "cardNumber": "****-****-****-1111", "brand": "VISA",
        "status": "未オーソリ", "statusInRms": "未オーソリ",
    })
}

/// The shapes of their bodies.
pub(super) fn schemas() -> Map<String, Value> {
    let number = json!({ "type": "integer", "minimum": 0 });
    let status = json!({ "type": "string", "enum": ["未オーソリ", "オーソリ済", "売上請求済"] });
    let named = |schemas: [(&str, Value); 8]| schemas.map(|(name, schema)| (name.to_owned(), schema));
    Map::from_iter(named([
        (
            "Rcard",
            complete(
                "Where a shop on the old model stands.",
                json!({
                    "object": { "type": "string", "const": "rcard" },
                    "shop": { "type": "integer" },
                    "shop_url": text("店舗URL.", json!({})),
                    "switched_over": { "type": "boolean" },
                    "user_name": { "type": ["string", "null"], "description": "ユーザID." },
                    "orders_in_the_way": number,
                }),
            ),
        ),
        (
            "RcardKey",
            complete(
                "What a program sends in `userAuthModel`.",
                json!({
                    "object": { "type": "string", "const": "rcard_key" },
                    "shop": { "type": "integer" },
                    "shop_url": text("店舗URL.", json!({})),
                    "user_name": text("ユーザID.", json!({})),
                    "auth_key": text("認証キー.", json!({ "pattern": "^[0-9a-f]{32}$" })),
                }),
            ),
        ),
        (
            "RcardOrder",
            complete(
                "A card order of the old model.",
                json!({
                    "orderNumber": text("注文番号.", json!({ "pattern": NUMBER })),
                    "amount": number,
                    "cardNumber": text("The last four digits.", json!({})),
                    "brand": text("VISA, JCB …", json!({})),
                    "status": status,
                    "statusInRms": status,
                }),
            ),
        ),
        ("RcardSwitch", sent(&["user_name"], json!({ "user_name": user_name() }))),
        ("RcardNewOrder", sent(&["amount"], json!({ "amount": amount(), "card": card_name(), "owner": owner() }))),
        (
            "RcardPlusAct",
            sent(&["act"], json!({ "act": { "type": "string", "enum": ["authorize", "claim", "cancel"] } })),
        ),
        ("RcardCard", sent(&["card"], json!({ "card": card_name(), "owner": owner() }))),
        ("RcardRules", rules_schema()),
    ]))
}

fn sent(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "required": required, "additionalProperties": false, "properties": properties })
}

fn user_name() -> Value {
    text("ユーザID, of your choice.", json!({ "pattern": format!("^[0-9A-Za-z_.-]{{1,{USER_NAME_MAX}}}$") }))
}

fn amount() -> Value {
    json!({ "type": "integer", "minimum": 0, "maximum": 99_999_999, "description": "Yen." })
}

fn card_name() -> Value {
    let names: Vec<&str> = MAGIC_CARDS.iter().map(|card| card.name).collect();
    json!({ "type": ["string", "null"], "enum": names, "description": "A name of docs/magic-cards.md." })
}

fn owner() -> Value {
    json!({ "type": ["string", "null"], "minLength": 1, "maxLength": 100, "description": "The name on the card." })
}

fn rules_schema() -> Value {
    let usual = serde_json::to_value(mall::rcard::Rules::USUAL).expect("rules are JSON");
    let property = |(name, value): (&String, &Value)| {
        let schema = match value {
            Value::Bool(_) => json!({ "type": "boolean", "default": value }),
            _ => json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX, "default": value }),
        };
        (name.clone(), schema)
    };
    let properties: Map<String, Value> = usual.as_object().into_iter().flatten().map(property).collect();
    sent(&[], Value::Object(properties))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_the_api_is_described() {
        let described = rules_schema();
        assert_eq!(described["properties"].as_object().map(Map::len), Some(8));
        assert_eq!(described["properties"]["delay_seconds"]["default"], 31);
    }
}

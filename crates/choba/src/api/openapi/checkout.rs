//! Settings of the checkout: origins and security codes.

use pay::ApiError;
use serde_json::{Map, Value, json};

use super::answer::{answers, good, of_authenticated};
use super::content;
use super::introduction::{CHECKOUT_TAG, TOKEN};
use super::parameter::shared;
use crate::api::checkout::{ORIGINS, SECURITY_CODE};

pub(super) fn paths() -> Map<String, Value> {
    Map::from_iter([
        (ORIGINS.to_owned(), json!({ "get": show_origins(), "put": replace_origins() })),
        (SECURITY_CODE.to_owned(), json!({ "get": show_codes(), "put": change_codes() })),
    ])
}

fn show_origins() -> Value {
    json!({
        "operationId": "show_origins",
        "tags": [CHECKOUT_TAG],
        "summary": "Which pages may show the shop's button",
        "security": [{ TOKEN: [] }],
        "parameters": [shared("Shop"), shared("Environment")],
        "responses": answers(good("The origins.", "Origins", origins()), of_token()),
    })
}

fn replace_origins() -> Value {
    json!({
        "operationId": "replace_origins",
        "tags": [CHECKOUT_TAG],
        "summary": "Say which pages may show the shop's button",
        "description": "Replaces all of them. Only pages of these origins (scheme, host, port) open a checkout with the \
            shop's key, hear of its outcome and are returned to. In live only `https://`.",
        "security": [{ TOKEN: [] }],
        "parameters": [shared("Shop"), shared("Environment")],
        "requestBody": {
            "required": true,
            "content": content("application/json", "OriginsChange", json!({ "origins": ["https://shop.example"] })),
        },
        "responses": answers(good("The origins.", "Origins", origins()), of_change()),
    })
}

fn show_codes() -> Value {
    json!({
        "operationId": "show_security_code",
        "tags": [CHECKOUT_TAG],
        "summary": "For which brands buyers are asked for the security code",
        "security": [{ TOKEN: [] }],
        "parameters": [shared("Shop")],
        "responses": answers(good("The settings.", "SecurityCode", codes()), of_settings(of_token())),
    })
}

fn change_codes() -> Value {
    let mut refusals = of_settings(of_change());
    refusals.extend([
        ApiError::invalid("brand_not_approved", "diners: The shop is not approved for these brands."),
        ApiError::invalid("security_code_forced", "diners: The security code is compulsory for these brands."),
        ApiError::forbidden("operator_only", "diners: approved and forced are the operator's to change."),
    ]);
    let example = json!({ "groups": [{ "group": "visa_mastercard", "asked": true }] });
    json!({
        "operationId": "change_security_code",
        "tags": [CHECKOUT_TAG],
        "summary": "Say for which brands buyers are asked for the security code",
        "description": "Changes the groups that are named, all of them or none. Only groups for which the shop is \
            approved can be changed, and not those for which the code is compulsory; `approved` and `forced` take a \
            token of the operator.",
        "security": [{ TOKEN: [] }],
        "parameters": [shared("Shop")],
        "requestBody": { "required": true, "content": content("application/json", "SecurityCodeChange", example) },
        "responses": answers(good("The settings.", "SecurityCode", codes()), refusals),
    })
}

fn of_token() -> Vec<ApiError> {
    let mut refusals = of_authenticated("Send a valid token as Authorization: Bearer choba_….");
    refusals.push(ApiError::forbidden("insufficient_scope", "The token needs the scope admin for this shop."));
    refusals.push(ApiError::missing_resource("There is no such shop."));
    refusals
}

/// Of what is the shop's own to set.
fn of_settings(mut refusals: Vec<ApiError>) -> Vec<ApiError> {
    for refusal in refusals.iter_mut().filter(|refusal| refusal.code == "insufficient_scope") {
        refusal.message = "The token needs the scope settings for this shop.".to_owned();
    }
    refusals
}

fn of_change() -> Vec<ApiError> {
    let mut refusals = of_token();
    let not_json = serde_json::from_str::<Value>("{").expect_err("half an object is no JSON");
    refusals.extend([
        ApiError::invalid("invalid_parameter", "origins[0] must be an origin such as https://shop.example."),
        ApiError::invalid_json(&not_json),
        ApiError::invalid("unreadable_body", "The body could not be read."),
        ApiError::outcome_unknown(),
        ApiError::read_only(),
    ]);
    refusals
}

fn origins() -> Value {
    json!({ "object": "origins", "shop": 1, "environment": "sandbox", "origins": ["https://shop.example"] })
}

fn codes() -> Value {
    let group = |name: &str| json!({ "group": name, "approved": true, "asked": true, "forced": false });
    json!({
        "object": "security_code",
        "shop": 1,
        "groups": [group("visa_mastercard"), group("jcb_amex"), group("diners")],
    })
}

/// The shapes of their bodies.
pub(super) fn schemas() -> Map<String, Value> {
    let list = json!({ "type": "array", "maxItems": 100, "items": { "type": "string" } });
    let name = json!({ "type": "string", "enum": ["visa_mastercard", "jcb_amex", "diners"] });
    let flag = json!({ "type": "boolean" });
    let complete = |description: &str, properties: Value| {
        let required: Vec<String> = properties.as_object().into_iter().flat_map(Map::keys).cloned().collect();
        json!({ "type": "object", "description": description, "required": required, "properties": properties })
    };
    let all = complete("A group of brands.", json!({ "group": name, "approved": flag, "asked": flag, "forced": flag }));
    let change = json!({ "type": ["boolean", "null"], "description": "null: as it is." });
    let some = json!({
        "type": "object", "required": ["group"], "additionalProperties": false,
        "properties": { "group": name, "approved": change, "asked": change, "forced": change },
    });
    let origins = complete(
        "The origins of a shop's buttons in one environment.",
        json!({
            "object": { "type": "string", "const": "origins" },
            "shop": { "type": "integer" },
            "environment": { "type": "string", "enum": ["sandbox", "test", "live"] },
            "origins": list,
        }),
    );
    let codes = complete(
        "Whether buyers are asked for the security code.",
        json!({
            "object": { "type": "string", "const": "security_code" },
            "shop": { "type": "integer" },
            "groups": { "type": "array", "items": all },
        }),
    );
    let replaced = json!({
        "type": "object", "required": ["origins"], "additionalProperties": false, "properties": { "origins": list },
    });
    let changed = json!({
        "type": "object", "required": ["groups"], "additionalProperties": false,
        "properties": { "groups": { "type": "array", "maxItems": 3, "items": some } },
    });
    Map::from_iter([
        ("Origins".to_owned(), origins),
        ("OriginsChange".to_owned(), replaced),
        ("SecurityCode".to_owned(), codes),
        ("SecurityCodeChange".to_owned(), changed),
    ])
}

//! The test clock of a shop's sandbox.

use pay::ApiError;
use serde_json::{Map, Value, json};

use super::answer::{answers, good, of_authenticated};
use super::content;
use super::introduction::{CLOCK_TAG, TOKEN};
use super::parameter::shared;
use crate::api::clock::{DAYS_MAX, LATEST_YEAR};

pub(super) fn paths() -> Map<String, Value> {
    let clock = "/api/shops/{shop}/clock";
    Map::from_iter([
        (clock.to_owned(), json!({ "get": show() })),
        (format!("{clock}/advance"), json!({ "post": advance() })),
    ])
}

fn show() -> Value {
    let mut shown = good("The clock.", "Clock", example(1_795_309_800, "2026-11-22T10:10:00+09:00"));
    shown["links"] = json!({
        "advance": { "operationId": "advance_clock", "parameters": { "shop": "$response.body#/shop" } },
    });
    json!({
        "operationId": "show_clock",
        "tags": [CLOCK_TAG],
        "summary": "Where the clock stands",
        "security": [{ TOKEN: [] }],
        "parameters": [shared("Shop")],
        "responses": answers(shown, of_token()),
    })
}

fn advance() -> Value {
    let mut refusals = of_token();
    let not_json = serde_json::from_str::<Value>("{").expect_err("half an object is no JSON");
    refusals.extend([
        ApiError::invalid("invalid_parameter", "Give either by or to."),
        ApiError::invalid("clock_backwards", "A test clock only moves forward."),
        ApiError::key_reused(),
        ApiError::invalid_json(&not_json),
        ApiError::invalid("unreadable_body", "The body could not be read."),
        ApiError::service("clock_busy", "Somebody else is turning this clock."),
        ApiError::service("clock_stuck", "Something due could not be done; the clock stands there."),
        ApiError::outcome_unknown(),
        ApiError::read_only(),
    ]);
    let turned = good("The clock, turned.", "Clock", example(1_796_519_400, "2026-12-06T10:10:00+09:00"));
    json!({
        "operationId": "advance_clock",
        "tags": [CLOCK_TAG],
        "summary": "Turn the clock forward",
        "description": format!(
            "Goes from due instant to due instant, does what is due there, and answers when nothing is left: a rule of \
             fourteen days is testable in a second. At most {DAYS_MAX} days at once, and not into the year \
             {LATEST_YEAR}."
        ),
        "security": [{ TOKEN: [] }],
        "parameters": [shared("Shop"), shared("IdempotencyKey")],
        "requestBody": {
            "required": true,
            "content": content("application/json", "ClockTurn", json!({ "by": "14d" })),
        },
        "responses": answers(turned, refusals),
    })
}

fn of_token() -> Vec<ApiError> {
    let mut refusals = of_authenticated("Send a valid token as Authorization: Bearer choba_….");
    refusals.push(ApiError::forbidden("insufficient_scope", "The token needs the scope clock for this shop."));
    refusals.push(ApiError::missing_resource("There is no such shop."));
    refusals
}

fn example(now: i64, now_jst: &str) -> Value {
    json!({ "object": "clock", "shop": 1, "now": now, "now_jst": now_jst })
}

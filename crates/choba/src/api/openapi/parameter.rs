//! Parameters of path, query and header that several operations share.

use pay::http::caller::IDEMPOTENCY_KEY_MAX;
use pay::rules;
use serde_json::{Value, json};

use super::reference;
use super::schema::{CHARGE_NUMBER, CHARGE_NUMBER_EXAMPLE};
use super::webhook_schema::{every_kind, id};
use crate::api::webhook::OUTCOMES;

/// The largest number that the forms take: eighteen digits.
const DIGITS_MAX: i64 = 999_999_999_999_999_999;

pub(super) fn all() -> Value {
    json!({
        "ChargeId": {
            "name": "id",
            "in": "path",
            "required": true,
            "description": "注文番号, the order number of the charge. A text that is none names no charge: 404.",
            "schema": { "type": "string", "pattern": CHARGE_NUMBER },
            "example": CHARGE_NUMBER_EXAMPLE,
        },
        "Shop": {
            "name": "shop",
            "in": "path",
            "required": true,
            "description": "Number of the shop; the first one is 1.",
            "schema": { "type": "integer", "format": "int64", "minimum": 1 },
            "example": 1,
        },
        "Environment": {
            "name": "environment",
            "in": "path",
            "required": true,
            "description": "Which environment of the shop.",
            "schema": { "type": "string", "enum": ["sandbox", "test", "live"] },
            "example": "sandbox",
        },
        "Endpoint": named("endpoint", "The endpoint.", "we_"),
        "Attempt": named("attempt", "The try.", ""),
        "Notice": named("notice", "The notice.", "ntc_"),
        "Fee": named("fee", "The fee.", "fee_"),
        "Member": {
            "name": "member", "in": "path", "required": true, "description": "A member of the staff: `stf_…`.",
            "schema": { "type": "string", "pattern": "^stf_[0-9a-f]{16}$" }, "example": "stf_0190a1b2c3d4e5f6",
        },
        "Event": named("event", "The event.", "evt_"),
        "Mail": named("mail", "The mail.", "ntfn_"),
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "Chosen by you, new for each change, so that sending it again is safe: ASCII characters. \
                Belongs to shop and environment; method, path and parameters are compared.",
            "schema": {
                "type": "string", "minLength": 1, "maxLength": IDEMPOTENCY_KEY_MAX, "pattern": "^[\\t -~]*$",
            },
            "example": "order-4711-1",
        },
    })
}

pub(super) fn shared(name: &str) -> Value {
    reference("parameters", name)
}

fn named(name: &str, description: &str, prefix: &str) -> Value {
    let place = "path";
    json!({
        "name": name, "in": place, "required": true, "description": description, "schema": id(prefix),
        "example": format!("{prefix}0190a1b2c3d4e5f60718293a4b5c6d7e"),
    })
}

pub(super) fn query(name: &str, description: &str, schema: Value) -> Value {
    let place = "query";
    json!({ "name": name, "in": place, "description": description, "schema": schema })
}

fn of_page() -> [Value; 3] {
    let instant = json!({ "type": "integer", "minimum": 0, "maximum": DIGITS_MAX });
    let limit = json!({
        "type": "integer", "minimum": 1, "maximum": rules::PAGE_MAX, "default": rules::PAGE_DEFAULT,
    });
    [
        query("limit", "How many, at the most.", limit),
        query("from", "Only those at or after this time, Unix seconds.", instant.clone()),
        query("to", "Only those before this time, Unix seconds.", instant),
    ]
}

fn of_types() -> Value {
    query("events", "Only these types of events, separated by commas.", json!({ "type": "string" }))
}

/// The query of `GET …/webhook-attempts`.
pub(super) fn of_attempts() -> Vec<Value> {
    let mut parameters = vec![
        query("endpoint", "Only those to this endpoint.", id("we_")),
        query("event", "Only those for this event.", id("evt_")),
        query("type", "Only those for events of this type.", json!({ "type": "string", "enum": every_kind() })),
        query("charge", "Only those for events of this charge.", json!({ "type": "string", "pattern": CHARGE_NUMBER })),
        query("outcome", "Only those that came to this.", json!({ "type": "string", "enum": OUTCOMES })),
        query("before", "Only those older than this try.", id("")),
    ];
    parameters.extend(of_page());
    parameters
}

/// The query of `GET …/events`.
pub(super) fn of_events() -> Vec<Value> {
    let mut parameters = vec![
        query("charge", "Only those of this charge.", json!({ "type": "string", "pattern": CHARGE_NUMBER })),
        query("before", "Only those older than this event.", id("evt_")),
        of_types(),
    ];
    parameters.extend(of_page());
    parameters
}

/// The query of `GET …/events/replay`.
pub(super) fn of_replay() -> Vec<Value> {
    let [_, mut from, mut to] = of_page();
    for needed in [&mut from, &mut to] {
        needed["required"] = true.into();
    }
    vec![from, to, of_types(), query("after", "Only those younger than this event.", id("evt_"))]
}

/// The query of `GET …/events/feed`.
pub(super) fn of_feed() -> Vec<Value> {
    let place = json!({ "type": "integer", "minimum": 0, "maximum": DIGITS_MAX });
    let mut after = query("after", "The place to go on after.", place);
    after["required"] = true.into();
    let [limit, ..] = of_page();
    vec![after, of_types(), limit]
}

/// The query of `GET /charges`.
pub(super) fn of_list() -> Vec<Value> {
    let number = |least: i64, most: i64| json!({ "type": "integer", "minimum": least, "maximum": most });
    let with_default = |mut schema: Value, default: i64| {
        schema["default"] = default.into();
        schema
    };
    let query = |name: &str, description: String, schema: Value| {
        let place = "query";
        json!({ "name": name, "in": place, "description": description, "schema": schema })
    };
    let mut parameters = vec![
        query(
            "limit",
            "How many charges, at the most.".to_owned(),
            with_default(number(1, rules::PAGE_MAX), rules::PAGE_DEFAULT),
        ),
        query(
            "offset",
            "How many to pass over, from the newest at this moment. Pages shift while charges are made: \
             `starting_after` is the stable way."
                .to_owned(),
            with_default(number(0, rules::OFFSET_MAX), 0),
        ),
        query(
            "starting_after",
            "Only charges older than this order number, which need not exist.".to_owned(),
            json!({ "type": "string", "pattern": CHARGE_NUMBER }),
        ),
        query(
            "id",
            "Only the charge with this order number; a text that is none matches nothing.".to_owned(),
            json!({ "type": "string" }),
        ),
    ];
    for (flag, meaning) in [
        ("paid", "a provisional or an actual sale exists (仮売上 or 実売上)"),
        ("captured", "an actual sale exists (実売上)"),
        ("refunded", "the charge is cancelled (キャンセル)"),
    ] {
        let description = format!("Only charges of which it is true, or false, that {meaning}. `1` and `0` count too.");
        parameters.push(query(&format!("payment[{flag}]"), description, json!({ "type": "boolean" })));
    }
    for (bound, meaning) in [("gt", "after"), ("gte", "at or after"), ("lt", "before"), ("lte", "at or before")] {
        let description = format!("Only charges ordered {meaning} this time, Unix seconds.");
        parameters.push(query(&format!("created[{bound}]"), description, number(0, DIGITS_MAX)));
    }
    parameters
}

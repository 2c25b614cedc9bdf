//! Parameters of path, query and header that several operations share.

use pay::http::caller::IDEMPOTENCY_KEY_MAX;
use pay::rules;
use serde_json::{Value, json};

use super::reference;
use super::schema::{CHARGE_NUMBER, CHARGE_NUMBER_EXAMPLE};

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

//! What an operation answers. Refusals are made from the product's own errors, so that their types, codes and sentences
//! are the ones a client meets.

use std::collections::BTreeMap;

use pay::ApiError;
use pay::http::Base;
use serde_json::{Map, Value, json};

use super::{content, reference};
use crate::serve::Refusal;

const JSON: &str = "application/json";

/// An answer of 200 with a JSON body.
pub(super) fn good(description: &str, schema: &str, example: Value) -> Value {
    json!({
        "description": description,
        "headers": { "x-request-id": reference("headers", "RequestId") },
        "content": content(JSON, schema, example),
    })
}

/// The answers of an operation: the good one, its refusals, and what the server may say to any request.
pub(super) fn answers(good: Value, refusals: Vec<ApiError>) -> Value {
    let mut answers = Map::from_iter([("200".to_owned(), good)]);
    answers.extend(refused(refusals.into_iter().chain(of_server())));
    Value::Object(answers)
}

/// Refusals by status.
fn refused(refusals: impl Iterator<Item = ApiError>) -> impl Iterator<Item = (String, Value)> {
    let mut by_status: BTreeMap<u16, Vec<ApiError>> = BTreeMap::new();
    for refusal in refusals {
        let same = by_status.entry(refusal.status).or_default();
        if same.iter().all(|known| known.code != refusal.code) {
            same.push(refusal);
        }
    }
    by_status.into_iter().map(|(status, refusals)| (status.to_string(), answer_of(status, &refusals)))
}

fn answer_of(status: u16, refusals: &[ApiError]) -> Value {
    let codes: Vec<&str> = refusals.iter().map(|refusal| refusal.code.as_str()).collect();
    let mut kinds: Vec<&str> = refusals.iter().map(|refusal| refusal.kind).collect();
    kinds.dedup();
    let lines = refusals.iter().map(|refusal| format!("\n- `{}`: {}", refusal.code, refusal.message));
    let description = format!("{}\n{}", heading(status), lines.collect::<String>());
    let example: Option<Value> = refusals.first().and_then(|refusal| serde_json::from_slice(&refusal.body()).ok());
    let these = json!({ "properties": { "type": { "enum": kinds }, "code": { "enum": codes } } });
    let narrowed = json!({ "properties": { "errors": { "items": these } } });
    let schema = json!({ "allOf": [reference("schemas", "Errors"), narrowed] });
    json!({
        "description": description,
        "headers": headers_of(status),
        "content": { JSON: { "schema": schema, "example": example } },
    })
}

fn heading(status: u16) -> &'static str {
    match status {
        400 => "The request is wrong, or the state does not allow it.",
        401 => "The caller is not known.",
        402 => "The card company or the point service said no.",
        403 => "The caller may not do this.",
        404 => "There is no such thing.",
        413 => "More than the server takes.",
        429 => "Too many requests for now.",
        431 => "A longer head than the server takes.",
        500 => "Our mistake; the log knows more, under the request's id.",
        503 => "Not now. Whether something was changed is open only with `timeout` and `outcome_unknown`.",
        _ => "Refused.",
    }
}

fn headers_of(status: u16) -> Value {
    let mut names = vec![("x-request-id", "RequestId")];
    match status {
        401 => names.push(("www-authenticate", "Challenge")),
        429 | 503 => names.push(("retry-after", "RetryAfter")),
        _ => {}
    }
    names.into_iter().map(|(name, component)| (name.to_owned(), reference("headers", component))).collect()
}

pub(super) fn headers() -> Value {
    json!({
        "RequestId": {
            "description": "Under which id the request stands in the server's log.",
            "required": true,
            "schema": { "type": "string", "pattern": "^[0-9a-f]{32}$" },
        },
        "RetryAfter": {
            "description": "Seconds after which trying again makes sense.",
            "schema": { "type": "integer", "minimum": 1 },
        },
        "Challenge": {
            "description": "How to authenticate.",
            "required": true,
            "schema": { "type": "string" },
        },
    })
}

/// What the server says before or after the operation.
fn of_server() -> [ApiError; 4] {
    [Refusal::BodyTooLarge, Refusal::HeadTooLarge, Refusal::Panicked, Refusal::TimedOut].map(Refusal::error)
}

/// Refusals of everything that needs a private key of `base`, and reads.
pub(super) fn of_key(base: Base) -> Vec<ApiError> {
    let mut refusals = of_authenticated("The private key is unknown.");
    if base == Base::Live {
        refusals.push(ApiError::https_required());
    }
    refusals
}

/// Refusals of everything that needs to know who asks.
pub(super) fn of_authenticated(message: &str) -> Vec<ApiError> {
    vec![ApiError::unauthenticated(message), ApiError::rate_limit(1), ApiError::server(), ApiError::unavailable()]
}

/// Refusals of parameters in a query or a form.
pub(super) fn of_parameters(invalid: ApiError) -> Vec<ApiError> {
    vec![invalid, ApiError::too_many_parameters()]
}

/// Refusals of everything that changes a charge.
pub(super) fn of_change() -> Vec<ApiError> {
    vec![
        ApiError::key_reused(),
        ApiError::charge_locked(),
        ApiError::outcome_unknown(),
        ApiError::read_only(),
        ApiError::invalid("unreadable_body", "The body could not be read."),
    ]
}

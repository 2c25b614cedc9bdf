//! The OpenAPI document of everything that programs may call.
//!
//! It is written by hand, one function an operation. Macros on the handlers (utoipa) were considered: our handlers
//! read forms with numbered items and bracketed names by themselves, and answer with raw JSON, so the macros would see
//! nothing, and the same text would stand in attributes, in crates that otherwise know no document. What can disagree
//! is taken from where it is true: limits from [`pay::rules`], refusals from the [`pay::ApiError`]s themselves, the
//! version from Cargo. `tests/openapi` holds the document to the routes and to real answers, and
//! `cargo xtask test --only fuzz` sends what it allows and what it forbids.

mod account;
mod answer;
mod charge;
mod checkout;
mod clock;
mod erasure;
mod figures;
mod images;
mod introduction;
mod mail;
mod mailbox;
mod mall;
mod mall_buyer;
mod of_order;
mod operator;
mod orders;
mod parameter;
mod person;
mod rcard;
mod request_log;
mod schema;
mod server;
mod test_helper;
mod webhook;
mod webhook_schema;

use std::sync::LazyLock;

use axum::http::header;
use axum::response::IntoResponse;
use pay::http::Base;
use serde_json::{Map, Value, json};

/// Where the document is.
pub const PATH: &str = "/api/openapi.json";

static DOCUMENT: LazyLock<Value> = LazyLock::new(build);
static TEXT: LazyLock<String> = LazyLock::new(|| DOCUMENT.to_string());

/// The document.
pub fn document() -> &'static Value {
    &DOCUMENT
}

/// `GET /api/openapi.json`.
pub async fn show() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], TEXT.as_str())
}

/// What `part` stands for: what it refers to, or itself.
pub fn resolved<'a>(document: &'a Value, part: &'a Value) -> &'a Value {
    let target = part["$ref"].as_str().and_then(|name| name.strip_prefix('#'));
    target.and_then(|pointer| document.pointer(pointer)).unwrap_or(part)
}

/// A number as people read it: `99,999,999`.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

fn build() -> Value {
    let mut paths = Map::new();
    for base in [Base::Sandbox, Base::Live] {
        paths.extend(charge::paths(base));
        paths.extend(mail::paths(base));
    }
    paths.extend(test_helper::paths());
    paths.extend(clock::paths());
    paths.extend(mail::settings_path());
    paths.extend(webhook::paths());
    paths.extend(of_order::paths());
    paths.extend(checkout::paths());
    paths.extend(orders::paths());
    paths.extend(figures::paths());
    paths.extend(operator::paths());
    paths.extend(erasure::paths());
    paths.extend(images::paths());
    paths.extend(account::paths());
    paths.extend(person::paths());
    paths.extend(request_log::paths());
    paths.extend(mailbox::paths());
    paths.extend(mall::paths());
    paths.extend(mall_buyer::paths());
    paths.extend(rcard::paths());
    paths.extend(server::paths());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Choba 帳場",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Online payments: the LITE API, test helpers, webhooks, and the clock of the sandbox",
            "description": introduction::TEXT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "The server that you read this on" }],
        "tags": introduction::tags(),
        "paths": paths,
        "components": {
            "securitySchemes": introduction::security_schemes(),
            "parameters": parameter::all(),
            "headers": answer::headers(),
            "schemas": schemas(),
        },
    })
}

fn schemas() -> Value {
    let mut schemas = schema::all();
    let all = schemas.as_object_mut().expect("schemas by name");
    all.extend(mail::schemas());
    all.extend(of_order::schemas());
    all.extend(orders::schemas());
    all.extend(figures::schemas());
    all.extend(operator::schemas());
    all.extend(erasure::schemas());
    all.extend(images::schemas());
    all.extend(account::schemas());
    all.extend(mall::schemas());
    all.extend(mall_buyer::schemas());
    all.extend(rcard::schemas());
    let further = [person::schemas(), request_log::schemas(), mailbox::schemas()].concat();
    all.extend(further.into_iter().map(|(name, schema)| (name.to_owned(), schema)));
    schemas
}

/// A reference to a part of the components.
fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}

/// A body of this media type, with an example.
fn content(media_type: &str, schema: &str, example: Value) -> Value {
    json!({ media_type: { "schema": reference("schemas", schema), "example": example } })
}

//! The audit log, newest first.

use axum::Json;
use axum::extract::{RawQuery, State};
use kernel::Timestamp;
use pay::http::form::{Form, digits};
use pay::{ApiError, Gateway, rules};
use serde::Serialize;
use serde_json::Value;
use shop::Scope;
use store::audit_search::{self, Entry, Search};

use super::{Of, parts, shop_of};
use crate::api::token::Bearer;

/// A row as the wire shows it.
#[derive(Debug, Serialize)]
pub struct Row {
    object: &'static str,
    id: String,
    at: i64,
    actor: String,
    origin: String,
    action: String,
    of: String,
    fields: Value,
    position: Option<i64>,
}

impl Row {
    fn of(entry: Entry) -> Row {
        let Entry { id, at, actor, origin, action, object, fields, position } = entry;
        let fields = serde_json::from_str(&fields).unwrap_or(Value::Null);
        Row { object: "audit_row", id, at: at.seconds(), actor, origin, action, of: object, fields, position }
    }
}

/// A page of rows.
#[derive(Debug, Serialize)]
pub struct Page {
    object: &'static str,
    data: Vec<Row>,
    /// To be sent as `before`; null at the end.
    next: Option<String>,
}

/// `GET …/audit`.
pub async fn list(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Of,
    RawQuery(query): RawQuery,
) -> Result<Json<Page>, ApiError> {
    let shop = shop_of(&gateway, &bearer, &parts(at)?, Scope::Audit).await?;
    let form = Form::parse(query.unwrap_or_default().as_bytes())?;
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let search = Search {
        actor: text("actor"),
        action: text("action"),
        object: text("of"),
        from: number(&form, "from")?.map(Timestamp::from_seconds),
        until: number(&form, "until")?.map(Timestamp::from_seconds),
        before: form.get("before").filter(|text| is_id(text)).map(str::to_owned),
    };
    if form.get("before").is_some() && search.before.is_none() {
        return Err(ApiError::parameter("before", "the next of another page"));
    }
    let limit = number(&form, "limit")?.unwrap_or(rules::PAGE_DEFAULT);
    if !(1..=rules::PAGE_MAX).contains(&limit) {
        return Err(ApiError::parameter("limit", &format!("1 to {}", rules::PAGE_MAX)));
    }
    let read = move |tx: &mut store::Tx<'_>| {
        audit_search::page(tx, shop, &search, usize::try_from(limit).unwrap_or(1)).map_err(ApiError::from)
    };
    let found = gateway.store().read(read).await?;
    Ok(Json(Page { object: "list", data: found.rows.into_iter().map(Row::of).collect(), next: found.next }))
}

/// Ids are hex digits, some with an ending.
fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= 100 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn number(form: &Form, name: &str) -> Result<Option<i64>, ApiError> {
    let Some(text) = form.get(name) else { return Ok(None) };
    let number = digits(text).and_then(|digits| digits.parse().ok());
    number.map(Some).ok_or_else(|| ApiError::parameter(name, "a whole number"))
}

//! The audit log, newest first.

use axum::Json;
use axum::extract::{RawQuery, State};
use pay::http::form::Form;
use pay::{ApiError, Gateway};
use serde::Serialize;
use serde_json::Value;
use shop::Scope;
use store::audit_search::{self, Entry, Search};

use super::{Of, parts, shop_of};
use crate::api::query::{before, instant, limit};
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
        from: instant(&form, "from")?,
        until: instant(&form, "until")?,
        before: before(&form)?,
    };
    let limit = limit(&form)?;
    let read = move |tx: &mut store::Tx<'_>| {
        audit_search::page(tx, shop, &search, usize::try_from(limit).unwrap_or(1)).map_err(ApiError::from)
    };
    let found = gateway.store().read(read).await?;
    Ok(Json(Page { object: "list", data: found.rows.into_iter().map(Row::of).collect(), next: found.next }))
}

//! `/charges/{id}`: retrieve, capture, and `refund`, which cancels or, with items, changes the amount (contract
//! "Operations").

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Uri};
use kernel::ChargeNumber;

use super::caller::Caller;
use super::form::Form;
use super::{Api, json, media_type, to_json, whole};
use crate::attempt::Work;
use crate::charge::wire::Snapshot;
use crate::error::ApiError;
use crate::gateway::Answer;

/// `GET /charges/{id}`.
pub async fn retrieve(
    State(api): State<Api>,
    caller: Caller,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let number = number(id)?;
    let charge = api.gateway.find(caller.shop, caller.environment, number).await?;
    let charge = charge.ok_or_else(ApiError::no_such_charge)?;
    let snapshot = Snapshot::of(&charge, caller.environment);
    Ok(to_json(&snapshot.to_wire(&caller.private_key, charge.address_json.as_deref())))
}

/// `POST /charges/{id}/capture`: 確定. Parameters are not expected and have no effect.
pub async fn capture(
    State(api): State<Api>,
    uri: Uri,
    caller: Caller,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let form = form(&headers, body)?;
    change(&api, &caller, uri.path(), number(id)?, &headers, &form, Work::Capture).await
}

/// `POST /charges/{id}/refund`: キャンセル without items, 金額変更 with them.
pub async fn refund(
    State(api): State<Api>,
    uri: Uri,
    caller: Caller,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let form = form(&headers, body)?;
    // Items in the address are not where they belong; passing over them would cancel the charge.
    if Form::parse(uri.query().unwrap_or_default().as_bytes())?.items()?.is_some() {
        return Err(ApiError::parameter("the items", "in the body"));
    }
    let work = form.items()?.map_or(Work::Cancel, Work::Change);
    change(&api, &caller, uri.path(), number(id)?, &headers, &form, work).await
}

async fn change(
    api: &Api,
    caller: &Caller,
    path: &str,
    number: ChargeNumber,
    headers: &HeaderMap,
    form: &Form,
    work: Work,
) -> Result<Response, ApiError> {
    let change = caller.change(headers, "POST", path, &form.canonical())?;
    let answer = api.gateway.change(change, number, work).await?;
    Ok(answered(caller, answer))
}

/// The answer to a change, now or again.
pub fn answered(caller: &Caller, answer: Answer) -> Response {
    match answer {
        Answer::Charge(snapshot, address) => {
            to_json(&snapshot.to_wire(&caller.private_key, address.as_deref())).into_response()
        }
        Answer::Kept(status, body) => json(status, body),
    }
}

/// A text that is no order number names no charge.
fn number(id: Result<Path<String>, PathRejection>) -> Result<ChargeNumber, ApiError> {
    let Path(id) = id.map_err(|_| ApiError::no_such_charge())?;
    id.parse().map_err(|_| ApiError::no_such_charge())
}

/// The parameters of a POST, whose body may be empty. A body of another type is refused, whatever it says it is, not
/// passed over: passing over the items of a change would cancel the charge.
pub(super) fn form(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<Form, ApiError> {
    let body = whole(body)?;
    let form_type = "application/x-www-form-urlencoded";
    match media_type(headers) {
        Some(other) if other != form_type && !body.is_empty() => {
            Err(ApiError::parameter("Content-Type", &format!("{form_type}, not {}", other.escape_debug())))
        }
        Some(_) | None if is_another_document(&body) => Err(ApiError::parameter("the body", form_type)),
        Some(_) | None => Form::parse(&body),
    }
}

/// Whether the body begins like JSON or XML: many clients say of everything that it is a form.
fn is_another_document(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'[' | b'<'))
}

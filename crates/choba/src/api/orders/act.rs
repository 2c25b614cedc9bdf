//! 確定, キャンセル and 金額変更, as the windows of the pages do them: the operations of the LITE API, for who has a token
//! and no private key; only to the order as it was seen, if the request says which version that was.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pay::attempt::{Requester, Work};
use pay::charge::{Item, Items};
use pay::gateway::{Answer, Change};
use pay::http::caller::{fingerprint, idempotency_key};
use pay::http::{object, whole};
use pay::{ApiError, Gateway};
use serde::Deserialize;
use serde_json::{Value, json};
use store::idempotency::RequestKey;

use super::{PlaceOf, order, read};
use crate::api::token::Bearer;

/// The body of 確定 and キャンセル; may be left out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    #[serde(default)]
    version: Option<i64>,
}

/// The body of 金額変更.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewItems {
    items: Vec<Item>,
    #[serde(default)]
    version: Option<i64>,
}

/// `POST …/orders/{id}/capture`.
pub async fn capture(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: PlaceOf,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let body = whole(body)?;
    let read = |body: &[u8]| Ok((Work::Capture, seen(body)?.version));
    act(&gateway, &bearer, at, &headers, &body, read).await
}

/// `POST …/orders/{id}/cancel`.
pub async fn cancel(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: PlaceOf,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let body = whole(body)?;
    let read = |body: &[u8]| Ok((Work::Cancel, seen(body)?.version));
    act(&gateway, &bearer, at, &headers, &body, read).await
}

/// `POST …/orders/{id}/change`.
pub async fn change(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: PlaceOf,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let body = whole(body)?;
    let read = |body: &[u8]| {
        let NewItems { items, version } = object(body)?;
        Ok((Work::Change(Items::new(items)?), version))
    };
    act(&gateway, &bearer, at, &headers, &body, read).await
}

fn seen(body: &[u8]) -> Result<Seen, ApiError> {
    if body.trim_ascii().is_empty() { Ok(Seen::default()) } else { object(body) }
}

async fn act(
    gateway: &Gateway,
    bearer: &Bearer,
    at: PlaceOf,
    headers: &HeaderMap,
    body: &[u8],
    read: impl FnOnce(&[u8]) -> Result<(Work, Option<i64>), ApiError>,
) -> Result<Response, ApiError> {
    let (shop, environment, number) = order(gateway, bearer, at).await?;
    let (work, version) = read(body)?;
    let path = format!("/api/shops/{shop}/{environment}/orders/{number}/{}", work.verb());
    let key = idempotency_key(headers)?.map(|key| RequestKey {
        shop,
        scope: environment.as_str(),
        key,
        fingerprint: fingerprint("POST", &path, body),
    });
    let requester = Requester { actor: format!("token:{}", bearer.token.id), origin: bearer.origin.clone() };
    let change = Change { shop, environment, key, requester };
    match gateway.change_seen(change, version, number, work).await? {
        Answer::Charge(snapshot, _) => Ok(Json(changed(&snapshot)?).into_response()),
        Answer::Kept(status, body) => {
            let status = StatusCode::from_u16(status).map_err(|_| ApiError::server())?;
            let content_type = (header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
            Ok((status, [content_type], body).into_response())
        }
    }
}

/// The order after the change, then and whenever the same request comes again.
fn changed(snapshot: &pay::charge::wire::Snapshot) -> Result<Value, ApiError> {
    let snapshot: Value = serde_json::from_str(&snapshot.to_json()).map_err(|_| ApiError::server())?;
    let flag = |name: &str| snapshot[name] == true;
    Ok(json!({
        "object": "order_change",
        "id": snapshot["id"],
        "status": read::status(flag("paid"), flag("captured")),
        "amount": snapshot["amount"],
        "point": snapshot["point"],
        "items": snapshot["items"],
        "updated": snapshot["updated"],
    }))
}

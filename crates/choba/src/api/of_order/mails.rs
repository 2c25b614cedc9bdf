//! お知らせメール of an order, for who has a token: the draft, the preview, sending, the history.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pay::gateway::Change;
use pay::http::{object, whole};
use pay::notification::check::{self, Checked};
use pay::notification::draft::{self, Draft, Preview};
use pay::notification::history::{self, History};
use pay::notification::{Wanted, operations};
use pay::{ApiError, Asked, Gateway};
use serde::Deserialize;
use shop::Scope;
use store::idempotency::RequestKey;

use super::{OrderPath, area, asked, order};
use crate::api::token::Bearer;

/// The texts of a mail.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    subject: String,
    body: String,
}

type Body = Result<Bytes, BytesRejection>;

/// `GET …/orders/{id}/mails`.
pub async fn list(State(gateway): State<Gateway>, bearer: Bearer, path: OrderPath) -> Result<Json<History>, ApiError> {
    let (shop, environment, number) = order(&gateway, &bearer, path, Scope::Mail).await?;
    let read = move |tx: &mut store::Tx<'_>| history::of_charge(tx, shop, environment, number);
    let found = gateway.store().read(read).await?;
    found.map(Json).ok_or_else(ApiError::no_such_charge)
}

/// `POST …/orders/{id}/mails`.
pub async fn send(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    path: OrderPath,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let (shop, environment, number) = order(&gateway, &bearer, path, Scope::Mail).await?;
    let body = whole(body)?;
    let Texts { subject, body: text } = object(&body)?;
    let wanted = Wanted::new(&number.to_string(), &subject, &text)?;
    let path = format!("/orders/{number}/mails");
    let Asked { shop, environment, requester, key } = asked(&bearer, (shop, environment), &headers, &path, &body)?;
    // The key stands with those of the order's other changes.
    let key = key.map(|key| RequestKey { scope: environment.as_str(), ..key });
    let change = Change { shop, environment, key, requester };
    match operations::ask(&gateway, change, wanted).await? {
        operations::Answer::Made(notification) => Ok(Json(notification.to_wire()).into_response()),
        operations::Answer::Kept(status, body) => {
            let status = StatusCode::from_u16(status).map_err(|_| ApiError::server())?;
            Ok((status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response())
        }
    }
}

/// `POST …/orders/{id}/mails/{mail}/resend`.
pub async fn send_again(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    path: Result<Path<(String, String, String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Path((shop, environment, number, mail)) = path.map_err(|_| ApiError::no_such_path())?;
    let order_path = Ok(Path((shop, environment, number)));
    let (shop, environment, number) = order(&gateway, &bearer, order_path, Scope::Mail).await?;
    let path = format!("/orders/{number}/mails/{mail}/resend");
    let asked = asked(&bearer, (shop, environment), &headers, &path, b"")?;
    let answer = history::send_again(&gateway, &asked, number, &mail).await?;
    Ok(([(header::CONTENT_TYPE, "application/json; charset=utf-8")], answer).into_response())
}

/// `GET …/orders/{id}/mail-draft`.
pub async fn draft(State(gateway): State<Gateway>, bearer: Bearer, path: OrderPath) -> Result<Json<Draft>, ApiError> {
    let (shop, environment, number) = order(&gateway, &bearer, path, Scope::Mail).await?;
    let read = move |tx: &mut store::Tx<'_>| draft::draft(tx, shop, environment, number);
    let found = gateway.store().read(read).await?;
    found.map(Json).ok_or_else(ApiError::no_such_charge)
}

/// `POST …/orders/{id}/mail-preview`: changes nothing.
pub async fn preview(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    path: OrderPath,
    body: Body,
) -> Result<Json<Preview>, ApiError> {
    let (shop, environment, number) = order(&gateway, &bearer, path, Scope::Mail).await?;
    let Texts { subject, body } = object(&whole(body)?)?;
    let wanted = Wanted::new(&number.to_string(), &subject, &body)?;
    let read = move |tx: &mut store::Tx<'_>| draft::preview(tx, shop, environment, &wanted);
    Ok(Json(gateway.store().read(read).await??))
}

/// `POST …/mail-check`: changes nothing.
pub async fn check(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    path: Result<Path<(String, String)>, PathRejection>,
    body: Body,
) -> Result<Json<Checked>, ApiError> {
    let Path((shop, environment)) = path.map_err(|_| ApiError::no_such_path())?;
    area(&gateway, &bearer, (&shop, &environment), Scope::Mail).await?;
    let Texts { subject, body } = object(&whole(body)?)?;
    Ok(Json(check::check(&subject, &body)))
}

//! `/api/operators`: who runs this server.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use pay::http::{object, whole};
use pay::{ApiError, Gateway};
use serde::{Deserialize, Serialize};
use shop::Staff;
use shop::register::operators::{self, Refused};
use shop::staff::Email;
use store::StoreError;

use super::{nothing, operator};
use crate::api::token::Bearer;

/// An operator as the wire shows it.
#[derive(Debug, Serialize)]
pub struct Shown {
    object: &'static str,
    id: String,
    email: String,
    shop: i64,
}

/// Every operator.
#[derive(Debug, Serialize)]
pub struct List {
    object: &'static str,
    data: Vec<Shown>,
}

fn shown(staff: &Staff) -> Shown {
    Shown { object: "operator", id: staff.id.clone(), email: staff.email.as_str().to_owned(), shop: staff.shop.0 }
}

async fn all(gateway: &Gateway) -> Result<Json<List>, ApiError> {
    let found = gateway.store().read::<_, StoreError, _>(operators::all).await?;
    Ok(Json(List { object: "list", data: found.iter().map(shown).collect() }))
}

/// `GET /api/operators`.
pub async fn list(State(gateway): State<Gateway>, bearer: Bearer) -> Result<Json<List>, ApiError> {
    operator(&bearer)?;
    all(&gateway).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    email: String,
}

/// `POST /api/operators`: doing it twice is doing it once.
pub async fn grant(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Shown>, ApiError> {
    operator(&bearer)?;
    let New { email } = object(&whole(body)?)?;
    let email: Email = email.parse().map_err(|_| ApiError::parameter("email", "a mail address in ASCII"))?;
    let by = bearer.by(&gateway);
    let made = gateway.store().write::<_, StoreError, _>(move |tx| operators::grant(tx, &email, &by)).await?;
    made.map(|staff| Json(shown(&staff))).map_err(refused)
}

fn refused(refused: Refused) -> ApiError {
    let code = match refused {
        Refused::NoAccount => "no_such_account",
        Refused::Last => "last_operator",
        Refused::Taken => "address_taken",
    };
    ApiError::invalid(code, refused.to_string())
}

/// `DELETE /api/operators/{member}`; who is left.
pub async fn revoke(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<List>, ApiError> {
    operator(&bearer)?;
    let Path(id) = id.map_err(|_| nothing())?;
    let by = bearer.by(&gateway);
    let done = gateway.store().write::<_, StoreError, _>(move |tx| operators::revoke(tx, &id, &by)).await?;
    match done {
        Ok(()) => all(&gateway).await,
        Err(Refused::NoAccount | Refused::Taken) => Err(nothing()),
        Err(last @ Refused::Last) => Err(refused(last)),
    }
}

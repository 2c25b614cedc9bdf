//! `/api/shops/{shop}/fees`: what a shop pays, from a day on.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use kernel::{JstDate, ShopId, Timestamp};
use pay::fee::{self, Fee, Rate, Unfit, Withdrawn};
use pay::http::{object, whole};
use pay::{ApiError, Gateway};
use serde::{Deserialize, Serialize};
use shop::Scope;
use shop::register::Made;
use store::{StoreError, Tx};

use super::{date, key, name, nothing, operator, shop_of};
use crate::api::clock::known_shop;
use crate::api::token::{Bearer, authorize};

/// A fee as the wire shows it.
#[derive(Debug, Serialize)]
pub struct Shown {
    object: &'static str,
    id: String,
    from: String,
    basis_points: i64,
    fixed: i64,
    in_force: bool,
    /// Unix seconds.
    withdrawn: Option<i64>,
}

/// The fees of a shop, the one that begins last first.
#[derive(Debug, Serialize)]
pub struct List {
    object: &'static str,
    data: Vec<Shown>,
}

fn shown(fees: &[Fee], today: JstDate) -> Vec<Shown> {
    let now = fee::on(fees, today).map(|fee| fee.id.as_str());
    let one = |fee: &Fee| Shown {
        object: "fee",
        id: fee.id.clone(),
        from: fee.from.to_string(),
        basis_points: fee.rate.basis_points(),
        fixed: fee.rate.fixed().get(),
        in_force: now == Some(fee.id.as_str()),
        withdrawn: fee.withdrawn.map(Timestamp::seconds),
    };
    fees.iter().map(one).collect()
}

async fn all(gateway: &Gateway, shop: ShopId) -> Result<Vec<Shown>, ApiError> {
    let fees = gateway.store().read::<_, StoreError, _>(move |tx| fee::rows::all(tx, shop)).await?;
    Ok(shown(&fees, gateway.store().machine_now().jst_date()))
}

async fn one(gateway: &Gateway, shop: ShopId, id: &str) -> Result<Json<Shown>, ApiError> {
    all(gateway, shop).await?.into_iter().find(|fee| fee.id == id).map(Json).ok_or_else(nothing)
}

/// `GET …/fees`.
pub async fn list(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    shop: Result<Path<i64>, PathRejection>,
) -> Result<Json<List>, ApiError> {
    let shop = known_shop(&gateway, shop).await?;
    authorize(&bearer, Scope::Settings, shop)?;
    Ok(Json(List { object: "list", data: all(&gateway, shop).await? }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    from: String,
    basis_points: i64,
    fixed: i64,
}

fn refused(unfit: Unfit) -> ApiError {
    ApiError::invalid("invalid_parameter", format!("{unfit}."))
}

/// `POST …/fees`.
pub async fn write(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    shop: Result<Path<i64>, PathRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Shown>, ApiError> {
    operator(&bearer)?;
    let shop = known_shop(&gateway, shop).await?;
    let body = whole(body)?;
    let New { from, basis_points, fixed } = object(&body)?;
    let from = date(&from).ok_or_else(|| ApiError::parameter("from", "a day such as 2026-11-22"))?;
    let rate = Rate::new(basis_points, fixed).map_err(refused)?;
    let new = Fee { id: name(&gateway, "fee_"), from, rate, created: gateway.store().machine_now(), withdrawn: None };
    let key = key(&headers, &format!("/api/shops/{shop}/fees"), &body)?;
    let by = bearer.by(&gateway);
    let write = move |tx: &mut Tx<'_>| fee::write_once(tx, shop, &new, (key.as_ref(), &by));
    match gateway.store().write::<_, StoreError, _>(write).await?.map_err(refused)? {
        Made::New(id) | Made::Before(id) => one(&gateway, shop, &id).await,
        Made::KeyReused => Err(ApiError::key_reused()),
    }
}

/// `POST …/fees/{fee}/withdraw`: doing it twice is doing it once.
pub async fn withdraw(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<Shown>, ApiError> {
    operator(&bearer)?;
    let Path((shop, id)) = at.map_err(|_| nothing())?;
    let shop = known_shop(&gateway, Ok(Path(shop_of(&shop)?.0))).await?;
    let (by, named) = (bearer.by(&gateway), id.clone());
    match gateway.store().write::<_, StoreError, _>(move |tx| fee::withdraw(tx, shop, &named, &by)).await? {
        Withdrawn::Done => one(&gateway, shop, &id).await,
        Withdrawn::Absent => Err(nothing()),
        Withdrawn::Begun => Err(ApiError::invalid("fee_has_begun", "A fee that has begun stays.")),
    }
}

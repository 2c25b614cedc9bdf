//! Saved searches: list, save, remove, bring back.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use kernel::ShopId;
use pay::http::form::Form;
use pay::http::{object, whole};
use pay::orders::view::{self, NewView, Refused, View};
use pay::{ApiError, Gateway};
use serde::{Deserialize, Serialize};
use store::Tx;

use super::shop_of;
use crate::api::token::Bearer;

#[derive(Serialize)]
struct ViewObject {
    object: &'static str,
    id: String,
    staff: Option<String>,
    name: String,
    search: String,
    created: i64,
}

impl ViewObject {
    fn of(view: View) -> ViewObject {
        let View { id, staff, name, search, created } = view;
        ViewObject { object: "order_view", id, staff, name, search, created: created.seconds() }
    }
}

#[derive(Serialize)]
struct ListObject {
    object: &'static str,
    data: Vec<ViewObject>,
}

/// What is to be saved.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    name: String,
    search: String,
    #[serde(default)]
    staff: Option<String>,
}

type OfShop = Result<Path<String>, PathRejection>;
type OfView = Result<Path<(String, String)>, PathRejection>;

async fn of_shop(gateway: &Gateway, bearer: &Bearer, at: OfShop) -> Result<ShopId, ApiError> {
    let Path(shop) = at.map_err(|_| ApiError::no_such_path())?;
    shop_of(gateway, bearer, &shop).await
}

/// `stf_…`: a member of the staff of the shop.
async fn member(gateway: &Gateway, shop: ShopId, staff: Option<&str>) -> Result<Option<String>, ApiError> {
    let Some(staff) = staff else { return Ok(None) };
    let known = gateway.store().read(|tx| shop::staff::rows::all(tx).map_err(ApiError::from)).await?;
    let is_ours = known.iter().any(|known| known.shop == shop && known.id == staff);
    is_ours.then(|| Some(staff.to_owned())).ok_or_else(|| ApiError::parameter("staff", "a member of the shop's staff"))
}

fn staff_of(query: Option<String>) -> Result<Option<String>, ApiError> {
    let form = Form::parse(query.unwrap_or_default().as_bytes())?;
    Ok(form.get("staff").map(str::to_owned))
}

/// `GET …/order-views`.
pub async fn list(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: OfShop,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let shop = of_shop(&gateway, &bearer, at).await?;
    let staff = member(&gateway, shop, staff_of(query)?.as_deref()).await?;
    let read = move |tx: &mut Tx<'_>| view::rows::all(tx, shop, staff.as_deref()).map_err(ApiError::from);
    let data = gateway.store().read(read).await?.into_iter().map(ViewObject::of).collect();
    Ok(Json(ListObject { object: "list", data }).into_response())
}

/// `PUT …/order-views`: doing it twice is doing it once.
pub async fn save(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: OfShop,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let shop = of_shop(&gateway, &bearer, at).await?;
    let Body { name, search, staff } = object(&whole(body)?)?;
    let staff = member(&gateway, shop, staff.as_deref()).await?;
    let (new, by) = (NewView::new(staff, &name, &search).map_err(|why| refused(&why))?, bearer.by(&gateway));
    let save = move |tx: &mut Tx<'_>| view::save(tx, shop, &new, &by).map_err(ApiError::from);
    let saved = gateway.store().write(save).await?.map_err(|why| refused(&why))?;
    Ok(Json(ViewObject::of(saved)).into_response())
}

/// The view that a path names, and whose it may be.
async fn named(
    gateway: &Gateway,
    bearer: &Bearer,
    at: OfView,
    query: Option<String>,
) -> Result<(ShopId, String, Option<String>), ApiError> {
    let Path((shop, id)) = at.map_err(|_| ApiError::no_such_path())?;
    let shop = shop_of(gateway, bearer, &shop).await?;
    let staff = member(gateway, shop, staff_of(query)?.as_deref()).await?;
    let digits = id.strip_prefix("ov_").filter(|digits| digits.len() == 32);
    let is_id = digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if is_id { Ok((shop, id, staff)) } else { Err(missing()) }
}

/// `DELETE …/order-views/{view}`.
pub async fn remove(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: OfView,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let (shop, id, staff) = named(&gateway, &bearer, at, query).await?;
    let by = bearer.by(&gateway);
    let remove = move |tx: &mut Tx<'_>| view::remove(tx, shop, &id, staff.as_deref(), &by).map_err(ApiError::from);
    let removed = gateway.store().write(remove).await?.ok_or_else(missing)?;
    Ok(Json(ViewObject::of(removed)).into_response())
}

/// `POST …/order-views/{view}/restore`: doing it twice is doing it once.
pub async fn restore(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: OfView,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let (shop, id, staff) = named(&gateway, &bearer, at, query).await?;
    let by = bearer.by(&gateway);
    let restore = move |tx: &mut Tx<'_>| view::restore(tx, shop, &id, staff.as_deref(), &by).map_err(ApiError::from);
    let restored = gateway.store().write(restore).await?.ok_or_else(missing)?;
    Ok(Json(ViewObject::of(restored)).into_response())
}

fn missing() -> ApiError {
    ApiError::missing_resource("There is no such saved search.")
}

fn refused(why: &Refused) -> ApiError {
    let code = match why {
        Refused::Name | Refused::Search(_) => "invalid_parameter",
        Refused::TooMany => "too_many_views",
    };
    ApiError::invalid(code, why.to_string())
}

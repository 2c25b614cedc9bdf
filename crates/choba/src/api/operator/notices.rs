//! お知らせ: `/api/notices` of the operator, and `/api/shops/{shop}/notices`, what a shop is shown.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use kernel::{ShopId, Timestamp};
use pay::http::form::Form;
use pay::http::{object, whole};
use pay::{ApiError, Gateway};
use serde::{Deserialize, Serialize};
use shop::notice::{self, Draft, Notice, Unfit, rows};
use shop::register::Made;
use shop::{Scope, Staff};
use store::{StoreError, Tx};

use super::{key, name, nothing, operator, shop_of};
use crate::api::clock::known_shop;
use crate::api::token::{Bearer, authorize};

/// Notices of a page at the most.
const PAGE_MAX: i64 = 100;

/// A notice as the wire shows it.
#[derive(Debug, Serialize)]
pub struct Shown {
    object: &'static str,
    id: String,
    shop: Option<i64>,
    severity: &'static str,
    title: String,
    body: String,
    state: &'static str,
    /// Unix seconds.
    from: i64,
    until: Option<i64>,
    /// When the member of the staff that was named has read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    read: Option<i64>,
}

impl Shown {
    fn of(notice: Notice, now: Timestamp, read: Option<Timestamp>) -> Shown {
        Shown {
            object: "notice",
            state: notice.phase(now).as_str(),
            id: notice.id,
            shop: notice.shop.map(|shop| shop.0),
            severity: notice.severity.as_str(),
            title: notice.title,
            body: notice.body,
            from: notice.from.seconds(),
            until: notice.until.map(Timestamp::seconds),
            read: read.map(Timestamp::seconds),
        }
    }
}

/// Notices, the newest first.
#[derive(Debug, Serialize)]
pub struct List {
    object: &'static str,
    data: Vec<Shown>,
    has_more: bool,
}

/// `GET /api/notices`.
pub async fn list(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    RawQuery(query): RawQuery,
) -> Result<Json<List>, ApiError> {
    operator(&bearer)?;
    let form = Form::parse(query.unwrap_or_default().as_bytes())?;
    let before = form.get("before").map(str::to_owned);
    if before.as_deref().is_some_and(|name| !is_name(name)) {
        return Err(ApiError::parameter("before", "ntc_… with 32 hex digits"));
    }
    let read = move |tx: &mut Tx<'_>| rows::page(tx, before.as_deref(), PAGE_MAX + 1);
    let mut found = gateway.store().read::<_, StoreError, _>(read).await?;
    let has_more = found.len() as i64 > PAGE_MAX;
    found.truncate(PAGE_MAX as usize);
    let now = gateway.store().machine_now();
    let data = found.into_iter().map(|notice| Shown::of(notice, now, None)).collect();
    Ok(Json(List { object: "list", data, has_more }))
}

fn is_name(text: &str) -> bool {
    let rest = text.strip_prefix("ntc_");
    rest.is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
}

async fn one(gateway: &Gateway, id: String) -> Result<Json<Shown>, ApiError> {
    if !is_name(&id) {
        return Err(nothing());
    }
    let found = gateway.store().read::<_, StoreError, _>(move |tx| rows::find(tx, &id)).await?;
    let now = gateway.store().machine_now();
    found.map(|notice| Json(Shown::of(notice, now, None))).ok_or_else(nothing)
}

/// `GET /api/notices/{notice}`.
pub async fn show(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Shown>, ApiError> {
    operator(&bearer)?;
    let Path(id) = id.map_err(|_| nothing())?;
    one(&gateway, id).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    #[serde(default)]
    shop: Option<i64>,
    severity: String,
    title: String,
    body: String,
    #[serde(default)]
    from: Option<i64>,
    #[serde(default)]
    until: Option<i64>,
}

/// No notice is shown at an instant beyond this one: the end of the year 9999.
const LATEST_SECONDS: i64 = 253_402_300_799;

fn instant(name: &str, seconds: Option<i64>) -> Result<Option<Timestamp>, ApiError> {
    let fits = seconds.is_none_or(|seconds| (0..=LATEST_SECONDS).contains(&seconds));
    let expected = "Unix seconds before the year 10000";
    fits.then(|| seconds.map(Timestamp::from_seconds)).ok_or_else(|| ApiError::parameter(name, expected))
}

fn refused(unfit: Unfit) -> ApiError {
    let code = match unfit {
        Unfit::Title | Unfit::Body | Unfit::Period => "invalid_parameter",
        Unfit::Shop => "no_such_shop",
    };
    ApiError::invalid(code, format!("{unfit}."))
}

/// `POST /api/notices`.
pub async fn write(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Shown>, ApiError> {
    operator(&bearer)?;
    let text = whole(body)?;
    let New { shop, severity, title, body, from, until } = object(&text)?;
    let expected = "information, maintenance or important";
    let severity = severity.parse().map_err(|_| ApiError::parameter("severity", expected))?;
    let (from, until) = (instant("from", from)?, instant("until", until)?);
    let draft = Draft { shop: shop.map(ShopId), severity, title, body, from, until };
    let notice = draft.checked(name(&gateway, "ntc_"), gateway.store().machine_now()).map_err(refused)?;
    let (key, by) = (key(&headers, super::PATHS[9], &text)?, bearer.by(&gateway));
    let write = move |tx: &mut Tx<'_>| notice::write_once(tx, &notice, (key.as_ref(), &by));
    match gateway.store().write::<_, StoreError, _>(write).await?.map_err(refused)? {
        Made::New(id) | Made::Before(id) => one(&gateway, id).await,
        Made::KeyReused => Err(ApiError::key_reused()),
    }
}

/// `POST /api/notices/{notice}/withdraw`: doing it twice is doing it once.
pub async fn withdraw(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Shown>, ApiError> {
    operator(&bearer)?;
    let Path(id) = id.map_err(|_| nothing())?;
    let Json(Shown { id, .. }) = one(&gateway, id).await?;
    let (by, named) = (bearer.by(&gateway), id.clone());
    gateway.store().write::<_, StoreError, _>(move |tx| notice::withdraw(tx, &named, &by)).await?;
    one(&gateway, id).await
}

/// A member of the staff of a shop.
fn member(tx: &mut Tx<'_>, shop: ShopId, id: &str) -> Result<Staff, ApiError> {
    let all = shop::staff::rows::all(tx)?;
    let found = all.into_iter().find(|staff| staff.shop == shop && staff.id == id);
    found.ok_or_else(|| ApiError::parameter("staff", "an account of this shop: stf_…"))
}

/// `GET /api/shops/{shop}/notices?staff=…`.
pub async fn shown(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    shop: Result<Path<i64>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Json<List>, ApiError> {
    let shop = known_shop(&gateway, shop).await?;
    authorize(&bearer, Scope::Settings, shop)?;
    let form = Form::parse(query.unwrap_or_default().as_bytes())?;
    let staff = form.get("staff").map(str::to_owned);
    let read = move |tx: &mut Tx<'_>| {
        let staff = staff.as_deref().map(|id| member(tx, shop, id)).transpose()?;
        let id = staff.map(|staff| staff.id).unwrap_or_default();
        notice::shown(tx, shop, &id, PAGE_MAX).map_err(ApiError::from)
    };
    let (found, now) = (gateway.store().read(read).await?, gateway.store().machine_now());
    let data = found.into_iter().map(|shown| Shown::of(shown.notice, now, shown.read)).collect();
    Ok(Json(List { object: "list", data, has_more: false }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reader {
    staff: String,
}

/// Who a request about a notice means, and the notice.
async fn reader(
    gateway: &Gateway,
    bearer: &Bearer,
    at: Result<Path<(String, String)>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<(ShopId, String, String), ApiError> {
    let Path((shop, id)) = at.map_err(|_| nothing())?;
    let shop = known_shop(gateway, Ok(Path(shop_of(&shop)?.0))).await?;
    authorize(bearer, Scope::Settings, shop)?;
    let reader: Reader = object(&whole(body)?)?;
    Ok((shop, id, reader.staff))
}

/// `POST /api/shops/{shop}/notices/{notice}/read`: doing it twice is doing it once.
pub async fn read(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Result<Path<(String, String)>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Shown>, ApiError> {
    let (shop, id, staff) = reader(&gateway, &bearer, at, body).await?;
    let named = id.clone();
    let write = move |tx: &mut Tx<'_>| {
        let staff = member(tx, shop, &staff)?;
        notice::read(tx, &staff, &named).map_err(ApiError::from)
    };
    if gateway.store().write(write).await? { one(&gateway, id).await } else { Err(nothing()) }
}

/// `POST /api/shops/{shop}/notices/{notice}/unread`: takes that back; doing it twice is doing it once.
pub async fn unread(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Result<Path<(String, String)>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Shown>, ApiError> {
    let (shop, id, staff) = reader(&gateway, &bearer, at, body).await?;
    let named = id.clone();
    let write = move |tx: &mut Tx<'_>| {
        let staff = member(tx, shop, &staff)?;
        notice::unread(tx, &staff, &named).map_err(ApiError::from)
    };
    if gateway.store().write(write).await? { one(&gateway, id).await } else { Err(nothing()) }
}

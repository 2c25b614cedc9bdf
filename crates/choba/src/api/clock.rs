//! `/api/shops/{shop}/clock`: the test clock of a shop's sandbox (design "Time: two clocks").

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use kernel::outside::sortable_hex;
use kernel::{Environment, JstDate, ShopId, Timestamp};
use pay::work::ClockError;
use pay::{ApiError, Gateway};
use serde::{Deserialize, Serialize};
use shop::Scope;
use store::audit::{self, NewEntry};
use store::{StoreError, clock};

use super::token::{Bearer, authorize};
use crate::duration;

/// How far ahead a clock may be turned at once, in days: the longest rule is a year and a half.
pub const DAYS_MAX: i64 = 3_660;
/// No clock is turned into this year (JST) or beyond: order numbers have years of four digits.
pub const LATEST_YEAR: i64 = 9_000;

/// Where a test clock stands.
#[derive(Debug, Serialize)]
pub struct Standing {
    object: &'static str,
    shop: i64,
    /// Unix seconds.
    now: i64,
    /// The same, as people in Japan read it.
    now_jst: String,
}

impl Standing {
    fn at(shop: ShopId, now: Timestamp) -> Json<Standing> {
        Json(Standing { object: "clock", shop: shop.0, now: now.seconds(), now_jst: now.to_string() })
    }
}

/// How to turn it: one of the two.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    /// `14d`, `36h`, `1h30m`.
    #[serde(default)]
    by: Option<String>,
    /// Unix seconds.
    #[serde(default)]
    to: Option<i64>,
}

/// `GET`: where it stands.
pub async fn show(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    shop: Result<Path<i64>, PathRejection>,
) -> Result<Json<Standing>, ApiError> {
    let shop = known_shop(&gateway, shop).await?;
    authorize(&bearer, Scope::Clock, shop)?;
    Ok(Standing::at(shop, world_now(&gateway, shop).await?))
}

/// `POST …/advance`: turns it and works off what becomes due, then answers.
pub async fn advance(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    shop: Result<Path<i64>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Standing>, ApiError> {
    let shop = known_shop(&gateway, shop).await?;
    authorize(&bearer, Scope::Clock, shop)?;
    let turn: Turn = pay::http::object(&pay::http::whole(body)?)?;
    let now = world_now(&gateway, shop).await?;
    let to = target(&turn, now)?;
    record(&gateway, &bearer, shop, now, to).await?;
    let reached = tokio::spawn(async move { pay::work::advance(&gateway, shop, to).await });
    match reached.await.map_err(|_| ApiError::server())? {
        Ok(reached) => Ok(Standing::at(shop, reached)),
        Err(ClockError::Busy) => Err(ApiError::service("clock_busy", "Somebody else is turning this clock.")),
        Err(error @ ClockError::Stuck(_)) => Err(ApiError::service("clock_stuck", &error.to_string())),
        Err(ClockError::Backwards(now)) => Err(backwards(now)),
        Err(ClockError::Store(error)) => Err(error.into()),
    }
}

fn backwards(now: Timestamp) -> ApiError {
    ApiError::invalid("clock_backwards", ClockError::Backwards(now).to_string())
}

fn target(turn: &Turn, now: Timestamp) -> Result<Timestamp, ApiError> {
    let to = match turn {
        Turn { by: Some(by), to: None } => {
            let by =
                duration::parse(by).map_err(|error| ApiError::invalid("invalid_parameter", format!("by: {error}")))?;
            now.plus_micros(i64::try_from(by.as_micros()).unwrap_or(i64::MAX))
        }
        Turn { by: None, to: Some(to) } => Timestamp::from_seconds(*to),
        Turn { by: Some(_), to: Some(_) } | Turn { by: None, to: None } => {
            return Err(ApiError::invalid("invalid_parameter", "Give either by or to."));
        }
    };
    if to < now {
        return Err(backwards(now));
    }
    let latest = JstDate::new(LATEST_YEAR, 1, 1).ok_or_else(ApiError::server)?.start();
    if to > now.plus_seconds(DAYS_MAX * 86_400) || latest <= to {
        let expected = format!("at most {DAYS_MAX} days ahead, and before the year {LATEST_YEAR}");
        return Err(ApiError::parameter("the instant", &expected));
    }
    Ok(to)
}

async fn known_shop(gateway: &Gateway, shop: Result<Path<i64>, PathRejection>) -> Result<ShopId, ApiError> {
    let missing = || ApiError::missing_resource("There is no such shop.");
    let Path(shop) = shop.map_err(|_| missing())?;
    let shops = gateway.store().read(|tx| shop::rows::shops(tx).map_err(ApiError::from)).await?;
    shops.into_iter().map(|known| known.id).find(|known| known.0 == shop).ok_or_else(missing)
}

async fn world_now(gateway: &Gateway, shop: ShopId) -> Result<Timestamp, StoreError> {
    gateway.store().read(move |tx| clock::world_now(tx, shop, Environment::Sandbox)).await
}

async fn record(
    gateway: &Gateway,
    bearer: &Bearer,
    shop: ShopId,
    from: Timestamp,
    to: Timestamp,
) -> Result<(), ApiError> {
    let id = sortable_hex(gateway.store().machine_now(), gateway.entropy());
    let (actor, origin) = (format!("token:{}", bearer.token.id), bearer.origin.clone());
    let fields = serde_json::json!({ "now_us": [from.micros(), to.micros()] }).to_string();
    gateway
        .store()
        .write(move |tx| {
            let (at, object) = (tx.machine_now(), format!("sandbox clock of shop {shop}"));
            let action = "clock.advance";
            let entry = NewEntry {
                shop,
                id: &id,
                at,
                actor: &actor,
                origin: &origin,
                action,
                object: &object,
                fields: &fields,
            };
            tx.execute_all(&[audit::record(&entry)]).map(|_| ()).map_err(ApiError::from)
        })
        .await
}

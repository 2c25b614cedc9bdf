//! `/api/shops/{shop}/clock`: the test clock of a shop's sandbox (design "Time: two clocks").

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use kernel::outside::sortable_hex;
use kernel::{Environment, JstDate, ShopId, Timestamp};
use pay::http::caller::{fingerprint, idempotency_key};
use pay::{ApiError, Gateway};
use serde::{Deserialize, Serialize};
use shop::Scope;
use store::audit::{self, NewEntry};
use store::idempotency::{self, Known, RequestKey};
use store::work::{Background, ClockError};
use store::{Statement, StoreError, Tx, clock};

use super::token::{Bearer, authorize};
use crate::duration;

/// The space of idempotency keys of this API; the work of a key of the clock is where it goes, in microseconds.
pub(super) const SCOPE: &str = "api";
/// How far ahead a clock may be turned at once, in days: the longest rule is a year and a half.
pub const DAYS_MAX: i64 = 3_650;
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
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    /// `14d`, `36h`, `1h30m`.
    #[serde(default)]
    by: Option<String>,
    /// Unix seconds.
    #[serde(default)]
    to: Option<i64>,
}

impl Turn {
    fn request_key(&self, shop: ShopId, key: String) -> RequestKey {
        let body = format!("{:?} {:?}", self.by, self.to);
        let fingerprint = fingerprint("POST", &format!("/api/shops/{shop}/clock/advance"), body.as_bytes());
        RequestKey { shop, scope: SCOPE, key, fingerprint }
    }
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
    Extension(background): Extension<Background>,
    bearer: Bearer,
    shop: Result<Path<i64>, PathRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Standing>, ApiError> {
    let shop = known_shop(&gateway, shop).await?;
    authorize(&bearer, Scope::Clock, shop)?;
    let turn: Turn = pay::http::object(&pay::http::whole(body)?)?;
    let key = idempotency_key(&headers)?.map(|key| turn.request_key(shop, key));
    let to = begin(&gateway, &bearer, shop, &turn, key).await?;
    let reached = tokio::spawn(async move { background.advance(shop, to).await });
    match reached.await.map_err(|_| ApiError::server())? {
        Ok(reached) => Ok(Standing::at(shop, reached)),
        Err(ClockError::Busy) => Err(ApiError::service("clock_busy", "Somebody else is turning this clock.")),
        Err(error @ ClockError::Stuck(_)) => Err(ApiError::service("clock_stuck", &error.to_string())),
        // Somebody turned it further meanwhile: what became due by then is done.
        Err(ClockError::Backwards(_)) => Ok(Standing::at(shop, to)),
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

pub(super) async fn known_shop(gateway: &Gateway, shop: Result<Path<i64>, PathRejection>) -> Result<ShopId, ApiError> {
    let missing = || ApiError::missing_resource("There is no such shop.");
    let Path(shop) = shop.map_err(|_| missing())?;
    let find = move |tx: &mut Tx<'_>| shop::rows::find_shop(tx, ShopId(shop)).map_err(ApiError::from);
    gateway.store().read(find).await?.map(|known| known.id).ok_or_else(missing)
}

async fn world_now(gateway: &Gateway, shop: ShopId) -> Result<Timestamp, StoreError> {
    gateway.store().read(move |tx| clock::world_now(tx, shop, Environment::Sandbox)).await
}

/// Decides where the clock goes and writes it down; the same request under the same key goes where the first one did.
async fn begin(
    gateway: &Gateway,
    bearer: &Bearer,
    shop: ShopId,
    turn: &Turn,
    key: Option<RequestKey>,
) -> Result<Timestamp, ApiError> {
    let id = sortable_hex(gateway.store().machine_now(), gateway.entropy());
    let (turn, actor, origin) = (turn.clone(), format!("token:{}", bearer.token.id), bearer.origin.clone());
    gateway
        .store()
        .write(move |tx| {
            if let Some(to) = begun_before(tx, key.as_ref())? {
                return Ok(to);
            }
            let now = clock::world_now(tx, shop, Environment::Sandbox)?;
            let to = target(&turn, now)?;
            let fields = serde_json::json!({ "now_us": [now.micros(), to.micros()] }).to_string();
            let object = format!("sandbox clock of shop {shop}");
            let entry = NewEntry {
                shop,
                id: &id,
                at: tx.machine_now(),
                actor: &actor,
                origin: &origin,
                action: "clock.advance",
                object: &object,
                fields: &fields,
            };
            let claim = key.as_ref().map(|key| idempotency::claim(key, &to.micros().to_string(), now));
            let statements: Vec<Statement<'_>> = claim.into_iter().chain([audit::record(&entry)]).collect();
            if tx.execute_all(&statements)?.contains(&0) {
                return Err(ApiError::service("clock_busy", "The same request is under way."));
            }
            Ok(to)
        })
        .await
}

/// Where the same request sent the clock before.
fn begun_before(tx: &mut Tx<'_>, key: Option<&RequestKey>) -> Result<Option<Timestamp>, ApiError> {
    let Some(key) = key else { return Ok(None) };
    match idempotency::find(tx, key)? {
        Known::Unused => Ok(None),
        Known::Work(to) => to.parse().map(|to| Some(Timestamp::from_micros(to))).map_err(|_| ApiError::server()),
        Known::OtherRequest | Known::Answered { .. } => Err(ApiError::key_reused()),
    }
}

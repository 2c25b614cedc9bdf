//! Settings of the checkout: the origins that may show a shop's button, and which brands' security codes are asked for.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::routing::get;
use http::Method;
use kernel::{Environment, ShopId};
use pay::checkout::origin::{self, ORIGINS_MAX, Origin};
use pay::checkout::security_code::{self, BrandGroup, Refused, Setting};
use pay::http::{Route, object, whole};
use pay::{ApiError, Gateway};
use serde::{Deserialize, Serialize};
use shop::{By, Scope};
use store::Tx;

use super::clock::known_shop;
use super::token::{Bearer, authorize};

/// Where the origins are.
pub const ORIGINS: &str = "/api/shops/{shop}/{environment}/origins";
/// Where the settings of the security code are.
pub const SECURITY_CODE: &str = "/api/shops/{shop}/security-code";

/// The routes.
pub fn routes(gateway: &Gateway) -> [Route; 4] {
    let (show, replace) = (get(show_origins), axum::routing::put(replace_origins));
    let (codes, change) = (get(show_codes), axum::routing::put(change_codes));
    [
        (Method::GET, ORIGINS.to_owned(), show.with_state(gateway.clone())),
        (Method::PUT, ORIGINS.to_owned(), replace.with_state(gateway.clone())),
        (Method::GET, SECURITY_CODE.to_owned(), codes.with_state(gateway.clone())),
        (Method::PUT, SECURITY_CODE.to_owned(), change.with_state(gateway.clone())),
    ]
}

/// Origins as the wire shows them.
#[derive(Debug, Serialize)]
pub struct Origins {
    object: &'static str,
    shop: i64,
    environment: &'static str,
    origins: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewOrigins {
    origins: Vec<String>,
}

pub(super) type Place = Result<Path<(String, String)>, PathRejection>;

/// Whose settings, in which environment: known, and within the token's rights.
pub(super) async fn place(gateway: &Gateway, bearer: &Bearer, at: Place) -> Result<(ShopId, Environment), ApiError> {
    let Path((shop, environment)) = at.map_err(|_| ApiError::no_such_path())?;
    let missing = |what: &str| ApiError::missing_resource(&format!("There is no such {what}."));
    let shop = shop.parse().map_err(|_| missing("shop"))?;
    let shop = known_shop(gateway, Ok(Path(shop))).await?;
    let environment = environment.parse().map_err(|_| missing("environment"))?;
    authorize(bearer, Scope::Admin, shop)?;
    Ok((shop, environment))
}

fn origins(shop: ShopId, environment: Environment, origins: &[Origin]) -> Json<Origins> {
    let origins = origins.iter().map(Origin::to_string).collect();
    Json(Origins { object: "origins", shop: shop.0, environment: environment.as_str(), origins })
}

/// `GET …/origins`.
pub async fn show_origins(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Place,
) -> Result<Json<Origins>, ApiError> {
    let (shop, environment) = place(&gateway, &bearer, at).await?;
    let read = move |tx: &mut Tx<'_>| origin::rows::all(tx, shop, environment).map_err(ApiError::from);
    Ok(origins(shop, environment, &gateway.store().read(read).await?))
}

/// `PUT …/origins`: replaces all of them.
pub async fn replace_origins(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Place,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Origins>, ApiError> {
    let (shop, environment) = place(&gateway, &bearer, at).await?;
    let wanted: NewOrigins = object(&whole(body)?)?;
    let wanted = checked(wanted.origins, environment)?;
    let by = bearer.by(&gateway);
    let kept = wanted.clone();
    let write = move |tx: &mut Tx<'_>| origin::replace(tx, shop, environment, &kept, &by).map_err(ApiError::from);
    gateway.store().write(write).await?;
    Ok(origins(shop, environment, &wanted))
}

/// Sorted, each once. Live only over TLS.
fn checked(texts: Vec<String>, environment: Environment) -> Result<Vec<Origin>, ApiError> {
    if texts.len() > ORIGINS_MAX {
        return Err(ApiError::parameter("origins", &format!("at most {ORIGINS_MAX}")));
    }
    let mut origins = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let name = format!("origins[{index}]");
        let expected = "an origin such as https://shop.example, without a path";
        let origin: Origin = text.parse().map_err(|_| ApiError::parameter(&name, expected))?;
        if environment == Environment::Live && !origin.is_https() {
            return Err(ApiError::parameter(&name, "https:// in live"));
        }
        origins.push(origin);
    }
    origins.sort();
    origins.dedup();
    Ok(origins)
}

/// The settings as the wire shows them.
#[derive(Debug, Serialize)]
pub struct Codes {
    object: &'static str,
    shop: i64,
    groups: Vec<Group>,
}

#[derive(Debug, Serialize)]
struct Group {
    group: &'static str,
    approved: bool,
    asked: bool,
    forced: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    groups: Vec<GroupChange>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupChange {
    group: String,
    #[serde(default)]
    asked: Option<bool>,
    #[serde(default)]
    approved: Option<bool>,
    #[serde(default)]
    forced: Option<bool>,
}

fn codes(shop: ShopId, settings: &[(BrandGroup, Setting)]) -> Json<Codes> {
    let group = |(group, setting): &(BrandGroup, Setting)| {
        let Setting { approved, asked, forced } = *setting;
        Group { group: group.as_str(), approved, asked, forced }
    };
    Json(Codes { object: "security_code", shop: shop.0, groups: settings.iter().map(group).collect() })
}

async fn shop_of(
    gateway: &Gateway,
    bearer: &Bearer,
    shop: Result<Path<i64>, PathRejection>,
) -> Result<ShopId, ApiError> {
    let shop = known_shop(gateway, shop).await?;
    authorize(bearer, Scope::Settings, shop)?;
    Ok(shop)
}

/// `GET …/security-code`.
pub async fn show_codes(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    shop: Result<Path<i64>, PathRejection>,
) -> Result<Json<Codes>, ApiError> {
    let shop = shop_of(&gateway, &bearer, shop).await?;
    let read = move |tx: &mut Tx<'_>| security_code::all(tx, shop).map_err(ApiError::from);
    Ok(codes(shop, &gateway.store().read(read).await?))
}

/// `PUT …/security-code`: changes the groups that are named, all of them or none.
pub async fn change_codes(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    shop: Result<Path<i64>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Codes>, ApiError> {
    let shop = shop_of(&gateway, &bearer, shop).await?;
    let changes: Changes = object(&whole(body)?)?;
    let mut wanted: Vec<(BrandGroup, security_code::Change, By)> = Vec::new();
    for (index, change) in changes.groups.iter().enumerate() {
        let GroupChange { group, asked, approved, forced } = change.clone();
        let name = format!("groups[{index}].group");
        let group: BrandGroup = group.parse().map_err(|_| ApiError::parameter(&name, &known_groups()))?;
        if wanted.iter().any(|(known, ..)| *known == group) {
            return Err(ApiError::parameter(&name, "named once"));
        }
        wanted.push((group, security_code::Change { asked, approved, forced }, bearer.by(&gateway)));
    }
    // A token that is bound to a shop is the shop's own.
    let is_operator = bearer.token.shop.is_none();
    let write = move |tx: &mut Tx<'_>| {
        let settings = security_code::all(tx, shop)?;
        for (group, change, by) in &wanted {
            let before = settings.iter().find(|(known, _)| known == group).map_or(Setting::USUAL, |(_, is)| *is);
            let after = security_code::change(before, *change, is_operator).map_err(|why| refused(*group, why))?;
            if after != before {
                security_code::save(tx, shop, *group, after, by)?;
            }
        }
        security_code::all(tx, shop).map_err(ApiError::from)
    };
    Ok(codes(shop, &gateway.store().write(write).await?))
}

fn known_groups() -> String {
    format!("one of {}", BrandGroup::ALL.map(BrandGroup::as_str).join(", "))
}

fn refused(group: BrandGroup, why: Refused) -> ApiError {
    match why {
        Refused::NotApproved => ApiError::invalid("brand_not_approved", format!("{group}: {why}")),
        Refused::Forced => ApiError::invalid("security_code_forced", format!("{group}: {why}")),
        Refused::OperatorOnly => ApiError::forbidden("operator_only", &format!("{group}: {why}")),
    }
}

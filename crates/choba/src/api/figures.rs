//! `/api/shops/{shop}/{environment}/figures` and `…/attention`: what the top page of the dashboard shows, for programs.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::routing::get;
use http::Method;
use kernel::{Environment, JstDate, ShopId, Timestamp};
use pay::figures::{self, NoFigures, Period, Point, Sum, Unit};
use pay::http::Route;
use pay::http::form::Form;
use pay::{ApiError, Gateway, attention};
use serde::Serialize;
use shop::Scope;
use store::{StoreError, Tx, clock};

use super::clock::known_shop;
use super::token::{Bearer, authorize};

/// Where the figures are.
pub const FIGURES: &str = "/api/shops/{shop}/{environment}/figures";
/// Where what needs attention is.
pub const ATTENTION: &str = "/api/shops/{shop}/{environment}/attention";
/// Days that are shown when nobody says which.
const USUAL_DAYS: i64 = 30;

/// The routes.
pub fn routes(gateway: &Gateway) -> [Route; 2] {
    [
        (Method::GET, FIGURES.to_owned(), get(show).with_state(gateway.clone())),
        (Method::GET, ATTENTION.to_owned(), get(show_attention).with_state(gateway.clone())),
    ]
}

type Place = Result<Path<(String, String)>, PathRejection>;

async fn place(gateway: &Gateway, bearer: &Bearer, at: Place) -> Result<(ShopId, Environment), ApiError> {
    let Path((shop, environment)) = at.map_err(|_| ApiError::no_such_path())?;
    let missing = |what: &str| ApiError::missing_resource(&format!("There is no such {what}."));
    let shop = shop.parse().map_err(|_| missing("shop"))?;
    let shop = known_shop(gateway, Ok(Path(shop))).await?;
    let environment = environment.parse().map_err(|_| missing("environment"))?;
    authorize(bearer, Scope::Orders, shop)?;
    Ok((shop, environment))
}

#[derive(Debug, Serialize)]
struct Shown {
    orders: i64,
    amount: i64,
}

impl Shown {
    fn of(sum: Sum) -> Shown {
        Shown { orders: sum.orders, amount: sum.amount }
    }
}

#[derive(Debug, Serialize)]
struct ShownPoint {
    /// Unix seconds.
    start: i64,
    end: i64,
    partial: bool,
    orders: i64,
    amount: i64,
}

#[derive(Debug, Serialize)]
struct ShownToday {
    now: i64,
    so_far: Shown,
    hours: i64,
    in_hours: Shown,
    yesterday_in_hours: Shown,
    yesterday: Shown,
}

/// Figures as the wire shows them.
#[derive(Debug, Serialize)]
pub struct Figures {
    object: &'static str,
    shop: i64,
    environment: &'static str,
    unit: &'static str,
    from: String,
    to: String,
    today: ShownToday,
    data: Vec<ShownPoint>,
}

/// A day of a query: `2026-11-22`.
fn day(form: &Form, name: &str) -> Result<Option<JstDate>, ApiError> {
    let Some(text) = form.get(name) else { return Ok(None) };
    let date = super::operator::date(text);
    date.map(Some).ok_or_else(|| ApiError::parameter(name, "a day such as 2026-11-22"))
}

/// `GET …/figures`.
pub async fn show(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Place,
    RawQuery(query): RawQuery,
) -> Result<Json<Figures>, ApiError> {
    let (shop, environment) = place(&gateway, &bearer, at).await?;
    if !figures::counts(environment) {
        return Err(ApiError::invalid("no_figures", NoFigures.to_string()));
    }
    let form = Form::parse(query.unwrap_or_default().as_bytes())?;
    let unit = form.get("unit").map_or(Ok(Unit::Day), str::parse);
    let unit = unit.map_err(|_| ApiError::parameter("unit", "hour, day, week or month"))?;
    let (from, to) = (day(&form, "from")?, day(&form, "to")?);
    let read = move |tx: &mut Tx<'_>| {
        let end = match to {
            Some(to) => to,
            None => clock::world_now(tx, shop, environment)?.jst_date(),
        };
        let period = match from {
            None => Period::until(end, USUAL_DAYS),
            Some(from) => {
                let period = Period::new(from, to.unwrap_or(end.max(from)));
                period.map_err(|bad| ApiError::invalid("invalid_period", bad.to_string()))?
            }
        };
        let today = figures::today(tx, shop, environment)?;
        Ok::<_, ApiError>((period, today, figures::points(tx, shop, environment, period, unit)?))
    };
    let (period, today, points) = gateway.store().read(read).await?;
    Ok(Json(Figures {
        object: "figures",
        shop: shop.0,
        environment: environment.as_str(),
        unit: unit.as_str(),
        from: period.from().to_string(),
        to: period.to().to_string(),
        today: ShownToday {
            now: today.now.seconds(),
            so_far: Shown::of(today.today),
            hours: today.hours,
            in_hours: Shown::of(today.so_far),
            yesterday_in_hours: Shown::of(today.yesterday_so_far),
            yesterday: Shown::of(today.yesterday),
        },
        data: points.into_iter().map(point).collect(),
    }))
}

fn point(point: Point) -> ShownPoint {
    let Point { start, end, is_cut, sum } = point;
    let (start, end) = (start.seconds(), end.seconds());
    ShownPoint { start, end, partial: is_cut, orders: sum.orders, amount: sum.amount }
}

#[derive(Debug, Serialize)]
struct ShownCount {
    found: i64,
    or_more: bool,
}

#[derive(Debug, Serialize)]
struct ShownExpiring {
    found: i64,
    or_more: bool,
    amount: i64,
    first: Option<i64>,
}

#[derive(Debug, Serialize)]
struct ShownEndpoint {
    endpoint: String,
    url: String,
    disabled: bool,
    failing_since: Option<i64>,
}

#[derive(Debug, Serialize)]
struct ShownUnknown {
    charge: String,
    verb: String,
    since: i64,
}

/// What needs attention, as the wire shows it.
#[derive(Debug, Serialize)]
pub struct Attention {
    object: &'static str,
    shop: i64,
    environment: &'static str,
    expiring: ShownExpiring,
    webhooks: Vec<ShownEndpoint>,
    undelivered_mails: ShownCount,
    unknown: Vec<ShownUnknown>,
}

/// `GET …/attention`.
pub async fn show_attention(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Place,
) -> Result<Json<Attention>, ApiError> {
    let (shop, environment) = place(&gateway, &bearer, at).await?;
    let windows = gateway.windows();
    let read = move |tx: &mut Tx<'_>| attention::of(tx, shop, environment, windows);
    let attention::Attention { expiring, endpoints, mails, unknown } =
        gateway.store().read::<_, StoreError, _>(read).await?;
    let endpoint = |one: attention::Endpoint| ShownEndpoint {
        endpoint: one.id,
        url: one.url,
        disabled: one.is_disabled,
        failing_since: one.failing_since.map(Timestamp::seconds),
    };
    let open =
        |one: attention::Unknown| ShownUnknown { charge: one.charge, verb: one.verb, since: one.since.seconds() };
    Ok(Json(Attention {
        object: "attention",
        shop: shop.0,
        environment: environment.as_str(),
        expiring: ShownExpiring {
            found: expiring.count.found,
            or_more: expiring.count.or_more,
            amount: expiring.amount,
            first: expiring.first.map(Timestamp::seconds),
        },
        webhooks: endpoints.into_iter().map(endpoint).collect(),
        undelivered_mails: ShownCount { found: mails.found, or_more: mails.or_more },
        unknown: unknown.into_iter().map(open).collect(),
    }))
}

//! The list, the export, and one order.

use axum::Json;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use kernel::{Environment, ShopId};
use pay::charge::State as OrderState;
use pay::http::form::Form;
use pay::orders::csv::{Encoding, Export};
use pay::orders::{self, Cursor, Line, Look, Search, Start, Why};
use pay::{ApiError, Gateway};
use serde::Serialize;
use serde_json::value::RawValue;
use store::Tx;

use super::{Place, PlaceOf, order, place, unreadable};
use crate::api::query::limit;
use crate::api::token::Bearer;

#[derive(Serialize)]
struct ListObject {
    object: &'static str,
    total: i64,
    /// The `after` of the next page; none at the end.
    next: Option<String>,
    data: Vec<LineObject>,
}

#[derive(Serialize)]
struct LineObject {
    object: &'static str,
    id: String,
    environment: &'static str,
    status: &'static str,
    amount: i64,
    point: i64,
    cart_id: Option<String>,
    created: i64,
}

impl LineObject {
    fn of(line: Line) -> LineObject {
        LineObject {
            object: "order_line",
            id: line.number.to_string(),
            environment: line.environment.as_str(),
            status: line.state.as_str(),
            amount: line.amount.get(),
            point: line.point.get(),
            cart_id: line.cart_id,
            created: line.ordered.seconds(),
        }
    }
}

/// An order with what can be done to it.
#[derive(Serialize)]
pub(super) struct OrderObject {
    object: &'static str,
    id: String,
    environment: &'static str,
    status: &'static str,
    amount: i64,
    point: i64,
    cart_id: Option<String>,
    open_id: String,
    items: Box<RawValue>,
    address: Option<Box<RawValue>>,
    created: i64,
    updated: i64,
    version: i64,
    window_ends: i64,
    running: Option<String>,
    why_not: WhyNot,
}

/// Why something cannot be done; null where it can.
#[derive(Serialize)]
struct WhyNot {
    capture: Option<String>,
    cancel: Option<String>,
    change: Option<String>,
}

impl OrderObject {
    fn of(look: &Look, has_provider: bool) -> OrderObject {
        let (charge, possible) = (&look.charge, look.possible(has_provider));
        let standing = &charge.standing;
        let raw = |json: &str| RawValue::from_string(json.to_owned()).ok();
        let why = |possible: Result<(), Why>| possible.err().map(Why::code);
        OrderObject {
            object: "order",
            id: charge.number.to_string(),
            environment: look.environment.as_str(),
            status: standing.state.as_str(),
            amount: standing.amount.get(),
            point: standing.point.get(),
            cart_id: charge.cart_id.clone(),
            open_id: charge.open_id.clone(),
            items: raw(&charge.items_json).unwrap_or_else(|| raw("[]").expect("an empty array is JSON")),
            address: charge.address_json.as_deref().and_then(raw),
            created: standing.ordered.seconds(),
            updated: charge.updated.seconds(),
            version: charge.version,
            window_ends: standing.window_ends.seconds(),
            running: look.running().map(|running| running.verb.clone()),
            why_not: WhyNot {
                capture: why(possible.capture),
                cancel: why(possible.cancel),
                change: why(possible.change),
            },
        }
    }
}

/// The search of a query; its environment is that of the path.
fn search(form: &Form) -> Result<Search, ApiError> {
    let search = Search::of(form).map_err(|wrong| unreadable(&wrong))?;
    Ok(Search { environment: None, ..search })
}

/// `GET …/orders`.
pub async fn list(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Place,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let (shop, environment) = place(&gateway, &bearer, at).await?;
    let form = Form::parse(query.unwrap_or_default().as_bytes())?;
    let (search, limit) = (search(&form)?, usize::try_from(limit(&form)?).unwrap_or(1));
    let sort = search.sort;
    let start = match form.get("after") {
        None => Start::First,
        Some(text) => {
            let cursor = Cursor::parse(text, sort);
            Start::After(cursor.ok_or_else(|| ApiError::parameter("after", "the next of a page that is sorted so"))?)
        }
    };
    let read =
        move |tx: &mut Tx<'_>| orders::list(tx, shop, &[environment], &search, &start, limit).map_err(ApiError::from);
    let found = gateway.store().read(read).await?;
    let next = found.lines.last().filter(|_| found.has_more).map(|line| Cursor::of(line, sort).word());
    let data = found.lines.into_iter().map(LineObject::of).collect();
    Ok(Json(ListObject { object: "list", total: found.total, next, data }).into_response())
}

/// `GET …/orders.csv`: everything that matches.
pub async fn csv(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Place,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let (shop, environment) = place(&gateway, &bearer, at).await?;
    let form = Form::parse(query.unwrap_or_default().as_bytes())?;
    let search = search(&form)?;
    let encoding = Encoding::named(form.get("encoding").unwrap_or(Encoding::Utf8.as_str()));
    let encoding = encoding.ok_or_else(|| ApiError::parameter("encoding", "utf-8 or shift_jis"))?;
    let export = Export { shop, environments: vec![environment], search, encoding };
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(encoding.media_type())),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"orders.csv\"")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, Body::new(export.body(&gateway))).into_response())
}

/// `GET …/orders/{id}`.
pub async fn show(State(gateway): State<Gateway>, bearer: Bearer, at: PlaceOf) -> Result<Response, ApiError> {
    let (shop, environment, number) = order(&gateway, &bearer, at).await?;
    shown(&gateway, shop, environment, number).await
}

async fn shown(
    gateway: &Gateway,
    shop: ShopId,
    environment: Environment,
    number: kernel::ChargeNumber,
) -> Result<Response, ApiError> {
    let look = gateway.look(shop, alone(environment), number).await?;
    let look = look.ok_or_else(ApiError::no_such_charge)?;
    Ok(Json(OrderObject::of(&look, gateway.ports(environment).is_some())).into_response())
}

/// One environment, as a list.
fn alone(environment: Environment) -> &'static [Environment] {
    match environment {
        Environment::Sandbox => &[Environment::Sandbox],
        Environment::Test => &[Environment::Test],
        Environment::Live => &[Environment::Live],
    }
}

/// The word for where a changed order stands, of the three flags of the wire.
pub(super) fn status(paid: bool, captured: bool) -> &'static str {
    match (paid, captured) {
        (false, _) => OrderState::Cancelled.as_str(),
        (true, false) => OrderState::Authorized.as_str(),
        (true, true) => OrderState::Captured.as_str(),
    }
}

//! Buyers of the marketplace, for tests: orders arrive by scenario, and their buyers do something later.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use mall::http::Rms;
use mall::market::{self, Undone};
use mall::order::{Order, OrderNumber};
use mall::progress::Refused;
use mall::scenario::{self, Later, Scenario, Unhelped};
use pay::ApiError;
use pay::http::{object, whole};
use serde::Serialize;
use serde_json::{Map, Value};
use store::Tx;

use super::{EsaCaller, claim, made_before, parts, request_key};

/// An order that a helper made or changed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Placed {
    order_number: String,
    order_progress: i64,
}

impl Placed {
    fn of(order: &Order) -> Placed {
        Placed { order_number: order.number.to_string(), order_progress: order.progress.code() }
    }
}

/// How many requests were sent again.
#[derive(Debug, Serialize)]
pub struct AskedAgain {
    requests: usize,
}

/// What a buyer does later: the last part of the path, and how its body is read.
pub type Deed = fn(&[u8]) -> Result<Later, ApiError>;

/// Every later deed, by the last part of its path.
pub const DEEDS: [(&str, Deed); 6] = [
    ("pay", |body| Ok(Later::Pay(object(body)?))),
    ("change_method", |body| Ok(Later::ChangeMethod(object(body)?))),
    ("cancel", |body| Ok(Later::Cancel(object(body)?))),
    ("return_goods", |body| Ok(Later::ReturnGoods(object(body)?))),
    ("enter_recipient", |body| Ok(Later::EnterRecipient(object(body)?))),
    ("charge_back", |body| Ok(Later::ChargeBack(object(body)?))),
];

/// `POST …/orders`: an order arrives.
pub async fn arrive(
    State(rms): State<Rms>,
    caller: EsaCaller,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Placed>, ApiError> {
    let body = whole(body)?;
    let key = request_key(caller.shop, &headers, super::ORDERS, &body)?;
    let mut facts: Map<String, Value> = object(&body)?;
    let scenario = match facts.remove("scenario") {
        Some(Value::String(name)) => Scenario::named(&name),
        Some(_) | None => None,
    };
    let scenario = scenario.ok_or_else(|| ApiError::parameter("scenario", "the name of a scenario"))?;
    let write = move |tx: &mut Tx<'_>| {
        if let Some(number) = made_before(tx, key.as_ref())? {
            return as_it_is(tx, caller.shop, &number);
        }
        let order = scenario::arrives(tx, caller.shop, (scenario, &facts), &caller.by).map_err(unhelped)?;
        claim(tx, key.as_ref(), &order.number.to_string())?;
        Ok(Placed::of(&order))
    };
    Ok(Json(rms.store().write(write).await?))
}

/// `POST …/orders/{order}/…`: its buyer does something.
pub async fn act(
    rms: Rms,
    caller: EsaCaller,
    order: Result<Path<String>, PathRejection>,
    (name, deed): (&'static str, Deed),
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let acted = async {
        let number = parts(order)?;
        let body = whole(body)?;
        // Nothing needs to be said with most of them.
        let body = if body.is_empty() { Bytes::from_static(b"{}") } else { body };
        let path = format!("{}/{number}/{name}", super::ORDERS);
        let key = request_key(caller.shop, &headers, &path, &body)?;
        let later = deed(&body)?;
        let missing = || ApiError::missing_resource("There is no such order.");
        let number: OrderNumber = number.parse().map_err(|_| missing())?;
        let write = move |tx: &mut Tx<'_>| {
            if made_before(tx, key.as_ref())?.is_some() {
                return as_it_is(tx, caller.shop, &number.to_string());
            }
            let order = scenario::later(tx, caller.shop, (number, &later), &caller.by).map_err(undone)?;
            claim(tx, key.as_ref(), &number.to_string())?;
            Ok(Placed::of(&order))
        };
        rms.store().write(write).await
    };
    match acted.await {
        Ok(placed) => Json(placed).into_response(),
        Err(error) => error.into_response(),
    }
}

/// `POST …/orders/{order}/ask_again`: what was asked of other parties and given up is asked again.
pub async fn ask_again(
    State(rms): State<Rms>,
    caller: EsaCaller,
    order: Result<Path<String>, PathRejection>,
) -> Result<Json<AskedAgain>, ApiError> {
    let missing = || ApiError::missing_resource("There is no such order.");
    let number: OrderNumber = parts(order)?.parse().map_err(|_| missing())?;
    let write = move |tx: &mut Tx<'_>| market::ask_again(tx, caller.shop, number, &caller.by);
    Ok(Json(AskedAgain { requests: rms.store().write(write).await.map_err(undone)? }))
}

/// The order of the same request that came before, as it is now.
fn as_it_is(tx: &mut Tx<'_>, shop: kernel::ShopId, number: &str) -> Result<Placed, ApiError> {
    let number: OrderNumber = number.parse().map_err(|_| ApiError::server())?;
    let order = market::rows::find(tx, shop, number)?;
    Ok(Placed::of(&order.ok_or_else(ApiError::server)?))
}

fn unhelped(unhelped: Unhelped) -> ApiError {
    match unhelped {
        Unhelped::Facts(facts) => ApiError::invalid("invalid_parameter", facts.to_string()),
        Unhelped::Undone(why) => undone(why),
    }
}

fn undone(undone: Undone) -> ApiError {
    match undone {
        Undone::Store(error) => error.into(),
        Undone::NoSuchShop | Undone::NoSuchOrder => ApiError::missing_resource("There is no such order."),
        Undone::Refused(refused) => denied(refused),
    }
}

/// What the engine refuses, over HTTP.
pub fn denied(refused: Refused) -> ApiError {
    ApiError::invalid("order_refused", format!("The mall does not do this now: {refused}."))
}

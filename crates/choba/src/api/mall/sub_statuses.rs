//! サブステータス of a shop.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use mall::code::Progress;
use mall::sub_status::{self, Refused, SubStatus, Wanted};
use pay::http::{object, whole};
use pay::{ApiError, Gateway};
use serde::{Deserialize, Serialize};
use store::Tx;

use super::{Of, by, parts, shop_of};
use crate::api::token::Bearer;

/// All of a shop, as the wire shows them.
#[derive(Debug, Serialize)]
pub struct List {
    object: &'static str,
    data: Vec<One>,
}

#[derive(Debug, Serialize)]
struct One {
    id: i64,
    order_progress: i64,
    name: String,
    position: i64,
}

impl List {
    fn of(all: Vec<SubStatus>) -> List {
        let one = |sub: SubStatus| {
            let SubStatus { id, progress, name, position } = sub;
            One { id, order_progress: progress.code(), name, position }
        };
        List { object: "list", data: all.into_iter().map(one).collect() }
    }
}

/// What there shall be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    data: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(default)]
    id: Option<i64>,
    order_progress: i64,
    name: String,
}

/// `GET …/sub-statuses`.
pub async fn list(State(gateway): State<Gateway>, bearer: Bearer, at: Of) -> Result<Json<List>, ApiError> {
    let shop = shop_of(&gateway, &bearer, &parts(at)?).await?;
    let read = move |tx: &mut Tx<'_>| sub_status::rows::of_shop(tx, shop).map_err(ApiError::from);
    Ok(Json(List::of(gateway.store().read(read).await?)))
}

/// `PUT …/sub-statuses`: exactly these.
pub async fn replace(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Of,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<List>, ApiError> {
    let shop = shop_of(&gateway, &bearer, &parts(at)?).await?;
    let Body { data } = object(&whole(body)?)?;
    let wanted = data.into_iter().map(wanted).collect::<Result<Vec<_>, _>>()?;
    let by = by(&gateway, &bearer);
    let write = move |tx: &mut Tx<'_>| sub_status::replace(tx, shop, &wanted, &by).map_err(refused);
    Ok(Json(List::of(gateway.store().write(write).await?)))
}

fn wanted(entry: Entry) -> Result<Wanted, ApiError> {
    let progress = Progress::of(entry.order_progress);
    let progress = progress.ok_or_else(|| ApiError::parameter("order_progress", "a status such as 100"))?;
    Ok(Wanted { id: entry.id, progress, name: entry.name })
}

fn refused(refused: Refused) -> ApiError {
    match refused {
        Refused::Store(error) => error.into(),
        Refused::TooMany | Refused::Name | Refused::NoSuch(_) => {
            ApiError::invalid("invalid_parameter", refused.to_string())
        }
    }
}

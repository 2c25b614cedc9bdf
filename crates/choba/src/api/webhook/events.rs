//! Events: list, send again, follow.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use kernel::Timestamp;
use pay::http::form::Form;
use pay::http::{object, whole};
use pay::webhook::EventType;
use pay::webhook::feed::Filter;
use pay::{ApiError, Gateway};
use serde::Deserialize;

use super::{Place, PlaceOf, answered, asked, charge, instant, is_name, limit, named, place, place_of, types};
use crate::api::token::Bearer;

/// Which events are to be sent again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Range {
    /// Unix seconds.
    from: i64,
    to: i64,
    #[serde(default)]
    events: Option<Vec<String>>,
    #[serde(default)]
    after: Option<String>,
}

/// `GET …/events`.
pub async fn list(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Place,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let (shop, environment) = place(&gateway, &bearer, at).await?;
    let form = Form::parse(query.unwrap_or_default().as_bytes())?;
    let filter = Filter {
        types: wanted(&form)?,
        charge: charge(&form)?,
        from: instant(&form, "from")?,
        to: instant(&form, "to")?,
        before: named(&form, "before", "evt_")?,
        after: None,
        limit: limit(&form)?,
    };
    Ok(answered(gateway.webhooks().events(shop, environment, filter).await?))
}

/// `POST …/events/{event}/resend`.
pub async fn resend(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: PlaceOf,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (shop, environment, id) = place_of(&gateway, &bearer, at, "evt_").await?;
    let path = format!("/events/{id}/resend");
    let asked = asked(&bearer, (shop, environment), &headers, ("POST", &path), b"")?;
    Ok(answered(gateway.webhooks().resend(&asked, &id).await?))
}

/// `POST …/events/replay`.
pub async fn replay(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Place,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let area = place(&gateway, &bearer, at).await?;
    let body = whole(body)?;
    let Range { from, to, events, after } = object(&body)?;
    if after.as_ref().is_some_and(|after| !is_name(after, "evt_")) {
        return Err(ApiError::parameter("after", "evt_… with 32 hex digits"));
    }
    let filter = Filter {
        types: types(events.unwrap_or_default(), "events")?,
        from: Some(Timestamp::from_seconds(from)),
        to: Some(Timestamp::from_seconds(to)),
        after,
        ..Filter::default()
    };
    let asked = asked(&bearer, area, &headers, ("POST", "/events/replay"), &body)?;
    Ok(answered(gateway.webhooks().replay(&asked, filter).await?))
}

/// `GET …/events/replay`: how many a replay would send.
pub async fn count_replay(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Place,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let (shop, environment) = place(&gateway, &bearer, at).await?;
    let form = Form::parse(query.unwrap_or_default().as_bytes())?;
    let needed = |name| instant(&form, name)?.ok_or_else(|| ApiError::missing(name));
    let filter = Filter {
        types: wanted(&form)?,
        from: Some(needed("from")?),
        to: Some(needed("to")?),
        after: named(&form, "after", "evt_")?,
        ..Filter::default()
    };
    Ok(Json(gateway.webhooks().count_replay(shop, environment, filter).await?).into_response())
}

/// `POST …/events/listen`: where the feed stands now.
pub async fn listen(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Place,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let area = place(&gateway, &bearer, at).await?;
    let asked = asked(&bearer, area, &headers, ("POST", "/events/listen"), b"")?;
    Ok(answered(gateway.webhooks().listen(&asked).await?))
}

/// `GET …/events/feed`: what followed.
pub async fn feed(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Place,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let (shop, environment) = place(&gateway, &bearer, at).await?;
    let form = Form::parse(query.unwrap_or_default().as_bytes())?;
    let after = crate::api::query::number(&form, "after")?.ok_or_else(|| ApiError::missing("after"))?;
    let (types, limit) = (wanted(&form)?, limit(&form)?);
    Ok(answered(gateway.webhooks().follow(shop, environment, after, types, limit).await?))
}

/// The types in `events`, separated by commas; all if it is not given.
fn wanted(form: &Form) -> Result<Vec<EventType>, ApiError> {
    let texts = form.get("events").unwrap_or_default();
    types(texts.split(',').filter(|text| !text.is_empty()), "events")
}

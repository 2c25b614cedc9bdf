//! The log of tries.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use pay::http::form::Form;
use pay::webhook::EventType;
use pay::webhook::log::Filter;
use pay::{ApiError, Gateway};

use super::{Place, PlaceOf, charge, instant, limit, named, place, place_of};
use crate::api::token::Bearer;

/// What a try can have come to.
pub const OUTCOMES: [&str; 3] = ["delivered", "refused", "unanswered"];

/// `GET …/webhook-attempts`.
pub async fn list(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Place,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let (shop, environment) = place(&gateway, &bearer, at).await?;
    let form = Form::parse(query.unwrap_or_default().as_bytes())?;
    let outcome = form.get("outcome").map(|text| {
        let known = OUTCOMES.contains(&text).then(|| text.to_owned());
        known.ok_or_else(|| ApiError::parameter("outcome", &format!("one of {}", OUTCOMES.join(", "))))
    });
    let kind = form.get("type").map(|text| {
        let known: Vec<&str> = EventType::ALL.iter().map(|kind| kind.as_str()).collect();
        text.parse().map_err(|_| ApiError::parameter("type", &format!("one of {}", known.join(", "))))
    });
    let filter = Filter {
        endpoint: named(&form, "endpoint", "we_")?,
        event: named(&form, "event", "evt_")?,
        kind: kind.transpose()?,
        charge: charge(&form)?,
        outcome: outcome.transpose()?,
        from: instant(&form, "from")?,
        to: instant(&form, "to")?,
        before: named(&form, "before", "")?,
        limit: limit(&form)?,
    };
    Ok(Json(gateway.webhooks().attempts(shop, environment, filter).await?).into_response())
}

/// `GET …/webhook-attempts/{attempt}`.
pub async fn show(State(gateway): State<Gateway>, bearer: Bearer, at: PlaceOf) -> Result<Response, ApiError> {
    let (shop, environment, id) = place_of(&gateway, &bearer, at, "").await?;
    Ok(Json(gateway.webhooks().attempt(shop, environment, id).await?).into_response())
}

//! When a licenseKey ends (contract rms-order-api, "Licence, limits"): `{"expiryDate": …}`.

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{Method, Response};
use serde_json::json;

use super::Rms;
use super::gateway::Failure;
use super::request::{frame_of, holder};
use crate::licence;
use crate::wire::time::datetime;

pub(super) async fn answer(rms: Rms, request: Request) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let frame = frame_of(&rms, &parts);
    match expiry(&rms, &parts).await {
        Ok(ends) => frame.answer(200, json!({ "expiryDate": ends }).to_string().into_bytes()),
        Err(failure) => frame.failure(&failure),
    }
}

async fn expiry(rms: &Rms, parts: &Parts) -> Result<String, Failure> {
    if parts.method != Method::GET {
        return Err(Failure::Method);
    }
    let holder = holder(rms, parts).await?;
    let key = license_key(parts.uri.query().unwrap_or_default());
    let key = key.ok_or_else(|| Failure::BadRequest("the parameter licenseKey is missing".to_owned()))?;
    let (vault, shop) = (rms.vault().clone(), holder.shop);
    let found = rms.store().read(move |tx| licence::find_key(tx, &vault, shop, &key)).await?;
    let found = found.ok_or_else(|| Failure::BadRequest("the shop has no such licenseKey".to_owned()))?;
    Ok(datetime(found.last_second()))
}

/// The parameter; keys have letters, digits and `_` only, so that nothing in one is ever escaped.
fn license_key(query: &str) -> Option<String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let value = pairs.into_iter().find(|(name, _)| *name == "licenseKey").map(|(_, value)| value.replace("%5F", "_"));
    value.filter(|value| !value.is_empty())
}

//! Who calls test helpers of the marketplace: a licence, as on the RMS API. What is wrong is said in the shape of our own API.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use kernel::{Peer, ShopId};
use mall::http::Rms;
use mall::licence::{self, Holder};
use pay::ApiError;
use pay::http::caller::Callers;
use shop::By;

/// A program of a shop on the mall.
#[derive(Clone, Debug)]
pub struct EsaCaller {
    /// Whose.
    pub shop: ShopId,
    /// Who does it, for audit rows.
    pub by: By,
}

impl FromRequestParts<Rms> for EsaCaller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, rms: &Rms) -> Result<EsaCaller, Response> {
        EsaCaller::of(parts, rms).await.map_err(|error| {
            let asks_who = error.status == 401;
            let mut response = error.into_response();
            if asks_who {
                let challenge = HeaderValue::from_static("ESA realm=\"choba\"");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            }
            response
        })
    }
}

impl EsaCaller {
    async fn of(parts: &Parts, rms: &Rms) -> Result<EsaCaller, ApiError> {
        let peer = parts.extensions.get::<Peer>().cloned().ok_or_else(ApiError::server)?;
        let callers = parts.extensions.get::<Arc<Callers>>().cloned().ok_or_else(ApiError::server)?;
        let now = rms.store().machine_now();
        callers.admit(peer.address, now)?;
        let header = parts.headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
        let found = match licence::credentials(header) {
            Ok(credentials) => {
                let vault = rms.vault().clone();
                let find = move |tx: &mut store::Tx<'_>| {
                    licence::find_holder(tx, &vault, &credentials).map_err(ApiError::from)
                };
                rms.store().read(find).await?
            }
            Err(why) => Err(why.into()),
        };
        let unknown = |why: &dyn std::fmt::Display| {
            let message = format!("Send Authorization: ESA base64(serviceSecret:licenseKey): {why}.");
            callers.failed(peer.address, now, ApiError::unauthenticated(&message))
        };
        let Holder { shop, licence, .. } = found.map_err(|why| unknown(&why))?;
        let origin = format!("api {} {}", peer.address, peer.request_id);
        Ok(EsaCaller { shop, by: By::new(now, rms.market().entropy(), format!("licence:{licence}"), origin) })
    }
}

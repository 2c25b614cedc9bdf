//! Who calls `/api`: a token in `Authorization: Bearer …`.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use kernel::{Peer, ShopId};
use pay::http::caller::Callers;
use pay::{ApiError, Gateway};
use shop::{By, Scope, Token};

/// A token that was recognised and may be used.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// The token.
    pub token: Token,
    /// Where the request came from, for audit rows.
    pub origin: String,
}

impl FromRequestParts<Gateway> for Bearer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Bearer, Response> {
        Bearer::of(parts, gateway).await.map_err(|error| {
            let asks_who = error.status == 401;
            let mut response = error.into_response();
            if asks_who {
                let challenge = HeaderValue::from_static("Bearer realm=\"choba\"");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            }
            response
        })
    }
}

impl Bearer {
    /// Failures are counted by address together with those of private keys ([`Callers`]).
    async fn of(parts: &Parts, gateway: &Gateway) -> Result<Bearer, ApiError> {
        let unknown = || ApiError::unauthenticated("Send a valid token as Authorization: Bearer choba_….");
        let peer = parts.extensions.get::<Peer>().cloned().ok_or_else(ApiError::server)?;
        let callers = parts.extensions.get::<Arc<Callers>>().cloned().ok_or_else(ApiError::server)?;
        let now = gateway.store().machine_now();
        callers.admit(peer.address, now)?;
        let unknown = || callers.failed(peer.address, now, unknown());
        let value = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let value = value.and_then(|text| text.strip_prefix("Bearer ")).ok_or_else(unknown)?.trim().to_owned();
        let vault = gateway.vault().clone();
        let found =
            gateway.store().read(move |tx| shop::rows::find_token(tx, &vault, &value).map_err(ApiError::from)).await?;
        let token = found.filter(|token| token.is_valid_at(now)).ok_or_else(unknown)?;
        Ok(Bearer { token, origin: format!("api {} {}", peer.address, peer.request_id) })
    }

    /// Who changes something by it, for the audit row. A token that is bound to a shop is the shop's own.
    pub fn by(&self, gateway: &Gateway) -> By {
        let actor = format!("token:{}", self.token.id);
        let by = By::new(gateway.store().machine_now(), gateway.entropy(), actor, self.origin.clone());
        by.operating(self.token.shop.is_none())
    }
}

/// Whether the token has the right `scope` for `shop`; 403 if not. For the token of one shop there are no others: 404.
pub fn authorize(bearer: &Bearer, scope: Scope, shop: ShopId) -> Result<(), ApiError> {
    if bearer.token.shop.is_some_and(|own| own != shop) {
        return Err(ApiError::missing_resource("There is no such shop."));
    }
    if bearer.token.allows(scope, shop) {
        return Ok(());
    }
    Err(ApiError::forbidden("insufficient_scope", &format!("The token needs the scope {scope} for this shop.")))
}

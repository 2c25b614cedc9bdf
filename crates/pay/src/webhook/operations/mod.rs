//! What a shop does with its webhooks, by API or dashboard: each change in one transaction with its audit row and, if
//! the request has an idempotency key, its answer.

pub mod change;
pub mod read;
pub mod resend;
pub mod view;

use serde::Serialize;
use store::Tx;

use super::Webhooks;
use super::endpoint::Key;
use crate::error::ApiError;
use crate::once;
pub use crate::once::{Answer, Asked};
pub(super) use crate::once::{Outcome, json};

impl Asked {
    /// The endpoint of this name.
    pub fn endpoint(&self, id: &str) -> Key {
        Key { shop: self.shop, environment: self.environment, id: id.to_owned() }
    }
}

/// No such endpoint.
pub(super) fn no_such_endpoint() -> ApiError {
    ApiError::missing_resource("There is no such webhook endpoint.")
}

impl Webhooks {
    /// Runs `operation` once for its idempotency key: the same request gets the first answer again.
    pub(super) async fn once<T: Serialize>(
        &self,
        asked: &Asked,
        operation: impl Fn(&mut Tx<'_>) -> Result<Outcome<T>, ApiError> + Send + 'static,
    ) -> Result<Answer, ApiError> {
        once::once(&self.gateway, asked, operation).await
    }
}

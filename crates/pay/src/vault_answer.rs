//! Answers kept under a client's idempotency key, sealed.

use std::sync::Arc;

use kernel::Entropy;
use shop::Vault;
use store::idempotency::RequestKey;
use store::{ErrorKind, StoreError};

/// Seals and opens kept answers.
#[derive(Clone)]
pub struct SealedAnswers {
    /// The master keys.
    pub vault: Arc<Vault>,
    /// For nonces.
    pub entropy: Arc<dyn Entropy>,
}

impl SealedAnswers {
    pub(crate) fn seal(&self, key: &RequestKey, body: &[u8]) -> Vec<u8> {
        self.vault.seal(&purpose(key), body, self.entropy.as_ref())
    }

    /// The body; empty once it was erased.
    pub(crate) fn open(&self, key: &RequestKey, sealed: Option<Vec<u8>>) -> Result<Vec<u8>, StoreError> {
        let Some(sealed) = sealed else { return Ok(Vec::new()) };
        let opened = self.vault.open(&purpose(key), &sealed);
        opened.map_err(|error| StoreError::new(ErrorKind::Corrupt, error.to_string()))
    }
}

pub(crate) fn purpose(key: &RequestKey) -> String {
    format!("idempotency/{}/{}/{}", key.shop, key.scope, key.key)
}

//! Keys and webhook secrets (contract online-lite-api "Environments and keys", "Events and webhooks").

use std::fmt;
use std::str::FromStr;

use kernel::outside::random_hex;
use kernel::{Entropy, Environment, ShopId, Timestamp};
use store::{StoreError, Tx};

use crate::rows;
use crate::vault::Vault;

/// What a secret is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CredentialKind {
    /// `…_public_…`: stands in the shop's pages, names the shop.
    PublicKey,
    /// `…_private_…`: the user name of HTTP Basic authentication.
    PrivateKey,
    /// `webhook_…`: travels in clear in `X-Lite-Webhook-Signature`.
    WebhookSecret,
    /// `whsec_…`: signs deliveries (Standard Webhooks), never travels.
    WebhookSigningSecret,
}

impl CredentialKind {
    /// Every kind.
    pub const ALL: [CredentialKind; 4] = [
        CredentialKind::PublicKey,
        CredentialKind::PrivateKey,
        CredentialKind::WebhookSecret,
        CredentialKind::WebhookSigningSecret,
    ];

    /// The word used in rows.
    pub fn as_str(self) -> &'static str {
        match self {
            CredentialKind::PublicKey => "public_key",
            CredentialKind::PrivateKey => "private_key",
            CredentialKind::WebhookSecret => "webhook_secret",
            CredentialKind::WebhookSigningSecret => "webhook_signing_secret",
        }
    }

    /// Whether a request is authenticated with it, so that it is found by its hash.
    pub fn is_indexed(self) -> bool {
        match self {
            CredentialKind::PublicKey | CredentialKind::PrivateKey => true,
            CredentialKind::WebhookSecret | CredentialKind::WebhookSigningSecret => false,
        }
    }

    /// A new random value, in the form of the contract.
    fn generate(self, environment: Environment, entropy: &dyn Entropy) -> String {
        use base64::Engine as _;
        match self {
            CredentialKind::PublicKey => format!("{environment}_public_{}", random_hex::<48>(entropy)),
            CredentialKind::PrivateKey => format!("{environment}_private_{}", random_hex::<48>(entropy)),
            CredentialKind::WebhookSecret => format!("webhook_{}", random_hex::<48>(entropy)),
            CredentialKind::WebhookSigningSecret => {
                let bytes: [u8; 32] = kernel::outside::random_bytes(entropy);
                format!("whsec_{}", base64::engine::general_purpose::STANDARD.encode(bytes))
            }
        }
    }
}

impl FromStr for CredentialKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = CredentialKind::ALL.into_iter().find(|kind| kind.as_str() == text);
        known.ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// No credential is of this kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind of credential {0:?}")]
pub struct UnknownKind(pub String);

/// Until when a credential is accepted, in machine time; none: until it is rotated.
pub type Expiry = Option<Timestamp>;

/// A secret, opened.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// Whose it is.
    pub shop: ShopId,
    /// Where it counts.
    pub environment: Environment,
    /// Its name in audit rows: says nothing of the value.
    pub id: String,
    /// What it is for.
    pub kind: CredentialKind,
    /// The secret itself.
    pub value: String,
    /// When it was made, machine time.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Expiry,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({} {} {} of shop {})", self.kind.as_str(), self.environment, self.id, self.shop)
    }
}

impl Credential {
    /// A new credential with a random value.
    pub fn generate(
        shop: ShopId,
        environment: Environment,
        kind: CredentialKind,
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Credential {
        let id = format!("cred_{}", random_hex::<8>(entropy));
        let value = kind.generate(environment, entropy);
        Credential { shop, environment, id, kind, value, created: now, expires: None }
    }

    /// What the sealed value is bound to.
    pub(crate) fn purpose(shop: ShopId, environment: Environment, id: &str) -> String {
        format!("credential/{shop}/{environment}/{id}")
    }
}

/// A private or public key that a request came with, recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHolder {
    /// Whose key it is.
    pub shop: ShopId,
    /// Where it counts.
    pub environment: Environment,
    /// Which credential.
    pub credential_id: String,
    /// Whether charges of the shop carry the shipping address.
    pub receives_address: bool,
    /// When the key ends.
    pub expires: Expiry,
}

/// Who holds `key`, if it is known, not expired, and of `kind`. A key is text of bounded length from outside: its form is
/// checked before anything is looked up.
pub fn find_holder(
    tx: &mut Tx<'_>,
    vault: &Vault,
    kind: CredentialKind,
    key: &str,
) -> Result<Option<KeyHolder>, StoreError> {
    if !well_formed(kind, key) {
        return Ok(None);
    }
    let now = tx.machine_now();
    for look_up in vault.look_ups(key) {
        if let Some(holder) = rows::find_by_look_up(tx, &look_up)? {
            let fits =
                key.starts_with(&format!("{}_", holder.environment)) && holder.expires.is_none_or(|end| now < end);
            return Ok(fits.then_some(holder));
        }
    }
    Ok(None)
}

/// Prefix of an environment and kind, then 96 lower-case hex digits.
pub fn well_formed(kind: CredentialKind, key: &str) -> bool {
    let word = match kind {
        CredentialKind::PublicKey => "public",
        CredentialKind::PrivateKey => "private",
        CredentialKind::WebhookSecret | CredentialKind::WebhookSigningSecret => return false,
    };
    let digits = Environment::ALL.iter().find_map(|environment| key.strip_prefix(&format!("{environment}_{word}_")));
    digits.is_some_and(|digits| digits.len() == 96 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_form_of_the_contract() {
        let digits = "0a".repeat(48);
        for environment in Environment::ALL {
            assert!(well_formed(CredentialKind::PrivateKey, &format!("{environment}_private_{digits}")));
            assert!(well_formed(CredentialKind::PublicKey, &format!("{environment}_public_{digits}")));
            assert!(!well_formed(CredentialKind::PublicKey, &format!("{environment}_private_{digits}")));
        }
        let too_short = &digits[1..];
        for wrong in ["", "sandbox_private_", "live_private_é", &format!("test_private_{too_short}"), &digits] {
            assert!(!well_formed(CredentialKind::PrivateKey, wrong), "{wrong}");
        }
        assert!(!well_formed(CredentialKind::PrivateKey, &format!("test_private_{}", digits.to_uppercase())));
    }
}

//! What deliveries are made with: the webhook secret, the signing secrets, and the key of ciphers.

use base64::Engine as _;
use kernel::{Environment, ShopId};
use shop::rows::SealedCredential;
use shop::{Credential, CredentialKind, Vault};
use store::{ErrorKind, StoreError, Tx};

/// The secrets of a shop in one environment, opened. Never logged: not even printable.
#[derive(Clone)]
pub struct Secrets {
    /// The `webhook_…` that travels: the one that was rotated away, as long as it counts, so that a shop has until then
    /// to know the new one; then the new one.
    pub webhook_secret: String,
    /// The keys inside every `whsec_…` that still counts, newest first.
    pub signing_keys: Vec<Vec<u8>>,
    /// The newest private key.
    pub private_key: String,
}

/// Reads and opens them.
pub fn load(tx: &mut Tx<'_>, vault: &Vault, shop: ShopId, environment: Environment) -> Result<Secrets, StoreError> {
    let now = tx.machine_now();
    let counts = |credential: &SealedCredential| credential.expires.is_none_or(|end| now < end);
    let opened = opened(tx, vault, (shop, environment), counts)?;
    let of = |kind: CredentialKind| opened.iter().filter(move |credential| credential.kind == kind);
    let none = |kind: CredentialKind| corrupt(format!("shop {shop} has no {} in {environment}", kind.as_str()));
    let newest = |kind: CredentialKind| {
        let found = of(kind).next().map(|credential| credential.value.clone());
        found.ok_or_else(|| none(kind))
    };
    let oldest = |kind: CredentialKind| {
        let found = of(kind).next_back().map(|credential| credential.value.clone());
        found.ok_or_else(|| none(kind))
    };
    Ok(Secrets {
        webhook_secret: oldest(CredentialKind::WebhookSecret)?,
        signing_keys: of(CredentialKind::WebhookSigningSecret).filter_map(|found| key_inside(&found.value)).collect(),
        private_key: newest(CredentialKind::PrivateKey)?,
    })
}

/// Every private key that there was, newest first: what was sent with one that counts no more is still shown.
pub fn private_keys(
    tx: &mut Tx<'_>,
    vault: &Vault,
    shop: ShopId,
    environment: Environment,
) -> Result<Vec<String>, StoreError> {
    let is_private = |credential: &SealedCredential| credential.kind == CredentialKind::PrivateKey;
    let opened = opened(tx, vault, (shop, environment), is_private)?;
    Ok(opened.into_iter().map(|credential| credential.value).collect())
}

/// Credentials that are `wanted`, opened, newest first: the one that was not rotated away, then by when they were made.
fn opened(
    tx: &mut Tx<'_>,
    vault: &Vault,
    (shop, environment): (ShopId, Environment),
    wanted: impl Fn(&SealedCredential) -> bool,
) -> Result<Vec<Credential>, StoreError> {
    let sealed = shop::rows::credentials_of(tx, shop, environment)?.into_iter().filter(wanted);
    let opened = sealed.map(|credential| credential.open(vault).map_err(|error| corrupt(error.to_string())));
    let mut opened = opened.collect::<Result<Vec<Credential>, StoreError>>()?;
    opened.sort_by_key(|credential| std::cmp::Reverse((credential.expires.is_none(), credential.created)));
    Ok(opened)
}

fn corrupt(what: String) -> StoreError {
    StoreError::new(ErrorKind::Corrupt, what)
}

fn key_inside(secret: &str) -> Option<Vec<u8>> {
    base64::engine::general_purpose::STANDARD.decode(secret.strip_prefix("whsec_")?).ok()
}

//! Keys: which there are, rotation with overlap, and their values, which is audited.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use kernel::outside::random_hex;
use kernel::time::MICROS_PER_SECOND;
use kernel::{Environment, ShopId};
use pay::http::{object, whole};
use pay::{ApiError, Gateway};
use serde::{Deserialize, Serialize};
use shop::rotation::{self, Rotation};
use shop::{Credential, CredentialKind, Scope, rows};
use store::Tx;

use super::{OfThree, OfTwo, claim, environment_of, is_first, parts, request_key, shop_of};
use crate::api::token::Bearer;

/// A key as the wire shows it.
#[derive(Debug, Serialize)]
pub struct Key {
    object: &'static str,
    id: String,
    kind: &'static str,
    environment: &'static str,
    /// Always of a public key; of others only where they are shown on purpose.
    value: Option<String>,
    created: i64,
    expires: Option<i64>,
}

impl Key {
    fn of(key: Credential, with_value: bool) -> Key {
        let Credential { environment, id, kind, value, created, expires, .. } = key;
        let shown = with_value || kind == CredentialKind::PublicKey;
        Key {
            object: "key",
            id,
            kind: kind.as_str(),
            environment: environment.as_str(),
            value: shown.then_some(value),
            created: created.seconds(),
            expires: expires.map(|end| end.seconds()),
        }
    }
}

/// Keys as the wire lists them.
#[derive(Debug, Serialize)]
pub struct Keys {
    object: &'static str,
    data: Vec<Key>,
}

/// What is to be rotated.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotate {
    kind: String,
    overlap_seconds: i64,
}

async fn place(
    gateway: &Gateway,
    bearer: &Bearer,
    shop: &str,
    environment: &str,
) -> Result<(ShopId, Environment), ApiError> {
    let shop = shop_of(gateway, bearer, shop, Scope::Keys).await?;
    Ok((shop, environment_of(environment)?))
}

fn opened(sealed: rows::SealedCredential, vault: &shop::Vault) -> Result<Credential, ApiError> {
    sealed.open(vault).map_err(|error| {
        tracing::error!(%error, "a key does not open");
        ApiError::server()
    })
}

/// `GET …/keys`.
pub async fn list(State(gateway): State<Gateway>, bearer: Bearer, at: OfTwo) -> Result<Json<Keys>, ApiError> {
    let (shop, environment) = parts(at)?;
    let (shop, environment) = place(&gateway, &bearer, &shop, &environment).await?;
    let vault = gateway.vault().clone();
    let read = move |tx: &mut Tx<'_>| {
        let found = rows::credentials_of(tx, shop, environment)?.into_iter();
        let mut keys = found.map(|sealed| opened(sealed, &vault)).collect::<Result<Vec<_>, _>>()?;
        keys.sort_by_key(|key| (key.kind.as_str(), key.expires.is_some(), std::cmp::Reverse(key.created)));
        Ok::<_, ApiError>(keys)
    };
    let keys = gateway.store().read(read).await?;
    Ok(Json(Keys { object: "list", data: keys.into_iter().map(|key| Key::of(key, false)).collect() }))
}

/// `POST …/keys/rotate`: the new key, with its value.
pub async fn rotate(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: OfTwo,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Key>, ApiError> {
    let (shop, environment) = parts(at)?;
    let (shop, environment) = place(&gateway, &bearer, &shop, &environment).await?;
    let body = whole(body)?;
    let Rotate { kind, overlap_seconds } = object(&body)?;
    let kinds = CredentialKind::ALL.map(CredentialKind::as_str).join(", ");
    let kind = kind.parse().map_err(|_| ApiError::parameter("kind", &format!("one of {kinds}")))?;
    let overlap_micros = overlap_seconds.saturating_mul(MICROS_PER_SECOND);
    let sent = request_key(shop, &headers, &format!("/api/shops/{shop}/{environment}/keys/rotate"), &body)?;
    // Without a key every request is one of its own.
    let key = sent.as_ref().map_or_else(|| random_hex::<16>(gateway.entropy()), |sent| sent.key.clone());
    let rotation = Rotation { shop, environment, kind, overlap_micros, key };
    let (vault, entropy, by) = (gateway.vault().clone(), gateway.shared_entropy(), bearer.by(&gateway));
    let write = move |tx: &mut Tx<'_>| {
        let first = is_first(tx, sent.as_ref())?;
        let id = rotation::rotate(tx, (&vault, entropy.as_ref()), &rotation, &by)?;
        if first {
            claim(tx, sent.as_ref(), &id)?;
        }
        let made = rows::find_credential(tx, shop, environment, &id)?.ok_or_else(ApiError::server)?;
        opened(made, &vault)
    };
    Ok(Json(Key::of(gateway.store().write(write).await?, true)))
}

/// `POST …/keys/{key}/reveal`: a key with its value, which is audited.
pub async fn reveal(State(gateway): State<Gateway>, bearer: Bearer, at: OfThree) -> Result<Json<Key>, ApiError> {
    let (shop, environment, id) = parts(at)?;
    let (shop, environment) = place(&gateway, &bearer, &shop, &environment).await?;
    let (vault, by) = (gateway.vault().clone(), bearer.by(&gateway));
    let write =
        move |tx: &mut Tx<'_>| rotation::reveal(tx, &vault, (shop, environment, &id), &by).map_err(ApiError::from);
    Ok(Json(Key::of(gateway.store().write(write).await?, true)))
}

/// `POST …/keys/{key}/end`: an old key counts no more. Doing it twice is doing it once.
pub async fn end(State(gateway): State<Gateway>, bearer: Bearer, at: OfThree) -> Result<Json<Key>, ApiError> {
    let (shop, environment, id) = parts(at)?;
    let (shop, environment) = place(&gateway, &bearer, &shop, &environment).await?;
    let (vault, by) = (gateway.vault().clone(), bearer.by(&gateway));
    let write = move |tx: &mut Tx<'_>| {
        rotation::end_now(tx, shop, environment, &id, &by)?;
        let ended = rows::find_credential(tx, shop, environment, &id)?.ok_or_else(ApiError::server)?;
        opened(ended, &vault)
    };
    Ok(Json(Key::of(gateway.store().write(write).await?, false)))
}

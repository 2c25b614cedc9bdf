//! Who calls: HTTP Basic authentication with a private key as user name and an empty password (contract "Environments
//! and keys").

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

use axum::extract::FromRequestParts;
use base64::Engine as _;
use http::request::Parts;
use http::{HeaderMap, header};
use kernel::{Environment, Peer, ShopId, Timestamp};
use sha2::{Digest, Sha256};
use shop::credential::{self, CredentialKind, KeyHolder};
use store::idempotency::RequestKey;

use super::limit::{Buckets, Rate};
use super::{Api, Base, base_of};
use crate::attempt::Requester;
use crate::error::ApiError;
use crate::gateway::Change;

/// How long a key that was looked up is believed, machine time: a revoked key works this much longer.
const BELIEVED_MICROS: i64 = 1_000_000;
const BELIEVED_MAX: usize = 10_000;
/// Characters of an idempotency key at the most.
pub const IDEMPOTENCY_KEY_MAX: usize = 255;

/// What is remembered of callers: recently seen keys, and how many requests they made.
pub struct Callers {
    believed: Mutex<HashMap<[u8; 32], (KeyHolder, Timestamp)>>,
    requests: Buckets<String>,
    failures: Buckets<IpAddr>,
}

impl Callers {
    /// `requests` bounds the requests of one key, `failures` the failed authentications of one address.
    pub fn new(requests: Rate, failures: Rate) -> Callers {
        Callers { believed: Mutex::default(), requests: Buckets::new(requests), failures: Buckets::new(failures) }
    }

    /// Whether requests from `address` are looked at: too many of those before did not prove who they were.
    pub fn admit(&self, address: IpAddr, now: Timestamp) -> Result<(), ApiError> {
        self.failures.look(address, now).map_err(ApiError::rate_limit)
    }

    /// Counts a request from `address` that did not prove who it was; what it is answered.
    pub fn failed(&self, address: IpAddr, now: Timestamp, error: ApiError) -> ApiError {
        match self.failures.take(address, now) {
            Ok(()) => error,
            Err(seconds) => ApiError::rate_limit(seconds),
        }
    }
}

/// A caller who has proved a private key.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Whose key.
    pub shop: ShopId,
    /// Of which environment.
    pub environment: Environment,
    /// The key, for ciphers.
    pub private_key: String,
    /// Whether the shop's charges carry the shipping address.
    pub receives_address: bool,
    requester: Requester,
}

impl Caller {
    /// A change that this caller asks for, under the `Idempotency-Key` of `headers`. `body` is canonical.
    pub fn change(&self, headers: &HeaderMap, method: &str, path: &str, body: &[u8]) -> Result<Change, ApiError> {
        let key = idempotency_key(headers)?.map(|key| RequestKey {
            shop: self.shop,
            scope: self.environment.as_str(),
            key,
            fingerprint: fingerprint(method, path, body),
        });
        Ok(Change { shop: self.shop, environment: self.environment, key, requester: self.requester.clone() })
    }
}

impl FromRequestParts<Api> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Caller, ApiError> {
        let peer = parts.extensions.get::<Peer>().cloned().ok_or_else(ApiError::server)?;
        let path = parts.uri.path();
        let helper = path.starts_with("/api/");
        let base = base_of(path);
        if !helper && base == Base::Live && !peer.tls && !api.plain_live {
            return Err(ApiError::https_required());
        }
        let now = api.gateway.store().machine_now();
        api.callers.admit(peer.address, now)?;
        let failed = |error: ApiError| api.callers.failed(peer.address, now, error);
        let private_key = private_key(&parts.headers).map_err(failed)?;
        let holder = holder(api, &private_key, now).await?;
        let holder = holder.ok_or_else(|| failed(ApiError::unauthenticated("The private key is unknown.")))?;
        if !helper && !base.serves(holder.environment) {
            let message = format!("A key of {} does not count on {}.", holder.environment, base.path());
            return Err(failed(ApiError::unauthenticated(&message)));
        }
        api.callers.requests.take(holder.credential_id.clone(), now).map_err(ApiError::rate_limit)?;
        Ok(Caller {
            shop: holder.shop,
            environment: holder.environment,
            private_key,
            receives_address: holder.receives_address,
            requester: Requester {
                actor: format!("key:{}", holder.credential_id),
                origin: format!("api {} {}", peer.address, peer.request_id),
            },
        })
    }
}

async fn holder(api: &Api, private_key: &str, now: Timestamp) -> Result<Option<KeyHolder>, ApiError> {
    let digest: [u8; 32] = Sha256::digest(private_key.as_bytes()).into();
    let lock = || api.callers.believed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some((holder, until)) = lock().get(&digest)
        && now < *until
        && holder.expires.is_none_or(|end| now < end)
    {
        return Ok(Some(holder.clone()));
    }
    let (vault, key) = (api.gateway.vault().clone(), private_key.to_owned());
    let find = move |tx: &mut store::Tx<'_>| {
        credential::find_holder(tx, &vault, CredentialKind::PrivateKey, &key).map_err(ApiError::from)
    };
    let found = api.gateway.store().read(find).await?;
    let mut believed = lock();
    if believed.len() >= BELIEVED_MAX {
        believed.clear();
    }
    match &found {
        Some(holder) => believed.insert(digest, (holder.clone(), now.plus_micros(BELIEVED_MICROS))),
        None => believed.remove(&digest),
    };
    Ok(found)
}

/// The user name of `Authorization: Basic …`; the password must be empty.
pub(crate) fn private_key(headers: &HeaderMap) -> Result<String, ApiError> {
    let wrong = |message: &str| ApiError::unauthenticated(message);
    let header = headers.get(header::AUTHORIZATION);
    let header = header.ok_or_else(|| wrong("Send the private key as the user name of Basic authentication."))?;
    let text = header.to_str().map_err(|_| wrong("The Authorization header is not ASCII."))?;
    let (scheme, credentials) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(wrong("The Authorization header must be Basic."));
    }
    let decoded = base64::engine::general_purpose::STANDARD.decode(credentials.trim());
    let decoded = decoded.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let decoded = decoded.ok_or_else(|| wrong("The Authorization header is not Base64 of text."))?;
    match decoded.split_once(':') {
        Some((key, "")) => Ok(key.to_owned()),
        Some(_) => Err(wrong("The password of Basic authentication must be empty.")),
        None => Ok(decoded),
    }
}

/// The `Idempotency-Key` of a request, if it has one.
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let mut keys = headers.get_all("idempotency-key").iter();
    let Some(key) = keys.next() else { return Ok(None) };
    let fits = |text: &&str| (1..=IDEMPOTENCY_KEY_MAX).contains(&text.len());
    let text = key.to_str().ok().filter(fits).filter(|_| keys.next().is_none());
    let expected = || format!("given once, with 1 to {IDEMPOTENCY_KEY_MAX} ASCII characters");
    let text = text.ok_or_else(|| ApiError::parameter("Idempotency-Key", &expected()))?;
    Ok(Some(text.to_owned()))
}

/// Digest of what a request asks for; `body` is canonical.
pub fn fingerprint(method: &str, path: &str, body: &[u8]) -> Vec<u8> {
    let mut digest = Sha256::new();
    for part in [method.as_bytes(), path.as_bytes(), body] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    fn basic(user_and_password: &str) -> HeaderMap {
        let value = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(user_and_password));
        HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_str(&value).unwrap())])
    }

    #[test]
    fn the_key_is_the_user_name() {
        assert_eq!(private_key(&basic("sandbox_private_0a:")).unwrap(), "sandbox_private_0a");
        assert_eq!(private_key(&basic("sandbox_private_0a")).unwrap(), "sandbox_private_0a");
        assert_eq!(private_key(&basic("sandbox_private_0a:x")).unwrap_err().status, 401);
        assert_eq!(private_key(&HeaderMap::new()).unwrap_err().status, 401);
    }

    proptest! {
        #[test]
        fn any_header_is_a_key_or_refused(bytes in proptest::collection::vec(32_u8..=255, 0..80)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value)]);
                if let Err(error) = private_key(&headers) {
                    prop_assert_eq!(error.status, 401);
                }
            }
        }

        #[test]
        fn fingerprints_differ_where_requests_do(a in "[a-z]{0,6}", b in "[a-z]{0,6}", c in "[a-z]{0,6}", d in "[a-z]{0,6}") {
            let same = (&a, &b) == (&c, &d);
            prop_assert_eq!(fingerprint("POST", &a, b.as_bytes()) == fingerprint("POST", &c, d.as_bytes()), same);
        }
    }
}

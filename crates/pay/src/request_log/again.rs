//! A request of the sandbox, sent again: as a new one, by the same key, under an idempotency key of its own.

use axum::body::Body;
use base64::Engine as _;
use http::{Request, header};
use kernel::outside::sortable_hex;
use kernel::{Environment, Peer, ShopId};
use store::audit::{self, NewEntry};
use store::{StoreError, Tx};

use super::{Entry, Exchange, is_recorded, rows};
use crate::gateway::Gateway;

/// Headers that are sent again; the others were the client's own affair.
const SENT_AGAIN: [&str; 2] = ["content-type", "accept"];

/// Why a request is not sent again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAgain {
    /// There is no such request.
    #[error("there is no such request")]
    Absent,
    /// It is of test or live.
    #[error("only requests of the sandbox are sent again")]
    NotSandbox,
    /// Something of it was not kept.
    #[error("the log does not hold all of the request")]
    NotWhole,
    /// Its key counts no more.
    #[error("the key of the request counts no more")]
    KeyGone,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who wants it.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Whose request.
    pub shop: ShopId,
    /// Its name in the log.
    pub id: String,
    /// The idempotency key of the new request: the same wish twice is one request.
    pub idempotency_key: String,
    /// Who, for the audit row.
    pub actor: String,
    /// The page that it comes from.
    pub peer: Peer,
}

/// Whether a request could be sent again, as far as the log tells.
pub fn check(entry: &Entry, exchange: &Exchange) -> Result<(), NotAgain> {
    if entry.environment != Environment::Sandbox || !is_recorded(&entry.path) {
        return Err(NotAgain::NotSandbox);
    }
    if exchange.is_whole() && exchange.request_line().is_some() { Ok(()) } else { Err(NotAgain::NotWhole) }
}

/// Writes down that it is sent again, and makes the request, for the routes that answered the first one.
pub async fn prepare(gateway: &Gateway, wish: Wish) -> Result<Request<Body>, NotAgain> {
    let (vault, sought) = (gateway.vault().clone(), wish.clone());
    let audit_id = sortable_hex(gateway.store().machine_now(), gateway.entropy());
    let begin = move |tx: &mut Tx<'_>| {
        let (entry, sealed) = rows::find(tx, sought.shop, &sought.id)?.ok_or(NotAgain::Absent)?;
        let exchange = rows::open(&vault, &entry, &sealed).ok_or(NotAgain::NotWhole)?;
        check(&entry, &exchange)?;
        let credential = shop::rows::find_credential(tx, sought.shop, entry.environment, &entry.credential_id)?;
        let now = tx.machine_now();
        let valid = credential.filter(|credential| credential.expires.is_none_or(|end| now < end));
        let key = valid.and_then(|sealed| sealed.open(&vault).ok()).ok_or(NotAgain::KeyGone)?;
        let origin = format!("page {} {}", sought.peer.address, sought.peer.request_id);
        let record = NewEntry {
            shop: sought.shop,
            id: &audit_id,
            at: now,
            actor: &sought.actor,
            origin: &origin,
            action: "request.again",
            object: &entry.id,
            fields: "{}",
        };
        tx.execute_all(&[audit::record(&record)])?;
        Ok::<_, NotAgain>((exchange, key.value))
    };
    let (exchange, key) = gateway.store().write(begin).await?;
    request(&exchange, &key, wish).ok_or(NotAgain::NotWhole)
}

fn request(exchange: &Exchange, private_key: &str, wish: Wish) -> Option<Request<Body>> {
    let (method, address) = exchange.request_line()?;
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{private_key}:"));
    let mut request = Request::builder().method(method).uri(address);
    request = request.header(header::AUTHORIZATION, format!("Basic {basic}"));
    for name in SENT_AGAIN {
        if let Some(value) = exchange.request_header(name) {
            request = request.header(name, value);
        }
    }
    if method != "GET" {
        request = request.header("idempotency-key", wish.idempotency_key);
    }
    request.extension(wish.peer).body(Body::from(exchange.request_body.clone())).ok()
}

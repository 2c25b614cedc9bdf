//! A request of the sandbox, sent again: as a new one, by the same key, under an idempotency key of its own.

use axum::Router;
use axum::body::Body;
use base64::Engine as _;
use http::{Request, header};
use kernel::outside::sortable_hex;
use kernel::{Environment, Peer, ShopId};
use store::audit::{self, NewEntry};
use store::{StoreError, Tx};
use tower::ServiceExt as _;

use super::recorder::LogId;
use super::{Entry, Exchange, Recorder, is_recorded, rows};
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
    /// Page or API, with the id of the request, for the audit row.
    pub origin: String,
    /// Who is at the other end.
    pub peer: Peer,
}

/// The log, and the routes that a request of it is sent again to: those that answered it, with the same recorder.
#[derive(Clone)]
pub struct Log {
    /// Writes what was asked.
    pub recorder: Recorder,
    /// Answer what programs ask.
    pub routes: Router,
}

/// What became of a request that was sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// HTTP status of the answer.
    pub status: u16,
    /// Its name in the log; none if the log was too busy to take it.
    pub id: Option<String>,
}

impl Log {
    /// Sends a request again, and waits until the log holds the new one.
    pub async fn run(&self, gateway: &Gateway, wish: Wish) -> Result<Ran, NotAgain> {
        let request = prepare(gateway, wish).await?;
        let answer = self.routes.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        self.recorder.flush().await?;
        let id = answer.extensions().get::<LogId>().map(|LogId(id)| id.clone());
        Ok(Ran { status: answer.status().as_u16(), id })
    }
}

/// Whether a request could be sent again, as far as the log tells.
pub fn check(entry: &Entry, exchange: &Exchange) -> Result<(), NotAgain> {
    if entry.environment != Environment::Sandbox || !is_recorded(&entry.path) {
        return Err(NotAgain::NotSandbox);
    }
    if exchange.is_whole() && exchange.request_line().is_some() { Ok(()) } else { Err(NotAgain::NotWhole) }
}

/// Writes down that it is sent again, and makes the request, for the routes that answered the first one.
async fn prepare(gateway: &Gateway, wish: Wish) -> Result<Request<Body>, NotAgain> {
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
        let record = NewEntry {
            shop: sought.shop,
            id: &audit_id,
            at: now,
            actor: &sought.actor,
            origin: &sought.origin,
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

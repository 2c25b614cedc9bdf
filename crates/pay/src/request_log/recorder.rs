//! Recording: a layer around the routes that offers what passes, and the batches that are written later.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, Uri};
use http_body::{Frame, SizeHint};
use kernel::outside::sortable_hex;
use kernel::{ChargeNumber, Peer, ShopId, Timestamp};
use shop::credential::{self, CredentialKind, KeyHolder};
use store::StoreError;
use tokio::sync::mpsc;

use super::exchange::{Exchange, kept};
use super::{BODY_KEPT, Entry, PATH_KEPT, is_recorded, mask, rows};
use crate::error::ApiError;
use crate::gateway::Gateway;
use crate::http::caller;

/// Requests that wait to be written; what comes beyond is left out. With the pause of the worker, this bounds how much of
/// the database's time the log takes.
pub const WAITING_MAX: usize = 512;
/// Rows written in one transaction.
const TOGETHER: usize = 128;
/// How often old rows are removed, machine time.
const TIDY_MICROS: i64 = 60 * 1_000_000;
/// So much more of a body is looked at than is kept, so that no secret is cut in two unseen.
const OVERLAP: usize = 512;
/// Bytes of an answer that are looked at; ours are whole in memory anyway.
const ANSWER_MAX: usize = 64 << 20;

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Days.
    pub days: u32,
    /// Rows of a shop.
    pub rows: u32,
}

impl Default for Keep {
    fn default() -> Keep {
        Keep { days: 30, rows: 20_000 }
    }
}

/// The name of a request in the log: an extension of the answer to a request that was offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogId(pub String);

/// Offers and writes. Cheap to clone.
#[derive(Clone)]
pub struct Recorder {
    inner: Arc<Inner>,
}

struct Inner {
    gateway: Gateway,
    keep: Keep,
    offers: mpsc::Sender<Offer>,
    offered: tokio::sync::Mutex<mpsc::Receiver<Offer>>,
    tidied_us: AtomicI64,
}

/// What passed, not yet looked at.
struct Offer {
    id: String,
    at: Timestamp,
    micros: i64,
    request_id: String,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Kept,
    status: StatusCode,
    answer_headers: HeaderMap,
    answer: Bytes,
}

/// The beginning of a body, and how long all of it was.
#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    length: u64,
}

impl Recorder {
    /// Records into the database of `gateway`.
    pub fn new(gateway: Gateway, keep: Keep) -> Recorder {
        let (offers, offered) = mpsc::channel(WAITING_MAX);
        let offered = tokio::sync::Mutex::new(offered);
        let inner = Inner { gateway, keep, offers, offered, tidied_us: AtomicI64::new(0) };
        Recorder { inner: Arc::new(inner) }
    }

    /// Writes what waits, but not what comes meanwhile, and removes what is old; how many rows were written.
    pub async fn flush(&self) -> Result<usize, StoreError> {
        let mut written = 0;
        for _ in 0..WAITING_MAX / TOGETHER {
            let offers = self.take().await;
            if offers.is_empty() {
                break;
            }
            written += self.write(offers).await?;
        }
        self.tidy().await?;
        Ok(written)
    }

    async fn take(&self) -> Vec<Offer> {
        let mut offered = self.inner.offered.lock().await;
        let next = std::iter::from_fn(|| offered.try_recv().ok());
        next.take(TOGETHER).collect()
    }

    async fn write(&self, offers: Vec<Offer>) -> Result<usize, StoreError> {
        let holders = self.holders(&offers).await?;
        let known = offers.into_iter().filter_map(|offer| {
            let key = caller::private_key(&offer.headers).ok()?;
            let holder = holders.get(&key)?.as_ref()?;
            Some(offer.masked(holder))
        });
        self.keep(known.collect()).await
    }

    /// Seals and writes requests whose secrets are taken out already; how many.
    pub async fn keep(&self, requests: Vec<(Entry, Exchange)>) -> Result<usize, StoreError> {
        let gateway = &self.inner.gateway;
        let seal = |entry: &Entry, exchange: &Exchange| {
            gateway.vault().seal(&entry.purpose(), &exchange.to_bytes(), gateway.entropy())
        };
        let sealed = requests.into_iter().map(|(entry, exchange)| {
            let sealed = seal(&entry, &exchange);
            (entry, sealed)
        });
        let sealed: Vec<(Entry, Vec<u8>)> = sealed.collect();
        let count = sealed.len();
        if count > 0 {
            gateway.store().write(move |tx| rows::insert(tx, &sealed)).await?;
        }
        Ok(count)
    }

    /// Who holds the keys that the requests came with, those that count no more too.
    async fn holders(&self, offers: &[Offer]) -> Result<HashMap<String, Option<KeyHolder>>, StoreError> {
        let keys = offers.iter().filter_map(|offer| caller::private_key(&offer.headers).ok());
        let mut holders: HashMap<String, Option<KeyHolder>> = keys.map(|key| (key, None)).collect();
        let wanted: Vec<String> = holders.keys().cloned().collect();
        let vault = self.inner.gateway.vault().clone();
        let find = move |tx: &mut store::Tx<'_>| {
            wanted
                .iter()
                .map(|key| {
                    let holder = credential::find_holder(tx, &vault, CredentialKind::PrivateKey, key)?;
                    Ok::<_, StoreError>((key.clone(), holder))
                })
                .collect::<Result<Vec<_>, _>>()
        };
        holders.extend(self.inner.gateway.store().read(find).await?);
        Ok(holders)
    }

    async fn tidy(&self) -> Result<(), StoreError> {
        let store = self.inner.gateway.store();
        let (now, keep) = (store.machine_now(), self.inner.keep);
        let before = self.inner.tidied_us.load(Ordering::Relaxed);
        if now.micros() < before + TIDY_MICROS {
            return Ok(());
        }
        self.inner.tidied_us.store(now.micros(), Ordering::Relaxed);
        let oldest = now.plus_seconds(-i64::from(keep.days) * 86_400);
        let shops: Vec<ShopId> = store
            .read(|tx| Ok::<_, StoreError>(shop::rows::shops(tx)?.into_iter().map(|shop| shop.id).collect()))
            .await?;
        for shop in shops {
            while store.write(move |tx| rows::remove_old(tx, shop, oldest, keep.rows)).await? > 0 {}
        }
        Ok(())
    }
}

/// The layer: what passes is answered as it would be without it, and offered to the log.
pub async fn record(State(recorder): State<Recorder>, request: Request, next: Next) -> Response {
    if !is_recorded(request.uri().path()) {
        return next.run(request).await;
    }
    let store = recorder.inner.gateway.store();
    if recorder.inner.offers.capacity() == 0 {
        // Under load most requests are left out: they cost nothing then.
        metrics::counter!("choba_request_log_left_out_total").increment(1);
        return next.run(request).await;
    }
    let at = store.machine_now();
    let (parts, body) = request.into_parts();
    let id = sortable_hex(at, recorder.inner.gateway.entropy());
    let request_id = parts.extensions.get::<Peer>().map_or_else(String::new, |peer| peer.request_id.clone());
    let (method, uri, headers) = (parts.method.clone(), parts.uri.clone(), parts.headers.clone());
    let passed = Arc::new(Mutex::new(Kept::default()));
    let body = Body::new(Listening { body, passed: passed.clone() });
    let answered = next.run(Request::from_parts(parts, body)).await;

    let (mut parts, body) = answered.into_parts();
    let Ok(answer) = axum::body::to_bytes(body, ANSWER_MAX).await else { return ApiError::server().into_response() };
    let micros = store.machine_now().micros() - at.micros();
    let body = std::mem::take(&mut *passed.lock().unwrap_or_else(PoisonError::into_inner));
    let offer = Offer {
        id: id.clone(),
        at,
        micros,
        request_id,
        method,
        uri,
        headers,
        body,
        status: parts.status,
        answer_headers: parts.headers.clone(),
        answer: answer.clone(),
    };
    match recorder.inner.offers.try_send(offer) {
        Ok(()) => {
            parts.extensions.insert(LogId(id));
        }
        Err(_) => metrics::counter!("choba_request_log_left_out_total").increment(1),
    }
    Response::from_parts(parts, Body::from(answer))
}

/// A body that notes what passes through it.
struct Listening {
    body: Body,
    passed: Arc<Mutex<Kept>>,
}

impl HttpBody for Listening {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(data) = frame.data_ref()
        {
            let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
            passed.length += data.len() as u64;
            let room = (BODY_KEPT + OVERLAP).saturating_sub(passed.bytes.len());
            passed.bytes.extend_from_slice(&data[..data.len().min(room)]);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Offer {
    /// What is written of it.
    fn masked(self, holder: &KeyHolder) -> (Entry, Exchange) {
        let address = mask::text(self.uri.path_and_query().map_or("/", |address| address.as_str()).as_bytes());
        let line = String::from_utf8_lossy(&address.bytes).into_owned();
        let helper = self.uri.path().starts_with("/api/test_helpers");
        let body = if helper { mask::helper_body(&self.body.bytes) } else { mask::text(&self.body.bytes) };
        let charge = self.charge();
        let answer = &self.answer[..self.answer.len().min(BODY_KEPT + OVERLAP)];
        let exchange = Exchange {
            request_head: head(&format!("{} {line} HTTP/1.1", self.method), &self.headers),
            request_length: self.body.length,
            altered: address.altered || body.altered,
            request_body: kept(body.bytes),
            answer_head: head(&format!("HTTP/1.1 {}", self.status), &self.answer_headers),
            answer_body: kept(mask::text(answer).bytes),
            answer_length: self.answer.len() as u64,
        };
        let path = line.split('?').next().unwrap_or_default();
        let entry = Entry {
            shop: holder.shop,
            id: self.id,
            environment: holder.environment,
            at: self.at,
            credential_id: holder.credential_id.clone(),
            request_id: self.request_id,
            method: self.method.as_str().chars().take(16).collect(),
            path: path.chars().take(PATH_KEPT).collect(),
            status: self.status.as_u16(),
            micros: self.micros,
            charge,
        };
        (entry, exchange)
    }

    /// The order number in the path, or that of the charge which the answer is.
    fn charge(&self) -> Option<String> {
        let mut segments = self.uri.path().split('/').skip_while(|segment| *segment != "charges").skip(1);
        let named = segments.next().and_then(|segment| segment.parse::<ChargeNumber>().ok());
        named.map(|number| number.to_string()).or_else(|| charge_of_answer(&self.answer))
    }
}

/// The id of an answer that is a charge, or that says which charge it is about.
fn charge_of_answer(answer: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct About {
        object: String,
        id: Option<String>,
        charge: Option<String>,
    }
    let about: About = serde_json::from_slice(answer).ok()?;
    let id = if about.object == "charge" { about.id } else { about.charge };
    id.and_then(|id| id.parse::<ChargeNumber>().ok()).map(|number| number.to_string())
}

fn head(line: &str, headers: &HeaderMap) -> Vec<u8> {
    [line.as_bytes(), b"\r\n", &mask::headers(headers), b"\r\n"].concat()
}

//! What a shop reads: endpoints, tries, events; and the ping, whose answer is what came back.

use kernel::id::hex;
use kernel::outside::sortable_hex;
use kernel::{Environment, ShopId, Timestamp};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use store::audit::{self, NewEntry};
use store::idempotency::{self, Known};
use store::{StoreError, Tx, clock, outbox};

use super::view::{EndpointObject, List, shown};
use super::{Answer, Asked, json, no_such_endpoint};
use crate::error::ApiError;
use crate::webhook::endpoint::{self, CertificateRefused, Key, UrlRefused};
use crate::webhook::event_type::EventType;
use crate::webhook::feed::{self, Delivery, Feed};
use crate::webhook::log::{self, Logged};
use crate::webhook::payload::{self, StoredEvent};
use crate::webhook::secrets::Secrets;
use crate::webhook::{Webhooks, rows, secrets};

impl Webhooks {
    /// Why a URL cannot be an endpoint of `environment`; none if it can.
    pub fn url_refused(&self, url: &str, environment: Environment) -> Option<UrlRefused> {
        endpoint::url(url, environment, self.shared().client.guard()).err()
    }

    /// Why a file cannot be the certificate of an endpoint with this URL; none if it can.
    pub fn certificate_refused(&self, file: &[u8], url: &str) -> Option<CertificateRefused> {
        endpoint::certificate(file, url, self.gateway.store().machine_now()).err()
    }

    /// Every endpoint of a shop in an environment, oldest first.
    pub async fn endpoints(&self, shop: ShopId, environment: Environment) -> Result<List<EndpointObject>, ApiError> {
        let list = move |tx: &mut Tx<'_>| {
            let endpoints = rows::list(tx, shop, environment)?;
            endpoints.iter().map(|endpoint| shown(tx, endpoint)).collect::<Result<Vec<EndpointObject>, StoreError>>()
        };
        Ok(List::of(self.gateway.store().read(list).await?))
    }

    /// One endpoint.
    pub async fn endpoint(&self, key: Key) -> Result<EndpointObject, ApiError> {
        let find = move |tx: &mut Tx<'_>| {
            let found = rows::find(tx, &key)?;
            found.map(|endpoint| shown(tx, &endpoint)).transpose()
        };
        let found: Option<EndpointObject> = self.gateway.store().read::<_, StoreError, _>(find).await?;
        found.ok_or_else(no_such_endpoint)
    }

    /// Tries, newest first.
    pub async fn attempts(
        &self,
        shop: ShopId,
        environment: Environment,
        filter: log::Filter,
    ) -> Result<List<Logged>, ApiError> {
        let list = move |tx: &mut Tx<'_>| log::rows::list(tx, shop, environment, &filter);
        Ok(List::of(self.gateway.store().read(list).await?))
    }

    /// One try, with the body that was sent, as long as it was not erased.
    pub async fn attempt(&self, shop: ShopId, environment: Environment, id: String) -> Result<Logged, ApiError> {
        let vault = self.gateway.vault().clone();
        let find = move |tx: &mut Tx<'_>| {
            let Some(mut logged) = log::rows::find(tx, shop, environment, &id)? else { return Ok(None) };
            if logged.request.body.is_some() {
                return Ok(Some(logged));
            }
            if let Some((event, _)) = feed::rows::find(tx, shop, environment, &logged.event)? {
                let keys = secrets::private_keys(tx, &vault, shop, environment)?;
                logged.request.body = keys.iter().find_map(|key| told(&logged, &event, key));
            } else if logged.r#type == EventType::Ping.as_str() {
                // Pings were not always kept.
                let offset = clock::world_now(tx, shop, environment)?.micros() - tx.machine_now().micros();
                logged.request.body = pinged(&logged, environment, offset);
            }
            Ok::<_, StoreError>(Some(logged))
        };
        let found: Option<Logged> = self.gateway.store().read(find).await?;
        found.ok_or_else(|| ApiError::missing_resource("There is no such attempt."))
    }

    /// Pings an endpoint; request and response as they were. In a task of its own, so that a client that hangs up does
    /// not leave a ping that is not logged.
    pub async fn ping(&self, asked: &Asked, id: &str) -> Result<Logged, ApiError> {
        let (webhooks, asked, id) = (self.clone(), asked.clone(), id.to_owned());
        let ping = tokio::spawn(async move { webhooks.ping_to_its_end(&asked, &id).await });
        ping.await.map_err(|_| ApiError::server())?
    }

    async fn ping_to_its_end(&self, asked: &Asked, id: &str) -> Result<Logged, ApiError> {
        let attempt = sortable_hex(self.gateway.store().machine_now(), self.gateway.entropy());
        if let Some(earlier) = self.begin_ping(asked, id, &attempt).await? {
            let found = self.attempt(asked.shop, asked.environment, earlier).await;
            return found.map_err(|_| ApiError::outcome_unknown());
        }
        let key = asked.endpoint(id);
        let made = self.send_ping(&key, attempt.clone()).await?.ok_or_else(no_such_endpoint)?;
        let (shop, environment) = (made.endpoint.shop, made.endpoint.environment);
        let find = move |tx: &mut Tx<'_>| log::rows::find(tx, shop, environment, &attempt);
        self.gateway.store().read(find).await?.ok_or_else(ApiError::server)
    }

    /// Notes that a ping is asked for; the try of the same request, if there was one.
    async fn begin_ping(&self, asked: &Asked, id: &str, attempt: &str) -> Result<Option<String>, ApiError> {
        let (asked, key, attempt) = (asked.clone(), asked.endpoint(id), attempt.to_owned());
        let begin = move |tx: &mut Tx<'_>| {
            if let Some(request) = &asked.key {
                match idempotency::find(tx, request)? {
                    Known::Unused => {}
                    Known::Work(earlier) => return Ok(Some(earlier)),
                    Known::OtherRequest | Known::Answered { .. } => return Err(ApiError::key_reused()),
                }
            }
            rows::find(tx, &key)?.ok_or_else(no_such_endpoint)?;
            let (now, object) = (tx.machine_now(), key.object());
            let entry = NewEntry {
                shop: asked.shop,
                id: &attempt,
                at: now,
                actor: &asked.requester.actor,
                origin: &asked.requester.origin,
                action: "webhook.ping",
                object: &object,
                fields: "{}",
            };
            let claim = asked.key.as_ref().map(|request| idempotency::claim(request, &attempt, now));
            let statements: Vec<_> = claim.into_iter().chain([audit::record(&entry)]).collect();
            if tx.execute_all(&statements)?.contains(&0) {
                return Err(ApiError::service("request_running", "The same request is under way."));
            }
            Ok(None)
        };
        self.gateway.store().write(begin).await
    }

    /// Events, with how many of their deliveries are still open.
    pub async fn events(
        &self,
        shop: ShopId,
        environment: Environment,
        filter: feed::Filter,
    ) -> Result<Answer, ApiError> {
        let vault = self.gateway.vault().clone();
        let list = move |tx: &mut Tx<'_>| {
            let secrets = secrets::load(tx, &vault, shop, environment)?;
            let events = feed::rows::list(tx, shop, environment, &filter)?;
            let open = |(event, message): &(StoredEvent, String)| {
                let pending = outbox::open_between(tx, shop, message, &format!("{message}~"))?;
                body(event, &secrets, pending)
            };
            events.iter().map(open).collect::<Result<Vec<Box<RawValue>>, ApiError>>()
        };
        Ok(json(&List::of(self.gateway.store().read(list).await?)))
    }

    /// Begins to follow events: from now on. Audited, because what follows shows the webhook secret.
    pub async fn listen(&self, asked: &Asked) -> Result<Answer, ApiError> {
        let (shop, environment) = (asked.shop, asked.environment);
        let listen = move |tx: &mut Tx<'_>| {
            let answer = Feed { object: "event_feed", next: feed::rows::head(tx)?, data: Vec::new() };
            let (action, object) = ("webhook.listen", format!("{environment} events of shop {shop}"));
            Ok(super::Outcome { answer, action, object, fields: serde_json::json!({}) })
        };
        self.once(asked, listen).await
    }

    /// Events after a place, as they would be delivered.
    pub async fn follow(
        &self,
        shop: ShopId,
        environment: Environment,
        after: i64,
        types: Vec<EventType>,
        limit: i64,
    ) -> Result<Answer, ApiError> {
        let vault = self.gateway.vault().clone();
        let follow = move |tx: &mut Tx<'_>| {
            let (events, next) = feed::rows::following(tx, shop, environment, after, &types, limit)?;
            let secrets = secrets::load(tx, &vault, shop, environment)?;
            let now = tx.machine_now();
            let delivery = |event: &StoredEvent| {
                let body = body(event, &secrets, 1)?;
                let headers = payload::headers(&secrets, &event.id, body.get().as_bytes(), now);
                let (id, charge) = (event.id.clone(), event.charge.clone());
                Ok(Delivery { id, r#type: event.kind.as_str(), charge, headers, body })
            };
            let data = events.iter().map(delivery).collect::<Result<Vec<Delivery>, ApiError>>()?;
            Ok::<_, ApiError>(Feed { object: "event_feed", next, data })
        };
        Ok(json(&self.gateway.store().read(follow).await?))
    }
}

/// The body of a try made again with a private key; none if it was made with another one, or the address is erased.
fn told(logged: &Logged, event: &StoredEvent, private_key: &str) -> Option<String> {
    let body = event.body(private_key, 1).ok()?;
    let same = hex(&Sha256::digest(&body)) == logged.request.body_sha256;
    String::from_utf8(body).ok().filter(|_| same)
}

/// The body of a ping made again: it says only its second, in the environment's time, which is ahead by `offset_us`.
/// None if the clock was turned since.
fn pinged(logged: &Logged, environment: Environment, offset_us: i64) -> Option<String> {
    // It was made a moment before it was sent.
    let seconds = (0..=2).map(|before| Timestamp::from_micros(logged.started_us + offset_us).plus_seconds(-before));
    let mut bodies = seconds.map(|second| payload::ping_body(&logged.event, environment, second));
    let same = bodies.find(|body| hex(&Sha256::digest(body)) == logged.request.body_sha256)?;
    String::from_utf8(same).ok()
}

fn body(event: &StoredEvent, secrets: &Secrets, pending: i64) -> Result<Box<RawValue>, ApiError> {
    let body = event.body(&secrets.private_key, pending).map_err(|error| {
        tracing::error!(%error, event = event.id, "the data of an event");
        ApiError::server()
    })?;
    let text = String::from_utf8(body).map_err(|_| ApiError::server())?;
    RawValue::from_string(text).map_err(|_| ApiError::server())
}

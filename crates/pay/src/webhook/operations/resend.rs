//! Sending events again: one, or those of a range.

use kernel::outside::sortable_hex;
use kernel::{Environment, ShopId, Timestamp};
use serde::Serialize;
use serde_json::json;
use store::outbox::{self, NewMessage};
use store::{StoreError, Tx, clock};

use super::{Answer, Asked, Outcome};
use crate::error::ApiError;
use crate::webhook::endpoint::Endpoint;
use crate::webhook::event_type::EventType;
use crate::webhook::feed::{self, rows::Told};
use crate::webhook::{Webhooks, rows};

/// Events that one request sends again, at the most.
pub const REPLAY_MAX: i64 = 1_000;

/// What was queued.
#[derive(Serialize)]
struct Resent {
    object: &'static str,
    event: String,
    endpoint: String,
}

/// What a replay queued.
#[derive(Serialize)]
struct Replayed {
    object: &'static str,
    /// Events that leave again.
    resent: u64,
    /// Events of types that no endpoint hears of.
    skipped: u64,
    /// Where to go on, if there were more than one request takes.
    next: Option<String>,
}

/// What a replay would do, before it is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReplayCount {
    object: &'static str,
    /// Events that would leave again.
    pub resent: u64,
    /// Events of types that no endpoint hears of.
    pub skipped: u64,
    /// Where it would go on, if there are more than one request takes.
    pub next: Option<String>,
}

impl Webhooks {
    /// How many events a replay of `filter` would send again, as things are now.
    pub async fn count_replay(
        &self,
        shop: ShopId,
        environment: Environment,
        filter: feed::Filter,
    ) -> Result<ReplayCount, ApiError> {
        let filter = of_replay(filter);
        let count = move |tx: &mut Tx<'_>| {
            let events = feed::rows::list(tx, shop, environment, &filter)?;
            let heard = heard(tx, shop, environment)?;
            let resent = events.iter().filter(|(event, _)| heard.contains(&event.kind)).count() as u64;
            let (skipped, next) = (events.len() as u64 - resent, next(&events));
            Ok::<_, StoreError>(ReplayCount { object: "webhook_replay_count", resent, skipped, next })
        };
        Ok(self.gateway.store().read(count).await?)
    }

    /// Sends an event again, to the endpoint that hears of its type now.
    pub async fn resend(&self, asked: &Asked, event: &str) -> Result<Answer, ApiError> {
        let (shop, environment, id) = (asked.shop, asked.environment, event.to_owned());
        let fresh = sortable_hex(self.gateway.store().machine_now(), self.gateway.entropy());
        let resend = move |tx: &mut Tx<'_>| {
            let told = feed::rows::find(tx, shop, environment, &id)?;
            let told = told.ok_or_else(|| ApiError::missing_resource("There is no such event."))?;
            let endpoint = rows::subscribed(tx, shop, environment, told.0.kind)?.ok_or_else(|| {
                let message = format!("No endpoint hears of {}.", told.0.kind);
                ApiError::invalid("no_endpoint", message)
            })?;
            let now = clock::world_now(tx, shop, environment)?;
            queue(tx, &endpoint, &told, &fresh, now)?;
            let (object, fields) = (format!("{environment}/{id}"), json!({ "endpoint": endpoint.key.id }));
            let answer = Resent { object: "webhook_resend", event: id.clone(), endpoint: endpoint.key.id };
            Ok(Outcome { answer, action: "webhook.resend", object, fields })
        };
        self.once(asked, resend).await
    }

    /// Sends the events that `filter` names again, oldest first, [`REPLAY_MAX`] at the most.
    pub async fn replay(&self, asked: &Asked, filter: feed::Filter) -> Result<Answer, ApiError> {
        let (shop, environment) = (asked.shop, asked.environment);
        let fresh = sortable_hex(self.gateway.store().machine_now(), self.gateway.entropy());
        let filter = of_replay(filter);
        let replay = move |tx: &mut Tx<'_>| {
            let events = feed::rows::list(tx, shop, environment, &filter)?;
            let now = clock::world_now(tx, shop, environment)?;
            let (mut resent, mut skipped) = (0, 0);
            for told in &events {
                match rows::subscribed(tx, shop, environment, told.0.kind)? {
                    Some(endpoint) => {
                        queue(tx, &endpoint, told, &fresh, now)?;
                        resent += 1;
                    }
                    None => skipped += 1,
                }
            }
            let next = next(&events);
            let fields = json!({
                "resent": resent, "skipped": skipped, "from_us": filter.from.map(Timestamp::micros),
                "to_us": filter.to.map(Timestamp::micros),
            });
            let answer = Replayed { object: "webhook_replay", resent, skipped, next };
            let object = format!("{environment} events of shop {shop}");
            Ok(Outcome { answer, action: "webhook.replay", object, fields })
        };
        self.once(asked, replay).await
    }
}

/// Oldest first, as many as one request takes.
fn of_replay(filter: feed::Filter) -> feed::Filter {
    let after = filter.after.clone().or_else(|| Some(String::new()));
    feed::Filter { after, limit: REPLAY_MAX, ..filter }
}

/// Where it goes on, if there may be more.
fn next(events: &[Told]) -> Option<String> {
    let full = events.len() as i64 == REPLAY_MAX;
    events.last().filter(|_| full).map(|(event, _)| event.id.clone())
}

/// The types that an endpoint hears of.
fn heard(tx: &mut Tx<'_>, shop: ShopId, environment: Environment) -> Result<Vec<EventType>, StoreError> {
    let endpoints = rows::list(tx, shop, environment)?;
    Ok(endpoints.into_iter().flat_map(|endpoint| endpoint.types).collect())
}

/// Lets an event leave again, to this endpoint: the message that told of it, if that was given up or waits for its next
/// try; otherwise a new one, which leaves before later events of the charge that still wait. What waits for another
/// endpoint is taken back, also while that one is being asked: it would hear of it in vain, and this one not at all.
fn queue(
    tx: &mut Tx<'_>,
    endpoint: &Endpoint,
    (event, message): &Told,
    fresh: &str,
    now: Timestamp,
) -> Result<(), ApiError> {
    let (shop, topic, end) = (endpoint.key.shop, endpoint.key.topic(), format!("{message}~"));
    outbox::withdraw(tx, shop, (message, &end), &topic)?;
    let again = outbox::rerun_as(tx, shop, message, &topic, now)?;
    if again || outbox::hasten_between(tx, shop, (message, &end), now)? > 0 {
        return Ok(());
    }
    if outbox::open_between(tx, shop, message, &end)? > 0 {
        // It is just being sent.
        return Ok(());
    }
    let enqueue = outbox::enqueue(&NewMessage {
        shop,
        id: &format!("{message}-{fresh}"),
        world: endpoint.key.environment,
        topic: &topic,
        lane: &event.charge,
        body: &event.id,
        due: now,
        created: now,
    });
    tx.execute_all(&[enqueue])?;
    Ok(())
}

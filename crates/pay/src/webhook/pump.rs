//! One endpoint is delivered to: messages are claimed by pages, several are sent at once, and what came of them is
//! written by pages, while further ones are sent. Memory is bounded, whatever waits.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use kernel::outside::{random_bytes, sortable_hex};
use store::outbox::{self, Message};
use store::{StoreError, Tx};
use tokio::task::JoinSet;

use super::endpoint::{Endpoint, Key, Reason, State};
use super::payload::StoredEvent;
use super::secrets::{self, Secrets};
use super::send::{Parcel, send};
use super::settle::{self, Done, What};
use super::{Webhooks, deliver, rows};

/// Deliveries at once to one endpoint that answers.
const AT_ONCE: usize = 32;
/// Deliveries at once to one whose last try failed.
const AT_ONCE_FAILING: usize = 1;
/// Messages claimed and not yet sent, at the most: few enough that all are sent before their leases end.
const CLAIMED_MAX: usize = 128;
/// The same as long as answers come quickly.
const CLAIMED_MAX_QUICK: usize = 512;
/// An answer that comes within this is quick.
const QUICK_MICROS: i64 = 1_000_000;
/// How long this process may be at a message, machine time.
const LEASE_MICROS: i64 = 120 * 1_000_000;

/// How an endpoint that fails is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Haste {
    /// One try at a time, and among all endpoints only a share of the places: it may be dead.
    Fair,
    /// As if it answered: somebody waits for the clock, and each message that is due is tried once.
    Clock,
}

/// A message that can be sent.
struct Ready {
    message: Message,
    event: Option<StoredEvent>,
    endpoint: Arc<Endpoint>,
    secrets: Arc<Secrets>,
}

/// What a step in the database brought.
struct Step {
    ready: Vec<Ready>,
    /// Whether messages ended or were put off, so that others may have become due.
    settled: bool,
    disabled: Option<Reason>,
    failing: bool,
}

type Stepping = Pin<Box<dyn Future<Output = Result<Step, StoreError>> + Send>>;

/// The deliveries to one endpoint, until nothing is due.
pub(super) struct Pump {
    webhooks: Webhooks,
    key: Key,
    haste: Haste,
    queue: VecDeque<Ready>,
    done: Vec<Done>,
    failing: bool,
    quick: bool,
    exhausted: bool,
    tries: usize,
}

impl Pump {
    pub fn new(webhooks: &Webhooks, key: Key, haste: Haste) -> Pump {
        Pump {
            webhooks: webhooks.clone(),
            key,
            haste,
            queue: VecDeque::new(),
            done: Vec::new(),
            // Until the endpoint was looked at: then its row says so.
            failing: true,
            quick: false,
            exhausted: false,
            tries: 0,
        }
    }

    /// Delivers until nothing is due; how many tries were made.
    pub async fn run(mut self) -> Result<usize, StoreError> {
        let mut sending: JoinSet<Done> = JoinSet::new();
        let mut stepping: Option<Stepping> = None;
        loop {
            if self.webhooks.shared().stopping.load(Ordering::SeqCst) {
                self.give_back_from(0);
            }
            while sending.len() < self.at_once()
                && let Some(ready) = self.queue.pop_front()
            {
                sending.spawn(deliver_one(self.webhooks.clone(), ready, self.failing && self.haste == Haste::Fair));
            }
            if stepping.is_none() && (self.wants(sending.len()) > 0 || !self.done.is_empty()) {
                stepping = Some(self.step(sending.len()));
            }
            tokio::select! {
                Some(done) = sending.join_next(), if !sending.is_empty() => match done {
                    Ok(done) => self.take(done),
                    // Its message is claimed again when the lease ends.
                    Err(error) => tracing::error!(endpoint = self.key.id, %error, "a delivery panicked"),
                },
                step = stepped(&mut stepping), if stepping.is_some() => {
                    stepping = None;
                    self.go_on(step?);
                }
                else => return Ok(self.tries),
            }
        }
    }

    fn at_once(&self) -> usize {
        if self.failing && self.haste == Haste::Fair { AT_ONCE_FAILING } else { AT_ONCE }
    }

    /// How many further messages to claim.
    fn wants(&self, sending: usize) -> usize {
        if self.exhausted || self.webhooks.shared().stopping.load(Ordering::SeqCst) {
            return 0;
        }
        if self.failing && self.haste == Haste::Fair {
            return usize::from(self.queue.is_empty() && sending == 0);
        }
        let most = self.claimed_max();
        if self.queue.len() > most / 2 { 0 } else { most - self.queue.len() }
    }

    fn claimed_max(&self) -> usize {
        if self.quick { CLAIMED_MAX_QUICK } else { CLAIMED_MAX }
    }

    /// A try ended.
    fn take(&mut self, done: Done) {
        if let Some(made) = done.tried() {
            self.tries += 1;
            let outcome = made.outcome();
            metrics::counter!("choba_webhook_deliveries_total", "outcome" => outcome).increment(1);
            let took = std::time::Duration::from_micros(made.took_micros.unsigned_abs());
            metrics::histogram!("choba_webhook_delivery_seconds").record(took.as_secs_f64());
            self.failing = !made.delivered();
            self.quick = made.took_micros <= QUICK_MICROS;
        }
        self.done.push(done);
        if self.failing && self.haste == Haste::Fair {
            // It may be dead.
            self.give_back_from(0);
        }
        // It has become slow: what would wait longer than its lease goes back.
        self.give_back_from(self.claimed_max());
    }

    /// What was claimed and not begun goes back and waits for nobody, but for the first `kept`.
    fn give_back_from(&mut self, kept: usize) {
        let back = |ready: Ready| Done { message: ready.message, what: What::Untried, random: 0 };
        self.done.extend(self.queue.drain(kept.min(self.queue.len())..).map(back));
    }

    /// A step in the database ended.
    fn go_on(&mut self, step: Step) {
        if let Some(reason) = step.disabled {
            // Loudly: a person has to see to it.
            tracing::error!(
                shop = %self.key.shop, environment = %self.key.environment, endpoint = self.key.id,
                reason = reason.as_str(), "a webhook endpoint was disabled; its events are kept until it is enabled again"
            );
            let labels = [("reason", reason.as_str())];
            metrics::counter!("choba_webhook_endpoints_disabled_total", &labels).increment(1);
        }
        if self.tries == 0 {
            self.failing = step.failing;
        }
        self.exhausted = step.ready.is_empty() && !step.settled;
        self.queue.extend(step.ready);
    }

    /// Writes what was done and claims further messages, in one transaction.
    fn step(&mut self, sending: usize) -> Stepping {
        let want = self.wants(sending);
        let done = std::mem::take(&mut self.done);
        let gateway = self.webhooks.gateway.clone();
        let (key, vault) = (self.key.clone(), gateway.vault().clone());
        let audit_id = sortable_hex(gateway.store().machine_now(), gateway.entropy());
        let operation = move |tx: &mut Tx<'_>| step(tx, &key, &vault, &done, want, &audit_id);
        Box::pin(async move { gateway.store().write(operation).await })
    }
}

async fn stepped(stepping: &mut Option<Stepping>) -> Result<Step, StoreError> {
    match stepping {
        Some(step) => step.await,
        None => std::future::pending().await,
    }
}

fn step(
    tx: &mut Tx<'_>,
    key: &Key,
    vault: &shop::Vault,
    done: &[Done],
    want: usize,
    audit_id: &str,
) -> Result<Step, StoreError> {
    let mut endpoint = rows::find(tx, key)?;
    let disabled = settle::settle(tx, endpoint.as_mut(), done, audit_id)?;
    let settled = done.iter().any(|done| !matches!(done.what, What::Untried));
    let mut step = Step { ready: Vec::new(), settled, disabled, failing: false };
    let Some(endpoint) = endpoint.filter(|endpoint| endpoint.state == State::Active) else { return Ok(step) };
    step.failing = endpoint.failing_since.is_some();
    if want == 0 {
        // Whether more is due was not looked at.
        step.settled = true;
        return Ok(step);
    }
    let claimed = outbox::claim_in(tx, &key.topic(), key.shop, key.environment, want, LEASE_MICROS)?;
    if claimed.is_empty() {
        return Ok(step);
    }
    let ids: Vec<&str> = claimed.iter().map(|message| message.body.as_str()).collect();
    let mut events = deliver::rows::events(tx, key.shop, key.environment, &ids)?;
    let secrets = Arc::new(secrets::load(tx, vault, key.shop, key.environment)?);
    let endpoint = Arc::new(endpoint);
    let ready = |message: Message| {
        let event = events.remove(&message.body);
        Ready { message, event, endpoint: endpoint.clone(), secrets: secrets.clone() }
    };
    step.ready = claimed.into_iter().map(ready).collect();
    Ok(step)
}

/// Sends one message, when there is a place.
async fn deliver_one(webhooks: Webhooks, ready: Ready, failing: bool) -> Done {
    let Ready { message, event, endpoint, secrets } = ready;
    let random = u64::from_be_bytes(random_bytes(webhooks.gateway.entropy()));
    let unreadable = |why: String| What::Unreadable(why);
    let what = match event {
        None => unreadable("its event is missing".to_owned()),
        Some(event) => match event.body(&secrets.private_key, 1) {
            Err(error) => unreadable(format!("its event is unreadable: {error}")),
            Ok(body) => {
                let shared = webhooks.shared();
                let places = if failing { &shared.failing } else { &shared.healthy };
                // Never closed.
                let _place = places.acquire().await;
                let parcel = Parcel {
                    endpoint: &endpoint,
                    secrets: &secrets,
                    event_id: &event.id,
                    kind: event.kind,
                    charge: Some(&event.charge),
                    number: Some(message.attempt),
                    body,
                    open_id: None,
                    limit: shared.limits.delivery,
                };
                What::Tried(Box::new(send(&webhooks, parcel).await))
            }
        },
    };
    Done { message, what, random }
}

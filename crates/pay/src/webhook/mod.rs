//! Webhooks: the shop's server hears of what happened (contract online-lite-api "Events and webhooks").
//!
//! | type | way |
//! |---|---|
//! | `charge.succeeded`, `.captured`, `.refunded`, `.updated` | written into the outbox with the change ([`crate::event::rows::fan_out`]), sent by [`deliver`] until it arrives or its [`schedule`] ends |
//! | `charge.check`, `ping` | sent once while somebody waits ([`check`], [`ping`]), logged, never tried again |
//!
//! An [`endpoint`] hears of the types it is subscribed to; each type has one endpoint in each environment. Messages
//! leave in order for each endpoint and charge. Every try is in the [`log`].

pub mod check;
pub mod deliver;
pub mod endpoint;
pub mod event_type;
pub mod feed;
pub mod log;
pub mod operations;
pub mod payload;
pub mod ping;
pub mod pump;
pub mod rows;
pub mod schedule;
pub mod secrets;
pub mod send;
pub mod settle;

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::gateway::Gateway;

pub use check::{Asked, CheckOutcome};
pub use endpoint::Endpoint;
pub use event_type::EventType;

/// How long answers are waited for. Shorter in tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// One delivery, everything together.
    pub delivery: Duration,
    /// `charge.check`, while the buyer waits.
    pub check: Duration,
}

impl Default for Limits {
    /// 15 and 10 seconds (docs/rules.md).
    fn default() -> Limits {
        Limits { delivery: Duration::from_secs(15), check: Duration::from_secs(10) }
    }
}

/// What the webhooks of one process share.
pub(crate) struct Shared {
    /// Sends requests; its guard decides which addresses may be connected to.
    pub client: outbound::Client,
    pub limits: Limits,
    /// Endpoints that a task of this process delivers to now.
    pub pumping: Mutex<HashSet<endpoint::Key>>,
    /// Deliveries at once to endpoints whose last try succeeded …
    pub healthy: Semaphore,
    /// … and to those whose last try failed: they never take the places of the others.
    pub failing: Semaphore,
    /// Nothing new is begun any more.
    pub stopping: AtomicBool,
}

/// Deliveries at once to endpoints that answer.
const HEALTHY_AT_ONCE: usize = 512;
/// Deliveries at once to endpoints that fail.
const FAILING_AT_ONCE: usize = 128;

impl Shared {
    pub fn new(client: outbound::Client, limits: Limits) -> Shared {
        Shared {
            client,
            limits,
            pumping: Mutex::default(),
            healthy: Semaphore::new(HEALTHY_AT_ONCE),
            failing: Semaphore::new(FAILING_AT_ONCE),
            stopping: AtomicBool::new(false),
        }
    }
}

/// The webhooks of a gateway. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks {
    pub(crate) gateway: Gateway,
}

impl Webhooks {
    /// The webhooks of this gateway; [`Gateway::webhooks`] is the shorter way.
    pub fn new(gateway: &Gateway) -> Webhooks {
        Webhooks { gateway: gateway.clone() }
    }

    pub(crate) fn shared(&self) -> &Shared {
        self.gateway.webhook_shared()
    }
}

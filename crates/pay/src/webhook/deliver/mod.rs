//! Who delivers when: background sweeps over all endpoints, and a test clock that is turned.

pub mod rows;

use std::collections::HashSet;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use kernel::{ShopId, Timestamp};
use store::{StoreError, Tx, outbox};
use tokio::task::JoinSet;

use super::Webhooks;
use super::endpoint::Key;
use super::pump::{Haste, Pump};

/// Endpoints that are delivered to at once, in one process. The others come when one of these has nothing left.
const PUMPS_MAX: usize = 1_024;

/// Says that an endpoint is being delivered to by this process, until it is dropped.
struct Pumping {
    webhooks: Webhooks,
    key: Key,
}

impl Pumping {
    /// None if somebody is at it already, or enough are.
    fn begin(webhooks: &Webhooks, key: &Key) -> Option<Pumping> {
        let mut pumping = webhooks.pumping();
        let free = pumping.len() < PUMPS_MAX && pumping.insert(key.clone());
        free.then(|| Pumping { webhooks: webhooks.clone(), key: key.clone() })
    }
}

impl Drop for Pumping {
    fn drop(&mut self) {
        self.webhooks.pumping().remove(&self.key);
    }
}

impl Webhooks {
    fn pumping(&self) -> std::sync::MutexGuard<'_, HashSet<Key>> {
        self.shared().pumping.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to deliver what is due, a task for each endpoint, and does not wait for them; how many were begun.
    pub async fn sweep(&self) -> Result<usize, StoreError> {
        if self.shared().stopping.load(Ordering::SeqCst) {
            return Ok(0);
        }
        let due = self.gateway.store().read(super::rows::due).await?;
        let mut begun = 0;
        for key in due {
            let Some(pumping) = Pumping::begin(self, &key) else { continue };
            begun += 1;
            let pump = Pump::new(self, key.clone(), Haste::Fair);
            // Counted as under way, so that a server that stops waits for it.
            tokio::spawn(self.gateway.under_way(async move {
                if let Err(error) = pump.run().await {
                    tracing::error!(endpoint = key.id, %error, "webhooks could not be delivered");
                }
                drop(pumping);
            }));
        }
        Ok(begun)
    }

    /// Delivers everything that is due now in every world, and waits for it; how many tries were made.
    pub async fn round(&self) -> Result<usize, StoreError> {
        let due = self.gateway.store().read(super::rows::due).await?;
        self.deliver_to(due, Haste::Fair).await
    }

    /// Delivers what is due in a shop's sandbox, and waits for it; how many tries were made. For who turns its clock.
    pub(crate) async fn drain_sandbox(&self, shop: ShopId) -> Result<usize, StoreError> {
        let active = self.gateway.store().read(move |tx| super::rows::active_in_sandbox(tx, shop)).await?;
        self.deliver_to(active, Haste::Clock).await
    }

    async fn deliver_to(&self, endpoints: Vec<Key>, haste: Haste) -> Result<usize, StoreError> {
        let mut pumps = JoinSet::new();
        for key in endpoints {
            pumps.spawn(Pump::new(self, key, haste).run());
        }
        let mut tries = 0;
        while let Some(pumped) = pumps.join_next().await {
            // A pump that panicked leaves its messages to be claimed again when their leases end.
            tries += pumped.unwrap_or(Ok(0))?;
        }
        Ok(tries)
    }

    /// Begins nothing new; what is under way comes to its end.
    pub fn stop(&self) {
        self.shared().stopping.store(true, Ordering::SeqCst);
    }
}

/// When the next webhook of a shop's sandbox is due, even if that has passed.
pub(crate) fn next_due(tx: &mut Tx<'_>, shop: ShopId) -> Result<Option<Timestamp>, StoreError> {
    let mut next = None;
    for key in super::rows::active_in_sandbox(tx, shop)? {
        let due = outbox::next_due_in_sandbox(tx, shop, &key.topic())?;
        next = next.into_iter().chain(due).min();
    }
    Ok(next)
}

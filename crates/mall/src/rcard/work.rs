//! The background of the API: orders whose turn has come. Any number of processes may do it; each piece is safe to do
//! twice.

use kernel::outside::{random_bytes, sortable_hex};
use kernel::{ShopId, Timestamp};
use serde::{Deserialize, Serialize};
use store::outbox::{self, Backoff, Message};
use store::timer::Timer;
use store::work::{Hands, Working};
use store::{StoreError, Tx, clock};

use super::asking::{self, Begun, Heard};
use super::service::Rcard;

/// Topic of the outbox: one message for each order of a request, in the lane of the order.
pub const TOPIC: &str = "mall.rcard";
/// How long a worker may be at a message, machine time.
const LEASE_MICROS: i64 = 120 * 1_000_000;
/// Orders taken up at once.
const PAGE: usize = 100;

/// Which order of which request a message stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The request.
    pub request: i64,
    /// The order's place there, from 0.
    pub position: i64,
}

/// How an unknown outcome is tried again: for about three days of world time.
fn schedule() -> Backoff {
    Backoff { first_micros: 5_000_000, longest_micros: 6 * 3_600_000_000, attempts: 30 }
}

impl Hands for Rcard {
    fn handles(&self, _: &str) -> bool {
        false
    }

    fn fire(&self, _: Vec<Timer>) -> Working<'_> {
        Box::pin(std::future::ready(Ok(0)))
    }

    fn send(&self) -> Working<'_> {
        let claim = |tx: &mut Tx<'_>| outbox::claim(tx, TOPIC, PAGE, LEASE_MICROS);
        Box::pin(async move {
            let messages = self.store().write(claim).await?;
            self.turns(messages).await
        })
    }

    fn send_in_sandbox(&self, shop: ShopId) -> Working<'_> {
        let claim = move |tx: &mut Tx<'_>| outbox::claim_in_sandbox(tx, TOPIC, shop, PAGE, LEASE_MICROS);
        Box::pin(async move {
            let messages = self.store().write(claim).await?;
            self.turns(messages).await
        })
    }

    fn next_due(&self, tx: &mut Tx<'_>, shop: ShopId) -> Result<Option<Timestamp>, StoreError> {
        outbox::next_due_in_sandbox(tx, shop, TOPIC)
    }
}

impl Rcard {
    async fn turns(&self, messages: Vec<Message>) -> Result<usize, StoreError> {
        let taken = messages.len();
        for message in messages {
            self.turn(message).await?;
        }
        Ok(taken)
    }

    async fn turn(&self, message: Message) -> Result<(), StoreError> {
        let (claimed, first, last) = (message.clone(), self.audit_id(), self.audit_id());
        let begun = self.store().write(move |tx| asking::begin(tx, &claimed, &first)).await?;
        let Begun::Ask(item, asked) = begun else { return Ok(()) };
        // Who claimed it before may have asked already: the first claim is 1.
        match self.desk().ask(&message, &item, &asked, message.attempt > 1).await {
            Heard::Done(reference) => {
                self.store().write(move |tx| asking::end(tx, (&message, &last), &item, Ok(&reference))).await
            }
            Heard::Refused(refused) => {
                self.store().write(move |tx| asking::end(tx, (&message, &last), &item, Err(refused))).await
            }
            Heard::Unknown(why) => self.put_off(message, why).await,
        }
    }

    fn audit_id(&self) -> String {
        sortable_hex(self.store().machine_now(), self.entropy())
    }

    async fn put_off(&self, message: Message, why: String) -> Result<(), StoreError> {
        tracing::warn!(message = %message.id, why, "outcome unknown");
        metrics::counter!("choba_rcard_unknown_total").increment(1);
        let random = u64::from_be_bytes(random_bytes(self.entropy()));
        let again = move |tx: &mut Tx<'_>| {
            match schedule().after(message.attempt, random) {
                Some(pause) => {
                    let due = clock::world_now(tx, message.shop, message.world)?.plus_micros(pause);
                    outbox::retry(tx, &message, due, &why)?
                }
                None => outbox::failed(tx, &message, &why)?,
            };
            Ok(())
        };
        self.store().write(again).await
    }
}

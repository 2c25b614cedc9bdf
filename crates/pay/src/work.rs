//! Work that nobody waits for: windows that end, releases after a change, mails, attempts whose outcome is unknown, the audit
//! chain. Webhooks have a worker of their own ([`crate::webhook::deliver`]). Any number of processes may do it; each piece is
//! safe to do twice.

use std::sync::Arc;

use kernel::{ShopId, Timestamp};
use store::outbox::{self, Backoff, Message};
use store::timer::{self, Timer};
pub use store::work::{Background, ClockError, Round};
use store::work::{Hands, Working};
use store::{ErrorKind, StoreError, audit, clock, lease};

use crate::attempt::finish::{RELEASE_TOPIC, WINDOW_TIMER};
use crate::attempt::{Requester, Work, settle, steps};
use crate::charge::rows;
use crate::charge::state::State;
use crate::erase;
use crate::error::ApiError;
use crate::gateway::{Change, Gateway};
use crate::mail::erase::ERASE_TIMER;
use crate::mail::{self, MAIL_TOPIC};
use crate::webhook;
use crate::{news_mail, staff_mail};

/// How long a worker may be at a message, machine time.
const MESSAGE_LEASE_MICROS: i64 = 120 * 1_000_000;
/// How long the holder of the sealer's lease may be silent, machine time.
const LEASE_MICROS: i64 = 30 * 1_000_000;
/// How much later a window that could not be ended is tried again, world time.
pub(crate) const WINDOW_RETRY_SECONDS: i64 = 3_600;
/// Pieces of work taken at once.
const PAGE: usize = 100;
/// Audit rows sealed in one transaction.
const SEAL_ROWS: usize = 500;

/// The work of payments among that of others. Mails and webhooks have workers of their own, but who turns a clock waits for
/// them too.
impl Hands for Gateway {
    fn handles(&self, kind: &str) -> bool {
        kind == WINDOW_TIMER || kind == ERASE_TIMER || kind == erase::timer::ERASE_TIMER
    }

    fn fire(&self, timers: Vec<Timer>) -> Working<'_> {
        Box::pin(async move {
            let mut taken = 0;
            for timer in timers {
                taken += usize::from(fire(self, timer).await?);
            }
            Ok(taken)
        })
    }

    fn send(&self) -> Working<'_> {
        Box::pin(async move {
            let settled = settle::settle_abandoned(self.store(), |world| self.ports(world), PAGE as i64).await?;
            let claim = |tx: &mut store::Tx<'_>| outbox::claim(tx, RELEASE_TOPIC, PAGE, MESSAGE_LEASE_MICROS);
            let messages = self.store().write(claim).await?;
            let taken = settled + messages.len();
            for message in messages {
                release(self, message).await?;
            }
            Ok(taken)
        })
    }

    fn send_in_sandbox(&self, shop: ShopId) -> Working<'_> {
        Box::pin(send_in_sandbox(self, shop))
    }

    fn next_due(&self, tx: &mut store::Tx<'_>, shop: ShopId) -> Result<Option<Timestamp>, StoreError> {
        let mut due = vec![webhook::deliver::next_due(tx, shop)?];
        for topic in [RELEASE_TOPIC, MAIL_TOPIC] {
            due.push(outbox::next_due_in_sandbox(tx, shop, topic)?);
        }
        Ok(due.into_iter().flatten().min())
    }
}

/// The background of payments alone.
pub fn background(gateway: &Gateway) -> Background {
    Background::new(gateway.store().clone(), gateway.shared_entropy(), vec![Arc::new(gateway.clone())])
}

async fn send_in_sandbox(gateway: &Gateway, shop: ShopId) -> Result<usize, StoreError> {
    let claim =
        move |tx: &mut store::Tx<'_>| outbox::claim_in_sandbox(tx, RELEASE_TOPIC, shop, PAGE, MESSAGE_LEASE_MICROS);
    let messages = gateway.store().write(claim).await?;
    let released = messages.len();
    for message in messages {
        release(gateway, message).await?;
    }
    let claim = move |tx: &mut store::Tx<'_>, page, lease| outbox::claim_in_sandbox(tx, MAIL_TOPIC, shop, page, lease);
    let mails = mail::deliver::round(gateway, claim).await?;
    let tries = gateway.webhooks().drain_sandbox(shop).await?;
    Ok(released + mails + tries)
}

/// One round over the mails that are due in every world. Apart from the rest, because a mail server may keep us waiting.
pub async fn mail_round(gateway: &Gateway) -> Result<Round, StoreError> {
    let claim = |tx: &mut store::Tx<'_>, page, lease| outbox::claim(tx, MAIL_TOPIC, page, lease);
    let told = mail::deliver::round(gateway, claim).await?;
    let taken = told + staff_mail::round(gateway).await? + news_mail::round(gateway).await?;
    Ok(Round { taken })
}

/// Chains what the audit log has since, if this process holds the sealer's lease; how many rows there were.
pub async fn seal(gateway: &Gateway, holder: &str) -> Result<usize, StoreError> {
    let (holder, vault) = (holder.to_owned(), gateway.vault().clone());
    gateway
        .store()
        .write(move |tx| match lease::acquire(tx, "audit.sealer", &holder, LEASE_MICROS)? {
            Some(_) => audit::seal(tx, &|message| vault.sign(message), SEAL_ROWS),
            // Another process seals.
            None => Ok(0),
        })
        .await
}

/// A timer's instant has come. What it is about decides for itself whether anything is to be done; false if the timer
/// has to stay as it is.
async fn fire(gateway: &Gateway, timer: Timer) -> Result<bool, StoreError> {
    match timer.kind.as_str() {
        WINDOW_TIMER => end_window(gateway, timer).await,
        ERASE_TIMER => {
            gateway.store().write(move |tx| mail::erase::fire(tx, &timer)).await?;
            Ok(true)
        }
        erase::timer::ERASE_TIMER => {
            erase::timer::fire(gateway, timer).await?;
            Ok(true)
        }
        other => {
            tracing::error!(kind = other, "nobody handles a timer of this kind");
            Ok(false)
        }
    }
}

/// A provisional sale whose window has closed is cancelled; for anything else the timer has nothing to say any more.
async fn end_window(gateway: &Gateway, timer: Timer) -> Result<bool, StoreError> {
    let number = timer.subject.parse().map_err(|error: kernel::id::IdError| {
        StoreError::new(ErrorKind::Corrupt, format!("the subject of a timer: {error}"))
    })?;
    let (shop, environment) = (timer.shop, timer.world);
    let charge = gateway.store().read(move |tx| rows::find(tx, shop, environment, number)).await?;
    let ends = charge.filter(|charge| charge.standing.state == State::Authorized);
    let Some(ends) = ends.map(|charge| charge.standing.window_ends) else {
        gateway.store().write(move |tx| tx.execute_all(&[timer::finish(&timer)])).await?;
        return Ok(true);
    };
    let requester = Requester { actor: "system".into(), origin: "timer charge.window".into() };
    let change = Change { shop, environment, key: None, requester };
    match gateway.change(change, number, Work::Expire).await {
        Ok(_) => Ok(true),
        Err(error) => {
            tracing::warn!(charge = %number, code = error.code, "the window of a charge could not be ended");
            put_off(gateway, timer, number, ends, &error).await
        }
    }
}

/// Sets the timer to a later try, unless somebody else has ended the sale meanwhile: its timer ended with it.
async fn put_off(
    gateway: &Gateway,
    timer: Timer,
    number: kernel::ChargeNumber,
    ends: Timestamp,
    error: &ApiError,
) -> Result<bool, StoreError> {
    // An attempt that is under way or unknown settles the timer when it ends.
    if error.code == "charge_locked" || error.status == 503 {
        return Ok(false);
    }
    let again = move |tx: &mut store::Tx<'_>| {
        let charge = rows::load_for_update(tx, timer.shop, timer.world, number)?;
        if charge.is_none_or(|loaded| loaded.charge.standing.state != State::Authorized) {
            return Ok(());
        }
        let now = clock::world_now(tx, timer.shop, timer.world)?;
        let due = ends.max(now.plus_seconds(WINDOW_RETRY_SECONDS));
        tx.execute_all(&[timer::set(timer.shop, timer.world, &timer.kind, &timer.subject, due)]).map(|_| ())
    };
    gateway.store().write::<_, StoreError, _>(again).await?;
    Ok(true)
}

/// How a release is tried: for about three days.
fn schedule() -> Backoff {
    Backoff { first_micros: 5_000_000, longest_micros: 6 * 3_600_000_000, attempts: 30 }
}

/// Gives back at the acquirer what a change left over.
async fn release(gateway: &Gateway, message: Message) -> Result<(), StoreError> {
    let done = match (gateway.ports(message.world), steps::from_json(&message.body)) {
        (Some(ports), Ok(step)) => {
            let merchant = acquirer::Merchant { shop: message.shop, environment: message.world };
            steps::release(&ports, merchant, &message.id, &step, message.created).await
        }
        (None, _) => Err("no payment provider is set up for this environment".to_owned()),
        (_, Err(error)) => Err(format!("unreadable: {error}")),
    };
    let random = u64::from_be_bytes(kernel::outside::random_bytes(gateway.entropy()));
    gateway
        .store()
        .write(move |tx| {
            match &done {
                Ok(()) => outbox::sent(tx, &message)?,
                Err(error) => match schedule().after(message.attempt, random) {
                    Some(pause) => {
                        let due = clock::world_now(tx, message.shop, message.world)?.plus_micros(pause);
                        outbox::retry(tx, &message, due, error)?
                    }
                    None => outbox::failed(tx, &message, error)?,
                },
            };
            Ok(())
        })
        .await
}

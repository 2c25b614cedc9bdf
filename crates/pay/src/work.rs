//! Work that nobody waits for: windows that end, releases after a change, mails, attempts whose outcome is unknown, the audit
//! chain. Webhooks have a worker of their own ([`crate::webhook::deliver`]); who turns a clock waits for them too. Any number
//! of processes may do it; each piece is safe to do twice.

use kernel::{Environment, ShopId, Timestamp};
use store::outbox::{self, Backoff, Message};
use store::timer::{self, Timer};
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
/// How long the holder of the sealer's or a clock's lease may be silent, machine time.
const LEASE_MICROS: i64 = 30 * 1_000_000;
/// How much later a window that could not be ended is tried again, world time.
pub(crate) const WINDOW_RETRY_SECONDS: i64 = 3_600;
/// Pieces of work taken at once.
const PAGE: usize = 100;
/// Audit rows sealed in one transaction.
const SEAL_ROWS: usize = 500;
/// Pauses at one instant of a test clock before turning it is given up: something is due and neither we nor another
/// worker can do it. About thirty seconds: longer than a webhook that another worker is at may take.
const PAUSES_MAX: usize = 6_000;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(5);

/// What a round of work came to: zero when what is due has to wait for somebody else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Pieces of work that were taken up.
    pub taken: usize,
}

/// Why a test clock was not turned all the way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// Somebody else is turning it.
    #[error("somebody else is turning this clock")]
    Busy,
    /// Something due could not be done.
    #[error("something due at {0} could not be done; the clock stands there")]
    Stuck(Timestamp),
    /// The target lies before the clock.
    #[error("a test clock only moves forward: it is {0} already")]
    Backwards(Timestamp),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One round over everything that is due in every world.
pub async fn round(gateway: &Gateway) -> Result<Round, StoreError> {
    let settled = settle::settle_abandoned(gateway.store(), |world| gateway.ports(world), PAGE as i64).await?;
    let timers = gateway.store().read(|tx| timer::due(tx, PAGE)).await?;
    let messages = gateway.store().write(|tx| outbox::claim(tx, RELEASE_TOPIC, PAGE, MESSAGE_LEASE_MICROS)).await?;
    let mut taken = settled + messages.len();
    for timer in timers {
        taken += usize::from(fire(gateway, timer).await?);
    }
    for message in messages {
        release(gateway, message).await?;
    }
    Ok(Round { taken })
}

/// One round over the mails that are due in every world. Apart from [`round`], because a mail server may keep us waiting.
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

/// Turns the test clock of `shop` to `to`: from due instant to due instant, working off what is due there.
pub async fn advance(gateway: &Gateway, shop: ShopId, to: Timestamp) -> Result<Timestamp, ClockError> {
    let holder = kernel::outside::random_hex::<8>(gateway.entropy());
    let now = gateway.store().read(move |tx| clock::world_now(tx, shop, Environment::Sandbox)).await?;
    if to < now {
        return Err(ClockError::Backwards(now));
    }
    let turned = turn(gateway, shop, to, &holder).await;
    // Who got stuck does not hold up whoever tries next.
    let given_back = gateway.store().write(move |tx| give_back(tx, shop, &holder)).await;
    turned?;
    given_back?;
    Ok(to)
}

async fn turn(gateway: &Gateway, shop: ShopId, to: Timestamp, holder: &str) -> Result<(), ClockError> {
    loop {
        let next = step(gateway, shop, to, holder).await?;
        drain(gateway, shop).await?;
        if next == to {
            return Ok(());
        }
    }
}

fn clock_lease(shop: ShopId) -> String {
    format!("clock/{shop}")
}

fn give_back(tx: &mut store::Tx<'_>, shop: ShopId, holder: &str) -> Result<(), StoreError> {
    if let Some(held) = lease::acquire(tx, &clock_lease(shop), holder, LEASE_MICROS)? {
        lease::release(tx, &held.name, held.fence)?;
    }
    Ok(())
}

/// Moves the clock to the next due instant, or to `to` if that is nearer.
async fn step(gateway: &Gateway, shop: ShopId, to: Timestamp, holder: &str) -> Result<Timestamp, ClockError> {
    let holder = holder.to_owned();
    let moved = move |tx: &mut store::Tx<'_>| {
        if lease::acquire(tx, &clock_lease(shop), &holder, LEASE_MICROS)?.is_none() {
            return Ok(None);
        }
        // What is due by now is done or being done; never stands the clock on it.
        let now = clock::world_now(tx, shop, Environment::Sandbox)?;
        let next = next_due(tx, shop)?.filter(|due| *due > now).map_or(to, |due| due.min(to));
        clock::move_forward(tx, shop, next)?;
        Ok::<_, StoreError>(Some(next))
    };
    gateway.store().write(moved).await?.ok_or(ClockError::Busy)
}

/// Works off what is due for `shop` at this instant of its clock.
async fn drain(gateway: &Gateway, shop: ShopId) -> Result<(), ClockError> {
    let mut pauses = 0;
    loop {
        let timers = gateway.store().read(move |tx| timer::due_of_shop(tx, shop, Environment::Sandbox, PAGE)).await?;
        let claim =
            move |tx: &mut store::Tx<'_>| outbox::claim_in_sandbox(tx, RELEASE_TOPIC, shop, PAGE, MESSAGE_LEASE_MICROS);
        let messages = gateway.store().write(claim).await?;
        let idle = timers.is_empty() && messages.is_empty();
        for timer in timers {
            fire(gateway, timer).await?;
        }
        for message in messages {
            release(gateway, message).await?;
        }
        let claim =
            move |tx: &mut store::Tx<'_>, page, lease| outbox::claim_in_sandbox(tx, MAIL_TOPIC, shop, page, lease);
        let mails = mail::deliver::round(gateway, claim).await?;
        let tries = gateway.webhooks().drain_sandbox(shop).await?;
        let idle = idle && mails == 0 && tries == 0;
        let due = move |tx: &mut store::Tx<'_>| {
            let now = clock::world_now(tx, shop, Environment::Sandbox)?;
            Ok::<_, StoreError>(next_due(tx, shop)?.filter(|due| *due <= now))
        };
        match gateway.store().read(due).await? {
            None if idle => return Ok(()),
            Some(stuck) if pauses == PAUSES_MAX => return Err(ClockError::Stuck(stuck)),
            None | Some(_) => {}
        }
        if idle {
            // What is due and not ours to take is under way elsewhere: an attempt, or another worker's message.
            pauses += 1;
            tokio::time::sleep(PAUSE).await;
        }
    }
}

fn next_due(tx: &mut store::Tx<'_>, shop: ShopId) -> Result<Option<Timestamp>, StoreError> {
    let mut due = vec![timer::next_due(tx, shop, Environment::Sandbox)?, webhook::deliver::next_due(tx, shop)?];
    for topic in [RELEASE_TOPIC, MAIL_TOPIC] {
        due.push(outbox::next_due_in_sandbox(tx, shop, topic)?);
    }
    Ok(due.into_iter().flatten().min())
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

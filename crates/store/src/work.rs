//! Work that nobody waits for, and turning test clocks: timers that are due go to whoever handles their kind, and so do
//! messages that are due. Any number of processes may do it; each piece is safe to do twice.
//!
//! Who handles what is handed in as [`Hands`]: this module knows kinds and topics by their names only.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use kernel::outside::random_hex;
use kernel::{Entropy, Environment, ShopId, Timestamp};

use crate::engine::Store;
use crate::error::StoreError;
use crate::timer::{self, Timer};
use crate::tx::Tx;
use crate::{clock, lease};

/// How long the holder of a clock's lease may be silent, machine time.
const LEASE_MICROS: i64 = 30 * 1_000_000;
/// Timers looked at in one round over all worlds.
const PAGE: usize = 400;
/// Timers of one shop worked off together while its clock is turned.
const PAGE_OF_SHOP: usize = 1_000;
/// Pauses at one instant of a test clock before turning it is given up: something is due and neither we nor another
/// worker can do it. About thirty seconds: longer than a message that another worker is at may take.
const PAUSES_MAX: usize = 6_000;
const PAUSE: Duration = Duration::from_millis(5);

/// Work under way.
pub type Working<'a> = Pin<Box<dyn Future<Output = Result<usize, StoreError>> + Send + 'a>>;

/// Who works off some kinds of timers and some topics of messages.
pub trait Hands: Send + Sync + 'static {
    /// Whether timers of this kind are for these hands.
    fn handles(&self, kind: &str) -> bool;

    /// The instants of these timers have come; of one shop they stand in the order in which they are due, each subject
    /// once. What a timer is about decides for itself whether anything is to be done. How many were taken up: one that
    /// has to stay as it is does not count.
    fn fire(&self, timers: Vec<Timer>) -> Working<'_>;

    /// Sends messages that are due in any world; how many were taken up.
    fn send(&self) -> Working<'_>;

    /// Sends messages that are due in the sandbox of `shop`, while its clock is turned; how many were taken up. These may
    /// be more than [`Hands::send`] takes: what has a worker of its own otherwise belongs here too.
    fn send_in_sandbox(&self, shop: ShopId) -> Working<'_>;

    /// When the next message that [`Hands::send_in_sandbox`] would send is due, even if that has passed.
    fn next_due(&self, tx: &mut Tx<'_>, shop: ShopId) -> Result<Option<Timestamp>, StoreError>;
}

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

/// The background of a server. Cheap to clone.
#[derive(Clone)]
pub struct Background {
    store: Store,
    entropy: Arc<dyn Entropy>,
    hands: Arc<[Arc<dyn Hands>]>,
}

impl Background {
    /// A background with these hands; of two that handle the same kind the first does.
    pub fn new(store: Store, entropy: Arc<dyn Entropy>, hands: Vec<Arc<dyn Hands>>) -> Background {
        Background { store, entropy, hands: hands.into() }
    }

    /// One round over everything that is due in every world. Timers of a clock that is being turned are left to whoever
    /// turns it: two at the same rows wait for each other.
    pub async fn round(&self) -> Result<Round, StoreError> {
        let timers = self.store.read(due_and_ours).await?;
        let mut taken = self.fire(timers).await?;
        for hands in self.hands.iter() {
            taken += hands.send().await?;
        }
        Ok(Round { taken })
    }

    /// Turns the test clock of `shop` to `to`: from due instant to due instant, working off what is due there.
    pub async fn advance(&self, shop: ShopId, to: Timestamp) -> Result<Timestamp, ClockError> {
        let holder = random_hex::<8>(self.entropy.as_ref());
        let now = self.store.read(move |tx| clock::world_now(tx, shop, Environment::Sandbox)).await?;
        if to < now {
            return Err(ClockError::Backwards(now));
        }
        let turned = self.turn(shop, to, &holder).await;
        // Who got stuck does not hold up whoever tries next.
        let given_back = self.store.write(move |tx| give_back(tx, shop, &holder)).await;
        turned?;
        given_back?;
        Ok(to)
    }

    async fn turn(&self, shop: ShopId, to: Timestamp, holder: &str) -> Result<(), ClockError> {
        loop {
            let next = self.step(shop, to, holder).await?;
            self.drain(shop, holder).await?;
            if next == to {
                return Ok(());
            }
        }
    }

    /// Moves the clock to the next due instant, or to `to` if that is nearer.
    async fn step(&self, shop: ShopId, to: Timestamp, holder: &str) -> Result<Timestamp, ClockError> {
        let (holder, hands) = (holder.to_owned(), self.hands.clone());
        let moved = move |tx: &mut Tx<'_>| {
            if lease::acquire(tx, &clock_lease(shop), &holder, LEASE_MICROS)?.is_none() {
                return Ok(None);
            }
            // What is due by now is done or being done; never stands the clock on it.
            let now = clock::world_now(tx, shop, Environment::Sandbox)?;
            let next = next_due(tx, &hands, shop)?.filter(|due| *due > now).map_or(to, |due| due.min(to));
            clock::move_forward(tx, shop, next)?;
            Ok::<_, StoreError>(Some(next))
        };
        self.store.write(moved).await?.ok_or(ClockError::Busy)
    }

    /// Works off what is due for `shop` at this instant of its clock.
    async fn drain(&self, shop: ShopId, holder: &str) -> Result<(), ClockError> {
        let mut pauses = 0;
        let mut silent_since = self.store.machine_now();
        loop {
            let due = move |tx: &mut Tx<'_>| timer::due_of_shop(tx, shop, Environment::Sandbox, PAGE_OF_SHOP);
            let timers = self.store.read(due).await?;
            let mut taken = self.fire(timers).await?;
            for hands in self.hands.iter() {
                taken += hands.send_in_sandbox(shop).await?;
            }
            match self.overdue(shop).await? {
                None if taken == 0 => return Ok(()),
                Some(stuck) if pauses == PAUSES_MAX => return Err(ClockError::Stuck(stuck)),
                None | Some(_) => {}
            }
            if taken == 0 {
                // What is due and not ours to take is under way elsewhere: an attempt, or another worker's message.
                pauses += 1;
                tokio::time::sleep(PAUSE).await;
            }
            let now = self.store.machine_now();
            if silent_since.plus_micros(LEASE_MICROS / 3) < now {
                self.keep_lease(shop, holder).await?;
                silent_since = now;
            }
        }
    }

    /// When the earliest thing of `shop` was due that is still to be done.
    async fn overdue(&self, shop: ShopId) -> Result<Option<Timestamp>, StoreError> {
        let hands = self.hands.clone();
        let due = move |tx: &mut Tx<'_>| {
            let now = clock::world_now(tx, shop, Environment::Sandbox)?;
            Ok::<_, StoreError>(next_due(tx, &hands, shop)?.filter(|due| *due <= now))
        };
        self.store.read(due).await
    }

    /// Much may be due at one instant: whoever works it off is not silent.
    async fn keep_lease(&self, shop: ShopId, holder: &str) -> Result<(), ClockError> {
        let holder = holder.to_owned();
        let kept = self.store.write(move |tx| lease::acquire(tx, &clock_lease(shop), &holder, LEASE_MICROS)).await?;
        kept.map(|_| ()).ok_or(ClockError::Busy)
    }

    /// Gives each timer to the hands that handle its kind; how many were taken up.
    async fn fire(&self, mut timers: Vec<Timer>) -> Result<usize, StoreError> {
        let mut taken = 0;
        for hands in self.hands.iter() {
            let (ours, others): (Vec<_>, Vec<_>) = timers.into_iter().partition(|timer| hands.handles(&timer.kind));
            timers = others;
            if !ours.is_empty() {
                taken += hands.fire(ours).await?;
            }
        }
        for timer in timers {
            tracing::error!(kind = timer.kind, "nobody handles a timer of this kind");
        }
        Ok(taken)
    }
}

const CLOCK_LEASES: &str = "clock/";

fn clock_lease(shop: ShopId) -> String {
    format!("{CLOCK_LEASES}{shop}")
}

fn due_and_ours(tx: &mut Tx<'_>) -> Result<Vec<Timer>, StoreError> {
    let turned = lease::held(tx, CLOCK_LEASES)?;
    let mut timers = timer::due(tx, PAGE)?;
    timers.retain(|timer| timer.world != Environment::Sandbox || !turned.contains(&clock_lease(timer.shop)));
    Ok(timers)
}

fn give_back(tx: &mut Tx<'_>, shop: ShopId, holder: &str) -> Result<(), StoreError> {
    if let Some(held) = lease::acquire(tx, &clock_lease(shop), holder, LEASE_MICROS)? {
        lease::release(tx, &held.name, held.fence)?;
    }
    Ok(())
}

fn next_due(tx: &mut Tx<'_>, hands: &[Arc<dyn Hands>], shop: ShopId) -> Result<Option<Timestamp>, StoreError> {
    let mut due = timer::next_due(tx, shop, Environment::Sandbox)?;
    for hands in hands {
        due = [due, hands.next_due(tx, shop)?].into_iter().flatten().min();
    }
    Ok(due)
}

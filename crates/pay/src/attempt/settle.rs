//! Settling attempts whose outcome is unknown: their process died, or an answer was lost.
//!
//! Whoever takes an abandoned attempt over makes its intent again from the charge, inquires after each step, asks again
//! for what never arrived, and commits the outcome. It can be done by any process, and again and again.

use kernel::{Environment, ShopId, Timestamp};
use store::{Store, StoreError};

use super::rows::{self, Found};
use super::steps::{self, Asked, Mode, Ports};
use super::{Attempt, Ending, Intent, Waits, finish};
use crate::charge::rows as charge_rows;

/// First and longest pause between inquiries, machine time. The pause doubles with each try.
const PAUSE_FIRST_MICROS: i64 = 2_000_000;
const PAUSE_LONGEST_MICROS: i64 = 600_000_000;
/// Tries after which a running attempt counts as stuck: about a day of inquiries. It is tried on, and a person is told.
pub const TRIES_STUCK: u32 = 150;
/// How long a buyer is waited for who was sent to the provider's page, machine time.
pub const BUYER_MICROS: i64 = 900 * 1_000_000;

/// What is known of an attempt now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It ended.
    Ended(Ending),
    /// Its outcome is not known yet, or somebody else is at it.
    Open,
    /// The buyer must act on this page of the provider.
    Waits(String),
    /// There is no such attempt.
    Missing,
}

/// Looks at an attempt, and settles it if nobody is at it.
pub async fn settle(
    store: &Store,
    ports: &Ports,
    shop: ShopId,
    environment: Environment,
    id: &str,
) -> Result<Settled, StoreError> {
    let attempt_id = id.to_owned();
    let found = store
        .read(move |tx| {
            let found = rows::find(tx, shop, environment, &attempt_id)?;
            Ok::<_, StoreError>((found, tx.machine_now()))
        })
        .await?;
    match found {
        (None, _) => Ok(Settled::Missing),
        (Some(Found::Succeeded { .. }), _) => Ok(Settled::Ended(Ending::Succeeded)),
        (Some(Found::Refused(reason)), _) => Ok(Settled::Ended(Ending::Refused(reason))),
        (Some(Found::Running { leased_until, .. }), now) if now < leased_until => Ok(Settled::Open),
        (Some(Found::Running { attempt, .. }), _) => take_over(store, ports, *attempt).await,
    }
}

/// The buyer came back from the provider's page: goes on with what the provider saw him do. If he was not done there, the
/// attempt goes on waiting.
pub async fn come_back(
    store: &Store,
    ports: &Ports,
    shop: ShopId,
    environment: Environment,
    id: &str,
) -> Result<Settled, StoreError> {
    let attempt_id = id.to_owned();
    let found = store.read(move |tx| rows::find(tx, shop, environment, &attempt_id)).await?;
    match found {
        Some(Found::Running { attempt, .. }) if attempt.waits.is_some() => {
            take(store, ports, *attempt, rows::take_back).await
        }
        Some(_) | None => settle(store, ports, shop, environment, id).await,
    }
}

/// Settles up to `limit` attempts that nobody is at; how many were looked at.
pub async fn settle_abandoned(
    store: &Store,
    ports: impl Fn(Environment) -> Option<Ports>,
    limit: i64,
) -> Result<usize, StoreError> {
    let abandoned = store.read(move |tx| rows::abandoned(tx, limit)).await?;
    let count = abandoned.len();
    for attempt in abandoned {
        let Some(ports) = ports(attempt.environment) else { continue };
        let id = attempt.id.clone();
        if let Err(error) = take_over(store, &ports, attempt).await {
            tracing::error!(attempt = %id, %error, "settling an attempt");
        }
    }
    Ok(count)
}

async fn take_over(store: &Store, ports: &Ports, attempt: Attempt) -> Result<Settled, StoreError> {
    take(store, ports, attempt, rows::take_over).await
}

/// Takes the attempt with `take`, asks, and commits what that came to.
async fn take(
    store: &Store,
    ports: &Ports,
    attempt: Attempt,
    take: fn(&mut store::Tx<'_>, &Attempt, Timestamp) -> Result<bool, StoreError>,
) -> Result<Settled, StoreError> {
    let taken = attempt.clone();
    let is_late = attempt.waits.as_ref().is_some_and(|waits| waits.until <= store.machine_now());
    let intent = store
        .write(move |tx| {
            let until = tx.machine_now().plus_micros(super::begin::LEASE_MICROS);
            if !take(tx, &taken, until)? {
                return Ok(None);
            }
            let before = charge_rows::find(tx, taken.shop, taken.environment, taken.charge)?;
            let intent = Intent::again(taken.clone(), before).map_err(|refused| {
                let message = format!("attempt {} does not fit its charge any more: {refused}", taken.id);
                StoreError::new(store::ErrorKind::Corrupt, message)
            })?;
            Ok::<_, StoreError>(Some(intent))
        })
        .await?;
    let Some(intent) = intent else { return Ok(Settled::Open) };
    let mode = if is_late { Mode::Last } else { Mode::Again };
    let asked = steps::ask(ports, &intent, mode).await;
    conclude(store, intent, asked).await
}

/// Commits what asking came to; an unknown outcome only lets others try later.
pub async fn conclude(store: &Store, intent: Intent, asked: Asked) -> Result<Settled, StoreError> {
    match asked {
        Asked::Done(receipts) => {
            store.write(move |tx| finish::succeed(tx, &intent, &receipts)).await?;
            Ok(Settled::Ended(Ending::Succeeded))
        }
        Asked::Refused(reason) => {
            let why = reason.clone();
            store.write(move |tx| finish::refuse(tx, &intent.attempt, &why)).await?;
            Ok(Settled::Ended(Ending::Refused(reason)))
        }
        Asked::Waits(url) => {
            let page = url.clone();
            store
                .write(move |tx| {
                    let since = tx.machine_now();
                    let until = intent.attempt.waits.as_ref().map_or(since.plus_micros(BUYER_MICROS), |is| is.until);
                    rows::wait_for_buyer(tx, &intent.attempt, &Waits { until, url: url.clone() })
                })
                .await?;
            Ok(Settled::Waits(page))
        }
        Asked::Unknown(why) => {
            tracing::warn!(attempt = %intent.attempt.id, verb = intent.attempt.work.verb(), why, "outcome unknown");
            metrics::counter!("choba_attempts_unknown_total").increment(1);
            let attempt = intent.attempt;
            store.write(move |tx| rows::lease_until(tx, &attempt, next_try(tx.machine_now(), attempt.tries))).await?;
            Ok(Settled::Open)
        }
    }
}

fn next_try(now: Timestamp, tries: u32) -> Timestamp {
    let doubled = PAUSE_FIRST_MICROS.saturating_mul(1 << tries.min(20));
    now.plus_micros(doubled.min(PAUSE_LONGEST_MICROS))
}

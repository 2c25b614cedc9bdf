//! The work of the market among that of others: timers of orders, requests that are due, and what they come to.
//!
//! Timers and answers are worked off many in a transaction, and several transactions at a time, because a closing date
//! may concern every order of a shop. Of one order everything stays in its order: it has one timer in a page at the most,
//! and one request under way.

use kernel::outside::random_bytes;
use kernel::{ShopId, Timestamp};
use shop::By;
use store::outbox::{self, Backoff, Message};
use store::timer::Timer;
use store::work::{Hands, Working};
use store::{StoreError, Tx};
use tokio::task::{JoinError, JoinSet};

use super::ask::desk::{Heard, Sending};
use super::ask::{Asked, Errand, TOPIC};
use super::buyer;
use super::operations::{self, Undone};
use super::save::{self, Change, Payouts};
use super::{Market, WORLD, rows};
use crate::order::OrderNumber;
use crate::progress::{Answer, Event, Policy, Refused, TimerKind, decide};

/// How long a worker may be at a request, machine time.
const LEASE_MICROS: i64 = 120 * 1_000_000;
/// Requests claimed at once.
const PAGE: usize = 400;
/// Orders that one transaction changes.
const TOGETHER: usize = 50;
/// Transactions under way at once.
const AT_ONCE: usize = 8;

/// How a request is tried whose outcome nobody knows: for about three days. Then a person sees it and can try again.
fn schedule() -> Backoff {
    Backoff { first_micros: 5_000_000, longest_micros: 6 * 3_600_000_000, attempts: 30 }
}

impl Hands for Market {
    fn handles(&self, kind: &str) -> bool {
        TimerKind::of(kind).is_some()
    }

    fn fire(&self, timers: Vec<Timer>) -> Working<'_> {
        Box::pin(in_parts(self, timers, fire_together))
    }

    fn send(&self) -> Working<'_> {
        Box::pin(async move {
            let claim = |tx: &mut Tx<'_>| outbox::claim(tx, TOPIC, PAGE, LEASE_MICROS);
            let messages = self.store().write(claim).await?;
            ask_all(self, messages).await
        })
    }

    fn send_in_sandbox(&self, shop: ShopId) -> Working<'_> {
        Box::pin(async move {
            let claim = move |tx: &mut Tx<'_>| outbox::claim_in_sandbox(tx, TOPIC, shop, PAGE, LEASE_MICROS);
            let messages = self.store().write(claim).await?;
            ask_all(self, messages).await
        })
    }

    fn next_due(&self, tx: &mut Tx<'_>, shop: ShopId) -> Result<Option<Timestamp>, StoreError> {
        outbox::next_due_in_sandbox(tx, shop, TOPIC)
    }
}

/// Works `all` off in transactions of [`TOGETHER`], [`AT_ONCE`] at a time; how many there were.
async fn in_parts<T, F>(market: &Market, all: Vec<T>, work: F) -> Result<usize, StoreError>
where
    T: Clone + Send + Sync + 'static,
    F: Fn(&mut Tx<'_>, &[T], &By) -> Result<(), StoreError> + Clone + Send + Sync + 'static,
{
    let mut under_way = JoinSet::new();
    for part in all.chunks(TOGETHER) {
        if under_way.len() >= AT_ONCE {
            joined(under_way.join_next().await)?;
        }
        let (market, part, work) = (market.clone(), part.to_vec(), work.clone());
        let by = market.itself();
        under_way.spawn(async move { market.store().write(move |tx| work(tx, &part, &by)).await });
    }
    while let Some(ended) = under_way.join_next().await {
        joined(Some(ended))?;
    }
    Ok(all.len())
}

fn joined(ended: Option<Result<Result<(), StoreError>, JoinError>>) -> Result<(), StoreError> {
    match ended {
        Some(Ok(result)) => result,
        Some(Err(error)) => Err(StoreError::new(store::ErrorKind::Panicked, error.to_string())),
        None => Ok(()),
    }
}

impl Market {
    /// Nobody but the mall itself does something, now.
    fn itself(&self) -> By {
        By::new(self.store().machine_now(), self.entropy(), "system".into(), "mall".into())
    }
}

/// A transaction that works off several orders: what their shops go by is read once.
struct Sitting<'a> {
    by: &'a By,
    shops: Vec<(ShopId, Policy, Timestamp)>,
    payouts: Payouts,
}

impl<'a> Sitting<'a> {
    fn new(by: &'a By) -> Sitting<'a> {
        Sitting { by, shops: Vec::new(), payouts: Payouts::default() }
    }

    /// The rules of a shop, and its world time; none if it is not one of the mall's.
    fn of_shop(&mut self, tx: &mut Tx<'_>, shop: ShopId) -> Result<Option<(Policy, Timestamp)>, StoreError> {
        if let Some((_, policy, now)) = self.shops.iter().find(|(known, ..)| *known == shop) {
            return Ok(Some((*policy, *now)));
        }
        let read = operations::mall_shop(tx, shop).and_then(|known| Ok((known.policy(), operations::now(tx, shop)?)));
        match read {
            Ok((policy, now)) => {
                self.shops.push((shop, policy, now));
                Ok(Some((policy, now)))
            }
            Err(Undone::Store(error)) => Err(error),
            Err(Undone::NoSuchShop | Undone::NoSuchOrder | Undone::Refused(_)) => Ok(None),
        }
    }

    /// Lets `event` happen to an order that was loaded; whether anything came of it.
    fn happen(
        &mut self,
        tx: &mut Tx<'_>,
        shop: ShopId,
        loaded: rows::Loaded,
        event: &Event,
    ) -> Result<bool, StoreError> {
        let Some((policy, now)) = self.of_shop(tx, shop)? else { return Ok(false) };
        match decide(&loaded.order, event, &policy, now) {
            Ok(moved) => {
                let (by, action, at) = (self.by, Some(event.action()), tx.machine_now());
                let is_answer = matches!(event, Event::Answered(..));
                let change = Change { shop, by, action, now, at, answer_micros: policy.answer_micros, is_answer };
                save::save(tx, &change, loaded, &moved, &mut self.payouts)?;
                Ok(true)
            }
            Err(Refused::Stale) => Ok(false),
            Err(refused) => {
                tracing::warn!(order = %loaded.order.number, %refused, event = event.action(), "the mall's own event");
                Ok(false)
            }
        }
    }
}

/// The instants of these timers have come.
fn fire_together(tx: &mut Tx<'_>, timers: &[Timer], by: &By) -> Result<(), StoreError> {
    let mut sitting = Sitting::new(by);
    for of_shop in timers.chunk_by(|one, next| one.shop == next.shop) {
        fire_of_shop(tx, &mut sitting, of_shop)?;
    }
    sitting.payouts.write(tx)
}

/// The orders first, as whoever else changes them does; then their timers, all at once.
fn fire_of_shop(tx: &mut Tx<'_>, sitting: &mut Sitting<'_>, timers: &[Timer]) -> Result<(), StoreError> {
    let Some(shop) = timers.first().map(|timer| timer.shop) else { return Ok(()) };
    let numbers: Vec<Option<OrderNumber>> = timers.iter().map(|timer| timer.subject.parse().ok()).collect();
    let known: Vec<OrderNumber> = numbers.iter().copied().flatten().collect();
    let mut orders = if known.is_empty() { Vec::new() } else { rows::load_many_for_update(tx, shop, &known)? };
    let finished = save::finish(tx, timers)?;
    for ((timer, number), is_ours) in timers.iter().zip(numbers).zip(finished) {
        let (Some(number), Some(kind)) = (number, TimerKind::of(&timer.kind)) else {
            tracing::error!(kind = timer.kind, "a timer that is about no order of the mall");
            continue;
        };
        // Who ended or moved the timer meanwhile did what is to be done.
        if !is_ours {
            continue;
        }
        match orders.iter().position(|loaded| loaded.order.number == number) {
            Some(at) => sitting.happen(tx, shop, orders.swap_remove(at), &kind.event()).map(|_| ())?,
            None => tracing::error!(order = %number, kind = timer.kind, "a timer of an order that is not there"),
        }
    }
    Ok(())
}

/// A message, and what came of it.
#[derive(Clone)]
enum Outcome {
    /// A request, and what was heard.
    Heard(Message, Asked, Heard),
    /// The buyer does something now.
    Buyer(Message, buyer::Due),
}

impl Outcome {
    fn message(&self) -> &Message {
        match self {
            Outcome::Heard(message, ..) | Outcome::Buyer(message, _) => message,
        }
    }
}

/// Asks what these messages ask, all at once, and notes what came of it; how many there were.
async fn ask_all(market: &Market, messages: Vec<Message>) -> Result<usize, StoreError> {
    let claimed = messages.len();
    let mut outcomes: Vec<Outcome> = Vec::with_capacity(claimed);
    let mut under_way = JoinSet::new();
    for message in messages {
        match serde_json::from_str::<Errand>(&message.body) {
            Ok(Errand::Ask(asked)) => {
                let desk = market.desk();
                under_way.spawn(async move {
                    let sending = Sending { shop: message.shop, created: message.created, again: message.attempt > 1 };
                    let heard = desk.ask(&asked, sending).await;
                    Outcome::Heard(message, asked, heard)
                });
            }
            Ok(Errand::Buyer(due)) => outcomes.push(Outcome::Buyer(message, due)),
            Err(error) => {
                let why = format!("unreadable: {error}");
                market.store().write(move |tx| outbox::failed(tx, &message, &why)).await?;
            }
        }
    }
    while let Some(ended) = under_way.join_next().await {
        outcomes.push(ended.map_err(|error| StoreError::new(store::ErrorKind::Panicked, error.to_string()))?);
    }
    // The order of the messages, not that in which others answered.
    outcomes.sort_by(|one, other| {
        let (one, other) = (one.message(), other.message());
        (one.shop, &one.id).cmp(&(other.shop, &other.id))
    });
    let random = u64::from_be_bytes(random_bytes(market.entropy()));
    in_parts(market, outcomes, move |tx, part, by| note_together(tx, part, by, random)).await?;
    Ok(claimed)
}

fn note_together(tx: &mut Tx<'_>, outcomes: &[Outcome], by: &By, random: u64) -> Result<(), StoreError> {
    let mut sitting = Sitting::new(by);
    for outcome in outcomes {
        match outcome {
            Outcome::Heard(message, asked, heard) => note(tx, &mut sitting, (message, asked, heard), random)?,
            Outcome::Buyer(message, due) => do_deed(tx, &mut sitting, message, due)?,
        }
    }
    sitting.payouts.write(tx)
}

/// The buyer does what the script says, if the order still waits for it.
fn do_deed(tx: &mut Tx<'_>, sitting: &mut Sitting<'_>, message: &Message, due: &buyer::Due) -> Result<(), StoreError> {
    if let Some(loaded) = rows::load_for_update(tx, message.shop, due.order)?
        && let Some(event) = due.deed.event(&loaded.order)
    {
        sitting.happen(tx, message.shop, loaded, &event)?;
    }
    outbox::sent(tx, message).map(|_| ())
}

/// Notes what came of one request.
fn note(
    tx: &mut Tx<'_>,
    sitting: &mut Sitting<'_>,
    (message, asked, heard): (&Message, &Asked, &Heard),
    random: u64,
) -> Result<(), StoreError> {
    let now = store::clock::world_now(tx, message.shop, WORLD)?;
    match heard {
        Heard::Answer(answer) => answer_order(tx, sitting, message, asked, answer).map(|_| ())?,
        Heard::Held(until, answer) if *until <= now => {
            answer_order(tx, sitting, message, asked, answer).map(|_| ())?;
        }
        // As long as the order waits for it, the request stays open; nothing else of the order leaves before it.
        Heard::Held(until, _) => {
            if waits(tx, message.shop, asked)? && answer_order(tx, sitting, message, asked, &Answer::OnHold)? {
                outbox::retry(tx, message, *until, "on hold")?;
                return Ok(());
            }
        }
        Heard::Unknown(why) => {
            tracing::warn!(order = %asked.order, request = message.id, why, "the outcome of a request is not known");
            match schedule().after(message.attempt, random) {
                Some(pause) => outbox::retry(tx, message, now.plus_micros(pause), why)?,
                None => outbox::failed(tx, message, why)?,
            };
            return Ok(());
        }
    }
    outbox::sent(tx, message).map(|_| ())
}

/// Whether the order still waits for this answer.
fn waits(tx: &mut Tx<'_>, shop: ShopId, asked: &Asked) -> Result<bool, StoreError> {
    let order = rows::find(tx, shop, asked.order)?;
    Ok(order.is_some_and(|order| order.payment().is_some_and(|payment| payment.asked == Some(asked.serial))))
}

/// Tells the order what was answered; whether anything came of it.
fn answer_order(
    tx: &mut Tx<'_>,
    sitting: &mut Sitting<'_>,
    message: &Message,
    asked: &Asked,
    answer: &Answer,
) -> Result<bool, StoreError> {
    let Some(loaded) = rows::load_for_update(tx, message.shop, asked.order)? else {
        tracing::error!(order = %asked.order, "an answer to an order that is not there");
        return Ok(false);
    };
    sitting.happen(tx, message.shop, loaded, &Event::Answered(asked.serial, answer.clone()))
}

//! Mails leave: to the mail server that the operator set, or into the built-in mailbox where there is none.

use std::collections::HashMap;
use std::time::Duration;

use kernel::{ShopId, Timestamp};
use outbound::mail::{Address, NotSent, Sender, Smtp};
use serde::Deserialize;
use store::outbox::{self, Backoff, Message};
use store::{StoreError, Tx, clock};
use tokio::task::JoinSet;

use super::render::{self, ChargeFacts, ShopFacts, Tale};
use super::rows::{self, Earlier, Letter};
use super::{Kind, Order, Outcome, Recipient, erase};
use crate::charge::item::Item;
use crate::charge::order::Buyer;
use crate::gateway::Gateway;
use crate::notification;

/// Mails handed to the mail server at once.
const AT_ONCE: usize = 8;

/// Where mails go.
#[derive(Clone, Debug, Default)]
pub enum Carrier {
    /// Nowhere: they stay in the built-in mailbox, where people read them.
    #[default]
    Mailbox,
    /// To a mail server.
    Smtp {
        /// The server.
        server: Box<Smtp>,
        /// The address that mails come from.
        from: Address,
    },
}

impl Carrier {
    /// How many mails are claimed at once.
    pub(crate) fn page(&self) -> usize {
        match self {
            Carrier::Mailbox => 100,
            Carrier::Smtp { .. } => 4 * AT_ONCE,
        }
    }

    /// How long a worker may be at what it claimed, machine time: longer than a server takes that answers none of them.
    pub(crate) fn lease_micros(&self) -> i64 {
        let minute = Duration::from_secs(60);
        let longest = match self {
            Carrier::Mailbox => minute,
            // A claim may be somewhat larger than the page.
            Carrier::Smtp { server, .. } => server.timeout() * 8 + minute,
        };
        i64::try_from(longest.as_micros()).unwrap_or(i64::MAX)
    }
}

/// A message with what it says.
struct Ready {
    message: Message,
    letter: Letter,
    to: Address,
}

/// Why a mail cannot be written; our own mistake, or a row that was damaged.
type Unwritable = String;

/// How a mail is tried: for about three days, because greylisting and full mailboxes pass.
pub(crate) fn schedule() -> Backoff {
    Backoff { first_micros: 60_000_000, longest_micros: 4 * 3_600_000_000, attempts: 25 }
}

/// Sends messages that were claimed, and notes what became of each.
pub async fn send(gateway: &Gateway, messages: Vec<Message>) -> Result<(), StoreError> {
    if messages.is_empty() {
        return Ok(());
    }
    let (carrier, random) = (gateway.carrier().clone(), random(gateway));
    let keeps = matches!(carrier, Carrier::Mailbox);
    let ready = gateway.store().write(move |tx| prepare(tx, &messages, keeps, random)).await?;
    let Carrier::Smtp { server, from } = carrier else { return Ok(()) };
    let mut under_way = JoinSet::new();
    for ready in ready {
        if under_way.len() >= AT_ONCE {
            joined(under_way.join_next().await)?;
        }
        let (gateway, server, from) = (gateway.clone(), server.clone(), from.clone());
        under_way.spawn(async move { hand_over(&gateway, &server, from, ready).await });
    }
    while let Some(ended) = under_way.join_next().await {
        joined(Some(ended))?;
    }
    Ok(())
}

fn joined(ended: Option<Result<Result<(), StoreError>, tokio::task::JoinError>>) -> Result<(), StoreError> {
    match ended {
        Some(Ok(result)) => result,
        Some(Err(error)) => Err(StoreError::new(store::ErrorKind::Programming, format!("sending a mail: {error}"))),
        None => Ok(()),
    }
}

fn random(gateway: &Gateway) -> u64 {
    u64::from_be_bytes(kernel::outside::random_bytes(gateway.entropy()))
}

/// Writes mails out that were not written before. Those for nobody end here, and with the mailbox all of them do.
fn prepare(tx: &mut Tx<'_>, messages: &[Message], keeps: bool, random: u64) -> Result<Vec<Ready>, StoreError> {
    let mut ready = Vec::new();
    let mut shops: HashMap<ShopId, ShopFacts> = HashMap::new();
    for message in messages {
        let order: Result<Order, Unwritable> = serde_json::from_str(&message.body).map_err(|error| error.to_string());
        let earlier = rows::earlier(tx, message)?;
        let fresh = earlier == Earlier::Unwritten;
        let letter = match (earlier, order) {
            (Earlier::Written(letter), _) => Ok(letter),
            (Earlier::Erased, _) => Err("what it said is erased".to_owned()),
            (Earlier::Unwritten, Err(error)) => Err(error),
            (Earlier::Unwritten, Ok(order)) => written(tx, message, &order, keeps, &mut shops)?,
        };
        match letter {
            Err(error) => not_sent(tx, message, Outcome::GivenUp, &error, &error, random)?,
            Ok(Letter { to: None, .. }) => ended(tx, message, Outcome::Nobody, fresh)?,
            Ok(_) if keeps => ended(tx, message, Outcome::Kept, fresh)?,
            Ok(Letter { to: Some(ref to), .. }) => {
                let to = to.clone();
                ready.extend(letter.map(|letter| Ready { message: message.clone(), letter, to }));
            }
        }
    }
    Ok(ready)
}

/// Writes a mail out and keeps what it says.
fn written(
    tx: &mut Tx<'_>,
    message: &Message,
    order: &Order,
    keeps: bool,
    shops: &mut HashMap<ShopId, ShopFacts>,
) -> Result<Result<Letter, Unwritable>, StoreError> {
    let shop = match shops.get(&message.shop) {
        Some(known) => known.clone(),
        None => {
            let facts = rows::shop_facts(tx, message.shop)?;
            shops.insert(message.shop, facts.clone());
            facts
        }
    };
    let (charge, letter) = match letter(tx, message, order, &shop)? {
        Ok(letter) => letter,
        Err(error) => return Ok(Err(error)),
    };
    let outcome = match (&letter.to, keeps) {
        (None, _) => Outcome::Nobody,
        (Some(_), true) => Outcome::Kept,
        (Some(_), false) => Outcome::Waiting,
    };
    let insert = rows::insert(message, order, &charge, &letter, outcome);
    tx.execute_all(&[insert, erase::timer_from(message.shop, message.world, message.created)])?;
    Ok(Ok(letter))
}

/// The charge that a message tells of, and the mail.
fn letter(
    tx: &mut Tx<'_>,
    message: &Message,
    order: &Order,
    shop: &ShopFacts,
) -> Result<Result<(String, Letter), Unwritable>, StoreError> {
    let root = message.id.get(..32).unwrap_or_default();
    let (charge, buyer, text) = if order.kind == Kind::Notification {
        let id = notification::id_of(root);
        let Some(asked) = notification::rows::find(tx, message.shop, message.world, &id)? else {
            return Ok(Err("its notification is missing".to_owned()));
        };
        let buyer = buyer(rows::buyer(tx, message.shop, message.world, &asked.charge)?.as_deref());
        let tale = Tale::Notification { subject: &asked.subject, body: &asked.body };
        let text = render::write(&tale, order.to, shop, &buyer, message.world);
        (asked.charge, buyer, text)
    } else {
        let Some((data, buyer_json)) = rows::event_and_buyer(tx, message.shop, message.world, root)? else {
            return Ok(Err("its event is missing".to_owned()));
        };
        let charge = match facts(&data) {
            Ok(charge) => charge,
            Err(error) => return Ok(Err(format!("its event: {error}"))),
        };
        let (number, buyer) = (charge.number.clone(), buyer(buyer_json.as_deref()));
        let Order { kind, total_before, .. } = *order;
        let tale = Tale::Change { kind, charge, total_before, at: message.created };
        let text = render::write(&tale, order.to, shop, &buyer, message.world);
        (number, buyer, text)
    };
    let to = match order.to {
        Recipient::Shop => shop.settings.contact_address.clone(),
        // What a buyer typed may be no address.
        Recipient::Buyer => buyer.email.and_then(|email| email.trim().parse().ok()),
    };
    let reply_to = shop.settings.contact_address.clone().filter(|_| order.to == Recipient::Buyer);
    let sender_name = shop.settings.sender_name.clone().unwrap_or_else(|| shop.name.clone());
    Ok(Ok((charge, Letter { sender_name, reply_to, to, subject: text.subject, body: text.body })))
}

/// Who bought; nobody once erased.
pub(crate) fn buyer(json: Option<&str>) -> Buyer {
    json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

/// What mails need of the data of an event.
#[derive(Deserialize)]
struct EventData {
    id: String,
    amount: i64,
    point: i64,
    items: Vec<Item>,
    created: i64,
}

fn facts(data: &str) -> Result<ChargeFacts, serde_json::Error> {
    let EventData { id, amount, point, items, created } = serde_json::from_str(data)?;
    Ok(ChargeFacts { number: id, ordered: Timestamp::from_seconds(created), amount, point, items })
}

/// Hands a mail to the server and notes what it said.
async fn hand_over(gateway: &Gateway, server: &Smtp, from: Address, ready: Ready) -> Result<(), StoreError> {
    let Ready { message, letter, to } = ready;
    let mail = outbound::mail::Message {
        id: format!("{}-{}", message.id, message.shop),
        from: Sender { name: letter.sender_name, address: from },
        reply_to: letter.reply_to,
        to,
        subject: letter.subject,
        text: letter.body,
        date: message.created,
    };
    let (answer, random) = (server.send(&mail).await, random(gateway));
    if let Err(NotSent::Refused(fault) | NotSent::Later(fault)) = &answer {
        tracing::warn!(mail = message.id, shop = message.shop.0, attempt = message.attempt, %fault, "a mail was not taken");
    }
    gateway
        .store()
        .write(move |tx| match &answer {
            Ok(()) => ended(tx, &message, Outcome::Sent, false),
            Err(NotSent::Refused(fault)) => not_sent(tx, &message, Outcome::Refused, &fault.brief, &fault.full, random),
            Err(NotSent::Later(fault)) => not_sent(tx, &message, Outcome::Waiting, &fault.brief, &fault.full, random),
        })
        .await
}

/// The mail has ended well, or there is nobody to send it to. A `noted` one says so already.
fn ended(tx: &mut Tx<'_>, message: &Message, outcome: Outcome, noted: bool) -> Result<(), StoreError> {
    if !noted {
        tx.execute_all(&[rows::note(message, outcome, None)])?;
    }
    outbox::sent(tx, message)?;
    metrics::counter!("choba_mails_total", "outcome" => outcome.as_str()).increment(1);
    Ok(())
}

/// The mail was not taken: it waits for its next try, or ends where a person sees it. Only `full` may hold an address.
fn not_sent(
    tx: &mut Tx<'_>,
    message: &Message,
    outcome: Outcome,
    brief: &str,
    full: &str,
    random: u64,
) -> Result<(), StoreError> {
    let pause = schedule().after(message.attempt, random).filter(|_| outcome == Outcome::Waiting);
    let (outcome, ours) = match pause {
        Some(pause) => {
            let due = clock::world_now(tx, message.shop, message.world)?.plus_micros(pause);
            (Outcome::Waiting, outbox::retry(tx, message, due, brief)?)
        }
        None if outcome == Outcome::Waiting => (Outcome::GivenUp, outbox::failed(tx, message, brief)?),
        None => (outcome, outbox::failed(tx, message, brief)?),
    };
    // Who took the message over notes what becomes of it.
    if ours {
        tx.execute_all(&[rows::note(message, outcome, Some(full))])?;
        metrics::counter!("choba_mails_total", "outcome" => outcome.as_str()).increment(1);
    }
    Ok(())
}

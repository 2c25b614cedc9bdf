//! Mails are written out: what the messages of the outbox tell of is looked up, put into words, and kept.

use std::collections::HashMap;

use kernel::{Environment, ShopId, Timestamp};
use outbound::mail::Address;
use serde::Deserialize;
use store::outbox::{self, Fate, Message};
use store::{Statement, StoreError, Tx};

use super::deliver::{count, not_sent};
use super::render::{self, ChargeFacts, ShopFacts, Tale};
use super::rows::{self, Earlier, Letter};
use super::{Kind, Order, Outcome, Recipient, erase};
use crate::charge::item::Item;
use crate::charge::order::Buyer;
use crate::notification;

/// Statements sent together: bounds the number of different texts that a connection prepares.
const TOGETHER: usize = 8;

/// A message with what it says.
pub(super) struct Ready {
    pub message: Message,
    pub letter: Letter,
    pub to: Address,
}

/// Why a mail cannot be written; our own mistake, or a row that was damaged.
type Unwritable = String;

/// What was looked up for messages of one shop in one environment.
struct Desk {
    shop: ShopFacts,
    /// Mails that were written out before, by message.
    earlier: HashMap<String, Earlier>,
    /// The charge after a change and its buyer, both as JSON, by attempt.
    changes: HashMap<String, (String, Option<String>)>,
}

/// What a message comes to.
struct Sorted {
    /// To be kept of it, if it is a new mail.
    insert: Option<Statement<'static>>,
    letter: Letter,
}

/// Writes mails out that were not written before. Those for nobody end here, and with the mailbox all of them do.
pub(super) fn prepare(
    tx: &mut Tx<'_>,
    messages: &[Message],
    keeps: bool,
    random: u64,
) -> Result<Vec<Ready>, StoreError> {
    let mut by_world: HashMap<(ShopId, Environment), Vec<&Message>> = HashMap::new();
    for message in messages {
        by_world.entry((message.shop, message.world)).or_default().push(message);
    }
    let mut ready = Vec::new();
    for ((shop, world), messages) in by_world {
        ready.extend(prepare_in(tx, shop, world, &messages, keeps, random)?);
    }
    Ok(ready)
}

fn prepare_in(
    tx: &mut Tx<'_>,
    shop: ShopId,
    world: Environment,
    messages: &[&Message],
    keeps: bool,
    random: u64,
) -> Result<Vec<Ready>, StoreError> {
    let desk = look_up(tx, shop, world, messages)?;
    let (mut ready, mut statements, mut ended) = (Vec::new(), Vec::new(), Vec::new());
    let mut first_written: Option<Timestamp> = None;
    for message in messages {
        let Sorted { insert, letter } = match sort(tx, message, &desk, keeps)? {
            Ok(sorted) => sorted,
            Err(error) => {
                not_sent(tx, message, Outcome::GivenUp, &error, &error, random)?;
                continue;
            }
        };
        let outcome = outcome(&letter, keeps);
        match insert {
            Some(insert) => {
                statements.push(insert);
                first_written = first_written.into_iter().chain([message.created]).min();
            }
            None if outcome == Outcome::Waiting => {}
            None => statements.push(rows::note(message, outcome, None)),
        }
        match letter.to.clone().filter(|_| outcome == Outcome::Waiting) {
            Some(to) => ready.push(Ready { message: (*message).clone(), letter, to }),
            None => {
                ended.push(((*message).clone(), Fate::Sent));
                count(outcome);
            }
        }
    }
    statements.extend(first_written.map(|created| erase::timer_from(shop, world, created)));
    for together in statements.chunks(TOGETHER) {
        tx.execute_all(together)?;
    }
    outbox::settle_all(tx, &ended)?;
    Ok(ready)
}

fn look_up(tx: &mut Tx<'_>, shop: ShopId, world: Environment, messages: &[&Message]) -> Result<Desk, StoreError> {
    let ids: Vec<&str> = messages.iter().map(|message| message.id.as_str()).collect();
    let attempts: Vec<&str> = messages.iter().map(|message| root(message)).collect();
    Ok(Desk {
        shop: rows::shop_facts(tx, shop)?,
        earlier: rows::earlier(tx, shop, world, &ids)?,
        changes: rows::events_and_buyers(tx, shop, world, &attempts)?,
    })
}

/// The id of the attempt or notification that a message tells of.
fn root(message: &Message) -> &str {
    message.id.get(..32).unwrap_or_default()
}

fn outcome(letter: &Letter, keeps: bool) -> Outcome {
    match (&letter.to, keeps) {
        (None, _) => Outcome::Nobody,
        (Some(_), true) => Outcome::Kept,
        (Some(_), false) => Outcome::Waiting,
    }
}

fn sort(
    tx: &mut Tx<'_>,
    message: &Message,
    desk: &Desk,
    keeps: bool,
) -> Result<Result<Sorted, Unwritable>, StoreError> {
    let order: Order = match (desk.earlier.get(&message.id), serde_json::from_str(&message.body)) {
        (Some(Earlier::Written(letter)), _) => return Ok(Ok(Sorted { insert: None, letter: letter.clone() })),
        (Some(Earlier::Erased), _) => return Ok(Err("what it said is erased".to_owned())),
        (None, Err(error)) => return Ok(Err(error.to_string())),
        (None, Ok(order)) => order,
    };
    Ok(letter(tx, message, &order, desk)?.map(|(charge, letter)| {
        let insert = rows::insert(message, &order, &charge, &letter, outcome(&letter, keeps));
        Sorted { insert: Some(insert), letter }
    }))
}

/// The charge that a message tells of, and the mail.
fn letter(
    tx: &mut Tx<'_>,
    message: &Message,
    order: &Order,
    desk: &Desk,
) -> Result<Result<(String, Letter), Unwritable>, StoreError> {
    let shop = &desk.shop;
    let (charge, buyer, text) = if order.kind == Kind::Notification {
        let id = notification::id_of(root(message));
        let Some(asked) = notification::rows::find(tx, message.shop, message.world, &id)? else {
            return Ok(Err("its notification is missing".to_owned()));
        };
        let buyer = buyer(rows::buyer(tx, message.shop, message.world, &asked.charge)?.as_deref());
        let tale = Tale::Notification { subject: &asked.subject, body: &asked.body };
        let text = render::write(&tale, order.to, shop, &buyer, message.world);
        (asked.charge, buyer, text)
    } else {
        let Some((data, buyer_json)) = desk.changes.get(root(message)) else {
            return Ok(Err("its event is missing".to_owned()));
        };
        let charge = match facts(data) {
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

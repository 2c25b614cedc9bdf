//! The turn of one order of a request, in three steps: what the acquirer is to be asked is decided and committed, it is
//! asked under the name of the message, and what it answered is committed with everything that follows.

use std::sync::Arc;
use std::time::Duration;

use acquirer::{Answer, Command, Initiator, Inquiry, Merchant, Provider};
use kernel::{ShopId, Timestamp, Yen};
use ledger::{Account, Entry, Line};
use serde::{Deserialize, Serialize};
use store::audit::{self, NewEntry};
use store::outbox::{self, Message};
use store::{ErrorKind, StoreError, Tx, clock};

use super::code::{self, CCS_NORMAL, NO_APPROVAL, NORMAL, Refused};
use super::orders::Order;
use super::rules::Rules;
use super::state::{Act, Kind, Step};
use super::work::Place;
use super::{look, rows};
use crate::market::WORLD;

/// Why entries of this API are posted; nobody else posts entries of this kind.
pub const ENTRY_KIND: &str = "mall.rcard";

/// One order of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Whose.
    pub shop: ShopId,
    /// Of which request.
    pub request: i64,
    /// Its place there, from 0.
    pub position: i64,
    /// 注文番号 as sent.
    pub number: String,
    /// What is asked for.
    pub act: Act,
    /// What the acquirer is asked, once that is decided.
    pub asked: Option<Asked>,
    /// Whether it has a result.
    pub is_done: bool,
}

/// What the acquirer is asked; the same at every try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// What.
    pub step: Step,
    /// The card that an authorization is for, and the order's number for the acquirer's book.
    pub card: String,
    /// World time of the decision, in microseconds.
    pub at_us: i64,
}

/// What an order's turn begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// The acquirer is to be asked.
    Ask(Box<Item>, Asked),
    /// Nothing is to be asked: it has a result.
    Done,
}

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Done; the acquirer's name for what it did.
    Done(String),
    /// Refused, for good.
    Refused(Refused),
    /// Nobody knows; the text says why.
    Unknown(String),
}

/// The result of an order's turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// World time.
    pub registered: Timestamp,
    /// `cardStatus`.
    pub card_status: i64,
    /// `errorCode`.
    pub error_code: String,
    /// `ccsErrorCode`.
    pub ccs_code: String,
    /// `approvalNumber`.
    pub approval: String,
    /// `transactionId`; none where the acquirer was not asked.
    pub transaction: Option<String>,
    /// Yen that it was about, if known.
    pub price: Option<i64>,
    /// How the buyer pays, if known.
    pub pay_type: Option<i64>,
}

/// Who asks the acquirer.
#[derive(Clone)]
pub struct Desk {
    /// The acquirer of cards in [`WORLD`].
    pub cards: Arc<dyn Provider>,
    /// How long it is waited for.
    pub timeout: Duration,
}

/// Begins the turn of the order that `message` stands for: decides what is asked, or that it is refused. `audit_id` is the
/// name of the audit row, fresh and sortable.
pub fn begin(tx: &mut Tx<'_>, message: &Message, audit_id: &str) -> Result<Begun, StoreError> {
    let place: Place = serde_json::from_str(&message.body).map_err(|error| corrupt(error.to_string()))?;
    let shop = message.shop;
    let item = rows::item(tx, shop, place)?.ok_or_else(|| corrupt(format!("message {} has no order", message.id)))?;
    if item.is_done {
        outbox::sent(tx, message)?;
        return Ok(Begun::Done);
    }
    if let Some(asked) = item.asked.clone() {
        return Ok(Begun::Ask(Box::new(item), asked));
    }
    let rules = rows::access(tx, shop)?.map_or(Rules::USUAL, |access| access.rules);
    let order = match item.number.parse() {
        Ok(number) => rows::order_for_update(tx, shop, number)?,
        Err(_) => None,
    };
    let now = clock::world_now(tx, shop, WORLD)?;
    let decided = match &order {
        Some(order) => order.standing.decide(item.act, &rules, now),
        None => Err(Refused::NoOrder),
    };
    match (decided, order) {
        (Ok(step), Some(order)) => {
            let asked = Asked { step, card: order.card.token, at_us: now.micros() };
            tx.execute_all(&[rows::decide(&item, &asked)])?;
            Ok(Begun::Ask(Box::new(item), asked))
        }
        (Ok(_), None) => Err(corrupt("a decision about no order".to_owned())),
        (Err(refused), order) => {
            finish(tx, (message, audit_id), &item, order, &rules, Err(refused))?;
            Ok(Begun::Done)
        }
    }
}

/// Commits what the acquirer answered.
pub fn end(
    tx: &mut Tx<'_>,
    (message, audit_id): (&Message, &str),
    item: &Item,
    answer: Result<&str, Refused>,
) -> Result<(), StoreError> {
    let place = Place { request: item.request, position: item.position };
    let now = rows::item(tx, message.shop, place)?.ok_or_else(|| corrupt("an order's turn is gone".to_owned()))?;
    if now.is_done {
        outbox::sent(tx, message)?;
        return Ok(());
    }
    let rules = rows::access(tx, message.shop)?.map_or(Rules::USUAL, |access| access.rules);
    let number = now.number.parse().map_err(|_| corrupt(format!("{} is no order number", now.number)))?;
    let order = rows::order_for_update(tx, message.shop, number)?;
    finish(tx, (message, audit_id), &now, order, &rules, answer)
}

fn finish(
    tx: &mut Tx<'_>,
    (message, audit_id): (&Message, &str),
    item: &Item,
    order: Option<Order>,
    rules: &Rules,
    answer: Result<&str, Refused>,
) -> Result<(), StoreError> {
    let now = clock::world_now(tx, item.shop, WORLD)?;
    let outcome = outcome(message, item, order.as_ref(), rules, answer, now);
    if let (Ok(reference), Some(order), Some(asked)) = (answer, &order, &item.asked) {
        let at = Timestamp::from_micros(asked.at_us);
        let standing = order.standing.after(&asked.step, reference, at);
        rows::save_order(tx, &Order { standing, version: order.version + 1, ..order.clone() })?;
        if let Some(entry) = entry(order, &asked.step, now)? {
            tx.execute_all(&ledger::post(item.shop, WORLD, &message.id, &entry))?;
        }
    }
    tx.execute_all(&[
        rows::conclude(item, &outcome, order.as_ref()),
        record(tx.machine_now(), audit_id, item, &outcome),
    ])?;
    rows::count_done(tx, item.shop, item.request, now)?;
    outbox::sent(tx, message)?;
    Ok(())
}

fn outcome(
    message: &Message,
    item: &Item,
    order: Option<&Order>,
    rules: &Rules,
    answer: Result<&str, Refused>,
    now: Timestamp,
) -> Outcome {
    let refused = answer.err();
    let kind = item.act.kind();
    let held = order.and_then(|order| order.standing.held());
    let (price, pay_type) = match item.act {
        Act::Authori { price, pay_type } => (Some(price), Some(pay_type)),
        Act::AuthoriCancel | Act::Sales | Act::SalesCancel => {
            (held.map(|held| held.amount.get()), held.map(|held| held.pay_type))
        }
    };
    let approval = match (kind, answer) {
        (Kind::Authori, Ok(reference)) => look::approval_number(reference),
        (Kind::Authori | Kind::AuthoriCancel | Kind::Sales | Kind::SalesCancel, _) => NO_APPROVAL.to_owned(),
    };
    let asked_at = item.asked.as_ref().map(|asked| Timestamp::from_micros(asked.at_us));
    Outcome {
        registered: now,
        card_status: code::card_status(kind, refused.is_none(), rules),
        error_code: refused.map_or(NORMAL, Refused::code).to_owned(),
        ccs_code: refused.map_or(CCS_NORMAL, Refused::ccs_code).to_owned(),
        approval,
        transaction: asked_at.map(|at| look::transaction_id(at, &message.id)),
        price,
        pay_type,
    }
}

/// What the acquirer owes, and what is owed to the shop, changes when money is claimed or given back.
fn entry(order: &Order, step: &Step, now: Timestamp) -> Result<Option<Entry>, StoreError> {
    let (debit, credit, amount) = match step {
        Step::Authorize { .. } | Step::Void { .. } => return Ok(None),
        Step::Capture { amount, .. } => (Account::AcquirerReceivable, Account::MerchantPayable, *amount),
        Step::Refund { amount, .. } => (Account::MerchantPayable, Account::AcquirerReceivable, *amount),
    };
    let amount = Yen::new(amount).map_err(|error| corrupt(error.to_string()))?;
    let lines = vec![Line::new(debit, credit, amount)];
    Ok(Some(Entry::new(ENTRY_KIND, order.number.to_string(), now, lines)))
}

fn record(at: Timestamp, id: &str, item: &Item, outcome: &Outcome) -> store::Statement<'static> {
    let action = match item.act.kind() {
        Kind::Authori => "mall.rcard.authori",
        Kind::AuthoriCancel => "mall.rcard.authori_cancel",
        Kind::Sales => "mall.rcard.sales",
        Kind::SalesCancel => "mall.rcard.sales_cancel",
    };
    let fields = serde_json::json!({
        "request": item.request, "code": &outcome.error_code, "card_status": outcome.card_status, "yen": outcome.price,
    })
    .to_string();
    // What was sent as a number may be anything: only what reads as one is kept.
    let object = item.number.parse::<crate::order::OrderNumber>().map_or("?".to_owned(), |number| number.to_string());
    audit::record(&NewEntry {
        shop: item.shop,
        id,
        at,
        actor: "system",
        origin: "R-Card API",
        action,
        object: &object,
        fields: &fields,
    })
}

impl Desk {
    /// Asks the acquirer under the name of the message. A request that may have been sent before is inquired about first.
    pub async fn ask(&self, message: &Message, item: &Item, asked: &Asked, again: bool) -> Heard {
        let merchant = Merchant { shop: message.shop, environment: WORLD };
        let command = match command(item, asked) {
            Ok(command) => command,
            Err(why) => return Heard::Unknown(why),
        };
        if again {
            match self.in_time(self.cards.inquire(merchant, &message.id)).await {
                Some(Inquiry::Found(answer)) => return heard(answer),
                Some(Inquiry::NeverArrived) => {}
                Some(Inquiry::Unknown(why)) => return Heard::Unknown(why),
                None => return Heard::Unknown("the inquiry was not answered in time".to_owned()),
            }
        }
        let at = Timestamp::from_micros(asked.at_us);
        let request = acquirer::Request { merchant, key: message.id.clone(), command, at };
        match self.in_time(self.cards.execute(request)).await {
            Some(answer) => heard(answer),
            None => Heard::Unknown("the acquirer did not answer in time".to_owned()),
        }
    }

    async fn in_time<T>(&self, answer: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout(self.timeout, answer).await.ok()
    }
}

fn command(item: &Item, asked: &Asked) -> Result<Command, String> {
    let yen = |amount: i64| Yen::new(amount).map_err(|error| error.to_string());
    Ok(match asked.step.clone() {
        Step::Authorize { amount, .. } => Command::Authorize {
            card: asked.card.clone(),
            amount: yen(amount)?,
            order: item.number.clone(),
            initiator: Initiator::Merchant,
        },
        Step::Void { reference } => Command::Void { authorization: reference },
        Step::Capture { reference, amount } => Command::Capture { authorization: reference, amount: yen(amount)? },
        Step::Refund { reference, amount } => Command::Refund { authorization: reference, amount: yen(amount)? },
    })
}

fn heard(answer: Answer) -> Heard {
    match answer {
        Answer::Succeeded(receipt) => Heard::Done(receipt.reference),
        Answer::Refused(refusal) => Heard::Refused(Refused::Card(refusal)),
        Answer::RequiresAction { .. } => Heard::Unknown("an action was required where nobody can act".to_owned()),
        Answer::Unknown(why) => Heard::Unknown(why),
    }
}

fn corrupt(why: String) -> StoreError {
    StoreError::new(ErrorKind::Corrupt, why)
}

//! Operations of the test helpers: an order arrives as a scenario says, and its buyer does something later.

use kernel::ShopId;
use serde::Deserialize;
use serde_json::{Map, Value};
use shop::By;
use store::{StoreError, Tx, clock};

use super::{BadFacts, Scenario, with_facts};
use crate::code::{Kind, Method};
use crate::market::{Seen, Undone, WORLD, act, note, place, rows};
use crate::order::{Address, Card, Order, OrderNumber, Person};
use crate::progress::{Event, Refused};

/// Why a helper did nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unhelped {
    /// The facts make no order.
    #[error(transparent)]
    Facts(#[from] BadFacts),
    /// The market did not do it.
    #[error(transparent)]
    Undone(#[from] Undone),
}

impl From<StoreError> for Unhelped {
    fn from(error: StoreError) -> Unhelped {
        Unhelped::Undone(Undone::Store(error))
    }
}

/// An order arrives now: that of a scenario, with these facts in place of its own. Answers with the order as it arrived.
pub fn arrives(
    tx: &mut Tx<'_>,
    shop: ShopId,
    (scenario, facts): (Scenario, &Map<String, Value>),
    by: &By,
) -> Result<Order, Unhelped> {
    let mall = rows::shop_of(tx, shop)?.ok_or(Undone::NoSuchShop)?;
    let now = clock::world_now(tx, shop, WORLD)?;
    let serial = rows::reserve_serials(tx, shop, 1)?.ok_or(Undone::NoSuchShop)?;
    let made = scenario.order(mall.rms_id, serial, now);
    let (order, script) =
        made.ok_or_else(|| BadFacts::NotUnderstood("the test clock is past what an order number can say".into()))?;
    let (order, script) = with_facts(order, script, facts.clone())?;
    Ok(place(tx, shop, order, script, by)?)
}

/// What a buyer does later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Later {
    /// They pay in.
    Pay(Pay),
    /// They name another way of paying.
    ChangeMethod(ChangeMethod),
    /// They cancel.
    Cancel(Nothing),
    /// They send the goods back.
    ReturnGoods(Nothing),
    /// The recipient of a social gift says where it goes.
    EnterRecipient(EnterRecipient),
    /// The card's issuer takes the money back.
    ChargeBack(Nothing),
}

/// A helper that needs to be told nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// A deposit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pay {
    /// In yen, at least 1; what is left to pay where nobody says.
    #[serde(default)]
    pub amount: Option<u32>,
    /// 振込名義カナ; the orderer's where nobody says.
    #[serde(default)]
    pub name_kana: Option<String>,
}

/// Another way of paying.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeMethod {
    /// 支払方法.
    pub method: Method,
    /// The acquirer's token of the card, or the name of a magic card; `visa` where nobody says.
    #[serde(default)]
    pub card: Option<String>,
}

/// Where a social gift goes; the orderer's where nobody says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnterRecipient {
    /// Who receives it.
    #[serde(default)]
    pub person: Option<Box<Person>>,
    /// Where.
    #[serde(default)]
    pub address: Option<Box<Address>>,
}

/// The buyer of an order does something now. Answers with the order as it is afterwards.
pub fn later(tx: &mut Tx<'_>, shop: ShopId, (number, what): (OrderNumber, &Later), by: &By) -> Result<Order, Undone> {
    if let Later::EnterRecipient(entered) = what {
        note(tx, shop, number, (&by.further(), "mall.recipient"), |seen| recipient(seen, entered))?;
    }
    act(tx, shop, number, by, |seen| event(seen, what))
}

/// The order with the recipient of its gifts written in.
fn recipient(seen: Seen<'_>, entered: &EnterRecipient) -> Result<Order, Undone> {
    let mut order = seen.order.clone();
    let (person, address) = (order.orderer.person.clone(), order.orderer.address.clone());
    let waits =
        |package: &&mut crate::order::Package| package.social_gift.as_ref().is_some_and(|gift| gift.entered.is_none());
    let mut waited = false;
    for package in order.packages.iter_mut().filter(waits) {
        package.person = entered.person.as_deref().unwrap_or(&person).clone();
        package.address = entered.address.as_deref().unwrap_or(&address).clone();
        waited = true;
    }
    if waited { Ok(order) } else { Err(Undone::Refused(Refused::Stale)) }
}

fn event(seen: Seen<'_>, what: &Later) -> Result<Event, Undone> {
    Ok(match what {
        Later::Pay(pay) => deposit(seen.order, pay)?,
        Later::ChangeMethod(change) => {
            let token = change.card.as_deref().unwrap_or("visa");
            let card = (change.method.kind() == Kind::Card).then(|| card(seen.order, token));
            Event::BuyerChangesMethod { method: change.method, card }
        }
        Later::Cancel(_) => Event::BuyerCancels,
        Later::ReturnGoods(_) => Event::GoodsReturned,
        Later::EnterRecipient(_) => Event::RecipientEntered,
        Later::ChargeBack(_) => Event::ChargedBack,
    })
}

fn deposit(order: &Order, pay: &Pay) -> Result<Event, Undone> {
    let left = order.payment().map(|payment| payment.amount - payment.paid_in());
    let amount = pay.amount.map(i64::from).or(left).filter(|amount| *amount > 0);
    let amount = amount.ok_or(Undone::Refused(Refused::Stale))?;
    let name_kana = pay.name_kana.clone().or_else(|| order.orderer.person.family_kana.clone()).unwrap_or_default();
    Ok(Event::Deposited { amount, name_kana })
}

/// A card of the buyer's, as far as anybody may know it.
fn card(order: &Order, token: &str) -> Card {
    Card {
        token: token.to_owned(),
        name: "VISA".to_owned(),
        number: "XXXX-XXXX-XXXX-1111".to_owned(),
        owner: order.orderer.person.family_kana.clone().unwrap_or_default(),
        expires: "2035-12".to_owned(),
        pay_type: 0,
        instalments: None,
    }
}

//! What the simulated buyer of an order does by themselves, when the mall asks them to: pays in, or names another way of
//! paying. It is part of the order's script; a buyer without a script does nothing.

use kernel::{ShopId, Timestamp};
use serde::{Deserialize, Serialize};
use store::Statement;
use store::outbox::{self, NewMessage};

use super::WORLD;
use super::ask::{Errand, TOPIC};
use crate::code::{Kind, Method};
use crate::order::{Card, Order, OrderNumber};
use crate::progress::{Event, Notice};

/// What they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// They pay in: so many yen more than what is asked for, or less.
    PaysIn(i64),
    /// They name another way of paying; a card is one that is always approved.
    Changes(Method),
}

/// A deed on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Due {
    /// Their order.
    pub order: OrderNumber,
    /// What they do.
    pub deed: Deed,
}

impl Due {
    /// The statement that sends it, in the change that made `version` of the order.
    pub fn send(&self, shop: ShopId, version: i64, now: Timestamp, due: Timestamp) -> Statement<'static> {
        let body = serde_json::to_string(&Errand::Buyer(self.clone())).expect("a deed is JSON");
        outbox::enqueue(&NewMessage {
            shop,
            id: &format!("mall-{}-b{version:06}", self.order),
            world: WORLD,
            topic: TOPIC,
            lane: &format!("buyer/{}", self.order),
            body: &body,
            due,
            created: now,
        })
    }
}

impl Deed {
    /// Whether this is what the buyer is asked for.
    pub fn fits(self, notice: Notice) -> bool {
        match self {
            Deed::PaysIn(_) => matches!(notice, Notice::PayHere | Notice::PaidShort),
            Deed::Changes(_) => notice == Notice::ChangeMethod,
        }
    }

    /// What happens to the order then; none if there is nothing left to pay.
    pub fn event(self, order: &Order) -> Option<Event> {
        match self {
            Deed::PaysIn(more) => {
                let payment = order.payment()?;
                let amount = payment.amount - payment.paid_in() + more;
                let name_kana = order.orderer.person.family_kana.clone().unwrap_or_default();
                (amount > 0).then_some(Event::Deposited { amount, name_kana })
            }
            Deed::Changes(method) => {
                let card = (method.kind() == Kind::Card).then(|| approved_card(order));
                Some(Event::BuyerChangesMethod { method, card })
            }
        }
    }
}

/// Another card of theirs.
fn approved_card(order: &Order) -> Card {
    Card {
        token: "visa".into(),
        name: "VISA".into(),
        number: "XXXX-XXXX-XXXX-1111".into(),
        owner: order.orderer.person.family_kana.clone().unwrap_or_default(),
        expires: "2035-12".into(),
        pay_type: 0,
        instalments: None,
    }
}

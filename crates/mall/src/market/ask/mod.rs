//! Requests of the mall to others, as the outbox keeps them: one message for each, in the lane of its order, so that those
//! of one order leave one after another.

pub mod desk;

use kernel::{ShopId, Timestamp};
use serde::{Deserialize, Serialize};
use store::Statement;
use store::outbox::{self, NewMessage};

use super::script::Verdict;
use super::{WORLD, buyer};
use crate::order::OrderNumber;
use crate::progress::Request;

/// Topic of the outbox.
pub const TOPIC: &str = "mall.ask";

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errand {
    /// Somebody is asked for something.
    Ask(Asked),
    /// The simulated buyer does something.
    Buyer(buyer::Due),
}

/// A request on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The order that asks.
    pub order: OrderNumber,
    /// The order's own number for it, which the answer carries.
    pub serial: u32,
    /// What is asked.
    pub request: Request,
    /// What will be answered, if the acquirer of cards is not the one to say.
    pub verdict: Verdict,
}

impl Asked {
    /// The name of the message, and the key under which the acquirer is asked.
    pub fn id(&self) -> String {
        id(self.order, self.serial)
    }

    /// The statement that sends it: it arrives at `due`, world time.
    pub fn send(&self, shop: ShopId, now: Timestamp, due: Timestamp) -> Statement<'static> {
        let body = serde_json::to_string(&Errand::Ask(self.clone())).expect("a request is JSON");
        outbox::enqueue(&NewMessage {
            shop,
            id: &self.id(),
            world: WORLD,
            topic: TOPIC,
            lane: &self.order.to_string(),
            body: &body,
            due,
            created: now,
        })
    }
}

/// The name of the message of a request: of one order, a later one sorts later.
pub fn id(order: OrderNumber, serial: u32) -> String {
    format!("mall-{order}-{serial:010}")
}

//! An attempt: one try to make or change a charge that asks an outside party (design "The write path").
//!
//! Three steps, each its own transaction or call: [`begin`] commits the intent together with the client's idempotency
//! key; [`steps`] asks the acquirer and the point service, each request under a key made of the attempt's id; [`finish`]
//! commits charge, ledger, event, counts and audit row, or the refusal. An attempt whose answer was lost stays running
//! and is settled by [`settle`], which inquires before it asks again.

pub mod begin;
pub mod finish;
pub mod rows;
pub mod settle;
pub mod steps;

use kernel::{ChargeNumber, Environment, ShopId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::charge::item::{Item, Items, ItemsError};
use crate::charge::order::{Address, Buyer, Order, Presence};
use crate::charge::state::{self, Plan, Refused};
use crate::charge::{Charge, Standing, Windows};

/// What an attempt is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// A buyer pays.
    Pay(Box<Order>),
    /// 確定.
    Capture,
    /// キャンセル.
    Cancel,
    /// 金額変更, to these items.
    Change(Items),
    /// The window of a provisional sale closed.
    Expire,
}

impl Work {
    /// The word used in rows and in the audit log.
    pub fn verb(&self) -> &'static str {
        match self {
            Work::Pay(_) => "pay",
            Work::Capture => "capture",
            Work::Cancel => "cancel",
            Work::Change(_) => "change",
            Work::Expire => "expire",
        }
    }

    /// The type of the event (contract "Events and webhooks").
    pub fn event_type(&self) -> &'static str {
        match self {
            Work::Pay(_) => "charge.succeeded",
            Work::Capture => "charge.captured",
            Work::Cancel | Work::Expire => "charge.refunded",
            Work::Change(_) => "charge.updated",
        }
    }

    /// What it does to `standing`; refused if the state does not allow it. For what already exists: not `Pay`.
    pub fn decide(&self, standing: &Standing, now: Timestamp) -> Result<Plan, Refused> {
        match self {
            Work::Pay(order) => Ok(pay_plan(order, now)),
            Work::Capture => standing.capture(now),
            Work::Cancel => standing.cancel(now),
            Work::Change(items) => standing.change(items.total(), now),
            Work::Expire => standing.expire(now),
        }
    }

    /// The text for the attempt's row.
    fn arguments(&self) -> Option<String> {
        let json = match self {
            Work::Pay(order) => serde_json::to_string(&Arguments::of(order)),
            Work::Change(items) => serde_json::to_string(items.list()),
            Work::Capture | Work::Cancel | Work::Expire => return None,
        };
        Some(json.expect("arguments are JSON"))
    }

    /// The work that a row tells of.
    fn from_row(verb: &str, arguments: Option<&str>) -> Result<Work, String> {
        let arguments = || arguments.ok_or_else(|| format!("the attempt to {verb} has no arguments"));
        let broken = |error: serde_json::Error| format!("the arguments of an attempt to {verb}: {error}");
        match verb {
            "pay" => {
                let arguments: Arguments = serde_json::from_str(arguments()?).map_err(broken)?;
                arguments.order().map(|order| Work::Pay(Box::new(order)))
            }
            "capture" => Ok(Work::Capture),
            "cancel" => Ok(Work::Cancel),
            "change" => {
                let items: Vec<Item> = serde_json::from_str(arguments()?).map_err(broken)?;
                Items::new(items).map(Work::Change).map_err(|error| error.to_string())
            }
            "expire" => Ok(Work::Expire),
            other => Err(format!("unknown verb {other:?}")),
        }
    }
}

fn pay_plan(order: &Order, now: Timestamp) -> Plan {
    state::pay(order.items.total(), order.point, order.card.clone(), order.windows, now)
}

/// The order as an attempt's row keeps it until the charge exists.
#[derive(Serialize, Deserialize)]
struct Arguments {
    items: Vec<Item>,
    cart_id: Option<String>,
    point: i64,
    card: Option<String>,
    address: Option<Address>,
    buyer: Buyer,
    open_id: String,
    #[serde(default)]
    presence: Presence,
    #[serde(default)]
    windows: Windows,
}

impl Arguments {
    fn of(order: &Order) -> Arguments {
        Arguments {
            items: order.items.list().to_vec(),
            cart_id: order.cart_id.clone(),
            point: order.point.get(),
            card: order.card.clone(),
            address: order.address.clone(),
            buyer: order.buyer.clone(),
            open_id: order.open_id.clone(),
            presence: order.presence,
            windows: order.windows,
        }
    }

    fn order(self) -> Result<Order, String> {
        Ok(Order {
            items: Items::new(self.items).map_err(|error: ItemsError| error.to_string())?,
            cart_id: self.cart_id,
            point: kernel::Yen::new(self.point).map_err(|error| error.to_string())?,
            card: self.card,
            address: self.address,
            buyer: self.buyer,
            open_id: self.open_id,
            presence: self.presence,
            windows: self.windows,
        })
    }
}

/// Who asked, for the audit row. No personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requester {
    /// `key:cred_…`, `system`.
    pub actor: String,
    /// `api`, `clock`, … and the request's id.
    pub origin: String,
}

/// An attempt that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Whose charge.
    pub shop: ShopId,
    /// In which environment.
    pub environment: Environment,
    /// 32 hex digits, also in the ids of its ledger entry, event, audit row and of every request that it sends.
    pub id: String,
    /// The charge.
    pub charge: ChargeNumber,
    /// What it is to do.
    pub work: Work,
    /// Who asked.
    pub requester: Requester,
    /// World time of the intent; the change counts from here.
    pub begun: Timestamp,
    /// How often its outcome was asked for.
    pub tries: u32,
    /// The buyer who is at the provider's page, if one was sent there.
    pub waits: Option<Waits>,
}

/// What an attempt waits for: the buyer, who was sent to the provider's page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waits {
    /// Until when, machine time; then the action counts as abandoned.
    pub until: Timestamp,
    /// The provider's page.
    pub url: String,
}

/// An attempt with everything that its steps and its end need.
#[derive(Clone, Debug)]
pub struct Intent {
    /// The attempt.
    pub attempt: Attempt,
    /// The charge before the change; none for `Pay`.
    pub before: Option<Charge>,
    /// What is to be done.
    pub plan: Plan,
}

impl Intent {
    /// The intent of an attempt that is running, made again: nothing changes the charge meanwhile.
    pub fn again(attempt: Attempt, before: Option<Charge>) -> Result<Intent, Refused> {
        let plan = match (&attempt.work, &before) {
            (Work::Pay(order), _) => pay_plan(order, attempt.begun),
            (work, Some(charge)) => work.decide(&charge.standing, attempt.begun)?,
            (_, None) => return Err(Refused::AlreadyCancelled),
        };
        Ok(Intent { attempt, before, plan })
    }
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The charge is changed.
    Succeeded,
    /// An outside party said no; the code is its reason.
    Refused(String),
}

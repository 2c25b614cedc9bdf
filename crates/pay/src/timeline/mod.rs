//! 経過: everything that happened with one order, oldest first: its money and status, mails, deliveries to the shop's
//! server, what was sent again, and who did it.
//!
//! Nothing is written for it. An attempt has its audit row, ledger entry and event under one id
//! (docs/adr/0003-one-id.md), and mails and deliveries carry that id in theirs, so the whole is found by keys.

mod operations;
mod order;
mod rows;

use serde::Serialize;

pub use operations::of_charge;

/// Entries of each source at the most, the newest of them.
pub const EACH_MAX: i64 = 200;

/// What happened with an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Timeline {
    /// `timeline`.
    pub object: &'static str,
    /// 注文番号.
    pub charge: String,
    /// Oldest first.
    pub data: Vec<Entry>,
    /// Whether older entries were left out.
    pub truncated: bool,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Machine time, microseconds since 1970 UTC. What follows from a change stands after it, whatever the clocks said.
    pub at_us: i64,
    /// World time, microseconds since 1970 UTC; null for what only machine time is known of.
    pub world_us: Option<i64>,
    /// Who; null for what happened by itself.
    pub actor: Option<Actor>,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Actor {
    /// As the audit log names it.
    pub id: String,
    /// What kind of actor.
    pub kind: ActorKind,
    /// The name of a member of the staff, the label of a token; null where there is none.
    pub name: Option<String>,
}

/// What kind of actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A member of the staff.
    Staff,
    /// A program of the shop, by a token.
    Token,
    /// A program of the shop, by a private key.
    Key,
    /// Who bought.
    Buyer,
    /// This server.
    System,
}

impl ActorKind {
    /// What kind of actor an audit row names.
    pub fn of(id: &str) -> ActorKind {
        match id.split_once(':') {
            Some(("staff", _)) => ActorKind::Staff,
            Some(("token", _)) => ActorKind::Token,
            Some(("key", _)) => ActorKind::Key,
            _ if id.starts_with("buyer_") => ActorKind::Buyer,
            _ => ActorKind::System,
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum What {
    /// Money and status changed, or were to.
    Change(Change),
    /// A mail was made.
    Mail(MailMade),
    /// The shop's server was told, or was to be.
    Delivery(Delivery),
    /// Something was sent again.
    SentAgain(SentAgain),
}

/// An attempt to make or change the charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The attempt.
    pub attempt: String,
    /// `pay`, `capture`, `cancel`, `change` or `expire`.
    pub verb: String,
    /// `running`, `succeeded` or `refused`.
    pub outcome: String,
    /// Why it was refused.
    pub refusal: Option<String>,
    /// The state before and after: `authorized`, `captured`, `cancelled`.
    pub state: Option<Pair<String>>,
    /// The total before and after, in yen.
    pub amount: Option<Pair<i64>>,
    /// The points in it before and after, in yen.
    pub point: Option<Pair<i64>>,
    /// What the ledger owes the shop more (or less, below zero) since, in yen; 0 if nothing was posted.
    pub posted: i64,
}

/// A value before and after a change; there is none before the first.
pub type Pair<T> = (Option<T>, T);

/// A mail about the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MailMade {
    /// Its id.
    pub mail: String,
    /// `notification`, `captured`, `cancelled`, `expired` or `changed`.
    pub kind: String,
    /// `buyer` or `shop`.
    pub recipient: String,
    /// What became of it: `waiting`, `kept`, `sent`, `nobody`, `refused` or `given_up`.
    pub outcome: String,
}

/// One try to tell the shop's server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// Its name in the log.
    pub attempt: String,
    /// Of which event.
    pub event: String,
    /// Its type.
    pub event_type: String,
    /// To which endpoint.
    pub endpoint: String,
    /// Which try, from 1.
    pub number: Option<i64>,
    /// `delivered`, `refused` or `unanswered`.
    pub outcome: String,
    /// HTTP status of the answer.
    pub status: Option<i64>,
    /// How long it took, in microseconds.
    pub took_us: i64,
}

/// Somebody sent something again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SentAgain {
    /// `webhook.resend` or `mail.resend`.
    pub action: String,
    /// Which event, or which mail.
    pub of: String,
}

//! The points port: a buyer's points are held, used and given back, under the same rules as money on a card.
//!
//! One point is one yen. The rules of [`crate::port`] hold word by word: a key of our own on every request; only
//! [`Answer::Succeeded`] and [`Answer::Refused`] end an attempt; [`Answer::Unknown`] is settled by inquiry, or by
//! sending the same request again.
//!
//! A hold takes points from the buyer's account. Using turns held points into used ones, all at once or bit by bit;
//! what is neither used nor given back stays held. Giving back works before and after use: it takes from what is still
//! held first, then from what was used.

use std::str::FromStr;

use kernel::{Timestamp, Yen};

use crate::port::{BoxFuture, Merchant, Receipt};

/// A points service.
pub trait PointsProvider: Send + Sync + 'static {
    /// A short name for logs and configuration.
    fn name(&self) -> &'static str;

    /// Whether buyers' real points move. Live keys take no points through a provider that says no.
    fn takes_real_points(&self) -> bool;

    /// Asks for something to be done, once for each key, however often it is sent.
    fn execute<'a>(&'a self, request: Request) -> BoxFuture<'a, Answer>;

    /// How many points the account has; `Err` says why that is not known now.
    fn balance<'a>(&'a self, merchant: Merchant, account: &'a str) -> BoxFuture<'a, Result<Yen, String>>;

    /// Asks what became of the request under `key`; changes nothing.
    fn inquire<'a>(&'a self, merchant: Merchant, key: &'a str) -> BoxFuture<'a, Inquiry>;
}

/// One request to a points service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// On whose behalf.
    pub merchant: Merchant,
    /// Our own idempotency key, unique within the merchant's points requests for ever.
    pub key: String,
    /// What is to be done.
    pub command: Command,
    /// World time of the request, for the service's book.
    pub at: Timestamp,
}

/// What can be asked of a points service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Take points from the buyer's account and hold them.
    Hold {
        /// The buyer: the open id.
        account: String,
        /// How many, one yen each.
        points: Yen,
    },
    /// Use held points; what is not used stays held.
    Use {
        /// The reference that the hold was answered with.
        hold: String,
        /// How many: at most what is still held.
        points: Yen,
    },
    /// Give points back to the account, before or after they were used.
    GiveBack {
        /// The reference that the hold was answered with.
        hold: String,
        /// How many: at most what is held and used together.
        points: Yen,
    },
}

/// What a points service answered, or that it did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done; the reference is the hold's after `Hold`, otherwise the operation's.
    Succeeded(Receipt),
    /// It was not done, and never will be under this key.
    Refused(Refusal),
    /// Nobody knows; the text says why, for the log. To be settled by inquiry.
    Unknown(String),
}

/// What a points service says of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inquiry {
    /// The request arrived and was answered so (never [`Answer::Unknown`]).
    Found(Answer),
    /// No request under this key has had an effect so far; see [`crate::Inquiry::NeverArrived`].
    NeverArrived,
    /// The inquiry itself got no answer; the text says why.
    Unknown(String),
}

/// Why a points service refused. `Display` is an English sentence, [`Refusal::code`] never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// The account has fewer points.
    #[error("The buyer does not have enough points.")]
    InsufficientPoints,
    /// The merchant has no hold of this name.
    #[error("The hold is unknown.")]
    UnknownHold,
    /// More than is held, or than is held and used.
    #[error("The points are more than are left.")]
    PointsExceeded,
    /// Another request was sent under this key before.
    #[error("The key was used for another request.")]
    KeyReused,
}

impl Refusal {
    /// Every refusal.
    pub const ALL: [Refusal; 4] =
        [Refusal::InsufficientPoints, Refusal::UnknownHold, Refusal::PointsExceeded, Refusal::KeyReused];

    /// The word used in rows and answers.
    pub fn code(self) -> &'static str {
        match self {
            Refusal::InsufficientPoints => "insufficient_points",
            Refusal::UnknownHold => "unknown_hold",
            Refusal::PointsExceeded => "points_exceeded",
            Refusal::KeyReused => "key_reused",
        }
    }
}

/// The text is no code of a refusal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown refusal {0:?}")]
pub struct UnknownRefusal(pub String);

impl FromStr for Refusal {
    type Err = UnknownRefusal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Refusal::ALL.into_iter().find(|refusal| refusal.code() == text);
        known.ok_or_else(|| UnknownRefusal(text.to_owned()))
    }
}

//! The card port: what we ask an acquirer, and what it may answer.
//!
//! Every request goes out under a key of our own. The rules, for who asks and for who answers:
//!
//! - Only [`Answer::Succeeded`] and [`Answer::Refused`] end an attempt; [`Answer::RequiresAction`] waits for the buyer.
//! - [`Answer::Unknown`], a time-out of the caller, or a crash between asking and noting the answer leave the attempt
//!   open. It is settled by [`Provider::inquire`] or by sending the same request again, never guessed.
//! - Sending the same request under the same key again is safe: it has one effect and gets the first answer. Another
//!   request under a used key is refused as [`Refusal::KeyReused`] and changes nothing.
//! - [`Inquiry::NeverArrived`] says that the request has had no effect *so far*. A request that may still be on its way
//!   can arrive later, so an attempt is given up only by sending it again and undoing what it did.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::str::FromStr;

use kernel::{Environment, ShopId, Timestamp, Yen};

use crate::card::{CardDetails, CardToken, SecurityCode, TokenizeRefused};
use crate::refusal::Refusal;

/// What the methods of a port return, so that providers can stand behind `Arc<dyn Provider>`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A card acquirer.
pub trait Provider: Send + Sync + 'static {
    /// A short name for logs and configuration.
    fn name(&self) -> &'static str;

    /// Whether buyers' real money moves. Live keys take no payment through a provider that says no.
    fn takes_real_money(&self) -> bool;

    /// Hands a card over and gets a token that stands for it. Not under a key: a second token does no harm.
    fn tokenize<'a>(
        &'a self,
        merchant: Merchant,
        card: CardDetails,
    ) -> BoxFuture<'a, Result<CardToken, TokenizeRefused>>;

    /// Asks for something to be done, once for each key, however often it is sent.
    fn execute<'a>(&'a self, request: Request) -> BoxFuture<'a, Answer>;

    /// Asks what became of the request under `key`; changes nothing.
    fn inquire<'a>(&'a self, merchant: Merchant, key: &'a str) -> BoxFuture<'a, Inquiry>;

    /// Hands over the security code of a card that has a token already, for the authorization that follows. Wrong only
    /// in its form: whether it is the card's, the authorization says.
    fn take_security_code<'a>(
        &'a self,
        merchant: Merchant,
        token: &'a str,
        code: SecurityCode,
    ) -> BoxFuture<'a, Result<(), TokenizeRefused>>;

    /// What the provider saw a buyer do who was sent to the address of [`Answer::RequiresAction`]; none as long as he is
    /// not done there.
    fn action_outcome<'a>(&'a self, merchant: Merchant, authorization: &'a str)
    -> BoxFuture<'a, Option<ActionOutcome>>;

    /// What the simulated buyer does with the action that this authorization requires; none where buyers are people.
    fn simulated_buyer<'a>(
        &'a self,
        _merchant: Merchant,
        _authorization: &'a str,
    ) -> BoxFuture<'a, Option<ActionOutcome>> {
        Box::pin(std::future::ready(None))
    }
}

/// On whose behalf: the acquirer keeps merchants apart, and a merchant's environments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Merchant {
    /// The shop.
    pub shop: ShopId,
    /// The environment of the charge.
    pub environment: Environment,
}

/// One request to an acquirer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// On whose behalf.
    pub merchant: Merchant,
    /// Our own idempotency key, unique within the merchant for ever.
    pub key: String,
    /// What is to be done.
    pub command: Command,
    /// World time of the request: what the acquirer's book shows and what a card's expiry is compared with.
    pub at: Timestamp,
}

/// What can be asked of an acquirer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Hold an amount on a card.
    Authorize {
        /// The card's token.
        card: String,
        /// How much, in yen.
        amount: Yen,
        /// Our order number, for the acquirer's book.
        order: String,
        /// Whether the buyer can be asked for an action.
        initiator: Initiator,
    },
    /// Go on after the buyer came back from the address of [`Answer::RequiresAction`].
    CompleteAction {
        /// The authorization that required the action.
        authorization: String,
        /// What the buyer came back with.
        outcome: ActionOutcome,
    },
    /// Claim a held amount. Once only; what is not claimed is released.
    Capture {
        /// The authorization.
        authorization: String,
        /// How much, in yen: at most what is authorized.
        amount: Yen,
    },
    /// Release a held amount.
    Void {
        /// The authorization.
        authorization: String,
    },
    /// Return a captured amount, or a part of it.
    Refund {
        /// The authorization.
        authorization: String,
        /// How much, in yen: at most what is captured and not yet refunded.
        amount: Yen,
    },
}

/// Who starts an authorization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Initiator {
    /// The buyer, who is present and can be sent through 3-D Secure.
    Buyer,
    /// The merchant, for an order that the buyer made before: no action is required.
    Merchant,
}

/// What the buyer came back with from 3-D Secure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActionOutcome {
    /// Authenticated.
    Passed,
    /// Not authenticated.
    Failed,
    /// Went away, or closed the page.
    Abandoned,
}

impl ActionOutcome {
    /// Every outcome.
    pub const ALL: [ActionOutcome; 3] = [ActionOutcome::Passed, ActionOutcome::Failed, ActionOutcome::Abandoned];

    /// `passed`, `failed` or `abandoned`.
    pub fn as_str(self) -> &'static str {
        match self {
            ActionOutcome::Passed => "passed",
            ActionOutcome::Failed => "failed",
            ActionOutcome::Abandoned => "abandoned",
        }
    }
}

impl fmt::Display for ActionOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is none of `passed`, `failed`, `abandoned`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown outcome {0:?}: expected passed, failed or abandoned")]
pub struct UnknownActionOutcome(pub String);

impl FromStr for ActionOutcome {
    type Err = UnknownActionOutcome;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = ActionOutcome::ALL.into_iter().find(|outcome| outcome.as_str() == text);
        known.ok_or_else(|| UnknownActionOutcome(text.to_owned()))
    }
}

/// What an acquirer answered, or that it did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Succeeded(Receipt),
    /// The buyer must act first: the authorization exists, but holds nothing yet.
    RequiresAction {
        /// The authorization that [`Command::CompleteAction`] goes on with.
        authorization: String,
        /// Where the buyer goes; where he comes back to is appended as `?back=`, a path of ours.
        url: String,
    },
    /// It was not done, and never will be under this key.
    Refused(Refusal),
    /// Nobody knows; the text says why, for the log. To be settled by inquiry.
    Unknown(String),
}

/// The acquirer's name for what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The authorization, after `Authorize` and `CompleteAction`; otherwise the operation.
    pub reference: String,
}

/// What an acquirer says of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inquiry {
    /// The request arrived and was answered so (never [`Answer::Unknown`]).
    Found(Answer),
    /// No request under this key has had an effect so far.
    NeverArrived,
    /// The inquiry itself got no answer; the text says why.
    Unknown(String),
}

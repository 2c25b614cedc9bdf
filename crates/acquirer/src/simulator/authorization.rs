//! An authorization in the simulator's book: pure states and decisions.
//!
//! | state | complete action | capture | void | refund |
//! |---|---|---|---|---|
//! | action required | authorized or declined | – | voided | – |
//! | authorized | – | captured | voided | – |
//! | captured | – | – | – | captured, or refunded when nothing is left |
//! | voided, refunded, declined | – | – | – | – |

use std::fmt;
use std::str::FromStr;

use kernel::Yen;

use super::magic::{Happens, MagicCard};
use crate::port::{ActionOutcome, Initiator};
use crate::refusal::Refusal;

/// Where an authorization stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// The buyer must act first; nothing is held.
    ActionRequired,
    /// The amount is held.
    Authorized,
    /// The amount, or a part of it, was claimed; something of that is not refunded.
    Captured,
    /// Released before it was captured.
    Voided,
    /// All that was captured is refunded.
    Refunded,
    /// Refused, at once or after the action; nothing is held.
    Declined,
}

impl State {
    /// Every state.
    pub const ALL: [State; 6] =
        [State::ActionRequired, State::Authorized, State::Captured, State::Voided, State::Refunded, State::Declined];

    /// The word used in rows.
    pub fn as_str(self) -> &'static str {
        match self {
            State::ActionRequired => "action_required",
            State::Authorized => "authorized",
            State::Captured => "captured",
            State::Voided => "voided",
            State::Refunded => "refunded",
            State::Declined => "declined",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no state's word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown state of an authorization: {0:?}")]
pub struct UnknownState(pub String);

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        State::ALL.into_iter().find(|state| state.as_str() == text).ok_or_else(|| UnknownState(text.to_owned()))
    }
}

/// The part of an authorization that changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub state: State,
    pub captured: Yen,
    pub refunded: Yen,
}

impl Standing {
    pub fn new(state: State) -> Standing {
        Standing { state, captured: Yen::ZERO, refunded: Yen::ZERO }
    }
}

/// An authorization, as the decisions see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Authorization {
    pub amount: Yen,
    pub standing: Standing,
    pub magic: Option<&'static MagicCard>,
    /// What the buyer did on the page of 3-D Secure, if one was there.
    pub acted: Option<ActionOutcome>,
}

/// What can be done to an authorization that exists.
#[derive(Clone, Copy, Debug)]
pub(super) enum Verb {
    Complete(ActionOutcome),
    Capture(Yen),
    Void,
    Refund(Yen),
}

/// The answer to a verb, and where it leaves the authorization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    pub refused: Option<Refusal>,
    pub standing: Standing,
}

/// How an authorization begins.
pub(super) fn open(magic: Option<&'static MagicCard>, has_expired: bool, initiator: Initiator) -> Decision {
    if has_expired {
        return Decision { refused: Some(Refusal::ExpiredCard), standing: Standing::new(State::Declined) };
    }
    let (state, refused) = match magic.map_or(Happens::Approved, |card| card.happens) {
        Happens::Approved | Happens::CaptureRefused | Happens::Mishap(..) => (State::Authorized, None),
        Happens::Declined(refusal) => (State::Declined, Some(refusal)),
        Happens::ActionRequired(_) => match initiator {
            Initiator::Buyer => (State::ActionRequired, None),
            Initiator::Merchant => (State::Authorized, None),
        },
    };
    Decision { refused, standing: Standing::new(state) }
}

impl Authorization {
    /// What becomes of `verb`.
    pub fn decide(&self, verb: Verb) -> Decision {
        let moved = match verb {
            Verb::Complete(outcome) => return self.complete(outcome),
            Verb::Capture(amount) => self.capture(amount),
            Verb::Void => self.void(),
            Verb::Refund(amount) => self.refund(amount),
        };
        match moved {
            Ok(standing) => Decision { refused: None, standing },
            Err(refusal) => self.unchanged(refusal),
        }
    }

    /// What the simulated buyer does, if an action is required.
    pub fn simulated_buyer(&self) -> Option<ActionOutcome> {
        match (self.standing.state, self.magic?.happens) {
            (State::ActionRequired, Happens::ActionRequired(outcome)) => Some(outcome),
            (_, Happens::ActionRequired(_)) => None,
            (_, Happens::Approved | Happens::Declined(_) | Happens::CaptureRefused | Happens::Mishap(..)) => None,
        }
    }

    /// What the issuer saw the buyer do counts as much as what the caller says of it: both must have passed.
    fn complete(&self, claimed: ActionOutcome) -> Decision {
        let Some(seen) = self.simulated_buyer().map(|otherwise| self.acted.unwrap_or(otherwise)) else {
            return self.unchanged(Refusal::NotInThatState);
        };
        let refused = match (claimed, seen) {
            (ActionOutcome::Passed, ActionOutcome::Passed) => None,
            (ActionOutcome::Failed, _) | (ActionOutcome::Passed, ActionOutcome::Failed) => {
                Some(Refusal::AuthenticationFailed)
            }
            (ActionOutcome::Abandoned, _) | (ActionOutcome::Passed, ActionOutcome::Abandoned) => {
                Some(Refusal::AuthenticationAbandoned)
            }
        };
        let state = if refused.is_some() { State::Declined } else { State::Authorized };
        Decision { refused, standing: Standing::new(state) }
    }

    fn capture(&self, amount: Yen) -> Result<Standing, Refusal> {
        match self.standing.state {
            State::Authorized if amount > self.amount => Err(Refusal::AmountExceeded),
            State::Authorized if self.magic.is_some_and(|card| card.happens == Happens::CaptureRefused) => {
                Err(Refusal::CaptureRefused)
            }
            State::Authorized => Ok(Standing { state: State::Captured, captured: amount, refunded: Yen::ZERO }),
            State::ActionRequired | State::Captured | State::Voided | State::Refunded | State::Declined => {
                Err(Refusal::NotInThatState)
            }
        }
    }

    fn void(&self) -> Result<Standing, Refusal> {
        match self.standing.state {
            State::ActionRequired | State::Authorized => Ok(Standing::new(State::Voided)),
            State::Captured | State::Voided | State::Refunded | State::Declined => Err(Refusal::NotInThatState),
        }
    }

    fn refund(&self, amount: Yen) -> Result<Standing, Refusal> {
        let Standing { state, captured, refunded } = self.standing;
        match state {
            State::Captured => {
                let refunded = refunded.checked_add(amount).map_err(|_| Refusal::AmountExceeded)?;
                if refunded > captured {
                    return Err(Refusal::AmountExceeded);
                }
                let state = if refunded == captured { State::Refunded } else { State::Captured };
                Ok(Standing { state, captured, refunded })
            }
            State::ActionRequired | State::Authorized | State::Voided | State::Refunded | State::Declined => {
                Err(Refusal::NotInThatState)
            }
        }
    }

    fn unchanged(&self, refusal: Refusal) -> Decision {
        Decision { refused: Some(refusal), standing: self.standing }
    }
}

//! One card request against the simulator's book: load, decide, save, in one transaction of that book.

use kernel::{Timestamp, Yen};
use store::{StoreError, Tx};

use super::Undone;
use super::authorization::{self, Authorization, Decision, State, Verb};
use super::magic::{Mishap, magic_card};
use super::rows;
use crate::port::{Answer, Command, Initiator, Merchant, Receipt, Request};
use crate::refusal::Refusal;

/// What was asked for; the word in rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Authorize,
    CompletePassed,
    CompleteFailed,
    CompleteAbandoned,
    Capture,
    Void,
    Refund,
}

impl Kind {
    const ALL: [Kind; 7] = [
        Kind::Authorize,
        Kind::CompletePassed,
        Kind::CompleteFailed,
        Kind::CompleteAbandoned,
        Kind::Capture,
        Kind::Void,
        Kind::Refund,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Authorize => "authorize",
            Kind::CompletePassed => "complete_passed",
            Kind::CompleteFailed => "complete_failed",
            Kind::CompleteAbandoned => "complete_abandoned",
            Kind::Capture => "capture",
            Kind::Void => "void",
            Kind::Refund => "refund",
        }
    }
}

/// The text is no kind's word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind of operation: {0:?}")]
pub(super) struct UnknownKind(String);

impl std::str::FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// How it ended; the word in rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Succeeded,
    RequiresAction,
    Refused(Refusal),
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Succeeded => "succeeded",
            Outcome::RequiresAction => "requires_action",
            Outcome::Refused(refusal) => refusal.code(),
        }
    }
}

impl std::str::FromStr for Outcome {
    type Err = crate::refusal::UnknownRefusal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "succeeded" => Ok(Outcome::Succeeded),
            "requires_action" => Ok(Outcome::RequiresAction),
            code => code.parse().map(Outcome::Refused),
        }
    }
}

/// One row of the log: what was asked for, and the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Operation {
    pub kind: Kind,
    /// The authorization made or named; none if there is none.
    pub authorization: Option<String>,
    pub card: Option<String>,
    pub order: Option<String>,
    pub amount: Option<Yen>,
    pub outcome: Outcome,
    pub reference: Option<String>,
}

impl Operation {
    /// The request as a row whose answer is still to be filled in. Names that cannot be ours are not kept: nobody knows
    /// what was typed there.
    fn asked(command: &Command) -> Operation {
        let asked = |kind, authorization: &str, amount| Operation {
            kind,
            authorization: is_name(authorization, "auth_").then(|| authorization.to_owned()),
            card: None,
            order: None,
            amount,
            outcome: Outcome::Succeeded,
            reference: None,
        };
        match command {
            Command::Authorize { card, amount, order, initiator: _ } => Operation {
                card: (is_name(card, "tok_") || magic_card(card).is_some()).then(|| card.clone()),
                order: Some(order.clone()),
                ..asked(Kind::Authorize, "", Some(*amount))
            },
            Command::CompleteAction { authorization, outcome } => {
                use crate::port::ActionOutcome::{Abandoned, Failed, Passed};
                let kind = match outcome {
                    Passed => Kind::CompletePassed,
                    Failed => Kind::CompleteFailed,
                    Abandoned => Kind::CompleteAbandoned,
                };
                asked(kind, authorization, None)
            }
            Command::Capture { authorization, amount } => asked(Kind::Capture, authorization, Some(*amount)),
            Command::Void { authorization } => asked(Kind::Void, authorization, None),
            Command::Refund { authorization, amount } => asked(Kind::Refund, authorization, Some(*amount)),
        }
    }

    /// Whether `other` is the same request; the authorization that an authorize made is part of its answer.
    fn asks_the_same(&self, other: &Operation) -> bool {
        let same_authorization = self.kind == Kind::Authorize || self.authorization == other.authorization;
        let asked = |operation: &Operation| (operation.kind, operation.amount);
        asked(self) == asked(other) && self.card == other.card && self.order == other.order && same_authorization
    }

    /// The answer that was given.
    pub fn answer(&self, action_url: &str) -> Answer {
        match self.outcome {
            Outcome::Refused(refusal) => Answer::Refused(refusal),
            Outcome::Succeeded => Answer::Succeeded(Receipt { reference: self.reference.clone().unwrap_or_default() }),
            Outcome::RequiresAction => {
                let authorization = self.authorization.clone().unwrap_or_default();
                let url = format!("{action_url}{authorization}");
                Answer::RequiresAction { authorization, url }
            }
        }
    }
}

/// An answer, and what happens to it on its way.
#[derive(Clone, Debug)]
pub(super) struct Executed {
    pub answer: Answer,
    pub mishap: Option<Mishap>,
}

/// What is handed in: the operation may run again, so it makes nothing up itself.
#[derive(Clone, Debug)]
pub(super) struct Given {
    /// 32 random hex digits.
    pub random: String,
    /// Where buyers go for an action; the authorization is appended.
    pub action_url: String,
}

/// Executes a request, or finds the answer it got before.
pub(super) fn execute(tx: &mut Tx<'_>, request: &Request, given: &Given) -> Result<Executed, Undone> {
    match &request.command {
        Command::Authorize { card, amount, initiator, .. } => authorize(tx, request, given, card, *amount, *initiator),
        Command::CompleteAction { authorization, outcome } => {
            change(tx, request, given, authorization, Verb::Complete(*outcome))
        }
        Command::Capture { authorization, amount } => change(tx, request, given, authorization, Verb::Capture(*amount)),
        Command::Void { authorization } => change(tx, request, given, authorization, Verb::Void),
        Command::Refund { authorization, amount } => change(tx, request, given, authorization, Verb::Refund(*amount)),
    }
}

fn authorize(
    tx: &mut Tx<'_>,
    request: &Request,
    given: &Given,
    card: &str,
    amount: Yen,
    initiator: Initiator,
) -> Result<Executed, Undone> {
    let mut operation = Operation::asked(&request.command);
    let loaded = rows::load_card(tx, request.merchant, &request.key, card)?;
    if let Some(earlier) = loaded.earlier {
        return Ok(again(&earlier, &operation, given));
    }
    let known = match (magic_card(card), loaded.card) {
        (Some(magic), _) => Some((Some(magic), false)),
        (None, Some(kept)) => {
            let expired = crate::card::has_expired(kept.expiry_year, kept.expiry_month, request.at);
            Some((kept.magic, expired))
        }
        (None, None) => None,
    };
    let Some((magic, expired)) = known else {
        operation.outcome = Outcome::Refused(Refusal::UnknownCard);
        return save(tx, request, given, operation, None, None);
    };
    let mishap = magic.and_then(|magic| magic.mishap_at(&request.command));
    if mishap == Some(Mishap::RequestLost) && rows::lose_request(tx, request)? {
        return Ok(lost());
    }
    let Decision { refused, standing } = authorization::open(magic, expired, initiator);
    let name = authorization_name(request.at, &given.random);
    operation.authorization = Some(name.clone());
    operation.outcome = match (refused, standing.state) {
        (Some(refusal), _) => Outcome::Refused(refusal),
        (None, State::ActionRequired) => Outcome::RequiresAction,
        (None, State::Authorized | State::Captured | State::Voided | State::Refunded | State::Declined) => {
            operation.reference = Some(name);
            Outcome::Succeeded
        }
    };
    let opened = Authorization { amount, standing, magic, acted: None };
    save(tx, request, given, operation, Some(rows::Change::Open(opened)), mishap)
}

fn change(tx: &mut Tx<'_>, request: &Request, given: &Given, name: &str, verb: Verb) -> Result<Executed, Undone> {
    let mut operation = Operation::asked(&request.command);
    let loaded = rows::load_authorization(tx, request.merchant, &request.key, name)?;
    if let Some(earlier) = loaded.earlier {
        return Ok(again(&earlier, &operation, given));
    }
    let Some(authorization) = loaded.authorization else {
        operation.outcome = Outcome::Refused(Refusal::UnknownAuthorization);
        return save(tx, request, given, operation, None, None);
    };
    let mishap = authorization.magic.and_then(|magic| magic.mishap_at(&request.command));
    if mishap == Some(Mishap::RequestLost) && rows::lose_request(tx, request)? {
        return Ok(lost());
    }
    let Decision { refused, standing } = authorization.decide(verb);
    match refused {
        Some(refusal) => operation.outcome = Outcome::Refused(refusal),
        None => operation.reference = Some(reference(operation.kind, name, &given.random)),
    }
    let moved = (standing != authorization.standing)
        .then_some(rows::Change::Move { from: authorization.standing, to: standing });
    save(tx, request, given, operation, moved, mishap)
}

fn save(
    tx: &mut Tx<'_>,
    request: &Request,
    given: &Given,
    operation: Operation,
    change: Option<rows::Change>,
    mishap: Option<Mishap>,
) -> Result<Executed, Undone> {
    if rows::save(tx, request, &operation, change)? {
        Ok(Executed { answer: operation.answer(&given.action_url), mishap })
    } else {
        Err(Undone::Raced)
    }
}

/// The key was used before: the same request gets its first answer, at once; another one is refused.
fn again(earlier: &Operation, asked: &Operation, given: &Given) -> Executed {
    let same = earlier.asks_the_same(asked);
    let answer = if same { earlier.answer(&given.action_url) } else { Answer::Refused(Refusal::KeyReused) };
    Executed { answer, mishap: None }
}

fn lost() -> Executed {
    Executed { answer: Answer::Unknown("the request got lost".into()), mishap: Some(Mishap::RequestLost) }
}

/// The answer that was given under `key`.
pub(super) fn find(
    tx: &mut Tx<'_>,
    merchant: Merchant,
    key: &str,
    action_url: &str,
) -> Result<Option<Answer>, StoreError> {
    Ok(rows::find_operation(tx, merchant, key)?.map(|operation| operation.answer(action_url)))
}

/// Names begin with their time, so that rows made together lie together; 64 random bits make them unguessable.
fn authorization_name(at: Timestamp, random: &str) -> String {
    format!("auth_{:016x}{}", at.micros(), &random[..16])
}

/// What the answer to a verb that succeeded refers to.
fn reference(kind: Kind, authorization: &str, random: &str) -> String {
    match kind {
        Kind::Authorize | Kind::CompletePassed | Kind::CompleteFailed | Kind::CompleteAbandoned => {
            authorization.to_owned()
        }
        Kind::Capture => format!("cap_{random}"),
        Kind::Void => format!("void_{random}"),
        Kind::Refund => format!("ref_{random}"),
    }
}

/// Whether `text` is the prefix and 32 lower-case hex digits.
pub(super) fn is_name(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| {
        rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
    })
}

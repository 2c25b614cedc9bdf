//! The simulator's points service: accounts and holds in the same book, load, decide, save in one transaction of it.
//!
//! Every account opens with [`OPENING_POINTS`] in each shop and environment; one whose name ends in `/empty` with none.

pub(super) mod rows;

use kernel::{Timestamp, Yen};
use store::{StoreError, Tx};

use super::Undone;
use super::operation::is_name;
use crate::points::{Answer, Command, Refusal, Request};
use crate::port::{Merchant, Receipt};

/// What an account opens with.
pub const OPENING_POINTS: i64 = 100_000;
/// How the name of an account ends that opens with nothing.
pub const EMPTY_ACCOUNT_SUFFIX: &str = "/empty";

/// What this account opens with.
pub(super) fn opening(account: &str) -> Yen {
    if account.ends_with(EMPTY_ACCOUNT_SUFFIX) {
        return Yen::ZERO;
    }
    Yen::new(OPENING_POINTS).expect("the opening balance is an amount")
}

/// What was asked for; the word in rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Hold,
    Use,
    GiveBack,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Hold => "hold",
            Kind::Use => "use",
            Kind::GiveBack => "give_back",
        }
    }
}

/// The text is no kind's word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind of points operation: {0:?}")]
pub(super) struct UnknownKind(String);

impl std::str::FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = [Kind::Hold, Kind::Use, Kind::GiveBack].into_iter().find(|kind| kind.as_str() == text);
        known.ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// One row of the log: what was asked for, and the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Operation {
    pub kind: Kind,
    /// The hold made or named; none if there is none.
    pub hold: Option<String>,
    pub account: Option<String>,
    pub points: Yen,
    pub refused: Option<Refusal>,
    pub reference: Option<String>,
}

impl Operation {
    fn asked(command: &Command) -> Operation {
        let (kind, hold, account, points) = match command {
            Command::Hold { account, points } => (Kind::Hold, None, Some(account.clone()), *points),
            Command::Use { hold, points } => (Kind::Use, Some(hold), None, *points),
            Command::GiveBack { hold, points } => (Kind::GiveBack, Some(hold), None, *points),
        };
        let hold = hold.filter(|name| is_name(name, "hold_")).cloned();
        Operation { kind, hold, account, points, refused: None, reference: None }
    }

    fn asks_the_same(&self, other: &Operation) -> bool {
        let same_hold = self.kind == Kind::Hold || self.hold == other.hold;
        self.kind == other.kind && self.points == other.points && self.account == other.account && same_hold
    }

    fn answer(&self) -> Answer {
        match self.refused {
            Some(refusal) => Answer::Refused(refusal),
            None => Answer::Succeeded(Receipt { reference: self.reference.clone().unwrap_or_default() }),
        }
    }
}

/// How the points of a hold are spread. Their sum never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spread {
    pub held: Yen,
    pub used: Yen,
    pub returned: Yen,
}

impl Spread {
    /// Held points become used ones.
    fn used(self, points: Yen) -> Result<Spread, Refusal> {
        let exceeded = |_| Refusal::PointsExceeded;
        let held = self.held.checked_sub(points).map_err(exceeded)?;
        Ok(Spread { held, used: self.used.checked_add(points).map_err(exceeded)?, ..self })
    }

    /// Points go back: what is held first, then what was used.
    fn given_back(self, points: Yen) -> Result<Spread, Refusal> {
        let exceeded = |_| Refusal::PointsExceeded;
        let of_used = points.saturating_sub(self.held);
        Ok(Spread {
            held: self.held.saturating_sub(points),
            used: self.used.checked_sub(of_used).map_err(exceeded)?,
            returned: self.returned.checked_add(points).map_err(exceeded)?,
        })
    }
}

/// A hold and the account behind it.
#[derive(Clone, Debug)]
pub(super) struct Hold {
    pub account: String,
    pub balance: Yen,
    pub spread: Spread,
}

/// What an operation changes beside the log.
pub(super) enum Change {
    /// A new hold; `balance` is none if the account was never seen.
    Open { account: String, balance: Option<Yen> },
    /// Another spread of a hold, and what of it goes back to the account.
    Respread { hold: Hold, to: Spread },
}

/// Executes a request, or finds the answer it got before. `random` is 32 hex digits.
pub(super) fn execute(tx: &mut Tx<'_>, request: &Request, random: &str) -> Result<Answer, Undone> {
    match &request.command {
        Command::Hold { account, points } => open(tx, request, random, account, *points),
        Command::Use { hold, points } => respread(tx, request, random, hold, |spread| spread.used(*points)),
        Command::GiveBack { hold, points } => respread(tx, request, random, hold, |spread| spread.given_back(*points)),
    }
}

fn open(tx: &mut Tx<'_>, request: &Request, random: &str, account: &str, points: Yen) -> Result<Answer, Undone> {
    let mut operation = Operation::asked(&request.command);
    let loaded = rows::load_account(tx, request.merchant, &request.key, account)?;
    if let Some(earlier) = loaded.earlier {
        return Ok(again(&earlier, &operation));
    }
    if points > loaded.balance.unwrap_or_else(|| opening(account)) {
        operation.refused = Some(Refusal::InsufficientPoints);
        return save(tx, request, operation, None);
    }
    let name = hold_name(request.at, random);
    operation.hold = Some(name.clone());
    operation.reference = Some(name);
    let change = Change::Open { account: account.to_owned(), balance: loaded.balance };
    save(tx, request, operation, Some(change))
}

fn respread(
    tx: &mut Tx<'_>,
    request: &Request,
    random: &str,
    name: &str,
    decide: impl Fn(Spread) -> Result<Spread, Refusal>,
) -> Result<Answer, Undone> {
    let mut operation = Operation::asked(&request.command);
    let loaded = rows::load_hold(tx, request.merchant, &request.key, name)?;
    if let Some(earlier) = loaded.earlier {
        return Ok(again(&earlier, &operation));
    }
    let decided = match loaded.hold {
        None => Err(Refusal::UnknownHold),
        Some(hold) => decide(hold.spread).map(|to| Change::Respread { hold, to }),
    };
    match decided {
        Ok(change) => {
            operation.reference = Some(format!("pts_{random}"));
            save(tx, request, operation, Some(change))
        }
        Err(refusal) => {
            operation.refused = Some(refusal);
            save(tx, request, operation, None)
        }
    }
}

fn save(tx: &mut Tx<'_>, request: &Request, operation: Operation, change: Option<Change>) -> Result<Answer, Undone> {
    if rows::save(tx, request, &operation, change)? { Ok(operation.answer()) } else { Err(Undone::Raced) }
}

fn again(earlier: &Operation, asked: &Operation) -> Answer {
    if earlier.asks_the_same(asked) { earlier.answer() } else { Answer::Refused(Refusal::KeyReused) }
}

/// The answer that was given under `key`.
pub(super) fn find(tx: &mut Tx<'_>, merchant: Merchant, key: &str) -> Result<Option<Answer>, StoreError> {
    Ok(rows::find_operation(tx, merchant, key)?.map(|operation| operation.answer()))
}

fn hold_name(at: Timestamp, random: &str) -> String {
    format!("hold_{:016x}{}", at.micros(), &random[..16])
}

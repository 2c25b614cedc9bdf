//! Magic cards: numbers that make the simulator do what a real acquirer does on a bad day. One table.
//!
//! docs/magic-cards.md is written from it and held to it by a test.

use std::fmt;
use std::str::FromStr;

use crate::card::Brand;
use crate::port::{ActionOutcome, Command};
use crate::refusal::Refusal;

/// A card number with a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MagicCard {
    /// What a buyer types; any expiry in the future and any security code of the right length go with it.
    pub number: &'static str,
    /// The brand of the number.
    pub brand: Brand,
    /// What a request may say instead of a token.
    pub name: &'static str,
    /// What the simulator does.
    pub happens: Happens,
}

/// What a card makes the simulator do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happens {
    /// Everything succeeds.
    Approved,
    /// The authorization is refused.
    Declined(Refusal),
    /// The authorization succeeds, each capture is refused.
    CaptureRefused,
    /// The authorization requires 3-D Secure, and this is what the simulated buyer does there.
    ActionRequired(ActionOutcome),
    /// Everything succeeds, but at one step the first message under each key goes astray.
    Mishap(Step, Mishap),
}

/// Where a mishap happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// When authorizing.
    Authorization,
    /// When capturing.
    Capture,
    /// When voiding or refunding.
    Return,
}

/// What goes wrong between us and the acquirer. Sending the same request again gets the answer at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// Done at once, answered late: the caller's time-out decides who is faster.
    AnswerLate,
    /// Done, but the answer gets lost; an inquiry finds it.
    AnswerLost,
    /// The request itself gets lost: not done, and an inquiry says that it never arrived.
    RequestLost,
}

/// Every magic card. docs/magic-cards.md must follow.
pub const MAGIC_CARDS: &[MagicCard] = &[
    card("4111111111111111", Brand::Visa, "visa", Happens::Approved),
    card("5555555555554444", Brand::Mastercard, "mastercard", Happens::Approved),
    card("3530111333300000", Brand::Jcb, "jcb", Happens::Approved),
    card("378282246310005", Brand::Amex, "amex", Happens::Approved),
    card("30569309025904", Brand::Diners, "diners", Happens::Approved),
    card("4111110000000013", Brand::Visa, "insufficient_funds", Happens::Declined(Refusal::InsufficientFunds)),
    card("4111110000000021", Brand::Visa, "over_limit", Happens::Declined(Refusal::OverLimit)),
    card("4111110000000039", Brand::Visa, "expired_card", Happens::Declined(Refusal::ExpiredCard)),
    card("4111110000000047", Brand::Visa, "wrong_security_code", Happens::Declined(Refusal::WrongSecurityCode)),
    card("4111110000000054", Brand::Visa, "lost_or_stolen", Happens::Declined(Refusal::LostOrStolen)),
    card("4111110000000062", Brand::Visa, "issuer_unavailable", Happens::Declined(Refusal::IssuerUnavailable)),
    card("4111110000000070", Brand::Visa, "capture_refused", Happens::CaptureRefused),
    card("5555550000000010", Brand::Mastercard, "3ds_passes", Happens::ActionRequired(ActionOutcome::Passed)),
    card("5555550000000028", Brand::Mastercard, "3ds_fails", Happens::ActionRequired(ActionOutcome::Failed)),
    card("5555550000000036", Brand::Mastercard, "3ds_abandoned", Happens::ActionRequired(ActionOutcome::Abandoned)),
    card("3530110000000018", Brand::Jcb, "authorization_answer_late", mishap(Step::Authorization, Mishap::AnswerLate)),
    card("3530110000000026", Brand::Jcb, "authorization_answer_lost", mishap(Step::Authorization, Mishap::AnswerLost)),
    card(
        "3530110000000034",
        Brand::Jcb,
        "authorization_request_lost",
        mishap(Step::Authorization, Mishap::RequestLost),
    ),
    card("378282000000016", Brand::Amex, "capture_answer_late", mishap(Step::Capture, Mishap::AnswerLate)),
    card("378282000000024", Brand::Amex, "capture_answer_lost", mishap(Step::Capture, Mishap::AnswerLost)),
    card("378282000000032", Brand::Amex, "capture_request_lost", mishap(Step::Capture, Mishap::RequestLost)),
    card("30569300000013", Brand::Diners, "return_answer_late", mishap(Step::Return, Mishap::AnswerLate)),
    card("30569300000021", Brand::Diners, "return_answer_lost", mishap(Step::Return, Mishap::AnswerLost)),
    card("30569300000039", Brand::Diners, "return_request_lost", mishap(Step::Return, Mishap::RequestLost)),
];

const fn card(number: &'static str, brand: Brand, name: &'static str, happens: Happens) -> MagicCard {
    MagicCard { number, brand, name, happens }
}

const fn mishap(step: Step, mishap: Mishap) -> Happens {
    Happens::Mishap(step, mishap)
}

/// The magic card of this name.
pub fn magic_card(name: &str) -> Option<&'static MagicCard> {
    MAGIC_CARDS.iter().find(|card| card.name == name)
}

impl MagicCard {
    /// The last four digits of the number.
    pub fn last4(&self) -> &'static str {
        &self.number[self.number.len() - 4..]
    }

    /// What goes astray with the first message that carries `command`, if anything does.
    pub(super) fn mishap_at(&self, command: &Command) -> Option<Mishap> {
        let step = match command {
            Command::Authorize { .. } => Step::Authorization,
            Command::CompleteAction { .. } => return None,
            Command::Capture { .. } => Step::Capture,
            Command::Void { .. } | Command::Refund { .. } => Step::Return,
        };
        match self.happens {
            Happens::Mishap(at, mishap) if at == step => Some(mishap),
            Happens::Mishap(..) => None,
            Happens::Approved | Happens::Declined(_) | Happens::CaptureRefused | Happens::ActionRequired(_) => None,
        }
    }
}

/// The text is no magic card's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no magic card is named {0:?}")]
pub struct UnknownMagicCard(pub String);

impl FromStr for &'static MagicCard {
    type Err = UnknownMagicCard;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        magic_card(text).ok_or_else(|| UnknownMagicCard(text.to_owned()))
    }
}

impl fmt::Display for Happens {
    /// What the table says to people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Happens::Approved => f.write_str("everything succeeds"),
            Happens::Declined(refusal) => write!(f, "authorization refused: `{}`", refusal.code()),
            Happens::CaptureRefused => {
                write!(f, "authorization succeeds, each capture is refused: `{}`", Refusal::CaptureRefused.code())
            }
            Happens::ActionRequired(ActionOutcome::Passed) => f.write_str("needs 3-D Secure; the buyer passes"),
            Happens::ActionRequired(ActionOutcome::Failed) => {
                write!(f, "needs 3-D Secure; the buyer fails: `{}`", Refusal::AuthenticationFailed.code())
            }
            Happens::ActionRequired(ActionOutcome::Abandoned) => {
                write!(f, "needs 3-D Secure; the buyer goes away: `{}`", Refusal::AuthenticationAbandoned.code())
            }
            Happens::Mishap(step, mishap) => write!(f, "{step}: {mishap}"),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::Authorization => "authorization",
            Step::Capture => "capture",
            Step::Return => "void and refund",
        })
    }
}

impl fmt::Display for Mishap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mishap::AnswerLate => "done at once, answered late",
            Mishap::AnswerLost => "done, the answer gets lost; an inquiry finds it",
            Mishap::RequestLost => "the request gets lost, nothing is done",
        })
    }
}

const BEFORE_THE_TABLE: &str = "# Magic cards

The built-in simulator moves no money. These numbers make it do what a real acquirer does; type them with any expiry
that is not over and any security code of the right length (four digits for American Express, three for the others), or
leave the code out. Programs may say the name instead of handing a card over.

| number | brand | name | what happens |
|---|---|---|---|
";

const AFTER_THE_TABLE: &str = "
- Any other number of these brands whose check digit fits is approved, until its month of expiry is over (in Japan):
  then the authorization is refused with `expired_card`.
- What is late or lost is so for the first message under each key. Sending the same request again gets its answer at
  once; an inquiry finds what was done, and says of a lost request that it never arrived.
- A late answer comes a second after choba has stopped waiting (the setting `acquirer_timeout_seconds`): the request is answered
  with 503 `outcome_unknown`. What it answers is done at once, so whoever stopped waiting finds it by asking.
- After 3-D Secure, what the simulated buyer did counts: claiming that a buyer passed who failed does not help.

# Points

Every buyer begins with 100,000 points in each shop and environment; the buyer `no-points` of the test helper has none.
";

/// The text of docs/magic-cards.md.
pub fn magic_cards_document() -> String {
    let row = |card: &MagicCard| {
        format!("| {} | {} | `{}` | {} |\n", card.number, card.brand.display_name(), card.name, card.happens)
    };
    let table: String = MAGIC_CARDS.iter().map(row).collect();
    format!("{BEFORE_THE_TABLE}{table}{AFTER_THE_TABLE}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::{CardDetails, passes_luhn};

    #[test]
    fn every_number_is_a_valid_one_of_its_brand() {
        for card in MAGIC_CARDS {
            assert!(passes_luhn(card.number.bytes()), "{}", card.number);
            let details = CardDetails {
                number: card.number.into(),
                expiry_year: 2030,
                expiry_month: 1,
                security_code: None,
                holder: String::new(),
            };
            assert_eq!(details.check(), Ok(card.brand), "{}", card.name);
            assert_eq!(details.last4(), card.last4());
        }
    }

    #[test]
    fn numbers_and_names_are_unique() {
        for (index, card) in MAGIC_CARDS.iter().enumerate() {
            assert!(MAGIC_CARDS[..index].iter().all(|other| other.number != card.number && other.name != card.name));
            assert_eq!(magic_card(card.name), Some(card));
        }
        assert_eq!(magic_card("gold"), None);
    }

    #[test]
    fn the_document_is_the_table() {
        let written = include_str!("../../../../docs/magic-cards.md");
        let expected = magic_cards_document();
        assert!(written == expected, "docs/magic-cards.md must read:\n{expected}");
    }
}

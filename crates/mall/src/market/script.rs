//! What the other parties of the mall will answer about an order, where that is not simply yes. It is part of the order's
//! scenario: nobody real is asked but the acquirer of cards.

use serde::{Deserialize, Serialize};

use super::buyer::Deed;
use crate::progress::{Notice, Request};

/// What one of them answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Yes.
    #[default]
    Yes,
    /// No.
    No,
    /// 保留 for so many days of world time, then yes.
    HeldThenYes(u16),
    /// 保留 for so many days of world time, then no.
    HeldThenNo(u16),
}

/// Answers still to come, each list in the order in which they are asked for. The last one of a list stays for whatever
/// is asked after it; an empty list says yes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Script {
    /// Cards that the next authorizations use in place of the buyer's: names of the simulator's magic cards. An empty
    /// list is the buyer's own card.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<String>,
    /// 後払い決済の与信.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub screenings: Vec<Verdict>,
    /// Fraud checks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fraud_checks: Vec<Verdict>,
    /// Billings of deferred payments, and taking them back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub billings: Vec<Verdict>,
    /// What the buyer does when they are asked for it, each once; nothing when nothing is left.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deeds: Vec<Deed>,
}

impl Script {
    /// Whether everybody says yes to everything.
    pub fn is_empty(&self) -> bool {
        *self == Script::default()
    }

    /// The request as it is sent, and what will be answered if the acquirer of cards is not the one to say.
    pub fn prepare(&mut self, request: &Request) -> (Request, Verdict) {
        let verdict = match request {
            Request::Authorize { card, amount } => {
                let card = if self.cards.is_empty() { card.clone() } else { self.cards.remove(0) };
                return (Request::Authorize { card, amount: *amount }, Verdict::Yes);
            }
            Request::Screen { .. } => next(&mut self.screenings),
            Request::CheckFraud => next(&mut self.fraud_checks),
            Request::Bill { .. } => next(&mut self.billings),
            Request::Void { .. } | Request::Capture { .. } | Request::Refund { .. } | Request::Return { .. } => {
                Verdict::Yes
            }
        };
        (request.clone(), verdict)
    }
}

impl Script {
    /// What the buyer does when they are told this.
    pub fn deed(&mut self, notice: Notice) -> Option<Deed> {
        let fits = self.deeds.first().is_some_and(|deed| deed.fits(notice));
        fits.then(|| self.deeds.remove(0))
    }
}

/// The next answer of a list; the last one stays.
fn next(verdicts: &mut Vec<Verdict>) -> Verdict {
    match verdicts.as_slice() {
        [] => Verdict::Yes,
        [last] => *last,
        [..] => verdicts.remove(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_their_order_and_the_last_one_stays() {
        let mut script = Script { screenings: vec![Verdict::No, Verdict::HeldThenYes(2)], ..Script::default() };
        let mut ask = || script.prepare(&Request::Screen { amount: 1 }).1;
        assert_eq!([ask(), ask(), ask()], [Verdict::No, Verdict::HeldThenYes(2), Verdict::HeldThenYes(2)]);
        assert_eq!(script.prepare(&Request::CheckFraud).1, Verdict::Yes);
    }

    #[test]
    fn cards_are_taken_once_and_then_the_buyers_own_is_used() {
        let mut script = Script { cards: vec!["visa".into(), "lost_or_stolen".into()], ..Script::default() };
        let mut card = || match script.prepare(&Request::Authorize { card: "own".into(), amount: 1 }).0 {
            Request::Authorize { card, .. } => card,
            other => panic!("{other:?}"),
        };
        assert_eq!([card(), card(), card()], ["visa", "lost_or_stolen", "own"]);
    }

    #[test]
    fn a_script_is_a_short_text() {
        let script = Script { fraud_checks: vec![Verdict::No, Verdict::HeldThenNo(1)], ..Script::default() };
        let text = serde_json::to_string(&script).unwrap();
        assert_eq!(text, r#"{"fraud_checks":["no",{"held_then_no":1}]}"#);
        assert_eq!(serde_json::from_str::<Script>(&text).unwrap(), script);
    }
}

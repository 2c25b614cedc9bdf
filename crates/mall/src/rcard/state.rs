//! Where a card order of the old model stands, and what each operation means there. Pure: every pair is decided here.

use kernel::{JstDate, Timestamp, Yen};
use serde::{Deserialize, Serialize};

use super::code::Refused;
use super::rules::Rules;

/// オーソリ状況: where the payment of an order stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// 未オーソリ: nothing is held; never was, or not any more.
    Open,
    /// オーソリ済 through R-Card Plus, before the shop switched over.
    PlusAuthorized,
    /// 売上請求済 through R-Card Plus.
    PlusClaimed,
    /// オーソリ済.
    Authorized(Held),
    /// 売上請求済.
    Claimed(Held),
}

/// What the acquirer holds, or has claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The acquirer's name for it.
    pub reference: String,
    /// How much, in yen.
    pub amount: Yen,
    /// How the buyer pays: 0 once.
    pub pay_type: i64,
    /// When it was authorized, world time.
    pub since: Timestamp,
}

/// The four things that can be asked for, with their `kind` on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// オーソリ.
    Authori = 1,
    /// オーソリ取消.
    AuthoriCancel = 2,
    /// 売上請求.
    Sales = 3,
    /// 売上請求取消.
    SalesCancel = 4,
}

/// One of them, with what it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// オーソリ.
    Authori {
        /// Yen, as sent.
        price: i64,
        /// How the buyer pays, as sent: 0 once.
        pay_type: i64,
    },
    /// オーソリ取消.
    AuthoriCancel,
    /// 売上請求 of all that is held.
    Sales,
    /// 売上請求取消.
    SalesCancel,
}

/// What the acquirer is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Hold so much.
    Authorize {
        /// Yen.
        amount: i64,
        /// How the buyer pays.
        pay_type: i64,
    },
    /// Release it.
    Void {
        /// The acquirer's name for it.
        reference: String,
    },
    /// Claim so much.
    Capture {
        /// The acquirer's name for it.
        reference: String,
        /// Yen.
        amount: i64,
    },
    /// Give so much back.
    Refund {
        /// The acquirer's name for it.
        reference: String,
        /// Yen.
        amount: i64,
    },
}

/// Ways of paying that there are: once, revolving, in instalments, others, once with the bonus.
const PAY_TYPES: std::ops::RangeInclusive<i64> = 0..=4;

impl Kind {
    /// Every kind, in the order of the wire.
    pub const ALL: [Kind; 4] = [Kind::Authori, Kind::AuthoriCancel, Kind::Sales, Kind::SalesCancel];

    /// The number of the wire.
    pub fn number(self) -> i64 {
        self as i64
    }

    /// The kind of this number.
    pub fn of(number: i64) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

impl Act {
    /// Which of the four it is.
    pub fn kind(self) -> Kind {
        match self {
            Act::Authori { .. } => Kind::Authori,
            Act::AuthoriCancel => Kind::AuthoriCancel,
            Act::Sales => Kind::Sales,
            Act::SalesCancel => Kind::SalesCancel,
        }
    }
}

impl Standing {
    /// The word of rows.
    pub fn word(&self) -> &'static str {
        match self {
            Standing::Open => "open",
            Standing::PlusAuthorized => "plus_authorized",
            Standing::PlusClaimed => "plus_claimed",
            Standing::Authorized(_) => "authorized",
            Standing::Claimed(_) => "claimed",
        }
    }

    /// What people call it.
    pub fn name(&self) -> &'static str {
        match self {
            Standing::Open => "未オーソリ",
            Standing::PlusAuthorized | Standing::Authorized(_) => "オーソリ済",
            Standing::PlusClaimed | Standing::Claimed(_) => "売上請求済",
        }
    }

    /// What is held or claimed by this API.
    pub fn held(&self) -> Option<&Held> {
        match self {
            Standing::Authorized(held) | Standing::Claimed(held) => Some(held),
            Standing::Open | Standing::PlusAuthorized | Standing::PlusClaimed => None,
        }
    }

    /// Whether the shop may switch over while an order stands so (seed 003).
    pub fn lets_switch(&self) -> bool {
        match self {
            Standing::Open | Standing::PlusClaimed => true,
            Standing::PlusAuthorized | Standing::Authorized(_) | Standing::Claimed(_) => false,
        }
    }

    /// What the acquirer is to be asked for `act` at `now`.
    ///
    /// # Errors
    ///
    /// Why nothing is asked.
    pub fn decide(&self, act: Act, rules: &Rules, now: Timestamp) -> Result<Step, Refused> {
        match (self, act) {
            (Standing::PlusAuthorized | Standing::PlusClaimed, _) => Err(Refused::OfPlus),
            (Standing::Open, Act::Authori { price, pay_type }) => authorize(price, pay_type, rules),
            (Standing::Authorized(held), Act::AuthoriCancel) => Ok(Step::Void { reference: held.reference.clone() }),
            (Standing::Authorized(held), Act::Sales) if held.ends(rules) <= now => Err(Refused::AuthorizationVoid),
            (Standing::Authorized(held), Act::Sales) => {
                Ok(Step::Capture { reference: held.reference.clone(), amount: held.amount.get() })
            }
            (Standing::Claimed(held), Act::SalesCancel) => {
                Ok(Step::Refund { reference: held.reference.clone(), amount: held.amount.get() })
            }
            (Standing::Open, Act::AuthoriCancel | Act::Sales | Act::SalesCancel)
            | (Standing::Authorized(_), Act::Authori { .. } | Act::SalesCancel)
            | (Standing::Claimed(_), Act::Authori { .. } | Act::AuthoriCancel | Act::Sales) => {
                Err(Refused::NotInThatState)
            }
        }
    }

    /// Where the order stands after the acquirer did `step`, decided at `at`; `reference` is its name for what it did.
    pub fn after(&self, step: &Step, reference: &str, at: Timestamp) -> Standing {
        match (step, self.held()) {
            (Step::Authorize { amount, pay_type }, _) => {
                let amount = Yen::new(*amount).unwrap_or(Yen::ZERO);
                Standing::Authorized(Held { reference: reference.to_owned(), amount, pay_type: *pay_type, since: at })
            }
            (Step::Capture { .. }, Some(held)) => Standing::Claimed(held.clone()),
            (Step::Capture { .. }, None) => self.clone(),
            (Step::Void { .. } | Step::Refund { .. }, _) => Standing::Open,
        }
    }
}

fn authorize(price: i64, pay_type: i64, rules: &Rules) -> Result<Step, Refused> {
    if price == 0 {
        return Err(Refused::ZeroYen);
    }
    if !(1..=i64::from(rules.price_max)).contains(&price) {
        return Err(Refused::Price);
    }
    if !PAY_TYPES.contains(&pay_type) {
        return Err(Refused::PayType);
    }
    Ok(Step::Authorize { amount: price, pay_type })
}

impl Held {
    /// When it cannot be claimed any more: the same time of the day, so many months later. 二ヶ月以上: from that instant on.
    pub fn ends(&self, rules: &Rules) -> Timestamp {
        months_later(self.since, rules.authorization_months)
    }
}

/// The same time of the day in Japan, `months` later; the last day of a month that has no such day.
fn months_later(at: Timestamp, months: u32) -> Timestamp {
    let date = at.jst_date();
    let of_day = at.micros() - date.start().micros();
    let (year, month, day) = date.civil();
    let from_zero = year * 12 + i64::from(month) - 1 + i64::from(months);
    let (year, month) = (from_zero.div_euclid(12), (from_zero.rem_euclid(12) + 1) as u8);
    let later = (28..=day).rev().find_map(|day| JstDate::new(year, month, day)).or(JstDate::new(year, month, day));
    later.unwrap_or(date).start().plus_micros(of_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_305_600);

    fn held() -> Held {
        Held { reference: "auth_1".into(), amount: Yen::new(208).unwrap(), pay_type: 0, since: NOW }
    }

    fn standings() -> [Standing; 5] {
        [
            Standing::Open,
            Standing::PlusAuthorized,
            Standing::PlusClaimed,
            Standing::Authorized(held()),
            Standing::Claimed(held()),
        ]
    }

    fn acts() -> [Act; 4] {
        [Act::Authori { price: 300, pay_type: 0 }, Act::AuthoriCancel, Act::Sales, Act::SalesCancel]
    }

    /// The table of the module's documentation, by hand: what is asked in each state for each operation.
    #[test]
    fn every_operation_is_decided_in_every_state() {
        let asked = |decided: Result<Step, Refused>| match decided {
            Ok(Step::Authorize { amount, .. }) => format!("authorize {amount}"),
            Ok(Step::Void { reference }) => format!("void {reference}"),
            Ok(Step::Capture { reference, amount }) => format!("capture {reference} {amount}"),
            Ok(Step::Refund { reference, amount }) => format!("refund {reference} {amount}"),
            Err(refused) => refused.code().to_owned(),
        };
        let table = [
            ("open", ["authorize 300", "RCCS_E21-002", "RCCS_E21-002", "RCCS_E21-002"]),
            ("plus_authorized", ["RCCS_E21-005", "RCCS_E21-005", "RCCS_E21-005", "RCCS_E21-005"]),
            ("plus_claimed", ["RCCS_E21-005", "RCCS_E21-005", "RCCS_E21-005", "RCCS_E21-005"]),
            ("authorized", ["RCCS_E21-002", "void auth_1", "capture auth_1 208", "RCCS_E21-002"]),
            ("claimed", ["RCCS_E21-002", "RCCS_E21-002", "RCCS_E21-002", "refund auth_1 208"]),
        ];
        for (standing, (word, expected)) in standings().into_iter().zip(table) {
            assert_eq!(standing.word(), word);
            let decided = acts().map(|act| asked(standing.decide(act, &Rules::USUAL, NOW)));
            assert_eq!(decided, expected, "{word}");
        }
    }

    #[test]
    fn an_authorization_is_void_from_two_months_on_and_can_only_be_cancelled() {
        let standing = Standing::Authorized(held());
        // 2026-11-22 09:00 JST; two months later to the microsecond.
        let end = Timestamp::from_seconds(1_800_576_000);
        assert_eq!(held().ends(&Rules::USUAL), end);
        assert_eq!(end.to_string(), "2027-01-22T09:00:00+09:00");
        let sales = |now| standing.decide(Act::Sales, &Rules::USUAL, now);
        assert!(sales(end.plus_micros(-1)).is_ok());
        assert_eq!(sales(end), Err(Refused::AuthorizationVoid));
        assert!(standing.decide(Act::AuthoriCancel, &Rules::USUAL, end).is_ok());
        let again = Act::Authori { price: 208, pay_type: 0 };
        assert_eq!(standing.decide(again, &Rules::USUAL, end), Err(Refused::NotInThatState));
    }

    #[test]
    fn months_without_such_a_day_end_earlier() {
        let later = |year, month, day, months| {
            months_later(JstDate::new(year, month, day).unwrap().start(), months).jst_date().to_string()
        };
        assert_eq!(later(2026, 12, 31, 2), "2027-02-28");
        assert_eq!(later(2027, 12, 30, 2), "2028-02-29");
        assert_eq!(later(2026, 12, 1, 2), "2027-02-01");
        assert_eq!(later(2026, 12, 31, 0), "2026-12-31");
    }

    #[test]
    fn amounts_and_ways_of_paying_that_there_are_not_are_refused() {
        let authori = |price, pay_type| Standing::Open.decide(Act::Authori { price, pay_type }, &Rules::USUAL, NOW);
        assert_eq!(authori(0, 0), Err(Refused::ZeroYen));
        assert_eq!(authori(-1, 0), Err(Refused::Price));
        assert_eq!(authori(100_000_000, 0), Err(Refused::Price));
        assert_eq!(authori(1, 5), Err(Refused::PayType));
        assert_eq!(authori(99_999_999, 4), Ok(Step::Authorize { amount: 99_999_999, pay_type: 4 }));
    }

    #[test]
    fn what_was_done_leads_on() {
        let authorized = Standing::Open.after(&Step::Authorize { amount: 208, pay_type: 0 }, "auth_1", NOW);
        assert_eq!(authorized, Standing::Authorized(held()));
        let capture = Step::Capture { reference: "auth_1".into(), amount: 208 };
        let claimed = authorized.after(&capture, "op_1", NOW.plus_seconds(1));
        assert_eq!(claimed, Standing::Claimed(held()));
        let refund = Step::Refund { reference: "auth_1".into(), amount: 208 };
        assert_eq!(claimed.after(&refund, "op_2", NOW), Standing::Open);
        assert_eq!(authorized.after(&Step::Void { reference: "auth_1".into() }, "op_3", NOW), Standing::Open);
    }

    #[test]
    fn only_open_and_claimed_orders_let_a_shop_switch_over() {
        let lets = standings().map(|standing| standing.lets_switch());
        assert_eq!(lets, [true, false, true, false, false]);
    }
}

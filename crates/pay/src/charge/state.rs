//! The pure states of a charge and every decision about its money. No SQL, no HTTP, no clock.
//!
//! A decision answers with a [`Plan`]: what is asked of the acquirer and the point service before the change, what the
//! charge is afterwards, which lines the ledger gets, and what is released after the change. A plan is a function of the
//! charge and the verb alone, so it can be made again after a crash.
//!
//! Points: lowering the total below the points used gives the points above the new total back to the buyer, and the card
//! pays nothing; raising it never uses more points.

use kernel::{Timestamp, Yen};
use ledger::{Account, Line};

use super::windows::Windows;
use crate::rules;

/// 決済ステータス.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// 仮売上: money is held.
    Authorized,
    /// 実売上: money is claimed.
    Captured,
    /// キャンセル: final.
    Cancelled,
}

impl State {
    /// Every state.
    pub const ALL: [State; 3] = [State::Authorized, State::Captured, State::Cancelled];

    /// The word used in rows.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Authorized => "authorized",
            State::Captured => "captured",
            State::Cancelled => "cancelled",
        }
    }

    /// `paid` of the wire: a provisional sale exists.
    pub fn paid(self) -> bool {
        match self {
            State::Authorized | State::Captured => true,
            State::Cancelled => false,
        }
    }

    /// `captured` of the wire: an actual sale exists.
    pub fn captured(self) -> bool {
        match self {
            State::Captured => true,
            State::Authorized | State::Cancelled => false,
        }
    }

    /// `refunded` of the wire: cancelled.
    pub fn refunded(self) -> bool {
        match self {
            State::Cancelled => true,
            State::Authorized | State::Captured => false,
        }
    }
}

impl std::str::FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = State::ALL.into_iter().find(|state| state.as_str() == text);
        known.ok_or_else(|| format!("unknown state {text:?}"))
    }
}

/// What the acquirer holds or has claimed for a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The acquirer's name for it.
    pub id: String,
    /// How much was authorized: at least what the card pays.
    pub amount: Yen,
}

/// What the point service holds or has used for a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The point service's name for it.
    pub id: String,
    /// Whether the points were used by a capture.
    pub used: bool,
}

/// What decisions about the money of a charge need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// 決済ステータス.
    pub state: State,
    /// Total.
    pub amount: Yen,
    /// Part of the total that points pay.
    pub point: Yen,
    /// The card's token.
    pub card: Option<String>,
    /// What the acquirer holds or has claimed; none when points pay all of it, and after the end.
    pub authorization: Option<Authorization>,
    /// What the point service holds or has used.
    pub hold: Option<Hold>,
    /// World time of the order.
    pub ordered: Timestamp,
    /// How long its windows are.
    pub windows: Windows,
    /// World time at which the window of this state closes.
    pub window_ends: Timestamp,
}

/// Why a verb is refused in a state. No HTTP: see `error.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// 実売上 already.
    #[error("The charge is already captured.")]
    AlreadyCaptured,
    /// キャンセル already.
    #[error("The charge is already cancelled.")]
    AlreadyCancelled,
    /// The window closed.
    #[error("The period in which the charge can be captured, cancelled or changed has ended.")]
    WindowClosed,
    /// A change to what it is already.
    #[error("The new total is the same as the present one.")]
    SameTotal,
    /// A change to less than 100 yen.
    #[error("The new total must be at least {min} yen.", min = rules::SMALLEST_CHANGED_TOTAL_YEN)]
    TotalTooSmall,
    /// There is no card to ask for more money.
    #[error("Points paid for all of the charge, and there is no card to ask for more.")]
    NoCard,
    /// Only for the verb of the clock: the window has not closed yet.
    #[error("The period of the charge has not ended.")]
    NotDue,
}

/// One request to an outside party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Hold points.
    HoldPoints(Yen),
    /// Hold an amount on the card with this token.
    Authorize {
        /// The card's token.
        card: String,
        /// How much.
        amount: Yen,
    },
    /// Claim part or all of what is held.
    Capture {
        /// The acquirer's name for what is held.
        authorization: String,
        /// How much.
        amount: Yen,
    },
    /// Use held points.
    UsePoints {
        /// The point service's name for the hold.
        hold: String,
        /// How many.
        points: Yen,
    },
    /// Release what is held.
    Void {
        /// The acquirer's name for it.
        authorization: String,
    },
    /// Return what was claimed.
    Refund {
        /// The acquirer's name for it.
        authorization: String,
        /// How much.
        amount: Yen,
    },
    /// Give points back.
    ReturnPoints {
        /// The point service's name for the hold.
        hold: String,
        /// How many.
        points: Yen,
    },
}

/// What a verb does to a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Asked in this order before the change; the first may be refused, and then nothing changes.
    pub steps: Vec<Step>,
    /// Asked after the change, until they are done.
    pub releases: Vec<Step>,
    /// The charge afterwards, but for what the steps' receipts add ([`Plan::outcome`]).
    after: Standing,
    /// Whether the receipt of [`Step::Authorize`] becomes the authorization, and over how much.
    authorizes: Option<Yen>,
    /// Movements for the ledger; empty when no claimed money moves.
    pub lines: Vec<Line>,
}

/// What the outside parties named in their receipts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipts {
    /// The acquirer's name for what [`Step::Authorize`] held.
    pub authorization: Option<String>,
    /// The point service's name for what [`Step::HoldPoints`] held.
    pub hold: Option<String>,
}

impl Plan {
    /// The total afterwards, and how many points of it.
    pub fn amounts(&self) -> (Yen, Yen) {
        (self.after.amount, self.after.point)
    }

    /// The charge after the change. Panics when a receipt is missing: steps are not done without them.
    pub fn outcome(&self, receipts: &Receipts) -> Standing {
        let mut after = self.after.clone();
        if let Some(amount) = self.authorizes {
            let id = receipts.authorization.clone().expect("an authorization has a receipt");
            after.authorization = Some(Authorization { id, amount });
        }
        if let Some(id) = &receipts.hold {
            after.hold = Some(Hold { id: id.clone(), used: false });
        }
        after
    }
}

/// A buyer pays `amount`, `point` of it in points and the rest with `card`.
pub fn pay(amount: Yen, point: Yen, card: Option<String>, windows: Windows, now: Timestamp) -> Plan {
    let card_amount = amount.saturating_sub(point);
    let mut steps = Vec::new();
    if !point.is_zero() {
        steps.push(Step::HoldPoints(point));
    }
    let authorizes = card.clone().filter(|_| !card_amount.is_zero());
    if let Some(card) = &authorizes {
        steps.push(Step::Authorize { card: card.clone(), amount: card_amount });
    }
    let after = Standing {
        state: State::Authorized,
        amount,
        point,
        card,
        authorization: None,
        hold: None,
        ordered: now,
        windows,
        window_ends: windows.provisional_ends(now),
    };
    Plan { steps, releases: Vec::new(), after, authorizes: authorizes.map(|_| card_amount), lines: Vec::new() }
}

impl Standing {
    /// What the card pays.
    pub fn card_amount(&self) -> Yen {
        self.amount.saturating_sub(self.point)
    }

    /// 確定.
    pub fn capture(&self, now: Timestamp) -> Result<Plan, Refused> {
        match self.state {
            State::Authorized => self.still_open(now)?,
            State::Captured => return Err(Refused::AlreadyCaptured),
            State::Cancelled => return Err(Refused::AlreadyCancelled),
        }
        let mut steps = Vec::new();
        if let Some(Authorization { id, .. }) = &self.authorization {
            steps.push(Step::Capture { authorization: id.clone(), amount: self.card_amount() });
        }
        if let Some(Hold { id, used: false }) = &self.hold {
            steps.push(Step::UsePoints { hold: id.clone(), points: self.point });
        }
        let after = Standing {
            state: State::Captured,
            hold: self.hold.clone().map(|hold| Hold { used: true, ..hold }),
            window_ends: self.windows.captured_ends(now),
            ..self.clone()
        };
        Ok(Plan { steps, releases: Vec::new(), lines: after.claimed(), after, authorizes: None })
    }

    /// キャンセル.
    pub fn cancel(&self, now: Timestamp) -> Result<Plan, Refused> {
        match self.state {
            State::Authorized | State::Captured => self.still_open(now)?,
            State::Cancelled => return Err(Refused::AlreadyCancelled),
        }
        Ok(self.ended())
    }

    /// A provisional sale whose window has closed is cancelled.
    pub fn expire(&self, now: Timestamp) -> Result<Plan, Refused> {
        match self.state {
            State::Authorized if now < self.window_ends => Err(Refused::NotDue),
            State::Authorized => Ok(self.ended()),
            State::Captured => Err(Refused::AlreadyCaptured),
            State::Cancelled => Err(Refused::AlreadyCancelled),
        }
    }

    /// Whether 金額変更 is possible, to some total.
    pub fn can_change(&self, now: Timestamp) -> Result<(), Refused> {
        match self.state {
            State::Authorized | State::Captured => self.still_open(now),
            State::Cancelled => Err(Refused::AlreadyCancelled),
        }
    }

    /// 金額変更: the charge becomes (or stays) a provisional sale of `total`.
    pub fn change(&self, total: Yen, now: Timestamp) -> Result<Plan, Refused> {
        self.can_change(now)?;
        if total < rules::smallest_changed_total() {
            return Err(Refused::TotalTooSmall);
        }
        if total == self.amount {
            return Err(Refused::SameTotal);
        }
        let point = self.point.min(total);
        let mut plan = Plan {
            steps: Vec::new(),
            releases: Vec::new(),
            after: Standing {
                state: State::Authorized,
                amount: total,
                point,
                window_ends: self.window_after_change(),
                ..self.clone()
            },
            authorizes: None,
            lines: self.returned(),
        };
        self.plan_card(total.saturating_sub(point), &mut plan)?;
        self.plan_points(point, &mut plan);
        Ok(plan)
    }

    /// Makes sure that `needed` is held on the card: what is held already and covers it stays; otherwise the new amount
    /// is authorized first, and what was held or claimed before is released after the change.
    fn plan_card(&self, needed: Yen, plan: &mut Plan) -> Result<(), Refused> {
        let reusable = match self.state {
            State::Authorized => self.authorization.as_ref().is_some_and(|held| held.amount >= needed),
            State::Captured | State::Cancelled => false,
        };
        if reusable && !needed.is_zero() {
            return Ok(());
        }
        plan.after.authorization = None;
        if !needed.is_zero() {
            let card = self.card.clone().ok_or(Refused::NoCard)?;
            plan.steps.push(Step::Authorize { card, amount: needed });
            plan.authorizes = Some(needed);
        }
        plan.releases.extend(self.release_card());
        Ok(())
    }

    /// Gives back the points above `point`, after the change: points that were given back cannot be taken again.
    fn plan_points(&self, point: Yen, plan: &mut Plan) {
        let excess = self.point.saturating_sub(point);
        if let (Some(hold), false) = (&self.hold, excess.is_zero()) {
            plan.releases.push(Step::ReturnPoints { hold: hold.id.clone(), points: excess });
        }
    }

    /// Everything is given back; the charge is cancelled.
    fn ended(&self) -> Plan {
        let mut steps: Vec<Step> = self.release_card().into_iter().collect();
        if let (Some(hold), false) = (&self.hold, self.point.is_zero()) {
            steps.push(Step::ReturnPoints { hold: hold.id.clone(), points: self.point });
        }
        let after = Standing { state: State::Cancelled, ..self.clone() };
        Plan { steps, releases: Vec::new(), after, authorizes: None, lines: self.returned() }
    }

    fn release_card(&self) -> Option<Step> {
        let authorization = self.authorization.as_ref()?.id.clone();
        Some(match self.state {
            State::Captured => Step::Refund { authorization, amount: self.card_amount() },
            State::Authorized | State::Cancelled => Step::Void { authorization },
        })
    }

    /// The lines that claim what the card and the points pay, for the merchant.
    fn claimed(&self) -> Vec<Line> {
        let parts = [(Account::AcquirerReceivable, self.card_amount()), (Account::PointsReceivable, self.point)];
        let line = |(account, amount): (Account, Yen)| {
            (!amount.is_zero()).then(|| Line::new(account, Account::MerchantPayable, amount))
        };
        parts.into_iter().filter_map(line).collect()
    }

    /// The lines that undo [`Standing::claimed`], if anything is claimed.
    fn returned(&self) -> Vec<Line> {
        match self.state {
            State::Captured => self.claimed().into_iter().map(Line::reversed).collect(),
            State::Authorized | State::Cancelled => Vec::new(),
        }
    }

    /// A window that began with the order and is closed by then does not shorten the one that is open now.
    fn window_after_change(&self) -> Timestamp {
        self.window_ends.max(self.windows.provisional_ends(self.ordered))
    }

    fn still_open(&self, now: Timestamp) -> Result<(), Refused> {
        if now < self.window_ends { Ok(()) } else { Err(Refused::WindowClosed) }
    }
}

#[cfg(test)]
mod tests;

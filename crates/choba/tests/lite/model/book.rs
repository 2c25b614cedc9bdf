//! What a charge should be, told as simply as possible: no attempts, no steps, no rows. Written from the contract
//! ("Rules") and the stated rule for points, not from the code.

use kernel::{JstDate, Timestamp};

/// 決済ステータス.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Provisional,
    Actual,
    Cancelled,
}

/// A charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The cart, unique in a run: by it a charge is recognised whose answer was lost.
    pub cart: String,
    pub card: Card,
    pub state: State,
    pub amount: i64,
    pub point: i64,
    /// Points that it was paid with.
    pub point_at_first: i64,
    /// Whether the points were used by a capture.
    pub used: bool,
    /// What is held on the card; for an actual sale, what was held when it was captured.
    pub held: i64,
    pub ordered: Timestamp,
    pub closes: Timestamp,
    /// Types of its events without `charge.`.
    pub events: Vec<&'static str>,
}

/// What an operation should come to: the charge afterwards, or a refusal.
pub type Outcome = Result<Charge, (u16, &'static str)>;

/// What a merchant or the clock does to a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Capture,
    Cancel,
    Change(i64),
}

/// Cards that refuse whoever pays with them.
const DECLINED: [&str; 2] = ["insufficient_funds", "over_limit"];

/// A card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its name in docs/magic-cards.md.
    pub name: &'static str,
    /// From when on nothing more can be asked of it.
    pub ends: Option<Timestamp>,
}

impl Card {
    fn refuses(self, now: Timestamp) -> bool {
        DECLINED.contains(&self.name) || self.ends.is_some_and(|end| now >= end)
    }
}

/// A buyer pays.
pub fn pay(cart: String, card: Card, amount: i64, point: i64, has_points: bool, now: Timestamp) -> Outcome {
    if point > 0 && !has_points {
        return Err((402, "invalid_point"));
    }
    if point < amount && card.refuses(now) {
        return Err((402, "invalid_payment"));
    }
    Ok(Charge {
        cart,
        card,
        state: State::Provisional,
        amount,
        point,
        point_at_first: point,
        used: false,
        held: amount - point,
        ordered: now,
        closes: end_of_month(now, 5),
        events: vec!["succeeded"],
    })
}

impl Charge {
    /// What the operation should come to at `now`.
    pub fn after(&self, operation: Operation, now: Timestamp) -> Outcome {
        match (self.state, operation) {
            (State::Cancelled, _) => return Err((400, "already_refunded")),
            (State::Actual, Operation::Capture) => return Err((400, "already_captured")),
            (State::Provisional | State::Actual, _) if now >= self.closes => return Err((400, "period_expired")),
            (State::Provisional | State::Actual, _) => {}
        }
        match operation {
            Operation::Capture => self.captured(now),
            Operation::Cancel => Ok(self.cancelled()),
            Operation::Change(total) if total < 100 => Err((400, "amount_too_small")),
            Operation::Change(total) if total == self.amount => Err((400, "same_amount")),
            Operation::Change(total) => self.changed(total, now),
        }
    }

    /// The charge after its cancel, by a merchant or by the clock.
    pub fn cancelled(&self) -> Charge {
        self.with("refunded", |charge| charge.state = State::Cancelled)
    }

    fn captured(&self, now: Timestamp) -> Outcome {
        if self.card.name == "capture_refused" && self.amount > self.point {
            return Err((402, "invalid_payment"));
        }
        Ok(self.with("captured", |charge| {
            charge.state = State::Actual;
            charge.used = charge.point_at_first > 0;
            charge.closes = end_of_month(now, 1);
        }))
    }

    fn changed(&self, total: i64, now: Timestamp) -> Outcome {
        let point = self.point.min(total);
        let needed = total - point;
        let is_held = self.state == State::Provisional && needed <= self.held;
        if needed > 0 && !is_held && self.card.refuses(now) {
            return Err((402, "invalid_payment"));
        }
        Ok(self.with("updated", |charge| {
            charge.held = if is_held && needed > 0 { charge.held } else { needed };
            (charge.state, charge.amount, charge.point) = (State::Provisional, total, point);
            charge.closes = charge.closes.max(end_of_month(charge.ordered, 5));
        }))
    }

    fn with(&self, event: &'static str, change: impl FnOnce(&mut Charge)) -> Charge {
        let mut after = self.clone();
        after.events.push(event);
        change(&mut after);
        after
    }

    /// `paid`, `captured`, `refunded` of the wire.
    pub fn flags(&self) -> (bool, bool, bool) {
        match self.state {
            State::Provisional => (true, false, false),
            State::Actual => (true, true, false),
            State::Cancelled => (false, false, true),
        }
    }

    /// What acquirer and point service owe for it.
    pub fn owed(&self) -> (i64, i64) {
        match self.state {
            State::Actual => (self.amount - self.point, self.point),
            State::Provisional | State::Cancelled => (0, 0),
        }
    }
}

/// First instant after the month that comes `months` after that of `at`, in Japan.
pub fn end_of_month(at: Timestamp, months: i64) -> Timestamp {
    let (year, month, _) = at.jst_date().civil();
    let count = year * 12 + i64::from(month) - 1 + months + 1;
    JstDate::new(count / 12, (count % 12) as u8 + 1, 1).expect("the first of a month").start()
}

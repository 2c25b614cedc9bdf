//! Faults that a test asks the API for: each happens so many times to requests of one operation or of any, in the order in
//! which they were asked for. Sandbox only, as everything of the marketplace is.

pub mod rows;

use kernel::ShopId;
use serde::{Deserialize, Serialize};
use store::{StoreError, Tx};

use crate::wire::Operation;

/// Faults of a shop at the most.
pub const MOST: usize = 100;
/// A slow answer takes so many milliseconds at the most.
pub const SLOW_MAX: u32 = 55_000;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The answer takes `milliseconds` longer.
    Slow,
    /// 503, and nothing was done.
    Unavailable,
    /// The connection breaks before anything was done.
    Dropped,
    /// It is done, and the connection breaks before the answer.
    AnswerLost,
}

/// One fault that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub fault: Kind,
    /// The operation, such as `confirmOrder`; none: whichever is asked for next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// How often.
    #[serde(default = "once")]
    pub times: u32,
    /// Of [`Kind::Slow`]: how much longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<u32>,
}

fn once() -> u32 {
    1
}

/// What a list that was sent is wrong about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Too many.
    #[error("There are over {MOST} faults.")]
    TooMany,
    /// No operation has the name.
    #[error("An operation is one of the marketplace's, such as confirmOrder.")]
    Operation,
    /// Zero times, or too often.
    #[error("times is 1 to 1000000.")]
    Times,
    /// Not given for a slow answer, given for another fault, or too long.
    #[error("milliseconds is 1 to {SLOW_MAX}, and given for slow only.")]
    Milliseconds,
}

impl Fault {
    /// Whether it can be meant so.
    pub fn check(&self) -> Result<(), Wrong> {
        let known = |name: &String| Operation::ALL.iter().any(|operation| operation.name() == name);
        if self.operation.as_ref().is_some_and(|name| !known(name)) {
            return Err(Wrong::Operation);
        }
        if !(1..=1_000_000).contains(&self.times) {
            return Err(Wrong::Times);
        }
        match (self.fault, self.milliseconds) {
            (Kind::Slow, Some(1..=SLOW_MAX)) => Ok(()),
            (Kind::Unavailable | Kind::Dropped | Kind::AnswerLost, None) => Ok(()),
            (Kind::Slow | Kind::Unavailable | Kind::Dropped | Kind::AnswerLost, _) => Err(Wrong::Milliseconds),
        }
    }

    fn concerns(&self, operation: Operation) -> bool {
        self.operation.as_ref().is_none_or(|name| name == operation.name())
    }
}

/// What a request of `operation` meets, and what is left after it; none if it meets nothing.
fn meet(faults: &[Fault], operation: Operation) -> Option<(Fault, Vec<Fault>)> {
    let at = faults.iter().position(|fault| fault.concerns(operation))?;
    let (met, mut left) = (faults[at].clone(), faults.to_vec());
    left[at].times = left[at].times.saturating_sub(1);
    left.retain(|fault| fault.times > 0);
    Some((met, left))
}

/// Takes the fault that a request meets.
pub fn take(tx: &mut Tx<'_>, shop: ShopId, operation: Operation) -> Result<Option<Fault>, StoreError> {
    let faults = rows::of_shop_for_update(tx, shop)?;
    let Some((met, left)) = meet(&faults, operation) else { return Ok(None) };
    rows::replace(tx, shop, &left)?;
    Ok(Some(met))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(fault: Kind, operation: Option<&str>, times: u32) -> Fault {
        Fault { fault, operation: operation.map(str::to_owned), times, milliseconds: None }
    }

    #[test]
    fn faults_happen_in_their_order_and_as_often_as_asked() {
        let asked = [fault(Kind::Dropped, Some("confirmOrder"), 2), fault(Kind::Unavailable, None, 1)];
        let (met, left) = meet(&asked, Operation::GetOrder).unwrap();
        assert_eq!((met.fault, left.len()), (Kind::Unavailable, 1));
        assert_eq!(meet(&left, Operation::GetOrder), None);
        let (met, left) = meet(&left, Operation::ConfirmOrder).unwrap();
        assert_eq!((met.fault, left[0].times), (Kind::Dropped, 1));
        assert_eq!(meet(&left, Operation::ConfirmOrder).unwrap().1, []);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        assert_eq!(fault(Kind::AnswerLost, Some("confirmOrder"), 1).check(), Ok(()));
        assert_eq!(fault(Kind::AnswerLost, Some("confirm"), 1).check(), Err(Wrong::Operation));
        assert_eq!(fault(Kind::AnswerLost, None, 0).check(), Err(Wrong::Times));
        assert_eq!(fault(Kind::Slow, None, 1).check(), Err(Wrong::Milliseconds));
        assert_eq!(Fault { milliseconds: Some(5), ..fault(Kind::Slow, None, 1) }.check(), Ok(()));
        assert_eq!(Fault { milliseconds: Some(5), ..fault(Kind::Dropped, None, 1) }.check(), Err(Wrong::Milliseconds));
    }
}

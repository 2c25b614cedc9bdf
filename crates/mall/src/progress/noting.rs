//! What the shop may write on an order that no decision is about: memo, remarks, sub-status, delivery date and time.

use super::Refused;
use crate::code::{Progress, Status};
use crate::order::Order;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Noting {
    /// Delivery date and time alone: the mall takes them while a procedure runs (seed 002 "お届け・時間帯更新").
    Delivery,
    /// Something else.
    Anything,
}

/// Whether it may be written now.
pub fn may_note(order: &Order, noting: Noting) -> Result<(), Refused> {
    match order.progress {
        Progress::InProcess | Progress::AwaitingShipment | Progress::AwaitingChange
            if runs(order) && noting == Noting::Anything =>
        {
            Err(Refused::Running)
        }
        Progress::AwaitingConfirmation
        | Progress::InProcess
        | Progress::AwaitingShipment
        | Progress::AwaitingChange
        | Progress::Shipped
        | Progress::SettlementInProgress
        | Progress::Settled
        | Progress::AwaitingCancellation => Ok(()),
        Progress::Cancelled => Err(Refused::Cancelled),
    }
}

/// 30100 and 30200: the mall asks for the money right now. 30110 (与信保留) waits for the shop as a refusal does, and so does
/// 30100 of 発送待ち for a shipping date.
fn runs(order: &Order) -> bool {
    match order.payment().map(|payment| payment.status) {
        Some(Status::ProcedureWaiting) => order.progress == Progress::InProcess,
        Some(Status::ProcedureRequested) => true,
        Some(_) | None => false,
    }
}

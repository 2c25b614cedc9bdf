//! cancelOrder and cancelOrderAfterShipping (contract, 3.13 and 3.14).

use super::message::Message;
use super::read::Reader;
use crate::code::{Reason, Restock};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancel {
    /// 注文番号, as it was sent.
    pub number: String,
    /// What becomes of the stock.
    pub restock: Restock,
    /// Why.
    pub reason: Reason,
}

/// Reads a request; otherwise a message for each faulty member.
pub fn read(reader: &mut Reader<'_>) -> Result<Cancel, Vec<Message>> {
    let number = reader.text("orderNumber", 382);
    let restock = reader.code("inventoryRestoreType", Restock::of);
    let given = |code: i64| Reason::of(code).filter(|reason| reason.can_be_given());
    let reason = reader.code("changeReasonDetailApply", given);
    match (number, restock, reason) {
        (Some(number), Some(restock), Some(reason)) if reader.is_sound() => Ok(Cancel { number, restock, reason }),
        (_, _, _) => Err(reader.messages()),
    }
}

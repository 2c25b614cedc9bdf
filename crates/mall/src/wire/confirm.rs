//! confirmOrder (contract, 3.3).

use super::get_order::{ORDERS_MAX, numbers};
use super::message::Message;
use super::read::Reader;

/// Reads a request: the order numbers, as they were sent; otherwise a message for each faulty member.
pub fn read(reader: &mut Reader<'_>) -> Result<Vec<String>, Vec<Message>> {
    let numbers = numbers(reader, "orderNumberList", ORDERS_MAX);
    numbers.filter(|_| reader.is_sound()).ok_or_else(|| reader.messages())
}

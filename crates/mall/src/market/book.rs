//! The mall's lines in the terms of the ledger. What the mall owes the shop is [`Account::MallPayable`].

use kernel::{Timestamp, Yen};
use ledger::{Account, Entry};
use store::{ErrorKind, StoreError};

use crate::order::OrderNumber;
use crate::progress::Line;

/// Why entries of the mall are posted; kinds of others do not begin so.
pub const KIND: &str = "mall";
/// The kind of entries that pay out, and do nothing else.
pub const PAYOUT_KIND: &str = "mall.payout";

/// The debited and the credited account of a line, and its yen.
fn movement(line: Line) -> (Account, Account, i64) {
    match line {
        Line::Received(yen) => (Account::MallFunds, Account::MallPayable, yen),
        Line::Promised(yen) => (Account::MallPromotion, Account::MallPayable, yen),
        Line::GivenBack(yen) | Line::PaidOut(yen) => (Account::MallPayable, Account::MallFunds, yen),
        Line::TakenBack(yen) => (Account::MallPayable, Account::MallPromotion, yen),
    }
}

/// The name of the entry of a change: an order has one of each version at the most.
pub fn entry_id(number: OrderNumber, version: i64) -> String {
    format!("mall-{number}-{version:06}")
}

/// The entry of these lines; none if nothing moves. An order never makes anybody owe less than nothing, so a line of
/// negative yen is damage.
pub fn entry(number: OrderNumber, lines: &[Line], posted: Timestamp) -> Result<Option<Entry>, StoreError> {
    let mut moved = Vec::with_capacity(lines.len());
    for (debit, credit, yen) in lines.iter().copied().map(movement).filter(|(.., yen)| *yen != 0) {
        let yen = Yen::new(yen);
        let yen = yen.map_err(|error| StoreError::new(ErrorKind::Corrupt, format!("a line of {number}: {error}")))?;
        moved.push(ledger::Line::new(debit, credit, yen));
    }
    let kind = if paid_out(lines).is_some() { PAYOUT_KIND } else { KIND };
    let entry = |lines| Entry::new(kind, number.to_string(), posted, lines);
    Ok((!moved.is_empty()).then(|| entry(moved)))
}

/// What is paid out by these lines, in yen; none if nothing is.
pub fn paid_out(lines: &[Line]) -> Option<i64> {
    let paid = lines.iter().filter_map(|line| match line {
        Line::PaidOut(yen) => Some(*yen),
        Line::Received(_) | Line::Promised(_) | Line::GivenBack(_) | Line::TakenBack(_) => None,
    });
    paid.reduce(|one, other| one + other).filter(|yen| *yen != 0)
}

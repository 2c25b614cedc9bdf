//! Balanced entries. Each line debits one account and credits another by the same amount, so balance is not checked but
//! built in; what is asserted is that a line moves something somewhere.

use kernel::{Timestamp, Yen};

use crate::Account;

/// One movement: `amount` is debited to one account and credited to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    debit: Account,
    credit: Account,
    amount: Yen,
}

impl Line {
    /// A movement of `amount`; a movement of nothing, or from an account to itself, is our own mistake.
    pub fn new(debit: Account, credit: Account, amount: Yen) -> Line {
        assert_ne!(debit, credit, "a line from an account to itself");
        assert!(!amount.is_zero(), "a line of nothing");
        Line { debit, credit, amount }
    }

    /// The account that is debited.
    pub fn debit(&self) -> Account {
        self.debit
    }

    /// The account that is credited.
    pub fn credit(&self) -> Account {
        self.credit
    }

    /// How much moves.
    pub fn amount(&self) -> Yen {
        self.amount
    }

    /// The same movement backwards.
    pub fn reversed(self) -> Line {
        Line { debit: self.credit, credit: self.debit, amount: self.amount }
    }
}

/// What happened to one charge, in at least one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Why it was posted: `capture`, `cancel`, `change`.
    pub kind: &'static str,
    /// What it is about: an order number.
    pub reference: String,
    /// World time.
    pub posted: Timestamp,
    lines: Vec<Line>,
}

impl Entry {
    /// An entry of `lines`, of which there is at least one.
    pub fn new(kind: &'static str, reference: String, posted: Timestamp, lines: Vec<Line>) -> Entry {
        assert!(!lines.is_empty(), "an entry without lines");
        Entry { kind, reference, posted, lines }
    }

    /// The lines.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }
}

/// A line as it stands in the book, for recounting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostedLine {
    /// The entry it belongs to.
    pub entry_id: String,
    /// Its number, from 1.
    pub line: i64,
    /// How many lines the entry has.
    pub lines: i64,
    /// Why it was posted.
    pub kind: String,
    /// What it is about.
    pub reference: String,
    /// The movement.
    pub movement: Line,
}

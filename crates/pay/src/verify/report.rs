//! What a recount found, and how rows are named in it.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

/// Findings of one check that are kept: the first ones say where to look, and a wholly damaged table fits into memory.
pub const FINDINGS_MAX: usize = 1_000;

/// Something that disagrees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which recount disagrees: `charge`, `ledger`, `book` …
    pub check: &'static str,
    /// Table and key, the parts of the key separated by `/`: `charge 1/sandbox/0000000123-20261122-0000000042`.
    pub row: String,
    /// What is wrong with it. No personal data, no secrets.
    pub problem: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.row, self.problem)
    }
}

/// What came of a recount.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What disagrees, row by row.
    pub findings: Vec<Finding>,
    /// Findings of checks that had found too much already.
    pub omitted: u64,
    /// Charges that changed at every look, so that they could not be compared with the acquirer's book this time.
    pub unsettled: u64,
    /// How many rows of each table were looked at.
    pub counted: BTreeMap<&'static str, u64>,
}

impl Report {
    /// Whether nothing disagrees.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// Takes over what another part of the recount found.
    pub(super) fn absorb(&mut self, other: Report) {
        self.findings.extend(other.findings);
        self.omitted += other.omitted;
        self.unsettled += other.unsettled;
        for (table, count) in other.counted {
            *self.counted.entry(table).or_default() += count;
        }
    }
}

/// Findings as they come.
#[derive(Debug, Default)]
pub(super) struct Findings {
    report: Report,
    of_check: BTreeMap<&'static str, usize>,
}

impl Findings {
    /// `row` has a problem.
    pub fn add(&mut self, check: &'static str, row: impl fmt::Display, problem: impl Into<String>) {
        let finding = Finding { check, row: row.to_string(), problem: problem.into() };
        // Several rows may disagree with one row in the same way.
        if self.report.findings.last() == Some(&finding) {
            return;
        }
        let of_check = self.of_check.entry(check).or_default();
        if *of_check < FINDINGS_MAX {
            *of_check += 1;
            self.report.findings.push(finding);
        } else {
            self.report.omitted += 1;
        }
    }

    /// Two rows disagree: either may be the wrong one.
    pub fn both(
        &mut self,
        check: &'static str,
        one: impl fmt::Display,
        other: impl fmt::Display,
        problem: impl Into<String>,
    ) {
        let problem = problem.into();
        let (one, other) = (one.to_string(), other.to_string());
        self.add(check, &one, format!("{problem} (beside {other})"));
        self.add(check, &other, format!("{problem} (beside {one})"));
    }

    /// Notes that a charge never stood still.
    pub fn unsettled(&mut self) {
        self.report.unsettled += 1;
    }

    /// Notes how many rows of `table` are looked at.
    pub fn counted(&mut self, table: &'static str, rows: i64) {
        *self.report.counted.entry(table).or_default() += rows.unsigned_abs();
    }

    pub fn into_report(self) -> Report {
        self.report
    }
}

/// `Some` sentence if what a row says is not what it should say.
pub(super) fn differs<T: PartialEq + fmt::Display>(what: &str, is: T, should: T) -> Option<String> {
    (is != should).then(|| format!("{what} is {is}, expected {should}"))
}

/// The row and the problem in a sentence of the simulator about its book, `table (shop 1, sandbox, name): problem`;
/// names are written as everywhere else.
pub(super) fn named_in_book(sentence: &str) -> (String, String) {
    let parts = sentence.split_once(" (shop ").and_then(|(table, rest)| {
        let (key, problem) = rest.split_once("): ")?;
        let mut parts = key.splitn(3, ", ");
        let (shop, environment, name) = (parts.next()?, parts.next()?, parts.next()?);
        let name = name.strip_prefix("key ").unwrap_or(name);
        Some((format!("{table} {shop}/{environment}/{name}"), problem.to_owned()))
    });
    parts.unwrap_or_else(|| (sentence.to_owned(), "see there".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_the_book_are_named_like_ours() {
        let row = |sentence| named_in_book(sentence).0;
        assert_eq!(row("sim_points_hold (shop 1, sandbox, hold_1): used is 1"), "sim_points_hold 1/sandbox/hold_1");
        assert_eq!(row("sim_operation (shop 1, test, key a-0): x: y"), "sim_operation 1/test/a-0");
        assert_eq!(row("something else"), "something else");
    }

    #[test]
    fn a_check_that_finds_too_much_is_cut_off() {
        let mut found = Findings::default();
        for row in 0..FINDINGS_MAX + 3 {
            found.add("charge", format!("charge {row}"), "wrong");
        }
        found.add("event", "event 1", "wrong");
        let report = found.into_report();
        assert_eq!((report.findings.len(), report.omitted), (FINDINGS_MAX + 1, 3));
    }
}

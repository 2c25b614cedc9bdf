//! Until when a charge can be captured, cancelled and changed (docs/rules.md). A charge keeps the windows that held when it was
//! ordered: other ones count for charges that are made afterwards.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use crate::rules;

/// How long the windows of a charge are. The usual ones end with a month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Windows {
    /// Days after the day of the order (JST) until whose end a provisional sale can be captured, cancelled and changed; none:
    /// [`rules::PROVISIONAL_WINDOW_MONTHS`].
    pub provisional_days: Option<u32>,
    /// Days after the day of the capture (JST) until whose end an actual sale can be cancelled and changed; none:
    /// [`rules::CAPTURED_WINDOW_MONTHS`].
    pub captured_days: Option<u32>,
}

impl Windows {
    /// Those of the full online version.
    pub const USUAL: Windows = Windows { provisional_days: None, captured_days: None };

    /// When the window of a provisional sale closes.
    pub fn provisional_ends(self, ordered: Timestamp) -> Timestamp {
        ends(ordered, self.provisional_days, rules::PROVISIONAL_WINDOW_MONTHS)
    }

    /// When the window of an actual sale closes.
    pub fn captured_ends(self, captured: Timestamp) -> Timestamp {
        ends(captured, self.captured_days, rules::CAPTURED_WINDOW_MONTHS)
    }
}

/// Midnight in Japan after the last day.
fn ends(from: Timestamp, days: Option<u32>, months: u32) -> Timestamp {
    match days {
        Some(days) => from.jst_date().plus_days(i64::from(days) + 1).start(),
        None => from.jst_date().end_of_month_after(months),
    }
}

#[cfg(test)]
mod tests {
    use kernel::JstDate;

    use super::*;

    #[test]
    fn windows_end_at_midnight_in_japan() {
        let at = |year, month, day| JstDate::new(year, month, day).unwrap().start();
        let late = at(2026, 11, 23).plus_micros(-1);
        let days = Windows { provisional_days: Some(60), captured_days: Some(1) };
        assert_eq!(Windows::USUAL.provisional_ends(late), at(2027, 5, 1));
        assert_eq!(Windows::USUAL.captured_ends(late), at(2027, 1, 1));
        assert_eq!(days.provisional_ends(late), at(2027, 1, 22));
        assert_eq!(days.provisional_ends(late.plus_micros(1)), at(2027, 1, 23));
        assert_eq!(days.captured_ends(late), at(2026, 11, 24));
    }
}

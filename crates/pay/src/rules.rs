//! Rules with a number of online payments, in one table. docs/rules.md shows the same table to people; a test keeps them
//! equal.
//!
//! | rule | starts | length | last moment counts | source |
//! |---|---|---|---|---|
//! | capture, cancel, change of a provisional sale | order | end of the fifth month after the month of the order (JST) | yes, until midnight | contract online-lite-api "Rules" |
//! | cancel, change of an actual sale | capture | end of the month after the month of the capture (JST) | yes, until midnight | contract online-lite-api "Rules" |
//! | smallest total after a change | – | 100 yen | 100 is allowed | seed 000 "金額変更" |
//! | largest total | – | 99,999,999 yen | is allowed | ours |
//! | items of a charge | – | 1 to 1,000 | are allowed | ours; the contract names no limit |
//! | page of a list | – | 1 to 100, 10 if not said | are allowed | contract online-lite-api "Operations" |
//! | offset of a list | – | 0 to 10,000 | are allowed | contract online-lite-api "Rules" |

use kernel::Yen;

/// Months after the month of the order until whose end a provisional sale can be captured, cancelled and changed.
pub const PROVISIONAL_WINDOW_MONTHS: u32 = 5;
/// Months after the month of the capture until whose end an actual sale can be cancelled and changed.
pub const CAPTURED_WINDOW_MONTHS: u32 = 1;
/// Smallest total after a change of amount, in yen.
pub const SMALLEST_CHANGED_TOTAL_YEN: i64 = 100;
/// Largest total of a charge, in yen.
pub const LARGEST_TOTAL_YEN: i64 = 99_999_999;
/// Items of a charge at the most.
pub const ITEMS_MAX: usize = 1_000;
/// Characters of an item's id and name, and of a cart id, at the most.
pub const TEXT_MAX: usize = 255;
/// Elements of a list's page at the most.
pub const PAGE_MAX: i64 = 100;
/// Elements of a list's page if the request does not say.
pub const PAGE_DEFAULT: i64 = 10;
/// Largest offset of a list.
pub const OFFSET_MAX: i64 = 10_000;

/// [`SMALLEST_CHANGED_TOTAL_YEN`] as an amount.
pub fn smallest_changed_total() -> Yen {
    Yen::new(SMALLEST_CHANGED_TOTAL_YEN).expect("100 yen is an amount")
}

/// [`LARGEST_TOTAL_YEN`] as an amount.
pub fn largest_total() -> Yen {
    Yen::new(LARGEST_TOTAL_YEN).expect("99,999,999 yen is an amount")
}

#[cfg(test)]
mod tests {
    #[test]
    fn people_read_the_same_table() {
        let code = include_str!("rules.rs");
        let document = include_str!("../../../docs/rules.md");
        let rows: Vec<&str> = code.lines().filter_map(|line| line.strip_prefix("//! |")).collect();
        assert_eq!(rows.len(), 9);
        for row in rows {
            assert!(document.contains(row), "docs/rules.md lacks: {row}");
        }
    }
}

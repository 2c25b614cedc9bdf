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
//! | mails to the buyer of a charge | – | 30 | the 30th is sent | contract online-lite-api "Rules"; seed 000 "メール送信" |
//! | a mail to the buyer | order | 180 days of 24 hours | yes | contract online-lite-api "Rules"; seed 000 "メール送信" |
//! | a mail can be read | sending | 365 days of 24 hours; then its text and address are erased | yes | contract online-lite-api "Rules"; seed 000 "メール送信" |
//! | subject of a mail | – | 1 to 80 characters, one line | are allowed | contract online-lite-api "Rules" |
//! | text of a mail | – | 1 to 4,000 characters, before anything is inserted; a line break is one | are allowed | contract online-lite-api "Rules" |
//! | a shop's automatic opening | – | 1 to 1,000 characters | are allowed | ours |
//! | sender name of a shop's mails | – | 1 to 80 characters, one line | are allowed | ours |
//! | a 仮売上 expires soon, for the top page | – | 14 days of 24 hours before the end of its window | yes | ours |
//! | mails that did not arrive, for the top page | the change or request they tell of | 14 days of 24 hours | yes | ours |
//! | period of a chart | first day | 3 years of days (JST), in hours, days, weeks or months | yes | seed 000 "ダッシュボードトップページ" |

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

/// Mails to the buyer of a charge at the most.
pub const NOTIFICATIONS_MAX: i64 = 30;
/// Days after the order until which mails can be sent.
pub const NOTIFICATION_WINDOW_DAYS: i64 = 180;
/// Days after sending until which mails can be read.
pub const NOTIFICATION_READABLE_DAYS: i64 = 365;
/// Characters of a mail's subject at the most.
pub const SUBJECT_MAX: usize = 80;
/// Characters of a mail's text at the most, before anything is inserted.
pub const BODY_MAX: usize = 4_000;
/// Characters of a shop's automatic opening at the most.
pub const OPENING_MAX: usize = 1_000;
/// Characters of the sender's name at the most.
pub const SENDER_NAME_MAX: usize = 80;

/// Days before the end of its window from which on a provisional sale expires soon.
pub const EXPIRING_SOON_DAYS: i64 = 14;
/// Days for which mails that did not arrive are pointed at.
pub const MAILS_LOOKED_AT_DAYS: i64 = 14;

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
        assert_eq!(rows.len(), 19);
        for row in rows {
            assert!(document.contains(row), "docs/rules.md lacks: {row}");
        }
    }
}

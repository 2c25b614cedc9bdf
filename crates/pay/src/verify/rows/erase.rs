//! Settings of what shops erase by themselves, and their timers.

use kernel::Timestamp;
use store::{StoreError, Tx};

use super::mail::{Wrong, name, wrong};
use crate::erase::timer::{ERASE_SUBJECT, ERASE_TIMER, EVERY_SECONDS};
use crate::verify::timer::CLOCKS_APART;

/// Everything that is wrong with them.
pub fn all_wrong(tx: &mut Tx<'_>) -> Result<Vec<Wrong>, StoreError> {
    let statements = vec![
        (unwatched(tx.machine_now()), "nothing will erase what it says in time"),
        (unwanted(), "the shop erases nothing by itself"),
        (homeless(), "its shop is missing, or its environment is none"),
    ];
    wrong(tx, statements)
}

fn setting(alias: &str, environment: &str) -> String {
    name("erase_setting", alias, &format!("{alias}.{environment}"), "")
}

fn timer(alias: &str, environment: &str) -> String {
    name("timer", alias, &format!("{alias}.{environment}"), &format!(" || '/{ERASE_TIMER}/{ERASE_SUBJECT}'"))
}

fn unwatched(now: Timestamp) -> String {
    let latest = now.plus_seconds(EVERY_SECONDS).plus_micros(CLOCKS_APART).micros();
    format!(
        "SELECT {}, {} FROM erase_setting s LEFT JOIN timer t ON t.shop_id = s.shop_id AND t.world = s.environment
             AND t.kind = '{ERASE_TIMER}' AND t.subject = '{ERASE_SUBJECT}'
         WHERE t.due_us IS NULL OR t.due_us > {latest} + COALESCE((SELECT k.offset_us FROM test_clock k
             WHERE k.shop_id = s.shop_id AND s.environment = 'sandbox'), 0)",
        setting("s", "environment"),
        timer("s", "environment")
    )
}

fn unwanted() -> String {
    format!(
        "SELECT {}, {} FROM timer t LEFT JOIN erase_setting s ON s.shop_id = t.shop_id AND s.environment = t.world
         WHERE t.kind = '{ERASE_TIMER}' AND t.subject = '{ERASE_SUBJECT}' AND s.shop_id IS NULL",
        timer("t", "world"),
        setting("t", "world")
    )
}

fn homeless() -> String {
    format!(
        "SELECT {}, NULL FROM erase_setting s LEFT JOIN shop h ON h.shop_id = s.shop_id
         WHERE h.shop_id IS NULL OR s.environment NOT IN ('sandbox', 'test', 'live')",
        setting("s", "environment")
    )
}

//! Settings of what shops erase by themselves, and their timers.

use kernel::Timestamp;
use kernel::time::MICROS_PER_SECOND;
use store::{StoreError, Tx};

use super::mail::{Wrong, name, wrong};
use crate::erase::timer::{DAY_SECONDS, ERASE_SUBJECT, ERASE_TIMER, EVERY_SECONDS};
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

/// Settings without a timer, or with one that comes more than a day after a charge is old enough, known or made now.
fn unwatched(now: Timestamp) -> String {
    let day = DAY_SECONDS * MICROS_PER_SECOND;
    let late = EVERY_SECONDS * MICROS_PER_SECOND + CLOCKS_APART;
    format!(
        "SELECT {}, {} FROM erase_setting s LEFT JOIN timer t ON t.shop_id = s.shop_id AND t.world = s.environment
             AND t.kind = '{ERASE_TIMER}' AND t.subject = '{ERASE_SUBJECT}'
         WHERE t.due_us IS NULL
             OR t.due_us > {} + s.after_days * {day} + {late} + COALESCE((SELECT k.offset_us FROM test_clock k
                 WHERE k.shop_id = s.shop_id AND s.environment = 'sandbox'), 0)
             OR EXISTS (SELECT 1 FROM charge c WHERE c.shop_id = s.shop_id AND c.environment = s.environment
                 AND c.buyer IS NOT NULL AND c.state <> 'authorized'
                 AND c.updated_us + s.after_days * {day} + {late} < t.due_us)",
        setting("s", "environment"),
        timer("s", "environment"),
        now.micros()
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

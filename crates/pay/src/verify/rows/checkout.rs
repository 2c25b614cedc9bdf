//! Visits to the checkout.

use store::{Row, StoreError, Tx, params};

use super::super::area::Area;
use super::super::report::FINDINGS_MAX;
use super::mail::{Wrong, name, wrong};
use super::{PAGE, opt_text, text};

/// A visit, with the event of its payment if that succeeded.
pub struct Visit {
    pub area: Area,
    pub id: String,
    pub items: String,
    pub cart_id: Option<String>,
    pub point: i64,
    pub event: Option<String>,
    pub data: Option<String>,
}

/// Visits after a key.
pub fn visits_after(tx: &mut Tx<'_>, after: &(i64, String, String)) -> Result<Vec<Visit>, StoreError> {
    let sql = "SELECT s.shop_id, s.environment, s.session_id, s.items, s.cart_id, s.point, e.event_id, e.data
               FROM checkout_session s LEFT JOIN event e ON s.state = 'paying' AND e.shop_id = s.shop_id
                   AND e.environment = s.environment AND e.event_id = 'evt_' || s.attempt_id
               WHERE (s.shop_id, s.environment, s.session_id) > ($1, $2, $3)
               ORDER BY s.shop_id, s.environment, s.session_id LIMIT $4";
    let visit = |row: &Row| {
        Ok(Visit {
            area: Area { shop: row.int(0)?, environment: text(row, 1)? },
            id: text(row, 2)?,
            items: text(row, 3)?,
            cart_id: opt_text(row, 4)?,
            point: row.int(5)?,
            event: opt_text(row, 6)?,
            data: opt_text(row, 7)?,
        })
    };
    let (shop, environment, id) = after;
    tx.query(sql, &params![*shop, environment, id, PAGE as i64])?.iter().map(visit).collect()
}

/// Everything that is wrong with the rows beside their attempts.
pub fn all_wrong(tx: &mut Tx<'_>) -> Result<Vec<Wrong>, StoreError> {
    let statements = vec![
        (torn(), "what it says of where it stands does not fit together"),
        (homeless(), "its shop is missing, or its environment is none"),
        (unpaid(), "its attempt is missing, makes no payment, or is another buyer's"),
        (ahead(), "the shop is still asked, and the attempt has begun"),
        (chargeless(), "its payment succeeded, and there is no charge"),
    ];
    wrong(tx, statements)
}

fn of_visit() -> String {
    name("checkout_session", "s", "s.environment", " || '/' || s.session_id")
}

fn of_attempt() -> String {
    name("attempt", "s", "s.environment", " || '/' || s.attempt_id")
}

/// Only who is being asked for, or pays, has an attempt; only who is asked for has a time until which.
fn torn() -> String {
    format!(
        "SELECT {}, NULL FROM checkout_session s
         WHERE (s.state = 'checking') <> (s.checking_until_us IS NOT NULL)
             OR (s.state IN ('checking', 'paying')) <> (s.attempt_id IS NOT NULL)
             OR (s.state IN ('checking', 'paying') AND s.buyer_id IS NULL)
             OR s.expires_us <= s.created_us",
        of_visit()
    )
}

fn homeless() -> String {
    format!(
        "SELECT {}, NULL FROM checkout_session s LEFT JOIN shop h ON h.shop_id = s.shop_id
         WHERE h.shop_id IS NULL OR s.environment NOT IN ('sandbox', 'test', 'live')",
        of_visit()
    )
}

fn unpaid() -> String {
    format!(
        "SELECT {}, {} FROM checkout_session s LEFT JOIN attempt a ON a.shop_id = s.shop_id
             AND a.environment = s.environment AND a.attempt_id = s.attempt_id
         WHERE s.state = 'paying' AND s.attempt_id IS NOT NULL
             AND (a.attempt_id IS NULL OR a.verb <> 'pay' OR a.actor <> s.buyer_id)",
        of_visit(),
        of_attempt()
    )
}

fn ahead() -> String {
    format!(
        "SELECT {}, {} FROM checkout_session s JOIN attempt a ON a.shop_id = s.shop_id
             AND a.environment = s.environment AND a.attempt_id = s.attempt_id
         WHERE s.state <> 'paying'",
        of_visit(),
        of_attempt()
    )
}

fn chargeless() -> String {
    format!(
        "SELECT {}, {} FROM checkout_session s JOIN attempt a ON a.shop_id = s.shop_id
             AND a.environment = s.environment AND a.attempt_id = s.attempt_id
         LEFT JOIN charge c ON c.shop_id = a.shop_id AND c.environment = a.environment AND c.charge_id = a.charge_id
         WHERE s.state = 'paying' AND a.state = 'succeeded' AND c.charge_id IS NULL",
        of_visit(),
        name("charge", "s", "s.environment", " || '/' || a.charge_id")
    )
}

/// Cards and addresses that nobody saved: the names of their rows.
pub fn of_nobody(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    for (table, id) in [("buyer_card", "card_id"), ("buyer_address", "address_id")] {
        let sql = format!(
            "SELECT '{table} ' || t.buyer_id || '/' || t.{id} FROM {table} t
             LEFT JOIN buyer b ON b.buyer_id = t.buyer_id WHERE b.buyer_id IS NULL ORDER BY 1 LIMIT $1"
        );
        for row in tx.query(&sql, &params![FINDINGS_MAX as i64 + 1])? {
            found.push(text(&row, 0)?);
        }
    }
    Ok(found)
}

/// Every page that may show a button, to be looked at.
pub fn origins(tx: &mut Tx<'_>) -> Result<Vec<(Area, String)>, StoreError> {
    let sql = "SELECT shop_id, environment, origin FROM checkout_origin ORDER BY shop_id, environment, origin";
    let origin = |row: &Row| Ok((Area { shop: row.int(0)?, environment: text(row, 1)? }, text(row, 2)?));
    tx.query(sql, &[])?.iter().map(origin).collect()
}

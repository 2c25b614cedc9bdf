//! The rows that hold what is personal of buyers.

use kernel::Timestamp;
use store::{Row, Statement, StoreError, Tx, params};

use super::Place;

/// Whether there is such a charge.
pub fn is_known(tx: &mut Tx<'_>, place: Place, charge: &str) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM charge WHERE shop_id = $1 AND environment = $2 AND charge_id = $3";
    Ok(tx.query_opt(sql, &params![place.shop, place.environment, charge])?.is_some())
}

/// Charges of a buyer that still name him, those after the charge `after`.
pub fn unerased_of(
    tx: &mut Tx<'_>,
    place: Place,
    open_id: &str,
    after: &str,
    limit: usize,
) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT charge_id FROM charge WHERE shop_id = $1 AND environment = $2 AND charge_id > $3
                   AND buyer IS NOT NULL AND open_id = $4
               ORDER BY charge_id LIMIT $5";
    let rows = tx.query(sql, &params![place.shop, place.environment, after, open_id, limit as i64])?;
    rows.iter().map(id).collect()
}

/// Charges that still name their buyer, were last changed at `until` or before, and are no provisional sales.
pub fn unerased_until(
    tx: &mut Tx<'_>,
    place: Place,
    until: Timestamp,
    limit: usize,
) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT charge_id FROM charge WHERE shop_id = $1 AND environment = $2 AND buyer IS NOT NULL
                   AND updated_us <= $3 AND state <> 'authorized'
               ORDER BY charge_id LIMIT $4";
    let rows = tx.query(sql, &params![place.shop, place.environment, until, limit as i64])?;
    rows.iter().map(id).collect()
}

/// When the first of the charges was ordered that still name their buyer; none if there are none.
pub fn first_unerased(tx: &mut Tx<'_>, place: Place) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT ordered_us FROM charge WHERE shop_id = $1 AND environment = $2 AND buyer IS NOT NULL
               ORDER BY charge_id LIMIT 1";
    tx.query_opt(sql, &params![place.shop, place.environment])?.map(|row| row.timestamp(0)).transpose()
}

fn id(row: &Row) -> Result<String, StoreError> {
    row.text(0).map(str::to_owned)
}

/// Everything personal of one charge, in rows that no two of the statements share.
pub fn erase(place: Place, charge: &str) -> [Statement<'static>; 7] {
    let all = |sql: &'static str| Statement::new(sql, params![place.shop, place.environment, charge]);
    let [mails, notifications] = crate::mail::rows::erase_of_charge(place.shop, place.environment, charge);
    [
        all(
            "UPDATE charge SET address = NULL, buyer = NULL
             WHERE shop_id = $1 AND environment = $2 AND charge_id = $3 AND (buyer IS NOT NULL OR address IS NOT NULL)",
        ),
        mails,
        notifications,
        all("DELETE FROM request_log WHERE shop_id = $1 AND environment = $2 AND charge_id = $3"),
        all("UPDATE webhook_attempt SET response_body = ''
             WHERE shop_id = $1 AND environment = $2 AND status IS NOT NULL AND event_id IN
                 (SELECT 'evt_' || a.attempt_id FROM attempt a
                  WHERE a.shop_id = $1 AND a.environment = $2 AND a.charge_id = $3)"),
        // What the shop was asked about this order and earlier ones of the buyer, under the ids of their payments.
        all("UPDATE webhook_attempt SET request_body = NULL, open_id = NULL,
                 response_body = CASE WHEN status IS NULL THEN NULL ELSE '' END
             WHERE shop_id = $1 AND environment = $2 AND open_id =
                 (SELECT c.open_id FROM charge c
                  WHERE c.shop_id = $1 AND c.environment = $2 AND c.charge_id = $3)
                 AND attempt_id <= (SELECT max(a.attempt_id) FROM attempt a
                  WHERE a.shop_id = $1 AND a.environment = $2 AND a.charge_id = $3 AND a.verb = 'pay')"),
        all("DELETE FROM checkout_session
             WHERE shop_id = $1 AND environment = $2 AND state = 'paying' AND attempt_id IN
                 (SELECT a.attempt_id FROM attempt a
                  WHERE a.shop_id = $1 AND a.environment = $2 AND a.charge_id = $3 AND a.state <> 'running')"),
    ]
}

/// Removes the cards that the buyers of these charges saved with the shop, and visits of theirs that have not led to a
/// payment.
pub fn remove_cards(tx: &mut Tx<'_>, place: Place, charges: &[String]) -> Result<(), StoreError> {
    for buyer in buyers(tx, place, charges)? {
        let of = params![place.shop, place.environment, &buyer];
        let cards = "DELETE FROM buyer_card WHERE shop_id = $1 AND environment = $2 AND buyer_id = $3";
        let visits = "DELETE FROM checkout_session WHERE shop_id = $1 AND environment = $2 AND buyer_id = $3
                      AND state IN ('open', 'abandoned')";
        tx.execute_all(&[Statement::new(cards, of.clone()), Statement::new(visits, of)])?;
    }
    Ok(())
}

/// The accounts that these charges name as their buyers.
fn buyers(tx: &mut Tx<'_>, place: Place, charges: &[String]) -> Result<Vec<String>, StoreError> {
    let mut buyers: Vec<String> = Vec::new();
    for charge in charges {
        let json = crate::mail::rows::buyer(tx, place.shop, place.environment, charge)?;
        let buyer = json.and_then(|json| serde_json::from_str::<crate::charge::Buyer>(&json).ok());
        if let Some(id) = buyer.and_then(|buyer| buyer.id).filter(|id| !buyers.contains(id)) {
            buyers.push(id);
        }
    }
    Ok(buyers)
}

/// After how many days the shop erases by itself; none if never.
pub fn setting(tx: &mut Tx<'_>, place: Place) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT after_days FROM erase_setting WHERE shop_id = $1 AND environment = $2";
    tx.query_opt(sql, &params![place.shop, place.environment])?.map(|row| row.int(0)).transpose()
}

/// Keeps after how many days the shop erases by itself.
pub fn save_setting(place: Place, after_days: Option<i64>) -> Statement<'static> {
    match after_days {
        Some(days) => Statement::new(
            "INSERT INTO erase_setting (shop_id, environment, after_days) VALUES ($1, $2, $3)
             ON CONFLICT (shop_id, environment) DO UPDATE SET after_days = excluded.after_days",
            params![place.shop, place.environment, days],
        ),
        None => Statement::new(
            "DELETE FROM erase_setting WHERE shop_id = $1 AND environment = $2",
            params![place.shop, place.environment],
        ),
    }
}

/// Removes an account with everything that it saved, its log-ins, and its visits that have not led to a payment.
pub fn remove_account(tx: &mut Tx<'_>, buyer: &str) -> Result<(), StoreError> {
    let of = |sql: &'static str| Statement::new(sql, params![buyer]);
    tx.execute_all(&[
        of("DELETE FROM buyer_session WHERE buyer_id = $1"),
        of("DELETE FROM buyer_card WHERE buyer_id = $1"),
        of("DELETE FROM buyer_address WHERE buyer_id = $1"),
        of("DELETE FROM checkout_session WHERE buyer_id = $1 AND state IN ('open', 'abandoned')"),
        of("DELETE FROM buyer WHERE buyer_id = $1"),
    ])
    .map(|_| ())
}

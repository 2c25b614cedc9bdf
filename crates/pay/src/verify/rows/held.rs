//! What charges hold and have claimed outside, for comparing with the acquirer's book.

use std::collections::BTreeMap;

use kernel::{Environment, ShopId};
use store::{Row, StoreError, Tx, params};

use super::{by_keys, opt_text, text};
use crate::attempt::finish::RELEASE_TOPIC;

/// What a charge holds and has claimed, and what may change it. Two equal ones, read one after the other with nothing
/// running, mean that nothing happened outside between them that is not to be seen in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub charge: String,
    /// None if there are only attempts, and no charge.
    pub standing: Option<HeldStanding>,
    /// Whether an attempt is running on the charge.
    pub is_running: bool,
    /// What is still to be released: the texts of the outbox.
    pub unsent: Vec<String>,
}

impl Held {
    /// A charge of which nothing is known.
    pub fn unknown(charge: &str) -> Held {
        Held { charge: charge.to_owned(), standing: None, is_running: false, unsent: Vec::new() }
    }
}

/// The charge's row, as far as outside parties are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldStanding {
    pub state: String,
    pub amount: i64,
    pub point: i64,
    pub open_id: String,
    pub authorization: Option<String>,
    pub authorized_amount: i64,
    pub hold: Option<String>,
    pub hold_used: bool,
    pub version: i64,
}

const STANDING: &str = "SELECT charge_id, state, amount, point, open_id, authorization_id, authorized_amount, hold_id,
    hold_used, version FROM charge WHERE shop_id = $1 AND environment = $2 AND charge_id";

/// Charges that hold or held something outside, after `after`, in the order of their ids.
pub fn held_after(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    after: &str,
    limit: usize,
) -> Result<Vec<Held>, StoreError> {
    let sql = format!(
        "{STANDING} > $3 AND (authorization_id IS NOT NULL OR hold_id IS NOT NULL) ORDER BY charge_id LIMIT $4"
    );
    let mut all = BTreeMap::new();
    for row in tx.query(&sql, &params![shop, environment, after, limit as i64])? {
        let held = Held { standing: Some(standing(&row)?), ..Held::unknown(row.text(0)?) };
        all.insert(held.charge.clone(), held);
    }
    note_what_is_open(tx, shop, environment, &mut all)?;
    Ok(all.into_values().collect())
}

/// What is known of charges, each named once, in the order of their ids.
pub fn held_by(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    charges: &[&str],
) -> Result<Vec<Held>, StoreError> {
    let mut all: BTreeMap<String, Held> =
        charges.iter().map(|charge| ((*charge).to_owned(), Held::unknown(charge))).collect();
    for row in by_keys(tx, STANDING, &params![shop, environment], charges)? {
        if let Some(held) = all.get_mut(row.text(0)?) {
            held.standing = Some(standing(&row)?);
        }
    }
    note_what_is_open(tx, shop, environment, &mut all)?;
    Ok(all.into_values().collect())
}

/// Notes running attempts and releases that wait. Both are little, and their indexes are read by ranges: for a list
/// SQLite would rather go through all attempts of the shop.
fn note_what_is_open(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    all: &mut BTreeMap<String, Held>,
) -> Result<(), StoreError> {
    let (Some(first), Some(last)) = (all.keys().next().cloned(), all.keys().next_back().cloned()) else {
        return Ok(());
    };
    let running = "SELECT charge_id FROM attempt
                   WHERE shop_id = $1 AND environment = $2 AND state = 'running' AND charge_id BETWEEN $3 AND $4";
    for row in tx.query(running, &params![shop, environment, &first, &last])? {
        if let Some(held) = all.get_mut(row.text(0)?) {
            held.is_running = true;
        }
    }
    let unsent = "SELECT lane, body FROM outbox WHERE shop_id = $1 AND topic = $2 AND world = $3
                      AND state IN ('waiting', 'queued') AND lane BETWEEN $4 AND $5";
    for row in tx.query(unsent, &params![shop, RELEASE_TOPIC, environment, &first, &last])? {
        if let Some(held) = all.get_mut(row.text(0)?) {
            held.unsent.push(text(&row, 1)?);
        }
    }
    for held in all.values_mut() {
        held.unsent.sort();
    }
    Ok(())
}

fn standing(row: &Row) -> Result<HeldStanding, StoreError> {
    Ok(HeldStanding {
        state: text(row, 1)?,
        amount: row.int(2)?,
        point: row.int(3)?,
        open_id: text(row, 4)?,
        authorization: opt_text(row, 5)?,
        authorized_amount: row.int(6)?,
        hold: opt_text(row, 7)?,
        hold_used: row.int(8)? == 1,
        version: row.int(9)?,
    })
}

/// The releases of a charge that count as sent: the id and the text of each.
pub fn sent_releases(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    charge: &str,
) -> Result<Vec<(String, String)>, StoreError> {
    let sql = "SELECT o.outbox_id, o.body FROM attempt a
               JOIN outbox o ON o.shop_id = a.shop_id AND o.outbox_id IN (a.attempt_id || '-r0', a.attempt_id || '-r1')
               WHERE a.shop_id = $1 AND a.environment = $2 AND a.charge_id = $3 AND o.state = 'sent'";
    let rows = tx.query(sql, &params![shop, environment, charge])?;
    rows.iter().map(|row| Ok((text(row, 0)?, text(row, 1)?))).collect()
}

/// Holds that charges name, after the charge `after`: charge and hold.
pub fn holds_after(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    after: &str,
    limit: usize,
) -> Result<Vec<(String, String)>, StoreError> {
    let sql = "SELECT charge_id, hold_id FROM charge WHERE shop_id = $1 AND environment = $2 AND charge_id > $3
                   AND hold_id IS NOT NULL ORDER BY charge_id LIMIT $4";
    let rows = tx.query(sql, &params![shop, environment, after, limit as i64])?;
    rows.iter().map(|row| Ok((text(row, 0)?, text(row, 1)?))).collect()
}

/// How many charges of a shop name a hold of points.
pub fn count_of_holds(tx: &mut Tx<'_>, shop: ShopId, environment: Environment) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM charge WHERE shop_id = $1 AND environment = $2 AND hold_id IS NOT NULL";
    tx.query_one(sql, &params![shop, environment])?.int(0)
}

/// What the running payments of a shop were asked to do, as their rows keep it.
pub fn running_payments(tx: &mut Tx<'_>, shop: ShopId, environment: Environment) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT arguments FROM attempt WHERE shop_id = $1 AND environment = $2 AND state = 'running'
                   AND charge_id > '' AND verb = 'pay' AND arguments IS NOT NULL";
    let rows = tx.query(sql, &params![shop, environment])?;
    rows.iter().map(|row| text(row, 0)).collect()
}

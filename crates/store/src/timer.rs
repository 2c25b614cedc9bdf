//! Timers: what becomes due in a world (design "Time: two clocks").
//!
//! One row for each (shop, world, kind, subject). `test` and `live` follow machine time; a sandbox follows its shop's test
//! clock. A worker reads [`due`], does the work in a transaction and ends the timer there with [`finish`], or sets it
//! again; decisions compare the deadline themselves and never trust that a timer already ran.

use std::collections::{HashMap, HashSet};

use kernel::{Environment, ShopId, Timestamp};

use crate::clock;
use crate::error::StoreError;
use crate::params;
use crate::tx::{Statement, Tx};
use crate::value::{Row, Value};

const DUE_IN_WORLD: &str = "SELECT shop_id, world, kind, subject, due_us FROM timer
    WHERE world = $1 AND due_us <= $2 ORDER BY due_us, shop_id, kind, subject LIMIT $3";
const DUE_OF_SHOP: &str = "SELECT shop_id, world, kind, subject, due_us FROM timer
    WHERE shop_id = $1 AND world = $2 AND due_us <= $3 ORDER BY due_us, kind, subject LIMIT $4";
const SHOPS_AHEAD: &str = "SELECT shop_id, offset_us FROM (
        SELECT c.shop_id, c.offset_us,
            (SELECT min(t.due_us) FROM timer t WHERE t.shop_id = c.shop_id AND t.world = 'sandbox') AS due_us
        FROM test_clock c WHERE c.offset_us > 0
    ) AS ahead
    WHERE due_us <= $1 + offset_us ORDER BY due_us - offset_us, shop_id LIMIT $2";
/// One search for each clock: as a join, both engines would walk through all timers of all sandboxes that are due later.
const OVERDUE_AHEAD: &str = "SELECT CAST(COALESCE(sum(
        (SELECT count(*) FROM timer t WHERE t.shop_id = c.shop_id AND t.world = 'sandbox'
             AND t.due_us > $1 AND t.due_us <= $1 + c.offset_us)), 0) AS BIGINT)
    FROM test_clock c WHERE c.offset_us > 0";

const CANCEL_ONE: &str = "DELETE FROM timer WHERE shop_id = $1 AND world = $2 AND subject = $3 AND kind = $4";
const CANCEL_FEW: &str =
    "DELETE FROM timer WHERE shop_id = $1 AND world = $2 AND subject = $3 AND kind IN ($4, $5, $6, $7)";
const CANCEL_MANY: &str = "DELETE FROM timer WHERE shop_id = $1 AND world = $2 AND subject = $3 AND kind IN
    ($4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";

/// Something due in a world.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Timer {
    /// Whose it is.
    pub shop: ShopId,
    /// In which world it is due.
    pub world: Environment,
    /// What is to be done.
    pub kind: String,
    /// With what: the id of a charge, a clock, a payout.
    pub subject: String,
    /// World time.
    pub due: Timestamp,
}

/// Sets or moves the timer of this kind and subject to `due` (world time).
pub fn set(shop: ShopId, world: Environment, kind: &str, subject: &str, due: Timestamp) -> Statement<'static> {
    Statement::new(
        "INSERT INTO timer (shop_id, world, kind, subject, due_us) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (shop_id, world, kind, subject) DO UPDATE SET due_us = excluded.due_us",
        params![shop, world, kind, subject, due],
    )
}

/// Sets the timer of this kind and subject to `due` (world time), or moves it there if it stands later. One that stands
/// earlier is not touched, not even locked.
pub fn set_at_latest(
    shop: ShopId,
    world: Environment,
    kind: &str,
    subject: &str,
    due: Timestamp,
) -> Statement<'static> {
    Statement::new(
        "INSERT INTO timer (shop_id, world, kind, subject, due_us)
         SELECT CAST($1 AS BIGINT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT)
         WHERE NOT EXISTS (SELECT 1 FROM timer t WHERE t.shop_id = $1 AND t.world = $2 AND t.kind = $3
             AND t.subject = $4 AND t.due_us <= $5)
         ON CONFLICT (shop_id, world, kind, subject) DO UPDATE SET due_us = excluded.due_us
             WHERE timer.due_us > excluded.due_us",
        params![shop, world, kind, subject, due],
    )
}

/// Removes the timer, wherever it stands; touches no row if there is none.
pub fn cancel(shop: ShopId, world: Environment, kind: &str, subject: &str) -> Statement<'static> {
    Statement::new(
        "DELETE FROM timer WHERE shop_id = $1 AND world = $2 AND kind = $3 AND subject = $4",
        params![shop, world, kind, subject],
    )
}

/// Removes the timers of these kinds and this subject, wherever they stand.
pub fn cancel_all(shop: ShopId, world: Environment, kinds: &[&str], subject: &str) -> Statement<'static> {
    // Few texts: a list is filled up by naming a kind again.
    let (sql, size) = match kinds.len() {
        0..=1 => (CANCEL_ONE, 1),
        2..=4 => (CANCEL_FEW, 4),
        _ => (CANCEL_MANY, 16),
    };
    debug_assert!(kinds.len() <= size, "{} kinds of timers", kinds.len());
    let named = (0..size).map(|place| Value::from(kinds.get(place).or(kinds.last()).copied().unwrap_or_default()));
    let first = params![shop, world, subject];
    Statement::new(sql, first.into_iter().chain(named).collect::<Vec<_>>())
}

/// When each of these kinds is due for this subject, the earliest first; kinds without a timer are left out.
pub fn of_subject(
    tx: &mut Tx<'_>,
    shop: ShopId,
    world: Environment,
    kinds: &[&str],
    subject: &str,
) -> Result<Vec<(String, Timestamp)>, StoreError> {
    let places: Vec<String> = (0..kinds.len()).map(|place| format!("${}", place + 4)).collect();
    let sql = format!(
        "SELECT kind, due_us FROM timer WHERE shop_id = $1 AND world = $2 AND subject = $3 AND kind IN ({})
         ORDER BY due_us, kind",
        places.join(", ")
    );
    let values: Vec<Value> =
        params![shop, world, subject].into_iter().chain(kinds.iter().map(|kind| Value::from(*kind))).collect();
    let rows = tx.query(&sql, &values)?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.timestamp(1)?))).collect()
}

/// Removes a timer that was worked off, unless somebody moved it meanwhile.
pub fn finish(timer: &Timer) -> Statement<'static> {
    Statement::new(
        "DELETE FROM timer WHERE shop_id = $1 AND world = $2 AND kind = $3 AND subject = $4 AND due_us = $5",
        params![timer.shop, timer.world, &timer.kind, &timer.subject, timer.due],
    )
}

/// Timers that are due, those overdue longest first, at most about `limit`.
///
/// Each subject appears once, with its earliest timer: the next one shows when that is finished. No world and no shop's
/// turned clock can crowd out the others, so fewer than `limit` does not mean that these were all; an empty answer does.
pub fn due(tx: &mut Tx<'_>, limit: usize) -> Result<Vec<Timer>, StoreError> {
    let share = (limit / (Environment::ALL.len() + 1)).max(1);
    let now = tx.machine_now();
    let ahead = shops_ahead(tx, share)?;
    let mut found = Vec::new();
    for world in Environment::ALL {
        // A test clock only moves forward, so what machine time has reached is due for every shop of a sandbox too.
        for row in tx.query(DUE_IN_WORLD, &params![world, now, share as i64])? {
            found.push(read(&row)?);
        }
    }
    for (shop, offset) in &ahead {
        let until = now.plus_micros(*offset);
        found.extend(due_of_shop_at(tx, *shop, Environment::Sandbox, until, (share / ahead.len()).max(1))?);
    }
    // Of each shop and world these are the earliest, without a gap; so sorted by how long they are overdue, none
    // overtakes another one of its shop.
    let offsets: HashMap<ShopId, i64> = ahead.into_iter().collect();
    found.sort_by_cached_key(|timer| {
        let offset = if timer.world.has_test_clock() { offsets.get(&timer.shop).copied().unwrap_or(0) } else { 0 };
        (timer.due.micros().saturating_sub(offset), timer.shop, timer.world, timer.kind.clone(), timer.subject.clone())
    });
    Ok(first_of_each_subject(found))
}

/// Timers of one shop that are due in `world` now, in due order, each subject once: for who advances a test clock.
pub fn due_of_shop(tx: &mut Tx<'_>, shop: ShopId, world: Environment, limit: usize) -> Result<Vec<Timer>, StoreError> {
    let now = clock::world_now(tx, shop, world)?;
    Ok(first_of_each_subject(due_of_shop_at(tx, shop, world, now, limit)?))
}

/// When the next timer of this shop in this world is due, even if that has passed.
pub fn next_due(tx: &mut Tx<'_>, shop: ShopId, world: Environment) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT min(due_us) FROM timer WHERE shop_id = $1 AND world = $2";
    Ok(tx.query_one(sql, &params![shop, world])?.opt_int(0)?.map(Timestamp::from_micros))
}

/// How many timers are due and not worked off yet.
pub fn overdue_count(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let now = tx.machine_now();
    let mut count = 0;
    for world in Environment::ALL {
        let sql = "SELECT count(*) FROM timer WHERE world = $1 AND due_us <= $2";
        count += tx.query_one(sql, &params![world, now])?.int(0)?;
    }
    Ok(count + tx.query_one(OVERDUE_AHEAD, &params![now])?.int(0)?)
}

/// Shops whose turned test clock made something due, longest overdue first, with the clock's offset.
fn shops_ahead(tx: &mut Tx<'_>, limit: usize) -> Result<Vec<(ShopId, i64)>, StoreError> {
    let rows = tx.query(SHOPS_AHEAD, &params![tx.machine_now(), limit as i64])?;
    rows.iter().map(|row| Ok((ShopId(row.int(0)?), row.int(1)?))).collect()
}

fn due_of_shop_at(
    tx: &mut Tx<'_>,
    shop: ShopId,
    world: Environment,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Timer>, StoreError> {
    tx.query(DUE_OF_SHOP, &params![shop, world, now, limit as i64])?.iter().map(read).collect()
}

/// Drops later timers of a subject that is there already; `timers` are in due order.
fn first_of_each_subject(mut timers: Vec<Timer>) -> Vec<Timer> {
    let mut seen = HashSet::new();
    timers.retain(|timer| seen.insert((timer.shop, timer.world, timer.subject.clone())));
    timers
}

fn read(row: &Row) -> Result<Timer, StoreError> {
    Ok(Timer {
        shop: ShopId(row.int(0)?),
        world: row.parsed(1)?,
        kind: row.text(2)?.to_owned(),
        subject: row.text(3)?.to_owned(),
        due: row.timestamp(4)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::query_plan;

    #[test]
    fn what_is_due_is_found_by_an_index() {
        for (sql, expected) in [
            (DUE_IN_WORLD, "SEARCH timer USING COVERING INDEX timer_due (world=? AND due_us<?)"),
            (DUE_OF_SHOP, "SEARCH timer USING COVERING INDEX timer_due_of_shop (shop_id=? AND world=? AND due_us<?)"),
            (SHOPS_AHEAD, "SEARCH t USING COVERING INDEX timer_due_of_shop (shop_id=? AND world=?)"),
            (
                OVERDUE_AHEAD,
                "SEARCH t USING COVERING INDEX timer_due_of_shop (shop_id=? AND world=? AND due_us>? AND due_us<?)",
            ),
        ] {
            let plan = query_plan(sql);
            assert!(plan.iter().any(|step| step == expected), "{sql}: {plan:?}");
            assert!(!plan.iter().any(|step| step.starts_with("SCAN t")), "{sql}: {plan:?}");
        }
        assert_eq!(query_plan(DUE_IN_WORLD).len(), 1, "no sorting");
    }
}

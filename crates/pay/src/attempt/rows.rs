//! The rows of attempts.

use kernel::{ChargeNumber, Environment, ShopId, Timestamp};
use store::{ErrorKind, Row, Statement, StoreError, Tx, params};

use super::{Attempt, Requester, Waits, Work};

/// Inserts a running attempt, begun under an idempotency key or none; touches no row if another one is running on the
/// charge.
pub fn insert(attempt: &Attempt, key: Option<&str>, version: i64, leased_until: Timestamp) -> Statement<'static> {
    Statement::new(
        "INSERT INTO attempt (shop_id, environment, attempt_id, charge_id, version, verb, arguments, state, actor,
             origin, begun_us, tries, leased_until_us, request_key)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'running', $8, $9, $10, 0, $11, $12)
         ON CONFLICT (shop_id, environment, charge_id) WHERE state = 'running' DO NOTHING",
        params![
            attempt.shop,
            attempt.environment,
            &attempt.id,
            attempt.charge.to_string(),
            version,
            attempt.work.verb(),
            attempt.work.arguments(),
            &attempt.requester.actor,
            &attempt.requester.origin,
            attempt.begun,
            leased_until,
            key.map(str::to_owned)
        ],
    )
}

/// Ends a running attempt and forgets its arguments, which may hold personal data.
///
/// Found by its key: `state = 'running'` would let PostgreSQL walk the index of running attempts, full of ended ones.
pub fn end(attempt: &Attempt, state: &'static str, refusal: Option<&str>) -> Statement<'static> {
    Statement::new(
        "UPDATE attempt SET state = $4, refusal = $5, ended_us = $6, arguments = NULL
         WHERE shop_id = $1 AND environment = $2 AND attempt_id = $3 AND ended_us IS NULL",
        params![attempt.shop, attempt.environment, &attempt.id, state, refusal, attempt.begun],
    )
}

/// What is known of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Still running.
    Running {
        /// The attempt.
        attempt: Box<Attempt>,
        /// Until when somebody is at it, machine time.
        leased_until: Timestamp,
    },
    /// Its change is committed.
    Succeeded {
        /// The charge.
        charge_id: String,
    },
    /// Refused, for this reason.
    Refused(String),
}

const COLUMNS: &str = "shop_id, environment, attempt_id, charge_id, verb, arguments, state, refusal, actor, origin,
    begun_us, tries, leased_until_us, waits_until_us, action_url";

/// Looks an attempt up; its row is locked until the commit.
pub fn find_for_update(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    id: &str,
) -> Result<Option<Found>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM attempt WHERE shop_id = $1 AND environment = $2 AND attempt_id = $3{}",
        tx.for_update()
    );
    tx.query_opt(&sql, &params![shop, environment, id])?.as_ref().map(found).transpose()
}

/// Looks an attempt up, on a snapshot.
pub fn find(tx: &mut Tx<'_>, shop: ShopId, environment: Environment, id: &str) -> Result<Option<Found>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM attempt WHERE shop_id = $1 AND environment = $2 AND attempt_id = $3");
    tx.query_opt(&sql, &params![shop, environment, id])?.as_ref().map(found).transpose()
}

/// The attempt at a charge that was begun last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest {
    /// Its id.
    pub id: String,
    /// `pay`, `capture`, `cancel`, `change` or `expire`.
    pub verb: String,
    /// Whether its outcome is not known yet.
    pub is_running: bool,
    /// Why somebody outside said no, if that is what came of it.
    pub refusal: Option<String>,
}

/// The latest attempt at a charge; the one that runs, if one does.
pub fn latest(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    charge: ChargeNumber,
) -> Result<Option<Latest>, StoreError> {
    let sql = "SELECT attempt_id, verb, state, refusal FROM attempt
               WHERE shop_id = $1 AND environment = $2 AND charge_id = $3
               ORDER BY (state = 'running') DESC, version DESC, attempt_id DESC LIMIT 1";
    let row = tx.query_opt(sql, &params![shop, environment, charge.to_string()])?;
    row.map(|row| {
        Ok(Latest {
            id: row.text(0)?.to_owned(),
            verb: row.text(1)?.to_owned(),
            is_running: row.text(2)? == "running",
            refusal: row.opt_text(3)?.map(str::to_owned),
        })
    })
    .transpose()
}

/// Running attempts that nobody is at, oldest first.
pub fn abandoned(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Attempt>, StoreError> {
    let now = tx.machine_now();
    let sql = format!(
        "SELECT {COLUMNS} FROM attempt WHERE state = 'running' AND leased_until_us <= $1
         ORDER BY attempt_id LIMIT $2"
    );
    let rows = tx.query(&sql, &params![now, limit])?;
    rows.iter().map(attempt).collect()
}

/// Who asked for the first and for the last attempt of a shop in an environment, and when each was begun; none if there
/// are no attempts.
pub fn first_and_last(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
) -> Result<Option<[(String, Timestamp); 2]>, StoreError> {
    let mut end = |order: &str| {
        let sql = format!(
            "SELECT actor, begun_us FROM attempt WHERE shop_id = $1 AND environment = $2
             ORDER BY attempt_id {order} LIMIT 1"
        );
        let row = tx.query_opt(&sql, &params![shop, environment])?;
        row.map(|row| Ok::<_, StoreError>((row.text(0)?.to_owned(), row.timestamp(1)?))).transpose()
    };
    Ok(end("ASC")?.zip(end("DESC")?).map(|(first, last)| [first, last]))
}

/// How many attempts are running, and how many of them were tried at least `tries` times.
pub fn running(tx: &mut Tx<'_>, tries: u32) -> Result<(i64, i64), StoreError> {
    let sql = "SELECT count(*), COALESCE(CAST(SUM(CASE WHEN tries >= $1 THEN 1 ELSE 0 END) AS BIGINT), 0)
               FROM attempt WHERE state = 'running'";
    let row = tx.query_one(sql, &params![tries])?;
    Ok((row.int(0)?, row.int(1)?))
}

/// Takes an abandoned attempt over until `until`; false if somebody was faster.
pub fn take_over(tx: &mut Tx<'_>, attempt: &Attempt, until: Timestamp) -> Result<bool, StoreError> {
    let now = tx.machine_now();
    let sql = "UPDATE attempt SET leased_until_us = $4, tries = tries + 1
               WHERE shop_id = $1 AND environment = $2 AND attempt_id = $3 AND state = 'running'
                   AND leased_until_us <= $5";
    Ok(tx.execute(sql, &params![attempt.shop, attempt.environment, &attempt.id, until, now])? == 1)
}

/// Takes an attempt over that waits for its buyer, who came back; false if somebody is at it.
pub fn take_back(tx: &mut Tx<'_>, attempt: &Attempt, until: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE attempt SET leased_until_us = $4, tries = tries + 1
               WHERE shop_id = $1 AND environment = $2 AND attempt_id = $3 AND state = 'running'
                   AND leased_until_us = waits_until_us";
    Ok(tx.execute(sql, &params![attempt.shop, attempt.environment, &attempt.id, until])? == 1)
}

/// Notes that the buyer was sent to `waits.url`; nobody else takes the attempt over as long as he is waited for.
pub fn wait_for_buyer(tx: &mut Tx<'_>, attempt: &Attempt, waits: &Waits) -> Result<(), StoreError> {
    let sql = "UPDATE attempt SET waits_until_us = $4, leased_until_us = $4, action_url = $5
               WHERE shop_id = $1 AND environment = $2 AND attempt_id = $3 AND state = 'running'";
    tx.execute(sql, &params![attempt.shop, attempt.environment, &attempt.id, waits.until, &waits.url])?;
    Ok(())
}

/// Lets others take a running attempt over from `from` on.
pub fn lease_until(tx: &mut Tx<'_>, attempt: &Attempt, from: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE attempt SET leased_until_us = $4
               WHERE shop_id = $1 AND environment = $2 AND attempt_id = $3 AND state = 'running'";
    tx.execute(sql, &params![attempt.shop, attempt.environment, &attempt.id, from])?;
    Ok(())
}

/// Ends every lease: at the start of the only process that can hold one.
pub fn end_leases(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    tx.execute("UPDATE attempt SET leased_until_us = 0 WHERE state = 'running'", &[])
}

fn found(row: &Row) -> Result<Found, StoreError> {
    Ok(match row.text(6)? {
        "succeeded" => Found::Succeeded { charge_id: row.text(3)?.to_owned() },
        "refused" => Found::Refused(row.text(7)?.to_owned()),
        _ => Found::Running { attempt: Box::new(attempt(row)?), leased_until: row.timestamp(12)? },
    })
}

fn attempt(row: &Row) -> Result<Attempt, StoreError> {
    let work = Work::from_row(row.text(4)?, row.opt_text(5)?);
    Ok(Attempt {
        shop: ShopId(row.int(0)?),
        environment: row.parsed(1)?,
        id: row.text(2)?.to_owned(),
        charge: row.parsed(3)?,
        work: work.map_err(|error| StoreError::new(ErrorKind::Corrupt, error))?,
        requester: Requester { actor: row.text(8)?.to_owned(), origin: row.text(9)?.to_owned() },
        begun: row.timestamp(10)?,
        tries: u32::try_from(row.int(11)?).unwrap_or(u32::MAX),
        waits: waits(row)?,
    })
}

fn waits(row: &Row) -> Result<Option<Waits>, StoreError> {
    let until = row.opt_int(13)?.map(Timestamp::from_micros);
    Ok(until.zip(row.opt_text(14)?).map(|(until, url)| Waits { until, url: url.to_owned() }))
}

/// Keeps new attempts from being begun until the end of the transaction, and waits for those that are being begun. On
/// SQLite a transaction that writes keeps all others from writing.
pub fn hold(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.lock_out_writers("attempt")
}

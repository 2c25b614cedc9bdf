//! The outbox: what leaves the process, at least once and visibly (design "What is true of every part").
//!
//! A message is written in the transaction of the change it tells of. A worker [`claim`]s what is due, sends it, and
//! says what came of it: [`sent`], [`retry`] later, or [`failed`], which a person sees ([`failures`]) and can [`rerun`].
//! Messages of one (shop, topic, lane) leave one after another in the order of their ids; a failed one does not hold up
//! the next. Due times are world time; a worker's lease is machine time, and when a worker dies the message can be
//! claimed again after it.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

use kernel::{Environment, ShopId, Timestamp};

use crate::error::StoreError;
use crate::params;
use crate::tx::{Statement, Tx};
use crate::value::{Row, Value};

/// Statements sent together: bounds the number of different texts that a connection prepares.
const TOGETHER: usize = 16;
/// Rows that one statement names: one of these sizes, so that there are few texts. The smallest that fits is filled up by
/// naming a row again.
const LISTED: [usize; 4] = [1, 4, 16, 64];
/// Due messages looked at in one step: as many as are wanted, within these bounds.
const PAGE: RangeInclusive<usize> = 128..=512;
/// Steps of one claim, when what is due has to wait for the head of its lane.
const PAGES_MAX: usize = 16;

// No matter whose claim it was: what has arrived has arrived.
const SENT: &str = "UPDATE outbox SET state = 'sent', leased_until_us = 0, last_error = NULL
    WHERE state IN ('waiting', 'queued') AND shop_id = $1 AND outbox_id";
const LEASE: &str = "UPDATE outbox SET attempts = attempts + 1, leased_until_us = $2 WHERE shop_id = $1 AND outbox_id";
const QUEUE: &str = "UPDATE outbox SET state = 'queued' WHERE state = 'waiting' AND shop_id = $1 AND outbox_id";
const PROMOTE: &str = "UPDATE outbox SET state = 'waiting' WHERE shop_id = $1 AND state = 'queued' AND outbox_id =
    (SELECT h.outbox_id FROM outbox h WHERE h.shop_id = $1 AND h.topic = $2 AND h.lane = $3
         AND h.state IN ('waiting', 'queued') ORDER BY h.outbox_id LIMIT 1)";
const RETRY: &str = "UPDATE outbox SET due_us = $4, last_error = $5, leased_until_us = 0
    WHERE shop_id = $1 AND outbox_id = $2 AND attempts = $3 AND state IN ('waiting', 'queued')";
const FAILED: &str = "UPDATE outbox SET state = 'failed', last_error = $4, leased_until_us = 0
    WHERE shop_id = $1 AND outbox_id = $2 AND attempts = $3 AND state IN ('waiting', 'queued')";
const UNTRIED: &str = "UPDATE outbox SET attempts = attempts - 1, leased_until_us = 0
    WHERE shop_id = $1 AND outbox_id = $2 AND attempts = $3 AND state IN ('waiting', 'queued')";
const SHOPS_AHEAD: &str = "SELECT shop_id, offset_us FROM (
        SELECT c.shop_id, c.offset_us,
            (SELECT min(o.due_us) FROM outbox o WHERE o.shop_id = c.shop_id AND o.topic = $2
                 AND o.state = 'waiting' AND o.world = 'sandbox') AS due_us
        FROM test_clock c WHERE c.offset_us > 0
    ) AS ahead
    WHERE due_us <= $1 + offset_us ORDER BY due_us - offset_us, shop_id LIMIT $3";

/// A message to be written.
#[derive(Clone, Copy, Debug)]
pub struct NewMessage<'a> {
    /// Whose it is.
    pub shop: ShopId,
    /// Unique in the shop; ids made later sort later.
    pub id: &'a str,
    /// In which world it becomes due.
    pub world: Environment,
    /// Which worker takes it: `webhook`, `mail` …
    pub topic: &'a str,
    /// What must leave in order.
    pub lane: &'a str,
    /// What the worker needs to send it.
    pub body: &'a str,
    /// When it may leave; world time.
    pub due: Timestamp,
    /// World time of the change.
    pub created: Timestamp,
}

/// A message that was claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Whose it is.
    pub shop: ShopId,
    /// Its id.
    pub id: String,
    /// In which world it is due.
    pub world: Environment,
    /// Which worker takes it.
    pub topic: String,
    /// What must leave in order.
    pub lane: String,
    /// What the worker needs to send it.
    pub body: String,
    /// The first claim is 1.
    pub attempt: u32,
    /// World time of the change.
    pub created: Timestamp,
}

/// Writes a message, in the transaction of the change it tells of.
pub fn enqueue(message: &NewMessage<'_>) -> Statement<'static> {
    let NewMessage { shop, id, world, topic, lane, body, due, created } = *message;
    Statement::new(
        "INSERT INTO outbox (shop_id, outbox_id, world, topic, lane, body, due_us, created_us,
             state, attempts, leased_until_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', 0, 0)",
        params![shop, id, world, topic, lane, body, due, created],
    )
}

/// Messages of `topic` whose world time has come, only the head of each lane, leased for `lease_micros` of machine time.
///
/// At most about `limit`. No world and no shop's turned clock can crowd out the others, so fewer than `limit` does not
/// mean that these were all: claim until nothing is left.
pub fn claim(tx: &mut Tx<'_>, topic: &str, limit: usize, lease_micros: i64) -> Result<Vec<Message>, StoreError> {
    let share = (limit / (Environment::ALL.len() + 1)).max(1);
    let mut claimed = Vec::new();
    for world in Environment::ALL {
        let source = Source { topic, shop: None, world, until: tx.machine_now() };
        claimed.extend(source.claim(tx, share, lease_micros)?);
    }
    let ahead = shops_ahead(tx, topic, share)?;
    for (shop, offset) in &ahead {
        let until = tx.machine_now().plus_micros(*offset);
        let source = Source { topic, shop: Some(*shop), world: Environment::Sandbox, until };
        claimed.extend(source.claim(tx, (share / ahead.len()).max(1), lease_micros)?);
    }
    Ok(claimed)
}

/// Like [`claim`], for the sandbox of one shop, up to its test clock.
pub fn claim_in_sandbox(
    tx: &mut Tx<'_>,
    topic: &str,
    shop: ShopId,
    limit: usize,
    lease_micros: i64,
) -> Result<Vec<Message>, StoreError> {
    claim_in(tx, topic, shop, Environment::Sandbox, limit, lease_micros)
}

/// Like [`claim`], in one world, for a topic whose messages are all of one shop: no other one's are looked at.
pub fn claim_in(
    tx: &mut Tx<'_>,
    topic: &str,
    shop: ShopId,
    world: Environment,
    limit: usize,
    lease_micros: i64,
) -> Result<Vec<Message>, StoreError> {
    let until = crate::clock::world_now(tx, shop, world)?;
    let shop = world.has_test_clock().then_some(shop);
    Source { topic, shop, world, until }.claim(tx, limit, lease_micros)
}

/// What becomes of a claimed message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It has arrived: [`sent`].
    Sent,
    /// It is tried again at `due` (world time): [`retry`].
    Retry {
        /// When.
        due: Timestamp,
        /// Why.
        error: String,
    },
    /// It is given up: [`failed`].
    Failed {
        /// Why.
        error: String,
    },
    /// It was not tried: the claim counts for nothing.
    Untried,
}

/// [`sent`], [`retry`] and [`failed`] for many messages, in few round trips.
pub fn settle_all(tx: &mut Tx<'_>, settled: &[(Message, Fate)]) -> Result<(), StoreError> {
    let (mut sent, mut others, mut ended) = (ByShop::default(), Vec::new(), Vec::new());
    for (message, fate) in settled {
        match settle(message, fate) {
            None => sent.entry(message.shop).or_default().push(&message.id),
            Some(statement) => others.push(statement),
        }
        if matches!(fate, Fate::Sent | Fate::Failed { .. }) {
            ended.push(Statement::new(PROMOTE, params![message.shop, &message.topic, &message.lane]));
        }
    }
    for (shop, ids) in sent {
        for_each_list(tx, SENT, &params![shop], &ids)?;
    }
    for together in others.chunks(TOGETHER) {
        tx.execute_all(together)?;
    }
    // After the statements that need the locks of the messages: see `queue`.
    for together in ended.chunks(TOGETHER) {
        tx.execute_all(together)?;
    }
    Ok(())
}

type ByShop<'m> = BTreeMap<ShopId, Vec<&'m str>>;

/// Runs a statement, whose text ends where a list is to follow, for all of `names`; how many rows it touched.
fn for_each_list(tx: &mut Tx<'_>, sql: &str, first: &[Value], names: &[&str]) -> Result<u64, StoreError> {
    let mut touched = 0;
    for together in names.chunks(LISTED[LISTED.len() - 1]) {
        let size = LISTED.into_iter().find(|size| together.len() <= *size).unwrap_or(together.len());
        let places: Vec<String> = (0..size).map(|place| format!("${}", first.len() + 1 + place)).collect();
        let named = (0..size).map(|place| Value::from(together[place.min(together.len() - 1)]));
        let values: Vec<Value> = first.iter().cloned().chain(named).collect();
        touched += tx.execute(&format!("{sql} IN ({})", places.join(", ")), &values)?;
    }
    Ok(touched)
}

/// The statement that settles one message; none where many are settled by one.
fn settle(message: &Message, fate: &Fate) -> Option<Statement<'static>> {
    let Message { shop, id, attempt, .. } = message;
    Some(match fate {
        Fate::Sent => return None,
        Fate::Retry { due, error } => Statement::new(RETRY, params![*shop, id, *attempt, *due, error]),
        Fate::Failed { error } => Statement::new(FAILED, params![*shop, id, *attempt, error]),
        Fate::Untried => Statement::new(UNTRIED, params![*shop, id, *attempt]),
    })
}

/// Gives up everything that waits under a topic of `shop`, such as that of an endpoint that is no more; how many.
pub fn abandon(tx: &mut Tx<'_>, shop: ShopId, topic: &str, error: &str) -> Result<u64, StoreError> {
    let sql = "UPDATE outbox SET state = 'failed', last_error = $3, leased_until_us = 0
               WHERE shop_id = $1 AND topic = $2 AND state IN ('waiting', 'queued')";
    tx.execute(sql, &params![shop, topic, error])
}

/// [`rerun`] under another topic, due at `due`. False if the message has not failed.
pub fn rerun_as(tx: &mut Tx<'_>, shop: ShopId, id: &str, topic: &str, due: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE outbox SET state = 'waiting', attempts = 0, topic = $3, due_us = $4
               WHERE shop_id = $1 AND outbox_id = $2 AND state = 'failed'";
    Ok(tx.execute(sql, &params![shop, id, topic, due])? > 0)
}

/// Lets a message that waits for its next try have it at `due`. False if it does not wait, or a worker is at it.
pub fn hasten(tx: &mut Tx<'_>, shop: ShopId, id: &str, due: Timestamp) -> Result<bool, StoreError> {
    let now = tx.machine_now();
    let sql = "UPDATE outbox SET due_us = $3 WHERE shop_id = $1 AND outbox_id = $2 AND state IN ('waiting', 'queued')
               AND leased_until_us <= $4";
    Ok(tx.execute(sql, &params![shop, id, due, now])? > 0)
}

/// [`hasten`] for every message with an id from `first` to before `end`; how many wait no longer.
pub fn hasten_between(
    tx: &mut Tx<'_>,
    shop: ShopId,
    (first, end): (&str, &str),
    due: Timestamp,
) -> Result<u64, StoreError> {
    let now = tx.machine_now();
    let sql = "UPDATE outbox SET due_us = $4 WHERE shop_id = $1 AND outbox_id >= $2 AND outbox_id < $3
               AND state IN ('waiting', 'queued') AND leased_until_us <= $5";
    tx.execute(sql, &params![shop, first, end, due, now])
}

/// Takes back what has not left of the messages with ids from `first` to before `end`, but for those under `topic`; how
/// many. Of one that a worker is just at, its try counts for nothing: there is no message that it could settle.
pub fn withdraw(tx: &mut Tx<'_>, shop: ShopId, (first, end): (&str, &str), topic: &str) -> Result<usize, StoreError> {
    let sql = format!(
        "SELECT outbox_id, topic, lane FROM outbox WHERE shop_id = $1 AND outbox_id >= $2 AND outbox_id < $3
             AND topic <> $4 AND state IN ('waiting', 'queued') ORDER BY outbox_id{}",
        tx.for_update()
    );
    let rows = tx.query(&sql, &params![shop, first, end, topic])?;
    for row in &rows {
        let (id, topic, lane) = (row.text(0)?, row.text(1)?, row.text(2)?);
        tx.execute("DELETE FROM outbox WHERE shop_id = $1 AND outbox_id = $2", &params![shop, id])?;
        tx.execute(PROMOTE, &params![shop, topic, lane])?;
    }
    Ok(rows.len())
}

/// Ends every lease: at the start of the only process that can hold one. How many there were.
pub fn end_leases(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    tx.execute("UPDATE outbox SET leased_until_us = 0 WHERE state = 'waiting' AND leased_until_us > 0", &[])
}

/// How many messages with ids from `first` to before `end` have not left yet.
pub fn open_between(tx: &mut Tx<'_>, shop: ShopId, first: &str, end: &str) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM outbox WHERE shop_id = $1 AND outbox_id >= $2 AND outbox_id < $3
               AND state IN ('waiting', 'queued')";
    tx.query_one(sql, &params![shop, first, end])?.int(0)
}

/// Ends a message that has arrived. False if it had ended already.
pub fn sent(tx: &mut Tx<'_>, message: &Message) -> Result<bool, StoreError> {
    let ended = for_each_list(tx, SENT, &params![message.shop], &[&message.id])? > 0;
    promote(tx, message)?;
    Ok(ended)
}

/// Puts a message back until `next_due` (world time). False if another worker has taken it over or it has ended.
pub fn retry(tx: &mut Tx<'_>, message: &Message, next_due: Timestamp, error: &str) -> Result<bool, StoreError> {
    Ok(tx.execute(RETRY, &params![message.shop, &message.id, message.attempt, next_due, error])? > 0)
}

/// Gives a message up; a person sees it and can [`rerun`] it. False if another worker has taken it over or it has ended.
pub fn failed(tx: &mut Tx<'_>, message: &Message, error: &str) -> Result<bool, StoreError> {
    let ended = tx.execute(FAILED, &params![message.shop, &message.id, message.attempt, error])? > 0;
    promote(tx, message)?;
    Ok(ended)
}

/// Lets a failed message wait again, due at once, with all its attempts before it. False if it has not failed.
pub fn rerun(tx: &mut Tx<'_>, shop: ShopId, id: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE outbox SET state = 'waiting', attempts = 0, due_us = created_us
               WHERE shop_id = $1 AND outbox_id = $2 AND state = 'failed'";
    Ok(tx.execute(sql, &params![shop, id])? > 0)
}

/// A message that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its id.
    pub id: String,
    /// In which world.
    pub world: Environment,
    /// Which worker tried.
    pub topic: String,
    /// In which lane.
    pub lane: String,
    /// How often it was tried.
    pub attempts: u32,
    /// What the last try ended with.
    pub error: String,
    /// World time of the change it tells of.
    pub created: Timestamp,
}

/// Messages of `shop` that were given up, in the order of their ids, those after the id `after` ("" is before all).
pub fn failures(tx: &mut Tx<'_>, shop: ShopId, after: &str, limit: usize) -> Result<Vec<Failure>, StoreError> {
    let sql = "SELECT outbox_id, world, topic, lane, attempts, last_error, created_us FROM outbox
               WHERE shop_id = $1 AND outbox_id > $2 AND state = 'failed' ORDER BY outbox_id LIMIT $3";
    let rows = tx.query(sql, &params![shop, after, limit as i64])?;
    let failure = |row: &Row| {
        Ok(Failure {
            id: row.text(0)?.to_owned(),
            world: row.parsed(1)?,
            topic: row.text(2)?.to_owned(),
            lane: row.text(3)?.to_owned(),
            attempts: count(row, 4)?,
            error: row.opt_text(5)?.unwrap_or_default().to_owned(),
            created: row.timestamp(6)?,
        })
    };
    rows.iter().map(failure).collect()
}

/// When the next message of `topic` in this shop's sandbox is due, even if that has passed: for who advances its test
/// clock. Messages behind another one leave when that has ended, whatever their own due time.
pub fn next_due_in_sandbox(tx: &mut Tx<'_>, shop: ShopId, topic: &str) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT min(due_us) FROM outbox
               WHERE shop_id = $1 AND topic = $2 AND state = 'waiting' AND world = 'sandbox'";
    Ok(tx.query_one(sql, &params![shop, topic])?.opt_int(0)?.map(Timestamp::from_micros))
}

/// How far the outbox is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Messages that have not left yet, those whose time has not come included.
    pub waiting: i64,
    /// Messages that were given up and wait for a person.
    pub failed: i64,
    /// How long the oldest of those whose world time has come is overdue, in microseconds; 0 if there is none.
    pub overdue_micros: i64,
}

/// How far the outbox is behind.
pub fn lag(tx: &mut Tx<'_>) -> Result<Lag, StoreError> {
    let now = tx.machine_now();
    let waiting = "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'queued')";
    let failed = "SELECT count(*) FROM outbox WHERE state = 'failed'";
    let oldest = "SELECT max($1 - due_us) FROM outbox WHERE state = 'waiting'";
    let ahead = "SELECT max($1 + c.offset_us - o.due_us) FROM test_clock c JOIN outbox o ON o.shop_id = c.shop_id
                 WHERE o.state = 'waiting' AND o.world = 'sandbox'";
    let oldest = tx.query_one(oldest, &params![now])?.opt_int(0)?.unwrap_or(0);
    let ahead = tx.query_one(ahead, &params![now])?.opt_int(0)?.unwrap_or(0);
    Ok(Lag {
        waiting: tx.query_one(waiting, &[])?.int(0)?,
        failed: tx.query_one(failed, &[])?.int(0)?,
        overdue_micros: oldest.max(ahead).max(0),
    })
}

/// How long to wait between attempts, and when to give up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// After the first attempt, in microseconds; doubles with each further one.
    pub first_micros: i64,
    /// Never longer than this.
    pub longest_micros: i64,
    /// How many attempts there are in all.
    pub attempts: u32,
}

impl Backoff {
    /// Microseconds to wait after attempt number `attempt` (the first is 1) has failed, or none to give up.
    ///
    /// `random` bits spread it over the upper half of the full wait, so that those who failed together do not come back
    /// together.
    pub fn after(&self, attempt: u32, random: u64) -> Option<i64> {
        if attempt >= self.attempts {
            return None;
        }
        let doublings = attempt.saturating_sub(1).min(62);
        let full = self.first_micros.saturating_mul(1_i64 << doublings).clamp(0, self.longest_micros.max(0));
        let spread = random % (full as u64 / 2 + 1);
        Some(full - spread as i64)
    }
}

/// Where a claim looks: one world of all shops up to machine time, or the sandbox of one shop up to its test clock.
struct Source<'a> {
    topic: &'a str,
    shop: Option<ShopId>,
    world: Environment,
    until: Timestamp,
}

/// A message whose time has come, and the first message of its lane.
struct Candidate {
    message: Message,
    head: String,
}

impl Source<'_> {
    fn claim(&self, tx: &mut Tx<'_>, limit: usize, lease_micros: i64) -> Result<Vec<Message>, StoreError> {
        let mut claimed = Vec::new();
        for _ in 0..PAGES_MAX {
            let looked_at = (limit - claimed.len()).clamp(*PAGE.start(), *PAGE.end());
            let page = self.candidates(tx, looked_at)?;
            let full = page.len() == looked_at;
            let (mut heads, behind): (Vec<_>, Vec<_>) =
                page.into_iter().partition(|candidate| candidate.head == candidate.message.id);
            heads.truncate(limit - claimed.len());
            let queued = queue(tx, &behind)?;
            lease(tx, &heads, lease_micros)?;
            let moved = queued > 0 || !heads.is_empty();
            claimed.extend(heads.into_iter().map(|candidate| candidate.message));
            if !full || !moved || claimed.len() >= limit {
                break;
            }
        }
        Ok(claimed)
    }

    fn candidates(&self, tx: &mut Tx<'_>, page: usize) -> Result<Vec<Candidate>, StoreError> {
        let (now, page) = (tx.machine_now(), page as i64);
        let sql = candidates_sql(self.shop.is_some(), tx.skip_locked());
        let last = self.shop.map_or(Value::from(self.world), Value::from);
        let rows = tx.query(&sql, &params![self.topic, self.until, now, page, last])?;
        rows.iter().map(candidate).collect()
    }
}

/// Due messages with the head of their lane. `$1` is the topic, `$2` the world time, `$3` machine time, `$4` the size of
/// the page, `$5` the shop whose sandbox it is, or the world.
fn candidates_sql(of_one_shop: bool, lock: &str) -> String {
    // The index of one shop's messages holds those of its sandbox only: the word must stand in the text.
    let among = if of_one_shop { "o.world = 'sandbox' AND o.shop_id = $5" } else { "o.world = $5" };
    format!(
        "SELECT o.shop_id, o.outbox_id, o.world, o.topic, o.lane, o.body, o.attempts, o.created_us,
             (SELECT h.outbox_id FROM outbox h WHERE h.shop_id = o.shop_id AND h.topic = o.topic AND h.lane = o.lane
                  AND h.state IN ('waiting', 'queued') ORDER BY h.outbox_id LIMIT 1)
         FROM outbox o
         WHERE o.topic = $1 AND {among} AND o.state = 'waiting' AND o.due_us <= $2 AND o.leased_until_us <= $3
         ORDER BY o.due_us, o.shop_id, o.outbox_id LIMIT $4{lock}"
    )
}

fn candidate(row: &Row) -> Result<Candidate, StoreError> {
    let message = Message {
        shop: ShopId(row.int(0)?),
        id: row.text(1)?.to_owned(),
        world: row.parsed(2)?,
        topic: row.text(3)?.to_owned(),
        lane: row.text(4)?.to_owned(),
        body: row.text(5)?.to_owned(),
        attempt: count(row, 6)?.saturating_add(1),
        created: row.timestamp(7)?,
    };
    let head = row.opt_text(8)?.map_or_else(|| message.id.clone(), str::to_owned);
    Ok(Candidate { message, head })
}

fn count(row: &Row, column: usize) -> Result<u32, StoreError> {
    u32::try_from(row.int(column)?).map_err(|_| StoreError::programming("a count of attempts outside of 32 bits"))
}

fn lease(tx: &mut Tx<'_>, heads: &[Candidate], lease_micros: i64) -> Result<(), StoreError> {
    let until = tx.machine_now().plus_micros(lease_micros);
    let mut by_shop = ByShop::default();
    for head in heads {
        by_shop.entry(head.message.shop).or_default().push(&head.message.id);
    }
    for (shop, ids) in by_shop {
        for_each_list(tx, LEASE, &params![shop, until], &ids)?;
    }
    Ok(())
}

/// Takes messages out of the index of what is due until the message before them has ended ([`promote`]), so that a lane
/// that cannot leave costs nothing. How many were taken out.
fn queue(tx: &mut Tx<'_>, behind: &[Candidate]) -> Result<u64, StoreError> {
    let mut by_head: HashMap<(ShopId, &str), Vec<&str>> = HashMap::new();
    for candidate in behind {
        by_head.entry((candidate.message.shop, &candidate.head)).or_default().push(&candidate.message.id);
    }
    let mut queued = 0;
    for ((shop, head), ids) in by_head {
        // Who ends the head promotes the next in a later statement than the one that needs this lock: it will see them.
        let lock = format!(
            "SELECT 1 FROM outbox WHERE shop_id = $1 AND outbox_id = $2 AND state IN ('waiting', 'queued'){}",
            tx.skip_locked()
        );
        if tx.query_opt(&lock, &params![shop, head])?.is_some() {
            queued += for_each_list(tx, QUEUE, &params![shop], &ids)?;
        }
    }
    Ok(queued)
}

/// Lets the new head of the lane wait for its time. A statement of its own: see [`queue`].
fn promote(tx: &mut Tx<'_>, ended: &Message) -> Result<(), StoreError> {
    tx.execute(PROMOTE, &params![ended.shop, &ended.topic, &ended.lane])?;
    Ok(())
}

/// Shops whose turned test clock made messages of `topic` due, longest overdue first, with the clock's offset.
fn shops_ahead(tx: &mut Tx<'_>, topic: &str, limit: usize) -> Result<Vec<(ShopId, i64)>, StoreError> {
    let rows = tx.query(SHOPS_AHEAD, &params![tx.machine_now(), topic, limit as i64])?;
    rows.iter().map(|row| Ok((ShopId(row.int(0)?), row.int(1)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::query_plan;

    #[test]
    fn what_is_due_and_the_head_of_its_lane_are_found_by_an_index() {
        let head = "SEARCH h USING COVERING INDEX outbox_lane (shop_id=? AND topic=? AND lane=?)";
        let due = "SEARCH o USING INDEX outbox_due (topic=? AND world=? AND due_us<?)";
        let due_of_shop = "SEARCH o USING INDEX outbox_due_of_shop (shop_id=? AND topic=? AND due_us<?)";
        for (sql, expected) in [
            (candidates_sql(false, ""), vec![due, head]),
            (candidates_sql(true, ""), vec![due_of_shop, head]),
            (format!("{SENT} IN ($2, $3)"), vec!["SEARCH outbox USING PRIMARY KEY (shop_id=? AND outbox_id=?)"]),
            (PROMOTE.to_owned(), vec!["SEARCH outbox USING PRIMARY KEY (shop_id=? AND outbox_id=?)", head]),
            (SHOPS_AHEAD.to_owned(), vec!["SEARCH o USING COVERING INDEX outbox_due_of_shop (shop_id=? AND topic=?)"]),
        ] {
            let plan = query_plan(&sql);
            for step in expected {
                assert!(plan.iter().any(|found| found == step), "{sql}: {plan:?}");
            }
        }
        assert!(!query_plan(&candidates_sql(false, "")).iter().any(|step| step.contains("TEMP B-TREE")), "no sorting");
    }

    #[test]
    fn waits_double_up_to_the_longest_and_end_with_the_last_attempt() {
        let backoff = Backoff { first_micros: 10, longest_micros: 35, attempts: 5 };
        let waits: Vec<_> = (1..=6).map(|attempt| backoff.after(attempt, 0)).collect();
        assert_eq!(waits, [Some(10), Some(20), Some(35), Some(35), None, None]);
    }

    #[test]
    fn random_bits_shorten_a_wait_by_half_at_the_most() {
        let backoff = Backoff { first_micros: 1_000, longest_micros: i64::MAX, attempts: u32::MAX };
        for random in [0, 1, 499, 500, 501, u64::MAX] {
            let wait = backoff.after(1, random).unwrap();
            assert!((500..=1_000).contains(&wait), "{random}: {wait}");
        }
        assert_eq!(backoff.after(u32::MAX - 1, 0), Some(i64::MAX));
    }
}

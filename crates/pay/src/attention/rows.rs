//! What needs attention, looked up.

use kernel::{Environment, JstDate, ShopId, Timestamp};
use shop::Space;
use store::{Row, StoreError, Tx, params};

use super::{Count, Endpoint, Expiring, Unknown};

/// Rows looked at of each kind at the most.
pub const LIMIT: i64 = 1_000;

type At = (ShopId, Environment);

/// The candidates first, from an index alone and bounded: as one search, SQLite would read every charge of before that day.
const EXPIRING: &str = "
    SELECT count(*), CAST(COALESCE(sum(d.amount), 0) AS BIGINT), min(d.window_ends_us), max(d.ordered_us)
    FROM (SELECT c.charge_id FROM charge c
          WHERE c.shop_id = $1 AND c.environment = $2 AND c.state = 'authorized' AND c.charge_id <
              (SELECT s.service_id FROM service s WHERE s.shop_id = $1 AND s.space = $5) || '-' || $4
          ORDER BY c.charge_id LIMIT $6) AS found
    JOIN charge d ON d.shop_id = $1 AND d.environment = $2 AND d.charge_id = found.charge_id
    WHERE d.window_ends_us <= $3";

/// 仮売上 whose window ends by `soon`. They were ordered before the day `before`, which bounds what is read.
pub fn expiring(tx: &mut Tx<'_>, at: At, soon: Timestamp, before: JstDate) -> Result<Expiring, StoreError> {
    let (year, month, day) = before.civil();
    let (key, space) = (format!("{year:04}{month:02}{day:02}"), Space::of(at.1).as_str());
    let row = tx.query_one(EXPIRING, &params![at.0, at.1, soon, key, space, LIMIT])?;
    let instant = |column| Ok::<_, StoreError>(row.opt_int(column)?.map(Timestamp::from_micros));
    Ok(Expiring {
        count: count(row.int(0)?),
        amount: row.int(1)?,
        first: instant(2)?,
        ordered_until: instant(3)?.map(Timestamp::jst_date),
    })
}

fn count(found: i64) -> Count {
    Count { found, or_more: found == LIMIT }
}

/// Endpoints that fail or were disabled for it.
pub fn endpoints(tx: &mut Tx<'_>, at: At) -> Result<Vec<Endpoint>, StoreError> {
    let sql = "SELECT endpoint_id, url, state, failing_since_us FROM webhook_endpoint
               WHERE shop_id = $1 AND environment = $2
                   AND ((state = 'disabled' AND disabled_for <> 'shop')
                       OR (state = 'active' AND failing_since_us IS NOT NULL))
               ORDER BY endpoint_id";
    let endpoint = |row: &Row| {
        Ok(Endpoint {
            id: row.text(0)?.to_owned(),
            url: row.text(1)?.to_owned(),
            is_disabled: row.text(2)? == "disabled",
            failing_since: row.opt_int(3)?.map(Timestamp::from_micros),
        })
    };
    tx.query(sql, &params![at.0, at.1])?.iter().map(endpoint).collect()
}

/// Mails since `since` that did not arrive.
pub fn mails(tx: &mut Tx<'_>, at: At, since: Timestamp) -> Result<Count, StoreError> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM mail WHERE shop_id = $1 AND environment = $2 AND created_us >= $3
                   AND state IN ('refused', 'given_up') LIMIT $4) AS found";
    Ok(count(tx.query_one(sql, &params![at.0, at.1, since, LIMIT])?.int(0)?))
}

/// Changes that nobody is at any more, or whose answer was lost: they are being inquired about. A payment whose buyer is at the
/// provider's page is not one.
pub fn unknown(tx: &mut Tx<'_>, at: At) -> Result<Vec<Unknown>, StoreError> {
    let sql = "SELECT charge_id, verb, begun_us FROM attempt
               WHERE shop_id = $1 AND environment = $2 AND state = 'running'
                   AND (tries > 0 OR leased_until_us <= $3) AND (waits_until_us IS NULL OR waits_until_us <= $3)
               ORDER BY charge_id LIMIT 100";
    let now = tx.machine_now();
    let unknown = |row: &Row| {
        Ok(Unknown { charge: row.text(0)?.to_owned(), verb: row.text(1)?.to_owned(), since: row.timestamp(2)? })
    };
    tx.query(sql, &params![at.0, at.1, now])?.iter().map(unknown).collect()
}

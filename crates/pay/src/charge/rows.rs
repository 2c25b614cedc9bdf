//! The rows of charges and their kept counts.

use kernel::{ChargeNumber, Environment, ShopId, Yen};
use store::{ErrorKind, Row, Statement, StoreError, Tx, Value, clock, params};

use super::list::{Filter, Page};
use super::order::Charge;
use super::state::{Authorization, Hold, Standing, State};
use super::windows::Windows;

const COLUMNS: &str = "c.charge_id, c.state, c.amount, c.point, c.open_id, c.cart_id, c.items, c.address, c.card,
    c.authorization_id, c.authorized_amount, c.hold_id, c.hold_used, c.ordered_us, c.updated_us, c.window_ends_us,
    c.version, c.provisional_days, c.captured_days";
const COLUMN_COUNT: usize = 19;

/// A charge, loaded to be changed.
#[derive(Debug)]
pub struct Loaded {
    /// The charge; its row is locked until the commit.
    pub charge: Charge,
    /// The attempt that is running on it, if any.
    pub running: Option<String>,
    /// The offset of the shop's test clock ([`clock::at`]).
    pub clock_offset_us: Option<i64>,
}

/// Loads a charge to change it: with its running attempt and the shop's clock, in one round trip.
pub fn load_for_update(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    number: ChargeNumber,
) -> Result<Option<Loaded>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS},
             (SELECT a.attempt_id FROM attempt a WHERE a.shop_id = $1 AND a.environment = $2 AND a.charge_id = $3
                  AND a.state = 'running'),
             {}
         FROM charge c WHERE c.shop_id = $1 AND c.environment = $2 AND c.charge_id = $3{}",
        clock::OFFSET_OF_SHOP_1,
        tx.for_update()
    );
    let row = tx.query_opt(&sql, &params![shop, environment, number.to_string()])?;
    row.map(|row| {
        Ok(Loaded {
            charge: read(&row)?,
            running: row.opt_text(COLUMN_COUNT)?.map(str::to_owned),
            clock_offset_us: row.opt_int(COLUMN_COUNT + 1)?,
        })
    })
    .transpose()
}

/// Reads a charge.
pub fn find(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    number: ChargeNumber,
) -> Result<Option<Charge>, StoreError> {
    let sql =
        format!("SELECT {COLUMNS} FROM charge c WHERE c.shop_id = $1 AND c.environment = $2 AND c.charge_id = $3");
    tx.query_opt(&sql, &params![shop, environment, number.to_string()])?.as_ref().map(read).transpose()
}

/// The shipping address of a charge, as JSON.
pub fn address(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    charge_id: &str,
) -> Result<Option<String>, StoreError> {
    let sql = "SELECT address FROM charge WHERE shop_id = $1 AND environment = $2 AND charge_id = $3";
    let row = tx.query_opt(sql, &params![shop, environment, charge_id])?;
    Ok(row.as_ref().map(|row| row.opt_text(0)).transpose()?.flatten().map(str::to_owned))
}

/// One page of charges, newest first.
pub fn page(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    filter: &Filter,
    page: &Page,
) -> Result<Vec<Charge>, StoreError> {
    let mut query = Conditions::new(shop, environment);
    query.filter(filter);
    if let Some(after) = page.starting_after {
        query.and("c.charge_id < ", after.to_string());
    }
    let states = filter.states();
    let sql = match states.as_slice() {
        [] => return Ok(Vec::new()),
        all if all.len() == State::ALL.len() => query.newest(COLUMNS, None),
        some => query.newest_of(some, page.offset + page.limit),
    };
    let (limit, offset) = (query.push(page.limit), query.push(page.offset));
    let sql = format!("{sql} LIMIT {limit} OFFSET {offset}");
    tx.query(&sql, &query.params)?.iter().map(read).collect()
}

/// How many charges match: kept counts for whole days, counted rows for the days at the ends of the range.
pub fn total(tx: &mut Tx<'_>, shop: ShopId, environment: Environment, filter: &Filter) -> Result<i64, StoreError> {
    let states = filter.states();
    if states.is_empty() {
        return Ok(0);
    }
    if filter.id.is_some() {
        let mut query = Conditions::new(shop, environment);
        query.filter(filter);
        query.states(&states);
        let sql = format!("SELECT count(*) FROM charge c WHERE {}", query.text);
        return tx.query_one(&sql, &query.params)?.int(0);
    }
    let columns: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
    let (first_day, end_day) = filter.whole_days();
    let sql = format!(
        "SELECT CAST(COALESCE(SUM({}), 0) AS BIGINT) FROM charge_count
         WHERE shop_id = $1 AND environment = $2 AND day >= $3 AND day < $4",
        columns.join(" + ")
    );
    let mut count = tx.query_one(&sql, &params![shop, environment, first_day, end_day])?.int(0)?;
    for day in filter.partial_days() {
        let mut query = Conditions::new(shop, environment);
        query.created(filter);
        query.day(day);
        query.states(&states);
        let sql = format!("SELECT count(*) FROM charge c WHERE {}", query.text);
        count += tx.query_one(&sql, &query.params)?.int(0)?;
    }
    Ok(count)
}

/// Inserts a new charge with its order's personal data.
pub fn insert(shop: ShopId, environment: Environment, charge: &Charge, buyer_json: String) -> Statement<'static> {
    let Charge { number, standing, items_json, cart_id, open_id, address_json, updated, version } = charge;
    let authorization = standing.authorization.as_ref();
    let hold = standing.hold.as_ref();
    Statement::new(
        "INSERT INTO charge (shop_id, environment, charge_id, state, amount, point, open_id, cart_id, items, address,
                 buyer, card, authorization_id, authorized_amount, hold_id, hold_used, ordered_us, updated_us,
                 window_ends_us, version, provisional_days, captured_days)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)",
        params![
            shop,
            environment,
            number.to_string(),
            standing.state.as_str(),
            standing.amount,
            standing.point,
            open_id,
            cart_id.clone(),
            items_json,
            address_json.clone(),
            buyer_json,
            standing.card.clone(),
            authorization.map(|held| held.id.clone()),
            authorization.map_or(Yen::ZERO, |held| held.amount),
            hold.map(|hold| hold.id.clone()),
            hold.is_some_and(|hold| hold.used),
            standing.ordered,
            *updated,
            standing.window_ends,
            *version,
            standing.windows.provisional_days.map(i64::from),
            standing.windows.captured_days.map(i64::from)
        ],
    )
}

/// Saves a changed charge over version `before.version`; touches no row if somebody else changed it.
pub fn save(shop: ShopId, environment: Environment, before: &Charge, after: &Charge) -> Statement<'static> {
    let standing = &after.standing;
    let authorization = standing.authorization.as_ref();
    Statement::new(
        "UPDATE charge SET state = $5, amount = $6, point = $7, items = $8, authorization_id = $9,
             authorized_amount = $10, hold_used = $11, updated_us = $12, window_ends_us = $13, version = $4 + 1
         WHERE shop_id = $1 AND environment = $2 AND charge_id = $3 AND version = $4",
        params![
            shop,
            environment,
            before.number.to_string(),
            before.version,
            standing.state.as_str(),
            standing.amount,
            standing.point,
            &after.items_json,
            authorization.map(|held| held.id.clone()),
            authorization.map_or(Yen::ZERO, |held| held.amount),
            standing.hold.as_ref().is_some_and(|hold| hold.used),
            after.updated,
            standing.window_ends
        ],
    )
}

/// Moves a charge from one kept count to another; `from` is none for a new charge. Nothing to do when its state stays.
///
/// The counts of a day are the sums over its slots, one for each writer that counted; a slot may be negative.
pub fn count(
    tx: &Tx<'_>,
    shop: ShopId,
    environment: Environment,
    number: ChargeNumber,
    (from, to): (Option<State>, State),
) -> Option<Statement<'static>> {
    let [authorized, captured, cancelled] =
        State::ALL.map(|state| i64::from(state == to) - i64::from(Some(state) == from));
    let day = number.date().day_number();
    (from != Some(to)).then(|| {
        Statement::new(
            "INSERT INTO charge_count (shop_id, environment, day, slot, authorized, captured, cancelled)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (shop_id, environment, day, slot) DO UPDATE SET
                 authorized = charge_count.authorized + excluded.authorized,
                 captured = charge_count.captured + excluded.captured,
                 cancelled = charge_count.cancelled + excluded.cancelled",
            params![shop, environment, day, tx.writer() as i64, authorized, captured, cancelled],
        )
    })
}

fn read(row: &Row) -> Result<Charge, StoreError> {
    let authorization = row.opt_text(9)?.map(str::to_owned);
    let hold = row.opt_text(11)?.map(str::to_owned);
    let (authorized, used) = (row.yen(10)?, row.int(12)? == 1);
    Ok(Charge {
        number: row.parsed(0)?,
        standing: Standing {
            state: row.parsed(1)?,
            amount: row.yen(2)?,
            point: row.yen(3)?,
            card: row.opt_text(8)?.map(str::to_owned),
            authorization: authorization.map(|id| Authorization { id, amount: authorized }),
            hold: hold.map(|id| Hold { id, used }),
            ordered: row.timestamp(13)?,
            windows: Windows { provisional_days: days(row, 17)?, captured_days: days(row, 18)? },
            window_ends: row.timestamp(15)?,
        },
        open_id: row.text(4)?.to_owned(),
        cart_id: row.opt_text(5)?.map(str::to_owned),
        items_json: row.text(6)?.to_owned(),
        address_json: row.opt_text(7)?.map(str::to_owned),
        updated: row.timestamp(14)?,
        version: row.int(16)?,
    })
}

/// Days of a window; none for the usual one.
fn days(row: &Row, column: usize) -> Result<Option<u32>, StoreError> {
    let broken = |_| StoreError::new(ErrorKind::Corrupt, "charge: the days of a window are none");
    row.opt_int(column)?.map(u32::try_from).transpose().map_err(broken)
}

/// A WHERE clause in the making, with its parameters.
struct Conditions {
    text: String,
    params: Vec<Value>,
}

impl Conditions {
    fn new(shop: ShopId, environment: Environment) -> Conditions {
        let params = params![shop, environment].to_vec();
        Conditions { text: "c.shop_id = $1 AND c.environment = $2".into(), params }
    }

    fn push(&mut self, value: impl Into<Value>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }

    fn and(&mut self, condition: &str, value: impl Into<Value>) {
        let placeholder = self.push(value);
        self.text.push_str(&format!(" AND {condition}{placeholder}"));
    }

    fn filter(&mut self, filter: &Filter) {
        if let Some(id) = &filter.id {
            self.and("c.charge_id = ", id);
        }
        self.created(filter);
    }

    /// The instants of the range, and the days they fall on: order numbers begin with service and date, so the days
    /// narrow the range of keys that is read.
    fn created(&mut self, filter: &Filter) {
        if let Some(from) = filter.created_from() {
            self.and("c.ordered_us >= ", from);
            self.key_bound(" >= ", from.jst_date());
        }
        if let Some(until) = filter.created_until() {
            self.and("c.ordered_us < ", until);
            self.key_bound(" < ", until.jst_date().plus_days(1));
        }
    }

    fn day(&mut self, day: i64) {
        let date = kernel::Timestamp::from_seconds(0).jst_date().plus_days(day);
        self.key_bound(" >= ", date);
        self.key_bound(" < ", date.plus_days(1));
    }

    /// Every charge of an environment belongs to one service, so its id is the beginning of every key.
    fn key_bound(&mut self, comparison: &str, date: kernel::JstDate) {
        let bound = self.push(compact(date));
        self.text.push_str(&format!(
            " AND c.charge_id{comparison}(SELECT s.service_id FROM service s WHERE s.shop_id = $1 AND s.space =
                 CASE WHEN $2 = 'sandbox' THEN 'sandbox' ELSE 'live' END) || '-' || {bound}"
        ));
    }

    /// For counting a range of keys: as an expression that no index knows, so that the range is read as it lies on the disk.
    fn states(&mut self, states: &[State]) {
        let words: Vec<String> = states.iter().map(|state| format!("'{}'", state.as_str())).collect();
        self.text.push_str(&format!(" AND c.state || '' IN ({})", words.join(", ")));
    }

    fn newest(&self, columns: &str, state: Option<State>) -> String {
        let state = state.map(|state| format!(" AND c.state = '{}'", state.as_str())).unwrap_or_default();
        format!("SELECT {columns} FROM charge c WHERE {}{state} ORDER BY c.charge_id DESC", self.text)
    }

    /// The newest of some states: the newest of each by its index, then the newest of those. SQLite would rather go
    /// through everything newer than the first one that fits, which is slow where the newest charges are in another state.
    fn newest_of(&mut self, states: &[State], enough: i64) -> String {
        let enough = self.push(enough);
        let each = |(index, state): (usize, &State)| {
            let newest = self.newest("c.charge_id", Some(*state));
            format!("SELECT charge_id FROM ({newest} LIMIT {enough}) AS s{index}")
        };
        let ids: Vec<String> = states.iter().enumerate().map(each).collect();
        format!(
            "SELECT {COLUMNS} FROM charge c WHERE c.shop_id = $1 AND c.environment = $2 AND c.charge_id IN ({})
             ORDER BY c.charge_id DESC",
            ids.join(" UNION ALL ")
        )
    }
}

/// `20261122`: the date as order numbers spell it.
fn compact(date: kernel::JstDate) -> String {
    let (year, month, day) = date.civil();
    format!("{year:04}{month:02}{day:02}")
}

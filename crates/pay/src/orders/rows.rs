//! The SQL of the order list.
//!
//! Each environment, and where an index begins with it each state, is a list of its own in the order that is wanted; the
//! beginnings of all of them are put together. So no statement reads more than it shows, however many orders there are.

use kernel::{ChargeNumber, Environment, JstDate, ShopId};
use shop::service::Space;
use store::{Row, StoreError, Tx, Value, params};

use super::Line;
use super::search::{Column, Cursor, Search, Start};
use crate::charge::State;

/// Orders of a state that are rather gathered and sorted than looked for in the order of their amounts: of few in a range of
/// days, most of the index would be passed over.
pub const FEW: i64 = 5_000;

const COLUMNS: &str = "c.environment, c.charge_id, c.state, c.amount, c.point, c.cart_id, c.ordered_us";

/// How many orders of each state match, by environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(Vec<(Environment, State, i64)>);

impl Counts {
    /// Of these counts.
    pub fn of(counts: Vec<(Environment, State, i64)>) -> Counts {
        Counts(counts)
    }

    /// All of them.
    pub fn total(&self) -> i64 {
        self.0.iter().map(|(_, _, count)| count).sum()
    }
}

/// How many orders match: kept counts of whole days, or a look at the one that is named.
pub fn counts(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environments: &[Environment],
    search: &Search,
) -> Result<Counts, StoreError> {
    if search.number.is_some() {
        let named = named(tx, shop, environments, search)?;
        return Ok(Counts(named.into_iter().map(|line| (line.environment, line.state, 1)).collect()));
    }
    let states = search.all_states();
    let sum = |state: &State| format!("CAST(COALESCE(SUM({}), 0) AS BIGINT)", state.as_str());
    let sql = format!(
        "SELECT {} FROM charge_count WHERE shop_id = $1 AND environment = $2 AND day >= $3 AND day <= $4",
        states.iter().map(sum).collect::<Vec<_>>().join(", ")
    );
    let day = |day: Option<JstDate>, otherwise: i64| day.map_or(otherwise, JstDate::day_number);
    let (from, to) = (day(search.from, i64::MIN), day(search.to, i64::MAX));
    let mut counts = Vec::new();
    for environment in environments {
        let row = tx.query_one(&sql, &params![shop, *environment, from, to])?;
        for (column, state) in states.iter().enumerate() {
            counts.push((*environment, *state, row.int(column)?));
        }
    }
    Ok(Counts(counts))
}

/// Up to `limit` lines from `start` on; `counts` are those of the search.
pub fn lines(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environments: &[Environment],
    search: &Search,
    start: &Start,
    limit: usize,
    counts: &Counts,
) -> Result<Vec<Line>, StoreError> {
    if search.number.is_some() {
        return named(tx, shop, environments, search);
    }
    let mut query = Query { params: vec![Value::from(shop)], lists: Vec::new(), limit };
    let has_days = search.from.is_some() || search.to.is_some();
    for environment in environments {
        let Some(days) = days(tx, shop, *environment, search)? else { continue };
        match search.sort.column {
            Column::Amount => {
                for (_, state, count) in counts.0.iter().filter(|(of, ..)| of == environment) {
                    match has_days && *count <= FEW {
                        true => query.gathered((*environment, *state), search, &days, start),
                        false => query.by_amount((*environment, *state), search, &days, start),
                    }
                }
            }
            Column::Date => query.by_date(*environment, search, &days, start),
            Column::Status => query.by_status(*environment, search, &days, start),
        }
    }
    query.run(tx, search)
}

/// The order that a search names, if it matches the rest of the search and the list may begin with it.
fn named(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environments: &[Environment],
    search: &Search,
) -> Result<Vec<Line>, StoreError> {
    let Some(number) = search.number else { return Ok(Vec::new()) };
    let sql =
        format!("SELECT {COLUMNS} FROM charge c WHERE c.shop_id = $1 AND c.environment = $2 AND c.charge_id = $3");
    let mut lines = Vec::new();
    for environment in environments {
        let row = tx.query_opt(&sql, &params![shop, *environment, number.to_string()])?;
        lines.extend(row.as_ref().map(line).transpose()?);
    }
    let day = number.date();
    let is_in = search.from.is_none_or(|from| from <= day) && search.to.is_none_or(|to| day <= to);
    lines.retain(|line| is_in && search.all_states().contains(&line.state));
    Ok(lines)
}

/// The environment of an order number, if the shop has such an order in one of `environments`.
pub fn environment_of(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environments: &[Environment],
    number: ChargeNumber,
) -> Result<Option<Environment>, StoreError> {
    let search = Search { number: Some(number), ..Search::default() };
    Ok(named(tx, shop, environments, &search)?.first().map(|line| line.environment))
}

/// The first and the last order number that the days of a search can have.
struct Days {
    first: Option<String>,
    last: Option<String>,
}

/// None for a shop that never had an order there.
fn days(tx: &mut Tx<'_>, shop: ShopId, environment: Environment, search: &Search) -> Result<Option<Days>, StoreError> {
    if search.from.is_none() && search.to.is_none() {
        return Ok(Some(Days { first: None, last: None }));
    }
    let sql = "SELECT service_id FROM service WHERE shop_id = $1 AND space = $2";
    let row = tx.query_opt(sql, &params![shop, Space::of(environment).as_str()])?;
    let Some(row) = row else { return Ok(None) };
    let service = row.text(0)?;
    let bound = |day: JstDate, serial: &str| {
        let (year, month, day) = day.civil();
        format!("{service}-{year:04}{month:02}{day:02}-{serial}")
    };
    let first = search.from.map(|day| bound(day, "0000000000"));
    Ok(Some(Days { first, last: search.to.map(|day| bound(day, "9999999999")) }))
}

/// The statement in the making: several lists, each in order and at most `limit` long.
struct Query {
    params: Vec<Value>,
    lists: Vec<String>,
    limit: usize,
}

impl Query {
    fn push(&mut self, value: impl Into<Value>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }

    /// The charges of an environment, of a state if one is named, between two order numbers. `hidden` keeps the numbers
    /// from choosing the index.
    fn charges(&mut self, environment: Environment, state: Option<State>, days: &Days, hidden: bool) -> String {
        let environment = self.push(environment);
        let mut sql = format!("FROM charge c WHERE c.shop_id = $1 AND c.environment = {environment}");
        if let Some(state) = state {
            sql.push_str(&format!(" AND c.state = '{}'", state.as_str()));
        }
        let column = if hidden { "(c.charge_id || '')" } else { "c.charge_id" };
        for (bound, comparison) in [(&days.first, ">="), (&days.last, "<=")] {
            if let Some(bound) = bound.clone() {
                let bound = self.push(bound);
                sql.push_str(&format!(" AND {column} {comparison} {bound}"));
            }
        }
        sql
    }

    /// The condition that lets a list begin at `start`, given how a line there compares.
    fn beginning(&mut self, start: &Start, descending: bool) -> String {
        let (cursor, equal) = match start {
            Start::First => return String::new(),
            Start::At(cursor) => (cursor, "="),
            Start::After(cursor) => (cursor, ""),
        };
        let comparison = if descending { "<" } else { ">" };
        match cursor {
            Cursor::Date(number) | Cursor::Status(_, number) => {
                let number = self.push(number.to_string());
                format!(" AND c.charge_id {comparison}{equal} {number}")
            }
            Cursor::Amount(amount, number) => {
                let (amount, number) = (self.push(*amount), self.push(number.to_string()));
                format!(" AND (c.amount, c.charge_id) {comparison}{equal} ({amount}, {number})")
            }
        }
    }

    fn add(&mut self, charges: &str, order: &str) {
        let (index, limit) = (self.lists.len(), self.limit);
        let columns = "c.environment, c.charge_id";
        self.lists.push(format!(
            "SELECT environment, charge_id FROM (SELECT {columns} {charges} ORDER BY {order} LIMIT {limit}) AS l{index}"
        ));
    }

    fn by_date(&mut self, environment: Environment, search: &Search, days: &Days, start: &Start) {
        let descending = search.sort.descending;
        let states: Vec<Option<State>> = match search.states.as_slice() {
            [] => vec![None],
            some => some.iter().copied().map(Some).collect(),
        };
        for state in states {
            let charges = self.charges(environment, state, days, false) + &self.beginning(start, descending);
            self.add(&charges, &format!("c.charge_id {}", direction(descending)));
        }
    }

    fn by_amount(&mut self, (environment, state): (Environment, State), search: &Search, days: &Days, start: &Start) {
        let (descending, way) = (search.sort.descending, direction(search.sort.descending));
        let charges = self.charges(environment, Some(state), days, true) + &self.beginning(start, descending);
        self.add(&charges, &format!("c.amount {way}, c.charge_id {way}"));
    }

    /// By amount, of few orders: found by their days, then sorted. `+ 0` keeps the index of amounts out of it.
    fn gathered(&mut self, (environment, state): (Environment, State), search: &Search, days: &Days, start: &Start) {
        let (descending, way) = (search.sort.descending, direction(search.sort.descending));
        let mut charges = self.charges(environment, Some(state), days, false);
        charges.push_str(&self.beginning(start, descending).replace("(c.amount, ", "(c.amount + 0, "));
        self.add(&charges, &format!("c.amount + 0 {way}, c.charge_id {way}"));
    }

    /// State after state; a place in the middle passes over the states before its own. In each state the newest first.
    fn by_status(&mut self, environment: Environment, search: &Search, days: &Days, start: &Start) {
        let cursor = match start {
            Start::First => None,
            Start::At(Cursor::Status(state, _)) | Start::After(Cursor::Status(state, _)) => Some(*state),
            Start::At(_) | Start::After(_) => return,
        };
        let rank = |state: State| State::ALL.iter().position(|known| *known == state);
        for state in search.all_states() {
            let is_over = cursor.is_some_and(|cursor| match search.sort.descending {
                true => rank(state) > rank(cursor),
                false => rank(state) < rank(cursor),
            });
            if is_over {
                continue;
            }
            let begins = if cursor == Some(state) { *start } else { Start::First };
            let charges = self.charges(environment, Some(state), days, false) + &self.beginning(&begins, true);
            self.add(&charges, "c.charge_id DESC");
        }
    }

    fn run(self, tx: &mut Tx<'_>, search: &Search) -> Result<Vec<Line>, StoreError> {
        if self.lists.is_empty() {
            return Ok(Vec::new());
        }
        let way = direction(search.sort.descending);
        let order = match search.sort.column {
            Column::Date => format!("c.charge_id {way}"),
            Column::Amount => format!("c.amount {way}, c.charge_id {way}"),
            Column::Status => format!(
                "CASE c.state WHEN 'authorized' THEN 0 WHEN 'captured' THEN 1 ELSE 2 END {way}, c.charge_id DESC"
            ),
        };
        // CROSS JOIN: SQLite takes the short list first, and looks its charges up.
        let sql = format!(
            "SELECT {COLUMNS} FROM ({}) AS k CROSS JOIN charge c
             WHERE c.shop_id = $1 AND c.environment = k.environment AND c.charge_id = k.charge_id
             ORDER BY {order} LIMIT {}",
            self.lists.join(" UNION ALL "),
            self.limit
        );
        tx.query(&sql, &self.params)?.iter().map(line).collect()
    }
}

fn direction(descending: bool) -> &'static str {
    if descending { "DESC" } else { "ASC" }
}

fn line(row: &Row) -> Result<Line, StoreError> {
    Ok(Line {
        environment: row.parsed(0)?,
        number: row.parsed(1)?,
        state: row.parsed(2)?,
        amount: row.yen(3)?,
        point: row.yen(4)?,
        cart_id: row.opt_text(5)?.map(str::to_owned),
        ordered: row.timestamp(6)?,
    })
}

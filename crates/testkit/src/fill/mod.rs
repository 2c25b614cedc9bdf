//! Fills the sandbox of a shop with as many charges as are wanted, quickly: hundreds in a transaction.
//!
//! Every charge goes through the pure decisions of `pay` and is written by its row functions; only attempts and the
//! acquirer's book, which the operations reach in two steps, are inserted as they stand at the end. So `choba verify`
//! finds nothing wrong. Nobody used points, and nothing is left to do but the windows of what is still open.

mod book;
mod rows;
pub mod tale;

use std::sync::Arc;

use acquirer::simulator::Simulator;
use kernel::{ChargeNumber, Environment, ServiceId, ShopId, Timestamp};
use pay::Gateway;
use pay::attempt::finish::WINDOW_TIMER;
use pay::attempt::{Attempt, Intent, Requester, Work};
use pay::charge::state::{Receipts, State};
use pay::charge::wire::Snapshot;
use pay::charge::{Charge, rows as charge_rows};
use store::audit::{self, NewEntry};
use store::{Database, Statement, StoreError, Tx, clock, timer};
use tokio::task::JoinSet;

pub use rows::{changed_rows, commits};
use tale::Tale;

/// Charges of one transaction.
const TOGETHER: usize = 500;
/// Transactions that wait behind the one that is written, on SQLite.
const WAITING: usize = 2;
/// Audit rows sealed in one transaction: more than its charges have.
const SEALED: usize = 10 * TOGETHER;
/// How far back the orders of [`Shape::AYear`] begin.
const YEAR_SECONDS: i64 = 365 * 86_400;
/// Where the charges are made.
const SANDBOX: Environment = Environment::Sandbox;

/// What the charges are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Spread over a year, with everything that a shop did to them.
    AYear,
    /// Ordered just now: each can be captured.
    JustOrdered,
}

/// What is filled.
#[derive(Clone)]
pub struct Target {
    /// Our books.
    pub gateway: Gateway,
    /// The acquirer's book.
    pub simulator: Arc<Simulator>,
    /// Whose sandbox.
    pub shop: ShopId,
}

/// Adds `charges` charges; their numbers, in the order of time.
pub async fn fill(target: &Target, charges: u64, shape: Shape) -> anyhow::Result<Vec<ChargeNumber>> {
    let plan = Arc::new(Plan::make(target, charges, shape).await?);
    let waiting = match target.gateway.store().database() {
        Database::Sqlite(_) => WAITING,
        // Two at a time would lock the kept counts of a day in different orders.
        Database::Postgres(_) => 0,
    };
    let mut writing = JoinSet::new();
    for from in (0..charges).step_by(TOGETHER) {
        writing.spawn(write(target.clone(), plan.clone(), from));
        if writing.len() > waiting
            && let Some(written) = writing.join_next().await
        {
            written??;
        }
    }
    while let Some(written) = writing.join_next().await {
        written??;
    }
    if let Database::Postgres(_) = target.gateway.store().database() {
        target.gateway.store().write(rows::analyze).await?;
        target.simulator.store().write(rows::analyze).await?;
    }
    Ok((0..charges).map(|index| plan.number(index)).collect())
}

/// Writes a batch into both databases. Each makes its rows itself, one charge after another: handing thousands of rows
/// from thread to thread costs more than telling the tales twice.
async fn write(target: Target, plan: Arc<Plan>, from: u64) -> Result<(), StoreError> {
    let until = plan.charges.min(from + TOGETHER as u64);
    let (vault, our_plan) = (target.gateway.vault().clone(), plan.clone());
    let ours = target.gateway.store().write(move |tx| {
        for index in from..until {
            tx.execute_all(&our_plan.rows_of(tx, index))?;
        }
        audit::seal(tx, &|message| vault.sign(message), SEALED)
    });
    let book = target.simulator.store().write(move |tx| {
        for index in from..until {
            tx.execute_all(&book::rows_of(&plan, index))?;
        }
        Ok::<_, StoreError>(())
    });
    let (ours, book) = tokio::join!(ours, book);
    ours.map(|_| ()).and(book)
}

/// Everything that the charges are made of.
struct Plan {
    shop: ShopId,
    service: ServiceId,
    first_serial: u64,
    charges: u64,
    /// World time.
    now: Timestamp,
    /// Machine time of the filling: the beginning of every id.
    began: Timestamp,
    shape: Shape,
    openid: String,
}

impl Plan {
    async fn make(target: &Target, charges: u64, shape: Shape) -> Result<Plan, StoreError> {
        let (store, shop) = (target.gateway.store(), target.shop);
        let (service, first_serial, now) = store
            .write(move |tx| {
                let (service, first) = shop::rows::take_serials(tx, shop, SANDBOX, charges)?;
                Ok::<_, StoreError>((service, first, clock::world_now(tx, shop, SANDBOX)?))
            })
            .await?;
        let openid = format!("{}/openid/user/", target.gateway.base_url());
        Ok(Plan { shop, service, first_serial, charges, now, began: store.machine_now(), shape, openid })
    }

    /// World time of an order.
    fn ordered(&self, index: u64) -> Timestamp {
        match self.shape {
            Shape::JustOrdered => self.now,
            Shape::AYear => {
                let since = i128::from(YEAR_SECONDS) * 1_000_000 * i128::from(index) / i128::from(self.charges);
                self.now.plus_seconds(-YEAR_SECONDS).plus_micros(since as i64)
            }
        }
    }

    fn number(&self, index: u64) -> ChargeNumber {
        let date = self.ordered(index).jst_date();
        ChargeNumber::new(self.service, date, self.first_serial + index).expect("serials of ten digits")
    }

    /// The acquirer's name for what it holds.
    fn authorization(&self, index: u64) -> String {
        format!("auth_{:016x}{:016x}", self.ordered(index).micros(), self.first_serial + index)
    }

    fn tale(&self, index: u64) -> Tale {
        let ordered = self.ordered(index);
        match self.shape {
            Shape::JustOrdered => Tale::ordered(ordered, &self.openid, index),
            Shape::AYear => Tale::told(ordered, self.now, &self.openid, index),
        }
    }

    /// The id of the attempt with the number `act` on a charge; 0 is the payment. Ids sort by charge.
    fn attempt_id(&self, index: u64, act: usize) -> String {
        let milliseconds = self.began.micros() / 1_000;
        format!("{milliseconds:012x}{:012x}{act:08x}", self.first_serial + index)
    }

    /// The rows of one charge in our own database.
    fn rows_of(&self, tx: &Tx<'_>, index: u64) -> Vec<Statement<'static>> {
        let Tale { order, ordered, acts } = self.tale(index);
        let buyer = serde_json::to_string(&order.buyer).expect("texts are JSON");
        let mut statements = Vec::with_capacity(16);
        let paid = self.attempt(index, 0, Work::Pay(Box::new(order)), ordered);
        let mut charge = self.change(index, paid, None, &mut statements);
        let amount = charge.standing.amount;
        statements.extend(pay::figures::rows::count(tx, self.shop, SANDBOX, ordered, amount));
        let window = charge.standing.window_ends;
        for (act, told) in acts.into_iter().enumerate() {
            let attempt = self.attempt(index, act + 1, told.work, told.at);
            charge = self.change(index, attempt, Some(charge), &mut statements);
        }
        if charge.standing.state != State::Cancelled && self.now < window {
            statements.push(timer::set(self.shop, SANDBOX, WINDOW_TIMER, &charge.number.to_string(), window));
        }
        statements.push(charge_rows::insert(self.shop, SANDBOX, &charge, buyer));
        let new = (None, charge.standing.state);
        statements.extend(charge_rows::count(tx, self.shop, SANDBOX, charge.number, new));
        statements
    }

    fn attempt(&self, index: u64, act: usize, work: Work, begun: Timestamp) -> Attempt {
        Attempt {
            shop: self.shop,
            environment: SANDBOX,
            id: self.attempt_id(index, act),
            charge: self.number(index),
            work,
            requester: Requester { actor: "fill".into(), origin: "bare-store fill".into() },
            begun,
            tries: 0,
            waits: None,
        }
    }

    /// Decides what the attempt does to `before`, and adds everything that tells of it; the charge afterwards.
    fn change(
        &self,
        index: u64,
        attempt: Attempt,
        before: Option<Charge>,
        statements: &mut Vec<Statement<'static>>,
    ) -> Charge {
        let version = before.as_ref().map_or(0, |charge| charge.version);
        let intent = Intent::again(attempt, before).expect("tales keep to the rules");
        let attempt = &intent.attempt;
        let after = after(&intent, self.authorization(index));
        statements.push(rows::ended_attempt(attempt, version));
        statements.push(pay::event::rows::insert(attempt, &Snapshot::of(&after, SANDBOX)));
        if !intent.plan.lines.is_empty() {
            let reference = attempt.charge.to_string();
            let entry = ledger::Entry::new(attempt.work.verb(), reference, attempt.begun, intent.plan.lines.clone());
            statements.extend(ledger::post(attempt.shop, SANDBOX, &attempt.id, &entry));
        }
        statements.push(audit_row(&intent, &after));
        after
    }
}

fn after(intent: &Intent, authorization: String) -> Charge {
    let receipts = Receipts { authorization: Some(authorization), hold: None };
    let standing = intent.plan.outcome(&receipts);
    let updated = intent.attempt.begun;
    match (&intent.attempt.work, &intent.before) {
        (_, Some(before)) => Charge { standing, updated, version: before.version + 1, ..before.clone() },
        (Work::Pay(order), None) => Charge {
            number: intent.attempt.charge,
            items_json: serde_json::to_string(order.items.list()).expect("items are JSON"),
            cart_id: order.cart_id.clone(),
            open_id: order.open_id.clone(),
            address_json: order.address.as_ref().map(|address| serde_json::to_string(address).expect("texts are JSON")),
            updated,
            standing,
            version: 1,
        },
        (Work::Capture | Work::Cancel | Work::Change(_) | Work::Expire, None) => {
            unreachable!("a tale begins with an order")
        }
    }
}

fn audit_row(intent: &Intent, after: &Charge) -> Statement<'static> {
    let Attempt { shop, environment, id, charge, work, requester, begun, .. } = &intent.attempt;
    let before = intent.before.as_ref().map(|charge| &charge.standing);
    let fields = serde_json::json!({
        "state": [before.map(|standing| standing.state.as_str()), after.standing.state.as_str()],
        "amount": [before.map(|standing| standing.amount.get()), after.standing.amount.get()],
        "point": [before.map(|standing| standing.point.get()), after.standing.point.get()],
    });
    audit::record(&NewEntry {
        shop: *shop,
        id,
        at: *begun,
        actor: &requester.actor,
        origin: &requester.origin,
        action: &format!("charge.{}", work.verb()),
        object: &format!("{environment}/{charge}"),
        fields: &fields.to_string(),
    })
}

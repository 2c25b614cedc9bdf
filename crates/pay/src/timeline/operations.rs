//! Reads what happened and puts it in order.

use std::collections::HashMap;

use kernel::{ChargeNumber, Environment, ShopId};
use ledger::Account;
use serde::Deserialize;
use store::{StoreError, Tx};

use super::order::Order;
use super::rows::{self, Attempted};
use super::{Actor, ActorKind, Change, EACH_MAX, Entry, Pair, Timeline, What};
use crate::charge;

/// Lines of one ledger entry at the most: there are as many kinds of receivables.
const LINES_MAX: i64 = 8;

/// What happened with an order; none if there is no such order.
pub fn of_charge(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    number: ChargeNumber,
) -> Result<Option<Timeline>, StoreError> {
    if charge::rows::find(tx, shop, environment, number)?.is_none() {
        return Ok(None);
    }
    let charge = number.to_string();
    let of = rows::Of { shop, environment, charge: &charge };
    let attempts = rows::attempts(tx, &of)?;
    let order = Order::of(attempts.iter().map(|attempt| (attempt.id.clone(), attempt.at_us)));
    let mut sources = vec![changes(tx, &of, attempts)?];
    sources.push(rows::automatic_mails(tx, &of)?);
    sources.push(rows::notifications(tx, &of)?);
    sources.push(rows::deliveries(tx, &of)?);
    sources.push(rows::sent_again(tx, &of)?);
    let truncated = sources.iter().any(|entries| entries.len() as i64 >= EACH_MAX);
    let mut data: Vec<Entry> = sources.into_iter().flatten().collect();
    order.sort(&mut data);
    name(tx, shop, &mut data)?;
    Ok(Some(Timeline { object: "timeline", charge, data, truncated }))
}

/// What the audit row of a change says.
#[derive(Default, Deserialize)]
struct Fields {
    #[serde(default)]
    state: Option<Pair<String>>,
    #[serde(default)]
    amount: Option<Pair<i64>>,
    #[serde(default)]
    point: Option<Pair<i64>>,
}

fn changes(tx: &mut Tx<'_>, of: &rows::Of<'_>, attempts: Vec<Attempted>) -> Result<Vec<Entry>, StoreError> {
    let entry = |attempted: Attempted| {
        let Attempted { id, verb, outcome, refusal, actor, world_us, at_us, fields } = attempted;
        let said = fields.and_then(|fields| serde_json::from_str::<Fields>(&fields).ok()).unwrap_or_default();
        let posted = posted(tx, of, &id)?;
        let Fields { state, amount, point } = said;
        let what = What::Change(Change { attempt: id, verb, outcome, refusal, state, amount, point, posted });
        Ok(Entry { at_us, world_us: Some(world_us), actor: Some(unnamed(actor)), what })
    };
    attempts.into_iter().map(entry).collect()
}

/// What an attempt's ledger entry moved in the shop's favour.
fn posted(tx: &mut Tx<'_>, of: &rows::Of<'_>, attempt: &str) -> Result<i64, StoreError> {
    let lines = ledger::lines_after(tx, of.shop, of.environment, (attempt, 0), LINES_MAX)?;
    let own = lines.into_iter().flatten().filter(|line| line.entry_id == attempt);
    Ok(own.map(|line| signed(&line.movement)).sum())
}

fn signed(line: &ledger::Line) -> i64 {
    let amount = line.amount().get();
    match (line.debit(), line.credit()) {
        (_, Account::MerchantPayable) => amount,
        (Account::MerchantPayable, _) => -amount,
        (Account::AcquirerReceivable | Account::PointsReceivable, _) => 0,
        // No entry of a charge moves these.
        (Account::MallFunds | Account::MallPromotion | Account::MallPayable, _) => 0,
    }
}

/// An actor whose name is still to be looked up.
pub(super) fn unnamed(id: String) -> Actor {
    Actor { kind: ActorKind::of(&id), id, name: None }
}

/// Looks the names of staff and tokens up, each once.
fn name(tx: &mut Tx<'_>, shop: ShopId, entries: &mut [Entry]) -> Result<(), StoreError> {
    let mut known: HashMap<String, Option<String>> = HashMap::new();
    for actor in entries.iter_mut().filter_map(|entry| entry.actor.as_mut()) {
        let name = match known.get(&actor.id) {
            Some(name) => name.clone(),
            None => {
                let name = shop::rows::actor_name(tx, shop, &actor.id)?;
                known.insert(actor.id.clone(), name.clone());
                name
            }
        };
        actor.name = name;
    }
    Ok(())
}

//! Facts of an order that are given in place of a scenario's, in the names of the order's document.

use serde_json::{Map, Value};

use crate::code::Progress;
use crate::market::Script;
use crate::order::{Order, Payment, Person, Price};

/// Facts that make no order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadFacts {
    /// An order has no such fact, or none with such a value; the text is the way to it, or says what was expected.
    #[error("{0}")]
    NotUnderstood(String),
    /// What it costs is less than nothing.
    #[error("what the order costs is less than nothing")]
    Negative,
}

/// What nobody but the mall decides, and the number, which the mall gives.
const DECIDED: [&str; 10] =
    ["number", "progress", "placed", "confirmed", "fixed", "reported", "settled", "returned", "accepted", "last_id"];

/// The order and what will happen to it, with the members of `facts` in place of what they had: of objects member by
/// member, of anything else as a whole. `script` is what will happen, everything else a fact of the order.
pub fn with_facts(order: Order, script: Script, mut facts: Map<String, Value>) -> Result<(Order, Script), BadFacts> {
    let script = match facts.remove("script") {
        Some(given) => overlaid(&script, given, "script")?,
        None => script,
    };
    if let Some(decided) = DECIDED.iter().find(|name| facts.contains_key(**name)) {
        return Err(BadFacts::NotUnderstood(format!("{decided}: the mall decides this by itself")));
    }
    let mut order: Order = overlaid(&order, Value::Object(facts), "")?;
    tidy(&mut order);
    if let Some(why) = inexpressible(&order) {
        return Err(BadFacts::NotUnderstood(why.to_owned()));
    }
    match order.amounts().request {
        Price::Fixed(..0) => Err(BadFacts::Negative),
        Price::Fixed(_) | Price::Unset => Ok((order, script)),
    }
}

/// Why getOrder could not show the order as the contract says (4.1, 4.2, 4.5); none if it can.
fn inexpressible(order: &Order) -> Option<&'static str> {
    let mut people = order.packages.iter().map(|package| &package.person).chain([&order.orderer.person]);
    let half_known = |person: &Person| person.phone.iter().filter(|part| part.is_none()).count() > 1;
    let rules = [
        (order.live_packages().next().is_none(), "packages: an order has a destination"),
        (order.packages.iter().any(|package| package.items.is_empty()), "packages.items: a destination has an item"),
        (order.orderer.person.first_name.is_none(), "orderer.person.first_name: an orderer has both names"),
        (people.any(half_known), "phone: at most one of the three parts may be missing"),
        (order.points < 0, "points: they are 0 or more"),
        (order.payment_charge < 0, "payment_charge: it is 0 or more"),
    ];
    rules.into_iter().find_map(|(is_wrong, why)| is_wrong.then_some(why))
}

/// An order as it is before it arrives, whatever was given.
fn tidy(order: &mut Order) {
    order.progress = Progress::AwaitingConfirmation;
    let card = order.payments.drain(..).find_map(|payment| payment.card);
    order.payments.extend(card.map(|card| Payment::new(0, order.method, 0, Some(card))));
    let details = order.packages.iter().flat_map(|package| package.items.iter().map(|item| item.detail_id));
    let ids = order.packages.iter().map(|package| package.id).chain(details);
    let highest = ids.filter_map(|id| u32::try_from(id).ok()).filter(|id| *id < u32::MAX / 2).max().unwrap_or(0);
    order.last_id = order.last_id.max(highest);
}

fn overlaid<T>(base: &T, given: Value, name: &str) -> Result<T, BadFacts>
where
    T: serde::Serialize + serde::de::DeserializeOwned,
{
    let wrong = |error: serde_json::Error| BadFacts::NotUnderstood(format!("{name} {error}").trim().to_owned());
    let mut value = serde_json::to_value(base).map_err(wrong)?;
    overlay(&mut value, given.clone());
    let made: T = serde_json::from_value(value).map_err(wrong)?;
    let kept = serde_json::to_value(&made).map_err(wrong)?;
    match lost(&kept, &given, name) {
        None => Ok(made),
        Some(way) => Err(BadFacts::NotUnderstood(format!("{way}: an order has no such fact"))),
    }
}

fn overlay(base: &mut Value, given: Value) {
    match (base, given) {
        (Value::Object(base), Value::Object(given)) => {
            for (name, value) in given {
                overlay(base.entry(name).or_insert(Value::Null), value);
            }
        }
        (base, given) => *base = given,
    }
}

/// The way to something that was given and is not in what was made of it.
fn lost(made: &Value, given: &Value, way: &str) -> Option<String> {
    match (made, given) {
        (Value::Object(made), Value::Object(given)) => given.iter().find_map(|(name, value)| {
            let way = format!("{way}.{name}");
            let way = way.trim_start_matches('.');
            // Members that are empty may be left out of a script.
            let is_empty = value.as_array().is_some_and(Vec::is_empty) || value.is_null();
            match made.get(name) {
                Some(made) => lost(made, value, way),
                None => (!is_empty).then(|| way.to_owned()),
            }
        }),
        (Value::Array(made), Value::Array(given)) if made.len() == given.len() => {
            let mut pairs = made.iter().zip(given).enumerate();
            pairs.find_map(|(index, (made, given))| lost(made, given, &format!("{way}[{index}]")))
        }
        (made, given) => (made != given).then(|| way.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use kernel::Timestamp;
    use serde_json::json;

    use super::super::Scenario;
    use super::*;
    use crate::code::Method;

    fn with(facts: Value) -> Result<(Order, Script), BadFacts> {
        let (order, script) = Scenario::CardOk.order(1, 1, Timestamp::from_seconds(1_793_581_200)).unwrap();
        let Value::Object(facts) = facts else { panic!("{facts}") };
        with_facts(order, script, facts)
    }

    #[test]
    fn given_facts_take_the_place_of_the_scenarios() {
        let facts = json!({
            "method": 9,
            "points": 60,
            "orderer": { "person": { "family_name": "齋藤" } },
            "script": { "deeds": [{ "pays_in": 0 }] },
        });
        let (order, script) = with(facts).unwrap();
        assert_eq!((order.method, order.points), (Method::BankTransfer, 60));
        assert_eq!(order.orderer.person.family_name, "齋藤");
        assert_eq!(order.orderer.person.first_name.as_deref(), Some("太郎"));
        assert_eq!(script.deeds.len(), 1);
    }

    #[test]
    fn what_no_order_has_is_named() {
        for (facts, way) in [
            (json!({ "colour": 1 }), "colour"),
            (json!({ "orderer": { "person": { "nick": "x" } } }), "orderer.person.nick"),
            (json!({ "method": 99 }), "no code 99"),
            (json!({ "progress": 500 }), "progress"),
            (json!({ "script": { "screening": [] } }), "screening"),
        ] {
            let error = with(facts).unwrap_err().to_string();
            assert!(error.contains(way), "{error}");
        }
        assert_eq!(with(json!({ "points": 1_000_000 })).unwrap_err(), BadFacts::Negative);
    }
}

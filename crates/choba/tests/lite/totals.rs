//! Properties of lists: `total` is the number that match whatever the filter, and `starting_after` passes over nothing
//! while rows are added.

use std::collections::HashMap;

use kernel::{JstDate, Timestamp};
use serde_json::Value;
use testkit::sim_clock::SeededEntropy;
use testkit::{Merchant, Sale, TestApp, on_both};

/// What a test remembers of a charge.
#[derive(Clone, Debug)]
struct Known {
    id: String,
    created: i64,
    paid: bool,
    captured: bool,
    refunded: bool,
}

impl Known {
    fn of(charge: &Value) -> Known {
        let flag = |name: &str| charge[name].as_bool().expect("a flag");
        Known {
            id: charge["id"].as_str().expect("an order number").to_owned(),
            created: charge["created"].as_i64().expect("Unix seconds"),
            paid: flag("paid"),
            captured: flag("captured"),
            refunded: flag("refunded"),
        }
    }
}

/// Charges of several days at awkward instants, in all states, newest last.
async fn charges(app: &TestApp, random: &SeededEntropy) -> (Merchant, Vec<Known>) {
    let merchant = app.merchant();
    let mut known = Vec::new();
    let midnight = |day: i64| JstDate::new(2026, 11, 22).expect("a date").plus_days(day).start();
    let mut instants: Vec<Timestamp> = Vec::new();
    for day in [1, 2, 3, 9, 10] {
        instants.extend([-1, 0, 1, 1_000_000].map(|micros| midnight(day).plus_micros(micros)));
        instants.push(midnight(day).plus_seconds(random.below(80_000) as i64 + 10));
    }
    for at in instants {
        app.turn_unattended(merchant.shop, at).await;
        for _ in 0..=random.below(2) {
            let id = merchant.sell(&Sale::of(100)).await;
            let mut charge = merchant.retrieve(&id).await.good();
            if random.below(2) == 0 {
                charge = merchant.capture(&id).await.good();
            }
            if random.below(3) == 0 {
                charge = merchant.cancel(&id).await.good();
            }
            known.push(Known::of(&charge));
        }
    }
    (merchant, known)
}

/// A random filter as a query, and whether a charge matches it.
fn filter(random: &SeededEntropy, known: &[Known]) -> (String, impl Fn(&Known) -> bool + use<>) {
    let mut parts = Vec::new();
    let mut flags: HashMap<&'static str, bool> = HashMap::new();
    let mut bounds: HashMap<&'static str, i64> = HashMap::new();
    for flag in ["paid", "captured", "refunded"] {
        if random.below(3) == 0 {
            let wanted = random.below(2) == 0;
            flags.insert(flag, wanted);
            parts.push(format!("payment[{flag}]={wanted}"));
        }
    }
    for bound in ["gt", "gte", "lt", "lte"] {
        if random.below(3) == 0 {
            let near = known[random.below(known.len() as u64) as usize].created;
            let second = near + random.below(3) as i64 - 1 + if random.below(5) == 0 { 43_200 } else { 0 };
            bounds.insert(bound, second);
            parts.push(format!("created[{bound}]={second}"));
        }
    }
    let id = (random.below(8) == 0).then(|| known[random.below(known.len() as u64) as usize].id.clone());
    parts.extend(id.iter().map(|id| format!("id={id}")));
    let matches = move |charge: &Known| {
        let flag = |name: &str, is: bool| flags.get(name).is_none_or(|wanted| *wanted == is);
        let bound =
            |name: &str, fits: fn(i64, i64) -> bool| bounds.get(name).is_none_or(|bound| fits(charge.created, *bound));
        flag("paid", charge.paid)
            && flag("captured", charge.captured)
            && flag("refunded", charge.refunded)
            && bound("gt", |is, bound| is > bound)
            && bound("gte", |is, bound| is >= bound)
            && bound("lt", |is, bound| is < bound)
            && bound("lte", |is, bound| is <= bound)
            && id.as_ref().is_none_or(|id| *id == charge.id)
    };
    (parts.join("&"), matches)
}

#[tokio::test]
async fn the_total_is_the_number_that_match() {
    on_both(async |app| {
        let random = SeededEntropy::new(20_261_122);
        let (merchant, known) = charges(app, &random).await;
        for round in 0..150 {
            let (query, matches) = filter(&random, &known);
            let expected: Vec<&str> =
                known.iter().rev().filter(|one| matches(one)).map(|one| one.id.as_str()).collect();
            let (limit, offset) = (1 + random.below(12) as usize, random.below(4) as usize);
            let list = merchant.list(&format!("{query}&limit={limit}&offset={offset}")).await.good();
            let page: Vec<&str> = expected.iter().skip(offset).take(limit).copied().collect();
            let ids: Vec<&str> =
                list["data"].as_array().expect("data").iter().map(|one| one["id"].as_str().expect("text")).collect();
            assert_eq!(list["total"], expected.len(), "round {round}: {query}");
            assert_eq!(ids, page, "round {round}: {query}&limit={limit}&offset={offset}");
        }
    })
    .await;
}

#[tokio::test]
async fn paging_visits_every_old_charge_once_while_rows_are_added_and_changed() {
    on_both(async |app| {
        let merchant = app.merchant();
        let random = SeededEntropy::new(7);
        for round in 0..4 {
            let mut old = Vec::new();
            for _ in 0..17 {
                old.push(merchant.sell(&Sale::of(100)).await);
                app.wait(random.below(2) as i64);
            }
            let first = merchant.list("limit=1").await.good();
            let mut visited = vec![first["data"][0]["id"].as_str().expect("text").to_owned()];
            loop {
                // Newer charges, on later days too, and changes of old ones: none of them moves a page.
                for _ in 0..random.below(3) {
                    merchant.sell(&Sale::of(100)).await;
                }
                if random.below(3) == 0 {
                    app.wait(40_000);
                }
                let changed = &old[random.below(old.len() as u64) as usize];
                let _ = merchant.capture(changed).await;
                let (limit, last) = (1 + random.below(5), visited.last().expect("one").clone());
                let page = merchant.list(&format!("limit={limit}&starting_after={last}")).await.good();
                let page = page["data"].as_array().expect("data").clone();
                if page.is_empty() {
                    break;
                }
                visited.extend(page.iter().map(|charge| charge["id"].as_str().expect("text").to_owned()));
            }
            let of_old: Vec<&String> = visited.iter().filter(|id| old.contains(id)).collect();
            assert_eq!(of_old, old.iter().rev().collect::<Vec<_>>(), "round {round}");
            assert!(visited.windows(2).all(|pair| pair[0] > pair[1]), "newest first: {visited:?}");
        }
    })
    .await;
}

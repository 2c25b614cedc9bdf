//! Several clients at once: exactly one effect, whatever the interleaving (contract "Rules": only one request changes
//! one charge at a time).

use std::sync::Arc;

use acquirer::simulator::Fault;
use testkit::{Merchant, Reply, Sale, TestApp, on_both};
use tokio::sync::Barrier;

use crate::words::{INVALID, answer, operate};

/// Which keys racing clients send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keys {
    None,
    Same,
    Different,
}

/// All requests at once, each from a client of its own; the answers in the order of the requests.
async fn at_once(requests: Vec<(Merchant, String, String)>) -> Vec<Reply> {
    let start = Arc::new(Barrier::new(requests.len()));
    let clients: Vec<_> = requests
        .into_iter()
        .map(|(merchant, operation, id)| {
            let start = start.clone();
            tokio::spawn(async move {
                start.wait().await;
                operate(&merchant, &operation, &id).await
            })
        })
        .collect();
    let mut replies = Vec::new();
    for client in clients {
        replies.push(client.await.expect("a client"));
    }
    replies
}

/// Whether the acquirer answers at once or takes its time, so that others come while one is at it.
fn slow_down(app: &TestApp, slow: bool) {
    let late: Option<acquirer::simulator::Faults<acquirer::Request>> = slow.then(|| Arc::new(|_: &_| Fault::Late) as _);
    app.wired.simulator.set_faults(late);
}

async fn race_one_operation(app: &TestApp, operation: &str, refusal: &str, books: &str) {
    let merchant = app.merchant();
    let mut number = 0;
    for clients in [2, 10] {
        for keys in [Keys::None, Keys::Same, Keys::Different] {
            for slow in [false, true] {
                number += 1;
                let race = format!("{clients} clients, keys {keys:?}, slow {slow}: {operation}");
                let id = merchant.sell(&Sale::of(1_000)).await;
                let client = |client: usize| match keys {
                    Keys::None => merchant.clone(),
                    Keys::Same => merchant.keyed(format!("{operation} {number}")),
                    Keys::Different => merchant.keyed(format!("{operation} {number} {client}")),
                };
                let requests: Vec<_> =
                    (0..clients).map(|index| (client(index), operation.to_owned(), id.clone())).collect();
                slow_down(app, slow);
                let replies = at_once(requests.clone()).await;
                slow_down(app, false);
                let done: Vec<&Reply> = replies.iter().filter(|reply| reply.status == 200).collect();
                assert!(!done.is_empty() && done.iter().all(|reply| reply.text == done[0].text), "{race}");
                for reply in replies.iter().filter(|reply| reply.status != 200) {
                    let said = answer(reply);
                    let allowed: &[&str] = match keys {
                        Keys::Same => &["503 outcome_unknown"],
                        Keys::None | Keys::Different => &["400 charge_locked", refusal],
                    };
                    assert!(allowed.contains(&said.as_str()), "{race}: {said}");
                }
                if keys != Keys::Same {
                    assert_eq!(done.len(), 1, "{race}");
                }
                // Whoever asks again learns what became of it.
                for ((merchant, operation, id), first) in requests.iter().zip(&replies) {
                    let again = operate(merchant, operation, id).await;
                    match keys {
                        Keys::Same => assert_eq!(again.text, done[0].text, "{race}"),
                        Keys::Different if first.status == 200 => assert_eq!(again.text, first.text, "{race}"),
                        Keys::None | Keys::Different => assert_eq!(answer(&again), refusal, "{race}"),
                    }
                }
                app.run_jobs().await;
                assert_eq!(app.effects(&merchant, &id).await.to_string(), books, "{race}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_capture_of_many() {
    let books = "ledger 1000 | acquirer captured 1000 | events succeeded captured";
    on_both(async |app| race_one_operation(app, "capture", "400 already_captured", books).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_cancel_of_many() {
    let books = "ledger 0 | acquirer voided 1000 | events succeeded refunded";
    on_both(async |app| race_one_operation(app, "cancel", "400 already_refunded", books).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_change_of_many() {
    on_both(async |app| {
        let books = "ledger 0 | acquirer authorized 1500, voided 1000 | events succeeded updated";
        race_one_operation(app, "change 1500", "400 same_amount", books).await;
        // Nobody outside is asked: what is held is enough.
        let books = "ledger 0 | acquirer authorized 1000 | events succeeded updated";
        race_one_operation(app, "change 500", "400 same_amount", books).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_sale_of_many_under_one_key() {
    on_both(async |app| {
        let merchant = app.merchant();
        for (round, slow) in [false, true, false, true].into_iter().enumerate() {
            slow_down(app, slow);
            let sale = Sale::of(1_000).point(300).buyer(&format!("b{round}"));
            let clients: Vec<_> = (0..10)
                .map(|_| {
                    let (keyed, sale) = (merchant.keyed(format!("k{round}")), sale.clone());
                    tokio::spawn(async move { keyed.create(&sale).await })
                })
                .collect();
            let mut replies = Vec::new();
            for client in clients {
                replies.push(client.await.expect("a client"));
            }
            slow_down(app, false);
            let first = merchant.keyed(format!("k{round}")).create(&sale).await;
            first.good();
            for reply in replies {
                match reply.status {
                    200 => assert_eq!(reply.text, first.text),
                    _ => assert_eq!(answer(&reply), "503 outcome_unknown"),
                }
            }
            assert_eq!(merchant.list("").await.good()["total"], round + 1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn capture_cancel_and_change_at_once() {
    on_both(async |app| {
        let merchant = app.merchant();
        for round in 0..12 {
            slow_down(app, round % 3 == 1);
            let id = merchant.sell(&Sale::of(1_000).point(300).buyer(&format!("b{round}"))).await;
            if round % 2 == 1 {
                merchant.capture(&id).await.good();
            }
            let before = app.effects(&merchant, &id).await.events.len();
            let operations = ["capture", "cancel", "change 1500", "change 700", "change 200"];
            let keyed = |client: usize| merchant.keyed(format!("{round} {client}"));
            let requests: Vec<_> =
                (0..10).map(|client| (keyed(client), operations[client % 5].to_owned(), id.clone())).collect();
            let replies = at_once(requests.clone()).await;
            slow_down(app, false);
            app.run_jobs().await;
            let said: Vec<String> = replies.iter().map(answer).collect();
            let effects = app.effects(&merchant, &id).await;
            // One effect for each answer that says so, in some order; none for the others.
            let mut told: Vec<&str> = requests
                .iter()
                .zip(&replies)
                .filter(|(_, reply)| reply.status == 200)
                .map(|((_, operation, _), _)| match operation.split(' ').next() {
                    Some("capture") => "captured",
                    Some("cancel") => "refunded",
                    _ => "updated",
                })
                .collect();
            let mut happened: Vec<&str> = effects.events[before..].iter().map(String::as_str).collect();
            let last = happened.last().copied();
            told.sort_unstable();
            happened.sort_unstable();
            assert_eq!(happened, told, "round {round}: {said:?}");
            assert!(!told.is_empty(), "round {round}: {said:?}");
            let cancels = happened.iter().filter(|event| **event == "refunded").count();
            assert!(cancels <= 1 && (cancels == 0 || last == Some("refunded")), "round {round}: {happened:?}");
            let charge = merchant.retrieve(&id).await.good();
            let (total, point) = (charge["amount"].as_i64().expect("yen"), charge["point"].as_i64().expect("yen"));
            let owed = if charge["captured"] == true { (total - point, point) } else { (0, 0) };
            assert_eq!((effects.card, effects.points), owed, "round {round}: {effects}");
            app.verify().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn clients_and_workers_settle_one_unknown_outcome() {
    on_both(async |app| {
        let merchant = app.merchant();
        for round in 0..4 {
            let id = merchant.sell(&Sale::of(1_000).card("capture_answer_lost")).await;
            let keyed = merchant.keyed(format!("{round}"));
            keyed.capture(&id).await.refused(503, "service_error", "outcome_unknown");
            app.wait(3);
            let requests: Vec<_> = (0..6).map(|_| (keyed.clone(), "capture".to_owned(), id.clone())).collect();
            let (replies, (), ()) = tokio::join!(at_once(requests), app.run_jobs(), app.run_jobs());
            for reply in replies.iter().filter(|reply| reply.status != 200) {
                assert_eq!(answer(reply), "503 outcome_unknown");
            }
            assert_eq!(answer(&keyed.capture(&id).await), "actual 1000");
            assert_eq!(
                app.effects(&merchant, &id).await.to_string(),
                "ledger 1000 | acquirer captured 1000 | events succeeded captured"
            );
            merchant.capture(&id).await.refused(400, INVALID, "already_captured");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_shops_customers_at_once_get_numbers_and_counts_of_their_own() {
    on_both(async |app| {
        let merchant = app.merchant();
        let clients: Vec<_> = (0..8)
            .map(|_| {
                let merchant = merchant.clone();
                tokio::spawn(async move {
                    let mut ids = Vec::new();
                    for number in 0..5 {
                        let id = merchant.sell(&Sale::of(100)).await;
                        if number % 2 == 0 {
                            merchant.capture(&id).await.good();
                        }
                        ids.push(id);
                    }
                    ids
                })
            })
            .collect();
        let mut ids = Vec::new();
        for client in clients {
            ids.extend(client.await.expect("a client"));
        }
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 40);
        for (query, total) in [("", 40), ("payment[captured]=true", 24), ("payment[captured]=false", 16)] {
            assert_eq!(merchant.list(query).await.good()["total"], total, "{query}");
        }
    })
    .await;
}

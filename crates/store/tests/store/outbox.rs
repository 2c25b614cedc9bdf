//! The outbox: at least once, in the order of each lane, with an end that a person sees.

use kernel::{Environment, ShopId, Timestamp};
use store::outbox::{self, Fate, Lag, Message, NewMessage};
use store::{ErrorKind, StoreError, clock};

use crate::fixture::{Fixture, OTHER_SHOP, SECOND, SHOP};
use crate::on_both_engines;

on_both_engines!(
    a_lane_leaves_in_order,
    lanes_do_not_wait_for_one_another,
    a_dead_worker_holds_nothing_up_for_ever,
    a_failed_message_lets_the_next_pass_and_can_be_run_again,
    due_times_follow_the_world,
    a_long_lane_that_waits_does_not_hide_the_others,
    workers_side_by_side_never_share_a_message,
    a_message_is_written_with_its_change_or_not_at_all,
    many_messages_are_settled_together,
    what_waits_can_be_given_up_and_sent_elsewhere,
    what_waits_elsewhere_is_taken_back,
);

use Environment::{Live, Sandbox};

const LEASE: i64 = 30 * SECOND;

fn enqueue(f: &Fixture, shop: ShopId, world: Environment, lane: &'static str, ids: &[&str], after: i64) {
    let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    let (created, due) = (f.now(), f.now().plus_seconds(after));
    f.write(move |tx| {
        let new = |id: &String| {
            outbox::enqueue(&NewMessage { shop, id, world, topic: "webhook", lane, body: "{}", due, created })
        };
        tx.execute_all(&ids.iter().map(new).collect::<Vec<_>>())
    });
}

fn claim(f: &Fixture) -> Vec<Message> {
    f.write(|tx| outbox::claim(tx, "webhook", 100, LEASE))
}

fn ids(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.id.as_str()).collect()
}

fn sent(f: &Fixture, message: &Message) -> bool {
    let message = message.clone();
    f.write(move |tx| outbox::sent(tx, &message))
}

fn retry(f: &Fixture, message: &Message, after: i64) -> bool {
    let (message, due) = (message.clone(), f.now().plus_seconds(after));
    f.write(move |tx| outbox::retry(tx, &message, due, "HTTP 503"))
}

fn failed(f: &Fixture, message: &Message) -> bool {
    let message = message.clone();
    f.write(move |tx| outbox::failed(tx, &message, "HTTP 410"))
}

fn a_lane_leaves_in_order(f: &Fixture) {
    enqueue(f, SHOP, Live, "ch-1", &["b", "a", "c"], 0);
    assert_eq!(f.write(|tx| outbox::claim(tx, "mail", 100, LEASE)), [], "another topic");
    for expected in ["a", "b", "c"] {
        let claimed = claim(f);
        assert_eq!(ids(&claimed), [expected]);
        assert_eq!((claimed[0].attempt, claimed[0].body.as_str()), (1, "{}"));
        assert_eq!(claim(f), [], "leased, and the next waits for it");
        assert!(sent(f, &claimed[0]));
        assert!(!sent(f, &claimed[0]), "once");
    }
    assert_eq!(claim(f), []);
    assert_eq!(f.read(outbox::lag), Lag { waiting: 0, failed: 0, overdue_micros: 0 });
}

fn lanes_do_not_wait_for_one_another(f: &Fixture) {
    enqueue(f, SHOP, Live, "ch-1", &["a1", "a2"], 0);
    enqueue(f, SHOP, Live, "ch-2", &["b1", "b2"], 0);
    enqueue(f, OTHER_SHOP, Live, "ch-1", &["c1"], 0);
    let claimed = claim(f);
    assert_eq!(ids(&claimed), ["a1", "b1", "c1"]);
    assert!(retry(f, &claimed[0], 60));
    assert!(sent(f, &claimed[1]));
    assert_eq!(ids(&claim(f)), ["b2"], "a2 waits for the next try of a1");
    f.clock.advance_seconds(59);
    assert_eq!(ids(&claim(f)), ["b2", "c1"], "their leases ended");
    f.clock.advance_seconds(1);
    let again = claim(f);
    assert_eq!(ids(&again), ["a1"]);
    assert_eq!(again[0].attempt, 2);
    assert!(sent(f, &again[0]));
    assert_eq!(ids(&claim(f)), ["a2"]);
}

fn a_dead_worker_holds_nothing_up_for_ever(f: &Fixture) {
    enqueue(f, SHOP, Live, "ch-1", &["a", "b"], 0);
    let by_the_dead = claim(f).remove(0);
    f.clock.advance(LEASE - 1);
    assert_eq!(claim(f), []);
    assert_eq!(f.read(outbox::lag), Lag { waiting: 2, failed: 0, overdue_micros: LEASE - 1 });
    f.clock.advance(1);
    let by_the_next = claim(f).remove(0);
    assert_eq!((by_the_next.id.as_str(), by_the_next.attempt), ("a", 2));
    assert!(!retry(f, &by_the_dead, 5), "a worker that woke up late must not disturb the one that took over");
    assert!(!failed(f, &by_the_dead));
    assert!(sent(f, &by_the_dead), "but what has arrived has arrived");
    assert!(!retry(f, &by_the_next, 5));
    assert_eq!(ids(&claim(f)), ["b"]);
}

fn a_failed_message_lets_the_next_pass_and_can_be_run_again(f: &Fixture) {
    enqueue(f, SHOP, Live, "ch-1", &["a", "b"], 0);
    assert!(failed(f, &claim(f)[0]));
    let seen = f.read(|tx| outbox::failures(tx, SHOP, "", 10));
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].id.as_str(), seen[0].attempts, seen[0].error.as_str()), ("a", 1, "HTTP 410"));
    assert_eq!(f.read(|tx| outbox::failures(tx, SHOP, "a", 10)), []);
    assert_eq!(f.read(|tx| outbox::failures(tx, OTHER_SHOP, "", 10)), []);
    assert_eq!(f.read(outbox::lag).failed, 1);

    let b = claim(f).remove(0);
    assert_eq!(b.id, "b");
    assert!(f.write(|tx| outbox::rerun(tx, SHOP, "a")));
    assert!(!f.write(|tx| outbox::rerun(tx, SHOP, "a")));
    assert!(sent(f, &b));
    let a = claim(f);
    assert_eq!((ids(&a), a[0].attempt), (vec!["a"], 1));
    assert!(sent(f, &a[0]));
    assert_eq!(f.read(outbox::lag), Lag { waiting: 0, failed: 0, overdue_micros: 0 });
}

fn due_times_follow_the_world(f: &Fixture) {
    enqueue(f, SHOP, Sandbox, "ch-1", &["a"], 1_000);
    enqueue(f, OTHER_SHOP, Sandbox, "ch-1", &["b"], 1_000);
    enqueue(f, SHOP, Live, "ch-2", &["c"], 1_000);
    assert_eq!(claim(f), []);
    let first_due = f.now().plus_seconds(1_000);
    assert_eq!(f.read(|tx| outbox::next_due_in_sandbox(tx, SHOP, "webhook")), Some(first_due));
    f.write(move |tx| clock::move_forward(tx, SHOP, first_due.plus_seconds(5)));
    assert_eq!(f.read(outbox::lag), Lag { waiting: 3, failed: 0, overdue_micros: 5 * SECOND });
    let claimed = claim(f);
    assert_eq!(ids(&claimed), ["a"]);
    assert_eq!(claim(f), [], "a lease follows machine time, which did not move");
    f.clock.advance_seconds(1_000);
    assert_eq!(ids(&claim(f)).len(), 3);
}

fn a_long_lane_that_waits_does_not_hide_the_others(f: &Fixture) {
    let names: Vec<String> = (0..600).map(|number| format!("a{number:03}")).collect();
    enqueue(f, SHOP, Live, "dead", &names.iter().map(String::as_str).collect::<Vec<_>>(), 0);
    let head = f.write(|tx| outbox::claim(tx, "webhook", 4, LEASE));
    assert_eq!(ids(&head), ["a000"]);
    assert!(retry(f, &head[0], 3_600));
    f.clock.advance(1);
    enqueue(f, SHOP, Live, "quick", &["b"], 0);
    let quick = f.write(|tx| outbox::claim(tx, "webhook", 4, LEASE));
    assert_eq!(ids(&quick), ["b"]);
    assert!(sent(f, &quick[0]));
    f.clock.advance_seconds(3_600);
    for name in &names {
        let claimed = f.write(|tx| outbox::claim(tx, "webhook", 4, LEASE));
        assert_eq!(ids(&claimed), [name]);
        assert!(sent(f, &claimed[0]));
    }
    assert_eq!(f.read(outbox::lag).waiting, 0);
}

fn workers_side_by_side_never_share_a_message(f: &Fixture) {
    let names: Vec<String> = (0..40).map(|number| format!("m{number:02}")).collect();
    let lanes = ["l0", "l1", "l2", "l3", "l4"];
    for (lane, part) in lanes.iter().zip(names.chunks(8)) {
        enqueue(f, SHOP, Live, lane, &part.iter().map(String::as_str).collect::<Vec<_>>(), 0);
    }
    let left = std::sync::atomic::AtomicUsize::new(names.len());
    let log = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                // Bounded, so that a message that never becomes free is a failure and no hang.
                for _ in 0..2_000 {
                    if left.load(std::sync::atomic::Ordering::SeqCst) == 0 {
                        break;
                    }
                    for message in f.write(|tx| outbox::claim(tx, "webhook", 4, LEASE)) {
                        log.lock().unwrap().push((message.lane.clone(), message.id.clone()));
                        assert!(sent(f, &message));
                        left.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                    }
                }
            });
        }
    });
    let log = log.into_inner().unwrap();
    assert_eq!(log.len(), names.len(), "each message went out once: the clock stood still, so no lease ended");
    for (lane, part) in lanes.iter().zip(names.chunks(8)) {
        let order: Vec<_> = log.iter().filter(|(of, _)| of == lane).map(|(_, id)| id.clone()).collect();
        assert_eq!(order, part, "{lane}");
    }
}

fn a_message_is_written_with_its_change_or_not_at_all(f: &Fixture) {
    let now = f.now();
    let refused: Result<(), StoreError> = f.store.write_blocking(move |tx| {
        let message = NewMessage {
            shop: SHOP,
            id: "a",
            world: Live,
            topic: "webhook",
            lane: "l",
            body: "{}",
            due: now,
            created: now,
        };
        tx.execute_all(&[outbox::enqueue(&message)])?;
        Err(StoreError::new(ErrorKind::Programming, "refused"))
    });
    assert!(refused.is_err());
    assert_eq!(claim(f), []);
}

fn many_messages_are_settled_together(f: &Fixture) {
    for lane in ["ch-1", "ch-2", "ch-3", "ch-4"] {
        let ids = [format!("{lane}-1"), format!("{lane}-2")];
        enqueue(f, SHOP, Live, lane, &[&ids[0], &ids[1]], 0);
    }
    let claimed = claim(f);
    assert_eq!(ids(&claimed), ["ch-1-1", "ch-2-1", "ch-3-1", "ch-4-1"]);
    let due = f.now().plus_seconds(60);
    let fates = [
        Fate::Sent,
        Fate::Retry { due, error: "HTTP 503".into() },
        Fate::Failed { error: "HTTP 410".into() },
        Fate::Untried,
    ];
    let settled: Vec<(Message, Fate)> = claimed.into_iter().zip(fates).collect();
    f.write(move |tx| outbox::settle_all(tx, &settled));
    let again = claim(f);
    assert_eq!(ids(&again), ["ch-1-2", "ch-3-2", "ch-4-1"], "what ended lets the next pass");
    assert!(again.iter().all(|message| message.attempt == 1), "what was not tried counts for nothing");
    assert!(f.write(move |tx| outbox::hasten(tx, SHOP, "ch-2-1", Timestamp::from_micros(0))));
    assert_eq!(ids(&claim(f)), ["ch-2-1"]);
    assert!(!f.write(move |tx| outbox::hasten(tx, SHOP, "ch-2-1", Timestamp::from_micros(0))), "a worker is at it");
}

fn what_waits_can_be_given_up_and_sent_elsewhere(f: &Fixture) {
    enqueue(f, SHOP, Live, "ch-1", &["a", "b"], 0);
    assert_eq!(f.write(|tx| outbox::open_between(tx, SHOP, "a", "c")), 2);
    assert_eq!(f.write(|tx| outbox::abandon(tx, SHOP, "webhook", "nobody is there")), 2);
    assert_eq!(f.write(|tx| outbox::open_between(tx, SHOP, "a", "c")), 0);
    assert!(claim(f).is_empty());
    let now = f.now();
    assert!(f.write(move |tx| outbox::rerun_as(tx, SHOP, "a", "elsewhere", now)));
    assert!(!f.write(move |tx| outbox::rerun_as(tx, SHOP, "a", "elsewhere", now)), "it has not failed");
    let claimed = f.write(|tx| outbox::claim_in(tx, "elsewhere", SHOP, Live, 10, LEASE));
    assert_eq!(ids(&claimed), ["a"]);
}

fn what_waits_elsewhere_is_taken_back(f: &Fixture) {
    enqueue(f, SHOP, Live, "ch-1", &["a-1", "a-2", "b-1"], 0);
    let claimed = claim(f);
    assert_eq!(ids(&claimed), ["a-1"], "the others wait behind it");
    assert_eq!(f.write(|tx| outbox::withdraw(tx, SHOP, ("a", "a~"), "webhook")), 0, "they wait where they should");
    assert_eq!(f.write(|tx| outbox::hasten_between(tx, SHOP, ("a", "a~"), Timestamp::from_micros(0))), 1, "a-2 alone");
    assert_eq!(f.write(|tx| outbox::withdraw(tx, SHOP, ("a", "a~"), "elsewhere")), 2);
    assert_eq!(ids(&claim(f)), ["b-1"], "what was behind them passes");
    // Who was at it settles nothing.
    assert!(!sent(f, &claimed[0]) && !retry(f, &claimed[0], 60) && !failed(f, &claimed[0]));
    assert_eq!(f.write(|tx| outbox::open_between(tx, SHOP, "a", "a~")), 0);
}

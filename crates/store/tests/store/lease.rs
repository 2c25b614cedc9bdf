//! Leases: one holder at a time, taken over after the end, and the old holder finds out.

use store::lease;

use crate::fixture::{Fixture, SECOND};
use crate::on_both_engines;

on_both_engines!(is_held_renewed_and_taken_over, a_released_lease_is_free_at_once, only_one_of_many_gets_it);

fn acquire(f: &Fixture, holder: &'static str) -> Option<i64> {
    f.write(move |tx| lease::acquire(tx, "sealer", holder, 10 * SECOND)).map(|lease| lease.fence)
}

fn holds(f: &Fixture, fence: i64) -> bool {
    f.write(move |tx| lease::check(tx, "sealer", fence))
}

fn is_held_renewed_and_taken_over(f: &Fixture) {
    assert_eq!(acquire(f, "a"), Some(1));
    assert_eq!(acquire(f, "b"), None);
    f.clock.advance_seconds(6);
    assert_eq!(acquire(f, "a"), Some(1), "renewed");
    f.clock.advance_seconds(6);
    assert_eq!(acquire(f, "b"), None, "renewed until 16 s");
    assert!(holds(f, 1));

    f.clock.advance_seconds(4);
    assert!(!holds(f, 1), "at its end a lease is over");
    assert_eq!(acquire(f, "b"), Some(2));
    assert!(!holds(f, 1));
    assert!(holds(f, 2));
    assert_eq!(acquire(f, "a"), None);
    assert!(!f.write(|tx| lease::release(tx, "sealer", 1)), "the old holder cannot release the new one's");
    assert!(holds(f, 2));
}

fn a_released_lease_is_free_at_once(f: &Fixture) {
    assert_eq!(acquire(f, "a"), Some(1));
    assert!(f.write(|tx| lease::release(tx, "sealer", 1)));
    assert!(!holds(f, 1));
    assert_eq!(acquire(f, "b"), Some(2));
    f.clock.advance_seconds(11);
    assert_eq!(acquire(f, "b"), Some(2), "nobody was between");
    assert_eq!(f.write(|tx| lease::acquire(tx, "other", "a", SECOND)).unwrap().fence, 1);
}

fn only_one_of_many_gets_it(f: &Fixture) {
    let winners = std::thread::scope(|scope| {
        let holders = ["a", "b", "c", "d", "e", "f", "g", "h"];
        let threads: Vec<_> = holders.map(|holder| scope.spawn(move || acquire(f, holder))).into_iter().collect();
        threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(winners, [1]);
}

//! Timers: due by the time of their world, in order, whatever else is waiting.

use kernel::{Environment, ShopId, Timestamp};
use store::{Statement, clock, timer};

use crate::fixture::{Fixture, OTHER_SHOP, SECOND, SHOP};
use crate::on_both_engines;

on_both_engines!(
    become_due_with_the_time_of_their_world,
    can_be_moved_and_cancelled,
    can_be_moved_forward_only,
    of_several_kinds_are_cancelled_at_once,
    of_one_subject_come_one_by_one,
    nobody_crowds_out_the_others,
    many_that_are_not_due_are_passed_over,
);

use Environment::{Live, Sandbox, Test};

fn set(f: &Fixture, timers: &[(ShopId, Environment, &str, &str, i64)]) {
    let start = f.now();
    let statements: Vec<Statement<'static>> = timers
        .iter()
        .map(|(shop, world, kind, subject, after)| timer::set(*shop, *world, kind, subject, start.plus_seconds(*after)))
        .collect();
    f.write(move |tx| tx.execute_all(&statements));
}

fn due(f: &Fixture) -> Vec<String> {
    let timers = f.read(|tx| timer::due(tx, 100));
    timers.into_iter().map(|timer| format!("{} {} {} {}", timer.shop, timer.world, timer.kind, timer.subject)).collect()
}

fn turn(f: &Fixture, shop: ShopId, seconds: i64) {
    f.write(move |tx| {
        let to: Timestamp = clock::world_now(tx, shop, Sandbox)?.plus_seconds(seconds);
        clock::move_forward(tx, shop, to)
    });
}

fn can_be_moved_forward_only(f: &Fixture) {
    let start = f.now();
    for (after, touched, stands) in [(50, 1, 50), (60, 0, 50), (50, 0, 50), (40, 1, 40), (90, 0, 40)] {
        let set = timer::set_at_latest(SHOP, Sandbox, "end", "a", start.plus_seconds(after));
        assert_eq!(f.write(move |tx| tx.execute_all(std::slice::from_ref(&set))), [touched], "{after}");
        assert_eq!(f.read(|tx| timer::next_due(tx, SHOP, Sandbox)), Some(start.plus_seconds(stands)), "{after}");
    }
}

fn of_several_kinds_are_cancelled_at_once(f: &Fixture) {
    let kinds = ["a", "b", "c", "d", "e", "f"];
    for cancelled in [1, 3, 6] {
        let timers: Vec<_> = kinds.iter().map(|kind| (SHOP, Sandbox, *kind, "one", -1)).collect();
        set(f, &timers);
        set(f, &[(SHOP, Sandbox, "a", "another", -1), (OTHER_SHOP, Sandbox, "a", "one", -1)]);
        let cancel = timer::cancel_all(SHOP, Sandbox, &kinds[..cancelled], "one");
        assert_eq!(f.write(move |tx| tx.execute_all(std::slice::from_ref(&cancel))), [cancelled as u64]);
        let left = f.read(|tx| timer::due(tx, 100)).len();
        // Each subject shows once.
        assert_eq!(left, 2 + usize::from(cancelled < kinds.len()), "{cancelled}");
    }
}

fn become_due_with_the_time_of_their_world(f: &Fixture) {
    set(f, &[(SHOP, Sandbox, "end", "a", 100), (OTHER_SHOP, Sandbox, "end", "a", 90), (SHOP, Live, "end", "a", 20)]);
    set(f, &[(SHOP, Test, "end", "a", 10), (SHOP, Sandbox, "end", "b", 50)]);
    assert_eq!(due(f), Vec::<String>::new());
    assert_eq!(f.read(timer::overdue_count), 0);
    assert_eq!(f.read(|tx| timer::next_due(tx, SHOP, Sandbox)), Some(f.now().plus_seconds(50)));
    assert_eq!(f.read(|tx| timer::next_due(tx, OTHER_SHOP, Live)), None);

    f.clock.advance(10 * SECOND - 1);
    assert_eq!(due(f), Vec::<String>::new());
    f.clock.advance(1);
    assert_eq!(due(f), ["7 test end a"], "due at its instant");

    turn(f, SHOP, 90);
    assert_eq!(due(f), ["7 sandbox end b", "7 sandbox end a", "7 test end a"], "longest overdue first");
    assert_eq!(f.read(|tx| timer::due_of_shop(tx, SHOP, Sandbox, 1)).len(), 1);
    assert_eq!(f.read(timer::overdue_count), 3);

    f.clock.advance_seconds(80);
    let all = ["7 sandbox end b", "7 sandbox end a", "7 test end a", "7 live end a", "8 sandbox end a"];
    assert_eq!(due(f), all);
    assert_eq!(f.read(timer::overdue_count), 5);
}

fn can_be_moved_and_cancelled(f: &Fixture) {
    set(f, &[(SHOP, Live, "end", "a", 0), (SHOP, Live, "remind", "b", 0)]);
    let first = f.read(|tx| timer::due(tx, 100));
    assert_eq!(first.len(), 2);
    set(f, &[(SHOP, Live, "end", "a", 30)]);
    assert_eq!(due(f), ["7 live remind b"]);

    let (moved, unmoved) = (first[0].clone(), first[1].clone());
    let touched = f.write(move |tx| tx.execute_all(&[timer::finish(&moved), timer::finish(&unmoved)]));
    assert_eq!(touched, [0, 1], "who worked off the old time must not remove the new one");
    f.clock.advance_seconds(30);
    assert_eq!(due(f), ["7 live end a"]);
    let cancel = || [timer::cancel(SHOP, Live, "end", "a")];
    assert_eq!(f.write(move |tx| tx.execute_all(&cancel())), [1]);
    assert_eq!(f.write(move |tx| tx.execute_all(&cancel())), [0]);
    assert_eq!(due(f), Vec::<String>::new());
}

fn of_one_subject_come_one_by_one(f: &Fixture) {
    set(f, &[(SHOP, Sandbox, "z-first", "a", 10), (SHOP, Sandbox, "a-second", "a", 20), (SHOP, Sandbox, "x", "b", 15)]);
    turn(f, SHOP, 60);
    assert_eq!(due(f), ["7 sandbox z-first a", "7 sandbox x b"]);
    let first = f.read(|tx| timer::due(tx, 100)).remove(0);
    f.write(move |tx| tx.execute_all(&[timer::finish(&first)]));
    assert_eq!(due(f), ["7 sandbox x b", "7 sandbox a-second a"]);
    assert_eq!(f.read(timer::overdue_count), 2);
}

fn nobody_crowds_out_the_others(f: &Fixture) {
    turn(f, SHOP, 1_000);
    let names: Vec<String> = (0..50).map(|number| format!("s{number:02}")).collect();
    let many: Vec<_> = names.iter().map(|name| (SHOP, Sandbox, "end", name.as_str(), 100)).collect();
    set(f, &many);
    let many: Vec<_> = names.iter().map(|name| (SHOP, Test, "end", name.as_str(), -900)).collect();
    set(f, &many);
    set(f, &[(SHOP, Live, "end", "a", 0), (OTHER_SHOP, Sandbox, "end", "a", 0)]);
    let found = f.read(|tx| timer::due(tx, 8));
    assert!(found.len() <= 8);
    for (shop, world) in [(SHOP, Sandbox), (SHOP, Test), (SHOP, Live), (OTHER_SHOP, Sandbox)] {
        assert!(found.iter().any(|timer| (timer.shop, timer.world) == (shop, world)), "{shop} {world}");
    }
    let mut worked_off = 0;
    loop {
        let found = f.read(|tx| timer::due(tx, 8));
        worked_off += found.len();
        if found.is_empty() {
            break;
        }
        f.write(move |tx| tx.execute_all(&found.iter().map(timer::finish).collect::<Vec<_>>()));
    }
    assert_eq!(worked_off, 102);
}

fn many_that_are_not_due_are_passed_over(f: &Fixture) {
    let start = f.now();
    for part in 0..20 {
        f.write(move |tx| {
            let number = |place: i64| part * 1_000 + place;
            let rows: Vec<String> = (0..1_000)
                .map(|place| {
                    let due = start.plus_seconds(100 + number(place)).micros();
                    format!("({}, 'sandbox', 'end', 's{}', {due})", number(place) % 100, number(place))
                })
                .collect();
            tx.execute(
                &format!("INSERT INTO timer (shop_id, world, kind, subject, due_us) VALUES {}", rows.join(",")),
                &[],
            )
        });
    }
    turn(f, ShopId(42), 300);
    assert_eq!(due(f), ["42 sandbox end s42", "42 sandbox end s142"]);
    assert_eq!(f.read(timer::overdue_count), 2);
}

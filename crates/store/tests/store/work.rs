//! Turning a clock: from due instant to due instant, each timer to the hands that handle its kind.

use std::sync::{Arc, Mutex};

use kernel::{Environment, ShopId, Timestamp};
use store::timer::{self, Timer};
use store::work::{Background, ClockError, Hands, Working};
use store::{Store, StoreError, Tx, clock};
use testkit::sim_clock::SeededEntropy;

use crate::fixture::{Fixture, OTHER_SHOP, SHOP};
use crate::on_both_engines;

on_both_engines!(
    each_timer_goes_to_its_hands_at_its_instant,
    what_hands_send_is_waited_for,
    a_round_takes_what_is_due_of_every_shop,
    a_round_leaves_a_clock_to_whoever_turns_it,
    a_clock_turns_forward_only_and_for_one_at_a_time,
);

use Environment::Sandbox;

/// What was done: the subject, or `send`, and seconds of world time since the beginning.
type Diary = Arc<Mutex<Vec<(String, i64)>>>;

/// Hands for one kind. A subject that ends in `+` has one more timer ten seconds later; `message` is due then.
struct Noting {
    kind: &'static str,
    store: Store,
    begun: Timestamp,
    diary: Diary,
    message: Mutex<Option<Timestamp>>,
}

impl Noting {
    fn hands(f: &Fixture, kind: &'static str, diary: &Diary, message: Option<i64>) -> Arc<dyn Hands> {
        let (begun, diary) = (f.now(), diary.clone());
        let message = Mutex::new(message.map(|after| begun.plus_seconds(after)));
        Arc::new(Noting { kind, store: f.store.clone(), begun, diary, message })
    }

    async fn now(&self, shop: ShopId) -> Result<Timestamp, StoreError> {
        self.store.read(move |tx| clock::world_now(tx, shop, Sandbox)).await
    }

    fn note(&self, what: &str, now: Timestamp) {
        self.diary.lock().unwrap().push((what.to_owned(), now.seconds() - self.begun.seconds()));
    }
}

impl Hands for Noting {
    fn handles(&self, kind: &str) -> bool {
        kind == self.kind
    }

    fn fire(&self, timers: Vec<Timer>) -> Working<'_> {
        Box::pin(async move {
            let count = timers.len();
            for timer in timers {
                self.note(&timer.subject, self.now(timer.shop).await?);
                let again = timer.subject.strip_suffix('+').map(|subject| {
                    timer::set(timer.shop, timer.world, &timer.kind, subject, timer.due.plus_seconds(10))
                });
                let ended = timer::finish(&timer);
                let statements: Vec<_> = again.into_iter().chain([ended]).collect();
                self.store.write::<_, StoreError, _>(move |tx| tx.execute_all(&statements)).await?;
            }
            Ok(count)
        })
    }

    fn send(&self) -> Working<'_> {
        Box::pin(async { Ok(0) })
    }

    fn send_in_sandbox(&self, shop: ShopId) -> Working<'_> {
        Box::pin(async move {
            let now = self.now(shop).await?;
            let due = self.message.lock().unwrap().take_if(|due| *due <= now);
            if due.is_some() {
                self.note("send", now);
            }
            Ok(usize::from(due.is_some()))
        })
    }

    fn next_due(&self, _: &mut Tx<'_>, _: ShopId) -> Result<Option<Timestamp>, StoreError> {
        Ok(*self.message.lock().unwrap())
    }
}

fn background(f: &Fixture, hands: Vec<Arc<dyn Hands>>) -> Background {
    Background::new(f.store.clone(), Arc::new(SeededEntropy::new(1)), hands)
}

fn set(f: &Fixture, timers: &[(ShopId, &str, &str, i64)]) {
    let begun = f.now();
    let set = |(shop, kind, subject, after): &(ShopId, &str, &str, i64)| {
        timer::set(*shop, Sandbox, kind, subject, begun.plus_seconds(*after))
    };
    let statements: Vec<_> = timers.iter().map(set).collect();
    f.write(move |tx| tx.execute_all(&statements));
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

fn noted(diary: &Diary) -> Vec<(String, i64)> {
    diary.lock().unwrap().clone()
}

fn expected(entries: &[(&str, i64)]) -> Vec<(String, i64)> {
    entries.iter().map(|(what, at)| ((*what).to_owned(), *at)).collect()
}

fn each_timer_goes_to_its_hands_at_its_instant(f: &Fixture) {
    let (ours, theirs) = (Diary::default(), Diary::default());
    let hands = vec![Noting::hands(f, "ours", &ours, None), Noting::hands(f, "theirs", &theirs, None)];
    set(f, &[(SHOP, "ours", "b+", 20), (SHOP, "ours", "a", 50), (SHOP, "theirs", "c", 25), (SHOP, "ours", "late", 61)]);
    let to = f.now().plus_seconds(60);
    assert_eq!(block_on(background(f, hands).advance(SHOP, to)), Ok(to));
    assert_eq!(noted(&ours), expected(&[("b+", 20), ("b", 30), ("a", 50)]));
    assert_eq!(noted(&theirs), expected(&[("c", 25)]));
}

fn what_hands_send_is_waited_for(f: &Fixture) {
    let diary = Diary::default();
    let hands = vec![Noting::hands(f, "ours", &diary, Some(40))];
    set(f, &[(SHOP, "ours", "a", 20), (SHOP, "ours", "b", 50)]);
    let to = f.now().plus_seconds(60);
    assert_eq!(block_on(background(f, hands).advance(SHOP, to)), Ok(to));
    assert_eq!(noted(&diary), expected(&[("a", 20), ("send", 40), ("b", 50)]));
}

fn a_round_takes_what_is_due_of_every_shop(f: &Fixture) {
    let diary = Diary::default();
    let work = background(f, vec![Noting::hands(f, "ours", &diary, None)]);
    set(
        f,
        &[(SHOP, "ours", "a", -5), (OTHER_SHOP, "ours", "b", -3), (SHOP, "ours", "c", 5), (SHOP, "nobody's", "d", -9)],
    );
    assert_eq!(block_on(work.round()).unwrap().taken, 2);
    assert_eq!(noted(&diary), expected(&[("a", 0), ("b", 0)]));
    assert_eq!(block_on(work.round()).unwrap().taken, 0);
}

fn a_round_leaves_a_clock_to_whoever_turns_it(f: &Fixture) {
    let diary = Diary::default();
    let work = background(f, vec![Noting::hands(f, "ours", &diary, None)]);
    set(f, &[(SHOP, "ours", "a", -5), (OTHER_SHOP, "ours", "b", -3)]);
    f.write(move |tx| store::lease::acquire(tx, &format!("clock/{SHOP}"), "somebody", 1_000_000));
    assert_eq!(block_on(work.round()).unwrap().taken, 1);
    assert_eq!(noted(&diary), expected(&[("b", 0)]));
    // Who fell silent turns it no more.
    f.clock.advance_seconds(1);
    assert_eq!(block_on(work.round()).unwrap().taken, 1);
}

fn a_clock_turns_forward_only_and_for_one_at_a_time(f: &Fixture) {
    let work = background(f, Vec::new());
    let (now, to) = (f.now(), f.now().plus_seconds(60));
    assert_eq!(block_on(work.advance(SHOP, to)), Ok(to));
    assert_eq!(block_on(work.advance(SHOP, now)), Err(ClockError::Backwards(to)));
    f.write(move |tx| store::lease::acquire(tx, &format!("clock/{SHOP}"), "somebody", 1_000_000));
    assert_eq!(block_on(work.advance(SHOP, to.plus_seconds(1))), Err(ClockError::Busy));
    assert_eq!(block_on(work.advance(OTHER_SHOP, to)), Ok(to));
}

//! Holding, using and giving back points.

use std::sync::Arc;

use super::{World, now, yen};
use crate::points::{Answer, Command, Inquiry, PointsProvider, Request};
use crate::port::Receipt;
use crate::simulator::{Fault, hold_of, holds_page, points_balance};

const BUYER: &str = "https://localhost/openid/user/1";

fn hold(account: &str, points: i64) -> Command {
    Command::Hold { account: account.to_owned(), points: yen(points) }
}

fn use_held(hold: &str, points: i64) -> Command {
    Command::Use { hold: hold.to_owned(), points: yen(points) }
}

fn give_back(hold: &str, points: i64) -> Command {
    Command::GiveBack { hold: hold.to_owned(), points: yen(points) }
}

fn word(answer: &Answer) -> &'static str {
    match answer {
        Answer::Succeeded(_) => "ok",
        Answer::Refused(refusal) => refusal.code(),
        Answer::Unknown(_) => "unknown",
    }
}

fn name_of(answer: &Answer) -> String {
    let Answer::Succeeded(Receipt { reference }) = answer else { panic!("no hold in {answer:?}") };
    reference.clone()
}

impl World {
    fn points(&self) -> Arc<dyn PointsProvider> {
        self.simulator.clone()
    }

    fn points_request(&self, key: &str, command: Command) -> Request {
        Request { merchant: self.merchant, key: key.to_owned(), command, at: now() }
    }

    async fn send_points(&self, key: &str, command: Command) -> Answer {
        self.points().execute(self.points_request(key, command)).await
    }

    async fn balance(&self, account: &'static str) -> i64 {
        let merchant = self.merchant;
        self.read(move |tx| points_balance(tx, merchant, account)).await.get()
    }

    /// `held used returned` of a hold.
    async fn spread(&self, hold: &str) -> String {
        let (merchant, hold) = (self.merchant, hold.to_owned());
        let kept = self.read(move |tx| hold_of(tx, merchant, &hold)).await.unwrap();
        format!("{} {} {}", kept.held, kept.used, kept.returned)
    }
}

#[tokio::test]
async fn points_move_within_their_limits() {
    /// On a hold of 1,000 points: the steps, what each is answered, and `held used returned` after the last.
    const ROWS: &[(&str, &str, &str)] = &[
        ("use 1000", "ok", "0 1000 0"),
        ("use 1001; use 400; use 600; use 1", "points_exceeded; ok; ok; points_exceeded", "0 1000 0"),
        ("back 1000; use 1; back 1", "ok; points_exceeded; points_exceeded", "0 0 1000"),
        ("back 300; use 701; use 700", "ok; points_exceeded; ok", "0 700 300"),
        ("use 1000; back 1001; back 400; back 600; back 1", "ok; points_exceeded; ok; ok; points_exceeded", "0 0 1000"),
        ("use 600; back 500; use 1", "ok; ok; points_exceeded", "0 500 500"),
        ("use 600; back 100; use 300", "ok; ok; ok", "0 900 100"),
    ];
    for world in World::each() {
        for (row, (steps, expected, spread)) in ROWS.iter().enumerate() {
            let before = world.balance(BUYER).await;
            let held = name_of(&world.send_points(&format!("{row}"), hold(BUYER, 1_000)).await);
            assert_eq!(world.balance(BUYER).await, before - 1_000);
            let mut said = Vec::new();
            for (index, step) in steps.split("; ").enumerate() {
                let (verb, points) = step.split_once(' ').unwrap();
                let make = if verb == "use" { use_held } else { give_back };
                let command = make(&held, points.parse().unwrap());
                said.push(word(&world.send_points(&format!("{row}-{index}"), command).await));
            }
            assert_eq!(said.join("; "), *expected, "{steps}");
            assert_eq!(world.spread(&held).await, *spread, "{steps}");
            let returned: i64 = spread.rsplit(' ').next().unwrap().parse().unwrap();
            assert_eq!(world.balance(BUYER).await, before - 1_000 + returned, "{steps}");
        }
        let merchant = world.merchant;
        assert_eq!(world.read(move |tx| holds_page(tx, merchant, None, 3)).await.len(), 3);
        assert_eq!(world.disagreements().await, [""; 0]);
    }
}

#[tokio::test]
async fn a_buyer_can_hold_what_there_is() {
    let world = World::sqlite();
    let poor = "https://localhost/openid/user/2/empty";
    assert_eq!((world.balance(BUYER).await, world.balance(poor).await), (100_000, 0));
    assert_eq!(word(&world.send_points("1", hold(poor, 1)).await), "insufficient_points");
    assert_eq!(word(&world.send_points("2", hold(BUYER, 100_001)).await), "insufficient_points");
    assert_eq!(word(&world.send_points("3", hold(BUYER, 60_000)).await), "ok");
    assert_eq!(word(&world.send_points("4", hold(BUYER, 40_001)).await), "insufficient_points");
    assert_eq!(word(&world.send_points("5", hold(BUYER, 40_000)).await), "ok");
    assert_eq!(word(&world.send_points("6", use_held("hold_of_nobody", 1)).await), "unknown_hold");
    assert_eq!(word(&world.send_points("7", give_back("hold_of_nobody", 1)).await), "unknown_hold");
    assert_eq!(world.disagreements().await, [""; 0]);
}

#[tokio::test]
async fn the_same_points_request_gets_the_first_answer_again() {
    for world in World::each() {
        let held = name_of(&world.send_points("hold", hold(BUYER, 1_000)).await);
        for (key, command) in [
            ("hold", hold(BUYER, 1_000)),
            ("use", use_held(&held, 700)),
            ("too much", use_held(&held, 301)),
            ("back", give_back(&held, 500)),
        ] {
            let first = world.send_points(key, command.clone()).await;
            assert_eq!(world.send_points(key, command).await, first, "{key}");
            assert_eq!(world.points().inquire(world.merchant, key).await, Inquiry::Found(first), "{key}");
            assert_eq!(word(&world.send_points(key, use_held(&held, 1)).await), "key_reused", "{key}");
            assert_eq!(word(&world.send_points(key, hold("somebody", 1_000)).await), "key_reused", "{key}");
        }
        assert_eq!(world.spread(&held).await, "0 500 500");
        assert_eq!(world.points().inquire(world.merchant, "never sent").await, Inquiry::NeverArrived);
        assert_eq!(world.disagreements().await, [""; 0]);
    }
}

#[tokio::test]
async fn lost_points_messages_are_settled_by_asking() {
    let world = World::sqlite();
    world.simulator.set_points_faults(Some(Arc::new(|request: &Request| match request.key.as_str() {
        "lose request" => Fault::LoseRequest,
        "lose answer" => Fault::LoseAnswer,
        _ => Fault::None,
    })));
    for (key, left) in [("lose request", 100_000), ("lose answer", 99_000)] {
        assert_eq!(word(&world.send_points(key, hold(BUYER, 1_000)).await), "unknown");
        assert_eq!(world.balance(BUYER).await, left);
    }
    assert_eq!(world.points().inquire(world.merchant, "lose request").await, Inquiry::NeverArrived);
    assert!(matches!(world.points().inquire(world.merchant, "lose answer").await, Inquiry::Found(_)));
    world.simulator.set_points_faults(None);
    assert_eq!(word(&world.send_points("lose request", hold(BUYER, 1_000)).await), "ok");
    assert_eq!(word(&world.send_points("lose answer", hold(BUYER, 1_000)).await), "ok");
    assert_eq!(world.balance(BUYER).await, 98_000);
    assert!(!world.points().takes_real_points());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn racing_holds_never_take_more_than_there_is() {
    for world in World::each() {
        let racing: Vec<_> = (0..8)
            .map(|index| {
                let (provider, request) =
                    (world.points(), world.points_request(&format!("{index}"), hold(BUYER, 30_000)));
                tokio::spawn(async move { provider.execute(request).await })
            })
            .collect();
        let mut words = Vec::new();
        for racer in racing {
            words.push(word(&racer.await.unwrap()));
        }
        words.sort_unstable();
        assert_eq!(words, [&["insufficient_points"; 5][..], &["ok"; 3]].concat());
        assert_eq!(world.balance(BUYER).await, 10_000);
        assert_eq!(world.disagreements().await, [""; 0]);
    }
}

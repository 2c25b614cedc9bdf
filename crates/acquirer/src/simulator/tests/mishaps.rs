//! Twice is once; and what is lost on the way is found by asking.

use super::*;
use crate::simulator::Fault;

#[tokio::test]
async fn the_same_request_gets_the_first_answer_again() {
    for world in World::each() {
        let authorization = world.authorized("visa", 1_000).await;
        let rows = [
            authorize("visa", 1_000),
            authorize("over_limit", 1_000),
            authorize("3ds_passes", 1_000),
            authorize("no such card", 1_000),
            capture(&authorization, 1_001),
            capture(&authorization, 400),
            refund(&authorization, 100),
            void(&authorization),
            void("no such authorization"),
        ];
        for (index, command) in rows.into_iter().enumerate() {
            let key = format!("key-{index}");
            let first = world.send(&key, command.clone()).await;
            let standing = world.standing().await;
            assert_eq!(world.send(&key, command.clone()).await, first, "{command:?}");
            assert_eq!(world.inquire(&key).await, Inquiry::Found(first));
            assert_eq!(world.standing().await, standing);
        }
        assert_eq!(world.inquire("never sent").await, Inquiry::NeverArrived);
        assert_eq!(world.disagreements().await, [""; 0]);
    }
}

#[tokio::test]
async fn another_request_under_a_used_key_changes_nothing() {
    let world = World::sqlite();
    let authorization = world.authorized("visa", 1_000).await;
    let other = world.authorized("visa", 1_000).await;
    let order = |order: &str| Command::Authorize {
        card: "visa".into(),
        amount: yen(1_000),
        order: order.into(),
        initiator: Initiator::Buyer,
    };
    let rows = [
        (authorize("visa", 1_000), authorize("visa", 1_001)),
        (authorize("visa", 1_000), authorize("jcb", 1_000)),
        (authorize("visa", 1_000), order("order-2")),
        (authorize("visa", 1_000), capture(&authorization, 1_000)),
        (capture(&authorization, 400), capture(&authorization, 401)),
        (capture(&authorization, 400), capture(&other, 400)),
        (refund(&authorization, 100), refund(&authorization, 101)),
        (refund(&authorization, 100), void(&authorization)),
        (void(&other), void(&authorization)),
    ];
    for (index, (first, second)) in rows.into_iter().enumerate() {
        let key = format!("key-{index}");
        let answer = world.send(&key, first.clone()).await;
        let standing = world.standing().await;
        assert_eq!(word(&world.send(&key, second.clone()).await), "key_reused", "{first:?}, then {second:?}");
        assert_eq!(world.standing().await, standing);
        assert_eq!(world.inquire(&key).await, Inquiry::Found(answer));
    }
    assert_eq!(world.disagreements().await, [""; 0]);
}

#[tokio::test]
async fn keys_of_merchants_and_environments_are_apart() {
    let world = World::sqlite();
    let first = world.send("key", authorize("visa", 1_000)).await;
    for merchant in
        [Merchant { shop: ShopId(2), ..world.merchant }, Merchant { environment: Environment::Test, ..world.merchant }]
    {
        assert_eq!(world.provider().inquire(merchant, "key").await, Inquiry::NeverArrived);
        let request = Request { merchant, ..world.request("other", capture(&name_of(&first), 1_000)) };
        assert_eq!(word(&world.provider().execute(request).await), "unknown_authorization");
        let request = Request { merchant, ..world.request("key", authorize("visa", 2_000)) };
        assert_eq!(word(&world.provider().execute(request).await), "ok");
    }
    assert_eq!(world.disagreements().await, [""; 0]);
}

/// The command at the step that a card's name speaks of, on a fresh authorization that stands right before it.
async fn at_step(world: &World, card: &str, step: &str) -> Command {
    match step {
        "authorization" => authorize(card, 1_000),
        "capture" => capture(&world.authorized(card, 1_000).await, 1_000),
        "void" => void(&world.authorized(card, 1_000).await),
        "refund" => {
            let authorization = world.authorized(card, 1_000).await;
            assert_eq!(word(&world.ask(capture(&authorization, 1_000)).await), "ok");
            refund(&authorization, 1_000)
        }
        _ => panic!("no such step: {step}"),
    }
}

const STEPS: [(&str, &str); 4] =
    [("authorization", "authorization"), ("capture", "capture"), ("return", "void"), ("return", "refund")];

#[tokio::test]
async fn a_lost_answer_is_found_by_inquiry_and_by_asking_again() {
    for world in World::each() {
        for (prefix, step) in STEPS {
            let command = at_step(&world, &format!("{prefix}_answer_lost"), step).await;
            let first = world.send(step, command.clone()).await;
            assert_eq!(first, Answer::Unknown("the answer was lost".into()), "{step}");
            let Inquiry::Found(found) = world.inquire(step).await else { panic!("{step} was not found") };
            assert_eq!(word(&found), "ok", "{step}");
            assert_eq!(world.send(step, command).await, found, "{step}");
        }
        assert_eq!(world.disagreements().await, [""; 0]);
    }
}

#[tokio::test]
async fn a_lost_request_never_arrived_until_it_is_sent_again() {
    for world in World::each() {
        for (prefix, step) in STEPS {
            let command = at_step(&world, &format!("{prefix}_request_lost"), step).await;
            let standing = world.standing().await;
            let first = world.send(step, command.clone()).await;
            assert_eq!(first, Answer::Unknown("the request got lost".into()), "{step}");
            assert_eq!(world.inquire(step).await, Inquiry::NeverArrived, "{step}");
            assert_eq!(world.standing().await, standing, "{step}");
            assert_eq!(word(&world.send(step, command.clone()).await), "ok", "{step}");
            assert_eq!(word(&world.send(step, command).await), "ok", "{step}");
        }
        assert_eq!(world.disagreements().await, [""; 0]);
    }
}

#[tokio::test]
async fn a_late_answer_is_there_for_who_asks_meanwhile() {
    for world in World::each() {
        for (prefix, step) in STEPS {
            let command = at_step(&world, &format!("{prefix}_answer_late"), step).await;
            let (provider, request) = (world.provider(), world.request(step, command.clone()));
            let waiting = tokio::spawn(async move { provider.execute(request).await });
            let found = loop {
                match world.inquire(step).await {
                    Inquiry::Found(answer) => break answer,
                    Inquiry::NeverArrived => tokio::task::yield_now().await,
                    Inquiry::Unknown(why) => panic!("{why}"),
                }
            };
            assert_eq!(word(&found), "ok", "{step}");
            assert!(!waiting.is_finished(), "{step}");
            waiting.abort();
            assert_eq!(world.send(step, command).await, found, "{step}");
        }
        assert_eq!(world.disagreements().await, [""; 0]);
    }
}

#[tokio::test]
async fn faults_strike_where_a_test_wants_them() {
    let world = World::sqlite();
    world.simulator.set_faults(Some(Arc::new(|request: &Request| match request.key.as_str() {
        "lose request" => Fault::LoseRequest,
        "lose answer" => Fault::LoseAnswer,
        _ => Fault::None,
    })));
    for (key, done) in [("lose request", 0), ("lose answer", 1)] {
        let before = world.standing().await.len();
        assert_eq!(word(&world.send(key, authorize("visa", 1_000)).await), "unknown");
        assert_eq!(world.standing().await.len() - before, done);
        assert_eq!(matches!(world.inquire(key).await, Inquiry::Found(_)), done == 1);
    }
    assert_eq!(word(&world.send("other", authorize("visa", 1_000)).await), "ok");
    world.simulator.set_faults(None);
    for key in ["lose request", "lose answer"] {
        assert_eq!(word(&world.send(key, authorize("visa", 1_000)).await), "ok");
    }
    assert_eq!(world.standing().await.len(), 3);
    assert_eq!(world.disagreements().await, [""; 0]);
}

/// Sends all requests at once.
async fn race(world: &World, requests: Vec<Request>) -> Vec<Answer> {
    let racing: Vec<_> = requests
        .into_iter()
        .map(|request| {
            let provider = world.provider();
            tokio::spawn(async move { provider.execute(request).await })
        })
        .collect();
    let mut answers = Vec::new();
    for racer in racing {
        answers.push(racer.await.unwrap());
    }
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_key_at_once_has_one_effect() {
    for world in World::each() {
        for round in 0..10 {
            let key = format!("authorize-{round}");
            let answers = race(&world, vec![world.request(&key, authorize("visa", 1_000)); 8]).await;
            assert!(answers.iter().all(|answer| *answer == answers[0] && word(answer) == "ok"), "{answers:?}");
            assert_eq!(world.standing().await.len(), round + 1);
            let key = format!("capture-{round}");
            let request = world.request(&key, capture(&name_of(&answers[0]), 600));
            let answers = race(&world, vec![request; 8]).await;
            assert!(answers.iter().all(|answer| *answer == answers[0] && word(answer) == "ok"), "{answers:?}");
        }
        assert_eq!(world.standing().await, vec!["1000 600 0 captured"; 10]);
        assert_eq!(world.disagreements().await, [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_different_keys_on_one_authorization_one_wins() {
    for world in World::each() {
        for round in 0..10 {
            let authorization = world.authorized("visa", 1_000).await;
            let request = |index: usize| {
                let command =
                    if index.is_multiple_of(2) { capture(&authorization, 1_000) } else { void(&authorization) };
                world.request(&format!("{round}-{index}"), command)
            };
            let answers = race(&world, (0..8).map(request).collect()).await;
            let mut words: Vec<&str> = answers.iter().map(word).collect();
            words.sort_unstable();
            assert_eq!(words, [&["not_in_that_state"; 7][..], &["ok"]].concat());
        }
        assert_eq!(world.disagreements().await, [""; 0]);
    }
}

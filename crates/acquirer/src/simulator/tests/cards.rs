//! What each magic card does, what tokens do, and every limit of an authorization.

use super::*;
use crate::card::{Brand, TokenizeRefused};
use crate::refusal::Refusal;
use crate::simulator::{Happens, MAGIC_CARDS};

/// Written by hand beside the table, which says the same in other words. The cards that lose messages are in `mishaps`.
const SCRIPTS: &[(&str, &str, &str)] = &[
    ("visa", "authorize visa 1000; capture 1000; refund 1000", "ok; ok; ok"),
    ("mastercard", "authorize mastercard 1000; void", "ok; ok"),
    ("jcb", "authorize jcb 1000; capture 1; refund 1", "ok; ok; ok"),
    ("amex", "authorize amex 1000; capture 1000; refund 1", "ok; ok; ok"),
    ("diners", "authorize diners 1000; capture 999", "ok; ok"),
    ("insufficient_funds", "authorize insufficient_funds 1000", "insufficient_funds"),
    ("over_limit", "authorize over_limit 1000", "over_limit"),
    ("expired_card", "authorize expired_card 1000", "expired_card"),
    ("wrong_security_code", "authorize wrong_security_code 1000", "wrong_security_code"),
    ("lost_or_stolen", "authorize lost_or_stolen 1000", "lost_or_stolen"),
    ("issuer_unavailable", "authorize issuer_unavailable 1000", "issuer_unavailable"),
    (
        "capture_refused",
        "authorize capture_refused 1000; capture 1000; capture 1; void",
        "ok; capture_refused; capture_refused; ok",
    ),
    (
        "3ds_passes",
        "authorize 3ds_passes 1000; capture 1000; complete passed; complete passed; capture 1000; refund 1000",
        "action; not_in_that_state; ok; not_in_that_state; ok; ok",
    ),
    (
        "3ds_passes",
        "authorize 3ds_passes 1000; complete abandoned; void",
        "action; authentication_abandoned; not_in_that_state",
    ),
    ("3ds_passes", "authorize 3ds_passes 1000; void; complete passed", "action; ok; not_in_that_state"),
    (
        "3ds_fails",
        "authorize 3ds_fails 1000; complete failed; complete passed; capture 1000",
        "action; authentication_failed; not_in_that_state; not_in_that_state",
    ),
    (
        "3ds_fails",
        "authorize 3ds_fails 1000; complete passed; capture 1000",
        "action; authentication_failed; not_in_that_state",
    ),
    (
        "3ds_abandoned",
        "authorize 3ds_abandoned 1000; complete abandoned; void",
        "action; authentication_abandoned; not_in_that_state",
    ),
    ("3ds_abandoned", "authorize 3ds_abandoned 1000; complete passed", "action; authentication_abandoned"),
];

#[tokio::test]
async fn each_magic_card_does_what_the_table_says() {
    for card in MAGIC_CARDS {
        let scripted = SCRIPTS.iter().any(|(name, _, _)| *name == card.name);
        assert_eq!(scripted, !matches!(card.happens, Happens::Mishap(..)), "{}", card.name);
    }
    for world in World::each() {
        for (name, script, expected) in SCRIPTS {
            assert_eq!(world.script(script).await, *expected, "{script}");
            let number = MAGIC_CARDS.iter().find(|card| card.name == *name).unwrap().number;
            let token = world.provider().tokenize(world.merchant, details(number, 2026, 11)).await.unwrap();
            let script = script.replace(&format!("authorize {name} "), &format!("authorize {} ", token.token));
            assert_eq!(world.script(&script).await, *expected, "by token: {name}");
        }
        assert_eq!(world.disagreements().await, [""; 0]);
    }
}

#[tokio::test]
async fn limits_and_states_of_an_authorization() {
    let rows = [
        ("authorize visa 1000; capture 1001; capture 1000", "ok; amount_exceeded; ok"),
        ("authorize visa 1000; capture 400; capture 400", "ok; ok; not_in_that_state"),
        (
            "authorize visa 1000; capture 400; refund 401; refund 300; refund 101",
            "ok; ok; amount_exceeded; ok; amount_exceeded",
        ),
        ("authorize visa 1000; capture 400; refund 300; refund 100; refund 1", "ok; ok; ok; ok; not_in_that_state"),
        ("authorize visa 1000; capture 400; void", "ok; ok; not_in_that_state"),
        ("authorize visa 1000; void; void", "ok; ok; not_in_that_state"),
        ("authorize visa 1000; void; capture 1000", "ok; ok; not_in_that_state"),
        ("authorize visa 1000; refund 1", "ok; not_in_that_state"),
        ("authorize visa 1000; complete passed", "ok; not_in_that_state"),
        ("authorize visa 0; capture 0; refund 1", "ok; ok; amount_exceeded"),
        ("authorize visa 99999999; capture 99999999; refund 99999999", "ok; ok; ok"),
        (
            "capture 1; void; refund 1; complete passed",
            "unknown_authorization; unknown_authorization; unknown_authorization; unknown_authorization",
        ),
    ];
    for world in World::each() {
        for (script, expected) in rows {
            assert_eq!(world.script(script).await, expected, "{script}");
        }
        assert_eq!(world.disagreements().await, [""; 0]);
        assert_eq!(world.standing().await.len(), 11);
    }
}

#[tokio::test]
async fn the_book_shows_where_money_stands() {
    let rows = [
        ("authorize visa 1000", "1000 0 0 authorized"),
        ("authorize visa 1000; capture 400", "1000 400 0 captured"),
        ("authorize visa 1000; capture 400; refund 150", "1000 400 150 captured"),
        ("authorize visa 1000; capture 400; refund 150; refund 250", "1000 400 400 refunded"),
        ("authorize visa 1000; void", "1000 0 0 voided"),
        ("authorize over_limit 1000", "1000 0 0 declined"),
        ("authorize 3ds_passes 1000", "1000 0 0 action_required"),
        ("authorize 3ds_passes 1000; complete passed", "1000 0 0 authorized"),
        ("authorize 3ds_fails 1000; complete failed", "1000 0 0 declined"),
    ];
    for (script, expected) in rows {
        let world = World::sqlite();
        world.script(script).await;
        assert_eq!(world.standing().await, [expected], "{script}");
        assert_eq!(world.disagreements().await, [""; 0]);
    }
}

#[tokio::test]
async fn a_token_stands_for_a_card_of_its_merchant_until_it_expires() {
    let world = World::sqlite();
    let provider = world.provider();
    let token = provider.tokenize(world.merchant, details("4012 8888 8888 1881", 2026, 11)).await.unwrap();
    assert_eq!((token.brand, token.last4.as_str()), (Brand::Visa, "1881"));
    assert_eq!((token.expiry_year, token.expiry_month), (2026, 11));
    assert!(token.token.starts_with("tok_") && token.token.len() == 36);

    let ask = |at: Timestamp, environment| {
        let merchant = Merchant { environment, ..world.merchant };
        let key = format!("{}-{environment}", at.micros());
        let request = Request { merchant, key, command: authorize(&token.token, 1_000), at };
        let provider = world.provider();
        async move { provider.execute(request).await }
    };
    let december = JstDate::new(2026, 12, 1).unwrap().start();
    assert_eq!(word(&ask(december.plus_micros(-1), Environment::Sandbox).await), "ok");
    assert_eq!(word(&ask(december, Environment::Sandbox).await), "expired_card");
    assert_eq!(word(&ask(now(), Environment::Test).await), "unknown_card");
    assert_eq!(word(&world.ask(authorize("tok_00000000000000000000000000000000", 1)).await), "unknown_card");
    assert_eq!(word(&world.ask(authorize("no such card", 1)).await), "unknown_card");
}

#[tokio::test]
async fn a_card_that_cannot_be_is_refused_by_its_field() {
    let provider = World::sqlite();
    let rows = [
        (details("4111111111111112", 2030, 1), TokenizeRefused::NumberCheckDigit),
        (details("6011111111111117", 2030, 1), TokenizeRefused::NumberBrand),
        (details("41111111", 2030, 1), TokenizeRefused::NumberFormat),
        (details("4111111111111111", 30, 1), TokenizeRefused::ExpiryYear),
        (details("4111111111111111", 2030, 13), TokenizeRefused::ExpiryMonth),
    ];
    for (card, expected) in rows {
        let refused = provider.provider().tokenize(provider.merchant, card).await.unwrap_err();
        assert_eq!(refused, expected);
        assert!(!refused.to_string().contains("4111"));
    }
}

#[tokio::test]
async fn neither_number_nor_code_reaches_the_file() {
    let world = World::sqlite();
    let mut card = details("4012888888881881", 2030, 1);
    card.security_code = Some("737".to_owned());
    world.provider().tokenize(world.merchant, card).await.unwrap();
    // Whoever sends a number instead of a token is told that it is no token, and it is not kept either.
    let answer = world.ask(authorize("4012888888881881", 1_000)).await;
    assert_eq!(answer, Answer::Refused(Refusal::UnknownCard));
    assert_eq!(word(&world.ask(capture("4012888888881881", 1_000)).await), "unknown_authorization");
    let Database::Sqlite(options) = world.simulator.store().database().clone() else {
        panic!("this world stands on a file");
    };
    for ending in ["", "-wal"] {
        let bytes = std::fs::read(format!("{}{ending}", options.path.display())).unwrap();
        assert!(!bytes.windows(16).any(|window| window == b"4012888888881881"), "{ending}");
        assert!(ending.is_empty() || bytes.windows(4).any(|window| window == b"1881"));
    }
}

#[tokio::test]
async fn the_buyer_of_a_magic_card_is_known_beforehand() {
    let world = World::sqlite();
    for (card, expected) in [
        ("3ds_passes", Some(ActionOutcome::Passed)),
        ("3ds_fails", Some(ActionOutcome::Failed)),
        ("3ds_abandoned", Some(ActionOutcome::Abandoned)),
        ("visa", None),
    ] {
        let answer = world.ask(authorize(card, 1_000)).await;
        if let Answer::RequiresAction { authorization, url } = &answer {
            assert_eq!(
                *url,
                format!(
                    "https://simulator.invalid/3ds/{}/{}/{authorization}",
                    world.merchant.shop, world.merchant.environment
                )
            );
        }
        let buyer = world.provider().simulated_buyer(world.merchant, &name_of(&answer)).await;
        assert_eq!(buyer, expected, "{card}");
    }
    assert_eq!(world.provider().simulated_buyer(world.merchant, "auth_of_nobody").await, None);
}

#[test]
fn the_simulator_takes_no_real_money() {
    let world = World::sqlite();
    assert!(!world.provider().takes_real_money());
    assert_eq!(world.provider().name(), "simulator");
}

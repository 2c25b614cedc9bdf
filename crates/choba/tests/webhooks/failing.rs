//! Receivers that fail, in every way, on a clock that is turned.

use std::time::Duration;

use pay::webhook::Limits;
use serde_json::{Value, json};
use testkit::{Behaviour, Receiver, Sale, Setup, TestApp, WebhookDesk, on_both, on_both_with};

use crate::{pass, story};

const DAY: i64 = 86_400;

fn impatient() -> Setup {
    let limits = Limits { delivery: Duration::from_secs(2), check: Duration::from_secs(2) };
    Setup { webhook_limits: limits, ..Setup::default() }
}

/// Sells and captures; the order number.
async fn sold(app: &TestApp) -> String {
    let charge = app.merchant().sell(&Sale::of(1_000)).await;
    app.merchant().capture(&charge).await.good();
    charge
}

#[tokio::test]
async fn answers_of_500_for_three_days_lose_nothing_and_keep_the_order() {
    on_both(async |app| {
        let receiver = Receiver::plain().await;
        let desk = app.webhooks().await;
        let endpoint = desk.subscribe(&receiver).await;
        receiver.always(Behaviour::Status(500));
        let charges = [sold(app).await, sold(app).await, sold(app).await];
        app.run_jobs().await;
        pass(app, 3 * DAY).await;
        let asked = receiver.received();
        assert!(receiver.taken().is_empty());
        // The first event of each charge is tried, the second one waits behind it.
        assert!(asked.iter().all(|it| it.text("/type") == "charge.succeeded"), "a later event overtook");
        for charge in &charges {
            let tries = asked.iter().filter(|it| it.text("/data/object/id") == **charge).count();
            assert_eq!(tries, 9, "at once, then after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h and 20 h");
        }
        assert_eq!(desk.endpoint(&endpoint).await["state"], "active");
        assert!(desk.endpoint(&endpoint).await["failing_since"].is_i64());
        receiver.always(Behaviour::Status(204));
        pass(app, DAY + DAY / 2).await;
        for charge in &charges {
            assert_eq!(story(&receiver.taken(), charge), ["charge.succeeded", "charge.captured"]);
        }
        assert_eq!(receiver.taken().len(), 6);
        let shown = desk.endpoint(&endpoint).await;
        assert_eq!((&shown["failing_since"], &shown["waiting"]), (&Value::Null, &json!(0)));
    })
    .await;
}

#[tokio::test]
async fn an_event_whose_schedule_ends_lets_the_next_pass_and_can_be_sent_again() {
    on_both(async |app| {
        let receiver = Receiver::plain().await;
        let desk = app.webhooks().await;
        let endpoint = desk.subscribe(&receiver).await;
        receiver.rule(|event| Behaviour::Status(if event["type"] == "charge.succeeded" { 503 } else { 200 }));
        let charge = sold(app).await;
        app.run_jobs().await;
        pass(app, 4 * DAY).await;
        let tries = desk.tries(&format!("endpoint={endpoint}&outcome=refused")).await;
        assert_eq!(tries.len(), 10);
        let mut numbers: Vec<i64> = tries.iter().filter_map(|logged| logged["number"].as_i64()).collect();
        // Machine time stood still.
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
        assert_eq!(story(&receiver.taken(), &charge), ["charge.captured"]);
        assert_eq!(app.left_to_do().await[2], 1, "it was given up, visibly");
        receiver.always(Behaviour::Status(200));
        let event = tries[0]["event"].as_str().expect("an id");
        desk.post(&format!("/events/{event}/resend"), &Value::Null).await;
        app.run_jobs().await;
        assert_eq!(story(&receiver.taken(), &charge), ["charge.captured", "charge.succeeded"]);
    })
    .await;
}

#[tokio::test]
async fn five_days_of_failure_disable_loudly_and_keep_every_event() {
    on_both(async |app| {
        let receiver = Receiver::plain().await;
        let desk = app.webhooks().await;
        let endpoint = desk.subscribe(&receiver).await;
        receiver.always(Behaviour::Status(500));
        let mut charges = Vec::new();
        for _ in 0..6 {
            charges.push(app.merchant().sell(&Sale::of(700)).await);
            app.run_jobs().await;
            pass(app, DAY).await;
        }
        let shown = desk.endpoint(&endpoint).await;
        assert_eq!((&shown["state"], &shown["disabled_for"]), (&json!("disabled"), &json!("failing")), "{shown}");
        let kept = shown["waiting"].as_i64().expect("a number");
        assert!(kept >= 3, "{shown}");
        assert_eq!(app.actions("webhook.disable").await, 1);
        receiver.forget();
        charges.push(app.merchant().sell(&Sale::of(700)).await);
        app.run_jobs().await;
        pass(app, DAY).await;
        assert!(receiver.received().is_empty(), "a disabled endpoint is left alone");
        assert_eq!(desk.endpoint(&endpoint).await["waiting"], kept + 1);
        receiver.always(Behaviour::Status(200));
        desk.post(&format!("/webhooks/{endpoint}/enable"), &Value::Null).await;
        app.run_jobs().await;
        assert_eq!(receiver.taken().len() as i64, kept + 1);
        // Those whose own schedule had ended are sent again on request: nothing was lost.
        let from = app.now(app.shop.id).await.seconds() - 10 * DAY;
        desk.post("/events/replay", &json!({ "from": from, "to": from + 20 * DAY })).await;
        app.run_jobs().await;
        for charge in &charges {
            assert!(!story(&receiver.taken(), charge).is_empty(), "{charge}");
        }
    })
    .await;
}

/// The events of a type, sent again to the endpoint that hears of it now.
async fn resent(desk: &WebhookDesk, kind: &str, endpoint: &str) {
    let event = desk.events(&format!("events={kind}")).await[0]["id"].as_str().expect("an id").to_owned();
    let answer = desk.post(&format!("/events/{event}/resend"), &Value::Null).await;
    assert_eq!(answer["endpoint"], endpoint);
}

/// From now on an endpoint hears of nothing, and another one of changed amounts; its id.
async fn moved(desk: &WebhookDesk, from: &str, to: &Receiver) -> String {
    desk.post(&format!("/webhooks/{from}"), &json!({ "events": [] })).await;
    desk.add(&to.url(), &["charge.updated"]).await
}

#[tokio::test]
async fn what_waits_for_an_endpoint_that_hears_no_more_of_it_goes_to_the_one_that_does() {
    on_both(async |app| {
        let desk = app.webhooks().await;
        for dead in [410, 500] {
            let (old, new) = (Receiver::plain().await, Receiver::plain().await);
            let endpoint = desk.add(&old.url(), &["charge.updated"]).await;
            old.always(Behaviour::Status(dead));
            let charge = app.merchant().sell(&Sale::of(1_000)).await;
            for total in [900, 800] {
                app.merchant().change(&charge, total).await.good();
            }
            app.run_jobs().await;
            assert_eq!((old.received().len(), &desk.endpoint(&endpoint).await["waiting"]), (1, &json!(2)), "{dead}");
            let other = moved(&desk, &endpoint, &new).await;
            let from = app.now(app.shop.id).await.seconds() - 60;
            let replay = json!({ "from": from, "to": from + 120, "events": ["charge.updated"] });
            assert_eq!(desk.post("/events/replay", &replay).await["resent"], 2);
            assert_eq!(desk.endpoint(&endpoint).await["waiting"], 0, "{dead}");
            resent(&desk, "charge.updated", &other).await;
            app.run_jobs().await;
            let totals = new.taken().into_iter().filter(|it| it.text("/data/object/id") == charge);
            let totals: Vec<_> = totals.map(|it| it.event()["data"]["object"]["amount"].clone()).collect();
            assert_eq!(totals, [900, 800], "each once, in their order");
            // Nothing is left for the old one, whatever becomes of it.
            desk.post(&format!("/webhooks/{endpoint}/enable"), &Value::Null).await;
            pass(app, DAY).await;
            assert_eq!(old.received().len(), 1, "{dead}");
            desk.send("DELETE", &format!("/webhooks/{other}"), "").await.good();
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_just_being_sent_to_the_old_endpoint_goes_to_the_new_one_as_well() {
    on_both_with(impatient(), async |app| {
        let desk = app.webhooks().await;
        let (old, new) = (Receiver::plain().await, Receiver::plain().await);
        let endpoint = desk.add(&old.url(), &["charge.updated"]).await;
        old.always(Behaviour::Hang);
        let charge = app.merchant().sell(&Sale::of(1_000)).await;
        app.merchant().change(&charge, 900).await.good();
        let meanwhile = async {
            while old.received().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let other = moved(&desk, &endpoint, &new).await;
            resent(&desk, "charge.updated", &other).await;
        };
        tokio::join!(app.run_jobs(), meanwhile);
        app.run_jobs().await;
        assert_eq!(story(&new.taken(), &charge), ["charge.updated"]);
        assert_eq!(desk.endpoint(&endpoint).await["waiting"], 0);
        assert_eq!(desk.events("events=charge.updated").await[0]["pending_webhooks"], 0);
        pass(app, DAY).await;
        assert_eq!((old.received().len(), new.received().len()), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn gone_disables_at_once() {
    on_both(async |app| {
        let receiver = Receiver::plain().await;
        let desk = app.webhooks().await;
        let endpoint = desk.subscribe(&receiver).await;
        receiver.always(Behaviour::Status(410));
        let charge = sold(app).await;
        app.run_jobs().await;
        assert_eq!(receiver.received().len(), 1);
        let shown = desk.endpoint(&endpoint).await;
        assert_eq!((&shown["disabled_for"], &shown["waiting"]), (&json!("gone"), &json!(2)));
        receiver.always(Behaviour::Status(200));
        desk.post(&format!("/webhooks/{endpoint}/enable"), &Value::Null).await;
        app.run_jobs().await;
        assert_eq!(story(&receiver.taken(), &charge), ["charge.succeeded", "charge.captured"]);
    })
    .await;
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    on_both(async |app| {
        let receiver = Receiver::plain().await;
        let desk = app.webhooks().await;
        desk.subscribe(&receiver).await;
        receiver.always(Behaviour::With(429, "retry-after", "1000".to_owned()));
        app.merchant().sell(&Sale::of(500)).await;
        app.run_jobs().await;
        receiver.always(Behaviour::Status(200));
        pass(app, 999).await;
        assert_eq!(receiver.received().len(), 1);
        pass(app, 2).await;
        assert_eq!((receiver.received().len(), receiver.taken().len()), (2, 1));
    })
    .await;
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_is_not_followed() {
    on_both(async |app| {
        let (receiver, elsewhere) = (Receiver::plain().await, Receiver::plain().await);
        let desk = app.webhooks().await;
        desk.subscribe(&receiver).await;
        receiver.always(Behaviour::With(302, "location", elsewhere.url()));
        app.merchant().sell(&Sale::of(500)).await;
        app.run_jobs().await;
        let tries = desk.tries("outcome=refused").await;
        assert_eq!((tries.len(), &tries[0]["response"]["status"]), (1, &json!(302)));
        assert!(elsewhere.received().is_empty());
        receiver.always(Behaviour::Status(200));
        pass(app, 10).await;
        assert_eq!(receiver.taken().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_receiver_that_hangs_is_given_up_in_time_and_delays_no_other() {
    on_both_with(impatient(), async |app| {
        let (dead, healthy) = (Receiver::plain().await, Receiver::plain().await);
        let desk = app.webhooks().await;
        desk.add(&dead.url(), &["charge.succeeded"]).await;
        desk.add(&healthy.url(), &["charge.captured"]).await;
        dead.always(Behaviour::Hang);
        for _ in 0..5 {
            sold(app).await;
        }
        app.run_jobs().await;
        assert_eq!(healthy.taken().len(), 5);
        let tries = desk.tries("outcome=unanswered").await;
        assert_eq!(tries.len(), 5);
        assert!(tries[0]["error"].as_str().is_some_and(|error| error.contains("timed out")), "{}", tries[0]);
        dead.always(Behaviour::Status(200));
        pass(app, 10).await;
        assert_eq!(dead.taken().len(), 5);
    })
    .await;
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_refused_when_it_is_connected_to() {
    let setup = Setup { guard: outbound::Guard::public(), ..Setup::default() };
    on_both_with(setup, async |app| {
        let receiver = Receiver::plain().await;
        let desk = app.webhooks().await;
        desk.send("POST", "/webhooks", json!({ "url": receiver.url(), "events": [] }).to_string()).await.refused(
            400,
            "invalid_request_error",
            "invalid_parameter",
        );
        let endpoint = desk.add(&receiver.url_as("localhost"), &["charge.succeeded"]).await;
        app.merchant().sell(&Sale::of(500)).await;
        app.run_jobs().await;
        assert!(receiver.received().is_empty());
        let tries = desk.tries("").await;
        let error = tries[0]["error"].as_str().expect("an error");
        assert!(error.contains("is not a public address (loopback)"), "{error}");
        let ping = desk.post(&format!("/webhooks/{endpoint}/ping"), &Value::Null).await;
        assert_eq!(ping["outcome"], "unanswered");
        desk.post(&format!("/webhooks/{endpoint}"), &json!({ "events": [] })).await;
        // Given up with its endpoint, then told to another one: but no other is allowed here either.
        let deleted = desk.send("DELETE", &format!("/webhooks/{endpoint}"), "").await.good();
        assert_eq!(deleted["given_up"], 1);
        app.forget_failed().await;
    })
    .await;
}

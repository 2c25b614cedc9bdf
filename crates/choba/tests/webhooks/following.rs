//! Events are followed in the order in which they were committed.

use serde_json::{Value, json};
use testkit::{Sale, on_both};

#[tokio::test]
async fn a_listener_hears_what_happens_after_it_began_and_nothing_twice() {
    on_both(async |app| {
        let desk = app.webhooks().await;
        let merchant = app.merchant();
        merchant.sell(&Sale::of(400)).await;
        app.run_jobs().await;
        let begun = desk.post("/events/listen", &Value::Null).await;
        let mut after = begun["next"].as_i64().expect("a place");
        let charge = merchant.sell(&Sale::of(500)).await;
        app.wait(1);
        merchant.capture(&charge).await.good();
        app.wait(1);
        merchant.cancel(&charge).await.good();
        let unsealed = desk.get(&format!("/events/feed?after={after}")).await;
        assert_eq!((&unsealed["data"], &unsealed["next"]), (&json!([]), &json!(after)), "not before it is chained");
        app.run_jobs().await;
        let mut heard = Vec::new();
        for _ in 0..4 {
            let page = desk.get(&format!("/events/feed?after={after}&limit=1")).await;
            after = page["next"].as_i64().expect("a place");
            for delivery in page["data"].as_array().expect("a list") {
                assert_eq!(delivery["body"]["data"]["object"]["id"], charge.as_str());
                let names: Vec<&str> =
                    delivery["headers"].as_array().expect("pairs").iter().filter_map(|pair| pair[0].as_str()).collect();
                assert!(names.contains(&"webhook-signature") && names.contains(&"x-lite-webhook-signature"));
                heard.push(delivery["type"].as_str().expect("a type").to_owned());
            }
        }
        assert_eq!(heard, ["charge.succeeded", "charge.captured", "charge.refunded"]);
        let captures = desk.get(&format!("/events/feed?after={}&events=charge.captured", begun["next"])).await;
        assert_eq!(captures["data"].as_array().map(Vec::len), Some(1));
        assert_eq!(app.actions("webhook.listen").await, 1, "who sees the secret is noted");
        desk.send("GET", "/events/feed", "").await.refused(400, "invalid_request_error", "missing_parameter");
    })
    .await;
}

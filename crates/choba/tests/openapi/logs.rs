//! The request log and the mailbox over the API: what they hold, and that every answer is as documented.

use choba::api::{mailbox, requests};
use serde_json::json;
use shop::Scope;
use testkit::{Sale, on_both};

use crate::account::Program;

#[tokio::test]
async fn requests_are_found_read_and_run_again() {
    on_both(async |app| {
        let merchant = app.merchant();
        let sold = merchant.sell(&Sale::of(1_000)).await;
        merchant.retrieve(&sold).await.good();
        merchant.capture(&sold).await.good();
        app.run_jobs().await;
        let mut log = Program::with(app, Scope::Requests).await;
        let all = log.send("GET", requests::LIST, &[], None).await.good();
        assert_eq!(all["data"].as_array().unwrap().len(), 3);
        let captures = format!("charge={sold}&path=/capture&status=2xx&environment=sandbox&text={sold}");
        let found = log.send("GET", requests::LIST, &[("?", &captures)], None).await.good();
        let line = &found["data"][0];
        assert_eq!((found["data"].as_array().unwrap().len(), &line["charge"]), (1, &json!(sold)));
        assert_eq!((&line["method"], &line["status"]), (&json!("POST"), &json!(200)));
        for nothing in ["status=5xx", "status=418", "environment=live", "until=0"] {
            let found = log.send("GET", requests::LIST, &[("?", nothing)], None).await.good();
            assert_eq!(found["data"], json!([]), "{nothing}");
        }
        for wrong in ["status=9", "status=x", "environment=moon", "from=x", "before=%00", "text=a&text=b"] {
            assert_eq!(log.send("GET", requests::LIST, &[("?", wrong)], None).await.status, 400, "{wrong}");
        }

        let id = line["id"].as_str().unwrap();
        let whole = log.send("GET", requests::ONE, &[("request", id)], None).await.good();
        assert!(whole["request"]["head"].as_str().unwrap().contains("authorization: Basic [masked]"), "{whole}");
        assert!(whole["answer"]["body"].as_str().unwrap().contains(&sold), "{whole}");
        assert!(!whole.to_string().contains(&merchant.private_key));

        // It is captured already: the new request is refused as the first one would be now.
        let again = log.keyed("POST", requests::AGAIN, &[("request", id)], None, Some("a-1")).await.good();
        assert_eq!(again["of"], id);
        let new = again["request"].as_str().unwrap();
        let new = log.send("GET", requests::ONE, &[("request", new)], None).await.good();
        assert_eq!((&new["path"], &new["status"]), (&whole["path"], &again["status"]));
        assert_eq!(app.effects(&merchant, &sold).await.events, ["succeeded", "captured"]);
        assert_eq!(app.actions("request.again").await, 1);

        let absent = [("request", "0190a1b2c3d4e5f60718293a4b5c6d7e")];
        assert_eq!(log.send("GET", requests::ONE, &absent, None).await.status, 404);
        assert_eq!(log.send("POST", requests::AGAIN, &absent, None).await.status, 404);
        let mut keys = Program::with(app, Scope::Keys).await;
        keys.send("GET", requests::LIST, &[], None).await.refused(403, "permission_error", "insufficient_scope");
    })
    .await;
}

#[tokio::test]
async fn a_request_run_again_with_the_same_key_is_one() {
    on_both(async |app| {
        let merchant = app.merchant();
        let sold = merchant.sell(&Sale::of(1_000)).await;
        merchant.change(&sold, 900).await.good();
        merchant.change(&sold, 1_000).await.good();
        app.run_jobs().await;
        let mut log = Program::with(app, Scope::Requests).await;
        let query = format!("charge={sold}&path=/refund&text=900");
        let found = log.send("GET", requests::LIST, &[("?", &query)], None).await.good();
        assert_eq!(found["data"].as_array().unwrap().len(), 1);
        let first = found["data"][0]["id"].as_str().unwrap().to_owned();
        for _ in 0..2 {
            let again = log.keyed("POST", requests::AGAIN, &[("request", &first)], None, Some("a-1")).await.good();
            assert_eq!(again["status"], 200);
        }
        assert_eq!(app.effects(&merchant, &sold).await.events, ["succeeded", "updated", "updated", "updated"]);
    })
    .await;
}

#[tokio::test]
async fn mails_are_found_and_read() {
    on_both(async |app| {
        app.switch_mails_on(app.shop.id, "shop@example.jp").await;
        let merchant = app.merchant();
        let sold = merchant.sell(&Sale::of(1_000).buyer_named("楽天", "花子", "hanako@buyer.example")).await;
        merchant.capture(&sold).await.good();
        merchant.cancel(&sold).await.good();
        app.run_jobs().await;
        let mut mails = Program::with(app, Scope::Mail).await;
        let all = mails.send("GET", mailbox::LIST, &[], None).await.good();
        let first = mails.send("GET", mailbox::LIST, &[("?", "limit=1")], None).await.good();
        let next = format!("limit=100&after={}", first["next"].as_str().unwrap());
        let rest = mails.send("GET", mailbox::LIST, &[("?", &next)], None).await.good();
        assert_eq!(rest["data"].as_array().unwrap().len() + 1, all["data"].as_array().unwrap().len());
        let query = format!("text=%E7%A2%BA%E5%AE%9A&charge={sold}&undelivered=false");
        let found = mails.send("GET", mailbox::LIST, &[("?", &query)], None).await.good();
        let mail = &found["data"][0];
        assert_eq!((&mail["kind"], &mail["outcome"]), (&json!("captured"), &json!("kept")));
        let id = [("message", mail["id"].as_str().unwrap())];
        assert_eq!(&mails.send("GET", mailbox::ONE, &id, None).await.good(), mail);
        let none = mails.send("GET", mailbox::LIST, &[("?", "undelivered=true")], None).await.good();
        assert_eq!(none["data"], json!([]));
        for wrong in ["limit=0", "after=x", "undelivered=maybe", "charge=1"] {
            assert_eq!(mails.send("GET", mailbox::LIST, &[("?", wrong)], None).await.status, 400, "{wrong}");
        }
        assert_eq!(mails.send("GET", mailbox::ONE, &[("message", "no")], None).await.status, 404);
    })
    .await;
}

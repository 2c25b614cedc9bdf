//! The request log: what is recorded, what never is, who sees it, and running a request again.

use std::time::Duration;

use kernel::Environment;
use pay::request_log::recorder::Keep;
use testkit::TestApp;
use testkit::app::{Setup, on_both, on_both_with};
use testkit::http::{Reply, Request};
use testkit::merchant::{Merchant, Sale, escaped};

use crate::browser::{Browser, make_staff};
use crate::safety::assert_safe;

const OWNER: &str = "owner@shop.example";

/// Names of the requests that a page lists.
fn listed(page: &Reply) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.text);
    let links = page.text.split(r#"<a href="/requests/"#).skip(1);
    links.map(|link| link.split('"').next().unwrap().to_owned()).collect()
}

async fn owner(app: &TestApp) -> Browser {
    make_staff(app, app.shop.id, OWNER, false).await;
    Browser::logged_in(app, OWNER).await
}

#[tokio::test]
async fn a_request_stands_in_the_log_as_it_was_without_its_key() {
    on_both(async |app| {
        let merchant = app.merchant();
        let sold = merchant.sell(&Sale::items(&[("tea-01", "煎茶 100g", 2, 1_080)])).await;
        let changed = merchant.keyed("order-7").change_to(&sold, &[("tea-01", "玉露", 1, 1_500)]).await;
        app.run_jobs().await;
        let mut browser = owner(app).await;
        let page = browser.get("/requests").await;
        assert_safe("/requests", &page);
        let ids = listed(&page);
        assert_eq!(ids.len(), 2);
        let one = browser.get(&format!("/requests/{}", ids[0])).await;
        assert_safe("/requests/{id}", &one);
        for expected in [
            &format!("POST /sandbox/v1/charges/{sold}/refund HTTP/1.1"),
            "authorization: Basic [masked]",
            "idempotency-key: order-7",
            "item_name_1=%E7%8E%89%E9%9C%B2",
            "HTTP/1.1 200 OK",
            "&#34;amount&#34;: 1500",
            "&#34;amount&#34;:1500",
            changed.header("x-request-id").unwrap(),
        ] {
            assert!(one.text.contains(expected), "{expected} is not in {}", one.text);
        }
        let digits = merchant.private_key.rsplit('_').next().unwrap();
        for page in [&page, &one] {
            assert!(!page.text.contains(digits));
        }
    })
    .await;
}

#[tokio::test]
async fn refusals_are_recorded_and_requests_of_nobody_are_not() {
    on_both(async |app| {
        let merchant = app.merchant();
        assert_eq!(merchant.get("/charges?limit=0").await.status, 400);
        assert_eq!(merchant.get("/nowhere").await.status, 404);
        assert_eq!(merchant.at("/v1").list("").await.status, 401, "a key of the sandbox");
        assert_eq!(app.http.send(&Request::get("/sandbox/v1/charges")).await.status, 401);
        let nobodys = format!("sandbox_private_{}", "0a".repeat(48));
        let unknown = Merchant::new(app.http.clone(), merchant.shop, merchant.environment, nobodys);
        assert_eq!(unknown.list("").await.status, 401);
        app.run_jobs().await;
        let mut browser = owner(app).await;
        let statuses = |page: &Reply| {
            let badges = page.text.split(r#"<span class="badge "#).skip(1);
            let mut statuses: Vec<_> = badges.map(|badge| badge.split(['>', '<']).nth(1).unwrap().to_owned()).collect();
            statuses.sort();
            statuses
        };
        assert_eq!(statuses(&browser.get("/requests").await), ["400", "401", "404"]);
    })
    .await;
}

#[tokio::test]
async fn details_of_cards_are_never_in_the_log() {
    on_both(async |app| {
        let merchant = app.merchant();
        let card = serde_json::json!({
            "number": "4242424242424242", "security_code": "737", "expiry_year": 2031, "expiry_month": 12,
            "holder": "TARO RAKUTEN"
        });
        assert_eq!(merchant.create(&Sale::of(1_000).with("card", card)).await.status, 200);
        merchant.create(&Sale::of(1_000).card("4242 4242 4242 4242")).await;
        let broken =
            Request::post("/api/test_helpers/charges", r#"{"card":{"number":"4242424242424242","security_code":"737""#);
        merchant.send(broken.header("content-type", "application/json")).await;
        merchant.get("/charges?id=4242424242424242").await;
        app.run_jobs().await;
        let mut browser = owner(app).await;
        let ids = listed(&browser.get("/requests").await);
        assert_eq!(ids.len(), 4);
        for id in ids {
            let page = browser.get(&format!("/requests/{id}")).await.text;
            // Ids are random digits: what is short is looked for in what was sent alone.
            let (_, asked) = page.split_once(r#"id="asked""#).expect("the request");
            let (asked, _) = asked.split_once(r#"id="answered""#).expect("the answer");
            for secret in ["4242", "737", "2031"] {
                assert!(!asked.contains(secret), "{secret} is in {asked}");
            }
            for secret in ["4242424242424242", "RAKUTEN"] {
                assert!(!page.contains(secret), "{secret} is in {page}");
            }
            assert!(page.contains("[masked]") && !page.contains("/again\""), "{page}");
        }
        for text in ["4242424242424242", r#"code":"737"#, "RAKUTEN"] {
            assert_eq!(listed(&browser.get(&format!("/requests?text={}", escaped(text))).await).len(), 0);
        }
    })
    .await;
}

#[tokio::test]
async fn the_search_finds_by_each_of_its_fields() {
    on_both(async |app| {
        let (sandbox, test) = (app.merchant(), app.shop.merchant(Environment::Test));
        let first = sandbox.sell(&Sale::of(1_000)).await;
        app.wait(3_600);
        sandbox.capture(&first).await.good();
        assert_eq!(sandbox.capture(&first).await.status, 400);
        let second = test.sell(&Sale::items(&[("tea-01", "煎茶", 1, 2_000)])).await;
        test.list("").await.good();
        app.run_jobs().await;
        let mut browser = owner(app).await;
        let mut count = async |query: &str| listed(&browser.get(&format!("/requests?{query}")).await).len();
        assert_eq!(count("").await, 5);
        assert_eq!(count("environment=test").await, 2);
        assert_eq!(count("status=4xx").await, 1);
        assert_eq!(count("status=200").await, 4);
        assert_eq!(count(&format!("charge={first}")).await, 3);
        assert_eq!(count(&format!("charge=+{second}+")).await, 1);
        assert_eq!(count("path=/CAPTURE").await, 2);
        assert_eq!(count("path=%25").await, 0);
        assert_eq!(count("text=already_captured").await, 1);
        assert_eq!(count("text=%E7%85%8E%E8%8C%B6").await, 2, "in the answers of the helper and of the list");
        assert_eq!(count("from=2026-11-22T09:30").await, 4);
        assert_eq!(count("until=2026-11-22T09:30").await, 1);
        assert_eq!(count("key=cred_nobody").await, 0);
        for zero in ["charge=%00", "key=%00", "path=%00", "text=%00"] {
            assert_eq!(count(zero).await, 0, "{zero}");
        }
        for wrong in ["status=abc", "from=yesterday", "environment=moon"] {
            let page = browser.get(&format!("/requests?{wrong}")).await;
            assert!(page.status == 400 && page.text.contains("読み取れません"), "{wrong}: {}", page.text);
        }
    })
    .await;
}

#[tokio::test]
async fn older_requests_are_on_further_pages() {
    on_both(async |app| {
        let merchant = app.merchant();
        for _ in 0..120 {
            merchant.list("").await.good();
        }
        app.run_jobs().await;
        let mut browser = owner(app).await;
        let (mut path, mut seen) = ("/requests".to_owned(), Vec::new());
        loop {
            let page = browser.get(&path).await;
            seen.extend(listed(&page));
            let links = page.text.split(r#"<a href="/requests?"#).skip(1).map(|link| link.split('"').next().unwrap());
            let Some(next) = links.into_iter().find(|link| link.contains("before=")) else { break };
            path = format!("/requests?{}", next.replace("&#38;", "&"));
        }
        let count = seen.len();
        let mut sorted = seen.clone();
        sorted.sort();
        sorted.dedup();
        sorted.reverse();
        assert_eq!((count, seen), (120, sorted), "each once, newest first");
    })
    .await;
}

#[tokio::test]
async fn the_log_of_another_shop_is_not_there() {
    on_both(async |app| {
        let other = app.new_shop(false).await;
        let sold = other.sandbox().sell(&Sale::of(1_000)).await;
        app.run_jobs().await;
        make_staff(app, other.id, "other@shop.example", false).await;
        let mut theirs = Browser::logged_in(app, "other@shop.example").await;
        let id = listed(&theirs.get("/requests").await)[0].clone();
        let page = theirs.get(&format!("/requests/{id}")).await;
        assert!(page.status == 200 && page.text.contains(&sold));

        let mut ours = owner(app).await;
        assert_eq!(listed(&ours.get("/requests").await).len(), 0);
        let absent = ours.get(&format!("/requests/{id}")).await;
        assert_eq!(absent.status, 404);
        assert_eq!(ours.get("/requests/%00").await.status, 404);
        let key = "0a".repeat(32);
        let again = ours.submit(&absent, &format!("/requests/{id}/again"), &[("key", &key)]).await;
        assert_eq!(again.status, 404);
        assert_eq!(Browser::new(app).get(&format!("/requests/{id}")).await.status, 303);
    })
    .await;
}

#[tokio::test]
async fn a_request_of_the_sandbox_is_run_again_once_for_each_page() {
    on_both(async |app| {
        let merchant = app.merchant();
        merchant.keyed("first").create(&Sale::of(1_000)).await.good();
        app.run_jobs().await;
        let mut browser = owner(app).await;
        let id = listed(&browser.get("/requests").await)[0].clone();
        let page = browser.get(&format!("/requests/{id}")).await;
        let key = page.text.split(r#"name="key" value=""#).nth(1).unwrap().split('"').next().unwrap().to_owned();
        let action = format!("/requests/{id}/again");
        assert_eq!(browser.post(&action, &[("key", &key)]).await.status, 403, "without a token");
        let before = merchant.list("").await.good()["total"].clone();
        let mut places = Vec::new();
        for _ in 0..2 {
            let done = browser.submit(&page, &action, &[("key", &key)]).await;
            assert_eq!(done.status, 303, "{}", done.text);
            let place = done.header("location").unwrap().to_owned();
            let new = browser.get(&place).await;
            assert!(new.text.contains("再実行しました") && new.text.contains(&key), "{}", new.text);
            places.push(place);
        }
        assert_ne!(places[0], places[1], "two requests");
        let after = merchant.list("").await.good()["total"].clone();
        assert_eq!((before, after), (1.into(), 2.into()), "of which the second got the first one's answer");
        let actions = app.audit(app.shop.id, "request.again").await;
        assert_eq!(actions.len(), 2);
        assert!(actions.iter().all(|row| row["actor"].as_str().unwrap().starts_with("staff:stf_")));
    })
    .await;
}

#[tokio::test]
async fn requests_of_other_environments_are_not_run_again() {
    on_both(async |app| {
        app.shop.merchant(Environment::Test).sell(&Sale::of(1_000)).await;
        app.run_jobs().await;
        let mut browser = owner(app).await;
        let id = listed(&browser.get("/requests").await)[0].clone();
        let page = browser.get(&format!("/requests/{id}")).await;
        assert!(page.text.contains("再実行できるのはSandboxのリクエストだけです。"), "{}", page.text);
        let key = "0a".repeat(32);
        let refused = browser.submit(&page, &format!("/requests/{id}/again"), &[("key", &key)]).await;
        assert_eq!(refused.status, 400);
        assert_eq!(listed(&browser.get("/requests").await).len(), 1);
    })
    .await;
}

#[tokio::test]
async fn only_so_many_requests_and_days_are_kept() {
    let setup = Setup { request_log: Keep { days: 2, rows: 100 }, ..Setup::default() };
    on_both_with(setup, async |app| {
        let merchant = app.merchant();
        for _ in 0..130 {
            merchant.list("").await.good();
        }
        app.run_jobs().await;
        app.wait(61);
        app.run_jobs().await;
        assert_eq!(app.logged(app.shop.id).await, 100);
        app.wait(2 * 86_400 - 60);
        merchant.list("").await.good();
        app.run_jobs().await;
        app.wait(61);
        app.run_jobs().await;
        assert_eq!(app.logged(app.shop.id).await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_comes_faster_than_it_is_written_is_left_out_and_answered_all_the_same() {
    on_both(async |app| {
        let merchant = app.merchant();
        for _ in 0..600 {
            merchant.list("limit=1").await.good();
        }
        let answered = tokio::time::timeout(Duration::from_secs(60), merchant.list("limit=1")).await;
        answered.expect("an answer").good();
        app.run_jobs().await;
        assert_eq!(app.logged(app.shop.id).await, 512);
    })
    .await;
}

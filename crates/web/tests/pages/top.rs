//! The top page: figures at the borders of hours, days, weeks and months, today beside yesterday, notices and who has read
//! them, and what needs attention.

use kernel::{Environment, JstDate, Timestamp};
use serde_json::{Value, json};
use shop::Scope;
use testkit::TestApp;
use testkit::app::on_both;
use testkit::http::{Reply, Request};
use testkit::merchant::{Sale, items_form};

use crate::browser::{Browser, make_staff};
use crate::safety::assert_safe;

const OWNER: &str = "owner@shop.example";
const CLERK: &str = "clerk@shop.example";
/// 2026-11-22T00:00:00+09:00, a Sunday (`date -u -d 2026-11-21T15:00:00 +%s`).
const SUNDAY: i64 = 1_795_273_200;
const DAY: i64 = 86_400;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

async fn get(app: &TestApp, token: &str, path: &str) -> Reply {
    app.http.send(&Request::get(path).header("authorization", format!("Bearer {token}"))).await
}

async fn post(app: &TestApp, token: &str, path: &str, body: Value) -> Reply {
    let request = Request::post(path, body.to_string()).header("authorization", format!("Bearer {token}"));
    app.http.send(&request).await
}

/// Orders and amounts of the points that have any, by their place.
fn filled(figures: &Value) -> Vec<(usize, i64, i64)> {
    let points = figures["data"].as_array().unwrap().iter().enumerate();
    let all =
        points.map(|(place, point)| (place, point["orders"].as_i64().unwrap(), point["amount"].as_i64().unwrap()));
    all.filter(|(_, orders, _)| *orders != 0).collect()
}

fn sum(orders: i64, amount: i64) -> Value {
    json!({ "orders": orders, "amount": amount })
}

#[tokio::test]
async fn an_order_counts_in_the_hour_day_week_and_month_in_which_it_was_made() {
    on_both(async |app| {
        let (shop, merchant) = (app.shop.id, app.merchant());
        let token = app.token(Some(shop), vec![Scope::Orders]).await;
        let figures =
            async |query: &str| get(app, &token, &format!("/api/shops/1/sandbox/figures?{query}")).await.good();
        // The last second of a Sunday, the first of a Monday; the last second of November, the first of December.
        app.advance(shop, at(SUNDAY + DAY - 1)).await;
        let first = merchant.sell(&Sale::of(500)).await;
        app.advance(shop, at(SUNDAY + DAY)).await;
        let second = merchant.sell(&Sale::of(700)).await;
        app.advance(shop, at(SUNDAY + 9 * DAY - 1)).await;
        merchant.sell(&Sale::of(900)).await;
        app.advance(shop, at(SUNDAY + 9 * DAY)).await;
        merchant.sell(&Sale::of(1_100)).await;
        // What was refused was no order; what becomes of one changes no figure.
        assert_eq!(merchant.create(&Sale::of(5_000).card("insufficient_funds")).await.status, 402);
        merchant.post(&format!("/charges/{first}/refund"), &items_form(&[("a", "b", 1, 650)])).await.good();
        merchant.cancel(&second).await.good();

        let hours = figures("unit=hour&from=2026-11-22&to=2026-11-23").await;
        assert_eq!((hours["data"].as_array().unwrap().len(), filled(&hours)), (48, vec![(23, 1, 500), (24, 1, 700)]));
        assert_eq!(hours["data"][24]["start"], SUNDAY + DAY);
        let days = figures("unit=day&from=2026-11-22&to=2026-12-01").await;
        assert_eq!(filled(&days), [(0, 1, 500), (1, 1, 700), (8, 1, 900), (9, 1, 1_100)]);
        let weeks = figures("unit=week&from=2026-11-22&to=2026-12-01").await;
        assert_eq!(filled(&weeks), [(0, 1, 500), (1, 1, 700), (2, 2, 2_000)]);
        let cut: Vec<&Value> = weeks["data"].as_array().unwrap().iter().map(|point| &point["partial"]).collect();
        assert_eq!(cut, [&json!(true), &json!(false), &json!(true)]);
        let months = figures("unit=month&from=2026-11-01&to=2026-12-01").await;
        assert_eq!(filled(&months), [(0, 3, 2_100), (1, 1, 1_100)]);
        assert_eq!((&months["data"][0]["partial"], &months["data"][1]["partial"]), (&json!(false), &json!(true)));
        assert_eq!(months["data"][0]["end"], SUNDAY + 9 * DAY);

        let today = &figures("").await["today"];
        assert_eq!((&today["so_far"], &today["hours"], &today["yesterday"]), (&sum(1, 1_100), &json!(0), &sum(1, 900)));
        app.advance(shop, at(SUNDAY + 9 * DAY + 5_400)).await;
        merchant.sell(&Sale::of(1_300)).await;
        let today = &figures("").await["today"];
        assert_eq!((&today["so_far"], &today["hours"]), (&sum(2, 2_400), &json!(1)));
        assert_eq!((&today["in_hours"], &today["yesterday_in_hours"]), (&sum(1, 1_100), &sum(0, 0)));
        // The hour in which yesterday's order was made has passed once today has come so far.
        app.advance(shop, at(SUNDAY + 10 * DAY)).await;
        let today = &figures("").await["today"];
        assert_eq!((&today["so_far"], &today["yesterday"]), (&sum(0, 0), &sum(2, 2_400)));
    })
    .await;
}

#[tokio::test]
async fn hours_that_have_not_come_are_no_zeros() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        app.wait(SUNDAY + 2 * 3_600 + 1_800 + DAY - app.store().machine_now().seconds());
        app.merchant().sell(&Sale::of(700)).await;
        let mut browser = Browser::logged_in(app, OWNER).await;
        // It is half past two: of three hours something is known.
        let page = browser.get("/dashboard/sandbox?unit=hour&from=2026-11-23&to=2026-11-23").await;
        let shown = |known: &str| format!("[{known}{}]", ",null".repeat(21));
        for (name, known) in [("amount", "0,0,700"), ("orders", "0,0,1")] {
            assert!(page.text.contains(&format!("data-{name}=\"{}\"", shown(known))), "{}", page.text);
        }
        assert!(page.text.contains("2026-11-23 02:00") && !page.text.contains("2026-11-23 03:00"));
    })
    .await;
}

#[tokio::test]
async fn a_chart_shows_three_years_and_not_a_day_more() {
    on_both(async |app| {
        let token = app.token(Some(app.shop.id), vec![Scope::Orders]).await;
        let figures = async |query: &str| get(app, &token, &format!("/api/shops/1/live/figures?{query}")).await;
        let three = figures("unit=day&from=2023-11-23&to=2026-11-22").await.good();
        // 365 + 366 (2024 has a 29 February) + 365 days.
        assert_eq!(three["data"].as_array().unwrap().len(), 1_096);
        assert_eq!(
            figures("unit=hour&from=2023-11-23&to=2026-11-22").await.good()["data"].as_array().unwrap().len(),
            26_304
        );
        for (query, code) in [
            ("from=2023-11-22&to=2026-11-22", "invalid_period"),
            ("from=2026-11-23&to=2026-11-22", "invalid_period"),
            ("from=2026-02-29", "invalid_parameter"),
            ("to=20261122", "invalid_parameter"),
            ("unit=minute", "invalid_parameter"),
        ] {
            figures(query).await.refused(400, "invalid_request_error", code);
        }
        make_staff(app, app.shop.id, OWNER, false).await;
        let mut browser = Browser::logged_in(app, OWNER).await;
        let page = browser.get("/dashboard/sandbox?unit=hour&from=2023-11-22&to=2026-11-22").await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("表示できる期間は最大3年です。"), "{}", page.text);
        assert!(page.text.contains(r#"value="2023-11-22""#), "what was typed stays");
        let whole = browser.get("/dashboard/sandbox?unit=hour&from=2023-11-23&to=2026-11-22").await;
        // The table is paged, the chart has every point.
        assert_eq!(whole.text.matches("<tr>").count(), 2 + 4 + 1 + 120);
        assert!(whole.text.contains("passed=120"));
    })
    .await;
}

#[tokio::test]
async fn orders_of_test_keys_are_in_no_figure() {
    on_both(async |app| {
        let shop = app.new_shop(false).await;
        shop.merchant(Environment::Test).sell(&Sale::of(4_000)).await;
        let token = app.token(Some(shop.id), vec![Scope::Orders]).await;
        let live = get(app, &token, &format!("/api/shops/{}/live/figures", shop.id)).await.good();
        assert_eq!((filled(&live), &live["today"]["so_far"]), (vec![], &sum(0, 0)));
        let test = get(app, &token, &format!("/api/shops/{}/test/figures", shop.id)).await;
        test.refused(400, "invalid_request_error", "no_figures");
        get(app, &token, "/api/shops/1/live/figures").await.refused(404, "invalid_request_error", "resource_missing");
        get(app, &token, "/api/shops/99/live/figures").await.refused(404, "invalid_request_error", "resource_missing");
    })
    .await;
}

#[tokio::test]
async fn the_page_says_the_same_numbers_without_script() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        app.advance(app.shop.id, at(SUNDAY + 10 * 3_600 + 60)).await;
        app.merchant().sell(&Sale::of(123_456)).await;
        let mut browser = Browser::logged_in(app, OWNER).await;
        let away = browser.get("/?done=password").await;
        assert_eq!((away.status, away.header("location")), (303, Some("/dashboard/sandbox?done=password")));
        let page = browser.get("/dashboard/sandbox?done=password&unit=hour&from=2026-11-22&to=2026-11-22").await;
        assert_safe("/dashboard/{side}", &page);
        for expected in [
            "パスワードを変更しました",
            "対応が必要なことはありません",
            "お知らせはありません",
            "123,456円",
            "本日(10:01 現在)",
            "昨日 10:00より前",
            "2026-11-22 10:00",
            "data-unit=\"hour\"",
            "注文時の合計金額で集計します",
        ] {
            assert!(page.text.contains(expected), "{expected} is not in {}", page.text);
        }
        assert_eq!(browser.cookie("choba-side"), Some("sandbox"));
        let live = browser.get("/dashboard/live").await;
        assert!(live.text.contains("本番用認証キーの注文のみを集計します"), "{}", live.text);
        assert_eq!(browser.get("/").await.header("location"), Some("/dashboard/live"), "where they were last");
    })
    .await;
}

fn notice(title: &str) -> Value {
    json!({ "severity": "important", "title": title, "body": "一行目\n<b>二行目</b>" })
}

#[tokio::test]
async fn each_member_of_the_staff_reads_notices_by_themselves() {
    on_both(async |app| {
        let clerk = make_staff(app, app.shop.id, CLERK, false).await;
        make_staff(app, app.shop.id, OWNER, false).await;
        let other = app.new_shop(false).await;
        let operator = app.token(None, vec![Scope::Admin]).await;
        let write = async |body: Value| post(app, &operator, "/api/notices", body).await.good();
        let all = write(notice("全店へ")).await;
        let theirs =
            write(json!({ "shop": other.id.0, "severity": "information", "title": "他店へ", "body": "本文" })).await;
        let now = app.store().machine_now().seconds();
        let mut later = notice("後で");
        later["from"] = json!(now + 60);
        later["until"] = json!(now + 120);
        assert_eq!(write(later).await["state"], "scheduled");

        let (mut first, mut second) = (Browser::logged_in(app, OWNER).await, Browser::logged_in(app, CLERK).await);
        let page = first.get("/dashboard/sandbox").await;
        assert!(page.text.contains("全店へ") && page.text.contains(">未読</span>"), "{}", page.text);
        assert!(page.text.contains("&#60;b&#62;二行目"), "{}", page.text);
        assert!(!page.text.contains("他店へ") && !page.text.contains("後で"), "{}", page.text);
        let id = all["id"].as_str().unwrap();
        let read = first.submit(&page, &format!("/dashboard/sandbox/notices/{id}/read"), &[]).await;
        assert_eq!(read.status, 303);
        assert!(!first.get("/dashboard/sandbox").await.text.contains(">未読</span>"));
        assert!(second.get("/dashboard/sandbox").await.text.contains(">未読</span>"), "somebody else has not read it");
        for act in ["read", "unread"] {
            let foreign = format!("/dashboard/sandbox/notices/{}/{act}", theirs["id"].as_str().unwrap());
            assert_eq!(first.submit(&page, &foreign, &[]).await.status, 404);
        }
        // Marked by a slip, it is new again.
        for act in ["unread", "unread"] {
            let sent = first.submit(&page, &format!("/dashboard/sandbox/notices/{id}/{act}"), &[]).await;
            assert_eq!(sent.status, 303);
        }
        assert!(first.get("/dashboard/sandbox").await.text.contains(">未読</span>"));
        assert_eq!(first.submit(&page, &format!("/dashboard/sandbox/notices/{id}/read"), &[]).await.status, 303);

        app.wait(60);
        let page = first.get("/dashboard/sandbox").await;
        let place = |text: &str| page.text.find(text).unwrap_or_else(|| panic!("{text} is not in {}", page.text));
        assert!(place("後で") < place("全店へ"), "what was not read comes first");
        assert_eq!(first.submit(&page, "/dashboard/sandbox/notices/read", &[]).await.status, 303);
        assert!(!first.get("/dashboard/sandbox").await.text.contains(">未読</span>"));
        app.wait(60);
        assert!(!first.get("/dashboard/sandbox").await.text.contains("後で"), "its time is over");

        let settings = app.token(Some(app.shop.id), vec![Scope::Settings]).await;
        let shown = async |query: &str| get(app, &settings, &format!("/api/shops/1/notices{query}")).await.good();
        assert!(shown(&format!("?staff={}", clerk.id)).await["data"][0].get("read").is_none());
        let reader = json!({ "staff": clerk.id });
        post(app, &settings, &format!("/api/shops/1/notices/{id}/read"), reader.clone()).await.good();
        assert!(shown(&format!("?staff={}", clerk.id)).await["data"][0]["read"].is_i64());
        post(app, &settings, &format!("/api/shops/1/notices/{id}/unread"), reader.clone()).await.good();
        assert!(shown(&format!("?staff={}", clerk.id)).await["data"][0].get("read").is_none());
        let foreign = format!("/api/shops/1/notices/{}/unread", theirs["id"].as_str().unwrap());
        post(app, &settings, &foreign, reader.clone()).await.refused(404, "invalid_request_error", "resource_missing");
        let foreign = format!("/api/shops/1/notices/{}/read", theirs["id"].as_str().unwrap());
        post(app, &settings, &foreign, reader).await.refused(404, "invalid_request_error", "resource_missing");

        post(app, &operator, &format!("/api/notices/{id}/withdraw"), json!({})).await.good();
        assert_eq!(shown("").await["data"], json!([]));
        assert!(!second.get("/dashboard/sandbox").await.text.contains("全店へ"));
    })
    .await;
}

#[tokio::test]
async fn provisional_sales_are_pointed_at_fourteen_days_before_they_expire() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let merchant = app.merchant();
        merchant.sell(&Sale::of(800)).await;
        let captured = merchant.sell(&Sale::of(900)).await;
        merchant.capture(&captured).await.good();
        let token = app.token(Some(app.shop.id), vec![Scope::Orders]).await;
        let expiring = async || get(app, &token, "/api/shops/1/sandbox/attention").await.good()["expiring"].clone();
        // Ordered in November 2026: the window ends with April 2027, 160 days after the 22nd.
        let end = SUNDAY + 160 * DAY;
        assert_eq!(JstDate::new(2027, 5, 1).unwrap().start(), at(end));
        app.advance(app.shop.id, at(end - 14 * DAY - 1)).await;
        assert_eq!(expiring().await["found"], 0);
        app.advance(app.shop.id, at(end - 14 * DAY)).await;
        assert_eq!(expiring().await, json!({ "found": 1, "or_more": false, "amount": 800, "first": end }));
        let page = Browser::logged_in(app, OWNER).await.get("/dashboard/sandbox").await;
        assert!(
            page.text.contains("期限が近い仮売上が1件あります(合計 800円、最初の期限 2027-05-01 00:00:00)"),
            "{}",
            page.text
        );
        let link = "/dashboard/sandbox/orders?status=authorized&#38;to=2026-11-22&#38;sort=date";
        assert!(page.text.contains(link), "{}", page.text);
    })
    .await;
}

#[tokio::test]
async fn endpoints_and_mails_and_open_changes_are_pointed_at() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let merchant = app.merchant();
        let token = app.token(Some(app.shop.id), vec![Scope::Orders, Scope::Webhooks]).await;
        let hook = json!({ "url": "http://127.0.0.1:9/hook", "events": ["charge.captured"] });
        let made = post(app, &token, "/api/shops/1/sandbox/webhooks", hook).await.good();
        let sold = merchant.sell(&Sale::of(600)).await;
        merchant.capture(&sold).await.good();
        app.run_jobs().await;
        let found = get(app, &token, "/api/shops/1/sandbox/attention").await.good();
        assert_eq!(
            (&found["webhooks"][0]["endpoint"], &found["webhooks"][0]["disabled"]),
            (&made["id"], &json!(false))
        );
        let page = Browser::logged_in(app, OWNER).await.get("/dashboard/sandbox").await;
        assert!(page.text.contains("Webhookの送信に失敗しています"), "{}", page.text);
        let path = format!("/api/shops/1/sandbox/webhooks/{}", made["id"].as_str().unwrap());
        let remove = Request::post(path, "").method("DELETE").header("authorization", format!("Bearer {token}"));
        app.http.send(&remove).await.good();
        app.forget_failed().await;
        let losing = merchant.sell(&Sale::of(700).card("capture_answer_lost")).await;
        assert_eq!(merchant.capture(&losing).await.status, 503);
        app.wait(600);
        let found = get(app, &token, "/api/shops/1/sandbox/attention").await.good();
        assert_eq!((&found["unknown"][0]["charge"], &found["unknown"][0]["verb"]), (&json!(losing), &json!("capture")));
        let page = Browser::logged_in(app, OWNER).await.get("/dashboard/sandbox").await;
        assert!(page.text.contains("結果を確認中の処理があります"), "{}", page.text);
        assert!(page.text.contains(&format!("/dashboard/sandbox/orders/{losing}")), "{}", page.text);
        app.settle().await;
        let found = get(app, &token, "/api/shops/1/sandbox/attention").await.good();
        assert_eq!(found["unknown"], json!([]));
    })
    .await;
}

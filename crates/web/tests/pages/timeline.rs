//! 経過: what happened with an order, and who did it.

use kernel::Environment;
use shop::Scope;
use testkit::app::on_both;
use testkit::{Behaviour, Receiver, Request, Sale};

use crate::webhooks::owner;

/// The lines of an order's timeline without their tags, oldest first.
fn lines(page: &str) -> Vec<String> {
    let list = page.split_once(r#"<ol class="timeline">"#).expect("a timeline").1.split_once("</ol>").unwrap().0;
    let text = |html: &str| {
        let parts = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text).trim());
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    };
    list.split("<li>").skip(1).map(text).collect()
}

#[tokio::test]
async fn money_mails_and_deliveries_stand_in_the_order_in_which_they_happened() {
    on_both(async |app| {
        app.switch_mails_on(app.shop.id, "shop@example.jp").await;
        let receiver = Receiver::plain().await;
        app.webhooks().await.subscribe(&receiver).await;
        let merchant = app.merchant();
        let sold = merchant.sell(&Sale::of(1_000)).await;
        app.run_jobs().await;
        app.wait(60);
        receiver.always(Behaviour::Status(500));
        merchant.capture(&sold).await.good();
        app.run_jobs().await;
        receiver.always(Behaviour::Status(200));
        app.wait(60);
        merchant.change(&sold, 800).await.good();
        app.run_jobs().await;
        let mut browser = owner(app).await;
        let page = browser.get(&format!("/dashboard/sandbox/orders/{sold}")).await;
        let found = lines(&page.text);
        let expected = [
            ["注文", "仮売上", "1,000円", "認証キー(API)"].as_slice(),
            &["Webhook: 仮売上の発生", "charge.succeeded", "成功", "1回目"],
            &["確定", "実売上", "1,000円", "売上 1,000円を計上", "認証キー(API)"],
            &["確定のお知らせ", "メールボックスに保管", "店舗様へ"],
            &["Webhook: 確定", "charge.captured", "失敗 500", "1回目"],
            &["金額変更", "仮売上", "1,000円 → 800円", "売上 1,000円を取り消し"],
        ];
        for (line, parts) in found.iter().zip(expected) {
            assert!(parts.iter().all(|part| line.contains(part)), "{parts:?}: {line}\n{found:#?}");
        }
        assert!(found[5..].iter().any(|line| line.contains("金額変更のお知らせ")), "{found:#?}");
        assert!(!page.text.contains("実時刻"), "the clocks agree");
    })
    .await;
}

#[tokio::test]
async fn who_did_it_has_a_name_and_a_clock_that_was_turned_shows_both_times() {
    on_both(async |app| {
        let merchant = app.merchant();
        let sold = merchant.sell(&Sale::of(1_000)).await;
        let mut browser = owner(app).await;
        let turned = app.now(app.shop.id).await.plus_seconds(10 * 86_400);
        app.advance(app.shop.id, turned).await;
        let own = format!("/dashboard/sandbox/orders/{sold}");
        let editor = browser.get(&format!("{own}/mails/new")).await;
        let key = crate::webhooks::key(&editor);
        let fields = [("key", key.as_str()), ("subject", "件名"), ("body", "本文")];
        assert_eq!(browser.submit(&editor, &format!("{own}/mails"), &fields).await.status, 303);
        let page = browser.get(&own).await;
        let found = lines(&page.text);
        let mail = found.iter().find(|line| line.contains("お知らせメール")).expect("the mail");
        // The account has no name: its address stands for it.
        assert!(mail.contains("owner@shop.example") && mail.contains("送信待ち"), "{mail}");
        assert!(mail.starts_with("2026-12-02") && mail.contains("実時刻 2026-11-22"), "{mail}");

        let token = app.token(Some(app.shop.id), vec![Scope::Orders]).await;
        let path = format!("/api/shops/{}/sandbox/orders/{sold}/timeline", app.shop.id);
        let told = app.http.send(&Request::get(path).header("authorization", format!("Bearer {token}"))).await.good();
        let data = told["data"].as_array().unwrap();
        assert_eq!((data[0]["type"].as_str(), data[0]["verb"].as_str()), (Some("change"), Some("pay")), "{told}");
        assert_eq!(data[0]["state"], serde_json::json!([null, "authorized"]));
        assert_eq!(data[0]["amount"], serde_json::json!([null, 1_000]));
        assert_eq!(data.last().unwrap()["actor"]["kind"], "staff");
        let (at, world) = (data[1]["at_us"].as_i64().unwrap(), data[1]["world_us"].as_i64().unwrap());
        assert_eq!((world - at) / 1_000_000, 10 * 86_400);

        let other = app.new_shop(false).await;
        let theirs = app.token(Some(other.id), vec![Scope::Orders]).await;
        for (shop, environment, number, status) in [
            (other.id.0, Environment::Sandbox, sold.as_str(), 404),
            (other.id.0, Environment::Sandbox, "x", 404),
            (app.shop.id.0, Environment::Sandbox, sold.as_str(), 404),
        ] {
            let path = format!("/api/shops/{shop}/{environment}/orders/{number}/timeline");
            let answer = app.http.send(&Request::get(path).header("authorization", format!("Bearer {theirs}"))).await;
            assert_eq!(answer.status, status, "{number}");
        }
        app.settle().await;
    })
    .await;
}

//! お知らせメール (contract "Operations": send mail, mails sent; "Rules": Mail).

use kernel::Environment;
use pay::mail::{Kind, Outcome, Recipient};
use serde_json::{Value, json};
use testkit::{Sale, on_both};

use crate::words::INVALID;

const DAY_MICROS: i64 = 86_400_000_000;

fn sale() -> Sale {
    Sale::of(1_000).buyer_named("髙橋", "美咲", "misaki@example.ne.jp")
}

fn subjects(list: &Value) -> Vec<String> {
    let data = list["data"].as_array().expect("data of a list");
    data.iter().map(|one| one["subject"].as_str().expect("a subject").to_owned()).collect()
}

#[tokio::test]
async fn a_mail_is_the_contracts_object_and_leaves_with_opening_and_name() {
    on_both(async |app| {
        let merchant = app.merchant();
        let id = merchant.sell(&sale()).await;
        let now = app.now(merchant.shop).await;
        let body = "#CUSTOMER_NAME# 様の\r\nご注文を\\n発送しました。";
        let made = merchant.notify(&id, "発送のお知らせ", body).await.good();
        let notification = made["id"].as_str().expect("an id").to_owned();
        assert!(notification.len() == 37 && notification.starts_with("ntfn_"), "{notification}");
        let expected = json!({
            "object": "notification", "id": notification, "charge": id, "type": "notification.mail",
            "subject": "発送のお知らせ", "body": body, "created": now.seconds(),
        });
        assert_eq!(made, expected);
        let list = merchant.notifications(&format!("charge={id}")).await.good();
        let expected = json!({
            "object": "list", "url": "/sandbox/v1/notifications", "limit": 10, "offset": 0, "total": 1, "charge": id,
            "data": [expected],
        });
        assert_eq!(list, expected);

        app.run_jobs().await;
        let mails = app.mails(&merchant).await;
        assert_eq!(mails.len(), 1);
        let mail = &mails[0];
        assert_eq!((mail.kind, mail.recipient, mail.outcome), (Kind::Notification, Recipient::Buyer, Outcome::Kept));
        assert_eq!((mail.to.as_deref(), mail.subject.as_str()), (Some("misaki@example.ne.jp"), "発送のお知らせ"));
        // The shop of the tests is called 店 1 and wrote no opening of its own.
        let beginning = "髙橋 美咲 様\n\n店 1をご利用いただき、誠にありがとうございます。\n\n\
                         髙橋 美咲 様の\nご注文を\n発送しました。\n";
        assert!(mail.body.starts_with(beginning), "{}", mail.body);
    })
    .await;
}

#[tokio::test]
async fn what_is_missing_too_long_or_not_japanese_mail_is_refused_by_its_name() {
    on_both(async |app| {
        let merchant = app.merchant();
        let id = merchant.sell(&sale()).await;
        let form = |name: &str| {
            let all = [("charge", id.as_str()), ("subject", "a"), ("body", "b")];
            let others = all.into_iter().filter(|(key, _)| *key != name);
            others.map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join("&")
        };
        for name in ["charge", "subject", "body"] {
            let message = merchant.post("/notifications/mail", &form(name)).await.refused(400, INVALID, "missing_parameter");
            assert!(message.starts_with(name), "{message}");
        }
        let (eighty, four_thousand) = ("件".repeat(80), "文".repeat(4_000));
        merchant.notify(&id, &eighty, &four_thousand).await.good();
        // A line break of a browser's form is one character.
        merchant.notify(&id, "a", &format!("{}\r\n{}", "文".repeat(1_999), "文".repeat(2_000))).await.good();
        for (subject, body, begins) in [
            (format!("{eighty}件").as_str(), "b", "subject must be 1 to 80 characters, not 81"),
            ("a", format!("{four_thousand}文").as_str(), "body must be 1 to 4000 characters, not 4001"),
            ("", "b", "subject must be 1 to 80"),
            ("a", "", "body must be 1 to 4000"),
            ("a\nBcc: x@example.jp", "b", "subject must be one line"),
        ] {
            let message = merchant.notify(&id, subject, body).await.refused(400, INVALID, "invalid_parameter");
            assert!(message.starts_with(begins), "{message}");
        }
        for (subject, body, named) in [
            ("㈱お茶の店", "b", "subject has characters that Japanese mail cannot carry (機種依存文字): ㈱ (U+3231, NEC特殊文字), line 1, character 1."),
            ("a", "一行目\nｶﾅ①\n😀", "body has characters that Japanese mail cannot carry (機種依存文字): ｶ (U+FF76, 半角カナ), line 2, character 1; ﾅ (U+FF85, 半角カナ), line 2, character 2; ① (U+2460, NEC特殊文字), line 2, character 3; U+1F600 (JIS X 0208にない文字), line 3, character 1."),
            ("a", "\0", "body has characters that Japanese mail cannot carry (機種依存文字): U+0000 (制御文字), line 1, character 1."),
        ] {
            let message = merchant.notify(&id, subject, body).await.refused(400, INVALID, "invalid_character");
            assert_eq!(message, named);
        }
        for unknown in ["", "x", "%00", "1000000001-20261122-0000009999"] {
            merchant.notify(unknown, "a", "b").await.refused(400, INVALID, "resource_missing");
        }
        let list = merchant.notifications(&format!("charge={id}")).await.good();
        assert_eq!(list["total"], 2);
    })
    .await;
}

#[tokio::test]
async fn a_charge_has_thirty_mails_and_two_requests_do_not_make_it_more() {
    on_both(async |app| {
        let merchant = app.merchant();
        let (id, other) = (merchant.sell(&sale()).await, merchant.sell(&sale()).await);
        for number in 1..=28 {
            merchant.notify(&id, &format!("{number}"), "本文").await.good();
        }
        let same = || merchant.notify(&id, "競争", "本文");
        let replies = tokio::join!(same(), same(), same(), same());
        let mut said = [replies.0, replies.1, replies.2, replies.3].map(|reply| reply.status);
        said.sort_unstable();
        assert_eq!(said, [200, 200, 400, 400]);
        let message = merchant.notify(&id, "31", "本文").await.refused(400, INVALID, "too_many_notifications");
        assert!(message.contains("30"), "{message}");
        merchant.notify(&other, "a", "b").await.good();

        // Newest first, in pages.
        let list = merchant.notifications(&format!("charge={id}&limit=3&offset=1")).await.good();
        assert_eq!((&list["total"], subjects(&list)), (&json!(30), vec!["競争".into(), "28".into(), "27".into()]));
        let one = list["data"][2].clone();
        let found = merchant.notifications(&format!("charge={id}&id={}", one["id"].as_str().unwrap())).await.good();
        assert_eq!((&found["data"], &found["id"]), (&json!([one]), &one["id"]));
        let nothing =
            merchant.notifications(&format!("charge={other}&id={}", one["id"].as_str().unwrap())).await.good();
        assert_eq!((&nothing["data"], &nothing["total"]), (&json!([]), &json!(0)));
        assert_eq!(merchant.notifications("").await.good()["total"], 31);
        assert_eq!(merchant.notifications("charge=x&id=%00").await.good()["total"], 0);
        merchant.notifications("limit=0").await.refused(400, INVALID, "invalid_parameter");
    })
    .await;
}

#[tokio::test]
async fn mails_can_be_sent_for_180_days_and_read_for_365() {
    on_both(async |app| {
        let shop = app.new_shop(true).await;
        let merchant = shop.sandbox();
        let ordered = app.now(shop.id).await;
        let id = merchant.sell(&sale()).await;
        let sent_first = app.now(shop.id).await;
        merchant.notify(&id, "最初", "本文").await.good();
        app.run_jobs().await;
        let end = ordered.plus_micros(180 * DAY_MICROS);
        app.advance(shop.id, end).await;
        // A cancelled charge can still be written about: its window ended long before.
        merchant.notify(&id, "最後", "本文").await.good();
        app.advance(shop.id, end.plus_micros(1)).await;
        merchant.notify(&id, "遅い", "本文").await.refused(400, INVALID, "period_expired");

        let listed = async || subjects(&merchant.notifications(&format!("charge={id}")).await.good());
        app.advance(shop.id, sent_first.plus_micros(365 * DAY_MICROS)).await;
        assert_eq!(listed().await, ["最後", "最初"]);
        assert_eq!(app.mails(&merchant).await.len(), 2);
        app.advance(shop.id, sent_first.plus_micros(365 * DAY_MICROS + 1)).await;
        assert_eq!(listed().await, ["最後"]);
        let mails = app.mails(&merchant).await;
        assert_eq!(mails.len(), 1);
        // What cannot be read is not there any more.
        let first = move |tx: &mut store::Tx<'_>| testkit::notification_texts(tx, shop.id);
        let texts = app.store().read(first).await.expect("reading rows");
        assert_eq!(texts, [None, Some("最後".to_owned())]);
        app.advance(shop.id, end.plus_micros(365 * DAY_MICROS + 1)).await;
        assert_eq!(listed().await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn the_same_request_gets_the_first_answer_again() {
    on_both(async |app| {
        let merchant = app.merchant();
        let id = merchant.sell(&sale()).await;
        let keyed = merchant.keyed("mail-1");
        let first = keyed.notify(&id, "a", "b").await.good();
        assert_eq!(keyed.notify(&id, "a", "b").await.good(), first);
        keyed.notify(&id, "a", "c").await.refused(400, INVALID, "idempotency_key_reused");
        // A key of a capture is not free for a mail.
        merchant.keyed("capture-1").capture(&id).await.good();
        merchant.keyed("capture-1").notify(&id, "a", "b").await.refused(400, INVALID, "idempotency_key_reused");
        assert_eq!(merchant.notifications("").await.good()["total"], 1);

        let twice = merchant.keyed("mail-2");
        let replies = tokio::join!(twice.notify(&id, "x", "y"), twice.notify(&id, "x", "y"));
        assert_eq!(replies.0.good(), replies.1.good());

        // A refusal that depends on the state is kept; a malformed request is not.
        let late = merchant.keyed("mail-3");
        late.notify(&id, "①", "b").await.refused(400, INVALID, "invalid_character");
        app.turn_unattended(merchant.shop, app.now(merchant.shop).await.plus_micros(181 * DAY_MICROS)).await;
        let refused = late.notify(&id, "a", "b").await;
        refused.refused(400, INVALID, "period_expired");
        assert_eq!(late.notify(&id, "a", "b").await.text, refused.text);
    })
    .await;
}

#[tokio::test]
async fn shops_and_environments_do_not_see_each_others_mails() {
    on_both(async |app| {
        let (sandbox, test) = (app.merchant(), app.shop.merchant(Environment::Test));
        let other = app.new_shop(true).await.sandbox();
        let id = sandbox.sell(&sale()).await;
        let made = sandbox.notify(&id, "a", "b").await.good();
        for stranger in [&test, &other] {
            stranger.notify(&id, "a", "b").await.refused(400, INVALID, "resource_missing");
            let query = format!("charge={id}&id={}", made["id"].as_str().unwrap());
            assert_eq!(stranger.notifications(&query).await.good()["total"], 0);
            assert_eq!(stranger.notifications("").await.good()["total"], 0);
        }
        let tested = test.sell(&sale()).await;
        assert_eq!(test.notify(&tested, "a", "b").await.good()["charge"], tested);
        app.run_jobs().await;
        assert_eq!(
            (app.mails(&sandbox).await.len(), app.mails(&test).await.len(), app.mails(&other).await.len()),
            (1, 1, 0)
        );
    })
    .await;
}

#[tokio::test]
async fn who_asked_is_written_down_without_what_was_said() {
    on_both(async |app| {
        let merchant = app.merchant();
        let id = merchant.sell(&sale()).await;
        let before = app.audit_rows(&merchant, &id).await;
        merchant.notify(&id, "内緒の件名", "内緒の本文").await.good();
        merchant.notify(&id, "a", "").await;
        assert_eq!(app.audit_rows(&merchant, &id).await, before + 1);
    })
    .await;
}

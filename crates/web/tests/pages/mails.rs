//! お知らせメール: the editor, the confirmation, 通知メール履歴, and sending one again; and the switch of 自動メール.

use std::time::Duration;

use kernel::Environment;
use shop::Role;
use testkit::app::{on_both, on_both_with};
use testkit::http::Reply;
use testkit::smtp::{Asks, SmtpServer};
use testkit::{Merchant, Sale, Setup};

use crate::browser::{Browser, make_member, make_staff};
use crate::safety::assert_safe;
use crate::webhooks::{key, owner};

fn order(number: &str) -> String {
    format!("/dashboard/sandbox/orders/{number}")
}

/// Sells to somebody with an address.
async fn sell(merchant: &Merchant) -> String {
    merchant.sell(&Sale::of(1_000).buyer_named("楽天", "花子", "hanako@buyer.example")).await
}

/// The text between the tags of the element `id`, as it was before it was escaped.
fn text_of(page: &Reply, id: &str) -> String {
    let rest = page.text.split_once(&format!(r#"id="{id}">"#)).unwrap_or_else(|| panic!("no {id}: {}", page.text)).1;
    let text = rest.split("</pre>").next().unwrap();
    let text = text.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#39;", "'");
    text.replace("&#38;", "&")
}

/// Goes through the windows with these texts; the answer to 送信.
async fn send(browser: &mut Browser, number: &str, subject: &str, body: &str) -> Reply {
    let own = order(number);
    let editor = browser.get(&format!("{own}/mails/new")).await;
    assert_eq!(editor.status, 200, "{}", editor.text);
    let key = key(&editor);
    let fields = [("key", key.as_str()), ("subject", subject), ("body", body)];
    let preview = browser.submit(&editor, &format!("{own}/mails/preview"), &fields).await;
    assert_eq!(preview.status, 200, "{}", preview.text);
    browser.submit(&preview, &format!("{own}/mails"), &fields).await
}

#[tokio::test]
async fn the_editor_shows_the_opening_and_the_five_blocks() {
    on_both(async |app| {
        app.switch_mails_on(app.shop.id, "shop@example.jp").await;
        let merchant = app.merchant();
        let items = [("tea-1", "煎茶", 2, 400), ("tea-2", "①番茶", 1, 200)];
        let sold = merchant.sell(&Sale::items(&items).point(100)).await;
        let mut browser = owner(app).await;
        let path = format!("{}/mails/new", order(&sold));
        let editor = browser.get(&path).await;
        assert_safe(&path, &editor);
        for part in [
            "自動挿入文",
            "お客様氏名 様",
            "店 1をご利用いただき",
            "挿入項目を選択",
            "注文情報",
            "料金明細",
            "問い合わせ先",
            "支払い方法",
            "送付先情報",
            "お支払い:クレジットカード決済一括払い",
            "この注文には送付先情報がありません。",
            "送信内容の確認",
            "<output data-count=\"subject\">0</output> / 80",
            "<output data-count=\"body\">0</output> / 4000",
            "この注文にはあと30通送信できます。",
        ] {
            assert!(editor.text.contains(part), "{part}: {}", editor.text);
        }
        // Without script a block is put in by the server.
        let key = key(&editor);
        let insert = async |browser: &mut Browser, body: &str, block: &str| {
            let fields = [("key", key.as_str()), ("subject", "件名"), ("body", body), ("insert", block)];
            browser.submit(&editor, &format!("{}/mails/edit", order(&sold)), &fields).await
        };
        let amounts = insert(&mut browser, "こんにちは", "amounts").await;
        let expected = "こんにちは\n・煎茶 400円 × 2 = 800円\n・〓番茶 200円 × 1 = 200円\n合計金額:1,000円\n\
                        利用ポイント:100ポイント\nお支払い金額:900円\n</textarea>";
        assert!(amounts.text.contains(expected), "{}", amounts.text);
        assert!(amounts.text.contains(r#"value="件名""#));
        let payment = insert(&mut browser, "", "payment").await;
        assert!(payment.text.contains(">\nお支払い:クレジットカード決済一括払い\n</textarea>"), "{}", payment.text);
        let contact = insert(&mut browser, "", "contact").await;
        assert!(
            contact.text.contains(">\nお問い合わせ先:店 1\nメール:shop@example.jp\n</textarea>"),
            "{}",
            contact.text
        );
        let shipping = insert(&mut browser, "そのまま", "shipping").await;
        assert!(shipping.text.contains(">\nそのまま</textarea>"), "{}", shipping.text);
        let about = insert(&mut browser, "", "order").await;
        assert!(about.text.contains(&format!("注文番号:{sold}\n注文日時:2026年11月22日")), "{}", about.text);
    })
    .await;
}

#[tokio::test]
async fn the_shipping_address_can_be_inserted_where_there_is_one() {
    on_both(async |app| {
        let shop = app.new_shop(true).await;
        make_staff(app, shop.id, "ship@shop.example", false).await;
        let address = serde_json::json!({ "last_name": "楽天", "first_name": "花子", "address_zip": "1580094",
            "address_state": "東京都", "address_city": "世田谷区", "address_line": "玉川1-14-1", "tel": "0312345678" });
        let sold = shop.sandbox().sell(&Sale::of(500).with("address", address)).await;
        let mut browser = Browser::logged_in(app, "ship@shop.example").await;
        let editor = browser.get(&format!("{}/mails/new", order(&sold))).await;
        let expected = "送付先氏名:楽天 花子\n郵便番号:1580094\n住所:東京都世田谷区玉川1-14-1\n電話番号:0312345678";
        assert!(editor.text.contains(expected), "{}", editor.text);
        assert!(editor.text.contains("お問い合わせ先が登録されていません。"));
    })
    .await;
}

#[tokio::test]
async fn what_the_preview_shows_is_what_is_sent_byte_for_byte_and_once() {
    on_both(async |app| {
        app.switch_mails_on(app.shop.id, "shop@example.jp").await;
        let merchant = app.merchant();
        let sold = sell(&merchant).await;
        let mut browser = owner(app).await;
        let own = order(&sold);
        let editor = browser.get(&format!("{own}/mails/new")).await;
        let key = key(&editor);
        let body = "#CUSTOMER_NAME# 様のご注文 <1> & \"2\"\r\n\r\n本日発送しました。\r\n";
        let fields = [("key", key.as_str()), ("subject", "発送のお知らせ <重要>"), ("body", body)];
        let preview = browser.submit(&editor, &format!("{own}/mails/preview"), &fields).await;
        assert_safe("preview", &preview);
        assert_eq!(app.mails(&merchant).await.len(), 0, "nothing is sent yet");
        let shown = text_of(&preview, "preview");
        assert!(
            shown.starts_with(
                "楽天 花子 様\n\n店 1をご利用いただき、誠にありがとうございます。\n\n楽天 花子 様のご注文 <1>"
            ),
            "{shown}"
        );
        // The texts travel in hidden fields of the window.
        assert!(preview.text.contains("発送のお知らせ &#60;重要&#62;"));
        for _ in 0..2 {
            let sent = browser.submit(&preview, &format!("{own}/mails"), &fields).await;
            assert_eq!(
                (sent.status, sent.header("location")),
                (303, Some(format!("{own}?done=mail").as_str())),
                "{}",
                sent.text
            );
        }
        let waiting = browser.get(&format!("{own}?done=mail")).await;
        assert!(
            waiting.text.contains("お知らせメールの送信を受け付けました。") && waiting.text.contains("送信待ち"),
            "{}",
            waiting.text
        );
        app.run_jobs().await;
        let mails = app.mails(&merchant).await;
        assert_eq!(mails.len(), 1, "sent twice, written once");
        assert_eq!((mails[0].body.as_str(), mails[0].subject.as_str()), (shown.as_str(), "発送のお知らせ <重要>"));
        let page = browser.get(&own).await;
        assert!(
            page.text.contains("通知メール履歴") && page.text.contains("発送のお知らせ &#60;重要&#62;"),
            "{}",
            page.text
        );
        let letter = page
            .text
            .split(&format!(r#"<a href="{own}/mails/ntfn_"#) as &str)
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        let letter = browser.get(&format!("{own}/mails/ntfn_{letter}")).await;
        assert_safe("letter", &letter);
        assert!(letter.text.contains("本日発送しました。") && letter.text.contains("楽天 花子 様"), "{}", letter.text);
        assert_eq!(app.actions("notification.mail").await, 1);
    })
    .await;
}

#[tokio::test]
async fn texts_are_refused_beside_their_fields_with_the_places_of_characters() {
    on_both(async |app| {
        let merchant = app.merchant();
        let sold = sell(&merchant).await;
        let mut browser = owner(app).await;
        let own = order(&sold);
        let editor = browser.get(&format!("{own}/mails/new")).await;
        let key = key(&editor);
        let (long, longest) = ("い".repeat(4_001), "い".repeat(4_000));
        let (wide, widest) = ("あ".repeat(81), "あ".repeat(80));
        for (subject, body, says) in [
            ("", "本文", "件名を入力してください。"),
            ("件名", "", "自由記述欄を入力してください。"),
            (wide.as_str(), "本文", "件名は80文字までです。現在81文字です。"),
            ("件名", long.as_str(), "自由記述欄は4000文字までです。現在4001文字です。"),
            ("髙橋様へ", "本文", "機種依存文字はご利用いただけません: 1文字目「髙」"),
            ("件名", "一行目\r\n二①行目", "機種依存文字はご利用いただけません: 2行目2文字目「①」"),
            ("件名", "ｱ㈱", "1行目1文字目「ｱ」、1行目2文字目「㈱」"),
            ("件\r\n名", "本文", "件名に改行は使えません。"),
        ] {
            let fields = [("key", key.as_str()), ("subject", subject), ("body", body)];
            for action in ["preview", ""] {
                let action = format!("{own}/mails/{action}");
                let refused = browser.submit(&editor, action.trim_end_matches('/'), &fields).await;
                assert_eq!(refused.status, 400, "{says}");
                assert!(refused.text.contains(says), "{says}: {}", refused.text);
                assert!(refused.text.contains("入力内容をご確認ください。"), "{says}");
                assert!(refused.text.contains(&format!(">\n{body}</textarea>")), "{says}: the text is kept");
            }
        }
        // With script the same is said while somebody types.
        let fields = [("subject", "①"), ("body", "")];
        let said = browser.submit(&editor, &format!("{own}/mails/check"), &fields).await;
        assert_eq!(said.json()["subject"], "機種依存文字はご利用いただけません: 1文字目「①」");
        assert_eq!(said.json()["body"], "", "an empty text is not wrong yet");
        let fits = [("key", key.as_str()), ("subject", widest.as_str()), ("body", longest.as_str())];
        assert_eq!(browser.submit(&editor, &format!("{own}/mails/preview"), &fits).await.status, 200);
        app.run_jobs().await;
        assert_eq!(app.mails(&merchant).await.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn thirty_mails_until_180_days_after_the_order_and_the_reason_before_typing() {
    on_both(async |app| {
        let merchant = app.merchant();
        let (full, late) = (sell(&merchant).await, sell(&merchant).await);
        let ordered = app.now(app.shop.id).await;
        for number in 1..=29 {
            merchant.notify(&full, &format!("{number}通目"), "本文").await.good();
        }
        app.run_jobs().await;
        let mut browser = owner(app).await;
        assert!(browser.get(&format!("{}/mails/new", order(&full))).await.text.contains("あと1通送信できます。"));
        // The editor of the 31st was opened before the 30th was sent.
        let editor = browser.get(&format!("{}/mails/new", order(&full))).await;
        assert_eq!(send(&mut browser, &full, "30通目", "本文").await.status, 303);
        let reason = "一注文につき30通までのため、これ以上送信できません。";
        let key = key(&editor);
        let fields = [("key", key.as_str()), ("subject", "31通目"), ("body", "書いた本文")];
        for _ in 0..2 {
            let refused = browser.submit(&editor, &format!("{}/mails", order(&full)), &fields).await;
            assert!(refused.status == 400 && refused.text.contains(reason), "{}", refused.text);
            assert!(refused.text.contains("書いた本文"), "what was typed can still be copied");
        }
        let page = browser.get(&order(&full)).await;
        assert!(
            page.text.contains(reason) && page.text.contains("disabled aria-describedby=\"why-mail\""),
            "{}",
            page.text
        );
        let closed = browser.get(&format!("{}/mails/new", order(&full))).await;
        assert!(closed.text.contains(reason) && !closed.text.contains("<textarea"), "{}", closed.text);

        let end = ordered.plus_seconds(180 * 86_400);
        app.turn_unattended(app.shop.id, end.plus_seconds(-60)).await;
        assert_eq!(send(&mut browser, &late, "最後の一分", "本文").await.status, 303);
        app.turn_unattended(app.shop.id, end.plus_seconds(1)).await;
        let closed = browser.get(&format!("{}/mails/new", order(&late))).await;
        assert!(closed.text.contains("送信ができるのは注文日から180日までのため、送信できません。"), "{}", closed.text);
        app.settle().await;
    })
    .await;
}

#[tokio::test]
async fn mails_can_be_read_for_365_days() {
    on_both(async |app| {
        let merchant = app.merchant();
        let sold = sell(&merchant).await;
        let mut browser = owner(app).await;
        assert_eq!(send(&mut browser, &sold, "古いお知らせ", "古い本文").await.status, 303);
        let sent = app.now(app.shop.id).await;
        app.run_jobs().await;
        let own = order(&sold);
        let end = sent.plus_seconds(365 * 86_400);
        app.turn_unattended(app.shop.id, end.plus_seconds(-60)).await;
        let page = browser.get(&own).await;
        assert!(page.text.contains("古いお知らせ"), "{}", page.text);
        let beginning = format!(r#"<a href="{own}/mails/ntfn_"#);
        let id = page.text.split(beginning.as_str()).nth(1).unwrap().split('"').next().unwrap().to_owned();
        let letter = format!("{own}/mails/ntfn_{id}");
        assert!(browser.get(&letter).await.text.contains("古い本文"));
        app.turn_unattended(app.shop.id, end.plus_seconds(60)).await;
        assert!(!browser.get(&own).await.text.contains("古いお知らせ"));
        assert_eq!(browser.get(&letter).await.status, 404);
        app.settle().await;
    })
    .await;
}

#[tokio::test]
async fn a_mail_that_bounced_is_sent_again() {
    let server = SmtpServer::start(Asks::Nothing);
    let setup = Setup { carrier: server.carrier(Duration::from_secs(10)), ..Setup::default() };
    on_both_with(setup, async |app| {
        let merchant = app.merchant();
        let sold = merchant.sell(&Sale::of(1_000).buyer_named("楽天", "花子", "refused@example.jp")).await;
        let good = merchant.sell(&Sale::of(1_000).buyer_named("楽天", "花子", "taro@example.ne.jp")).await;
        let mut browser = owner(app).await;
        for number in [&sold, &good] {
            assert_eq!(send(&mut browser, number, "お知らせ", "本文").await.status, 303);
        }
        app.run_jobs().await;
        let letter_of = async |browser: &mut Browser, number: &str| {
            let page = browser.get(&order(number)).await;
            let beginning = format!(r#"<a href="{}/mails/ntfn_"#, order(number));
            let id = page.text.split(beginning.as_str()).nth(1).unwrap().split('"').next().unwrap().to_owned();
            (page, format!("{}/mails/ntfn_{id}", order(number)))
        };
        let (page, letter) = letter_of(&mut browser, &sold).await;
        assert!(page.text.contains("届きませんでした"), "{}", page.text);
        let window = browser.get(&letter).await;
        assert!(
            window.text.contains("メールサーバの応答") && window.text.contains("もう一度送信する"),
            "{}",
            window.text
        );
        let key = key(&window);
        for _ in 0..2 {
            let again = browser.submit(&window, &format!("{letter}/resend"), &[("key", &key)]).await;
            assert_eq!(
                again.header("location"),
                Some(format!("{}?done=mail-again", order(&sold)).as_str()),
                "{}",
                again.text
            );
        }
        assert_eq!(app.actions("mail.resend").await, 1);
        let page = browser.get(&order(&sold)).await;
        assert!(page.text.contains("送信待ち") && page.text.contains("メールの再送"), "{}", page.text);
        app.run_jobs().await;
        assert!(browser.get(&order(&sold)).await.text.contains("届きませんでした"), "it was refused again");
        let message = format!("{}-mb", letter.rsplit_once("ntfn_").unwrap().1);
        app.put_aside(app.shop.id, &message).await;

        let (_, sent) = letter_of(&mut browser, &good).await;
        let window = browser.get(&sent).await;
        assert!(!window.text.contains("もう一度送信する"), "{}", window.text);
        let again = browser.submit(&window, &format!("{sent}/resend"), &[("key", &"0b".repeat(32))]).await;
        assert!(again.status == 400 && again.text.contains("送信済みか送信待ち"), "{}", again.text);
    })
    .await;
}

#[tokio::test]
async fn mails_of_another_shop_are_not_there() {
    on_both(async |app| {
        let other = app.new_shop(false).await;
        let theirs = sell(&other.sandbox()).await;
        let noted = other.sandbox().notify(&theirs, "他店のお知らせ", "本文").await.good();
        let mail = noted["id"].as_str().unwrap().to_owned();
        app.run_jobs().await;
        let ours = sell(&app.merchant()).await;
        let mut browser = owner(app).await;
        let page = browser.get(&format!("{}/mails/new", order(&ours))).await;
        let key = "0a".repeat(32);
        let fields = [("key", key.as_str()), ("subject", "件名"), ("body", "本文")];
        for number in [theirs.as_str(), "x", "%00"] {
            let own = order(number);
            for path in ["mails/new".to_owned(), format!("mails/{mail}")] {
                assert_eq!(browser.get(&format!("{own}/{path}")).await.status, 404, "{own}/{path}");
            }
            for path in ["mails", "mails/edit", "mails/preview", "mails/check", &format!("mails/{mail}/resend")] {
                assert_eq!(browser.submit(&page, &format!("{own}/{path}"), &fields).await.status, 404, "{own}/{path}");
            }
        }
        for id in [mail.as_str(), "ntfn_x", "%00"] {
            assert_eq!(browser.get(&format!("{}/mails/{id}", order(&ours))).await.status, 404, "{id}");
            let again = browser.submit(&page, &format!("{}/mails/{id}/resend", order(&ours)), &fields).await;
            assert_eq!(again.status, 404, "{id}");
        }
        let live = app.shop.merchant(Environment::Test).sell(&Sale::of(100)).await;
        assert_eq!(browser.get(&format!("{}/mails/new", order(&live))).await.status, 404, "of the other side");
    })
    .await;
}

#[tokio::test]
async fn automatic_mails_are_switched_by_the_owner() {
    const AT: &str = "/dashboard/live/account/automatic-mails";
    on_both(async |app| {
        make_staff(app, app.shop.id, "owner@shop.example", false).await;
        make_member(app, app.shop.id, "orders@shop.example", &[Role::Orders]).await;
        let mut owner = Browser::logged_in(app, "owner@shop.example").await;
        let merchant = app.merchant();
        for (wanted, done, badge, mails) in [("yes", "on", "送信する", 1), ("no", "off", "送信しない", 0)] {
            let page = owner.get(AT).await;
            for _ in 0..2 {
                let done_at = format!("{AT}?done={done}");
                let switched = owner.submit(&page, AT, &[("wanted", wanted)]).await;
                assert_eq!(switched.header("location"), Some(&*done_at));
            }
            assert!(owner.get(AT).await.text.contains(&format!("{badge}</span>")));
            let charge = merchant.sell(&Sale::of(500)).await;
            merchant.capture(&charge).await.good();
            app.run_jobs().await;
            let told = app.mails(&merchant).await.into_iter().filter(|mail| mail.charge == charge).count();
            assert_eq!(told, mails, "{wanted}");
        }
        assert_eq!(app.actions("mail_settings.replace").await, 2, "sent twice, it is one change");
        let mut orders = Browser::logged_in(app, "orders@shop.example").await;
        let seen = orders.get(AT).await;
        assert!(seen.status == 200 && seen.text.contains("この操作は店舗管理者のみ行えます。"), "{}", seen.text);
        assert_eq!(orders.submit(&seen, AT, &[("wanted", "yes")]).await.status, 403);
    })
    .await;
}

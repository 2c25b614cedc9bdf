//! One order: every field, what is grey and why, 確定 and キャンセル, two members of the staff at once, outcomes that are
//! not known.

use kernel::{Environment, JstDate};
use serde_json::json;
use shop::Role;
use testkit::TestApp;
use testkit::app::on_both;
use testkit::http::Reply;
use testkit::merchant::Sale;

use crate::browser::{Browser, fields, make_member, make_staff};
use crate::safety::assert_safe;

const OWNER: &str = "owner@shop.example";
const ORDERS: &str = "/dashboard/sandbox/orders";

async fn owner(app: &TestApp) -> Browser {
    make_staff(app, app.shop.id, OWNER, false).await;
    Browser::logged_in(app, OWNER).await
}

/// Answers the window of `verb` with はい.
async fn yes(browser: &mut Browser, window: &Reply, number: &str, verb: &str) -> Reply {
    let action = format!("{ORDERS}/{number}/{verb}");
    let fields = fields(window, &action);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.submit(window, &action, &fields).await
}

async fn window(browser: &mut Browser, number: &str, verb: &str) -> Reply {
    browser.get(&format!("{ORDERS}/{number}/{verb}")).await
}

#[tokio::test]
async fn every_field_is_shown_and_shipping_only_where_there_is_one() {
    on_both(async |app| {
        let address = json!({
            "country": "JPN", "last_name": "楽天", "first_name": "花子", "last_name_kana": "ラクテン",
            "first_name_kana": "ハナコ", "address_zip": "1580094", "address_state": "東京都", "address_city": "世田谷区",
            "address_line": "玉川1-14-1", "tel": "0312345678",
        });
        let items = [("tea-01", "煎茶 <100g>", 2, 1_080), ("pot-1", "急須", 1, 3_000)];
        let sale = Sale::items(&items).with("cart_id", "cart-7").with("address", address).point(160);
        let number = app.merchant().sell(&sale).await;
        let plain = app.merchant().sell(&Sale::of(500).point(500)).await;
        let mut browser = owner(app).await;
        let path = format!("{ORDERS}/{number}?back=status%3Dcaptured");
        let page = browser.get(&path).await;
        assert_safe(&path, &page);
        let open_id = app.merchant().retrieve(&number).await.good()["open_id"].as_str().unwrap().to_owned();
        for shown in [
            number.as_str(),
            "2026-11-22 09:00:00",
            "仮売上",
            "cart-7",
            &open_id,
            "クレジットカード決済一括払い <b>5,000円</b>",
            "利用ポイント <b>160ポイント</b>",
            "tea-01",
            "煎茶 &#60;100g&#62;",
            "1,080円",
            "2,160円",
            "<b>5,160円</b>",
            "楽天 花子",
            "ラクテン ハナコ",
            "〒158-0094",
            "東京都世田谷区玉川1-14-1",
            "0312345678",
            "仮売上の期限は<span class=\"once\">2027年4月30日</span>です(<span class=\"once\">あと159日</span>)。それまでに確定しないと、自動的にキャンセルされます。",
            r#"href="/dashboard/sandbox/orders?status=captured">一覧に戻る"#,
        ] {
            assert!(page.text.contains(shown), "{shown}: {}", page.text);
        }
        let page = browser.get(&format!("{ORDERS}/{plain}")).await;
        assert!(!page.text.contains("送付先") && page.text.contains("全額ポイント払い"), "{}", page.text);

        app.merchant().capture(&number).await.good();
        let page = browser.get(&format!("{ORDERS}/{number}")).await;
        let until = "キャンセル・金額変更ができるのは<span class=\"once\">2026年12月31日</span>までです(<span class=\"once\">あと39日</span>)。";
        assert!(page.text.contains(until) && page.text.contains("実売上"), "{}", page.text);
        let mut english = browser.clone().saying("accept-language", "en");
        let page = english.get(&format!("{ORDERS}/{number}")).await;
        assert!(page.text.contains("It can be cancelled or changed until <span class=\"once\">2026-12-31</span> (<span class=\"once\">39 days left</span>)."), "{}", page.text);
    })
    .await;
}

#[tokio::test]
async fn the_windows_promise_only_the_mails_that_the_shop_wants() {
    on_both(async |app| {
        let number = app.merchant().sell(&Sale::of(1_000)).await;
        let mut browser = owner(app).await;
        let both = "購入者および店舗様へメールが送信されます";
        let told = [("capture", "店舗様にのみメールが送信されます"), ("cancel", both), ("change", both)];
        for is_wanted in [true, false] {
            let (shop, by) = (app.shop.id, app.by("tests"));
            let set = app.store().write(move |tx| pay::mail::automatic::set(tx, shop, is_wanted, &by)).await;
            set.expect("the setting");
            for (verb, mails) in told {
                let page = window(&mut browser, &number, verb).await;
                assert_eq!(page.text.contains(mails), is_wanted, "{verb}: {}", page.text);
                assert_eq!(page.text.contains("「送信しない」設定のため"), !is_wanted, "{verb}: {}", page.text);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn capture_and_cancel_ask_first_and_are_done_once() {
    on_both(async |app| {
        let merchant = app.merchant();
        let number = merchant.sell(&Sale::of(1_000)).await;
        let mut browser = owner(app).await;
        let asked = window(&mut browser, &number, "capture").await;
        assert_safe("capture", &asked);
        for said in ["この決済を確定します。よろしいですか?", ">はい</button>", ">いいえ</a>", "1,000円"]
        {
            assert!(asked.text.contains(said), "{said}: {}", asked.text);
        }
        assert_eq!(app.events(&merchant, &number).await, ["succeeded"], "asking does nothing");
        let done = format!("{ORDERS}/{number}?done=capture");
        for again in 0..3 {
            let reply = yes(&mut browser, &asked, &number, "capture").await;
            assert_eq!((reply.status, reply.header("location")), (303, Some(done.as_str())), "{again}: {}", reply.text);
        }
        let page = browser.get(&done).await;
        assert!(page.text.contains("確定処理が完了しました。決済ステータスは実売上です。"), "{}", page.text);
        assert_eq!(
            app.effects(&merchant, &number).await.to_string(),
            "ledger 1000 | acquirer captured 1000 | events succeeded captured"
        );

        let asked = window(&mut browser, &number, "cancel").await;
        assert!(asked.text.contains("キャンセル処理の取消はできません。"), "{}", asked.text);
        let two = (browser.clone(), browser.clone());
        let (mut one, mut other) = two;
        let at_once =
            tokio::join!(yes(&mut one, &asked, &number, "cancel"), yes(&mut other, &asked, &number, "cancel"));
        assert_eq!((at_once.0.status, at_once.1.status), (303, 303));
        let page = browser.get(&format!("{ORDERS}/{number}?done=cancel")).await;
        assert!(page.text.contains("キャンセル処理が完了しました。"), "{}", page.text);
        assert!(page.text.contains("キャンセル済みの決済です。"), "{}", page.text);
        assert_eq!(app.events(&merchant, &number).await, ["captured", "refunded", "succeeded"]);
        assert_eq!(app.audit_rows(&merchant, &number).await, 3);
    })
    .await;
}

#[tokio::test]
async fn what_somebody_else_did_meanwhile_stops_it_and_both_are_shown() {
    on_both(async |app| {
        let merchant = app.merchant();
        let number = merchant.sell(&Sale::of(1_000)).await;
        let mut browser = owner(app).await;
        make_member(app, app.shop.id, "orders@shop.example", &[Role::Orders]).await;
        let mut colleague = Browser::logged_in(app, "orders@shop.example").await;
        let seen = window(&mut browser, &number, "capture").await;
        merchant.change(&number, 700).await.good();
        let stopped = yes(&mut browser, &seen, &number, "capture").await;
        assert_eq!(stopped.status, 400);
        for said in ["ほかの担当者が変更しました。", "ご覧になっていた内容: 仮売上 1,000円", "現在の内容: 仮売上 700円"]
        {
            assert!(stopped.text.contains(said), "{said}: {}", stopped.text);
        }
        assert_eq!(app.events(&merchant, &number).await, ["succeeded", "updated"], "nothing was done");
        // The page that told of it knows the order as it is now.
        assert_eq!(yes(&mut browser, &stopped, &number, "capture").await.status, 303);

        let seen = window(&mut browser, &number, "cancel").await;
        let theirs = window(&mut colleague, &number, "cancel").await;
        assert_eq!(yes(&mut colleague, &theirs, &number, "cancel").await.status, 303);
        let stopped = yes(&mut browser, &seen, &number, "cancel").await;
        assert_eq!(stopped.status, 400);
        for said in ["現在の内容: キャンセル 700円", "操作できません: キャンセル済みです。"]
        {
            assert!(stopped.text.contains(said), "{said}: {}", stopped.text);
        }
        assert_eq!(app.events(&merchant, &number).await, ["captured", "refunded", "succeeded", "updated"]);
    })
    .await;
}

/// Expected by hand: the reason beside 確定, 金額変更 and キャンセル; empty where the button works.
#[tokio::test]
async fn what_cannot_be_done_is_grey_and_says_why() {
    const CAPTURED: &str = "すでに確定済みです。";
    const CANCELLED: &str = "キャンセル済みです。";
    const OVER: &str = "期限を過ぎています。";
    const CAPTURERS: &str = "権限がありません(店舗管理者・受注担当・出荷担当が行えます)。";
    const CHANGERS: &str = "権限がありません(店舗管理者・受注担当が行えます)。";
    let rows: &[(&str, &[Role], [&str; 3])] = &[
        ("authorized", &[Role::Owner], ["", "", ""]),
        ("authorized", &[Role::Orders], ["", "", ""]),
        ("authorized", &[Role::Shipping], ["", CHANGERS, CHANGERS]),
        ("authorized", &[Role::Accounting], [CAPTURERS, CHANGERS, CHANGERS]),
        ("authorized", &[Role::Developer], [CAPTURERS, CHANGERS, CHANGERS]),
        ("authorized", &[Role::Accounting, Role::Shipping], ["", CHANGERS, CHANGERS]),
        ("captured", &[Role::Owner], [CAPTURED, "", ""]),
        ("captured", &[Role::Orders], [CAPTURED, "", ""]),
        ("captured", &[Role::Shipping], [CAPTURED, CHANGERS, CHANGERS]),
        ("captured", &[Role::Accounting], [CAPTURED, CHANGERS, CHANGERS]),
        ("cancelled", &[Role::Owner], [CANCELLED, CANCELLED, CANCELLED]),
        ("cancelled", &[Role::Developer], [CANCELLED, CANCELLED, CANCELLED]),
        ("authorized, over", &[Role::Owner], [OVER, OVER, OVER]),
        ("captured, over", &[Role::Owner], [CAPTURED, OVER, OVER]),
        ("captured, over", &[Role::Shipping], [CAPTURED, OVER, OVER]),
    ];
    on_both(async |app| {
        let other = app.new_shop(false).await;
        for shop in [&app.shop, &other] {
            for (index, (_, roles, _)) in rows.iter().enumerate() {
                make_member(app, shop.id, &format!("r{index}@s{}.example", shop.id), roles).await;
            }
        }
        // The windows of the second shop are over: its clock stands at 2027-05-01.
        let mut numbers = std::collections::HashMap::new();
        for (shop, suffix) in [(&app.shop, ""), (&other, ", over")] {
            let merchant = shop.sandbox();
            let [authorized, captured, cancelled] = [
                merchant.sell(&Sale::of(500)).await,
                merchant.sell(&Sale::of(500)).await,
                merchant.sell(&Sale::of(500)).await,
            ];
            merchant.capture(&captured).await.good();
            merchant.cancel(&cancelled).await.good();
            numbers.insert(format!("authorized{suffix}"), authorized);
            numbers.insert(format!("captured{suffix}"), captured);
            numbers.insert(format!("cancelled{suffix}"), cancelled);
        }
        app.turn_unattended(other.id, JstDate::new(2027, 5, 1).unwrap().start()).await;
        for (index, (state, roles, expected)) in rows.iter().enumerate() {
            let shop = if state.ends_with("over") { other.id } else { app.shop.id };
            let mut browser = Browser::logged_in(app, &format!("r{index}@s{shop}.example")).await;
            let number = &numbers[*state];
            let page = browser.get(&format!("{ORDERS}/{number}")).await;
            for (verb, why) in ["capture", "change", "cancel"].iter().zip(expected) {
                let place = format!("{state} {roles:?} {verb}");
                let grey = format!(r#"id="why-{verb}">{why}</span>"#);
                let link = format!(r#"href="{ORDERS}/{number}/{verb}""#);
                assert_eq!(page.text.contains(&link), why.is_empty(), "{place}: {}", page.text);
                // That an order is cancelled is said once, for all of its buttons.
                let is_said = match *state {
                    "cancelled" => {
                        let buttons = page.text.matches(r#"<button type="button" disabled aria-describedby="until">"#);
                        buttons.count() == 3 && page.text.contains(r#"<p id="until">キャンセル済みの決済です。"#)
                    }
                    _ => page.text.contains(&grey),
                };
                assert!(why.is_empty() || is_said, "{place}: {}", page.text);
                // Whoever asks all the same is refused, and nothing happens.
                let asked = browser.get(&format!("{ORDERS}/{number}/{verb}")).await;
                let expected =
                    if why.starts_with("権限") || (roles[0] != Role::Owner && !may(roles, verb)) { 403 } else { 200 };
                assert_eq!(asked.status, expected, "{place}");
            }
        }
        app.run_jobs().await;
    })
    .await;
}

/// The table of rights for the three verbs, by hand.
fn may(roles: &[Role], verb: &str) -> bool {
    roles.iter().any(|role| match role {
        Role::Owner | Role::Orders => true,
        Role::Shipping => verb == "capture",
        Role::Accounting | Role::Developer => false,
    })
}

#[tokio::test]
async fn a_post_that_a_grey_button_would_have_kept_back_does_nothing() {
    on_both(async |app| {
        let merchant = app.merchant();
        let number = merchant.sell(&Sale::of(1_000)).await;
        let mut browser = owner(app).await;
        let asked = window(&mut browser, &number, "capture").await;
        let mut shown = asked.clone();
        merchant.cancel(&number).await.good();
        // Seen as it is now, but cancelled.
        shown.text = shown.text.replace(r#"name="seen" value="1""#, r#"name="seen" value="2""#);
        let refused = yes(&mut browser, &shown, &number, "capture").await;
        assert_eq!(refused.status, 400);
        assert!(refused.text.contains("すでにキャンセル済みのため、操作できません。"), "{}", refused.text);
        // The kept answer to the same submission.
        let again = yes(&mut browser, &shown, &number, "capture").await;
        assert!(again.text.contains("すでにキャンセル済みのため、操作できません。"), "{}", again.text);
        make_member(app, app.shop.id, "shipping@shop.example", &[Role::Shipping]).await;
        let other = merchant.sell(&Sale::of(1_000)).await;
        let mut shipping = Browser::logged_in(app, "shipping@shop.example").await;
        let page = shipping.get(ORDERS).await;
        let key = "0a".repeat(32);
        for verb in ["cancel", "change"] {
            let fields = [("key", key.as_str()), ("seen", "1"), ("act", "change")];
            let reply = shipping.submit(&page, &format!("{ORDERS}/{other}/{verb}"), &fields).await;
            assert_eq!(reply.status, 403, "{verb}");
        }
        for wrong in [&[][..], &[("key", "x"), ("seen", "1")], &[("key", key.as_str()), ("seen", "-1")]] {
            let reply = browser.submit(&asked, &format!("{ORDERS}/{other}/capture"), wrong).await;
            assert_eq!(reply.status, 400, "{wrong:?}");
        }
        assert_eq!(app.events(&merchant, &other).await, ["succeeded"]);
        assert_eq!(app.events(&merchant, &number).await, ["refunded", "succeeded"]);
    })
    .await;
}

#[tokio::test]
async fn what_the_card_company_refuses_is_told() {
    on_both(async |app| {
        let merchant = app.merchant();
        let number = merchant.sell(&Sale::of(1_000).card("capture_refused")).await;
        let mut browser = owner(app).await;
        let asked = window(&mut browser, &number, "capture").await;
        let refused = yes(&mut browser, &asked, &number, "capture").await;
        assert_eq!(refused.status, 402, "{}", refused.text);
        assert!(refused.text.contains("受け付けませんでした。"), "{}", refused.text);
        let page = browser.get(&format!("{ORDERS}/{number}?done=capture")).await;
        assert!(page.text.contains("確定は行われませんでした。"), "{}", page.text);
        assert!(page.text.contains("仮売上"), "{}", page.text);
    })
    .await;
}

#[tokio::test]
async fn an_outcome_that_is_not_known_is_said_to_be_and_found_on_reload() {
    on_both(async |app| {
        let merchant = app.merchant();
        for (card, events) in [("capture_answer_lost", 2), ("capture_request_lost", 2)] {
            let number = merchant.sell(&Sale::of(1_000).card(card)).await;
            make_staff(app, app.shop.id, &format!("{card}@shop.example"), false).await;
            let mut browser = Browser::logged_in(app, &format!("{card}@shop.example")).await;
            let asked = window(&mut browser, &number, "capture").await;
            let reply = yes(&mut browser, &asked, &number, "capture").await;
            let page = browser.get(reply.header("location").expect("on to the order")).await;
            assert!(page.text.contains("確定の結果を確認中です。"), "{}", page.text);
            assert!(
                page.text.contains("ほかの操作の結果を確認中です。") && page.text.contains("再読み込み"),
                "{}",
                page.text
            );
            // Another submission meanwhile changes nothing.
            let again = yes(&mut browser, &asked, &number, "capture").await;
            assert_eq!(again.status, 303);
            app.wait(60);
            let page = browser.get(&format!("{ORDERS}/{number}?done=capture")).await;
            assert!(page.text.contains("確定処理が完了しました。"), "{}", page.text);
            assert_eq!(app.events(&merchant, &number).await.len(), events);
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_moves_money_in_live_without_a_provider() {
    on_both(async |app| {
        let number = app.shop.merchant(Environment::Test).sell(&Sale::of(900)).await;
        let mut browser = owner(app).await;
        let path = format!("/dashboard/live/orders/{number}/capture");
        let asked = browser.get(&path).await;
        let fields = fields(&asked, &path);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let done = browser.submit(&asked, &path, &fields).await;
        let location = format!("/dashboard/live/orders/{number}?done=capture");
        assert_eq!((done.status, done.header("location")), (303, Some(location.as_str())));
        assert!(browser.get(&location).await.text.contains("実売上"));
    })
    .await;
}

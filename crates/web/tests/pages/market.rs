//! The marketplace for people: orders and what their buyers do, licences and functions as seed 001 shows them, 処理設定, the
//! clock.

use mall::code::{Carrier, Reason};
use mall::licence::Functions;
use mall::market::{Undone, rows};
use mall::order::{Day, Parcel};
use mall::progress::{Edit, Event};
use mall::scenario::{Scenario, arrives};
use serde_json::json;
use shop::Role;
use store::Tx;
use testkit::http::Reply;
use testkit::{TestApp, on_both};

use crate::browser::{Browser, fields, make_member, make_staff, open_live, plain};
use crate::safety::assert_safe;

const OWNER: &str = "owner@shop.example";
const MALL: &str = "/dashboard/sandbox/mall";

/// The owner of the first shop, which is on the mall.
async fn owner(app: &TestApp) -> Browser {
    app.open_on_mall(app.shop.id, 123_456, Functions::none()).await;
    make_staff(app, app.shop.id, OWNER, false).await;
    Browser::logged_in(app, OWNER).await
}

/// An order of a scenario: its number.
async fn place(app: &TestApp, name: &str) -> String {
    let (shop, by, scenario) = (app.shop.id, app.by("buyer"), Scenario::named(name).expect("a scenario"));
    let place = move |tx: &mut Tx<'_>| arrives(tx, shop, (scenario, &serde_json::Map::new()), &by);
    app.store().write(place).await.expect("an order").number.to_string()
}

async fn confirm(app: &TestApp, number: &str) {
    let (shop, by, number) = (app.shop.id, app.by("tests"), number.parse().expect("a number"));
    let confirm = move |tx: &mut Tx<'_>| {
        mall::market::act(tx, shop, number, &by, |_| Ok::<_, Undone>(Event::Confirm)).map(|_| ())
    };
    app.store().write(confirm).await.expect("confirming");
    let soon = app.now(shop).await.plus_seconds(2);
    app.advance(shop, soon).await;
}

/// The cells of the first row of the list that has `part` in it.
fn row<'a>(page: &'a Reply, part: &str) -> &'a str {
    let found = page.text.split("<tr").find(|row| row.contains(part));
    found.unwrap_or_else(|| panic!("no row with {part} in {}", page.text))
}

#[tokio::test]
async fn orders_are_listed_thirty_a_page_and_found_by_status_method_and_number() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        let empty = browser.get(MALL).await;
        assert!(empty.text.contains("まだ注文がありません"), "{}", empty.text);
        let card = place(app, "card_ok").await;
        confirm(app, &card).await;
        let mut last = String::new();
        for _ in 0..30 {
            app.wait(60);
            last = place(app, "prepaid_never_paid").await;
        }
        let first = browser.get(MALL).await;
        assert_safe(MALL, &first);
        assert!(first.text.contains("31件") && first.text.contains("1 / 2 ページ"), "{}", first.text);
        assert!(first.text.contains(&last) && !first.text.contains(&card), "newest first");
        let second = browser.get(&format!("{MALL}?page=2")).await;
        let shown = row(&second, &card);
        assert!(shown.contains("発送待ち") && shown.contains("クレジットカード"), "{shown}");
        for (query, holds) in [
            ("status=300", true),
            ("status=100", false),
            ("method=1", true),
            ("method=9", false),
            (format!("number={card}").as_str(), true),
            (format!("number={last}").as_str(), false),
            (format!("number={card}&status=100").as_str(), false),
        ] {
            let found = browser.get(&format!("{MALL}?{query}")).await;
            assert_eq!(found.text.contains(&format!("/orders/{card}")), holds, "{query}");
        }
        let none = browser.get(&format!("{MALL}?number=123456-20200101-0000000001")).await;
        assert!(none.text.contains("該当する注文がありません"));
        let wrong = browser.get(&format!("{MALL}?number=1")).await;
        assert!(wrong.status == 400 && wrong.text.contains("aria-invalid"), "{}", wrong.text);
    })
    .await;
}

#[tokio::test]
async fn an_order_shows_all_of_it_and_its_buyer_acts_once() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        let number = place(app, "prepaid_never_paid").await;
        confirm(app, &number).await;
        let own = format!("{MALL}/orders/{number}");
        let page = browser.get(&own).await;
        assert_safe(&own, &page);
        let text = plain(&page.text);
        for part in [
            "楽天処理中",
            "銀行振込",
            "入金がなければ自動キャンセル",
            "お支払いのご案内",
            "支払期限",
            "注文確認",
            "送付先 1",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        // What cannot be done is named, in one line.
        assert_eq!(text.matches("現在のステータスではできない操作: ").count(), 1, "{text}");

        let pay = format!("{own}/pay");
        let window = browser.get(&pay).await;
        let filled = fields(&window, &pay);
        let filled: Vec<(&str, &str)> = filled.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(filled.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["left", "amount"]);
        for wrong in ["", "0", "-1", "x", "100000000"] {
            let refused = browser.submit(&window, &pay, &[("amount", wrong)]).await;
            assert!(refused.status == 400 && refused.text.contains("数字で入力してください"), "{wrong}");
        }
        let paid = browser.submit(&window, &pay, &filled).await;
        assert_eq!((paid.status, paid.header("location")), (303, Some(format!("{own}?done=pay").as_str())));
        let checked = browser.get(&format!("{own}?done=pay")).await;
        assert!(
            checked.text.contains("入金を登録しました。") && checked.text.contains("楽天確認中"),
            "{}",
            checked.text
        );
        // The mall's check takes a moment.
        let soon = app.now(app.shop.id).await.plus_seconds(2);
        app.advance(app.shop.id, soon).await;
        let page = browser.get(&own).await;
        assert!(page.text.contains("発送待ち") && !page.text.contains("楽天確認中"), "{}", page.text);
        // Sent again there is nothing left to pay: nothing happens.
        let again = browser.submit(&window, &pay, &filled).await;
        assert_eq!(again.status, 303, "{}", again.text);
        assert_eq!(app.actions("mall.deposited").await, 1);
        assert_eq!(browser.get(&format!("{MALL}/orders/123456-20200101-0000000001")).await.status, 404);
        assert_eq!(browser.get(&format!("{own}/sing")).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn buyers_cancel_change_the_way_of_paying_and_are_refused_in_words() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        let number = place(app, "card_ok").await;
        let own = format!("{MALL}/orders/{number}");
        let window = browser.get(&format!("{own}/cancel")).await;
        let done = browser.submit(&window, &format!("{own}/cancel"), &[]).await;
        assert_eq!(done.status, 303);
        let page = browser.get(&own).await;
        assert!(page.text.contains("キャンセル確定"), "{}", page.text);

        let refused = place(app, "card_refused").await;
        confirm(app, &refused).await;
        let own = format!("{MALL}/orders/{refused}");
        let page = browser.get(&own).await;
        assert!(
            page.text.contains("決済手続きがNGになりました") && page.text.contains("購入者の対応が必要です"),
            "{}",
            page.text
        );
        let change = format!("{own}/change_method");
        let window = browser.get(&change).await;
        let none = browser.submit(&window, &change, &[]).await;
        assert!(none.status == 400 && none.text.contains("支払方法を選んでください"), "{}", none.text);
        let changed = browser.submit(&window, &change, &[("method", "card")]).await;
        assert_eq!(changed.status, 303, "{}", changed.text);
        let soon = app.now(app.shop.id).await.plus_seconds(2);
        app.advance(app.shop.id, soon).await;
        let page = browser.get(&own).await;
        assert!(page.text.contains("発送待ち"), "{}", page.text);
        let late = browser.get(&format!("{own}/enter_recipient")).await;
        assert!(late.text.contains("操作できません"), "{}", late.text);
        let posted = browser.submit(&window, &format!("{own}/enter_recipient"), &[]).await;
        assert!([303, 409].contains(&posted.status), "{}", posted.status);
    })
    .await;
}

#[tokio::test]
async fn what_was_given_up_is_said_and_asked_again_by_a_person() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        let number = place(app, "card_ok").await;
        let own = format!("{MALL}/orders/{number}");
        let (shop, by, of) = (app.shop.id, app.by("tests"), number.parse().expect("a number"));
        let give_up = format!("UPDATE outbox SET state = 'failed' WHERE lane = '{number}'");
        let write = move |tx: &mut Tx<'_>| {
            mall::market::act(tx, shop, of, &by, |_| Ok::<_, Undone>(Event::Confirm))?;
            tx.execute(&give_up, &[]).map_err(Undone::Store)
        };
        assert_eq!(app.store().write(write).await, Ok(1));
        let page = browser.get(&own).await;
        assert!(page.text.contains("1件、回答を得られないまま打ち切られています"), "{}", page.text);
        assert!(!page.text.contains("まもなく回答があります"));
        let again = format!("{own}/ask_again");
        let done = browser.submit(&page, &again, &[]).await;
        assert_eq!((done.status, done.header("location")), (303, Some(format!("{own}?done=ask_again").as_str())));
        let page = browser.get(&format!("{own}?done=ask_again")).await;
        assert!(page.text.contains("もう一度依頼しました") && !page.text.contains("打ち切られています"));
        app.run_jobs().await;
        let soon = app.now(app.shop.id).await.plus_seconds(10);
        app.advance(app.shop.id, soon).await;
        let page = browser.get(&own).await;
        assert!(page.text.contains("発送待ち"), "{}", page.text);
        // Sent again there is nothing to ask.
        assert_eq!(browser.submit(&page, &again, &[]).await.status, 303);
        assert_eq!(app.actions("mall.ask_again").await, 1);
        let nobody = format!("{MALL}/orders/123456-20200101-0000000001/ask_again");
        assert_eq!(browser.submit(&page, &nobody, &[]).await.status, 404);
    })
    .await;
}

/// The company of a deferred payment refuses to bill less: the page says so, and a person has it asked for again.
#[tokio::test]
async fn a_refund_that_was_refused_is_said_and_asked_for_again_by_a_person() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        let shop = app.shop.id;
        let facts = json!({ "script": { "billings": ["yes", "no", "yes"] } });
        let placing = app.by("buyer");
        let place = move |tx: &mut Tx<'_>| {
            let facts = facts.as_object().expect("members");
            arrives(tx, shop, (Scenario::DeferredOk, facts), &placing).map(|order| order.number)
        };
        let number = app.store().write(place).await.expect("an order");
        confirm(app, &number.to_string()).await;
        let shipping = app.by("tests");
        let ship = move |tx: &mut Tx<'_>| {
            mall::market::act(tx, shop, number, &shipping, |seen| {
                let (mut order, date) = (seen.order.clone(), Some(Day(seen.now.jst_date())));
                let parcel = Parcel { id: 90, number: Some("1234".into()), carrier: Some(Carrier::Yamato), date };
                order.packages.iter_mut().for_each(|package| package.parcels.push(parcel.clone()));
                Ok::<_, Undone>(Event::ShippingChanged { order: Box::new(order) })
            })
            .map(|_| ())
        };
        app.store().write(ship).await.expect("shipping");
        app.advance(shop, app.now(shop).await.plus_seconds(90_000)).await;
        let lowering = app.by("tests");
        let less = move |tx: &mut Tx<'_>| {
            mall::market::act(tx, shop, number, &lowering, |seen| {
                let mut order = seen.order.clone();
                order.packages[0].items[0].price -= 100;
                let edit = Edit { order, reason: Some(Reason::CustomerReturn), method: None };
                Ok::<_, Undone>(Event::Edited(Box::new(edit)))
            })
            .map(|_| ())
        };
        app.store().write(less).await.expect("a lower amount");
        app.advance(shop, app.now(shop).await.plus_seconds(60)).await;

        let own = format!("{MALL}/orders/{number}");
        let page = browser.get(&own).await;
        assert!(page.text.contains("返金が相手先に断られました"), "{}", page.text);
        let done = browser.submit(&page, &format!("{own}/ask_again"), &[]).await;
        assert_eq!((done.status, done.header("location")), (303, Some(format!("{own}?done=ask_again").as_str())));
        app.advance(shop, app.now(shop).await.plus_seconds(60)).await;
        let page = browser.get(&own).await;
        assert!(!page.text.contains("返金が相手先に断られました"), "{}", page.text);
        assert_eq!(app.actions("mall.refund_again").await, 1);
    })
    .await;
}

/// Seed 001 "API の利用設定": 全て選択, 確認する, 登録する; 過去の利用情報 of the key before.
#[tokio::test]
async fn functions_are_chosen_checked_and_registered_and_an_older_key_keeps_its_own() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        let path = format!("{MALL}/licences");
        let page = browser.get(&path).await;
        assert_safe(&path, &page);
        for part in [
            "serviceSecret",
            "licenseKey",
            "有効期限",
            "利用中",
            "2027/02/20",
            "過去の利用情報はありません",
            "利用機能一覧",
        ] {
            assert!(page.text.contains(part), "{part}: {}", page.text);
        }
        assert!(!page.text.contains("SL123456_"), "values are shown only on demand");

        let edit = format!("{MALL}/functions");
        let all = browser.get(&format!("{edit}?select=all")).await;
        assert_eq!(all.text.matches(" checked").count(), 18, "全て選択");
        let fields = [("use.rpay.order.getOrder", "on"), ("use.rpay.order.searchOrder", "on"), ("use.no.such", "on")];
        let check = browser.submit(&all, &edit, &fields).await;
        assert_eq!(check.status, 200);
        assert!(check.text.contains("利用する") && check.text.matches("name=\"use.").count() == 2, "{}", check.text);
        let unchanged = browser.get(&edit).await;
        assert!(!unchanged.text.contains(" checked"), "確認する changes nothing");
        let registered = browser.submit(&check, &format!("{edit}/register"), &fields).await;
        assert_eq!(registered.header("location"), Some(format!("{path}?done=registered").as_str()));
        let page = browser.get(&format!("{path}?done=registered")).await;
        assert!(page.text.contains("利用可能な機能が登録されました。"), "{}", page.text);
        assert!(row(&page, "rpay.order.getOrder").contains("利用中"));
        assert!(row(&page, "rpay.order.getPayment").contains("未利用"));

        let renew = format!("{path}/renew");
        let window = browser.get(&renew).await;
        assert_eq!(browser.submit(&window, &renew, &[]).await.status, 303);
        let page = browser.get(&path).await;
        let past = page.text.split("過去の利用情報").nth(1).expect("older keys");
        assert!(past.contains("rpay.order.searchOrder rpay.order.getOrder"), "{past}");
        let id = crate::browser::hidden(&page, "licence");
        let asked = browser.submit(&page, &format!("{path}/reveal"), &[("licence", &id)]).await;
        assert_eq!((asked.status, app.actions("mall.licence.reveal").await), (303, 0));
        assert!(asked.header("location").is_some_and(|to| to.contains("/account/confirm?to=")));
        assert_eq!(crate::two_step::confirm(&mut browser, "").await.status, 303);
        let shown = browser.submit(&page, &format!("{path}/reveal"), &[("licence", &id)]).await;
        assert!(shown.text.contains("SL123456_") && shown.text.contains("SP123456_"), "{}", shown.text);
        assert_eq!(app.actions("mall.licence.reveal").await, 1);
        let unknown = browser.submit(&page, &format!("{path}/reveal"), &[("licence", "lic_0")]).await;
        assert_eq!(unknown.status, 404);
    })
    .await;
}

/// Seed 001 "注文確認設定": nothing is set at first, and says so; unset counts as manual.
#[tokio::test]
async fn the_confirmation_mode_is_unset_at_first_and_saved_with_an_audit_row() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        let path = format!("{MALL}/settings");
        let unset = browser.get(&path).await;
        assert_safe(&path, &unset);
        assert!(
            unset.text.contains("※現在、下記の項目は未設定です。最下部の「保存」ボタンを押して反映させてください。")
        );
        assert!(!unset.text.contains(" checked"), "{}", unset.text);
        let none = browser.submit(&unset, &path, &[]).await;
        assert!(none.status == 400 && none.text.contains("自動注文確認を選択してください"), "{}", none.text);
        let waits = place(app, "card_ok").await;
        let saved = browser.submit(&unset, &path, &[("confirmation", "automatic"), ("mail.on", "on")]).await;
        assert_eq!(saved.status, 303);
        let set = browser.get(&format!("{path}?done=saved")).await;
        assert!(set.text.contains("保存しました。") && !set.text.contains("未設定です"), "{}", set.text);
        let known = app.told(&format!("/api/shops/{}/mall/settings", app.shop.id)).await;
        assert_eq!((&known["confirmation"], &known["trackable_mail"]), (&"automatic".into(), &true.into()));
        assert_eq!(app.actions("mall.setting").await, 1);
        browser.submit(&unset, &path, &[("confirmation", "automatic"), ("mail.on", "on")]).await;
        assert_eq!(app.actions("mall.setting").await, 1, "what is set is not set again");
        let goes = place(app, "card_ok").await;
        let list = browser.get(MALL).await;
        assert!(
            row(&list, &waits).contains("注文確認待ち") && row(&list, &goes).contains("楽天処理中"),
            "{}",
            list.text
        );
    })
    .await;
}

#[tokio::test]
async fn the_clock_is_turned_and_does_what_is_due() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        let number = place(app, "card_ok").await;
        let path = format!("{MALL}/clock");
        let page = browser.get(&path).await;
        assert_safe(&path, &page);
        for (by, unit) in [("0", "days"), ("3651", "days"), ("x", "days"), ("1", "years")] {
            let wrong = browser.submit(&page, &path, &[("by", by), ("unit", unit)]).await;
            assert!(wrong.status == 400 && wrong.text.contains("3,650日以内"), "{by} {unit}");
        }
        let before = app.now(app.shop.id).await;
        let filled = fields(&page, &path);
        let from = filled.iter().find(|(name, _)| name == "from").expect("where it stood").1.as_str();
        let turn = [("from", from), ("by", "15"), ("unit", "days")];
        let turned = browser.submit(&page, &path, &turn).await;
        assert_eq!(turned.status, 303, "{}", turned.text);
        assert_eq!(app.now(app.shop.id).await, before.plus_seconds(15 * 86_400));
        // The same form sent again turns nothing more.
        assert_eq!(browser.submit(&page, &path, &turn).await.status, 303);
        assert_eq!(app.now(app.shop.id).await, before.plus_seconds(15 * 86_400));
        // Not confirmed within 14 days: cancelled (seed 002).
        let order = browser.get(&format!("{MALL}/orders/{number}")).await;
        assert!(order.text.contains("キャンセル確定"), "{}", order.text);
        assert_eq!(app.actions("clock.advance").await, 1);
    })
    .await;
}

#[tokio::test]
async fn there_is_a_marketplace_for_shops_that_are_on_it_in_the_sandbox_and_words_in_english() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let mut browser = Browser::logged_in(app, OWNER).await;
        assert!(browser.get(MALL).await.text.contains("この店舗はモールに出店していません"));
        app.open_on_mall(app.shop.id, 123_456, Functions::none()).await;
        open_live(app, app.shop.id).await;
        let live = browser.get("/dashboard/live/mall").await;
        assert!(live.status == 200 && live.text.contains("モールはSandbox環境にあります"), "{}", live.text);
        assert_eq!(browser.get("/dashboard/live/mall/clock").await.status, 404);
        let number = place(app, "coupons_and_points").await;
        make_member(app, app.shop.id, "shipping@shop.example", &[Role::Shipping]).await;
        let mut shipping = Browser::logged_in(app, "shipping@shop.example").await;
        let order = shipping.get(&format!("{MALL}/orders/{number}")).await;
        assert!(order.status == 200 && !order.text.contains("購入者の操作"), "only who may acts for the buyer");
        assert_eq!(shipping.get(&format!("{MALL}/licences")).await.status, 403);
        let settings = shipping.get(&format!("{MALL}/settings")).await;
        assert!(
            settings.text.contains("変更する権限がありません") && !settings.text.contains("<button>保存"),
            "{}",
            settings.text
        );
        let english = Browser::logged_in(app, OWNER).await;
        let mut english = english.saying("accept-language", "en");
        let order = english.get(&format!("{MALL}/orders/{number}")).await;
        for part in ["To be confirmed", "What happens next", "Cancelled unless the shop confirms", "Coupons"] {
            assert!(order.text.contains(part), "{part}: {}", order.text);
        }
    })
    .await;
}

/// Seed 003: R-Card Plus until the shop switches over, and its menu gone afterwards.
#[tokio::test]
async fn r_card_plus_is_there_until_the_shop_switches_over() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        let path = format!("{MALL}/rcard");
        assert_eq!(browser.get(&path).await.status, 404, "not on the old model");
        let shop = app.shop.id;
        let by = app.by("tests");
        let place = move |tx: &mut Tx<'_>| {
            let mut known = rows::shop_of(tx, shop)?.expect("a shop of the mall");
            known.model = mall::market::Model::Rcard;
            tx.execute_all(&[rows::save_shop(&known)])?;
            let card = mall::rcard::orders::Card {
                token: "visa".into(),
                brand: "VISA".into(),
                last4: "1111".into(),
                expires: "2029/03".into(),
                owner: "TARO RAKUTEN".into(),
            };
            let amount = kernel::Yen::new(1_080).expect("yen");
            let placed = mall::rcard::orders::place(tx, shop, amount, card, &by);
            Ok::<_, store::StoreError>(placed.expect("an order").number.to_string())
        };
        let number = app.store().write(place).await.expect("an order");
        let list = browser.get(MALL).await;
        assert!(list.text.contains(">R-Card<"), "the section is there: {}", list.text);
        let page = browser.get(&path).await;
        assert_safe(&path, &page);
        assert!(row(&page, &number).contains("未オーソリ") && page.text.contains("R-Card Plus"), "{}", page.text);
        let plus = format!("{path}/plus");
        for (act, after) in [("authorize", "オーソリ済"), ("sing", ""), ("authorize", "オーソリ済")] {
            browser.submit(&page, &plus, &[("order", &number), ("act", act)]).await;
            let page = browser.get(&path).await;
            assert!(row(&page, &number).contains(if after.is_empty() { "オーソリ済" } else { after }), "{}", page.text);
        }
        let cancel = format!("{path}/{number}/cancel");
        let window = browser.get(&cancel).await;
        assert_safe(&cancel, &window);
        assert!(window.text.contains("この注文の決済を取り消します。よろしいですか?"), "{}", window.text);
        let cancelled = browser.submit(&window, &plus, &[("order", &number), ("act", "cancel")]).await;
        assert_eq!(cancelled.header("location"), Some(format!("{path}?done=released").as_str()));
        let page = browser.get(&format!("{path}?done=released")).await;
        assert!(page.text.contains("オーソリを取り消しました。") && !page.text.contains(&cancel), "{}", page.text);
        let again = browser.get(&cancel).await;
        assert!(again.text.contains("この操作はできません。"), "{}", again.text);
        browser.submit(&page, &plus, &[("order", &number), ("act", "authorize")]).await;
        let held = browser.get(&path).await;
        assert!(held.text.contains("「オーソリ済」の注文が1件あるため"), "{}", held.text);
        let switch = format!("{path}/switch");
        assert_eq!(browser.submit(&page, &switch, &[("user", "tempostar")]).await.status, 409);
        assert_eq!(browser.submit(&page, &plus, &[("order", &number), ("act", "claim")]).await.status, 303);
        let wrong = browser.submit(&page, &switch, &[("user", "店")]).await;
        assert!(wrong.status == 400 && wrong.text.contains("ユーザIDを確認してください"), "{}", wrong.text);
        assert_eq!(browser.submit(&page, &switch, &[("user", "tempostar")]).await.status, 303);
        assert_eq!(browser.submit(&page, &switch, &[("user", "tempostar")]).await.status, 303, "twice is once");
        assert_eq!(app.actions("mall.rcard.switch_over").await, 1);
        let after = browser.get(&path).await;
        assert!(
            after.text.contains("R-Card Plusはご利用いただけません") && row(&after, &number).contains("未オーソリ")
        );
        assert!(!after.text.contains(&plus), "its menu is gone: {}", after.text);
        assert_eq!(browser.submit(&after, &plus, &[("order", &number), ("act", "cancel")]).await.status, 409);
        assert_eq!(browser.submit(&after, &format!("{path}/reveal"), &[]).await.status, 303, "the password first");
        assert_eq!(crate::two_step::confirm(&mut browser, "").await.status, 303);
        let key = browser.submit(&after, &format!("{path}/reveal"), &[]).await;
        assert!(key.status == 200 && key.text.contains("認証キー") && key.text.contains("shop-123456"), "{}", key.text);
        assert_eq!(app.actions("mall.rcard.reveal").await, 1);
    })
    .await;
}

//! 注文管理, the list: search, sorting, さらに読み込む while orders arrive, saved searches, CSV.

use http_body_util::BodyExt as _;
use kernel::Environment;
use pay::orders::csv::{Chunks, Encoding, Export};
use pay::orders::{Column, Search, Sort};
use shop::Role;
use testkit::TestApp;
use testkit::app::on_both;
use testkit::fill::{Shape, Target, fill};
use testkit::http::Reply;
use testkit::merchant::Sale;

use crate::browser::{Browser, fields, make_member, make_staff, plain};
use crate::safety::assert_safe;

const OWNER: &str = "owner@shop.example";
const LIST: &str = "/dashboard/sandbox/orders";

/// The order numbers of a list, in its order.
fn listed(page: &Reply) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.text);
    let rows = page.text.split("<tr data-row").skip(1);
    rows.map(|row| row.split("/orders/").nth(1).unwrap().split(['"', '?']).next().unwrap().to_owned()).collect()
}

/// The address that さらに読み込む has in the attribute `name`.
fn more(page: &Reply, name: &str) -> Option<String> {
    let link = page.text.split("<a ").find(|link| link.contains("data-more="))?;
    Some(plain(link.split(&format!("{name}=\"")).nth(1)?.split('"').next()?))
}

async fn owner(app: &TestApp) -> Browser {
    make_staff(app, app.shop.id, OWNER, false).await;
    Browser::logged_in(app, OWNER).await
}

/// Sells orders of these totals, oldest first.
async fn sell(app: &TestApp, totals: impl IntoIterator<Item = i64>) -> Vec<String> {
    let mut sold = Vec::new();
    for total in totals {
        sold.push(app.merchant().sell(&Sale::of(total)).await);
    }
    sold
}

#[tokio::test]
async fn an_empty_list_says_what_comes_next_and_an_empty_search_something_else() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        let page = browser.get(LIST).await;
        assert_safe(LIST, &page);
        assert!(page.text.contains("まだ注文がありません") && page.text.contains("<b>0件</b>"), "{}", page.text);
        let page = browser.get(&format!("{LIST}?status=captured")).await;
        assert!(page.text.contains("条件に合う注文はありません"), "{}", page.text);
        assert!(!page.text.contains("環境</label>"), "Sandbox has one environment");
    })
    .await;
}

#[tokio::test]
async fn orders_are_found_by_each_field_of_the_search() {
    on_both(async |app| {
        let merchant = app.merchant();
        let first_day = sell(app, [1_000, 2_000, 3_000]).await;
        merchant.capture(&first_day[0]).await.good();
        merchant.cancel(&first_day[1]).await.good();
        // 2026-11-22 09:00 JST and fifteen hours: the first instant of the next day.
        let midnight = app.now(app.shop.id).await.plus_seconds(15 * 3_600);
        app.advance(app.shop.id, midnight.plus_micros(-1)).await;
        let late = sell(app, [4_000]).await;
        app.advance(app.shop.id, midnight).await;
        let next_day = sell(app, [5_000]).await;
        let mut browser = owner(app).await;
        let mut find = async |query: &str| listed(&browser.get(&format!("{LIST}?{query}")).await);

        let newest_first = [&next_day[0], &late[0], &first_day[2], &first_day[1], &first_day[0]];
        assert_eq!(find("").await, newest_first.map(String::clone));
        assert_eq!(find(&format!("number={}", first_day[1])).await, [first_day[1].clone()]);
        assert_eq!(find(&format!("number={}&status=captured", first_day[1])).await, [""; 0]);
        assert_eq!(find(&format!("number={}&from=2026-11-23", first_day[1])).await, [""; 0]);
        assert_eq!(find("from=2026-11-23").await, next_day);
        assert_eq!(find("from=2026-11-22&to=2026-11-22").await.len(), 4);
        assert_eq!(find("to=2026-11-21").await, [""; 0]);
        assert_eq!(find("status=captured").await, [first_day[0].clone()]);
        assert_eq!(find("captured=1&cancelled=1").await, [first_day[1].clone(), first_day[0].clone()]);
        assert_eq!(find("authorized=1&from=2026-11-23").await, next_day);
        assert_eq!(find("number=0000000000-20261122-0000000001").await, [""; 0]);

        let page = browser.get(&format!("{LIST}?captured=1&cancelled=1&to=2026-11-22")).await;
        assert!(page.text.contains("<b>2件</b>"), "{}", page.text);
        for kept in [r#"name="captured" value="1" checked"#, r#"name="cancelled" value="1" checked"#, "2026-11-22"] {
            assert!(page.text.contains(kept), "{kept}: {}", page.text);
        }
        assert!(page.text.contains("2026-11-22 09:00:00") && page.text.contains("1,000円"), "{}", page.text);
    })
    .await;
}

#[tokio::test]
async fn wrong_input_is_named_and_everything_typed_is_kept() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        let query = "number=%3Cb%3E12&from=2026-02-31&to=2026-11-22&captured=1&sort=amount";
        let page = browser.get(&format!("{LIST}?{query}")).await;
        assert_eq!(page.status, 400);
        assert_safe(query, &page);
        for said in
            ["次の項目をご確認ください: 注文番号 / 注文日(開始)", "全桁を「1234567890-20261122-0000000042」の形で"]
        {
            assert!(page.text.contains(said), "{said}: {}", page.text);
        }
        let typed = fields(&page, LIST);
        for (name, value) in
            [("number", "<b>12"), ("from", "2026-02-31"), ("to", "2026-11-22"), ("captured", "1"), ("sort", "amount")]
        {
            assert!(typed.contains(&(name.to_owned(), value.to_owned())), "{name}: {typed:?}");
        }
        assert!(page.text.contains(r#"id="from" name="from" type="text""#), "what is no day is still to be seen");
        for wrong in ["to=x", "from=2026-11-23&to=2026-11-22", "status=paid", "sort=name", "environment=moon"] {
            assert_eq!(browser.get(&format!("{LIST}?{wrong}")).await.status, 400, "{wrong}");
        }
        for odd in ["after=x", "top=%00", "count=-1", "count=99999", "number=+", "%zz", "removed=%00", "saved=ov_x"] {
            assert_eq!(browser.get(&format!("{LIST}?{odd}")).await.status, 200, "{odd}");
        }
    })
    .await;
}

#[tokio::test]
async fn ten_more_are_the_right_ones_while_orders_arrive() {
    on_both(async |app| {
        let mut sold = sell(app, 1_001..=1_025).await;
        sold.reverse();
        let mut browser = owner(app).await;
        let first = browser.get(LIST).await;
        assert_eq!(listed(&first), sold[..10]);
        assert!(first.text.contains("<b>25件</b>"));
        let newer = sell(app, [9_001, 9_002, 9_003]).await;

        let second = browser.get(&more(&first, "data-more").unwrap()).await;
        assert_eq!(listed(&second), sold[10..20]);
        let third = browser.get(&more(&second, "data-more").unwrap()).await;
        assert_eq!(listed(&third), sold[20..]);
        assert_eq!(more(&third, "data-more"), None);

        // Without a script: the same beginning, ten lines more.
        let link = more(&first, "href").unwrap();
        assert!(link.ends_with("#line-11"), "{link}");
        let twenty = browser.get(link.split('#').next().unwrap()).await;
        assert_eq!(listed(&twenty), sold[..20]);
        let thirty = browser.get(more(&twenty, "href").unwrap().split('#').next().unwrap()).await;
        assert_eq!(listed(&thirty), sold);
        assert_eq!(listed(&browser.get(LIST).await)[..3], [newer[2].clone(), newer[1].clone(), newer[0].clone()]);
    })
    .await;
}

#[tokio::test]
async fn the_list_is_sorted_by_each_column_and_pages_follow() {
    on_both(async |app| {
        // Totals that repeat, so that equal ones have an order too.
        let totals: Vec<i64> = (0..23).map(|n| 1_000 + 100 * (n % 7)).collect();
        let sold = sell(app, totals.clone()).await;
        for (index, number) in sold.iter().enumerate() {
            match index % 4 {
                1 => drop(app.merchant().capture(number).await.good()),
                2 => drop(app.merchant().cancel(number).await.good()),
                _ => {}
            }
        }
        let rank = |index: usize| [0, 1, 2, 0][index % 4];
        let mut browser = owner(app).await;
        let mut all = async |query: &str| {
            let (mut page, mut found) = (browser.get(&format!("{LIST}?{query}")).await, Vec::new());
            loop {
                found.extend(listed(&page));
                let Some(next) = more(&page, "data-more") else { break found };
                page = browser.get(&next).await;
            }
        };
        let mut expected: Vec<usize> = (0..sold.len()).collect();
        let numbers = |order: &[usize]| order.iter().map(|index| sold[*index].clone()).collect::<Vec<_>>();
        assert_eq!(all("sort=date").await, numbers(&expected));
        expected.sort_by_key(|index| (totals[*index], *index));
        assert_eq!(all("sort=amount").await, numbers(&expected));
        assert_eq!(all("sort=amount&from=2026-11-22&to=2026-11-22").await, numbers(&expected));
        expected.reverse();
        assert_eq!(all("sort=-amount").await, numbers(&expected));
        let provisional: Vec<usize> = expected.iter().copied().filter(|index| rank(*index) == 0).collect();
        assert_eq!(all("sort=-amount&status=authorized").await, numbers(&provisional));
        assert_eq!(all("sort=-amount&status=authorized&to=2026-11-22").await, numbers(&provisional));
        expected.sort_by_key(|index| (rank(*index), std::cmp::Reverse(*index)));
        assert_eq!(all("sort=status").await, numbers(&expected));
        expected.sort_by_key(|index| (std::cmp::Reverse(rank(*index)), std::cmp::Reverse(*index)));
        assert_eq!(all("sort=-status").await, numbers(&expected));

        // Of many orders, the index of amounts is walked; it leads to the same ones.
        let shop = app.shop.id;
        let walked = app.store().read(move |tx| {
            use pay::orders::{Search, Start, rows};
            let search = "sort=-amount&status=authorized,cancelled&from=2026-11-22&to=2026-11-22";
            let search = Search::of(&pay::http::form::Form::parse(search.as_bytes()).unwrap()).unwrap();
            let many = rows::Counts::of(
                search.all_states().into_iter().map(|state| (Environment::Sandbox, state, i64::MAX)).collect(),
            );
            let counted = rows::counts(tx, shop, &[Environment::Sandbox], &search)?;
            let mut both = Vec::new();
            for counts in [many, counted] {
                let found = rows::lines(tx, shop, &[Environment::Sandbox], &search, &Start::First, 100, &counts)?;
                both.push(found);
            }
            Ok::<_, store::StoreError>(both)
        });
        let walked = walked.await.unwrap();
        assert_eq!(walked[0], walked[1]);
        assert_eq!(walked[0].len(), (0..sold.len()).filter(|index| rank(*index) != 1).count());

        let page = browser.get(&format!("{LIST}?sort=-amount")).await;
        assert!(page.text.contains(r#"aria-sort="descending""#) && page.text.contains("sort=amount"), "{}", page.text);
    })
    .await;
}

#[tokio::test]
async fn live_shows_both_keys_and_tells_them_apart() {
    on_both(async |app| {
        let test = app.shop.merchant(Environment::Test);
        let number = test.sell(&Sale::of(1_200)).await;
        app.merchant().sell(&Sale::of(1_300)).await;
        let mut browser = owner(app).await;
        let page = browser.get("/dashboard/live/orders").await;
        assert_eq!(listed(&page), std::slice::from_ref(&number));
        assert!(page.text.contains("テスト用認証キー</td>"), "{}", page.text);
        assert_eq!(
            listed(&browser.get("/dashboard/live/orders?environment=test&sort=status").await),
            std::slice::from_ref(&number)
        );
        assert_eq!(listed(&browser.get("/dashboard/live/orders?environment=live").await), [""; 0]);
        let one = browser.get(&format!("/dashboard/live/orders/{number}")).await;
        assert!(one.status == 200 && one.text.contains("テスト用認証キー"), "{}", one.text);
        assert_eq!(browser.get(&format!("/dashboard/sandbox/orders/{number}")).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn orders_of_another_shop_are_not_there() {
    on_both(async |app| {
        let other = app.new_shop(false).await;
        let theirs = other.sandbox().sell(&Sale::of(1_000)).await;
        let mut browser = owner(app).await;
        assert_eq!(listed(&browser.get(LIST).await), [""; 0]);
        assert_eq!(listed(&browser.get(&format!("{LIST}?number={theirs}")).await), [""; 0]);
        let page = browser.get(LIST).await;
        for path in ["", "/capture", "/cancel", "/change"] {
            let path = format!("{LIST}/{theirs}{path}");
            assert_eq!(browser.get(&path).await.status, 404, "{path}");
        }
        let key = "0a".repeat(32);
        for verb in ["capture", "cancel", "change"] {
            let fields = [("key", key.as_str()), ("seen", "1"), ("act", "change")];
            let reply = browser.submit(&page, &format!("{LIST}/{theirs}/{verb}"), &fields).await;
            assert_eq!(reply.status, 404, "{verb}");
        }
        for nothing in ["x", "%00", "1234567890-20261122-0000000042"] {
            assert_eq!(browser.get(&format!("{LIST}/{nothing}")).await.status, 404, "{nothing}");
        }
        assert_eq!(app.events(&other.sandbox(), &theirs).await, ["succeeded"]);
    })
    .await;
}

#[tokio::test]
async fn the_export_is_the_whole_search_in_both_encodings() {
    on_both(async |app| {
        let merchant = app.merchant();
        let mut sold = Vec::new();
        for (total, cart) in [(1_000, "=1+1"), (2_000, "髙①🍵"), (3_000, "a,\"b\"")] {
            sold.push(merchant.sell(&Sale::of(total).with("cart_id", cart).point(100)).await);
        }
        merchant.capture(&sold[1]).await.good();
        let mut browser = owner(app).await;
        let reply = browser.get("/dashboard/sandbox/orders.csv?encoding=utf-8").await;
        assert_eq!(reply.header("content-type"), Some("text/csv; charset=utf-8"));
        let name = "attachment; filename=\"orders-sandbox-2026-11-22.csv\"";
        assert_eq!(reply.header("content-disposition"), Some(name));
        let expected = format!(
            "\u{FEFF}注文番号,注文日時,決済ステータス,注文金額,利用ポイント,Cart ID\r\n\
             {},2026-11-22 09:00:00,仮売上,3000,100,\"a,\"\"b\"\"\"\r\n\
             {},2026-11-22 09:00:00,実売上,2000,100,髙①🍵\r\n\
             {},2026-11-22 09:00:00,仮売上,1000,100,'=1+1\r\n",
            sold[2], sold[1], sold[0]
        );
        assert_eq!(reply.text, expected);

        let reply = browser.get("/dashboard/sandbox/orders.csv?encoding=shift_jis&status=captured").await;
        assert_eq!(reply.header("content-type"), Some("text/csv; charset=shift_jis"));
        let line = [
            sold[1].as_bytes(),
            b",2026-11-22 09:00:00,",
            // 実売上
            &[0x8E, 0xC0, 0x94, 0x84, 0x8F, 0xE3],
            b",2000,100,",
            // 髙 (IBM), ① (NEC), 〓
            &[0xFB, 0xFC, 0x87, 0x40, 0x81, 0xAC],
            b",U+1F375\r\n",
        ]
        .concat();
        assert!(reply.bytes.ends_with(&line), "{:?}", reply.bytes);
        assert!(reply.bytes.starts_with(&[0x92, 0x8D, 0x95, 0xB6, 0x94, 0xD4, 0x8D, 0x86, b',']), "注文番号");
        assert_eq!(reply.bytes.iter().filter(|byte| **byte == b'\n').count(), 2);

        assert_eq!(browser.get("/dashboard/sandbox/orders.csv?encoding=utf-16").await.status, 404);
        let wrong = browser.get("/dashboard/sandbox/orders.csv?encoding=utf-8&from=x").await;
        assert_eq!((wrong.status, wrong.header("location").is_some()), (303, true));
        make_member(app, app.shop.id, "shipping@shop.example", &[Role::Shipping]).await;
        let mut shipping = Browser::logged_in(app, "shipping@shop.example").await;
        assert_eq!(shipping.get("/dashboard/sandbox/orders.csv?encoding=utf-8").await.status, 403);
        let page = shipping.get(LIST).await;
        assert!(page.text.contains("権限がありません(店舗管理者・受注担当・経理担当が行えます)"), "{}", page.text);
    })
    .await;
}

#[tokio::test]
async fn an_export_of_many_pages_has_each_order_once() {
    on_both(async |app| {
        let mut sold = filled(app, 1_050).await;
        sold.reverse();
        let mut browser = owner(app).await;
        let mut numbers = async |query: &str| {
            let reply = browser.get(&format!("/dashboard/sandbox/orders.csv?encoding=utf-8&{query}")).await;
            let lines = reply.text.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned());
            lines.collect::<Vec<_>>()
        };
        assert_eq!(numbers("").await, sold);
        let mut by_amount = numbers("sort=-amount&to=2026-11-22").await;
        by_amount.sort();
        sold.sort();
        assert_eq!(by_amount, sold);
    })
    .await;
}

#[tokio::test]
async fn searches_are_saved_for_oneself_or_everybody_and_deleting_can_be_undone() {
    on_both(async |app| {
        let mut owner = owner(app).await;
        make_member(app, app.shop.id, "orders@shop.example", &[Role::Orders]).await;
        let mut other = Browser::logged_in(app, "orders@shop.example").await;
        let search = "status=authorized&sort=date";
        let page = owner.get(&format!("{LIST}?{search}")).await;
        let save = format!("{LIST}/views");
        let typed = fields(&page, &save);
        assert!(typed.contains(&("search".to_owned(), search.to_owned())), "{typed:?}");
        let named = |name: &'static str| [("search", search), ("name", name)];
        for name in ["未確定", "未確定"] {
            let saved = owner.submit(&page, &save, &named(name)).await;
            assert_eq!(saved.status, 303, "twice is once: {}", saved.text);
            let page = owner.get(saved.header("location").unwrap()).await;
            assert!(page.text.contains("検索「未確定」を保存しました。"), "{}", page.text);
            assert_eq!(page.text.matches(r#"class="orders-view""#).count(), 1);
        }
        owner.submit(&page, &save, &[named("みんなの<b>").as_slice(), &[("shared", "1")]].concat()).await;
        let views = |page: &Reply| page.text.matches(r#"class="orders-view""#).count();
        assert_eq!((views(&owner.get(LIST).await), views(&other.get(LIST).await)), (2, 1));
        assert!(other.get(LIST).await.text.contains("みんなの&#60;b&#62;"));

        for wrong in ["", " ", &"あ".repeat(61)] {
            let refused = owner.submit(&page, &save, &[("search", search), ("name", wrong)]).await;
            assert_eq!(refused.status, 400);
            assert!(refused.text.contains("名前を1~60文字で入力してください。"), "{}", refused.text);
            assert!(refused.text.contains(&format!(r#"name="name" value="{}""#, wrong)), "{}", refused.text);
        }
        // What somebody else keeps for themselves is not there.
        let page = owner.get(LIST).await;
        let beginning = format!(r#"action="{LIST}/views/"#);
        let links = page.text.split(&beginning).skip(1);
        let ids: Vec<String> = links.map(|link| link.split('/').next().unwrap().to_owned()).collect();
        let others = other.get(LIST).await;
        let own = ids.iter().find(|id| !others.text.contains(id.as_str())).unwrap();
        assert_eq!(other.submit(&others, &format!("{LIST}/views/{own}/remove"), &[]).await.status, 404);

        let removed = owner.submit(&page, &format!("{LIST}/views/{own}/remove"), &[("search", search)]).await;
        assert_eq!(removed.status, 303, "{}", removed.text);
        let page = owner.get(removed.header("location").unwrap()).await;
        assert!(page.text.contains("保存した検索「未確定」を削除しました。"), "{}", page.text);
        assert_eq!(views(&page), 1);
        assert_eq!(owner.submit(&page, &format!("{LIST}/views/{own}/remove"), &[]).await.status, 303, "again");
        let restored = owner.submit(&page, &format!("{LIST}/views/{own}/restore"), &[("search", search)]).await;
        assert_eq!(views(&owner.get(restored.header("location").unwrap()).await), 2);
        assert_eq!(owner.submit(&page, &format!("{LIST}/views/{own}/restore"), &[]).await.status, 303, "again");
        for nothing in ["x", "%00", "ov_00000000000000000000000000000000"] {
            assert_eq!(owner.submit(&page, &format!("{LIST}/views/{nothing}/remove"), &[]).await.status, 404);
        }
        assert_eq!(app.actions("order_view.remove").await, 1);
    })
    .await;
}

/// So many orders made at once, all 仮売上 and of the same instant; their numbers, the oldest first.
async fn filled(app: &TestApp, orders: u64) -> Vec<String> {
    let (gateway, simulator) = (app.wired.gateway.clone(), app.wired.simulator.clone());
    let target = Target { gateway, simulator, shop: app.shop.id };
    let numbers = fill(&target, orders, Shape::JustOrdered).await.expect("filling");
    numbers.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn an_export_shows_the_orders_as_they_were_when_it_began() {
    on_both(async |app| {
        // So many that most of them are not read while nobody takes the file.
        let sold = filled(app, 2_600).await;
        let search = Search { sort: Sort { column: Column::Date, descending: false }, ..Search::default() };
        let export = || Export {
            shop: app.shop.id,
            environments: vec![Environment::Sandbox],
            search: search.clone(),
            encoding: Encoding::Utf8,
        };
        let mut file = export().body(&app.wired.gateway);
        let mut text = next(&mut file).await.expect("the names of the columns");
        let merchant = app.merchant();
        merchant.capture(sold.last().unwrap()).await.good();
        let new = merchant.sell(&Sale::of(1_000)).await;
        while let Some(more) = next(&mut file).await {
            text.push_str(&more);
        }
        assert_eq!(text.lines().count(), 2_601);
        assert!(!text.contains("実売上") && !text.contains(&new));
        let (mut file, mut text) = (export().body(&app.wired.gateway), String::new());
        while let Some(more) = next(&mut file).await {
            text.push_str(&more);
        }
        assert_eq!((text.lines().count(), text.matches("実売上").count()), (2_602, 1));
        assert!(text.contains(&new));
    })
    .await;
}

/// The next part of a file.
async fn next(file: &mut Chunks) -> Option<String> {
    let bytes = file.frame().await?.expect("a part of the file").into_data().expect("bytes");
    Some(String::from_utf8(bytes.to_vec()).expect("UTF-8"))
}

#[tokio::test]
async fn a_view_saved_twice_at_once_is_one() {
    on_both(async |app| {
        let browser = owner(app).await;
        let page = browser.clone().get(LIST).await;
        let save = async |search: &str| {
            let fields = [("name", "未確定"), ("search", search)];
            browser.clone().submit(&page, &format!("{LIST}/views"), &fields).await
        };
        for _ in 0..5 {
            let (one, other) = tokio::join!(save("status=authorized"), save("status=captured"));
            assert_eq!((one.status, other.status), (303, 303), "{} {}", one.text, other.text);
        }
        let list = browser.clone().get(LIST).await;
        assert_eq!(list.text.matches(">未確定</a>").count(), 1, "{}", list.text);
    })
    .await;
}

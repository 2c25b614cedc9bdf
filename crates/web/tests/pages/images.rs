//! イメージライブラリ: pictures of approved brands only, tags that fit their addresses, and signed buttons.

use acquirer::Brand;
use kernel::Environment;
use pay::charge::Item;
use pay::checkout::security_code::{BrandGroup, Setting, rows};
use pay::checkout::signature::{self, Signed};
use store::StoreError;
use testkit::http::{Reply, Request};
use testkit::{TestApp, on_both};

use crate::browser::{Browser, make_staff};
use crate::safety::assert_safe;

const OWNER: &str = "owner@shop.example";
const LIVE: &str = "/dashboard/live/images";
const SANDBOX: &str = "/dashboard/sandbox/images";

async fn owner(app: &TestApp) -> Browser {
    make_staff(app, app.shop.id, OWNER, false).await;
    Browser::logged_in(app, OWNER).await
}

async fn approve(app: &TestApp, group: BrandGroup, approved: bool) {
    let shop = app.shop.id;
    let setting = Setting { approved, ..Setting::USUAL };
    let write = move |tx: &mut store::Tx<'_>| tx.execute_all(&[rows::save(shop, group, setting)]);
    app.store().write::<_, StoreError, _>(write).await.expect("writing a setting");
}

/// The text of a page as a person reads it: entities undone.
fn plain(reply: &Reply) -> String {
    let pairs = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    pairs.iter().fold(reply.text.clone(), |text, (entity, character)| text.replace(entity, character))
}

#[tokio::test]
async fn live_shows_marks_of_exactly_the_approved_brands() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        approve(app, BrandGroup::JcbAmex, false).await;
        let page = browser.get(LIVE).await;
        assert_safe(LIVE, &page);
        let text = plain(&page);
        let base = testkit::app::BASE_URL;
        let tag = format!(
            "<img src=\"{base}/s/images/cards-visa-mastercard-diners.svg\" alt=\"ご利用いただけるカード: Visa、Mastercard、Diners Club\" width=\"268\" height=\"52\">"
        );
        assert!(text.contains(&tag), "{text}");
        for brand in Brand::ALL {
            let approved = !matches!(brand, Brand::Jcb | Brand::Amex);
            assert_eq!(text.contains(&format!("/s/images/cards-{brand}.svg", brand = brand.as_str())), approved);
        }
        assert!(text.contains("/s/images/logo-dark.svg") && text.contains("サービスロゴ"), "{text}");
        for group in BrandGroup::ALL {
            approve(app, group, false).await;
        }
        let none = browser.get(LIVE).await;
        assert!(none.text.contains("ご利用いただけるカードブランドがまだありません") && !none.text.contains("cards-"));
        // In Sandbox there is only the builder, and where the pictures are.
        let sandbox = browser.get(SANDBOX).await;
        assert_safe(SANDBOX, &sandbox);
        assert!(sandbox.text.contains("Live環境でご利用いただけます") && !sandbox.text.contains("/s/images/"));
    })
    .await;
}

#[tokio::test]
async fn pictures_are_for_every_site_and_kept() {
    on_both(async |app| {
        for file in ["cards-visa.svg", "cards-visa-jcb.svg", "logo-light.svg", "logo-dark.svg", "banner.svg"] {
            let path = format!("/s/images/{file}");
            let picture = app.http.send(&Request::get(path.clone())).await;
            assert_eq!((picture.status, picture.header("content-type")), (200, Some("image/svg+xml")), "{file}");
            assert_eq!(picture.header("cross-origin-resource-policy"), Some("cross-origin"), "{file}");
            assert!(picture.header("cache-control").is_some_and(|caching| caching.starts_with("public, max-age=")));
            let tag = picture.header("etag").expect("a tag").to_owned();
            let again = app.http.send(&Request::get(path).header("if-none-match", tag)).await;
            assert_eq!((again.status, again.text.as_str()), (304, ""));
        }
        assert_eq!(app.http.send(&Request::get("/s/images/cards-jcb-visa.svg")).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn a_button_is_signed_with_the_key_of_its_environment() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        for (path, environment) in
            [(SANDBOX, Environment::Sandbox), (LIVE, Environment::Live), (LIVE, Environment::Test)]
        {
            let page = browser.get(path).await;
            let fields = [
                ("environment", environment.as_str()),
                ("item_id_1", "tea-01"),
                ("item_name_1", "煎茶 \"特選\""),
                ("item_unit_price_1", "１,080"),
                ("item_quantity_1", "3"),
                ("cart_id", "cart-1"),
                ("image", "2"),
                ("callback", "shop.paid"),
                ("do", "build"),
            ];
            let made = browser.submit(&page, path, &fields).await;
            assert_eq!(made.status, 200, "{}", made.text);
            assert_safe(path, &made);
            let merchant = app.shop.merchant(environment);
            let items =
                [Item { id: "tea-01".into(), name: "煎茶 \"特選\"".into(), quantity: 3, unit_price: 1_080 }];
            let public_key = app.shop.public_key(environment);
            let signed = Signed { public_key, items: &items, cart_id: Some("cart-1") };
            let expected = signature::sign(&signed, &merchant.private_key);
            let text = plain(&made);
            assert!(text.contains(&format!("data-sig=\"{expected}\"")), "{text}");
            assert!(text.contains("3,240円") && text.contains("data-item-name-1=\"煎茶 &quot;特選&quot;\""), "{text}");
            assert!(!made.text.contains("_private_"), "the private key stays on the server");
            // It is tried where that moves no money.
            assert_eq!(text.contains("choba.tried"), environment != Environment::Live);
            assert_eq!(text.contains("この画面では試せません"), environment == Environment::Live);
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        let page = browser.get(SANDBOX).await;
        let wrong = [
            ("item_id_1", "tea;01"),
            ("item_name_1", "煎茶"),
            ("item_unit_price_1", "100"),
            ("item_quantity_1", "1"),
            ("image", "1"),
            ("cart_id", "c-1"),
            ("do", "build"),
        ];
        let refused = browser.submit(&page, SANDBOX, &wrong).await;
        assert_eq!(refused.status, 400);
        let text = plain(&refused);
        assert!(text.contains("id=\"item_id_1-error\">「;」は使えません。"), "{text}");
        for typed in ["value=\"tea;01\"", "value=\"煎茶\"", "value=\"c-1\"", "value=\"1\" selected"] {
            assert!(text.contains(typed), "{typed}: {text}");
        }
        let more = browser.submit(&page, SANDBOX, &[("item_id_1", "a"), ("do", "add")]).await;
        assert!(more.status == 200 && more.text.contains("item_id_2") && more.text.contains("value=\"a\""));
    })
    .await;
}

#[tokio::test]
async fn commands_find_pages_and_recent_orders_of_the_own_shop() {
    on_both(async |app| {
        let mut browser = owner(app).await;
        let other = app.new_shop(false).await;
        let sold = app.merchant().sell(&testkit::Sale::of(1_080)).await;
        let theirs = other.sandbox().sell(&testkit::Sale::of(2_160)).await;
        let all = browser.get("/dashboard/sandbox/commands").await;
        assert_safe("/dashboard/sandbox/commands", &all);
        assert!(all.text.contains(&sold) && all.text.contains("1,080円</span> 仮売上") && !all.text.contains(&theirs));
        let one = browser.get(&format!("/dashboard/sandbox/commands?q={}", &sold[20..])).await;
        assert!(
            one.text.contains(&format!("/dashboard/sandbox/orders/{sold}")) && !one.text.contains("リクエストログ</b>")
        );
        let none = browser.get(&format!("/dashboard/sandbox/commands?q={theirs}")).await;
        assert!(none.text.contains("見つかりませんでした"), "{}", none.text);
        let live = browser.get("/dashboard/live/commands?q=web").await;
        assert!(live.text.contains("/dashboard/live/webhooks") && !live.text.contains(&sold));
        let map = browser.get("/dashboard/sandbox/keys").await;
        assert_safe("/dashboard/sandbox/keys", &map);
        assert!(map.text.contains("<kbd>g</kbd>") && map.text.contains("キーボード操作"));
    })
    .await;
}

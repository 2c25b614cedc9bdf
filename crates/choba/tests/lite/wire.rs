//! The charge object, byte by byte (contract "Charge object").

use hmac::{Hmac, KeyInit as _, Mac as _};
use kernel::{Environment, JstDate};
use serde_json::json;
use sha2::Sha256;
use testkit::{Merchant, Sale, on_both};

/// Every test begins on 2026-11-22 at 09:00 in Japan.
const BEGINNING: i64 = 1_795_305_600;

/// "keyed digest of `id:cart_id` under the private key … HMAC-SHA256; a missing cart_id counts as empty".
fn cipher(merchant: &Merchant, id: &str, cart_id: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(merchant.private_key.as_bytes()).expect("a key");
    mac.update(format!("{id}:{cart_id}").as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Who a charge belongs to, checked: `https://HOST/openid/user/…`.
fn open_id(charge: &serde_json::Value) -> String {
    let id = charge["open_id"].as_str().expect("text").to_owned();
    let digits = id.strip_prefix("https://choba.example/openid/user/").unwrap_or_else(|| panic!("open_id: {id}"));
    assert!(digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    id
}

#[tokio::test]
async fn a_charge_with_everything() {
    let address = json!({
        "country": "JPN", "first_name": "太郎", "first_name_kana": "タロウ", "last_name": "楽天",
        "last_name_kana": "ラクテン", "address_zip": "1580094", "address_state": "東京都",
        "address_city": "世田谷区玉川", "address_line": "1-14-1 \"楽天\"ビル", "tel": "0312345678"
    });
    on_both(async |app| {
        let merchant = app.merchant();
        let sale = Sale::items(&[("item-01", "商品 A & \"B\" <C>", 3, 1_122), ("品番-2", "送料", 1, 0)]);
        let sale = sale.with("cart_id", "cart-id-1").with("address", address.clone()).point(100);
        let created = merchant.create(&sale).await;
        let charge = created.good();
        let (id, open_id) = (charge["id"].as_str().expect("text").to_owned(), open_id(&charge));
        let expected = |captured: bool, updated: i64| {
            format!(
                concat!(
                    r#"{{"object":"charge","open_id":"{}","id":"{}","cipher":"{}","livemode":false,"currency":"jpy","#,
                    r#""amount":3366,"point":100,"cart_id":"cart-id-1","paid":true,"captured":{},"#,
                    r#""status":"succeeded","refunded":false,"items":["#,
                    r#"{{"id":"item-01","name":"商品 A & \"B\" <C>","quantity":3,"unit_price":1122}},"#,
                    r#"{{"id":"品番-2","name":"送料","quantity":1,"unit_price":0}}],"#,
                    r#""address":{{"country":"JPN","first_name":"太郎","first_name_kana":"タロウ","#,
                    r#""last_name":"楽天","last_name_kana":"ラクテン","address_zip":"1580094","#,
                    r#""address_state":"東京都","address_city":"世田谷区玉川","#,
                    r#""address_line":"1-14-1 \"楽天\"ビル","tel":"0312345678"}},"created":{},"updated":{}}}"#
                ),
                open_id,
                id,
                cipher(&merchant, &id, "cart-id-1"),
                captured,
                BEGINNING,
                updated
            )
        };
        assert_eq!(created.text, expected(false, BEGINNING));
        app.wait(90);
        assert_eq!(merchant.capture(&id).await.text, expected(true, BEGINNING + 90));
        app.wait(1);
        assert_eq!(merchant.retrieve(&id).await.text, expected(true, BEGINNING + 90));
        // "list object with one or no element".
        let list = format!(
            r#"{{"object":"list","url":"/sandbox/v1/charges",{},"id":"{id}","data":[{}]}}"#,
            r#""limit":10,"offset":0,"total":1"#,
            expected(true, BEGINNING + 90)
        );
        assert_eq!(merchant.list(&format!("id={id}")).await.text, list);
    })
    .await;
}

#[tokio::test]
async fn what_was_not_said_is_null_or_empty() {
    on_both(async |app| {
        let merchant = app.merchant();
        let created = merchant.create(&Sale::of(500)).await;
        let charge = created.good();
        let id = charge["id"].as_str().expect("text");
        let expected = format!(
            concat!(
                r#"{{"object":"charge","open_id":"{}","id":"{}","cipher":"{}","livemode":false,"currency":"jpy","#,
                r#""amount":500,"point":0,"cart_id":null,"paid":true,"captured":false,"status":"succeeded","#,
                r#""refunded":false,"items":[{{"id":"item-01","name":"商品","quantity":1,"unit_price":500}}],"#,
                r#""address":null,"created":1795305600,"updated":1795305600}}"#
            ),
            open_id(&charge),
            id,
            cipher(&merchant, id, "")
        );
        assert_eq!(created.text, expected);
        // Nobody has to know all of an address.
        let half = Sale::of(500).with("address", json!({ "country": "JPN", "tel": "0312345678" }));
        let charge = merchant.create(&half).await.good();
        assert_eq!(
            charge["address"],
            json!({
                "country": "JPN", "first_name": null, "first_name_kana": null, "last_name": null,
                "last_name_kana": null, "address_zip": null, "address_state": null, "address_city": null,
                "address_line": null, "tel": "0312345678"
            })
        );
        assert_eq!(charge["address"].as_object().map(serde_json::Map::len), Some(10));
    })
    .await;
}

#[tokio::test]
async fn only_shops_that_receive_addresses_have_them() {
    on_both(async |app| {
        let merchant = app.new_shop(false).await.sandbox();
        let with_address = Sale::of(500).with("address", json!({ "country": "JPN" }));
        let message = merchant.create(&with_address).await.refused(400, "invalid_request_error", "invalid_parameter");
        assert!(message.starts_with("address must be"), "{message}");
        assert_eq!(merchant.create(&Sale::of(500)).await.good()["address"], json!(null));
        assert_eq!(merchant.list("").await.good()["total"], 1);
    })
    .await;
}

#[tokio::test]
async fn the_same_buyer_has_the_same_open_id() {
    on_both(async |app| {
        let (here, there) = (app.merchant(), app.new_shop(true).await.sandbox());
        let of = async |merchant: &Merchant, buyer: &str| {
            open_id(&merchant.create(&Sale::of(500).buyer(buyer)).await.good())
        };
        let hanako = of(&here, "hanako").await;
        assert_eq!(of(&here, "hanako").await, hanako);
        assert_eq!(of(&there, "hanako").await, hanako);
        assert_eq!(of(&app.shop.merchant(Environment::Test), "hanako").await, hanako);
        assert_ne!(of(&here, "jiro").await, hanako);
    })
    .await;
}

#[tokio::test]
async fn order_numbers_name_service_day_and_serial() {
    on_both(async |app| {
        let shop = app.new_shop(true).await;
        let (sandbox, test) = (shop.sandbox(), shop.merchant(Environment::Test));
        let parts = |id: &str| {
            let parts: Vec<String> = id.split('-').map(str::to_owned).collect();
            let [service, date, serial] = <[String; 3]>::try_from(parts).expect("three parts");
            assert_eq!((service.len(), date.len(), serial.len()), (10, 8, 10), "{id}");
            assert!([&service, &date, &serial].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit())));
            (service, date, serial.parse::<u64>().expect("a serial"))
        };
        let (service, date, first) = parts(&sandbox.sell(&Sale::of(100)).await);
        assert_eq!(date, "20261122");
        // The day begins at midnight in Japan.
        let midnight = JstDate::new(2026, 11, 23).expect("a date").start();
        app.turn_unattended(shop.id, midnight.plus_micros(-1)).await;
        assert_eq!(parts(&sandbox.sell(&Sale::of(100)).await), (service.clone(), "20261122".into(), first + 1));
        app.turn_unattended(shop.id, midnight).await;
        assert_eq!(parts(&sandbox.sell(&Sale::of(100)).await), (service.clone(), "20261123".into(), first + 2));
        // Live, with its test keys, is another service; its clock is not turned.
        let (live_service, date, _) = parts(&test.sell(&Sale::of(100)).await);
        assert_ne!(live_service, service);
        assert_eq!(date, "20261122");
    })
    .await;
}

#[tokio::test]
async fn long_orders_keep_the_order_of_their_items() {
    on_both(async |app| {
        let merchant = app.merchant();
        for count in [100_u32, 1_000] {
            let names: Vec<String> =
                (1..=count).map(|number| format!("{number:04}-{}", (number * 7_919) % 1_000)).collect();
            let items: Vec<_> = names.iter().map(|name| (name.as_str(), "商品", 2, 10)).collect();
            let charge = merchant.create(&Sale::items(&items)).await.good();
            let (id, listed) = (charge["id"].as_str().expect("text"), charge["items"].as_array().expect("a list"));
            assert_eq!(charge["amount"], count * 20);
            assert!(listed.iter().map(|item| &item["id"]).eq(names.iter()), "{count}");
            let backwards: Vec<_> = items.iter().rev().map(|(name, ..)| (*name, "変更後", 3, 10)).collect();
            let changed = merchant.change_to(id, &backwards).await.good();
            let listed = changed["items"].as_array().expect("a list");
            assert!(listed.iter().map(|item| &item["id"]).eq(names.iter().rev()), "{count}");
            assert_eq!(changed["amount"], count * 30);
        }
    })
    .await;
}

#[tokio::test]
async fn a_change_replaces_the_list_of_items_and_nothing_else() {
    on_both(async |app| {
        let merchant = app.merchant();
        let sale = Sale::items(&[("a", "一", 1, 600), ("b", "二", 1, 400)]).with("cart_id", "c-1").buyer("hanako");
        let mut expected = merchant.create(&sale).await.good();
        let id = expected["id"].as_str().expect("text").to_owned();
        app.wait(5);
        let changed = merchant.change_to(&id, &[("c", "三", 2, 350)]).await.good();
        expected["items"] = json!([{ "id": "c", "name": "三", "quantity": 2, "unit_price": 350 }]);
        expected["amount"] = json!(700);
        expected["updated"] = json!(BEGINNING + 5);
        assert_eq!(changed, expected);
        // The event tells what the charge was then, without what belongs to a key or can be erased.
        let data = app.event_data(&merchant, &id).await;
        let told = expected.as_object_mut().expect("an object");
        for key in ["object", "cipher", "currency", "status", "address"] {
            told.remove(key);
        }
        assert_eq!(data[1], expected);
    })
    .await;
}

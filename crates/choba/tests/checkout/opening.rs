//! What the button may open: signed by the shop, from a page of the shop, and nothing else.

use kernel::Environment;
use pay::charge::Item;
use testkit::{Button, SHOP_ORIGIN, on_both};

use crate::charges;

#[tokio::test]
async fn only_what_the_shop_signed_opens_a_session() {
    on_both(async |app| {
        app.open_shop_page(app.shop.id, SHOP_ORIGIN).await;
        let right = Button::of(&app.shop, Environment::Sandbox, 1_080);
        assert_eq!(right.press(&app.http).await.status, 201);
        let changed = |change: fn(&mut Button)| {
            let mut button = right.clone();
            change(&mut button);
            button
        };
        let forged = [
            changed(|button| button.items[0].unit_price = 1),
            changed(|button| button.items[0].quantity = 2),
            changed(|button| button.items[0].name = "玉露".into()),
            changed(|button| button.items.push(Item { id: "b".into(), ..button.items[0].clone() })),
            changed(|button| button.cart_id = None),
            changed(|button| button.cart_id = Some("cart-2".into())),
            changed(|button| button.signature = "0".repeat(40)),
            changed(|button| button.signature = String::new()),
            changed(|button| button.signature.make_ascii_lowercase()).signed("sandbox_private_of_another"),
        ];
        for button in forged {
            let message = button.press(&app.http).await.refused(400, "invalid_request_error", "invalid_signature");
            assert!(message.contains("sig"), "{message}");
        }
        assert_eq!(charges(app).await.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_semicolon_is_refused_before_the_signature_is_looked_at() {
    on_both(async |app| {
        app.open_shop_page(app.shop.id, SHOP_ORIGIN).await;
        let key = app.merchant().private_key;
        type Change = fn(&mut Button);
        let rows: [(Change, &str); 3] = [
            (|button| button.items[0].id = "a;b".into(), "item_id_1"),
            (|button| button.items[0].name = "x;1;1;y".into(), "item_name_1"),
            (|button| button.cart_id = Some(";".into()), "cart_id"),
        ];
        for (change, name) in rows {
            let mut button = Button::of(&app.shop, Environment::Sandbox, 1_080);
            change(&mut button);
            // Even signed by the shop itself.
            let reply = button.signed(&key).press(&app.http).await;
            let message = reply.refused(400, "invalid_request_error", "invalid_parameter");
            assert!(message.contains(name), "{message}");
        }
    })
    .await;
}

#[tokio::test]
async fn keys_of_nobody_and_pages_of_others_open_nothing() {
    on_both(async |app| {
        let button = Button::of(&app.shop, Environment::Sandbox, 1_080);
        button.press(&app.http).await.refused(403, "permission_error", "origin_not_registered");
        app.open_shop_page(app.shop.id, SHOP_ORIGIN).await;
        let with = |change: fn(&mut Button)| {
            let mut button = button.clone();
            change(&mut button);
            button
        };
        let wrong_origin = with(|button| button.origin = "https://evil.example".into()).press(&app.http).await;
        wrong_origin.refused(403, "permission_error", "origin_not_registered");
        assert_eq!(wrong_origin.header("access-control-allow-origin"), None, "not even the error may be read there");
        with(|button| button.return_url = Some("https://evil.example/".into())).press(&app.http).await.refused(
            403,
            "permission_error",
            "origin_not_registered",
        );
        let unknown = format!("sandbox_public_{}", "0a".repeat(48));
        let mut of_nobody = button.clone();
        of_nobody.key = unknown;
        of_nobody.press(&app.http).await.refused(401, "authentication_error", "invalid_api_key");
        let other = app.new_shop(true).await;
        let mut of_other = button.clone();
        of_other.key = other.public_key(Environment::Sandbox).to_owned();
        of_other.press(&app.http).await.refused(400, "invalid_request_error", "invalid_signature");

        let good = button.press(&app.http).await;
        assert_eq!(good.header("access-control-allow-origin"), Some(SHOP_ORIGIN));
        assert_eq!(good.header("vary"), Some("Origin"));
    })
    .await;
}

#[tokio::test]
async fn the_script_is_served_and_kept_for_a_while() {
    on_both(async |app| {
        let get = testkit::Request::get("/s/js/checkout-lite-v1.js");
        let script = app.http.send(&get).await;
        assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
        assert!(!script.text.contains("eval("));
        let tag = script.header("etag").expect("an etag").to_owned();
        assert_eq!(app.http.send(&get.header("if-none-match", tag)).await.status, 304);
    })
    .await;
}

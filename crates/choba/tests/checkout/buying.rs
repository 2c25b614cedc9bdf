//! From the button to the charge, and every way to click that leads elsewhere.

use kernel::Environment;
use testkit::{Button, Request, SHOP_ORIGIN, Shopper, on_both};

use crate::{NO_MONEY, VISA, charges, session, shopper};

#[tokio::test]
async fn a_buyer_pays_and_the_shop_hears_of_it() {
    on_both(async |app| {
        let mut buyer = shopper(app, 1_080, VISA).await;
        buyer.sees("Visa **** 1111").sees("1,080円").sees("玉川1-14-1");
        buyer.send("confirm", &[]).await;
        buyer.is_at("").sees("お支払いが完了しました");
        let charges = charges(app).await;
        assert_eq!(charges.len(), 1);
        let charge = &charges[0];
        assert_eq!((charge["amount"].as_i64(), charge["paid"].as_bool()), (Some(1_080), Some(true)));
        assert_eq!(charge["cart_id"], "cart-1");
        assert_eq!(charge["address"]["first_name_kana"], "ハナコ");
        buyer.sees(charge["id"].as_str().unwrap());

        let outcome = Request::get(format!("{}/outcome", buyer.base.replace("/checkout/", "/checkout/sessions/")));
        let reply = app.http.send(&outcome.clone().header("origin", SHOP_ORIGIN)).await;
        assert_eq!(reply.header("access-control-allow-origin"), Some(SHOP_ORIGIN));
        let told = reply.good();
        assert_eq!((told["status"].as_str(), &told["charge"]), (Some("paid"), charge), "cipher and all");
        let elsewhere = app.http.send(&outcome.header("origin", "https://evil.example")).await;
        elsewhere.refused(403, "permission_error", "origin_not_registered");
    })
    .await;
}

#[tokio::test]
async fn points_pay_a_part_or_all() {
    on_both(async |app| {
        let mut buyer = shopper(app, 1_080, VISA).await;
        buyer.use_points(1_000).await;
        buyer.is_at("/confirm").sees("1,000ポイント").sees("80円");
        buyer.send("confirm", &[]).await;
        let mut next = buyer.at_session(&session(app, 500).await);
        next.open("/points").await;
        next.sees("99,000ポイント");
        next.send("points", &[("use", "all")]).await;
        next.add_address().await;
        next.is_at("/confirm").sees("なし");
        next.send("confirm", &[]).await;
        next.sees("お支払いが完了しました");
        let of: Vec<_> = charges(app).await.iter().map(|c| (c["amount"].as_i64(), c["point"].as_i64())).collect();
        assert_eq!(of, [(Some(500), Some(500)), (Some(1_080), Some(1_000))]);
        let mut third = buyer.at_session(&session(app, 500).await);
        third.open("/points").await;
        third.send("points", &[("use", "some"), ("points", "501")]).await;
        assert_eq!(third.status, 400);
        third.send("points", &[("use", "some"), ("points", "-1")]).await;
        assert_eq!(third.status, 400);
    })
    .await;
}

#[tokio::test]
async fn a_refused_card_leads_to_another_one_and_the_cart_stays() {
    on_both(async |app| {
        let mut buyer = shopper(app, 1_080, NO_MONEY).await;
        buyer.send("confirm", &[]).await;
        buyer.sees("ご利用可能額が足りない").sees("1,080円");
        assert_eq!(charges(app).await.len(), 0);
        buyer.add_card(VISA).await;
        buyer.open("").await;
        buyer.is_at("/confirm").sees("Visa **** 1111");
        buyer.send("confirm", &[]).await;
        buyer.sees("お支払いが完了しました");
        assert_eq!(charges(app).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn two_clicks_are_one_charge_and_every_later_click_shows_it() {
    on_both(async |app| {
        let mut buyer = shopper(app, 1_080, VISA).await;
        let (click, before) = (buyer.form("confirm", &[]), buyer.page.clone());
        let clicks = (0..4).map(|_| {
            let (http, click) = (app.http.clone(), click.clone());
            tokio::spawn(async move { http.send(&click).await.status })
        });
        let clicks: Vec<_> = clicks.collect();
        for click in clicks {
            let status = click.await.unwrap();
            assert!([303, 200].contains(&status), "{status}");
        }
        app.settle().await;
        assert_eq!(charges(app).await.len(), 1);
        for page in ["", "/login", "/card", "/points", "/address", "/confirm", "/return"] {
            buyer.open(page).await;
            buyer.is_at("").sees("お支払いが完了しました");
        }
        for form in ["confirm", "card", "points", "leave"] {
            // The page that the browser still shows.
            buyer.page.clone_from(&before);
            buyer.send(form, &[]).await;
            buyer.sees("お支払いが完了しました");
        }
        assert_eq!(charges(app).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn who_leaves_pays_nothing_and_a_session_ends_by_itself() {
    on_both(async |app| {
        let mut buyer = shopper(app, 1_080, VISA).await;
        buyer.send("leave", &[]).await;
        buyer.is_at("").sees("お支払いを中止しました").sees("https://shop.example/cart#checkout-lite=");
        buyer.send("confirm", &[]).await;
        let mut late = buyer.at_session(&session(app, 500).await);
        late.open("/card").await;
        late.is_at("/card");
        app.wait(2 * 3_600);
        late.open("/card").await;
        late.is_at("").sees("有効期限が切れました");
        assert_eq!(charges(app).await.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn saved_cards_and_addresses_come_back_but_only_to_their_owner() {
    on_both(async |app| {
        let mut buyer = shopper(app, 1_080, VISA).await;
        buyer.send("confirm", &[]).await;
        let mut again = buyer.at_session(&session(app, 500).await);
        again.open("").await;
        again.is_at("/card").sees("Visa **** 1111");
        let card = again.page.split_once("name=\"card\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
        again.send("card", &[("card", &card)]).await;
        again.use_points(0).await;
        again.is_at("/address").sees("玉川1-14-1");
        let address = again.page.split_once("name=\"address\" value=\"").unwrap().1;
        let address = address.split('"').next().unwrap().to_owned();
        again.send("address", &[("address", &address)]).await;
        // A saved card's code is not kept, so it is asked for again.
        again.is_at("/confirm").sees("security_code");
        again.send("confirm", &[]).await;
        again.sees("セキュリティコードを入力してください");
        again.send("confirm", &[("security_code", "12")]).await;
        again.sees("桁数が正しくありません");
        assert_eq!(charges(app).await.len(), 1);
        again.send("confirm", &[("security_code", "123")]).await;
        again.sees("お支払いが完了しました");
        assert_eq!(charges(app).await.len(), 2);

        let mut other = Shopper::new(&app.http, &session(app, 500).await);
        other.sign_up("hanako@example.com").await;
        other.is_at("/card");
        assert!(!other.page.contains("1111"));
        other.send("card", &[("card", &card)]).await;
        assert_eq!(other.status, 400);
        let mut stranger = other.at_session(&buyer.base);
        stranger.open("").await;
        stranger.sees("別の会員のお支払いです");
        assert_eq!(stranger.status, 403);
    })
    .await;
}

#[tokio::test]
async fn live_takes_no_money_and_says_so() {
    on_both(async |app| {
        app.open_shop_page(app.shop.id, SHOP_ORIGIN).await;
        let button = Button::of(&app.shop, Environment::Live, 1_080);
        let mut buyer = Shopper::new(&app.http, &Button::opened(&button.press(&app.http).await));
        buyer.open("").await;
        buyer.sees("この環境では決済できません");
        let test = Button::of(&app.shop, Environment::Test, 1_080);
        let mut buyer = Shopper::new(&app.http, &Button::opened(&test.press(&app.http).await));
        buyer.up_to_confirm("test@example.com", VISA).await;
        buyer.send("confirm", &[]).await;
        buyer.sees("お支払いが完了しました");
    })
    .await;
}

#[tokio::test]
async fn a_form_of_another_site_does_nothing() {
    on_both(async |app| {
        let mut buyer = shopper(app, 1_080, VISA).await;
        let foreign = buyer.form("confirm", &[]).header("sec-fetch-site", "cross-site");
        assert_eq!(app.http.send(&foreign).await.status, 403);
        buyer.page.clear();
        buyer.send("confirm", &[]).await;
        assert_eq!(buyer.status, 403);
        assert_eq!(charges(app).await.len(), 0);
        buyer.open("/confirm").await;
        let page = app.http.send(&Request::get(format!("{}/login", buyer.base))).await;
        assert!(page.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"));
    })
    .await;
}

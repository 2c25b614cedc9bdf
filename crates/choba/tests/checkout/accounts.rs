//! Buyers' accounts: signing up, logging in, lock-out; and limits on card tries.

use pay::checkout::Bounds;
use pay::http::limit::Rate;
use testkit::{Setup, Shopper, on_both, on_both_with};

use crate::{session, shopper};

async fn log_in(buyer: &mut Shopper, password: &str) -> u16 {
    buyer.open("/login").await;
    buyer.send("login", &[("email", "Taro@Example.com"), ("password", password)]).await;
    buyer.status
}

#[tokio::test]
async fn an_account_is_made_once_and_every_wrong_field_is_named() {
    on_both(async |app| {
        let mut buyer = Shopper::new(&app.http, &session(app, 500).await);
        buyer.sign_up("taro@example.com").await;
        buyer.is_at("/card");
        let mut again = Shopper::new(&app.http, &session(app, 500).await);
        again.sign_up("TARO@example.com").await;
        assert_eq!(again.status, 400);
        again.sees("このメールアドレスは登録済みです");
        again.send("signup", &[("email", "taro"), ("password", "short"), ("last_name_kana", "らくてん")]).await;
        assert_eq!(again.status, 400);
        again.sees("メールアドレスの形式").sees("パスワードは8文字以上").sees("全角カタカナ").sees("入力してください");
    })
    .await;
}

#[tokio::test]
async fn five_wrong_passwords_lock_for_a_while() {
    on_both(async |app| {
        let base = session(app, 500).await;
        Shopper::new(&app.http, &base).sign_up("taro@example.com").await;
        let mut guesser = Shopper::new(&app.http, &base);
        for _ in 0..4 {
            assert_eq!(log_in(&mut guesser, "wrong-wrong").await, 401);
        }
        assert_eq!(log_in(&mut guesser, "wrong-wrong").await, 429);
        assert_eq!(log_in(&mut guesser, "choba-choba").await, 429, "even the right one has to wait");
        app.wait(30);
        assert_eq!(log_in(&mut guesser, "choba-choba").await, 200);
        guesser.is_at("/card");
        guesser.send("logout", &[]).await;
        guesser.is_at("/login");
    })
    .await;
}

#[tokio::test]
async fn cards_cannot_be_tried_without_end() {
    let few = Rate { requests: 2, seconds: 600 };
    let mut setup = Setup::default();
    setup.limits.checkout = Bounds { cards_of_a_buyer: few, ..setup.limits.checkout };
    on_both_with(setup, async |app| {
        let mut buyer = shopper(app, 500, crate::NO_MONEY).await;
        buyer.send("confirm", &[]).await;
        buyer.sees("残高が足りない");
        buyer.add_card(crate::VISA).await;
        assert_eq!(buyer.status, 429);
        buyer.sees("カードのご利用が続いた");
    })
    .await;
}

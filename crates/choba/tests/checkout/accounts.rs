//! Buyers' accounts: signing up, logging in, lock-out; and limits on card tries.

use acquirer::CardDetails;
use pay::buyer::Account;
use pay::checkout::{Bounds, Checkout, NotDone, SessionId, Visitor};
use pay::http::limit::Rate;
use shop::password::Passwords;
use testkit::{Setup, Shopper, TestApp, on_both, on_both_with};

use crate::{session, shopper};

const EMAIL: &str = "taro@example.com";

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

/// So many guesses at once; how many of them were answered that they were wrong.
async fn guess_at_once(app: &TestApp, guesser: &Shopper, guesses: usize) -> usize {
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..guesses {
        let (http, guess) = (app.http.clone(), guesser.form("login", &[("email", EMAIL), ("password", "wrong-wrong")]));
        tries.spawn(async move { http.send(&guess).await.status });
    }
    let statuses = tries.join_all().await;
    assert!(statuses.iter().all(|status| [401, 429].contains(status)), "{statuses:?}");
    statuses.into_iter().filter(|status| *status == 401).count()
}

#[tokio::test]
async fn many_wrong_guesses_at_once_are_as_bounded_as_many_in_a_row() {
    on_both(async |app| {
        let base = session(app, 500).await;
        Shopper::new(&app.http, &base).sign_up(EMAIL).await;
        let mut guesser = Shopper::new(&app.http, &base);
        guesser.open("/login").await;
        // Four are free and the fifth one locks for 30 seconds: more are not tried, or the lock would be an hour.
        assert_eq!(guess_at_once(app, &guesser, 24).await, 4);
        app.wait(29);
        assert_eq!(guess_at_once(app, &guesser, 1).await, 0);
        app.wait(1);
        // One more is tried, and locks for a minute.
        assert_eq!(guess_at_once(app, &guesser, 24).await, 0);
        app.wait(59);
        assert_eq!(log_in(&mut guesser, "choba-choba").await, 429);
        app.wait(1);
        assert_eq!(log_in(&mut guesser, "choba-choba").await, 200);
        // What succeeded counts for nothing, not for the address either: 19 are free there, and 6 were wrong.
        guesser.send("logout", &[]).await;
        for other in 0..13 {
            let email = format!("nobody-{other}@example.com");
            guesser.send("login", &[("email", &email), ("password", "wrong-wrong")]).await;
            assert_eq!(guesser.status, 401, "{other}");
        }
        guesser.send("login", &[("email", "nobody@example.com"), ("password", "wrong-wrong")]).await;
        assert_eq!(guesser.status, 429);
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
        buyer.sees("ご利用可能額が足りない");
        buyer.add_card(crate::VISA).await;
        assert_eq!(buyer.status, 429);
        buyer.sees("カードのご利用が続いた");
        // Two in ten minutes: one comes back after five.
        app.wait(299);
        buyer.add_card(crate::VISA).await;
        assert_eq!(buyer.status, 429);
        app.wait(1);
        buyer.add_card(crate::VISA).await;
        assert_eq!(buyer.status, 200);
    })
    .await;
}

/// An account with this id, which nobody can log in to.
async fn has_account(app: &TestApp, id: &str) {
    let name = || "楽天".to_owned();
    let account = Account {
        id: id.to_owned(),
        email: format!("{id}@example.com"),
        last_name: name(),
        first_name: name(),
        last_name_kana: name(),
        first_name_kana: name(),
    };
    let insert = move |tx: &mut store::Tx<'_>| {
        let now = tx.machine_now();
        tx.execute_all(&[pay::buyer::rows::insert_account(&account, "$argon2id$", now)]).map(|_| ())
    };
    app.store().write::<_, store::StoreError, _>(insert).await.expect("an account");
}

#[tokio::test]
async fn what_is_counted_is_counted_for_all_processes() {
    let of = |requests| Rate { requests, seconds: 600 };
    let mut setup = Setup::default();
    let checkout = setup.limits.checkout;
    setup.limits.checkout =
        Bounds { cards_of_an_address: of(5), cards_of_a_buyer: of(3), accounts_of_an_address: of(2), ..checkout };
    let bounds = setup.limits.checkout;
    on_both_with(setup, async |app| {
        // Another process: nothing is shared with the first one but the database.
        let other = Checkout::new(app.wired.gateway.clone(), Passwords::default(), bounds);
        let address = std::net::IpAddr::from([127, 0, 0, 1]);
        let visitor = |buyer: &str| Visitor { buyer: buyer.to_owned(), address, request_id: "1".to_owned() };
        let details = || CardDetails {
            number: crate::VISA.to_owned(),
            expiry_year: 2030,
            expiry_month: 12,
            security_code: Some("123".to_owned()),
            holder: "TARO RAKUTEN".to_owned(),
        };
        for buyer in ["buyer_1", "buyer_2"] {
            has_account(app, buyer).await;
        }
        let path = session(app, 500).await;
        let id: SessionId = path.trim_start_matches("/checkout/").parse().unwrap();
        let mut tried = tokio::task::JoinSet::new();
        for number in 0..8 {
            let checkout = if number % 2 == 0 { other.clone() } else { app.wired.counter(bounds).checkout };
            let (id, visitor) = (id.clone(), visitor("buyer_1"));
            tried.spawn(async move { checkout.add_card(&id, &visitor, details()).await });
        }
        let taken = tried.join_all().await.into_iter().filter(|tried| tried.is_ok()).count();
        assert_eq!(taken, 3, "a buyer's");
        // What was refused took nothing of the address.
        for expected in [true, true, false] {
            let tried = other.add_card(&id, &visitor("buyer_2"), details()).await;
            assert_eq!(tried.is_ok(), expected, "{tried:?}");
        }
        let elsewhere = Visitor { address: std::net::IpAddr::from([127, 0, 0, 2]), ..visitor("buyer_2") };
        assert_eq!(other.add_card(&id, &elsewhere, details()).await, Ok(()), "his third one");
        assert_eq!(other.add_card(&id, &elsewhere, details()).await, Err(NotDone::TooManyTries(201)));
        app.wait(200);
        assert_eq!(other.add_card(&id, &elsewhere, details()).await, Ok(()));

        assert_eq!(other.count_account(address).await, Ok(()));
        assert_eq!(app.wired.counter(bounds).checkout.count_account(address).await, Ok(()));
        assert_eq!(other.count_account(address).await, Err(NotDone::TooManyTries(301)));
    })
    .await;
}

//! 3-D Secure: the buyer is sent to the provider's page, comes back, or does not.

use testkit::{Shopper, TestApp, on_both};

use crate::{ACTS, VISA, charges, shopper};

async fn acting(app: &TestApp) -> Shopper {
    let mut buyer = shopper(app, 1_080, ACTS).await;
    buyer.send("confirm", &[]).await;
    buyer.sees("カード会社の本人認証が必要です");
    let place = buyer.page.split_once("id=\"go\" href=\"").expect("a link").1.split('"').next().unwrap().to_owned();
    buyer.go(&place).await;
    buyer.sees("これはシミュレーターの画面です").sees("1,080円");
    buyer
}

async fn act(buyer: &mut Shopper, outcome: &str) {
    let place = buyer.at.split('?').next().unwrap().to_owned();
    let back = format!("{}/return", buyer.base);
    buyer.send(&place, &[("outcome", outcome), ("back", &back)]).await;
}

#[tokio::test]
async fn who_passes_pays_once() {
    on_both(async |app| {
        let mut buyer = acting(app).await;
        act(&mut buyer, "passed").await;
        buyer.is_at("").sees("お支払いが完了しました");
        assert_eq!(charges(app).await.len(), 1);
        buyer.open("/return").await;
        buyer.sees("お支払いが完了しました");
        assert_eq!(charges(app).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn who_fails_or_gives_up_chooses_another_card() {
    on_both(async |app| {
        for (outcome, says) in [("failed", "本人認証に失敗した"), ("abandoned", "本人認証が完了しなかった")]
        {
            let mut buyer = if outcome == "failed" { acting(app).await } else { again(app).await };
            act(&mut buyer, outcome).await;
            buyer.sees(says);
            assert_eq!(charges(app).await.len(), 0);
            buyer.add_card(VISA).await;
        }
    })
    .await;
}

/// Another buyer who is at the provider's page.
async fn again(app: &TestApp) -> Shopper {
    let mut buyer = Shopper::new(&app.http, &crate::session(app, 1_080).await);
    buyer.up_to_confirm("hanako@example.com", ACTS).await;
    buyer.send("confirm", &[]).await;
    let place = buyer.page.split_once("id=\"go\" href=\"").expect("a link").1.split('"').next().unwrap().to_owned();
    buyer.go(&place).await;
    buyer
}

#[tokio::test]
async fn coming_back_without_having_acted_is_no_proof() {
    on_both(async |app| {
        let mut buyer = acting(app).await;
        buyer.open("/return").await;
        buyer.is_at("").sees("カード会社の本人認証が必要です");
        buyer.open("/card").await;
        buyer.is_at("").sees("カード会社の本人認証が必要です");
        assert_eq!(charges(app).await.len(), 0);
        let place = buyer.page.split_once("id=\"go\" href=\"").expect("a link").1.split('"').next().unwrap().to_owned();
        buyer.go(&place).await;
        act(&mut buyer, "passed").await;
        buyer.sees("お支払いが完了しました");
    })
    .await;
}

#[tokio::test]
async fn who_never_comes_back_pays_nothing() {
    on_both(async |app| {
        let mut buyer = acting(app).await;
        app.run_jobs().await;
        buyer.open("").await;
        buyer.sees("カード会社の本人認証が必要です");
        app.wait(15 * 60);
        app.run_jobs().await;
        buyer.open("").await;
        buyer.sees("本人認証が完了しなかった");
        assert_eq!(charges(app).await.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn who_acted_and_closed_the_window_has_paid_once() {
    on_both(async |app| {
        let mut buyer = acting(app).await;
        let place = buyer.at.split('?').next().unwrap().to_owned();
        let request = buyer.form(&place, &[("outcome", "passed")]);
        app.http.send(&request).await;
        // Nobody comes back; the worker goes on when he is not waited for any more.
        app.wait(15 * 60);
        app.run_jobs().await;
        assert_eq!(charges(app).await.len(), 1);
        buyer.open("").await;
        buyer.sees("お支払いが完了しました");
    })
    .await;
}

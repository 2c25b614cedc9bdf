//! 最新のお知らせ: the switch on the account pages, and the mails that follow from it.

use serde_json::{Value, json};
use shop::{Duties, Role, Scope};
use testkit::TestApp;
use testkit::app::on_both;
use testkit::http::{Reply, Request};

use crate::browser::{Browser, make_member, make_staff, make_staff_with};
use crate::safety::assert_safe;

const OWNER: &str = "owner@shop.example";
const SECOND: &str = "second@shop.example";
const OPERATOR: &str = "root@choba.example";
const PAGE: &str = "/dashboard/sandbox/account/news-mail";

/// Sends a request with a token of the operator's.
async fn operator(app: &TestApp, token: &str, path: &str, body: Value) -> Value {
    let request = Request::post(path, body.to_string()).header("authorization", format!("Bearer {token}"));
    app.http.send(&request).await.good()
}

fn notice(title: &str, shop: Option<i64>) -> Value {
    json!({ "severity": "maintenance", "title": title, "body": "深夜に行います。", "shop": shop })
}

/// What became of the mails of a notice, as the operator reads it: for each, where it went and the outcome.
async fn told(browser: &mut Browser, title: &str) -> Vec<(String, String)> {
    let page = browser.get("/mailbox/staff").await;
    let (_, news) = page.text.split_once(r#"<h2 id="news">"#).expect("the mails of notices");
    let rows = news.split("<tr data-row>").skip(1).filter(|row| row.contains(&format!(">{title}</td>")));
    let mut told: Vec<_> = rows
        .map(|row| {
            let to = row.split(r#"class="broad">"#).nth(2).and_then(|rest| rest.split('<').next());
            let outcome = row.split_once("badge ").and_then(|(_, rest)| rest.split_once('>')).map(|(_, rest)| rest);
            let outcome = outcome.and_then(|rest| rest.split('<').next());
            (to.unwrap_or_default().to_owned(), outcome.unwrap_or_default().to_owned())
        })
        .collect();
    told.sort();
    told
}

fn kept(to: &[&str]) -> Vec<(String, String)> {
    to.iter().map(|to| ((*to).to_owned(), "未送信".to_owned())).collect()
}

async fn switch(browser: &mut Browser, page: &Reply, wanted: &str) -> Reply {
    browser.submit(page, PAGE, &[("wanted", wanted)]).await
}

#[tokio::test]
async fn the_switch_is_the_owners_and_is_turned_in_sandbox_alone() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        make_member(app, app.shop.id, "orders@shop.example", &[Role::Orders]).await;
        let mut owner = Browser::logged_in(app, OWNER).await;
        let page = owner.get(PAGE).await;
        assert_safe(PAGE, &page);
        assert!(page.text.contains("受け取らない</span>") && page.text.contains(r#"name="wanted" value="yes""#));
        for _ in 0..2 {
            let done = switch(&mut owner, &page, "yes").await;
            assert_eq!(done.header("location"), Some("/dashboard/sandbox/account/news-mail?done=on"));
        }
        assert_eq!(app.actions("news_mail.change").await, 1, "sent twice, it is one change");
        let page = owner.get(&format!("{PAGE}?done=on")).await;
        assert!(page.text.contains("受け取る</span>") && page.text.contains("受け取る設定に変更しました"));
        assert_eq!(switch(&mut owner, &page, "").await.status, 303, "anything but yes is no");

        let live = owner.get("/dashboard/live/account/news-mail").await;
        assert_safe("live", &live);
        assert!(live.text.contains("この設定はSandbox環境でのみ変更いただけます。"), "{}", live.text);
        assert!(live.text.contains(r#"disabled aria-describedby="why-not""#));
        let refused = owner.submit(&live, "/dashboard/live/account/news-mail", &[("wanted", "yes")]).await;
        assert_eq!(refused.status, 409);
        assert!(owner.get(PAGE).await.text.contains("受け取らない</span>"));

        let mut orders = Browser::logged_in(app, "orders@shop.example").await;
        let seen = orders.get(PAGE).await;
        assert!(seen.status == 200 && seen.text.contains("この操作は店舗管理者のみ行えます。"), "{}", seen.text);
        assert_eq!(switch(&mut orders, &page, "yes").await.status, 403);
    })
    .await;
}

#[tokio::test]
async fn a_notice_is_mailed_once_to_each_owner_who_wants_it_when_it_begins() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        make_staff(app, app.shop.id, SECOND, false).await;
        make_member(app, app.shop.id, "orders@shop.example", &[Role::Orders]).await;
        let other = app.new_shop(true).await;
        make_staff(app, other.id, "owner@other.example", false).await;
        make_staff_with(app, other.id, OPERATOR, Duties::of(&[Role::Orders], true)).await;
        let mut root = Browser::logged_in(app, OPERATOR).await;
        let mut owner = Browser::logged_in(app, OWNER).await;
        let token = app.token(None, vec![Scope::Admin]).await;
        operator(app, &token, "/api/notices", notice("前のお知らせ", None)).await;
        let page = owner.get(PAGE).await;
        switch(&mut owner, &page, "yes").await;

        let later = app.store().machine_now().seconds() + 1_800;
        let mut scheduled = notice("工事のお知らせ", None);
        scheduled["from"] = json!(later);
        operator(app, &token, "/api/notices", scheduled).await;
        operator(app, &token, "/api/notices", notice("あなたの店へ", Some(app.shop.id.0))).await;
        operator(app, &token, "/api/notices", notice("よその店へ", Some(other.id.0))).await;
        app.run_jobs().await;
        app.run_jobs().await;
        assert_eq!(told(&mut root, "前のお知らせ").await, [], "written before anybody wanted it");
        assert_eq!(told(&mut root, "よその店へ").await, [], "that shop wants none");
        assert_eq!(told(&mut root, "あなたの店へ").await, kept(&[OWNER, SECOND]));
        let waits = [OWNER, SECOND].map(|to| (to.to_owned(), "送信待ち".to_owned()));
        assert_eq!(told(&mut root, "工事のお知らせ").await, waits);
        app.wait(1_800);
        app.run_jobs().await;
        assert_eq!(told(&mut root, "工事のお知らせ").await, kept(&[OWNER, SECOND]));
        assert_safe("mails", &root.get("/mailbox/staff").await);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_sent_of_a_notice_withdrawn_or_to_who_wants_no_more() {
    on_both(async |app| {
        let second = make_staff(app, app.shop.id, SECOND, false).await;
        make_staff(app, app.shop.id, OWNER, false).await;
        make_staff_with(app, app.shop.id, OPERATOR, Duties::of(&[Role::Orders], true)).await;
        let mut root = Browser::logged_in(app, OPERATOR).await;
        let mut owner = Browser::logged_in(app, OWNER).await;
        let token = app.token(None, vec![Scope::Admin]).await;
        let page = owner.get(PAGE).await;
        switch(&mut owner, &page, "yes").await;
        let start = app.store().machine_now().seconds() + 600;
        let mut ids = Vec::new();
        for title in ["取り下げるもの", "ふたりのもの", "やめた後のもの"] {
            let mut scheduled = notice(title, None);
            scheduled["from"] = json!(start + 600 * ids.len() as i64);
            ids.push(operator(app, &token, "/api/notices", scheduled).await["id"].as_str().unwrap().to_owned());
        }
        operator(app, &token, &format!("/api/notices/{}/withdraw", ids[0]), Value::Null).await;
        app.wait(600);
        app.run_jobs().await;
        let dropped = |to: &str| (to.to_owned(), "送信なし(取り下げ・終了・受け取り停止)".to_owned());
        assert_eq!(told(&mut root, "取り下げるもの").await, [dropped(OWNER), dropped(SECOND)]);

        // One of the two is no owner any more when the next one is due.
        let team = owner.get("/dashboard/sandbox/account/staff").await;
        let roles = format!("/dashboard/sandbox/account/staff/{}/roles", second.id);
        assert_eq!(owner.submit(&team, &roles, &[("roles.orders", "on")]).await.status, 303);
        app.wait(600);
        app.run_jobs().await;
        assert_eq!(told(&mut root, "ふたりのもの").await, [kept(&[OWNER]).remove(0), dropped(SECOND)]);

        switch(&mut owner, &page, "no").await;
        app.wait(600);
        app.run_jobs().await;
        assert_eq!(told(&mut root, "やめた後のもの").await, [dropped(OWNER), dropped(SECOND)]);
    })
    .await;
}

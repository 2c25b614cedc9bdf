//! Mails to the staff over SMTP: invitations, links for another password, notices. Their links work.

use std::time::Duration;

use serde_json::{Value, json};
use shop::news_mail::{Outcome, rows::newest};
use shop::staff::second::Whence;
use shop::{Duties, Role, Scope, Staff};
use store::StoreError;
use testkit::http::Request;
use testkit::smtp::{Asks, SmtpServer};
use testkit::{Setup, TestApp, on_both_with};

async fn on_both(test: impl AsyncFn(&TestApp, &SmtpServer)) {
    let server = SmtpServer::start(Asks::Nothing);
    let setup = Setup { carrier: server.carrier(Duration::from_secs(10)), ..Setup::default() };
    on_both_with(setup, async |app| test(app, &server).await).await;
}

/// An owner of the first shop, who logs in nowhere here.
async fn make_owner(app: &TestApp, email: &str) -> Staff {
    let duties = Duties::of(&[Role::Owner], false);
    let staff = Staff { duties, ..Staff::new(app.shop.id, email.parse().unwrap(), false, &*app.entropy) };
    let made = staff.clone();
    let hash = "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAA";
    let write = move |tx: &mut store::Tx<'_>| {
        let now = tx.machine_now();
        tx.execute_all(&[shop::staff::rows::insert(&made, hash, now)])
    };
    app.store().write::<_, StoreError, _>(write).await.unwrap();
    staff
}

async fn send(app: &TestApp, token: &str, method: &'static str, path: &str, body: Value) -> Value {
    let request = Request::post(path, body.to_string()).method(method);
    app.http.send(&request.header("authorization", format!("Bearer {token}"))).await.good()
}

/// The mails that came since there were `before`, by reader.
fn since(server: &SmtpServer, before: usize, count: usize) -> Vec<Value> {
    let mut mails = server.received(before + count).split_off(before);
    mails.sort_by_key(|mail| mail["headers"]["To"].to_string());
    mails
}

/// What the link in a mail carries.
fn carried(mail: &Value, path: &str) -> String {
    let text = mail["text"].as_str().unwrap();
    let (_, rest) = text.split_once(&format!("{path}?token=")).expect("a link");
    rest.split_whitespace().next().unwrap().to_owned()
}

fn whence() -> Whence {
    Whence { address: "127.0.0.1".parse().unwrap(), origin: "tests".into(), device: String::new() }
}

#[tokio::test]
async fn invitations_and_links_for_another_password_arrive_once_and_open_accounts() {
    on_both(async |app, server| {
        let before = server.received(0).len();
        make_owner(app, "owner@shop.example").await;
        let token = app.token(Some(app.shop.id), vec![Scope::Staff]).await;
        let guest = json!({ "email": "hana@shop.example", "name": "Hana", "roles": ["orders"] });
        send(app, &token, "POST", "/api/shops/1/staff-invitations", guest).await;
        let ui = app.wired.ui();
        ui.door().ask_reset("owner@shop.example", &whence()).await.unwrap();
        ui.door().ask_reset("nobody@shop.example", &whence()).await.unwrap();
        app.run_jobs().await;
        app.run_jobs().await;
        let mails = since(server, before, 2);
        assert_eq!(server.received(0).len(), before + 2);
        let of = |mail: &Value, header: &str| mail["headers"][header].as_str().unwrap().to_owned();
        let heads: Vec<_> = mails.iter().map(|mail| (of(mail, "To"), of(mail, "Subject"), of(mail, "From"))).collect();
        let head =
            |to: &str, subject: &str| (to.to_owned(), subject.to_owned(), "店 1 <mail@choba.example>".to_owned());
        let invited = head("hana@shop.example", "【帳場】店 1 の管理画面への招待");
        assert_eq!(heads, [invited, head("owner@shop.example", "【帳場】パスワードの再設定")]);

        let joined = ui.door().join(&carried(&mails[0], "/invitation"), "a long test password".into(), &whence()).await;
        assert_eq!(joined.unwrap().email.as_str(), "hana@shop.example");
        let other = carried(&mails[1], "/reset");
        ui.door().reset(&other, "another long password".into(), &whence()).await.unwrap();
        assert!(ui.door().reset_of(&other).await.unwrap().is_none(), "it counts once");
        // Their messages go after a month, and nothing is missed by a recount.
        app.wait(31 * 86_400);
        app.prune().await;
        assert_eq!((app.rows_in("outbox").await, app.rows_in("staff_mail").await), (0, 2));
    })
    .await;
}

/// Where the mails of notices went and what became of them, by reader.
async fn told(app: &TestApp) -> Vec<(String, Outcome)> {
    let mails = app.store().read(|tx| newest(tx, 100)).await.unwrap();
    let mut told: Vec<_> = mails.into_iter().map(|mail| (mail.to, mail.outcome)).collect();
    told.sort_by(|one, other| one.0.cmp(&other.0));
    told
}

#[tokio::test]
async fn a_notice_arrives_once_at_each_owner_and_a_refusal_ends_where_the_operator_sees_it() {
    on_both(async |app, server| {
        let before = server.received(0).len();
        // A server greylists an address once: each engine has its own.
        let grey = format!("greylisted@{:?}.example", app.engine).to_lowercase();
        for email in ["owner@shop.example", "refused@shop.example", &grey] {
            make_owner(app, email).await;
        }
        let own = app.token(Some(app.shop.id), vec![Scope::Settings]).await;
        send(app, &own, "PUT", "/api/shops/1/news-mail", json!({ "wanted": true })).await;
        let operator = app.token(None, vec![Scope::Admin]).await;
        let notice = json!({ "severity": "important", "title": "仕様変更", "body": "1行目\n2行目" });
        send(app, &operator, "POST", "/api/notices", notice).await;
        app.run_jobs().await;
        app.run_jobs().await;
        let mail = since(server, before, 1).remove(0);
        assert_eq!(mail["headers"]["To"], "owner@shop.example");
        assert_eq!(mail["headers"]["Subject"], "【帳場】重要: 仕様変更");
        let text = mail["text"].as_str().unwrap().replace("\r\n", "\n");
        assert!(text.contains("店 1 の店舗管理者様") && text.contains("1行目\n2行目"), "{text}");
        assert!(text.contains("https://choba.example/dashboard/sandbox/account/news-mail"), "{text}");
        let expected = |of_grey: Outcome| {
            let mut all = vec![
                (grey.clone(), of_grey),
                ("owner@shop.example".to_owned(), Outcome::Sent),
                ("refused@shop.example".to_owned(), Outcome::Refused),
            ];
            all.sort_by(|one, other| one.0.cmp(&other.0));
            all
        };
        assert_eq!(told(app).await, expected(Outcome::Waiting));
        app.wait(61);
        app.run_jobs().await;
        assert_eq!(told(app).await, expected(Outcome::Sent));
        assert_eq!(since(server, before, 2).len(), 2);
        // No address stands in the outbox or beside it.
        let kept = app.everything_in(&["outbox", "news_mail"]).await;
        assert!(!kept.contains("shop.example") && !kept.contains(&grey), "{kept}");
        let shop = app.shop.id;
        let failures = app.store().read(move |tx| store::outbox::failures(tx, shop, "", 10)).await.unwrap();
        assert_eq!(failures.iter().map(|failure| failure.error.as_str()).collect::<Vec<_>>(), ["550 to the mail"]);
        app.put_aside(shop, &failures[0].id).await;
        app.wait(31 * 86_400);
        app.prune().await;
        assert_eq!((app.rows_in("outbox").await, app.rows_in("news_mail").await), (0, 3));
    })
    .await;
}

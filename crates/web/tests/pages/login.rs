//! Login, lock-out, sessions, passwords.

use testkit::app::on_both;

use crate::browser::{Browser, PASSWORD, make_staff};

const OWNER: &str = "owner@shop.example";

#[tokio::test]
async fn a_login_leads_to_the_page_that_was_asked_for_and_a_logout_ends_it() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let mut browser = Browser::new(app);
        let asked = browser.get("/requests?status=4xx").await;
        assert_eq!(asked.status, 303);
        let location = asked.header("location").unwrap().to_owned();
        assert_eq!(location, "/login?to=/requests%3Fstatus%3D4xx");
        let page = browser.get(&location).await;
        assert!(page.text.contains(r#"name="to" value="/requests?status=4xx""#), "{}", page.text);

        let fields = [("to", "/requests?status=4xx"), ("email", " Owner@shop.example"), ("password", PASSWORD)];
        let entered = browser.submit(&page, "/login", &fields).await;
        assert_eq!((entered.status, entered.header("location")), (303, Some("/requests?status=4xx")));
        let cookie = entered.head.lines().find(|line| line.starts_with("set-cookie: choba-staff=")).unwrap();
        assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");

        let home = browser.get("/dashboard/sandbox").await;
        assert_eq!(home.status, 200);
        assert!(home.text.contains("店 1"), "{}", home.text);
        let kept = browser.clone();
        assert_eq!(browser.submit(&home, "/logout", &[]).await.header("location"), Some("/login"));
        assert_eq!(browser.cookie("choba-staff"), None);
        assert_eq!(kept.clone().get("/dashboard/sandbox").await.status, 303, "the session itself is over");
    })
    .await;
}

#[tokio::test]
async fn an_unknown_account_and_a_wrong_password_get_the_same_answer() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let mut answers = Vec::new();
        for email in [OWNER, "nobody@shop.example", "no address"] {
            let mut browser = Browser::new(app);
            let reply = browser.login(email, "not the password").await;
            assert_eq!(reply.status, 403);
            assert_eq!(browser.cookie("choba-staff"), None);
            let token = crate::browser::token(&reply).unwrap().to_owned();
            answers.push(reply.text.replace(&token, "").replace(email, ""));
        }
        assert!(answers[0].contains("メールアドレスまたはパスワードが違います。"));
        assert!(answers.iter().all(|answer| *answer == answers[0]));
        assert!(!answers[0].contains("not the password"));
    })
    .await;
}

#[tokio::test]
async fn failures_lock_an_account_known_or_not_for_a_time_that_grows() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        for email in [OWNER, "nobody@shop.example"] {
            let mut browser = Browser::new(app);
            for _ in 0..5 {
                assert_eq!(browser.login(email, "not the password").await.status, 403);
            }
            let locked = browser.login(email, PASSWORD).await;
            assert_eq!((locked.status, locked.header("retry-after")), (429, Some("30")), "{email}");
            assert!(locked.text.contains("あと30秒"), "{}", locked.text);
        }
        app.wait(30);
        let mut browser = Browser::new(app);
        assert_eq!(browser.login(OWNER, "not the password").await.status, 403);
        assert_eq!(browser.login(OWNER, PASSWORD).await.header("retry-after"), Some("60"));
        app.wait(60);
        assert_eq!(browser.login(OWNER, PASSWORD).await.status, 303);
        // The right password forgets what failed.
        for _ in 0..4 {
            assert_eq!(Browser::new(app).login(OWNER, "not the password").await.status, 403);
        }
        assert_eq!(Browser::new(app).login(OWNER, PASSWORD).await.status, 303);
    })
    .await;
}

#[tokio::test]
async fn many_accounts_tried_from_one_address_lock_the_address() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let mut browser = Browser::new(app);
        for number in 0..20 {
            let reply = browser.login(&format!("guess-{number}@shop.example"), "not the password").await;
            assert_eq!(reply.status, 403, "{number}");
        }
        assert_eq!(browser.login(OWNER, PASSWORD).await.status, 429);
        app.wait(30);
        assert_eq!(browser.login(OWNER, PASSWORD).await.status, 303);
    })
    .await;
}

#[tokio::test]
async fn many_wrong_logins_at_once_are_as_bounded_as_many_in_a_row() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let mut page = Browser::new(app);
        page.get("/login").await;
        let mut tries = tokio::task::JoinSet::new();
        for _ in 0..12 {
            let mut browser = page.clone();
            tries.spawn(async move { browser.login(OWNER, "not the password").await.status });
        }
        let statuses = tries.join_all().await;
        assert_eq!(statuses.iter().filter(|status| **status == 403).count(), 5, "{statuses:?}");
        assert!(statuses.iter().all(|status| [403, 429].contains(status)), "{statuses:?}");
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_and_after_its_longest() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let mut browser = Browser::logged_in(app, OWNER).await;
        app.wait(3_599);
        assert_eq!(browser.get("/dashboard/sandbox").await.status, 200);
        app.wait(3_600);
        assert_eq!(browser.get("/dashboard/sandbox").await.status, 303, "idle for an hour");

        let mut browser = Browser::logged_in(app, OWNER).await;
        for _ in 0..24 {
            assert_eq!(browser.get("/dashboard/sandbox").await.status, 200);
            app.wait(1_800);
        }
        assert_eq!(browser.get("/dashboard/sandbox").await.status, 303, "twelve hours after the login");
    })
    .await;
}

#[tokio::test]
async fn a_login_begins_a_session_of_its_own_whatever_cookie_was_there() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let mut browser = Browser::new(app);
        let planted = "0a".repeat(32);
        browser.plant("choba-staff", &planted);
        assert_eq!(browser.login(OWNER, PASSWORD).await.status, 303);
        assert_ne!(browser.cookie("choba-staff"), Some(planted.as_str()));
        let mut thief = Browser::new(app);
        thief.plant("choba-staff", &planted);
        assert_eq!(thief.get("/dashboard/sandbox").await.status, 303);
    })
    .await;
}

#[tokio::test]
async fn a_password_that_others_saw_is_changed_first_and_other_sessions_end() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, true).await;
        let mut elsewhere = Browser::logged_in(app, OWNER).await;
        let mut browser = Browser::logged_in(app, OWNER).await;
        assert_eq!(browser.get("/dashboard/sandbox").await.header("location"), Some("/password"));
        let page = browser.get("/password").await;
        assert!(page.text.contains("はじめに"), "{}", page.text);

        let new = "another long password";
        let wrong = browser.submit(&page, "/password", &[("current", "no"), ("new", new)]).await;
        assert!(wrong.status == 403 && wrong.text.contains("現在のパスワードが違います。"), "{}", wrong.text);
        let short = browser.submit(&page, "/password", &[("current", PASSWORD), ("new", "short")]).await;
        assert!(short.status == 400 && short.text.contains("12文字以上"), "{}", short.text);
        let before = browser.cookie("choba-staff").unwrap().to_owned();
        let changed = browser.submit(&page, "/password", &[("current", PASSWORD), ("new", new)]).await;
        assert_eq!((changed.status, changed.header("location")), (303, Some("/?done=password")));
        assert_ne!(browser.cookie("choba-staff"), Some(before.as_str()));
        assert!(browser.get("/dashboard/sandbox?done=password").await.text.contains("パスワードを変更しました"));
        assert_eq!(elsewhere.get("/password").await.status, 303);
        assert_eq!(Browser::new(app).login(OWNER, PASSWORD).await.status, 403);
        assert_eq!(Browser::new(app).login(OWNER, new).await.status, 303);
    })
    .await;
}

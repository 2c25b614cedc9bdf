//! What every page has: headers, nothing of another host, both languages; and forms that another site made somebody
//! send.

use testkit::app::on_both;
use testkit::http::{Reply, Request};

use crate::browser::{Browser, PASSWORD, make_staff, token};

const OWNER: &str = "owner@shop.example";
/// Every page of the staff that shows something without anything in the database.
const PAGES: &[&str] = &[
    "/dashboard/sandbox",
    "/dashboard/sandbox/notices",
    "/dashboard/sandbox/shop",
    "/password",
    "/requests",
    "/requests?text=a",
    "/mailbox",
    "/mailbox?text=a",
    "/dashboard/sandbox/orders",
    "/dashboard/sandbox/orders?number=1&from=x&status=captured",
    "/dashboard/sandbox/mall",
    "/dashboard/sandbox/mall/clock",
    "/dashboard/sandbox/mall/settings",
    "/dashboard/sandbox/mall/licences",
    "/dashboard/sandbox/components",
    "/dashboard/sandbox/account/keys",
    "/dashboard/sandbox/account/keys/sandbox/private_key/rotate",
    "/dashboard/sandbox/account/security-code",
    "/dashboard/sandbox/account/automatic-mails",
    "/dashboard/sandbox/account/staff",
    "/dashboard/sandbox/account/staff/invite",
    "/dashboard/sandbox/account/two-step",
    "/dashboard/sandbox/account/devices",
    "/dashboard/sandbox/account/audit",
    "/dashboard/sandbox/account/confirm",
    "/forgotten",
    "/reset?token=a",
    "/invitation?token=a",
    "/dashboard/sandbox/components/dialog",
    "/nowhere",
];

/// Asserts what holds for every page.
pub fn assert_safe(path: &str, reply: &Reply) {
    let policy = reply.header("content-security-policy").unwrap_or_else(|| panic!("{path} has no policy"));
    for part in
        ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]
    {
        assert!(policy.contains(part), "{path}: {policy}");
    }
    assert!(!policy.contains("unsafe"), "{path}: {policy}");
    let headers = [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
        ("content-type", "text/html; charset=utf-8"),
    ];
    for (name, value) in headers {
        assert_eq!(reply.header(name), Some(value), "{path}");
    }
    let text = &reply.text;
    let foreign =
        |part: &str| part.starts_with("//") || part.split('"').next().is_some_and(|value| value.contains("://"));
    // What somebody typed stands in values, what is to be copied in data: it leads nowhere.
    let attributes = text.split("=\"").zip(text.split("=\"").skip(1));
    let mut followed = attributes
        .filter(|(before, _)| ![" value", " data-copy"].iter().any(|name| before.ends_with(name)))
        .map(|(_, value)| value);
    assert!(!followed.any(foreign), "{path} names another host:\n{text}");
    for inline in ["<style", "style=\"", " onclick", " onload", "javascript:"] {
        assert!(!text.contains(inline), "{path} has {inline}");
    }
}

#[tokio::test]
async fn every_page_has_its_headers_and_names_no_other_host_in_both_languages() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let mut browser = Browser::logged_in(app, OWNER).await;
        let mut english = browser.clone().saying("accept-language", "en-GB,en;q=0.9,ja;q=0.8");
        let login = Browser::new(app).get("/login").await;
        assert_safe("/login", &login);
        for path in PAGES {
            let page = browser.get(path).await;
            assert_safe(path, &page);
            assert!(page.text.contains(r#"<html lang="ja">"#), "{path}");
            let page = english.get(path).await;
            assert_safe(path, &page);
            assert!(page.text.contains(r#"<html lang="en">"#), "{path}");
            let japanese: Vec<char> = page.text.chars().filter(|c| ('ぁ'..='龥').contains(c)).collect();
            // The name of the shop, and that of the other language.
            assert_eq!(japanese.iter().collect::<String>().replace("店", "").replace("日本語", ""), "", "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn assets_are_kept_for_good_under_names_of_their_content() {
    on_both(async |app| {
        let mut browser = Browser::new(app);
        let page = browser.get("/login").await;
        let style = page.text.split(r#"<link rel="stylesheet" href=""#).nth(1).unwrap().split('"').next().unwrap();
        let reply = browser.get(style).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/css; charset=utf-8")));
        assert_eq!(reply.header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert_eq!(browser.get("/s/desk-0000000000000000.css").await.status, 404);
        assert_eq!(browser.get("/favicon.ico").await.header("content-type"), Some("image/svg+xml"));
    })
    .await;
}

#[tokio::test]
async fn the_language_can_be_switched_and_stays() {
    on_both(async |app| {
        let mut browser = Browser::new(app);
        let page = browser.get("/login?to=/requests").await;
        let fields = [("language", "en"), ("to", "/login?to=/requests")];
        let switched = browser.submit(&page, "/language", &fields).await;
        assert_eq!((switched.status, switched.header("location")), (303, Some("/login?to=/requests")));
        assert!(browser.get("/login").await.text.contains("<h1>Log in</h1>"));
        let away = browser.submit(&page, "/language", &[("language", "ja"), ("to", "https://evil.example")]).await;
        assert_eq!(away.header("location"), Some("/"));
        assert!(browser.get("/login").await.text.contains("<h1>ログイン</h1>"));
    })
    .await;
}

#[tokio::test]
async fn a_form_that_no_page_of_ours_sent_is_refused() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let mut browser = Browser::logged_in(app, OWNER).await;
        let page = browser.get("/dashboard/sandbox").await;
        let mut stranger = Browser::new(app);
        let strangers = stranger.get("/login").await;

        for (what, reply) in [
            ("no token", browser.clone().post("/logout", &[]).await),
            ("another's token", browser.clone().submit(&strangers, "/logout", &[]).await),
            (
                "another site",
                browser.clone().saying("sec-fetch-site", "cross-site").submit(&page, "/logout", &[]).await,
            ),
            (
                "another origin",
                browser.clone().saying("origin", "https://evil.example").submit(&page, "/logout", &[]).await,
            ),
            ("an origin that is hidden", browser.clone().saying("origin", "null").submit(&page, "/logout", &[]).await),
            (
                "a login without a token",
                Browser::new(app).post("/login", &[("email", OWNER), ("password", PASSWORD)]).await,
            ),
        ] {
            assert_eq!(reply.status, 403, "{what}");
            assert_safe(what, &reply);
        }
        assert_eq!(browser.get("/dashboard/sandbox").await.status, 200, "still logged in");
        let ours = browser.clone().saying("sec-fetch-site", "same-origin").saying("origin", "http://localhost");
        assert_eq!(ours.clone().submit(&page, "/logout", &[]).await.status, 303);
    })
    .await;
}

#[tokio::test]
async fn the_token_of_a_visitor_is_worth_nothing_once_somebody_is_logged_in() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let mut browser = Browser::new(app);
        let before = browser.get("/login").await;
        let fields = [("email", OWNER), ("password", PASSWORD)];
        assert_eq!(browser.submit(&before, "/login", &fields).await.status, 303);
        assert_eq!(browser.submit(&before, "/logout", &[]).await.status, 403);
        let after = browser.get("/dashboard/sandbox").await;
        assert_ne!(token(&before), token(&after));
    })
    .await;
}

#[tokio::test]
async fn forms_that_are_none_get_a_page_that_says_so() {
    on_both(async |app| {
        let mut browser = Browser::new(app);
        browser.get("/login").await;
        let twice = browser.post("/login", &[("csrf", "a"), ("csrf", "b")]).await;
        assert_eq!(twice.status, 400);
        let large = "x".repeat(70_000);
        assert_eq!(browser.post("/login", &[("email", &large)]).await.status, 400);
        let broken = app.http.send(&Request::post("/login", "email=%zz")).await;
        assert_eq!(broken.status, 400);
        assert_safe("/login", &broken);
    })
    .await;
}

#[tokio::test]
async fn a_path_that_there_is_not_is_a_page_for_people_and_an_error_for_programs() {
    on_both(async |app| {
        let page = Browser::new(app).get("/nowhere").await;
        assert_eq!(page.status, 404);
        assert!(page.text.contains("ページが見つかりません"), "{}", page.text);
        for path in ["/v1/nowhere", "/sandbox/v2", "/api/nowhere"] {
            Browser::new(app).get(path).await.refused(404, "invalid_request_error", "not_found");
        }
        app.http.send(&Request::get("/nowhere")).await.refused(404, "invalid_request_error", "not_found");
    })
    .await;
}

//! A session that ends in the middle of a form: what was typed is sent again after the login, once, under the same key.

use testkit::app::on_both;

use crate::browser::{Browser, PASSWORD, hidden, make_staff};
use crate::safety::assert_safe;

const OWNER: &str = "owner@shop.example";
const INVITE: &str = "/dashboard/sandbox/account/staff/invite";

#[tokio::test]
async fn a_form_of_a_session_that_has_ended_is_sent_after_the_login() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        let mut browser = Browser::logged_in(app, OWNER).await;
        let page = browser.get(INVITE).await;
        let key = hidden(&page, "key");
        app.wait(3_600);
        let fields = [("key", key.as_str()), ("email", "hana@shop.example"), ("name", "花子"), ("roles.orders", "on")];
        let ended = browser.submit(&page, INVITE, &fields).await;
        assert_safe("the login", &ended);
        assert!(ended.status == 403 && ended.text.contains("ログインの期限が切れました"), "{}", ended.text);
        assert_eq!(app.actions("staff.invite").await, 0);
        let kept = hidden(&ended, "kept");
        assert!(!ended.text.contains("花子"), "who is not logged in reads nothing of it");

        // A wrong password loses nothing.
        let login = |password: &'static str, kept: &str| {
            vec![("email", OWNER.to_owned()), ("password", password.to_owned()), ("kept", kept.to_owned())]
        };
        let send = |fields: Vec<(&'static str, String)>| fields;
        let wrong = send(login("not the password", &kept));
        let wrong: Vec<(&str, &str)> = wrong.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let again = browser.submit(&ended, "/login", &wrong).await;
        assert_eq!(again.status, 403);
        let kept = hidden(&again, "kept");
        let right = send(login(PASSWORD, &kept));
        let right: Vec<(&str, &str)> = right.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let resumed = browser.submit(&again, "/login", &right).await;
        assert_safe("the form", &resumed);
        assert!(resumed.status == 200 && resumed.text.contains("入力内容を送信する"), "{}", resumed.text);
        assert!(resumed.text.contains(&format!("<textarea name=\"key\" hidden>\n{key}</textarea>")));
        assert!(resumed.text.contains("<textarea name=\"name\" hidden>\n花子</textarea>"), "{}", resumed.text);
        assert!(resumed.text.contains("<li>花子</li>") && !resumed.text.contains(&format!("<li>{key}")), "it is seen");
        assert!(resumed.text.contains(&format!(r#"action="{INVITE}""#)));
        for _ in 0..2 {
            let sent = browser.submit(&resumed, INVITE, &fields).await;
            assert_eq!(sent.header("location"), Some("/dashboard/sandbox/account/staff?done=invited"), "{}", sent.text);
        }
        assert_eq!(app.actions("staff.invite").await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_was_typed_is_of_who_typed_it_and_is_not_kept_for_long() {
    on_both(async |app| {
        make_staff(app, app.shop.id, OWNER, false).await;
        make_staff(app, app.shop.id, "ken@shop.example", false).await;
        let mut browser = Browser::logged_in(app, OWNER).await;
        let page = browser.get("/password").await;
        app.wait(3_600);
        let fields = [("current", PASSWORD), ("new", "another long password"), ("note", "kept")];
        let ended = browser.submit(&page, "/password", &fields).await;
        let kept = hidden(&ended, "kept");
        let as_whom = async |email: &str, kept: &str| {
            let mut browser = browser.clone();
            browser.submit(&ended, "/login", &[("email", email), ("password", PASSWORD), ("kept", kept)]).await
        };
        assert_eq!(as_whom("ken@shop.example", &kept).await.status, 303, "another person's form is not offered");
        let altered = format!("{}0", &kept[..kept.len() - 1]);
        assert_eq!(as_whom(OWNER, &altered).await.status, 303);
        let resumed = as_whom(OWNER, &kept).await;
        assert!(resumed.text.contains("<textarea name=\"note\" hidden>\nkept</textarea>"), "{}", resumed.text);
        assert!(!resumed.text.contains(PASSWORD) && !resumed.text.contains(r#"name="new""#), "passwords are not kept");
        app.wait(3_600);
        assert_eq!(as_whom(OWNER, &kept).await.status, 303);
    })
    .await;
}

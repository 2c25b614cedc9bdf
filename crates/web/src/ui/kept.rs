//! A form that could not be taken, because its session ended or became another one in the meantime: what was typed is
//! handed back in a form that can be sent again. Nothing of it was done, and the hidden key of a form stays the same.

use askama::Template;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use pay::http::form::Form;

use super::cookie::Realm;
use super::{Frame, Visit, csrf};
use crate::texts;

/// Parts of the names of fields that are never handed back.
const SECRET: [&str; 5] = ["password", "current", "new", "code", "secret"];

texts! {
    /// What the page says.
    KeptText {
        title: "まだ送信されていません", "Not sent yet";
        logged_out: "ログインの有効期限が切れたため、何も実行されていません。入力内容はこのページに残っています。",
            "Your session has ended, so nothing was done. What you typed is kept on this page.";
        log_in: "1. 別のタブでログインする", "1. Log in, in another tab";
        then: "2. ログインしたら、このページに戻って送信してください。", "2. Then come back to this page and send it.";
        changed: "フォームを開いたあとでログインし直したため、何も実行されていません。入力内容は残っています。もう一度送信してください。",
            "You have logged in again since you opened the form, so nothing was done. What you typed is kept. Please send it again.";
        send: "入力内容を送信する", "Send what I typed";
    }
}

/// Why the form was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nobody is logged in any more.
    LoggedOut,
    /// The token is of another session of the same browser.
    Changed,
}

#[derive(Template)]
#[template(path = "kept.html")]
struct Page<'a> {
    frame: Frame,
    t: &'static KeptText,
    why: Why,
    pairs: Vec<(&'a str, &'a str)>,
}

impl Page<'_> {
    fn is_logged_out(&self) -> bool {
        self.why == Why::LoggedOut
    }
}

/// The page; none for what nobody would want to see again, such as a password.
pub fn page(visit: &Visit, form: &Form, why: Why) -> Option<Response> {
    let is_staff = Realm::of_path(visit.place()) == Realm::Staff;
    let is_secret = |name: &str| SECRET.iter().any(|part| name.contains(part));
    let pairs: Vec<_> = form.pairs().filter(|(name, _)| *name != csrf::FIELD).collect();
    if !is_staff || pairs.iter().any(|(name, _)| is_secret(name)) {
        return None;
    }
    let page = Page { frame: visit.frame(), t: KeptText::of(visit.language), why, pairs };
    Some(visit.page_with(StatusCode::FORBIDDEN, &page))
}

/// Whether the browser says that one of our own pages sent the form. Only then is it worth to be shown again: what
/// another site made up must not wait for a careless click.
pub fn is_certainly_ours(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site.as_bytes() == b"same-origin")
}

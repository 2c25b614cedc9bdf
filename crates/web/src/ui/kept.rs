//! A form that could not be taken, because its session became another one in the meantime, or none: what was typed is
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
        changed: "フォームを開いたあとでログイン状態が変わったため、何も実行されていません。入力内容は残っています。もう一度送信してください。",
            "Your login has changed since you opened the form, so nothing was done. What you typed is kept. Please send it again.";
        send: "入力内容を送信する", "Send what I typed";
    }
}

/// Name of the hidden field of a form that was handed back once: what is in it was typed on a page of ours.
pub const FIELD: &str = "kept";

#[derive(Template)]
#[template(path = "kept.html")]
struct Page<'a> {
    frame: Frame,
    t: &'static KeptText,
    pairs: Vec<(&'a str, &'a str)>,
}

/// The page; none for what nobody would want to see again, such as a password.
pub fn page(visit: &Visit, form: &Form) -> Option<Response> {
    let is_staff = Realm::of_path(visit.place()) == Realm::Staff;
    let is_secret = |name: &str| SECRET.iter().any(|part| name.contains(part));
    let pairs: Vec<_> = form.pairs().filter(|(name, _)| ![csrf::FIELD, FIELD].contains(name)).collect();
    if !is_staff || pairs.iter().any(|(name, _)| is_secret(name)) {
        return None;
    }
    let page = Page { frame: visit.frame(), t: KeptText::of(visit.language), pairs };
    Some(visit.page_with(StatusCode::FORBIDDEN, &page))
}

/// Whether the browser says that one of our own pages sent the form. Only then is it worth to be shown again: what
/// another site made up must not wait for a careless click.
pub fn is_certainly_ours(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site.as_bytes() == b"same-origin")
}

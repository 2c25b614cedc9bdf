//! A form that could not be taken, because its session ended in the meantime or became another one: what was typed is
//! handed back on a page from which it is sent again with one click. Nothing of it was done, and the hidden key of a form
//! stays the same, so that nothing happens twice. Passwords and codes are never handed back.
//!
//! Whose session became another one gets the page at once ([`page`]). Whose session ended logs in first, and the form waits
//! sealed in that login (`staff::resume`).

use askama::Template;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use pay::http::form::Form;

use super::cookie::Realm;
use super::{Frame, Visit, csrf};
use crate::texts;

/// Fields that are never handed back: the token of another session, and what only its owner knows.
const SECRET: [&str; 5] = [csrf::FIELD, "password", "current", "new", "code"];

texts! {
    /// What the page says.
    KeptText {
        title: "まだ送信されていません", "Not sent yet";
        changed: "フォームを開いたあとでログイン状態が変わったため、何も実行されていません。入力内容は残っています。もう一度送信してください。",
            "Your login has changed since you opened the form, so nothing was done. What you typed is kept. Please send it again.";
        ended: "ログインの期限が切れたため、次の内容はまだ送信されていません。もう一度送信してください。",
            "Your session had ended, so the following was not sent yet. Please send it again.";
        typed: "入力内容", "What you typed";
        send: "入力内容を送信する", "Send what I typed";
        discard: "送信せずに戻る", "Go back without sending";
    }
}

/// Name of the hidden field of a form that was handed back once: what is in it was typed on a page of ours.
pub const FIELD: &str = "kept";

/// A page with a form that was handed back.
#[derive(Template)]
#[template(path = "kept.html")]
pub struct Page {
    frame: Frame,
    t: &'static KeptText,
    /// Why nothing was done.
    lead: &'static str,
    action: String,
    fields: Vec<(String, String)>,
    back: Option<&'static str>,
}

impl Page {
    /// The page for a form whose session had ended; `back` leads away from it.
    pub fn after_login(
        visit: &Visit,
        frame: Frame,
        action: String,
        fields: Vec<(String, String)>,
        back: &'static str,
    ) -> Page {
        let t = KeptText::of(visit.language);
        Page { frame, t, lead: t.ended, action, fields, back: Some(back) }
    }

    /// What a person can have typed: no names of ours, no keys, nothing empty.
    fn typed(&self) -> Vec<&str> {
        let shown = |(name, value): &&(String, String)| name != "key" && !value.trim().is_empty();
        self.fields.iter().filter(shown).map(|(_, value)| value.as_str()).collect()
    }
}

/// What is handed back of a form.
pub fn fields(form: &Form) -> Vec<(String, String)> {
    let kept = form.pairs().filter(|(name, _)| *name != FIELD && !SECRET.contains(name));
    kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The page for a form whose session became another one; none for a form with a password or a code, which nobody could
/// send as it is.
pub fn page(visit: &Visit, form: &Form) -> Option<Response> {
    let is_staff = Realm::of_path(visit.place()) == Realm::Staff;
    let is_secret = |name: &str| name != csrf::FIELD && SECRET.contains(&name);
    if !is_staff || form.pairs().any(|(name, _)| is_secret(name)) {
        return None;
    }
    let t = KeptText::of(visit.language);
    let (frame, action) = (visit.frame(), visit.path.clone());
    let page = Page { frame, t, lead: t.changed, action, fields: fields(form), back: None };
    Some(visit.page_with(StatusCode::FORBIDDEN, &page))
}

/// Whether the browser says that one of our own pages sent the form. Only then is it worth to be shown again: what
/// another site made up must not wait for a careless click.
pub fn is_certainly_ours(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site.as_bytes() == b"same-origin")
}

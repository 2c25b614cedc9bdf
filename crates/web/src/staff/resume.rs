//! A form whose session had ended when it was sent: what was typed is kept, sealed, in the login that comes first, and is
//! sent again with one click after it, under the same `key`, so that nothing happens twice. Passwords and codes are not
//! kept.

use askama::Template;
use axum::response::Response;
use http::{HeaderValue, header};
use kernel::Timestamp;
use kernel::id::hex;
use kernel::time::MICROS_PER_SECOND;
use pay::http::form::Form;
use serde::{Deserialize, Serialize};
use shop::staff::Granted;

use crate::texts;
use crate::ui::language::is_local;
use crate::ui::{Frame, Realm, Visit, cookie, csrf};

/// How long a form is kept; machine time.
const KEPT_MICROS: i64 = 3_600 * MICROS_PER_SECOND;
/// Characters of a kept form at the most: the login that carries it has to fit into a form.
const KEPT_MAX: usize = 60 << 10;
/// Fields that are never kept.
const SECRET: [&str; 5] = ["password", "current", "new", "code", csrf::FIELD];
const PURPOSE: &str = "kept-form";

texts! {
    /// What the page says.
    ResumeText {
        title: "続きを送信する", "Send what you had typed";
        lead: "ログインの期限が切れたため、次の内容はまだ送信されていません。",
            "Your session had ended, so the following was not sent yet.";
        submit: "続きを送信する", "Send it now";
        discard: "送信せずに戻る", "Go back without sending";
    }
}

/// A form that was not sent.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// Where to.
    path: String,
    fields: Vec<(String, String)>,
    /// Whose session it was, if that is known.
    staff: Option<String>,
    /// Until when, microseconds of machine time.
    until: i64,
}

#[derive(Template)]
#[template(path = "staff/resume.html")]
struct Page {
    frame: Frame,
    t: &'static ResumeText,
    action: String,
    fields: Vec<(String, String)>,
    back: String,
}

/// The form, sealed; empty if it cannot be kept.
pub(super) async fn keep(visit: &Visit, form: &Form) -> String {
    let staff = match visit.session(Realm::Staff) {
        Some(secret) => visit.ui.door().ended(secret).await.unwrap_or_default(),
        None => None,
    };
    let fields = form.pairs().filter(|(name, _)| !SECRET.contains(name));
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let until = visit.ui.now().plus_micros(KEPT_MICROS).micros();
    let kept = Kept { path: visit.path.clone(), fields, staff, until };
    let text = serde_json::to_vec(&kept).expect("texts are JSON");
    let sealed = hex(&visit.ui.vault().seal(PURPOSE, &text, visit.ui.entropy()));
    Some(sealed).filter(|sealed| sealed.len() <= KEPT_MAX).unwrap_or_default()
}

fn open(visit: &Visit, sealed: &str, granted: &Granted) -> Option<Kept> {
    let bytes = kernel::id::unhex(sealed)?;
    let text = visit.ui.vault().open(PURPOSE, &bytes).ok()?;
    let kept: Kept = serde_json::from_slice(&text).ok()?;
    let same = kept.staff.as_ref().is_none_or(|staff| *staff == granted.staff.id);
    let counts = visit.ui.now() < Timestamp::from_micros(kept.until);
    (same && counts && is_local(&kept.path)).then_some(kept)
}

/// The page that sends the form again, in the session that just began; none if nothing was kept.
pub(super) fn page(visit: &Visit, sealed: &str, granted: &Granted) -> Option<Response> {
    let Kept { path, fields, .. } = open(visit, sealed, granted)?;
    let frame = Frame { path: "/".to_owned(), ..visit.frame_in(&granted.secret) };
    let page = Page { frame, t: ResumeText::of(visit.language), action: path, fields, back: "/".to_owned() };
    let mut response = visit.page(&page);
    let cookie: HeaderValue = cookie::begin_session(Realm::Staff, &visit.peer, &granted.secret);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Some(response)
}

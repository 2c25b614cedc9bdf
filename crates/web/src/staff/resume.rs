//! A form whose session had ended when it was sent: it is kept, sealed, in the login that comes first, and handed back after
//! it ([`kept`]).

use axum::response::Response;
use http::{HeaderValue, header};
use kernel::Timestamp;
use kernel::id::hex;
use kernel::time::MICROS_PER_SECOND;
use pay::http::form::Form;
use serde::{Deserialize, Serialize};
use shop::staff::Granted;

use crate::ui::language::is_local;
use crate::ui::{Frame, Realm, Visit, cookie, kept};

/// How long a form is kept; machine time.
const KEPT_MICROS: i64 = 3_600 * MICROS_PER_SECOND;
/// Characters of a kept form at the most: the login that carries it has to fit into a form.
const KEPT_MAX: usize = 60 << 10;
const PURPOSE: &str = "kept-form";

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

/// The form, sealed; empty if it cannot be kept.
pub(super) async fn keep(visit: &Visit, form: &Form) -> String {
    let staff = match visit.session(Realm::Staff) {
        Some(secret) => visit.ui.door().ended(secret).await.unwrap_or_default(),
        None => None,
    };
    let fields = kept::fields(form);
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
    let mut response = visit.page(&kept::Page::after_login(visit, frame, path, fields, "/"));
    let cookie: HeaderValue = cookie::begin_session(Realm::Staff, &visit.peer, &granted.secret);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Some(response)
}

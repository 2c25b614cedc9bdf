//! What the windows of an order do when they are answered with はい: the operations that programs call, by a member of the
//! staff, once, and only to the order as it was seen.

use axum::response::Response;
use pay::ApiError;
use pay::attempt::{Requester, Work};
use pay::gateway::{Answer, Change};
use pay::http::caller::fingerprint;
use pay::http::form::{Form, digits};
use pay::orders::Look;
use store::idempotency::RequestKey;

use super::text::OrdersText;
use crate::checkout::text::yen;
use crate::staff::Desk;
use crate::ui::cookie;

/// What a form says of the order as it was seen.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// The version of the charge.
    pub version: i64,
    /// What the page said of it then, in words.
    pub words: String,
    /// Names this submission of the form, so that sending it twice is sending it once.
    pub key: String,
}

impl Seen {
    /// The order as it is now, for a new form.
    pub fn of(desk: &Desk, look: &Look) -> Seen {
        let standing = &look.charge.standing;
        let state = OrdersText::of(desk.visit.language).state(standing.state);
        let words = format!("{state} {}", yen(desk.visit.language, standing.amount));
        Seen { version: look.charge.version, words, key: cookie::secret(desk.visit.ui.entropy()) }
    }

    /// What a form brought back; none if it is no form of ours.
    pub fn read(form: &Form) -> Option<Seen> {
        let is_key = |key: &&str| key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
        let key = form.get("key").filter(is_key);
        let version = form.get("seen").and_then(digits).and_then(|digits| digits.parse().ok());
        let words = form.get("seen_words").unwrap_or_default().chars().take(60).collect();
        Some(Seen { version: version?, words, key: key?.to_owned() })
    }
}

/// What came of it.
pub(super) enum Done {
    /// On to the page of the order, which tells the outcome, or that it is not known yet.
    Shown(Response),
    /// Nothing was done.
    Refused(ApiError),
}

/// Does it.
pub(super) async fn act(desk: &Desk, look: &Look, seen: &Seen, work: Work) -> Done {
    let verb = work.verb();
    let own = desk.side.path(&format!("/orders/{}", look.charge.number));
    let body = match &work {
        Work::Change(items) => serde_json::to_vec(items.list()).unwrap_or_default(),
        Work::Pay(_) | Work::Capture | Work::Cancel | Work::Expire => Vec::new(),
    };
    let key = RequestKey {
        shop: desk.shop(),
        scope: look.environment.as_str(),
        key: seen.key.clone(),
        fingerprint: fingerprint("POST", &format!("{own}/{verb}"), &body),
    };
    let requester = Requester { actor: desk.staff.actor(), origin: desk.visit.origin() };
    let change = Change { shop: desk.shop(), environment: look.environment, key: Some(key), requester };
    let gateway = desk.visit.ui.gateway();
    match gateway.change_seen(change, Some(seen.version), look.charge.number, work).await {
        Ok(Answer::Charge(..)) => Done::Shown(desk.visit.redirect(&format!("{own}?done={verb}"))),
        Err(error) if error.code == "outcome_unknown" => {
            Done::Shown(desk.visit.redirect(&format!("{own}?done={verb}")))
        }
        Ok(Answer::Kept(_, body)) => Done::Refused(ApiError::kept(&body)),
        Err(error) => Done::Refused(error),
    }
}

//! A change that a member of the staff asks for by a form of the dashboard.

use axum::response::Response;
use kernel::Environment;
use pay::Asked;
use pay::attempt::Requester;
use pay::http::caller::fingerprint;
use pay::http::form::Form;
use store::idempotency::RequestKey;

use super::Desk;
use crate::ui::{Problem, cookie};

/// The space of idempotency keys of settings: that of `/api`, whose operations the forms call.
const SCOPE: &str = "api";

impl Desk {
    /// A new name for a form, so that sending it twice is sending it once: its hidden field `key`.
    pub fn new_key(&self) -> String {
        cookie::secret(self.visit.ui.entropy())
    }

    /// The page for a form without a name: none of our pages sent it.
    pub fn nameless(&self) -> Response {
        self.problem(Problem::Unreadable)
    }

    /// The name that a form brought back, as [`Desk::new_key`] made it.
    pub fn key_of(&self, form: &Form) -> Option<String> {
        let is_key = |key: &&str| key.len() == 64 && key.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        form.get("key").filter(is_key).map(str::to_owned)
    }

    /// The change that a form asks for, if it has a name; `said` is what is compared when the same form comes again.
    pub fn asked(&self, environment: Environment, form: &Form, said: &[u8]) -> Option<Asked> {
        let key = RequestKey {
            shop: self.shop(),
            scope: SCOPE,
            key: self.key_of(form)?,
            fingerprint: fingerprint("POST", self.visit.place(), said),
        };
        let requester = Requester { actor: self.staff.actor(), origin: self.visit.origin() };
        Some(Asked { shop: self.shop(), environment, requester, key: Some(key) })
    }
}

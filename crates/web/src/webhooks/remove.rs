//! Webhook削除: a window that asks, and はい.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;

use super::{WebhookText, failed};
use crate::staff::{Desk, posted};
use crate::ui::{Frame, Posted};

/// A window with a question, はい and いいえ.
#[derive(Template)]
#[template(path = "webhooks/ask.html")]
pub(super) struct Question {
    pub frame: Frame,
    pub t: &'static WebhookText,
    pub title: &'static str,
    pub question: &'static str,
    /// What it is about.
    pub facts: Vec<(&'static str, String)>,
    pub more: String,
    pub action: String,
    pub back: String,
    pub key: String,
}

/// `GET /dashboard/{side}/webhooks/{id}/delete`.
pub(super) async fn ask(desk: Desk, Path((_, id)): Path<(String, String)>) -> Result<Response, Response> {
    let t = WebhookText::of(desk.visit.language);
    let (_, endpoint) = super::endpoint(&desk, &id).await?;
    let more = match endpoint.waiting {
        0 => String::new(),
        waiting => t.delete_waiting.replace("{}", &waiting.to_string()),
    };
    Ok(desk.visit.page(&Question {
        frame: desk.frame(),
        t,
        title: t.delete,
        question: t.delete_ask,
        facts: vec![(t.url, endpoint.url)],
        more,
        action: desk.side.path(&format!("/webhooks/{id}/delete")),
        back: desk.side.path("/webhooks"),
        key: desk.new_key(),
    }))
}

/// `POST /dashboard/{side}/webhooks/{id}/delete`.
pub(super) async fn delete(Path((_, id)): Path<(String, String)>, form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let done = || desk.visit.redirect(&desk.side.path("/webhooks?done=deleted"));
    if !super::is_name(&id, "we_") {
        return Err(desk.problem(crate::ui::Problem::Absent));
    }
    // Sent a second time, the endpoint is gone already: each environment of the side is asked.
    let mut last = None;
    for environment in desk.side.environments() {
        let asked = desk.asked(*environment, &form, environment.as_str().as_bytes()).ok_or_else(|| desk.nameless())?;
        match desk.visit.ui.gateway().webhooks().delete(&asked, &id).await {
            Ok(_) => return Ok(done()),
            Err(error) if error.status == 404 || error.code == "idempotency_key_reused" => last = Some(error),
            Err(error) => return Err(failed(&desk, &error)),
        }
    }
    Err(last.map_or_else(done, |error| failed(&desk, &error)))
}

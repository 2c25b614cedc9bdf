//! What is done to an endpoint at once: delivering again, stopping, and ping.

use axum::extract::Path;
use axum::response::Response;

use super::failed;
use crate::staff::{Desk, posted};
use crate::ui::Posted;

/// Where the form stood, and so where its answer is shown: the page of the endpoint, or the list.
fn place(desk: &Desk, id: &str, from: Option<&str>) -> String {
    match from {
        Some("one") => desk.side.path(&format!("/webhooks/{id}")),
        Some(_) | None => desk.side.path("/webhooks"),
    }
}

/// `POST /dashboard/{side}/webhooks/{id}/enable`.
pub(super) async fn enable(Path((_, id)): Path<(String, String)>, form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let (environment, _) = super::endpoint(&desk, &id).await?;
    let asked = desk.asked(environment, &form, b"").ok_or_else(|| desk.nameless())?;
    let done = desk.visit.ui.gateway().webhooks().enable(&asked, &id).await;
    done.map_err(|error| failed(&desk, &error))?;
    Ok(desk.visit.redirect(&format!("{}?done=enabled", place(&desk, &id, form.get("from")))))
}

/// `POST /dashboard/{side}/webhooks/{id}/disable`.
pub(super) async fn disable(Path((_, id)): Path<(String, String)>, form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let (environment, _) = super::endpoint(&desk, &id).await?;
    let asked = desk.asked(environment, &form, b"").ok_or_else(|| desk.nameless())?;
    let done = desk.visit.ui.gateway().webhooks().disable(&asked, &id).await;
    done.map_err(|error| failed(&desk, &error))?;
    Ok(desk.visit.redirect(&format!("{}?done=disabled", place(&desk, &id, form.get("from")))))
}

/// `POST /dashboard/{side}/webhooks/{id}/ping`: answers when the shop's server has.
pub(super) async fn ping(Path((_, id)): Path<(String, String)>, form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let (environment, _) = super::endpoint(&desk, &id).await?;
    let asked = desk.asked(environment, &form, b"").ok_or_else(|| desk.nameless())?;
    let pinged = desk.visit.ui.gateway().webhooks().ping(&asked, &id).await;
    let tried = pinged.map_err(|error| failed(&desk, &error))?;
    Ok(desk.visit.redirect(&format!("{}?ping={}#ping", place(&desk, &id, form.get("from")), tried.id)))
}

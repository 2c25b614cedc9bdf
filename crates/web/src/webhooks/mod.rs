//! Webhook (seed 000 "Webhook"): where the shop's server hears of events, its certificates, the connection check, and the
//! log of every delivery.

mod certificate;
mod deliveries;
mod delivery;
mod edit;
mod exchange;
mod list;
mod one;
mod remove;
mod replay;
mod signature;
mod switch;
mod text;

use axum::response::Response;
use kernel::Environment;
use pay::ApiError;
use pay::webhook::EventType;
use pay::webhook::endpoint::Key;
use pay::webhook::operations::view::EndpointObject;
use shop::Right;

use crate::staff::Desk;
use crate::ui::{Access, Pages, Problem, Ui};

pub use text::{DeliveryText, WebhookText};

/// The pages.
pub fn pages(ui: &Ui) -> Pages {
    let (see, change) = (Access::With(Right::SeeWebhooks), Access::With(Right::ChangeWebhooks));
    let (keys, rotate) = (Access::With(Right::SeeKeys), Access::With(Right::ChangeKeys));
    Pages::new()
        .get("/dashboard/{side}/webhooks", see, list::show)
        .get("/dashboard/{side}/webhooks/new", change, edit::blank)
        .post("/dashboard/{side}/webhooks/new", change, edit::add)
        .get("/dashboard/{side}/webhooks/deliveries", see, deliveries::show)
        .get("/dashboard/{side}/webhooks/deliveries/{id}", see, delivery::show)
        .post("/dashboard/{side}/webhooks/deliveries/{id}/resend", change, delivery::resend)
        .get("/dashboard/{side}/webhooks/replay", change, replay::show)
        .post("/dashboard/{side}/webhooks/replay", change, replay::run)
        .get("/dashboard/{side}/webhooks/signature", keys, signature::show)
        .post("/dashboard/{side}/webhooks/signature/{environment}/{id}/reveal", keys, signature::reveal)
        .get("/dashboard/{side}/webhooks/signature/{environment}/{kind}/rotate", rotate, signature::ask)
        .post("/dashboard/{side}/webhooks/signature/{environment}/{kind}/rotate", rotate, signature::rotate)
        .post("/dashboard/{side}/webhooks/signature/{environment}/{id}/end", rotate, signature::end)
        .get("/dashboard/{side}/webhooks/{id}", see, one::show)
        .get("/dashboard/{side}/webhooks/{id}/edit", change, edit::show)
        .post("/dashboard/{side}/webhooks/{id}/edit", change, edit::save)
        .get("/dashboard/{side}/webhooks/{id}/delete", change, remove::ask)
        .post("/dashboard/{side}/webhooks/{id}/delete", change, remove::delete)
        .post("/dashboard/{side}/webhooks/{id}/enable", change, switch::enable)
        .post("/dashboard/{side}/webhooks/{id}/disable", change, switch::disable)
        .post("/dashboard/{side}/webhooks/{id}/ping", change, switch::ping)
        .post("/dashboard/{side}/webhooks/{id}/certificate", change, certificate::upload)
        .get("/dashboard/{side}/webhooks/{id}/certificate/delete", change, certificate::ask)
        .post("/dashboard/{side}/webhooks/{id}/certificate/delete", change, certificate::delete)
        .with_state(ui.clone())
}

/// `prefix` and 32 hex digits.
fn is_name(text: &str, prefix: &str) -> bool {
    let rest = text.strip_prefix(prefix);
    rest.is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
}

/// The endpoint of this name that the side shows.
async fn endpoint(desk: &Desk, id: &str) -> Result<(Environment, EndpointObject), Response> {
    if is_name(id, "we_") {
        for environment in desk.side.environments() {
            let key = Key { shop: desk.shop(), environment: *environment, id: id.to_owned() };
            match desk.visit.ui.gateway().webhooks().endpoint(key).await {
                Ok(found) => return Ok((*environment, found)),
                Err(error) if error.status == 404 => {}
                Err(error) => return Err(failed(desk, &error)),
            }
        }
    }
    Err(desk.problem(Problem::Absent))
}

/// The page for a refusal that belongs to no form: what is named is not there, or the server cannot.
fn failed(desk: &Desk, error: &ApiError) -> Response {
    match error.status {
        404 => desk.problem(Problem::Absent),
        400..500 => desk.problem(Problem::Unreadable),
        _ => desk.problem(Problem::Unavailable),
    }
}

/// The environment that a form or a query names; the side's main one otherwise.
fn environment(desk: &Desk, name: &str) -> Environment {
    let environments = desk.side.environments();
    let named = name.parse::<Environment>().ok().filter(|named| environments.contains(named));
    named.unwrap_or(environments[0])
}

/// `確定 (charge.captured)`.
fn kind_name(t: &WebhookText, kind: &str) -> String {
    kind.parse::<EventType>().map_or_else(|_| kind.to_owned(), |known| format!("{} ({known})", t.kind(known)))
}

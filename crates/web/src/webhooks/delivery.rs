//! `/dashboard/{side}/webhooks/deliveries/{id}`: one try in full, and sending its event again.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use kernel::{Environment, Timestamp};
use pay::webhook::EventType;
use pay::webhook::log::Logged;
use shop::Right;

use super::exchange::Exchange;
use super::{DeliveryText, WebhookText, failed, is_name, kind_name, list};
use crate::staff::{Desk, posted};
use crate::ui::frame::moment;
use crate::ui::{Frame, Posted, Problem, Query, Side, Tone};

#[derive(Template)]
#[template(path = "webhooks/delivery.html")]
struct Page {
    frame: Frame,
    t: &'static WebhookText,
    d: &'static DeliveryText,
    base: String,
    id: String,
    outcome: String,
    tone: &'static str,
    /// It got there: sending it again is not what somebody comes for.
    is_good: bool,
    when: String,
    kind: String,
    event: String,
    /// Its order number and page; empty for what is about no order.
    charge: String,
    order: String,
    endpoint: String,
    endpoint_page: String,
    /// Empty in Sandbox.
    environment: &'static str,
    number: String,
    exchange: Exchange,
    /// Why it cannot be sent again; empty if it can.
    why_not: &'static str,
    key: String,
}

/// The try of this name that the side shows.
async fn find(desk: &Desk, id: &str) -> Result<(Environment, Logged), Response> {
    if is_name(id, "") {
        for environment in desk.side.environments() {
            match desk.visit.ui.gateway().webhooks().attempt(desk.shop(), *environment, id.to_owned()).await {
                Ok(found) => return Ok((*environment, found)),
                Err(error) if error.status == 404 => {}
                Err(error) => return Err(failed(desk, &error)),
            }
        }
    }
    Err(desk.problem(Problem::Absent))
}

/// `GET /dashboard/{side}/webhooks/deliveries/{id}`.
pub(super) async fn show(desk: Desk, Path((_, id)): Path<(String, String)>) -> Result<Response, Response> {
    let found = find(&desk, &id).await?;
    let done = Query::of(&desk.visit.path).get("done").to_owned();
    let frame = list::said(&desk, &done);
    Ok(page(&desk, frame, StatusCode::OK, found))
}

/// `POST /dashboard/{side}/webhooks/deliveries/{id}/resend`.
pub(super) async fn resend(Path((_, id)): Path<(String, String)>, form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let (environment, tried) = find(&desk, &id).await?;
    let asked = desk.asked(environment, &form, b"").ok_or_else(|| desk.nameless())?;
    match desk.visit.ui.gateway().webhooks().resend(&asked, &tried.event).await {
        Ok(_) => Ok(desk.visit.redirect(&desk.side.path(&format!("/webhooks/deliveries/{id}?done=resent")))),
        Err(error) if error.status == 400 => {
            let d = DeliveryText::of(desk.visit.language);
            let text = if error.code == "no_endpoint" { d.no_endpoint } else { d.not_resendable };
            let frame = desk.frame().saying(Tone::Bad, text);
            Ok(page(&desk, frame, StatusCode::BAD_REQUEST, (environment, tried)))
        }
        Err(error) => Err(failed(&desk, &error)),
    }
}

fn page(desk: &Desk, frame: Frame, status: StatusCode, (environment, tried): (Environment, Logged)) -> Response {
    let (t, d) = (WebhookText::of(desk.visit.language), DeliveryText::of(desk.visit.language));
    let answer = tried.response.as_ref().map(|response| response.status);
    let (outcome, tone) = d.outcome(&tried.outcome, answer);
    let base = desk.side.path("/webhooks");
    let is_told = tried.r#type.parse::<EventType>().is_ok_and(|kind| !kind.is_synchronous());
    let charge = tried.charge.clone().unwrap_or_default();
    let page = Page {
        frame,
        t,
        d,
        outcome,
        tone: tone.class(),
        is_good: tone == Tone::Good,
        when: moment(Timestamp::from_micros(tried.started_us)),
        kind: kind_name(t, &tried.r#type),
        order: desk.side.path(&format!("/orders/{charge}")),
        charge,
        endpoint: tried.url.clone(),
        endpoint_page: format!("{base}/{}", tried.endpoint),
        environment: match desk.side {
            Side::Sandbox => "",
            Side::Live => t.environment(environment),
        },
        number: tried.number.map(|number| d.nth.replace("{}", &number.to_string())).unwrap_or_default(),
        exchange: Exchange::of(&tried, d),
        why_not: match (is_told, desk.may(Right::ChangeWebhooks)) {
            (false, _) => d.not_resendable,
            (true, false) => d.no_right,
            (true, true) => "",
        },
        key: desk.new_key(),
        base,
        event: tried.event,
        id: tried.id,
    };
    desk.visit.page_with(status, &page)
}

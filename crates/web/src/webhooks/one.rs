//! `/dashboard/{side}/webhooks/{id}`: one endpoint with its certificate and what was delivered to it last.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use kernel::{Environment, Timestamp};
use pay::webhook::log;
use pay::webhook::operations::view::EndpointObject;
use shop::Right;

use super::deliveries::{self, Row};
use super::list::{self, Pinged, Warning};
use super::{DeliveryText, WebhookText, failed, kind_name};
use crate::staff::Desk;
use crate::ui::frame::moment;
use crate::ui::{Frame, Query, Side};

/// Deliveries shown.
const RECENT: i64 = 10;

#[derive(Template)]
#[template(path = "webhooks/one.html")]
struct Page {
    frame: Frame,
    t: &'static WebhookText,
    d: &'static DeliveryText,
    base: String,
    own: String,
    url: String,
    kinds: Vec<String>,
    /// Empty in Sandbox.
    environment: &'static str,
    state: &'static str,
    tone: &'static str,
    is_disabled: bool,
    failing_since: String,
    waiting: i64,
    created: String,
    may_change: bool,
    warnings: Vec<Warning>,
    is_tls: bool,
    certificate: Option<Certificate>,
    file_error: String,
    recent: Vec<Row>,
    all: String,
    ping: Option<Pinged>,
    key: String,
}

struct Certificate {
    subject: String,
    issuer: String,
    hosts: String,
    from: String,
    until: String,
    state: String,
    tone: &'static str,
}

/// `GET /dashboard/{side}/webhooks/{id}`.
pub(super) async fn show(desk: Desk, Path((_, id)): Path<(String, String)>) -> Result<Response, Response> {
    let found = super::endpoint(&desk, &id).await?;
    let done = Query::of(&desk.visit.path).get("done").to_owned();
    let frame = list::said(&desk, &done);
    page(&desk, frame, StatusCode::OK, found, String::new()).await
}

/// The page, with what is wrong with a file that was chosen.
pub(super) async fn page(
    desk: &Desk,
    frame: Frame,
    status: StatusCode,
    (environment, endpoint): (Environment, EndpointObject),
    file_error: String,
) -> Result<Response, Response> {
    let (t, d) = (WebhookText::of(desk.visit.language), DeliveryText::of(desk.visit.language));
    let base = desk.side.path("/webhooks");
    let filter = log::Filter { endpoint: Some(endpoint.id.clone()), limit: RECENT, ..log::Filter::default() };
    let recent = desk.visit.ui.gateway().webhooks().attempts(desk.shop(), environment, filter).await;
    let recent = recent.map_err(|error| failed(desk, &error))?.data;
    let (state, tone) = list::state(t, &endpoint);
    let page = Page {
        frame,
        t,
        d,
        own: format!("{base}/{}", endpoint.id),
        all: format!("{base}/deliveries?environment={environment}&endpoint={}", endpoint.id),
        base,
        kinds: endpoint.events.iter().map(|kind| kind_name(t, kind)).collect(),
        environment: match desk.side {
            Side::Sandbox => "",
            Side::Live => t.environment(environment),
        },
        state,
        tone: tone.class(),
        is_disabled: endpoint.disabled_for.is_some(),
        failing_since: endpoint.failing_since.map(Timestamp::from_seconds).map(moment).unwrap_or_default(),
        waiting: endpoint.waiting,
        created: moment(Timestamp::from_seconds(endpoint.created)),
        may_change: desk.may(Right::ChangeWebhooks),
        warnings: list::warnings(desk, &endpoint, "one"),
        is_tls: endpoint.url.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://")),
        certificate: certificate(desk, d, &endpoint),
        file_error,
        recent: recent.into_iter().map(|tried| deliveries::row(desk, tried)).collect(),
        ping: list::pinged(desk, Query::of(&desk.visit.path).get("ping")).await?,
        key: desk.new_key(),
        url: endpoint.url,
    };
    Ok(desk.visit.page_with(status, &page))
}

fn certificate(desk: &Desk, d: &DeliveryText, endpoint: &EndpointObject) -> Option<Certificate> {
    let pinned = endpoint.certificate.as_ref()?;
    let (state, tone) = list::certificate_state(d, pinned, desk.visit.ui.now());
    Some(Certificate {
        subject: pinned.subject.clone(),
        issuer: pinned.issuer.clone(),
        hosts: pinned.hosts.join(", "),
        from: moment(Timestamp::from_seconds(pinned.not_before)),
        until: moment(Timestamp::from_seconds(pinned.not_after)),
        state,
        tone: tone.class(),
    })
}

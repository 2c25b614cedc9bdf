//! `/dashboard/{side}/webhooks`: every endpoint, what needs attention, and the result of a connection check.

use askama::Template;
use axum::response::Response;
use kernel::{Environment, Timestamp};
use pay::webhook::log::Logged;
use pay::webhook::operations::view::{CertificateObject, EndpointObject};
use shop::Right;

use super::exchange::Exchange;
use super::{DeliveryText, WebhookText, failed, is_name, kind_name};
use crate::staff::Desk;
use crate::ui::frame::moment;
use crate::ui::{Frame, Query, Side, Tone};

/// Days before its end from which a certificate is warned of.
const WARNED_DAYS: i64 = 30;
/// Why an endpoint is disabled that the shop itself stopped.
const BY_SHOP: &str = "shop";

#[derive(Template)]
#[template(path = "webhooks/list.html")]
struct Page {
    frame: Frame,
    t: &'static WebhookText,
    d: &'static DeliveryText,
    base: String,
    is_live: bool,
    may_change: bool,
    may_see_keys: bool,
    warnings: Vec<Warning>,
    rows: Vec<Row>,
    ping: Option<Pinged>,
}

/// Something that needs somebody, with the one action that fixes it.
pub(super) struct Warning {
    pub tone: &'static str,
    pub text: String,
    pub more: String,
    /// Empty, or what enables the endpoint.
    pub enable: String,
    /// Where that leads back to: `one`, the page of the endpoint, or the list.
    pub from: &'static str,
    /// `second` where nothing is wrong: the shop stopped it.
    pub class: &'static str,
    pub key: String,
}

struct Row {
    id: String,
    url: String,
    kinds: Vec<String>,
    environment: &'static str,
    state: &'static str,
    tone: &'static str,
    last_when: String,
    last: String,
    last_tone: &'static str,
    certificate: String,
    certificate_tone: &'static str,
    key: String,
}

/// The result of a connection check.
pub(super) struct Pinged {
    pub result: String,
    pub tone: &'static str,
    pub exchange: Exchange,
}

/// `GET /dashboard/{side}/webhooks`.
pub(super) async fn show(desk: Desk) -> Result<Response, Response> {
    let (t, d) = (WebhookText::of(desk.visit.language), DeliveryText::of(desk.visit.language));
    let mut endpoints = Vec::new();
    for environment in desk.side.environments() {
        let found = desk.visit.ui.gateway().webhooks().endpoints(desk.shop(), *environment).await;
        let found = found.map_err(|error| failed(&desk, &error))?.data;
        endpoints.extend(found.into_iter().map(|endpoint| (*environment, endpoint)));
    }
    let query = Query::of(&desk.visit.path);
    let page = Page {
        frame: said(&desk, query.get("done")),
        t,
        d,
        base: desk.side.path("/webhooks"),
        is_live: desk.side == Side::Live,
        may_change: desk.may(Right::ChangeWebhooks),
        may_see_keys: desk.may(Right::SeeKeys),
        warnings: endpoints.iter().flat_map(|(_, endpoint)| warnings(&desk, endpoint, "")).collect(),
        rows: endpoints.iter().map(|(environment, endpoint)| row(&desk, *environment, endpoint)).collect(),
        ping: pinged(&desk, query.get("ping")).await?,
    };
    Ok(desk.visit.page(&page))
}

/// The frame with what was done, if something was.
pub(super) fn said(desk: &Desk, done: &str) -> Frame {
    let (t, d) = (WebhookText::of(desk.visit.language), DeliveryText::of(desk.visit.language));
    let text = match done {
        "saved" => t.saved,
        "deleted" => t.deleted,
        "enabled" => t.enabled_done,
        "disabled" => t.disabled_done,
        "uploaded" => t.uploaded,
        "certificate" => t.certificate_deleted,
        "resent" => d.resent,
        _ => return desk.frame(),
    };
    desk.frame().saying(Tone::Good, text)
}

/// The result of the connection check of this name.
pub(super) async fn pinged(desk: &Desk, id: &str) -> Result<Option<Pinged>, Response> {
    if !is_name(id, "") {
        return Ok(None);
    }
    let d = DeliveryText::of(desk.visit.language);
    for environment in desk.side.environments() {
        match desk.visit.ui.gateway().webhooks().attempt(desk.shop(), *environment, id.to_owned()).await {
            Ok(tried) => return Ok(Some(shown(&tried, d))),
            Err(error) if error.status == 404 => {}
            Err(error) => return Err(failed(desk, &error)),
        }
    }
    Ok(None)
}

fn shown(tried: &Logged, d: &DeliveryText) -> Pinged {
    let status = tried.response.as_ref().map(|response| response.status);
    let (result, tone) = d.outcome(&tried.outcome, status);
    Pinged { result, tone: tone.class(), exchange: Exchange::of(tried, d) }
}

/// What needs somebody at an endpoint, said on the page `from`.
pub(super) fn warnings(desk: &Desk, endpoint: &EndpointObject, from: &'static str) -> Vec<Warning> {
    let (t, d) = (WebhookText::of(desk.visit.language), DeliveryText::of(desk.visit.language));
    let warn = |tone: Tone, text: &str, more: String| Warning {
        tone: tone.class(),
        text: text.replace("{}", &endpoint.url),
        more,
        enable: String::new(),
        from,
        class: "",
        key: String::new(),
    };
    let mut warnings = Vec::new();
    if let Some(reason) = endpoint.disabled_for {
        let kept = match endpoint.waiting {
            0 => String::new(),
            waiting => t.kept.replace("{}", &waiting.to_string()),
        };
        let more = [t.disabled_for(reason), &kept].join(" ");
        let enable = desk.side.path(&format!("/webhooks/{}/enable", endpoint.id));
        let (tone, class) = if reason == BY_SHOP { (Tone::Care, "second") } else { (Tone::Bad, "") };
        let text = if from.is_empty() { t.stopped } else { t.stopped_here };
        warnings.push(Warning { enable, class, key: desk.new_key(), ..warn(tone, text, more) });
    }
    if let Some(certificate) = &endpoint.certificate {
        match days_left(certificate, desk.visit.ui.now()) {
            None => warnings.push(warn(Tone::Bad, d.warn_ended, certificate.subject.clone())),
            Some(days) if days < WARNED_DAYS => {
                warnings.push(warn(Tone::Care, d.warn_soon, d.ends_soon.replace("{}", &days.to_string())));
            }
            Some(_) => {}
        }
    }
    warnings
}

/// Whole days until a certificate ends; none if it has ended.
fn days_left(certificate: &CertificateObject, now: Timestamp) -> Option<i64> {
    let left = certificate.not_after - now.seconds();
    (left >= 0).then_some(left / 86_400)
}

/// How a certificate stands: empty while nothing is to be said.
pub(super) fn certificate_state(d: &DeliveryText, certificate: &CertificateObject, now: Timestamp) -> (String, Tone) {
    match days_left(certificate, now) {
        None => (d.ended.to_owned(), Tone::Bad),
        Some(days) if days < WARNED_DAYS => (d.ends_soon.replace("{}", &days.to_string()), Tone::Care),
        Some(_) => (String::new(), Tone::Plain),
    }
}

/// Whether it is delivered to, and how that goes.
pub(super) fn state(t: &WebhookText, endpoint: &EndpointObject) -> (&'static str, Tone) {
    match (endpoint.disabled_for, endpoint.failing_since) {
        (Some(BY_SHOP), _) => (t.disabled, Tone::Care),
        (Some(_), _) => (t.disabled, Tone::Bad),
        (None, Some(_)) => (t.failing, Tone::Care),
        (None, None) => (t.active, Tone::Good),
    }
}

fn row(desk: &Desk, environment: Environment, endpoint: &EndpointObject) -> Row {
    let (t, d) = (WebhookText::of(desk.visit.language), DeliveryText::of(desk.visit.language));
    let (state, tone) = state(t, endpoint);
    let last = endpoint.last_attempt.as_ref();
    let (last_text, last_tone) =
        last.map_or((String::new(), Tone::Plain), |last| d.outcome(&last.outcome, last.status));
    let certificate = endpoint.certificate.as_ref();
    let (certificate_text, certificate_tone) =
        certificate.map_or((String::new(), Tone::Plain), |pinned| certificate_state(d, pinned, desk.visit.ui.now()));
    let until = certificate.map(|pinned| moment(Timestamp::from_seconds(pinned.not_after)).chars().take(10).collect());
    Row {
        id: endpoint.id.clone(),
        url: endpoint.url.clone(),
        kinds: endpoint.events.iter().map(|kind| kind_name(t, kind)).collect(),
        environment: t.environment(environment),
        state,
        tone: tone.class(),
        last_when: last.map(|last| moment(Timestamp::from_micros(last.started_us))).unwrap_or_default(),
        last: last_text,
        last_tone: last_tone.class(),
        certificate: if certificate_text.is_empty() { until.unwrap_or_default() } else { certificate_text },
        certificate_tone: certificate_tone.class(),
        key: desk.new_key(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_warned_of_in_its_last_thirty_days_and_when_it_has_ended() {
        let d = DeliveryText::of(crate::ui::Language::Ja);
        let end = 1_795_305_600;
        let certificate = CertificateObject {
            subject: "CN=a".into(),
            issuer: "CN=a".into(),
            hosts: Vec::new(),
            not_before: 0,
            not_after: end,
        };
        let state = |before: i64| certificate_state(d, &certificate, Timestamp::from_seconds(end - before)).0;
        assert_eq!(state(30 * 86_400), "");
        assert_eq!(state(30 * 86_400 - 1), "あと29日で期限が切れます");
        assert_eq!(state(0), "あと0日で期限が切れます");
        assert_eq!(state(-1), "期限切れ");
    }
}

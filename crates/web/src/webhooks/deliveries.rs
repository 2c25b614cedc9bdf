//! `/dashboard/{side}/webhooks/deliveries`: the log of every try, newest first, with a search.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use kernel::{ChargeNumber, Timestamp};
use pay::webhook::EventType;
use pay::webhook::log::{Filter, Logged};
use shop::Right;

use super::{DeliveryText, WebhookText, edit, environment, failed, is_name};
use crate::requests::{instant, milliseconds};
use crate::staff::Desk;
use crate::ui::frame::moment;
use crate::ui::{Choice, Frame, Query, Side, Tone};

/// Tries of a page.
const PAGE: i64 = 50;
/// Fields of the search, as they were typed.
const FIELDS: [&str; 7] = ["environment", "type", "charge", "outcome", "from", "to", "endpoint"];

#[derive(Template)]
#[template(path = "webhooks/deliveries.html")]
struct Page {
    frame: Frame,
    t: &'static WebhookText,
    d: &'static DeliveryText,
    base: String,
    asked: Query,
    environments: Vec<Choice>,
    kinds: Vec<Choice>,
    outcomes: Vec<Choice>,
    rows: Vec<Row>,
    is_search: bool,
    is_later: bool,
    /// What stands where the list would be.
    nothing: String,
    next: Option<String>,
    may_change: bool,
}

/// A try in a list.
pub(super) struct Row {
    pub href: String,
    pub when: String,
    pub outcome: String,
    pub tone: &'static str,
    pub kind: &'static str,
    /// What programs call that.
    pub code: String,
    pub charge: String,
    pub url: String,
    pub number: String,
    pub took: String,
}

pub(super) fn row(desk: &Desk, tried: Logged) -> Row {
    let (t, d) = (WebhookText::of(desk.visit.language), DeliveryText::of(desk.visit.language));
    let status = tried.response.as_ref().map(|response| response.status);
    let (outcome, tone) = d.outcome(&tried.outcome, status);
    Row {
        href: desk.side.path(&format!("/webhooks/deliveries/{}", tried.id)),
        when: moment(Timestamp::from_micros(tried.started_us)),
        outcome,
        tone: tone.class(),
        kind: tried.r#type.parse().map_or("", |kind| t.kind(kind)),
        code: tried.r#type,
        charge: tried.charge.unwrap_or_default(),
        url: tried.url,
        number: tried.number.map(|number| d.nth.replace("{}", &number.to_string())).unwrap_or_default(),
        took: milliseconds(tried.took_us),
    }
}

/// The filter, or the name of the field that cannot be read.
fn filter(asked: &Query, t: &WebhookText, d: &DeliveryText) -> Result<Filter, &'static str> {
    let kind = asked.given("type").map(|text| text.parse::<EventType>().map_err(|_| t.event));
    let charge = asked.given("charge").map(|text| text.parse::<ChargeNumber>().map_err(|_| d.order));
    let instant = |field, name| asked.given(field).map(|text| instant(&text).ok_or(name)).transpose();
    let outcome = asked.given("outcome");
    if outcome.as_deref().is_some_and(|outcome| !["delivered", "refused", "unanswered"].contains(&outcome)) {
        return Err(d.result);
    }
    Ok(Filter {
        endpoint: asked.given("endpoint").filter(|id| is_name(id, "we_")),
        event: None,
        kind: kind.transpose()?,
        charge: charge.transpose()?.map(|number| number.to_string()),
        outcome,
        from: instant("from", d.from)?,
        to: instant("to", d.to)?,
        before: asked.given("before").filter(|id| is_name(id, "")),
        limit: PAGE + 1,
    })
}

/// `GET /dashboard/{side}/webhooks/deliveries`.
pub(super) async fn show(desk: Desk) -> Result<Response, Response> {
    let (t, d) = (WebhookText::of(desk.visit.language), DeliveryText::of(desk.visit.language));
    let asked = Query::of(&desk.visit.path);
    let environment = environment(&desk, asked.get("environment"));
    let (status, frame, mut found) = match filter(&asked, t, d) {
        Ok(filter) => {
            let found = desk.visit.ui.gateway().webhooks().attempts(desk.shop(), environment, filter).await;
            let frame = replayed(&desk, d, asked.get("replayed"));
            (StatusCode::OK, frame, found.map_err(|error| failed(&desk, &error))?.data)
        }
        Err(field) => {
            let text = d.unreadable.replace("{}", field);
            (StatusCode::BAD_REQUEST, desk.frame().saying(Tone::Bad, text), Vec::new())
        }
    };
    let base = desk.side.path("/webhooks");
    let more = found.len() as i64 > PAGE;
    found.truncate(PAGE as usize);
    let last = found.last().filter(|_| more).map(|tried| tried.id.clone());
    let next = last.map(|last| asked.link(&format!("{base}/deliveries"), &FIELDS, ("before", &last)));
    let is_search = FIELDS.iter().any(|field| *field != "environment" && asked.given(field).is_some());
    let page = Page {
        frame,
        t,
        d,
        environments: match desk.side {
            Side::Sandbox => Vec::new(),
            Side::Live => edit::environments(&desk, t, environment),
        },
        kinds: kinds(t, d, asked.get("type")),
        outcomes: outcomes(d, asked.get("outcome")),
        rows: found.into_iter().map(|tried| row(&desk, tried)).collect(),
        is_search,
        is_later: asked.given("before").is_some(),
        nothing: nothing(&desk, is_search, t.environment(environment)),
        next,
        may_change: desk.may(Right::ChangeWebhooks),
        base,
        asked,
    };
    Ok(desk.visit.page_with(status, &page))
}

/// That nothing is found; on a side with two kinds of keys, of which.
fn nothing(desk: &Desk, is_search: bool, keys: &str) -> String {
    let d = DeliveryText::of(desk.visit.language);
    match (desk.side, is_search) {
        (Side::Sandbox, true) => d.nothing.to_owned(),
        (Side::Sandbox, false) => d.empty.to_owned(),
        (Side::Live, true) => d.nothing_of.replace("{}", keys),
        (Side::Live, false) => d.empty_of.replace("{}", keys),
    }
}

/// The frame with how many events a replay sent, if it led here.
fn replayed(desk: &Desk, d: &DeliveryText, count: &str) -> Frame {
    match count.parse::<u32>() {
        Ok(count) => desk.frame().saying(Tone::Good, d.replayed.replace("{}", &count.to_string())),
        Err(_) => desk.frame(),
    }
}

fn kinds(t: &WebhookText, d: &DeliveryText, chosen: &str) -> Vec<Choice> {
    let known = EventType::ALL
        .iter()
        .map(|kind| Choice::new(kind.as_str(), format!("{} ({kind})", t.kind(*kind)), kind.as_str() == chosen));
    [Choice::new("", d.all, chosen.is_empty())].into_iter().chain(known).collect()
}

fn outcomes(d: &DeliveryText, chosen: &str) -> Vec<Choice> {
    let all = [("", d.all), ("delivered", d.delivered), ("refused", d.refused_any), ("unanswered", d.unanswered)];
    all.map(|(value, text)| Choice::new(value, text, value == chosen)).to_vec()
}

//! `/dashboard/{side}/webhooks/replay`: the events of a time sent again, after it was said how many there are.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use kernel::{Environment, Timestamp};
use pay::http::form::Form;
use pay::webhook::EventType;
use pay::webhook::feed::Filter;
use pay::webhook::operations::resend::ReplayCount;

use super::{DeliveryText, WebhookText, edit, environment, failed, is_name};
use crate::requests::instant;
use crate::staff::{Desk, posted};
use crate::ui::{Choice, Frame, Posted, Query, Side, Tone};

#[derive(Template)]
#[template(path = "webhooks/replay.html")]
struct Page {
    frame: Frame,
    t: &'static WebhookText,
    d: &'static DeliveryText,
    base: String,
    environments: Vec<Choice>,
    environment: Environment,
    from: String,
    to: String,
    kinds: Vec<Choice>,
    after: String,
    /// What would be sent, once a time is given.
    count: Option<Counted>,
    key: String,
}

struct Counted {
    resent: u64,
    will: String,
    skipped: String,
    more: bool,
    button: String,
}

/// The range as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Range {
    environment: Environment,
    from: String,
    to: String,
    types: Vec<EventType>,
    /// Only events after this one: where the last replay ended.
    after: String,
}

impl Range {
    fn of<'a>(desk: &Desk, get: impl Fn(&str) -> &'a str) -> Range {
        let chosen = |kind: &EventType| !get(&format!("on-{kind}")).is_empty();
        Range {
            environment: environment(desk, get("environment")),
            from: get("from").trim().to_owned(),
            to: get("to").trim().to_owned(),
            types: EventType::SUBSCRIBED.into_iter().filter(|kind| !kind.is_synchronous() && chosen(kind)).collect(),
            after: Some(get("after")).filter(|id| is_name(id, "evt_")).unwrap_or_default().to_owned(),
        }
    }

    fn is_blank(&self) -> bool {
        self.from.is_empty() && self.to.is_empty()
    }

    /// The filter, or the name of the field that cannot be read.
    fn filter(&self, d: &DeliveryText) -> Result<Filter, &'static str> {
        let time = |text: &str, name| instant(text).ok_or(name);
        let (from, to): (Timestamp, Timestamp) = (time(&self.from, d.from)?, time(&self.to, d.to)?);
        let after = Some(self.after.clone()).filter(|after| !after.is_empty());
        Ok(Filter { types: self.types.clone(), from: Some(from), to: Some(to), after, ..Filter::default() })
    }

    fn said(&self) -> Vec<u8> {
        format!("{self:?}").into_bytes()
    }
}

/// `GET /dashboard/{side}/webhooks/replay`.
pub(super) async fn show(desk: Desk) -> Result<Response, Response> {
    let query = Query::of(&desk.visit.path);
    let range = Range::of(&desk, |name| query.get(name));
    let d = DeliveryText::of(desk.visit.language);
    let frame = match query.get("replayed").parse::<u32>() {
        Ok(count) => desk.frame().saying(Tone::Good, d.replayed.replace("{}", &count.to_string())),
        Err(_) => desk.frame(),
    };
    if range.is_blank() {
        return Ok(page(&desk, frame, StatusCode::OK, range, None));
    }
    let filter = match range.filter(d) {
        Ok(filter) => filter,
        Err(field) => return Ok(unreadable(&desk, range, field)),
    };
    let webhooks = desk.visit.ui.gateway().webhooks();
    let count = webhooks.count_replay(desk.shop(), range.environment, filter).await;
    let count = count.map_err(|error| failed(&desk, &error))?;
    Ok(page(&desk, frame, StatusCode::OK, range, Some(count)))
}

/// What came of a replay.
#[derive(serde::Deserialize)]
struct Replayed {
    resent: u32,
    next: Option<String>,
}

/// `POST /dashboard/{side}/webhooks/replay`.
pub(super) async fn run(form: Posted) -> Result<Response, Response> {
    let (desk, form): (Desk, Form) = posted(form).await?;
    let range = Range::of(&desk, |name| form.get(name).unwrap_or_default());
    let d = DeliveryText::of(desk.visit.language);
    let filter = match range.filter(d) {
        Ok(filter) => filter,
        Err(field) => return Ok(unreadable(&desk, range, field)),
    };
    let asked = desk.asked(range.environment, &form, &range.said()).ok_or_else(|| desk.nameless())?;
    let answer = desk.visit.ui.gateway().webhooks().replay(&asked, filter).await;
    let answer = answer.map_err(|error| failed(&desk, &error))?;
    let Replayed { resent, next } =
        serde_json::from_slice(&answer).map_err(|_| desk.problem(crate::ui::Problem::Unavailable))?;
    let resent = resent.to_string();
    let to = match next {
        None => desk.side.path(&format!("/webhooks/deliveries?environment={}&replayed={resent}", range.environment)),
        Some(next) => {
            let sent: Vec<String> =
                form.pairs().map(|(name, value)| format!("{name}={}", crate::ui::query::escaped(value))).collect();
            let query = Query::of(&format!("?{}", sent.join("&")));
            let mut fields: Vec<String> = ["environment", "from", "to"].map(str::to_owned).to_vec();
            fields.extend(EventType::SUBSCRIBED.iter().map(|kind| format!("on-{kind}")));
            let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
            let base = query.link(&desk.side.path("/webhooks/replay"), &fields, ("after", &next));
            format!("{base}&replayed={resent}")
        }
    };
    Ok(desk.visit.redirect(&to))
}

fn unreadable(desk: &Desk, range: Range, field: &str) -> Response {
    let text = DeliveryText::of(desk.visit.language).unreadable.replace("{}", field);
    page(desk, desk.frame().saying(Tone::Bad, text), StatusCode::BAD_REQUEST, range, None)
}

fn page(desk: &Desk, frame: Frame, status: StatusCode, range: Range, count: Option<ReplayCount>) -> Response {
    let (t, d) = (WebhookText::of(desk.visit.language), DeliveryText::of(desk.visit.language));
    let told = EventType::SUBSCRIBED.into_iter().filter(|kind| !kind.is_synchronous());
    let kind = |kind: EventType| {
        Choice::new(format!("on-{kind}"), format!("{} ({kind})", t.kind(kind)), range.types.contains(&kind))
    };
    let page = Page {
        frame,
        t,
        d,
        base: desk.side.path("/webhooks"),
        environments: match desk.side {
            Side::Sandbox => Vec::new(),
            Side::Live => edit::environments(desk, t, range.environment),
        },
        kinds: told.map(kind).collect(),
        environment: range.environment,
        from: range.from,
        to: range.to,
        after: range.after,
        count: count.map(|count| counted(d, &count)),
        key: desk.new_key(),
    };
    desk.visit.page_with(status, &page)
}

fn counted(d: &DeliveryText, count: &ReplayCount) -> Counted {
    let resent = count.resent.to_string();
    Counted {
        resent: count.resent,
        will: if count.resent == 0 { d.will_none.to_owned() } else { d.will.replace("{}", &resent) },
        skipped: match count.skipped {
            0 => String::new(),
            skipped => d.will_skip.replace("{}", &skipped.to_string()),
        },
        more: count.next.is_some(),
        button: d.replay_do.replace("{}", &resent),
    }
}

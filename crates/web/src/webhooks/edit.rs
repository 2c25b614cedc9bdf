//! Webhook追加 and Webhook変更: which events go to which URL.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use kernel::Environment;
use pay::ApiError;
use pay::http::form::Form;
use pay::webhook::EventType;
use pay::webhook::operations::change::{Edit, NewEndpoint};

use super::{WebhookText, environment, failed};
use crate::staff::{Desk, posted};
use crate::ui::{Choice, Frame, Posted, Query, Side, Tone};

#[derive(Template)]
#[template(path = "webhooks/edit.html")]
struct Page {
    frame: Frame,
    t: &'static WebhookText,
    title: &'static str,
    action: String,
    back: String,
    /// The keys to choose from; none in Sandbox, and for an endpoint that exists.
    environments: Vec<Choice>,
    events: Vec<Choice>,
    event_error: &'static str,
    url: String,
    url_more: &'static str,
    url_error: String,
    key: String,
}

/// What is typed into the form, and what is wrong with it.
struct Filled {
    environment: Environment,
    /// The endpoint that is changed; none for a new one.
    id: Option<String>,
    types: Vec<EventType>,
    url: String,
    event_error: &'static str,
    url_error: String,
    /// What belongs to no field.
    notice: Option<&'static str>,
}

impl Filled {
    fn blank(environment: Environment, id: Option<String>) -> Filled {
        let (types, url, url_error) = (Vec::new(), String::new(), String::new());
        Filled { environment, id, types, url, event_error: "", url_error, notice: None }
    }

    fn of(form: &Form, environment: Environment, id: Option<String>, t: &WebhookText) -> Filled {
        let is_chosen = |kind: &EventType| form.get(&field(*kind)).is_some();
        let types: Vec<EventType> = EventType::SUBSCRIBED.into_iter().filter(is_chosen).collect();
        let url = form.get("url").unwrap_or_default().trim().to_owned();
        let event_error = if types.is_empty() { t.no_event } else { "" };
        let url_error = if url.is_empty() { t.no_url.to_owned() } else { String::new() };
        Filled { environment, id, types, url, event_error, url_error, notice: None }
    }

    fn is_complete(&self) -> bool {
        self.event_error.is_empty() && self.url_error.is_empty()
    }

    /// What is compared when the same form comes again.
    fn said(&self) -> Vec<u8> {
        let types: Vec<&str> = self.types.iter().map(|kind| kind.as_str()).collect();
        format!("{} {} {}", self.environment, types.join(","), self.url).into_bytes()
    }
}

/// The name of the box of a type.
fn field(kind: EventType) -> String {
    format!("on-{kind}")
}

/// `GET /dashboard/{side}/webhooks/new`.
pub(super) async fn blank(desk: Desk) -> Result<Response, Response> {
    let environment = environment(&desk, Query::of(&desk.visit.path).get("environment"));
    page(&desk, StatusCode::OK, Filled::blank(environment, None)).await
}

/// `GET /dashboard/{side}/webhooks/{id}/edit`.
pub(super) async fn show(desk: Desk, Path((_, id)): Path<(String, String)>) -> Result<Response, Response> {
    let (environment, endpoint) = super::endpoint(&desk, &id).await?;
    let types = endpoint.events.iter().filter_map(|kind| kind.parse().ok()).collect();
    page(&desk, StatusCode::OK, Filled { types, url: endpoint.url, ..Filled::blank(environment, Some(id)) }).await
}

/// `POST /dashboard/{side}/webhooks/new`.
pub(super) async fn add(form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let environment = environment(&desk, form.get("environment").unwrap_or_default());
    let filled = Filled::of(&form, environment, None, WebhookText::of(desk.visit.language));
    if !filled.is_complete() {
        return page(&desk, StatusCode::BAD_REQUEST, filled).await;
    }
    let asked = desk.asked(environment, &form, &filled.said()).ok_or_else(|| desk.nameless())?;
    let new = NewEndpoint { url: filled.url.clone(), types: filled.types.clone(), certificate: None };
    match desk.visit.ui.gateway().webhooks().create(&asked, new).await {
        Ok(_) => Ok(desk.visit.redirect(&desk.side.path("/webhooks?done=saved"))),
        Err(error) => refuse(&desk, filled, &error).await,
    }
}

/// `POST /dashboard/{side}/webhooks/{id}/edit`.
pub(super) async fn save(Path((_, id)): Path<(String, String)>, form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let (environment, _) = super::endpoint(&desk, &id).await?;
    let filled = Filled::of(&form, environment, Some(id.clone()), WebhookText::of(desk.visit.language));
    if !filled.is_complete() {
        return page(&desk, StatusCode::BAD_REQUEST, filled).await;
    }
    let asked = desk.asked(environment, &form, &filled.said()).ok_or_else(|| desk.nameless())?;
    let edit = Edit { url: Some(filled.url.clone()), types: Some(filled.types.clone()) };
    match desk.visit.ui.gateway().webhooks().change(&asked, &id, edit).await {
        Ok(_) => Ok(desk.visit.redirect(&desk.side.path("/webhooks?done=saved"))),
        Err(error) => refuse(&desk, filled, &error).await,
    }
}

/// The form again with everything typed, and the reason beside its field.
async fn refuse(desk: &Desk, filled: Filled, error: &ApiError) -> Result<Response, Response> {
    let t = WebhookText::of(desk.visit.language);
    if error.status == 404 {
        return Err(failed(desk, error));
    }
    let webhooks = desk.visit.ui.gateway().webhooks();
    let wrong_url = webhooks.url_refused(&filled.url, filled.environment);
    let filled = match (error.code.as_str(), wrong_url) {
        ("event_taken", _) => Filled { event_error: t.event_taken, ..filled },
        (_, Some(refused)) => Filled { url_error: t.url_refused(&refused), ..filled },
        ("invalid_certificate", None) => Filled { url_error: t.certificate_other_host.to_owned(), ..filled },
        _ => Filled { notice: Some(t.refused(error)), ..filled },
    };
    let status = if error.status >= 500 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::BAD_REQUEST };
    page(desk, status, filled).await
}

async fn page(desk: &Desk, status: StatusCode, filled: Filled) -> Result<Response, Response> {
    let t = WebhookText::of(desk.visit.language);
    let problem = [filled.event_error, filled.url_error.as_str()].iter().any(|error| !error.is_empty());
    let notice = filled.notice.or_else(|| problem.then_some(t.wrong));
    let frame = notice.map_or_else(|| desk.frame(), |text| desk.frame().saying(Tone::Bad, text));
    let endpoints = desk.visit.ui.gateway().webhooks().endpoints(desk.shop(), filled.environment).await;
    let others = endpoints.map_err(|error| failed(desk, &error))?.data;
    let is_new = filled.id.is_none();
    // Where the keys are chosen too, what is taken is known only once they are.
    let is_fixed = desk.side == Side::Sandbox || !is_new;
    let event = |kind: EventType| {
        let hears = |other: &&pay::webhook::operations::view::EndpointObject| {
            other.events.contains(&kind.as_str()) && filled.id.as_ref() != Some(&other.id)
        };
        let choice = Choice::new(field(kind), format!("{} ({kind})", t.kind(kind)), filled.types.contains(&kind));
        match others.iter().find(hears) {
            Some(other) if is_fixed => choice.meaning(t.taken.replace("{}", &other.url)).fixed(),
            Some(other) => choice.meaning(t.taken.replace("{}", &other.url)),
            None => choice,
        }
    };
    let base = desk.side.path("/webhooks");
    let page = Page {
        frame,
        t,
        title: if is_new { t.add } else { t.change },
        action: filled.id.as_ref().map_or_else(|| format!("{base}/new"), |id| format!("{base}/{id}/edit")),
        environments: match desk.side {
            Side::Live if is_new => environments(desk, t, filled.environment),
            Side::Live | Side::Sandbox => Vec::new(),
        },
        events: EventType::SUBSCRIBED.map(event).to_vec(),
        event_error: filled.event_error,
        url_more: if filled.environment == Environment::Sandbox { t.url_both } else { t.url_https },
        url: filled.url,
        url_error: filled.url_error,
        key: desk.new_key(),
        back: base,
    };
    Ok(desk.visit.page_with(status, &page))
}

/// The keys of the side to choose from.
pub(super) fn environments(desk: &Desk, t: &WebhookText, chosen: Environment) -> Vec<Choice> {
    let choice = |environment: &Environment| {
        Choice::new(environment.as_str(), t.environment(*environment), *environment == chosen)
    };
    desk.side.environments().iter().map(choice).collect()
}

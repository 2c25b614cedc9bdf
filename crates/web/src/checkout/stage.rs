//! The page of a session's present stage: where every way leads that is no step.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use pay::checkout::SessionId;
use pay::checkout::look::View;
use pay::checkout::state::Stage;

use super::Counter;
use super::frame::{Common, base, next_page, refused};
use super::text::{self, Text};
use crate::ui::{Frame, Posted, Problem, Visit};

#[derive(Template)]
#[template(path = "checkout/state.html")]
struct Page {
    frame: Frame,
    c: Common,
    title: &'static str,
    more: String,
    /// The order number; empty before there is one.
    number: String,
    link: String,
    link_text: &'static str,
    /// What the button's page is told, as JSON; empty when there is nothing to tell.
    outcome: String,
    /// Whom it is told to.
    origin: String,
}

/// `GET /checkout/{session}`: on to the step that is next, or where the session stands.
pub async fn show(State(counter): State<Counter>, visit: Visit, Path(session): Path<String>) -> Response {
    let Ok(id) = session.parse::<SessionId>() else { return visit.problem(Problem::Absent) };
    let buyer = counter.buyer(&visit).await;
    let view = match counter.checkout.view(&id, buyer.as_ref().map(|buyer| buyer.id.as_str())).await {
        Ok(view) => view,
        Err(error) => return refused(&counter, &visit, &id, error).await,
    };
    let t = Text::of(visit.language);
    if counter.checkout.gateway().ports(id.environment).is_none() {
        return page(&visit, &view, StatusCode::OK, t.no_provider, t.no_provider_more.to_owned(), Told::default());
    }
    // Where a charge is shown, its buyer is logged in.
    if buyer.is_none() && !matches!(view.stage, Stage::Abandoned | Stage::Expired) {
        return visit.redirect(&format!("{}/login", base(&id)));
    }
    match view.stage {
        // A card that was refused leads back to the choice of cards.
        Stage::Open(Some(ref notice)) if text::is_of_card(notice) => visit.redirect(&format!("{}/card", base(&id))),
        Stage::Open(_) => visit.redirect(&format!("{}/{}", base(&id), next_page(&view))),
        _ => closed(&counter, &visit, &view).await,
    }
}

/// What a page tells, and where it leads.
#[derive(Default)]
struct Told {
    link: String,
    link_text: &'static str,
    outcome: String,
    number: String,
    refresh: bool,
}

async fn closed(counter: &Counter, visit: &Visit, view: &View) -> Response {
    let t = Text::of(visit.language);
    let id = &view.session.id;
    let (title, more) = match &view.stage {
        Stage::Open(_) | Stage::Checking | Stage::Paying => (t.processing, t.processing_more.to_owned()),
        Stage::Acting(_) => (t.acting, t.acting_more.to_owned()),
        Stage::Paid(_) => (t.paid, t.paid_more.to_owned()),
        Stage::Abandoned => (t.abandoned, t.abandoned_more.to_owned()),
        Stage::Expired => (t.expired, t.expired_more.to_owned()),
    };
    let mut told = Told::default();
    if let Stage::Paid(charge) = &view.stage {
        told.number = charge.to_string();
    }
    match &view.stage {
        Stage::Acting(url) => {
            let own = url.strip_prefix(counter.checkout.gateway().base_url()).unwrap_or(url);
            told.link = format!("{own}?back={}/return", base(id));
            told.link_text = t.to_provider;
        }
        Stage::Paid(_) | Stage::Abandoned | Stage::Expired => {
            told.link = view.session.return_url.as_ref().map(|url| back_to_shop(url, id)).unwrap_or_default();
            told.link_text = t.back_to_shop;
            match counter.checkout.outcome(id).await {
                Ok((outcome, _)) => told.outcome = serde_json::to_string(&outcome).unwrap_or_default(),
                Err(error) => tracing::error!(code = error.code, "the outcome of a session"),
            }
        }
        Stage::Open(_) | Stage::Checking | Stage::Paying => told.refresh = true,
    }
    page(visit, view, StatusCode::OK, title, more, told)
}

/// The shop's page, told which session it was; its script asks for the outcome.
fn back_to_shop(return_url: &str, id: &SessionId) -> String {
    format!("{}#checkout-lite={id}", return_url.split('#').next().unwrap_or_default())
}

fn page(visit: &Visit, view: &View, status: StatusCode, title: &'static str, more: String, told: Told) -> Response {
    let c = Common { may_leave: false, refresh: told.refresh, ..Common::of(visit, view, None, 0) };
    let Told { link, link_text, outcome, number, .. } = told;
    let origin = view.session.origin.clone().unwrap_or_default();
    visit.page_with(status, &Page { frame: visit.frame(), c, title, more, number, link, link_text, outcome, origin })
}

/// A page of the session that says something. Without the session, the page for what is not there.
pub async fn said(
    counter: &Counter,
    visit: &Visit,
    id: &SessionId,
    status: StatusCode,
    title: &'static str,
    more: &'static str,
) -> Response {
    match counter.checkout.view(id, None).await {
        Ok(view) => page(visit, &view, status, title, more.to_owned(), Told::default()),
        Err(_) => visit.problem(Problem::Absent),
    }
}

/// `GET …/return`: the buyer came back from the provider's page.
pub async fn come_back(State(counter): State<Counter>, visit: Visit, Path(session): Path<String>) -> Response {
    let Ok(id) = session.parse::<SessionId>() else { return visit.problem(Problem::Absent) };
    match counter.checkout.come_back(&id).await {
        Ok(()) => visit.redirect(&base(&id)),
        Err(error) => refused(&counter, &visit, &id, error).await,
    }
}

/// `POST …/leave`.
pub async fn leave(State(counter): State<Counter>, Path(session): Path<String>, posted: Posted) -> Response {
    let Posted { visit, .. } = posted;
    let Ok(id) = session.parse::<SessionId>() else { return visit.problem(Problem::Absent) };
    let buyer = counter.buyer(&visit).await;
    match counter.checkout.leave(&id, buyer.as_ref().map(|buyer| buyer.id.as_str())).await {
        Ok(()) => visit.redirect(&base(&id)),
        Err(error) => refused(&counter, &visit, &id, error).await,
    }
}

//! Logging in and out.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{StatusCode, header};
use pay::buyer::READY_MADE;
use pay::buyer::account::NotLoggedIn;
use pay::checkout::SessionId;

use super::Counter;
use super::frame::{Common, base, refused};
use super::text::Text;
use crate::ui::frame::Tone;
use crate::ui::{Frame, Posted, Problem, Realm, Visit, cookie};

#[derive(Template)]
#[template(path = "checkout/login.html")]
struct Page {
    frame: Frame,
    c: Common,
    email: String,
    ready_made: Option<(&'static str, &'static str)>,
}

/// `GET …/login`.
pub async fn show(State(counter): State<Counter>, visit: Visit, Path(session): Path<String>) -> Response {
    let Ok(id) = session.parse::<SessionId>() else { return visit.problem(Problem::Absent) };
    if counter.buyer(&visit).await.is_some() {
        return visit.redirect(&base(&id));
    }
    let frame = visit.frame();
    page(&counter, &visit, &id, StatusCode::OK, frame, String::new()).await
}

async fn page(
    counter: &Counter,
    visit: &Visit,
    id: &SessionId,
    status: StatusCode,
    frame: Frame,
    email: String,
) -> Response {
    match counter.checkout.view(id, None).await {
        Ok(view) if view.stage.is_open() => {
            let c = Common::of(visit, &view, None, 0);
            let ready_made = ready_made(counter).await;
            visit.page_with(status, &Page { frame, c, email, ready_made })
        }
        Ok(_) => visit.redirect(&base(id)),
        Err(error) => refused(counter, visit, id, error).await,
    }
}

/// The ready-made account, if there is one: a demo has it.
async fn ready_made(counter: &Counter) -> Option<(&'static str, &'static str)> {
    let found = counter.ui.store().read(|tx| pay::buyer::rows::by_email(tx, READY_MADE.0)).await;
    found.ok().flatten().map(|_| READY_MADE)
}

/// `POST …/login`.
pub async fn log_in(State(counter): State<Counter>, Path(session): Path<String>, posted: Posted) -> Response {
    let Posted { visit, form } = posted;
    let Ok(id) = session.parse::<SessionId>() else { return visit.problem(Problem::Absent) };
    let email = form.get("email").unwrap_or_default().to_owned();
    let password = form.get("password").unwrap_or_default().to_owned();
    let t = Text::of(visit.language);
    match counter.office().log_in(visit.peer.address, &email, password).await {
        Ok(log_in) => logged_in(&counter, &visit, &id, &log_in.buyer, &log_in.token).await,
        Err(NotLoggedIn::Wrong) => {
            let frame = visit.frame().saying(Tone::Bad, t.wrong_login);
            page(&counter, &visit, &id, StatusCode::UNAUTHORIZED, frame, email).await
        }
        Err(NotLoggedIn::Locked(_)) => {
            let frame = visit.frame().saying(Tone::Bad, t.locked);
            page(&counter, &visit, &id, StatusCode::TOO_MANY_REQUESTS, frame, email).await
        }
        Err(NotLoggedIn::Store(error)) => {
            tracing::error!(%error, "a buyer's log-in");
            visit.problem(Problem::Unavailable)
        }
    }
}

/// On to the session, with the buyer's cookie.
pub async fn logged_in(counter: &Counter, visit: &Visit, id: &SessionId, buyer: &str, token: &str) -> Response {
    let mut response = match counter.checkout.claim(id, buyer).await {
        Ok(()) => visit.redirect(&base(id)),
        Err(error) => refused(counter, visit, id, error).await,
    };
    let cookie = cookie::begin_session(Realm::Buyer, &visit.peer, token);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

/// `POST …/logout`.
pub async fn log_out(State(counter): State<Counter>, Path(session): Path<String>, posted: Posted) -> Response {
    let Posted { visit, .. } = posted;
    let Ok(id) = session.parse::<SessionId>() else { return visit.problem(Problem::Absent) };
    if let Some(token) = visit.session(Realm::Buyer)
        && let Err(error) = counter.office().log_out(token).await
    {
        tracing::error!(%error, "a buyer's log-out");
        return visit.problem(Problem::Unavailable);
    }
    let mut response = visit.redirect(&format!("{}/login", base(&id)));
    response.headers_mut().append(header::SET_COOKIE, cookie::end_session(Realm::Buyer, &visit.peer));
    response
}

//! The points of a buyer: using none, some, or as many as can be used.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use kernel::Yen;
use pay::checkout::NotDone;
use pay::http::form::{Form, digits};

use super::Counter;
use super::frame::{Common, Desk, POINTS};
use super::text::{self, Text};
use crate::ui::{Frame, Posted, Visit};

#[derive(Template)]
#[template(path = "checkout/points.html")]
struct Page {
    frame: Frame,
    c: Common,
    balance: String,
    usable: String,
    /// How many may be used; empty if none.
    range: String,
    points: String,
    use_none: bool,
    use_all: bool,
    use_some: bool,
    error: &'static str,
}

/// `GET …/points`.
pub async fn show(State(counter): State<Counter>, visit: Visit, Path(session): Path<String>) -> Response {
    match Desk::open(counter, visit, &session).await {
        Ok(desk) => page(&desk, StatusCode::OK, "").await,
        Err(response) => response,
    }
}

async fn page(desk: &Desk, status: StatusCode, error: &'static str) -> Response {
    let language = desk.visit.language;
    let balance = desk.counter.checkout.points_balance(desk.id(), &desk.buyer.id).await;
    let usable = desk.view.usable_points(balance.unwrap_or(Yen::ZERO));
    let point = desk.view.session.point;
    let all = !point.is_zero() && point == usable;
    let t = Text::of(language);
    let is_wrong = !error.is_empty();
    let words = text::points(language, usable);
    let page = Page {
        frame: desk.frame(),
        c: desk.common(POINTS),
        balance: balance.map_or(t.points_unknown.to_owned(), |points| text::points(language, points)),
        range: if usable.is_zero() { String::new() } else { t.points_more.replace("{}", &words) },
        usable: words,
        points: if point.is_zero() { String::new() } else { point.get().to_string() },
        // What is wrong is wrong with the number, whose field is shown for some of them only.
        use_none: point.is_zero() && !is_wrong,
        use_all: all && !is_wrong,
        use_some: is_wrong || !point.is_zero() && !all,
        error,
    };
    desk.visit.page_with(status, &page)
}

/// `POST …/points`.
pub async fn choose(State(counter): State<Counter>, Path(session): Path<String>, posted: Posted) -> Response {
    let Posted { visit, form } = posted;
    let desk = match Desk::open(counter, visit, &session).await {
        Ok(desk) => desk,
        Err(response) => return response,
    };
    let wrong = Text::of(desk.visit.language).points_wrong;
    let Some(points) = wanted(&desk, &form).await else { return page(&desk, StatusCode::BAD_REQUEST, wrong).await };
    match desk.counter.checkout.use_points(desk.id(), &desk.buyer.id, points).await {
        Ok(()) => desk.next().await,
        Err(NotDone::Points) => page(&desk, StatusCode::BAD_REQUEST, wrong).await,
        Err(error) => desk.refused(error).await,
    }
}

async fn wanted(desk: &Desk, form: &Form) -> Option<Yen> {
    match form.get("use") {
        Some("all") => {
            let balance = desk.counter.checkout.points_balance(desk.id(), &desk.buyer.id).await?;
            Some(desk.view.usable_points(balance))
        }
        Some("some") => {
            let typed = form.get("points").unwrap_or_default().replace([',', ' '], "");
            digits(&typed)?.parse().ok().and_then(|points| Yen::new(points).ok())
        }
        Some(_) | None => Some(Yen::ZERO),
    }
}

//! The last look, and paying.

use acquirer::SecurityCode;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use pay::checkout::NotDone;

use super::frame::{CONFIRM, Common, Desk, base, next_page};
use super::text::{self, Text};
use super::{Counter, address, card};
use crate::ui::{Frame, Posted, Visit};

struct Line {
    label: &'static str,
    text: String,
    change: &'static str,
}

#[derive(Template)]
#[template(path = "checkout/confirm.html")]
struct Page {
    frame: Frame,
    c: Common,
    lines: Vec<Line>,
    asks_code: bool,
    code_error: &'static str,
    pay: String,
}

/// `GET …/confirm`.
pub async fn show(State(counter): State<Counter>, visit: Visit, Path(session): Path<String>) -> Response {
    match Desk::open(counter, visit, &session).await {
        Ok(desk) if next_page(&desk.view) != "confirm" => desk.go(next_page(&desk.view)),
        Ok(desk) => page(&desk, StatusCode::OK, ""),
        Err(response) => response,
    }
}

fn page(desk: &Desk, status: StatusCode, code_error: &'static str) -> Response {
    let (t, language, view) = (Text::of(desk.visit.language), desk.visit.language, &desk.view);
    let by_card = view.card().filter(|_| !view.session.card_amount().is_zero());
    let mut lines = vec![
        Line { label: t.step_card, text: by_card.map_or(t.none.to_owned(), card::described), change: "card" },
        Line { label: t.step_points, text: text::points(language, view.session.point), change: "points" },
    ];
    if let Some(saved) = view.address().filter(|_| view.receives_address) {
        lines.push(Line { label: t.step_address, text: address::described(&saved.address), change: "address" });
    }
    let page = Page {
        frame: desk.frame(),
        c: desk.common(CONFIRM),
        lines,
        asks_code: view.asks_for_code(),
        code_error,
        pay: t.pay.replace("{}", &text::yen(language, view.session.items.total())),
    };
    desk.visit.page_with(status, &page)
}

/// `POST …/confirm`. Pressed twice, the second one finds the first under way and shows that.
pub async fn pay(State(counter): State<Counter>, Path(session): Path<String>, posted: Posted) -> Response {
    let Posted { visit, form } = posted;
    let desk = match Desk::open(counter, visit, &session).await {
        Ok(desk) => desk,
        Err(response) => return response,
    };
    let code = form.get("security_code").map(str::trim).filter(|code| !code.is_empty());
    let code = code.map(|code| SecurityCode::new(code.to_owned()));
    let t = Text::of(desk.visit.language);
    let visitor = card::visitor(&desk);
    match desk.counter.checkout.confirm(desk.id(), &visitor, &desk.buyer, code).await {
        Ok(()) => desk.visit.redirect(&base(desk.id())),
        Err(NotDone::CodeNeeded) => page(&desk, StatusCode::BAD_REQUEST, t.code_missing),
        Err(NotDone::CodeWrong) => page(&desk, StatusCode::BAD_REQUEST, t.code_wrong),
        Err(error) => desk.refused(error).await,
    }
}

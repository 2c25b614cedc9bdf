//! `/operator`: the shops, and opening one.

use ::shop::information::checked_name;
use ::shop::information::rows::{Known, page};
use ::shop::register::{self, Made, Wanted};
use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::text::OperatorText;
use super::{Typed, key_for, key_of, sections};
use crate::staff::{Desk, posted};
use crate::ui::frame::moment;
use crate::ui::part::Link;
use crate::ui::{Frame, Posted, Query, Tone};

/// Shops of a page.
const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "operator/shops.html")]
struct ListPage {
    frame: Frame,
    t: &'static OperatorText,
    sections: Vec<Link>,
    rows: Vec<Row>,
    next: Option<String>,
    is_later: bool,
}

struct Row {
    number: i64,
    name: String,
    company: String,
    registration: &'static str,
    tone: &'static str,
    services: String,
    created: String,
}

/// `GET /operator`.
pub(super) async fn list(desk: Desk) -> Response {
    let t = OperatorText::of(desk.visit.language);
    let after = Query::of(&desk.visit.path).get("after").parse().unwrap_or(0);
    let mut found = match desk.visit.ui.store().read(move |tx| page(tx, after, PAGE + 1)).await {
        Ok(found) => found,
        Err(error) => return desk.failed(&error),
    };
    let more = found.len() as i64 > PAGE;
    found.truncate(PAGE as usize);
    let last = found.last().filter(|_| more).map(|known| format!("/operator?after={}", known.shop));
    let rows = found.into_iter().map(|known| row(known, t)).collect();
    let sections = sections(&desk);
    desk.visit.page(&ListPage { frame: desk.frame(), t, sections, rows, next: last, is_later: after > 0 })
}

fn row(known: Known, t: &'static OperatorText) -> Row {
    let (registration, tone) = t.registration_word(known.registration);
    Row {
        number: known.shop.0,
        name: known.name,
        company: known.information.company_name,
        registration,
        tone: tone.class(),
        services: format!("Sandbox {} / Live {}", known.sandbox, known.live),
        created: moment(known.created),
    }
}

#[derive(Template)]
#[template(path = "operator/open.html")]
struct OpenPage {
    frame: Frame,
    t: &'static OperatorText,
    sections: Vec<Link>,
    typed: Typed,
    key: String,
}

/// `GET /operator/shops/new`.
pub(super) async fn ask(desk: Desk) -> Response {
    let (typed, key) = (Typed::default().with("receives_address", "1"), key_for(&desk, None));
    form(&desk, StatusCode::OK, desk.frame(), typed, key)
}

fn form(desk: &Desk, status: StatusCode, frame: Frame, typed: Typed, key: String) -> Response {
    let t = OperatorText::of(desk.visit.language);
    desk.visit.page_with(status, &OpenPage { frame, t, sections: sections(desk), typed, key })
}

/// `POST /operator/shops/new`.
pub(super) async fn open(form_sent: Posted) -> Result<Response, Response> {
    let (desk, sent) = posted(form_sent).await?;
    let t = OperatorText::of(desk.visit.language);
    let mut typed = Typed::of(&sent, &["name", "receives_address"]);
    let again = |typed: Typed, text: &str| {
        let frame = desk.frame().saying(Tone::Bad, text);
        form(&desk, StatusCode::BAD_REQUEST, frame, typed, key_for(&desk, Some(&sent)))
    };
    let Ok(name) = checked_name(typed.get("name")) else {
        typed.wrong("name", t.wrong_name);
        return Err(again(typed, t.check));
    };
    let wanted = Wanted { name, receives_address: typed.is_on("receives_address") };
    let (ui, change) = (&desk.visit.ui, (key_of(&desk, &sent), desk.by()));
    let made = register::open(ui.store(), ui.vault(), &ui.gateway().shared_entropy(), &wanted, change).await;
    match made.map_err(|error| desk.failed(&error))? {
        Made::New(shop) | Made::Before(shop) => Ok(desk.visit.redirect(&format!("/operator/shops/{shop}?done=opened"))),
        Made::KeyReused => Err(again(typed, t.sent_before)),
    }
}

//! `/requests/{id}`: one request in full, and running it again.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use pay::request_log::again::{self, NotAgain, Wish};
use pay::request_log::{Entry, Exchange, search};
use shop::Right;

use super::json::indented;
use super::{Requests, RequestsText, milliseconds, tone};
use crate::staff::{Desk, posted};
use crate::ui::frame::moment;
use crate::ui::{Frame, Posted, Problem, Side, Tone, cookie};

#[derive(Template)]
#[template(path = "requests/one.html")]
struct Page {
    frame: Frame,
    t: &'static RequestsText,
    entry: Entry,
    when: String,
    tone: &'static str,
    environment: &'static str,
    took: String,
    request: Exchanged,
    answer: Exchanged,
    /// The idempotency key that running it again has.
    again: Option<String>,
    why_not: &'static str,
    /// The page of the order; empty if there is none, or who asks may not see it.
    order: String,
}

/// A request or an answer.
struct Exchanged {
    head: String,
    body: String,
    /// The body as people read it, if it is not read as it is.
    shown: Option<String>,
    cut: String,
}

impl Exchanged {
    fn of(head: &[u8], body: &[u8], length: u64, t: &RequestsText) -> Exchanged {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let kept = body.len() as u64;
        let is_cut = kept < length && body.len() == pay::request_log::BODY_KEPT;
        let cut = if is_cut { t.cut.replace("{}", &kept.to_string()) } else { String::new() };
        let (head, body) = (text(head).trim_end().to_owned(), text(body));
        Exchanged { head, shown: indented(&body), body, cut }
    }
}

/// `GET /requests/{id}`.
pub(super) async fn show(desk: Desk, Path(id): Path<String>) -> Response {
    let is_new = desk.visit.path.ends_with("?done=again");
    match search::find(desk.visit.ui.gateway(), desk.shop(), &id).await {
        Ok(Some((entry, exchange))) => {
            let mut page = page(&desk, entry, &exchange);
            if is_new {
                page.frame = page.frame.saying(Tone::Good, page.t.done);
            }
            desk.visit.page(&page)
        }
        Ok(None) => desk.problem(Problem::Absent),
        Err(error) => desk.failed(&error),
    }
}

/// `POST /requests/{id}/again`.
pub(super) async fn again(
    State(requests): State<Requests>,
    Path(id): Path<String>,
    form: Posted,
) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let t = RequestsText::of(desk.visit.language);
    let key = form.get("key").filter(|key| key.len() == 64 && key.is_ascii()).unwrap_or_default().to_owned();
    if key.is_empty() {
        return Err(desk.problem(Problem::Unreadable));
    }
    let (actor, origin, peer) = (desk.staff.actor(), desk.visit.origin(), desk.visit.peer.clone());
    let wish = Wish { shop: desk.shop(), id, idempotency_key: key, actor, origin, peer };
    let ran = requests.log.run(desk.visit.ui.gateway(), wish).await.map_err(|refused| refuse(&desk, t, &refused))?;
    match ran.id {
        Some(new) => Ok(desk.visit.redirect(&format!("/requests/{new}?done=again"))),
        None => {
            let text = t.unrecorded.replace("{}", &ran.status.to_string());
            Ok(notice(&desk, StatusCode::OK, Tone::Care, &text))
        }
    }
}

fn refuse(desk: &Desk, t: &RequestsText, refused: &NotAgain) -> Response {
    match refused {
        NotAgain::Absent => desk.problem(Problem::Absent),
        NotAgain::NotSandbox | NotAgain::NotWhole | NotAgain::KeyGone => {
            notice(desk, StatusCode::BAD_REQUEST, Tone::Bad, why_not(t, refused))
        }
        NotAgain::Store(error) => desk.failed(error),
    }
}

#[derive(Template)]
#[template(path = "requests/notice.html")]
struct NoticePage {
    frame: Frame,
    t: &'static RequestsText,
}

fn notice(desk: &Desk, status: StatusCode, tone: Tone, text: &str) -> Response {
    let frame = desk.frame().saying(tone, text);
    desk.visit.page_with(status, &NoticePage { frame, t: RequestsText::of(desk.visit.language) })
}

fn why_not(t: &RequestsText, refused: &NotAgain) -> &'static str {
    match refused {
        NotAgain::NotSandbox => t.not_sandbox,
        NotAgain::NotWhole => t.not_whole,
        NotAgain::Absent | NotAgain::KeyGone | NotAgain::Store(_) => t.key_gone,
    }
}

fn page(desk: &Desk, entry: Entry, exchange: &Exchange) -> Page {
    let t = RequestsText::of(desk.visit.language);
    let (again, why_not) = match again::check(&entry, exchange) {
        Ok(()) => (Some(cookie::secret(desk.visit.ui.entropy())), ""),
        Err(refused) => (None, why_not(t, &refused)),
    };
    Page {
        frame: desk.frame(),
        t,
        when: moment(entry.at),
        tone: tone(entry.status).class(),
        environment: t.environment(entry.environment),
        took: milliseconds(entry.micros),
        request: Exchanged::of(&exchange.request_head, &exchange.request_body, exchange.request_length, t),
        answer: Exchanged::of(&exchange.answer_head, &exchange.answer_body, exchange.answer_length, t),
        again,
        why_not,
        order: match &entry.charge {
            Some(charge) if entry.status != 404 && desk.may(Right::SeeOrders) => {
                Side::of(entry.environment).path(&format!("/orders/{charge}"))
            }
            _ => String::new(),
        },
        entry,
    }
}

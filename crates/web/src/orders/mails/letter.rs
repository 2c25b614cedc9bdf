//! One mail of the history with its text, and sending it again.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use kernel::Timestamp;
use pay::notification::history::{self, OrderMail};
use pay::orders::Look;
use shop::Right;
use store::Tx;

use super::text::MailsText;
use crate::orders::one;
use crate::staff::{Desk, posted};
use crate::ui::frame::moment;
use crate::ui::{Frame, Posted, Problem, Tone};

#[derive(Template)]
#[template(path = "orders/mail-letter.html")]
struct Page {
    frame: Frame,
    t: &'static MailsText,
    own: String,
    number: String,
    mail: OrderMail,
    when: String,
    outcome: &'static str,
    tone: &'static str,
    may_send: bool,
    key: String,
}

type OfMail = Path<(String, String, String)>;

async fn find(desk: &Desk, look: &Look, id: &str) -> Result<OrderMail, Response> {
    let (shop, environment, number) = (desk.shop(), look.environment, look.charge.number);
    let read = move |tx: &mut Tx<'_>| history::of_charge(tx, shop, environment, number);
    let history = desk.visit.ui.store().read(read).await.map_err(|error| desk.failed(&error))?;
    let mail = history.and_then(|history| history.data.into_iter().find(|mail| mail.id == id));
    mail.ok_or_else(|| desk.problem(Problem::Absent))
}

/// `GET /dashboard/{side}/orders/{id}/mails/{mail}`.
pub(super) async fn show(desk: Desk, Path((_, id, mail)): OfMail) -> Result<Response, Response> {
    let look = one::find(&desk, &id).await?;
    let mail = find(&desk, &look, &mail).await?;
    Ok(page(&desk, desk.frame(), StatusCode::OK, &look, mail))
}

/// `POST /dashboard/{side}/orders/{id}/mails/{mail}/resend`.
pub(super) async fn send_again(Path((_, id, mail)): OfMail, form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let look = one::find(&desk, &id).await?;
    let asked = desk.asked(look.environment, &form, b"").ok_or_else(|| desk.nameless())?;
    let number = look.charge.number;
    let t = MailsText::of(desk.visit.language);
    match history::send_again(desk.visit.ui.gateway(), &asked, number, &mail).await {
        Ok(_) => Ok(desk.visit.redirect(&desk.side.path(&format!("/orders/{number}?done=mail-again")))),
        Err(error) if error.status == 404 => Err(desk.problem(Problem::Absent)),
        Err(error) => {
            let mail = find(&desk, &look, &mail).await?;
            let (status, text) = match error.status {
                500.. => (StatusCode::SERVICE_UNAVAILABLE, t.busy),
                _ => (StatusCode::BAD_REQUEST, t.not_failed),
            };
            Ok(page(&desk, desk.frame().saying(Tone::Bad, text), status, &look, mail))
        }
    }
}

fn page(desk: &Desk, frame: Frame, status: StatusCode, look: &Look, mail: OrderMail) -> Response {
    let t = MailsText::of(desk.visit.language);
    let (outcome, tone) = t.outcome(mail.outcome);
    let page = Page {
        frame: frame.about(look.environment),
        t,
        own: desk.side.path(&format!("/orders/{}", look.charge.number)),
        number: look.charge.number.to_string(),
        when: moment(Timestamp::from_seconds(mail.created)),
        outcome,
        tone: tone.class(),
        may_send: desk.may(Right::SendMail),
        key: desk.new_key(),
        mail,
    };
    desk.visit.page_with(status, &page)
}

//! `/operator/operators`: who runs this server.

use ::shop::Staff;
use ::shop::register::operators::{Refused, all, grant as make, revoke as unmake};
use ::shop::staff::Email;
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use kernel::ShopId;

use super::registration::Confirm;
use super::text::OperatorText;
use super::{Typed, sections};
use crate::staff::{Desk, posted};
use crate::ui::part::Link;
use crate::ui::{Frame, Posted, Problem, Query, Tone};

#[derive(Template)]
#[template(path = "operator/operators.html")]
struct Page {
    frame: Frame,
    t: &'static OperatorText,
    sections: Vec<Link>,
    rows: Vec<Row>,
    typed: Typed,
}

struct Row {
    id: String,
    email: String,
    shop: ShopId,
    /// Who asks.
    is_self: bool,
}

async fn page(desk: &Desk, status: StatusCode, frame: Frame, typed: Typed) -> Response {
    match desk.visit.ui.store().read(all).await {
        Ok(rows) => {
            let (t, sections) = (OperatorText::of(desk.visit.language), sections(desk));
            let row = |Staff { id, email, shop, .. }| Row {
                is_self: id == desk.staff.id,
                email: email.as_str().to_owned(),
                shop,
                id,
            };
            let rows = rows.into_iter().map(row).collect();
            desk.visit.page_with(status, &Page { frame, t, sections, rows, typed })
        }
        Err(error) => desk.failed(&error),
    }
}

/// `GET /operator/operators`.
pub(super) async fn list(desk: Desk) -> Response {
    let t = OperatorText::of(desk.visit.language);
    let frame = match Query::of(&desk.visit.path).get("done") {
        "granted" => desk.frame().saying(Tone::Good, t.granted),
        "revoked" => desk.frame().saying(Tone::Good, t.revoked),
        _ => desk.frame(),
    };
    page(&desk, StatusCode::OK, frame, Typed::default()).await
}

/// `POST /operator/operators`: doing it twice is doing it once.
pub(super) async fn grant(sent: Posted) -> Result<Response, Response> {
    let (desk, sent) = posted(sent).await?;
    let t = OperatorText::of(desk.visit.language);
    let mut typed = Typed::of(&sent, &["email"]);
    let done = match typed.get("email").parse::<Email>() {
        Ok(email) => {
            let by = desk.by();
            let made = desk.visit.ui.store().write(move |tx| make(tx, &email, &by)).await;
            made.map_err(|error| desk.failed(&error))?.map_err(|_| t.no_account)
        }
        Err(_) => Err(t.wrong_email),
    };
    match done {
        Ok(_) => Ok(desk.visit.redirect("/operator/operators?done=granted")),
        Err(why) => {
            typed.wrong("email", why);
            let frame = desk.frame().saying(Tone::Bad, t.check);
            Err(page(&desk, StatusCode::BAD_REQUEST, frame, typed).await)
        }
    }
}

/// `GET /operator/operators/{member}/revoke`.
pub(super) async fn ask_revoke(desk: Desk, Path(id): Path<String>) -> Response {
    let operators = match desk.visit.ui.store().read(all).await {
        Ok(operators) => operators,
        Err(error) => return desk.failed(&error),
    };
    let t = OperatorText::of(desk.visit.language);
    let Some(found) = operators.into_iter().find(|staff| staff.id == id) else { return desk.problem(Problem::Absent) };
    desk.visit.page(&Confirm {
        frame: desk.frame(),
        t,
        sections: sections(&desk),
        title: t.revoke.to_owned(),
        text: t.revoke_ask.replace("{email}", found.email.as_str()),
        action: format!("/operator/operators/{id}/revoke"),
        back: "/operator/operators".to_owned(),
        hidden: ("", ""),
        is_danger: true,
    })
}

/// `POST /operator/operators/{member}/revoke`.
pub(super) async fn revoke(Path(id): Path<String>, sent: Posted) -> Result<Response, Response> {
    let (desk, _) = posted(sent).await?;
    let by = desk.by();
    let done = desk.visit.ui.store().write(move |tx| unmake(tx, &id, &by)).await;
    match done.map_err(|error| desk.failed(&error))? {
        Ok(()) => Ok(desk.visit.redirect("/operator/operators?done=revoked")),
        Err(Refused::Last) => {
            let t = OperatorText::of(desk.visit.language);
            let frame = desk.frame().saying(Tone::Bad, t.last);
            Err(page(&desk, StatusCode::BAD_REQUEST, frame, Typed::default()).await)
        }
        Err(Refused::NoAccount | Refused::Taken) => Err(desk.problem(Problem::Absent)),
    }
}

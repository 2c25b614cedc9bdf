//! `/mailbox/{environment}/{id}`: one mail in full, as text.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::Environment;
use pay::mail::Outcome;
use pay::mailbox::{self, Mail};
use shop::Right;

use super::MailText;
use crate::staff::Desk;
use crate::ui::frame::moment;
use crate::ui::{Frame, Problem, Side};

#[derive(Template)]
#[template(path = "mailbox/one.html")]
struct Page {
    frame: Frame,
    t: &'static MailText,
    environment: Environment,
    environment_name: &'static str,
    mail: Mail,
    when: String,
    outcome: &'static str,
    tone: &'static str,
    recipient: &'static str,
    kind: &'static str,
    is_kept: bool,
    /// The page of the order; empty for who may not see it.
    order: String,
}

/// `GET /mailbox/{environment}/{id}`.
pub(super) async fn show(desk: Desk, Path((environment, id)): Path<(String, String)>) -> Response {
    let Ok(environment) = environment.parse::<Environment>() else { return desk.problem(Problem::Absent) };
    let shop = desk.shop();
    let read = move |tx: &mut store::Tx<'_>| mailbox::find(tx, shop, environment, &id);
    match desk.visit.ui.store().read(read).await {
        Ok(Some(mail)) => desk.visit.page(&page(&desk, environment, mail)),
        Ok(None) => desk.problem(Problem::Absent),
        Err(error) => desk.failed(&error),
    }
}

fn page(desk: &Desk, environment: Environment, mail: Mail) -> Page {
    let t = MailText::of(desk.visit.language);
    let (outcome, tone) = t.outcome(mail.outcome);
    Page {
        frame: desk.frame(),
        t,
        environment,
        environment_name: t.environment(environment),
        when: moment(mail.created),
        outcome,
        tone: tone.class(),
        recipient: t.recipient(mail.recipient),
        kind: t.kind(mail.kind),
        is_kept: mail.outcome == Outcome::Kept,
        order: match desk.may(Right::SeeOrders) {
            true => Side::of(environment).path(&format!("/orders/{}", mail.charge)),
            false => String::new(),
        },
        mail,
    }
}

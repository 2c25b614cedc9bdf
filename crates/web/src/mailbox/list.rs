//! `/mailbox`: the list, newest first, and the search.

use askama::Template;
use axum::response::Response;
use kernel::Environment;
use pay::mailbox::{self, Cursor, Mail, Search};

use super::MailText;
use crate::staff::Desk;
use crate::ui::frame::moment;
use crate::ui::{Frame, Query};

/// Mails of a page.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "mailbox/list.html")]
struct Page {
    frame: Frame,
    t: &'static MailText,
    asked: Query,
    environments: Vec<(&'static str, &'static str, bool)>,
    environment: Environment,
    undelivered: bool,
    rows: Vec<Row>,
    is_later: bool,
    next: Option<String>,
}

struct Row {
    id: String,
    when: String,
    outcome: &'static str,
    tone: &'static str,
    recipient: &'static str,
    to: String,
    /// What stands before the order number, the number, and what follows it.
    subject: (String, String, String),
    kind: &'static str,
}

/// `GET /mailbox`.
pub(super) async fn show(desk: Desk) -> Response {
    let t = MailText::of(desk.visit.language);
    let asked = Query::of(&desk.visit.path);
    let environment = asked.get("environment").parse().unwrap_or(Environment::Sandbox);
    let undelivered = asked.is("state", "undelivered");
    let search = Search { text: asked.get("text").to_owned(), charge: None, undelivered };
    let after: Option<Cursor> = asked.get("after").parse().ok();
    let (shop, is_later) = (desk.shop(), after.is_some());
    let read = move |tx: &mut store::Tx<'_>| mailbox::list(tx, shop, environment, &search, after.as_ref(), PAGE);
    let found = match desk.visit.ui.store().read(read).await {
        Ok(found) => found,
        Err(error) => return desk.failed(&error),
    };
    let name = |one: Environment| (one.as_str(), t.environment(one), one == environment);
    let page = Page {
        frame: desk.frame(),
        t,
        environments: Environment::ALL.map(name).to_vec(),
        environment,
        undelivered,
        rows: found.mails.into_iter().map(|mail| row(mail, t)).collect(),
        is_later,
        next: found
            .next
            .map(|next| asked.link("/mailbox", &["environment", "text", "state"], ("after", &next.to_string()))),
        asked,
    };
    desk.visit.page(&page)
}

fn row(mail: Mail, t: &'static MailText) -> Row {
    let (outcome, tone) = t.outcome(mail.outcome);
    let subject = match mail.subject.split_once(mail.charge.as_str()) {
        Some((before, after)) => (before.to_owned(), mail.charge.clone(), after.to_owned()),
        None => (mail.subject, String::new(), String::new()),
    };
    Row {
        id: mail.id,
        when: moment(mail.created),
        outcome,
        tone: tone.class(),
        recipient: t.recipient(mail.recipient),
        to: mail.to.unwrap_or_else(|| t.nobody_to.to_owned()),
        subject,
        kind: t.kind(mail.kind),
    }
}

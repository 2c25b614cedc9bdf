//! The editor of a mail: 件名 and 自由記述欄 below the automatic opening, the five blocks, counters and what is wrong.

use askama::Template;
use axum::Json;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use pay::notification::blocks::Block;
use pay::notification::check::{self, Checked};
use pay::notification::draft::{self, Draft};
use pay::orders::Look;
use store::Tx;

use super::text::MailsText;
use crate::orders::one;
use crate::staff::{Desk, posted};
use crate::ui::{Frame, Posted, Problem, Tone};

#[derive(Template)]
#[template(path = "orders/mail-edit.html")]
struct Page {
    frame: Frame,
    t: &'static MailsText,
    own: String,
    number: String,
    /// Why no mail can be sent; empty if one can.
    why: &'static str,
    opening: String,
    blocks: Vec<Insert>,
    subject: String,
    subject_error: String,
    subject_count: usize,
    subject_most: usize,
    body: String,
    body_error: String,
    body_count: usize,
    body_most: usize,
    left: String,
    key: String,
}

struct Insert {
    kind: &'static str,
    name: &'static str,
    /// Empty where there is nothing to insert.
    text: String,
    why: &'static str,
}

/// What is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub subject: String,
    pub body: String,
}

impl Typed {
    pub fn of(form: &pay::http::form::Form) -> Typed {
        let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
        Typed { subject: text("subject"), body: text("body") }
    }

    pub fn check(&self) -> Checked {
        check::check(&self.subject, &self.body)
    }
}

/// `GET /dashboard/{side}/orders/{id}/mails/new`.
pub(super) async fn blank(desk: Desk, Path((_, id)): Path<(String, String)>) -> Result<Response, Response> {
    let look = one::find(&desk, &id).await?;
    let draft = load(&desk, &look).await?;
    let key = desk.new_key();
    Ok(page(&desk, (&look, &draft), Typed::default(), key, StatusCode::OK, None))
}

/// `POST /dashboard/{side}/orders/{id}/mails/edit`: the editor with what was typed, and a block inserted if one was chosen.
pub(super) async fn again(Path((_, id)): Path<(String, String)>, form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let look = one::find(&desk, &id).await?;
    let draft = load(&desk, &look).await?;
    let mut typed = Typed::of(&form);
    let chosen = form.get("insert").unwrap_or_default();
    let text = draft.blocks.iter().find(|block| block.kind.as_str() == chosen).and_then(|block| block.text.as_deref());
    if let Some(text) = text {
        let between = if typed.body.is_empty() || typed.body.ends_with('\n') { "" } else { "\n" };
        typed.body = format!("{}{between}{text}\n", typed.body);
    }
    let key = desk.key_of(&form).ok_or_else(|| desk.nameless())?;
    Ok(page(&desk, (&look, &draft), typed, key, StatusCode::OK, None))
}

/// `POST /dashboard/{side}/orders/{id}/mails/check`: what is wrong, for who is still typing.
pub(super) async fn check(Path((_, id)): Path<(String, String)>, form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    one::find(&desk, &id).await?;
    let t = MailsText::of(desk.visit.language);
    let checked = Typed::of(&form).check();
    let said = serde_json::json!({
        "subject": if checked.subject.count == 0 { String::new() } else { t.wrong_subject(&checked.subject) },
        "body": if checked.body.count == 0 { String::new() } else { t.wrong_body(&checked.body) },
        "first": checked.body.unfit.first().map(|unfit| unfit.0.position),
    });
    Ok(desk.visit.known(Json(said).into_response()))
}

/// What the editor of an order shows before anything is typed.
pub(super) async fn load(desk: &Desk, look: &Look) -> Result<Draft, Response> {
    let (shop, environment, number) = (desk.shop(), look.environment, look.charge.number);
    let read = move |tx: &mut Tx<'_>| draft::draft(tx, shop, environment, number);
    let found = desk.visit.ui.store().read(read).await.map_err(|error| desk.failed(&error))?;
    found.ok_or_else(|| desk.problem(Problem::Absent))
}

/// The editor with everything typed. What is wrong is said where it was sent already: `notice`.
pub(super) fn page(
    desk: &Desk,
    (look, draft): (&Look, &Draft),
    typed: Typed,
    key: String,
    status: StatusCode,
    notice: Option<&'static str>,
) -> Response {
    let t = MailsText::of(desk.visit.language);
    let checked = typed.check();
    // An empty editor is not wrong yet.
    let says = |empty: bool, wrong: String| if notice.is_none() && empty { String::new() } else { wrong };
    let why = draft.refused.map_or("", |refused| t.limit(refused));
    let frame = match (notice, why) {
        (Some(text), _) => desk.frame().saying(Tone::Bad, text),
        (None, "") => desk.frame(),
        (None, why) => desk.frame().saying(Tone::Care, why),
    };
    let page = Page {
        frame: frame.about(look.environment),
        t,
        own: desk.side.path(&format!("/orders/{}", draft.charge)),
        number: draft.charge.to_string(),
        why,
        opening: draft.opening.clone(),
        blocks: draft.blocks.iter().map(|block| insert(t, block)).collect(),
        subject_error: says(typed.subject.is_empty(), t.wrong_subject(&checked.subject)),
        subject_count: checked.subject.count,
        subject_most: checked.subject.most,
        subject: typed.subject,
        body_error: says(typed.body.is_empty(), t.wrong_body(&checked.body)),
        body_count: checked.body.count,
        body_most: checked.body.most,
        body: typed.body,
        left: t.left.replace("{}", &(draft.most - draft.sent).to_string()),
        key,
    };
    desk.visit.page_with(status, &page)
}

fn insert(t: &MailsText, block: &Block) -> Insert {
    Insert {
        kind: block.kind.as_str(),
        name: t.block(block.kind),
        why: if block.text.is_some() { "" } else { t.no_block(block.kind) },
        text: block.text.clone().unwrap_or_default(),
    }
}

//! お知らせメール of an order (seed 000 "メール送信"): the editor, the confirmation, 通知メール履歴 with each mail's text, and
//! sending one again that did not arrive.

mod editor;
mod letter;
mod send;
mod text;

use kernel::{ChargeNumber, Environment, Timestamp};
use pay::notification::draft;
use pay::notification::history::{self, OrderMail};
use shop::Right;
use store::{StoreError, Tx};

use self::text::MailsText;
use super::text::roles;
use crate::staff::Desk;
use crate::ui::frame::moment;
use crate::ui::{Access, Pages, Ui};

/// The pages.
pub(super) fn pages(ui: &Ui) -> Pages {
    let (see, send) = (Access::With(Right::SeeMails), Access::With(Right::SendMail));
    Pages::new()
        .get("/dashboard/{side}/orders/{id}/mails/new", send, editor::blank)
        .post("/dashboard/{side}/orders/{id}/mails/edit", send, editor::again)
        .post("/dashboard/{side}/orders/{id}/mails/check", send, editor::check)
        .post("/dashboard/{side}/orders/{id}/mails/preview", send, send::preview)
        .post("/dashboard/{side}/orders/{id}/mails", send, send::send)
        .get("/dashboard/{side}/orders/{id}/mails/{mail}", see, letter::show)
        .post("/dashboard/{side}/orders/{id}/mails/{mail}/resend", send, letter::send_again)
        .with_state(ui.clone())
}

/// The mails of an order, as its page shows them.
pub struct History {
    /// Their words.
    pub t: &'static MailsText,
    /// Whether who looks may see them.
    pub may_see: bool,
    /// The editor.
    pub write: String,
    /// Why no mail can be sent; empty if one can.
    pub why: String,
    /// Newest first.
    pub rows: Vec<Row>,
}

/// A mail in the history.
pub struct Row {
    /// The window with its text.
    pub href: String,
    /// When it was asked for.
    pub when: String,
    /// 件名.
    pub subject: String,
    /// What became of it.
    pub outcome: &'static str,
    /// How that is meant.
    pub tone: &'static str,
}

/// Loads them.
pub async fn load(desk: &Desk, environment: Environment, number: ChargeNumber) -> Result<History, StoreError> {
    let (t, shop, may_see) = (MailsText::of(desk.visit.language), desk.shop(), desk.may(Right::SeeMails));
    let read = move |tx: &mut Tx<'_>| {
        let mails = if may_see { history::of_charge(tx, shop, environment, number)? } else { None };
        Ok::<_, StoreError>((mails, draft::draft(tx, shop, environment, number)?))
    };
    let (mails, draft) = desk.visit.ui.store().read(read).await?;
    let own = desk.side.path(&format!("/orders/{number}/mails"));
    let refused = draft.and_then(|draft| draft.refused);
    let why = match refused {
        Some(refused) => t.limit(refused).to_owned(),
        None if !desk.may(Right::SendMail) => t.why_role.replace("{}", &roles(Right::SendMail, desk.visit.language)),
        None => String::new(),
    };
    let rows = mails.map(|history| history.data).unwrap_or_default();
    let rows = rows.into_iter().map(|mail| row(t, &own, mail)).collect();
    Ok(History { t, may_see, write: format!("{own}/new"), why, rows })
}

fn row(t: &MailsText, own: &str, mail: OrderMail) -> Row {
    let (outcome, tone) = t.outcome(mail.outcome);
    Row {
        href: format!("{own}/{}", mail.id),
        when: moment(Timestamp::from_seconds(mail.created)),
        subject: mail.subject,
        outcome,
        tone: tone.class(),
    }
}

/// What is said on the page of the order about a mail, if that led there.
pub(super) fn said(desk: &Desk, done: &str) -> Option<&'static str> {
    let t = MailsText::of(desk.visit.language);
    match done {
        "mail" => Some(t.sent_done),
        "mail-again" => Some(t.again_done),
        _ => None,
    }
}

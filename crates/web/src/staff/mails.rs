//! `/mailbox/staff`: mails to the staff that could not be sent, because there is no mail server. Their links open accounts,
//! so only who runs this server reads them.

use askama::Template;
use axum::response::Response;
use pay::staff_mail;
use shop::staff::mail::{Kept, Kind, rows};

use super::Desk;
use crate::texts;
use crate::ui::Frame;
use crate::ui::frame::moment;

/// Where it is.
pub(super) const PATH: &str = "/mailbox/staff";
/// Mails shown at the most.
const SHOWN_MAX: i64 = 50;

texts! {
    /// What the page says.
    StaffMailText {
        title: "スタッフ宛のメール", "Mails to the staff";
        lead: "メールサーバーがないため送信されなかった、招待とパスワード再設定のメールです。リンクでアカウントが使えるようになるため、本人にだけ渡してください。",
            "Invitations and links for passwords that were not sent, because there is no mail server. Their links open accounts: hand them to nobody else.";
        when: "日時", "Time";
        kind: "種類", "Kind";
        to: "宛先", "To";
        text: "本文", "Text";
        invitation: "招待", "Invitation";
        reset: "パスワードの再設定", "Another password";
        over: "送信済み、または期限切れです。", "It was sent, or its link has ended.";
        empty: "まだメールがありません", "No mails yet";
        empty_more: "スタッフを招待すると、ここに表示されます。", "Invite somebody, and the mail shows here.";
    }
}

struct Row {
    when: String,
    kind: &'static str,
    to: String,
    text: String,
}

#[derive(Template)]
#[template(path = "staff/mails.html")]
struct Page {
    frame: Frame,
    t: &'static StaffMailText,
    rows: Vec<Row>,
}

/// `GET /mailbox/staff`.
pub(super) async fn show(desk: Desk) -> Response {
    let t = StaffMailText::of(desk.visit.language);
    let vault = desk.visit.ui.vault().clone();
    let mails = match desk.visit.ui.store().read(move |tx| rows::newest(tx, &vault, SHOWN_MAX)).await {
        Ok(mails) => mails,
        Err(error) => return desk.failed(&error),
    };
    let base = desk.visit.ui.gateway().base_url();
    let rows = mails.into_iter().map(|mail| row(t, mail, base)).collect();
    desk.visit.page(&Page { frame: desk.frame(), t, rows })
}

fn row(t: &'static StaffMailText, mail: Kept, base: &str) -> Row {
    let Kept { kind, letter, created, expires, .. } = mail;
    let text = letter.as_ref().map(|letter| staff_mail::write(kind, letter, expires, base).body);
    Row {
        when: moment(created),
        kind: match kind {
            Kind::Invitation => t.invitation,
            Kind::Reset => t.reset,
        },
        to: letter.map(|letter| letter.to).unwrap_or_default(),
        text: text.unwrap_or_default(),
    }
}

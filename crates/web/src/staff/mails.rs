//! `/mailbox/staff`: mails to the staff that could not be sent, because there is no mail server. Their links open accounts,
//! so only who runs this server reads them. And what became of the mails that tell of notices.

use askama::Template;
use axum::response::Response;
use pay::staff_mail;
use shop::news_mail::{self, Outcome};
use shop::staff::mail::{Kept, Kind, rows};
use store::{StoreError, Tx};

use super::Desk;
use crate::texts;
use crate::ui::frame::moment;
use crate::ui::{Frame, Tone};

/// Where it is.
pub(super) const PATH: &str = "/mailbox/staff";
/// Mails shown at the most.
const SHOWN_MAX: i64 = 50;

texts! {
    /// What the page says.
    StaffMailText {
        title: "スタッフ宛のメール", "Mails to the staff";
        back: "スタッフに戻る", "Back to the staff";
        lead: "メールサーバーがないため送信されなかった、招待とパスワード再設定のメールです。リンクでアカウントが使えるようになるため、本人にだけ渡してください。",
            "Invitations and links for passwords that were not sent, because there is no mail server. Their links open accounts: hand them to nobody else.";
        when: "日時", "Time";
        kind: "メールの種類", "Kind";
        to: "宛先", "To";
        text: "本文", "Text";
        invitation: "招待", "Invitation";
        reset: "パスワード再設定", "Another password";
        over: "送信済み、または期限切れです。", "It was sent, or its link has ended.";
        links: "招待とパスワードの再設定", "Invitations and passwords";
        news: "最新のお知らせ", "News by mail";
        news_lead: "お知らせメールを受け取る店舗の管理者宛の、お知らせのメールです。", "Notices mailed to the owners of shops that want them.";
        due: "表示開始", "Shown from";
        notice: "お知らせ", "Notice";
        outcome: "結果", "What became of it";
        waiting: "送信待ち", "Waiting";
        kept: "未送信", "Not sent";
        sent: "送信済み", "Sent";
        dropped: "送信なし(取り下げ・終了・受け取り停止)", "Not sent: withdrawn, over, or not wanted any more";
        refused: "送信できませんでした", "Refused";
        given_up: "送信を断念しました", "Given up";
        no_news: "お知らせのメールはまだありません", "No notice was mailed yet";
        no_news_more: "お知らせメールを受け取る店舗があると、ここに表示されます。", "It shows here once a shop wants them.";
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

/// A mail that tells of a notice.
struct News {
    when: String,
    to: String,
    title: String,
    outcome: &'static str,
    tone: &'static str,
    error: String,
}

#[derive(Template)]
#[template(path = "staff/mails.html")]
struct Page {
    frame: Frame,
    t: &'static StaffMailText,
    /// The staff of the shop.
    back: String,
    rows: Vec<Row>,
    news: Vec<News>,
}

/// `GET /mailbox/staff`.
pub(super) async fn show(desk: Desk) -> Response {
    let t = StaffMailText::of(desk.visit.language);
    let vault = desk.visit.ui.vault().clone();
    let read = move |tx: &mut Tx<'_>| {
        Ok::<_, StoreError>((rows::newest(tx, &vault, SHOWN_MAX)?, news_mail::rows::newest(tx, SHOWN_MAX)?))
    };
    let (mails, news) = match desk.visit.ui.store().read(read).await {
        Ok(both) => both,
        Err(error) => return desk.failed(&error),
    };
    let base = desk.visit.ui.gateway().base_url();
    let rows = mails.into_iter().map(|mail| row(t, mail, base)).collect();
    let news = news.into_iter().map(|mail| told(t, mail)).collect();
    desk.visit.page(&Page { frame: desk.frame(), t, back: desk.side.path("/account/staff"), rows, news })
}

fn told(t: &'static StaffMailText, mail: news_mail::rows::Kept) -> News {
    let (outcome, tone) = match mail.outcome {
        Outcome::Waiting => (t.waiting, Tone::Plain),
        Outcome::Kept => (t.kept, Tone::Plain),
        Outcome::Sent => (t.sent, Tone::Good),
        Outcome::Dropped => (t.dropped, Tone::Plain),
        Outcome::Refused => (t.refused, Tone::Bad),
        Outcome::GivenUp => (t.given_up, Tone::Bad),
    };
    let (when, error) = (moment(mail.due), mail.error.unwrap_or_default());
    News { when, to: mail.to, title: mail.title, outcome, tone: tone.class(), error }
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

//! The windows of 確定 and キャンセル: はい does it, いいえ does nothing.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use pay::ApiError;
use pay::attempt::Work;
use pay::http::form::Form;
use pay::orders::Look;
use shop::Right;

use super::act::{Done, Seen, act};
use super::text::OrdersText;
use super::{one, refusal};
use crate::checkout::text::yen;
use crate::staff::{Desk, posted};
use crate::texts;
use crate::ui::{Frame, Posted, Problem, Tone};

texts! {
    /// What the windows say.
    ConfirmText {
        capture_title: "決済の確定", "Capture of the order";
        cancel_title: "決済のキャンセル", "Cancellation of the order";
        capture: "この決済を確定します。よろしいですか?", "Capture this order?";
        capture_more: "決済ステータスが実売上になります。", "It becomes an actual sale.";
        cancel: "この決済をキャンセルします。よろしいですか?", "Cancel this order?";
        cancel_more: "キャンセル処理の取消はできません。以後、確定・金額変更の処理ができなくなります。",
            "This cannot be undone: it can no longer be captured or changed.";
        yes: "はい", "Yes";
        no: "いいえ", "No";
        back: "注文詳細に戻る", "Back to the order";
        cannot: "操作できません: {}", "Not possible: {}";
        was: "ご覧になっていた内容: {}", "As you saw it: {}";
        is: "現在の内容: {}", "As it is now: {}";
    }
}

#[derive(Template)]
#[template(path = "orders/confirm.html")]
struct Page {
    frame: Frame,
    t: &'static OrdersText,
    c: &'static ConfirmText,
    verb: &'static str,
    title: &'static str,
    question: &'static str,
    more: &'static str,
    /// Who is told by mail.
    mails: &'static str,
    class: &'static str,
    own: String,
    number: String,
    state: &'static str,
    environment: &'static str,
    amount: String,
    seen: Seen,
    /// What was seen and what is, after somebody else changed it.
    differs: Option<(String, String)>,
    why: String,
}

/// Which window.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Window {
    Capture,
    Cancel,
}

impl Window {
    fn work(self) -> Work {
        match self {
            Window::Capture => Work::Capture,
            Window::Cancel => Work::Cancel,
        }
    }

    fn right(self) -> Right {
        match self {
            Window::Capture => Right::Capture,
            Window::Cancel => Right::Cancel,
        }
    }
}

/// `GET …/capture`.
pub(super) async fn capture(desk: Desk, Path((_, id)): Path<(String, String)>) -> Result<Response, Response> {
    let look = one::find(&desk, &id).await?;
    let mails = one::are_mails_wanted(&desk).await?;
    Ok(desk.visit.page(&page(&desk, &look, Window::Capture, mails, desk.frame())))
}

/// `GET …/cancel`.
pub(super) async fn cancel(desk: Desk, Path((_, id)): Path<(String, String)>) -> Result<Response, Response> {
    let look = one::find(&desk, &id).await?;
    let mails = one::are_mails_wanted(&desk).await?;
    Ok(desk.visit.page(&page(&desk, &look, Window::Cancel, mails, desk.frame())))
}

/// `POST …/capture`.
pub(super) async fn do_capture(Path((_, id)): Path<(String, String)>, form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    answered(&desk, &id, &form, Window::Capture).await
}

/// `POST …/cancel`.
pub(super) async fn do_cancel(Path((_, id)): Path<(String, String)>, form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    answered(&desk, &id, &form, Window::Cancel).await
}

async fn answered(desk: &Desk, id: &str, form: &Form, window: Window) -> Result<Response, Response> {
    let look = one::find(desk, id).await?;
    let seen = Seen::read(form).ok_or_else(|| desk.problem(Problem::Unreadable))?;
    match act(desk, &look, &seen, window.work()).await {
        Done::Shown(response) => Ok(response),
        Done::Refused(error) => refused(desk, id, &seen, window, &error).await,
    }
}

async fn refused(desk: &Desk, id: &str, seen: &Seen, window: Window, error: &ApiError) -> Result<Response, Response> {
    let look = one::find(desk, id).await?;
    let c = ConfirmText::of(desk.visit.language);
    let frame = desk.frame().saying(Tone::Bad, refusal::says(desk.visit.language, error));
    let mut page = page(desk, &look, window, one::are_mails_wanted(desk).await?, frame);
    if error.code == ApiError::charge_changed().code {
        let is = page.seen.words.clone();
        page.differs = Some((c.was.replace("{}", &seen.words), c.is.replace("{}", &is)));
    }
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    Ok(desk.visit.page_with(status, &page))
}

fn page(desk: &Desk, look: &Look, window: Window, are_mails_wanted: bool, frame: Frame) -> Page {
    let language = desk.visit.language;
    let (t, c) = (OrdersText::of(language), ConfirmText::of(language));
    let standing = &look.charge.standing;
    let possible = look.possible(one::has_provider(desk, look));
    let (title, question, more, mails, class, possible) = match window {
        Window::Capture => (c.capture_title, c.capture, c.capture_more, t.mail_shop, "", possible.capture),
        Window::Cancel => (c.cancel_title, c.cancel, c.cancel_more, t.mail_both, "danger", possible.cancel),
    };
    let why = one::barred(desk, window.right(), possible);
    Page {
        frame: frame.about(look.environment),
        verb: window.work().verb(),
        title,
        question,
        more,
        mails: if are_mails_wanted { mails } else { t.mail_none },
        class,
        own: desk.side.path(&format!("/orders/{}", look.charge.number)),
        number: look.charge.number.to_string(),
        state: t.state(standing.state),
        environment: t.key(look.environment),
        amount: yen(language, standing.amount),
        seen: Seen::of(desk, look),
        differs: None,
        why: if why.is_empty() { why } else { c.cannot.replace("{}", &why) },
        t,
        c,
    }
}

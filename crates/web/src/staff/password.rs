//! `/password`: another password for who knows the one it has. After the first login with a password that somebody else
//! has seen, it comes before everything else.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use shop::staff::{PASSWORD_MIN, Refused};

use super::login::{self, LoginText, Onward};
use super::{Desk, posted};
use crate::texts;
use crate::ui::{Frame, Posted, Problem, Tone};

/// Where it is.
pub(super) const PATH: &str = "/password";

texts! {
    /// What the page says.
    PasswordText {
        title: "パスワード変更", "Change password";
        first: "はじめに、ご自身のパスワードを設定してください。", "First, choose a password of your own.";
        current: "現在のパスワード", "Current password";
        new: "新しいパスワード", "New password";
        rule: "{}文字以上で入力してください。長い文をおすすめします。", "At least {} characters. A long phrase is best.";
        submit: "変更する", "Change";
        quit: "やめる", "Cancel";
        wrong: "現在のパスワードが違います。", "The current password is wrong.";
        unfit: "{}文字以上、256バイト以内で、メールアドレスとは別のものにしてください。",
            "Use at least {} characters, at most 256 bytes, and not your address.";
    }
}

#[derive(Template)]
#[template(path = "staff/password.html")]
struct Page {
    frame: Frame,
    t: &'static PasswordText,
    first: bool,
    rule: String,
    wrong: String,
    unfit: String,
}

/// `GET /password`.
pub(super) async fn show(desk: Desk) -> Response {
    desk.visit.page(&page(&desk))
}

/// `POST /password`.
pub(super) async fn change(form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let attempt = login::attempt(&desk.visit, desk.staff.email.as_str().to_owned(), text("current"));
    let onward = Onward { to: "/?done=password".to_owned(), kept: String::new() };
    Ok(match desk.visit.ui.door().change_password(&desk.staff, attempt, text("new")).await {
        Ok(granted) => login::begin(&desk.visit, &granted, &onward),
        Err(refused) => refuse(&desk, &refused),
    })
}

fn refuse(desk: &Desk, refused: &Refused) -> Response {
    let mut page = page(desk);
    let status = match refused {
        Refused::Wrong => {
            page.wrong = page.t.wrong.to_owned();
            StatusCode::FORBIDDEN
        }
        Refused::Unfit(_) => {
            page.unfit = numbered(page.t.unfit);
            StatusCode::BAD_REQUEST
        }
        Refused::Locked { .. } | Refused::Over | Refused::Already | Refused::Store(_) => {
            let (status, text) = login::says(refused, LoginText::of(desk.visit.language));
            let Some(text) = text else { return desk.problem(Problem::Unavailable) };
            page.frame = page.frame.saying(Tone::Bad, text);
            status
        }
    };
    desk.visit.page_with(status, &page)
}

fn page(desk: &Desk) -> Page {
    let t = PasswordText::of(desk.visit.language);
    let (wrong, unfit) = (String::new(), String::new());
    Page { frame: desk.frame(), t, first: desk.staff.must_change, rule: numbered(t.rule), wrong, unfit }
}

fn numbered(text: &str) -> String {
    text.replace("{}", &PASSWORD_MIN.to_string())
}

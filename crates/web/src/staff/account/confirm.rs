//! Proving again who one is, before something that only they may see or change: by the password, and by a code if the
//! two-step login is on. It counts for ten minutes.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use shop::staff::Refused;

use super::{AccountText, at};
use crate::staff::login::{self, LoginText};
use crate::staff::{Desk, posted};
use crate::texts;
use crate::ui::language::is_local;
use crate::ui::{Frame, Posted, Problem, Query, Realm};

texts! {
    /// What the page says.
    ConfirmText {
        title: "本人確認", "Confirm that it is you";
        lead: "この先の操作のため、もう一度パスワードを入力してください。10分間有効です。",
            "For what comes next, enter your password again. It counts for ten minutes.";
        password: "パスワード", "Password";
        code: "認証コード", "Code";
        code_more: "認証アプリの6桁の数字、またはリカバリーコード", "Six digits of your authenticator app, or a recovery code";
        submit: "確認する", "Confirm";
        wrong: "パスワードまたは認証コードが違います。", "The password or the code is wrong.";
    }
}

#[derive(Template)]
#[template(path = "account/confirm.html")]
struct Page {
    frame: Frame,
    t: &'static ConfirmText,
    a: &'static AccountText,
    action: String,
    to: String,
    two_step: bool,
    wrong: String,
}

/// `GET …/account/confirm`.
pub(super) async fn show(desk: Desk) -> Response {
    let query = Query::of(&desk.visit.path);
    desk.visit.page(&page(&desk, query.get("to"), String::new()))
}

/// `POST …/account/confirm`.
pub(super) async fn confirm(form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let text = |name: &str| form.get(name).unwrap_or_default();
    let attempt = login::attempt(&desk.visit, desk.staff.email.as_str().to_owned(), text("password").to_owned());
    let secret = desk.visit.session(Realm::Staff).unwrap_or_default();
    Ok(match desk.visit.ui.door().confirm(secret, &desk.staff, attempt, text("code")).await {
        Ok(()) => desk.visit.redirect(&target(&desk, text("to"))),
        Err(refused) => {
            let (status, says) = login::says(&refused, LoginText::of(desk.visit.language));
            let Some(says) = says else { return Err(desk.problem(Problem::Unavailable)) };
            let is_wrong = refused == Refused::Wrong;
            let wrong = if is_wrong { ConfirmText::of(desk.visit.language).wrong.to_owned() } else { says };
            let status = if is_wrong { StatusCode::FORBIDDEN } else { status };
            login::waiting(desk.visit.page_with(status, &page(&desk, text("to"), wrong)), &refused)
        }
    })
}

fn page(desk: &Desk, to: &str, wrong: String) -> Page {
    let language = desk.visit.language;
    let (t, a) = (ConfirmText::of(language), AccountText::of(language));
    let action = at(desk.side, "confirm");
    Page { frame: desk.frame(), t, a, action, to: target(desk, to), two_step: desk.staff.two_step, wrong }
}

/// Where it leads back: a page of ours.
fn target(desk: &Desk, to: &str) -> String {
    if is_local(to) && to.starts_with("/dashboard/") { to.to_owned() } else { at(desk.side, "two-step") }
}

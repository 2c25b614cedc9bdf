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
        lead: "安全のため、パスワードをもう一度入力してください。確認は10分間有効です。",
            "To be safe, enter your password again. It counts for ten minutes.";
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
    back: String,
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
    let (action, to) = (at(desk.side, "confirm"), target(desk, to));
    let back = back(&to);
    Page { frame: desk.frame(), t, a, action, to, back, two_step: desk.staff.two_step, wrong }
}

/// Where it leads back: a page of ours.
fn target(desk: &Desk, to: &str) -> String {
    if is_local(to) && to.starts_with("/dashboard/") { to.to_owned() } else { at(desk.side, "two-step") }
}

/// Where somebody goes who does not confirm: the section that `to` is of. What lies below it may ask for this page again.
fn back(to: &str) -> String {
    let place = to.split('?').next().unwrap_or_default();
    let is_of_account = place.split('/').nth(3) == Some("account");
    place.split('/').take(if is_of_account { 5 } else { usize::MAX }).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::back;

    #[test]
    fn the_way_back_asks_for_nothing() {
        assert_eq!(back("/dashboard/live/account/two-step/on"), "/dashboard/live/account/two-step");
        assert_eq!(back("/dashboard/live/account/keys?done=confirmed"), "/dashboard/live/account/keys");
        assert_eq!(back("/dashboard/sandbox/webhooks/signature"), "/dashboard/sandbox/webhooks/signature");
    }
}

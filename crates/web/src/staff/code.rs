//! `/login/code`: the second step of a login, a code of an authenticator app or a recovery code.

use askama::Template;
use axum::response::Response;
use http::header;
use shop::staff::{Granted, Refused};

use super::login::{self, LoginText, Onward};
use crate::texts;
use crate::ui::query::escaped;
use crate::ui::{Frame, Posted, Problem, Query, Realm, Visit, cookie};

/// Where it is.
pub(super) const PATH: &str = "/login/code";

texts! {
    /// What the page says.
    CodeText {
        title: "二段階認証", "Two-step login";
        code: "認証コード", "Code";
        more: "認証アプリに表示されている6桁の数字を入力してください。アプリを使えないときは、リカバリーコードを入力してください。",
            "The six digits that your authenticator app shows; or a recovery code if you cannot use it.";
        wrong: "認証コードが違うか、すでに使われています。", "The code is wrong, or was used already.";
        submit: "ログイン", "Log in";
        back: "最初からやり直す", "Start again";
    }
}

#[derive(Template)]
#[template(path = "staff/code.html")]
struct Page {
    frame: Frame,
    t: &'static CodeText,
    onward: Onward,
    wrong: String,
}

/// The password was right: on to the code.
pub(super) fn next(visit: &Visit, granted: &Granted, onward: Onward) -> Response {
    let mut response = if onward.kept.is_empty() {
        visit.redirect(&format!("{PATH}?to={}", escaped(&onward.to)))
    } else {
        // What is kept travels in the page itself.
        let frame = Frame { path: PATH.to_owned(), ..visit.frame_in(&granted.secret) };
        visit.page(&Page { frame, t: CodeText::of(visit.language), onward, wrong: String::new() })
    };
    let cookie = cookie::begin_session(Realm::Staff, &visit.peer, &granted.secret);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

/// `GET /login/code`.
pub(super) async fn show(visit: Visit) -> Response {
    let waiting = match visit.session(Realm::Staff) {
        Some(secret) => visit.ui.door().waiting(secret).await,
        None => Ok(None),
    };
    match waiting {
        Err(_) => visit.problem(Problem::Unavailable),
        Ok(None) => visit.redirect(login::PATH),
        Ok(Some(_)) => {
            let to = login::target(Some(Query::of(&visit.path).get("to"))).to_owned();
            let onward = Onward { to, kept: String::new() };
            let t = CodeText::of(visit.language);
            visit.page(&Page { frame: visit.frame(), t, onward, wrong: String::new() })
        }
    }
}

/// `POST /login/code`.
pub(super) async fn enter(Posted { visit, form }: Posted) -> Response {
    let onward = Onward::of(&form);
    let Some(secret) = visit.session(Realm::Staff) else { return visit.redirect(login::PATH) };
    let code = form.get("code").unwrap_or_default();
    match visit.ui.door().second(secret, code, &visit.whence()).await {
        Ok(granted) => login::begin(&visit, &granted, &onward),
        Err(Refused::Over) => visit.redirect(login::PATH),
        Err(refused) => refuse(&visit, &refused, onward),
    }
}

fn refuse(visit: &Visit, refused: &Refused, onward: Onward) -> Response {
    let t = CodeText::of(visit.language);
    let (status, text) = login::says(refused, LoginText::of(visit.language));
    let Some(text) = text else { return visit.problem(Problem::Unavailable) };
    let wrong = if *refused == Refused::Wrong { t.wrong.to_owned() } else { text };
    let frame = Frame { path: PATH.to_owned(), ..visit.frame() };
    login::waiting(visit.page_with(status, &Page { frame, t, onward, wrong }), refused)
}

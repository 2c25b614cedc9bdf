//! `/login` and `/logout`.

use askama::Template;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use shop::staff::{Attempt, Granted, Refused};

use crate::texts;
use crate::ui::language::is_local;
use crate::ui::query::escaped;
use crate::ui::{Frame, Posted, Problem, Realm, Tone, Visit, cookie};

/// Where it is.
pub(super) const PATH: &str = "/login";

texts! {
    /// What the page says.
    LoginText {
        title: "ログイン", "Log in";
        email: "メールアドレス", "Email address";
        password: "パスワード", "Password";
        submit: "ログイン", "Log in";
        wrong: "メールアドレスまたはパスワードが違います。", "The address or the password is wrong.";
        locked: "ログインの失敗が続いたため、しばらくログインできません。あと{}お待ちください。",
            "Too many failed logins. Please wait {}.";
        forgotten: "パスワードを忘れたときは、サーバーの管理者に choba staff reset をご依頼ください。",
            "Forgotten your password? Ask the operator of this server for choba staff reset.";
        minutes: "{}分", "{} min";
        seconds: "{}秒", "{} s";
    }
}

#[derive(Template)]
#[template(path = "staff/login.html")]
struct Page<'a> {
    frame: Frame,
    t: &'static LoginText,
    email: &'a str,
    to: &'a str,
}

/// The login, which leads on to the page that was asked for.
pub(super) fn first(visit: &Visit) -> Response {
    let to = visit.path.as_str();
    visit.redirect(&if to == "/" { PATH.to_owned() } else { format!("{PATH}?to={}", escaped(to)) })
}

/// `GET /login`.
pub(super) async fn show(visit: Visit) -> Response {
    let signed_in = match visit.session(Realm::Staff) {
        Some(secret) => visit.ui.door().session(secret).await,
        None => Ok(None),
    };
    let query = visit.path.split_once('?').map_or("", |(_, query)| query);
    let query = pay::http::form::Form::parse(query.as_bytes()).unwrap_or_default();
    let to = target(query.get("to"));
    match signed_in {
        Ok(Some(_)) => visit.redirect(to),
        Ok(None) => visit.page(&page(&visit, visit.frame(), "", to)),
        Err(_) => visit.problem(Problem::Unavailable),
    }
}

/// `POST /login`.
pub(super) async fn enter(Posted { visit, form }: Posted) -> Response {
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let (email, to) = (text("email"), target(form.get("to")));
    let attempt = Attempt {
        email: email.clone(),
        password: text("password"),
        address: visit.peer.address,
        origin: visit.origin(),
    };
    match visit.ui.door().login(attempt).await {
        Ok(granted) => begin(&visit, &granted, to),
        Err(refused) => refuse(&visit, &refused, &email, to),
    }
}

/// On to `to` in a session that just began.
pub(super) fn begin(visit: &Visit, granted: &Granted, to: &str) -> Response {
    let mut response = visit.redirect(to);
    let cookie = cookie::begin_session(Realm::Staff, &visit.peer, &granted.secret);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

fn refuse(visit: &Visit, refused: &Refused, email: &str, to: &str) -> Response {
    let (status, text) = says(refused, LoginText::of(visit.language));
    let Some(text) = text else { return visit.problem(Problem::Unavailable) };
    // The language switch leads to a page that there is.
    let frame = Frame { path: PATH.to_owned(), ..visit.frame() }.saying(Tone::Bad, text);
    let mut response = visit.page_with(status, &page(visit, frame, email, to));
    if let Refused::Locked { seconds } = refused {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
    }
    response
}

/// How a refusal is told; none when it is our own failure.
pub(super) fn says(refused: &Refused, t: &LoginText) -> (StatusCode, Option<String>) {
    match refused {
        Refused::Wrong | Refused::Unfit(_) => (StatusCode::FORBIDDEN, Some(t.wrong.to_owned())),
        Refused::Locked { seconds } => {
            let wait = match seconds {
                ..60 => t.seconds.replace("{}", &seconds.to_string()),
                60.. => t.minutes.replace("{}", &((seconds + 59) / 60).to_string()),
            };
            (StatusCode::TOO_MANY_REQUESTS, Some(t.locked.replace("{}", &wait)))
        }
        Refused::Store(error) => {
            tracing::error!(%error, "the database failed");
            (StatusCode::SERVICE_UNAVAILABLE, None)
        }
    }
}

/// `POST /logout`.
pub(super) async fn leave(Posted { visit, .. }: Posted) -> Response {
    if let Some(secret) = visit.session(Realm::Staff)
        && let Err(error) = visit.ui.door().logout(secret, &visit.origin()).await
    {
        tracing::error!(%error, "a session could not be ended");
        return visit.problem(Problem::Unavailable);
    }
    let mut response = visit.redirect(PATH);
    response.headers_mut().append(header::SET_COOKIE, cookie::end_session(Realm::Staff, &visit.peer));
    response
}

fn page<'a>(visit: &Visit, frame: Frame, email: &'a str, to: &'a str) -> Page<'a> {
    Page { frame, t: LoginText::of(visit.language), email, to }
}

/// Where to go after the login: a page of ours.
fn target(to: Option<&str>) -> &str {
    to.filter(|to| is_local(to) && !to.starts_with(PATH)).unwrap_or("/")
}

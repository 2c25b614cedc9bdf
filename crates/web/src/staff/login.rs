//! `/login` and `/logout`.

use askama::Template;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use pay::http::form::Form;
use shop::staff::{Attempt, Granted, Refused};

use super::{code, resume};
use crate::texts;
use crate::ui::language::is_local;
use crate::ui::query::escaped;
use crate::ui::{Frame, Posted, Problem, Query, Realm, Tone, Visit, cookie};

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
        forgotten: "パスワードを忘れた場合", "Forgotten your password?";
        ended: "ログインの期限が切れました。もう一度ログインすると、入力した内容の続きを送信できます。",
            "Your session has ended. Log in again, and you can send what you had typed.";
        over: "時間切れです。もう一度ログインしてください。", "That took too long. Please log in again.";
        joined: "パスワードを設定しました。ログインしてください。", "Your password is set. Please log in.";
        reset: "パスワードを変更しました。新しいパスワードでログインしてください。",
            "Your password was changed. Please log in with the new one.";
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
    onward: Onward,
}

/// Where somebody goes on to after the login.
#[derive(Clone, Debug, Default)]
pub(super) struct Onward {
    /// A page of ours.
    pub to: String,
    /// A form that was sent without a session, sealed; may be empty.
    pub kept: String,
}

impl Onward {
    /// Of a form of the login.
    pub fn of(form: &Form) -> Onward {
        Onward { to: target(form.get("to")).to_owned(), kept: form.get("kept").unwrap_or_default().to_owned() }
    }
}

/// The login, which leads on to the page that was asked for.
pub(super) fn first(visit: &Visit) -> Response {
    let to = visit.path.as_str();
    visit.redirect(&if to == "/" { PATH.to_owned() } else { format!("{PATH}?to={}", escaped(to)) })
}

/// The login that comes before a form can be sent again.
pub(super) async fn before(visit: &Visit, form: &Form) -> Response {
    let onward = Onward { to: "/".to_owned(), kept: resume::keep(visit, form).await };
    let t = LoginText::of(visit.language);
    let frame = Frame { path: PATH.to_owned(), ..visit.frame() }.saying(Tone::Care, t.ended);
    visit.page_with(StatusCode::FORBIDDEN, &Page { frame, t, email: "", onward })
}

/// `GET /login`.
pub(super) async fn show(visit: Visit) -> Response {
    let signed_in = match visit.session(Realm::Staff) {
        Some(secret) => visit.ui.door().session(secret).await,
        None => Ok(None),
    };
    let query = Query::of(&visit.path);
    let to = target(Some(query.get("to")));
    let t = LoginText::of(visit.language);
    let frame = match query.get("done") {
        "joined" => visit.frame().saying(Tone::Good, t.joined),
        "reset" => visit.frame().saying(Tone::Good, t.reset),
        _ => visit.frame(),
    };
    let onward = Onward { to: to.to_owned(), kept: String::new() };
    match signed_in {
        Ok(Some(_)) => visit.redirect(to),
        Ok(None) => visit.page(&Page { frame, t, email: "", onward }),
        Err(_) => visit.problem(Problem::Unavailable),
    }
}

/// `POST /login`.
pub(super) async fn enter(Posted { visit, form }: Posted) -> Response {
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let (email, onward) = (text("email"), Onward::of(&form));
    let attempt = attempt(&visit, email.clone(), text("password"));
    match visit.ui.door().login(attempt).await {
        Ok(granted) if granted.waits => code::next(&visit, &granted, onward),
        Ok(granted) => begin(&visit, &granted, &onward),
        Err(refused) => refuse(&visit, &refused, &email, onward),
    }
}

/// Somebody gives a password.
pub(super) fn attempt(visit: &Visit, email: String, password: String) -> Attempt {
    let (address, device) = (visit.peer.address, visit.device.clone());
    Attempt { email, password, address, device, origin: visit.origin() }
}

/// On in a session that just began: with the form that was kept, or to the page that was asked for.
pub(super) fn begin(visit: &Visit, granted: &Granted, onward: &Onward) -> Response {
    if let Some(page) = resume::page(visit, &onward.kept, granted) {
        return page;
    }
    let mut response = visit.redirect(&onward.to);
    let cookie = cookie::begin_session(Realm::Staff, &visit.peer, &granted.secret);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

fn refuse(visit: &Visit, refused: &Refused, email: &str, onward: Onward) -> Response {
    let t = LoginText::of(visit.language);
    let (status, text) = says(refused, t);
    let Some(text) = text else { return visit.problem(Problem::Unavailable) };
    // The language switch leads to a page that there is.
    let frame = Frame { path: PATH.to_owned(), ..visit.frame() }.saying(Tone::Bad, text);
    waiting(visit.page_with(status, &Page { frame, t, email, onward }), refused)
}

/// Says to programs how long a lock lasts.
pub(super) fn waiting(mut response: Response, refused: &Refused) -> Response {
    if let Refused::Locked { seconds } = refused {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
    }
    response
}

/// How a refusal is told; none when it is our own failure.
pub(super) fn says(refused: &Refused, t: &LoginText) -> (StatusCode, Option<String>) {
    match refused {
        Refused::Wrong | Refused::Unfit(_) | Refused::Already => (StatusCode::FORBIDDEN, Some(t.wrong.to_owned())),
        Refused::Over => (StatusCode::FORBIDDEN, Some(t.over.to_owned())),
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

/// Where to go after the login: a page of ours.
pub(super) fn target(to: Option<&str>) -> &str {
    to.filter(|to| is_local(to) && !to.starts_with(PATH)).unwrap_or("/")
}

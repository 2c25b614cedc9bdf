//! Pages behind links of mails, for who is not logged in: `/forgotten` asks for a link, `/reset` takes another password,
//! `/invitation` makes the account of who was invited.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use shop::staff::{PASSWORD_MIN, Refused};

use super::login::{self, LoginText};
use crate::texts;
use crate::ui::{Access, Frame, Pages, Posted, Problem, Query, Tone, Ui, Visit};

/// Where a link is asked for.
const FORGOTTEN: &str = "/forgotten";
/// Where a link for another password leads.
const RESET: &str = "/reset";
/// Where an invitation leads.
const INVITATION: &str = "/invitation";

texts! {
    /// What the pages say.
    LinkText {
        forgotten: "パスワードの再設定", "Choose another password";
        forgotten_more: "ログインに使うメールアドレスを入力してください。再設定用のリンクを送ります。リンクは30分間、1回だけ使えます。",
            "Enter the address that you log in with. A link is sent to it that counts once, for 30 minutes.";
        email: "メールアドレス", "Email address";
        send: "リンクを送る", "Send the link";
        sent: "このアドレスのアカウントがあれば、再設定用のリンクを送りました。届かないときは、店舗管理者またはサーバーの運営者にご相談ください。",
            "If the address has an account, a link is on its way. If none arrives, ask an owner of your shop or the operator.";
        invitation: "スタッフへの招待", "Invitation to the staff";
        joining: "{}の管理画面に招待されています。パスワードを設定してください。", "You are invited to the dashboard as {}. Choose a password.";
        password: "パスワード", "Password";
        rule: "{}文字以上で入力してください。長い文をおすすめします。", "At least {} characters. A long phrase is best.";
        unfit: "{}文字以上、256バイト以内で、メールアドレスとは別のものにしてください。",
            "Use at least {} characters, at most 256 bytes, and not your address.";
        save: "設定する", "Set the password";
        over: "このリンクは使えません", "This link does not count";
        over_more: "期限が切れたか、すでに使われています。もう一度リンクを送ってもらってください。",
            "It has ended, or was used already. Ask for another one.";
        taken: "このアドレスにはすでにアカウントがあります。", "The address has an account already.";
        to_login: "ログインへ", "To the login";
    }
}

/// The pages.
pub(super) fn pages(ui: &Ui) -> Pages {
    Pages::new()
        .get(FORGOTTEN, Access::Everybody, forgotten)
        .post(FORGOTTEN, Access::Everybody, ask)
        .get(RESET, Access::Everybody, show_reset)
        .post(RESET, Access::Everybody, reset)
        .get(INVITATION, Access::Everybody, show_invitation)
        .post(INVITATION, Access::Everybody, join)
        .with_state(ui.clone())
}

#[derive(Template)]
#[template(path = "staff/forgotten.html")]
struct AskPage<'a> {
    frame: Frame,
    t: &'static LinkText,
    email: &'a str,
}

#[derive(Template)]
#[template(path = "staff/link.html")]
struct ChoosePage<'a> {
    frame: Frame,
    t: &'static LinkText,
    title: &'a str,
    lead: String,
    action: &'a str,
    token: &'a str,
    email: &'a str,
    rule: String,
    unfit: String,
}

#[derive(Template)]
#[template(path = "staff/over.html")]
struct OverPage<'a> {
    frame: Frame,
    t: &'static LinkText,
    more: &'a str,
}

/// `GET /forgotten`.
async fn forgotten(visit: Visit) -> Response {
    visit.page(&AskPage { frame: visit.frame(), t: LinkText::of(visit.language), email: "" })
}

/// `POST /forgotten`: the same answer whether the address has an account or not.
async fn ask(Posted { visit, form }: Posted) -> Response {
    let t = LinkText::of(visit.language);
    let email = form.get("email").unwrap_or_default();
    match visit.ui.door().ask_reset(email, &visit.whence()).await {
        Ok(()) => visit.page(&AskPage { frame: visit.frame().saying(Tone::Plain, t.sent), t, email: "" }),
        Err(refused) => {
            let (status, text) = login::says(&refused, LoginText::of(visit.language));
            let Some(text) = text else { return visit.problem(Problem::Unavailable) };
            let page = AskPage { frame: visit.frame().saying(Tone::Bad, text), t, email };
            login::waiting(visit.page_with(status, &page), &refused)
        }
    }
}

/// `GET /reset?token=…`.
async fn show_reset(visit: Visit) -> Response {
    let token = Query::of(&visit.path).get("token").to_owned();
    match visit.ui.door().reset_of(&token).await {
        Ok(Some(staff)) => choose_reset(&visit, &token, staff.email.as_str(), StatusCode::OK, String::new()),
        Ok(None) => over(&visit, None),
        Err(_) => visit.problem(Problem::Unavailable),
    }
}

/// `POST /reset`.
async fn reset(Posted { visit, form }: Posted) -> Response {
    let (token, password) = (form.get("token").unwrap_or_default(), form.get("new").unwrap_or_default());
    match visit.ui.door().reset(token, password.to_owned(), &visit.whence()).await {
        Ok(()) => visit.redirect("/login?done=reset"),
        Err(Refused::Unfit(_)) => {
            let unfit = numbered(LinkText::of(visit.language).unfit);
            choose_reset(&visit, token, "", StatusCode::BAD_REQUEST, unfit)
        }
        Err(refused) => ended(&visit, &refused),
    }
}

fn choose_reset(visit: &Visit, token: &str, email: &str, status: StatusCode, unfit: String) -> Response {
    let t = LinkText::of(visit.language);
    let (lead, rule) = (String::new(), numbered(t.rule));
    let frame = Frame { path: FORGOTTEN.to_owned(), ..visit.frame() };
    let page = ChoosePage { frame, t, title: t.forgotten, lead, action: RESET, token, email, rule, unfit };
    visit.page_with(status, &page)
}

/// `GET /invitation?token=…`.
async fn show_invitation(visit: Visit) -> Response {
    let token = Query::of(&visit.path).get("token").to_owned();
    show_joining(&visit, &token, StatusCode::OK, String::new()).await
}

/// `POST /invitation`.
async fn join(Posted { visit, form }: Posted) -> Response {
    let (token, password) = (form.get("token").unwrap_or_default(), form.get("new").unwrap_or_default());
    match visit.ui.door().join(token, password.to_owned(), &visit.whence()).await {
        Ok(_) => visit.redirect("/login?done=joined"),
        Err(Refused::Unfit(_)) => {
            let unfit = numbered(LinkText::of(visit.language).unfit);
            show_joining(&visit, token, StatusCode::BAD_REQUEST, unfit).await
        }
        Err(refused) => ended(&visit, &refused),
    }
}

async fn show_joining(visit: &Visit, token: &str, status: StatusCode, unfit: String) -> Response {
    let t = LinkText::of(visit.language);
    match visit.ui.door().invitation(token).await {
        Ok(Some(invitation)) => {
            let roles = crate::ui::roles::names(&invitation.duties, visit.language);
            let (lead, rule, email) = (t.joining.replace("{}", &roles), numbered(t.rule), invitation.email.as_str());
            let frame = Frame { path: login::PATH.to_owned(), ..visit.frame() };
            let page =
                ChoosePage { frame, t, title: t.invitation, lead, action: INVITATION, token, email, rule, unfit };
            visit.page_with(status, &page)
        }
        Ok(None) => over(visit, None),
        Err(_) => visit.problem(Problem::Unavailable),
    }
}

fn ended(visit: &Visit, refused: &Refused) -> Response {
    match refused {
        Refused::Store(error) => {
            tracing::error!(%error, "the database failed");
            visit.problem(Problem::Unavailable)
        }
        Refused::Already => over(visit, Some(LinkText::of(visit.language).taken)),
        Refused::Over | Refused::Wrong | Refused::Locked { .. } | Refused::Unfit(_) => over(visit, None),
    }
}

fn over(visit: &Visit, more: Option<&'static str>) -> Response {
    let t = LinkText::of(visit.language);
    let frame = Frame { path: FORGOTTEN.to_owned(), ..visit.frame() };
    visit.page_with(StatusCode::GONE, &OverPage { frame, t, more: more.unwrap_or(t.over_more) })
}

fn numbered(text: &str) -> String {
    text.replace("{}", &PASSWORD_MIN.to_string())
}

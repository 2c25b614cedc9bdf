//! 二段階認証 of one's own account: on, off, recovery codes.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use shop::staff::Refused;
use shop::staff::totp::Secret;

use super::qr::{self, Picture};
use super::{AccountText, at, sections};
use crate::staff::login::{self, LoginText};
use crate::staff::{Desk, posted};
use crate::texts;
use crate::ui::{Frame, Link, Posted, Problem, Query, Tone};

texts! {
    /// What the pages say.
    TwoStepText {
        on: "設定済み", "On";
        off: "未設定", "Off";
        on_more: "ログインのたびに、パスワードのあと認証アプリのコードを入力します。",
            "Each login takes a code of your authenticator app after the password.";
        off_more: "設定すると、パスワードを知られても、ほかの人はログインできなくなります。スマートフォンの認証アプリを使います。",
            "Once it is on, nobody logs in with your password alone. It takes an authenticator app on your phone.";
        left: "残りのリカバリーコード", "Recovery codes left";
        each: "{}個", "{}";
        few: "残りが少なくなっています。新しく作り直してください。", "Few are left. Make new ones.";
        turn_on: "二段階認証を設定する", "Turn it on";
        turn_off: "二段階認証を解除する", "Turn it off";
        renew: "リカバリーコードを作り直す", "Make new recovery codes";
        app: "認証アプリ(Google Authenticator、Microsoft Authenticatorなど)で、この画像を読み取ってください。",
            "Read this picture with an authenticator app.";
        typed: "読み取れないときは、このキーを入力してください。", "If you cannot read it, type this key.";
        code: "認証コード", "Code";
        code_more: "アプリに表示された6桁の数字", "The six digits that the app shows";
        wrong: "認証コードが違います。アプリの時刻が合っているか確認してください。",
            "The code is wrong. Check that the clock of your phone is right.";
        picture: "認証アプリ用のQRコード", "QR code for an authenticator app";
        codes: "リカバリーコード", "Recovery codes";
        codes_more: "認証アプリを使えなくなったときに、1つにつき1回ログインできます。この画面を閉じると二度と表示できません。印刷するか、安全な場所に保管してください。",
            "Each lets you log in once without your app. They are not shown again: print them, or keep them in a safe place.";
        saved: "保管しました", "I have kept them";
        already: "二段階認証はすでに設定されています。", "The two-step login is on already.";
        off_lead: "二段階認証を解除しますか? リカバリーコードも使えなくなります。",
            "Turn the two-step login off? The recovery codes count no more.";
        confirmed: "確認できました。もう一度「リカバリーコードを作り直す」を押してください。", "It is you. Press “Make new recovery codes” once more.";
        is_off: "二段階認証を解除しました。", "The two-step login is off.";
    }
}

#[derive(Template)]
#[template(path = "account/two-step.html")]
struct Page {
    frame: Frame,
    t: &'static TwoStepText,
    a: &'static AccountText,
    links: Vec<Link>,
    base: String,
    is_on: bool,
    left: String,
    few: bool,
}

#[derive(Template)]
#[template(path = "account/two-step-on.html")]
struct OnPage {
    frame: Frame,
    t: &'static TwoStepText,
    a: &'static AccountText,
    base: String,
    sealed: String,
    typed: String,
    picture: Option<Picture>,
    wrong: String,
}

#[derive(Template)]
#[template(path = "account/recovery.html")]
struct CodesPage {
    frame: Frame,
    t: &'static TwoStepText,
    a: &'static AccountText,
    base: String,
    codes: Vec<String>,
    all: String,
}

#[derive(Template)]
#[template(path = "account/ask.html")]
pub(super) struct AskPage {
    pub frame: Frame,
    pub a: &'static AccountText,
    pub title: String,
    pub lead: String,
    /// What it is about: labels and values.
    pub about: Vec<(&'static str, String)>,
    pub action: String,
    /// What the form says besides.
    pub hidden: Vec<(&'static str, &'static str)>,
    pub back: String,
    pub wrong: String,
}

impl AskPage {
    /// はい is sent to the page itself, `place` below the account pages; いいえ leads back to their section.
    pub fn new(desk: &Desk, title: &str, lead: impl Into<String>, place: &str) -> AskPage {
        AskPage {
            frame: desk.frame(),
            a: AccountText::of(desk.visit.language),
            title: title.to_owned(),
            lead: lead.into(),
            about: Vec::new(),
            action: at(desk.side, place),
            hidden: Vec::new(),
            back: at(desk.side, place.split('/').next().unwrap_or_default()),
            wrong: String::new(),
        }
    }
}

fn texts(desk: &Desk) -> (&'static TwoStepText, &'static AccountText) {
    (TwoStepText::of(desk.visit.language), AccountText::of(desk.visit.language))
}

/// `GET …/account/two-step`.
pub(super) async fn show(desk: Desk) -> Response {
    let (t, a) = texts(&desk);
    let left = match desk.visit.ui.door().recovery_left(&desk.staff).await {
        Ok(left) => left,
        Err(error) => return desk.failed(&error),
    };
    let frame = match Query::of(&desk.visit.path).get("done") {
        "off" => desk.frame().saying(Tone::Good, t.is_off),
        "confirmed" if desk.is_confirmed() && desk.staff.two_step => desk.frame().saying(Tone::Good, t.confirmed),
        _ => desk.frame(),
    };
    let (links, base, is_on) = (sections(&desk, "two-step"), at(desk.side, "two-step"), desk.staff.two_step);
    let page = Page { frame, t, a, links, base, is_on, left: t.each.replace("{}", &left.to_string()), few: left < 4 };
    desk.visit.page(&page)
}

/// `GET …/account/two-step/on`: a secret that counts once a code of it was shown. Asks for the password first, so that
/// who finds an open desk cannot lock its owner out.
pub(super) async fn propose(desk: Desk) -> Response {
    if let Err(first) = desk.confirmed(&at(desk.side, "two-step/on")) {
        return first;
    }
    if desk.staff.two_step {
        return desk.visit.redirect(&at(desk.side, "two-step"));
    }
    let (secret, sealed) = desk.visit.ui.door().propose(&desk.staff);
    desk.visit.page(&on_page(&desk, &secret, sealed, String::new()))
}

fn on_page(desk: &Desk, secret: &Secret, sealed: String, wrong: String) -> OnPage {
    let (t, a) = texts(desk);
    let picture = qr::picture(&secret.uri(desk.staff.email.as_str()));
    let base = at(desk.side, "two-step");
    OnPage { frame: desk.frame(), t, a, base, sealed, typed: secret.typed(), picture, wrong }
}

/// `POST …/account/two-step/on`.
pub(super) async fn turn_on(form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    desk.confirmed(&at(desk.side, "two-step/on"))?;
    let (t, _) = texts(&desk);
    let sealed = form.get("sealed").unwrap_or_default();
    let door = desk.visit.ui.door();
    let Some(secret) = door.proposed(&desk.staff, sealed) else {
        return Err(desk.visit.redirect(&at(desk.side, "two-step/on")));
    };
    let code = form.get("code").unwrap_or_default();
    match door.turn_on(&desk.staff, &desk.session.id, &secret, code, &desk.visit.origin()).await {
        Ok(codes) => Ok(show_codes(&desk, codes)),
        Err(Refused::Already) => {
            let page = on_page(&desk, &secret, sealed.to_owned(), t.already.to_owned());
            Err(desk.visit.page_with(StatusCode::CONFLICT, &page))
        }
        Err(Refused::Wrong) => {
            let page = on_page(&desk, &secret, sealed.to_owned(), t.wrong.to_owned());
            Err(desk.visit.page_with(StatusCode::FORBIDDEN, &page))
        }
        Err(refused) => Err(failed(&desk, &refused)),
    }
}

fn show_codes(desk: &Desk, codes: Vec<String>) -> Response {
    let (t, a) = texts(desk);
    let (base, all) = (at(desk.side, "two-step"), codes.join("\n"));
    desk.visit.page(&CodesPage { frame: desk.frame(), t, a, base, codes, all })
}

/// `GET …/account/two-step/off`.
pub(super) async fn ask_off(desk: Desk) -> Response {
    if let Err(first) = desk.confirmed(&at(desk.side, "two-step/off")) {
        return first;
    }
    let (t, _) = texts(&desk);
    desk.visit.page(&AskPage::new(&desk, t.turn_off, t.off_lead, "two-step/off"))
}

/// `POST …/account/two-step/off`.
pub(super) async fn turn_off(form: Posted) -> Result<Response, Response> {
    let (desk, _) = posted(form).await?;
    desk.confirmed(&at(desk.side, "two-step/off"))?;
    let off = desk.visit.ui.door().turn_off(&desk.staff, &desk.visit.origin()).await;
    off.map_err(|refused| failed(&desk, &refused))?;
    Ok(desk.visit.redirect(&format!("{}?done=off", at(desk.side, "two-step"))))
}

/// `POST …/account/two-step/recovery`.
pub(super) async fn renew(form: Posted) -> Result<Response, Response> {
    let (desk, _) = posted(form).await?;
    desk.confirmed(&at(desk.side, "two-step?done=confirmed"))?;
    if !desk.staff.two_step {
        return Err(desk.visit.redirect(&at(desk.side, "two-step")));
    }
    let codes = desk.visit.ui.door().renew_recovery(&desk.staff, &desk.visit.origin()).await;
    Ok(show_codes(&desk, codes.map_err(|refused| failed(&desk, &refused))?))
}

fn failed(desk: &Desk, refused: &Refused) -> Response {
    let (status, says) = login::says(refused, LoginText::of(desk.visit.language));
    match says {
        None => desk.problem(Problem::Unavailable),
        Some(text) => {
            let (_, a) = texts(desk);
            let frame = desk.frame().saying(Tone::Bad, text.clone());
            let page = AskPage { frame, ..AskPage::new(desk, a.two_step, text, "two-step") };
            desk.visit.page_with(status, &page)
        }
    }
}

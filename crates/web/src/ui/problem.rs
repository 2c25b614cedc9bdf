//! The page that is shown when there is no other: it says what is the matter and what to do next.

use askama::Template;
use axum::extract::Request;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use kernel::Peer;

use super::answer;
use super::frame::Frame;
use super::language::Language;
use super::{Ui, Visit};
use crate::texts;

texts! {
    /// What the pages say.
    ProblemText {
        back: "ホームに戻る", "Back to the home page";
        absent: "ページが見つかりません", "Page not found";
        absent_more: "アドレスをご確認ください。", "Check the address.";
        expired: "フォームの有効期限が切れました", "The form has expired";
        expired_more: "前のページを開き直して、もう一度お試しください。何も変更されていません。",
            "Open the page again and retry. Nothing was changed.";
        foreign: "別のサイトからの操作は受け付けません", "Requests from other sites are refused";
        foreign_more: "この操作は帳場のページから行ってください。何も変更されていません。",
            "Do this from a page of Choba. Nothing was changed.";
        unreadable: "送信された内容を読み取れません", "The form could not be read";
        unreadable_more: "前のページに戻って、もう一度お試しください。何も変更されていません。",
            "Go back and try again. Nothing was changed.";
        forbidden: "この操作を行う権限がありません", "You may not do this";
        forbidden_more: "必要なときは、店舗管理者の方に役割の追加をご依頼ください。何も変更されていません。",
            "If you need it, ask the shop's owner for another role. Nothing was changed.";
        not_live: "Live環境はまだご利用いただけません", "Live cannot be used yet";
        not_live_more: "Live環境のご利用には、本申込の完了が必要です。完了後、このタブからお使いいただけます。",
            "Live needs a completed registration. Once it is complete, this tab opens it.";
        two_step: "Live環境には二段階認証が必要です", "Live needs the two-step login";
        two_step_more: "このショップでは、Live環境を使うスタッフ全員に二段階認証が必要です。アカウント設定の「二段階認証」で設定してください。",
            "This shop asks everybody who uses Live for the two-step login. Set it up under Account, Two-step login, in Sandbox.";
        unavailable: "ただいま処理できません", "Unavailable right now";
        unavailable_more: "しばらくしてから、もう一度お試しください。", "Try again in a little while.";
    }
}

/// Why there is no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is nothing at this address, or it is another shop's.
    Absent,
    /// Who is logged in has no right to it.
    Forbidden,
    /// The shop's registration for Live is not complete.
    NotLive,
    /// The shop opens Live only for who has the two-step login.
    TwoStep,
    /// The token of the form is not that of this browser's session.
    Expired,
    /// Another site made the browser send it.
    Foreign,
    /// It is no form, or too large.
    Unreadable,
    /// The database does not answer.
    Unavailable,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Page<'a> {
    frame: Frame,
    title: &'a str,
    more: &'a str,
    back: &'a str,
}

impl Problem {
    fn status(self) -> StatusCode {
        match self {
            Problem::Absent => StatusCode::NOT_FOUND,
            Problem::Forbidden | Problem::NotLive | Problem::TwoStep | Problem::Expired | Problem::Foreign => {
                StatusCode::FORBIDDEN
            }
            Problem::Unreadable => StatusCode::BAD_REQUEST,
            Problem::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn says(self, language: Language) -> (&'static str, &'static str) {
        let t = ProblemText::of(language);
        match self {
            Problem::Absent => (t.absent, t.absent_more),
            Problem::Forbidden => (t.forbidden, t.forbidden_more),
            Problem::NotLive => (t.not_live, t.not_live_more),
            Problem::TwoStep => (t.two_step, t.two_step_more),
            Problem::Expired => (t.expired, t.expired_more),
            Problem::Foreign => (t.foreign, t.foreign_more),
            Problem::Unreadable => (t.unreadable, t.unreadable_more),
            Problem::Unavailable => (t.unavailable, t.unavailable_more),
        }
    }

    /// The page.
    pub fn page(self, frame: Frame) -> Response {
        let (title, more) = self.says(frame.language);
        let back = ProblemText::of(frame.language).back;
        let mut response = answer::html(self.status(), &Page { frame, title, more, back });
        if self == Problem::Unavailable {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

/// The page for a path that there is not, if a person's browser asks: it says that it takes HTML, and what programs ask
/// for stands below other paths.
pub fn absent(ui: Ui, request: &Request) -> Option<Response> {
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let path = request.uri().path();
    let for_programs = ["/v1/", "/sandbox/", "/api/", "/s/"].iter().any(|beginning| path.starts_with(beginning));
    if for_programs || !accepts.contains("text/html") {
        return None;
    }
    let peer = request.extensions().get::<Peer>().cloned()?;
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    Some(Visit::new(ui, peer, path, request.headers()).problem(Problem::Absent))
}

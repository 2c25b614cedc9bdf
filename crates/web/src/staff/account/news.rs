//! 最新のお知らせ (seed 000): whether the shop is told of notices by mail. Changed in Sandbox alone; Live shows how it is set.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use shop::{Right, news_mail};
use store::Tx;

use super::{AccountText, at, sections};
use crate::staff::{Desk, posted};
use crate::texts;
use crate::ui::{Frame, Link, Posted, Query, Side, Tone};

texts! {
    /// What the page says.
    NewsText {
        lead: "開発者様向けのお知らせ配信の受取り設定を変更することができます。",
            "Whether notices for developers come by mail.";
        more: "お知らせの掲載が始まると、店舗管理者のメールアドレスに届きます。トップページには設定にかかわらず表示されます。",
            "When a notice begins to be shown, it is mailed to the owners of the shop. The top page shows it in any case.";
        now: "お知らせメール", "Notices by mail";
        wanted: "受け取る", "They come";
        unwanted: "受け取らない", "They do not come";
        want: "受け取るに変更", "Let them come";
        do_not: "受け取らないに変更", "Let none come";
        sandbox_only: "この設定はSandbox環境でのみ変更いただけます。", "This is changed in Sandbox alone.";
        switched_on: "お知らせメールを受け取る設定に変更しました。", "Notices will come by mail.";
        switched_off: "お知らせメールを受け取らない設定に変更しました。", "No notice will come by mail.";
    }
}

#[derive(Template)]
#[template(path = "account/news.html")]
struct Page {
    frame: Frame,
    t: &'static NewsText,
    a: &'static AccountText,
    links: Vec<Link>,
    action: String,
    is_wanted: bool,
    /// Why it cannot be changed; empty if it can.
    why_not: &'static str,
}

/// `GET …/account/news-mail`.
pub(super) async fn show(desk: Desk) -> Response {
    let t = NewsText::of(desk.visit.language);
    let frame = match Query::of(&desk.visit.path).get("done") {
        "on" => desk.frame().saying(Tone::Good, t.switched_on),
        "off" => desk.frame().saying(Tone::Good, t.switched_off),
        _ => desk.frame(),
    };
    respond(&desk, frame, StatusCode::OK).await
}

async fn respond(desk: &Desk, frame: Frame, status: StatusCode) -> Response {
    let (t, a) = (NewsText::of(desk.visit.language), AccountText::of(desk.visit.language));
    let shop = desk.shop();
    let is_wanted = match desk.visit.ui.store().read(move |tx| news_mail::wanted(tx, shop)).await {
        Ok(is_wanted) => is_wanted,
        Err(error) => return desk.failed(&error),
    };
    let why_not = match desk.side {
        Side::Live => t.sandbox_only,
        Side::Sandbox if !desk.may(Right::ChangeSettings) => a.not_yours,
        Side::Sandbox => "",
    };
    let (links, action) = (sections(desk, "news-mail"), at(desk.side, "news-mail"));
    desk.visit.page_with(status, &Page { frame, t, a, links, action, is_wanted, why_not })
}

/// `POST …/account/news-mail`. Doing it twice is doing it once.
pub(super) async fn change(form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    if desk.side == Side::Live {
        let frame = desk.frame().saying(Tone::Bad, NewsText::of(desk.visit.language).sandbox_only);
        return Err(respond(&desk, frame, StatusCode::CONFLICT).await);
    }
    let Some(wanted) = form.get("wanted").map(|text| text == "yes") else {
        return Err(respond(&desk, desk.frame(), StatusCode::BAD_REQUEST).await);
    };
    let (shop, by) = (desk.shop(), desk.by());
    let write = move |tx: &mut Tx<'_>| news_mail::set(tx, shop, wanted, &by);
    desk.visit.ui.store().write(write).await.map_err(|error| desk.failed(&error))?;
    let done = if wanted { "on" } else { "off" };
    Ok(desk.visit.redirect(&format!("{}?done={done}", at(desk.side, "news-mail"))))
}

//! 最新のお知らせ (seed 000): whether the shop is told of notices by mail. Changed in Sandbox alone; Live shows how it is set.

use axum::response::Response;
use http::StatusCode;
use shop::{Right, news_mail};
use store::Tx;

use super::switch::{self, SwitchText};
use super::{AccountText, at, sections};
use crate::staff::{Desk, posted};
use crate::texts;
use crate::ui::{Frame, Posted, Side, Tone};

/// The section of the account pages.
pub(super) const SECTION: &str = "news-mail";

texts! {
    /// What the page says.
    NewsText {
        lead: "開発者様向けのお知らせ配信の受取り設定を変更することができます。「受け取る」にすると、お知らせの掲載が始まったときに、店舗管理者のメールアドレスに届きます。ホームには設定にかかわらず表示されます。",
            "Whether notices for developers come by mail. If they do, each is mailed to the owners of the shop when it begins to be shown. The home page shows it in any case.";
        wanted: "受け取る", "They come";
        unwanted: "受け取らない", "They do not come";
        want: "「受け取る」に変更する", "Let them come";
        do_not: "「受け取らない」に変更する", "Let none come";
        sandbox_only: "この設定はSandbox環境でのみ変更いただけます。", "This is changed in Sandbox alone.";
        in_sandbox: "Sandbox環境で変更する", "Change it in Sandbox";
        switched_on: "お知らせメールを受け取る設定に変更しました。", "Notices will come by mail.";
        switched_off: "お知らせメールを受け取らない設定に変更しました。", "No notice will come by mail.";
    }
}

/// `GET …/account/news-mail`.
pub(super) async fn show(desk: Desk) -> Response {
    let t = NewsText::of(desk.visit.language);
    let frame = switch::frame(&desk, t.switched_on, t.switched_off);
    respond(&desk, frame, StatusCode::OK).await
}

async fn respond(desk: &Desk, frame: Frame, status: StatusCode) -> Response {
    let (t, a) = (NewsText::of(desk.visit.language), AccountText::of(desk.visit.language));
    let shop = desk.shop();
    let is_on = match desk.visit.ui.store().read(move |tx| news_mail::wanted(tx, shop)).await {
        Ok(is_on) => is_on,
        Err(error) => return desk.failed(&error),
    };
    let page = switch::Page {
        frame,
        t: SwitchText::of(desk.visit.language),
        a,
        links: sections(desk, SECTION),
        title: a.news,
        lead: t.lead,
        is_on,
        state: if is_on { t.wanted } else { t.unwanted },
        facts: ("", Vec::new()),
        button: if is_on { t.do_not } else { t.want },
        action: at(desk.side, SECTION),
        why_not: match desk.side {
            Side::Live => t.sandbox_only,
            Side::Sandbox if !desk.may(Right::ChangeSettings) => a.not_yours,
            Side::Sandbox => "",
        },
        elsewhere: (desk.side == Side::Live).then(|| (at(Side::Sandbox, SECTION), t.in_sandbox)),
    };
    desk.visit.page_with(status, &page)
}

/// `POST …/account/news-mail`. Doing it twice is doing it once.
pub(super) async fn change(form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    if desk.side == Side::Live {
        let frame = desk.frame().saying(Tone::Bad, NewsText::of(desk.visit.language).sandbox_only);
        return Err(respond(&desk, frame, StatusCode::CONFLICT).await);
    }
    let Some(wanted) = switch::wanted(&form) else {
        return Err(respond(&desk, desk.frame(), StatusCode::BAD_REQUEST).await);
    };
    let (shop, by) = (desk.shop(), desk.by());
    let write = move |tx: &mut Tx<'_>| news_mail::set(tx, shop, wanted, &by);
    desk.visit.ui.store().write(write).await.map_err(|error| desk.failed(&error))?;
    Ok(desk.visit.redirect(&switch::done(&at(desk.side, SECTION), wanted)))
}

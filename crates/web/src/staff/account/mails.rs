//! 自動メール (seed 000 "確定", "キャンセル", "金額変更"): whether the shop and its buyers are told by mail. One setting for every side.

use axum::response::Response;
use http::StatusCode;
use pay::mail::{automatic, rows};
use shop::Right;
use store::Tx;

use super::switch::{self, SwitchText};
use super::{AccountText, at, sections};
use crate::staff::{Desk, posted};
use crate::texts;
use crate::ui::{Frame, Posted};

/// The section of the account pages.
pub(super) const SECTION: &str = "automatic-mails";

texts! {
    /// What the page says.
    MailsText {
        lead: "確定・キャンセル・金額変更が完了したときに送信されるメールの設定です。Sandbox環境とLive環境に共通です。",
            "Mails about captures, cancels and changed amounts. One setting for Sandbox and Live.";
        to: "送信先", "Who gets them";
        captured: "確定", "Captured";
        cancelled: "キャンセル", "Cancelled";
        changed: "金額変更", "Amount changed";
        shop: "店舗様", "The shop";
        both: "購入者様・店舗様", "The buyer and the shop";
        wanted: "送信する", "They are sent";
        unwanted: "送信しない", "They are not sent";
        want: "自動メールを再開する", "Send them";
        do_not: "自動メールを停止する", "Send none";
        contact: "店舗様の宛先", "Where the shop reads its own";
        no_contact: "未登録(購入者様へのメールのみ送信されます)", "No address: only the buyers' mails leave";
        switched_on: "自動メールを送信する設定に変更しました。", "Automatic mails will be sent.";
        switched_off: "自動メールを送信しない設定に変更しました。", "No automatic mails will be sent.";
    }
}

/// `GET …/account/automatic-mails`.
pub(super) async fn show(desk: Desk) -> Response {
    let t = MailsText::of(desk.visit.language);
    let frame = switch::frame(&desk, t.switched_on, t.switched_off);
    respond(&desk, frame, StatusCode::OK).await
}

async fn respond(desk: &Desk, frame: Frame, status: StatusCode) -> Response {
    let (t, a) = (MailsText::of(desk.visit.language), AccountText::of(desk.visit.language));
    let shop = desk.shop();
    let settings = match desk.visit.ui.store().read(move |tx| rows::settings(tx, shop)).await {
        Ok(settings) => settings,
        Err(error) => return desk.failed(&error),
    };
    let is_on = settings.automatic;
    let contact = settings.contact_address.map_or_else(|| t.no_contact.to_owned(), |address| address.to_string());
    let (of_shop, of_both) = (t.shop.to_owned(), t.both.to_owned());
    let facts = vec![(t.captured, of_shop), (t.cancelled, of_both.clone()), (t.changed, of_both), (t.contact, contact)];
    let page = switch::Page {
        frame,
        t: SwitchText::of(desk.visit.language),
        a,
        links: sections(desk, SECTION),
        title: a.mails,
        lead: t.lead,
        is_on,
        state: if is_on { t.wanted } else { t.unwanted },
        facts: (t.to, facts),
        button: if is_on { t.do_not } else { t.want },
        action: at(desk.side, SECTION),
        why_not: if desk.may(Right::ChangeSettings) { "" } else { a.not_yours },
        elsewhere: None,
    };
    desk.visit.page_with(status, &page)
}

/// `POST …/account/automatic-mails`. Doing it twice is doing it once.
pub(super) async fn change(form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let Some(wanted) = switch::wanted(&form) else {
        return Err(respond(&desk, desk.frame(), StatusCode::BAD_REQUEST).await);
    };
    let (shop, by) = (desk.shop(), desk.by());
    let write = move |tx: &mut Tx<'_>| automatic::set(tx, shop, wanted, &by);
    desk.visit.ui.store().write(write).await.map_err(|error| desk.failed(&error))?;
    Ok(desk.visit.redirect(&switch::done(&at(desk.side, SECTION), wanted)))
}

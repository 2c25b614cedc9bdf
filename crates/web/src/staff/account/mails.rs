//! 自動メール (seed 000 "確定", "キャンセル", "金額変更"): whether the shop and its buyers are told by mail. One setting for every side.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use pay::mail::{automatic, rows};
use shop::Right;
use store::Tx;

use super::{AccountText, at, sections};
use crate::staff::{Desk, posted};
use crate::texts;
use crate::ui::{Frame, Link, Posted, Query, Tone};

/// The section of the account pages.
pub(super) const SECTION: &str = "automatic-mails";

texts! {
    /// What the page says.
    MailsText {
        lead: "確定・キャンセル・金額変更が完了したときに送信されるメールの設定です。Sandbox環境とLive環境に共通です。",
            "Mails about captures, cancels and changed amounts. One setting for Sandbox and Live.";
        captured: "確定", "Captured";
        cancelled: "キャンセル", "Cancelled";
        changed: "金額変更", "Amount changed";
        shop: "店舗様", "The shop";
        both: "購入者様・店舗様", "The buyer and the shop";
        now: "自動メール", "Automatic mails";
        wanted: "送信する", "They are sent";
        unwanted: "送信しない", "They are not sent";
        want: "送信するに変更", "Send them";
        do_not: "送信しないに変更", "Send none";
        contact: "店舗様の宛先", "Where the shop reads its own";
        no_contact: "宛先なし(購入者様へのメールのみ送信されます)", "No address: only the buyers' mails leave";
        switched_on: "自動メールを送信する設定に変更しました。", "Automatic mails will be sent.";
        switched_off: "自動メールを送信しない設定に変更しました。", "No automatic mails will be sent.";
    }
}

#[derive(Template)]
#[template(path = "account/mails.html")]
struct Page {
    frame: Frame,
    t: &'static MailsText,
    a: &'static AccountText,
    links: Vec<Link>,
    action: String,
    is_wanted: bool,
    contact: String,
    /// Why it cannot be changed; empty if it can.
    why_not: &'static str,
}

/// `GET …/account/automatic-mails`.
pub(super) async fn show(desk: Desk) -> Response {
    let t = MailsText::of(desk.visit.language);
    let frame = match Query::of(&desk.visit.path).get("done") {
        "on" => desk.frame().saying(Tone::Good, t.switched_on),
        "off" => desk.frame().saying(Tone::Good, t.switched_off),
        _ => desk.frame(),
    };
    respond(&desk, frame, StatusCode::OK).await
}

async fn respond(desk: &Desk, frame: Frame, status: StatusCode) -> Response {
    let (t, a) = (MailsText::of(desk.visit.language), AccountText::of(desk.visit.language));
    let shop = desk.shop();
    let settings = match desk.visit.ui.store().read(move |tx| rows::settings(tx, shop)).await {
        Ok(settings) => settings,
        Err(error) => return desk.failed(&error),
    };
    let contact = settings.contact_address.map_or_else(|| t.no_contact.to_owned(), |address| address.to_string());
    let why_not = if desk.may(Right::ChangeSettings) { "" } else { a.not_yours };
    let (links, action, is_wanted) = (sections(desk, SECTION), at(desk.side, SECTION), settings.automatic);
    desk.visit.page_with(status, &Page { frame, t, a, links, action, is_wanted, contact, why_not })
}

/// `POST …/account/automatic-mails`. Doing it twice is doing it once.
pub(super) async fn change(form: Posted) -> Result<Response, Response> {
    let (desk, form) = posted(form).await?;
    let Some(wanted) = form.get("wanted").map(|text| text == "yes") else {
        return Err(respond(&desk, desk.frame(), StatusCode::BAD_REQUEST).await);
    };
    let (shop, by) = (desk.shop(), desk.by());
    let write = move |tx: &mut Tx<'_>| automatic::set(tx, shop, wanted, &by);
    desk.visit.ui.store().write(write).await.map_err(|error| desk.failed(&error))?;
    let done = if wanted { "on" } else { "off" };
    Ok(desk.visit.redirect(&format!("{}?done={done}", at(desk.side, SECTION))))
}

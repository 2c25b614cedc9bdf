//! `/`: what there is.

use askama::Template;
use axum::response::Response;

use super::Desk;
use crate::texts;
use crate::ui::{Frame, Tone};

texts! {
    /// What the page says.
    HomeText {
        title: "ホーム", "Home";
        mailbox: "メールボックス", "Mailbox";
        mailbox_more: "購入者様と店舗様に送られたメールを読む", "Read the mails sent to buyers and to the shop";
        requests: "リクエストログ", "Request log";
        requests_more: "APIへのリクエストと応答をそのまま見る。Sandbox では再実行できます",
            "See API requests and answers as they were. In the sandbox they can be run again";
        docs: "API仕様", "API reference";
        docs_more: "決済APIと帳場APIのすべての操作", "Every operation of the payment API and of Choba's own";
        shop: "デモショップ", "Demo shop";
        shop_more: "決済ボタンを押して、購入の流れを試す", "Press the payment button and walk through a purchase";
        changed: "パスワードを変更しました。ほかの端末からはログアウトされています。",
            "The password was changed. Other devices were logged out.";
    }
}

#[derive(Template)]
#[template(path = "staff/home.html")]
struct Page {
    frame: Frame,
    t: &'static HomeText,
    demo_shop: Option<&'static str>,
}

/// `GET /`.
pub(super) async fn show(desk: Desk) -> Response {
    let t = HomeText::of(desk.visit.language);
    let frame = desk.frame();
    let frame = match desk.visit.path.as_str() {
        "/?done=password" => frame.saying(Tone::Good, t.changed),
        _ => frame,
    };
    desk.visit.page(&Page { frame, t, demo_shop: desk.visit.ui.demo_shop() })
}

//! The desk by keyboard: the map of its keys, and the commands that the palette (Ctrl+K) offers. Both are pages of their
//! own; `keys.js` shows them above the page that somebody is at.

mod commands;

use askama::Template;
use axum::response::Response;

use crate::staff::Desk;
use crate::texts;
use crate::ui::menu::Line;
use crate::ui::{Access, Frame, Pages, Ui};

/// The pages.
pub fn pages(ui: &Ui) -> Pages {
    Pages::new()
        .get("/dashboard/{side}/keys", Access::Staff, show)
        .get("/dashboard/{side}/commands", Access::Staff, commands::show)
        .with_state(ui.clone())
}

texts! {
    /// What the map says.
    KeysText {
        title: "キーボード操作", "Keyboard";
        everywhere: "どの画面でも", "On every page";
        map: "この一覧を開く", "This list";
        palette: "コマンドを開く(画面、注文番号、操作を探す)", "Commands: find pages, orders and actions";
        or_mac: "Macでは⌘ + K", "⌘ + K on a Mac";
        search: "検索欄へ移動", "Go to the search";
        leave: "ウィンドウを閉じる・検索欄から出る", "Close the window, leave the search";
        lists: "一覧で", "In lists";
        next: "次の行へ", "Next row";
        previous: "前の行へ", "Previous row";
        open: "行を開く", "Open the row";
        select: "行を選択・選択解除", "Select the row, or not";
        go: "画面の移動", "Go to a page";
        then: "を押してから", "then";
        here: "この画面の操作", "On this page";
        switch: "文字キー(Ctrlなどを使わないキー)の操作を使う", "Use keys of single letters";
        switch_more: "音声入力などで意図しない操作が起きるときは、オフにしてください。Ctrl + Kはいつでも使えます。",
            "Switch them off if speech input or the like triggers them. Ctrl + K always works.";
        typing: "入力中に使えるのは、Ctrl + KとEscだけです。", "While you are typing, only Ctrl + K and Esc act.";
    }
}

#[derive(Template)]
#[template(path = "keys/map.html")]
struct Page {
    frame: Frame,
    t: &'static KeysText,
    lines: Vec<Line>,
}

/// `GET …/keys`.
async fn show(desk: Desk) -> Response {
    let frame = desk.frame();
    let lines = frame.menu();
    desk.visit.page(&Page { t: KeysText::of(desk.visit.language), lines, frame })
}

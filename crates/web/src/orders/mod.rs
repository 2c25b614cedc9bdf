//! 注文管理 (seed 000 "注文管理"): the list of orders with its search, one order, and 確定, キャンセル and 金額変更 with
//! their windows.

mod act;
mod asked;
mod confirm;
mod edit;
mod edit_text;
mod export;
mod list;
mod mails;
mod one;
mod refusal;
mod text;
mod timeline;
mod typed;
mod views;

use pay::charge::State;
use shop::Right;

use crate::ui::{Access, Pages, Tone, Ui};

pub use text::OrdersText;

/// The pages.
pub fn pages(ui: &Ui) -> Pages {
    let [see, export, capture, cancel, change] =
        [Right::SeeOrders, Right::ExportOrders, Right::Capture, Right::Cancel, Right::ChangeAmount].map(Access::With);
    Pages::new()
        .get("/dashboard/{side}/orders", see, list::show)
        .get("/dashboard/{side}/orders.csv", export, export::show)
        .post("/dashboard/{side}/orders/views", see, views::save)
        .post("/dashboard/{side}/orders/views/{id}/remove", see, views::remove)
        .post("/dashboard/{side}/orders/views/{id}/restore", see, views::restore)
        .get("/dashboard/{side}/orders/{id}", see, one::show)
        .get("/dashboard/{side}/orders/{id}/capture", capture, confirm::capture)
        .post("/dashboard/{side}/orders/{id}/capture", capture, confirm::do_capture)
        .get("/dashboard/{side}/orders/{id}/cancel", cancel, confirm::cancel)
        .post("/dashboard/{side}/orders/{id}/cancel", cancel, confirm::do_cancel)
        .get("/dashboard/{side}/orders/{id}/change", change, edit::show)
        .post("/dashboard/{side}/orders/{id}/change", change, edit::press)
        .with_state(ui.clone())
        .merge(mails::pages(ui))
}

/// How a state is meant.
fn tone(state: State) -> Tone {
    match state {
        State::Authorized => Tone::Care,
        State::Captured => Tone::Good,
        State::Cancelled => Tone::Plain,
    }
}

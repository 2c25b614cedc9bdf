//! 注文管理 (seed 000 "注文管理"): the list of orders with its search, one order, and 確定, キャンセル and 金額変更 with
//! their windows.

mod asked;
mod list;
mod mails;
mod one;
mod refusal;
mod text;
mod timeline;

use pay::charge::State;
use shop::Right;

use crate::ui::{Access, Pages, Tone, Ui};

pub use text::OrdersText;

/// The pages.
pub fn pages(ui: &Ui) -> Pages {
    let see = Access::With(Right::SeeOrders);
    Pages::new()
        .get("/dashboard/{side}/orders", see, list::show)
        .get("/dashboard/{side}/orders/{id}", see, one::show)
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

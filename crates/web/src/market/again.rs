//! `POST …/mall/orders/{order}/ask_again`: requests to other parties that were given up are sent again, and so are refunds
//! that were refused.

use ::mall::market::{Undone, ask_again};
use ::mall::order::OrderNumber;
use axum::extract::Path;
use axum::response::Response;
use store::Tx;

use super::{at, on_mall};
use crate::staff::posted;
use crate::texts;
use crate::ui::{Language, Posted, Problem};

texts! {
    /// What the page of an order says of them.
    AgainText {
        given_up: "他社への問い合わせが{}件、回答を得られないまま打ち切られています。問い合わせ先の状態を確かめてから、もう一度問い合わせてください。",
            "{} requests to other parties were given up without an answer. Make sure that they can be reached, then ask again.";
        refused: "返金が相手先に断られました({})。理由を確かめてから、もう一度依頼してください。",
            "A refund was refused ({}). Find out why, then ask for it again.";
        button: "もう一度依頼する", "Ask again";
        done: "もう一度依頼しました。", "It is asked for again.";
    }
}

/// The last part of the address, and what was done by its name.
pub(super) const NAME: &str = "ask_again";

/// What is said when it was done.
pub(super) fn done(language: Language) -> &'static str {
    AgainText::of(language).done
}

/// Sends them; sent twice, the second finds none.
pub(super) async fn act(Path((_, number)): Path<(String, String)>, form: Posted) -> Result<Response, Response> {
    let (desk, _) = posted(form).await?;
    on_mall(&desk).await?;
    let number: OrderNumber = number.parse().map_err(|_| desk.problem(Problem::Absent))?;
    let (shop, by) = (desk.shop(), desk.by());
    let write = move |tx: &mut Tx<'_>| ask_again(tx, shop, number, &by);
    match desk.visit.ui.store().write(write).await {
        Ok(_) => Ok(desk.visit.redirect(&at(&format!("/orders/{number}?done={NAME}")))),
        Err(Undone::NoSuchShop | Undone::NoSuchOrder | Undone::Refused(_)) => Err(desk.problem(Problem::Absent)),
        Err(Undone::Store(error)) => Err(desk.failed(&error)),
    }
}

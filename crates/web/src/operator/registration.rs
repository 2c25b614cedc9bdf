//! `/operator/shops/{shop}/registration`: 本申込, step by step.

use ::shop::information::rows::find;
use ::shop::information::{Registration, register};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::ShopId;
use store::{StoreError, Tx};

use super::text::OperatorText;
use super::{sections, shop_of};
use crate::staff::{Desk, posted};
use crate::ui::part::Link;
use crate::ui::{Frame, Posted, Problem};

#[derive(Template)]
#[template(path = "operator/confirm.html")]
pub(super) struct Confirm {
    pub frame: Frame,
    pub t: &'static OperatorText,
    pub sections: Vec<Link>,
    pub title: String,
    pub text: String,
    pub action: String,
    pub back: String,
    /// What the form says besides: a name and a value, both may be empty.
    pub hidden: (&'static str, &'static str),
    /// Whether something is taken away.
    pub is_danger: bool,
}

/// `GET …/registration`.
pub(super) async fn ask(desk: Desk, Path(shop): Path<String>) -> Response {
    let Some(shop) = shop_of(&shop) else { return desk.problem(Problem::Absent) };
    let known = match desk.visit.ui.store().read(move |tx| find(tx, shop)).await {
        Ok(Some(known)) => known,
        Ok(None) => return desk.problem(Problem::Absent),
        Err(error) => return desk.failed(&error),
    };
    let t = OperatorText::of(desk.visit.language);
    let (title, text, step) = match known.registration {
        Registration::None => (t.receive, t.receive_ask, "received"),
        Registration::Received(_) => (t.complete, t.complete_ask, "complete"),
        Registration::Complete(_) => return desk.visit.redirect(&back(shop)),
    };
    desk.visit.page(&Confirm {
        frame: desk.frame(),
        t,
        sections: sections(&desk),
        title: format!("{}: {title}", known.name),
        text: text.to_owned(),
        action: format!("/operator/shops/{shop}/registration"),
        back: back(shop),
        hidden: ("step", step),
        is_danger: false,
    })
}

fn back(shop: ShopId) -> String {
    format!("/operator/shops/{shop}")
}

/// `POST …/registration`: doing it twice is doing it once.
pub(super) async fn save(Path(shop): Path<String>, sent: Posted) -> Result<Response, Response> {
    let (desk, sent) = posted(sent).await?;
    let Some(shop) = shop_of(&shop) else { return Err(desk.problem(Problem::Absent)) };
    let complete = match sent.get("step") {
        Some("received") => false,
        Some("complete") => true,
        _ => return Err(desk.problem(Problem::Unreadable)),
    };
    let by = desk.by();
    let write = move |tx: &mut Tx<'_>| {
        let known = find(tx, shop)?.is_some();
        register(tx, shop, complete, &by)?;
        Ok::<_, StoreError>(known)
    };
    match desk.visit.ui.store().write(write).await {
        Ok(true) => Ok(desk.visit.redirect(&format!("{}?done=registered", back(shop)))),
        Ok(false) => Err(desk.problem(Problem::Absent)),
        Err(error) => Err(desk.failed(&error)),
    }
}

//! `/operator/shops/{shop}/owner`: the first account of a shop, with a password that is shown once.

use ::shop::register::operators::{NewOwner, Refused};
use ::shop::staff::Email;
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use kernel::ShopId;
use store::Tx;

use super::text::OperatorText;
use super::{Typed, name_of, sections, shop_of};
use crate::staff::{Desk, posted};
use crate::ui::part::Link;
use crate::ui::{Frame, Posted, Problem, Tone};

#[derive(Template)]
#[template(path = "operator/owner.html")]
struct Page {
    frame: Frame,
    t: &'static OperatorText,
    sections: Vec<Link>,
    number: i64,
    name: String,
    typed: Typed,
    /// The account and the password that were made just now.
    made: Option<(String, String)>,
}

fn form(desk: &Desk, status: StatusCode, frame: Frame, (shop, name, typed): (ShopId, String, Typed)) -> Response {
    let (t, sections) = (OperatorText::of(desk.visit.language), sections(desk));
    desk.visit.page_with(status, &Page { frame, t, sections, number: shop.0, name, typed, made: None })
}

/// `GET …/owner`.
pub(super) async fn ask(desk: Desk, Path(shop): Path<String>) -> Result<Response, Response> {
    let Some(shop) = shop_of(&shop) else { return Err(desk.problem(Problem::Absent)) };
    let name = name_of(&desk, shop).await?;
    Ok(form(&desk, StatusCode::OK, desk.frame(), (shop, name, Typed::default())))
}

/// `POST …/owner`. Sent twice, the second one is refused: the address has an account.
pub(super) async fn add(Path(shop): Path<String>, sent: Posted) -> Result<Response, Response> {
    let (desk, sent) = posted(sent).await?;
    let Some(shop) = shop_of(&shop) else { return Err(desk.problem(Problem::Absent)) };
    let name = name_of(&desk, shop).await?;
    let t = OperatorText::of(desk.visit.language);
    let mut typed = Typed::of(&sent, &["email"]);
    let again = |mut typed: Typed, why: &str| {
        typed.wrong("email", why);
        let frame = desk.frame().saying(Tone::Bad, t.check);
        form(&desk, StatusCode::BAD_REQUEST, frame, (shop, name.clone(), typed))
    };
    let Ok(email) = typed.get("email").parse::<Email>() else { return Err(again(typed, t.wrong_email)) };
    let (ui, by) = (&desk.visit.ui, desk.by());
    let (owner, password) = NewOwner::make(shop, email, &ui.door().passwords, ui.entropy()).await;
    let write = move |tx: &mut Tx<'_>| owner.add(tx, &by);
    match ui.store().write(write).await.map_err(|error| desk.failed(&error))? {
        Ok(staff) => {
            typed = Typed::default();
            let (frame, sections) = (desk.frame().saying(Tone::Good, t.owner_added), sections(&desk));
            let made = Some((staff.email.as_str().to_owned(), password));
            Ok(desk.visit.page(&Page { frame, t, sections, number: shop.0, name, typed, made }))
        }
        Err(Refused::Taken | Refused::NoAccount | Refused::Last) => Err(again(typed, t.taken)),
    }
}

//! `/operator/shops/{shop}/information`: 会社情報 and サイト情報, to be written.

use ::shop::information::rows::find;
use ::shop::information::{Information, checked_name, replace};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use pay::mail::contact::{self, Address};
use store::{StoreError, Tx};

use super::text::OperatorText;
use super::{Typed, name_of, sections, shop_of};
use crate::information::InformationText;
use crate::staff::{Desk, posted};
use crate::ui::part::Link;
use crate::ui::{Frame, Posted, Problem, Tone};

/// Every field of the form.
const FIELDS: [&str; 11] = [
    "name",
    "contact",
    "company_name",
    "company_kana",
    "representative",
    "postal_code",
    "address",
    "phone",
    "site_url",
    "contact_phone",
    "contact_hours",
];

#[derive(Template)]
#[template(path = "operator/information.html")]
struct Page {
    frame: Frame,
    t: &'static OperatorText,
    i: &'static InformationText,
    sections: Vec<Link>,
    number: i64,
    name: String,
    typed: Typed,
    company: Vec<Field>,
    site: Vec<Field>,
}

/// A field that may stay empty.
struct Field {
    name: &'static str,
    label: &'static str,
    more: &'static str,
}

fn form(desk: &Desk, status: StatusCode, frame: Frame, (number, name, typed): (i64, String, Typed)) -> Response {
    let (t, i) = (OperatorText::of(desk.visit.language), InformationText::of(desk.visit.language));
    let field = |(name, label): (&'static str, &'static str)| {
        let more = match name {
            "postal_code" => t.postal_more,
            "phone" | "contact_phone" => t.phone_more,
            "site_url" => t.url_more,
            _ => t.line_more,
        };
        Field { name, label, more }
    };
    let (company, site) = (i.company_fields().map(field).into(), i.site_fields().map(field).into());
    desk.visit.page_with(status, &Page { frame, t, i, sections: sections(desk), number, name, typed, company, site })
}

/// `GET …/information`.
pub(super) async fn ask(desk: Desk, Path(shop): Path<String>) -> Response {
    let Some(shop) = shop_of(&shop) else { return desk.problem(Problem::Absent) };
    let read = move |tx: &mut Tx<'_>| {
        let known = find(tx, shop)?;
        let contact = pay::mail::rows::settings(tx, shop)?.contact_address;
        Ok::<_, StoreError>(known.map(|known| (known, contact)))
    };
    let (known, contact) = match desk.visit.ui.store().read(read).await {
        Ok(Some(found)) => found,
        Ok(None) => return desk.problem(Problem::Absent),
        Err(error) => return desk.failed(&error),
    };
    let contact = contact.map(|address| address.to_string()).unwrap_or_default();
    let mut typed = Typed::default().with("name", known.name.clone()).with("contact", contact);
    for (name, value) in known.information.fields() {
        typed = typed.with(name, value);
    }
    form(&desk, StatusCode::OK, desk.frame(), (shop.0, known.name, typed))
}

/// What was typed, or the fields that cannot be taken.
fn read(typed: &mut Typed, t: &OperatorText) -> Option<(String, Information, Option<Address>)> {
    let name = checked_name(typed.get("name"));
    if name.is_err() {
        typed.wrong("name", t.wrong_name);
    }
    let contact = Some(typed.get("contact").trim().to_owned()).filter(|text| !text.is_empty());
    let contact = contact.map(|text| text.parse::<Address>()).transpose();
    if contact.is_err() {
        typed.wrong("contact", t.wrong_email);
    }
    let information = Information::read(|field| typed.get(field).to_owned()).checked();
    for unfit in information.as_ref().err().into_iter().flatten() {
        typed.wrong(unfit.field, t.wrong_field);
    }
    Some((name.ok()?, information.ok()?, contact.ok()?))
}

/// `POST …/information`.
pub(super) async fn save(Path(shop): Path<String>, sent: Posted) -> Result<Response, Response> {
    let (desk, sent) = posted(sent).await?;
    let Some(shop) = shop_of(&shop) else { return Err(desk.problem(Problem::Absent)) };
    let t = OperatorText::of(desk.visit.language);
    let called = name_of(&desk, shop).await?;
    let mut typed = Typed::of(&sent, &FIELDS);
    let again = |typed: Typed| {
        let frame = desk.frame().saying(Tone::Bad, t.check);
        form(&desk, StatusCode::BAD_REQUEST, frame, (shop.0, called.clone(), typed))
    };
    let Some((name, information, address)) = read(&mut typed, t) else { return Err(again(typed)) };
    let by = desk.by();
    let write = move |tx: &mut Tx<'_>| {
        contact::replace(tx, shop, address.clone(), &by.further())?;
        replace(tx, shop, &name, &information, &by)?;
        Ok::<_, StoreError>(())
    };
    desk.visit.ui.store().write(write).await.map_err(|error| desk.failed(&error))?;
    Ok(desk.visit.redirect(&format!("/operator/shops/{shop}?done=saved")))
}

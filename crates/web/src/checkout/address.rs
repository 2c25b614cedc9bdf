//! Picking or adding a shipping address, where the shop receives one.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use kernel::PREFECTURES;
use pay::buyer::address::{Typed, WrongFields};
use pay::charge::Address;
use pay::checkout::NotDone;
use pay::http::form::Form;

use super::Counter;
use super::frame::{ADDRESS, Common, Desk, Field};
use super::text::{Text, wrong};
use crate::ui::postal::postal_code;
use crate::ui::{Frame, Posted, Visit};

struct Choice {
    id: String,
    text: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "checkout/address.html")]
struct Page {
    frame: Frame,
    c: Common,
    saved: Vec<Choice>,
    fields: Vec<Field>,
    prefectures: &'static [&'static str],
}

/// `GET …/address`.
pub async fn show(State(counter): State<Counter>, visit: Visit, Path(session): Path<String>) -> Response {
    match Desk::open(counter, visit, &session).await {
        Ok(desk) if !desk.view.receives_address => desk.go("confirm"),
        Ok(desk) => {
            let known = Typed {
                last_name: desk.buyer.last_name.clone(),
                first_name: desk.buyer.first_name.clone(),
                last_name_kana: desk.buyer.last_name_kana.clone(),
                first_name_kana: desk.buyer.first_name_kana.clone(),
                ..Typed::default()
            };
            page(&desk, StatusCode::OK, &known, &Vec::new())
        }
        Err(response) => response,
    }
}

fn page(desk: &Desk, status: StatusCode, typed: &Typed, wrong: &WrongFields) -> Response {
    let view = &desk.view;
    let chosen = view.address().or(view.addresses.first()).map(|saved| saved.id.clone());
    let choice = |saved: &pay::buyer::SavedAddress| Choice {
        id: saved.id.clone(),
        text: described(&saved.address),
        chosen: chosen.as_ref() == Some(&saved.id),
    };
    let page = Page {
        frame: desk.frame(),
        c: desk.common(ADDRESS),
        saved: view.addresses.iter().map(choice).collect(),
        fields: fields(&desk.visit, typed, wrong),
        prefectures: &PREFECTURES,
    };
    desk.visit.page_with(status, &page)
}

/// An address in one line.
pub fn described(address: &Address) -> String {
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    format!(
        "{} {}様 〒{} {}{}{}",
        text(&address.last_name),
        text(&address.first_name),
        postal_code(&text(&address.address_zip)),
        text(&address.address_state),
        text(&address.address_city),
        text(&address.address_line)
    )
}

fn fields(visit: &Visit, typed: &Typed, wrongs: &WrongFields) -> Vec<Field> {
    let t = Text::of(visit.language);
    let field = |name: &'static str, label, kind, value: &str, autocomplete| {
        let found = wrongs.iter().find(|(wrong, _)| *wrong == name);
        let error = found.map_or("", |(_, why)| wrong(visit.language, *why));
        Field { name, label, kind, value: value.to_owned(), autocomplete, more: "", error }
    };
    vec![
        field("last_name", t.last_name, "text", &typed.last_name, "family-name"),
        field("first_name", t.first_name, "text", &typed.first_name, "given-name"),
        field("last_name_kana", t.last_name_kana, "text", &typed.last_name_kana, "off"),
        field("first_name_kana", t.first_name_kana, "text", &typed.first_name_kana, "off"),
        field("address_zip", t.address_zip, "text", &typed.address_zip, "postal-code"),
        field("address_state", t.address_state, "text", &typed.address_state, "address-level1"),
        field("address_city", t.address_city, "text", &typed.address_city, "address-level2"),
        field("address_line", t.address_line, "text", &typed.address_line, "address-line1"),
        field("tel", t.tel, "tel", &typed.tel, "tel"),
    ]
}

/// `POST …/address`.
pub async fn choose(State(counter): State<Counter>, Path(session): Path<String>, posted: Posted) -> Response {
    let Posted { visit, form } = posted;
    let desk = match Desk::open(counter, visit, &session).await {
        Ok(desk) => desk,
        Err(response) => return response,
    };
    let (checkout, id) = (&desk.counter.checkout, desk.id());
    let done = match (form.get("new"), form.get("address")) {
        (None, Some(address)) => checkout.choose_address(id, &desk.buyer.id, address).await,
        (Some(_), _) | (None, None) => checkout.add_address(id, &desk.buyer.id, &typed(&form)).await,
    };
    match done {
        Ok(()) => desk.next().await,
        Err(NotDone::Wrong(wrong)) => page(&desk, StatusCode::BAD_REQUEST, &typed(&form), &wrong),
        Err(error) => desk.refused(error).await,
    }
}

fn typed(form: &Form) -> Typed {
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    Typed {
        last_name: text("last_name"),
        first_name: text("first_name"),
        last_name_kana: text("last_name_kana"),
        first_name_kana: text("first_name_kana"),
        address_zip: text("address_zip"),
        address_state: text("address_state"),
        address_city: text("address_city"),
        address_line: text("address_line"),
        tel: text("tel"),
    }
}

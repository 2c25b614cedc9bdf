//! Picking or adding a card. What was typed of a card never goes back into a page.

use acquirer::{Brand, CardDetails, TokenizeRefused};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use pay::buyer::SavedCard;
use pay::checkout::security_code;
use pay::checkout::state::Stage;
use pay::checkout::{NotDone, Visitor};
use pay::http::form::Form;

use super::Counter;
use super::frame::{CARD, Common, Desk};
use super::text::Text;
use crate::ui::{Frame, Posted, Visit};

struct Choice {
    id: String,
    text: String,
    chosen: bool,
    is_refused: bool,
}

#[derive(Default)]
struct Errors {
    number: &'static str,
    expiry: &'static str,
    code: &'static str,
}

#[derive(Template)]
#[template(path = "checkout/card.html")]
struct Page {
    frame: Frame,
    c: Common,
    cards: Vec<Choice>,
    /// Whether one of them is offered first; otherwise a new card is.
    has_choice: bool,
    brands: String,
    asks_code: bool,
    can_skip: bool,
    errors: Errors,
}

/// `GET …/card`.
pub async fn show(State(counter): State<Counter>, visit: Visit, Path(session): Path<String>) -> Response {
    match Desk::open(counter, visit, &session).await {
        Ok(desk) => page(&desk, StatusCode::OK, Errors::default()).await,
        Err(response) => response,
    }
}

async fn page(desk: &Desk, status: StatusCode, errors: Errors) -> Response {
    let view = &desk.view;
    // One that was refused just now is not offered first.
    let refused = match &view.stage {
        Stage::Open(Some(notice)) if super::text::is_of_card(notice) => view.session.card.clone(),
        _ => None,
    };
    let other = || view.cards.iter().find(|card| Some(&card.id) != refused.as_ref());
    let chosen = view.card().filter(|_| refused.is_none()).or_else(other).map(|card| card.id.clone());
    let choice = |card: &SavedCard| Choice {
        id: card.id.clone(),
        text: described(card),
        chosen: chosen.as_ref() == Some(&card.id),
        is_refused: refused.as_ref() == Some(&card.id),
    };
    let taken = |brand: &Brand| security_code::of_brand(&view.settings, *brand).approved;
    let brands: Vec<&str> = Brand::ALL.into_iter().filter(taken).map(Brand::display_name).collect();
    let balance = desk.counter.checkout.points_balance(desk.id(), &desk.buyer.id).await;
    let cards: Vec<Choice> = view.cards.iter().filter(|card| taken(&card.brand)).map(choice).collect();
    let page = Page {
        frame: desk.frame(),
        c: desk.common(CARD),
        has_choice: cards.iter().any(|card| card.chosen),
        cards,
        brands: brands.join("、"),
        asks_code: view.settings.iter().any(|(_, setting)| setting.approved && setting.is_asked()),
        can_skip: balance.is_some_and(|balance| balance >= view.session.items.total()),
        errors,
    };
    desk.visit.page_with(status, &page)
}

/// The brand, the last four digits, the expiry.
pub fn described(card: &SavedCard) -> String {
    let (brand, last4) = (card.brand.display_name(), &card.last4);
    format!("{brand} **** {last4} ({:02}/{:02})", card.expiry_month, card.expiry_year % 100)
}

/// `POST …/card`.
pub async fn choose(State(counter): State<Counter>, Path(session): Path<String>, posted: Posted) -> Response {
    let Posted { visit, form } = posted;
    let desk = match Desk::open(counter, visit, &session).await {
        Ok(desk) => desk,
        Err(response) => return response,
    };
    let (checkout, id) = (&desk.counter.checkout, desk.id());
    let done = match (form.get("new"), form.get("card")) {
        (None, Some(card)) => checkout.choose_card(id, &desk.buyer.id, card).await,
        (Some(_), _) | (None, None) => match typed(&form) {
            Some(details) => checkout.add_card(id, &visitor(&desk), details).await,
            None => {
                let errors = Errors { expiry: Text::of(desk.visit.language).expiry_error, ..Errors::default() };
                return page(&desk, StatusCode::BAD_REQUEST, errors).await;
            }
        },
    };
    match done {
        Ok(()) => desk.go("points"),
        Err(error) => match errors(Text::of(desk.visit.language), &error) {
            Some(errors) => page(&desk, StatusCode::BAD_REQUEST, errors).await,
            None => desk.refused(error).await,
        },
    }
}

/// Who acts.
pub fn visitor(desk: &Desk) -> Visitor {
    let peer = &desk.visit.peer;
    Visitor { buyer: desk.buyer.id.clone(), address: peer.address, request_id: peer.request_id.clone() }
}

fn errors(t: &Text, error: &NotDone) -> Option<Errors> {
    let none = Errors::default();
    Some(match error {
        NotDone::BrandNotTaken => Errors { number: t.brand_not_taken, ..none },
        NotDone::CodeNeeded => Errors { code: t.code_missing, ..none },
        NotDone::Card(TokenizeRefused::SecurityCode) => Errors { code: t.code_wrong, ..none },
        NotDone::Card(TokenizeRefused::ExpiryYear | TokenizeRefused::ExpiryMonth) => {
            Errors { expiry: t.expiry_error, ..none }
        }
        NotDone::Card(_) => Errors { number: t.number_wrong, ..none },
        _ => return None,
    })
}

/// The card as it was typed; none if the expiry cannot be read.
fn typed(form: &Form) -> Option<CardDetails> {
    let text = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
    let (expiry_month, expiry_year) = expiry(&text("expiry"))?;
    let code = text("security_code");
    let security_code = if code.is_empty() { None } else { Some(code) };
    Some(CardDetails { number: text("number"), expiry_year, expiry_month, security_code, holder: text("holder") })
}

/// `12/30`, `12/2030`, `1230`, with spaces or not.
fn expiry(typed: &str) -> Option<(u8, u16)> {
    let plain: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let (month, year) = plain.split_once(['/', '-']).or_else(|| plain.split_at_checked(2))?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(month) || !digits(year) {
        return None;
    }
    let year = match (year.len(), year.parse::<u16>().ok()?) {
        (2, year) => 2000 + year,
        (4, year) => year,
        _ => return None,
    };
    Some((month.parse().ok()?, year))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_as_people_type_it() {
        for (typed, expected) in [
            ("12/30", Some((12, 2030))),
            (" 1 / 2031 ", Some((1, 2031))),
            ("0930", Some((9, 2030))),
            ("09-30", Some((9, 2030))),
            ("", None),
            ("12", None),
            ("12/3", None),
            ("ab/30", None),
            ("12/+3", None),
        ] {
            assert_eq!(expiry(typed), expected, "{typed}");
        }
    }
}

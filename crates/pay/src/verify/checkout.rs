//! Visits to the checkout: what the row says fits the attempt that it names, and a payment that succeeded made the charge
//! that the visit was about. What buyers saved has a buyer, and each page that may show a button could be one.

use serde::Deserialize;
use store::{StoreError, Tx};

use super::charge::total;
use super::report::{Findings, differs};
use super::rows::checkout::{self as rows, Visit};
use crate::checkout::origin::Origin;

/// What a visit tells of, by its event.
#[derive(Deserialize)]
struct Told {
    amount: i64,
    point: i64,
    cart_id: Option<String>,
}

/// Recounts the visits.
pub(super) fn check(tx: &mut Tx<'_>, found: &mut Findings) -> Result<(), StoreError> {
    for wrong in rows::all_wrong(tx)? {
        match wrong.other {
            Some(other) => found.both("checkout", wrong.row, other, wrong.problem),
            None => found.add("checkout", wrong.row, wrong.problem),
        }
    }
    for row in rows::of_nobody(tx)? {
        found.add("checkout", row, "its buyer has no account");
    }
    for (area, origin) in rows::origins(tx)? {
        let same = origin.parse::<Origin>().is_ok_and(|parsed| parsed.as_str() == origin);
        if !same || area.known().is_none() {
            found.add(
                "checkout",
                area.row("checkout_origin", &origin),
                "no page has this origin, or its environment is none",
            );
        }
    }
    let mut after = (i64::MIN, String::new(), String::new());
    loop {
        let page = rows::visits_after(tx, &after)?;
        for visit in &page {
            check_visit(visit, found);
        }
        match page.into_iter().next_back() {
            Some(last) => after = (last.area.shop, last.area.environment, last.id),
            None => return Ok(()),
        }
    }
}

fn check_visit(visit: &Visit, found: &mut Findings) {
    let row = visit.area.row("checkout_session", &visit.id);
    let Some(total) = total(&visit.items).filter(|total| *total > 0) else {
        return found.add("checkout", row, "what is bought is no list of items, or costs nothing");
    };
    if visit.point < 0 || i128::from(visit.point) > total {
        found.add("checkout", &row, "its points are more than its total");
    }
    let (Some(event), Some(data)) = (&visit.event, &visit.data) else { return };
    let event = visit.area.row("event", event);
    // An event that cannot be read is found elsewhere.
    let Ok(told) = serde_json::from_str::<Told>(data) else { return };
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".to_owned());
    let problems = [
        differs("what is bought", total, i128::from(told.amount)),
        differs("point", visit.point, told.point),
        differs("cart_id", text(&visit.cart_id), text(&told.cart_id)),
    ];
    for problem in problems.into_iter().flatten() {
        found.both("checkout", &row, &event, problem);
    }
}

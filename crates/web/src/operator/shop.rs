//! `/operator/shops/{shop}`: everything that is kept of one shop.

use ::shop::information::Registration;
use ::shop::information::rows::find;
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use pay::checkout::security_code::{self, BrandGroup, Setting};
use pay::fee;
use store::{StoreError, Tx};

use super::fees::{Row as FeeRow, rows as fee_rows};
use super::text::OperatorText;
use super::{sections, shop_of};
use crate::information::{Fact, InformationText, facts};
use crate::staff::Desk;
use crate::ui::frame::moment;
use crate::ui::part::Link;
use crate::ui::{Frame, Problem, Query, Tone};

#[derive(Template)]
#[template(path = "operator/shop.html")]
struct Page {
    frame: Frame,
    t: &'static OperatorText,
    i: &'static InformationText,
    sections: Vec<Link>,
    number: i64,
    name: String,
    sandbox: String,
    live: String,
    registration: &'static str,
    registration_tone: &'static str,
    registered: String,
    /// The next step of the registration, if there is one.
    next_step: Option<&'static str>,
    company: Vec<Fact>,
    site: Vec<Fact>,
    brands: Vec<Brand>,
    fees: Vec<FeeRow>,
    accounts: Vec<String>,
}

struct Brand {
    name: &'static str,
    review: &'static str,
    tone: &'static str,
    code: &'static str,
}

/// `GET /operator/shops/{shop}`.
pub(super) async fn show(desk: Desk, Path(shop): Path<String>) -> Response {
    let Some(shop) = shop_of(&shop) else { return desk.problem(Problem::Absent) };
    let read = move |tx: &mut Tx<'_>| {
        let Some(known) = find(tx, shop)? else { return Ok(None) };
        let contact = pay::mail::rows::settings(tx, shop)?.contact_address;
        let staff = ::shop::staff::rows::all(tx)?.into_iter().filter(|staff| staff.shop == shop);
        let accounts: Vec<String> = staff.map(|staff| staff.email.as_str().to_owned()).collect();
        let (brands, fees) = (security_code::all(tx, shop)?, fee::rows::all(tx, shop)?);
        Ok::<_, StoreError>(Some((known, contact, accounts, brands, fees)))
    };
    let (known, contact, accounts, brands, fees) = match desk.visit.ui.store().read(read).await {
        Ok(Some(found)) => found,
        Ok(None) => return desk.problem(Problem::Absent),
        Err(error) => return desk.failed(&error),
    };
    let (t, i) = (OperatorText::of(desk.visit.language), InformationText::of(desk.visit.language));
    let (registration, tone) = t.registration_word(known.registration);
    let (company, site) = facts(&known, contact.map(|address| address.to_string()), i);
    let page = Page {
        frame: said(&desk, t),
        t,
        i,
        sections: sections(&desk),
        number: known.shop.0,
        name: known.name,
        sandbox: known.sandbox.to_string(),
        live: known.live.to_string(),
        registration,
        registration_tone: tone.class(),
        registered: known.registration.since().map(moment).unwrap_or_default(),
        next_step: match known.registration {
            Registration::None => Some(t.receive),
            Registration::Received(_) => Some(t.complete),
            Registration::Complete(_) => None,
        },
        company,
        site,
        brands: brands.into_iter().map(|(group, setting)| brand(group, setting, t)).collect(),
        fees: fee_rows(&fees, desk.visit.ui.now().jst_date(), t),
        accounts,
    };
    desk.visit.page(&page)
}

/// The frame with what just happened.
fn said(desk: &Desk, t: &OperatorText) -> Frame {
    let query = Query::of(&desk.visit.path);
    let text = match query.get("done") {
        "opened" => t.opened,
        "saved" => t.saved,
        "registered" => t.registered,
        _ => return desk.frame(),
    };
    desk.frame().saying(Tone::Good, text)
}

fn brand(group: BrandGroup, setting: Setting, t: &OperatorText) -> Brand {
    let (review, tone) = if setting.approved { (t.approved_yes, Tone::Good) } else { (t.approved_no, Tone::Plain) };
    let code = match setting {
        Setting { forced: true, .. } => t.code_forced,
        Setting { forced: false, asked: true, .. } => t.code_asked,
        Setting { forced: false, asked: false, .. } => t.code_off,
    };
    Brand { name: t.group_name(group), review, tone: tone.class(), code }
}

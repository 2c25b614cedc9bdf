//! `/operator`: what whoever runs this server does: shops, notices, fees, who else runs it. The pages of a shop show what is
//! done here; nothing here shows orders or buyers.

mod brands;
mod fees;
mod information;
mod notices;
mod operators;
mod owner;
mod registration;
mod shop;
mod shops;
mod text;

use ::shop::information::rows::find;
use ::shop::{HOUSE, Right, register};
use axum::response::Response;
use kernel::ShopId;
use pay::http::caller::fingerprint;
use pay::http::form::Form;
use store::idempotency::RequestKey;

use crate::staff::Desk;
use crate::ui::part::Link;
use crate::ui::{Access, Pages, Problem, Ui, cookie};
use text::OperatorText;

/// The pages.
pub fn pages(ui: &Ui) -> Pages {
    let access = Access::With(Right::Operate);
    Pages::new()
        .get("/operator", access, shops::list)
        .get("/operator/shops/new", access, shops::ask)
        .post("/operator/shops/new", access, shops::open)
        .get("/operator/shops/{shop}", access, shop::show)
        .get("/operator/shops/{shop}/information", access, information::ask)
        .post("/operator/shops/{shop}/information", access, information::save)
        .get("/operator/shops/{shop}/registration", access, registration::ask)
        .post("/operator/shops/{shop}/registration", access, registration::save)
        .get("/operator/shops/{shop}/brands", access, brands::ask)
        .post("/operator/shops/{shop}/brands", access, brands::save)
        .get("/operator/shops/{shop}/fees", access, fees::ask)
        .post("/operator/shops/{shop}/fees", access, fees::save)
        .get("/operator/shops/{shop}/fees/{fee}/withdraw", access, fees::ask_withdraw)
        .post("/operator/shops/{shop}/fees/{fee}/withdraw", access, fees::withdraw)
        .get("/operator/shops/{shop}/owner", access, owner::ask)
        .post("/operator/shops/{shop}/owner", access, owner::add)
        .get("/operator/notices", access, notices::list)
        .get("/operator/notices/new", access, notices::ask)
        .post("/operator/notices/new", access, notices::write)
        .get("/operator/notices/{notice}/withdraw", access, notices::ask_withdraw)
        .post("/operator/notices/{notice}/withdraw", access, notices::withdraw)
        .get("/operator/operators", access, operators::list)
        .post("/operator/operators", access, operators::grant)
        .get("/operator/operators/{member}/revoke", access, operators::ask_revoke)
        .post("/operator/operators/{member}/revoke", access, operators::revoke)
        .with_state(ui.clone())
}

/// A fresh name with this beginning.
fn name(desk: &Desk, prefix: &str) -> String {
    format!("{prefix}{}", kernel::outside::sortable_hex(desk.visit.ui.now(), desk.visit.ui.entropy()))
}

/// The key of a form, if it has one of ours.
fn key_of(desk: &Desk, form: &Form) -> Option<RequestKey> {
    let key = form.get("key").filter(|key| key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    let fingerprint = fingerprint("POST", desk.visit.place(), &form.canonical());
    Some(RequestKey { shop: HOUSE, scope: register::SCOPE, key: key.to_owned(), fingerprint })
}

/// The key of a form that is shown again, or a fresh one.
fn key_for(desk: &Desk, form: Option<&Form>) -> String {
    let typed = form.and_then(|form| form.get("key")).filter(|key| key.len() == 64);
    typed.map_or_else(|| cookie::secret(desk.visit.ui.entropy()), str::to_owned)
}

/// The shop that a path names.
fn shop_of(text: &str) -> Option<ShopId> {
    text.parse().ok().filter(|number| *number > 0).map(ShopId)
}

/// The name of a shop; the page for what is not there otherwise.
async fn name_of(desk: &Desk, shop: ShopId) -> Result<String, Response> {
    let found = desk.visit.ui.store().read(move |tx| find(tx, shop)).await.map_err(|error| desk.failed(&error))?;
    found.map(|known| known.name).ok_or_else(|| desk.problem(Problem::Absent))
}

/// What was typed and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typed {
    values: Vec<(String, String)>,
    errors: Vec<(&'static str, String)>,
}

impl Typed {
    /// These fields of a form.
    fn of(form: &Form, fields: &[&str]) -> Typed {
        let value = |field: &&str| ((*field).to_owned(), form.get(field).unwrap_or_default().to_owned());
        Typed { values: fields.iter().map(value).collect(), errors: Vec::new() }
    }

    /// With a value.
    fn with(mut self, field: &str, value: impl Into<String>) -> Typed {
        self.values.push((field.to_owned(), value.into()));
        self
    }

    /// A field is wrong.
    fn wrong(&mut self, field: &'static str, why: impl Into<String>) {
        self.errors.push((field, why.into()));
    }

    /// What was typed.
    pub(crate) fn get(&self, field: &str) -> &str {
        self.values.iter().find(|(name, _)| name == field).map_or("", |(_, value)| value)
    }

    /// What is wrong with a field; empty if nothing is.
    pub(crate) fn error(&self, field: &str) -> &str {
        self.errors.iter().find(|(name, _)| *name == field).map_or("", |(_, why)| why)
    }

    /// Whether a box is ticked.
    pub(crate) fn is_on(&self, field: &str) -> bool {
        !self.get(field).is_empty()
    }
}

/// The sections of the area.
fn sections(desk: &Desk) -> Vec<Link> {
    let t = OperatorText::of(desk.visit.language);
    let at = desk.visit.place();
    let link = |href: &str, text, is_here| Link { href: href.to_owned(), text, is_here };
    let (notices, operators) = (at.starts_with("/operator/notices"), at.starts_with("/operator/operators"));
    vec![
        link("/operator", t.shops, !notices && !operators),
        link("/operator/notices", t.notices, notices),
        link("/operator/operators", t.operators, operators),
    ]
}

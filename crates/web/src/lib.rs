//! Pages for people: what a shop's staff and its buyers see. Everything a page needs is embedded in the binary; no page
//! contacts another host.
//!
//! Promise: no rule of the business stands here; pages call the operations that the APIs call.

pub mod checkout;
pub mod images;
pub mod information;
pub mod keys;
pub mod mailbox;
pub mod market;
pub mod operator;
pub mod orders;
pub mod requests;
pub mod staff;
pub mod top;
pub mod ui;
pub mod webhooks;

pub use ui::{Access, Pages, Ui};

/// Every page of the staff and every asset, with who may use it.
pub fn pages(ui: &Ui, log: &pay::request_log::again::Log, mall: &market::Mall) -> Pages {
    ui::pages(ui)
        .merge(staff::pages(ui))
        .merge(requests::pages(ui, log))
        .merge(mailbox::pages(ui))
        .merge(orders::pages(ui))
        .merge(webhooks::pages(ui))
        .merge(top::pages(ui))
        .merge(information::pages(ui))
        .merge(operator::pages(ui))
        .merge(images::pages(ui))
        .merge(keys::pages(ui))
        .merge(market::pages(ui, mall))
}

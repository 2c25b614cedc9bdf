//! Pages for people: what a shop's staff and its buyers see. Everything a page needs is embedded in the binary; no page
//! contacts another host.
//!
//! Promise: no rule of the business stands here; pages call the operations that the APIs call.

pub mod checkout;
pub mod mailbox;
pub mod requests;
pub mod staff;
pub mod ui;

use axum::Router;

pub use ui::Ui;

/// Every page and asset.
pub fn routes(ui: &Ui, log: &requests::Log) -> Router {
    ui::routes(ui).merge(staff::routes(ui)).merge(requests::routes(ui, log)).merge(mailbox::routes(ui))
}

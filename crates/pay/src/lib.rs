//! Online payments: charges and their attempts, events, mails, the LITE API.
//!
//! Promise: no money moves without a committed intent, and no outcome is guessed. The states and decisions
//! ([`charge::state`]) know no SQL, no HTTP and no clock.

pub mod allowance;
pub mod attempt;
pub mod attention;
pub mod buyer;
pub mod charge;
pub mod checkout;
pub mod erase;
pub mod error;
pub mod event;
pub mod fee;
pub mod figures;
pub mod gateway;
pub mod http;
pub mod mail;
pub mod mailbox;
pub mod news_mail;
pub mod notification;
pub mod once;
pub mod orders;
pub mod prune;
pub mod request_log;
pub mod rules;
pub mod serials;
pub mod staff_mail;
pub mod timeline;
pub mod vault_answer;
pub mod verify;
pub mod webhook;
pub mod work;

pub use error::ApiError;
pub use gateway::{Gateway, Settings};
pub use once::Asked;

/// The tables of online payments.
pub const MIGRATIONS: &[store::Migration] = &[
    store::Migration { name: "pay/0001-charge", sql: include_str!("../migrations/0001-charge.sql") },
    store::Migration { name: "pay/0002-webhook", sql: include_str!("../migrations/0002-webhook.sql") },
    store::Migration { name: "pay/0003-notification", sql: include_str!("../migrations/0003-notification.sql") },
    store::Migration { name: "pay/0004-checkout", sql: include_str!("../migrations/0004-checkout.sql") },
    store::Migration { name: "pay/0005-request-log", sql: include_str!("../migrations/0005-request-log.sql") },
    store::Migration { name: "pay/0007-allowance", sql: include_str!("../migrations/0007-allowance.sql") },
    store::Migration { name: "pay/0008-erase", sql: include_str!("../migrations/0008-erase.sql") },
    store::Migration { name: "pay/0009-order-list", sql: include_str!("../migrations/0009-order-list.sql") },
    store::Migration { name: "pay/0010-order-view", sql: include_str!("../migrations/0010-order-view.sql") },
    store::Migration { name: "pay/0011-figures", sql: include_str!("../migrations/0011-figures.sql") },
    store::Migration { name: "pay/0012-fee", sql: include_str!("../migrations/0012-fee.sql") },
    store::Migration { name: "pay/0015-sent-again", sql: include_str!("../migrations/0015-sent-again.sql") },
    store::Migration { name: "pay/0016-sent-body", sql: include_str!("../migrations/0016-sent-body.sql") },
    store::Migration {
        name: "pay/0017-mails-by-default",
        sql: include_str!("../migrations/0017-mails-by-default.sql"),
    },
    store::Migration { name: "pay/0018-key-of-the-work", sql: include_str!("../migrations/0018-key-of-the-work.sql") },
    store::Migration { name: "pay/0019-windows", sql: include_str!("../migrations/0019-windows.sql") },
];

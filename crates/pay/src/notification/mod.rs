//! お知らせメール: mails to the buyer of a charge that the shop asks for (contract online-lite-api "Operations": send mail,
//! mails sent; "Rules": Mail; seed 000 "メール送信").
//!
//! The history lists what was requested, whatever became of it: a notification is written with its message in the outbox,
//! and [`crate::mail`] does the rest.

pub mod blocks;
pub mod check;
pub mod draft;
pub mod history;
pub mod operations;
pub mod rows;
pub mod state;
pub mod wire;

pub use state::{Refused, Wanted};

use kernel::Timestamp;

/// A mail that was requested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// `ntfn_` and 32 hex digits.
    pub id: String,
    /// 注文番号.
    pub charge: String,
    /// 件名, as it was requested.
    pub subject: String,
    /// 自由記述欄, as it was requested: nothing inserted.
    pub body: String,
    /// World time of the request.
    pub created: Timestamp,
}

/// The id of a notification, from 32 hex digits that its message and its audit row have too.
pub fn id_of(root: &str) -> String {
    format!("ntfn_{root}")
}

//! Shops, their environments, keys and secrets, and the tokens of `/api`.
//!
//! Promise: a secret leaves this crate only to who authenticated with it or has the right to see it, and is stored only
//! sealed under the master key.

pub mod by;
pub mod credential;
pub mod information;
pub mod lockout;
pub mod news_mail;
pub mod notice;
pub mod password;
pub mod register;
pub mod role;
pub mod rotation;
pub mod rows;
pub mod service;
pub mod staff;
pub mod token;
pub mod vault;

pub use by::{By, HOUSE};
pub use credential::{Credential, CredentialKind, Expiry};
pub use role::{Duties, Right, Role};
pub use service::{Shop, Space};
pub use staff::Staff;
pub use token::{Scope, Token};
pub use vault::Vault;

/// The tables of shops.
pub const MIGRATIONS: &[store::Migration] = &[
    store::Migration { name: "shop/0001-shop", sql: include_str!("../migrations/0001-shop.sql") },
    store::Migration { name: "shop/0002-staff", sql: include_str!("../migrations/0002-staff.sql") },
    store::Migration { name: "shop/0003-lockout", sql: include_str!("../migrations/0003-lockout.sql") },
    store::Migration { name: "shop/0004-lockout-age", sql: include_str!("../migrations/0004-lockout-age.sql") },
    store::Migration { name: "shop/0005-roles", sql: include_str!("../migrations/0005-roles.sql") },
    store::Migration { name: "shop/0006-two-step", sql: include_str!("../migrations/0006-two-step.sql") },
    store::Migration { name: "shop/0007-invitation", sql: include_str!("../migrations/0007-invitation.sql") },
    store::Migration { name: "shop/0008-information", sql: include_str!("../migrations/0008-information.sql") },
    store::Migration { name: "shop/0009-notice", sql: include_str!("../migrations/0009-notice.sql") },
    store::Migration { name: "shop/0010-news-mail", sql: include_str!("../migrations/0010-news-mail.sql") },
];

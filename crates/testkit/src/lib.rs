//! What tests share: a clock that is turned by hand, a real PostgreSQL, a network that fails on request; the whole server
//! on either engine, and the actors who use it; the bare
//! store that figures are compared with.
//!
//! Promise: never shipped, and no crate that is shipped depends on it but for its tests.

pub mod accessible;
pub mod app;
pub mod bare;
pub mod browser;
pub mod effects;
pub mod fill;
pub mod http;
pub mod line;
pub mod merchant;
pub mod postgres;
pub mod purchases;
mod python;
pub mod receiver;
pub mod rms;
mod rows;
pub mod shopper;
pub mod sim_clock;
pub mod smtp;
pub mod tcp_proxy;
mod told;
pub mod webhook_desk;

pub use app::{Engine, Setup, TestApp, TestShop, on_both, on_both_with};
pub use http::{Http, Reply, Request};
pub use merchant::{Merchant, Sale};
pub use python::python;
pub use receiver::{Behaviour, Identity, Received, Receiver};
pub use rms::RmsProgram;
pub use rows::notification_texts;
pub use shopper::{Button, SHOP_ORIGIN, Shopper};
pub use webhook_desk::WebhookDesk;

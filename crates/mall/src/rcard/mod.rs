//! The older card API (R-Card, RCCS): a shop on the old model authorizes and claims each card payment itself, over SOAP.
//!
//! A request is accepted at once and worked off later, on the shop's test clock; the shop asks for its result. One order
//! after another, in the order in which the requests came:
//!
//! | 状態 | authori | authoriCancel | sales | salesCancel |
//! |---|---|---|---|---|
//! | 未オーソリ | オーソリ済 | – | – | – |
//! | オーソリ済 | – | 未オーソリ | 売上請求済; after two months – | – |
//! | 売上請求済 | – | – | – | 未オーソリ |
//! | through R-Card Plus | – | – | – | – |
//!
//! What R-Card Plus has begun cannot be taken over (seed 003): a shop switches over only when every order is 未オーソリ or
//! 売上請求済, and R-Card Plus is gone afterwards.

pub mod access;
pub mod asking;
pub mod code;
pub mod http;
pub mod look;
pub mod orders;
pub mod recount;
pub mod requests;
pub mod rows;
pub mod rules;
pub mod service;
pub mod soap;
pub mod state;
pub mod work;

pub use code::Refused;
pub use rules::Rules;
pub use service::{Rcard, Settings};
pub use state::{Act, Kind, Standing, Step};

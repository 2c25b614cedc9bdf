//! SOAP 1.1, document/literal wrapped, as the older card API speaks it (contract 2, 4 and 5).
//!
//! [`schema`] is the one table of operations and models: the WSDL is written from it, requests are held to it and answers
//! are written in its order.

pub mod call;
pub mod envelope;
pub mod schema;
pub mod wsdl;

pub use call::Call;
pub use envelope::{Value, answer, fault};

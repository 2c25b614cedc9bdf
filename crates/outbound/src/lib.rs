//! Everything that leaves: mail, and HTTP requests, with a guard against private addresses and with pinned certificates.
//!
//! Promise: connects to no private, loopback or link-local address that the operator did not list, and follows no
//! redirect.

mod client;
mod connection;
pub mod error;
pub mod guard;
pub mod mail;
pub mod network;
pub mod pin;
mod pool;
pub mod request;
pub mod target;
mod tls;

pub use client::Client;
pub use error::{Failure, SendError, Step, TlsFault};
pub use guard::{AddressClass, Forbidden, Guard};
pub use network::Network;
pub use pin::PinnedCertificate;
pub use request::{Request, Response};
pub use target::{BadUrl, Target};

// The words of HTTP that `Request` and `Response` are made of.
pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
pub use hyper::body::Bytes;

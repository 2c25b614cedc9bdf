//! Who is at the other end of a request, as the listener found out.

use std::net::IpAddr;

/// The client of a request. Put into the request's extensions by the listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The client's address: of the connection, or what a trusted proxy said.
    pub address: IpAddr,
    /// Whether the client speaks TLS, to us or to a trusted proxy.
    pub tls: bool,
    /// Names the request in the log and in audit rows.
    pub request_id: String,
}

/// An answer that is not to be given: an extension of a response, which the listener closes the connection instead of.
/// For tests that ask what becomes of a client whose connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HangUp;

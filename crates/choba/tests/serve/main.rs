//! The listener under real sockets: limits, time-outs, errors, proxies, TLS, stopping.

mod answers;
mod client;
mod limits;
mod stopping;
mod tls;

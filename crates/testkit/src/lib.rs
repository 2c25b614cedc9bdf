//! What tests share: a clock that is turned by hand, a real PostgreSQL, a network that fails on request. Never shipped.

pub mod bare;
pub mod fill;
pub mod postgres;
pub mod sim_clock;
pub mod tcp_proxy;

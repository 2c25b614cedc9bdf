//! The client against real servers on this machine: what is refused, what is accepted, and what a failure is called.

mod http;
mod server;
mod tls;

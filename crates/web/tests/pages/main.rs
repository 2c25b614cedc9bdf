//! Pages over HTTP, on both engines: login and lock-out, forms of other sites, sessions, headers, languages.

mod account;
mod browser;
mod links;
mod login;
mod mailbox;
mod requests;
mod resume;
mod rights;
mod safety;
mod two_step;

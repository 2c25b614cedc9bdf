//! Pages over HTTP, on both engines: login and lock-out, forms of other sites, sessions, headers, languages.

mod account;
mod browser;
mod images;
mod links;
mod login;
mod mailbox;
mod mails;
mod market;
mod news;
mod operator;
mod order;
mod order_editor;
mod orders;
mod requests;
mod resume;
mod rights;
mod safety;
mod timeline;
mod top;
mod two_step;
mod webhook_log;
mod webhooks;

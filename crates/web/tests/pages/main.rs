//! Pages over HTTP, on both engines: login and lock-out, forms of other sites, sessions, headers, languages.

mod browser;
mod images;
mod login;
mod mailbox;
mod mails;
mod operator;
mod order;
mod order_editor;
mod orders;
mod requests;
mod safety;
mod timeline;
mod top;
mod webhook_log;
mod webhooks;

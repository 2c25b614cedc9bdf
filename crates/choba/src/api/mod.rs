//! Our own API under `/api`: the clock of a shop's sandbox, its webhooks and how its mails look, with tokens; and for everybody, what all of it is: the
//! OpenAPI document and a page made from it.

pub mod account;
pub mod checkout;
pub mod clock;
pub mod docs;
pub mod erasure;
pub mod figures;
pub mod images;
pub mod mail_settings;
pub mod mailbox;
pub mod mall;
pub mod of_order;
pub mod openapi;
pub mod operator;
pub mod orders;
mod query;
pub mod rcard;
pub mod requests;
mod token;
pub mod webhook;

use std::sync::Arc;

use axum::Extension;
use axum::http::Method;
use axum::routing::{get, post, put};
use pay::Gateway;
use pay::http::Route;
use pay::http::caller::Callers;
use pay::request_log::again::Log;
use shop::staff::Door;
use store::work::Background;

pub use token::{Bearer, authorize};

/// What the routes need beside the gateway.
pub struct Parts<'a> {
    /// Turns clocks.
    pub background: &'a Background,
    /// Counts who fails to prove who it is.
    pub callers: &'a Arc<Callers>,
    /// Where people prove who they are.
    pub door: &'a Door,
    /// What requests of the sandbox are run again by.
    pub log: &'a Log,
}

/// The routes.
pub fn routes(gateway: &Gateway, parts: Parts<'_>) -> Vec<Route> {
    let Parts { background, callers, door, log } = parts;
    let show = get(clock::show).with_state(gateway.clone());
    let advance = post(clock::advance).layer(Extension(background.clone())).with_state(gateway.clone());
    let show_mail = get(mail_settings::show).with_state(gateway.clone());
    let replace_mail = put(mail_settings::replace).with_state(gateway.clone());
    let mut routes = vec![
        (Method::GET, mail_settings::PATH.to_owned(), show_mail),
        (Method::PUT, mail_settings::PATH.to_owned(), replace_mail),
        (Method::GET, "/api/shops/{shop}/clock".to_owned(), show),
        (Method::POST, "/api/shops/{shop}/clock/advance".to_owned(), advance),
        (Method::GET, openapi::PATH.to_owned(), get(openapi::show)),
        (Method::GET, docs::PATH.to_owned(), get(docs::show)),
    ];
    routes.extend(webhook::routes(gateway));
    routes.extend(of_order::routes(gateway));
    routes.extend(checkout::routes(gateway));
    routes.extend(orders::routes(gateway));
    routes.extend(figures::routes(gateway));
    routes.extend(operator::routes(gateway));
    routes.extend(erasure::routes(gateway));
    routes.extend(images::routes(gateway));
    routes.extend(account::routes(gateway, door));
    routes.extend(rcard::routes(gateway));
    routes.extend(requests::routes(gateway, log));
    routes.extend(mailbox::routes(gateway));
    let counting = |(method, path, handler): Route| (method, path, handler.layer(Extension(callers.clone())));
    routes.into_iter().map(counting).collect()
}

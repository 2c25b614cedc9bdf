//! The OpenAPI document is held to the server: its routes, who may ask, and what it really answers.

mod account;
mod answers;
mod conversation;
mod erasing;
mod logs;
mod mall;
mod mall_buyers;
mod of_order;
mod orders;
mod page;
mod pages;
mod person;
mod rcard;
mod routes;
mod schema;
mod webhooks;

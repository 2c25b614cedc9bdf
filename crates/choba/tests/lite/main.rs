//! The LITE API through HTTP, on both engines. Expected values are written by hand from the contract online-lite-api,
//! with the section that they come from; `seed 000` is the manual of the dashboard.

mod authentication;
mod cards;
mod errors;
mod forms;
mod idempotency;
mod listing;
mod mails;
mod model;
mod notifications;
mod points;
mod races;
mod states;
mod totals;
mod windows;
mod wire;
mod words;
mod workers;

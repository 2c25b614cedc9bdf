//! The 楽天ペイ受注API through HTTP, on both engines. Expected values are written by hand from the contract rms-order-api, with
//! the section that they come from; what is chosen where the contract is silent stands in docs/rms-fidelity.md.

mod cancel;
mod client;
mod confirm;
mod edits;
mod faults;
mod get_order;
mod licences;
mod notes;
mod payment;
mod search;
mod shipping;
mod switches;
mod transport;
mod world;

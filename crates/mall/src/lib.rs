//! The marketplace: orders of a mall's shops, the RMS 楽天ペイ受注API that their programs speak, and the engine that moves
//! orders as the seeds 001 to 004 say.
//!
//! Promise: an order moves by a decision of [`progress`] alone, and every number that the wire shows is a fact of the
//! order, never made up for an answer.

pub mod chores;
pub mod code;
pub mod denied;
pub mod fault;
pub mod generate;
pub mod http;
pub mod licence;
pub mod market;
pub mod order;
pub mod progress;
pub mod rcard;
pub mod scenario;
pub mod shipping_job;
pub mod sub_status;
pub mod verify;
pub mod wire;

/// The tables of the marketplace.
pub const MIGRATIONS: &[store::Migration] = &[
    store::Migration { name: "mall/0001-orders", sql: include_str!("../migrations/0001-orders.sql") },
    store::Migration { name: "mall/0002-licence", sql: include_str!("../migrations/0002-licence.sql") },
    store::Migration { name: "mall/0003-shipping-async", sql: include_str!("../migrations/0003-shipping-async.sql") },
    store::Migration { name: "mall/0004-rcard", sql: include_str!("../migrations/0004-rcard.sql") },
    store::Migration { name: "mall/0005-shipping-rows", sql: include_str!("../migrations/0005-shipping-rows.sql") },
];

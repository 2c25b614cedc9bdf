//! The wire of the 楽天ペイ受注API (contract rms-order-api): reading requests with its leniency, saying what is wrong in its
//! words, and showing orders in its shape. No transport stands here.

pub mod cancel;
pub mod confirm;
pub mod get_order;
pub mod get_payment;
pub mod members;
pub mod message;
pub mod notes;
pub mod read;
pub mod refused;
pub mod search;
pub mod sender;
pub mod shipping;
pub mod shipping_async;
pub mod simulate;
pub mod sub_status;
pub mod time;

pub use members::{Json, Members};
pub use message::{Fault, Message, Operation, Severity};
pub use read::{Reader, Version};

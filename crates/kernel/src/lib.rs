//! The words every other crate speaks: yen, ids, instants and JST dates, environments, what mail can carry.
//!
//! Promise: no I/O, no clock, no randomness. [`outside`] only names the clock and the source of randomness that the
//! binary hands in.

pub mod charset;
pub mod cp932;
pub mod environment;
pub mod id;
pub mod limit;
pub mod outside;
pub mod peer;
pub mod prefecture;
pub mod time;
pub mod yen;

pub use environment::Environment;
pub use id::{ChargeNumber, ServiceId, ShopId};
pub use outside::{Clock, Entropy};
pub use peer::{HangUp, Peer};
pub use prefecture::PREFECTURES;
pub use time::{JstDate, Timestamp};
pub use yen::Yen;

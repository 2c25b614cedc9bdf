//! Events, listed and followed.
//!
//! Events are followed by the place of their change in the audit chain: rows are chained in the order in which they were
//! committed, so whoever goes on after the last place has missed nothing, however long a change was under way.

pub mod rows;

use kernel::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::event_type::EventType;

/// Which events.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of these types; of all if there are none.
    pub types: Vec<EventType>,
    /// Of this charge.
    pub charge: Option<String>,
    /// World time of the change: at or after.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
    /// Only those older than the event with this id.
    pub before: Option<String>,
    /// Only those younger than the event with this id; then the oldest come first.
    pub after: Option<String>,
    /// How many, at the most.
    pub limit: i64,
}

/// A page of events that follow a place in the audit chain, as they would be delivered.
#[derive(Debug, Serialize)]
pub struct Feed {
    /// `event_feed`.
    pub object: &'static str,
    /// Where to go on.
    pub next: i64,
    /// The events.
    pub data: Vec<Delivery>,
}

/// An event with everything that its delivery would carry.
#[derive(Debug, Serialize)]
pub struct Delivery {
    /// The event's id.
    pub id: String,
    /// Its type.
    pub r#type: &'static str,
    /// Its charge.
    pub charge: String,
    /// Pairs of name and value, secrets and signatures included.
    pub headers: Vec<(&'static str, String)>,
    /// The exact bytes that were signed.
    pub body: Box<RawValue>,
}

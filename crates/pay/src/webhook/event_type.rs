//! The types of events (contract online-lite-api "Events and webhooks").

use std::fmt;
use std::str::FromStr;

/// A type of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventType {
    /// Before the buyer's payment is authorized: can the shop sell?
    Check,
    /// A provisional sale came into being.
    Succeeded,
    /// 確定.
    Captured,
    /// キャンセル.
    Refunded,
    /// 金額変更.
    Updated,
    /// Connection check.
    Ping,
}

impl EventType {
    /// Every type.
    pub const ALL: [EventType; 6] = [
        EventType::Check,
        EventType::Succeeded,
        EventType::Captured,
        EventType::Refunded,
        EventType::Updated,
        EventType::Ping,
    ];

    /// The types that an endpoint can be subscribed to: a ping goes to the endpoint that is named.
    pub const SUBSCRIBED: [EventType; 5] =
        [EventType::Check, EventType::Succeeded, EventType::Captured, EventType::Refunded, EventType::Updated];

    /// The word of the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            EventType::Check => "charge.check",
            EventType::Succeeded => "charge.succeeded",
            EventType::Captured => "charge.captured",
            EventType::Refunded => "charge.refunded",
            EventType::Updated => "charge.updated",
            EventType::Ping => "ping",
        }
    }

    /// Whether somebody waits for the answer, so that it is sent once.
    pub fn is_synchronous(self) -> bool {
        match self {
            EventType::Check | EventType::Ping => true,
            EventType::Succeeded | EventType::Captured | EventType::Refunded | EventType::Updated => false,
        }
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No event has this type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown type of event {0:?}")]
pub struct UnknownType(pub String);

impl FromStr for EventType {
    type Err = UnknownType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = EventType::ALL.into_iter().find(|kind| kind.as_str() == text);
        known.ok_or_else(|| UnknownType(text.to_owned()))
    }
}

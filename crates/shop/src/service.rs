//! A shop and its two service ids (seed 000 "サービスID").

use kernel::{Environment, ServiceId, ShopId};

/// A shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shop {
    /// Its id, the first column of its rows.
    pub id: ShopId,
    /// What its staff call it.
    pub name: String,
    /// Whether its charges carry the shipping address (contract "Charge object": `address`).
    pub receives_address: bool,
}

/// Where a service id counts: Sandbox has one, Live (with its test keys) the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Space {
    /// The Sandbox.
    Sandbox,
    /// Live, for production and test keys alike.
    Live,
}

impl Space {
    /// The space of an environment.
    pub fn of(environment: Environment) -> Space {
        match environment {
            Environment::Sandbox => Space::Sandbox,
            Environment::Test | Environment::Live => Space::Live,
        }
    }

    /// The word used in rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Space::Sandbox => "sandbox",
            Space::Live => "live",
        }
    }
}

/// The service ids of a new shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Services {
    /// For the Sandbox.
    pub sandbox: ServiceId,
    /// For Live.
    pub live: ServiceId,
}

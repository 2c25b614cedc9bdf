//! The three environments of a shop (design "Environments"; contract online-lite-api, "Environments and keys").

use std::fmt;
use std::str::FromStr;

/// Where a key, a charge or an event belongs. A row of one environment is never visible in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Environment {
    /// For developers; its world time can be turned.
    Sandbox,
    /// Live screens with test keys: real time, no real money.
    Test,
    /// Real money, through a real provider.
    Live,
}

impl Environment {
    /// Every environment, in the order in which screens show them.
    pub const ALL: [Environment; 3] = [Environment::Sandbox, Environment::Test, Environment::Live];

    /// The word used in rows, keys and answers: `sandbox`, `test` or `live`.
    pub fn as_str(self) -> &'static str {
        match self {
            Environment::Sandbox => "sandbox",
            Environment::Test => "test",
            Environment::Live => "live",
        }
    }

    /// `livemode` of the wire: true only for Live with production keys.
    pub fn livemode(self) -> bool {
        match self {
            Environment::Live => true,
            Environment::Sandbox | Environment::Test => false,
        }
    }

    /// Whether world time follows the shop's test clock instead of the system clock.
    pub fn has_test_clock(self) -> bool {
        match self {
            Environment::Sandbox => true,
            Environment::Test | Environment::Live => false,
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is none of `sandbox`, `test`, `live`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown environment {0:?}: expected sandbox, test or live")]
pub struct UnknownEnvironment(pub String);

impl FromStr for Environment {
    type Err = UnknownEnvironment;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Environment::ALL
            .into_iter()
            .find(|environment| environment.as_str() == text)
            .ok_or_else(|| UnknownEnvironment(text.to_owned()))
    }
}

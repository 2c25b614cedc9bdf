//! The market: orders as the mall keeps them, and everything that follows from a decision about one.
//!
//! It lives in the `sandbox` of a shop only: world time is the shop's test clock, the cards are the simulator's, and no
//! money in it is real. What a buyer's order holds of persons is kept in plain text, as charges keep it.
//!
//! An operation is a plain function over a transaction: [`place`] and [`act`] load, let [`crate::progress`] decide, and
//! save the order with its timers, requests, ledger entries, notices and audit row in the same transaction. What a
//! request asked of others comes to is worked off by [`work`].

pub mod ask;
mod book;
pub mod buyer;
mod columns;
pub mod mall_shop;
mod operations;
pub mod place;
pub mod rows;
mod save;
pub mod script;
pub mod work;

use std::sync::Arc;
use std::time::Duration;

use acquirer::Provider;
use kernel::{Entropy, Environment};
use store::Store;

pub use book::PAYOUT_KIND;
pub use buyer::Deed;
pub use mall_shop::{MallShop, Model, Rules};
pub use operations::{Seen, Undone, act, ask_again, note, place, place_many};
pub use script::{Script, Verdict};

/// The world that the market lives in.
pub const WORLD: Environment = Environment::Sandbox;

/// What a market is made of.
#[derive(Clone)]
pub struct Settings {
    /// Our database.
    pub store: Store,
    /// Where randomness comes from.
    pub entropy: Arc<dyn Entropy>,
    /// The acquirer of cards in [`WORLD`].
    pub cards: Arc<dyn Provider>,
    /// How long an answer of the acquirer is waited for.
    pub timeout: Duration,
}

/// The market. Cheap to clone.
#[derive(Clone)]
pub struct Market {
    settings: Arc<Settings>,
}

impl Market {
    /// A market.
    pub fn new(settings: Settings) -> Market {
        Market { settings: Arc::new(settings) }
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.settings.store
    }

    /// Where randomness comes from.
    pub fn entropy(&self) -> &dyn Entropy {
        self.settings.entropy.as_ref()
    }

    /// Who asks the acquirer of cards.
    pub(crate) fn desk(&self) -> ask::desk::Desk {
        ask::desk::Desk { cards: self.settings.cards.clone(), timeout: self.settings.timeout }
    }
}

//! The hosted checkout (contract online-lite-api "Payment button"): the button opens a *session*, in which a buyer logs in,
//! chooses card, points and address, and confirms. A session makes one charge or none; [`state`] says why.
//!
//! [`button`] makes the tag, [`open`] takes what the button sends: the signature, then the origin. [`choose`] is what the buyer does page by page,
//! [`confirm`] asks the shop (`charge.check`), then pays, and goes on when the buyer comes back from 3-D Secure. [`look`]
//! is what pages and the button may see. No page is here: crate `web` shows what these operations say.

pub mod button;
pub mod choose;
pub mod confirm;
pub mod look;
pub mod open;
pub mod origin;
pub mod rows;
pub mod security_code;
pub mod signature;
pub mod state;

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use acquirer::TokenizeRefused;
use kernel::{Environment, ShopId, Timestamp, Yen};
use shop::password::Passwords;
use store::{StoreError, Tx};

use crate::allowance::{self, Subject};
use crate::buyer::address::WrongFields;
use crate::charge::Items;
use crate::error::ApiError;
use crate::gateway::Gateway;
use crate::http::limit::{Buckets, Rate};
use state::{Kept, Missing, Stage};

/// How long a session waits for its buyer, machine time.
pub const SESSION_MICROS: i64 = 2 * 3_600 * 1_000_000;

/// The name of a session: `cs_`, the shop, the environment, 32 random hex digits. Who knows it may pay for the cart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SessionId {
    /// Whose button it was.
    pub shop: ShopId,
    /// In which environment.
    pub environment: Environment,
    /// 32 lower-case hex digits.
    pub secret: String,
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cs_{}_{}_{}", self.shop, self.environment, self.secret)
    }
}

/// The text names no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a checkout session")]
pub struct NoSessionId;

impl FromStr for SessionId {
    type Err = NoSessionId;

    fn from_str(text: &str) -> Result<SessionId, NoSessionId> {
        let mut parts = text.strip_prefix("cs_").ok_or(NoSessionId)?.split('_');
        let mut part = || parts.next().ok_or(NoSessionId);
        let (shop, environment, secret) = (part()?, part()?, part()?.to_owned());
        let hex = secret.len() == 32 && secret.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let shop = shop.parse().map(ShopId).map_err(|_| NoSessionId)?;
        let environment = environment.parse().map_err(|_| NoSessionId)?;
        let id = SessionId { shop, environment, secret };
        if hex && parts.next().is_none() && id.to_string() == text { Ok(id) } else { Err(NoSessionId) }
    }
}

/// A session as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its name.
    pub id: SessionId,
    /// What the row says of where it stands.
    pub kept: Kept,
    /// What is bought.
    pub items: Items,
    /// The shop's own id of the cart.
    pub cart_id: Option<String>,
    /// Where the button stands.
    pub origin: Option<String>,
    /// Where the buyer goes back to when there is no window to close.
    pub return_url: Option<String>,
    /// Whose it is, once somebody logged in.
    pub buyer: Option<String>,
    /// The chosen card.
    pub card: Option<String>,
    /// The card whose security code the provider was given.
    pub code_card: Option<String>,
    /// Points to use.
    pub point: Yen,
    /// The chosen address.
    pub address: Option<String>,
    /// The attempt to pay, fixed before anybody outside is asked.
    pub attempt: Option<String>,
    /// Why the last try came to nothing.
    pub notice: Option<String>,
    /// When it ends if nothing is confirmed, machine time.
    pub expires: Timestamp,
}

impl Session {
    /// What the card pays.
    pub fn card_amount(&self) -> Yen {
        self.items.total().saturating_sub(self.point)
    }
}

/// Why something was not done at the checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotDone {
    /// There is no such session.
    NoSuchSession,
    /// Another buyer is at it, and it cannot change hands any more.
    NotYours,
    /// It is not open any more: this is where it stands.
    Closed(Stage),
    /// Something has to be chosen first.
    Missing(Missing),
    /// Fields that are wrong.
    Wrong(WrongFields),
    /// The provider does not take the card as it was typed.
    Card(TokenizeRefused),
    /// The shop does not take this brand.
    BrandNotTaken,
    /// The security code is needed.
    CodeNeeded,
    /// The security code has not as many digits as the card's.
    CodeWrong,
    /// More points than the total or the account has.
    Points,
    /// Too many cards were tried; seconds until the next one.
    TooManyTries(u32),
    /// Nobody takes money in this environment.
    NoProvider,
    /// The provider cannot be asked now.
    Unavailable,
    /// Our own mistake.
    Failed(ApiError),
}

impl From<StoreError> for NotDone {
    fn from(error: StoreError) -> NotDone {
        NotDone::Failed(error.into())
    }
}

/// What the checkout is bounded by, machine time. Cards and accounts are counted in the database ([`crate::allowance`]);
/// sessions, which only cost work, in memory of one process.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Sessions opened from one address.
    pub sessions_of_an_address: Rate,
    /// Cards that a buyer types or pays with.
    pub cards_of_a_buyer: Rate,
    /// Cards that are typed or paid with from one address.
    pub cards_of_an_address: Rate,
    /// Accounts made from one address.
    pub accounts_of_an_address: Rate,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            sessions_of_an_address: Rate { requests: 600, seconds: 60 },
            cards_of_a_buyer: Rate { requests: 12, seconds: 600 },
            cards_of_an_address: Rate { requests: 60, seconds: 600 },
            accounts_of_an_address: Rate { requests: 20, seconds: 3_600 },
        }
    }
}

/// The checkout. Cheap to clone.
#[derive(Clone)]
pub struct Checkout {
    inner: Arc<Inner>,
}

struct Inner {
    gateway: Gateway,
    passwords: Passwords,
    bounds: Bounds,
    sessions: Buckets<IpAddr>,
}

/// Who does something at the checkout.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The buyer's account.
    pub buyer: String,
    /// Where the request came from.
    pub address: IpAddr,
    /// The request, for audit rows.
    pub request_id: String,
}

impl Checkout {
    /// The checkout of a gateway.
    pub fn new(gateway: Gateway, passwords: Passwords, bounds: Bounds) -> Checkout {
        let sessions = Buckets::new(bounds.sessions_of_an_address);
        Checkout { inner: Arc::new(Inner { gateway, passwords, bounds, sessions }) }
    }

    /// The gateway.
    pub fn gateway(&self) -> &Gateway {
        &self.inner.gateway
    }

    /// Hashes of buyers' passwords.
    pub fn passwords(&self) -> &Passwords {
        &self.inner.passwords
    }

    /// Counts an account that is made from `address`; refused if there were too many.
    pub async fn count_account(&self, address: IpAddr) -> Result<(), NotDone> {
        let wanted = [(Subject::address("account", address), self.inner.bounds.accounts_of_an_address)];
        self.gateway().store().write(move |tx| take(tx, &wanted)).await
    }

    fn count_session(&self, address: IpAddr) -> Result<(), u32> {
        self.inner.sessions.take(address, self.gateway().store().machine_now())
    }

    /// Counts a card that is typed.
    async fn count_card(&self, visitor: &Visitor) -> Result<(), NotDone> {
        let wanted = self.card_allowances(visitor);
        self.gateway().store().write(move |tx| take(tx, &wanted)).await
    }

    /// Whose allowance a card takes from that is typed or paid with.
    fn card_allowances(&self, visitor: &Visitor) -> [(Subject, Rate); 2] {
        let Bounds { cards_of_a_buyer, cards_of_an_address, .. } = self.inner.bounds;
        [
            (Subject::account("card", &visitor.buyer), cards_of_a_buyer),
            (Subject::address("card", visitor.address), cards_of_an_address),
        ]
    }
}

/// Takes from allowances; undoes everything that was taken if one of them has nothing left.
fn take(tx: &mut Tx<'_>, wanted: &[(Subject, Rate)]) -> Result<(), NotDone> {
    allowance::take(tx, wanted)?.map_err(NotDone::TooManyTries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sessions_go_both_ways() {
        let id = SessionId { shop: ShopId(12), environment: Environment::Sandbox, secret: "0a".repeat(16) };
        assert_eq!(id.to_string().parse(), Ok(id.clone()));
        let good = id.to_string();
        for wrong in [
            "",
            "cs_",
            &good[1..],
            &good[..good.len() - 1],
            &format!("{good}_"),
            &good.replace("sandbox", "nowhere"),
            &good.replace("cs_12", "cs_012"),
            &good.to_uppercase(),
        ] {
            assert_eq!(wrong.parse::<SessionId>(), Err(NoSessionId), "{wrong}");
        }
    }
}

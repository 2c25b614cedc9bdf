//! Tokens of `/api`: `choba_…`, with scopes (design "Nothing is open": the clock is its own right, administration is the
//! operator's).

use std::fmt;
use std::str::FromStr;

use kernel::outside::random_hex;
use kernel::{Entropy, ShopId, Timestamp};

/// One right of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Turn the test clock of a shop's sandbox.
    Clock,
    /// Read and change how a shop's mails look.
    Mail,
    /// Webhooks: endpoints, the log of deliveries, events; shows the webhook secret to who follows events.
    Webhooks,
    /// Orders and their figures: lists, saved views, exports, timelines, charts.
    Orders,
    /// Keys: which there are, their values, rotation.
    Keys,
    /// Staff: accounts, invitations, roles.
    Staff,
    /// What the shop sets and is told: shop information, notices, news mails.
    Settings,
    /// Search the audit log.
    Audit,
    /// The request log: what was asked and answered, and running a request of the sandbox again.
    Requests,
    /// The marketplace: licences, their functions, sub-statuses.
    Mall,
    /// Administer: shops, tokens, keys. Only for the operator.
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Scope; 11] = [
        Scope::Clock,
        Scope::Webhooks,
        Scope::Mail,
        Scope::Orders,
        Scope::Keys,
        Scope::Staff,
        Scope::Settings,
        Scope::Audit,
        Scope::Requests,
        Scope::Mall,
        Scope::Admin,
    ];

    /// The word used on the command line and in rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Clock => "clock",
            Scope::Mail => "mail",
            Scope::Webhooks => "webhooks",
            Scope::Orders => "orders",
            Scope::Keys => "keys",
            Scope::Staff => "staff",
            Scope::Settings => "settings",
            Scope::Audit => "audit",
            Scope::Requests => "requests",
            Scope::Mall => "mall",
            Scope::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No scope has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown scope {0:?}: expected one of clock, webhooks, mail, orders, keys, staff, settings, audit, mall, admin"
)]
pub struct UnknownScope(pub String);

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Scope::ALL.into_iter().find(|scope| scope.as_str() == text);
        known.ok_or_else(|| UnknownScope(text.to_owned()))
    }
}

/// A token as it is listed: without its value, which is shown once, when it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its name.
    pub id: String,
    /// The shop it is bound to; none for the operator's.
    pub shop: Option<ShopId>,
    /// What it is for, in its owner's words.
    pub label: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made, machine time.
    pub created: Timestamp,
    /// When it ends by itself, machine time.
    pub expires: Option<Timestamp>,
    /// When it was revoked, machine time.
    pub revoked: Option<Timestamp>,
}

impl Token {
    /// A new token and its value.
    pub fn generate(
        shop: Option<ShopId>,
        label: &str,
        scopes: Vec<Scope>,
        now: Timestamp,
        expires: Option<Timestamp>,
        entropy: &dyn Entropy,
    ) -> (Token, String) {
        let id = format!("tkn_{}", random_hex::<8>(entropy));
        let value = format!("choba_{}", random_hex::<32>(entropy));
        (Token { id, shop, label: label.to_owned(), scopes, created: now, expires, revoked: None }, value)
    }

    /// Whether it may be used at `now` (machine time).
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|end| now < end)
    }

    /// Whether it has the right `scope` for `shop`: administration includes every other right.
    pub fn allows(&self, scope: Scope, shop: ShopId) -> bool {
        let right = self.scopes.contains(&scope) || self.scopes.contains(&Scope::Admin);
        right && self.shop.is_none_or(|own| own == shop)
    }
}

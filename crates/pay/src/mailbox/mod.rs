//! The mailbox: every mail as it was written, for whom, and what became of it. Where no mail server is set, this is where
//! mails arrive; with one, it shows what was handed to it.
//!
//! Mails can be read here for [`crate::rules::NOTIFICATION_READABLE_DAYS`] days, like the notifications that they may be.

mod rows;

use kernel::{Environment, ShopId, Timestamp};
use store::{StoreError, Tx, clock};

use crate::mail::{Kind, Outcome, Recipient};
use crate::rules;

/// Which mails are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Part of an address, a subject, a text or an order number; ASCII letters in either case. Empty matches all.
    pub text: String,
    /// Only those of this charge.
    pub charge: Option<String>,
    /// Only those that did not arrive: refused, or given up.
    pub undelivered: bool,
}

/// A place between two mails: everything after it is older. Its text form goes into links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    created_us: i64,
    id: String,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.created_us, self.id)
    }
}

/// The text is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a place in a list of mails")]
pub struct BadCursor;

impl std::str::FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Cursor, BadCursor> {
        let (created, id) = text.split_once('.').ok_or(BadCursor)?;
        let plain = id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !plain {
            return Err(BadCursor);
        }
        Ok(Cursor { created_us: created.parse().map_err(|_| BadCursor)?, id: id.to_owned() })
    }
}

/// A mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its id in this shop and environment.
    pub id: String,
    /// Which charge it tells of.
    pub charge: String,
    /// What it tells of.
    pub kind: Kind,
    /// For whom it is.
    pub recipient: Recipient,
    /// What became of it.
    pub outcome: Outcome,
    /// The address; none if there is none to send to.
    pub to: Option<String>,
    /// What stands as the sender.
    pub sender_name: String,
    /// 件名.
    pub subject: String,
    /// The text, lines ended by `\n`.
    pub body: String,
    /// What the mail server said last, if it did not take the mail.
    pub error: Option<String>,
    /// World time of the change or request that it tells of.
    pub created: Timestamp,
}

/// Mails, and where the list goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Newest first.
    pub mails: Vec<Mail>,
    /// Where the next page begins; none if this was the last one.
    pub next: Option<Cursor>,
}

/// Mails of a shop in an environment, newest first, those after `after`; at most `limit`.
pub fn list(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    search: &Search,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page, StoreError> {
    let since = readable_since(clock::world_now(tx, shop, environment)?);
    let after = after.map(|cursor| (cursor.created_us, cursor.id.as_str()));
    let mut mails = rows::newest(tx, (shop, environment), search, since, after, limit as i64 + 1)?;
    let more = mails.len() > limit;
    mails.truncate(limit);
    let last = mails.last().filter(|_| more);
    let next = last.map(|mail| Cursor { created_us: mail.created.micros(), id: mail.id.clone() });
    Ok(Page { mails, next })
}

/// One mail, while it can be read.
pub fn find(tx: &mut Tx<'_>, shop: ShopId, environment: Environment, id: &str) -> Result<Option<Mail>, StoreError> {
    let since = readable_since(clock::world_now(tx, shop, environment)?);
    rows::find(tx, shop, environment, id, since)
}

/// The oldest instant whose mails can be read at `now`; the last moment counts.
pub fn readable_since(now: Timestamp) -> Timestamp {
    now.plus_seconds(-rules::NOTIFICATION_READABLE_DAYS * 86_400)
}

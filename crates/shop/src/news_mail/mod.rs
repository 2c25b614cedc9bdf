//! 最新のお知らせ: notices told by mail (seed 000 "最新のお知らせ"). Whether a shop is told is a setting of the Sandbox's pages; there
//! is one for each shop.
//!
//! A mail for each owner of each shop that wants them is written with the notice ([`tell`]) and is due when the notice
//! begins to be shown. When it leaves it is looked at again ([`letter`]): for a notice that is not shown, or a reader who is
//! to be told no more, nothing is sent.

pub mod rows;

use std::fmt;
use std::str::FromStr;

use kernel::{Environment, ShopId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::outbox::{self, NewMessage};
use store::{StoreError, Tx};

use crate::by::By;
use crate::notice::{self, Notice, Phase};
use crate::role::Role;
use crate::staff::{self, Email, Staff};

/// Topic of these mails in the outbox.
pub const TOPIC: &str = "news_mail";
/// They are due in the world whose clock is nobody's to turn.
pub const WORLD: Environment = Environment::Live;
/// Readers whose rows are written by one statement.
const TOGETHER: usize = 8;

/// Whether the shop wants them; no for a shop that is not there.
pub fn wanted(tx: &mut Tx<'_>, shop: ShopId) -> Result<bool, StoreError> {
    crate::rows::news_mail(tx, shop)
}

/// Switches them on or off. Doing it twice is doing it once.
pub fn set(tx: &mut Tx<'_>, shop: ShopId, wanted: bool, by: &By) -> Result<(), StoreError> {
    let before = crate::rows::news_mail(tx, shop)?;
    if before == wanted {
        return Ok(());
    }
    let fields = json!({ "news_mail": [before, wanted] });
    let entry = by.record(shop, tx.machine_now(), ("news_mail.change", &format!("shop {shop}")), &fields);
    tx.execute_all(&[crate::rows::set_news_mail(shop, wanted), entry]).map(|_| ())
}

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is not due yet, or is tried again.
    Waiting,
    /// There is no mail server.
    Kept,
    /// The mail server has answered for it.
    Sent,
    /// When it was due there was nothing to tell, or nobody.
    Dropped,
    /// The mail server refused it for good.
    Refused,
    /// It was tried as often as mails are.
    GivenUp,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Outcome; 6] =
        [Outcome::Waiting, Outcome::Kept, Outcome::Sent, Outcome::Dropped, Outcome::Refused, Outcome::GivenUp];

    /// The word of rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Waiting => "waiting",
            Outcome::Kept => "kept",
            Outcome::Sent => "sent",
            Outcome::Dropped => "dropped",
            Outcome::Refused => "refused",
            Outcome::GivenUp => "given_up",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No outcome has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown outcome of a mail {0:?}")]
pub struct UnknownOutcome(pub String);

impl FromStr for Outcome {
    type Err = UnknownOutcome;

    fn from_str(text: &str) -> Result<Outcome, UnknownOutcome> {
        let known = Outcome::ALL.into_iter().find(|outcome| outcome.as_str() == text);
        known.ok_or_else(|| UnknownOutcome(text.to_owned()))
    }
}

/// What a message of the outbox says: nothing personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Of which notice it tells.
    pub notice: String,
    /// Whom.
    pub staff: String,
}

/// A mail that is to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// What it tells of.
    pub notice: Notice,
    /// What the shop is called.
    pub shop: String,
    /// Where it goes.
    pub to: Email,
}

/// Writes a mail for each reader of a notice, in the transaction that writes the notice.
pub(crate) fn tell(tx: &mut Tx<'_>, notice: &Notice) -> Result<(), StoreError> {
    let mut readers = staff::rows::of_shops_with_news_mail(tx, notice.shop)?;
    readers.retain(is_reader);
    for together in readers.chunks(TOGETHER) {
        let mut statements = Vec::with_capacity(2 * together.len());
        for reader in together {
            let id = mail_id(&notice.id, &reader.id);
            let order = Order { notice: notice.id.clone(), staff: reader.id.clone() };
            let body = serde_json::to_string(&order).expect("texts are JSON");
            let message = NewMessage {
                shop: reader.shop,
                id: &id,
                world: WORLD,
                topic: TOPIC,
                // A lane of its own: one that is due late holds up none that is written after it.
                lane: &id,
                body: &body,
                due: notice.from,
                created: notice.created,
            };
            statements.push(outbox::enqueue(&message));
            statements.push(rows::insert(reader.shop, &id, &order, notice.created));
        }
        tx.execute_all(&statements)?;
    }
    Ok(())
}

/// Owners: who answers for the shop.
fn is_reader(staff: &Staff) -> bool {
    staff.duties.roles().contains(&Role::Owner)
}

/// The id of a mail: notice and reader, so that there is one of both.
fn mail_id(notice: &str, staff: &str) -> String {
    let bare = |name: &str| name.split_once('_').map_or_else(|| name.to_owned(), |(_, rest)| rest.to_owned());
    format!("{}-nm-{}", bare(notice), bare(staff))
}

/// The mail of an order of `shop`, if there is still something to tell and somebody who is to be told at `now`, machine
/// time.
pub fn letter(tx: &mut Tx<'_>, shop: ShopId, order: &Order, now: Timestamp) -> Result<Option<Letter>, StoreError> {
    let notice = notice::rows::find(tx, &order.notice)?;
    let Some(notice) = notice.filter(|notice| notice.phase(now) == Phase::Shown) else { return Ok(None) };
    let reader = staff::rows::member(tx, shop, &order.staff)?.filter(is_reader);
    match reader {
        Some(reader) if wanted(tx, shop)? => {
            let shop = staff::rows::shop_name(tx, shop)?;
            Ok(Some(Letter { notice, shop, to: reader.email }))
        }
        Some(_) | None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_outcomes_are_read_back_and_no_others_are() {
        for outcome in Outcome::ALL {
            assert_eq!(outcome.as_str().parse(), Ok(outcome));
        }
        assert_eq!("lost".parse::<Outcome>(), Err(UnknownOutcome("lost".to_owned())));
    }

    #[test]
    fn a_mail_is_named_after_its_notice_and_its_reader() {
        assert_eq!(mail_id("ntc_0a", "stf_1b"), "0a-nm-1b");
    }
}

//! Mails about charges: which there are, how they look, how they leave.
//!
//! | what happens | buyer | shop | source |
//! |---|---|---|---|
//! | 確定 | – | yes | seed 000 "確定" |
//! | キャンセル, and the end of the window | yes | yes | seed 000 "キャンセル"; contract "Rules": Windows |
//! | 金額変更 | yes | yes | seed 000 "金額変更" |
//! | お知らせメール ([`crate::notification`]) | yes | – | seed 000 "メール送信" |
//!
//! A mail is a message of the outbox, written with the change it tells of ([`crate::event::rows::fan_out`]) but for shops that have
//! the automatic mails switched off. It is written out when it first leaves (`prepare`, [`render`]) and kept, so that every try sends
//! the same text; [`deliver`] hands it to the mail server, or keeps it in the [`crate::mailbox`] where there is none.
//!
//! The lane of a message is charge and recipient: what a buyer hears of an order comes in the order in which it happened,
//! and an address that takes nothing holds up only that. The address itself would be personal data in the outbox.

pub mod automatic;
pub mod contact;
pub mod deliver;
pub mod erase;
pub(crate) mod prepare;
pub mod render;
pub mod rows;
pub mod settings;

use std::str::FromStr;

use kernel::ChargeNumber;
use serde::{Deserialize, Serialize};

use crate::attempt::{Intent, Work};

pub use settings::MailSettings;

/// Topic of mails in the outbox.
pub const MAIL_TOPIC: &str = "mail";

/// What a mail tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// お知らせメール.
    Notification,
    /// 確定.
    Captured,
    /// キャンセル.
    Cancelled,
    /// The end of the window of a provisional sale.
    Expired,
    /// 金額変更.
    Changed,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 5] = [Kind::Notification, Kind::Captured, Kind::Cancelled, Kind::Expired, Kind::Changed];

    /// The word used in rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Notification => "notification",
            Kind::Captured => "captured",
            Kind::Cancelled => "cancelled",
            Kind::Expired => "expired",
            Kind::Changed => "changed",
        }
    }
}

/// For whom a mail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// 購入者様.
    Buyer,
    /// 店舗様.
    Shop,
}

impl Recipient {
    /// Both.
    pub const ALL: [Recipient; 2] = [Recipient::Buyer, Recipient::Shop];

    /// The word used in rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Recipient::Buyer => "buyer",
            Recipient::Shop => "shop",
        }
    }

    /// The end of the id of a message.
    pub fn suffix(self) -> &'static str {
        match self {
            Recipient::Buyer => "-mb",
            Recipient::Shop => "-ms",
        }
    }
}

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was tried, and is tried again.
    Waiting,
    /// It is in the built-in mailbox, because there is no mail server.
    Kept,
    /// The mail server has answered for it.
    Sent,
    /// There is no address to send it to.
    Nobody,
    /// The mail server refused it for good.
    Refused,
    /// It was tried as often as mails are.
    GivenUp,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Outcome; 6] =
        [Outcome::Waiting, Outcome::Kept, Outcome::Sent, Outcome::Nobody, Outcome::Refused, Outcome::GivenUp];

    /// The word used in rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Waiting => "waiting",
            Outcome::Kept => "kept",
            Outcome::Sent => "sent",
            Outcome::Nobody => "nobody",
            Outcome::Refused => "refused",
            Outcome::GivenUp => "given_up",
        }
    }
}

/// The word names none of the things it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown word {0:?}")]
pub struct UnknownWord(pub String);

macro_rules! from_words {
    ($($of:ty),*) => { $(
        impl FromStr for $of {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                let known = <$of>::ALL.into_iter().find(|word| word.as_str() == text);
                known.ok_or_else(|| UnknownWord(text.to_owned()))
            }
        }
    )* };
}
from_words!(Kind, Recipient, Outcome);

/// What a message of the outbox says: nothing personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// What it tells of.
    pub kind: Kind,
    /// For whom it is.
    pub to: Recipient,
    /// Of a change of amount: the total before it, in yen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_before: Option<i64>,
}

impl Order {
    /// The text for the outbox.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("words and a number are JSON")
    }
}

/// The mails that a change is told by, but in shops that have the automatic ones switched off.
pub fn orders(intent: &Intent) -> Vec<Order> {
    let (kind, readers): (Kind, &[Recipient]) = match &intent.attempt.work {
        Work::Pay(_) => return Vec::new(),
        Work::Capture => (Kind::Captured, &[Recipient::Shop]),
        Work::Cancel => (Kind::Cancelled, &Recipient::ALL),
        Work::Expire => (Kind::Expired, &Recipient::ALL),
        Work::Change(_) => (Kind::Changed, &Recipient::ALL),
    };
    let before = intent.before.as_ref().filter(|_| kind == Kind::Changed);
    let total_before = before.map(|charge| charge.standing.amount.get());
    readers.iter().map(|to| Order { kind, to: *to, total_before }).collect()
}

/// The lane of a message.
pub fn lane(charge: ChargeNumber, to: Recipient) -> String {
    format!("{charge}/{}", to.as_str())
}

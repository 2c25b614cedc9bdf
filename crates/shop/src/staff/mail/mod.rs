//! Mails to the staff: invitations, and links for another password. They leave through the outbox like every mail; what
//! they say is sealed, because their links open accounts, and it is erased once they were sent.

pub mod rows;

use kernel::{Entropy, Environment, ShopId, Timestamp};
use serde::{Deserialize, Serialize};
use store::Statement;
use store::outbox::{self, NewMessage};

use crate::vault::Vault;

/// Topic of these mails in the outbox.
pub const TOPIC: &str = "staff_mail";
/// They are due in the world whose clock is nobody's to turn.
pub const WORLD: Environment = Environment::Live;

/// What a mail is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody is invited to the staff.
    Invitation,
    /// Somebody may choose another password.
    Reset,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 2] = [Kind::Invitation, Kind::Reset];

    /// The word of rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Invitation => "invitation",
            Kind::Reset => "reset",
        }
    }
}

/// What a mail says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Where it goes.
    pub to: String,
    /// What the shop is called.
    pub shop: String,
    /// What the link carries.
    pub token: String,
}

/// A mail as it is stored.
#[derive(Clone)]
pub struct Kept {
    /// Whose shop's.
    pub shop: ShopId,
    /// Its id.
    pub id: String,
    /// What it is for.
    pub kind: Kind,
    /// What became of it.
    pub state: String,
    /// What it says; none once it was erased.
    pub letter: Option<Letter>,
    /// What the mail server said last.
    pub error: Option<String>,
    /// When it was written, machine time.
    pub created: Timestamp,
    /// When its link ends, machine time.
    pub expires: Timestamp,
}

/// The statements that send a mail. `id` is fresh.
pub fn send(
    vault: &Vault,
    entropy: &dyn Entropy,
    (shop, id): (ShopId, &str),
    kind: Kind,
    letter: &Letter,
    (now, expires): (Timestamp, Timestamp),
) -> [Statement<'static>; 2] {
    let id = format!("{id}-st");
    let text = serde_json::to_vec(letter).expect("texts are JSON");
    let sealed = vault.seal(&purpose(shop, &id), &text, entropy);
    let insert = rows::insert(shop, &id, kind, sealed, (now, expires));
    let message =
        NewMessage { shop, id: &id, world: WORLD, topic: TOPIC, lane: &id, body: "{}", due: now, created: now };
    [insert, outbox::enqueue(&message)]
}

fn purpose(shop: ShopId, id: &str) -> String {
    format!("staff-mail/{shop}/{id}")
}

//! Mails to the staff leave: invitations and links for another password ([`shop::staff::mail`]). Without a mail server they
//! stay where only the operator reads them. [`crate::news_mail`] sends what tells of notices in the same way.

use kernel::Timestamp;
use outbound::mail::{Address, NotSent, Sender};
use shop::staff::mail::{Kept, Kind, Letter, TOPIC, WORLD, rows};
use store::outbox::{self, Backoff, Message};
use store::{StoreError, Tx, clock};

use crate::gateway::Gateway;
use crate::mail::deliver::{Carrier, at_once};

/// How a mail is tried: for as long as its link could still be used.
const SCHEDULE: Backoff = Backoff { first_micros: 30_000_000, longest_micros: 1_800_000_000, attempts: 40 };

/// Subject and text of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// One line.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// What a mail says, in Japanese and in English; `base_url` is where the pages are.
pub fn write(kind: Kind, letter: &Letter, expires: Timestamp, base_url: &str) -> Written {
    let Letter { shop, token, .. } = letter;
    let until = minute(expires);
    match kind {
        Kind::Invitation => Written {
            subject: format!("【帳場】{shop} の管理画面への招待"),
            body: format!(
                "{shop} の管理画面に招待されました。\n下のリンクからパスワードを設定すると、ログインできます。\n\n\
                 {base_url}/invitation?token={token}\n\n\
                 リンクは {until} まで、1回だけ使えます。お心当たりのない場合は、このメールを破棄してください。\n\n\
                 You are invited to the dashboard of {shop}. The link above counts once, until {until} (Japan).\n"
            ),
        },
        Kind::Reset => Written {
            subject: "【帳場】パスワードの再設定".to_owned(),
            body: format!(
                "パスワードの再設定を受け付けました。\n下のリンクから新しいパスワードを設定してください。\n\n\
                 {base_url}/reset?token={token}\n\n\
                 リンクは {until} まで、1回だけ使えます。お心当たりのない場合は、このメールを破棄してください。\
                 パスワードは変わりません。\n\n\
                 Somebody asked for another password. The link above counts once, until {until} (Japan). If it was not \
                 you, ignore this mail.\n"
            ),
        },
    }
}

/// `2026-11-22 09:30`, in Japan.
pub(crate) fn minute(at: Timestamp) -> String {
    at.to_string().replace('T', " ").chars().take(16).collect()
}

/// Claims mails and sends them, and notes what became of each; how many were claimed.
pub(crate) async fn round(gateway: &Gateway) -> Result<usize, StoreError> {
    let messages = claim(gateway, TOPIC).await?;
    let (claimed, gateway) = (messages.len(), gateway.clone());
    at_once(messages, move |message| send(gateway.clone(), message)).await?;
    Ok(claimed)
}

/// Claims as many messages of a topic as are sent while the lease lasts.
pub(crate) async fn claim(gateway: &Gateway, topic: &'static str) -> Result<Vec<Message>, StoreError> {
    let (page, lease) = (gateway.carrier().page(), gateway.carrier().lease_micros());
    gateway.store().write(move |tx| outbox::claim(tx, topic, page, lease)).await
}

async fn send(gateway: Gateway, message: Message) -> Result<(), StoreError> {
    let (vault, shop, id) = (gateway.vault().clone(), message.shop, message.id.clone());
    let kept = gateway.store().read(move |tx| rows::find(tx, &vault, shop, &id)).await?;
    let end = match kept {
        Some(Kept { letter: Some(letter), kind, created, expires, .. }) => {
            let written = write(kind, &letter, expires, gateway.base_url());
            hand_over(&gateway, &message, Mail { to: &letter.to, shop: &letter.shop, written, date: created }).await
        }
        Some(Kept { letter: None, .. }) => End::Refused("its link has ended".to_owned()),
        None => End::Refused("what it says is missing".to_owned()),
    };
    let random = random(&gateway);
    let note = move |tx: &mut Tx<'_>| {
        let (shop, id) = (message.shop, message.id.as_str());
        let state = match settle(tx, &message, &end, (SCHEDULE, random))? {
            Some(Settled::Kept) => "kept",
            Some(Settled::Sent | Settled::Dropped) => "sent",
            Some(Settled::Refused) => "refused",
            Some(Settled::Waiting) => "waiting",
            Some(Settled::GivenUp) => "given_up",
            None => return Ok(()),
        };
        tx.execute_all(&[rows::note(shop, id, state, end.error())]).map(|_| ())
    };
    gateway.store().write(note).await
}

/// Random bits for the pause before another try.
pub(crate) fn random(gateway: &Gateway) -> u64 {
    u64::from_be_bytes(kernel::outside::random_bytes(gateway.entropy()))
}

/// A mail to somebody of a shop's staff.
pub(crate) struct Mail<'a> {
    /// Where it goes.
    pub to: &'a str,
    /// Who it is from, by name: the shop.
    pub shop: &'a str,
    /// What it says.
    pub written: Written,
    /// When it was written, machine time.
    pub date: Timestamp,
}

/// How a try ended.
pub(crate) enum End {
    /// There is no mail server.
    Kept,
    /// The mail server has answered for it.
    Sent,
    /// There was nothing to send any more.
    Dropped,
    /// Never to be tried again, and why.
    Refused(String),
    /// To be tried again, and why.
    Later(String),
}

impl End {
    /// What went wrong, without an address.
    pub fn error(&self) -> Option<&str> {
        match self {
            End::Kept | End::Sent | End::Dropped => None,
            End::Refused(error) | End::Later(error) => Some(error),
        }
    }
}

/// Hands a mail to the mail server, if there is one.
pub(crate) async fn hand_over(gateway: &Gateway, message: &Message, mail: Mail<'_>) -> End {
    let Carrier::Smtp { server, from } = gateway.carrier() else { return End::Kept };
    let Ok(to) = mail.to.parse::<Address>() else { return End::Refused("its address is none".to_owned()) };
    let mail = outbound::mail::Message {
        id: format!("{}-{}", message.id, message.shop),
        from: Sender { name: mail.shop.to_owned(), address: from.clone() },
        reply_to: None,
        to,
        subject: mail.written.subject,
        text: mail.written.body,
        date: mail.date,
    };
    match server.send(&mail).await {
        Ok(()) => End::Sent,
        Err(NotSent::Refused(fault)) => End::Refused(fault.brief),
        Err(NotSent::Later(fault)) => End::Later(fault.brief),
    }
}

/// What became of a mail after a try.
pub(crate) enum Settled {
    /// It stays where the operator reads it.
    Kept,
    /// It has left.
    Sent,
    /// It will not leave, and nobody misses it.
    Dropped,
    /// It will not leave.
    Refused,
    /// It waits for its next try.
    Waiting,
    /// It was tried as often as mails are.
    GivenUp,
}

/// Ends a message, or puts it off; none if another worker has taken it over, who notes what becomes of it.
pub(crate) fn settle(
    tx: &mut Tx<'_>,
    message: &Message,
    end: &End,
    (schedule, random): (Backoff, u64),
) -> Result<Option<Settled>, StoreError> {
    let (settled, ours) = match end {
        End::Kept => (Settled::Kept, outbox::sent(tx, message)?),
        End::Sent => (Settled::Sent, outbox::sent(tx, message)?),
        End::Dropped => (Settled::Dropped, outbox::sent(tx, message)?),
        End::Refused(error) => (Settled::Refused, outbox::failed(tx, message, error)?),
        End::Later(error) => match schedule.after(message.attempt, random) {
            Some(pause) => {
                let due = clock::world_now(tx, message.shop, WORLD)?.plus_micros(pause);
                (Settled::Waiting, outbox::retry(tx, message, due, error)?)
            }
            None => (Settled::GivenUp, outbox::failed(tx, message, error)?),
        },
    };
    Ok(ours.then_some(settled))
}

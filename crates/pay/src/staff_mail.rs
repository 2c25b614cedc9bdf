//! Mails to the staff leave: invitations and links for another password ([`shop::staff::mail`]). Without a mail server they
//! stay where only the operator reads them.

use kernel::Timestamp;
use outbound::mail::{Address, NotSent, Sender};
use shop::staff::mail::{Kept, Kind, Letter, WORLD, rows};
use store::outbox::{self, Backoff, Message};
use store::{StoreError, Tx, clock};

use crate::gateway::Gateway;
use crate::mail::deliver::Carrier;

/// Mails claimed at once.
pub(crate) const PAGE: usize = 20;

/// How a mail is tried: for as long as its link could still be used.
fn schedule() -> Backoff {
    Backoff { first_micros: 30_000_000, longest_micros: 1_800_000_000, attempts: 40 }
}

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
    let until: String = expires.to_string().replace('T', " ").chars().take(16).collect();
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

/// Sends messages that were claimed, and notes what became of each.
pub(crate) async fn send(gateway: &Gateway, messages: Vec<Message>) -> Result<(), StoreError> {
    for message in messages {
        let (vault, shop, id) = (gateway.vault().clone(), message.shop, message.id.clone());
        let kept = gateway.store().read(move |tx| rows::find(tx, &vault, shop, &id)).await?;
        let end = match (kept, gateway.carrier()) {
            (Some(Kept { letter: Some(_), .. }), Carrier::Mailbox) => End::Kept,
            (Some(Kept { letter: Some(letter), kind, created, expires, .. }), Carrier::Smtp { server, from }) => {
                let written = write(kind, &letter, expires, gateway.base_url());
                match letter.to.parse::<Address>() {
                    Err(_) => End::Refused("its address is none".to_owned()),
                    Ok(to) => {
                        let mail = outbound::mail::Message {
                            id: format!("{}-{}", message.id, message.shop),
                            from: Sender { name: letter.shop, address: from.clone() },
                            reply_to: None,
                            to,
                            subject: written.subject,
                            text: written.body,
                            date: created,
                        };
                        match server.send(&mail).await {
                            Ok(()) => End::Sent,
                            Err(NotSent::Refused(fault)) => End::Refused(fault.brief),
                            Err(NotSent::Later(fault)) => End::Later(fault.brief),
                        }
                    }
                }
            }
            (Some(Kept { letter: None, .. }), _) => End::Refused("its link has ended".to_owned()),
            (None, _) => End::Refused("what it says is missing".to_owned()),
        };
        let random = u64::from_be_bytes(kernel::outside::random_bytes(gateway.entropy()));
        gateway.store().write(move |tx| note(tx, &message, &end, random)).await?;
    }
    Ok(())
}

/// How a try ended.
enum End {
    Kept,
    Sent,
    Refused(String),
    Later(String),
}

fn note(tx: &mut Tx<'_>, message: &Message, end: &End, random: u64) -> Result<(), StoreError> {
    let (shop, id) = (message.shop, message.id.as_str());
    let noted = match end {
        End::Kept | End::Sent => {
            outbox::sent(tx, message)?;
            rows::note(shop, id, if matches!(end, End::Kept) { "kept" } else { "sent" }, None)
        }
        End::Refused(error) => {
            outbox::failed(tx, message, error)?;
            rows::note(shop, id, "refused", Some(error))
        }
        End::Later(error) => match schedule().after(message.attempt, random) {
            Some(pause) => {
                let due = clock::world_now(tx, shop, WORLD)?.plus_micros(pause);
                outbox::retry(tx, message, due, error)?;
                rows::note(shop, id, "waiting", Some(error))
            }
            None => {
                outbox::failed(tx, message, error)?;
                rows::note(shop, id, "given_up", Some(error))
            }
        },
    };
    tx.execute_all(&[noted]).map(|_| ())
}

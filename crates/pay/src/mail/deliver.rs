//! Mails leave: to the mail server that the operator set, or into the built-in mailbox where there is none.

use std::time::Duration;

use outbound::mail::{Address, NotSent, Sender, Smtp};
use store::outbox::{self, Backoff, Message};
use store::{StoreError, Tx, clock};
use tokio::task::JoinSet;

use super::prepare::{Ready, prepare};
use super::{Outcome, rows};
use crate::gateway::Gateway;

/// Mails handed to the mail server at once.
const AT_ONCE: usize = 8;

/// Where mails go.
#[derive(Clone, Debug, Default)]
pub enum Carrier {
    /// Nowhere: they stay in the built-in mailbox, where people read them.
    #[default]
    Mailbox,
    /// To a mail server.
    Smtp {
        /// The server.
        server: Box<Smtp>,
        /// The address that mails come from.
        from: Address,
    },
}

impl Carrier {
    /// How many mails are claimed at once.
    pub(crate) fn page(&self) -> usize {
        match self {
            Carrier::Mailbox => 400,
            Carrier::Smtp { .. } => 4 * AT_ONCE,
        }
    }

    /// How long a worker may be at what it claimed, machine time: longer than a server takes that answers none of them.
    pub(crate) fn lease_micros(&self) -> i64 {
        let minute = Duration::from_secs(60);
        let longest = match self {
            Carrier::Mailbox => minute,
            // A claim may be somewhat larger than the page.
            Carrier::Smtp { server, .. } => server.timeout() * 8 + minute,
        };
        i64::try_from(longest.as_micros()).unwrap_or(i64::MAX)
    }
}

/// How a mail is tried: for about three days, because greylisting and full mailboxes pass.
pub(crate) fn schedule() -> Backoff {
    Backoff { first_micros: 60_000_000, longest_micros: 4 * 3_600_000_000, attempts: 25 }
}

/// Claims messages and sends them, and notes what became of each; how many were claimed.
pub async fn round<C>(gateway: &Gateway, claim: C) -> Result<usize, StoreError>
where
    C: Fn(&mut Tx<'_>, usize, i64) -> Result<Vec<Message>, StoreError> + Send + 'static,
{
    let (carrier, random) = (gateway.carrier().clone(), random(gateway));
    let (page, lease, keeps) = (carrier.page(), carrier.lease_micros(), matches!(carrier, Carrier::Mailbox));
    // One transaction: mails that stay here are claimed, written out and done with in it.
    let claimed_and_prepared = move |tx: &mut Tx<'_>| {
        let messages = claim(tx, page, lease)?;
        let ready = if messages.is_empty() { Vec::new() } else { prepare(tx, &messages, keeps, random)? };
        Ok::<_, StoreError>((messages.len(), ready))
    };
    let (claimed, ready) = gateway.store().write(claimed_and_prepared).await?;
    let Carrier::Smtp { server, from } = carrier else { return Ok(claimed) };
    let gateway = gateway.clone();
    at_once(ready, move |ready| {
        let (gateway, server, from) = (gateway.clone(), server.clone(), from.clone());
        async move { hand_over(&gateway, &server, from, ready).await }
    })
    .await?;
    Ok(claimed)
}

/// Sends all of `mails`, [`AT_ONCE`] of them at a time.
pub(crate) async fn at_once<M, S>(mails: Vec<M>, send: impl Fn(M) -> S) -> Result<(), StoreError>
where
    S: Future<Output = Result<(), StoreError>> + Send + 'static,
{
    let mut under_way = JoinSet::new();
    for mail in mails {
        if under_way.len() >= AT_ONCE {
            joined(under_way.join_next().await)?;
        }
        under_way.spawn(send(mail));
    }
    while let Some(ended) = under_way.join_next().await {
        joined(Some(ended))?;
    }
    Ok(())
}

fn joined(ended: Option<Result<Result<(), StoreError>, tokio::task::JoinError>>) -> Result<(), StoreError> {
    match ended {
        Some(Ok(result)) => result,
        Some(Err(error)) => Err(StoreError::new(store::ErrorKind::Programming, format!("sending a mail: {error}"))),
        None => Ok(()),
    }
}

fn random(gateway: &Gateway) -> u64 {
    u64::from_be_bytes(kernel::outside::random_bytes(gateway.entropy()))
}

/// Hands a mail to the server and notes what it said.
async fn hand_over(gateway: &Gateway, server: &Smtp, from: Address, ready: Ready) -> Result<(), StoreError> {
    let Ready { message, letter, to } = ready;
    let mail = outbound::mail::Message {
        id: format!("{}-{}", message.id, message.shop),
        from: Sender { name: letter.sender_name, address: from },
        reply_to: letter.reply_to,
        to,
        subject: letter.subject,
        text: letter.body,
        date: message.created,
    };
    let (answer, random) = (server.send(&mail).await, random(gateway));
    if let Err(NotSent::Refused(fault) | NotSent::Later(fault)) = &answer {
        tracing::warn!(mail = message.id, shop = message.shop.0, attempt = message.attempt, %fault, "a mail was not taken");
    }
    gateway
        .store()
        .write(move |tx| match &answer {
            Ok(()) => sent(tx, &message),
            Err(NotSent::Refused(fault)) => not_sent(tx, &message, Outcome::Refused, &fault.brief, &fault.full, random),
            Err(NotSent::Later(fault)) => not_sent(tx, &message, Outcome::Waiting, &fault.brief, &fault.full, random),
        })
        .await
}

/// The mail has ended well.
fn sent(tx: &mut Tx<'_>, message: &Message) -> Result<(), StoreError> {
    tx.execute_all(&[rows::note(message, Outcome::Sent, None)])?;
    outbox::sent(tx, message)?;
    count(Outcome::Sent);
    Ok(())
}

/// One mail more that ended, or will be tried again, in this way.
pub(super) fn count(outcome: Outcome) {
    metrics::counter!("choba_mails_total", "outcome" => outcome.as_str()).increment(1);
}

/// The mail was not taken: it waits for its next try, or ends where a person sees it. Only `full` may hold an address.
pub(super) fn not_sent(
    tx: &mut Tx<'_>,
    message: &Message,
    outcome: Outcome,
    brief: &str,
    full: &str,
    random: u64,
) -> Result<(), StoreError> {
    let pause = schedule().after(message.attempt, random).filter(|_| outcome == Outcome::Waiting);
    let (outcome, ours) = match pause {
        Some(pause) => {
            let due = clock::world_now(tx, message.shop, message.world)?.plus_micros(pause);
            (Outcome::Waiting, outbox::retry(tx, message, due, brief)?)
        }
        None if outcome == Outcome::Waiting => (Outcome::GivenUp, outbox::failed(tx, message, brief)?),
        None => (outcome, outbox::failed(tx, message, brief)?),
    };
    // Who took the message over notes what becomes of it.
    if ours {
        tx.execute_all(&[rows::note(message, outcome, Some(full))])?;
        count(outcome);
    }
    Ok(())
}

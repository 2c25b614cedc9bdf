//! Asking for a mail, and looking up which were asked for.

use kernel::outside::sortable_hex;
use kernel::{Environment, ShopId, Timestamp};
use store::audit::{self, NewEntry};
use store::idempotency::{self, Known};
use store::outbox::{self, NewMessage};
use store::{StoreError, Tx, clock};

use super::rows::{self, Filter};
use super::state::{self, Refused, Wanted};
use super::{Notification, id_of};
use crate::attempt::begin::Undone;
use crate::charge::rows as charge_rows;
use crate::error::ApiError;
use crate::gateway::{Change, Gateway};
use crate::mail::{Kind, MAIL_TOPIC, Order, Recipient, erase, lane};
use crate::mailbox::readable_since;
use crate::vault_answer::SealedAnswers;

/// How often the operation looks again when somebody was faster with its key.
const LOOKS: usize = 4;

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The notification, made now or before.
    Made(Notification),
    /// The kept answer to the same request: HTTP status and body.
    Kept(u16, Vec<u8>),
}

enum Asked {
    Answer(Answer),
    Refused(Refused),
    KeyReused,
    /// The notification that the same request made cannot be read any more.
    Gone,
}

/// お知らせメール: asks for a mail, once.
pub async fn ask(gateway: &Gateway, change: Change, wanted: Wanted) -> Result<Answer, ApiError> {
    for _ in 0..LOOKS {
        let root = sortable_hex(gateway.store().machine_now(), gateway.entropy());
        let (change, wanted, answers) = (change.clone(), wanted.clone(), gateway.answers().clone());
        let asked = gateway.store().write(move |tx| asked(tx, &change, &wanted, &root, &answers)).await;
        return match asked {
            Ok(Asked::Answer(answer)) => Ok(answer),
            Ok(Asked::Refused(refused)) => Err(refused.into()),
            Ok(Asked::KeyReused) => Err(ApiError::key_reused()),
            Ok(Asked::Gone) => Err(ApiError::invalid("resource_missing", "The notification cannot be read any more.")),
            Err(Undone::Store(error)) => Err(error.into()),
            Err(Undone::Again) => continue,
        };
    }
    Err(ApiError::charge_locked())
}

fn asked(
    tx: &mut Tx<'_>,
    change: &Change,
    wanted: &Wanted,
    root: &str,
    answers: &SealedAnswers,
) -> Result<Asked, Undone> {
    if let Some(earlier) = earlier(tx, change, answers)? {
        return Ok(earlier);
    }
    // The row of the charge is locked: nobody else counts its mails meanwhile.
    let loaded = match wanted.charge {
        Some(number) => charge_rows::load_for_update(tx, change.shop, change.environment, number)?,
        None => None,
    };
    let Some(loaded) = loaded else { return Ok(Asked::Refused(Refused::NoSuchCharge)) };
    let now = clock::at(tx, change.environment, loaded.clock_offset_us);
    let charge = loaded.charge.number.to_string();
    let sent = rows::sent(tx, change.shop, change.environment, &charge)?;
    match state::next_number(loaded.charge.standing.ordered, sent, now) {
        Err(refused) => refuse(tx, change, refused, now, answers),
        Ok(number) => {
            let Wanted { subject, body, .. } = wanted.clone();
            let notification = Notification { id: id_of(root), charge, subject, body, created: now };
            save(tx, change, &notification, number, &lane(loaded.charge.number, Recipient::Buyer))?;
            Ok(Asked::Answer(Answer::Made(notification)))
        }
    }
}

/// What is known of the client's key; none if it is new or there is none.
fn earlier(tx: &mut Tx<'_>, change: &Change, answers: &SealedAnswers) -> Result<Option<Asked>, StoreError> {
    let Some(key) = &change.key else { return Ok(None) };
    Ok(match idempotency::find(tx, key)? {
        Known::Unused => None,
        Known::OtherRequest => Some(Asked::KeyReused),
        Known::Work(id) => {
            let made = rows::find(tx, change.shop, change.environment, &id)?;
            Some(made.map_or(Asked::Gone, |made| Asked::Answer(Answer::Made(made))))
        }
        Known::Answered { status, answer } => Some(Asked::Answer(Answer::Kept(status, answers.open(key, answer)?))),
    })
}

/// A refusal that depends on the state is an answer, and is kept under the client's key.
fn refuse(
    tx: &mut Tx<'_>,
    change: &Change,
    refused: Refused,
    now: Timestamp,
    answers: &SealedAnswers,
) -> Result<Asked, Undone> {
    if let Some(key) = &change.key {
        let error = ApiError::from(refused.clone());
        let keep = idempotency::keep_answer(key, now, error.status, answers.seal(key, &error.body()));
        if tx.execute_all(&[keep])?.contains(&0) {
            return Err(Undone::Again);
        }
    }
    Ok(Asked::Refused(refused))
}

fn save(tx: &mut Tx<'_>, change: &Change, notification: &Notification, number: i64, lane: &str) -> Result<(), Undone> {
    let Change { shop, environment, key, requester } = change;
    let root = notification.id.trim_start_matches("ntfn_");
    let order = Order { kind: Kind::Notification, to: Recipient::Buyer, total_before: None };
    let fields = serde_json::json!({ "notification": notification.id, "number": number }).to_string();
    let mut statements = vec![
        rows::insert((*shop, *environment), notification, key.as_ref().map(|key| key.key.as_str()), number),
        outbox::enqueue(&NewMessage {
            shop: *shop,
            id: &format!("{root}{}", Recipient::Buyer.suffix()),
            world: *environment,
            topic: MAIL_TOPIC,
            lane,
            body: &order.to_json(),
            due: notification.created,
            created: notification.created,
        }),
        audit::record(&NewEntry {
            shop: *shop,
            id: root,
            at: tx.machine_now(),
            actor: &requester.actor,
            origin: &requester.origin,
            action: "notification.mail",
            object: &format!("{environment}/{}", notification.charge),
            fields: &fields,
        }),
    ];
    let must_touch = statements.len();
    statements.push(erase::timer_from(*shop, *environment, notification.created));
    if let Some(key) = key {
        statements.insert(0, idempotency::claim(key, &notification.id, notification.created));
    }
    let must_touch = must_touch + usize::from(key.is_some());
    if tx.execute_all(&statements)?.iter().take(must_touch).any(|count| *count == 0) {
        return Err(Undone::Again);
    }
    Ok(())
}

/// Mails that were asked for and can still be read, newest first, and how many there are in all.
pub fn list(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    filter: &Filter,
    page: (i64, i64),
) -> Result<(Vec<Notification>, i64), StoreError> {
    let since = readable_since(clock::world_now(tx, shop, environment)?);
    rows::page(tx, (shop, environment), filter, since, page)
}

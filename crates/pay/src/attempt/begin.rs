//! The first step: the intent, committed together with the client's idempotency key before anybody outside is asked.

use kernel::{ChargeNumber, Environment, ServiceId, ShopId, Timestamp};
use store::idempotency::{self, Known, RequestKey};
use store::{ErrorKind, Statement, StoreError, Tx, clock};

use super::{Attempt, Intent, Requester, Work, finish, rows};
use crate::charge::rows as charge_rows;
use crate::charge::state::{Plan, Receipts, Refused};
use crate::charge::{Charge, Order};
use crate::error::ApiError;
use crate::vault_answer::SealedAnswers;

/// How long the process that begins an attempt is taken to be at it, machine time.
pub const LEASE_MICROS: i64 = 60 * 1_000_000;

/// A request to change a charge, with everything that is made outside of the transaction.
#[derive(Clone, Debug)]
pub struct Request {
    /// Whose charge.
    pub shop: ShopId,
    /// In which environment.
    pub environment: Environment,
    /// Fresh, [`kernel::outside::sortable_hex`].
    pub attempt_id: String,
    /// The client's idempotency key, if it sent one.
    pub key: Option<RequestKey>,
    /// Who asks.
    pub requester: Requester,
    /// The version of the charge that who asks has seen, if it must still be that one.
    pub seen: Option<i64>,
    /// Committed with the intent; one that touches no row undoes it.
    pub guards: Vec<Statement<'static>>,
}

/// What came of beginning.
#[derive(Debug)]
pub enum Begun {
    /// Committed: now ask the outside parties.
    Intent(Box<Intent>),
    /// Nobody outside had to be asked: the charge is changed.
    Changed(Box<Charge>),
    /// The state does not allow it.
    Refused(Refused),
    /// There is no such charge.
    NoSuchCharge,
    /// Another attempt is running on the charge.
    Busy,
    /// Somebody changed the charge after it was seen.
    Stale,
    /// The same request began this attempt before: its outcome is the answer.
    Earlier(String),
    /// The same request was answered so before: HTTP status and body.
    Answered(u16, Vec<u8>),
    /// The key was used for another request.
    KeyReused,
    /// Somebody was faster with this key or this charge: look again.
    Again,
}

/// An operation that must be undone although nothing is wrong with it.
pub enum Undone {
    /// The database failed.
    Store(StoreError),
    /// See [`Begun::Again`].
    Again,
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Undone {
        Undone::Store(error)
    }
}

/// Begins to change an existing charge.
///
/// The key is looked up only when something is in the way: a new key meets a charge that allows the change. `careful`
/// looks first, after [`Begun::Again`].
pub fn begin_change(
    tx: &mut Tx<'_>,
    request: &Request,
    number: ChargeNumber,
    work: &Work,
    answers: &SealedAnswers,
    careful: bool,
) -> Result<Begun, Undone> {
    if careful && let Some(earlier) = earlier(tx, request, answers)? {
        return Ok(earlier);
    }
    let loaded = charge_rows::load_for_update(tx, request.shop, request.environment, number)?;
    let Some(loaded) = loaded else { return Ok(earlier(tx, request, answers)?.unwrap_or(Begun::NoSuchCharge)) };
    let now = clock::at(tx, request.environment, loaded.clock_offset_us);
    let charge = loaded.charge;
    if loaded.running.is_none() && request.seen.is_some_and(|seen| seen != charge.version) {
        return Ok(earlier(tx, request, answers)?.unwrap_or(Begun::Stale));
    }
    match work.decide(&charge.standing, now) {
        _ if loaded.running.is_some() => Ok(earlier(tx, request, answers)?.unwrap_or(Begun::Busy)),
        Err(refused) => refuse(tx, request, answers, refused, now),
        Ok(plan) => intend(tx, request, number, work, Some(charge), plan, now),
    }
}

/// Begins to make a charge, with an order number of this service and serial.
pub fn begin_pay(
    tx: &mut Tx<'_>,
    request: &Request,
    order: &Order,
    (service, serial): (ServiceId, u64),
    answers: &SealedAnswers,
) -> Result<Begun, Undone> {
    if let Some(earlier) = earlier(tx, request, answers)? {
        return Ok(earlier);
    }
    let now = clock::world_now(tx, request.shop, request.environment)?;
    let number = ChargeNumber::new(service, now.jst_date(), serial)
        .ok_or_else(|| StoreError::new(ErrorKind::Programming, "the service has used up its order numbers"))?;
    let plan = super::pay_plan(order, now);
    intend(tx, request, number, &Work::Pay(Box::new(order.clone())), None, plan, now)
}

fn intend(
    tx: &mut Tx<'_>,
    request: &Request,
    number: ChargeNumber,
    work: &Work,
    before: Option<Charge>,
    plan: Plan,
    now: Timestamp,
) -> Result<Begun, Undone> {
    let attempt = Attempt {
        shop: request.shop,
        environment: request.environment,
        id: request.attempt_id.clone(),
        charge: number,
        work: work.clone(),
        requester: request.requester.clone(),
        begun: now,
        tries: 0,
        waits: None,
    };
    let leased_until = tx.machine_now().plus_micros(LEASE_MICROS);
    let version = before.as_ref().map_or(0, |charge| charge.version);
    let key = request.key.as_ref().map(|key| key.key.as_str());
    let mut statements = vec![rows::insert(&attempt, key, version, leased_until)];
    statements.extend(request.key.as_ref().map(|key| idempotency::claim(key, &attempt.id, now)));
    statements.extend(request.guards.iter().cloned());
    if tx.execute_all(&statements)?.contains(&0) {
        return Err(Undone::Again);
    }
    let intent = Intent { attempt, before, plan };
    if intent.plan.steps.is_empty() {
        return Ok(Begun::Changed(Box::new(finish::succeed(tx, &intent, &Receipts::default())?)));
    }
    Ok(Begun::Intent(Box::new(intent)))
}

/// What is known of the client's key; none if it is new or there is none.
fn earlier(tx: &mut Tx<'_>, request: &Request, answers: &SealedAnswers) -> Result<Option<Begun>, StoreError> {
    let Some(key) = &request.key else { return Ok(None) };
    Ok(match idempotency::find(tx, key)? {
        Known::Unused => None,
        Known::OtherRequest => Some(Begun::KeyReused),
        Known::Work(attempt) => Some(Begun::Earlier(attempt)),
        Known::Answered { status, answer } => Some(Begun::Answered(status, answers.open(key, answer)?)),
    })
}

/// A refusal that depends on the state is an answer, and is kept under the client's key.
fn refuse(
    tx: &mut Tx<'_>,
    request: &Request,
    answers: &SealedAnswers,
    refused: Refused,
    now: Timestamp,
) -> Result<Begun, Undone> {
    if let Some(earlier) = earlier(tx, request, answers)? {
        return Ok(earlier);
    }
    if let Some(key) = &request.key {
        let error = ApiError::from(refused);
        let keep = idempotency::keep_answer(key, now, error.status, answers.seal(key, &error.body()));
        if tx.execute_all(&[keep])?.contains(&0) {
            return Err(Undone::Again);
        }
    }
    Ok(Begun::Refused(refused))
}

//! `charge.check`: before the buyer's payment is authorized, the shop says whether it can sell. Sent once, within ten
//! seconds, logged, never tried again.

use kernel::outside::sortable_hex;
use kernel::{Environment, ShopId, Timestamp};
use store::{Statement, StoreError, Tx, clock};

use super::endpoint::{Endpoint, State};
use super::event_type::EventType;
use super::secrets::{self, Secrets};
use super::send::{Parcel, Try, send, unsent};
use super::{Webhooks, log, payload, rows};
use crate::charge::Order;
use crate::event::rows::id_of;

/// What the shop said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckOutcome {
    /// No endpoint hears of `charge.check`: nobody was asked.
    NotAsked,
    /// The shop answered 200.
    Passed,
    /// The shop answered otherwise, with this status.
    Refused(u16),
    /// No answer in time, or nobody could be asked although the shop wants to be; why.
    Unanswered(String),
}

/// What the shop said, and the try that has to be in the log.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What the shop said.
    pub outcome: CheckOutcome,
    /// None if nobody was asked.
    made: Option<Try>,
}

impl Asked {
    /// Writes the try into the log: to be committed with what follows from the answer. Twice is once.
    pub fn entry(&self) -> Option<Statement<'static>> {
        self.made.as_ref().map(log::rows::insert)
    }
}

/// Who is to be asked, and when it is.
struct Asking {
    endpoint: Endpoint,
    secrets: Secrets,
    now: Timestamp,
}

impl Webhooks {
    /// Asks the shop whether it can sell `order`, to be paid by `attempt`. Call it before the payment is begun, outside of any
    /// transaction; the try belongs into the log under the attempt's id ([`Asked::entry`]). An endpoint that is disabled cannot
    /// be asked, and stops the order: the shop has said that it wants to be asked.
    pub async fn check(
        &self,
        shop: ShopId,
        environment: Environment,
        order: &Order,
        attempt: &str,
    ) -> Result<Asked, StoreError> {
        let vault = self.gateway.vault().clone();
        let asking = self.gateway.store().read(move |tx| asking(tx, &vault, shop, environment)).await?;
        let Some(Asking { endpoint, secrets, now }) = asking else {
            return Ok(Asked { outcome: CheckOutcome::NotAsked, made: None });
        };
        let event_id = id_of(&sortable_hex(self.gateway.store().machine_now(), self.gateway.entropy()));
        let parcel = Parcel {
            endpoint: &endpoint,
            secrets: &secrets,
            event_id: &event_id,
            kind: EventType::Check,
            charge: None,
            number: None,
            body: payload::check_body(&event_id, environment, order, now),
            open_id: Some(&order.open_id),
            limit: self.shared().limits.check,
        };
        let id = attempt.to_owned();
        let made = match endpoint.state {
            State::Active => Try { id, ..send(self, parcel).await },
            State::Disabled(_) => {
                let why = "the endpoint is disabled: the order was stopped without asking it".to_owned();
                unsent(&parcel, id, self.gateway.store().machine_now(), why)
            }
        };
        let outcome = outcome(&made);
        metrics::counter!("choba_webhook_checks_total", "outcome" => made.outcome()).increment(1);
        Ok(Asked { outcome, made: Some(made) })
    }

    /// Writes a try into the log.
    pub(super) async fn log(&self, made: Try) -> Result<(), StoreError> {
        let log = move |tx: &mut Tx<'_>| tx.execute_all(&[log::rows::insert(&made)]).map(|_| ());
        self.gateway.store().write(log).await
    }
}

fn asking(
    tx: &mut Tx<'_>,
    vault: &shop::Vault,
    shop: ShopId,
    environment: Environment,
) -> Result<Option<Asking>, StoreError> {
    let Some(endpoint) = rows::subscribed(tx, shop, environment, EventType::Check)? else { return Ok(None) };
    let secrets = secrets::load(tx, vault, shop, environment)?;
    Ok(Some(Asking { endpoint, secrets, now: clock::world_now(tx, shop, environment)? }))
}

/// "HTTP 200 lets the order pass; any other answer, or none within the time limit, stops it."
fn outcome(made: &Try) -> CheckOutcome {
    match &made.answer {
        Ok(answer) if answer.status == 200 => CheckOutcome::Passed,
        Ok(answer) => CheckOutcome::Refused(answer.status),
        Err(error) => CheckOutcome::Unanswered(error.clone()),
    }
}

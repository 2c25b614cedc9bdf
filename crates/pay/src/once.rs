//! A change that a shop asks for, by API or dashboard: in one transaction with its audit row and, if the request has an
//! idempotency key, its answer. Not for what asks an outside party: that is an [`crate::attempt`].

use kernel::outside::sortable_hex;
use kernel::{Environment, ShopId};
use serde::Serialize;
use store::Tx;
use store::audit::{self, NewEntry};
use store::idempotency::{self, Known, RequestKey};

use crate::attempt::Requester;
use crate::error::ApiError;
use crate::gateway::Gateway;

/// The answer to an operation: JSON.
pub type Answer = Vec<u8>;

/// Who asks for a change.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Whose it is.
    pub shop: ShopId,
    /// In which environment.
    pub environment: Environment,
    /// Who.
    pub requester: Requester,
    /// The client's idempotency key, if it sent one; its scope is `api`.
    pub key: Option<RequestKey>,
}

/// What an operation did.
pub(crate) struct Outcome<T> {
    pub answer: T,
    /// `webhook.create` …
    pub action: &'static str,
    /// What it was done to.
    pub object: String,
    /// The fields that changed.
    pub fields: serde_json::Value,
}

pub(crate) fn json(answer: &impl Serialize) -> Answer {
    serde_json::to_vec(answer).expect("answers are JSON")
}

/// Runs `operation` once for its idempotency key: the same request gets the first answer again.
pub(crate) async fn once<T: Serialize>(
    gateway: &Gateway,
    asked: &Asked,
    operation: impl Fn(&mut Tx<'_>) -> Result<Outcome<T>, ApiError> + Send + 'static,
) -> Result<Answer, ApiError> {
    let (asked, answers) = (asked.clone(), gateway.answers().clone());
    let id = sortable_hex(gateway.store().machine_now(), gateway.entropy());
    gateway
        .store()
        .write(move |tx| {
            if let Some(key) = &asked.key {
                match idempotency::find(tx, key)? {
                    Known::Unused => {}
                    Known::Answered { answer, .. } => return Ok(answers.open(key, answer)?),
                    Known::OtherRequest | Known::Work(_) => return Err(ApiError::key_reused()),
                }
            }
            let outcome = operation(tx)?;
            let answer = json(&outcome.answer);
            let fields = outcome.fields.to_string();
            let now = tx.machine_now();
            let entry = NewEntry {
                shop: asked.shop,
                id: &id,
                at: now,
                actor: &asked.requester.actor,
                origin: &asked.requester.origin,
                action: outcome.action,
                object: &outcome.object,
                fields: &fields,
            };
            let kept = asked.key.as_ref().map(|key| {
                let sealed = answers.seal(key, &answer);
                idempotency::keep_answer(key, now, 200, sealed)
            });
            let statements: Vec<_> = kept.into_iter().chain([audit::record(&entry)]).collect();
            if tx.execute_all(&statements)?.contains(&0) {
                return Err(ApiError::service("request_running", "The same request is under way."));
            }
            Ok(answer)
        })
        .await
}

//! Adding, changing, enabling, disabling and deleting endpoints, and their certificates.

use kernel::outside::sortable_hex;
use serde::Serialize;
use serde_json::json;
use store::{Tx, outbox};

use super::view::{EndpointObject, shown};
use super::{Answer, Asked, Outcome, no_such_endpoint};
use crate::error::ApiError;
use crate::webhook::endpoint::{self, ENDPOINTS_MAX, Endpoint, Key, Reason, State};
use crate::webhook::event_type::EventType;
use crate::webhook::{Webhooks, rows};

/// A new endpoint, as it was asked for.
#[derive(Clone, Debug)]
pub struct NewEndpoint {
    /// Where to.
    pub url: String,
    /// What it hears of.
    pub types: Vec<EventType>,
    /// The server certificate to accept, DER or PEM.
    pub certificate: Option<Vec<u8>>,
}

/// What is to be changed of an endpoint.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// Where to.
    pub url: Option<String>,
    /// What it hears of.
    pub types: Option<Vec<EventType>>,
}

/// What is left of a deleted endpoint.
#[derive(Serialize)]
struct Deleted {
    object: &'static str,
    id: String,
    deleted: bool,
    given_up: u64,
}

/// A change of one endpoint that exists: what it is now becomes what the closure makes of it.
type Changed = Result<(&'static str, serde_json::Value), ApiError>;

impl Webhooks {
    /// Adds an endpoint.
    pub async fn create(&self, asked: &Asked, new: NewEndpoint) -> Result<Answer, ApiError> {
        let now = self.gateway.store().machine_now();
        let url = endpoint::url(&new.url, asked.environment, self.shared().client.guard())?;
        let certificate = new.certificate.as_deref().map(|file| endpoint::certificate(file, &url, now)).transpose()?;
        let key = asked.endpoint(&format!("we_{}", sortable_hex(now, self.gateway.entropy())));
        let types = sorted(new.types);
        let made = Endpoint { key, url, state: State::Active, failing_since: None, certificate, created: now, types };
        let create = move |tx: &mut Tx<'_>| {
            if rows::list(tx, made.key.shop, made.key.environment)?.len() >= ENDPOINTS_MAX {
                let message = format!("There are {ENDPOINTS_MAX} endpoints in this environment already.");
                return Err(ApiError::invalid("too_many_endpoints", message));
            }
            tx.execute_all(&[rows::insert(&made)])?;
            subscribe(tx, &made.key, &made.types)?;
            let fields = json!({
                "url": [null, made.url], "events": [null, words(&made.types)],
                "certificate": [null, made.certificate.as_ref().map(|pin| pin.subject())],
            });
            let (action, object) = ("webhook.create", made.key.object());
            Ok(Outcome { answer: shown(tx, &made)?, action, object, fields })
        };
        self.once(asked, create).await
    }

    /// Changes URL or types. A certificate that is not for the new URL's host has to go first.
    pub async fn change(&self, asked: &Asked, id: &str, edit: Edit) -> Result<Answer, ApiError> {
        let guard = self.shared().client.guard();
        let url = edit.url.map(|url| endpoint::url(&url, asked.environment, guard)).transpose()?;
        let types = edit.types.map(sorted);
        let now = self.gateway.store().machine_now();
        self.edit(asked, id, move |tx, endpoint| {
            let before = (endpoint.url.clone(), words(&endpoint.types));
            if let Some(url) = &url {
                if let Some(pin) = &endpoint.certificate {
                    endpoint::certificate(pin.der(), url, now)?;
                }
                endpoint.url.clone_from(url);
            }
            if let Some(types) = &types {
                subscribe(tx, &endpoint.key, types)?;
                endpoint.types.clone_from(types);
            }
            let after = (&endpoint.url, words(&endpoint.types));
            Ok(("webhook.change", json!({ "url": [before.0, after.0], "events": [before.1, after.1] })))
        })
        .await
    }

    /// Delivers again what was kept.
    pub async fn enable(&self, asked: &Asked, id: &str) -> Result<Answer, ApiError> {
        self.edit(asked, id, |_, endpoint| {
            let was = std::mem::replace(&mut endpoint.state, State::Active) == State::Active;
            endpoint.failing_since = None;
            Ok(("webhook.enable", json!({ "state": [if was { "active" } else { "disabled" }, "active"] })))
        })
        .await
    }

    /// Keeps what is to be delivered.
    pub async fn disable(&self, asked: &Asked, id: &str) -> Result<Answer, ApiError> {
        self.edit(asked, id, |_, endpoint| {
            let was = endpoint.state == State::Active;
            if was {
                endpoint.state = State::Disabled(Reason::Shop);
            }
            Ok(("webhook.disable", json!({ "state": [if was { "active" } else { "disabled" }, "disabled"] })))
        })
        .await
    }

    /// Accepts exactly this server certificate, and no other.
    pub async fn set_certificate(&self, asked: &Asked, id: &str, file: Vec<u8>) -> Result<Answer, ApiError> {
        let now = self.gateway.store().machine_now();
        self.edit(asked, id, move |_, endpoint| {
            let pin = endpoint::certificate(&file, &endpoint.url, now)?;
            let was = endpoint.certificate.replace(pin);
            let is = endpoint.certificate.as_ref().map(|pin| pin.subject());
            let fields = json!({ "certificate": [was.as_ref().map(|pin| pin.subject()), is] });
            Ok(("webhook.set_certificate", fields))
        })
        .await
    }

    /// Accepts publicly trusted certificates again.
    pub async fn remove_certificate(&self, asked: &Asked, id: &str) -> Result<Answer, ApiError> {
        self.edit(asked, id, |_, endpoint| {
            let was = endpoint.certificate.take();
            Ok(("webhook.remove_certificate", json!({ "certificate": [was.as_ref().map(|pin| pin.subject()), null] })))
        })
        .await
    }

    /// Deletes an endpoint. What waits for it is given up, visibly: it can be sent again to another.
    pub async fn delete(&self, asked: &Asked, id: &str) -> Result<Answer, ApiError> {
        let key = asked.endpoint(id);
        let delete = move |tx: &mut Tx<'_>| {
            let found = rows::find_for_update(tx, &key)?.ok_or_else(no_such_endpoint)?;
            rows::set_types(tx, &key, &[])?;
            tx.execute_all(&[rows::delete(&key)])?;
            let given_up = outbox::abandon(tx, key.shop, &key.topic(), "the endpoint was deleted")?;
            let answer = Deleted { object: "webhook_endpoint", id: key.id.clone(), deleted: true, given_up };
            let fields = json!({ "url": [found.url, null], "given_up": given_up });
            Ok(Outcome { answer, action: "webhook.delete", object: key.object(), fields })
        };
        self.once(asked, delete).await
    }

    async fn edit(
        &self,
        asked: &Asked,
        id: &str,
        change: impl Fn(&mut Tx<'_>, &mut Endpoint) -> Changed + Send + 'static,
    ) -> Result<Answer, ApiError> {
        let key = asked.endpoint(id);
        let edit = move |tx: &mut Tx<'_>| {
            let mut endpoint = rows::find_for_update(tx, &key)?.ok_or_else(no_such_endpoint)?;
            let (action, fields) = change(tx, &mut endpoint)?;
            tx.execute_all(&[rows::save(&endpoint)])?;
            let answer: EndpointObject = shown(tx, &endpoint)?;
            Ok(Outcome { answer, action, object: key.object(), fields })
        };
        self.once(asked, edit).await
    }
}

fn subscribe(tx: &mut Tx<'_>, key: &Key, types: &[EventType]) -> Result<(), ApiError> {
    let Some(taken) = rows::set_types(tx, key, types)? else { return Ok(()) };
    let other = rows::subscribed(tx, key.shop, key.environment, taken)?;
    let other = other.map(|other| format!(" ({})", other.key.id)).unwrap_or_default();
    let message = format!("events: {taken} goes to another endpoint{other}; each type has one endpoint.");
    Err(ApiError::invalid("event_taken", message))
}

fn sorted(mut types: Vec<EventType>) -> Vec<EventType> {
    types.sort();
    types.dedup();
    types
}

fn words(types: &[EventType]) -> Vec<&'static str> {
    types.iter().map(|kind| kind.as_str()).collect()
}

//! An endpoint, as the API shows it.

use serde::Serialize;
use store::{StoreError, Tx};

use crate::webhook::endpoint::{Endpoint, Key, State};
use crate::webhook::{log, rows};

/// An endpoint, as the API shows it.
#[derive(Clone, Debug, Serialize)]
pub struct EndpointObject {
    object: &'static str,
    /// Its name.
    pub id: String,
    /// Where it counts.
    pub environment: &'static str,
    /// Where to.
    pub url: String,
    /// What it hears of.
    pub events: Vec<&'static str>,
    /// `active` or `disabled`.
    pub state: &'static str,
    /// Why it is disabled: `shop`, `failing` or `gone`.
    pub disabled_for: Option<&'static str>,
    /// Unix seconds, world time.
    pub failing_since: Option<i64>,
    /// The server certificate that is accepted instead of publicly trusted ones.
    pub certificate: Option<CertificateObject>,
    /// Events that wait for it.
    pub waiting: i64,
    /// The last try.
    pub last_attempt: Option<LastAttempt>,
    /// Unix seconds.
    pub created: i64,
}

/// A pinned certificate, as the API shows it.
#[derive(Clone, Debug, Serialize)]
pub struct CertificateObject {
    /// Whose it is.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// The hosts it is for.
    pub hosts: Vec<String>,
    /// Valid from, Unix seconds.
    pub not_before: i64,
    /// Valid until, Unix seconds.
    pub not_after: i64,
}

/// The last try to reach an endpoint.
#[derive(Clone, Debug, Serialize)]
pub struct LastAttempt {
    /// Its name in the log.
    pub id: String,
    /// `delivered`, `refused` or `unanswered`.
    pub outcome: String,
    /// HTTP status of the answer; null if there was none.
    pub status: Option<i64>,
    /// Machine time, microseconds since 1970 UTC.
    pub started_us: i64,
}

/// A list of anything.
#[derive(Clone, Debug, Serialize)]
pub struct List<T> {
    object: &'static str,
    /// What is in it.
    pub data: Vec<T>,
}

impl<T> List<T> {
    /// A list of these.
    pub fn of(data: Vec<T>) -> List<T> {
        List { object: "list", data }
    }
}

/// What is shown of `endpoint`, with how much waits for it.
pub(super) fn shown(tx: &mut Tx<'_>, endpoint: &Endpoint) -> Result<EndpointObject, StoreError> {
    let (state, disabled_for) = match &endpoint.state {
        State::Active => ("active", None),
        State::Disabled(reason) => ("disabled", Some(reason.as_str())),
    };
    let certificate = endpoint.certificate.as_ref().map(|certificate| CertificateObject {
        subject: certificate.subject().to_owned(),
        issuer: certificate.issuer().to_owned(),
        hosts: certificate.hosts().map(str::to_owned).collect(),
        not_before: certificate.not_before().seconds(),
        not_after: certificate.not_after().seconds(),
    });
    let Key { shop, environment, id } = &endpoint.key;
    let newest = log::Filter { endpoint: Some(id.clone()), limit: 1, ..log::Filter::default() };
    let last = log::rows::list(tx, *shop, *environment, &newest)?.pop();
    let last_attempt = last.map(|tried| LastAttempt {
        id: tried.id,
        outcome: tried.outcome,
        status: tried.response.map(|response| response.status),
        started_us: tried.started_us,
    });
    Ok(EndpointObject {
        object: "webhook_endpoint",
        id: endpoint.key.id.clone(),
        environment: environment.as_str(),
        url: endpoint.url.clone(),
        events: endpoint.types.iter().map(|kind| kind.as_str()).collect(),
        state,
        disabled_for,
        failing_since: endpoint.failing_since.map(kernel::Timestamp::seconds),
        certificate,
        waiting: rows::waiting(tx, &endpoint.key)?,
        last_attempt,
        created: endpoint.created.seconds(),
    })
}

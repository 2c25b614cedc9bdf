//! An endpoint, as the API shows it.

use serde::Serialize;
use store::{StoreError, Tx};

use crate::webhook::endpoint::{Endpoint, State};
use crate::webhook::rows;

/// An endpoint, as the API shows it.
#[derive(Clone, Debug, Serialize)]
pub struct EndpointObject {
    object: &'static str,
    id: String,
    environment: &'static str,
    url: String,
    events: Vec<&'static str>,
    state: &'static str,
    disabled_for: Option<&'static str>,
    /// Unix seconds, world time.
    failing_since: Option<i64>,
    certificate: Option<CertificateObject>,
    waiting: i64,
    created: i64,
}

#[derive(Clone, Debug, Serialize)]
struct CertificateObject {
    subject: String,
    issuer: String,
    hosts: Vec<String>,
    not_before: i64,
    not_after: i64,
}

/// A list of anything.
#[derive(Clone, Debug, Serialize)]
pub struct List<T> {
    object: &'static str,
    data: Vec<T>,
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
    Ok(EndpointObject {
        object: "webhook_endpoint",
        id: endpoint.key.id.clone(),
        environment: endpoint.key.environment.as_str(),
        url: endpoint.url.clone(),
        events: endpoint.types.iter().map(|kind| kind.as_str()).collect(),
        state,
        disabled_for,
        failing_since: endpoint.failing_since.map(kernel::Timestamp::seconds),
        certificate,
        waiting: rows::waiting(tx, &endpoint.key)?,
        created: endpoint.created.seconds(),
    })
}

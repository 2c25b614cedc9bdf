//! Webhooks: endpoints that can be delivered to, messages that tell of what happened, tries that were made.

use store::{StoreError, Tx};

use super::report::Findings;
use super::rows::webhook::{self as rows, Wrong};
use crate::webhook::endpoint::Reason;
use crate::webhook::event_type::EventType;

/// Recounts endpoints, what they hear of, their messages and the log.
pub(super) fn check(tx: &mut Tx<'_>, found: &mut Findings) -> Result<(), StoreError> {
    for endpoint in rows::endpoints(tx)? {
        let row = endpoint.area.row("webhook_endpoint", &endpoint.id);
        for problem in problems(&endpoint) {
            found.add("webhook", row.clone(), problem);
        }
    }
    for (table, list) in [
        ("webhook_subscription", rows::subscriptions_without_endpoint(tx)?),
        ("webhook_attempt", rows::tries_without_event(tx)?),
    ] {
        for Wrong { area, key, other, problem } in list {
            let (row, other) = (area.row(table, key), area.row(other.0, other.1));
            found.both("webhook", row, other, problem);
        }
    }
    for Wrong { area, key, other, problem } in rows::unknown_types(tx)?.into_iter().filter(is_unknown) {
        let _same_table = other;
        found.add("webhook", area.row("webhook_subscription", key), problem);
    }
    for Wrong { area, key, other, problem } in rows::messages_without_event(tx)? {
        let row = format!("outbox {}/{key}", area.shop);
        found.both("webhook", row, area.row(other.0, other.1), problem);
    }
    Ok(())
}

fn is_unknown(wrong: &Wrong) -> bool {
    !EventType::SUBSCRIBED.iter().any(|kind| kind.as_str() == wrong.key)
}

fn problems(endpoint: &rows::Stored) -> Vec<String> {
    let mut problems = Vec::new();
    if let Err(error) = outbound::Target::parse(&endpoint.url) {
        problems.push(format!("its URL cannot be requested: {error}"));
    } else if endpoint.area.environment != "sandbox" && !endpoint.url.to_ascii_lowercase().starts_with("https:") {
        problems.push("its URL is not https, outside of the sandbox".to_owned());
    }
    if endpoint.area.known().is_none() {
        problems.push("its environment is none".to_owned());
    }
    if let Some(reason) = endpoint.disabled_for.as_deref().filter(|reason| reason.parse::<Reason>().is_err()) {
        problems.push(format!("it is disabled for an unknown reason, {reason:?}"));
    }
    if let Some(Err(error)) = endpoint.certificate.as_deref().map(outbound::PinnedCertificate::parse) {
        problems.push(format!("its certificate is none: {error}"));
    }
    problems
}

//! The shapes of webhooks: endpoints, tries, events.

use pay::webhook::EventType;
use pay::webhook::endpoint::URL_MAX;
use serde_json::{Map, Value, json};

use super::reference;
use super::schema::{complete, or_null, seconds, text};
use crate::api::webhook::OUTCOMES;

const HEX_32: &str = "0190a1b2c3d4e5f60718293a4b5c6d7e";

pub(super) fn event_id() -> String {
    format!("evt_{HEX_32}")
}

pub(super) fn endpoint_example() -> Value {
    json!({
        "object": "webhook_endpoint", "id": format!("we_{HEX_32}"), "environment": "sandbox",
        "url": "https://shop.example/webhook", "events": ["charge.captured"], "state": "active",
        "disabled_for": null, "failing_since": null, "certificate": null, "waiting": 0, "last_attempt": null,
        "created": 1_795_305_600,
    })
}

pub(super) fn attempt_example() -> Value {
    let response = json!({ "status": 200, "headers": [["content-length", "2"]], "body": "ok", "truncated": false });
    let request = json!({
        "headers": [["webhook-id", event_id()]], "body_sha256": "0".repeat(64), "body_bytes": 142, "body": null,
    });
    json!({
        "object": "webhook_attempt", "id": HEX_32, "endpoint": format!("we_{HEX_32}"), "event": event_id(),
        "type": "ping", "charge": null, "number": null, "url": "https://shop.example/webhook",
        "started_us": 1_795_305_600_000_000_i64, "took_us": 1_500, "outcome": "delivered", "request": request,
        "response": response, "error": null,
    })
}

pub(super) fn feed_example() -> Value {
    json!({ "object": "event_feed", "next": 43, "data": [] })
}

pub(super) fn all() -> Map<String, Value> {
    let schemas = json!({
        "WebhookEndpoint": endpoint(),
        "WebhookEndpointList": list("WebhookEndpoint"),
        "NewWebhook": new_endpoint(),
        "WebhookChange": change(),
        "DeletedWebhook": complete("What is left of an endpoint.", json!({
            "object": { "const": "webhook_endpoint" },
            "id": id("we_"),
            "deleted": { "const": true },
            "given_up": count("Events that waited for it"),
        })),
        "WebhookAttempt": attempt(),
        "WebhookAttemptList": list("WebhookAttempt"),
        "Event": event(),
        "EventList": list("Event"),
        "Resent": complete("An event that leaves again.", json!({
            "object": { "const": "webhook_resend" }, "event": id("evt_"), "endpoint": id("we_"),
        })),
        "Replay": replay(),
        "Replayed": complete("Events that leave again.", json!({
            "object": { "const": "webhook_replay" },
            "resent": count("How many"),
            "skipped": count("How many no endpoint hears of"),
            "next": or_null(id("evt_")),
        })),
        "ReplayCount": complete("What a replay would do.", json!({
            "object": { "const": "webhook_replay_count" },
            "resent": count("Events that would leave again"),
            "skipped": count("Events that no endpoint hears of"),
            "next": or_null(id("evt_")),
        })),
        "EventFeed": feed(),
    });
    schemas.as_object().cloned().unwrap_or_default()
}

/// A name: `prefix` and 32 hex digits.
pub(super) fn id(prefix: &str) -> Value {
    json!({ "type": "string", "pattern": format!("^{prefix}[0-9a-f]{{32}}$") })
}

/// The types that an endpoint can hear of.
pub(super) fn kinds() -> Value {
    EventType::SUBSCRIBED.iter().map(|kind| kind.as_str()).collect()
}

/// Every type of event.
pub(super) fn every_kind() -> Value {
    EventType::ALL.iter().map(|kind| kind.as_str()).collect()
}

fn count(description: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": format!("{description}.") })
}

pub(super) fn list(of: &str) -> Value {
    let data = json!({ "type": "array", "items": reference("schemas", of) });
    complete("A page.", json!({ "object": { "const": "list" }, "data": data }))
}

fn kinds_list() -> Value {
    json!({ "type": "array", "items": { "type": "string", "enum": kinds() }, "description": "Types of events." })
}

fn pairs(description: &str) -> Value {
    let pair = json!({ "type": "array", "minItems": 2, "maxItems": 2, "items": { "type": "string" } });
    json!({ "type": "array", "items": pair, "description": format!("{description}: pairs of name and value.") })
}

fn url() -> Value {
    text("http or https in the sandbox, elsewhere https.", json!({ "maxLength": URL_MAX }))
}

fn endpoint() -> Value {
    let certificate = complete(
        "The server certificate that is accepted instead of publicly trusted ones.",
        json!({
            "subject": { "type": "string" }, "issuer": { "type": "string" },
            "hosts": { "type": "array", "items": { "type": "string" } },
            "not_before": seconds("Valid from"), "not_after": seconds("Valid until"),
        }),
    );
    let last = complete(
        "The last try to reach it.",
        json!({
            "id": id(""), "outcome": { "type": "string", "enum": OUTCOMES },
            "status": { "type": ["integer", "null"] },
            "started_us": { "type": "integer", "description": "Real time, microseconds since 1970 UTC." },
        }),
    );
    complete(
        "Where a shop's server hears of events.",
        json!({
            "object": { "const": "webhook_endpoint" },
            "id": id("we_"),
            "environment": { "type": "string", "enum": ["sandbox", "test", "live"] },
            "url": url(),
            "events": kinds_list(),
            "state": { "type": "string", "enum": ["active", "disabled"] },
            "disabled_for": {
                "type": ["string", "null"],
                "description": "`shop` said so, it was `failing` for five days, or it answered 410 (`gone`).",
            },
            "failing_since": or_null(seconds("The first failure since the last success, in the environment's time")),
            "certificate": or_null(certificate),
            "waiting": count("Events that wait for it"),
            "last_attempt": or_null(last),
            "created": seconds("When it was added"),
        }),
    )
}

fn new_endpoint() -> Value {
    json!({
        "type": "object", "required": ["url", "events"], "additionalProperties": false,
        "description": "A new endpoint.",
        "properties": {
            "url": url(), "events": kinds_list(),
            "certificate": { "type": ["string", "null"], "description": "A server certificate, PEM." },
        },
    })
}

fn change() -> Value {
    json!({
        "type": "object", "additionalProperties": false,
        "description": "What is to be changed; what is left out stays.",
        "properties": { "url": or_null(url()), "events": or_null(kinds_list()) },
    })
}

fn attempt() -> Value {
    let request = complete(
        "What was sent. The webhook secret is masked.",
        json!({
            "headers": pairs("Headers"),
            "body_sha256": { "type": "string", "pattern": "^[0-9a-f]{64}$" },
            "body_bytes": count("Length of the body"),
            "body": { "type": ["string", "null"] },
        }),
    );
    let response = complete(
        "What came back.",
        json!({
            "status": { "type": "integer" }, "headers": pairs("Headers"),
            "body": { "type": "string" }, "truncated": { "type": "boolean" },
        }),
    );
    complete(
        "One try to tell a shop's server of an event.",
        json!({
            "object": { "const": "webhook_attempt" },
            "id": id(""),
            "endpoint": id("we_"),
            "event": id("evt_"),
            "type": { "type": "string" },
            "charge": { "type": ["string", "null"] },
            "number": { "type": ["integer", "null"], "description": "Which try, from 1." },
            "url": { "type": "string" },
            "started_us": { "type": "integer", "description": "Real time, microseconds since 1970 UTC." },
            "took_us": count("How long it took, in microseconds"),
            "outcome": { "type": "string", "enum": OUTCOMES },
            "request": request,
            "response": or_null(response),
            "error": { "type": ["string", "null"], "description": "Why nothing came back." },
        }),
    )
}

fn event() -> Value {
    let data = complete("The charge.", json!({ "object": reference("schemas", "Charge") }));
    complete(
        "What happened.",
        json!({
            "object": { "const": "event" },
            "id": id("evt_"),
            "livemode": { "type": "boolean" },
            "type": { "type": "string" },
            "synchronous": { "type": "boolean" },
            "data": or_null(data),
            "pending_webhooks": count("Deliveries that are still open"),
            "created": seconds("When it happened"),
        }),
    )
}

fn replay() -> Value {
    json!({
        "type": "object", "required": ["from", "to"], "additionalProperties": false,
        "description": "Which events.",
        "properties": {
            "from": seconds("Happened at or after"), "to": seconds("Happened before"),
            "events": or_null(kinds_list()),
            "after": or_null(id("evt_")),
        },
    })
}

fn feed() -> Value {
    let delivery = complete(
        "An event as it would be delivered.",
        json!({
            "id": id("evt_"), "type": { "type": "string" }, "charge": { "type": "string" },
            "headers": pairs("Headers"), "body": reference("schemas", "Event"),
        }),
    );
    complete(
        "Events in the order in which they were chained.",
        json!({
            "object": { "const": "event_feed" },
            "next": { "type": "integer", "description": "The place to go on after." },
            "data": { "type": "array", "items": delivery },
        }),
    )
}

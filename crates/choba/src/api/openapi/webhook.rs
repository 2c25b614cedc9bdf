//! Webhooks: endpoints, the log of tries, events.

use pay::ApiError;
use pay::webhook::operations::resend::REPLAY_MAX;
use pay::webhook::schedule;
use serde_json::{Map, Value, json};

use super::answer::{answers, good, of_authenticated};
use super::content;
use super::introduction::{TOKEN, WEBHOOK_TAG};
use super::parameter::{self, shared};
use super::webhook_schema::{attempt_example, endpoint_example, event_id, feed_example};
use crate::api::webhook::BASE;

const JSON: &str = "application/json";

pub(super) fn paths() -> Map<String, Value> {
    let paths = [
        ("/webhooks", json!({ "get": list(), "post": create() })),
        ("/webhooks/{endpoint}", json!({ "get": show(), "post": change(), "delete": remove() })),
        ("/webhooks/{endpoint}/enable", json!({ "post": switch("enable", "Deliver again, what was kept first") })),
        ("/webhooks/{endpoint}/disable", json!({ "post": switch("disable", "Keep what is to be delivered") })),
        ("/webhooks/{endpoint}/ping", json!({ "post": ping() })),
        ("/webhooks/{endpoint}/certificate", json!({ "put": set_certificate(), "delete": remove_certificate() })),
        ("/webhook-attempts", json!({ "get": attempts() })),
        ("/webhook-attempts/{attempt}", json!({ "get": attempt() })),
        ("/events", json!({ "get": events() })),
        ("/events/{event}/resend", json!({ "post": resend() })),
        ("/events/replay", json!({ "get": count_replay(), "post": replay() })),
        ("/events/listen", json!({ "post": listen() })),
        ("/events/feed", json!({ "get": feed() })),
    ];
    paths.into_iter().map(|(path, item)| (format!("{BASE}{path}"), item)).collect()
}

/// What all of these operations have.
pub(super) struct Operation {
    tag: &'static str,
    id: &'static str,
    summary: &'static str,
    description: String,
    parameters: Vec<Value>,
    body: Option<Value>,
    answer: Value,
    refusals: Vec<ApiError>,
}

impl Operation {
    fn new(id: &'static str, summary: &'static str, answer: Value) -> Operation {
        Operation::of((WEBHOOK_TAG, "webhooks"), id, summary, answer)
    }

    /// One of another tag, for tokens with another scope.
    pub(super) fn of(
        (tag, scope): (&'static str, &str),
        id: &'static str,
        summary: &'static str,
        answer: Value,
    ) -> Operation {
        let (parameters, refusals) = (vec![shared("Shop"), shared("Environment")], of_token(scope));
        Operation { tag, id, summary, description: String::new(), parameters, body: None, answer, refusals }
    }

    pub(super) fn with(mut self, parameters: impl IntoIterator<Item = Value>) -> Operation {
        self.parameters.extend(parameters);
        self
    }

    pub(super) fn says(mut self, description: impl Into<String>) -> Operation {
        self.description = description.into();
        self
    }

    /// It changes something.
    pub(super) fn changes(mut self) -> Operation {
        self.parameters.push(shared("IdempotencyKey"));
        self.refusals.extend([
            ApiError::parameter("Idempotency-Key", "given once"),
            ApiError::key_reused(),
            ApiError::outcome_unknown(),
            ApiError::read_only(),
            ApiError::service("request_running", "The same request is under way."),
        ]);
        self
    }

    pub(super) fn takes(mut self, schema: &str, example: Value) -> Operation {
        let not_json = serde_json::from_str::<Value>("{").expect_err("half an object is no JSON");
        self.refusals.extend([
            ApiError::invalid_json(&not_json),
            ApiError::parameter("a field", "what is described"),
            ApiError::invalid("unreadable_body", "The body could not be read."),
        ]);
        self.body = Some(json!({ "required": true, "content": content(JSON, schema, example) }));
        self
    }

    pub(super) fn refuses(mut self, refusals: impl IntoIterator<Item = ApiError>) -> Operation {
        self.refusals.extend(refusals);
        self
    }

    pub(super) fn json(self) -> Value {
        let mut operation = json!({
            "operationId": self.id,
            "tags": [self.tag],
            "summary": self.summary,
            "security": [{ TOKEN: [] }],
            "parameters": self.parameters,
            "responses": answers(self.answer, self.refusals),
        });
        if !self.description.is_empty() {
            operation["description"] = self.description.into();
        }
        if let Some(body) = self.body {
            operation["requestBody"] = body;
        }
        operation
    }
}

fn of_token(scope: &str) -> Vec<ApiError> {
    let mut refusals = of_authenticated("Send a valid token as Authorization: Bearer choba_….");
    let message = format!("The token needs the scope {scope} for this shop.");
    refusals.push(ApiError::forbidden("insufficient_scope", &message));
    refusals.push(ApiError::missing_resource("There is nothing of this name."));
    refusals.push(ApiError::no_such_path());
    refusals
}

pub(super) fn of_query() -> Vec<ApiError> {
    vec![ApiError::parameter("a parameter", "what is described"), ApiError::too_many_parameters()]
}

fn endpoint(description: &str) -> Value {
    good(description, "WebhookEndpoint", endpoint_example())
}

fn list() -> Value {
    let example = json!({ "object": "list", "data": [endpoint_example()] });
    Operation::new("list_webhooks", "Endpoints", good("Every endpoint.", "WebhookEndpointList", example)).json()
}

fn create() -> Value {
    Operation::new("create_webhook", "Add an endpoint", endpoint("The endpoint."))
        .says("Each type of event goes to one endpoint of the environment; an endpoint may hear of several.")
        .changes()
        .takes("NewWebhook", json!({ "url": "https://shop.example/webhook", "events": ["charge.captured"] }))
        .refuses([event_taken(), bad_certificate(), too_many()])
        .json()
}

fn event_taken() -> ApiError {
    ApiError::invalid("event_taken", "events: the type goes to another endpoint; each type has one endpoint.")
}

fn bad_certificate() -> ApiError {
    ApiError::invalid("invalid_certificate", "certificate: why it cannot serve")
}

fn too_many() -> ApiError {
    ApiError::invalid("too_many_endpoints", "There are too many endpoints in this environment already.")
}

fn show() -> Value {
    Operation::new("show_webhook", "An endpoint", endpoint("The endpoint.")).with([shared("Endpoint")]).json()
}

fn change() -> Value {
    Operation::new("change_webhook", "Change the URL or the types of an endpoint", endpoint("The endpoint, changed."))
        .with([shared("Endpoint")])
        .changes()
        .takes("WebhookChange", json!({ "events": ["charge.captured", "charge.refunded"] }))
        .refuses([event_taken(), bad_certificate()])
        .json()
}

fn remove() -> Value {
    let example =
        json!({ "object": "webhook_endpoint", "id": endpoint_example()["id"], "deleted": true, "given_up": 0 });
    let deleted = good("How many events were given up.", "DeletedWebhook", example);
    Operation::new("delete_webhook", "Delete an endpoint", deleted)
        .says("What waits for it is given up, visibly; another endpoint can be sent it again.")
        .with([shared("Endpoint")])
        .changes()
        .json()
}

fn switch(verb: &str, summary: &'static str) -> Value {
    let id = if verb == "enable" { "enable_webhook" } else { "disable_webhook" };
    Operation::new(id, summary, endpoint("The endpoint.")).with([shared("Endpoint")]).changes().json()
}

fn ping() -> Value {
    let pinged = good("What was sent, and what came back.", "WebhookAttempt", attempt_example());
    Operation::new("ping_webhook", "Check the connection", pinged)
        .says("Sends one event of the type `ping`, and answers when the shop's server has, or the time is over.")
        .with([shared("Endpoint")])
        .changes()
        .json()
}

fn set_certificate() -> Value {
    let mut operation =
        Operation::new("set_webhook_certificate", "Upload a server certificate", endpoint("The endpoint."))
            .says(
                "The file itself, CRT or CER, as DER or PEM. Exactly this certificate is then accepted, and no other.",
            )
            .with([shared("Endpoint")])
            .changes()
            .refuses([bad_certificate(), ApiError::invalid("unreadable_body", "The body could not be read.")]);
    let file = json!({ "type": "string", "description": "One certificate." });
    operation.body = Some(json!({ "required": true, "content": { "application/octet-stream": { "schema": file } } }));
    operation.json()
}

fn remove_certificate() -> Value {
    Operation::new(
        "remove_webhook_certificate",
        "Accept publicly trusted certificates again",
        endpoint("The endpoint."),
    )
    .with([shared("Endpoint")])
    .changes()
    .json()
}

fn attempts() -> Value {
    let example = json!({ "object": "list", "data": [attempt_example()] });
    Operation::new(
        "list_webhook_attempts",
        "The log of tries, newest first",
        good("Tries.", "WebhookAttemptList", example),
    )
    .says(format!(
        "Every try is logged. A delivery is tried {} times over about 75 hours, in the time of the environment.",
        schedule::TRIES
    ))
    .with(parameter::of_attempts())
    .refuses(of_query())
    .json()
}

fn attempt() -> Value {
    Operation::new("show_webhook_attempt", "One try", good("The try.", "WebhookAttempt", attempt_example()))
        .says("With the body that was sent, as long as nothing of it was erased.")
        .with([shared("Attempt")])
        .json()
}

fn events() -> Value {
    let listed = good("Events.", "EventList", json!({ "object": "list", "data": [] }));
    Operation::new("list_events", "Events, newest first", listed)
        .with(parameter::of_events())
        .refuses(of_query())
        .json()
}

fn resend() -> Value {
    let example = json!({ "object": "webhook_resend", "event": event_id(), "endpoint": endpoint_example()["id"] });
    Operation::new("resend_event", "Send an event again", good("Where to.", "Resent", example))
        .says("To the endpoint that hears of its type now. The event keeps its id.")
        .with([shared("Event")])
        .changes()
        .refuses([ApiError::invalid("no_endpoint", "No endpoint hears of this type.")])
        .json()
}

fn replay() -> Value {
    let example = json!({ "object": "webhook_replay", "resent": 2, "skipped": 0, "next": null });
    Operation::new("replay_events", "Send the events of a range again", good("How many.", "Replayed", example))
        .says(format!(
            "Oldest first, at most {REPLAY_MAX}; go on after `next`, if it is given. Events of types that no endpoint \
             hears of are skipped."
        ))
        .changes()
        .takes("Replay", json!({ "from": 1_795_305_600, "to": 1_795_392_000 }))
        .json()
}

fn count_replay() -> Value {
    let example = json!({ "object": "webhook_replay_count", "resent": 2, "skipped": 0, "next": null });
    let counted = good("How many.", "ReplayCount", example);
    Operation::new("count_replay", "How many events a replay would send again", counted)
        .says("As things are now; nothing is sent.")
        .with(parameter::of_replay())
        .refuses(of_query().into_iter().chain([ApiError::missing("from")]))
        .json()
}

fn listen() -> Value {
    let example = json!({ "object": "event_feed", "next": 42, "data": [] });
    Operation::new("listen_to_events", "Begin to follow events", good("Where to go on.", "EventFeed", example))
        .says("`choba listen` does this. Noted in the audit log, because the feed shows the webhook secret.")
        .changes()
        .json()
}

fn feed() -> Value {
    Operation::new("follow_events", "Events after a place", good("What followed.", "EventFeed", feed_example()))
        .says(
            "As they would be delivered, with headers and signature. An event appears when its change is chained in \
               the audit log: in about a second.",
        )
        .with(parameter::of_feed())
        .refuses(of_query().into_iter().chain([ApiError::missing("after")]))
        .json()
}

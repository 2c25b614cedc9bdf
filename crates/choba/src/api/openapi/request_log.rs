//! The request log of the LITE API.

use pay::ApiError;
use pay::request_log::again::NotAgain;
use serde_json::{Map, Value, json};

use super::account::{Schemas, list_of, named, of_change, of_token, operation};
use super::answer::{answers, good};
use super::introduction::REQUESTS_TAG;
use super::parameter::{query, shared};
use super::schema::{CHARGE_NUMBER_EXAMPLE, complete, or_null, seconds, text};
use crate::api::requests::{AGAIN, CLASSES, LIST, ONE, refused};

const REQUEST_ID: &str = "019aa8b5c0f05f1c9d0a7b3e42688c6d";
const SCOPE: &str = "requests";

pub(super) fn paths() -> Map<String, Value> {
    let paths =
        [(LIST, json!({ "get": list() })), (ONE, json!({ "get": show() })), (AGAIN, json!({ "post": again() }))];
    paths.into_iter().map(|(path, item)| (path.to_owned(), item)).collect()
}

fn of_log(id: &str, summary: &str, more: &str, parameters: Vec<Value>, responses: Value) -> Value {
    let mut operation = operation(id, summary, more, parameters, responses);
    operation["tags"] = json!([REQUESTS_TAG]);
    operation
}

fn one() -> Vec<Value> {
    vec![shared("Shop"), named("request", "The request.", REQUEST_ID)]
}

fn list() -> Value {
    let any = json!({ "type": "string" });
    let instant = json!({ "type": "integer", "format": "int64", "minimum": 0 });
    let environment = json!({ "type": "string", "enum": ["sandbox", "test", "live"] });
    let status = json!({ "anyOf": [
        { "type": "string", "enum": CLASSES }, { "type": "integer", "minimum": 100, "maximum": 599 },
    ] });
    let parameters = vec![
        shared("Shop"),
        query("environment", "Only those with a key of this environment.", environment),
        query("status", "Only those that were answered so: a status, or a class of them.", status),
        query("charge", "Only those about this order number.", any.clone()),
        query("key", "Only those with this private key, by its id.", any.clone()),
        query("path", "Only those with this in their path.", any.clone()),
        query("from", "From this instant on, Unix seconds.", instant.clone()),
        query("until", "Before this instant, Unix seconds.", instant),
        query("text", "Only those with this text anywhere in request or answer.", any),
        query("before", "`next` of the page before.", json!({ "type": "string", "pattern": "^[0-9A-Za-z_-]{1,100}$" })),
    ];
    let example = json!({ "object": "list", "data": [line()], "next": null });
    let mut refusals = of_token(SCOPE);
    refusals.extend([ApiError::parameter("status", "a status"), ApiError::too_many_parameters()]);
    let answers = answers(good("A page of the log, newest first.", "RequestPage", example), refusals);
    let more = "Of the LITE API and its test helper; secrets and details of cards are masked. A page may hold fewer rows \
                than it could, or none, and still have a `next`: then the search goes on there.";
    of_log("list_requests", "リクエストログ: what was asked and answered", more, parameters, answers)
}

fn show() -> Value {
    let mut example = line();
    example["request"] = side("POST /sandbox/v1/charges/… HTTP/1.1", "");
    example["answer"] = side("HTTP/1.1 200 OK", "{}");
    let answers = answers(good("The request.", "Request", example), of_token(SCOPE));
    of_log("show_request", "One request with its answer", "", one(), answers)
}

fn again() -> Value {
    let example = json!({ "object": "request_run_again", "of": REQUEST_ID, "status": 200, "request": REQUEST_ID });
    let reasons = [NotAgain::NotSandbox, NotAgain::NotWhole, NotAgain::KeyGone].map(refused);
    let mut refusals = [of_change(SCOPE), reasons.to_vec()].concat();
    refusals.push(ApiError::parameter("Idempotency-Key", "given once"));
    let answers = answers(good("It was sent; what it was answered.", "RequestRunAgain", example), refusals);
    let more = "Only of the sandbox: the same request as a new one, with the same private key. With an `Idempotency-Key`, \
                twice is once.";
    let parameters = [one(), vec![shared("IdempotencyKey")]].concat();
    of_log("run_request_again", "Sandboxで再実行: send a request again", more, parameters, answers)
}

fn line() -> Value {
    json!({
        "object": "request", "id": REQUEST_ID, "environment": "sandbox", "at": 1_795_309_800, "key": "cred_6f1e0c3b9a7d2458",
        "request_id": "5f1c9d0a7b3e42688c6d", "method": "POST",
        "path": format!("/sandbox/v1/charges/{CHARGE_NUMBER_EXAMPLE}/capture"), "status": 200, "took_us": 2_300,
        "charge": CHARGE_NUMBER_EXAMPLE,
    })
}

fn side(head: &str, body: &str) -> Value {
    json!({ "head": head, "body": body, "length": body.len(), "cut": false })
}

/// The shapes of bodies.
pub(super) fn schemas() -> Schemas {
    let word = |description: &str| text(description, json!({}));
    let count = |description: &str| json!({ "type": "integer", "minimum": 0, "description": description });
    let line = json!({
        "object": { "const": "request" }, "id": word("Its id."),
        "environment": { "type": "string", "enum": ["sandbox", "test", "live"] }, "at": seconds("When it came"),
        "key": word("Which private key asked, by its id."), "request_id": word("Its name in audit rows."),
        "method": word("GET, POST."), "path": word("Without the query."),
        "status": { "type": "integer", "minimum": 100, "maximum": 599 },
        "took_us": count("How long the answer took, in microseconds."),
        "charge": or_null(word("The order number that it is about.")),
    });
    let side = complete(
        "HTTP as it was, secrets masked.",
        json!({
            "head": word("First line and headers."), "body": word("The body, or its beginning."),
            "length": count("Bytes of the body as it was sent."),
            "cut": { "type": "boolean", "description": "Whether only its beginning is kept." },
        }),
    );
    let mut whole = line.clone();
    (whole["request"], whole["answer"]) = (side.clone(), side);
    let listed = list_of(complete("A request.", line));
    let next = or_null(word("To be sent as `before`."));
    let again = json!({
        "object": { "const": "request_run_again" }, "of": word("Which one was sent again."),
        "status": { "type": "integer", "minimum": 100, "maximum": 599 },
        "request": or_null(word("The new one in the log; null if the log was too busy to take it.")),
    });
    vec![
        (
            "RequestPage",
            complete("A page of the log.", json!({ "object": { "const": "list" }, "data": listed, "next": next })),
        ),
        ("Request", complete("A request with its answer.", whole)),
        ("RequestRunAgain", complete("What running it again came to.", again)),
    ]
}

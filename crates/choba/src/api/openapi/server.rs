//! What everybody may ask of the server: what it is, and how it is.

use serde_json::{Map, Value, json};

use super::answer::{answers, good};
use super::introduction::SERVER_TAG;
use super::{content, reference};
use crate::api::docs;

pub(super) fn paths() -> Map<String, Value> {
    let ok = || good("It is.", "Health", json!({ "status": "ok" }));
    let mut ready = answers(ok(), Vec::new());
    ready["503"] = not_ready(&ready["503"]);
    let mut page = good("The page.", "Page", json!("<!doctype html>…"));
    page["content"] = json!({ "text/html": { "schema": reference("schemas", "Page") } });
    let mut document = good("The document.", "Document", json!({ "openapi": "3.1.0" }));
    document["content"]["application/json"]["example"].take();
    let operation = |id: &str, summary: &str, responses: Value| {
        let answered = json!({
            "operationId": id, "tags": [SERVER_TAG], "summary": summary, "security": [], "responses": responses,
        });
        json!({ "get": answered })
    };
    Map::from_iter([
        (super::PATH.to_owned(), operation("show_document", "This document", answers(document, Vec::new()))),
        (docs::PATH.to_owned(), operation("show_page", "This document as a page", answers(page, Vec::new()))),
        ("/healthz".to_owned(), operation("show_health", "Whether the process lives", answers(ok(), Vec::new()))),
        ("/readyz".to_owned(), operation("show_readiness", "Whether the server can do its work", ready)),
    ])
}

/// 503 of `/readyz`: its own words, or those of the server.
fn not_ready(refused: &Value) -> Value {
    let mut answer = refused.clone();
    let example = json!({ "status": "unavailable", "reason": "the database does not answer" });
    let mut described = content("application/json", "Unavailable", example);
    let schema = &mut described["application/json"]["schema"];
    *schema = json!({ "anyOf": [schema.take(), refused["content"]["application/json"]["schema"]] });
    answer["content"] = described;
    answer["description"] = json!("The server cannot do its work, or is stopping; `reason` says why.");
    answer
}

//! Requests of which every answer is held to the document.

use std::collections::BTreeSet;

use choba::api::openapi::{document, resolved};
use serde_json::Value;
use testkit::{Http, Reply, Request};

use crate::schema::mistakes;

/// A client that remembers which documented answers it has met.
pub struct Conversation {
    http: Http,
    /// Operation, status and, of refusals, code.
    pub met: BTreeSet<(String, u16, String)>,
}

impl Conversation {
    /// With this server.
    pub fn new(http: &Http) -> Conversation {
        Conversation { http: http.clone(), met: BTreeSet::new() }
    }

    /// Sends the request to `path`, a template of the document, and checks the answer.
    pub async fn send(&mut self, method: &str, path: &str, request: Request) -> Reply {
        let reply = self.http.send(&request).await;
        self.hold(method, path, &reply);
        reply
    }

    /// Checks an answer of the operation.
    pub fn hold(&mut self, method: &str, path: &str, reply: &Reply) {
        let operation = &document()["paths"][path][method];
        assert!(operation.is_object(), "{method} {path} is not in the document");
        let place = format!("{method} {path} {}: {}", reply.status, reply.text);
        let answer = resolved(document(), &operation["responses"][reply.status.to_string()]);
        assert!(answer.is_object(), "not in the document: {place}");
        for (name, header) in answer["headers"].as_object().into_iter().flatten() {
            let header = resolved(document(), header);
            let value = reply.header(name);
            assert!(value.is_some() || header["required"] != true, "no {name}: {place}");
            let Some(value) = value else { continue };
            let value = value.parse::<i64>().map_or_else(|_| Value::from(value), Value::from);
            assert_eq!(mistakes(&header["schema"], &value), [""; 0], "{name}: {place}");
        }
        let media_type = reply.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
        let content = &answer["content"][media_type];
        assert!(content.is_object(), "{media_type}: {place}");
        let mut code = String::new();
        if media_type == "application/json" && content["schema"]["$ref"] != "#/components/schemas/Document" {
            let body = reply.json();
            assert_eq!(mistakes(&content["schema"], &body), [""; 0], "{place}");
            code = body["errors"][0]["code"].as_str().unwrap_or_default().to_owned();
        }
        self.met.insert((operation["operationId"].as_str().unwrap_or_default().to_owned(), reply.status, code));
    }
}

//! Every route is in the document, every operation of the document is routed, and none answers who is not known.

use std::collections::BTreeSet;

use choba::api::openapi::document;
use serde_json::Value;
use testkit::merchant::basic;
use testkit::{Engine, Request, Setup, TestApp};

use crate::conversation::Conversation;

/// Method, path and operation.
pub fn operations() -> impl Iterator<Item = (&'static str, &'static str, &'static Value)> {
    let paths = document()["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
    })
}

/// A request of the operation, with examples in its path and nothing else.
fn request(method: &str, path: &str) -> Request {
    let target = path.replace("{id}", "1234567890-20261122-0000000042").replace("{shop}", "1");
    let hex = "0190a1b2c3d4e5f60718293a4b5c6d7e";
    let target = target.replace("{environment}", "sandbox").replace("{endpoint}", &format!("we_{hex}"));
    let target = target.replace("{event}", &format!("evt_{hex}")).replace("{attempt}", hex);
    let target = target.replace("{mail}", &format!("ntfn_{hex}"));
    let target = target.replace("{notice}", &format!("ntc_{hex}")).replace("{fee}", &format!("fee_{hex}"));
    let target = target.replace("{member}", "stf_0190a1b2c3d4e5f6");
    let target = target.replace("{key}", "cred_6f1e0c3b9a7d2458").replace("{staff}", "stf_6f1e0c3b9a7d2458");
    let target = target.replace("{order}", "123456-20261122-0000000001");
    let target = target.replace("{licence}", "lic_6f1e0c3b9a7d2458");
    let target = target.replace("{invitation}", "inv_6f1e0c3b9a7d2458");
    let target = target.replace("{session}", "ses_6f1e0c3b9a7d2458").replace("{request}", hex);
    let target = target.replace("{message}", &format!("{hex}-mb"));
    let request = Request::post(target, "");
    match method {
        "get" => request.method("GET"),
        "put" => request.method("PUT"),
        "delete" => request.method("DELETE"),
        _ => request,
    }
}

#[tokio::test]
async fn the_document_has_the_routes_of_the_server_and_no_others() {
    let app = TestApp::start(Engine::Sqlite, Setup::default()).await;
    let routed: BTreeSet<(String, String)> = app
        .wired
        .app_without_workers(Setup::default().limits)
        .operation_list()
        .into_iter()
        .map(|(method, path)| (method.as_str().to_ascii_lowercase(), path))
        .collect();
    let documented = operations().map(|(method, path, _)| (method.to_owned(), path.to_owned())).collect();
    assert_eq!(routed, documented);
    for (method, path, _) in operations() {
        let answer = app.http.send(&request(method, path)).await;
        assert!(![404, 405].contains(&answer.status), "{method} {path}: {}", answer.text);
    }
    app.finish().await;
}

#[tokio::test]
async fn who_is_not_known_gets_401_everywhere_but_where_the_document_says_everybody() {
    let app = TestApp::start(Engine::Sqlite, Setup::default()).await;
    let mut conversation = Conversation::new(&app.http);
    let unknown = [
        None,
        Some("Basic".to_owned()),
        Some("Bearer".to_owned()),
        Some("Bearer choba_0000000000000000000000000000000000000000000000000000000000000000".to_owned()),
        Some(format!("Bearer {}", app.merchant().private_key)),
        Some(basic("sandbox_private_00:")),
        Some(basic(&format!("{}:password", app.merchant().private_key))),
        Some(basic(&app.clock_token().await)),
    ];
    for (method, path, operation) in operations() {
        let public = operation["security"].as_array().expect("each operation says who may ask").is_empty();
        for authorization in &unknown {
            let mut request = request(method, path);
            if let Some(value) = authorization {
                request = request.header("authorization", value);
            }
            let answer = conversation.send(method, path, request).await;
            assert_eq!(answer.status, if public { 200 } else { 401 }, "{method} {path} {authorization:?}");
        }
    }
    app.finish().await;
}

#[test]
fn operations_have_names_of_their_own_and_speak_of_known_schemes_and_tags() {
    let mut names = BTreeSet::new();
    let tags: Vec<&Value> = document()["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    for (method, path, operation) in operations() {
        let id = operation["operationId"].as_str().unwrap();
        assert!(names.insert(id), "{id} is given twice");
        assert!(tags.contains(&&operation["tags"][0]), "{id}");
        assert!(operation["summary"].is_string(), "{id}");
        for scheme in
            operation["security"].as_array().unwrap().iter().flat_map(|scheme| scheme.as_object().unwrap().keys())
        {
            assert!(document()["components"]["securitySchemes"][scheme].is_object(), "{id}: {scheme}");
        }
        let named: Vec<&str> = path.split(['{', '}']).skip(1).step_by(2).collect();
        for name in &named {
            let parameters = operation["parameters"].as_array().unwrap();
            let known = parameters.iter().map(|parameter| choba::api::openapi::resolved(document(), parameter));
            assert!(known.into_iter().any(|parameter| parameter["name"] == *name), "{method} {path}: {name}");
        }
    }
}

#[test]
fn references_lead_somewhere() {
    fn walk(part: &Value, place: &str) {
        if let Some(reference) = part["$ref"].as_str() {
            let target = document().pointer(reference.strip_prefix('#').expect("a place in this document"));
            assert!(target.is_some(), "{place}: {reference}");
        }
        for (key, inner) in part.as_object().into_iter().flatten() {
            walk(inner, &format!("{place}/{key}"));
        }
        for inner in part.as_array().into_iter().flatten() {
            walk(inner, place);
        }
    }
    walk(document(), "");
}

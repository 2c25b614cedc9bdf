//! Requests as the OpenAPI document gives them as examples.

use choba::api::openapi::{document, resolved};
use serde_json::Value;
use testkit::Request;
use testkit::merchant::escaped;

/// A request of an operation with the body that the document gives as an example.
pub fn example(method: &str, target: &str, operation: &Value) -> Request {
    let body = resolved(document(), &operation["requestBody"])["content"].as_object().and_then(|content| {
        let (kind, content) = content.iter().next()?;
        Some((kind.clone(), content["example"].clone()))
    });
    let method = match method {
        "get" => "GET",
        "put" => "PUT",
        "delete" => "DELETE",
        "patch" => "PATCH",
        _ => "POST",
    };
    match body {
        Some((kind, Value::Object(fields))) if kind == "application/x-www-form-urlencoded" => {
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let pair = |(name, value): (&String, &Value)| format!("{name}={}", escaped(&text(value)));
            let form: Vec<String> = fields.iter().map(pair).collect();
            Request::post(target, form.join("&")).method(method).header("content-type", kind)
        }
        Some((kind, Value::String(text))) => Request::post(target, text).method(method).header("content-type", kind),
        Some((kind, json)) => Request::post(target, json.to_string()).method(method).header("content-type", kind),
        None => Request::post(target, "").method(method),
    }
}

/// An operation of the document.
pub fn operation(method: &str, path: &str) -> &'static Value {
    &document()["paths"][path][method]
}

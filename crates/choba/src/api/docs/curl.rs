//! A line for `curl` that tries an operation, made from the document's examples.

use serde_json::Value;

use crate::api::openapi::resolved;

/// The line. `$CHOBA` stands for the server, `$KEY` and `$TOKEN` for what `choba keys` and `choba token` show.
pub(super) fn line(document: &Value, method: &str, path: &str, operation: &Value) -> String {
    let mut parts = vec!["curl".to_owned()];
    parts.extend(credentials(document, operation));
    let mut address = path.to_owned();
    let mut headers = Vec::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let parameter = resolved(document, parameter);
        let (name, example) = (parameter["name"].as_str().unwrap_or_default(), plain(&parameter["example"]));
        match parameter["in"].as_str() {
            Some("path") => address = address.replace(&format!("{{{name}}}"), &example),
            Some("header") => headers.push(format!("-H '{name}: {example}'")),
            _ => {}
        }
    }
    parts.extend(headers);
    let body = body(operation);
    // A body alone makes it a POST.
    if method != "get" && (body.is_empty() || method != "post") {
        parts.push(format!("-X {}", method.to_uppercase()));
    }
    parts.extend(body);
    parts.push(format!("\"$CHOBA{address}\""));
    parts.join(" \\\n  ").replacen(" \\\n  ", " ", 1)
}

fn credentials(document: &Value, operation: &Value) -> Option<String> {
    let scheme = operation["security"][0].as_object()?.keys().next()?;
    let sent = match document["components"]["securitySchemes"][scheme]["scheme"].as_str() {
        Some("bearer") => "-H \"Authorization: Bearer $TOKEN\"",
        Some(_) => "-u \"$KEY:\"",
        // A licence of the marketplace, which no scheme of HTTP describes.
        None => "-H \"Authorization: ESA $LICENCE\"",
    };
    Some(sent.to_owned())
}

fn body(operation: &Value) -> Vec<String> {
    let content = operation["requestBody"]["content"].as_object().and_then(|content| content.iter().next());
    let Some((media_type, content)) = content else { return Vec::new() };
    let example = &content["example"];
    if media_type == "application/json" {
        return vec![format!("--json '{example}'")];
    }
    let fields = example.as_object().into_iter().flatten();
    fields.map(|(name, value)| format!("--data-urlencode {name}={}", plain(value))).collect()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tries_the_operation() {
        let document = crate::api::openapi::document();
        let of = |method: &str, path: &str| line(document, method, path, &document["paths"][path][method]);
        assert_eq!(of("get", "/healthz"), "curl \"$CHOBA/healthz\"");
        assert_eq!(
            of("post", "/sandbox/v1/charges/{id}/capture"),
            "curl -u \"$KEY:\" \\\n  -H 'Idempotency-Key: order-4711-1' \\\n  -X POST \\\n  \
             \"$CHOBA/sandbox/v1/charges/1234567890-20261122-0000000042/capture\""
        );
        assert_eq!(
            of("post", "/api/shops/{shop}/clock/advance"),
            "curl -H \"Authorization: Bearer $TOKEN\" \\\n  -H 'Idempotency-Key: order-4711-1' \\\n  --json '{\"by\":\"14d\"}' \\\n  \
             \"$CHOBA/api/shops/1/clock/advance\""
        );
        assert!(of("put", "/api/shops/{shop}/mail-settings").contains("-X PUT"));
    }
}

//! The page: introduction, contents, credentials, operations by tag.

use serde_json::Value;

use super::operation;
use super::text::{blocks, escape, inline};

const METHODS: [&str; 4] = ["get", "post", "put", "delete"];

/// The whole page.
pub(super) fn render(document: &Value, style: &str) -> String {
    let info = &document["info"];
    let text = |key: &str| info[key].as_str().unwrap_or_default();
    let title = escape(text("title"));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title} API</title>\n\
         <style>{style}</style>\n</head>\n<body>\n<header><h1>{title} <small>API {}</small></h1><p>{}</p>\
         <p><a href=\"{}\">OpenAPI document</a></p></header>\n<nav>{}</nav>\n<main>\n<section>{}</section>\n{}\n{}\n\
         </main>\n</body>\n</html>\n",
        escape(text("version")),
        inline(text("summary")),
        crate::api::openapi::PATH,
        contents(document),
        blocks(text("description")),
        credentials(document),
        tags(document).map(|tag| section(document, tag)).collect::<String>(),
    )
}

fn tags(document: &Value) -> impl Iterator<Item = &Value> {
    document["tags"].as_array().into_iter().flatten()
}

fn name(tag: &Value) -> &str {
    tag["name"].as_str().unwrap_or_default()
}

/// A name as it may stand in an address.
fn anchor(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}

fn contents(document: &Value) -> String {
    let links =
        tags(document).map(|tag| format!("<li><a href=\"#{}\">{}</a></li>", anchor(name(tag)), escape(name(tag))));
    format!("<ul><li><a href=\"#credentials\">Credentials</a></li>{}</ul>", links.collect::<String>())
}

fn credentials(document: &Value) -> String {
    let schemes = document["components"]["securitySchemes"].as_object().into_iter().flatten();
    let rows = schemes.map(|(name, scheme)| {
        let description = scheme["description"].as_str().map(inline).unwrap_or_default();
        let kind = escape(scheme["scheme"].as_str().unwrap_or_default());
        format!(
            "<li id=\"{0}\"><div><code>{0}</code> <span class=\"kind\">{kind}</span></div><p>{description}</p></li>",
            escape(name)
        )
    });
    format!(
        "<section><h2 id=\"credentials\">Credentials</h2><ul class=\"fields\">{}</ul></section>",
        rows.collect::<String>()
    )
}

fn section(document: &Value, tag: &Value) -> String {
    let mut shown = String::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            let operation = &item[method];
            if operation["tags"][0] == name(tag) {
                shown.push_str(&operation::render(document, method, path, operation));
            }
        }
    }
    let description = tag["description"].as_str().map(blocks).unwrap_or_default();
    format!("<section><h2 id=\"{}\">{}</h2>{description}{shown}</section>\n", anchor(name(tag)), escape(name(tag)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shows_every_operation_and_needs_nothing_else() {
        let document = crate::api::openapi::document();
        let page = render(document, "p { margin: 0 }");
        let paths = document["paths"].as_object().unwrap();
        let operations: Vec<&Value> = paths.values().flat_map(|item| item.as_object().unwrap().values()).collect();
        for operation in &operations {
            let id = operation["operationId"].as_str().unwrap();
            assert_eq!(page.matches(&format!("id=\"{id}\"")).count(), 1, "{id}");
        }
        assert_eq!(page.matches("class=\"operation\"").count(), operations.len());
        for foreign in ["<script", "src=", "@import", "style=\""] {
            assert!(!page.contains(foreign), "{foreign}");
        }
        for word in ["確定", "キャンセル", "金額変更"] {
            assert!(page.contains(word), "{word}");
        }
    }
}

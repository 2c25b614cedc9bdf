//! One operation: what it does, what it takes, what it answers.

use serde_json::Value;

use super::schema::Side;
use super::text::{blocks, escape, inline};
use super::{curl, schema};
use crate::api::openapi::resolved;

/// The operation as a part of the page that opens when it is clicked at.
pub(super) fn render(document: &Value, method: &str, path: &str, operation: &Value) -> String {
    let id = operation["operationId"].as_str().unwrap_or_default();
    let summary = operation["summary"].as_str().map(inline).unwrap_or_default();
    let description = operation["description"].as_str().map(blocks).unwrap_or_default();
    let inside = [
        description,
        credentials(operation),
        format!("<h4>Try it</h4><pre>{}</pre>", escape(&curl::line(document, method, path, operation))),
        parameters(document, operation),
        body(document, operation),
        answers(document, operation),
    ];
    format!(
        "<details class=\"operation\" id=\"{id}\"><summary><span class=\"method {method}\">{}</span> \
         <span class=\"path\">{}</span> <span class=\"says\">{summary}</span></summary>\
         <div class=\"inside\">{}</div></details>",
        method.to_uppercase(),
        breakable(path),
        inside.concat()
    )
}

/// A path that may be broken after its slashes.
fn breakable(path: &str) -> String {
    escape(path).replace('/', "/<wbr>")
}

fn credentials(operation: &Value) -> String {
    let names: Vec<String> = operation["security"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|scheme| scheme.as_object().into_iter().flat_map(|scheme| scheme.keys()))
        .map(|name| format!("<a href=\"#{name}\">{}</a>", escape(name)))
        .collect();
    let who = if names.is_empty() { "Open to everybody.".to_owned() } else { format!("Needs {}.", names.join(" or ")) };
    format!("<p class=\"who\">{who}</p>")
}

fn parameters(document: &Value, operation: &Value) -> String {
    let rows: String =
        operation["parameters"].as_array().into_iter().flatten().map(|parameter| row(document, parameter)).collect();
    if rows.is_empty() { rows } else { format!("<h4>Parameters</h4><ul class=\"fields\">{rows}</ul>") }
}

fn row(document: &Value, parameter: &Value) -> String {
    let parameter = resolved(document, parameter);
    let text = |key: &str| parameter[key].as_str().unwrap_or_default();
    let mark = if parameter["required"] == true { " <b>required</b>" } else { "" };
    format!(
        "<li><div><code>{}</code> <span class=\"place\">{}</span> {}{mark}</div><p>{}</p></li>",
        escape(text("name")),
        escape(text("in")),
        schema::kind(document, &parameter["schema"]),
        inline(text("description")),
    )
}

fn body(document: &Value, operation: &Value) -> String {
    let content = operation["requestBody"]["content"].as_object().and_then(|content| content.iter().next());
    let Some((media_type, content)) = content else { return String::new() };
    let optional = if operation["requestBody"]["required"] == true { "" } else { ", may be empty" };
    format!(
        "<h4>Body <span class=\"kind\">{}{optional}</span></h4>{}",
        escape(media_type),
        schema::render(document, &content["schema"], Side::Request)
    )
}

fn answers(document: &Value, operation: &Value) -> String {
    let answers = operation["responses"].as_object().into_iter().flatten();
    let shown = answers.map(|(status, answer)| one_answer(document, status, answer));
    format!("<h4>Answers</h4>{}", shown.collect::<String>())
}

fn one_answer(document: &Value, status: &str, answer: &Value) -> String {
    let description = answer["description"].as_str().unwrap_or_default();
    let (heading, rest) = description.split_once('\n').unwrap_or((description, ""));
    let content = answer["content"].as_object().and_then(|content| content.iter().next());
    let (media_type, content) =
        content.map_or(("", &Value::Null), |(media_type, content)| (media_type.as_str(), content));
    let example = match &content["example"] {
        Value::Null => String::new(),
        example => format!("<pre>{}</pre>", escape(&format!("{example:#}"))),
    };
    // Errors look alike everywhere: their codes say more than their shape.
    let shape = if status == "200" && media_type == "application/json" {
        schema::render(document, &content["schema"], Side::Answer)
    } else {
        String::new()
    };
    let class = if status == "200" { "good" } else { "refused" };
    format!(
        "<details class=\"answer\"><summary><span class=\"status {class}\">{status}</span> {}</summary>\
         <div class=\"inside\">{}{shape}{example}</div></details>",
        inline(heading),
        blocks(rest)
    )
}

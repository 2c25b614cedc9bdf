//! Schemas as nested lists: name, kind, limits, meaning.

use serde_json::Value;

use super::text::{escape, inline};
use crate::api::openapi::{grouped, resolved};

/// What a body or a parameter looks like.
pub(super) fn render(document: &Value, schema: &Value) -> String {
    let schema = resolved(document, schema);
    let mut html = described(schema);
    html.push_str(&alternatives(document, schema));
    html.push_str(&properties(document, schema));
    if let Some(items) = schema.get("items") {
        html.push_str(&render(document, items));
    }
    html
}

fn described(schema: &Value) -> String {
    let text = schema["description"].as_str().map(inline);
    text.map(|text| format!("<p>{text}</p>")).unwrap_or_default()
}

fn alternatives(document: &Value, schema: &Value) -> String {
    let choices = ["anyOf", "oneOf"].into_iter().flat_map(|key| schema[key].as_array()).flatten();
    let shown = choices.filter(|choice| choice["type"] != "null" && choice["type"] != "string");
    shown.map(|choice| format!("<div class=\"choice\">{}</div>", render(document, choice))).collect()
}

fn properties(document: &Value, schema: &Value) -> String {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let named = schema["properties"].as_object().into_iter().flatten();
    let patterned = schema["patternProperties"].as_object().into_iter().flatten();
    let row = |name: &str, property: &Value, mark: &str| {
        let inside = resolved(document, property);
        let summary = format!("<code>{}</code> {}{mark}", escape(name), kind(document, property));
        let nested = nested(document, inside);
        let meaning = described(inside);
        format!("<li><div>{summary}</div>{meaning}{nested}</li>")
    };
    let mut rows = String::new();
    for (name, property) in named {
        let mark = if required.contains(&name.as_str()) { " <b>required</b>" } else { "" };
        rows.push_str(&row(name, property, mark));
    }
    for (pattern, property) in patterned {
        let name = property["title"].as_str().unwrap_or(pattern);
        rows.push_str(&row(name, property, ""));
    }
    if rows.is_empty() { rows } else { format!("<ul class=\"fields\">{rows}</ul>") }
}

/// What stands inside of a property, without its own description.
fn nested(document: &Value, schema: &Value) -> String {
    let items = schema.get("items").map(|items| properties(document, resolved(document, items))).unwrap_or_default();
    let choices = ["anyOf", "oneOf"].into_iter().flat_map(|key| schema[key].as_array()).flatten();
    let inside: String = choices.map(|choice| properties(document, resolved(document, choice))).collect();
    format!("{}{items}{inside}", properties(document, schema))
}

/// Kind and limits in a few words: `integer, 1 to 100, 10 if not said`.
pub(super) fn kind(document: &Value, schema: &Value) -> String {
    let schema = resolved(document, schema);
    let mut words = Vec::new();
    match (&schema["type"], &schema["const"]) {
        (_, constant) if !constant.is_null() => words.push(format!("<code>{}</code>", escape(&constant.to_string()))),
        (Value::Array(kinds), _) => {
            words.push(kinds.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "));
        }
        (Value::String(kind), _) => words.push(kind.clone()),
        _ => words.push(choice(document, schema)),
    }
    match (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
        (Some(least), Some(most)) => words.push(format!("{} to {}", grouped(least), grouped(most))),
        (Some(least), None) => words.push(format!("from {}", grouped(least))),
        (None, Some(most)) => words.push(format!("up to {}", grouped(most))),
        (None, None) => {}
    }
    for (key, unit) in [("maxLength", "characters"), ("maxItems", "elements")] {
        words.extend(schema[key].as_i64().map(|most| format!("at most {} {unit}", grouped(most))));
    }
    words.extend(schema.get("default").map(|value| format!("{} if not said", escape(&value.to_string()))));
    words.retain(|word| !word.is_empty());
    format!("<span class=\"kind\">{}</span>", words.join(", "))
}

fn choice(document: &Value, schema: &Value) -> String {
    let choices = ["anyOf", "oneOf"].into_iter().flat_map(|key| schema[key].as_array()).flatten();
    let kinds = choices.map(|choice| resolved(document, choice)["type"].as_str().unwrap_or("object"));
    kinds.collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn kinds_and_limits_are_said_in_words() {
        let said =
            |schema: Value| kind(&Value::Null, &schema).replace("<span class=\"kind\">", "").replace("</span>", "");
        assert_eq!(said(json!({"type": "integer", "minimum": 1, "maximum": 99_999_999})), "integer, 1 to 99,999,999");
        assert_eq!(
            said(json!({"type": ["string", "null"], "maxLength": 255})),
            "string or null, at most 255 characters"
        );
        assert_eq!(said(json!({"const": "jpy"})), "<code>&quot;jpy&quot;</code>");
        assert_eq!(said(json!({"type": "integer", "default": 10})), "integer, 10 if not said");
        assert_eq!((grouped(-1_000), grouped(100)), ("-1,000".to_owned(), "100".to_owned()));
    }
}

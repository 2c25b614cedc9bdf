//! Schemas as nested lists: name, kind, limits, meaning.

use serde_json::Value;

use super::text::{escape, inline};
use crate::api::openapi::{grouped, resolved};

/// Whose body it is: what has to be said in one goes without saying in the other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Sent: what must be there is marked.
    Request,
    /// Answered: what may be missing is marked.
    Answer,
}

impl Side {
    fn mark(self, required: bool) -> &'static str {
        match (self, required) {
            (Side::Request, true) => " <b>required</b>",
            (Side::Answer, false) => "<span class=\"kind\">, if it was given</span>",
            (Side::Request, false) | (Side::Answer, true) => "",
        }
    }
}

/// What a body looks like.
pub(super) fn render(document: &Value, schema: &Value, side: Side) -> String {
    let schema = resolved(document, schema);
    let inside = [described(schema), alternatives(document, schema, side), properties(document, schema, side)];
    inside.concat()
}

fn described(schema: &Value) -> String {
    let text = schema["description"].as_str().map(inline);
    text.map(|text| format!("<p>{text}</p>")).unwrap_or_default()
}

/// What a property means: in its own words, or in those of what it is.
fn meaning(document: &Value, schema: &Value) -> String {
    let own = described(schema);
    let inherited = || choices(schema).next().map(|choice| described(resolved(document, choice)));
    if own.is_empty() { inherited().unwrap_or_default() } else { own }
}

fn alternatives(document: &Value, schema: &Value, side: Side) -> String {
    let shown = choices(schema).map(|choice| format!("<div class=\"choice\">{}</div>", render(document, choice, side)));
    shown.collect()
}

fn choices(schema: &Value) -> impl Iterator<Item = &Value> {
    ["anyOf", "oneOf"].into_iter().flat_map(|key| schema[key].as_array()).flatten()
}

fn properties(document: &Value, schema: &Value, side: Side) -> String {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let named = schema["properties"].as_object().into_iter().flatten();
    let patterned = schema["patternProperties"].as_object().into_iter().flatten();
    let row = |name: &str, property: &Value, mark: &str| {
        let inside = resolved(document, property);
        let summary = format!("<code>{}</code> {}{mark}", escape(name), kind(document, property));
        let nested = nested(document, inside, side);
        let meaning = meaning(document, inside);
        format!("<li><div>{summary}</div>{meaning}{nested}</li>")
    };
    let mut rows = String::new();
    for (name, property) in named {
        // What is always null is there only to say that the other alternative is meant.
        if property["type"] != "null" {
            rows.push_str(&row(name, property, side.mark(required.contains(&name.as_str()))));
        }
    }
    for (pattern, property) in patterned {
        let name = property["title"].as_str().unwrap_or(pattern);
        rows.push_str(&row(name, property, ""));
    }
    if rows.is_empty() { rows } else { format!("<ul class=\"fields\">{rows}</ul>") }
}

/// What stands inside of a property, without its own description.
fn nested(document: &Value, schema: &Value, side: Side) -> String {
    let items = schema.get("items").map(|items| properties(document, resolved(document, items), side));
    let inside: String = choices(schema).map(|choice| properties(document, resolved(document, choice), side)).collect();
    format!("{}{}{inside}", properties(document, schema, side), items.unwrap_or_default())
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
    let kinds = choices(schema).map(|choice| resolved(document, choice)["type"].as_str().unwrap_or("object"));
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

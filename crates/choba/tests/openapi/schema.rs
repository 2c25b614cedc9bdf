//! As much of JSON Schema as the document uses; a keyword that is not known here fails the test. Objects are taken to
//! be closed, so that an answer has no property that the document does not know.

use choba::api::openapi::{document, resolved};
use regex_lite::Regex;
use serde_json::Value;

/// Keywords that say nothing about a value.
const SILENT: [&str; 5] = ["description", "title", "default", "format", "$ref"];

/// What is wrong with `value`, each with the place; nothing if it is as `schema` says.
pub fn mistakes(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, value, "", &mut found);
    found
}

fn check(schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let schema = resolved(document(), schema);
    let rules = schema.as_object().unwrap_or_else(|| panic!("{at}: no schema: {schema}"));
    for (keyword, rule) in rules {
        let holds = match keyword.as_str() {
            silent if SILENT.contains(&silent) => true,
            "type" => has_type(rule, value),
            "const" => rule == value,
            "enum" => rule.as_array().unwrap().contains(value),
            "minimum" => value.as_i64().is_none_or(|number| rule.as_i64().unwrap() <= number),
            "maximum" => value.as_i64().is_none_or(|number| number <= rule.as_i64().unwrap()),
            "minLength" => value.as_str().is_none_or(|text| rule.as_u64().unwrap() as usize <= text.chars().count()),
            "maxLength" => value.as_str().is_none_or(|text| text.chars().count() <= rule.as_u64().unwrap() as usize),
            "minItems" => value.as_array().is_none_or(|list| rule.as_u64().unwrap() as usize <= list.len()),
            "maxItems" => value.as_array().is_none_or(|list| list.len() <= rule.as_u64().unwrap() as usize),
            "pattern" => value.as_str().is_none_or(|text| matches(rule, text)),
            "required" => value.as_object().is_none_or(|object| {
                rule.as_array().unwrap().iter().all(|name| object.contains_key(name.as_str().unwrap()))
            }),
            "allOf" => each(rule, value, at, found),
            "anyOf" => 1 <= fitting(rule, value),
            "oneOf" => fitting(rule, value) == 1,
            "not" => !mistakes(rule, value).is_empty(),
            "items" => {
                for (index, element) in value.as_array().into_iter().flatten().enumerate() {
                    check(rule, element, &format!("{at}/{index}"), found);
                }
                true
            }
            "propertyNames" => value
                .as_object()
                .is_none_or(|object| object.keys().all(|name| mistakes(rule, &Value::from(name.as_str())).is_empty())),
            "properties" | "patternProperties" | "additionalProperties" => true,
            unknown => panic!("{at}: the document uses {unknown}, which this test does not know"),
        };
        if !holds {
            found.push(format!("{at}: {value} breaks {keyword}: {rule}"));
        }
    }
    members(schema, value, at, found);
}

/// The properties of an object. A schema that names the type `object` and properties names all of them.
fn members(schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let Some(object) = value.as_object() else { return };
    let patterned = schema["patternProperties"].as_object();
    let closed = schema["additionalProperties"] == false
        || (schema["type"] == "object" && schema["properties"].is_object() && patterned.is_none());
    for (name, member) in object {
        let mut known = schema["properties"].get(name).into_iter().collect::<Vec<_>>();
        let by_pattern = patterned.into_iter().flatten().filter(|(pattern, _)| compiled(pattern).is_match(name));
        known.extend(by_pattern.map(|(_, schema)| schema));
        if known.is_empty() && closed {
            found.push(format!("{at}/{name}: the document does not know it"));
        }
        for schema in known {
            check(schema, member, &format!("{at}/{name}"), found);
        }
    }
}

fn each(schemas: &Value, value: &Value, at: &str, found: &mut Vec<String>) -> bool {
    schemas.as_array().unwrap().iter().for_each(|schema| check(schema, value, at, found));
    true
}

fn fitting(schemas: &Value, value: &Value) -> usize {
    schemas.as_array().unwrap().iter().filter(|schema| mistakes(schema, value).is_empty()).count()
}

fn has_type(rule: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        unknown => panic!("the document uses the type {unknown}, which this test does not know"),
    };
    rule.as_array().map_or_else(|| is(rule), |names| names.iter().any(is))
}

fn matches(pattern: &Value, text: &str) -> bool {
    compiled(pattern.as_str().unwrap()).is_match(text)
}

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"))
}

#[test]
fn the_validator_finds_what_is_wrong() {
    use serde_json::json;
    let schema = json!({
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": { "type": "string", "pattern": "^[0-9]{2}$" },
            "yen": { "type": ["integer", "null"], "minimum": 1, "maximum": 3 },
            "list": { "type": "array", "items": { "enum": ["a", "b"] } },
        },
    });
    let wrong = |value: Value| mistakes(&schema, &value).len();
    assert_eq!(wrong(json!({ "id": "12", "yen": null, "list": ["a"] })), 0);
    for (value, count) in [
        (json!({}), 1),
        (json!({ "id": "123" }), 1),
        (json!({ "id": "12", "yen": 4, "list": ["a", "c"] }), 2),
        (json!({ "id": "12", "further": 1 }), 1),
        (json!([]), 1),
    ] {
        assert_eq!(wrong(value.clone()), count, "{value}");
    }
    let refused = resolved(document(), &document()["paths"]["/v1/charges"]["get"]["responses"]["401"]);
    let refused = &refused["content"]["application/json"]["schema"];
    let error = |code: &str| json!({ "errors": [{ "type": "authentication_error", "code": code, "message": "no" }] });
    assert!(mistakes(refused, &error("invalid_api_key")).is_empty());
    assert_eq!(mistakes(refused, &error("another")).len(), 1);
}

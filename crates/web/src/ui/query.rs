//! The query of a page: what was asked for, as it was typed, and links that keep it.

use pay::http::form::Form;

/// What stands after the `?` of a page's address. What cannot be read counts as nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Form);

impl Query {
    /// Of a path with its query.
    pub fn of(path: &str) -> Query {
        let query = path.split_once('?').map_or("", |(_, query)| query);
        Query(Form::parse(query.as_bytes()).unwrap_or_default())
    }

    /// A field without the spaces around it; empty if it is not given.
    pub fn get(&self, field: &str) -> &str {
        self.0.get(field).unwrap_or_default().trim()
    }

    /// Whether a field has this value.
    pub fn is(&self, field: &str, value: &str) -> bool {
        self.get(field) == value
    }

    /// A field, if it is not empty.
    pub fn given(&self, field: &str) -> Option<String> {
        Some(self.get(field)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// The address of `page` with those of `fields` that are given, and one more.
    pub fn link(&self, page: &str, fields: &[&str], (name, value): (&str, &str)) -> String {
        let given = fields.iter().filter_map(|field| Some((*field, self.given(field)?)));
        let pairs = given.chain([(name, value.to_owned())]);
        let pairs: Vec<String> = pairs.map(|(name, value)| format!("{name}={}", escaped(&value))).collect();
        format!("{page}?{}", pairs.join("&"))
    }
}

/// `text` as queries spell it.
pub fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' | b'.' | b'/' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_keeps_what_was_asked_for() {
        let query = Query::of("/requests?text=%E7%85%8E&status=+4xx&before=1");
        assert_eq!(
            query.link("/requests", &["status", "text", "key"], ("before", "0a")),
            "/requests?status=4xx&text=%E7%85%8E&before=0a"
        );
        assert!(query.is("status", "4xx") && query.given("key").is_none());
        assert_eq!(Query::of("/requests?a=%zz"), Query::default());
    }
}

//! A JSON object whose members stand in the order of the contract, some of them only in some versions.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::read::Version;

/// A value of a member.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    /// null.
    Null,
    /// A whole number.
    Int(i64),
    /// A number with a point, as the wire has tax rates: hundredths.
    Hundredths(i64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// A model.
    Model(Members),
}

/// An object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Members(Vec<(&'static str, Json)>);

impl Members {
    /// Without members.
    pub fn new() -> Members {
        Members::default()
    }

    /// With one more member.
    #[must_use]
    pub fn put(mut self, name: &'static str, value: impl Into<Json>) -> Members {
        self.0.push((name, value.into()));
        self
    }

    /// With one more member from a version on.
    #[must_use]
    pub fn since(self, version: Version, first: u8, name: &'static str, value: impl Into<Json>) -> Members {
        if version.0 >= first { self.put(name, value) } else { self }
    }

    /// With one more member until a version.
    #[must_use]
    pub fn until(self, version: Version, last: u8, name: &'static str, value: impl Into<Json>) -> Members {
        if version.0 <= last { self.put(name, value) } else { self }
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(name, _)| *name)
    }

    /// A member.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => serializer.serialize_unit(),
            Json::Int(number) => serializer.serialize_i64(*number),
            // 0, 8 and 10 per cent are 0.0, 0.08 and 0.1; the wire has no other fractions.
            Json::Hundredths(hundredths) => {
                let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
                let number: serde_json::Number =
                    text.strip_suffix('0').unwrap_or(&text).parse().map_err(serde::ser::Error::custom)?;
                number.serialize(serializer)
            }
            Json::Text(text) => serializer.serialize_str(text),
            Json::List(list) => list.serialize(serializer),
            Json::Model(members) => members.serialize(serializer),
        }
    }
}

impl From<i64> for Json {
    fn from(number: i64) -> Json {
        Json::Int(number)
    }
}

impl From<bool> for Json {
    fn from(flag: bool) -> Json {
        Json::Int(i64::from(flag))
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Json {
        Json::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Json {
        Json::Text(text)
    }
}

impl From<Members> for Json {
    fn from(members: Members) -> Json {
        Json::Model(members)
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Json {
        value.map_or(Json::Null, Into::into)
    }
}

impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(list: Vec<T>) -> Json {
        Json::List(list.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_and_their_versions() {
        let of = |version: u8| {
            let members = Members::new().put("b", 1).since(Version(version), 3, "a", "x");
            let members = members.until(Version(version), 7, "goodsTax", 0).put("none", Json::Null);
            serde_json::to_string(&members.put("taxRate", Json::Hundredths(8))).unwrap()
        };
        assert_eq!(of(7), r#"{"b":1,"a":"x","goodsTax":0,"none":null,"taxRate":0.08}"#);
        assert_eq!(of(8), r#"{"b":1,"a":"x","none":null,"taxRate":0.08}"#);
        for (hundredths, shown) in [(0, "0.0"), (10, "0.1"), (8, "0.08")] {
            assert_eq!(serde_json::to_string(&Json::Hundredths(hundredths)).unwrap(), shown);
        }
    }
}

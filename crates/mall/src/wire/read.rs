//! Reading requests as the live API does (contract, section 1): members it does not know are passed over, numbers may come
//! as strings and codes as numbers, an absent member and null are the same; every faulty member gets a message of its own.

use kernel::Timestamp;
use serde_json::{Map, Value};

use super::message::{Fault, Message, Operation};
use super::time;
use crate::order::Day;

/// A body of a request, or a model inside it, and what is wrong with it so far.
#[derive(Debug)]
pub struct Reader<'a> {
    operation: Operation,
    members: Option<&'a Map<String, Value>>,
    faults: Vec<(String, Fault)>,
}

/// A version of getOrder or getPayment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u8);

/// What came in place of a body: nothing, null and `{}` are the same to who reads.
pub fn body(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    if bytes.iter().all(u8::is_ascii_whitespace) { Ok(Value::Null) } else { serde_json::from_slice(bytes) }
}

impl<'a> Reader<'a> {
    /// Of a body, or of a model of one.
    pub fn new(operation: Operation, value: &'a Value) -> Reader<'a> {
        Reader { operation, members: value.as_object(), faults: Vec::new() }
    }

    /// The operation that is asked for.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// The member, unless it is absent or null.
    pub fn given(&self, field: &str) -> Option<&'a Value> {
        self.members?.get(field).filter(|value| !value.is_null())
    }

    /// Whether the member is there, null or not.
    pub fn has(&self, field: &str) -> bool {
        self.members.is_some_and(|members| members.contains_key(field))
    }

    /// Notes what is wrong with a member; what was found first counts.
    pub fn wrong(&mut self, field: &str, fault: Fault) {
        if self.faults.iter().all(|(known, _)| known != field) {
            self.faults.push((field.to_owned(), fault));
        }
    }

    /// The messages of all that is wrong.
    pub fn messages(&self) -> Vec<Message> {
        self.faults.iter().map(|(field, fault)| Message::fault(self.operation, field, *fault)).collect()
    }

    /// Whether nothing is wrong so far.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    /// Takes over what is wrong with a model inside this one.
    pub fn join(&mut self, inner: Reader<'_>) {
        self.faults.extend(inner.faults);
    }

    /// The member; missing or empty is wrong.
    fn required(&mut self, field: &str) -> Option<&'a Value> {
        let Some(value) = self.given(field) else {
            self.wrong(field, Fault::Missing);
            return None;
        };
        if is_empty(value) {
            self.wrong(field, Fault::Empty);
            return None;
        }
        Some(value)
    }

    fn read<T>(&mut self, field: &str, value: &'a Value, parse: impl Fn(&'a Value) -> Option<T>) -> Option<T> {
        let parsed = parse(value);
        if parsed.is_none() {
            self.wrong(field, Fault::Format);
        }
        parsed
    }

    /// A number, or a string of one, that is required.
    pub fn number(&mut self, field: &str) -> Option<i64> {
        let value = self.required(field)?;
        self.read(field, value, number)
    }

    /// A number that may be left out.
    pub fn opt_number(&mut self, field: &str) -> Option<i64> {
        let value = self.given(field).filter(|value| !is_empty(value))?;
        self.read(field, value, number)
    }

    /// A number of a code table that is required.
    pub fn code<T>(&mut self, field: &str, of: impl Fn(i64) -> Option<T>) -> Option<T> {
        let value = self.required(field)?;
        self.read(field, value, |value| number(value).and_then(&of))
    }

    /// A number of a code table that may be left out.
    pub fn opt_code<T>(&mut self, field: &str, of: impl Fn(i64) -> Option<T>) -> Option<T> {
        let value = self.given(field).filter(|value| !is_empty(value))?;
        self.read(field, value, |value| number(value).and_then(&of))
    }

    /// A flag that may be left out: 0 or 1.
    pub fn flag(&mut self, field: &str) -> Option<bool> {
        self.opt_code(field, |code| match code {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        })
    }

    /// A text of at most `most` characters that is required.
    pub fn text(&mut self, field: &str, most: usize) -> Option<String> {
        let value = self.required(field)?;
        self.read(field, value, |value| text(value, most))
    }

    /// A text that may be left out; an empty one is given.
    pub fn opt_text(&mut self, field: &str, most: usize) -> Option<String> {
        let value = self.given(field)?;
        self.read(field, value, |value| text(value, most))
    }

    /// An instant that is required.
    pub fn datetime(&mut self, field: &str) -> Option<Timestamp> {
        let value = self.required(field)?;
        self.read(field, value, |value| time::parse_datetime(value.as_str()?))
    }

    /// A date that may be left out: the outer `None`; an empty text is the inner one, which clears.
    pub fn opt_date(&mut self, field: &str) -> Option<Option<Day>> {
        self.opt_date_as(field, Day::parse)
    }

    /// The same, written as `parse` reads it.
    pub fn opt_date_as(&mut self, field: &str, parse: impl Fn(&str) -> Option<Day>) -> Option<Option<Day>> {
        let value = self.given(field)?;
        if value.as_str() == Some("") {
            return Some(None);
        }
        self.read(field, value, |value| parse(value.as_str()?)).map(Some)
    }

    /// A list that is required, of at most `most` entries.
    pub fn list(&mut self, field: &str, most: usize) -> Option<&'a [Value]> {
        let value = self.required(field)?;
        self.read(field, value, |value| value.as_array().filter(|list| list.len() <= most).map(Vec::as_slice))
    }

    /// A list that may be left out.
    pub fn opt_list(&mut self, field: &str, most: usize) -> Option<&'a [Value]> {
        let value = self.given(field)?;
        self.read(field, value, |value| value.as_array().filter(|list| list.len() <= most).map(Vec::as_slice))
    }

    /// A list of code numbers that may be left out; empty is as if it were.
    pub fn codes<T>(&mut self, field: &str, of: impl Fn(i64) -> Option<T>) -> Vec<T> {
        let Some(list) = self.opt_list(field, 1_000) else { return Vec::new() };
        let read: Option<Vec<T>> = list.iter().map(|value| number(value).and_then(&of)).collect();
        if read.is_none() {
            self.wrong(field, Fault::Format);
        }
        read.unwrap_or_default()
    }

    /// A model that is required.
    pub fn model(&mut self, field: &str) -> Option<Reader<'a>> {
        let value = self.required(field)?;
        self.read(field, value, |value| value.is_object().then_some(value))
            .map(|value| Reader::new(self.operation, value))
    }

    /// A model that may be left out.
    pub fn opt_model(&mut self, field: &str) -> Option<Reader<'a>> {
        let value = self.given(field)?;
        self.read(field, value, |value| value.is_object().then_some(value))
            .map(|value| Reader::new(self.operation, value))
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A whole number, or a string of one (contract "Numeric leniency").
fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A text, or a number where a code is meant as one (`deliveryCompany` 1001).
fn text(value: &Value, most: usize) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    (text.chars().count() <= most).then_some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_may_be_strings_and_codes_numbers() {
        let value =
            json!({ "version": "7", "deliveryCompany": 1001, "orderProgressList": ["100", 300], "unknown": {} });
        let mut reader = Reader::new(Operation::GetOrder, &value);
        assert_eq!(reader.number("version"), Some(7));
        assert_eq!(reader.text("deliveryCompany", 10).as_deref(), Some("1001"));
        assert_eq!(reader.codes("orderProgressList", Some), vec![100, 300]);
        assert!(reader.is_sound());
    }

    #[test]
    fn every_faulty_member_has_its_message() {
        let value = json!({ "endDatetime": "2018-01-25", "orderNumberList": [], "dateType": null });
        let mut reader = Reader::new(Operation::SearchOrder, &value);
        assert_eq!(reader.number("dateType"), None);
        assert_eq!(reader.datetime("endDatetime"), None);
        assert_eq!(reader.list("orderNumberList", 100), None);
        let codes: Vec<_> = reader.messages().iter().map(|message| message.code().to_owned()).collect();
        assert_eq!(
            codes,
            [
                "ORDER_EXT_API_SEARCH_ORDER_ERROR_009",
                "ORDER_EXT_API_SEARCH_ORDER_ERROR_011",
                "ORDER_EXT_API_SEARCH_ORDER_ERROR_010"
            ]
        );
    }

    #[test]
    fn an_absent_body_is_an_empty_one() {
        for bytes in ["", "  ", "null"] {
            assert_eq!(body(bytes.as_bytes()).unwrap(), Value::Null);
        }
        assert!(body(b"{").is_err());
    }

    #[test]
    fn an_empty_date_clears_and_an_absent_one_keeps() {
        let value = json!({ "a": "", "b": "2026-11-22", "c": "2026/11/22" });
        let mut reader = Reader::new(Operation::UpdateOrderShipping, &value);
        assert_eq!(reader.opt_date("a"), Some(None));
        assert_eq!(reader.opt_date("b"), Some(Day::parse("2026-11-22")));
        assert_eq!(reader.opt_date("none"), None);
        assert!(reader.is_sound());
        assert_eq!(reader.opt_date("c"), None);
        assert!(!reader.is_sound());
    }
}

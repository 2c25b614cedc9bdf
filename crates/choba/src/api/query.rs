//! Parameters of queries that several operations read alike.

use kernel::Timestamp;
use pay::http::form::{Form, digits};
use pay::{ApiError, rules};

/// A parameter that is a whole number.
pub fn number(form: &Form, name: &str) -> Result<Option<i64>, ApiError> {
    let Some(text) = form.get(name) else { return Ok(None) };
    let number = digits(text).and_then(|digits| digits.parse().ok());
    number.map(Some).ok_or_else(|| ApiError::parameter(name, "a whole number"))
}

/// A parameter that is an instant in Unix seconds.
pub fn instant(form: &Form, name: &str) -> Result<Option<Timestamp>, ApiError> {
    Ok(number(form, name)?.map(Timestamp::from_seconds))
}

/// How many elements a page has.
pub fn limit(form: &Form) -> Result<i64, ApiError> {
    let limit = number(form, "limit")?.unwrap_or(rules::PAGE_DEFAULT);
    let fits = (1..=rules::PAGE_MAX).contains(&limit);
    fits.then_some(limit).ok_or_else(|| ApiError::parameter("limit", &format!("1 to {}", rules::PAGE_MAX)))
}

/// `before`: the `next` of the page before. Ids are letters and digits, some with an ending.
pub fn before(form: &Form) -> Result<Option<String>, ApiError> {
    let Some(text) = form.get("before") else { return Ok(None) };
    let is_plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let is_id = is_plain && (1..=100).contains(&text.len());
    is_id.then(|| Some(text.to_owned())).ok_or_else(|| ApiError::parameter("before", "the next of another page"))
}

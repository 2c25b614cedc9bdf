//! `/requests`: the list, newest first, and the search.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use kernel::{Environment, JstDate, Timestamp};
use pay::http::form::{Form, digits};
use pay::request_log::{Entry, Filter, Found, StatusFilter, search};
use shop::CredentialKind;

use super::{RequestsText, milliseconds, shown, tone};
use crate::staff::Desk;
use crate::ui::{Frame, Tone};

/// Fields of the search, as they were typed.
const FIELDS: [&str; 8] = ["environment", "status", "charge", "key", "path", "from", "until", "text"];

#[derive(Template)]
#[template(path = "requests/list.html")]
struct Page {
    frame: Frame,
    t: &'static RequestsText,
    rows: Vec<Row>,
    asked: Asked,
    keys: Vec<Key>,
    is_search: bool,
    /// Whether a condition is given that is folded away otherwise.
    is_detailed: bool,
    is_later: bool,
    next: Option<String>,
}

struct Row {
    id: String,
    when: String,
    status: u16,
    tone: &'static str,
    method: String,
    path: String,
    environment: &'static str,
    /// The order number, unless the path says it.
    charge: String,
    took: String,
}

struct Key {
    id: String,
    environment: &'static str,
}

/// What was asked for, as text.
struct Asked(Form);

impl Asked {
    fn get(&self, field: &str) -> &str {
        self.0.get(field).unwrap_or_default().trim()
    }

    fn is(&self, field: &str, value: &str) -> bool {
        self.get(field) == value
    }

    fn given(&self, field: &str) -> Option<String> {
        Some(self.get(field)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// The filter, or the name of the field that cannot be read.
    fn filter(&self, t: &RequestsText) -> Result<Filter, &'static str> {
        let environment = self.given("environment").map(|text| text.parse::<Environment>().map_err(|_| t.environment));
        let status = self.given("status").map(|text| status(&text).ok_or(t.status));
        let instant = |field, name| self.given(field).map(|text| instant(&text).ok_or(name)).transpose();
        Ok(Filter {
            environment: environment.transpose()?,
            status: status.transpose()?,
            charge: self.given("charge"),
            key: self.given("key"),
            path: self.given("path"),
            from: instant("from", t.from)?,
            until: instant("until", t.until)?,
            text: self.given("text"),
        })
    }

    /// The same search from another place on.
    fn continued(&self, before: &str) -> String {
        let given = FIELDS.iter().filter_map(|field| Some((field, self.given(field)?)));
        let pairs = given.map(|(field, text)| format!("{field}={}", escaped(&text)));
        let pairs: Vec<String> = pairs.chain([format!("before={before}")]).collect();
        format!("/requests?{}", pairs.join("&"))
    }
}

/// `GET /requests`.
pub(super) async fn show(desk: Desk) -> Response {
    let t = RequestsText::of(desk.visit.language);
    let query = desk.visit.path.split_once('?').map_or("", |(_, query)| query);
    let asked = Asked(Form::parse(query.as_bytes()).unwrap_or_default());
    let gateway = desk.visit.ui.gateway();
    let before = asked.given("before").filter(|id| id.len() <= 64);
    let (status, frame, found) = match asked.filter(t) {
        Ok(filter) => match search::list(gateway, desk.shop(), filter, before.clone()).await {
            Ok(found) => (StatusCode::OK, desk.frame(), found),
            Err(error) => return desk.failed(&error),
        },
        Err(field) => {
            let text = t.unreadable.replace("{}", field);
            (StatusCode::BAD_REQUEST, desk.frame().saying(Tone::Bad, text), Found::default())
        }
    };
    let keys = match keys(&desk, t).await {
        Ok(keys) => keys,
        Err(error) => return desk.failed(&error),
    };
    let page = Page {
        frame,
        t,
        rows: found.entries.into_iter().map(|entry| row(entry, t)).collect(),
        is_detailed: FIELDS.iter().any(|field| !["status", "text"].contains(field) && asked.given(field).is_some()),
        is_search: FIELDS.iter().any(|field| asked.given(field).is_some()),
        is_later: before.is_some(),
        next: found.next.map(|next| asked.continued(&next)),
        asked,
        keys,
    };
    desk.visit.page_with(status, &page)
}

/// The private keys of the shop, by their names.
async fn keys(desk: &Desk, t: &RequestsText) -> Result<Vec<Key>, store::StoreError> {
    let shop = desk.shop();
    let all = desk.visit.ui.store().read(shop::rows::credentials).await?;
    let ours = all.into_iter().filter(|key| key.shop == shop && key.kind == CredentialKind::PrivateKey);
    Ok(ours.map(|key| Key { environment: t.environment(key.environment), id: key.id }).collect())
}

fn row(entry: Entry, t: &RequestsText) -> Row {
    let charge = entry.charge.filter(|charge| !entry.path.contains(charge.as_str()));
    Row {
        id: entry.id,
        when: shown(entry.at),
        status: entry.status,
        tone: tone(entry.status).class(),
        method: entry.method,
        path: entry.path,
        environment: t.environment(entry.environment),
        charge: charge.unwrap_or_default(),
        took: milliseconds(entry.micros),
    }
}

/// `2xx` or `404`.
fn status(text: &str) -> Option<StatusFilter> {
    match text {
        "2xx" => Some(StatusFilter::Class(2)),
        "4xx" => Some(StatusFilter::Class(4)),
        "5xx" => Some(StatusFilter::Class(5)),
        other => digits(other)?.parse().ok().filter(|status| (100..600).contains(status)).map(StatusFilter::Exactly),
    }
}

/// `2026-11-22T09:30`, with seconds or without, in Japan.
fn instant(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_once('T')?;
    let mut parts = date.splitn(3, '-').map(|part| digits(part)?.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let date = JstDate::new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)?;
    let mut parts = time.splitn(3, ':').map(|part| digits(part)?.parse::<i64>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    let fits = hour < 24 && minute < 60 && second < 60;
    fits.then(|| date.start().plus_seconds(hour * 3_600 + minute * 60 + second))
}

fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_japan() {
        assert_eq!(instant("2026-11-22T09:00"), Some(Timestamp::from_seconds(1_795_305_600)));
        assert_eq!(instant("2026-11-22T09:00:07"), Some(Timestamp::from_seconds(1_795_305_607)));
        for wrong in ["", "2026-11-22", "2026-11-31T09:00", "2026-11-22T24:00", "2026-11-22T9", "a-b-cTd:e"] {
            assert_eq!(instant(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_search_goes_on_where_it_was() {
        let asked = Asked(Form::parse("text=%E7%85%8E&status=4xx&before=1".as_bytes()).unwrap());
        assert_eq!(asked.continued("0a"), "/requests?status=4xx&text=%E7%85%8E&before=0a");
        assert_eq!(status("4xx"), Some(StatusFilter::Class(4)));
        assert_eq!(status("404"), Some(StatusFilter::Exactly(404)));
        assert_eq!(status("9"), None);
    }
}

//! `/requests`: the list, newest first, and the search.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use kernel::{Environment, JstDate, Timestamp};
use pay::http::form::digits;
use pay::request_log::{Entry, Filter, Found, StatusFilter, search};
use shop::CredentialKind;

use super::{RequestsText, milliseconds, tone};
use crate::staff::Desk;
use crate::ui::frame::moment;
use crate::ui::{Frame, Query, Tone};

/// Fields of the search, as they were typed.
const FIELDS: [&str; 8] = ["environment", "status", "charge", "key", "path", "from", "until", "text"];

#[derive(Template)]
#[template(path = "requests/list.html")]
struct Page {
    frame: Frame,
    t: &'static RequestsText,
    rows: Vec<Row>,
    asked: Query,
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

/// The filter, or the name of the field that cannot be read.
fn filter(asked: &Query, t: &RequestsText) -> Result<Filter, &'static str> {
    let environment = asked.given("environment").map(|text| text.parse::<Environment>().map_err(|_| t.environment));
    let status = asked.given("status").map(|text| status(&text).ok_or(t.status));
    let instant = |field, name| asked.given(field).map(|text| instant(&text).ok_or(name)).transpose();
    Ok(Filter {
        environment: environment.transpose()?,
        status: status.transpose()?,
        charge: asked.given("charge"),
        key: asked.given("key"),
        path: asked.given("path"),
        from: instant("from", t.from)?,
        until: instant("until", t.until)?,
        text: asked.given("text"),
    })
}

/// `GET /requests`.
pub(super) async fn show(desk: Desk) -> Response {
    let t = RequestsText::of(desk.visit.language);
    let asked = Query::of(&desk.visit.path);
    let gateway = desk.visit.ui.gateway();
    let before = asked.given("before").filter(|id| id.len() <= 64);
    let (status, frame, found) = match filter(&asked, t) {
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
        next: found.next.map(|next| asked.link("/requests", &FIELDS, ("before", &next))),
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
        when: moment(entry.at),
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
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_once('T')?;
    let mut parts = date.splitn(3, '-').map(|part| digits(part)?.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let date = JstDate::new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)?;
    let mut parts = time.splitn(3, ':').map(|part| digits(part)?.parse::<i64>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    let fits = hour < 24 && minute < 60 && second < 60;
    fits.then(|| date.start().plus_seconds(hour * 3_600 + minute * 60 + second))
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
    fn a_status_is_a_class_or_a_number() {
        assert_eq!(status("4xx"), Some(StatusFilter::Class(4)));
        assert_eq!(status("404"), Some(StatusFilter::Exactly(404)));
        assert_eq!(status("9"), None);
    }
}

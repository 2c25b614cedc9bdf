//! `/notifications`: asking for mails to buyers, and the history of what was asked for (contract "Operations": send mail,
//! mails sent).

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, Uri};
use kernel::ChargeNumber;
use serde::Serialize;

use super::caller::Caller;
use super::charges::form;
use super::form::Form;
use super::list::limit_and_offset;
use super::{Api, json, to_json};
use crate::error::ApiError;
use crate::notification::operations::{self, Answer};
use crate::notification::rows::Filter;
use crate::notification::wire::NotificationObject;
use crate::notification::{Notification, Wanted};

#[derive(Serialize)]
struct ListObject<'a> {
    object: &'static str,
    url: &'a str,
    limit: i64,
    offset: i64,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    charge: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    data: Vec<NotificationObject<'a>>,
}

/// `POST /notifications/mail`.
pub async fn mail(
    State(api): State<Api>,
    uri: Uri,
    caller: Caller,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let form = form(&headers, body)?;
    let given = |name: &str| form.get(name).ok_or_else(|| ApiError::missing(name));
    let wanted = Wanted::new(given("charge")?, given("subject")?, given("body")?)?;
    let change = caller.change(&headers, "POST", uri.path(), &form.canonical())?;
    match operations::ask(&api.gateway, change, wanted).await? {
        Answer::Made(notification) => Ok(to_json(&notification.to_wire())),
        Answer::Kept(status, body) => Ok(json(status, body)),
    }
}

/// `GET /notifications`: newest first. The contract asks with `charge`; without it, all of them are listed `[i]`.
pub async fn list(
    State(api): State<Api>,
    uri: Uri,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let form = Form::parse(query.unwrap_or_default().as_bytes())?;
    let (limit, offset) = limit_and_offset(&form)?;
    let filter = Filter { charge: form.get("charge").map(order_number), id: form.get("id").map(id) };
    let (shop, environment) = (caller.shop, caller.environment);
    let listed = api
        .gateway
        .store()
        .read(move |tx| operations::list(tx, shop, environment, &filter, (limit, offset)).map_err(ApiError::from));
    let (notifications, total): (Vec<Notification>, i64) = listed.await?;
    Ok(to_json(&ListObject {
        object: "list",
        url: uri.path(),
        limit,
        offset,
        total,
        charge: form.get("charge"),
        id: form.get("id"),
        data: notifications.iter().map(Notification::to_wire).collect(),
    }))
}

/// The order number in its one spelling. A text that is none matches nothing; it may hold what no database can.
fn order_number(text: &str) -> String {
    text.parse::<ChargeNumber>().map_or_else(|_| String::new(), |number| number.to_string())
}

/// An id. A text that is none matches nothing.
fn id(text: &str) -> String {
    let is_id = text.strip_prefix("ntfn_").is_some_and(|root| root.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if is_id { text.to_owned() } else { String::new() }
}

//! `GET /charges` (contract "Operations": list, retrieve; "List object").

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::Uri;
use kernel::ChargeNumber;
use serde::Serialize;

use super::caller::Caller;
use super::form::{Form, digits};
use super::{Api, to_json};
use crate::charge::list::{CreatedFilter, Filter, Page, PaymentFilter};
use crate::charge::rows;
use crate::charge::wire::{ChargeObject, Snapshot};
use crate::error::ApiError;
use crate::rules;

#[derive(Serialize)]
struct ListObject<'a> {
    object: &'static str,
    url: &'a str,
    limit: i64,
    offset: i64,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment: Option<PaymentEcho>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    starting_after: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<CreatedEcho>,
    data: Vec<ChargeObject<'a>>,
}

#[derive(Serialize)]
struct PaymentEcho {
    #[serde(skip_serializing_if = "Option::is_none")]
    paid: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    captured: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refunded: Option<bool>,
}

#[derive(Serialize)]
struct CreatedEcho {
    #[serde(skip_serializing_if = "Option::is_none")]
    gt: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gte: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lt: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lte: Option<i64>,
}

/// `GET /charges`: newest first.
pub async fn list(
    State(api): State<Api>,
    uri: Uri,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let form = Form::parse(query.unwrap_or_default().as_bytes())?;
    let (filter, page) = (filter(&form)?, page(&form)?);
    let (shop, environment) = (caller.shop, caller.environment);
    let wanted = (filter.clone(), page.clone());
    let (charges, total) = api
        .gateway
        .store()
        .read(move |tx| {
            let charges = rows::page(tx, shop, environment, &wanted.0, &wanted.1)?;
            let total = rows::total(tx, shop, environment, &wanted.0)?;
            Ok::<_, ApiError>((charges, total))
        })
        .await?;
    let snapshots: Vec<Snapshot> = charges.iter().map(|charge| Snapshot::of(charge, environment)).collect();
    let pairs = snapshots.iter().zip(&charges);
    let data =
        pairs.map(|(snapshot, charge)| snapshot.to_wire(&caller.private_key, charge.address_json.as_deref())).collect();
    Ok(to_json(&ListObject {
        object: "list",
        url: uri.path(),
        limit: page.limit,
        offset: page.offset,
        total,
        payment: payment_echo(filter.payment),
        id: form.get("id"),
        starting_after: form.get("starting_after"),
        created: created_echo(filter.created),
        data,
    }))
}

fn payment_echo(payment: PaymentFilter) -> Option<PaymentEcho> {
    let PaymentFilter { paid, captured, refunded } = payment;
    (payment != PaymentFilter::default()).then_some(PaymentEcho { paid, captured, refunded })
}

fn created_echo(created: CreatedFilter) -> Option<CreatedEcho> {
    let CreatedFilter { gt, gte, lt, lte } = created;
    (created != CreatedFilter::default()).then_some(CreatedEcho { gt, gte, lt, lte })
}

fn filter(form: &Form) -> Result<Filter, ApiError> {
    let flag = |name: &str| form.get(name).map(|text| boolean(name, text)).transpose();
    let second = |name: &str| form.get(name).map(|text| unix_seconds(name, text)).transpose();
    Ok(Filter {
        id: form.get("id").map(order_number),
        payment: PaymentFilter {
            paid: flag("payment[paid]")?,
            captured: flag("payment[captured]")?,
            refunded: flag("payment[refunded]")?,
        },
        created: CreatedFilter {
            gt: second("created[gt]")?,
            gte: second("created[gte]")?,
            lt: second("created[lt]")?,
            lte: second("created[lte]")?,
        },
    })
}

fn page(form: &Form) -> Result<Page, ApiError> {
    let (limit, offset) = limit_and_offset(form)?;
    let starting_after = form.get("starting_after").map(|text| {
        text.parse().map_err(|_| ApiError::parameter("starting_after", "an order number SERVICEID-YYYYMMDD-NNNNNNNNNN"))
    });
    Ok(Page { limit, offset, starting_after: starting_after.transpose()? })
}

/// `limit` and `offset` of any list.
pub(super) fn limit_and_offset(form: &Form) -> Result<(i64, i64), ApiError> {
    let number = |name: &str, otherwise: i64, least: i64, most: i64| match form.get(name) {
        None => Ok(otherwise),
        Some(text) => digits(text)
            .and_then(|digits| digits.parse().ok())
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| ApiError::parameter(name, &format!("a whole number from {least} to {most}"))),
    };
    Ok((number("limit", rules::PAGE_DEFAULT, 1, rules::PAGE_MAX)?, number("offset", 0, 0, rules::OFFSET_MAX)?))
}

/// The order number in its one spelling. A text that is none matches nothing; it may hold what no database can.
fn order_number(text: &str) -> String {
    text.parse::<ChargeNumber>().map_or_else(|_| String::new(), |number| number.to_string())
}

/// `true` or `false`; `1` and `0` too, as some clients spell them `[i]`.
fn boolean(name: &str, text: &str) -> Result<bool, ApiError> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(ApiError::parameter(name, "true or false")),
    }
}

fn unix_seconds(name: &str, text: &str) -> Result<i64, ApiError> {
    let seconds = digits(text).and_then(|digits| digits.parse().ok());
    seconds.ok_or_else(|| ApiError::parameter(name, "a time in whole Unix seconds"))
}

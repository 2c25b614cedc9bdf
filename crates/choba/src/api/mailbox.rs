//! `/api/shops/{shop}/{environment}/mailbox`: the mails that buyers and the shop got, for tokens with the scope `mail`.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::Method;
use axum::routing::get;
use kernel::{ChargeNumber, Environment, ShopId};
use pay::http::Route;
use pay::http::form::Form;
use pay::mailbox::{self, Cursor, Mail, Search};
use pay::{ApiError, Gateway};
use serde::Serialize;
use shop::Scope;
use store::Tx;

use super::account::{environment_of, shop_of};
use super::query::limit;
use super::token::Bearer;

/// The mails.
pub const LIST: &str = "/api/shops/{shop}/{environment}/mailbox";
/// One mail.
pub const ONE: &str = "/api/shops/{shop}/{environment}/mailbox/{message}";

/// The routes.
pub fn routes(gateway: &Gateway) -> Vec<Route> {
    vec![
        (Method::GET, LIST.to_owned(), get(list).with_state(gateway.clone())),
        (Method::GET, ONE.to_owned(), get(show).with_state(gateway.clone())),
    ]
}

/// A mail as the wire shows it.
#[derive(Debug, Serialize)]
pub struct Shown {
    object: &'static str,
    id: String,
    charge: String,
    kind: &'static str,
    recipient: &'static str,
    outcome: &'static str,
    to: Option<String>,
    sender_name: String,
    subject: String,
    body: String,
    error: Option<String>,
    created: i64,
}

impl Shown {
    fn of(mail: Mail) -> Shown {
        let Mail { id, charge, kind, recipient, outcome, to, sender_name, subject, body, error, created } = mail;
        Shown {
            object: "mail",
            id,
            charge,
            kind: kind.as_str(),
            recipient: recipient.as_str(),
            outcome: outcome.as_str(),
            to,
            sender_name,
            subject,
            body,
            error,
            created: created.seconds(),
        }
    }
}

/// A page of mails.
#[derive(Debug, Serialize)]
pub struct Page {
    object: &'static str,
    data: Vec<Shown>,
    /// To be sent as `after`; null at the end.
    next: Option<String>,
}

async fn area(
    gateway: &Gateway,
    bearer: &Bearer,
    (shop, environment): (&str, &str),
) -> Result<(ShopId, Environment), ApiError> {
    Ok((shop_of(gateway, bearer, shop, Scope::Mail).await?, environment_of(environment)?))
}

/// `GET …/mailbox`.
pub async fn list(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Result<Path<(String, String)>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Json<Page>, ApiError> {
    let Path((shop, environment)) = at.map_err(|_| ApiError::no_such_path())?;
    let (shop, environment) = area(&gateway, &bearer, (&shop, &environment)).await?;
    let form = Form::parse(query.unwrap_or_default().as_bytes())?;
    let charge = form.get("charge").map(str::parse::<ChargeNumber>).transpose();
    let charge = charge.map_err(|error| ApiError::invalid("invalid_parameter", format!("charge: {error}")))?;
    let search = Search {
        text: form.get("text").unwrap_or_default().to_owned(),
        charge: charge.map(|charge| charge.to_string()),
        undelivered: match form.get("undelivered") {
            None | Some("false" | "0") => false,
            Some("true" | "1") => true,
            Some(_) => return Err(ApiError::parameter("undelivered", "true or false")),
        },
    };
    let after = form.get("after").map(str::parse::<Cursor>).transpose();
    let after = after.map_err(|_| ApiError::parameter("after", "the next of another page"))?;
    let limit = usize::try_from(limit(&form)?).unwrap_or(1);
    let read = move |tx: &mut Tx<'_>| {
        mailbox::list(tx, shop, environment, &search, after.as_ref(), limit).map_err(ApiError::from)
    };
    let found = gateway.store().read(read).await?;
    let next = found.next.map(|next| next.to_string());
    Ok(Json(Page { object: "list", data: found.mails.into_iter().map(Shown::of).collect(), next }))
}

/// `GET …/mailbox/{message}`.
pub async fn show(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Result<Path<(String, String, String)>, PathRejection>,
) -> Result<Json<Shown>, ApiError> {
    let Path((shop, environment, id)) = at.map_err(|_| ApiError::no_such_path())?;
    let (shop, environment) = area(&gateway, &bearer, (&shop, &environment)).await?;
    let read = move |tx: &mut Tx<'_>| mailbox::find(tx, shop, environment, &id).map_err(ApiError::from);
    let found = gateway.store().read(read).await?;
    found.map(|mail| Json(Shown::of(mail))).ok_or_else(|| ApiError::missing_resource("There is no such mail."))
}

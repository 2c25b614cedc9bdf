//! `POST /api/test_helpers/charges`: makes a charge as if a buyer had paid, through the operations a checkout uses. For
//! programs, in sandbox and test only.

use acquirer::{CardDetails, Merchant, TokenizeRefused, simulator};
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use http::HeaderMap;
use kernel::{Environment, Timestamp, Yen};
use serde::Deserialize;

use super::caller::Caller;
use super::charges::answered;
use super::{Api, media_type, object, whole};
use crate::charge::item::{Item, Items};
use crate::charge::order::{Address, Buyer, Order, Presence, open_id};
use crate::error::ApiError;
use crate::rules;

/// Where it answers.
pub const PATH: &str = "/api/test_helpers/charges";
/// The card used when the request names none: approved by the simulator.
const CARD_OTHERWISE: &str = "visa";
/// The buyer when the request names none.
const BUYER_OTHERWISE: &str = "buyer-1";
const CARD_EXPECTED: &str = "expected a magic name, a number or a token as text, or an object of number (text), \
    expiry_year and expiry_month (numbers), security_code and holder (texts, optional)";

/// The body of the request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    items: Vec<Item>,
    #[serde(default)]
    cart_id: Option<String>,
    #[serde(default)]
    point: Option<i64>,
    #[serde(default)]
    card: Option<Card>,
    #[serde(default)]
    address: Option<Address>,
    #[serde(default)]
    buyer: Option<Buyer>,
}

/// A magic name, a number or a token; or the details of a card.
enum Card {
    Named(String),
    Details(Details),
}

impl<'de> Deserialize<'de> for Card {
    /// Text or object. The message of an error repeats no value: it could be a card number.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Card, D::Error> {
        let wrong = || serde::de::Error::custom(CARD_EXPECTED);
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(name) => Ok(Card::Named(name)),
            details @ serde_json::Value::Object(_) => {
                serde_json::from_value(details).map(Card::Details).map_err(|_| wrong())
            }
            _ => Err(wrong()),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Details {
    number: String,
    expiry_year: u16,
    expiry_month: u8,
    #[serde(default)]
    security_code: Option<String>,
    #[serde(default)]
    holder: Option<String>,
}

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Card(hidden)")
    }
}

/// Makes the charge and answers with it.
pub async fn create(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    if caller.environment == Environment::Live {
        return Err(ApiError::forbidden("test_helper", "Test helpers work with sandbox and test keys only."));
    }
    let body = whole(body)?;
    if media_type(&headers).is_some_and(|other| other != "application/json") {
        return Err(ApiError::parameter("Content-Type", "application/json"));
    }
    let parsed: Body = object(&body)?;
    let change = caller.change(&headers, "POST", PATH, &canonical(&body)?)?;
    let order = order(&api, &caller, parsed).await?;
    Ok(answered(&caller, api.gateway.pay(change, order).await?))
}

/// The same bytes for the same JSON, however it is spelled.
fn canonical(body: &[u8]) -> Result<Vec<u8>, ApiError> {
    let value: serde_json::Value = serde_json::from_slice(body).map_err(|error| ApiError::invalid_json(&error))?;
    Ok(value.to_string().into_bytes())
}

async fn order(api: &Api, caller: &Caller, body: Body) -> Result<Order, ApiError> {
    let items = Items::new(body.items)?;
    if items.total().is_zero() {
        return Err(ApiError::parameter("the total", "at least 1 yen"));
    }
    let point = point(body.point, items.total())?;
    let cart_id = body.cart_id.map(cart_id).transpose()?;
    if body.address.is_some() && !caller.receives_address {
        return Err(ApiError::parameter("address", "left out: this shop does not receive shipping addresses"));
    }
    let buyer = body.buyer.unwrap_or_default();
    let openid = format!("{}/openid/user/", api.gateway.base_url());
    let open_id = open_id(&openid, buyer.id.as_deref().unwrap_or(BUYER_OTHERWISE));
    let card = body.card.unwrap_or_else(|| Card::Named(CARD_OTHERWISE.to_owned()));
    let card = Some(token(api, caller, card).await?);
    let (address, windows) = (body.address, api.gateway.windows());
    Ok(Order { items, cart_id, point, card, address, buyer, open_id, presence: Presence::Simulated, windows })
}

fn point(point: Option<i64>, total: Yen) -> Result<Yen, ApiError> {
    let given = Yen::new(point.unwrap_or(0)).ok().filter(|point| *point <= total);
    given.ok_or_else(|| ApiError::parameter("point", &format!("0 to the total of {total} yen")))
}

fn cart_id(text: String) -> Result<String, ApiError> {
    let length = text.chars().count();
    if length > rules::TEXT_MAX || text.chars().any(char::is_control) {
        let expected = format!("at most {} characters, none of them a control character", rules::TEXT_MAX);
        return Err(ApiError::parameter("cart_id", &expected));
    }
    Ok(text)
}

async fn token(api: &Api, caller: &Caller, card: Card) -> Result<String, ApiError> {
    let now = api.gateway.store().machine_now();
    let details = match card {
        // The simulator knows its magic cards by name; anything else becomes a token first.
        Card::Named(name) if is_token(&name) || simulator::magic_card(&name).is_some() => return Ok(name),
        Card::Named(number) => numbered(&number, now)?,
        Card::Details(Details { number, expiry_year, expiry_month, security_code, holder }) => {
            CardDetails { number, expiry_year, expiry_month, security_code, holder: holder.unwrap_or_default() }
        }
    };
    let merchant = Merchant { shop: caller.shop, environment: caller.environment };
    let ports = api.gateway.ports(caller.environment);
    let ports = ports.ok_or_else(ApiError::no_provider)?;
    let tokenized = tokio::time::timeout(ports.timeout, ports.cards.tokenize(merchant, details)).await;
    let tokenized = tokenized.map_err(|_| ApiError::service("provider_unavailable", "The provider did not answer."))?;
    tokenized.map(|token| token.token).map_err(refused)
}

/// Whether the name may be a token: whether it is one, the provider says.
fn is_token(name: &str) -> bool {
    name.starts_with("tok_") && name.len() <= rules::TEXT_MAX && name.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The card with a bare number, with a date of expiry in three years.
fn numbered(number: &str, now: Timestamp) -> Result<CardDetails, ApiError> {
    if !number.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ') {
        return Err(ApiError::parameter("card", "a magic name of docs/magic-cards.md, a number, a token or details"));
    }
    let number = number.replace(' ', "");
    let (year, _, _) = now.jst_date().civil();
    let expiry_year = u16::try_from(year + 3).map_err(|_| ApiError::server())?;
    let security_code = Some("123".to_owned());
    Ok(CardDetails { number, expiry_year, expiry_month: 12, security_code, holder: "TARO RAKUTEN".to_owned() })
}

fn refused(refused: TokenizeRefused) -> ApiError {
    ApiError::invalid("invalid_card", format!("card: {refused}"))
}

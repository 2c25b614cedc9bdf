//! `/api/test_helpers/mall/rcard_…`: card orders of the old model, as if buyers had placed them; what R-Card Plus did with
//! them; buyers who name another card; and the numbers of the API. In the sandbox only.

use acquirer::simulator::magic_card;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use kernel::outside::sortable_hex;
use kernel::{Environment, Timestamp, Yen};
use mall::order::OrderNumber;
use mall::rcard::orders::{self, Card, Order, PlusAct, Refused};
use mall::rcard::{Rules, rows};
use pay::ApiError;
use pay::http::caller::Caller;
use pay::http::{Api, object, whole};
use serde::{Deserialize, Serialize};
use shop::By;
use store::Tx;

use super::not_old_model;

/// Where an order is placed.
pub const ORDERS: &str = "/api/test_helpers/mall/rcard_orders";
/// One order.
pub const ORDER: &str = "/api/test_helpers/mall/rcard_orders/{order}";
/// What R-Card Plus does with it.
pub const PLUS: &str = "/api/test_helpers/mall/rcard_orders/{order}/plus";
/// Where its buyer names another card.
pub const CARD: &str = "/api/test_helpers/mall/rcard_orders/{order}/card";
/// The numbers of the API.
pub const RULES: &str = "/api/test_helpers/mall/rcard_rules";

/// The card when the request names none: approved by the simulator.
const CARD_OTHERWISE: &str = "visa";
/// The name on the card when the request gives none.
const OWNER_OTHERWISE: &str = "TARO RAKUTEN";
/// Yen of an order at the most, and characters of the name on a card.
const AMOUNT_MAX: i64 = 99_999_999;
const OWNER_MAX: usize = 100;

/// An order as the helper shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    order_number: String,
    amount: i64,
    card_number: String,
    brand: String,
    /// 未オーソリ, オーソリ済, 売上請求済.
    status: &'static str,
    /// The same as RMS shows it: fixed once the shop has switched over.
    status_in_rms: &'static str,
}

impl Shown {
    fn of(order: &Order, has_switched: bool) -> Json<Shown> {
        Json(Shown {
            order_number: order.number.to_string(),
            amount: order.amount.get(),
            card_number: order.card_number(),
            brand: order.card.brand.clone(),
            status: order.standing.name(),
            status_in_rms: order.shown_in_rms(has_switched),
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    amount: i64,
    #[serde(default)]
    card: Option<String>,
    #[serde(default)]
    owner: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ByPlus {
    act: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Another {
    card: String,
    #[serde(default)]
    owner: Option<String>,
}

fn refused(refused: Refused) -> ApiError {
    match refused {
        Refused::NotOldModel => not_old_model(),
        Refused::PlusGone => ApiError::invalid("rcard_plus_gone", refused.to_string()),
        Refused::NoSuch => missing(),
        Refused::NotInThatState => ApiError::invalid("not_in_that_state", refused.to_string()),
        Refused::Store(error) => error.into(),
    }
}

fn missing() -> ApiError {
    ApiError::missing_resource("There is no such order.")
}

/// Helpers work with keys of the sandbox alone: that is where the marketplace lives.
fn in_sandbox(caller: &Caller) -> Result<(), ApiError> {
    match caller.environment {
        Environment::Sandbox => Ok(()),
        Environment::Test | Environment::Live => {
            Err(ApiError::forbidden("test_helper", "This helper works with keys of the sandbox only."))
        }
    }
}

fn card(name: Option<String>, owner: Option<String>, now: Timestamp) -> Result<Card, ApiError> {
    let name = name.unwrap_or_else(|| CARD_OTHERWISE.to_owned());
    let magic = magic_card(&name).ok_or_else(|| ApiError::parameter("card", "a name of docs/magic-cards.md"))?;
    let owner = owner.unwrap_or_else(|| OWNER_OTHERWISE.to_owned());
    let length = owner.chars().count();
    if length == 0 || length > OWNER_MAX || owner.chars().any(char::is_control) {
        let expected = format!("1 to {OWNER_MAX} characters, none of them a control character");
        return Err(ApiError::parameter("owner", &expected));
    }
    let (year, month, _) = now.jst_date().civil();
    Ok(Card {
        token: magic.name.to_owned(),
        brand: magic.brand.display_name().to_uppercase(),
        last4: magic.last4().to_owned(),
        expires: format!("{}/{month:02}", year + 3),
        owner,
    })
}

type At = Result<Path<String>, PathRejection>;

fn number(at: At) -> Result<OrderNumber, ApiError> {
    let Path(text) = at.map_err(|_| missing())?;
    text.parse().map_err(|_| missing())
}

/// Who asks, for audit rows.
struct Author {
    id: String,
    actor: String,
}

impl Author {
    fn of(api: &Api, caller: &Caller) -> Author {
        let id = sortable_hex(api.gateway.store().machine_now(), api.gateway.entropy());
        Author { id, actor: format!("shop:{}", caller.shop) }
    }

    fn by(&self) -> By {
        By::named(self.id.clone(), &self.actor, "test helper")
    }
}

/// `POST …/rcard_orders`.
pub async fn place(
    State(api): State<Api>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Shown>, ApiError> {
    in_sandbox(&caller)?;
    let New { amount, card: name, owner } = object(&whole(body)?)?;
    let yen = Yen::new(amount).ok().filter(|yen| yen.get() <= AMOUNT_MAX);
    let yen = yen.ok_or_else(|| ApiError::parameter("amount", &format!("0 to {AMOUNT_MAX}")))?;
    let card = card(name, owner, api.gateway.store().machine_now())?;
    let (shop, author) = (caller.shop, Author::of(&api, &caller));
    let write = move |tx: &mut Tx<'_>| {
        let order = orders::place(tx, shop, yen, card.clone(), &author.by()).map_err(refused)?;
        Ok::<_, ApiError>((order, rows::access(tx, shop)?.is_some()))
    };
    let (order, has_switched) = api.gateway.store().write(write).await?;
    Ok(Shown::of(&order, has_switched))
}

/// `GET …/rcard_orders/{order}`.
pub async fn show(State(api): State<Api>, caller: Caller, at: At) -> Result<Json<Shown>, ApiError> {
    in_sandbox(&caller)?;
    let (shop, number) = (caller.shop, number(at)?);
    let read = move |tx: &mut Tx<'_>| {
        let order = rows::order(tx, shop, number)?.ok_or_else(missing)?;
        Ok::<_, ApiError>((order, rows::access(tx, shop)?.is_some()))
    };
    let (order, has_switched) = api.gateway.store().read(read).await?;
    Ok(Shown::of(&order, has_switched))
}

/// `POST …/rcard_orders/{order}/plus`.
pub async fn plus(
    State(api): State<Api>,
    caller: Caller,
    at: At,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Shown>, ApiError> {
    in_sandbox(&caller)?;
    let (shop, number) = (caller.shop, number(at)?);
    let ByPlus { act } = object(&whole(body)?)?;
    let act = match act.as_str() {
        "authorize" => PlusAct::Authorize,
        "claim" => PlusAct::Claim,
        "cancel" => PlusAct::Cancel,
        _ => return Err(ApiError::parameter("act", "authorize, claim or cancel")),
    };
    let author = Author::of(&api, &caller);
    let write = move |tx: &mut Tx<'_>| orders::by_plus(tx, shop, number, act, &author.by()).map_err(refused);
    Ok(Shown::of(&api.gateway.store().write(write).await?, false))
}

/// `POST …/rcard_orders/{order}/card`.
pub async fn card_named(
    State(api): State<Api>,
    caller: Caller,
    at: At,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Shown>, ApiError> {
    in_sandbox(&caller)?;
    let (shop, number) = (caller.shop, number(at)?);
    let Another { card: name, owner } = object(&whole(body)?)?;
    let card = card(Some(name), owner, api.gateway.store().machine_now())?;
    let author = Author::of(&api, &caller);
    let write = move |tx: &mut Tx<'_>| {
        let order = orders::change_card(tx, shop, number, card.clone(), &author.by()).map_err(refused)?;
        Ok::<_, ApiError>((order, rows::access(tx, shop)?.is_some()))
    };
    let (order, has_switched) = api.gateway.store().write(write).await?;
    Ok(Shown::of(&order, has_switched))
}

/// `PUT …/rcard_rules`: all numbers; those that are left out are the usual ones.
pub async fn rules(
    State(api): State<Api>,
    caller: Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Rules>, ApiError> {
    in_sandbox(&caller)?;
    let rules: Rules = object(&whole(body)?)?;
    let (shop, author) = (caller.shop, Author::of(&api, &caller));
    let write = move |tx: &mut Tx<'_>| {
        let fields = serde_json::to_value(&rules).map_err(|_| ApiError::server())?;
        let record = author.by().record(shop, tx.machine_now(), ("mall.rcard.rules", "rules"), &fields);
        match tx.execute_all(&[rows::save_rules(shop, &rules), record])?.first() {
            Some(1) => Ok(()),
            _ => Err(ApiError::invalid("not_switched_over", "This shop has not switched over yet.")),
        }
    };
    api.gateway.store().write(write).await?;
    Ok(Json(rules))
}

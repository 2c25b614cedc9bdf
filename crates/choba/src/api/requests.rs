//! `/api/shops/{shop}/requests`: the request log of the LITE API, for tokens with the scope `requests`, and a request of
//! the sandbox run again.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Method};
use axum::routing::{get, post};
use axum::{Extension, Json};
use kernel::outside::random_hex;
use kernel::{Environment, Peer, ShopId};
use pay::http::Route;
use pay::http::caller::idempotency_key;
use pay::http::form::{Form, digits};
use pay::request_log::again::{Log, NotAgain, Wish};
use pay::request_log::{Entry, Exchange, Filter, StatusFilter, search};
use pay::{ApiError, Gateway};
use serde::Serialize;
use shop::Scope;

use super::account::shop_of;
use super::query::{before, instant};
use super::token::Bearer;

/// The log.
pub const LIST: &str = "/api/shops/{shop}/requests";
/// One request in full.
pub const ONE: &str = "/api/shops/{shop}/requests/{request}";
/// Where it is run again.
pub const AGAIN: &str = "/api/shops/{shop}/requests/{request}/run_again";
/// Words for classes of statuses in a search.
pub const CLASSES: [&str; 3] = ["2xx", "4xx", "5xx"];

/// The routes; `log` answers what is run again.
pub fn routes(gateway: &Gateway, log: &Log) -> Vec<Route> {
    let again = post(run_again).layer(Extension(log.clone())).with_state(gateway.clone());
    vec![
        (Method::GET, LIST.to_owned(), get(list).with_state(gateway.clone())),
        (Method::GET, ONE.to_owned(), get(show).with_state(gateway.clone())),
        (Method::POST, AGAIN.to_owned(), again),
    ]
}

/// A request as the list shows it.
#[derive(Debug, Serialize)]
pub struct Line {
    object: &'static str,
    id: String,
    environment: &'static str,
    at: i64,
    key: String,
    request_id: String,
    method: String,
    path: String,
    status: u16,
    took_us: i64,
    charge: Option<String>,
}

impl Line {
    fn of(entry: Entry) -> Line {
        let Entry { id, environment, at, credential_id, request_id, method, path, status, micros, charge, .. } = entry;
        Line {
            object: "request",
            id,
            environment: environment.as_str(),
            at: at.seconds(),
            key: credential_id,
            request_id,
            method,
            path,
            status,
            took_us: micros,
            charge,
        }
    }
}

/// A page of the log.
#[derive(Debug, Serialize)]
pub struct Page {
    object: &'static str,
    data: Vec<Line>,
    /// To be sent as `before`; null at the end.
    next: Option<String>,
}

/// A request or an answer as the log keeps it, secrets masked.
#[derive(Debug, Serialize)]
pub struct Side {
    head: String,
    body: String,
    /// Bytes of the body as it was sent.
    length: u64,
    /// Whether only the beginning of the body is kept.
    cut: bool,
}

impl Side {
    fn of(head: &[u8], body: &[u8], length: u64) -> Side {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Side { head: text(head), body: text(body), length, cut: (body.len() as u64) < length }
    }
}

/// A request with everything that the log holds of it.
#[derive(Debug, Serialize)]
pub struct Whole {
    #[serde(flatten)]
    line: Line,
    request: Side,
    answer: Side,
}

/// What running a request again came to.
#[derive(Debug, Serialize)]
pub struct Ran {
    object: &'static str,
    of: String,
    status: u16,
    /// The new request in the log; null if the log was too busy to take it.
    request: Option<String>,
}

/// `GET …/requests`.
pub async fn list(
    State(gateway): State<Gateway>,
    bearer: Bearer,
    at: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Json<Page>, ApiError> {
    let Path(shop) = at.map_err(|_| ApiError::no_such_path())?;
    let shop = shop_of(&gateway, &bearer, &shop, Scope::Requests).await?;
    let form = Form::parse(query.unwrap_or_default().as_bytes())?;
    let found = search::list(&gateway, shop, filter(&form)?, before(&form)?).await?;
    Ok(Json(Page { object: "list", data: found.entries.into_iter().map(Line::of).collect(), next: found.next }))
}

fn filter(form: &Form) -> Result<Filter, ApiError> {
    let environment = form.get("environment").map(str::parse::<Environment>).transpose();
    let environment = environment.map_err(|_| ApiError::parameter("environment", "sandbox, test or live"))?;
    let text = |name: &str| form.get(name).filter(|text| !text.is_empty()).map(str::to_owned);
    Ok(Filter {
        environment,
        status: form.get("status").map(status).transpose()?,
        charge: text("charge"),
        key: text("key"),
        path: text("path"),
        from: instant(form, "from")?,
        until: instant(form, "until")?,
        text: text("text"),
    })
}

/// `2xx` or `404`.
fn status(text: &str) -> Result<StatusFilter, ApiError> {
    let wrong = || ApiError::parameter("status", &format!("100 to 599, {}", CLASSES.join(", ")));
    match text {
        "2xx" => Ok(StatusFilter::Class(2)),
        "4xx" => Ok(StatusFilter::Class(4)),
        "5xx" => Ok(StatusFilter::Class(5)),
        other => {
            let status = digits(other).and_then(|digits| digits.parse().ok());
            status.filter(|status| (100..600).contains(status)).map(StatusFilter::Exactly).ok_or_else(wrong)
        }
    }
}

type One = Result<Path<(String, String)>, PathRejection>;

async fn request_of(gateway: &Gateway, bearer: &Bearer, at: One) -> Result<(ShopId, String), ApiError> {
    let Path((shop, id)) = at.map_err(|_| ApiError::no_such_path())?;
    Ok((shop_of(gateway, bearer, &shop, Scope::Requests).await?, id))
}

/// `GET …/requests/{request}`.
pub async fn show(State(gateway): State<Gateway>, bearer: Bearer, at: One) -> Result<Json<Whole>, ApiError> {
    let (shop, id) = request_of(&gateway, &bearer, at).await?;
    let (entry, exchange) = search::find(&gateway, shop, &id).await?.ok_or_else(absent)?;
    let Exchange { request_head, request_body, request_length, answer_head, answer_body, answer_length, .. } = exchange;
    Ok(Json(Whole {
        line: Line::of(entry),
        request: Side::of(&request_head, &request_body, request_length),
        answer: Side::of(&answer_head, &answer_body, answer_length),
    }))
}

/// `POST …/requests/{request}/run_again`.
pub async fn run_again(
    State(gateway): State<Gateway>,
    Extension(log): Extension<Log>,
    Extension(peer): Extension<Peer>,
    bearer: Bearer,
    at: One,
    headers: HeaderMap,
) -> Result<Json<Ran>, ApiError> {
    let (shop, id) = request_of(&gateway, &bearer, at).await?;
    // A key of its own, so that it never meets one that the shop's own programs use.
    let key = idempotency_key(&headers)?.unwrap_or_else(|| random_hex::<32>(gateway.entropy()));
    let key = shop::vault::mac(b"request-again", format!("{id}/{key}").as_bytes());
    let actor = format!("token:{}", bearer.token.id);
    let (idempotency_key, origin) = (kernel::id::hex(&key), bearer.origin.clone());
    let wish = Wish { shop, id: id.clone(), idempotency_key, actor, origin, peer };
    let ran = log.run(&gateway, wish).await.map_err(refused)?;
    Ok(Json(Ran { object: "request_run_again", of: id, status: ran.status, request: ran.id }))
}

fn absent() -> ApiError {
    ApiError::missing_resource("There is no such request.")
}

/// Why a request is not run again, as an answer.
pub fn refused(refused: NotAgain) -> ApiError {
    match refused {
        NotAgain::Absent => absent(),
        NotAgain::NotSandbox => ApiError::invalid("not_sandbox", "Only requests of the sandbox are run again."),
        NotAgain::NotWhole => ApiError::invalid("not_whole", "The log does not hold all of the request."),
        NotAgain::KeyGone => ApiError::invalid("key_ended", "The key of the request counts no more."),
        NotAgain::Store(error) => error.into(),
    }
}

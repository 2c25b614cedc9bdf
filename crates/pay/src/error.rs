//! Errors of the LITE API: the only place where domain words become HTTP (contract online-lite-api "Errors").

use acquirer::{Refusal, points};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use store::{ErrorKind, StoreError};

use crate::charge::item::ItemsError;
use crate::charge::state::Refused;
use crate::checkout::button;
use crate::mail::settings::BadSettings;
use crate::notification;
use crate::rules;
use crate::webhook::endpoint::{CertificateRefused, UrlRefused};

/// An error answer: `{"errors":[{"type":…,"code":…,"message":…}]}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// `type` of the contract.
    pub kind: &'static str,
    /// A stable word for programs.
    pub code: String,
    /// A sentence for people. Reveals nothing of the inside.
    pub message: String,
    /// Seconds after which trying again makes sense.
    pub retry_after: Option<u32>,
}

#[derive(Serialize)]
struct Body<'a> {
    errors: [Detail<'a>; 1],
}

#[derive(Serialize)]
struct Detail<'a> {
    r#type: &'a str,
    code: &'a str,
    message: &'a str,
}

impl ApiError {
    fn new(status: u16, kind: &'static str, code: &str, message: impl Into<String>) -> ApiError {
        ApiError { status, kind, code: code.to_owned(), message: message.into(), retry_after: None }
    }

    /// 400: what was sent is wrong, or the state does not allow it.
    pub fn invalid(code: &str, message: impl Into<String>) -> ApiError {
        ApiError::new(400, "invalid_request_error", code, message)
    }

    /// 400: a parameter that must be there is not.
    pub fn missing(parameter: &str) -> ApiError {
        ApiError::invalid("missing_parameter", format!("{parameter} is missing."))
    }

    /// 400: a parameter has a value that it cannot have.
    pub fn parameter(parameter: &str, expected: &str) -> ApiError {
        ApiError::invalid("invalid_parameter", format!("{parameter} must be {expected}."))
    }

    /// 400: a form or a query is too long.
    pub fn too_many_parameters() -> ApiError {
        let message = format!("There are over {} parameters.", crate::http::form::PAIRS_MAX);
        ApiError::invalid("too_many_parameters", message)
    }

    /// 400: the body is not the JSON it should be.
    pub fn invalid_json(error: &serde_json::Error) -> ApiError {
        ApiError::invalid("invalid_json", format!("body: {error}"))
    }

    /// 400: a field of the body, called `path`, is not what it should be.
    pub fn invalid_field(path: &str, error: &serde_json::Error) -> ApiError {
        ApiError::invalid("invalid_json", format!("{path}: {error}"))
    }

    /// 400: the idempotency key stands for another request.
    pub fn key_reused() -> ApiError {
        ApiError::invalid("idempotency_key_reused", "The Idempotency-Key was used before, for another request.")
    }

    /// 400: only one request changes a charge at a time.
    pub fn charge_locked() -> ApiError {
        ApiError::invalid("charge_locked", "Another request is changing the charge.")
    }

    /// 400: the charge is not as the request says it was seen.
    pub fn charge_changed() -> ApiError {
        ApiError::invalid("charge_changed", "Somebody changed the charge after you looked at it. Nothing was done.")
    }

    /// 400: plain HTTP on a path of live.
    pub fn https_required() -> ApiError {
        ApiError::invalid("https_required", "Live is only served over HTTPS.")
    }

    /// 401: no key, an unknown one, or one of another environment.
    pub fn unauthenticated(message: &str) -> ApiError {
        ApiError::new(401, "authentication_error", "invalid_api_key", message)
    }

    /// 402: the card company or the point service said no.
    pub fn payment(reason: &str) -> ApiError {
        let sentence = reason
            .parse::<Refusal>()
            .map(|refusal| refusal.to_string())
            .or_else(|_| reason.parse::<points::Refusal>().map(|refusal| refusal.to_string()))
            .unwrap_or_else(|_| "The payment was refused.".to_owned());
        let code = if reason.parse::<points::Refusal>().is_ok() && reason.parse::<Refusal>().is_err() {
            "invalid_point"
        } else {
            "invalid_payment"
        };
        ApiError::new(402, "payment_error", code, format!("{sentence} ({reason})"))
    }

    /// 403: the shop may not use this operation.
    pub fn forbidden(code: &str, message: &str) -> ApiError {
        ApiError::new(403, "permission_error", code, message)
    }

    /// 403: nobody who moves money is set up for the environment.
    pub fn no_provider() -> ApiError {
        ApiError::forbidden("no_provider", "No payment provider is set up for this environment.")
    }

    /// 404: no such path.
    pub fn no_such_path() -> ApiError {
        ApiError::new(404, "invalid_request_error", "not_found", "There is no such path.")
    }

    /// 404: what the path names does not exist.
    pub fn missing_resource(message: &str) -> ApiError {
        ApiError::new(404, "invalid_request_error", "resource_missing", message)
    }

    /// 404: no such charge.
    pub fn no_such_charge() -> ApiError {
        ApiError::missing_resource("There is no such charge.")
    }

    /// 405.
    pub fn method() -> ApiError {
        ApiError::new(405, "invalid_method", "method_not_allowed", "The path does not accept this method.")
    }

    /// 429.
    pub fn rate_limit(retry_after: u32) -> ApiError {
        let error = ApiError::new(429, "rate_limit", "too_many_requests", "Too many requests.");
        ApiError { retry_after: Some(retry_after), ..error }
    }

    /// 500: our own mistake.
    pub fn server() -> ApiError {
        ApiError::new(500, "server_error", "server_error", "Something went wrong on our side.")
    }

    /// 503: for a while.
    pub fn service(code: &str, message: &str) -> ApiError {
        ApiError { retry_after: Some(1), ..ApiError::new(503, "service_error", code, message) }
    }

    /// 503: the outcome of the request is not known yet; the idempotency key later gives it.
    pub fn outcome_unknown() -> ApiError {
        let message = "The outcome is not known yet. Send the same request with the same Idempotency-Key again.";
        ApiError { retry_after: Some(2), ..ApiError::service("outcome_unknown", message) }
    }

    /// 503: the database cannot write for a while; nothing was changed.
    pub fn unavailable() -> ApiError {
        ApiError::service("temporarily_unavailable", "The service cannot write right now. Try again.")
    }

    /// 503: the database takes no changes until its operator sees to it.
    pub fn read_only() -> ApiError {
        ApiError::service("read_only", "The service accepts no changes right now.")
    }

    /// The refusal that was kept as the answer to a request ([`ApiError::body`]).
    pub fn kept(body: &[u8]) -> ApiError {
        let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |name: &str| body["errors"][0][name].as_str().unwrap_or_default().to_owned();
        ApiError::invalid(&text("code"), text("message"))
    }

    /// The body.
    pub fn body(&self) -> Vec<u8> {
        let ApiError { kind, code, message, .. } = self;
        let body = Body { errors: [Detail { r#type: kind, code, message }] };
        serde_json::to_vec(&body).expect("texts are JSON")
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> ApiError {
        let code = match refused {
            Refused::AlreadyCaptured => "already_captured",
            Refused::AlreadyCancelled => "already_refunded",
            Refused::WindowClosed => "period_expired",
            Refused::SameTotal => "same_amount",
            Refused::TotalTooSmall => "amount_too_small",
            Refused::NoCard => "no_card",
            Refused::NotDue => "not_due",
        };
        ApiError::invalid(code, refused.to_string())
    }
}

impl From<notification::Refused> for ApiError {
    fn from(refused: notification::Refused) -> ApiError {
        use notification::Refused::{Characters, Length, NoSuchCharge, SubjectLines, TooMany, WindowClosed};
        let code = match refused {
            Length { .. } | SubjectLines => "invalid_parameter",
            Characters { .. } => "invalid_character",
            NoSuchCharge => "resource_missing",
            WindowClosed => "period_expired",
            TooMany => "too_many_notifications",
        };
        ApiError::invalid(code, refused.to_string())
    }
}

impl From<UrlRefused> for ApiError {
    fn from(refused: UrlRefused) -> ApiError {
        ApiError::invalid("invalid_parameter", format!("url: {refused}"))
    }
}

impl From<CertificateRefused> for ApiError {
    fn from(refused: CertificateRefused) -> ApiError {
        ApiError::invalid("invalid_certificate", format!("certificate: {refused}"))
    }
}

impl From<BadSettings> for ApiError {
    fn from(error: BadSettings) -> ApiError {
        let code = match error {
            BadSettings::Text { .. } => "invalid_parameter",
            BadSettings::Characters { .. } => "invalid_character",
        };
        ApiError::invalid(code, error.to_string())
    }
}

impl ApiError {
    /// The items of a form cannot be ordered: names its parameters, each of which has the number of its item.
    pub fn items_of_form(error: ItemsError) -> ApiError {
        let parameter = |field: &str, index: usize| format!("item_{field}_{index}");
        let expected = match error {
            ItemsError::Text { index, field } => {
                (parameter(field, index), format!("1 to {} characters", rules::TEXT_MAX))
            }
            ItemsError::Control { index, field, position } => {
                (parameter(field, index), format!("without a control character, which is at position {position}"))
            }
            ItemsError::Quantity(index) => (parameter("quantity", index), "a whole number from 1".to_owned()),
            ItemsError::UnitPrice(index) => {
                (parameter("unit_price", index), format!("0 to {} yen", rules::LARGEST_TOTAL_YEN))
            }
            ItemsError::Count(_) | ItemsError::Total => return error.into(),
        };
        ApiError::parameter(&expected.0, &expected.1)
    }
}

impl From<ItemsError> for ApiError {
    fn from(error: ItemsError) -> ApiError {
        let code = match error {
            ItemsError::Count(_)
            | ItemsError::Text { .. }
            | ItemsError::Control { .. }
            | ItemsError::Quantity(_)
            | ItemsError::UnitPrice(_) => "invalid_parameter",
            ItemsError::Total => "amount_too_large",
        };
        ApiError::invalid(code, error.to_string())
    }
}

impl From<button::Refused> for ApiError {
    fn from(refused: button::Refused) -> ApiError {
        use button::Refused;
        match refused {
            Refused::Items(error) => error.into(),
            Refused::Semicolon(_) | Refused::CartId | Refused::Nothing | Refused::Image | Refused::Callback => {
                ApiError::invalid("invalid_parameter", refused.to_string())
            }
        }
    }
}

impl From<StoreError> for ApiError {
    /// Logged here, once; the client learns only whether trying again makes sense.
    fn from(error: StoreError) -> ApiError {
        tracing::error!(%error, "the database failed");
        match error.kind {
            ErrorKind::CommitUnknown => ApiError::outcome_unknown(),
            kind if kind.is_transient() => ApiError::unavailable(),
            ErrorKind::ReadOnly => ApiError::read_only(),
            _ => ApiError::server(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, self.body()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == 401 {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"choba\""));
        }
        response
    }
}

impl From<shop::rotation::Refused> for ApiError {
    fn from(refused: shop::rotation::Refused) -> ApiError {
        use shop::rotation::Refused::{Newest, NoSuch, Overlap, Store};
        match refused {
            Store(error) => error.into(),
            NoSuch => ApiError::missing_resource(&refused.to_string()),
            Newest => ApiError::invalid("newest_key", refused.to_string()),
            Overlap => ApiError::invalid("invalid_parameter", refused.to_string()),
        }
    }
}

impl From<shop::staff::team::Refused> for ApiError {
    fn from(refused: shop::staff::team::Refused) -> ApiError {
        use shop::staff::team::Refused::{BadName, LastOwner, NoRole, NoSuch, OperatorOnly, Store, Taken};
        match refused {
            Store(error) => error.into(),
            NoSuch => ApiError::missing_resource(&refused.to_string()),
            LastOwner => ApiError::invalid("last_owner", refused.to_string()),
            OperatorOnly => ApiError::forbidden("operator_only", &refused.to_string()),
            NoRole | BadName => ApiError::invalid("invalid_parameter", refused.to_string()),
            Taken => ApiError::invalid("address_taken", refused.to_string()),
        }
    }
}

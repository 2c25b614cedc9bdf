//! The LITE API: list, retrieve, 確定, キャンセル and 金額変更 of charges, on both base paths.

use pay::ApiError;
use pay::charge::state::Refused;
use pay::http::Base;
use pay::rules;
use serde_json::{Map, Value, json};

use super::answer::{answers, good, of_change, of_key, of_parameters};
use super::content;
use super::introduction::{LIVE_KEY, LIVE_TAG, SANDBOX_KEY, SANDBOX_TAG};
use super::parameter::{of_list, shared};
use super::schema::CHARGE_NUMBER_EXAMPLE;

/// The media type of forms.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

pub(super) fn paths(base: Base) -> Map<String, Value> {
    let charges = format!("{}/charges", base.path());
    let charge = format!("{charges}/{{id}}");
    Map::from_iter([
        (charges, json!({ "get": list(base) })),
        (charge.clone(), json!({ "get": retrieve(base) })),
        (format!("{charge}/capture"), json!({ "post": capture(base) })),
        (format!("{charge}/refund"), json!({ "post": refund(base) })),
    ])
}

/// The id of an operation: unlike on the two bases.
pub(super) fn operation_id(base: Base, verb: &str, noun: &str) -> String {
    match base {
        Base::Live => format!("{verb}_{noun}"),
        Base::Sandbox => format!("{verb}_sandbox_{noun}"),
    }
}

pub(super) fn tag(base: Base) -> &'static str {
    match base {
        Base::Live => LIVE_TAG,
        Base::Sandbox => SANDBOX_TAG,
    }
}

pub(super) fn security(base: Base) -> Value {
    match base {
        Base::Live => json!([{ LIVE_KEY: [] }]),
        Base::Sandbox => json!([{ SANDBOX_KEY: [] }]),
    }
}

fn list(base: Base) -> Value {
    let mut refusals = of_parameters(ApiError::parameter("limit", "a whole number"));
    refusals.extend(of_key(base));
    json!({
        "operationId": operation_id(base, "list", "charges"),
        "tags": [tag(base)],
        "summary": "List charges, or look one up",
        "description": "Newest first. `?id=` looks one charge up, as the official client does: the list then has one \
            element or none.",
        "security": security(base),
        "parameters": of_list(),
        "responses": answers(good("A page of charges.", "ChargeList", example_list(base)), refusals),
    })
}

fn retrieve(base: Base) -> Value {
    let mut refusals = vec![ApiError::no_such_charge()];
    refusals.extend(of_key(base));
    json!({
        "operationId": operation_id(base, "retrieve", "charge"),
        "tags": [tag(base)],
        "summary": "Retrieve a charge",
        "security": security(base),
        "parameters": [shared("ChargeId")],
        "responses": answers(good("The charge.", "Charge", example(base, State::Provisional)), refusals),
    })
}

fn capture(base: Base) -> Value {
    let mut refusals: Vec<ApiError> =
        [Refused::AlreadyCaptured, Refused::AlreadyCancelled, Refused::WindowClosed].map(ApiError::from).into();
    refusals.extend(of_changed_charge(base, ApiError::parameter("Content-Type", FORM)));
    json!({
        "operationId": operation_id(base, "capture", "charge"),
        "tags": [tag(base)],
        "summary": "確定: make a provisional sale an actual one",
        "description": format!(
            "Only a provisional sale (仮売上), until the end of month +{} counted from that of the order (JST), \
             unless the server was set to other days when it was ordered. A repeated capture is an error, not a second effect. The body may be empty.",
            rules::PROVISIONAL_WINDOW_MONTHS
        ),
        "security": security(base),
        "parameters": [shared("ChargeId"), shared("IdempotencyKey")],
        "requestBody": { "required": false, "content": content(FORM, "NoParameters", json!({})) },
        "responses": answers(good("The charge, captured.", "Charge", example(base, State::Actual)), refusals),
    })
}

fn refund(base: Base) -> Value {
    let mut refusals: Vec<ApiError> =
        [Refused::AlreadyCancelled, Refused::SameTotal, Refused::TotalTooSmall, Refused::NoCard, Refused::WindowClosed]
            .map(ApiError::from)
            .into();
    refusals.extend([pay::charge::item::ItemsError::Total.into(), ApiError::missing("item_id_1")]);
    refusals.extend(of_changed_charge(base, ApiError::parameter("item_quantity_1", "a whole number from 1")));
    let changed = good("The charge, cancelled or changed.", "Charge", example(base, State::Provisional));
    let items = json!({
        "item_id_1": "item-01", "item_name_1": "湯呑み", "item_quantity_1": 2, "item_unit_price_1": 1_122,
    });
    json!({
        "operationId": operation_id(base, "refund", "charge"),
        "tags": [tag(base)],
        "summary": "キャンセル: cancel a charge; 金額変更: change its items",
        "description": format!(
            "Without parameters the charge is cancelled; that is final. With items its items are replaced: a charge \
             that was captured becomes provisional and must be captured again. A parameter that speaks of items, \
             amounts, prices, quantities, totals or points and is none of an item's is refused, so that a slip never cancels. Lowering the total below the points used \
             gives points back.\n\nA provisional sale until the end of month +{} counted from that of the order, an \
             actual one until the end of month +{} counted from that of the capture (JST), unless the server was set to other \
             days when it was ordered.",
            rules::PROVISIONAL_WINDOW_MONTHS, rules::CAPTURED_WINDOW_MONTHS
        ),
        "security": security(base),
        "parameters": [shared("ChargeId"), shared("IdempotencyKey")],
        "requestBody": { "required": false, "content": content(FORM, "Refund", items) },
        "responses": answers(changed, refusals),
    })
}

fn of_changed_charge(base: Base, invalid: ApiError) -> Vec<ApiError> {
    let mut refusals = of_parameters(invalid);
    refusals.extend([ApiError::payment("insufficient_funds"), ApiError::payment("insufficient_points")]);
    refusals.push(ApiError::no_such_charge());
    if base == Base::Live {
        refusals.push(ApiError::no_provider());
    }
    refusals.extend(of_change());
    refusals.extend(of_key(base));
    refusals
}

/// Which state an example shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Provisional,
    Actual,
}

/// A charge as a client may meet it.
pub(super) fn example(base: Base, state: State) -> Value {
    json!({
        "object": "charge",
        "open_id": "https://choba.example/openid/user/5f1c9d0a7b3e42688c6d0e2f4a9b7c31",
        "id": CHARGE_NUMBER_EXAMPLE,
        "cipher": "0b6c8a1f4e2d7935c4a6e8f01b3d5c7e9f2a4b6c8d0e1f3a5b7c9d1e3f5a7b90",
        "livemode": base == Base::Live,
        "currency": "jpy",
        "amount": 2_244,
        "point": 0,
        "cart_id": "cart-id-1",
        "paid": true,
        "captured": state == State::Actual,
        "status": "succeeded",
        "refunded": false,
        "items": [{ "id": "item-01", "name": "湯呑み", "quantity": 2, "unit_price": 1_122 }],
        "address": null,
        "created": 1_795_309_800,
        "updated": 1_795_309_800,
    })
}

fn example_list(base: Base) -> Value {
    json!({
        "object": "list",
        "url": format!("{}/charges", base.path()),
        "limit": rules::PAGE_DEFAULT,
        "offset": 0,
        "total": 1,
        "data": [example(base, State::Provisional)],
    })
}

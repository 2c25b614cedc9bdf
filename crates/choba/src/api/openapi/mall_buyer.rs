//! Buyers of the marketplace, for tests: orders by scenario, and what their buyers do later.

use mall::code::Method;
use mall::progress::Refused;
use mall::scenario::Scenario;
use pay::ApiError;
use serde_json::{Map, Value, json};

use super::answer::{answers, good};
use super::introduction::{ESA, HELPER_TAG};
use super::mall::{Told, closed, of_body, of_licence, operation, taking, word};
use super::parameter::shared;
use super::schema::complete;
use crate::api::mall::buyers::denied;
use crate::api::mall::{ASK_AGAIN, ORDERS};

const NUMBER: &str = "123456-20261122-0000000001";

pub(super) fn paths() -> Map<String, Value> {
    let later = [
        pay(),
        change_method(),
        plain(
            "cancel",
            "cancel_mall_order",
            "The buyer cancels",
            "Within 30 minutes of the order, unless its kind cannot be taken back.",
        ),
        plain(
            "return_goods",
            "return_mall_goods",
            "The buyer sends the goods back",
            "After shipping. The order is as it was: what follows is the shop's to say, with cancelOrderAfterShipping.",
        ),
        enter_recipient(),
        plain(
            "charge_back",
            "charge_back_mall_order",
            "The card's issuer takes the money back",
            "Of an order that a card paid, once its payment is fixed (30600).",
        ),
    ];
    let later = later.into_iter().map(|(name, post)| (format!("{ORDERS}/{{order}}/{name}"), json!({ "post": post })));
    let others =
        [(ORDERS.to_owned(), json!({ "post": arrive() })), (ASK_AGAIN.to_owned(), json!({ "post": ask_again() }))];
    others.into_iter().chain(later).collect()
}

fn refusals() -> Vec<ApiError> {
    let mut refusals = of_licence();
    refusals.extend([ApiError::outcome_unknown(), ApiError::read_only()]);
    refusals.extend(of_body());
    refusals.extend([ApiError::parameter("Idempotency-Key", "given once"), ApiError::key_reused()]);
    refusals.push(denied(Refused::Status));
    refusals
}

fn placed(progress: i64) -> Value {
    good("The order.", "MallPlaced", json!({ "orderNumber": NUMBER, "orderProgress": progress }))
}

fn arrive() -> Value {
    let told = Told {
        id: "place_mall_order",
        summary: "A buyer places an order with the shop",
        description: "`scenario` says what is ordered and what the card, the other parties of the mall and the buyer will do. \
            Any other member is a fact of the order, in the names of its document, and takes the place of the scenario's; \
            `script` is what will happen.",
    };
    let mut refusals = refusals();
    refusals.push(ApiError::parameter("scenario", "the name of a scenario"));
    let answers = answers(placed(100), refusals);
    let operation = operation(&told, (HELPER_TAG, ESA), vec![shared("IdempotencyKey")], answers);
    taking(operation, "NewMallOrder", json!({ "scenario": "card_ok" }))
}

fn order() -> Value {
    json!({
        "name": "order", "in": "path", "required": true, "description": "注文番号.",
        "schema": { "type": "string" }, "example": NUMBER,
    })
}

fn ask_again() -> Value {
    let told = Told {
        id: "ask_mall_order_again",
        summary: "What was asked of other parties and given up or refused is asked again",
        description: "Requests whose outcome stayed unknown for three days wait for a person, and so do refunds that were refused.",
    };
    let mut refusals = of_licence();
    refusals.extend([ApiError::outcome_unknown(), ApiError::read_only()]);
    refusals.push(ApiError::missing_resource("There is no such order."));
    let asked = good("How many were asked again.", "MallAskedAgain", json!({ "requests": 1 }));
    operation(&told, (HELPER_TAG, ESA), vec![order()], answers(asked, refusals))
}

fn of_order(told: &Told<'_>, schema: &str, example: Value) -> Value {
    let order = order();
    let mut refusals = refusals();
    refusals.push(ApiError::missing_resource("There is no such order."));
    let answers = answers(placed(200), refusals);
    let operation = operation(told, (HELPER_TAG, ESA), vec![order, shared("IdempotencyKey")], answers);
    let mut operation = taking(operation, schema, example);
    operation["requestBody"]["required"] = false.into();
    operation
}

fn plain(
    name: &'static str,
    id: &'static str,
    summary: &'static str,
    description: &'static str,
) -> (&'static str, Value) {
    (name, of_order(&Told { id, summary, description }, "MallNothing", json!({})))
}

fn pay() -> (&'static str, Value) {
    let told = Told {
        id: "pay_mall_order",
        summary: "The buyer of a prepaid order pays in",
        description: "Too little may be followed by the rest until the deadline; too much goes back, and so does what comes too \
            late.",
    };
    ("pay", of_order(&told, "MallDeposit", json!({ "amount": 2_660 })))
}

fn change_method() -> (&'static str, Value) {
    let told = Told {
        id: "change_mall_method",
        summary: "The buyer names another way of paying",
        description: "Where the mall asked for it, because a card or a screening was refused.",
    };
    let mut operation = of_order(&told, "MallMethod", json!({ "method": 13 }));
    operation["requestBody"]["required"] = true.into();
    ("change_method", operation)
}

fn enter_recipient() -> (&'static str, Value) {
    let told = Told {
        id: "enter_mall_recipient",
        summary: "The recipient of a social gift says where it goes",
        description: "To the orderer, where nothing is said.",
    };
    ("enter_recipient", of_order(&told, "MallRecipient", json!({})))
}

/// The shapes of bodies.
pub(super) fn schemas() -> Map<String, Value> {
    let scenarios: Vec<&str> = Scenario::ALL.iter().map(|scenario| scenario.text()).collect();
    let methods: Vec<i64> = Method::ALL.iter().map(|method| method.code()).collect();
    let status = json!({ "type": "integer", "enum": [100, 200, 300, 400, 500, 600, 700, 800, 900] });
    let text = |most: u32| json!({ "type": "string", "maxLength": most });
    let parts = json!({ "type": "array", "minItems": 3, "maxItems": 3, "items": { "type": ["string", "null"], "maxLength": 5 } });
    let person = closed(
        json!(["family_name", "first_name", "family_kana", "first_kana", "phone"]),
        json!({ "family_name": text(60), "first_name": text(60), "family_kana": text(60), "first_kana": text(60), "phone": parts }),
    );
    let zip = json!({ "type": "array", "minItems": 2, "maxItems": 2, "items": { "type": "string", "pattern": "^[0-9]{3,4}$" } });
    let address = closed(
        json!(["zip", "prefecture", "city", "rest"]),
        json!({ "zip": zip, "prefecture": text(10), "city": text(60), "rest": text(100) }),
    );
    let amount = json!({ "type": "integer", "minimum": 1, "maximum": 999_999_999, "description": "In yen; what is left where it is left out." });
    let all = [
        (
            "MallPlaced",
            complete(
                "An order of the marketplace.",
                json!({ "orderNumber": word("注文番号."), "orderProgress": status }),
            ),
        ),
        (
            "MallAskedAgain",
            complete("Requests that were sent again.", json!({ "requests": { "type": "integer", "minimum": 0 } })),
        ),
        (
            "NewMallOrder",
            json!({
                "type": "object", "required": ["scenario"],
                "properties": { "scenario": { "type": "string", "enum": scenarios } },
            }),
        ),
        ("MallNothing", closed(json!([]), json!({}))),
        ("MallDeposit", closed(json!([]), json!({ "amount": amount, "name_kana": text(100) }))),
        (
            "MallMethod",
            closed(
                json!(["method"]),
                json!({
                    "method": { "type": "integer", "enum": methods },
                    "card": { "type": "string", "maxLength": 100, "description": "A token, or a magic card's name." },
                }),
            ),
        ),
        ("MallRecipient", closed(json!([]), json!({ "person": person, "address": address }))),
    ];
    all.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

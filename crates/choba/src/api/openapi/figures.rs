//! Figures of orders, and what needs attention.

use pay::ApiError;
use pay::figures::{BadPeriod, NoFigures, Unit};
use serde_json::{Map, Value, json};

use super::answer::{answers, good, of_authenticated, of_parameters};
use super::introduction::{FIGURES_TAG, TOKEN};
use super::parameter::shared;
use super::schema::{CHARGE_NUMBER, CHARGE_NUMBER_EXAMPLE, complete, or_null, seconds, text};
use super::webhook_schema::id;
use crate::api::figures::{ATTENTION, FIGURES};

const DAY: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";

pub(super) fn paths() -> Map<String, Value> {
    Map::from_iter([
        (FIGURES.to_owned(), json!({ "get": show() })),
        (ATTENTION.to_owned(), json!({ "get": show_attention() })),
    ])
}

fn show() -> Value {
    let mut refusals = of_parameters(ApiError::parameter("unit", "hour, day, week or month"));
    refusals.push(ApiError::invalid("invalid_period", BadPeriod::TooLong.to_string()));
    refusals.push(ApiError::invalid("no_figures", NoFigures.to_string()));
    refusals.extend(of_token());
    let query = |name: &str, description: &str, schema: Value| {
        let place = "query";
        json!({ "name": name, "in": place, "description": description, "schema": schema })
    };
    let units: Vec<&str> = Unit::ALL.iter().map(|unit| unit.as_str()).collect();
    json!({
        "operationId": "show_figures",
        "tags": [FIGURES_TAG],
        "summary": "注文金額 and 注文件数 over time, and today beside yesterday",
        "description": "Orders count in the hour in which they were made, with their total at that time; later changes and \
            cancellations change no figure. Hours, days, weeks (from Monday) and months are those of Japan; weeks and \
            months that the period cuts are `partial`. At most three years. Orders of test keys never count.",
        "security": [{ TOKEN: [] }],
        "parameters": [
            shared("Shop"),
            shared("Environment"),
            query("unit", "What a point stands for.", json!({ "type": "string", "enum": units, "default": "day" })),
            query("from", "The first day (Japan); thirty days before the last one if left out.", json!({ "type": "string", "pattern": DAY })),
            query("to", "The last day (Japan); today if left out.", json!({ "type": "string", "pattern": DAY })),
        ],
        "responses": answers(good("The figures.", "Figures", example()), refusals),
    })
}

fn show_attention() -> Value {
    json!({
        "operationId": "show_attention",
        "tags": [FIGURES_TAG],
        "summary": "What needs somebody's attention",
        "description": "Provisional sales whose window ends within 14 days, endpoints that fail or were disabled for it, \
            mails of the last 14 days that did not arrive, and changes whose outcome is not known yet. Up to 1,000 of \
            each are counted.",
        "security": [{ TOKEN: [] }],
        "parameters": [shared("Shop"), shared("Environment")],
        "responses": answers(good("What was found.", "Attention", attention_example()), of_token()),
    })
}

fn of_token() -> Vec<ApiError> {
    let mut refusals = of_authenticated("Send a valid token as Authorization: Bearer choba_….");
    refusals.push(ApiError::forbidden("insufficient_scope", "The token needs the scope orders for this shop."));
    refusals.push(ApiError::missing_resource("There is no such shop."));
    refusals
}

fn example() -> Value {
    let sum = |orders: i64, amount: i64| json!({ "orders": orders, "amount": amount });
    json!({
        "object": "figures",
        "shop": 1,
        "environment": "sandbox",
        "unit": "day",
        "from": "2026-11-22",
        "to": "2026-11-22",
        "today": {
            "now": 1_795_309_800,
            "so_far": sum(3, 9_720),
            "hours": 10,
            "in_hours": sum(2, 6_480),
            "yesterday_in_hours": sum(4, 8_100),
            "yesterday": sum(9, 21_060),
        },
        "data": [{ "start": 1_795_273_200, "end": 1_795_359_600, "partial": false, "orders": 3, "amount": 9_720 }],
    })
}

fn attention_example() -> Value {
    json!({
        "object": "attention",
        "shop": 1,
        "environment": "sandbox",
        "expiring": { "found": 1, "or_more": false, "amount": 3_240, "first": 1_796_050_800 },
        "webhooks": [{
            "endpoint": "we_0190a1b2c3d4e5f60718293a4b5c6d7e", "url": "https://shop.example/hook", "disabled": false,
            "failing_since": 1_795_309_800,
        }],
        "undelivered_mails": { "found": 0, "or_more": false },
        "unknown": [{ "charge": CHARGE_NUMBER_EXAMPLE, "verb": "capture", "since": 1_795_309_800 }],
    })
}

fn number(description: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": description })
}

fn flag(description: &str) -> Value {
    json!({ "type": "boolean", "description": description })
}

/// An object of one shop in one environment.
fn of_place(description: &str, object: &str, more: Value) -> Value {
    let mut all = json!({
        "object": { "const": object },
        "shop": { "type": "integer", "description": "Number of the shop." },
        "environment": { "type": "string", "enum": ["sandbox", "test", "live"] },
    });
    all.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    complete(description, all)
}

fn figures() -> Value {
    let (orders, amount) = (number("注文件数."), number("注文金額, in yen."));
    let sum = || complete("Orders and their totals in yen.", json!({ "orders": orders, "amount": amount }));
    let day = |description: &str| text(description, json!({ "pattern": DAY }));
    let point = complete(
        "What was ordered in a span of time.",
        json!({
            "start": seconds("Its first instant"),
            "end": seconds("The first instant after it"),
            "partial": flag("Whether the period cuts it."),
            "orders": orders,
            "amount": amount,
        }),
    );
    let hours = json!({ "type": "integer", "minimum": 0, "maximum": 23, "description": "Whole hours of today that have passed." });
    let today = complete(
        "Today beside yesterday.",
        json!({
            "now": seconds("The time in the shop's world"),
            "so_far": sum(),
            "hours": hours,
            "in_hours": sum(),
            "yesterday_in_hours": sum(),
            "yesterday": sum(),
        }),
    );
    let data =
        json!({ "type": "array", "items": point, "description": "The oldest first, also those without an order." });
    let more = json!({
        "unit": { "type": "string", "enum": ["hour", "day", "week", "month"] },
        "from": day("The first day."),
        "to": day("The last day."),
        "today": today,
        "data": data,
    });
    of_place("Figures of orders.", "figures", more)
}

fn attention() -> Value {
    let count = json!({ "found": number("So many were found."), "or_more": flag("Whether there may be more.") });
    let mut expiring = count.clone();
    expiring["amount"] = number("Their totals together, in yen.");
    expiring["first"] = or_null(seconds("When the first of them expires"));
    let endpoint = json!({
        "endpoint": id("we_"),
        "url": text("Where it is.", json!({})),
        "disabled": flag("Whether nothing is sent to it any more."),
        "failing_since": or_null(seconds("The first failure since it last took something")),
    });
    let unknown = json!({
        "charge": text("注文番号.", json!({ "pattern": CHARGE_NUMBER })),
        "verb": { "type": "string", "enum": ["pay", "capture", "cancel", "change", "expire"] },
        "since": seconds("When it began"),
    });
    let list = |description: &str, item: Value| json!({ "type": "array", "items": complete(description, item) });
    let more = json!({
        "expiring": complete("仮売上 that expire soon.", expiring),
        "webhooks": list("An endpoint that does not take what it is told.", endpoint),
        "undelivered_mails": complete("Mails that did not arrive.", count),
        "unknown": list("A change whose outcome is not known yet.", unknown),
    });
    of_place("What needs attention.", "attention", more)
}

/// The shapes of bodies.
pub(super) fn schemas() -> Map<String, Value> {
    Map::from_iter([("Figures".to_owned(), figures()), ("Attention".to_owned(), attention())])
}

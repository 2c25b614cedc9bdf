//! Orders as the dashboard shows them: list, export, one order with what can be done to it, saved searches.

use pay::ApiError;
use pay::charge::state::Refused;
use pay::orders::view::{NAME_MAX, VIEWS_MAX};
use pay::rules;
use serde_json::{Map, Value, json};

use super::answer::{answers, good, of_authenticated, of_change, of_parameters};
use super::introduction::{ORDERS_TAG, TOKEN};
use super::parameter::shared;
use super::schema::{CHARGE_NUMBER, CHARGE_NUMBER_EXAMPLE, complete, or_null, seconds, text};
use super::{content, reference};
use crate::api::orders::{BASE, VIEWS};

const JSON: &str = "application/json";
const STATUSES: [&str; 3] = ["authorized", "captured", "cancelled"];

pub(super) fn paths() -> Map<String, Value> {
    let at = |path: &str| format!("{BASE}{path}");
    Map::from_iter([
        (at("/orders"), json!({ "get": list() })),
        (at("/orders.csv"), json!({ "get": csv() })),
        (at("/orders/{id}"), json!({ "get": show() })),
        (at("/orders/{id}/capture"), json!({ "post": act("capture", "確定: capture an order", "OrderSeen") })),
        (at("/orders/{id}/cancel"), json!({ "post": act("cancel", "キャンセル: cancel an order", "OrderSeen") })),
        (
            at("/orders/{id}/change"),
            json!({ "post": act("change", "金額変更: change an order's items", "OrderItems") }),
        ),
        (VIEWS.to_owned(), json!({ "get": views(), "put": save_view() })),
        (format!("{VIEWS}/{{view}}"), json!({ "delete": remove_view() })),
        (format!("{VIEWS}/{{view}}/restore"), json!({ "post": restore_view() })),
    ])
}

fn operation(id: &str, summary: &str, description: &str, parameters: Vec<Value>, responses: Value) -> Value {
    json!({
        "operationId": id,
        "tags": [ORDERS_TAG],
        "summary": summary,
        "description": description,
        "security": [{ TOKEN: [] }],
        "parameters": parameters,
        "responses": responses,
    })
}

fn query(name: &str, description: &str, schema: Value) -> Value {
    let place = "query";
    json!({ "name": name, "in": place, "description": description, "schema": schema })
}

fn of_search() -> Vec<Value> {
    // A day, or nothing: forms send what is left empty.
    let day = json!({ "type": "string", "pattern": "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$" });
    let words = json!({ "type": "string", "default": STATUSES.join(",") });
    let sorts = json!(["-date", "date", "-amount", "amount", "status", "-status"]);
    vec![
        shared("Shop"),
        shared("Environment"),
        query("number", "注文番号, all of it.", json!({ "type": "string" })),
        query("from", "注文日: the first day, in Japan.", day.clone()),
        query("to", "注文日: the last day, in Japan; it counts.", day),
        query(
            "status",
            "決済ステータス: `authorized` 仮売上, `captured` 実売上, `cancelled` キャンセル, with commas between.",
            words,
        ),
        query(
            "sort",
            "What comes first; `-` for the largest. Sorted by status, the newest first in each.",
            json!({ "type": "string", "enum": sorts, "default": "-date" }),
        ),
    ]
}

fn of_token() -> Vec<ApiError> {
    let mut refusals = of_authenticated("Send a valid token as Authorization: Bearer choba_….");
    refusals.push(ApiError::forbidden("insufficient_scope", "The token needs the scope orders for this shop."));
    refusals.push(ApiError::missing_resource("There is no such charge."));
    refusals.push(ApiError::no_such_path());
    refusals
}

fn of_search_refusals() -> Vec<ApiError> {
    let mut refusals = of_parameters(ApiError::parameter("from", "a day such as 2026-11-22"));
    refusals.extend(of_token());
    refusals
}

fn list() -> Value {
    let mut parameters = of_search();
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": rules::PAGE_MAX, "default": rules::PAGE_DEFAULT });
    parameters.push(query("limit", "How many, at the most.", limit));
    let after = "Go on after this place: `next` of the page before, which was sorted the same way.";
    parameters.push(query("after", after, json!({ "type": "string" })));
    let example = json!({ "object": "list", "total": 1, "next": null, "data": [line_example()] });
    let description = "The newest first, unless `sort` says otherwise. Pages do not shift while orders arrive.";
    let good = good("A page of orders.", "OrderList", example);
    operation(
        "list_orders",
        "注文管理: list and search orders",
        description,
        parameters,
        answers(good, of_search_refusals()),
    )
}

fn csv() -> Value {
    let mut parameters = of_search();
    let encodings = json!({ "type": "string", "enum": ["utf-8", "shift_jis"], "default": "utf-8" });
    parameters.push(query("encoding", "UTF-8 begins with a byte order mark; Shift_JIS is CP932.", encodings));
    let file = json!({
        "description": "The file, as it is read.",
        "headers": { "x-request-id": reference("headers", "RequestId") },
        "content": { "text/csv": { "schema": { "type": "string" } } },
    });
    let description = "Everything that matches, in the order of `sort`. Columns: 注文番号, 注文日時, 決済ステータス, 注文金額, \
        利用ポイント, Cart ID; outside of the sandbox 環境; in Shift_JIS 文字の置換. What CP932 cannot carry becomes 〓 and \
        is named in that last column (`U+1F375`). A text that a spreadsheet would take for a formula (`=`, `+`, `-`, `@`) \
        begins with `'`. A file that breaks off was not read to its end.";
    operation("export_orders", "Export orders as CSV", description, parameters, answers(file, of_search_refusals()))
}

fn show() -> Value {
    let description = "`version` grows with every change: send it with what you do, so that nothing is done to an order \
        that somebody else changed meanwhile. `why_not` says with the code of the refusal what cannot be done now. A change \
        whose outcome was not known is looked into.";
    let parameters = vec![shared("Shop"), shared("Environment"), shared("ChargeId")];
    let good = good("The order.", "Order", example());
    operation(
        "show_order",
        "注文詳細: an order and what can be done to it",
        description,
        parameters,
        answers(good, of_token()),
    )
}

fn act(verb: &str, summary: &str, schema: &str) -> Value {
    let mut refusals = of_token();
    refusals.extend(of_change());
    let not_json = serde_json::from_str::<Value>("{").expect_err("half an object is no JSON");
    refusals.extend([
        ApiError::invalid_json(&not_json),
        ApiError::parameter("Idempotency-Key", "given once"),
        ApiError::charge_changed(),
        ApiError::no_provider(),
        ApiError::payment("insufficient_funds"),
        ApiError::payment("insufficient_points"),
    ]);
    refusals.extend([Refused::AlreadyCancelled, Refused::WindowClosed].map(ApiError::from));
    match verb {
        "capture" => refusals.push(Refused::AlreadyCaptured.into()),
        "change" => {
            refusals.extend([Refused::SameTotal, Refused::TotalTooSmall, Refused::NoCard].map(ApiError::from));
            refusals.push(pay::charge::item::ItemsError::Total.into());
        }
        _ => {}
    }
    let example = match verb {
        "change" => {
            json!({ "version": 1, "items": [{ "id": "item-01", "name": "湯呑み", "quantity": 2, "unit_price": 1_122 }] })
        }
        _ => json!({ "version": 1 }),
    };
    let description = "The same operation as that of the LITE API, for who has a token and no private key. With `version` \
        it is done only to the order as it was seen: `charge_changed` otherwise.";
    let parameters = vec![shared("Shop"), shared("Environment"), shared("ChargeId"), shared("IdempotencyKey")];
    let good = good("The order after the change.", "OrderChange", change_example());
    let mut operation = operation(&format!("{verb}_order"), summary, description, parameters, answers(good, refusals));
    operation["requestBody"] = json!({ "required": verb == "change", "content": content(JSON, schema, example) });
    operation
}

fn of_view() -> Vec<Value> {
    let member = "Whose beside everybody's: a member of the staff, `stf_…`.";
    vec![shared("Shop"), query("staff", member, json!({ "type": "string" }))]
}

fn named_view() -> Vec<Value> {
    let place = "path";
    let view = json!({
        "name": "view", "in": place, "required": true, "description": "The saved search.",
        "schema": { "type": "string", "pattern": "^ov_[0-9a-f]{32}$" }, "example": view_example()["id"],
    });
    let mut parameters = of_view();
    parameters.push(view);
    parameters
}

fn of_view_refusals() -> Vec<ApiError> {
    let mut refusals = of_parameters(ApiError::parameter("staff", "a member of the shop's staff"));
    refusals.extend(of_token());
    refusals
}

fn views() -> Value {
    let example = json!({ "object": "list", "data": [view_example()] });
    let good = good("Everybody's, and those of the member of the staff that is named.", "OrderViewList", example);
    operation("list_order_views", "Saved searches", "By name.", of_view(), answers(good, of_view_refusals()))
}

fn save_view() -> Value {
    let mut refusals = of_view_refusals();
    let not_json = serde_json::from_str::<Value>("{").expect_err("half an object is no JSON");
    refusals.extend([
        ApiError::invalid_json(&not_json),
        ApiError::invalid("too_many_views", format!("A shop keeps at most {VIEWS_MAX} saved searches.")),
        ApiError::invalid("unreadable_body", "The body could not be read."),
        ApiError::outcome_unknown(),
        ApiError::read_only(),
    ]);
    let example = json!({ "name": "未確定", "search": "status=authorized&sort=date" });
    let description = "One of the same name and owner gets the new search. Without `staff` it is everybody's.";
    let good = good("The saved search.", "OrderView", view_example());
    let mut operation =
        operation("save_order_view", "Save a search", description, vec![shared("Shop")], answers(good, refusals));
    operation["requestBody"] = json!({ "required": true, "content": content(JSON, "NewOrderView", example) });
    operation
}

fn changing_view() -> Vec<ApiError> {
    let mut refusals = of_view_refusals();
    refusals.extend([ApiError::outcome_unknown(), ApiError::read_only()]);
    refusals
}

fn remove_view() -> Value {
    let good = good("The saved search that was removed.", "OrderView", view_example());
    let description = "It can be brought back for 30 days.";
    operation("remove_order_view", "Remove a saved search", description, named_view(), answers(good, changing_view()))
}

fn restore_view() -> Value {
    let good = good("The saved search.", "OrderView", view_example());
    let description = "Doing it twice is doing it once. Not if there is another one of its name by now.";
    let mut parameters = named_view();
    parameters.push(shared("IdempotencyKey"));
    operation(
        "restore_order_view",
        "Bring a saved search back",
        description,
        parameters,
        answers(good, changing_view()),
    )
}

fn line_example() -> Value {
    json!({
        "object": "order_line", "id": CHARGE_NUMBER_EXAMPLE, "environment": "sandbox", "status": "authorized",
        "amount": 2_244, "point": 0, "cart_id": "cart-id-1", "created": 1_795_309_800,
    })
}

fn example() -> Value {
    json!({
        "object": "order", "id": CHARGE_NUMBER_EXAMPLE, "environment": "sandbox", "status": "authorized",
        "amount": 2_244, "point": 0, "cart_id": "cart-id-1",
        "open_id": "https://choba.example/openid/user/5f1c9d0a7b3e42688c6d0e2f4a9b7c31",
        "items": [{ "id": "item-01", "name": "湯呑み", "quantity": 2, "unit_price": 1_122 }],
        "address": null, "created": 1_795_309_800, "updated": 1_795_309_800, "version": 1,
        "window_ends": 1_809_097_200, "running": null,
        "why_not": { "capture": null, "cancel": null, "change": null },
    })
}

fn change_example() -> Value {
    json!({
        "object": "order_change", "id": CHARGE_NUMBER_EXAMPLE, "status": "captured", "amount": 2_244, "point": 0,
        "items": [{ "id": "item-01", "name": "湯呑み", "quantity": 2, "unit_price": 1_122 }], "updated": 1_795_309_800,
    })
}

fn view_example() -> Value {
    json!({
        "object": "order_view", "id": "ov_0190a1b2c3d4e5f60718293a4b5c6d7e", "staff": null, "name": "未確定",
        "search": "status=authorized&sort=date", "created": 1_795_309_800,
    })
}

fn status() -> Value {
    json!({ "type": "string", "enum": STATUSES, "description": "決済ステータス: 仮売上, 実売上, キャンセル." })
}

fn yen(description: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": format!("{description}, in yen.") })
}

fn number() -> Value {
    text("注文番号.", json!({ "pattern": CHARGE_NUMBER }))
}

fn environment() -> Value {
    json!({ "type": "string", "enum": ["sandbox", "test", "live"], "description": "By which keys it was ordered." })
}

fn cart_id() -> Value {
    or_null(text("Cart ID: the shop's own id of the cart.", json!({})))
}

fn items() -> Value {
    json!({ "type": "array", "minItems": 1, "maxItems": rules::ITEMS_MAX, "items": reference("schemas", "Item") })
}

fn version() -> Value {
    json!({ "type": "integer", "format": "int64", "description": "Grows with every change of the order." })
}

/// The shapes of bodies.
pub(super) fn schemas() -> Map<String, Value> {
    let line = complete(
        "A line of the list.",
        json!({
            "object": { "const": "order_line" }, "id": number(), "environment": environment(), "status": status(),
            "amount": yen("注文金額"), "point": yen("利用ポイント"), "cart_id": cart_id(), "created": seconds("注文日時"),
        }),
    );
    let list = complete(
        "A page of the list.",
        json!({
            "object": { "const": "list" },
            "total": { "type": "integer", "minimum": 0, "description": "How many match, on all pages together." },
            "next": or_null(text("`after` of the next page; null at the end.", json!({}))),
            "data": { "type": "array", "maxItems": rules::PAGE_MAX, "items": reference("schemas", "OrderLine") },
        }),
    );
    let why = || or_null(text("Code of the refusal; null if it can be done.", json!({})));
    let why_not = complete("Why not.", json!({ "capture": why(), "cancel": why(), "change": why() }));
    let verb = or_null(text("What is being done to it: its outcome is not known yet.", json!({})));
    let order = complete(
        "An order (注文詳細).",
        json!({
            "object": { "const": "order" }, "id": number(), "environment": environment(), "status": status(),
            "amount": yen("合計金額"), "point": yen("利用ポイント"), "cart_id": cart_id(),
            "open_id": text("Stable id of the buyer, a URL.", json!({ "format": "uri" })),
            "items": items(), "address": or_null(reference("schemas", "TestAddress")),
            "created": seconds("注文日時"), "updated": seconds("When it was changed last"), "version": version(),
            "window_ends": seconds("When what can be done to it now no longer can"), "running": verb,
            "why_not": why_not,
        }),
    );
    let change = complete(
        "An order after a change.",
        json!({
            "object": { "const": "order_change" }, "id": number(), "status": status(), "amount": yen("合計金額"),
            "point": yen("利用ポイント"), "items": items(), "updated": seconds("When it was changed"),
        }),
    );
    let seen = json!({
        "type": "object", "additionalProperties": false, "properties": { "version": or_null(version()) },
        "description": "The order as it was seen.",
    });
    let new_items = json!({
        "type": "object", "additionalProperties": false, "required": ["items"],
        "properties": { "items": items(), "version": or_null(version()) }, "description": "The items that it shall have.",
    });
    let shapes = [
        ("OrderLine", line),
        ("OrderList", list),
        ("Order", order),
        ("OrderChange", change),
        ("OrderSeen", seen),
        ("OrderItems", new_items),
    ];
    shapes.into_iter().chain(view_schemas()).map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn view_schemas() -> [(&'static str, Value); 3] {
    let name = || text("What it is called.", json!({ "minLength": 1, "maxLength": NAME_MAX }));
    let search = || text("As the query of the list spells it.", json!({}));
    let staff = || or_null(text("Whose it is; null: everybody's.", json!({})));
    let view = complete(
        "A saved search.",
        json!({
            "object": { "const": "order_view" }, "id": text("Its id.", json!({ "pattern": "^ov_[0-9a-f]{32}$" })),
            "staff": staff(), "name": name(), "search": search(), "created": seconds("When it was saved first"),
        }),
    );
    let list = complete(
        "Saved searches.",
        json!({ "object": { "const": "list" }, "data": { "type": "array", "items": reference("schemas", "OrderView") } }),
    );
    let new = json!({
        "type": "object", "additionalProperties": false, "required": ["name", "search"],
        "properties": { "name": name(), "search": search(), "staff": staff() }, "description": "A search to be saved.",
    });
    [("OrderView", view), ("OrderViewList", list), ("NewOrderView", new)]
}

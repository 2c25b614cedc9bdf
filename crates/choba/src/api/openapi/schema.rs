//! The shapes of bodies: charges and their lists, forms, errors, the clock. Those of webhooks stand beside it.

use acquirer::simulator::MAGIC_CARDS;
use pay::charge::order::BUYER_WITHOUT_POINTS;
use pay::rules;
use serde_json::{Map, Value, json};

use super::{grouped, reference};

/// 注文番号: `SERVICEID-YYYYMMDD-NNNNNNNNNN`.
pub(super) const CHARGE_NUMBER: &str = "^[0-9]{10}-[0-9]{8}-[0-9]{10}$";
/// One of them.
pub(super) const CHARGE_NUMBER_EXAMPLE: &str = "1234567890-20261122-0000000042";
/// The N of `item_id_N`.
const ITEM_N: &str = "[1-9][0-9]{0,3}";
/// A length of time, as in `1d12h`.
const LENGTH_OF_TIME: &str = "^([0-9]{1,9}d)?([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?$";

pub(super) fn all() -> Value {
    let mut schemas = json!({
        "Charge": charge(),
        "ChargeList": charge_list(),
        "Item": item(),
        "Address": address(),
        "TestAddress": test_address(),
        "NoParameters": no_parameters(),
        "Refund": { "anyOf": [reference("schemas", "Cancel"), reference("schemas", "ChangeAmount")] },
        "Cancel": cancel(),
        "ChangeAmount": change_amount(),
        "TestCharge": test_charge(),
        "Buyer": buyer(),
        "CardDetails": card_details(),
        "Clock": clock(),
        "ClockTurn": clock_turn(),
        "Errors": errors(),
        "Health": health("ok", json!({})),
        "Unavailable": health("unavailable", json!({ "reason": { "type": "string" } })),
        "Document": { "type": "object", "description": "An OpenAPI document." },
        "Page": { "type": "string", "description": "HTML." },
    });
    schemas.as_object_mut().expect("an object").extend(super::webhook_schema::all());
    schemas.as_object_mut().expect("an object").extend(super::checkout::schemas());
    schemas.as_object_mut().expect("an object").extend(super::images::schemas());
    schemas
}

/// An object whose properties are all there.
pub(super) fn complete(description: &str, properties: Value) -> Value {
    let required: Vec<String> = properties.as_object().into_iter().flat_map(Map::keys).cloned().collect();
    json!({ "type": "object", "description": description, "required": required, "properties": properties })
}

/// A text of this kind, described.
pub(super) fn text(description: &str, kind: Value) -> Value {
    let mut schema = json!({ "type": "string", "description": description });
    let rules = kind.as_object().cloned().unwrap_or_default();
    schema.as_object_mut().expect("an object").extend(rules);
    schema
}

fn optional_text(description: &str) -> Value {
    json!({ "type": ["string", "null"], "description": description })
}

fn yen(description: &str) -> Value {
    let description = format!("{description}, in yen.");
    json!({ "type": "integer", "minimum": 0, "maximum": rules::LARGEST_TOTAL_YEN, "description": description })
}

fn quantity() -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": u32::MAX, "description": "個数." })
}

/// Names of products and carts: no control characters.
fn line(description: &str, least: usize) -> Value {
    let one_line =
        json!({ "minLength": least, "maxLength": rules::TEXT_MAX, "pattern": "^[^\\x00-\\x1f\\x7f-\\x9f]*$" });
    text(description, one_line)
}

pub(super) fn seconds(description: &str) -> Value {
    json!({ "type": "integer", "format": "int64", "description": format!("{description}, Unix seconds.") })
}

pub(super) fn or_null(mut schema: Value) -> Value {
    if schema["type"].is_string() {
        schema["type"] = json!([schema["type"].take(), "null"]);
        return schema;
    }
    json!({ "anyOf": [schema, { "type": "null" }] })
}

fn flag(description: &str) -> Value {
    json!({ "type": "boolean", "description": description })
}

fn charge() -> Value {
    let id = text("注文番号: service id, order date in JST, serial.", json!({ "pattern": CHARGE_NUMBER }));
    let cipher = "Lets the shop check a charge that came through a browser: HMAC-SHA256, hex, of `id:cart_id` under \
        the private key of the request; a missing cart_id counts as empty.";
    let items = json!({
        "type": "array",
        "minItems": 1,
        "maxItems": rules::ITEMS_MAX,
        "items": reference("schemas", "Item"),
        "description": "注文内訳.",
    });
    let cart_id = json!({
        "type": ["string", "null"], "maxLength": rules::TEXT_MAX, "description": "The shop's own id of the cart.",
    });
    complete(
        "One payment (決済).",
        json!({
            "object": { "const": "charge" },
            "open_id": text("Stable id of the buyer, a URL.", json!({ "format": "uri" })),
            "id": id,
            "cipher": text(cipher, json!({ "pattern": "^[0-9a-f]{64}$" })),
            "livemode": flag("True only for live with production keys."),
            "currency": { "const": "jpy" },
            "amount": yen("合計金額: the total, points included"),
            "point": yen("ポイント: the part of the total that points pay"),
            "cart_id": cart_id,
            "paid": flag("仮売上 or 実売上: a provisional or an actual sale exists."),
            "captured": flag("実売上: an actual sale exists."),
            "status": { "const": "succeeded" },
            "refunded": flag("キャンセル: the charge is cancelled."),
            "items": items,
            "address": or_null(reference("schemas", "Address")),
            "created": seconds("注文日時: when the buyer ordered"),
            "updated": seconds("When it was changed last"),
        }),
    )
}

fn item() -> Value {
    let mut item = complete(
        "One line of the order (注文内訳).",
        json!({
            "id": line("商品番号: the shop's own id of the product.", 1),
            "name": line("商品名.", 1),
            "quantity": quantity(),
            "unit_price": yen("単価"),
        }),
    );
    item["additionalProperties"] = false.into();
    item
}

fn charge_list() -> Value {
    let number = |description: &str| json!({ "type": "integer", "minimum": 0, "description": description });
    let given = |names: &[&str], kind: Value| {
        let properties: Map<String, Value> = names.iter().map(|name| ((*name).to_owned(), kind.clone())).collect();
        json!({ "type": "object", "description": "The filter that was given.", "properties": properties })
    };
    json!({
        "type": "object",
        "description": "A page of charges, newest first. Filters that were given come back.",
        "required": ["object", "url", "limit", "offset", "total", "data"],
        "properties": {
            "object": { "const": "list" },
            "url": { "type": "string", "description": "Path of the request." },
            "limit": number("How many were wanted, at the most."),
            "offset": number("How many were passed over."),
            "total": number("How many charges match, on all pages together; `starting_after` does not count."),
            "payment": given(&["paid", "captured", "refunded"], json!({ "type": "boolean" })),
            "id": { "type": "string", "description": "The filter that was given." },
            "starting_after": { "type": "string", "description": "The order number that was given." },
            "created": given(&["gt", "gte", "lt", "lte"], json!({ "type": "integer" })),
            "data": { "type": "array", "maxItems": rules::PAGE_MAX, "items": reference("schemas", "Charge") },
        },
    })
}

/// Where the goods go, as an answer says it.
fn address() -> Value {
    complete("Where the goods go (送付先); only for shops that receive shipping addresses.", address_fields())
}

/// Where the goods go, as a request says it.
fn test_address() -> Value {
    json!({
        "type": "object",
        "description": "Where the goods go (送付先). Refused if the shop does not receive shipping addresses.",
        "additionalProperties": false,
        "properties": address_fields(),
    })
}

/// The ten fields of an address; which of them are filled is the buyer's business.
fn address_fields() -> Value {
    let fields = [
        ("country", "Country code, as in `JPN`."),
        ("first_name", "名."),
        ("first_name_kana", "メイ."),
        ("last_name", "姓."),
        ("last_name_kana", "セイ."),
        ("address_zip", "郵便番号."),
        ("address_state", "都道府県."),
        ("address_city", "市区町村."),
        ("address_line", "番地、建物名."),
        ("tel", "電話番号."),
    ];
    fields.into_iter().map(|(name, meaning)| (name.to_owned(), optional_text(meaning))).collect()
}

fn no_parameters() -> Value {
    json!({ "type": "object", "description": "No parameter is expected; those that come have no effect." })
}

fn cancel() -> Value {
    json!({
        "type": "object",
        "description": "キャンセル: no parameter that begins with `item`.",
        "propertyNames": { "not": { "pattern": "^[Ii][Tt][Ee][Mm]" } },
    })
}

fn change_amount() -> Value {
    let fields = [
        ("id", line("商品番号 of item N.", 1)),
        ("name", line("商品名 of item N.", 1)),
        ("quantity", quantity()),
        ("unit_price", yen("単価 of item N")),
    ];
    let first = |(field, schema): &(&str, Value)| {
        let mut schema = schema.clone();
        schema["description"] = schema["description"].as_str().unwrap_or_default().replace('N', "1").into();
        (format!("item_{field}_1"), schema)
    };
    let first: Map<String, Value> = fields.iter().map(first).collect();
    let titled = |field: &str, schema: &Value| {
        let mut schema = schema.clone();
        schema["title"] = format!("item_{field}_N").into();
        schema
    };
    let further: Map<String, Value> =
        fields.iter().map(|(field, schema)| (format!("^item_{field}_{ITEM_N}$"), titled(field, schema))).collect();
    let required: Vec<&String> = first.keys().collect();
    json!({
        "type": "object",
        "description": format!(
            "金額変更: the new list of items, in place of the old one. Every item has its four parameters; N counts \
             from 1, without a gap, to {}. The new total is {} to {} yen, and not the present one.",
            rules::ITEMS_MAX, rules::SMALLEST_CHANGED_TOTAL_YEN, grouped(rules::LARGEST_TOTAL_YEN)
        ),
        "required": required,
        "properties": first,
        "patternProperties": further,
    })
}

fn test_charge() -> Value {
    let names: Vec<String> = MAGIC_CARDS.iter().map(|card| format!("`{}`", card.name)).collect();
    let card = format!(
        "How the buyer pays: the name of a magic card ({}), the number of a card, a token, or its details. Approved if \
         left out.",
        names.join(", ")
    );
    json!({
        "type": "object",
        "description": "What a buyer ordered, and how it is paid.",
        "required": ["items"],
        "additionalProperties": false,
        "properties": {
            "items": {
                "type": "array", "minItems": 1, "maxItems": rules::ITEMS_MAX, "items": reference("schemas", "Item"),
                "description": format!("The total must be 1 to {} yen.", grouped(rules::LARGEST_TOTAL_YEN)),
            },
            "cart_id": or_null(line("The shop's own id of the cart.", 0)),
            "point": or_null(yen("Points to use, at most the total")),
            "card": {
                "description": card,
                "anyOf": [{ "type": "string" }, reference("schemas", "CardDetails"), { "type": "null" }],
            },
            "address": or_null(reference("schemas", "TestAddress")),
            "buyer": or_null(reference("schemas", "Buyer")),
        },
    })
}

fn buyer() -> Value {
    let id =
        format!("The buyer's account; the same id gives the same `open_id`. `{BUYER_WITHOUT_POINTS}` has no points.");
    json!({
        "type": "object",
        "additionalProperties": false,
        "description": "Who buys. All of it may be left out.",
        "properties": {
            "id": optional_text(&id),
            "email": optional_text("Mail address."),
            "first_name": optional_text("名."),
            "first_name_kana": optional_text("メイ."),
            "last_name": optional_text("姓."),
            "last_name_kana": optional_text("セイ."),
        },
    })
}

fn card_details() -> Value {
    json!({
        "type": "object",
        "description": "A card. Its number and code become a token at once; neither is stored or logged.",
        "required": ["number", "expiry_year", "expiry_month"],
        "additionalProperties": false,
        "properties": {
            "number": text("12 to 19 digits whose check digit fits.", json!({ "pattern": "^[0-9 -]{12,40}$" })),
            "expiry_year": { "type": "integer", "minimum": 2000, "maximum": 2199 },
            "expiry_month": { "type": "integer", "minimum": 1, "maximum": 12 },
            "security_code": {
                "type": ["string", "null"], "pattern": "^[0-9]{3,4}$",
                "description": "3 digits, 4 for American Express.",
            },
            "holder": optional_text("The name on the card."),
        },
    })
}

fn clock() -> Value {
    let jst = "^[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\+09:00$";
    complete(
        "Where the test clock of a shop's sandbox stands.",
        json!({
            "object": { "const": "clock" },
            "shop": { "type": "integer", "description": "Number of the shop." },
            "now": seconds("The time in the sandbox"),
            "now_jst": text("The same, as people in Japan read it.", json!({ "pattern": jst })),
        }),
    )
}

fn clock_turn() -> Value {
    let by = json!({
        "type": "string", "minLength": 2, "pattern": LENGTH_OF_TIME,
        "description": "How far: days, hours, minutes, seconds, each at most once, as in `14d`, `36h` or `1h30m`.",
    });
    let one = |name: &str, schema: Value| {
        let other = if name == "by" { "to" } else { "by" };
        let properties = json!({ name: schema, other: { "type": "null" } });
        json!({ "type": "object", "required": [name], "properties": properties, "additionalProperties": false })
    };
    json!({
        "description": "How to turn the clock: one of the two.",
        "oneOf": [one("by", by), one("to", seconds("Where to: not before the clock's own time"))],
    })
}

fn errors() -> Value {
    let error = json!({
        "type": "object",
        "required": ["type", "code", "message"],
        "properties": {
            "type": { "type": "string", "description": "Goes with the HTTP status." },
            "code": { "type": "string", "description": "A stable word for programs." },
            "message": { "type": "string", "minLength": 1, "description": "A sentence for people." },
        },
    });
    json!({
        "type": "object",
        "description": "Why a request was refused.",
        "required": ["errors"],
        "properties": { "errors": { "type": "array", "minItems": 1, "items": error } },
    })
}

fn health(status: &str, further: Value) -> Value {
    let mut properties = json!({ "status": { "const": status } });
    properties.as_object_mut().expect("an object").extend(further.as_object().cloned().unwrap_or_default());
    complete("How the server is.", properties)
}

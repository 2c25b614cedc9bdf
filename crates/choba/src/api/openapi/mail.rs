//! Mails: お知らせメール of the LITE API on both base paths, and a shop's mail settings.

use pay::ApiError;
use pay::http::Base;
use pay::notification::Refused;
use pay::rules;
use serde_json::{Map, Value, json};

use super::answer::{answers, good, of_authenticated, of_key, of_parameters};
use super::charge::{FORM, operation_id, security, tag};
use super::introduction::{MAIL_TAG, TOKEN};
use super::parameter::shared;
use super::schema::{CHARGE_NUMBER, CHARGE_NUMBER_EXAMPLE, complete, or_null, seconds, text};
use super::{content, grouped, reference};
use crate::api::mail_settings;

pub(super) fn paths(base: Base) -> Map<String, Value> {
    let notifications = format!("{}/notifications", base.path());
    Map::from_iter([
        (format!("{notifications}/mail"), json!({ "post": send(base) })),
        (notifications, json!({ "get": list(base) })),
    ])
}

pub(super) fn settings_path() -> Map<String, Value> {
    let item = json!({ "get": show_settings(), "put": replace_settings() });
    Map::from_iter([(mail_settings::PATH.to_owned(), item)])
}

fn send(base: Base) -> Value {
    let mut refusals = of_parameters(ApiError::missing("subject"));
    let (field, most, count) = ("subject", rules::SUBJECT_MAX, rules::SUBJECT_MAX + 1);
    let found = kernel::charset::unfit("①", 1);
    refusals.extend(
        [
            Refused::Length { field, most, count },
            Refused::Characters { field: "body", found },
            Refused::NoSuchCharge,
            Refused::WindowClosed,
            Refused::TooMany,
        ]
        .map(ApiError::from),
    );
    refusals.extend([
        ApiError::key_reused(),
        ApiError::charge_locked(),
        ApiError::outcome_unknown(),
        ApiError::read_only(),
        ApiError::invalid("unreadable_body", "The body could not be read."),
    ]);
    refusals.extend(of_key(base));
    let form = json!({
        "charge": CHARGE_NUMBER_EXAMPLE, "subject": "発送のお知らせ", "body": "#CUSTOMER_NAME# 様\n本日発送いたしました。",
    });
    json!({
        "operationId": operation_id(base, "send", "notification"),
        "tags": [tag(base)],
        "summary": "お知らせメール: send a mail to the buyer of a charge",
        "description": format!(
            "At most {} mails a charge, until {} days after the order. Japanese mail must be able to carry the texts: \
             機種依存文字 are refused, each named with its place. In the body `#CUSTOMER_NAME#` becomes the buyer's full \
             name, and `\\n` a line break. The shop's automatic opening (自動挿入文) stands before it. That the mail \
             arrives is not promised.",
            rules::NOTIFICATIONS_MAX, rules::NOTIFICATION_WINDOW_DAYS
        ),
        "security": security(base),
        "parameters": [shared("IdempotencyKey")],
        "requestBody": { "required": true, "content": content(FORM, "NotificationMail", form) },
        "responses": answers(good("The notification.", "Notification", example()), refusals),
    })
}

fn list(base: Base) -> Value {
    let mut refusals = of_parameters(ApiError::parameter("limit", "a whole number"));
    refusals.extend(of_key(base));
    let query = |name: &str, description: &str, schema: Value| {
        let place = "query";
        json!({ "name": name, "in": place, "description": description, "schema": schema })
    };
    let number = |least: i64, most: i64, otherwise: i64| json!({ "type": "integer", "minimum": least, "maximum": most, "default": otherwise });
    let parameters = json!([
        query(
            "charge",
            "Only those of this charge; a text that is no order number matches nothing.",
            json!({ "type": "string" })
        ),
        query("id", "Only the one with this id.", json!({ "type": "string" })),
        query("limit", "How many, at the most.", number(1, rules::PAGE_MAX, rules::PAGE_DEFAULT)),
        query("offset", "How many to pass over, from the newest.", number(0, rules::OFFSET_MAX, 0)),
    ]);
    let page = json!({
        "object": "list",
        "url": format!("{}/notifications", base.path()),
        "limit": rules::PAGE_DEFAULT,
        "offset": 0,
        "total": 1,
        "charge": CHARGE_NUMBER_EXAMPLE,
        "data": [example()],
    });
    json!({
        "operationId": operation_id(base, "list", "notifications"),
        "tags": [tag(base)],
        "summary": "メール送信履歴: list the mails that were asked for",
        "description": format!(
            "Newest first; what was requested, whatever became of it. Readable for {} days after sending.",
            rules::NOTIFICATION_READABLE_DAYS
        ),
        "security": security(base),
        "parameters": parameters,
        "responses": answers(good("A page of notifications.", "NotificationList", page), refusals),
    })
}

fn show_settings() -> Value {
    json!({
        "operationId": "show_mail_settings",
        "tags": [MAIL_TAG],
        "summary": "How the shop's mails look",
        "security": [{ TOKEN: [] }],
        "parameters": [shared("Shop")],
        "responses": answers(good("The settings.", "MailSettings", example_settings()), of_token()),
    })
}

fn replace_settings() -> Value {
    let mut refusals = of_token();
    let not_json = serde_json::from_str::<Value>("{").expect_err("half an object is no JSON");
    let found = kernel::charset::unfit("㈱", 1);
    refusals.extend([
        ApiError::parameter("contact_address", "a mail address such as shop@example.jp"),
        ApiError::from(pay::mail::settings::BadSettings::Characters { field: "opening", found }),
        ApiError::invalid_json(&not_json),
        ApiError::invalid("unreadable_body", "The body could not be read."),
        ApiError::outcome_unknown(),
        ApiError::read_only(),
    ]);
    let body = json!({ "automatic": true, "contact_address": "shop@example.jp", "sender_name": "お茶の店" });
    json!({
        "operationId": "replace_mail_settings",
        "tags": [MAIL_TAG],
        "summary": "Change how the shop's mails look",
        "description": "Replaces all of them; what is left out is the usual. With `automatic`, as it is until a shop says \
            otherwise, 確定 is told to the shop, キャンセル and 金額変更 to the shop and to the buyer.",
        "security": [{ TOKEN: [] }],
        "parameters": [shared("Shop")],
        "requestBody": { "required": true, "content": content("application/json", "NewMailSettings", body) },
        "responses": answers(good("The settings, changed.", "MailSettings", example_settings()), refusals),
    })
}

fn of_token() -> Vec<ApiError> {
    let mut refusals = of_authenticated("Send a valid token as Authorization: Bearer choba_….");
    refusals.push(ApiError::forbidden("insufficient_scope", "The token needs the scope mail for this shop."));
    refusals.push(ApiError::missing_resource("There is no such shop."));
    refusals
}

fn example() -> Value {
    json!({
        "object": "notification",
        "id": "ntfn_019aa8b5c0f05f1c9d0a7b3e42688c6d",
        "charge": CHARGE_NUMBER_EXAMPLE,
        "type": "notification.mail",
        "subject": "発送のお知らせ",
        "body": "#CUSTOMER_NAME# 様\n本日発送いたしました。",
        "created": 1_795_309_800,
    })
}

fn example_settings() -> Value {
    json!({
        "object": "mail_settings",
        "shop": 1,
        "automatic": true,
        "contact_address": "shop@example.jp",
        "sender_name": "お茶の店",
        "opening": null,
    })
}

/// The shapes of bodies.
pub(super) fn schemas() -> Map<String, Value> {
    let schemas = [
        ("NotificationMail", notification_mail()),
        ("Notification", notification()),
        ("NotificationList", notification_list()),
        ("MailSettings", settings()),
        ("NewMailSettings", new_settings()),
    ];
    schemas.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn subject() -> Value {
    text("件名.", json!({ "minLength": 1, "maxLength": rules::SUBJECT_MAX, "pattern": "^[^\\r\\n]*$" }))
}

fn notification_mail() -> Value {
    let body = format!("自由記述欄: at most {} characters, a line break is one.", grouped(rules::BODY_MAX as i64));
    json!({
        "type": "object",
        "description": "お知らせメール.",
        "required": ["charge", "subject", "body"],
        "properties": {
            "charge": text("注文番号.", json!({ "pattern": CHARGE_NUMBER })),
            "subject": subject(),
            "body": text(&body, json!({ "minLength": 1 })),
        },
    })
}

fn notification() -> Value {
    complete(
        "A mail that was asked for.",
        json!({
            "object": { "const": "notification" },
            "id": text("Its id.", json!({ "pattern": "^ntfn_[0-9a-f]{32}$" })),
            "charge": text("注文番号.", json!({ "pattern": CHARGE_NUMBER })),
            "type": { "const": "notification.mail" },
            "subject": subject(),
            "body": text("自由記述欄, as it was requested.", json!({ "minLength": 1 })),
            "created": seconds("When it was asked for"),
        }),
    )
}

fn notification_list() -> Value {
    let number = |description: &str| json!({ "type": "integer", "minimum": 0, "description": description });
    json!({
        "type": "object",
        "description": "A page of notifications, newest first. Filters that were given come back.",
        "required": ["object", "url", "limit", "offset", "total", "data"],
        "properties": {
            "object": { "const": "list" },
            "url": { "type": "string", "description": "Path of the request." },
            "limit": number("How many were wanted, at the most."),
            "offset": number("How many were passed over."),
            "total": number("How many match, on all pages together."),
            "charge": { "type": "string", "description": "The filter that was given." },
            "id": { "type": "string", "description": "The filter that was given." },
            "data": { "type": "array", "maxItems": rules::PAGE_MAX, "items": reference("schemas", "Notification") },
        },
    })
}

fn automatic() -> Value {
    json!({ "type": "boolean", "description": "Whether 確定, キャンセル and 金額変更 are told by mail." })
}

/// The settings that are texts.
fn texts() -> Map<String, Value> {
    let contact = "Where the shop reads its mails, and where its buyers' answers go; null: its mails go to nobody.";
    let sender = json!({ "minLength": 1, "maxLength": rules::SENDER_NAME_MAX, "pattern": "^[^\\r\\n]*$" });
    let opening = json!({ "minLength": 1, "maxLength": rules::OPENING_MAX });
    let texts = [
        ("contact_address", text(contact, json!({ "maxLength": 254 }))),
        ("sender_name", text("Who mails are from, for who reads them; null: the name of the shop.", sender)),
        ("opening", text("自動挿入文: stands before every mail to a buyer; null: the usual one.", opening)),
    ];
    texts.into_iter().map(|(name, schema)| (name.to_owned(), or_null(schema))).collect()
}

fn settings() -> Value {
    let mut properties = Map::from_iter([
        ("object".to_owned(), json!({ "const": "mail_settings" })),
        ("shop".to_owned(), json!({ "type": "integer", "description": "Number of the shop." })),
        ("automatic".to_owned(), automatic()),
    ]);
    properties.extend(texts());
    complete("How a shop's mails look.", Value::Object(properties))
}

fn new_settings() -> Value {
    let mut properties = Map::from_iter([("automatic".to_owned(), automatic())]);
    properties.extend(texts());
    json!({
        "type": "object",
        "description": "How a shop's mails are to look.",
        "required": ["automatic"],
        "additionalProperties": false,
        "properties": properties,
    })
}

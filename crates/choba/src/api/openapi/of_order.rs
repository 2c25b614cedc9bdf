//! What belongs to one order: what happened with it, and its mails.

use pay::ApiError;
use pay::notification::Refused;
use pay::notification::blocks;
use pay::notification::check::POINTED_AT_MAX;
use pay::rules;
use pay::timeline::EACH_MAX;
use serde_json::{Map, Value, json};

use super::answer::good;
use super::introduction::{MAIL_TAG, ORDERS_TAG};
use super::parameter::shared;
use super::reference;
use super::schema::{CHARGE_NUMBER_EXAMPLE, complete, or_null, seconds};
use super::webhook::Operation;
use super::webhook_schema::id;
use crate::api::webhook::{BASE, OUTCOMES};

const HEX_32: &str = "0190a1b2c3d4e5f60718293a4b5c6d7e";
const MAILS: (&str, &str) = (MAIL_TAG, "mail");
/// What can have become of a mail.
const MAIL_OUTCOMES: [&str; 6] = ["waiting", "kept", "sent", "nobody", "refused", "given_up"];

pub(super) fn paths() -> Map<String, Value> {
    let paths = [
        ("/orders/{id}/timeline", json!({ "get": timeline() })),
        ("/orders/{id}/mails", json!({ "get": list(), "post": send() })),
        ("/orders/{id}/mails/{mail}/resend", json!({ "post": send_again() })),
        ("/orders/{id}/mail-draft", json!({ "get": draft() })),
        ("/orders/{id}/mail-preview", json!({ "post": preview() })),
        ("/mail-check", json!({ "post": check() })),
    ];
    paths.into_iter().map(|(path, item)| (format!("{BASE}{path}"), item)).collect()
}

fn timeline() -> Value {
    let example = json!({
        "object": "timeline", "charge": CHARGE_NUMBER_EXAMPLE, "truncated": false,
        "data": [{
            "at_us": 1_795_305_600_000_000_i64, "world_us": 1_795_305_600_000_000_i64,
            "actor": { "id": "staff:stf_0a1b2c3d4e5f6071", "kind": "staff", "name": "受注担当" },
            "type": "change", "attempt": HEX_32, "verb": "capture", "outcome": "succeeded", "refusal": null,
            "state": ["authorized", "captured"], "amount": [1_000, 1_000], "point": [0, 0], "posted": 1_000,
        }],
    });
    let answer = good("What happened.", "Timeline", example);
    Operation::of((ORDERS_TAG, "orders"), "show_timeline", "経過: what happened with an order, and who did it", answer)
        .says(format!(
            "Oldest first: changes with their money, mails, deliveries, and what was sent again. Of each, the newest \
             {EACH_MAX}."
        ))
        .with([shared("ChargeId")])
        .refuses([ApiError::no_such_charge()])
        .json()
}

fn list() -> Value {
    let example = json!({ "object": "list", "charge": CHARGE_NUMBER_EXAMPLE, "data": [mail_example()] });
    Operation::of(
        MAILS,
        "list_order_mails",
        "通知メール履歴: the mails of an order",
        good("Mails.", "OrderMails", example),
    )
    .says(format!(
        "Newest first, with what each said and what became of it. Readable for {} days after sending.",
        rules::NOTIFICATION_READABLE_DAYS
    ))
    .with([shared("ChargeId")])
    .refuses([ApiError::no_such_charge()])
    .json()
}

fn send() -> Value {
    let example = json!({
        "object": "notification", "id": format!("ntfn_{HEX_32}"), "charge": CHARGE_NUMBER_EXAMPLE,
        "type": "notification.mail", "subject": "発送のお知らせ", "body": "本日発送いたしました。",
        "created": 1_795_309_800,
    });
    Operation::of(
        MAILS,
        "send_order_mail",
        "メール送信: send a mail to the buyer",
        good("The mail.", "Notification", example),
    )
    .says("The same as `POST /notifications/mail` of the LITE API, for who has a token.")
    .with([shared("ChargeId")])
    .changes()
    .takes("OrderMailTexts", texts_example())
    .refuses(refusals())
    .refuses([ApiError::charge_locked()])
    .json()
}

fn send_again() -> Value {
    let example = json!({ "object": "order_mail", "id": format!("ntfn_{HEX_32}") });
    Operation::of(
        MAILS,
        "resend_order_mail",
        "Send a mail again that did not arrive",
        good("It waits.", "MailSentAgain", example),
    )
    .says("One that the mail server refused, or that was given up: the same text to the same address.")
    .with([shared("ChargeId"), shared("Mail")])
    .changes()
    .refuses([
        ApiError::no_such_charge(),
        ApiError::invalid("mail_not_failed", "The mail is sent: only one that did not arrive is sent again."),
    ])
    .json()
}

fn draft() -> Value {
    let example = json!({
        "object": "mail_draft", "charge": CHARGE_NUMBER_EXAMPLE,
        "opening": "お客様氏名 様\n\nお茶の店をご利用いただき、誠にありがとうございます。",
        "blocks": [{ "kind": "payment", "text": "お支払い:クレジットカード決済一括払い" }],
        "sent": 0, "most": rules::NOTIFICATIONS_MAX, "until": 1_810_857_600, "refused": null,
    });
    Operation::of(MAILS, "draft_order_mail", "What an editor of a mail shows", good("The draft.", "MailDraft", example))
        .says("The automatic opening, the texts that can be inserted, and whether a mail can be sent at all.")
        .with([shared("ChargeId")])
        .refuses([ApiError::no_such_charge()])
        .json()
}

fn preview() -> Value {
    let example = json!({ "object": "mail_preview", "subject": "発送のお知らせ", "body": "楽天 花子 様\n\n本日発送いたしました。" });
    Operation::of(
        MAILS,
        "preview_order_mail",
        "送信内容の確認: a mail as the buyer gets it",
        good("The mail.", "MailPreview", example),
    )
    .says("Changes nothing. Sent now, the mail would have exactly this text.")
    .with([shared("ChargeId")])
    .takes("OrderMailTexts", texts_example())
    .refuses(refusals())
    .json()
}

fn check() -> Value {
    let text = |count: usize, most: usize| json!({ "count": count, "most": most, "broken": false, "unfit": [] });
    let example = json!({
        "object": "mail_check", "fits": true, "subject": text(7, rules::SUBJECT_MAX), "body": text(11, rules::BODY_MAX),
    });
    Operation::of(
        MAILS,
        "check_mail",
        "What is wrong with the texts of a mail",
        good("What is wrong.", "MailCheck", example),
    )
    .says("For who is still typing: every 機種依存文字 with its place. Changes nothing.")
    .takes("MailTexts", texts_example())
    .json()
}

fn refusals() -> Vec<ApiError> {
    let (field, most, count) = ("subject", rules::SUBJECT_MAX, rules::SUBJECT_MAX + 1);
    let found = kernel::charset::unfit("①", 1);
    let refused = [
        Refused::Length { field, most, count },
        Refused::Characters { field: "body", found },
        Refused::NoSuchCharge,
        Refused::WindowClosed,
        Refused::TooMany,
    ];
    refused.map(ApiError::from).into_iter().chain([ApiError::no_such_charge()]).collect()
}

fn texts_example() -> Value {
    json!({ "subject": "発送のお知らせ", "body": "本日発送いたしました。" })
}

fn mail_example() -> Value {
    json!({
        "object": "order_mail", "id": format!("ntfn_{HEX_32}"), "number": 1, "subject": "発送のお知らせ",
        "body": "本日発送いたしました。", "text": null, "outcome": "waiting", "error": null,
        "can_be_sent_again": false, "created": 1_795_309_800,
    })
}

/// The shapes of bodies.
pub(super) fn schemas() -> Map<String, Value> {
    let schemas = [
        ("Timeline", timeline_schema()),
        ("OrderMails", mails()),
        ("OrderMail", mail()),
        ("OrderMailTexts", texts(true)),
        ("MailTexts", texts(false)),
        (
            "MailSentAgain",
            complete("A mail that waits again.", json!({ "object": { "const": "order_mail" }, "id": id("ntfn_") })),
        ),
        ("MailDraft", draft_schema()),
        (
            "MailPreview",
            complete(
                "A mail as the buyer gets it.",
                json!({
                    "object": { "const": "mail_preview" }, "subject": { "type": "string" }, "body": { "type": "string" },
                }),
            ),
        ),
        ("MailCheck", check_schema()),
    ];
    schemas.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn count(description: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": format!("{description}.") })
}

fn micros(description: &str) -> Value {
    json!({ "type": "integer", "description": format!("{description}, microseconds since 1970 UTC.") })
}

fn texts(of_an_order: bool) -> Value {
    let bounds = |most: usize| if of_an_order { json!({ "minLength": 1, "maxLength": most }) } else { json!({}) };
    let text = |description: &str, bounds: Value| super::schema::text(description, bounds);
    let mut subject = text("件名.", bounds(rules::SUBJECT_MAX));
    if of_an_order {
        subject["pattern"] = "^[^\\r\\n]*$".into();
    }
    let body = format!("自由記述欄: at most {} characters, a line break is one.", rules::BODY_MAX);
    // Carriage returns are not counted: a longer text may still fit.
    let body = text(&body, if of_an_order { json!({ "minLength": 1 }) } else { json!({}) });
    json!({
        "type": "object", "description": "The texts of a mail.", "required": ["subject", "body"],
        "additionalProperties": false, "properties": { "subject": subject, "body": body },
    })
}

fn mail() -> Value {
    complete(
        "A mail of an order that was asked for.",
        json!({
            "object": { "const": "order_mail" },
            "id": id("ntfn_"),
            "number": count("Which mail of the order, from 1"),
            "subject": { "type": "string" },
            "body": { "type": "string", "description": "自由記述欄, as it was asked for." },
            "text": { "type": ["string", "null"], "description": "The whole text as it left." },
            "outcome": { "type": "string", "enum": MAIL_OUTCOMES },
            "error": { "type": ["string", "null"], "description": "What the mail server said last." },
            "can_be_sent_again": { "type": "boolean" },
            "created": seconds("When it was asked for"),
        }),
    )
}

fn mails() -> Value {
    complete(
        "The mails of an order.",
        json!({
            "object": { "const": "list" }, "charge": { "type": "string" },
            "data": { "type": "array", "maxItems": rules::NOTIFICATIONS_MAX, "items": reference("schemas", "OrderMail") },
        }),
    )
}

fn draft_schema() -> Value {
    let kinds: Vec<&str> = blocks::Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    let block = complete(
        "挿入項目.",
        json!({
            "kind": { "type": "string", "enum": kinds },
            "text": { "type": ["string", "null"], "description": "Null where there is nothing of the kind." },
        }),
    );
    complete(
        "What an editor shows.",
        json!({
            "object": { "const": "mail_draft" },
            "charge": { "type": "string" },
            "opening": { "type": "string", "description": "自動挿入文." },
            "blocks": { "type": "array", "items": block },
            "sent": count("Mails that the order has had"),
            "most": count("Mails of an order at the most"),
            "until": seconds("The last moment at which one can be sent"),
            "refused": {
                "type": ["string", "null"],
                "description": "Why none can be sent: `period_expired` or `too_many_notifications`.",
            },
        }),
    )
}

fn check_schema() -> Value {
    let unfit = complete(
        "A character that Japanese mail cannot carry.",
        json!({
            "character": { "type": "string" },
            "code": { "type": "string", "pattern": "^U[+][0-9A-F]{4,6}$" },
            "position": count("Its place in the text, from 1"),
            "line": count("Its line, from 1"),
            "column": count("Its place in the line, from 1"),
            "why": { "type": "string" },
        }),
    );
    let text = complete(
        "About one text.",
        json!({
            "count": count("Characters"), "most": count("Characters at the most"),
            "broken": { "type": "boolean", "description": "Several lines where only one may be." },
            "unfit": { "type": "array", "maxItems": POINTED_AT_MAX, "items": unfit },
        }),
    );
    complete(
        "What is wrong with the texts of a mail.",
        json!({
            "object": { "const": "mail_check" }, "fits": { "type": "boolean" }, "subject": text.clone(), "body": text,
        }),
    )
}

fn timeline_schema() -> Value {
    let actor = complete(
        "Who.",
        json!({
            "id": { "type": "string", "description": "As the audit log names it." },
            "kind": { "type": "string", "enum": ["staff", "token", "key", "buyer", "system"] },
            "name": { "type": ["string", "null"] },
        }),
    );
    let common = json!({
        "at_us": micros("Real time"),
        "world_us": or_null(micros("Time of the environment")),
        "actor": or_null(actor),
    });
    let entry = |kind: &str, description: &str, own: Value| {
        let mut properties = common.as_object().cloned().unwrap_or_default();
        properties.insert("type".to_owned(), json!({ "const": kind }));
        properties.extend(own.as_object().cloned().unwrap_or_default());
        complete(description, Value::Object(properties))
    };
    let entries = json!([
        entry("change", "Money and status changed, or were to.", change()),
        entry(
            "mail",
            "A mail was made.",
            json!({
                "mail": { "type": "string" }, "kind": { "type": "string" },
                "recipient": { "type": "string", "enum": ["buyer", "shop"] },
                "outcome": { "type": "string", "enum": MAIL_OUTCOMES },
            })
        ),
        entry(
            "delivery",
            "The shop's server was told, or was to be.",
            json!({
                "attempt": id(""), "event": id("evt_"), "event_type": { "type": "string" }, "endpoint": id("we_"),
                "number": { "type": ["integer", "null"] }, "outcome": { "type": "string", "enum": OUTCOMES },
                "status": { "type": ["integer", "null"] }, "took_us": count("How long it took, in microseconds"),
            })
        ),
        entry(
            "sent_again",
            "Somebody sent something again.",
            json!({
                "action": { "type": "string", "enum": ["webhook.resend", "mail.resend"] }, "of": { "type": "string" },
            })
        ),
    ]);
    complete(
        "What happened with an order.",
        json!({
            "object": { "const": "timeline" }, "charge": { "type": "string" },
            "data": { "type": "array", "items": { "anyOf": entries } },
            "truncated": { "type": "boolean", "description": "Whether older entries were left out." },
        }),
    )
}

fn change() -> Value {
    let pair = |kind: &str, description: &str| {
        json!({
            "type": ["array", "null"], "minItems": 2, "maxItems": 2, "items": { "type": [kind, "null"] },
            "description": format!("{description} before and after."),
        })
    };
    json!({
        "attempt": id(""),
        "verb": { "type": "string", "enum": ["pay", "capture", "cancel", "change", "expire"] },
        "outcome": { "type": "string", "enum": ["running", "succeeded", "refused"] },
        "refusal": { "type": ["string", "null"] },
        "state": pair("string", "The state"),
        "amount": pair("integer", "The total in yen"),
        "point": pair("integer", "The points in yen"),
        "posted": { "type": "integer", "description": "Yen that the shop is owed more since; below zero: less." },
    })
}

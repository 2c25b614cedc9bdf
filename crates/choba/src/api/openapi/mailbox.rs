//! The mailbox: mails that buyers and the shop got.

use pay::ApiError;
use pay::mail::{Kind, Outcome, Recipient};
use pay::rules;
use serde_json::{Map, Value, json};

use super::account::{Schemas, list_of};
use super::answer::good;
use super::introduction::MAIL_TAG;
use super::parameter::query;
use super::schema::{CHARGE_NUMBER, CHARGE_NUMBER_EXAMPLE, complete, or_null, seconds, text};
use super::webhook::Operation;
use crate::api::mailbox::{LIST, ONE};

const MAILS: (&str, &str) = (MAIL_TAG, "mail");

pub(super) fn paths() -> Map<String, Value> {
    let paths = [(LIST, json!({ "get": list() })), (ONE, json!({ "get": show() }))];
    paths.into_iter().map(|(path, item)| (path.to_owned(), item)).collect()
}

fn list() -> Value {
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": rules::PAGE_MAX, "default": rules::PAGE_DEFAULT });
    let example = json!({ "object": "list", "data": [example()], "next": null });
    let says = format!("Newest first. They can be read for {} days.", rules::NOTIFICATION_READABLE_DAYS);
    Operation::of(
        MAILS,
        "list_mailbox",
        "メールボックス: the mails that buyers and the shop got",
        good("Mails.", "MailPage", example),
    )
    .says(says)
    .with([
        query("text", "Part of an address, a subject, a text or an order number.", json!({ "type": "string" })),
        query("charge", "Only those of this order.", json!({ "type": "string", "pattern": CHARGE_NUMBER })),
        query("undelivered", "Only those that did not arrive.", json!({ "type": "boolean" })),
        query(
            "after",
            "`next` of the page before.",
            json!({ "type": "string", "pattern": r"^[0-9]{1,18}\.[0-9A-Za-z-]{1,64}$" }),
        ),
        query("limit", "How many, at the most.", limit),
    ])
    .refuses([ApiError::parameter("limit", "a whole number"), ApiError::too_many_parameters()])
    .json()
}

fn show() -> Value {
    let mail = json!({
        "name": "message", "in": "path", "required": true, "description": "The mail.", "schema": { "type": "string" },
        "example": "019aa8b5c0f05f1c9d0a7b3e42688c6d-b",
    });
    Operation::of(MAILS, "show_mail", "One mail in full", good("The mail.", "Mail", example())).with([mail]).json()
}

fn example() -> Value {
    json!({
        "object": "mail", "id": "019aa8b5c0f05f1c9d0a7b3e42688c6d-b", "charge": CHARGE_NUMBER_EXAMPLE, "kind": Kind::Captured.as_str(),
        "recipient": Recipient::Buyer.as_str(), "outcome": Outcome::Kept.as_str(), "to": "buyer@buyer.example",
        "sender_name": "", "subject": "ご注文の確定", "body": "ご注文が確定しました。", "error": null, "created": 1_795_309_800,
    })
}

/// The shapes of bodies.
pub(super) fn schemas() -> Schemas {
    let word = |description: &str| text(description, json!({}));
    let one_of = |words: Vec<&str>| json!({ "type": "string", "enum": words });
    let mail = complete(
        "A mail as it was written.",
        json!({
            "object": { "const": "mail" }, "id": word("Its id in this shop and environment."),
            "charge": word("The order that it tells of."),
            "kind": one_of(Kind::ALL.iter().map(|kind| kind.as_str()).collect()),
            "recipient": one_of(Recipient::ALL.iter().map(|recipient| recipient.as_str()).collect()),
            "outcome": one_of(Outcome::ALL.iter().map(|outcome| outcome.as_str()).collect()),
            "to": or_null(word("The address; null if there is none to send to.")),
            "sender_name": word("What stands as the sender."), "subject": word("件名."), "body": word("The text."),
            "error": or_null(word("What the mail server said last, if it did not take the mail.")),
            "created": seconds("When what it tells of happened, in the time of the environment"),
        }),
    );
    let next = or_null(word("To be sent as `after`."));
    let page = json!({
        "object": { "const": "list" }, "data": list_of(super::reference("schemas", "Mail")), "next": next,
    });
    vec![("Mail", mail), ("MailPage", complete("Mails, newest first.", page))]
}

//! The image library and the builder of buttons.

use pay::checkout::button::{CALLBACK_MAX, PICTURES};
use pay::{ApiError, rules};
use serde_json::{Map, Value, json};

use super::answer::{answers, good, of_authenticated};
use super::introduction::{CHECKOUT_TAG, TOKEN};
use super::parameter::shared;
use super::{content, grouped, reference};
use crate::api::images::{BUTTON, IMAGES, not_live};

pub(super) fn paths() -> Map<String, Value> {
    Map::from_iter([(IMAGES.to_owned(), json!({ "get": show() })), (BUTTON.to_owned(), json!({ "post": sign() }))])
}

fn show() -> Value {
    let mut refusals = of_token("settings");
    refusals.push(not_live());
    json!({
        "operationId": "show_images",
        "tags": [CHECKOUT_TAG],
        "summary": "Pictures for the shop's site, as HTML tags",
        "description": "Acceptance marks (アクセプタンスマーク) of exactly the brands that the shop is approved for, and service \
            logos (サービスロゴ). Their addresses answer everybody and stay the same; after a change of brands take the \
            new tag. Only for shops whose registration for Live is complete.",
        "security": [{ TOKEN: [] }],
        "parameters": [shared("Shop")],
        "responses": answers(good("The pictures.", "Images", images()), refusals),
    })
}

fn sign() -> Value {
    let mut refusals = of_token("keys");
    let not_json = serde_json::from_str::<Value>("{").expect_err("half an object is no JSON");
    refusals.extend([
        ApiError::parameter("item_name_1", "without a semicolon"),
        ApiError::invalid("amount_too_large", "The total must be at most 99999999 yen."),
        ApiError::invalid_json(&not_json),
        ApiError::invalid("unreadable_body", "The body could not be read."),
    ]);
    let example = json!({
        "items": [{ "id": "item-01", "name": "item-name", "unit_price": 1122, "quantity": 3 }],
        "cart_id": "cart-id-1", "image": 0, "callback": "shop.paid",
    });
    json!({
        "operationId": "sign_button",
        "tags": [CHECKOUT_TAG],
        "summary": "Make the tag of a payment button",
        "description": "Signs the items and the cart id with the newest private key (`data-sig`) and answers with the \
            whole tag. Changes nothing.",
        "security": [{ TOKEN: [] }],
        "parameters": [shared("Shop"), shared("Environment")],
        "requestBody": { "required": true, "content": content("application/json", "ButtonWish", example) },
        "responses": answers(good("The button.", "Button", button()), refusals),
    })
}

fn of_token(scope: &str) -> Vec<ApiError> {
    let mut refusals = of_authenticated("Send a valid token as Authorization: Bearer choba_….");
    refusals
        .push(ApiError::forbidden("insufficient_scope", &format!("The token needs the scope {scope} for this shop.")));
    refusals.push(ApiError::missing_resource("There is no such shop."));
    refusals
}

fn images() -> Value {
    json!({
        "object": "images",
        "shop": 1,
        "acceptance_marks": [{
            "brands": ["visa"],
            "url": "https://choba.example/s/images/cards-visa.svg",
            "alt": "ご利用いただけるカード: Visa",
            "width": 84,
            "height": 52,
            "tag": "<img … width=\"84\" height=\"52\">",
        }],
        "service_logos": [],
    })
}

fn button() -> Value {
    let key = format!("sandbox_public_{}", "0a".repeat(48));
    let signature = "07592988ea2a7ea44a26921cd1de6508cb588ebc";
    json!({
        "object": "button",
        "shop": 1,
        "environment": "sandbox",
        "public_key": key,
        "signature": signature,
        "total": 3366,
        "tag": format!("<script … data-sig=\"{signature}\"></script>"),
    })
}

/// The shapes of their bodies.
pub(super) fn schemas() -> Map<String, Value> {
    let complete = |description: &str, properties: Value| {
        let required: Vec<String> = properties.as_object().into_iter().flat_map(Map::keys).cloned().collect();
        json!({ "type": "object", "description": description, "required": required, "properties": properties })
    };
    let (text, number) = (json!({ "type": "string" }), json!({ "type": "integer", "minimum": 0 }));
    let brand = json!({ "type": "string", "enum": ["visa", "mastercard", "jcb", "amex", "diners"] });
    let image = complete(
        "A picture.",
        json!({
            "brands": { "type": "array", "items": brand, "description": "The brands that a mark names; none for a logo." },
            "url": text, "alt": text, "width": number, "height": number, "tag": text,
        }),
    );
    let images = json!({ "type": "array", "items": image });
    let library = complete(
        "The pictures of a shop.",
        json!({
            "object": { "type": "string", "const": "images" },
            "shop": { "type": "integer" },
            "acceptance_marks": images,
            "service_logos": images,
        }),
    );
    let button = complete(
        "A signed button.",
        json!({
            "object": { "type": "string", "const": "button" },
            "shop": { "type": "integer" },
            "environment": { "type": "string", "enum": ["sandbox", "test", "live"] },
            "public_key": text,
            "signature": { "type": "string", "pattern": "^[0-9a-f]{40}$", "description": "`data-sig`." },
            "total": number,
            "tag": text,
        }),
    );
    Map::from_iter([("Images".to_owned(), library), ("Button".to_owned(), button), ("ButtonWish".to_owned(), wish())])
}

fn wish() -> Value {
    let signed = json!({ "type": ["string", "null"], "maxLength": rules::TEXT_MAX });
    json!({
        "type": "object",
        "description": "What a button should be. Ids, names and the cart id cannot hold a semicolon.",
        "required": ["items"],
        "additionalProperties": false,
        "properties": {
            "items": {
                "type": "array", "minItems": 1, "maxItems": rules::ITEMS_MAX, "items": reference("schemas", "Item"),
                "description": format!("The total must be 1 to {} yen.", grouped(rules::LARGEST_TOTAL_YEN)),
            },
            "cart_id": signed,
            "image": {
                "type": "integer", "minimum": 0, "maximum": PICTURES - 1, "description": "`data-image`; 0 if not given.",
            },
            "callback": {
                "type": ["string", "null"], "maxLength": CALLBACK_MAX,
                "description": "`data-callback`: the name of a JavaScript function.",
            },
        },
    })
}

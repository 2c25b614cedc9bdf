//! What a reader has to know before the first request: names, keys, units, errors, idempotency.

use serde_json::{Value, json};

/// Plain text: paragraphs, lists, `code`.
pub(super) const TEXT: &str = "\
Choba (帳場) answers what an integration of 楽天ペイ(オンライン決済 LITE版) sends, after changing the host name. It is no \
acquirer and does not speak for Rakuten; a built-in simulator stands in for card companies and points.

What the screens call it, and what the wire calls it:

- 仮売上, a provisional sale: `paid` is true, `captured` is false.
- 実売上, an actual sale: `paid` and `captured` are true.
- 確定 is `capture`, キャンセル is `refund` without items, 金額変更 is `refund` with items.

Units:

- Amounts are whole yen. Points are yen too, one yen each.
- Times are whole Unix seconds; order dates and windows are those of Japan (JST, UTC+9).
- In the sandbox, time is the shop's test clock, which can be turned forward; elsewhere it is the real one.

Every error has the body `{\"errors\":[{\"type\",\"code\",\"message\"}]}`: `type` goes with the HTTP status, `code` is \
a stable word for programs, `message` a sentence for people that names the field. What was refused has changed nothing.

Twice is once: a POST that changes a charge may carry the header `Idempotency-Key`. The same request with the same key \
gets the first answer again; another request with that key is refused. While the outcome is unknown the answer is 503 \
with the code `outcome_unknown`; send the same request with the same key again, and never guess.

Parameters that are not described here have no effect. A parameter that is given twice is refused. On every path, \
another method is answered with 405 (`invalid_method`), and an unknown path with 404 (`not_found`), in the same shape.";

/// Security scheme of `/sandbox/v1`.
pub(super) const SANDBOX_KEY: &str = "sandboxPrivateKey";
/// Security scheme of `/v1`.
pub(super) const LIVE_KEY: &str = "privateKey";
/// Security scheme of `/api/shops`.
pub(super) const TOKEN: &str = "token";

/// Security scheme of the test helpers of the marketplace.
pub(super) const ESA: &str = "esa";

pub(super) const SANDBOX_TAG: &str = "LITE API, sandbox";
pub(super) const LIVE_TAG: &str = "LITE API, test and live";
pub(super) const HELPER_TAG: &str = "Test helpers";
pub(super) const CLOCK_TAG: &str = "Test clock";
pub(super) const MAIL_TAG: &str = "Mail settings";
pub(super) const WEBHOOK_TAG: &str = "Webhooks";
pub(super) const ORDERS_TAG: &str = "Orders";
pub(super) const CHECKOUT_TAG: &str = "Checkout";
pub(super) const FIGURES_TAG: &str = "Figures";
pub(super) const SHOP_TAG: &str = "Shop";
pub(super) const OPERATOR_TAG: &str = "Operator";
pub(super) const ERASURE_TAG: &str = "Personal data";
pub(super) const ACCOUNT_TAG: &str = "Account";
pub(super) const REQUESTS_TAG: &str = "Request log";
pub(super) const MALL_TAG: &str = "Marketplace";
pub(super) const SERVER_TAG: &str = "This server";

pub(super) fn tags() -> Value {
    let tag = |name: &str, description: &str| json!({ "name": name, "description": description });
    json!([
        tag(
            SANDBOX_TAG,
            "Charges of the sandbox: `sandbox_private_…` keys, simulated money, a clock that can be turned."
        ),
        tag(
            LIVE_TAG,
            "The same for `test_private_…` keys (simulated money) and `live_private_…` keys, in real time. Served over \
             HTTPS only, unless the server is a demo. Live keys take no money without a real provider.",
        ),
        tag(HELPER_TAG, "What programs that test an integration need, with sandbox and test keys."),
        tag(CLOCK_TAG, "The clock of a shop's sandbox: turn it forward, and everything that becomes due is done."),
        tag(MAIL_TAG, "How the mails of a shop look, and whether those about its charges are sent by themselves."),
        tag(
            WEBHOOK_TAG,
            "Endpoints that hear of events, the log of every try, and events sent again or followed. Deliveries carry \
             `X-Lite-Webhook-Signature`, the shop's webhook secret itself, and the headers of Standard Webhooks, \
             signed with a second secret; `choba keys` shows both.",
        ),
        tag(CHECKOUT_TAG, "Settings of the hosted checkout: which pages show the button, which cards ask for a code."),
        tag(
            ORDERS_TAG,
            "注文管理: orders as the dashboard shows them, for tokens with the scope `orders`: search, export, what can be \
             done to one, doing it, what happened with it, and its mails. The LITE API does the same to charges, with a private key.",
        ),
        tag(FIGURES_TAG, "What the dashboard's top page shows: orders over time, and what needs attention."),
        tag(
            SHOP_TAG,
            "What a shop reads of itself and is told: 店舗情報, notices, fees; and whether notices come by mail."
        ),
        tag(
            OPERATOR_TAG,
            "What whoever runs this server does: shops, notices, fees, operators. Takes a token with the scope `admin` that \
             is bound to no shop.",
        ),
        tag(
            ERASURE_TAG,
            "Erasing what is personal of buyers, at once or by itself after a time. Amounts, items, order numbers and \
             OpenIDs stay.",
        ),
        tag(
            ACCOUNT_TAG,
            "アカウント設定: keys and their rotation, the staff, the audit log. What is a person's own takes their password, too.",
        ),
        tag(REQUESTS_TAG, "What programs asked of the LITE API and what they were answered."),
        tag(
            MALL_TAG,
            "The marketplace beside its own APIs. Licences of the RMS order API, which functions are on, sub-statuses; that API \
             itself, below `/es/2.0/order/`, is described in docs/rms-order-api.md. The older card API (R-Card) is SOAP; its \
             WSDL is at `/rccsapi-services/RCCSApiService?wsdl`.",
        ),
        tag(SERVER_TAG, "What everybody may ask: this document, and whether the server works."),
    ])
}

pub(super) fn security_schemes() -> Value {
    let basic = |keys: &str| {
        json!({
            "type": "http",
            "scheme": "basic",
            "description": format!("{keys} as the user name, and an empty password. `choba keys` shows the keys."),
        })
    };
    json!({
        SANDBOX_KEY: basic("A private key of the sandbox (`sandbox_private_` and 96 hex digits)"),
        LIVE_KEY: basic("A private key of test or live (`test_private_` or `live_private_` and 96 hex digits)"),
        ESA: {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`ESA ` and Base64 of `serviceSecret:licenseKey`; `choba mall licence` shows both.",
        },
        TOKEN: {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "choba_ and 64 hex digits",
            "description": "A token with the scope that the operation needs: `choba token create --scope clock` makes one.",
        },
    })
}

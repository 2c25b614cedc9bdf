//! What goes to the shop's server: the event object and the headers (contract online-lite-api "Events and webhooks";
//! Standard Webhooks 1.0 for `webhook-id`, `webhook-timestamp` and `webhook-signature`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kernel::{Environment, Timestamp};
use serde::Serialize;
use serde_json::value::RawValue;

use super::event_type::EventType;
use super::secrets::Secrets;
use crate::charge::Order;
use crate::charge::wire::Snapshot;

/// The header that carries the webhook secret itself.
pub const LITE_SIGNATURE: &str = "x-lite-webhook-signature";
/// What stands for it in logs.
pub const MASKED: &str = "webhook_********";

/// The event object.
#[derive(Debug, Serialize)]
pub struct EventObject<'a, T> {
    object: &'static str,
    id: &'a str,
    livemode: bool,
    r#type: &'static str,
    synchronous: bool,
    data: Option<Data<T>>,
    pending_webhooks: i64,
    created: i64,
}

#[derive(Debug, Serialize)]
struct Data<T> {
    object: T,
}

impl<'a, T> EventObject<'a, T> {
    /// The event `id`, with so many deliveries still open.
    pub fn new(
        id: &'a str,
        environment: Environment,
        kind: EventType,
        object: Option<T>,
        pending_webhooks: i64,
        created: Timestamp,
    ) -> EventObject<'a, T> {
        EventObject {
            object: "event",
            id,
            livemode: environment.livemode(),
            r#type: kind.as_str(),
            synchronous: kind.is_synchronous(),
            data: object.map(|object| Data { object }),
            pending_webhooks,
            created: created.seconds(),
        }
    }
}

/// An event of a charge as it is stored.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    /// `evt_…`.
    pub id: String,
    /// Its environment.
    pub environment: Environment,
    /// Its type.
    pub kind: EventType,
    /// Its charge.
    pub charge: String,
    /// The charge as it was, [`Snapshot`] as JSON.
    pub data: String,
    /// The shipping address of the charge, as JSON.
    pub address: Option<String>,
    /// World time of the change.
    pub created: Timestamp,
}

impl StoredEvent {
    /// The event object as JSON, its cipher under `private_key`.
    pub fn body(&self, private_key: &str, pending_webhooks: i64) -> Result<Vec<u8>, serde_json::Error> {
        let snapshot: Snapshot = serde_json::from_str(&self.data)?;
        let charge = snapshot.to_wire(private_key, self.address.as_deref());
        let event =
            EventObject::new(&self.id, self.environment, self.kind, Some(charge), pending_webhooks, self.created);
        serde_json::to_vec(&event)
    }
}

/// The charge object of `charge.check`: what is to be paid for, before there is a charge.
#[derive(Serialize)]
struct Asked<'a> {
    object: &'static str,
    open_id: &'a str,
    id: Option<&'a str>,
    cipher: Option<&'a str>,
    livemode: bool,
    currency: &'static str,
    amount: i64,
    point: i64,
    cart_id: Option<&'a str>,
    paid: bool,
    captured: bool,
    status: Option<&'a str>,
    refunded: bool,
    items: Box<RawValue>,
    address: Option<Box<RawValue>>,
    created: Option<i64>,
    updated: Option<i64>,
}

/// The body of `charge.check`.
pub fn check_body(id: &str, environment: Environment, order: &Order, now: Timestamp) -> Vec<u8> {
    let raw = |json: Result<String, serde_json::Error>| {
        RawValue::from_string(json.expect("texts and numbers are JSON")).expect("it is JSON")
    };
    let asked = Asked {
        object: "charge",
        open_id: &order.open_id,
        id: None,
        cipher: None,
        livemode: environment.livemode(),
        currency: "jpy",
        amount: order.items.total().get(),
        point: order.point.get(),
        cart_id: order.cart_id.as_deref(),
        paid: false,
        captured: false,
        status: None,
        refunded: false,
        items: raw(serde_json::to_string(order.items.list())),
        address: order.address.as_ref().map(|address| raw(serde_json::to_string(address))),
        created: None,
        updated: None,
    };
    let event = EventObject::new(id, environment, EventType::Check, Some(asked), 1, now);
    serde_json::to_vec(&event).expect("an event is JSON")
}

/// The body of a ping.
pub fn ping_body(id: &str, environment: Environment, now: Timestamp) -> Vec<u8> {
    let event = EventObject::<()>::new(id, environment, EventType::Ping, None, 1, now);
    serde_json::to_vec(&event).expect("an event is JSON")
}

/// The headers that go with `body`, in the order in which they are sent.
pub fn headers(secrets: &Secrets, id: &str, body: &[u8], now: Timestamp) -> Vec<(&'static str, String)> {
    let timestamp = now.seconds().to_string();
    vec![
        ("content-type", "application/json; charset=utf-8".to_owned()),
        (LITE_SIGNATURE, secrets.webhook_secret.clone()),
        ("webhook-id", id.to_owned()),
        ("webhook-signature", signature(secrets, id, &timestamp, body)),
        ("webhook-timestamp", timestamp),
    ]
}

/// `v1,` and HMAC-SHA256 in base64 over `id.timestamp.body`, once for each signing secret that counts.
fn signature(secrets: &Secrets, id: &str, timestamp: &str, body: &[u8]) -> String {
    let message = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
    let signed = |key: &Vec<u8>| format!("v1,{}", STANDARD.encode(shop::vault::mac(key, &message)));
    secrets.signing_keys.iter().map(signed).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks specification's reference libraries.
    #[test]
    fn the_signature_is_that_of_standard_webhooks() {
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let secrets =
            Secrets { webhook_secret: "webhook_x".into(), signing_keys: vec![key], private_key: String::new() };
        let signature = signature(&secrets, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_ping_has_every_field_of_the_contract_in_its_order() {
        let body = ping_body("evt_1", Environment::Live, Timestamp::from_seconds(5));
        let expected = r#"{"object":"event","id":"evt_1","livemode":true,"type":"ping","synchronous":true,"data":null,"pending_webhooks":1,"created":5}"#;
        assert_eq!(String::from_utf8(body).unwrap(), expected);
    }
}

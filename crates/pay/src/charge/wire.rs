//! The charge object of the wire (contract online-lite-api "Charge object"): every field, in the contract's order.

use kernel::id::IdError;
use kernel::{ChargeNumber, Environment, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::order::Charge;
use super::state::State;

/// A charge at an instant, as events keep it: what the wire shows, but for the cipher (which belongs to a key) and the
/// address (which can be erased).
#[derive(Debug, Serialize, Deserialize)]
pub struct Snapshot {
    open_id: String,
    id: String,
    livemode: bool,
    amount: i64,
    point: i64,
    cart_id: Option<String>,
    paid: bool,
    captured: bool,
    refunded: bool,
    items: Box<RawValue>,
    created: i64,
    updated: i64,
}

impl Snapshot {
    /// What the wire shows of `charge` now. Stored items that are no JSON are shown as none.
    pub fn of(charge: &Charge, environment: Environment) -> Snapshot {
        let state: State = charge.standing.state;
        Snapshot {
            open_id: charge.open_id.clone(),
            id: charge.number.to_string(),
            livemode: environment.livemode(),
            amount: charge.standing.amount.get(),
            point: charge.standing.point.get(),
            cart_id: charge.cart_id.clone(),
            paid: state.paid(),
            captured: state.captured(),
            refunded: state.refunded(),
            items: raw(&charge.items_json).unwrap_or_else(|| raw("[]").expect("an empty array is JSON")),
            created: charge.standing.ordered.seconds(),
            updated: charge.updated.seconds(),
        }
    }

    /// The text for the event's row.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a snapshot is JSON")
    }

    /// 注文番号.
    pub fn number(&self) -> Result<ChargeNumber, IdError> {
        self.id.parse()
    }

    /// World time of the change, whole seconds.
    pub fn updated(&self) -> Timestamp {
        Timestamp::from_seconds(self.updated)
    }

    /// The charge object, for who holds `private_key`, with the shipping address if the shop receives it.
    pub fn to_wire(&self, private_key: &str, address_json: Option<&str>) -> ChargeObject<'_> {
        ChargeObject {
            object: "charge",
            open_id: &self.open_id,
            id: &self.id,
            cipher: cipher(private_key, &self.id, self.cart_id.as_deref()),
            livemode: self.livemode,
            currency: "jpy",
            amount: self.amount,
            point: self.point,
            cart_id: self.cart_id.as_deref(),
            paid: self.paid,
            captured: self.captured,
            status: "succeeded",
            refunded: self.refunded,
            items: &self.items,
            address: address_json.and_then(raw),
            created: self.created,
            updated: self.updated,
        }
    }
}

/// The charge object.
#[derive(Debug, Serialize)]
pub struct ChargeObject<'a> {
    object: &'static str,
    open_id: &'a str,
    id: &'a str,
    cipher: String,
    livemode: bool,
    currency: &'static str,
    amount: i64,
    point: i64,
    cart_id: Option<&'a str>,
    paid: bool,
    captured: bool,
    status: &'static str,
    refunded: bool,
    items: &'a RawValue,
    address: Option<Box<RawValue>>,
    created: i64,
    updated: i64,
}

/// HMAC-SHA256 in hex over `id:cart_id` under the private key; a missing cart id counts as empty. Inferred by the
/// contract ("Charge object": cipher `[i]`).
pub fn cipher(private_key: &str, id: &str, cart_id: Option<&str>) -> String {
    let message = format!("{id}:{}", cart_id.unwrap_or_default());
    kernel::id::hex(&shop::vault::mac(private_key.as_bytes(), message.as_bytes()))
}

fn raw(json: &str) -> Option<Box<RawValue>> {
    RawValue::from_string(json.to_owned()).ok()
}

//! `data-sig`: the shop's proof that items and prices of a button are its own (contract online-lite-api "Payment button").
//!
//! HMAC-SHA1 in hex, keyed with the private key, over `PUBLICKEY;`, then `id;name;unit_price;quantity;` of each item, then
//! `cart_id;`. Because fields are joined with `;`, one inside a text is refused before the signature is looked at: it could
//! move a boundary, and the same signature would stand for other items.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::charge::Item;

/// What a signature is over.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// The public key of the button.
    pub public_key: &'a str,
    /// Its items.
    pub items: &'a [Item],
    /// Its cart id.
    pub cart_id: Option<&'a str>,
}

/// The name of the first text with a `;`.
pub fn smuggled(signed: &Signed<'_>) -> Option<String> {
    let items = signed.items.iter().zip(1..).flat_map(|(item, number)| {
        [(format!("item_id_{number}"), &item.id), (format!("item_name_{number}"), &item.name)]
    });
    let mut found = items.filter(|(_, text)| text.contains(';')).map(|(name, _)| name);
    let cart_id = signed.cart_id.filter(|text| text.contains(';')).map(|_| "cart_id".to_owned());
    found.next().or(cart_id)
}

/// The signature under `private_key`, 40 lower-case hex digits.
pub fn sign(signed: &Signed<'_>, private_key: &str) -> String {
    kernel::id::hex(&keyed(signed, private_key).finalize().into_bytes())
}

/// Whether `signature` is that under one of `private_keys`; compared in constant time.
pub fn is_signed<'k>(signed: &Signed<'_>, signature: &str, private_keys: impl IntoIterator<Item = &'k str>) -> bool {
    let Some(tag) = kernel::id::unhex(signature) else { return false };
    private_keys.into_iter().any(|key| keyed(signed, key).verify_slice(&tag).is_ok())
}

fn keyed(signed: &Signed<'_>, private_key: &str) -> Hmac<Sha1> {
    let mut mac = Hmac::<Sha1>::new_from_slice(private_key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(message(signed).as_bytes());
    mac
}

fn message(signed: &Signed<'_>) -> String {
    let mut message = format!("{};", signed.public_key);
    for Item { id, name, quantity, unit_price } in signed.items {
        message.push_str(&format!("{id};{name};{unit_price};{quantity};"));
    }
    message.push_str(signed.cart_id.unwrap_or_default());
    message.push(';');
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: &str = "sandbox_public_888a3f17ab713c77c63ae105a44c46ee8f796c5fceb9bc3f78aea14b94b054c8ebd0fafd81b7595afe466226b787bbe3";
    const PRIVATE: &str = "sandbox_private_41ab62a7db0ee44526d1f0f62fc494878f796c5fceb9bc3f78aea14b94b054c8ebd0fafd81b7595afe466226b787bbe3";
    const SIGNATURE: &str = "07592988ea2a7ea44a26921cd1de6508cb588ebc";

    fn item(name: &str, unit_price: i64) -> Item {
        Item { id: "item-01".into(), name: name.into(), quantity: 3, unit_price }
    }

    #[test]
    fn the_check_value_of_the_contract() {
        let items = [item("item-name", 1_122)];
        let signed = Signed { public_key: PUBLIC, items: &items, cart_id: Some("cart-id-1") };
        assert_eq!(sign(&signed, PRIVATE), SIGNATURE);
        assert!(is_signed(&signed, SIGNATURE, [PRIVATE]));
        assert!(is_signed(&signed, SIGNATURE, ["another", PRIVATE, "a third"]), "an old key that still counts");
    }

    #[test]
    fn whatever_is_changed_the_signature_is_wrong() {
        let items = [item("item-name", 1_122)];
        let right = Signed { public_key: PUBLIC, items: &items, cart_id: Some("cart-id-1") };
        let (dearer, renamed, more) =
            ([item("item-name", 1)], [item("name", 1_122)], [item("item-name", 1_122), item("b", 0)]);
        for wrong in [
            Signed { items: &dearer, ..right },
            Signed { items: &renamed, ..right },
            Signed { items: &more, ..right },
            Signed { items: &[], ..right },
            Signed { cart_id: None, ..right },
            Signed { cart_id: Some("cart-id-2"), ..right },
            Signed { public_key: &PUBLIC[1..], ..right },
        ] {
            assert!(!is_signed(&wrong, SIGNATURE, [PRIVATE]), "{wrong:?}");
        }
        for forged in ["", "07592988", "zz", &SIGNATURE[1..], &"0".repeat(40)] {
            assert!(!is_signed(&right, forged, [PRIVATE]), "{forged}");
        }
        assert!(!is_signed(&right, SIGNATURE, []));
    }

    #[test]
    fn a_semicolon_is_found_wherever_it_is() {
        let found = |item: Item, cart_id| smuggled(&Signed { public_key: PUBLIC, items: &[item], cart_id });
        assert_eq!(found(item("a", 1), Some("c")), None);
        assert_eq!(found(item("a;1;1;b", 1), None), Some("item_name_1".into()));
        assert_eq!(found(Item { id: ";".into(), ..item("a", 1) }, None), Some("item_id_1".into()));
        assert_eq!(found(item("a", 1), Some("c;")), Some("cart_id".into()));
    }
}

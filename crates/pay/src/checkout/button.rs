//! The tag of a payment button, signed under the shop's own key (contract online-lite-api "Payment button"): what a
//! shop's server does for each cart, done here for who tries it or has one fixed item.
//!
//! The private key is read, signs and stays here: what leaves is the tag.

use kernel::{Environment, ShopId};
use shop::{CredentialKind, Vault};
use store::{ErrorKind, StoreError, Tx};

use super::signature::{self, Signed};
use crate::charge::item::ItemsError;
use crate::charge::{Item, Items};
use crate::error::ApiError;
use crate::rules;

/// Pictures of the button: `data-image` is 0 to one less.
pub const PICTURES: u8 = 4;
/// Where the script of the button is.
pub const SCRIPT: &str = "/s/js/checkout-lite-v1.js";
/// Bytes of the name of a callback function at the most.
pub const CALLBACK_MAX: usize = 100;

/// What a button should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// `data-item-…-N`.
    pub items: Vec<Item>,
    /// `data-cart-id`; an empty one is none.
    pub cart_id: Option<String>,
    /// `data-image`.
    pub image: u8,
    /// `data-callback`; an empty one is none.
    pub callback: Option<String>,
}

/// Why there is no such button.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The items cannot be ordered.
    #[error(transparent)]
    Items(#[from] ItemsError),
    /// A text holds a `;`, which joins the fields that are signed. The name of the parameter.
    #[error("{0} must be without a semicolon.")]
    Semicolon(String),
    /// The cart id is too long, or holds a control character.
    #[error("cart_id must be at most {max} characters, none of them a control character.", max = rules::TEXT_MAX)]
    CartId,
    /// There is nothing to pay.
    #[error("the total must be at least 1 yen.")]
    Nothing,
    /// There is no such picture.
    #[error("image must be 0 to {}.", PICTURES - 1)]
    Image,
    /// It is no name of a function.
    #[error("callback must be the name of a JavaScript function such as shop.paid.")]
    Callback,
}

/// What a cart must be, whoever signs it. A `;` is looked for before any signature is.
pub fn check_cart(public_key: &str, items: &Items, cart_id: Option<&str>) -> Result<(), Refused> {
    if let Some(name) = signature::smuggled(&Signed { public_key, items: items.list(), cart_id }) {
        return Err(Refused::Semicolon(name));
    }
    let cart_id = cart_id.unwrap_or_default();
    if cart_id.chars().count() > rules::TEXT_MAX || cart_id.chars().any(char::is_control) {
        return Err(Refused::CartId);
    }
    if items.total().is_zero() { Err(Refused::Nothing) } else { Ok(()) }
}

/// A signed button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// `data-key`.
    pub public_key: String,
    /// The items.
    pub items: Items,
    /// `data-cart-id`.
    pub cart_id: Option<String>,
    /// `data-image`.
    pub image: u8,
    /// `data-callback`.
    pub callback: Option<String>,
    /// `data-sig`.
    pub signature: String,
}

impl Wish {
    /// What is wrong with it, if anything.
    pub fn checked(self) -> Result<Checked, Refused> {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (cart_id, callback) = (given(self.cart_id), given(self.callback));
        let items = Items::new(self.items)?;
        check_cart("", &items, cart_id.as_deref())?;
        if self.image >= PICTURES {
            return Err(Refused::Image);
        }
        if callback.as_deref().is_some_and(|name| !is_function(name)) {
            return Err(Refused::Callback);
        }
        Ok(Checked { items, cart_id, image: self.image, callback })
    }
}

/// A wish that can be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    items: Items,
    cart_id: Option<String>,
    image: u8,
    callback: Option<String>,
}

/// `paid`, `shop.checkout.paid`.
fn is_function(name: &str) -> bool {
    let part = |part: &str| {
        part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'))
            && part.bytes().next().is_some_and(|first| !first.is_ascii_digit())
    };
    name.len() <= CALLBACK_MAX && name.split('.').all(part)
}

/// Signs a button with the newest keys of a shop.
pub fn sign(
    tx: &mut Tx<'_>,
    vault: &Vault,
    shop: ShopId,
    environment: Environment,
    wish: Checked,
) -> Result<Button, ApiError> {
    let public_key = newest(tx, vault, shop, environment, CredentialKind::PublicKey)?;
    let private_key = newest(tx, vault, shop, environment, CredentialKind::PrivateKey)?;
    let Checked { items, cart_id, image, callback } = wish;
    let signed = Signed { public_key: &public_key, items: items.list(), cart_id: cart_id.as_deref() };
    let signature = signature::sign(&signed, &private_key);
    Ok(Button { public_key, items, cart_id, image, callback, signature })
}

/// The newest key of a kind that does not end.
fn newest(
    tx: &mut Tx<'_>,
    vault: &Vault,
    shop: ShopId,
    environment: Environment,
    kind: CredentialKind,
) -> Result<String, ApiError> {
    let keys = shop::rows::credentials_of(tx, shop, environment)?.into_iter();
    let newest = keys.filter(|key| key.kind == kind && key.expires.is_none()).max_by_key(|key| key.created);
    let missing = || ApiError::missing_resource("The shop has no keys in this environment.");
    let opened = newest.ok_or_else(missing)?.open(vault);
    let broken = |error: shop::vault::VaultError| StoreError::new(ErrorKind::Corrupt, error.to_string());
    Ok(opened.map_err(broken)?.value)
}

impl Button {
    /// The attributes of the tag, in the order of the contract, as text.
    pub fn attributes(&self) -> Vec<(String, String)> {
        let mut all = vec![("data-key".to_owned(), self.public_key.clone())];
        let mut add = |name: String, value: String| all.push((name, value));
        if let Some(cart_id) = &self.cart_id {
            add("data-cart-id".to_owned(), cart_id.clone());
        }
        add("data-image".to_owned(), self.image.to_string());
        if let Some(callback) = &self.callback {
            add("data-callback".to_owned(), callback.clone());
        }
        for (n, Item { id, name, quantity, unit_price }) in (1..).zip(self.items.list()) {
            add(format!("data-item-id-{n}"), id.clone());
            add(format!("data-item-name-{n}"), name.clone());
            add(format!("data-item-unit-price-{n}"), unit_price.to_string());
            add(format!("data-item-quantity-{n}"), quantity.to_string());
        }
        add("data-sig".to_owned(), self.signature.clone());
        all
    }

    /// The tag for a page of the shop; `base_url` is where this server is.
    pub fn tag(&self, base_url: &str) -> String {
        let mut tag = format!("<script src=\"{}{SCRIPT}\"\n  class=\"checkout-lite-button\"", escaped(base_url));
        for (name, value) in self.attributes() {
            tag.push_str(&format!("\n  {name}=\"{}\"", escaped(&value)));
        }
        tag + "></script>"
    }
}

/// As the value of an attribute spells it.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish() -> Wish {
        let item = Item { id: "item-01".into(), name: "item-name".into(), quantity: 3, unit_price: 1_122 };
        Wish { items: vec![item], cart_id: Some("cart-id-1".into()), image: 0, callback: Some("shop.paid".into()) }
    }

    fn check(change: impl Fn(&mut Wish), expected: Result<(), Refused>) {
        let mut wish = wish();
        change(&mut wish);
        assert_eq!(wish.clone().checked().map(|_| ()), expected, "{wish:?}");
    }

    #[test]
    fn what_a_button_may_be() {
        check(|_| (), Ok(()));
        check(|wish| wish.cart_id = None, Ok(()));
        check(|wish| wish.cart_id = Some("あ".repeat(255)), Ok(()));
        check(|wish| wish.cart_id = Some("あ".repeat(256)), Err(Refused::CartId));
        check(|wish| wish.cart_id = Some("a\nb".into()), Err(Refused::CartId));
        check(|wish| wish.cart_id = Some("a;b".into()), Err(Refused::Semicolon("cart_id".into())));
        check(|wish| wish.items[0].name = "a;1;1;b".into(), Err(Refused::Semicolon("item_name_1".into())));
        check(|wish| wish.items[0].unit_price = 0, Err(Refused::Nothing));
        check(|wish| wish.items[0].quantity = 0, Err(Refused::Items(ItemsError::Quantity(1))));
        check(|wish| wish.items.clear(), Err(Refused::Items(ItemsError::Count(0))));
        check(|wish| wish.image = 3, Ok(()));
        check(|wish| wish.image = 4, Err(Refused::Image));
        for good in ["", "paid", "_a.$b", "a1.b2.c3"] {
            check(|wish| wish.callback = Some(good.into()), Ok(()));
        }
        for wrong in ["1a", "a.", ".a", "a b", "a()", "alert`1`", "支払", &"a".repeat(101)] {
            check(|wish| wish.callback = Some(wrong.into()), Err(Refused::Callback));
        }
    }

    #[test]
    fn the_tag_is_that_of_the_contract() {
        let mut wish = wish();
        wish.items[0].name = "a \"b\" <c> & d".into();
        let Checked { items, cart_id, image, callback } = wish.checked().unwrap();
        let public_key = "sandbox_public_1".to_owned();
        let button = Button { public_key, items, cart_id, image, callback, signature: "07".to_owned() };
        let expected = "<script src=\"https://choba.example/s/js/checkout-lite-v1.js\"\n  class=\"checkout-lite-button\"\n  \
            data-key=\"sandbox_public_1\"\n  data-cart-id=\"cart-id-1\"\n  data-image=\"0\"\n  \
            data-callback=\"shop.paid\"\n  data-item-id-1=\"item-01\"\n  \
            data-item-name-1=\"a &quot;b&quot; &lt;c&gt; &amp; d\"\n  data-item-unit-price-1=\"1122\"\n  \
            data-item-quantity-1=\"3\"\n  data-sig=\"07\"></script>";
        assert_eq!(button.tag("https://choba.example"), expected);
    }
}

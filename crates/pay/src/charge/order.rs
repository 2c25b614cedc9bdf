//! A charge with everything that was said when it was ordered.

use kernel::{ChargeNumber, Timestamp, Yen};
use serde::{Deserialize, Serialize};

use super::item::Items;
use super::state::Standing;
use super::windows::Windows;

/// 送付先: where the goods go (contract online-lite-api "Charge object": `address`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Country code, `JPN`.
    #[serde(default)]
    pub country: Option<String>,
    /// 名.
    #[serde(default)]
    pub first_name: Option<String>,
    /// メイ.
    #[serde(default)]
    pub first_name_kana: Option<String>,
    /// 姓.
    #[serde(default)]
    pub last_name: Option<String>,
    /// セイ.
    #[serde(default)]
    pub last_name_kana: Option<String>,
    /// 郵便番号.
    #[serde(default)]
    pub address_zip: Option<String>,
    /// 都道府県.
    #[serde(default)]
    pub address_state: Option<String>,
    /// 市区町村.
    #[serde(default)]
    pub address_city: Option<String>,
    /// 番地、建物名.
    #[serde(default)]
    pub address_line: Option<String>,
    /// 電話番号.
    #[serde(default)]
    pub tel: Option<String>,
}

/// Who bought: kept for mails, never in events or audit rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Buyer {
    /// The buyer's account; the same id gives the same OpenID.
    #[serde(default)]
    pub id: Option<String>,
    /// Mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// 名.
    #[serde(default)]
    pub first_name: Option<String>,
    /// メイ.
    #[serde(default)]
    pub first_name_kana: Option<String>,
    /// 姓.
    #[serde(default)]
    pub last_name: Option<String>,
    /// セイ.
    #[serde(default)]
    pub last_name_kana: Option<String>,
}

/// Who acts when the card company asks the buyer for something (3-D Secure).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// A person at the checkout: is sent to the provider's page, and is waited for.
    Person,
    /// Whoever the provider simulates: test helpers.
    #[default]
    Simulated,
}

/// What a buyer agreed to pay for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// What was ordered.
    pub items: Items,
    /// The shop's own id of the cart.
    pub cart_id: Option<String>,
    /// Points to use, one yen each, at most the total.
    pub point: Yen,
    /// The card's token; none when points pay all of it.
    pub card: Option<String>,
    /// Where the goods go.
    pub address: Option<Address>,
    /// Who buys.
    pub buyer: Buyer,
    /// OpenID of the buyer, a URL.
    pub open_id: String,
    /// Who acts when an action is required.
    pub presence: Presence,
    /// Until when the charge can be captured, cancelled and changed.
    pub windows: Windows,
}

impl Order {
    /// What the card pays: the total less the points.
    pub fn card_amount(&self) -> Yen {
        self.items.total().saturating_sub(self.point)
    }
}

/// The buyer whose account at the simulated point service has no points.
pub const BUYER_WITHOUT_POINTS: &str = "no-points";

/// The OpenID of a buyer, a URL that begins with `prefix`: the same whenever the same buyer buys, whatever the shop.
pub fn open_id(prefix: &str, buyer: &str) -> String {
    let digest = kernel::id::hex(&shop::vault::mac(b"choba openid", buyer.as_bytes())[..16]);
    let account = if buyer == BUYER_WITHOUT_POINTS { acquirer::simulator::EMPTY_ACCOUNT_SUFFIX } else { "" };
    format!("{prefix}{digest}{account}")
}

/// A charge as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// 注文番号.
    pub number: ChargeNumber,
    /// What decisions about money need.
    pub standing: Standing,
    /// What was ordered, as JSON: it is only passed on.
    pub items_json: String,
    /// The shop's own id of the cart.
    pub cart_id: Option<String>,
    /// OpenID of the buyer.
    pub open_id: String,
    /// Where the goods go, as JSON.
    pub address_json: Option<String>,
    /// World time of the last change.
    pub updated: Timestamp,
    /// Grows with every change; guards saves.
    pub version: i64,
}

//! 送付先: a destination with its items and parcels.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Address, Day, Item, Parcel, Person, Price, TaxRate, stored};
use crate::code::Carrier;

/// One destination of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Package {
    /// 送付先ID.
    pub id: i64,
    /// Who receives it.
    pub person: Person,
    /// Where it goes.
    pub address: Address,
    /// 離島.
    pub isolated_island: bool,
    /// 送料, tax included.
    pub postage: Price,
    /// Its tax.
    pub postage_tax: TaxRate,
    /// 代引料, tax included; zero unless paid on delivery.
    pub cod_fee: Price,
    /// Its tax.
    pub cod_tax: TaxRate,
    /// のし.
    pub noshi: Option<String>,
    /// What it holds.
    pub items: Vec<Item>,
    /// 発送情報.
    pub parcels: Vec<Parcel>,
    /// The carrier when it was bought.
    pub default_carrier: Carrier,
    /// 置き配: where it is left.
    pub drop_off: Option<String>,
    /// コンビニ・郵便局受取.
    pub pick_up: Option<PickUp>,
    /// ソーシャルギフト.
    pub social_gift: Option<SocialGift>,
    /// Taken out by an edit.
    pub deleted: bool,
}

/// Where a parcel is fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PickUp {
    /// `cvsCode`.
    pub code: i64,
    /// Kind of the store.
    pub genre: String,
    /// Its number.
    pub store_code: String,
    /// Its name.
    pub store_name: String,
    /// `158-0094`.
    pub zip: String,
    /// 都道府県.
    pub prefecture: String,
    /// The rest of its address.
    pub address: String,
    /// Opens at `hh:mm`.
    pub opens: String,
    /// Closes at `hh:mm`, up to 24:00.
    pub closes: String,
}

/// A gift whose recipient says by themselves where it goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SocialGift {
    /// 管理番号, ending in `-sg`.
    pub number: String,
    /// Until when they have to.
    pub due: Day,
    /// When they did.
    #[serde(with = "stored::opt_at")]
    pub entered: Option<Timestamp>,
    /// Their masked address.
    pub email: Option<String>,
}

impl Package {
    /// Whether it is a gift whose recipient has not said where it goes.
    pub fn waits_for_recipient(&self) -> bool {
        self.social_gift.as_ref().is_some_and(|gift| gift.entered.is_none())
    }
}

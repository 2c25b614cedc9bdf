//! 処理設定 of 受注・決済管理 (seed 001): what a shop sets for its orders on the mall.

use kernel::ShopId;
use serde_json::json;
use shop::By;
use store::Tx;

use super::mall_shop::MallShop;
use super::operations::Undone;
use super::rows;
use crate::progress::Confirmation;

/// What is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// 自動注文確認.
    pub confirmation: Confirmation,
    /// 追跡可能メール便.
    pub trackable_mail: bool,
}

impl Setting {
    /// As a shop has it.
    pub fn of(shop: &MallShop) -> Setting {
        Setting { confirmation: shop.confirmation, trackable_mail: shop.trackable_mail }
    }
}

/// Sets it, for orders that arrive from now on. What is set already is not set again.
///
/// # Errors
///
/// [`Undone::NoSuchShop`], or a failure of the database.
pub fn set(tx: &mut Tx<'_>, shop: ShopId, setting: Setting, by: &By) -> Result<MallShop, Undone> {
    let known = rows::shop_of(tx, shop)?.ok_or(Undone::NoSuchShop)?;
    let before = Setting::of(&known);
    if before == setting {
        return Ok(known);
    }
    let changed = MallShop { confirmation: setting.confirmation, trackable_mail: setting.trackable_mail, ..known };
    let fields = json!({
        "confirmation": [before.confirmation.as_str(), setting.confirmation.as_str()],
        "trackable_mail": [before.trackable_mail, setting.trackable_mail],
    });
    let record = by.record(shop, tx.machine_now(), ("mall.setting", "setting"), &fields);
    tx.execute_all(&[rows::save_shop(&changed), record])?;
    Ok(changed)
}

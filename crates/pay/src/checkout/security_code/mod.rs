//! セキュリティコード認証: whether buyers are asked for the security code, by group of card brands (seed 000 "セキュリティコード").
//!
//! Only groups that the shop is approved for can be changed, and not those for which we made it compulsory. The seed does not
//! say which brands make a group; these are the groups in which brands are usually screened together.

pub mod rows;

use std::fmt;
use std::str::FromStr;

use acquirer::Brand;
use kernel::ShopId;
use shop::By;
use store::{StoreError, Tx};

/// A group of card brands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BrandGroup {
    /// Visa and Mastercard.
    VisaMastercard,
    /// JCB and American Express.
    JcbAmex,
    /// Diners Club.
    Diners,
}

impl BrandGroup {
    /// Every group.
    pub const ALL: [BrandGroup; 3] = [BrandGroup::VisaMastercard, BrandGroup::JcbAmex, BrandGroup::Diners];

    /// The group of a brand.
    pub fn of(brand: Brand) -> BrandGroup {
        match brand {
            Brand::Visa | Brand::Mastercard => BrandGroup::VisaMastercard,
            Brand::Jcb | Brand::Amex => BrandGroup::JcbAmex,
            Brand::Diners => BrandGroup::Diners,
        }
    }

    /// The word of rows and wire.
    pub fn as_str(self) -> &'static str {
        match self {
            BrandGroup::VisaMastercard => "visa_mastercard",
            BrandGroup::JcbAmex => "jcb_amex",
            BrandGroup::Diners => "diners",
        }
    }
}

impl fmt::Display for BrandGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No group has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown group of brands {0:?}")]
pub struct UnknownGroup(pub String);

impl FromStr for BrandGroup {
    type Err = UnknownGroup;

    fn from_str(text: &str) -> Result<BrandGroup, UnknownGroup> {
        let known = BrandGroup::ALL.into_iter().find(|group| group.as_str() == text);
        known.ok_or_else(|| UnknownGroup(text.to_owned()))
    }
}

/// What holds for a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// カード審査に通過: the shop may take these brands.
    pub approved: bool,
    /// The shop wants the code to be asked for.
    pub asked: bool,
    /// 必須: asked for, whatever the shop wants.
    pub forced: bool,
}

impl Setting {
    /// What holds as long as nobody said otherwise.
    pub const USUAL: Setting = Setting { approved: true, asked: true, forced: false };

    /// Whether buyers are asked.
    pub fn is_asked(self) -> bool {
        self.asked || self.forced
    }
}

/// A change of one group. Approval and compulsion are the operator's to change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Whether buyers are asked.
    pub asked: Option<bool>,
    /// Only the operator.
    pub approved: Option<bool>,
    /// Only the operator.
    pub forced: Option<bool>,
}

/// Why a group stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The shop is not approved for these brands.
    #[error("The shop is not approved for these brands.")]
    NotApproved,
    /// The code is compulsory.
    #[error("The security code is compulsory for these brands.")]
    Forced,
    /// Approval and compulsion are not the shop's to change.
    #[error("approved and forced are the operator's to change.")]
    OperatorOnly,
}

/// The setting after a change.
pub fn change(setting: Setting, change: Change, is_operator: bool) -> Result<Setting, Refused> {
    let own = Setting {
        approved: change.approved.unwrap_or(setting.approved),
        forced: change.forced.unwrap_or(setting.forced),
        asked: setting.asked,
    };
    if !is_operator && (own.approved, own.forced) != (setting.approved, setting.forced) {
        return Err(Refused::OperatorOnly);
    }
    let asked = change.asked.unwrap_or(setting.asked);
    match own {
        _ if asked == setting.asked => Ok(own),
        Setting { approved: false, .. } => Err(Refused::NotApproved),
        Setting { forced: true, .. } => Err(Refused::Forced),
        Setting { approved: true, forced: false, .. } => Ok(Setting { asked, ..own }),
    }
}

/// The settings of every group.
pub fn all(tx: &mut Tx<'_>, shop: ShopId) -> Result<Vec<(BrandGroup, Setting)>, StoreError> {
    let kept = rows::all(tx, shop)?;
    let of = |group| kept.iter().find(|(kept, _)| *kept == group).map_or(Setting::USUAL, |(_, setting)| *setting);
    Ok(BrandGroup::ALL.into_iter().map(|group| (group, of(group))).collect())
}

/// The setting of a brand's group.
pub fn of_brand(settings: &[(BrandGroup, Setting)], brand: Brand) -> Setting {
    let group = BrandGroup::of(brand);
    settings.iter().find(|(kept, _)| *kept == group).map_or(Setting::USUAL, |(_, setting)| *setting)
}

/// The brands that a shop may take.
pub fn approved_brands(settings: &[(BrandGroup, Setting)]) -> Vec<Brand> {
    Brand::ALL.into_iter().filter(|brand| of_brand(settings, *brand).approved).collect()
}

/// Writes a setting.
pub fn save(tx: &mut Tx<'_>, shop: ShopId, group: BrandGroup, setting: Setting, by: &By) -> Result<(), StoreError> {
    let Setting { approved, asked, forced } = setting;
    let fields = serde_json::json!({ "approved": approved, "asked": asked, "forced": forced });
    let object = format!("security code of {group}, shop {shop}");
    let entry = by.record(shop, tx.machine_now(), ("security_code.change", &object), &fields);
    tx.execute_all(&[rows::save(shop, group, setting), entry]).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_approved_groups_change_and_forced_ones_stay() {
        let usual = Setting::USUAL;
        let off = Change { asked: Some(false), ..Change::default() };
        assert_eq!(change(usual, off, false), Ok(Setting { asked: false, ..usual }));
        assert_eq!(change(Setting { approved: false, ..usual }, off, true), Err(Refused::NotApproved));
        assert_eq!(change(Setting { forced: true, ..usual }, off, true), Err(Refused::Forced));
        let same = Change { asked: Some(true), ..Change::default() };
        assert_eq!(change(Setting { forced: true, ..usual }, same, false), Ok(Setting { forced: true, ..usual }));
        let force = Change { forced: Some(true), ..Change::default() };
        assert_eq!(change(usual, force, false), Err(Refused::OperatorOnly));
        assert_eq!(change(usual, force, true), Ok(Setting { forced: true, ..usual }));
        assert!(Setting { asked: false, forced: true, ..usual }.is_asked());
    }
}

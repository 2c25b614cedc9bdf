//! A shop as the mall knows it: its numbers and names there, what it set (seed 001 "受注・決済管理"), and its rules.

use kernel::ShopId;
use serde::{Deserialize, Serialize};

use crate::progress::{Confirmation, Policy};

/// How the cards of a shop are settled (seed 003).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Model {
    /// 楽天ペイ: by the mall.
    Rpay,
    /// The older R-Card: by the shop.
    Rcard,
}

impl Model {
    /// Every model.
    pub const ALL: [Model; 2] = [Model::Rpay, Model::Rcard];

    /// The word used in rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Model::Rpay => "rpay",
            Model::Rcard => "rcard",
        }
    }

    /// The model of this word.
    pub fn named(word: &str) -> Option<Model> {
        Model::ALL.into_iter().find(|known| known.as_str() == word)
    }
}

impl Confirmation {
    /// Every mode.
    pub const ALL: [Confirmation; 3] = [Confirmation::Unset, Confirmation::Manual, Confirmation::Automatic];

    /// The word used in rows.
    pub fn as_str(self) -> &'static str {
        match self {
            Confirmation::Unset => "unset",
            Confirmation::Manual => "manual",
            Confirmation::Automatic => "automatic",
        }
    }
}

/// A shop of the mall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MallShop {
    /// Whose it is.
    pub id: ShopId,
    /// The six digits that its order numbers begin with.
    pub rms_id: u32,
    /// 店舗URL.
    pub url: String,
    /// 自動注文確認.
    pub confirmation: Confirmation,
    /// 追跡可能メール便 is set: deferred payment can be had with メール便 (seed 004).
    pub trackable_mail: bool,
    /// How its cards are settled.
    pub model: Model,
    /// Where its rules differ from the usual ones.
    pub rules: Rules,
}

impl MallShop {
    /// A shop that set nothing yet: 未設定, 楽天ペイ, the usual rules.
    pub fn new(id: ShopId, rms_id: u32, url: &str) -> MallShop {
        MallShop {
            id,
            rms_id,
            url: url.to_owned(),
            confirmation: Confirmation::Unset,
            trackable_mail: false,
            model: Model::Rpay,
            rules: Rules::default(),
        }
    }

    /// What decisions about its orders go by.
    pub fn policy(&self) -> Policy {
        let mut policy =
            Policy { confirmation: self.confirmation, trackable_mail: self.trackable_mail, ..Policy::USUAL };
        self.rules.apply(&mut policy);
        policy
    }
}

/// Numbers of rules that differ from [`Policy::USUAL`]; the names and units are those of [`Policy`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "each is the member of `Policy` with its name")]
pub struct Rules {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buyer_cancel_micros: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buyer_cancels_special: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buyer_cancels_asuraku: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmation_days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deposit_days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card_change_days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deferred_cancel_days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deferred_fee: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reauthorization_days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fraud_cancel_days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decrease_is_authorized: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_micros: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closing_days: Option<[u8; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout_days: Option<i64>,
}

impl Rules {
    fn apply(&self, policy: &mut Policy) {
        let numbers = [
            (self.buyer_cancel_micros, &mut policy.buyer_cancel_micros),
            (self.confirmation_days, &mut policy.confirmation_days),
            (self.deposit_days, &mut policy.deposit_days),
            (self.card_change_days, &mut policy.card_change_days),
            (self.deferred_cancel_days, &mut policy.deferred_cancel_days),
            (self.deferred_fee, &mut policy.deferred_fee),
            (self.authorization_days, &mut policy.authorization_days),
            (self.reauthorization_days, &mut policy.reauthorization_days),
            (self.fraud_cancel_days, &mut policy.fraud_cancel_days),
            (self.answer_micros, &mut policy.answer_micros),
            (self.payout_days, &mut policy.payout_days),
        ];
        for (ours, usual) in numbers {
            *usual = ours.unwrap_or(*usual);
        }
        let choices = [
            (self.buyer_cancels_special, &mut policy.buyer_cancels_special),
            (self.buyer_cancels_asuraku, &mut policy.buyer_cancels_asuraku),
            (self.decrease_is_authorized, &mut policy.decrease_is_authorized),
        ];
        for (ours, usual) in choices {
            *usual = ours.unwrap_or(*usual);
        }
        policy.closing_days = self.closing_days.unwrap_or(policy.closing_days);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_change_what_they_name_and_nothing_else() {
        let rules: Rules = serde_json::from_str(r#"{"deposit_days":3,"closing_days":[10,25]}"#).unwrap();
        let shop = MallShop { rules, trackable_mail: true, ..MallShop::new(ShopId(1), 1, "tea") };
        let expected = Policy { deposit_days: 3, closing_days: [10, 25], trackable_mail: true, ..Policy::USUAL };
        assert_eq!(shop.policy(), expected);
        assert_eq!(serde_json::to_string(&rules).unwrap(), r#"{"deposit_days":3,"closing_days":[10,25]}"#);
        assert!(serde_json::from_str::<Rules>(r#"{"deposit_day":3}"#).is_err());
    }
}

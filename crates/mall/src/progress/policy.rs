//! The rules with a number. Each is a setting; docs/rms-fidelity.md says where its usual value comes from.

use kernel::time::MICROS_PER_SECOND;

/// 自動注文確認 of 処理設定 (seed 001).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Confirmation {
    /// 未設定: treated as manual.
    Unset,
    /// 手動で注文確認を行う.
    Manual,
    /// 自動.
    Automatic,
}

/// What a shop set, and what the mall's rules say. Days are JST days, micros are microseconds of world time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// 自動注文確認.
    pub confirmation: Confirmation,
    /// 追跡可能メール便 is set: deferred payment can be had with メール便 (seed 004).
    pub trackable_mail: bool,
    /// The buyer may cancel for so long after the order: 30 minutes (seed 002).
    pub buyer_cancel_micros: i64,
    /// … also orders of 定期購入, 頒布会 and 予約.
    pub buyer_cancels_special: bool,
    /// … also orders of あす楽.
    pub buyer_cancels_asuraku: bool,
    /// 注文確認期限: 14 days (seed 002).
    pub confirmation_days: i64,
    /// 前払い: days until the deposit is due.
    pub deposit_days: i64,
    /// After a refused card the buyer has so many days to name another way of paying: 7.
    pub card_change_days: i64,
    /// After a refused screening the order is cancelled so many days after it was placed: 8 (seed 004).
    pub deferred_cancel_days: i64,
    /// 後払い決済手数料 in yen, taken off when the method changes: 250 (seed 004).
    pub deferred_fee: i64,
    /// An authorization lives so many days: 30 (seed 002).
    pub authorization_days: i64,
    /// A new one is made so many days before the planned shipping date: 7 (seed 002).
    pub reauthorization_days: i64,
    /// After a fraud check that said no the order is cancelled at the beginning of the so many-th day: 1, the next.
    pub fraud_cancel_days: i64,
    /// A card order that costs less in 発送待ち is authorized anew, and waits for that, in place of claiming less of what is
    /// held.
    pub decrease_is_authorized: bool,
    /// A company that no rule makes wait answers after so long.
    pub answer_micros: i64,
    /// 締め日: closings of a month fall on these days; 31 is its last.
    pub closing_days: [u8; 2],
    /// The payout comes so many days after the closing.
    pub payout_days: i64,
}

impl Policy {
    /// The usual numbers.
    pub const USUAL: Policy = Policy {
        confirmation: Confirmation::Unset,
        trackable_mail: false,
        buyer_cancel_micros: 30 * 60 * MICROS_PER_SECOND,
        buyer_cancels_special: false,
        buyer_cancels_asuraku: false,
        confirmation_days: 14,
        deposit_days: 7,
        card_change_days: 7,
        deferred_cancel_days: 8,
        deferred_fee: 250,
        authorization_days: 30,
        reauthorization_days: 7,
        fraud_cancel_days: 1,
        decrease_is_authorized: false,
        answer_micros: MICROS_PER_SECOND,
        closing_days: [15, 31],
        payout_days: 15,
    };
}

//! Why and how orders change (contract, section 5 "changeType" to "changeReasonDetail").

use super::codes;

codes! {
    /// `changeType`.
    ChangeType {
        /// キャンセル申請.
        CancelApplied = 0, "キャンセル申請";
        /// キャンセル確定.
        CancelFixed = 1, "キャンセル確定";
        /// キャンセル完了.
        CancelCompleted = 2, "キャンセル完了";
        /// キャンセル取消.
        CancelWithdrawn = 3, "キャンセル取消";
        /// 変更申請.
        ChangeApplied = 4, "変更申請";
        /// 変更確定.
        ChangeFixed = 5, "変更確定";
        /// 変更完了.
        ChangeCompleted = 6, "変更完了";
        /// 変更取消.
        ChangeWithdrawn = 7, "変更取消";
        /// 注文確認.
        Confirmation = 8, "注文確認";
        /// 再決済手続き.
        Resettlement = 9, "再決済手続き";
    }
}

codes! {
    /// `changeTypeDetail`.
    ChangeDetail {
        /// 減額.
        Decrease = 0, "減額";
        /// 増額.
        Increase = 1, "増額";
        /// その他, of deferred payment only.
        Other = 2, "その他";
        /// 支払方法変更.
        Method = 10, "支払方法変更";
        /// 支払方法変更・減額.
        MethodDecrease = 11, "支払方法変更・減額";
        /// 支払方法変更・増額.
        MethodIncrease = 12, "支払方法変更・増額";
    }
}

codes! {
    /// `changeReason`: whose doing it is.
    Party {
        /// 店舗様都合.
        Shop = 0, "店舗様都合";
        /// お客様都合.
        Customer = 1, "お客様都合";
    }
}

codes! {
    /// `changeReasonDetail`, `changeReasonDetailApply`, `reductionReason`.
    Reason {
        /// キャンセル, by the customer.
        CustomerCancel = 1, "キャンセル";
        /// 受取後の返品, by the customer.
        CustomerReturn = 2, "受取後の返品";
        /// 長期不在による受取拒否.
        LongAbsence = 3, "長期不在による受取拒否";
        /// 未入金.
        Unpaid = 4, "未入金";
        /// 代引決済の受取拒否.
        CashOnDeliveryRefused = 5, "代引決済の受取拒否";
        /// その他, of the customer.
        CustomerOther = 6, "お客様都合 - その他";
        /// 欠品.
        OutOfStock = 8, "欠品";
        /// その他, of the shop.
        ShopOther = 10, "店舗様都合 - その他";
        /// 発送遅延.
        ShippingDelay = 13, "発送遅延";
        /// 顧客・配送対応注意表示.
        Caution = 14, "顧客・配送対応注意表示";
        /// 返品(破損・品間違い).
        ShopReturn = 15, "返品(破損・品間違い)";
        /// 受取人情報の入力期限切れ: read only, of social gifts.
        RecipientDeadline = 16, "受取人情報の入力期限切れ";
    }
}

impl Reason {
    /// Whose doing it is.
    pub const fn party(self) -> Party {
        match self {
            Reason::CustomerCancel
            | Reason::CustomerReturn
            | Reason::LongAbsence
            | Reason::Unpaid
            | Reason::CashOnDeliveryRefused
            | Reason::CustomerOther
            | Reason::RecipientDeadline => Party::Customer,
            Reason::OutOfStock | Reason::ShopOther | Reason::ShippingDelay | Reason::Caution | Reason::ShopReturn => {
                Party::Shop
            }
        }
    }

    /// Whether a request may give it: the deadline of recipients is only read.
    pub const fn can_be_given(self) -> bool {
        !matches!(self, Reason::RecipientDeadline)
    }
}

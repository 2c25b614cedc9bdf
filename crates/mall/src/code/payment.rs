//! 支払方法 and 決済ステータス (contract, section 5).

use super::codes;

codes! {
    /// 支払方法.
    Method {
        /// クレジットカード.
        Card = 1, "クレジットカード";
        /// 代金引換.
        CashOnDelivery = 2, "代金引換";
        /// ショッピングクレジット／ローン.
        ShoppingCredit = 4, "ショッピングクレジット／ローン";
        /// オートローン.
        AutoLoan = 5, "オートローン";
        /// リース.
        Lease = 6, "リース";
        /// 請求書払い.
        Invoice = 7, "請求書払い";
        /// ポイント: all of it.
        Points = 8, "ポイント";
        /// 銀行振込.
        BankTransfer = 9, "銀行振込";
        /// Apple Pay.
        ApplePay = 12, "Apple Pay";
        /// セブンイレブン（前払）.
        SevenEleven = 13, "セブンイレブン（前払）";
        /// ファミリーマート、ローソン等（前払）, as it is named since 2026-01-22.
        Lawson = 14, "ファミリーマート、ローソン等（前払）";
        /// Alipay.
        Alipay = 16, "Alipay";
        /// PayPal.
        PayPal = 17, "PayPal";
        /// 後払い決済.
        Deferred = 21, "後払い決済";
        /// Alipay（支付宝）.
        AlipayChina = 27, "Alipay（支付宝）";
    }
}

/// How the mall gets the money of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Authorized, claimed after shipping.
    Card,
    /// The buyer pays before anything is shipped, until a deadline.
    Prepaid,
    /// Credit screening; the buyer pays after shipping.
    Deferred,
    /// The shop gets its money by itself: the mall has nothing to do.
    ShopSelected,
    /// Nothing is left to pay.
    Points,
}

impl Method {
    /// How the mall gets its money.
    pub const fn kind(self) -> Kind {
        match self {
            Method::Card | Method::ApplePay => Kind::Card,
            Method::BankTransfer
            | Method::SevenEleven
            | Method::Lawson
            | Method::Alipay
            | Method::AlipayChina
            | Method::PayPal => Kind::Prepaid,
            Method::Deferred => Kind::Deferred,
            Method::CashOnDelivery | Method::ShoppingCredit | Method::AutoLoan | Method::Lease | Method::Invoice => {
                Kind::ShopSelected
            }
            Method::Points => Kind::Points,
        }
    }

    /// `rpaySettlementFlag`: whether the mall settles it (楽天共通決済) or the shop (選択制決済).
    pub const fn is_common(self) -> bool {
        match self.kind() {
            Kind::Card | Kind::Prepaid | Kind::Deferred | Kind::Points => true,
            Kind::ShopSelected => false,
        }
    }

    /// Whether `afterSettlementMethodCode` may name it (contract 3.11; 16 not since 2022-10-13).
    pub const fn can_be_changed_to(self) -> bool {
        match self {
            Method::CashOnDelivery
            | Method::ShoppingCredit
            | Method::AutoLoan
            | Method::Lease
            | Method::Invoice
            | Method::BankTransfer
            | Method::SevenEleven
            | Method::Lawson
            | Method::AlipayChina => true,
            Method::Card | Method::Points | Method::ApplePay | Method::Alipay | Method::PayPal | Method::Deferred => {
                false
            }
        }
    }
}

codes! {
    /// 決済ステータス: `paymentStatus` of getPayment.
    Status {
        /// Nothing to do.
        None = 30000, "なし";
        /// 決済手続き待ち.
        ProcedureWaiting = 30100, "決済手続き待ち";
        /// 決済手続き待ち(前処理待ち).
        ProcedureQueued = 30110, "決済手続き待ち(前処理待ち)";
        /// 決済手続き依頼中.
        ProcedureRequested = 30200, "決済手続き依頼中";
        /// 決済手続き完了.
        ProcedureDone = 30300, "決済手続き完了";
        /// 決済手続きNG.
        ProcedureRefused = 30400, "決済手続きNG";
        /// 決済依頼中.
        SettlementRequested = 30500, "決済依頼中";
        /// 決済確定.
        Fixed = 30600, "決済確定";
        /// 決済確定(キャンセルNG).
        FixedCancelRefused = 30610, "決済確定(キャンセルNG)";
        /// 決済NG.
        Refused = 30700, "決済NG";
        /// 決済NG(店舗対応).
        RefusedToShop = 30710, "決済NG(店舗対応)";
        /// 決済手続きキャンセル中.
        ProcedureCancelling = 31100, "決済手続きキャンセル中";
        /// 決済手続きキャンセル待ち(前処理待ち).
        ProcedureCancelQueued = 31110, "決済手続きキャンセル待ち(前処理待ち)";
        /// 決済手続きキャンセル待ち(前処理待ち).
        ProcedureCancelQueuedLater = 31120, "決済手続きキャンセル待ち(前処理待ち)";
        /// 決済手続きキャンセル完了.
        ProcedureCancelled = 31200, "決済手続きキャンセル完了";
        /// 決済手続きキャンセルNG.
        ProcedureCancelRefused = 31300, "決済手続きキャンセルNG";
        /// 決済キャンセル中.
        SettlementCancelling = 31400, "決済キャンセル中";
        /// 決済キャンセル待ち(前処理待ち).
        SettlementCancelQueued = 31410, "決済キャンセル待ち(前処理待ち)";
        /// 決済キャンセル待ち(前処理待ち).
        SettlementCancelQueuedLater = 31420, "決済キャンセル待ち(前処理待ち)";
        /// 決済キャンセル完了.
        SettlementCancelled = 31500, "決済キャンセル完了";
        /// 決済キャンセル完了(チャージバック).
        ChargedBack = 31800, "決済キャンセル完了(チャージバック)";
    }
}

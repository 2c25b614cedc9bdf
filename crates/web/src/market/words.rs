//! Words for what the marketplace knows by codes: the mall's own in Japanese, ours in English.

use ::mall::code::{ChangeType, Method, Progress, Reason, Status};
use ::mall::order::Caution;
use ::mall::progress::{Notice, Refused, TimerKind};

use super::MarketText;
use crate::ui::{Language, Tone};

/// ステータス.
pub(super) fn progress(language: Language, progress: Progress) -> &'static str {
    match (language, progress) {
        (Language::Ja, progress) => progress.text(),
        (Language::En, Progress::AwaitingConfirmation) => "To be confirmed",
        (Language::En, Progress::InProcess) => "In process",
        (Language::En, Progress::AwaitingShipment) => "To be shipped",
        (Language::En, Progress::AwaitingChange) => "Change not settled",
        (Language::En, Progress::Shipped) => "Shipped",
        (Language::En, Progress::SettlementInProgress) => "Being settled",
        (Language::En, Progress::Settled) => "Settled",
        (Language::En, Progress::AwaitingCancellation) => "Cancellation not settled",
        (Language::En, Progress::Cancelled) => "Cancelled",
    }
}

/// Its colour.
pub(super) fn tone(progress: Progress) -> Tone {
    match progress {
        Progress::AwaitingConfirmation | Progress::AwaitingChange | Progress::AwaitingCancellation => Tone::Care,
        Progress::InProcess | Progress::AwaitingShipment => Tone::Plain,
        Progress::Shipped | Progress::SettlementInProgress | Progress::Settled => Tone::Good,
        Progress::Cancelled => Tone::Bad,
    }
}

/// 支払方法.
pub(super) fn method(language: Language, method: Method) -> &'static str {
    match (language, method) {
        (Language::Ja, method) => method.text(),
        (Language::En, Method::Card) => "Card",
        (Language::En, Method::CashOnDelivery) => "Cash on delivery",
        (Language::En, Method::ShoppingCredit) => "Shopping credit",
        (Language::En, Method::AutoLoan) => "Auto loan",
        (Language::En, Method::Lease) => "Lease",
        (Language::En, Method::Invoice) => "Invoice",
        (Language::En, Method::Points) => "Points",
        (Language::En, Method::BankTransfer) => "Bank transfer",
        (Language::En, Method::ApplePay) => "Apple Pay",
        (Language::En, Method::SevenEleven) => "Seven-Eleven (prepaid)",
        (Language::En, Method::Lawson) => "Lawson, post office (prepaid)",
        (Language::En, Method::Alipay | Method::AlipayChina) => "Alipay",
        (Language::En, Method::PayPal) => "PayPal",
        (Language::En, Method::Deferred) => "Deferred payment",
    }
}

/// 決済ステータス: with its number, which programs see.
pub(super) fn status(language: Language, status: Status) -> String {
    let text = match language {
        Language::Ja => status.text(),
        Language::En => match status {
            Status::None => "nothing to do",
            Status::ProcedureWaiting | Status::ProcedureQueued => "waits to be asked",
            Status::ProcedureRequested => "asked",
            Status::ProcedureDone => "secured",
            Status::ProcedureRefused => "refused",
            Status::SettlementRequested => "being claimed",
            Status::Fixed | Status::FixedCancelRefused => "fixed",
            Status::Refused | Status::RefusedToShop => "claim refused",
            Status::ProcedureCancelling
            | Status::ProcedureCancelQueued
            | Status::ProcedureCancelQueuedLater
            | Status::SettlementCancelling
            | Status::SettlementCancelQueued
            | Status::SettlementCancelQueuedLater => "being cancelled",
            Status::ProcedureCancelled | Status::SettlementCancelled => "cancelled",
            Status::ProcedureCancelRefused => "cancellation refused",
            Status::ChargedBack => "charged back",
        },
    };
    format!("{text} ({})", status.code())
}

/// 注意表示, and who has to act.
pub(super) fn caution(t: &'static MarketText, language: Language, caution: Caution) -> (&'static str, &'static str) {
    let (ja, en, who) = match caution {
        Caution::NoShippingDate => (
            "オーソリの有効期限に発送日が登録されていません。",
            "The authorization ends and no shipping date is registered.",
            t.must_shop,
        ),
        Caution::ReauthorizationRefused => {
            ("再オーソリがNGになりました。", "The new authorization was refused.", t.must_buyer)
        }
        Caution::PaymentRefused => ("決済手続きがNGになりました。", "The payment was refused.", t.must_buyer),
        Caution::RecipientMissing => {
            ("受取人情報が入力されていません。", "The recipient has not said where it goes.", t.must_recipient)
        }
    };
    (in_(language, ja, en), who)
}

/// What a timer brings.
pub(super) fn timer(language: Language, kind: TimerKind) -> &'static str {
    let (ja, en) = match kind {
        TimerKind::Confirmation => ("注文確認がなければ自動キャンセル", "Cancelled unless the shop confirms"),
        TimerKind::Recipient => ("受取人情報の入力がなければ自動キャンセル", "Cancelled unless the recipient answers"),
        TimerKind::Deposit => ("入金がなければ自動キャンセル", "Cancelled unless the buyer pays"),
        TimerKind::MethodRequest => {
            ("支払方法の変更がなければ自動キャンセル", "Cancelled unless the buyer names another method")
        }
        TimerKind::FraudCancel => ("楽天確認の結果により自動キャンセル", "Cancelled after the check"),
        TimerKind::Reauthorization => ("再オーソリ", "A new authorization is made"),
        TimerKind::AuthorizationEnd => ("オーソリの有効期限", "The authorization ends"),
        TimerKind::Nightly => ("発送完了の確定（夜間処理）", "The report of shipping is closed (nightly run)"),
        TimerKind::Cancellation => ("キャンセルの確定", "The cancellation becomes final"),
        TimerKind::Closing => ("締め日: 支払手続きの開始", "Closing date: settlement begins"),
        TimerKind::Payout => ("支払日", "Payout"),
    };
    in_(language, ja, en)
}

/// A mail of the mall to the buyer.
pub(super) fn notice(language: Language, notice: Notice) -> &'static str {
    let (ja, en) = match notice {
        Notice::Confirmed => ("注文確認のお知らせ", "The shop confirmed"),
        Notice::PayHere => ("お支払いのご案内", "Where to pay, and until when"),
        Notice::PaidShort => ("入金不足のお知らせ", "Too little was paid in"),
        Notice::ChangeMethod => ("支払方法変更のお願い", "Please name another way of paying"),
        Notice::Shipped => ("発送のお知らせ", "It was shipped"),
        Notice::Cancelled => ("キャンセルのお知らせ", "It is cancelled"),
        Notice::Refunded => ("返金のお知らせ", "Money is on its way back"),
    };
    in_(language, ja, en)
}

/// A change of an order.
pub(super) fn change(language: Language, kind: ChangeType) -> &'static str {
    match (language, kind) {
        (Language::Ja, kind) => kind.text(),
        (Language::En, ChangeType::CancelApplied) => "Cancellation asked for",
        (Language::En, ChangeType::CancelFixed) => "Cancellation fixed",
        (Language::En, ChangeType::CancelCompleted) => "Cancelled",
        (Language::En, ChangeType::CancelWithdrawn) => "Cancellation withdrawn",
        (Language::En, ChangeType::ChangeApplied) => "Change asked for",
        (Language::En, ChangeType::ChangeFixed) => "Change fixed",
        (Language::En, ChangeType::ChangeCompleted) => "Changed",
        (Language::En, ChangeType::ChangeWithdrawn) => "Change withdrawn",
        (Language::En, ChangeType::Confirmation) => "Confirmed",
        (Language::En, ChangeType::Resettlement) => "Settled anew",
    }
}

/// 変更理由.
pub(super) fn reason(language: Language, reason: Reason) -> &'static str {
    match (language, reason) {
        (Language::Ja, reason) => reason.text(),
        (Language::En, Reason::CustomerCancel) => "Customer: cancellation",
        (Language::En, Reason::CustomerReturn) => "Customer: returned",
        (Language::En, Reason::LongAbsence) => "Customer: never at home",
        (Language::En, Reason::Unpaid) => "Customer: not paid",
        (Language::En, Reason::CashOnDeliveryRefused) => "Customer: refused at the door",
        (Language::En, Reason::CustomerOther) => "Customer: other",
        (Language::En, Reason::OutOfStock) => "Shop: out of stock",
        (Language::En, Reason::ShopOther) => "Shop: other",
        (Language::En, Reason::ShippingDelay) => "Shop: shipping is late",
        (Language::En, Reason::Caution) => "Shop: caution about customer or delivery",
        (Language::En, Reason::ShopReturn) => "Shop: returned, broken or wrong",
        (Language::En, Reason::RecipientDeadline) => "Recipient did not answer in time",
    }
}

/// Why the engine refuses something.
pub(super) fn refused(language: Language, refused: Refused) -> &'static str {
    let (ja, en) = match refused {
        Refused::Cancelled => ("キャンセルされた注文です。", "The order is cancelled."),
        Refused::Status => ("現在のステータスではできません。", "Not in this status."),
        Refused::Unpriced => ("金額が確定していません。", "An amount is not fixed."),
        Refused::ShippingDate => ("発送日が登録されています。", "A shipping date is registered."),
        Refused::Running => ("決済手続き中です。", "The payment is being asked for."),
        Refused::NoReason => ("減額理由が必要です。", "The amount falls without a reason."),
        Refused::Amount => ("請求金額が0円未満、または上限を超えます。", "The amount is below 0 yen, or too high."),
        Refused::Method => ("この支払方法には変更できません。", "The way of paying cannot be changed so."),
        Refused::TooLate => ("購入者がキャンセルできる期間を過ぎています。", "The buyer's time to cancel is over."),
        Refused::Delivery => {
            ("この配送方法では後払い決済を利用できません。", "Deferred payment cannot be had with this delivery.")
        }
        Refused::NoCodFee => ("代引料が必要です。", "Cash on delivery needs its fee."),
        Refused::Stale => ("この操作は必要ありません。", "Nothing is left to do."),
    };
    in_(language, ja, en)
}

/// The one of two texts.
pub(super) fn in_(language: Language, ja: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Ja => ja,
        Language::En => en,
    }
}

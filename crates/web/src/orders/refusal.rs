//! Why something was not done to an order, in plain words.

use pay::ApiError;

use crate::texts;
use crate::ui::Language;

texts! {
    /// The reasons.
    RefusalText {
        captured: "すでに確定済みのため、確定できません。", "It is captured already.";
        cancelled: "すでにキャンセル済みのため、操作できません。", "It is cancelled already.";
        window: "期限を過ぎているため、操作できません。", "Its period has ended.";
        same: "合計金額が変更前と同額の金額変更はできません。", "The new total is the same as the present one.";
        small: "合計金額が100円未満の金額変更はできません。", "The new total must be at least 100 yen.";
        large: "合計金額は99,999,999円までです。", "The total must be at most 99,999,999 yen.";
        no_card: "全額ポイント払いの注文のため、増額できません(請求先のカードがありません)。",
            "Points paid for all of it, and there is no card to ask for more.";
        locked: "ほかの担当者またはプログラムがこの注文を操作中です。何も変更していません。", "Somebody else is changing this order. Nothing was changed.";
        changed: "ほかの担当者が変更しました。何も変更していません。現在の内容を確認のうえ、もう一度操作してください。",
            "Somebody else changed this order. Nothing was done. Look at it as it is now, then try again.";
        provider: "この環境には決済事業者が設定されていないため、操作できません。", "No payment provider is set up for this environment.";
        form: "送信された内容を読み取れません。何も変更していません。", "The form could not be read. Nothing was changed.";
        unavailable: "ただいま処理できません。何も変更していません。しばらくしてから、もう一度お試しください。",
            "Unavailable right now; nothing was changed. Try again in a little while.";
        unclear: "処理できませんでした。注文の現在の内容をご確認ください。", "Something went wrong. Look at the order as it is now.";
        funds: "カードの利用可能額が足りません。", "The card does not have enough money.";
        limit: "カードのご利用限度額を超えています。", "The amount is over the limit of the card.";
        expired: "カードの有効期限が切れています。", "The card has expired.";
        lost: "このカードは利用できません。", "The card cannot be used.";
        issuer: "カード会社に接続できませんでした。", "The card company cannot be reached.";
        points: "ポイントが足りません。", "There are not enough points.";
        other: "カード会社またはポイントサービスが受け付けませんでした。", "The card company or the point service said no.";
    }
}

/// The words for a refusal of the gateway.
pub fn says(language: Language, error: &ApiError) -> &'static str {
    let t = RefusalText::of(language);
    match error.code.as_str() {
        "already_captured" => t.captured,
        "already_refunded" => t.cancelled,
        "period_expired" => t.window,
        "same_amount" => t.same,
        "amount_too_small" => t.small,
        "amount_too_large" => t.large,
        "no_card" => t.no_card,
        "charge_locked" => t.locked,
        "charge_changed" => t.changed,
        "no_provider" => t.provider,
        "invalid_payment" | "invalid_point" => of_provider(language, reason(error)),
        "idempotency_key_reused" | "invalid_parameter" => t.form,
        "temporarily_unavailable" | "read_only" => t.unavailable,
        _ => t.unclear,
    }
}

/// The words for what the card company or the point service said.
pub fn of_provider(language: Language, reason: &str) -> &'static str {
    let t = RefusalText::of(language);
    match reason {
        "insufficient_funds" => t.funds,
        "over_limit" => t.limit,
        "expired_card" => t.expired,
        "lost_or_stolen" => t.lost,
        "issuer_unavailable" => t.issuer,
        "insufficient_points" => t.points,
        _ => t.other,
    }
}

/// The provider's own word, which stands in brackets at the end of the message.
fn reason(error: &ApiError) -> &str {
    error.message.rsplit_once('(').map_or("", |(_, word)| word.trim_end_matches(')'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_card_company_said_is_told() {
        let said = |error: ApiError| says(Language::Ja, &error);
        assert_eq!(said(ApiError::payment("over_limit")), "カードのご利用限度額を超えています。");
        assert_eq!(said(ApiError::payment("insufficient_points")), "ポイントが足りません。");
        assert_eq!(said(ApiError::payment("x")), "カード会社またはポイントサービスが受け付けませんでした。");
        assert_eq!(said(ApiError::charge_locked()), RefusalText::of(Language::Ja).locked);
        assert_eq!(said(ApiError::unavailable()), RefusalText::of(Language::Ja).unavailable);
    }
}

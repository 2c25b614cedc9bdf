//! What rows of the audit log say that was done, in words: the code of a deed stands beside them for searches.

use crate::ui::Language;

/// Code, and what it is called in both languages.
const DEEDS: [(&str, &str, &str); 117] = [
    ("charge.pay", "決済", "Payment"),
    ("charge.capture", "確定", "Capture"),
    ("charge.cancel", "キャンセル", "Cancellation"),
    ("charge.expire", "期限切れによるキャンセル", "Cancellation at the deadline"),
    ("charge.change", "金額変更", "Change of amount"),
    ("order_view.save", "検索条件の保存", "Search saved"),
    ("order_view.remove", "保存した検索条件の削除", "Saved search deleted"),
    ("order_view.restore", "保存した検索条件の復元", "Saved search restored"),
    ("notification.mail", "お知らせメールの送信", "Mail to a buyer"),
    ("mail.resend", "メールの再送", "Mail sent again"),
    ("mail_settings.replace", "メール設定の変更", "Mail settings changed"),
    ("news_mail.change", "最新のお知らせメールの設定変更", "News mails switched"),
    ("webhook.create", "Webhookの追加", "Webhook added"),
    ("webhook.change", "Webhookの変更", "Webhook changed"),
    ("webhook.delete", "Webhookの削除", "Webhook deleted"),
    ("webhook.disable", "Webhookの停止", "Webhook stopped"),
    ("webhook.enable", "Webhookの配信再開", "Webhook enabled"),
    ("webhook.ping", "Webhookの疎通確認", "Webhook pinged"),
    ("webhook.replay", "Webhookのまとめて再送", "Webhooks replayed"),
    ("webhook.resend", "Webhookの再送", "Webhook sent again"),
    ("webhook.listen", "Webhookの受信(choba listen)", "Webhooks listened to"),
    ("webhook.set_certificate", "SSL証明書のアップロード", "Certificate uploaded"),
    ("webhook.remove_certificate", "SSL証明書の削除", "Certificate deleted"),
    ("keys.reveal", "認証キーの表示", "Key shown"),
    ("keys.rotate", "認証キーの切り替え", "Key rotated"),
    ("keys.end", "認証キーの無効化", "Key ended"),
    ("origins.replace", "決済ボタン設置元の変更", "Origins changed"),
    ("security_code.change", "セキュリティコード認証の変更", "Security code changed"),
    ("token.create", "トークンの作成", "Token created"),
    ("token.revoke", "トークンの失効", "Token revoked"),
    ("request.again", "リクエストの再実行", "Request run again"),
    ("clock.advance", "時計を進める", "Clock turned"),
    ("buyer.erase", "購入者アカウントの消去", "Buyer erased"),
    ("buyer_data.erase", "購入者情報の消去", "Buyer's data erased"),
    ("erase_setting.replace", "購入者情報の消去設定の変更", "Erasing changed"),
    ("staff.login", "ログイン", "Log-in"),
    ("staff.login_refused", "ログイン失敗", "Log-in refused"),
    ("staff.code_refused", "確認コードの誤り", "Code refused"),
    ("staff.locked_out", "ログインの一時停止", "Locked out"),
    ("staff.logout", "ログアウト", "Log-out"),
    ("staff.confirm", "本人確認", "Password asked again"),
    ("staff.password", "パスワードの変更", "Password changed"),
    ("staff.password_given", "パスワードの発行", "Password given"),
    ("staff.reset_asked", "パスワード再設定の依頼", "Reset asked for"),
    ("staff.reset", "パスワードの再設定", "Password reset"),
    ("staff.two_step_on", "二段階認証の設定", "Two-step login on"),
    ("staff.two_step_off", "二段階認証の解除", "Two-step login off"),
    ("staff.recovery_codes", "リカバリーコードの発行", "Recovery codes made"),
    ("staff.session_end", "ほかの端末のログアウト", "Session ended"),
    ("staff.sessions_end", "すべての端末のログアウト", "Sessions ended"),
    ("staff.invite", "スタッフの招待", "Staff invited"),
    ("staff.invite_end", "招待の取り消し", "Invitation withdrawn"),
    ("staff.join", "招待の承諾", "Invitation taken"),
    ("staff.add", "スタッフの追加", "Staff added"),
    ("staff.roles", "役割の変更", "Roles changed"),
    ("staff.end", "スタッフの利用終了", "Staff ended"),
    ("shop.open", "店舗の開設", "Shop opened"),
    ("shop.information", "店舗情報の変更", "Shop's information changed"),
    ("shop.registration", "本申込の変更", "Registration changed"),
    ("shop.live_two_step", "Live環境の二段階認証の変更", "Two-step login for Live changed"),
    ("operator.change", "運営者の変更", "Operator changed"),
    ("notice.write", "お知らせの作成", "Notice written"),
    ("notice.withdraw", "お知らせの取り下げ", "Notice withdrawn"),
    ("fee.write", "手数料の登録", "Fee written"),
    ("fee.withdraw", "手数料の取り消し", "Fee withdrawn"),
    ("mall.place", "モール: 注文", "Marketplace: order"),
    ("mall.generate", "モール: 注文の生成", "Marketplace: orders made"),
    ("mall.confirm", "モール: 注文確認", "Marketplace: order confirmed"),
    ("mall.confirmation_overdue", "モール: 注文確認の期限切れ", "Marketplace: not confirmed in time"),
    ("mall.answered", "モール: 他社からの回答", "Marketplace: answered"),
    ("mall.refund_again", "モール: 返金の再依頼", "Marketplace: refund asked for again"),
    ("mall.ask_again", "モール: 再問い合わせ", "Marketplace: asked again"),
    ("mall.buyer_cancels", "モール: 購入者のキャンセル", "Marketplace: cancelled by the buyer"),
    ("mall.buyer_changes_method", "モール: 購入者の支払方法変更", "Marketplace: another way of paying"),
    ("mall.cancel", "モール: キャンセル", "Marketplace: cancelled"),
    ("mall.cancel_after_shipping", "モール: 発送後キャンセル", "Marketplace: cancelled after shipping"),
    ("mall.cancellation_settles", "モール: キャンセル確定", "Marketplace: cancellation settled"),
    ("mall.deposited", "モール: 入金", "Marketplace: deposit"),
    ("mall.deposit_overdue", "モール: 入金の期限切れ", "Marketplace: no deposit in time"),
    ("mall.method_request_overdue", "モール: 支払方法変更の期限切れ", "Marketplace: no way of paying in time"),
    ("mall.fraud_cancel", "モール: 不正注文のキャンセル", "Marketplace: cancelled after the check"),
    ("mall.edit", "モール: 注文内容の変更", "Marketplace: order changed"),
    ("mall.shipping", "モール: 発送情報の変更", "Marketplace: shipping changed"),
    ("mall.nightly", "モール: 発送完了報告", "Marketplace: shipping reported"),
    ("mall.reauthorization", "モール: 再オーソリ", "Marketplace: authorized anew"),
    ("mall.authorization_ends", "モール: オーソリの期限切れ", "Marketplace: authorization ended"),
    ("mall.settlement_begins", "モール: 支払手続き開始", "Marketplace: settlement begins"),
    ("mall.settlement_done", "モール: 支払手続き完了", "Marketplace: settled"),
    ("mall.charged_back", "モール: チャージバック", "Marketplace: charged back"),
    ("mall.goods_returned", "モール: 返品", "Marketplace: goods returned"),
    ("mall.recipient", "モール: 受取人情報の入力", "Marketplace: recipient"),
    ("mall.recipient_entered", "モール: 受取人情報の確定", "Marketplace: recipient known"),
    ("mall.recipient_overdue", "モール: 受取人情報の期限切れ", "Marketplace: no recipient in time"),
    ("mall.memo", "モール: ひとことメモの変更", "Marketplace: memo"),
    ("mall.remarks", "モール: 備考の変更", "Marketplace: remarks"),
    ("mall.sub_status", "モール: サブステータスの変更", "Marketplace: sub-status"),
    ("mall.sub_statuses", "モール: サブステータスの設定", "Marketplace: sub-statuses"),
    ("mall.setting", "モール: 処理設定の変更", "Marketplace: settings"),
    ("mall.rules", "モール: ルールの変更", "Marketplace: rules"),
    ("mall.faults", "モール: 障害の設定", "Marketplace: faults"),
    ("mall.open", "モール: 出店", "Marketplace: opened"),
    ("mall.model", "モール: 決済モデルの変更", "Marketplace: model"),
    ("mall.licence.issue", "モール: licenseKeyの発行", "Marketplace: licence issued"),
    ("mall.licence.renew", "モール: licenseKeyの更新", "Marketplace: licence renewed"),
    ("mall.licence.reveal", "モール: licenseKeyの表示", "Marketplace: licence shown"),
    ("mall.licence.functions", "モール: 利用機能の変更", "Marketplace: functions"),
    ("mall.licence.end", "モール: licenseKeyの期限切れ", "Marketplace: licence ended"),
    ("mall.rcard.order", "R-Card: 注文", "R-Card: order"),
    ("mall.rcard.authori", "R-Card: オーソリ", "R-Card: authorized"),
    ("mall.rcard.authori_cancel", "R-Card: オーソリの取り消し", "R-Card: authorization cancelled"),
    ("mall.rcard.sales", "R-Card: 売上", "R-Card: captured"),
    ("mall.rcard.sales_cancel", "R-Card: 売上の取り消し", "R-Card: capture cancelled"),
    ("mall.rcard.card", "R-Card: カード情報の変更", "R-Card: another card"),
    ("mall.rcard.plus", "R-Card Plusでの操作", "Done on R-Card Plus"),
    ("mall.rcard.switch_over", "R-Card: APIへの切り替え", "R-Card: switched to the API"),
    ("mall.rcard.reveal", "R-Card: 認証キーの表示", "R-Card: key shown"),
    ("mall.rcard.rules", "R-Card: ルールの変更", "R-Card: rules"),
];

/// The words for a deed; none for one that has none.
pub(super) fn words(language: Language, code: &str) -> Option<&'static str> {
    all(language).find(|(known, _)| *known == code).map(|(_, words)| words)
}

/// Every deed: its code and its words.
pub(super) fn all(language: Language) -> impl Iterator<Item = (&'static str, &'static str)> {
    DEEDS.into_iter().map(move |(code, ja, en)| match language {
        Language::Ja => (code, ja),
        Language::En => (code, en),
    })
}

#[cfg(test)]
mod tests {
    use mall::code::{Method, Reason, Restock};
    use mall::progress::{Answer, Event};

    use super::*;

    #[test]
    fn no_deed_is_named_twice_and_events_of_the_marketplace_have_words() {
        for (at, (code, ..)) in DEEDS.iter().enumerate() {
            assert!(!DEEDS[..at].iter().any(|(known, ..)| known == code), "{code}");
        }
        let method = Event::BuyerChangesMethod { method: Method::Card, card: None };
        let deposit = Event::Deposited { amount: 1, name_kana: String::new() };
        let (reason, restock) = (Reason::OutOfStock, Restock::AsItem);
        let events = [
            Event::Confirm,
            Event::ConfirmationOverdue,
            Event::RecipientEntered,
            Event::RecipientOverdue,
            Event::BuyerCancels,
            Event::Answered(1, Answer::Refused),
            deposit,
            Event::DepositOverdue,
            Event::FraudCancelDue,
            Event::MethodRequestOverdue,
            method,
            Event::ReauthorizationDue,
            Event::AuthorizationEnds,
            Event::NightlyRun,
            Event::ShopCancels { reason, restock },
            Event::ShopCancelsAfterShipping { reason, restock },
            Event::CancellationSettles,
            Event::SettlementBegins,
            Event::SettlementDone,
            Event::ChargedBack,
            Event::GoodsReturned,
            Event::RefundAgain,
        ];
        for event in events {
            assert!(words(Language::Ja, event.action()).is_some(), "{}", event.action());
        }
        assert_eq!(words(Language::En, "mall.rcard.sales"), Some("R-Card: captured"));
        assert_eq!(words(Language::Ja, "something.new"), None);
    }
}

//! What the checkout's pages say, and the reasons for which a try came to nothing, in plain words.

use pay::buyer::address::Wrong;
use pay::checkout::state::{CHECK_REFUSED, CHECK_UNANSWERED};

use crate::texts;
use crate::ui::Language;

texts! {
    /// What the pages say.
    Text {
        checkout: "お支払い", "Checkout";
        sandbox: "テスト環境です。実際の請求は発生しません。", "Test environment: no money is taken.";
        steps: "お支払いの流れ", "Steps";
        step_card: "カード", "Card";
        step_points: "ポイント", "Points";
        step_address: "送付先", "Address";
        step_confirm: "確認", "Confirm";
        cart: "ご注文内容", "Your order";
        total: "合計金額", "Total";
        points_used: "ポイント利用", "Points used";
        by_card: "カードでのお支払い", "Paid by card";
        logout: "ログアウト", "Log out";
        leave: "お支払いをやめてショップへ戻る", "Cancel and return to the shop";
        login: "ログイン", "Log in";
        email: "メールアドレス", "Mail address";
        password: "パスワード", "Password";
        password_more: "8文字以上", "At least 8 characters";
        to_signup: "新規会員登録", "Create an account";
        signup: "新規会員登録", "Create an account";
        back_to_login: "ログインへ戻る", "Back to log in";
        ready_made: "テスト用アカウント:", "Ready-made test account:";
        wrong_login: "メールアドレスまたはパスワードが正しくありません。", "The mail address or the password is wrong.";
        locked: "ログインに続けて失敗したため、一時的にロックされています。しばらくしてから、もう一度お試しください。",
            "Too many failed log-ins. Try again in a while.";
        too_many_accounts: "会員登録が続いたため、しばらく登録できません。", "Too many accounts were made. Try again later.";
        card: "お支払いカード", "Card";
        saved_cards: "登録済みのカード", "Saved cards";
        use_card: "このカードを使う", "Use this card";
        other_card: "別のカードを使う", "Use another card";
        card_number: "カード番号", "Card number";
        expiry: "有効期限(月/年)", "Expiry (month/year)";
        expiry_error: "カードに記載の月と年を「12/30」のように入力してください。", "Enter month and year as on the card, such as 12/30.";
        code: "セキュリティコード", "Security code";
        code_more: "カード裏面の3桁(American Expressは表面の4桁)", "3 digits on the back (American Express: 4 on the front)";
        code_missing: "セキュリティコードを入力してください。", "Enter the security code.";
        code_wrong: "セキュリティコードの桁数が正しくありません。", "The security code has the wrong number of digits.";
        holder: "カード名義人(ローマ字)", "Name on the card";
        card_refused: "利用できませんでした", "It was refused";
        add_card: "カードを登録して使う", "Save and use this card";
        only_points: "全額をポイントで支払う", "Pay everything with points";
        number_wrong: "カード番号をご確認ください。", "Check the card number.";
        brand_not_taken: "このブランドのカードはご利用いただけません。", "This shop does not take cards of this brand.";
        points: "ポイント利用", "Points";
        balance: "保有ポイント", "Your points:";
        how_points: "ポイントの使い方", "How to use your points";
        no_points: "使わない", "Use none";
        all_points: "使えるだけ使う", "Use as many as possible";
        some_points: "一部使う", "Use some";
        points_to_use: "使うポイント数", "Points to use";
        points_more: "1〜{}", "1 to {}";
        points_wrong: "保有ポイントと合計金額の範囲で、整数で入力してください。", "Enter a whole number within your points and the total.";
        points_unknown: "ただいまポイントを確認できません。", "Your points cannot be looked up right now.";
        next: "次へ", "Next";
        address: "送付先", "Shipping address";
        saved_addresses: "登録済みの送付先", "Saved addresses";
        use_address: "この送付先を使う", "Use this address";
        other_address: "別の送付先を使う", "Use another address";
        add_address: "送付先を登録して使う", "Save and use this address";
        last_name: "姓", "Last name";
        first_name: "名", "First name";
        last_name_kana: "セイ(全角カナ)", "Last name (katakana)";
        first_name_kana: "メイ(全角カナ)", "First name (katakana)";
        address_zip: "郵便番号", "Postal code";
        address_state: "都道府県", "Prefecture";
        address_city: "市区町村", "City";
        address_line: "番地・建物名", "Street and building";
        tel: "電話番号", "Telephone";
        confirm: "お支払い内容の確認", "Check your payment";
        confirm_more: "ボタンを押すとお支払いが確定します。一度だけ押してください。", "Your payment is made when you press the button.";
        change: "変更", "Change";
        none: "なし", "None";
        pay: "{}を支払う", "Pay {}";
        paid: "お支払いが完了しました", "Paid";
        paid_more: "ご注文番号:", "Order number:";
        back_to_shop: "ショップへ戻る", "Return to the shop";
        close: "閉じる", "Close";
        processing: "お支払いを処理しています", "Processing your payment";
        processing_more: "この画面のままお待ちください。結果が分かりしだい表示します。", "Please wait; the outcome is shown here as soon as it is known.";
        acting: "カード会社の本人認証が必要です", "Your card company asks you to authenticate";
        acting_more: "カード会社の画面で本人認証を完了してください。中止する場合は、カード会社の画面で認証をやめてください。",
            "Complete the authentication on the card company's page. To cancel, give it up there.";
        to_provider: "本人認証へ進む", "Go to the authentication";
        abandoned: "お支払いを中止しました", "Payment cancelled";
        abandoned_more: "請求は発生していません。", "Nothing was charged.";
        expired: "お支払いの有効期限が切れました", "The checkout has expired";
        expired_more: "請求は発生していません。ショップからもう一度お手続きください。", "Nothing was charged. Start again from the shop.";
        not_yours: "別の会員のお支払いです", "This payment is another buyer's";
        not_yours_more: "ショップからもう一度お手続きください。", "Start again from the shop.";
        no_provider: "この環境では決済できません", "No payments in this environment";
        no_provider_more: "決済事業者が設定されていないため、お支払いを受け付けられません。", "No payment provider is set up, so no payment can be taken.";
        too_many_tries: "カードのご利用が続いたため、しばらくお支払いできません。時間をおいてお試しください。",
            "Too many cards were tried. Try again later.";
        unavailable: "ただいま処理できません。しばらくしてから、もう一度お試しください。", "Unavailable right now. Try again in a little while.";
        choose_again: "選び直してください。", "Choose again.";
    }
}

texts! {
    /// Why the last try came to nothing.
    Reasons {
        funds: "カードのご利用可能額が足りないため、お支払いできませんでした。別のカードをお選びください。", "The card does not have enough money. Choose another card.";
        limit: "カードのご利用限度額を超えているため、お支払いできませんでした。別のカードをお選びください。", "The amount is over the limit of the card. Choose another card.";
        expired: "カードの有効期限が切れています。別のカードをお選びください。", "The card has expired. Choose another card.";
        code: "セキュリティコードが正しくないため、お支払いできませんでした。", "The security code is wrong.";
        lost: "このカードはご利用いただけません。別のカードをお選びください。", "This card cannot be used. Choose another card.";
        issuer: "カード会社に接続できませんでした。しばらくしてからお試しいただくか、別のカードをお選びください。", "The card company cannot be reached. Try later or choose another card.";
        authentication: "本人認証に失敗したため、お支払いできませんでした。", "You could not be authenticated.";
        abandoned: "本人認証が完了しなかったため、お支払いできませんでした。", "The authentication was not completed.";
        points: "ポイントが足りないため、お支払いできませんでした。ポイント数を変更してください。", "You do not have enough points. Change the number of points.";
        check_refused: "ショップで在庫などの確認ができなかったため、お支払いを中止しました。請求は発生していません。時間をおいてもう一度お試しいただくか、ショップへご連絡ください。",
            "The shop could not accept the order. Nothing was charged. Try again later, or ask the shop.";
        check_unanswered: "ショップからの応答がなかったため、お支払いを中止しました。請求は発生していません。もう一度お試しください。", "The shop did not answer. Nothing was charged. Try again.";
        other: "お支払いできませんでした。別のカードをお選びください。", "The payment was refused. Choose another card.";
    }
}

/// The words for a notice of a session.
pub fn reason(language: Language, code: &str) -> &'static str {
    let t = Reasons::of(language);
    match code {
        "insufficient_funds" => t.funds,
        "over_limit" => t.limit,
        "expired_card" => t.expired,
        "wrong_security_code" => t.code,
        "lost_or_stolen" => t.lost,
        "issuer_unavailable" => t.issuer,
        "authentication_failed" => t.authentication,
        "authentication_abandoned" => t.abandoned,
        "insufficient_points" => t.points,
        CHECK_REFUSED => t.check_refused,
        CHECK_UNANSWERED => t.check_unanswered,
        _ => t.other,
    }
}

/// Whether another card may help: not when the shop stopped it or points were missing.
pub fn is_of_card(code: &str) -> bool {
    ![CHECK_REFUSED, CHECK_UNANSWERED, "insufficient_points"].contains(&code)
}

texts! {
    /// What is wrong with a field.
    Wrongs {
        missing: "入力してください。", "Enter this.";
        long: "255文字以内で入力してください。", "At most 255 characters.";
        control: "使用できない文字が含まれています。", "It has a character that cannot be used.";
        katakana: "全角カタカナで入力してください。", "Use full-width katakana.";
        zip: "郵便番号は7桁の数字で入力してください。", "A postal code has seven digits.";
        prefecture: "都道府県を選んでください。", "Choose a prefecture.";
        telephone: "電話番号は0で始まる10桁または11桁の数字で入力してください。", "A telephone number has ten or eleven digits and begins with 0.";
        email: "メールアドレスの形式をご確認ください。", "Check the mail address.";
        password: "パスワードは8文字以上で、メールアドレスと異なるものにしてください。", "A password has at least 8 characters and is not the mail address.";
        taken: "このメールアドレスは登録済みです。", "This mail address has an account already.";
    }
}

/// The words for what is wrong with a field.
pub fn wrong(language: Language, why: Wrong) -> &'static str {
    let t = Wrongs::of(language);
    match why {
        Wrong::Missing => t.missing,
        Wrong::TooLong => t.long,
        Wrong::Control => t.control,
        Wrong::NotKatakana => t.katakana,
        Wrong::Zip => t.zip,
        Wrong::Prefecture => t.prefecture,
        Wrong::Telephone => t.telephone,
        Wrong::Email => t.email,
        Wrong::Password => t.password,
        Wrong::Taken => t.taken,
    }
}

/// An amount as people read it.
pub fn yen(language: Language, amount: kernel::Yen) -> String {
    let grouped = grouped(amount.get());
    match language {
        Language::Ja => format!("{grouped}円"),
        Language::En => format!("¥{grouped}"),
    }
}

/// Points as people read them.
pub fn points(language: Language, amount: kernel::Yen) -> String {
    let grouped = grouped(amount.get());
    match language {
        Language::Ja => format!("{grouped}ポイント"),
        Language::En => format!("{grouped} points"),
    }
}

/// A number as people read it.
pub fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_groups() {
        let amount = |yen: i64| kernel::Yen::new(yen).unwrap();
        assert_eq!(yen(Language::Ja, amount(1_234_567)), "1,234,567円");
        assert_eq!(yen(Language::En, amount(999)), "¥999");
        assert_eq!(points(Language::Ja, amount(0)), "0ポイント");
        assert_eq!(points(Language::En, amount(100_000)), "100,000 points");
    }
}

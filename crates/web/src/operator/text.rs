//! What the pages of the operator say.

use ::shop::information::Registration;
use ::shop::notice::{Phase, Severity};
use pay::checkout::security_code::BrandGroup;

use crate::texts;
use crate::ui::Tone;

texts! {
    /// What the pages say.
    OperatorText {
        title: "運営", "Operator";
        sections: "運営メニュー", "Operator's sections";
        shops: "店舗", "Shops";
        notices: "お知らせ", "Notices";
        operators: "運営者", "Operators";
        number: "店舗番号", "Shop number";
        name: "サイト名", "Site name";
        registration: "本申込", "Registration for Live";
        services: "サービスID", "Service ids";
        created: "作成日時", "Made";
        more_shops: "次の店舗", "Next shops";
        first_shops: "最初に戻る", "Back to the first";
        open_shop: "店舗を追加する", "Open a shop";
        open_more: "追加すると、Sandbox・Liveの認証キーとSignatureが作成されます。", "Adding it makes its keys and Signatures of Sandbox and Live.";
        name_more: "1~80文字", "1 to 80 characters";
        act: "操作", "Action";
        quit: "やめる", "Cancel";
        receives_address: "商品の送付先を取得する", "Charges carry the shipping address";
        opened: "店舗を追加しました。次に店舗管理者のアカウントを追加してください。", "The shop is open. Next, add the account of its owner.";
        none: "未登録", "Not registered";
        reg_none: "未申込", "None";
        reg_received: "申込受付済", "Received";
        reg_complete: "完了", "Complete";
        receive: "本申込の受付を登録する", "Note that it was received";
        complete: "本申込を完了にする", "Complete it";
        receive_ask: "この店舗の本申込を受け付けたことを登録しますか?", "Note that this shop asked for Live?";
        complete_ask: "この店舗でLive環境を利用できるようにしますか? 元に戻すことはできません。", "Let this shop use Live? This cannot be undone.";
        registered: "本申込の状況を更新しました。", "The registration was updated.";
        yes: "はい", "Yes";
        no: "いいえ", "No";
        edit: "編集する", "Edit";
        save: "保存", "Save";
        back: "店舗一覧に戻る", "Back to the shops";
        back_shop: "店舗に戻る", "Back to the shop";
        information: "会社情報・サイト情報", "Company and site";
        saved: "保存しました。", "Saved.";
        optional: "任意", "optional";
        contact_more: "メールの返信先・店舗様宛メールの宛先としても使われます。", "Also where buyers' answers and the shop's own mails go.";
        brands: "カードブランドとセキュリティコード", "Card brands and security code";
        group: "ブランド", "Brands";
        approved: "カード審査", "Review";
        approved_yes: "通過", "Approved";
        approved_no: "未通過", "Not approved";
        code: "セキュリティコード認証", "Security code";
        code_forced: "必須(店舗変更不可)", "Compulsory";
        code_asked: "利用する", "Asked for";
        code_off: "利用しない", "Not asked for";
        may_take: "カード審査に通過している", "Passed the review";
        must_ask: "セキュリティコード認証を必須にする", "Make the security code compulsory";
        visa_mastercard: "Visa・Mastercard", "Visa, Mastercard";
        jcb_amex: "JCB・American Express", "JCB, American Express";
        diners: "Diners Club", "Diners Club";
        fees: "手数料", "Fees";
        fee_from: "適用開始日", "From";
        fee_rate: "料率", "Share";
        fee_fixed: "1件あたり", "Each charge";
        fee_state: "状態", "State";
        fee_now: "適用中", "In force";
        fee_later: "適用予定", "Planned";
        fee_past: "終了", "Past";
        fee_withdrawn: "取消", "Withdrawn";
        no_fees: "手数料は登録されていません。", "There is no fee.";
        add_fee: "手数料を追加する", "Add a fee";
        fee_percent: "料率(%)", "Share (%)";
        fee_percent_more: "小数点以下2桁まで。1円未満は1件ごとに切り捨てます。", "Up to two decimals. Fractions of a yen are dropped, charge by charge.";
        yen: "{}円", "¥{}";
        fee_yen: "1件あたりの金額(円)", "For each charge (yen)";
        fee_from_more: "本日以降の日付。最初の手数料のみ過去の日付も指定できます。", "Today or later; only the first fee may begin in the past.";
        wrong_percent: "0 から 100 までの数を、小数点以下2桁までで入力してください。", "A number from 0 to 100 with at most two decimals.";
        wrong_yen: "0 から 100,000 までの整数を入力してください。", "A whole number from 0 to 100,000.";
        wrong_day: "日付は 2026-11-22 の形で入力してください。", "Write the date as 2026-11-22.";
        wrong_past: "本日以降の日付を入力してください。", "Choose today or a later day.";
        withdraw: "取り消す", "Withdraw";
        withdraw_title: "手数料の取り消し", "Withdraw a fee";
        withdraw_fee: "{from}からの手数料({fee})を取り消しますか?", "Withdraw the fee from {from} on ({fee})?";
        fee_begun: "適用が始まった手数料は取り消せません。", "A fee that has begun cannot be withdrawn.";
        add_owner: "店舗管理者を追加する", "Add an owner";
        owner_more: "初回ログイン用のパスワードを発行します。本人がログイン時に変更します。", "Makes a password for the first login, to be changed there.";
        email: "メールアドレス", "Mail address";
        wrong_email: "メールアドレスの形で入力してください。", "Expected a mail address.";
        taken: "このメールアドレスにはすでにアカウントがあります。", "The address has an account already.";
        owner_added: "店舗管理者を追加しました。このパスワードは一度しか表示されません。", "The owner was added. This password is shown only once.";
        one_time: "初回ログイン用パスワード", "Password for the first login";
        copy: "コピー", "Copy";
        staff: "アカウント", "Accounts";
        write: "お知らせを書く", "Write a notice";
        to: "宛先", "To";
        to_number: "宛先の店舗番号", "Number of the shop";
        to_all: "すべての店舗", "All shops";
        to_shop: "店舗 {n}", "Shop {n}";
        to_more: "空欄の場合はすべての店舗に表示します。店舗番号を入力すると、その店舗だけに表示します。", "Empty: all shops. The number of a shop: only that one.";
        severity: "種類", "Kind";
        information_kind: "お知らせ", "Information";
        maintenance: "メンテナンス", "Maintenance";
        important: "重要", "Important";
        notice_title: "件名", "Title";
        notice_body: "本文", "Text";
        shown_from: "表示開始(日本時間)", "Shown from (Japan)";
        shown_from_more: "空欄の場合はすぐに表示します。", "Empty: at once.";
        shown_until: "表示終了(日本時間)", "Shown until (Japan)";
        shown_until_more: "空欄の場合は取り下げるまで表示します。", "Empty: until it is withdrawn.";
        publish: "公開する", "Publish";
        mailed: "お知らせメールを受け取る店舗の管理者には、表示開始のときにメールも送信します。", "Owners of shops that want it get a mail when it begins to be shown.";
        mailed_see: "送信の結果を見る", "What became of the mails";
        published: "お知らせを登録しました。", "The notice was written.";
        state: "状態", "State";
        period: "表示期間", "Period";
        no_end: "{}から(終了日時なし)", "From {} on, without an end";
        scheduled: "公開予定", "Scheduled";
        shown: "公開中", "Shown";
        over: "終了", "Over";
        withdrawn: "取り下げ済", "Withdrawn";
        take_back: "取り下げる", "Withdraw";
        take_back_title: "お知らせの取り下げ", "Withdraw a notice";
        take_back_ask: "「{}」を取り下げますか? どの店舗にも表示されなくなります。", "Withdraw “{}”? No shop sees it any more.";
        taken_back: "お知らせを取り下げました。", "The notice was withdrawn.";
        no_notices: "お知らせはまだありません", "No notices yet";
        no_notices_more: "書いたお知らせは、店舗のホームに表示されます。", "What you write here shows on the shops' home pages.";
        older: "さらに前", "Older";
        newest: "最新に戻る", "Back to the newest";
        wrong_title: "1行、1~80文字で入力してください。", "One line of 1 to 80 characters.";
        wrong_body: "1~4,000文字で入力してください。", "1 to 4,000 characters.";
        wrong_period: "表示終了は、表示開始と現在より後の日時にしてください。", "The end must be after the beginning, and in the future.";
        wrong_moment: "日時を読み取れません。", "The date and time cannot be read.";
        wrong_shop: "この番号の店舗はありません。", "There is no such shop.";
        grant: "運営者にする", "Make an operator";
        grant_more: "すでにアカウントを持つ人のメールアドレスを入力してください。", "The address of somebody who has an account.";
        granted: "運営者に追加しました。", "They are an operator now.";
        no_account: "このメールアドレスのアカウントはありません。", "No account has this address.";
        revoke: "運営者から外す", "Take it away";
        revoke_ask: "{email}を運営者から外しますか?", "Shall {email} no longer be an operator?";
        you: "(あなた)", "(you)";
        revoked: "運営者から外しました。", "They are no operator any more.";
        last: "最後の運営者は外せません。", "The last operator stays one.";
        sent_before: "この内容はすでに送信されています。", "This was sent before.";
        check: "入力内容をご確認ください。", "Check what was typed.";
        wrong_name: "メールで使える文字で、1~80文字で入力してください。", "1 to 80 characters that Japanese mail can carry.";
        wrong_field: "この内容では登録できません。入力例に沿って入力してください。", "This cannot be taken; see the example.";
        postal_more: "例: 158-0094", "For example 158-0094";
        phone_more: "例: 03-1234-5678", "For example 03-1234-5678";
        url_more: "例: https://shop.example/", "For example https://shop.example/";
        line_more: "1行、200文字まで", "One line of up to 200 characters";
    }
}

impl OperatorText {
    /// How far a registration is, and how that is meant.
    pub(super) fn registration_word(&self, registration: Registration) -> (&'static str, Tone) {
        match registration {
            Registration::None => (self.reg_none, Tone::Plain),
            Registration::Received(_) => (self.reg_received, Tone::Care),
            Registration::Complete(_) => (self.reg_complete, Tone::Good),
        }
    }

    /// Where a notice stands.
    pub(super) fn phase(&self, phase: Phase) -> (&'static str, Tone) {
        match phase {
            Phase::Scheduled => (self.scheduled, Tone::Care),
            Phase::Shown => (self.shown, Tone::Good),
            Phase::Over => (self.over, Tone::Plain),
            Phase::Withdrawn => (self.withdrawn, Tone::Plain),
        }
    }

    /// The word of a severity.
    pub(super) fn severity_word(&self, severity: Severity) -> &'static str {
        match severity {
            Severity::Information => self.information_kind,
            Severity::Maintenance => self.maintenance,
            Severity::Important => self.important,
        }
    }

    /// The name of a group of brands.
    pub(super) fn group_name(&self, group: BrandGroup) -> &'static str {
        match group {
            BrandGroup::VisaMastercard => self.visa_mastercard,
            BrandGroup::JcbAmex => self.jcb_amex,
            BrandGroup::Diners => self.diners,
        }
    }
}

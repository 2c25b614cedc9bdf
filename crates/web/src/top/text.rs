//! What the top page says.

use pay::figures::Unit;
use shop::notice::Severity;

use crate::texts;
use crate::ui::Tone;

texts! {
    /// What the page says.
    TopText {
        title: "ホーム", "Home";
        changed: "パスワードを変更しました。ほかの端末からはログアウトされています。",
            "The password was changed. Other devices were logged out.";
        attention: "対応が必要なこと", "Needs attention";
        nothing: "対応が必要なことはありません。", "Nothing needs attention.";
        expiring: "期限が近い仮売上が{n}件あります(合計 {yen}円、最初の期限 {at})。期限を過ぎるとキャンセルされます。",
            "{n} provisional sales expire soon ({yen} yen in total, the first at {at}). Afterwards they are cancelled.";
        expiring_do: "仮売上を確認する", "See them";
        endpoint_disabled: "Webhookの送信を停止しています: {url}", "This webhook is disabled: {url}";
        endpoint_failing: "Webhookの送信に失敗しています({at} から): {url}", "This webhook is failing since {at}: {url}";
        endpoint_do: "Webhookを確認する", "See the webhook";
        mails: "届かなかったメールが{n}件あります(過去14日間)。", "{n} mails did not arrive in the last 14 days.";
        mails_do: "メールを確認する", "See the mails";
        unknown: "結果を確認中の処理があります: {charge}({verb}、{at} 開始)",
            "The outcome of a change is not known yet: {charge} ({verb}, begun {at})";
        unknown_do: "注文を確認する", "See the order";
        unknown_many: "結果を確認中の処理がほかに{n}件あります。", "{n} more changes have an outcome that is not known yet.";
        or_more: "以上", " or more";
        pay: "決済", "payment";
        capture: "確定", "capture";
        cancel: "キャンセル", "cancellation";
        change: "金額変更", "change of amount";
        expire: "期限切れ", "expiry";
        testing: "テスト用認証キー: ", "Test keys: ";
        notices: "お知らせ", "Notices";
        no_notices: "お知らせはありません。", "There are no notices.";
        unread: "未読", "Unread";
        read: "既読にする", "Mark as read";
        unread_again: "未読に戻す", "Mark as unread";
        read_all: "すべて既読にする", "Mark all as read";
        all_notices: "すべてのお知らせ", "All notices";
        back: "ホームに戻る", "Back to the home page";
        information: "お知らせ", "Information";
        maintenance: "メンテナンス", "Maintenance";
        important: "重要", "Important";
        until: "{at} まで", "until {at}";
        today: "本日と昨日", "Today and yesterday";
        when: "期間", "Time";
        amount: "注文金額", "Order amount";
        orders: "注文件数", "Orders";
        today_now: "本日({at} 現在)", "Today (until {at})";
        today_hours: "本日 {h}:00より前", "Today before {h}:00";
        yesterday_hours: "昨日 {h}:00より前", "Yesterday before {h}:00";
        yesterday: "昨日(終日)", "Yesterday, all day";
        compared: "昨日の同じ時刻までと比較しています。",
            "Today is compared with yesterday by the whole hours that have passed.";
        yen: "円", " yen";
        count: "件", "";
        chart: "注文金額・注文件数の推移", "Order amount and orders over time";
        counted: "注文日時に、注文時の合計金額で集計します。後からの金額変更・キャンセルは反映されません。",
            "Orders count when they are made, with their total at that time. Later changes and cancellations do not change them.";
        counted_live: "本番用認証キーの注文のみを集計します。", " Only orders made with production keys are counted.";
        no_orders: "この期間の注文はありません", "No orders in this period";
        unit: "単位", "Unit";
        hour: "1時間", "Hour";
        day: "1日", "Day";
        week: "1週間", "Week";
        month: "1か月", "Month";
        from: "開始日", "From";
        to: "終了日", "To";
        show: "表示", "Show";
        presets: "期間を選ぶ", "Choose a period";
        preset_today: "本日", "Today";
        preset_7: "7日間", "7 days";
        preset_30: "30日間", "30 days";
        preset_90: "90日間", "90 days";
        preset_365: "1年間", "1 year";
        preset_1095: "3年間", "3 years";
        wrong_date: "日付は 2026-11-22 の形で入力してください。", "Write dates as 2026-11-22.";
        wrong_order: "開始日は終了日より前にしてください。", "The period ends before it begins.";
        wrong_length: "表示できる期間は最大3年です。", "A period has at most three years.";
        wrong_unit: "単位を選び直してください。", "Choose the unit again.";
        table: "表で見る", "As a table";
        total: "合計", "Total";
        cut: "(期間内のみ)", "(in part)";
        older: "さらに前", "Earlier";
        newer: "新しい方へ", "Later";
        shop: "デモショップで購入の流れを試す", "Walk through a purchase in the demo shop";
    }
}

impl TopText {
    /// The name of a unit.
    pub(super) fn unit_name(&self, unit: Unit) -> &'static str {
        match unit {
            Unit::Hour => self.hour,
            Unit::Day => self.day,
            Unit::Week => self.week,
            Unit::Month => self.month,
        }
    }

    /// The word of a severity, and how it is meant.
    pub(super) fn severity(&self, severity: Severity) -> (&'static str, Tone) {
        match severity {
            Severity::Information => (self.information, Tone::Plain),
            Severity::Maintenance => (self.maintenance, Tone::Care),
            Severity::Important => (self.important, Tone::Bad),
        }
    }

    /// What is done to a charge.
    pub(super) fn verb(&self, verb: &str) -> &'static str {
        match verb {
            "pay" => self.pay,
            "capture" => self.capture,
            "cancel" => self.cancel,
            "change" => self.change,
            _ => self.expire,
        }
    }
}

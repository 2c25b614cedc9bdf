//! What the pages of orders say.

use kernel::{Environment, JstDate};
use pay::charge::State;
use pay::orders::Column;

use crate::texts;
use crate::ui::Language;
use crate::ui::roles::name as role_name;

texts! {
    /// What the pages say.
    OrdersText {
        title: "注文管理", "Orders";
        number: "注文番号", "Order number";
        number_more: "全桁を入力", "All of its digits";
        date: "注文日", "Order date";
        from: "注文日(開始)", "Ordered from";
        to: "注文日(終了)", "Ordered until";
        status: "決済ステータス", "Status";
        environment: "環境", "Environment";
        all: "すべて", "All";
        live_key: "本番用認証キー", "Production key";
        test_key: "テスト用認証キー", "Test key";
        sandbox_key: "Sandbox", "Sandbox";
        search: "検索", "Search";
        clear: "条件をクリア", "Clear";
        conditions: "検索条件", "Search";
        amount: "注文金額", "Amount";
        ordered: "注文日時", "Ordered";
        count: "{}件", "{} orders";
        shown: "{}件を表示", "{} shown";
        csv: "CSV出力", "CSV";
        csv_utf8: "UTF-8", "UTF-8";
        csv_shift_jis: "Shift_JIS(Excel向け)", "Shift_JIS (for Excel)";
        more: "さらに読み込む", "Load more";
        newest: "最新に戻る", "Back to the newest";
        first: "先頭に戻る", "Back to the first";
        failed: "読み込めませんでした。通信をご確認のうえ、もう一度お試しください。", "Could not be loaded. Check the connection and try again.";
        sort: "並べ替え", "Sort by";
        largest: "大きい順", "largest first";
        smallest: "小さい順", "smallest first";
        empty: "まだ注文がありません", "No orders yet";
        empty_more: "お支払いボタンから注文が入ると、ここに表示されます。", "Orders show here as soon as buyers pay.";
        nothing: "条件に合う注文はありません", "No order matches";
        nothing_more: "期間を広げるか、条件を減らしてお試しください。", "Use a longer period or fewer conditions.";
        wrong: "次の項目をご確認ください: {}", "Check: {}";
        wrong_number: "注文番号は全桁を「1234567890-20261122-0000000042」の形で入力してください。",
            "Enter all of the order number, such as 1234567890-20261122-0000000042.";
        wrong_from: "日付は「2026-11-22」の形で入力してください。", "Enter a day such as 2026-11-22.";
        wrong_to: "日付は「2026-11-22」の形で、開始日以後の日を入力してください。",
            "Enter a day such as 2026-11-22, not before the first day.";
        wrong_other: "選択肢からお選びください。", "Choose one of those offered.";
        authorized: "仮売上", "Provisional";
        captured: "実売上", "Actual";
        cancelled: "キャンセル", "Cancelled";
        authorized_more: "確定前の決済", "not captured yet";
        captured_more: "確定済の決済", "captured";
        cancelled_more: "キャンセル済の決済", "cancelled";

        order: "注文詳細", "Order";
        back: "一覧に戻る", "Back to the list";
        cart_id: "Cart ID", "Cart ID";
        open_id: "OpenID", "OpenID";
        payment: "支払方法", "Payment";
        by_card: "クレジットカード決済一括払い", "Credit card, in one payment";
        by_points: "利用ポイント", "Points used";
        only_points: "全額ポイント払い", "All of it paid with points";
        none: "なし", "None";
        items: "注文内訳", "Items";
        item_id: "商品番号", "Item number";
        item_name: "商品名", "Item";
        quantity: "個数", "Quantity";
        unit_price: "単価", "Unit price";
        line_total: "小計", "Subtotal";
        total: "合計金額", "Total";
        shipping: "送付先", "Ship to";
        name: "送付先氏名", "Name";
        kana: "送付先氏名(フリガナ)", "Name (kana)";
        address: "住所", "Address";
        tel: "電話番号", "Telephone";
        deadline: "期限", "Deadline";
        provisional_until: "仮売上の期限は{date}です({left})。それまでに確定しないと、自動的にキャンセルされます。",
            "A provisional sale until {date} ({left}). It is cancelled by itself unless it is captured by then.";
        actual_until: "キャンセル・金額変更ができるのは{date}までです({left})。", "It can be cancelled or changed until {date} ({left}).";
        actual_over: "キャンセル・金額変更ができる期間は{date}に終了しました。", "It could be cancelled or changed until {date}.";
        provisional_over: "仮売上の期限は{date}に終了しました。まもなく自動的にキャンセルされます。",
            "The provisional sale ended on {date}. It will be cancelled by itself in a moment.";
        cancelled_for_good: "キャンセル済みの決済です。以後、確定・金額変更はできません。", "It is cancelled: it can no longer be captured or changed.";
        today: "本日まで", "ends today";
        days_left: "あと{}日", "{} days left";
        actions: "決済の操作", "What to do";
        capture: "確定", "Capture";
        cancel: "キャンセル", "Cancel";
        change: "金額変更", "Change amount";
        print: "印刷", "Print";
        mail_shop: "完了すると、店舗様にのみメールが送信されます。", "The shop alone is told by mail.";
        mail_both: "完了すると、購入者および店舗様へメールが送信されます。", "The buyer and the shop are told by mail.";
        mail_none: "自動メールは「送信しない」設定のため、メールは送信されません。", "No mail is sent: automatic mails are switched off.";

        why_running: "ほかの操作の結果を確認中です。", "Another change is under way.";
        why_provider: "この環境には決済事業者が設定されていません。", "No payment provider is set up for this environment.";
        why_captured: "すでに確定済みです。", "It is captured already.";
        why_cancelled: "キャンセル済みです。", "It is cancelled.";
        why_window: "期限を過ぎています。", "Its period has ended.";
        why_role: "権限がありません({}が行えます)。", "Your role does not allow it ({} may).";
        done_capture: "確定処理が完了しました。決済ステータスは実売上です。", "Captured: it is an actual sale now.";
        done_cancel: "キャンセル処理が完了しました。決済ステータスはキャンセルです。", "Cancelled.";
        done_change: "金額変更処理が完了しました。決済ステータスは仮売上です。商品提供後、忘れずに確定処理を行ってください。",
            "The amount is changed. It is a provisional sale now: capture it after delivery.";
        waiting: "{}の結果を確認中です。結果はまだ分かりません。このページを再読み込みすると、確認できしだい表示します。",
            "{}: the outcome is not known yet. Reload this page; it is shown as soon as it is known.";
        reload: "再読み込み", "Reload";
        not_done: "{}は行われませんでした。{}", "{} was not done. {}";
    }
}

impl OrdersText {
    /// 決済ステータス.
    pub fn state(&self, state: State) -> &'static str {
        match state {
            State::Authorized => self.authorized,
            State::Captured => self.captured,
            State::Cancelled => self.cancelled,
        }
    }

    /// What that means.
    pub fn meaning(&self, state: State) -> &'static str {
        match state {
            State::Authorized => self.authorized_more,
            State::Captured => self.captured_more,
            State::Cancelled => self.cancelled_more,
        }
    }

    /// 環境, by the keys.
    pub fn key(&self, environment: Environment) -> &'static str {
        match environment {
            Environment::Sandbox => self.sandbox_key,
            Environment::Test => self.test_key,
            Environment::Live => self.live_key,
        }
    }

    /// What a column is called.
    pub fn column(&self, column: Column) -> &'static str {
        match column {
            Column::Date => self.ordered,
            Column::Amount => self.amount,
            Column::Status => self.status,
        }
    }
}

/// The roles that have a right, in words.
pub fn roles(right: shop::Right, language: Language) -> String {
    let between = match language {
        Language::Ja => "・",
        Language::En => ", ",
    };
    right.roles().iter().map(|role| role_name(*role, language)).collect::<Vec<_>>().join(between)
}

/// A day as people write it.
pub fn day(date: JstDate, language: Language) -> String {
    let (year, month, day) = date.civil();
    match language {
        Language::Ja => format!("{year}年{month}月{day}日"),
        Language::En => date.to_string(),
    }
}

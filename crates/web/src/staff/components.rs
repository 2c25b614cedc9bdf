//! `/dashboard/{side}/components`: every component of the pages, as it looks and with what it is called in templates.

use askama::Template;
use axum::response::Response;
use shop::Role;

use super::Desk;
use crate::texts;
use crate::ui::{Choice, Frame, Link, roles};

/// Where it is.
pub(super) const PATH: &str = "/dashboard/{side}/components";
/// The page that it shows in a dialog.
pub(super) const DIALOG: &str = "/dashboard/{side}/components/dialog";

texts! {
    /// What the page says.
    ComponentText {
        title: "画面部品", "Components";
        lead: "管理画面のすべての部品です。色、文字の大きさ、余白はデジタル庁デザインシステムのトークンです。",
            "Every component of the dashboard. Colours, type scale and spacing are tokens of the Digital Agency's design system.";
        buttons: "ボタン", "Buttons";
        buttons_more: "主な操作は一つだけ。できない操作は灰色にして理由を書きます。",
            "One main action on a page. What cannot be done is grey, with the reason beside it.";
        act: "確定する", "Do it";
        second: "戻る", "Back";
        danger: "キャンセルする", "Cancel the order";
        quiet: "リンクのように", "Like a link";
        small: "小さい", "Small";
        disabled: "金額変更", "Change amount";
        disabled_why: "キャンセル済の決済は変更できません。", "A cancelled payment cannot be changed.";
        badges: "バッジ", "Badges";
        badges_more: "言葉に色を添えます。色だけで伝えません。", "A word with a colour; never a colour alone.";
        provisional: "仮売上", "Authorized";
        captured: "実売上", "Captured";
        failed: "振込失敗", "Payout failed";
        cancelled: "キャンセル", "Cancelled";
        notices: "お知らせ", "Notices";
        notices_more: "ページの上に出ます。うまくいった知らせは画面の端にも出ます。",
            "At the top of a page. That something went well is also said at the edge of the window.";
        good: "確定しました。", "It was captured.";
        bad: "確定できませんでした。有効期限が過ぎています。", "It could not be captured: the authorization has expired.";
        care: "仮売上は11月30日に期限が切れます。", "The authorization expires on 30 November.";
        plain: "検索の結果は1,000件までです。", "A search shows at most 1,000 orders.";
        sections: "ページの中の区分", "Sections of a page";
        sections_more: "それぞれがリンクです。", "Each one is a link.";
        keys: "認証キー", "Keys";
        security: "セキュリティコード", "Security code";
        steps: "手順", "Steps";
        step_one: "入力", "Enter";
        step_two: "確認", "Check";
        step_three: "完了", "Done";
        table: "表", "Table";
        table_more: "スマートフォンでは1行が1枚のカードになります。", "On a phone each row is a card.";
        when: "注文日時", "Ordered";
        status: "決済ステータス", "Status";
        number: "注文番号", "Order number";
        amount: "注文金額", "Amount";
        yen: "円", " yen";
        newest: "最新に戻る", "Back to the newest";
        older: "さらに読み込む", "Load more";
        further: "続きはその場に読み込むか、次のページへ進みます。", "What follows is loaded in place, or is on the next page.";
        facts: "項目と値", "Facts";
        copy: "コピー", "Copy";
        dialogs: "ウィンドウ", "Dialog";
        dialogs_more: "それ自身もページで、スクリプトなしでも動きます。Escと「閉じる」で閉じます。",
            "A page of its own that also works without script. Esc and “Close” close it.";
        open: "ウィンドウを開く", "Open the dialog";
        dialog_title: "確認", "Check";
        dialog_text: "このページは、ウィンドウの中でも、1ページとしても表示できます。",
            "This page can be shown in a dialog, and as a page.";
        close: "閉じる", "Close";
        forms: "入力欄", "Form fields";
        forms_more: "誤りは欄のすぐ下に出し、入力した内容は消しません。", "What is wrong is said below its field, and nothing typed is lost.";
        name: "氏名", "Name";
        name_more: "姓と名の間に空白を入れてください。", "With a space between the names.";
        mail: "メールアドレス", "Email address";
        mail_wrong: "「@」を含むアドレスを入力してください。", "An address has an @.";
        note: "メモ", "Note";
        needless: "任意", "optional";
        text: "自由記述欄", "Text";
        text_more: "4000文字まで", "At most 4,000 characters";
        roles: "役割", "Roles";
        roles_more: "この役割はここでは変更できません。", "This role cannot be changed here.";
        period: "期間", "Period";
        day: "1日", "A day";
        month: "1か月", "A month";
        empties: "何もないとき", "Empty state";
        nothing: "条件に合う注文はありません", "No order matches";
        nothing_more: "条件を減らすか、期間を広げてください。", "Remove a condition, or widen the time.";
    }
}

#[derive(Template)]
#[template(path = "staff/components.html")]
struct Page {
    frame: Frame,
    t: &'static ComponentText,
    notices: [(&'static str, &'static str); 4],
    links: [Link; 2],
    steps: [&'static str; 3],
    picks: Vec<Choice>,
    checks: Vec<Choice>,
    radios: [Choice; 2],
    dialog: String,
}

#[derive(Template)]
#[template(path = "staff/components-dialog.html")]
struct DialogPage {
    frame: Frame,
    t: &'static ComponentText,
    back: String,
}

/// `GET /dashboard/{side}/components`.
pub(super) async fn show(desk: Desk) -> Response {
    let language = desk.visit.language;
    let t = ComponentText::of(language);
    let link = |text, is_here| Link { href: "#c-sections".to_owned(), text, is_here };
    let role = |role: Role| Choice::new(role.as_str(), roles::name(role, language), role == Role::Owner);
    let page = Page {
        frame: desk.frame(),
        t,
        notices: [("good", t.good), ("bad", t.bad), ("care", t.care), ("plain", t.plain)],
        links: [link(t.keys, true), link(t.security, false)],
        steps: [t.step_one, t.step_two, t.step_three],
        picks: [t.provisional, t.captured, t.cancelled].map(|status| Choice::new(status, status, false)).to_vec(),
        checks: vec![role(Role::Owner).meaning(t.roles_more).fixed(), role(Role::Orders), role(Role::Shipping)],
        radios: [Choice::new("day", t.day, true), Choice::new("month", t.month, false)],
        dialog: desk.side.path("/components/dialog"),
    };
    desk.visit.page(&page)
}

/// `GET /dashboard/{side}/components/dialog`.
pub(super) async fn dialog(desk: Desk) -> Response {
    let page = DialogPage {
        frame: desk.frame(),
        t: ComponentText::of(desk.visit.language),
        back: desk.side.path("/components"),
    };
    desk.visit.page(&page)
}

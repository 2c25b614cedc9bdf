//! 金額変更: items are added, edited and deleted without a script; what is refused is refused before anything is sent; two
//! members of the staff, a session that ended, a form that is sent twice: nothing happens twice, nothing typed is lost.

use shop::Role;
use testkit::TestApp;
use testkit::app::on_both;
use testkit::http::Reply;
use testkit::merchant::Sale;

use crate::browser::{Browser, fields, make_member, make_staff};
use crate::safety::assert_safe;

const OWNER: &str = "owner@shop.example";
const ORDERS: &str = "/dashboard/sandbox/orders";

/// Somebody at the editor of an order.
struct Editor {
    browser: Browser,
    path: String,
    page: Reply,
}

impl Editor {
    async fn open(browser: &Browser, number: &str) -> Editor {
        let (mut browser, path) = (browser.clone(), format!("{ORDERS}/{number}/change"));
        let page = browser.get(&path).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert_safe(&path, &page);
        Editor { browser, path, page }
    }

    /// Presses a button after typing into fields.
    async fn press(&mut self, button: &str, typed: &[(&str, &str)]) -> Reply {
        let mut all = fields(&self.page, &self.path);
        for (name, value) in typed {
            let field = all.iter_mut().find(|(known, _)| known == name);
            field.unwrap_or_else(|| panic!("no field {name}: {}", self.page.text)).1 = (*value).to_owned();
        }
        all.push(("act".to_owned(), button.to_owned()));
        let all: Vec<(&str, &str)> = all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let reply = self.browser.submit(&self.page, &self.path, &all).await;
        if reply.status != 303 {
            self.page = reply.clone();
        }
        reply
    }

    fn says(&self, text: &str) {
        assert!(self.page.text.contains(text), "{text}: {}", self.page.text);
    }
}

async fn owner(app: &TestApp) -> Browser {
    make_staff(app, app.shop.id, OWNER, false).await;
    Browser::logged_in(app, OWNER).await
}

const ITEMS: [(&str, &str, u32, i64); 2] = [("tea-01", "煎茶 <100g>", 2, 1_000), ("pot-1", "急須", 1, 3_000)];

#[tokio::test]
async fn items_are_added_edited_and_deleted_and_the_order_changes_once() {
    on_both(async |app| {
        let merchant = app.merchant();
        let number = merchant.sell(&Sale::items(&ITEMS)).await;
        merchant.capture(&number).await.good();
        let browser = owner(app).await;
        let mut editor = Editor::open(&browser, &number).await;
        editor.says("新しい商品を追加する");
        editor.says("仮売上に戻ります。商品提供後、再度確定が必要です。");
        editor.says("合計金額が変更前と同額の金額変更はできません。");

        editor.press("add", &[]).await;
        editor.press("ok", &[("item_id_3", "case-1")]).await;
        assert_eq!(editor.page.status, 400);
        editor.says("商品名を1~255文字で入力してください。");
        editor.says("単価は0以上の整数(円)で入力してください。");
        editor.says(r#"value="case-1""#);
        let typed = [("item_name_3", "茶筒"), ("item_quantity_3", "２"), ("item_unit_price_3", "1,500")];
        editor.press("ok", &typed).await;
        editor.says("<b data-total>8,000円</b>");
        editor.says("+3,000");

        editor.press("edit-0", &[]).await;
        editor.press("ok", &[("item_quantity_1", "1")]).await;
        editor.says("<b data-total>7,000円</b>");
        editor.press("edit-1", &[]).await;
        editor.press("leave", &[("item_unit_price_2", "9")]).await;
        editor.says("<b data-total>7,000円</b>");

        editor.press("delete-1", &[]).await;
        editor.says("この商品を削除します。よろしいですか?");
        editor.press("leave", &[]).await;
        editor.press("delete-1", &[]).await;
        editor.press("yes", &[]).await;
        editor.says("「急須」を削除しました。");
        editor.says("<b data-total>4,000円</b>");
        editor.press("undo", &[]).await;
        editor.says("<b data-total>7,000円</b>");
        assert_eq!(app.events(&merchant, &number).await, ["captured", "succeeded"], "nothing is sent yet");

        let done = format!("{ORDERS}/{number}?done=change");
        for _ in 0..2 {
            let reply = editor.press("change", &[]).await;
            assert_eq!((reply.status, reply.header("location")), (303, Some(done.as_str())), "{}", reply.text);
        }
        let page = editor.browser.get(&done).await;
        assert!(page.text.contains("金額変更処理が完了しました。決済ステータスは仮売上です。"), "{}", page.text);
        for item in ["茶筒", "急須", "煎茶 &#60;100g&#62;", "<b>7,000円</b>"] {
            assert!(page.text.contains(item), "{item}: {}", page.text);
        }
        assert_eq!(app.events(&merchant, &number).await, ["captured", "succeeded", "updated"]);
        let charge = merchant.retrieve(&number).await.good();
        assert_eq!((charge["amount"].as_i64(), charge["captured"].as_bool()), (Some(7_000), Some(false)));
        assert_eq!(charge["items"][1]["name"], "急須");
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_before_anything_is_sent() {
    on_both(async |app| {
        let merchant = app.merchant();
        let number = merchant.sell(&Sale::of(1_000)).await;
        let browser = owner(app).await;
        let mut editor = Editor::open(&browser, &number).await;
        for (price, said) in [
            ("1000", "合計金額が変更前と同額の金額変更はできません。"),
            ("99", "合計金額が100円未満の金額変更はできません。"),
            ("0", "合計金額が100円未満の金額変更はできません。"),
        ] {
            editor.press("edit-0", &[]).await;
            editor.press("ok", &[("item_unit_price_1", price)]).await;
            assert_eq!(editor.page.status, 200);
            editor.says(said);
            let refused = editor.press("change", &[]).await;
            assert_eq!(refused.status, 400, "{price}");
            editor.says(said);
            editor.says(&format!(r#"name="item_unit_price_1" value="{price}""#));
        }
        editor.press("edit-0", &[]).await;
        let unfinished = editor.press("change", &[("item_unit_price_1", "5000")]).await;
        assert_eq!(unfinished.status, 400);
        editor.says("編集中の商品があります。");
        editor.says(r#"value="5000""#);
        editor.press("leave", &[]).await;
        editor.press("delete-0", &[]).await;
        editor.press("yes", &[]).await;
        assert_eq!(editor.press("change", &[]).await.status, 400);
        editor.says("商品がありません。");
        assert_eq!(app.events(&merchant, &number).await, ["succeeded"]);
        assert_eq!(app.audit_rows(&merchant, &number).await, 1);

        // 100 yen is allowed.
        editor.press("undo", &[]).await;
        editor.press("edit-0", &[]).await;
        editor.press("ok", &[("item_unit_price_1", "100")]).await;
        assert_eq!(editor.press("change", &[]).await.status, 303);
    })
    .await;
}

#[tokio::test]
async fn the_rule_for_points_is_told_with_what_it_comes_to() {
    on_both(async |app| {
        let number = app.merchant().sell(&Sale::of(1_000).point(400)).await;
        let browser = owner(app).await;
        let mut editor = Editor::open(&browser, &number).await;
        editor.says("超えた分のポイントは購入者に返還されます。");
        editor.press("edit-0", &[]).await;
        editor.press("ok", &[("item_unit_price_1", "300")]).await;
        editor.says("変更後: カード 0円、利用ポイント 300ポイント(返還 100ポイント)");
        editor.press("edit-0", &[]).await;
        editor.press("ok", &[("item_unit_price_1", "1500")]).await;
        editor.says("変更後: カード 1,100円、利用ポイント 400ポイント(返還 0ポイント)");
        let only_points = app.merchant().sell(&Sale::of(500).point(500).card("visa")).await;
        assert_eq!(Editor::open(&browser, &only_points).await.page.status, 200);
    })
    .await;
}

#[tokio::test]
async fn two_members_of_the_staff_edit_one_order_and_one_of_them_is_told() {
    on_both(async |app| {
        let merchant = app.merchant();
        let number = merchant.sell(&Sale::items(&ITEMS)).await;
        let browser = owner(app).await;
        make_member(app, app.shop.id, "orders@shop.example", &[Role::Orders]).await;
        let colleague = Browser::logged_in(app, "orders@shop.example").await;
        let mut first = Editor::open(&browser, &number).await;
        let mut second = Editor::open(&colleague, &number).await;
        for (editor, price) in [(&mut first, "4000"), (&mut second, "5000")] {
            editor.press("edit-1", &[]).await;
            editor.press("ok", &[("item_unit_price_2", price)]).await;
        }
        assert_eq!(first.press("change", &[]).await.status, 303);
        let stopped = second.press("change", &[]).await;
        assert_eq!(stopped.status, 400);
        for said in [
            "ほかの担当者が変更しました。",
            "ご覧になっていた内容: 仮売上 5,000円",
            "現在の内容: 仮売上 6,000円",
            "急須 × 1 @ 4000",
        ] {
            second.says(said);
        }
        second.says(r#"name="item_unit_price_2" value="5000""#);
        assert_eq!(merchant.retrieve(&number).await.good()["amount"], 6_000);
        // They have seen it now, and want it all the same.
        assert_eq!(second.press("change", &[]).await.status, 303);
        assert_eq!(merchant.retrieve(&number).await.good()["amount"], 7_000);
        assert_eq!(app.events(&merchant, &number).await, ["succeeded", "updated", "updated"]);
    })
    .await;
}

#[tokio::test]
async fn a_session_that_ended_loses_nothing_that_was_typed() {
    on_both(async |app| {
        let merchant = app.merchant();
        let number = merchant.sell(&Sale::items(&ITEMS)).await;
        let browser = owner(app).await;
        let mut editor = Editor::open(&browser, &number).await;
        editor.press("edit-0", &[]).await;
        editor.press("ok", &[("item_name_1", "玉露 \"<b>\""), ("item_quantity_1", "3")]).await;
        // In another tab.
        let mut tab = editor.browser.clone();
        let home = tab.get("/dashboard/sandbox").await;
        assert_eq!(tab.submit(&home, "/logout", &[]).await.status, 303);

        let kept = editor.press("change", &[]).await;
        assert_eq!(kept.status, 403);
        assert_safe("kept", &kept);
        editor.says("ログインの有効期限が切れました。まだ何も変更していません。");
        editor.says(&format!(r#"href="/login?to=/dashboard/sandbox/orders/{number}/change" target="_blank""#));
        assert_eq!(app.events(&merchant, &number).await, ["succeeded"]);

        assert_eq!(editor.browser.login(OWNER, crate::browser::PASSWORD).await.status, 303);
        let again = editor.press("", &[]).await;
        assert_eq!(again.status, 403, "not proven yet");
        editor.says("ログインし直したため、まだ何も変更していません。");
        editor.says("玉露 &#34;&#60;b&#62;&#34;");
        editor.says("<b data-total>6,000円</b>");
        assert_eq!(editor.press("change", &[]).await.status, 303);
        let charge = merchant.retrieve(&number).await.good();
        assert_eq!(
            (charge["amount"].as_i64(), charge["items"][0]["name"].as_str()),
            (Some(6_000), Some("玉露 \"<b>\""))
        );
        assert_eq!(app.events(&merchant, &number).await, ["succeeded", "updated"]);

        let foreign = editor.browser.clone().saying("sec-fetch-site", "cross-site");
        editor.browser = foreign;
        assert_eq!(editor.press("change", &[]).await.status, 403);
        assert_eq!(app.events(&merchant, &number).await, ["succeeded", "updated"]);
    })
    .await;
}

#[tokio::test]
async fn hundreds_of_items_are_edited_like_one() {
    on_both(async |app| {
        let name = "とても長い商品名".repeat(30);
        let names: Vec<String> = (0..300).map(|n| format!("item-{n:03}")).collect();
        let items: Vec<(&str, &str, u32, i64)> = names.iter().map(|id| (id.as_str(), name.as_str(), 1, 10)).collect();
        let number = app.merchant().sell(&Sale::items(&items)).await;
        let browser = owner(app).await;
        let mut editor = Editor::open(&browser, &number).await;
        editor.press("edit-299", &[]).await;
        editor.press("ok", &[("item_unit_price_300", "1000")]).await;
        editor.says("<b data-total>3,990円</b>");
        let reply = editor.press("change", &[]).await;
        assert_eq!(reply.status, 303, "{}", reply.text);
        let charge = app.merchant().retrieve(&number).await.good();
        assert_eq!((charge["amount"].as_i64(), charge["items"].as_array().map(Vec::len)), (Some(3_990), Some(300)));
    })
    .await;
}

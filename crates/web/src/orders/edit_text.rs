//! What the editor of 金額変更 says.

use crate::texts;

texts! {
    /// What the page says.
    EditText {
        title: "金額変更", "Change amount";
        add: "新しい商品を追加する", "Add an item";
        ok: "OK", "OK";
        leave: "取消", "Cancel";
        acts: "操作", "Actions";
        edit: "編集", "Edit";
        delete: "削除", "Delete";
        edit_of: "「{}」を編集", "Edit {}";
        delete_of: "「{}」を削除", "Delete {}";
        ask: "この商品を削除します。よろしいですか?", "Delete this item?";
        yes: "はい", "Yes";
        no: "いいえ", "No";
        undo: "削除を元に戻す", "Undo the deletion";
        gone: "「{}」を削除しました。", "{} was deleted.";
        submit: "金額変更を実施する", "Change the amount";
        back: "変更せずに戻る", "Back without changing";
        before: "変更前", "Before";
        after: "変更後", "After";
        difference: "差額", "Difference";
        next_actual: "実施すると決済ステータスは実売上から仮売上に戻ります。商品提供後、再度確定が必要です。",
            "The order goes back to a provisional sale and must be captured again after delivery.";
        next_provisional: "実施後も決済ステータスは仮売上です。商品提供後、確定が必要です。",
            "The order stays a provisional sale and must be captured after delivery.";
        points_rule: "合計金額が利用ポイントを下回ると、超えた分のポイントは購入者に返還されます。増額分はカードに請求され、利用ポイントは増えません。",
            "If the total falls below the points used, the points above it go back to the buyer. More is charged to the card only.";
        points_after: "変更後: カード {card}、利用ポイント {points}(返還 {back})", "After: card {card}, points {points} (given back: {back})";
        unfinished: "編集中の商品があります。「OK」または「取消」を押してから、もう一度実施してください。",
            "An item is still being edited. Press OK or Cancel first.";
        check_items: "商品の内容をご確認ください。", "Check this item.";
        no_items: "商品がありません。1件以上の商品が必要です。", "There are no items. At least one is needed.";
        too_large: "99,999,999円を超えています", "More than 99,999,999 yen";
        wrong_id: "商品番号を1~255文字で入力してください。", "Enter an item number of 1 to 255 characters.";
        wrong_name: "商品名を1~255文字で入力してください。", "Enter a name of 1 to 255 characters.";
        wrong_quantity: "個数は1以上の整数で入力してください。", "Enter a whole number from 1.";
        wrong_unit_price: "単価は0以上の整数(円)で入力してください。", "Enter a whole number of yen, from 0.";
        wrong_total: "金額が99,999,999円を超えています。", "This is more than 99,999,999 yen.";
        untouched: "商品を編集・追加・削除して、合計金額を変更してください。(100円未満・変更前と同額には変更できません)",
            "Edit, add or delete items to change the total: at least 100 yen, and not the same as before.";
        same: "合計金額が変更前と同額の金額変更はできません。", "The new total is the same as the present one.";
        small: "合計金額が100円未満の金額変更はできません。", "The new total must be at least 100 yen.";
        was: "ご覧になっていた内容: {}", "As you saw it: {}";
        is: "現在の内容: {}", "As it is now: {}";
        is_items: "現在の注文内訳", "Items as they are now";
        typed: "入力した内容は下に残っています。", "What you typed is still below.";
        again: "ログインし直したため、まだ何も変更していません。入力した内容をご確認のうえ、もう一度操作してください。",
            "You logged in again; nothing was changed yet. Check what you typed, then press the button once more.";
        session_ended: "ログインの有効期限が切れました。まだ何も変更していません。入力した内容はこのページに残っています。",
            "Your log-in has expired. Nothing was changed yet. What you typed is kept on this page.";
        kept_login: "1. 新しいタブでログインする", "1. Log in, in a new tab";
        kept_go_on: "2. 入力した内容で続ける", "2. Go on with what you typed";
        lost: "通信できませんでした。入力した内容は残っています。通信をご確認のうえ、もう一度押してください(二重に実施されることはありません)。",
            "The server could not be reached. What you typed is still here: press the button again (it is never done twice).";
    }
}

//! What the pages of the marketplace say, with the words of seed 001 where it has them.

use crate::texts;

texts! {
    /// What the pages say.
    MarketText {
        title: "モール", "Marketplace";
        orders: "受注一覧", "Orders";
        licences: "WEB APIサービス 利用設定", "Web API service";
        settings: "受注・決済管理 処理設定", "Order settings";
        clock: "時計", "Clock";
        not_live: "モールはSandbox環境にあります", "The marketplace is in Sandbox";
        not_live_more: "モールの注文はすべてテスト用です。実在の購入者も、実際のお金もありません。",
            "Every order of the marketplace is for testing: no buyer and no money in it is real.";
        to_sandbox: "Sandbox環境のモールを開く", "Open it in Sandbox";
        no_shop: "この店舗はモールに出店していません", "This shop is not on the marketplace";
        no_shop_more: "モールに出店すると、ここに注文が表示されます。", "Once it is, its orders show here.";
        number: "注文番号", "Order number";
        placed: "注文日時", "Ordered";
        status: "ステータス", "Status";
        method: "支払方法", "Payment";
        request: "請求金額", "To pay";
        orderer: "注文者", "Orderer";
        all: "すべて", "All";
        search: "検索", "Search";
        clear: "条件をクリア", "Clear";
        count: "{}件", "{} orders";
        page: "{} / {} ページ", "Page {} of {}";
        before: "前の30件", "30 before";
        next: "次の30件", "30 next";
        wrong_number: "注文番号は 123456-20260101-1234567890 の形で入力してください。", "An order number reads 123456-20260101-1234567890.";
        reachable: "15,000件を超える注文は表示できません。条件を絞り込んでください。", "No more than 15,000 orders can be reached. Narrow the search.";
        nothing: "該当する注文がありません", "No such orders";
        nothing_more: "条件を変えて検索してください。", "Try other conditions.";
        empty: "まだ注文がありません", "No orders yet";
        empty_more: "テスト用の注文は、API（POST /api/test_helpers/mall/orders）またはコマンド（choba mall generate）で作成できます。",
            "POST /api/test_helpers/mall/orders or choba mall generate makes orders for testing.";
        unpriced: "未確定", "not fixed";
        caution: "注意", "Caution";
        under_check: "楽天確認中", "Being checked";
        needs_approval: "要承認", "Needs approval";
        back: "受注一覧に戻る", "Back to the orders";
        order: "受注詳細", "Order";
        next_things: "この後の予定", "What happens next";
        nothing_next: "予定はありません。", "Nothing is due.";
        to_confirm: "注文確認は受注API(confirmOrder)で行います。この画面では行えません。",
            "The order is confirmed by confirmOrder of the order API, not here.";
        to_ship: "発送情報は、受注APIのupdateOrderShippingで登録します。発送日の翌日0時に発送済になります。",
            "Parcels are reported by updateOrderShipping of the order API; the midnight after their date the order is shipped.";
        asked: "他社に問い合わせ中です。まもなく回答があります。", "Somebody is being asked and will answer soon.";
        now: "現在の時刻（時計）: {}", "The clock stands at {}";
        buyer: "購入者の操作", "What the buyer does";
        buyer_more: "テスト用に、購入者に代わって操作できます。", "For testing, you can act for the buyer.";
        not_now: "現在のステータスではできない操作: {}", "Not in this status: {}";
        between: "、", ", ";
        amounts: "金額", "Amounts";
        goods: "商品合計", "Goods";
        postage: "送料", "Postage";
        cod_fee: "代引料", "Fee for cash on delivery";
        charge: "決済手数料", "Payment fee";
        coupons: "クーポン", "Coupons";
        points: "ポイント", "Points";
        accepted: "最後に承認された請求金額", "Last accepted";
        package: "送付先 {}", "Destination {}";
        deleted: "削除済", "deleted";
        address: "住所", "Address";
        tel: "電話番号", "Telephone";
        name: "氏名", "Name";
        kana: "フリガナ", "Kana";
        email: "メールアドレス", "Mail address";
        item: "商品", "Item";
        units: "個数", "Units";
        price: "単価", "Unit price";
        subtotal: "小計", "Subtotal";
        tax: "税率", "Tax";
        noshi: "のし", "Noshi";
        parcels: "発送情報", "Parcels";
        no_parcels: "発送情報はまだありません。", "No parcels yet.";
        carrier: "配送会社", "Carrier";
        parcel_number: "お荷物伝票番号", "Parcel number";
        shipping_date: "発送日", "Shipping date";
        payments: "決済", "Payments";
        payment_status: "決済ステータス", "Payment status";
        asked_at: "決済手続き依頼", "Asked";
        done_at: "決済手続き完了", "Secured";
        refused_at: "決済手続きNG", "Refused";
        fixed_at: "決済確定", "Fixed";
        deposits: "入金", "Paid in";
        refunds: "返金", "Given back";
        changes: "変更履歴", "Changes";
        no_changes: "変更はありません。", "No changes.";
        change: "変更", "Change";
        reason: "理由", "Reason";
        when: "日時", "When";
        notices: "購入者へのお知らせ", "What the buyer was told";
        no_notices: "まだお知らせはありません。", "Nothing yet.";
        notice: "お知らせ", "Notice";
        memo: "ひとことメモ", "Memo";
        remarks: "備考", "Remarks";
        notes: "配送と備考", "Delivery and remarks";
        delivery: "配送方法", "Delivery";
        delivery_date: "お届け日指定", "Delivery date";
        dates: "日時", "Dates";
        confirmed: "注文確認日時", "Confirmed";
        fixed: "注文確定日時", "Fixed";
        reported: "発送完了報告日時", "Reported as shipped";
        settled: "決済確定日時", "Settled";
        none: "なし", "none";
        due: "期限", "Due";
        due_payment: "支払期限", "Payment is due";
        due_method: "支払方法変更期限", "Another method is due";
        due_refund: "返金手続き期限", "Refund is due";
        must_shop: "店舗様の対応が必要です", "The shop has to act";
        must_buyer: "購入者の対応が必要です", "The buyer has to act";
        must_recipient: "受取人の対応が必要です", "The recipient has to act";
    }
}

//! Whole mails, word by word.

use super::*;

fn shop(opening: Option<&str>) -> ShopFacts {
    let settings = MailSettings {
        automatic: true,
        contact_address: "contact@example.jp".parse().ok(),
        sender_name: None,
        opening: opening.map(str::to_owned),
    };
    ShopFacts { name: "お茶の店 千鳥".into(), settings }
}

fn buyer(last: &str, first: &str) -> Buyer {
    Buyer { last_name: Some(last.into()), first_name: Some(first.into()), ..Buyer::default() }
}

fn tale(kind: Kind, total_before: Option<i64>) -> Tale<'static> {
    let item = |name: &str, quantity, unit_price| Item { id: "i".into(), name: name.into(), quantity, unit_price };
    // 2026-11-22T10:10:00+09:00.
    let ordered = Timestamp::from_seconds(1_795_309_800);
    let items = vec![item("煎茶 100g", 2, 1_080), item("常滑焼 急須", 1, 1_234_567)];
    let number = "1000000001-20261122-0000000042".to_owned();
    let charge = ChargeFacts { number, ordered, amount: 1_236_727, point: 500, items };
    Tale::Change { kind, charge, total_before, at: ordered.plus_seconds(86_400 + 60) }
}

#[test]
fn a_change_of_amount_is_told_to_both() {
    let told =
        |to| write(&tale(Kind::Changed, Some(3_000)), to, &shop(None), &buyer("楽天", "太郎"), Environment::Live);
    let facts = "\
注文番号: 1000000001-20261122-0000000042
注文日時: 2026年11月22日 10時10分
金額変更日時: 2026年11月23日 10時11分

注文内訳:
・煎茶 100g 1,080円 × 2 = 2,160円
・常滑焼 急須 1,234,567円 × 1 = 1,234,567円

変更前の合計金額: 3,000円
変更後の合計金額: 1,236,727円
うちポイント利用: 500円
";
    let subject = "【金額変更のお知らせ】注文番号 1000000001-20261122-0000000042";
    let to_buyer = told(Recipient::Buyer);
    assert_eq!(to_buyer.subject, subject);
    assert_eq!(
        to_buyer.body,
        format!(
            "楽天 太郎 様\n\nお茶の店 千鳥をご利用いただき、誠にありがとうございます。\n\n\
             下記のご注文のお支払い金額が変更されました。\n\n{facts}\
             \n----------------------------------------\nお茶の店 千鳥\nお問い合わせ先: contact@example.jp\n"
        )
    );
    let to_shop = told(Recipient::Shop);
    assert_eq!(to_shop.subject, subject);
    assert_eq!(
        to_shop.body,
        format!(
            "お茶の店 千鳥 ご担当者様\n\n\
             下記のご注文の金額変更処理が完了し、決済ステータスが「仮売上」になりました。\n\n{facts}\n\
             商品提供後、忘れずに確定処理を行ってください。\n"
        )
    );
}

#[test]
fn each_kind_uses_the_words_of_the_screens() {
    let told = |kind, to| write(&tale(kind, None), to, &shop(None), &Buyer::default(), Environment::Live);
    assert!(told(Kind::Captured, Recipient::Shop).body.contains("決済ステータスが「実売上」になりました。"));
    assert!(told(Kind::Captured, Recipient::Shop).subject.starts_with("【確定のお知らせ】"));
    for kind in [Kind::Cancelled, Kind::Expired] {
        assert!(told(kind, Recipient::Shop).body.contains("「キャンセル」になりました。"));
        assert!(told(kind, Recipient::Buyer).subject.starts_with("【キャンセルのお知らせ】"));
        assert!(told(kind, Recipient::Buyer).body.contains("キャンセルされた金額: 1,236,727円"));
    }
    assert!(told(Kind::Expired, Recipient::Shop).body.contains("処理期限を過ぎたため、自動的に"));
    let test =
        write(&tale(Kind::Captured, None), Recipient::Shop, &shop(None), &Buyer::default(), Environment::Sandbox);
    assert!(test.body.ends_with("実際のお支払いはありません。\n"));
}

#[test]
fn the_name_of_the_buyer_stands_where_it_should_and_does_nothing_else() {
    let notification = |body: &str, buyer: &Buyer| {
        let tale = Tale::Notification { subject: "発送", body };
        write(&tale, Recipient::Buyer, &shop(Some("#CUSTOMER_NAME#様へ\\n店より")), buyer, Environment::Live).body
    };
    let told = notification("#CUSTOMER_NAME#さん\r\n本日\\n発送\rしました。", &buyer("髙橋", "美咲"));
    assert!(told.starts_with("髙橋 美咲様へ\n店より\n\n髙橋 美咲さん\n本日\n発送\nしました。\n"), "{told}");
    // A name that looks like something else is only a name.
    let told = notification("#CUSTOMER_NAME#", &buyer("a\r\n\0b\\n", "#CUSTOMER_NAME#"));
    assert!(told.contains("\n\nab\\n #CUSTOMER_NAME#\n"), "{told}");
    assert!(notification("#CUSTOMER_NAME# 様", &Buyer::default()).contains("\n\nご購入者 様\n"));
}

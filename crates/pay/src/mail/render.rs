//! What mails say. Pure: from what happened, the charge as it was then, the shop and the buyer.

use kernel::{Environment, Timestamp};

use super::settings::{CUSTOMER_NAME, MailSettings, usual_opening};
use super::{Kind, Recipient};
use crate::charge::item::Item;
use crate::charge::order::Buyer;

/// The shop that a mail is from or for.
#[derive(Clone, Debug)]
pub struct ShopFacts {
    /// Its name.
    pub name: String,
    /// How its mails look.
    pub settings: MailSettings,
}

/// The charge as it was after what the mail tells of.
#[derive(Clone, Debug)]
pub struct ChargeFacts {
    /// 注文番号.
    pub number: String,
    /// When the buyer ordered.
    pub ordered: Timestamp,
    /// 合計金額, in yen.
    pub amount: i64,
    /// The part of it that points pay, in yen.
    pub point: i64,
    /// 注文内訳.
    pub items: Vec<Item>,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Tale<'a> {
    /// The shop wrote to the buyer.
    Notification {
        /// 件名.
        subject: &'a str,
        /// 自由記述欄.
        body: &'a str,
    },
    /// The charge was changed.
    Change {
        /// How.
        kind: Kind,
        /// The charge after it.
        charge: ChargeFacts,
        /// The total before it, in yen, if it was 金額変更.
        total_before: Option<i64>,
        /// When.
        at: Timestamp,
    },
}

/// Subject and text of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// One line.
    pub subject: String,
    /// Lines ended by `\n`.
    pub body: String,
}

/// Writes a mail.
pub fn write(tale: &Tale<'_>, to: Recipient, shop: &ShopFacts, buyer: &Buyer, environment: Environment) -> Written {
    let name = full_name(buyer);
    let (subject, middle) = match tale {
        Tale::Notification { subject, body } => ((*subject).to_owned(), said_by_the_shop(body, &name)),
        Tale::Change { kind, charge, total_before, at } => {
            let subject = format!("【{}のお知らせ】注文番号 {}", word(*kind), charge.number);
            (subject, change(*kind, to, charge, *total_before, *at))
        }
    };
    let body = match to {
        Recipient::Buyer => format!("{}\n\n{middle}\n{}", opening(shop, &name), signature(shop)),
        Recipient::Shop => format!("{} ご担当者様\n\n{middle}\n", shop.name),
    };
    Written { subject, body: format!("{body}{}", remark(environment)) }
}

/// 姓 名; what can end a line in it, or is no character of text, is left out.
fn full_name(buyer: &Buyer) -> String {
    let names = [&buyer.last_name, &buyer.first_name].into_iter().flatten();
    let clean = names.map(|name| name.chars().filter(|c| !c.is_control()).collect::<String>());
    let parts: Vec<String> = clean.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    if parts.is_empty() { "ご購入者".to_owned() } else { parts.join(" ") }
}

/// A text of the shop: the buyer's name in its place, one kind of line break. The two characters `\n` are a line break too
/// `[i]`: clients write the contract's `\n` into forms as it stands.
fn said_by_the_shop(text: &str, name: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n").replace("\\n", "\n");
    // Last, so that a name is never taken for anything else than a name.
    lines.replace(CUSTOMER_NAME, name)
}

fn opening(shop: &ShopFacts, name: &str) -> String {
    let usual = || usual_opening(&shop.name);
    said_by_the_shop(&shop.settings.opening.clone().unwrap_or_else(usual), name)
}

/// 自動挿入文 as an editor shows it before there is a buyer's name: `name` stands in its place.
pub fn opening_for(shop: &ShopFacts, name: &str) -> String {
    opening(shop, name)
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Notification => "ご注文",
        Kind::Captured => "確定",
        Kind::Cancelled | Kind::Expired => "キャンセル",
        Kind::Changed => "金額変更",
    }
}

fn change(kind: Kind, to: Recipient, charge: &ChargeFacts, total_before: Option<i64>, at: Timestamp) -> String {
    let mut lines = vec![sentence(kind, to).to_owned(), String::new()];
    lines.push(format!("注文番号: {}", charge.number));
    lines.push(format!("注文日時: {}", japanese(charge.ordered)));
    lines.push(format!("{}日時: {}", word(kind), japanese(at)));
    lines.push(String::new());
    lines.push("注文内訳:".to_owned());
    lines.extend(charge.items.iter().map(|item| {
        let sum = item.unit_price.saturating_mul(i64::from(item.quantity));
        format!("・{} {}円 × {} = {}円", item.name, grouped(item.unit_price), item.quantity, grouped(sum))
    }));
    lines.push(String::new());
    if let Some(before) = total_before {
        lines.push(format!("変更前の合計金額: {}円", grouped(before)));
    }
    lines.push(format!("{}: {}円", total(kind), grouped(charge.amount)));
    if charge.point > 0 {
        lines.push(format!("うちポイント利用: {}円", grouped(charge.point)));
    }
    lines.extend(hint(kind, to).map(|hint| format!("\n{hint}")));
    lines.join("\n")
}

fn total(kind: Kind) -> &'static str {
    match kind {
        Kind::Changed => "変更後の合計金額",
        Kind::Cancelled | Kind::Expired => "キャンセルされた金額",
        Kind::Notification | Kind::Captured => "合計金額",
    }
}

fn sentence(kind: Kind, to: Recipient) -> &'static str {
    match (kind, to) {
        (Kind::Captured, _) => "下記のご注文の確定処理が完了し、決済ステータスが「実売上」になりました。",
        (Kind::Cancelled, Recipient::Shop) => {
            "下記のご注文のキャンセル処理が完了し、決済ステータスが「キャンセル」になりました。"
        }
        (Kind::Expired, Recipient::Shop) => {
            "下記のご注文は、仮売上のまま処理期限を過ぎたため、自動的にキャンセルされました。決済ステータスは\
             「キャンセル」になりました。"
        }
        (Kind::Changed, Recipient::Shop) => {
            "下記のご注文の金額変更処理が完了し、決済ステータスが「仮売上」になりました。"
        }
        (Kind::Cancelled | Kind::Expired, Recipient::Buyer) => "下記のご注文のお支払いがキャンセルされました。",
        (Kind::Changed, Recipient::Buyer) => "下記のご注文のお支払い金額が変更されました。",
        (Kind::Notification, _) => "ご注文についてお知らせいたします。",
    }
}

fn hint(kind: Kind, to: Recipient) -> Option<&'static str> {
    match (kind, to) {
        (Kind::Changed, Recipient::Shop) => Some("商品提供後、忘れずに確定処理を行ってください。"),
        (Kind::Cancelled | Kind::Expired, Recipient::Shop) => {
            Some("このご注文の確定および金額変更は行えません。キャンセルの取消はできません。")
        }
        (Kind::Cancelled | Kind::Expired, Recipient::Buyer) => {
            Some("ご返金の時期は、ご利用のカード会社の締め日により異なります。")
        }
        (Kind::Changed, Recipient::Buyer) | (Kind::Captured | Kind::Notification, _) => None,
    }
}

fn signature(shop: &ShopFacts) -> String {
    let contact = shop.settings.contact_address.as_ref().map(|address| format!("お問い合わせ先: {address}\n"));
    format!("\n----------------------------------------\n{}\n{}", shop.name, contact.unwrap_or_default())
}

fn remark(environment: Environment) -> &'static str {
    match environment {
        Environment::Live => "",
        Environment::Sandbox => "\n※これはSandbox環境で作成されたメールです。実際のお支払いはありません。\n",
        Environment::Test => "\n※これはテスト用のキーで作成されたメールです。実際のお支払いはありません。\n",
    }
}

/// `2026年11月22日 10時10分`, in Japan.
pub(crate) fn japanese(at: Timestamp) -> String {
    let date = at.jst_date();
    let (year, month, day) = date.civil();
    let minutes = (at.seconds() - date.start().seconds()) / 60;
    format!("{year}年{month}月{day}日 {:02}時{:02}分", minutes / 60, minutes % 60)
}

/// `1,234,567`.
pub(crate) fn grouped(yen: i64) -> String {
    let digits = yen.unsigned_abs().to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|g| std::str::from_utf8(g).unwrap_or("")).collect();
    format!("{}{}", if yen < 0 { "-" } else { "" }, groups.join(","))
}

#[cfg(test)]
mod tests;

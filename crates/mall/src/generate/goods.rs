//! Goods of a shop that sells a little of everything: food at 8 per cent, the rest at 10.

use super::Dice;
use crate::order::{Item, Sku, TaxRate};

/// 商品名, 商品番号, price with tax in yen, rate, variants.
const GOODS: [(&str, &str, i64, u8, &[&str]); 14] = [
    ("煎茶 やぶきた 100g", "tea-sencha-100", 1_080, 8, &[]),
    ("【送料無料】訳あり 紅鮭切り身 2kg 冷凍", "salmon-2kg", 4_980, 8, &[]),
    ("国産 三年番茶 ティーバッグ 40包", "tea-bancha-40", 1_296, 8, &[]),
    ("福島県産 あかつき桃 約3kg(9〜11玉)", "peach-3kg", 3_780, 8, &[]),
    ("純米大吟醸 山田錦 720ml", "sake-ginjo-720", 3_300, 10, &[]),
    (
        "今治タオル フェイスタオル 2枚組",
        "towel-imabari-2",
        1_980,
        10,
        &["カラー:ホワイト", "カラー:ネイビー", "カラー:さくら"],
    ),
    (
        "綿100% 長袖Tシャツ",
        "tshirt-long",
        2_750,
        10,
        &["サイズ:S\nカラー:黒", "サイズ:M\nカラー:黒", "サイズ:L\nカラー:白"],
    ),
    ("南部鉄器 急須 0.6L", "kyusu-06", 8_800, 10, &[]),
    ("防災備蓄 保存水 2L×6本", "water-2l-6", 2_138, 8, &[]),
    ("ペット用 無添加ささみジャーキー 200g", "pet-sasami-200", 980, 10, &[]),
    ("第2類医薬品 鼻炎カプセル 24カプセル", "drug-bien-24", 1_408, 10, &[]),
    ("ギフト 焼き菓子詰め合わせ 16個入", "sweets-16", 3_240, 8, &[]),
    ("折りたたみ自転車 20インチ", "bicycle-20", 24_800, 10, &["カラー:マットブラック", "カラー:アイボリー"]),
    ("珪藻土バスマット Lサイズ", "bathmat-l", 3_680, 10, &[]),
];

/// 商品ID of the first of them.
const FIRST_ITEM: i64 = 10_000_101;

/// A line of an order.
pub(super) fn item(dice: &mut Dice, detail_id: i64) -> Item {
    let at = usize::try_from(dice.below(GOODS.len() as u32)).unwrap_or_default();
    let (name, number, price, tax, variants) = GOODS[at];
    let tax = TaxRate(tax);
    // Some shops enter prices without tax.
    let tax_included = !dice.in_thousand(150);
    let price = if tax_included { price } else { price - tax.within(price) };
    let chosen = if variants.is_empty() { None } else { Some(dice.below(variants.len() as u32)) };
    let variant = chosen.map(|at| variants[at as usize].to_owned());
    let sku = Sku {
        variant: chosen.map_or_else(|| number.to_owned(), |at| format!("{number}-{}", at + 1)),
        merchant_id: dice.in_thousand(300).then(|| format!("M{:06}", dice.below(1_000_000))),
        info: variant.clone(),
    };
    Item {
        detail_id,
        name: name.to_owned(),
        item_id: FIRST_ITEM + at as i64,
        number: Some(number.to_owned()),
        manage_number: number.to_owned(),
        price,
        units: 1 + i64::from(dice.in_thousand(200)) + i64::from(dice.below(20) / 18) * 2,
        postage_included: name.contains("送料無料"),
        tax_included,
        cod_included: false,
        tax,
        choice: variant,
        point_rate: if dice.in_thousand(100) { 5 } else { 1 },
        lead_time: dice.in_thousand(200).then(|| "1〜3営業日で発送".to_owned()),
        restock: 0,
        deal: dice.in_thousand(30),
        drug: name.contains("医薬品"),
        single: false,
        skus: vec![sku],
        deleted: false,
    }
}

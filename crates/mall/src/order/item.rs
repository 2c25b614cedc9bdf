//! 商品, wrappings and coupons.

use serde::{Deserialize, Serialize};

use super::{Day, Price};

/// A rate of consumption tax, in whole per cent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TaxRate(pub u8);

impl TaxRate {
    /// Those the mall accepts (contract 3.11).
    pub const ALL: [TaxRate; 3] = [TaxRate(0), TaxRate(8), TaxRate(10)];

    /// The tax that `including` yen hold, rounded down.
    pub fn within(self, including: i64) -> i64 {
        including * i64::from(self.0) / (100 + i64::from(self.0))
    }

    /// `excluding` yen with tax, rounded down.
    pub fn added_to(self, excluding: i64) -> i64 {
        excluding + excluding * i64::from(self.0) / 100
    }
}

/// One line of a package.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// 商品明細ID.
    pub detail_id: i64,
    /// 商品名.
    pub name: String,
    /// 商品ID.
    pub item_id: i64,
    /// 商品番号.
    pub number: Option<String>,
    /// 商品管理番号.
    pub manage_number: String,
    /// 単価 in yen, with tax or without as `tax_included` says.
    pub price: i64,
    /// 個数.
    pub units: i64,
    /// 送料込み or 送料無料.
    pub postage_included: bool,
    /// Whether `price` includes tax.
    pub tax_included: bool,
    /// 代引料込み.
    pub cod_included: bool,
    /// 税率.
    pub tax: TaxRate,
    /// 項目・選択肢, a line each.
    pub choice: Option<String>,
    /// ポイント倍率.
    pub point_rate: i64,
    /// 納期情報.
    pub lead_time: Option<String>,
    /// 在庫戻し: 0, 1 or 2.
    pub restock: i64,
    /// 楽天スーパーDEAL.
    pub deal: bool,
    /// 医薬品.
    pub drug: bool,
    /// 単品配送.
    pub single: bool,
    /// SKU.
    pub skus: Vec<Sku>,
    /// Taken out by an edit.
    pub deleted: bool,
}

impl Item {
    /// 単価 with tax, in yen.
    pub fn price_with_tax(&self) -> i64 {
        if self.tax_included { self.price } else { self.tax.added_to(self.price) }
    }

    /// 小計 with tax, in yen; nothing for what was taken out.
    pub fn subtotal(&self) -> i64 {
        if self.deleted { 0 } else { self.price_with_tax().saturating_mul(self.units) }
    }
}

/// SKU of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sku {
    /// SKU管理番号.
    pub variant: String,
    /// システム連携用SKU番号.
    pub merchant_id: Option<String>,
    /// SKU情報, a line each.
    pub info: Option<String>,
}

/// 包装紙 or リボン.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WrappingKind {
    /// 包装紙, `title` 1.
    Paper,
    /// リボン, `title` 2.
    Ribbon,
}

/// ラッピング.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrapping {
    /// Which.
    pub kind: WrappingKind,
    /// What it is called.
    pub name: String,
    /// Its price in yen, with tax or without as `tax_included` says.
    pub price: i64,
    /// Whether `price` includes tax.
    pub tax_included: bool,
    /// 税率.
    pub tax: TaxRate,
    /// Taken out by an edit.
    pub deleted: bool,
}

impl Wrapping {
    /// Its price with tax, in yen; nothing for what was taken out.
    pub fn price_with_tax(&self) -> i64 {
        match self {
            Wrapping { deleted: true, .. } => 0,
            Wrapping { tax_included: true, price, .. } => *price,
            Wrapping { price, tax, .. } => tax.added_to(*price),
        }
    }
}

/// Who pays for a coupon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CouponCapital {
    /// ショップ, code 1.
    Shop,
    /// メーカー, code 2.
    Maker,
    /// サービス, code 3: the mall.
    Service,
}

/// クーポン.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coupon {
    /// `UCSK-XEPV-LEGJ-H0SW`.
    pub code: String,
    /// The item it is bound to, otherwise 0.
    pub item_id: i64,
    /// The line it is bound to, otherwise 0.
    pub detail_id: i64,
    /// クーポン名.
    pub name: String,
    /// クーポン効果.
    pub summary: String,
    /// 原資.
    pub capital: CouponCapital,
    /// 有効期限.
    pub expires: Day,
    /// 割引単価 in yen.
    pub price: i64,
    /// 利用数.
    pub units: i64,
}

impl Coupon {
    /// 利用金額 in yen: [`Price::Unset`] when it is not a number of yen.
    pub fn total(&self) -> Price {
        self.price.checked_mul(self.units).map_or(Price::Unset, Price::Fixed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taxes_are_rounded_down() {
        assert_eq!(TaxRate(10).within(110), 10);
        assert_eq!(TaxRate(10).within(999), 90);
        assert_eq!(TaxRate(8).within(1_080), 80);
        assert_eq!(TaxRate(8).added_to(199), 214);
        assert_eq!(TaxRate(0).within(500), 0);
    }
}

//! The rows of security code settings.

use kernel::ShopId;
use store::{Row, Statement, StoreError, Tx, params};

use super::{BrandGroup, Setting};

/// What differs from the usual.
pub fn all(tx: &mut Tx<'_>, shop: ShopId) -> Result<Vec<(BrandGroup, Setting)>, StoreError> {
    let sql = "SELECT brand_group, approved, asked, forced FROM security_code WHERE shop_id = $1 ORDER BY brand_group";
    let setting = |row: &Row| {
        let flag = |column: usize| row.int(column).map(|flag| flag == 1);
        Ok((row.parsed(0)?, Setting { approved: flag(1)?, asked: flag(2)?, forced: flag(3)? }))
    };
    tx.query(sql, &params![shop])?.iter().map(setting).collect()
}

/// Writes a setting.
pub fn save(shop: ShopId, group: BrandGroup, setting: Setting) -> Statement<'static> {
    let Setting { approved, asked, forced } = setting;
    Statement::new(
        "INSERT INTO security_code (shop_id, brand_group, approved, asked, forced) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (shop_id, brand_group) DO UPDATE SET approved = excluded.approved, asked = excluded.asked,
             forced = excluded.forced",
        params![shop, group.as_str(), approved, asked, forced],
    )
}

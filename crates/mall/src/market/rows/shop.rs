//! The rows of the mall's shops.

use kernel::ShopId;
use store::{ErrorKind, Row, Statement, StoreError, Tx, params};

use super::super::mall_shop::{MallShop, Model};
use crate::progress::Confirmation;

const COLUMNS: &str = "shop_id, rms_id, url, confirmation, trackable_mail, model, rules";

/// The statement that writes a new shop of the mall. Its six digits and its 店舗URL are nobody else's.
pub fn insert_shop(shop: &MallShop) -> Statement<'static> {
    Statement::new(
        "INSERT INTO mall_shop (shop_id, rms_id, url, confirmation, trackable_mail, model, rules, last_serial)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
        values(shop),
    )
}

/// The statement that saves what a shop of the mall set.
pub fn save_shop(shop: &MallShop) -> Statement<'static> {
    Statement::new(
        "UPDATE mall_shop SET rms_id = $2, url = $3, confirmation = $4, trackable_mail = $5, model = $6, rules = $7
         WHERE shop_id = $1",
        values(shop),
    )
}

fn values(shop: &MallShop) -> [store::Value; 7] {
    let rules = serde_json::to_string(&shop.rules).expect("rules are JSON");
    params![
        shop.id,
        shop.rms_id,
        &shop.url,
        shop.confirmation.as_str(),
        shop.trackable_mail,
        shop.model.as_str(),
        rules
    ]
}

/// The shop, if it is one of the mall's.
pub fn shop_of(tx: &mut Tx<'_>, shop: ShopId) -> Result<Option<MallShop>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM mall_shop WHERE shop_id = $1");
    tx.query_opt(&sql, &params![shop])?.as_ref().map(read).transpose()
}

/// The shop with this 店舗URL.
pub fn shop_of_url(tx: &mut Tx<'_>, url: &str) -> Result<Option<MallShop>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM mall_shop WHERE url = $1");
    tx.query_opt(&sql, &params![url])?.as_ref().map(read).transpose()
}

/// Every shop of the mall, in the order of their ids.
pub fn shops(tx: &mut Tx<'_>) -> Result<Vec<MallShop>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM mall_shop ORDER BY shop_id");
    tx.query(&sql, &[])?.iter().map(read).collect()
}

/// Takes the next `count` serials of order numbers of a shop; the first of them.
pub fn reserve_serials(tx: &mut Tx<'_>, shop: ShopId, count: u32) -> Result<Option<u64>, StoreError> {
    let sql = "UPDATE mall_shop SET last_serial = last_serial + $2 WHERE shop_id = $1 RETURNING last_serial";
    let Some(row) = tx.query_opt(sql, &params![shop, count])? else { return Ok(None) };
    Ok(Some(row.int(0)?.unsigned_abs() + 1 - u64::from(count)))
}

fn read(row: &Row) -> Result<MallShop, StoreError> {
    let corrupt = |what: &str| StoreError::new(ErrorKind::Corrupt, format!("{what} of a shop of the mall"));
    let (confirmation, model) = (row.text(3)?, row.text(5)?);
    Ok(MallShop {
        id: ShopId(row.int(0)?),
        rms_id: u32::try_from(row.int(1)?).map_err(|_| corrupt("the six digits"))?,
        url: row.text(2)?.to_owned(),
        confirmation: Confirmation::ALL
            .into_iter()
            .find(|known| known.as_str() == confirmation)
            .ok_or_else(|| corrupt("the confirmation"))?,
        trackable_mail: row.int(4)? != 0,
        model: Model::named(model).ok_or_else(|| corrupt("the model"))?,
        rules: serde_json::from_str(row.text(6)?).map_err(|_| corrupt("the rules"))?,
    })
}

//! The rows of licences.

use kernel::{Entropy, ShopId, Timestamp};
use shop::Vault;
use store::{ErrorKind, Row, Statement, StoreError, Tx, params};

use super::operations::Sealing;
use super::{Functions, Licence};

/// What of a shop on the mall licences need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The six digits of its order numbers.
    pub rms_id: i64,
    /// 店舗URL.
    pub url: String,
}

const COLUMNS: &str = "shop_id, licence_id, serial, functions, issued_us, ends_us";

/// The shop's place on the mall, if it has one.
pub fn place(tx: &mut Tx<'_>, shop: ShopId) -> Result<Option<Place>, StoreError> {
    let sql = "SELECT rms_id, url FROM mall_shop WHERE shop_id = $1";
    tx.query_opt(sql, &params![shop])?.as_ref().map(of_place).transpose()
}

/// The same, and others who change its licences wait until the commit.
pub fn hold_shop(tx: &mut Tx<'_>, shop: ShopId) -> Result<Option<Place>, StoreError> {
    let sql = format!("SELECT rms_id, url FROM mall_shop WHERE shop_id = $1{}", tx.for_update());
    tx.query_opt(&sql, &params![shop])?.as_ref().map(of_place).transpose()
}

fn of_place(row: &Row) -> Result<Place, StoreError> {
    Ok(Place { rms_id: row.int(0)?, url: row.text(1)?.to_owned() })
}

/// What the sealed serviceSecret is bound to.
pub(super) fn secret_purpose(shop: ShopId) -> String {
    format!("mall_service_secret/{shop}")
}

/// What a sealed key is bound to.
pub(super) fn key_purpose(shop: ShopId, id: &str) -> String {
    format!("mall_licence/{shop}/{id}")
}

/// Opens a value.
pub(super) fn open(vault: &Vault, purpose: &str, sealed: &[u8]) -> Result<String, StoreError> {
    let opened = vault.open(purpose, sealed).map_err(|error| corrupt(&error.to_string()))?;
    String::from_utf8(opened).map_err(|_| corrupt("a licence is no text"))
}

fn corrupt(message: &str) -> StoreError {
    StoreError::new(ErrorKind::Corrupt, message)
}

/// The sealed serviceSecret.
pub(super) fn service_secret(tx: &mut Tx<'_>, shop: ShopId) -> Result<Option<Vec<u8>>, StoreError> {
    let row = tx.query_opt("SELECT sealed FROM mall_service_secret WHERE shop_id = $1", &params![shop])?;
    row.map(|row| row.blob(0).map(<[u8]>::to_vec)).transpose()
}

/// A sealed key.
pub(super) fn sealed_key(tx: &mut Tx<'_>, shop: ShopId, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT sealed FROM mall_licence WHERE shop_id = $1 AND licence_id = $2";
    let row = tx.query_opt(sql, &params![shop, id])?;
    row.map(|row| row.blob(0).map(<[u8]>::to_vec)).transpose()
}

/// Writes the serviceSecret of a shop.
pub(super) fn insert_secret(sealing: Sealing<'_>, shop: ShopId, value: &str, now: Timestamp) -> Statement<'static> {
    let sealed = sealing.vault.seal(&secret_purpose(shop), value.as_bytes(), sealing.entropy);
    Statement::new(
        "INSERT INTO mall_service_secret (shop_id, sealed, look_up, created_us) VALUES ($1, $2, $3, $4)",
        params![shop, sealed, &sealing.vault.look_up(value)[..], now],
    )
}

/// Writes a key.
pub(super) fn insert(sealing: Sealing<'_>, licence: &Licence, value: &str) -> Statement<'static> {
    let Licence { shop, id, serial, functions, issued, ends } = licence;
    let sealed = sealing.vault.seal(&key_purpose(*shop, id), value.as_bytes(), sealing.entropy);
    Statement::new(
        "INSERT INTO mall_licence (shop_id, licence_id, serial, sealed, look_up, functions, issued_us, ends_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![*shop, id, *serial, sealed, &sealing.vault.look_up(value)[..], functions.to_string(), *issued, *ends],
    )
}

/// Writes functions and end of a key.
pub(super) fn save(licence: &Licence) -> Statement<'static> {
    Statement::new(
        "UPDATE mall_licence SET functions = $3, ends_us = $4 WHERE shop_id = $1 AND licence_id = $2",
        params![licence.shop, &licence.id, licence.functions.to_string(), licence.ends],
    )
}

/// Notes that the audit log tells of a key's end; false if it did already.
pub(super) fn note_end(tx: &mut Tx<'_>, shop: ShopId, id: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE mall_licence SET end_noted = 1 WHERE shop_id = $1 AND licence_id = $2 AND end_noted = 0";
    Ok(tx.execute(sql, &params![shop, id])? == 1)
}

/// The keys of a shop, newest first.
pub fn of_shop(tx: &mut Tx<'_>, shop: ShopId) -> Result<Vec<Licence>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM mall_licence WHERE shop_id = $1 ORDER BY serial DESC");
    tx.query(&sql, &params![shop])?.iter().map(licence).collect()
}

/// The newest key of a shop.
pub fn newest(tx: &mut Tx<'_>, shop: ShopId) -> Result<Option<Licence>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM mall_licence WHERE shop_id = $1 ORDER BY serial DESC LIMIT 1");
    tx.query_opt(&sql, &params![shop])?.as_ref().map(licence).transpose()
}

/// A key by its name.
pub fn find(tx: &mut Tx<'_>, shop: ShopId, id: &str) -> Result<Option<Licence>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM mall_licence WHERE shop_id = $1 AND licence_id = $2");
    tx.query_opt(&sql, &params![shop, id])?.as_ref().map(licence).transpose()
}

/// The key with this keyed hash, of the shop with these six digits, and the keyed hash of the shop's serviceSecret.
pub(super) fn find_by_look_up(
    tx: &mut Tx<'_>,
    rms_id: i64,
    look_up: &[u8],
) -> Result<Option<(Licence, Vec<u8>)>, StoreError> {
    let sql = "SELECT l.shop_id, l.licence_id, l.serial, l.functions, l.issued_us, l.ends_us, s.look_up
               FROM mall_shop m
               JOIN mall_licence l ON l.shop_id = m.shop_id
               JOIN mall_service_secret s ON s.shop_id = m.shop_id
               WHERE m.rms_id = $1 AND l.look_up = $2";
    let row = tx.query_opt(sql, &params![rms_id, look_up])?;
    row.map(|row| Ok((licence(&row)?, row.blob(6)?.to_vec()))).transpose()
}

fn licence(row: &Row) -> Result<Licence, StoreError> {
    let functions = Functions::named(row.text(3)?.split_whitespace());
    Ok(Licence {
        shop: ShopId(row.int(0)?),
        id: row.text(1)?.to_owned(),
        serial: row.int(2)?,
        functions: functions.map_err(|error| corrupt(&error.to_string()))?,
        issued: row.timestamp(4)?,
        ends: row.timestamp(5)?,
    })
}

/// Seals every value anew under the newest master key, for `choba secrets rotate`; how many.
pub fn reseal(tx: &mut Tx<'_>, vault: &Vault, entropy: &dyn Entropy) -> Result<usize, StoreError> {
    let secrets = tx.query("SELECT shop_id, sealed FROM mall_service_secret ORDER BY shop_id", &[])?;
    for row in &secrets {
        let shop = ShopId(row.int(0)?);
        let purpose = secret_purpose(shop);
        let value = open(vault, &purpose, row.blob(1)?)?;
        let sealed = vault.seal(&purpose, value.as_bytes(), entropy);
        let sql = "UPDATE mall_service_secret SET sealed = $2, look_up = $3 WHERE shop_id = $1";
        tx.execute(sql, &params![shop, sealed, &vault.look_up(&value)[..]])?;
    }
    let keys = tx.query("SELECT shop_id, licence_id, sealed FROM mall_licence ORDER BY shop_id, licence_id", &[])?;
    for row in &keys {
        let (shop, id) = (ShopId(row.int(0)?), row.text(1)?);
        let purpose = key_purpose(shop, id);
        let value = open(vault, &purpose, row.blob(2)?)?;
        let sealed = vault.seal(&purpose, value.as_bytes(), entropy);
        let sql = "UPDATE mall_licence SET sealed = $3, look_up = $4 WHERE shop_id = $1 AND licence_id = $2";
        tx.execute(sql, &params![shop, id, sealed, &vault.look_up(&value)[..]])?;
    }
    Ok(secrets.len() + keys.len())
}

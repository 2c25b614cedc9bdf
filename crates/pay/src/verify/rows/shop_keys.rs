//! Shops, their services, keys, tokens and clocks.

use store::{Row, StoreError, Tx, params};

use super::{PAGE, opt_text, text};

/// Ids of shops after `after`, with the spaces for which each has a service.
pub fn shops_after(tx: &mut Tx<'_>, after: i64) -> Result<Vec<(i64, Vec<String>)>, StoreError> {
    let sql = "SELECT s.shop_id, x.space FROM
                   (SELECT shop_id FROM shop WHERE shop_id > $1 ORDER BY shop_id LIMIT $2) AS s
               LEFT JOIN service x ON x.shop_id = s.shop_id ORDER BY s.shop_id, x.space";
    let mut shops: Vec<(i64, Vec<String>)> = Vec::new();
    for row in tx.query(sql, &params![after, PAGE as i64])? {
        let (shop, space) = (row.int(0)?, opt_text(&row, 1)?);
        if shops.last().is_none_or(|(last, _)| *last != shop) {
            shops.push((shop, Vec::new()));
        }
        if let Some((_, spaces)) = shops.last_mut() {
            spaces.extend(space);
        }
    }
    Ok(shops)
}

/// Rows of shop data whose shop is not there: the name of the table and the key, and the shop.
pub fn without_shop(tx: &mut Tx<'_>) -> Result<Vec<(String, i64)>, StoreError> {
    let of = |table: &str, key: &str| {
        format!(
            "SELECT '{table} ' || {key}, t.shop_id FROM {table} t LEFT JOIN shop s ON s.shop_id = t.shop_id
             WHERE s.shop_id IS NULL AND t.shop_id IS NOT NULL"
        )
    };
    let all = [
        of("service", "CAST(t.shop_id AS TEXT) || '/' || t.space"),
        of("credential", "CAST(t.shop_id AS TEXT) || '/' || t.environment || '/' || t.credential_id"),
        of("api_token", "t.token_id"),
        of("test_clock", "CAST(t.shop_id AS TEXT)"),
        of("buyer_card", "t.buyer_id || '/' || t.card_id"),
        of("checkout_origin", "CAST(t.shop_id AS TEXT) || '/' || t.environment || '/' || t.origin"),
        of("security_code", "CAST(t.shop_id AS TEXT) || '/' || t.brand_group"),
        of("mail_setting", "CAST(t.shop_id AS TEXT)"),
        of("order_view", "CAST(t.shop_id AS TEXT) || '/' || t.view_id"),
        of("shop_information", "CAST(t.shop_id AS TEXT)"),
        of("fee", "CAST(t.shop_id AS TEXT) || '/' || t.fee_id"),
        of("notice", "t.notice_id"),
        of("notice_read", "CAST(t.shop_id AS TEXT) || '/' || t.staff_id || '/' || t.notice_id"),
    ];
    let mut found = Vec::new();
    for sql in all {
        for row in tx.query(&format!("{sql} LIMIT 100"), &[])? {
            found.push((text(&row, 0)?, row.int(1)?));
        }
    }
    Ok(found)
}

/// Services after a key, in the order of their keys: shop, space and service id.
pub fn services_after(tx: &mut Tx<'_>, after: &(i64, String)) -> Result<Vec<(i64, String, String)>, StoreError> {
    let sql = "SELECT shop_id, space, service_id FROM service WHERE (shop_id, space) > ($1, $2)
               ORDER BY shop_id, space LIMIT $3";
    let rows = tx.query(sql, &params![after.0, &after.1, PAGE as i64])?;
    rows.iter().map(|row| Ok((row.int(0)?, text(row, 1)?, text(row, 2)?))).collect()
}

/// A row of `credential`.
#[derive(Clone)]
pub struct CredentialRow {
    pub shop: i64,
    pub environment: String,
    pub id: String,
    pub kind: String,
    pub sealed: Vec<u8>,
    pub expires_us: Option<i64>,
}

/// Credentials after a key, in the order of their keys.
pub fn credentials_after(tx: &mut Tx<'_>, after: &(i64, String, String)) -> Result<Vec<CredentialRow>, StoreError> {
    let sql = "SELECT shop_id, environment, credential_id, kind, sealed, expires_us FROM credential
               WHERE (shop_id, environment, credential_id) > ($1, $2, $3)
               ORDER BY shop_id, environment, credential_id LIMIT $4";
    let rows = tx.query(sql, &params![after.0, &after.1, &after.2, PAGE as i64])?;
    rows.iter().map(|row| credential(row, 0)).collect()
}

fn credential(row: &Row, first: usize) -> Result<CredentialRow, StoreError> {
    Ok(CredentialRow {
        shop: row.int(first)?,
        environment: text(row, first + 1)?,
        id: text(row, first + 2)?,
        kind: text(row, first + 3)?,
        sealed: row.blob(first + 4)?.to_vec(),
        expires_us: row.opt_int(first + 5)?,
    })
}

/// A row of `key_index`, and the credential that it leads to.
pub struct IndexRow {
    pub look_up: Vec<u8>,
    pub shop: i64,
    pub environment: String,
    pub credential_id: String,
    pub expires_us: Option<i64>,
    pub credential: Option<CredentialRow>,
}

const INDEX: &str = "SELECT k.look_up, k.shop_id, k.environment, k.credential_id, k.expires_us,
    c.shop_id, c.environment, c.credential_id, c.kind, c.sealed, c.expires_us
    FROM key_index k LEFT JOIN credential c
        ON c.shop_id = k.shop_id AND c.environment = k.environment AND c.credential_id = k.credential_id";

/// Rows of the index after a keyed hash, in the order of their hashes.
pub fn index_after(tx: &mut Tx<'_>, after: &[u8]) -> Result<Vec<IndexRow>, StoreError> {
    let sql = format!("{INDEX} WHERE k.look_up > $1 ORDER BY k.look_up LIMIT $2");
    tx.query(&sql, &params![after, PAGE as i64])?.iter().map(index).collect()
}

/// The row of the index with a keyed hash.
pub fn index_of(tx: &mut Tx<'_>, look_up: &[u8]) -> Result<Option<IndexRow>, StoreError> {
    let row = tx.query_opt(&format!("{INDEX} WHERE k.look_up = $1"), &params![look_up])?;
    row.as_ref().map(index).transpose()
}

fn index(row: &Row) -> Result<IndexRow, StoreError> {
    let credential = row.opt_int(5)?.map(|_| credential(row, 5)).transpose()?;
    Ok(IndexRow {
        look_up: row.blob(0)?.to_vec(),
        shop: row.int(1)?,
        environment: text(row, 2)?,
        credential_id: text(row, 3)?,
        expires_us: row.opt_int(4)?,
        credential,
    })
}

/// Tokens after an id: the id, the length of its keyed hash, its scopes.
pub fn tokens_after(tx: &mut Tx<'_>, after: &str) -> Result<Vec<(String, i64, String)>, StoreError> {
    let sql = "SELECT token_id, length(look_up), scopes FROM api_token WHERE token_id > $1 ORDER BY token_id LIMIT $2";
    let rows = tx.query(sql, &params![after, PAGE as i64])?;
    rows.iter().map(|row| Ok((text(row, 0)?, row.int(1)?, text(row, 2)?))).collect()
}

//! The rows of mails to the staff.

use kernel::{Entropy, ShopId, Timestamp};
use store::{ErrorKind, Row, Statement, StoreError, Tx, params};

use super::{Kept, Kind, purpose};
use crate::vault::Vault;

pub(super) fn insert(
    shop: ShopId,
    id: &str,
    kind: Kind,
    sealed: Vec<u8>,
    (now, expires): (Timestamp, Timestamp),
) -> Statement<'static> {
    Statement::new(
        "INSERT INTO staff_mail (shop_id, mail_id, kind, state, sealed, error, created_us, expires_us)
         VALUES ($1, $2, $3, 'waiting', $4, NULL, $5, $6)",
        params![shop, id, kind.as_str(), sealed, now, expires],
    )
}

const SELECT: &str = "SELECT shop_id, mail_id, kind, state, sealed, error, created_us, expires_us FROM staff_mail";

fn kept(row: &Row, vault: &Vault) -> Result<Kept, StoreError> {
    let corrupt = |what: String| StoreError::new(ErrorKind::Corrupt, what);
    let (shop, id) = (ShopId(row.int(0)?), row.text(1)?.to_owned());
    let kind = Kind::ALL.into_iter().find(|kind| row.text(2).is_ok_and(|word| word == kind.as_str()));
    let letter = row.opt_blob(4)?.map(|sealed| {
        let text = vault.open(&purpose(shop, &id), sealed).map_err(|error| corrupt(error.to_string()))?;
        serde_json::from_slice(&text).map_err(|error| corrupt(format!("staff_mail {shop}/{id}: {error}")))
    });
    Ok(Kept {
        kind: kind.ok_or_else(|| corrupt(format!("staff_mail {shop}/{id}: its kind")))?,
        state: row.text(3)?.to_owned(),
        letter: letter.transpose()?,
        error: row.opt_text(5)?.map(str::to_owned),
        created: row.timestamp(6)?,
        expires: row.timestamp(7)?,
        shop,
        id,
    })
}

/// A mail.
pub fn find(tx: &mut Tx<'_>, vault: &Vault, shop: ShopId, id: &str) -> Result<Option<Kept>, StoreError> {
    let row = tx.query_opt(&format!("{SELECT} WHERE shop_id = $1 AND mail_id = $2"), &params![shop, id])?;
    row.map(|row| kept(&row, vault)).transpose()
}

/// The newest mails of every shop, for the operator.
pub fn newest(tx: &mut Tx<'_>, vault: &Vault, limit: i64) -> Result<Vec<Kept>, StoreError> {
    let rows = tx.query(&format!("{SELECT} ORDER BY created_us DESC, mail_id LIMIT $1"), &params![limit])?;
    rows.iter().map(|row| kept(row, vault)).collect()
}

/// Notes what became of a mail. What was sent, or is over, says nothing any more.
pub fn note(shop: ShopId, id: &str, state: &str, error: Option<&str>) -> Statement<'static> {
    Statement::new(
        "UPDATE staff_mail SET state = $3, error = $4,
             sealed = CASE WHEN $3 IN ('waiting', 'kept') THEN sealed ELSE NULL END
         WHERE shop_id = $1 AND mail_id = $2",
        params![shop, id, state, error.map(str::to_owned)],
    )
}

/// Erases what mails say whose links have ended.
pub fn forget(now: Timestamp) -> Statement<'static> {
    Statement::new("UPDATE staff_mail SET sealed = NULL WHERE expires_us <= $1 AND sealed IS NOT NULL", params![now])
}

/// Seals every mail that still says something under the newest master key; how many there are.
pub fn reseal(tx: &mut Tx<'_>, vault: &Vault, entropy: &dyn Entropy) -> Result<usize, StoreError> {
    let rows = tx.query("SELECT shop_id, mail_id, sealed FROM staff_mail WHERE sealed IS NOT NULL", &[])?;
    for row in &rows {
        let (shop, id) = (ShopId(row.int(0)?), row.text(1)?);
        let text = vault.open(&purpose(shop, id), row.blob(2)?);
        let text = text.map_err(|error| StoreError::new(ErrorKind::Corrupt, error.to_string()))?;
        let sealed = vault.seal(&purpose(shop, id), &text, entropy);
        tx.execute(
            "UPDATE staff_mail SET sealed = $3 WHERE shop_id = $1 AND mail_id = $2",
            &params![shop, id, sealed],
        )?;
    }
    Ok(rows.len())
}

/// Mails that say something that does not open: for who recounts the database.
pub fn sealed_wrong(tx: &mut Tx<'_>, vault: &Vault, limit: i64) -> Result<Vec<(ShopId, String)>, StoreError> {
    let mut wrong = Vec::new();
    for row in
        tx.query(&format!("{SELECT} WHERE sealed IS NOT NULL ORDER BY shop_id, mail_id LIMIT $1"), &params![limit])?
    {
        if kept(&row, vault).is_err() {
            wrong.push((ShopId(row.int(0)?), row.text(1)?.to_owned()));
        }
    }
    Ok(wrong)
}

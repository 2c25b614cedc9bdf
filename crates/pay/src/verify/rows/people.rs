//! Staff and sessions that cannot be.

use store::{StoreError, Tx, params};

use crate::orders::view::NewView;
use crate::verify::report::FINDINGS_MAX;

/// Accounts without a shop, an address in lower case, or a hash of their password.
pub fn broken_staff(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT s.staff_id FROM staff s
               WHERE NOT EXISTS (SELECT 1 FROM shop h WHERE h.shop_id = s.shop_id)
                   OR s.email <> lower(s.email) OR s.email NOT LIKE '%_@_%' OR s.password NOT LIKE '$argon2id$%'
               ORDER BY s.staff_id LIMIT $1";
    tx.query(sql, &params![FINDINGS_MAX as i64])?.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
}

/// Sessions without an account, or used before they began.
pub fn broken_sessions(tx: &mut Tx<'_>) -> Result<Vec<Vec<u8>>, StoreError> {
    let sql = "SELECT e.look_up FROM staff_session e
               WHERE e.seen_us < e.created_us OR NOT EXISTS (SELECT 1 FROM staff s WHERE s.staff_id = e.staff_id)
               ORDER BY e.look_up LIMIT $1";
    tx.query(sql, &params![FINDINGS_MAX as i64])?.iter().map(|row| Ok(row.blob(0)?.to_vec())).collect()
}

/// Saved searches that cannot be read, or of somebody who is not of the shop: shop, id and what is wrong.
pub fn broken_views(tx: &mut Tx<'_>) -> Result<Vec<(i64, String, &'static str)>, StoreError> {
    let sql = "SELECT v.shop_id, v.view_id, v.name, v.search,
                   CASE WHEN v.staff_id IS NULL OR s.staff_id IS NOT NULL THEN 1 ELSE 0 END
               FROM order_view v LEFT JOIN staff s ON s.staff_id = v.staff_id AND s.shop_id = v.shop_id
               ORDER BY v.shop_id, v.view_id";
    let mut broken = Vec::new();
    for row in tx.query(sql, &[])? {
        let of = |problem| Ok::<_, StoreError>((row.int(0)?, row.text(1)?.to_owned(), problem));
        if NewView::new(None, row.text(2)?, row.text(3)?).is_err() {
            broken.push(of("its name or its search cannot be read")?);
        } else if row.int(4)? == 0 {
            broken.push(of("it is of nobody in the shop")?);
        }
    }
    broken.truncate(FINDINGS_MAX);
    Ok(broken)
}

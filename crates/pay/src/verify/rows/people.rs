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

/// Secrets of authenticator apps: account and sealed secret.
pub fn totps(tx: &mut Tx<'_>) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    shop::staff::rows::totps(tx)
}

/// What belongs to an account or a shop that is not there, or cannot be: table and key, and what is the matter.
pub fn broken_links(tx: &mut Tx<'_>) -> Result<Vec<(String, String)>, StoreError> {
    let all = [
        "SELECT 'staff_recovery of ' || r.staff_id, 'its account is not there, or has no two-step login'
         FROM staff_recovery r LEFT JOIN staff s ON s.staff_id = r.staff_id WHERE s.totp IS NULL
         ORDER BY r.staff_id LIMIT $1",
        "SELECT 'staff_invitation ' || i.invitation_id, 'it has no shop, or ends before it began'
         FROM staff_invitation i LEFT JOIN shop s ON s.shop_id = i.shop_id
         WHERE s.shop_id IS NULL OR i.expires_us <= i.created_us ORDER BY i.invitation_id LIMIT $1",
        "SELECT 'staff_reset of ' || r.staff_id, 'its account is not there, or it ends before it began'
         FROM staff_reset r LEFT JOIN staff s ON s.staff_id = r.staff_id
         WHERE s.staff_id IS NULL OR r.expires_us <= r.created_us ORDER BY r.staff_id LIMIT $1",
        "SELECT 'staff_mail ' || CAST(m.shop_id AS TEXT) || '/' || m.mail_id, 'it disagrees with its message'
         FROM staff_mail m LEFT JOIN outbox o ON o.shop_id = m.shop_id AND o.outbox_id = m.mail_id
         WHERE o.outbox_id IS NULL OR o.topic <> 'staff_mail'
             OR (m.state = 'waiting') <> (o.state IN ('waiting', 'queued'))
             OR (m.state IN ('kept', 'sent')) <> (o.state = 'sent')
         ORDER BY m.mail_id LIMIT $1",
        "SELECT 'outbox ' || CAST(o.shop_id AS TEXT) || '/' || o.outbox_id, 'the mail to the staff is missing'
         FROM outbox o LEFT JOIN staff_mail m ON m.shop_id = o.shop_id AND m.mail_id = o.outbox_id
         WHERE o.topic = 'staff_mail' AND m.mail_id IS NULL ORDER BY o.outbox_id LIMIT $1",
    ];
    let mut found = Vec::new();
    for sql in all {
        for row in tx.query(sql, &params![FINDINGS_MAX as i64])? {
            found.push((row.text(0)?.to_owned(), row.text(1)?.to_owned()));
        }
    }
    Ok(found)
}

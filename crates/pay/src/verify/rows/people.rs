//! Staff and sessions that cannot be.

use store::{StoreError, Tx, params};

use crate::orders::view::NewView;
use crate::prune::SENT_KEPT_MICROS;
use crate::verify::report::FINDINGS_MAX;
use crate::verify::timer::CLOCKS_APART;

/// Accounts without a shop, an address in lower case, or a hash of their password.
pub fn broken_staff(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT s.staff_id FROM staff s
               WHERE NOT EXISTS (SELECT 1 FROM shop h WHERE h.shop_id = s.shop_id)
                   OR s.email <> lower(s.email) OR s.email NOT LIKE '%_@_%' OR s.password NOT LIKE '$argon2id$%'
               ORDER BY s.staff_id LIMIT $1";
    tx.query(sql, &params![FINDINGS_MAX as i64])?.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
}

/// Notices that were read and are not there: shop, member of the staff and notice.
pub fn broken_reads(tx: &mut Tx<'_>) -> Result<Vec<(i64, String)>, StoreError> {
    let sql = "SELECT r.shop_id, r.staff_id || '/' || r.notice_id FROM notice_read r
               WHERE NOT EXISTS (SELECT 1 FROM notice n WHERE n.notice_id = r.notice_id)
               ORDER BY r.shop_id, r.staff_id, r.notice_id LIMIT $1";
    let rows = tx.query(sql, &params![FINDINGS_MAX as i64])?;
    rows.iter().map(|row| Ok((row.int(0)?, row.text(1)?.to_owned()))).collect()
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

/// A recovery code, invitation or reset that belongs to nobody or cannot be.
pub struct BrokenLink {
    pub table: &'static str,
    pub look_up: Vec<u8>,
    pub problem: &'static str,
}

/// Those that there are.
pub fn broken_links(tx: &mut Tx<'_>) -> Result<Vec<BrokenLink>, StoreError> {
    let all = [
        (
            "staff_recovery",
            "its account is not there, or has no two-step login",
            "SELECT r.look_up FROM staff_recovery r LEFT JOIN staff s ON s.staff_id = r.staff_id
             WHERE s.totp IS NULL ORDER BY r.look_up LIMIT $1",
        ),
        (
            "staff_invitation",
            "it has no shop, or ends before it began",
            "SELECT i.look_up FROM staff_invitation i LEFT JOIN shop s ON s.shop_id = i.shop_id
             WHERE s.shop_id IS NULL OR i.expires_us <= i.created_us ORDER BY i.look_up LIMIT $1",
        ),
        (
            "staff_reset",
            "its account is not there, or it ends before it began",
            "SELECT r.look_up FROM staff_reset r LEFT JOIN staff s ON s.staff_id = r.staff_id
             WHERE s.staff_id IS NULL OR r.expires_us <= r.created_us ORDER BY r.look_up LIMIT $1",
        ),
    ];
    let mut found = Vec::new();
    for (table, problem, sql) in all {
        for row in tx.query(sql, &params![FINDINGS_MAX as i64])? {
            found.push(BrokenLink { table, look_up: row.blob(0)?.to_vec(), problem });
        }
    }
    Ok(found)
}

/// Mails to the staff that disagree with their messages, or one of the two is missing: shop and id of both. Messages that were
/// sent go after a time ([`crate::prune`]).
pub fn broken_mails(tx: &mut Tx<'_>) -> Result<Vec<(i64, String)>, StoreError> {
    let sql = "SELECT m.shop_id, m.mail_id FROM staff_mail m
                   LEFT JOIN outbox o ON o.shop_id = m.shop_id AND o.outbox_id = m.mail_id
               WHERE (o.outbox_id IS NULL AND (m.created_us >= $2 OR m.state NOT IN ('kept', 'sent')))
                   OR o.topic <> 'staff_mail' OR o.world <> 'live' OR o.body <> '{}'
                   OR o.lane <> o.outbox_id OR o.created_us <> m.created_us OR m.expires_us <= m.created_us
                   OR CASE m.state WHEN 'waiting' THEN 'waiting' WHEN 'kept' THEN 'sent' WHEN 'sent' THEN 'sent'
                          ELSE 'failed' END <> o.state
                   OR (m.state IN ('waiting', 'kept')) < (m.sealed IS NOT NULL)
               UNION ALL
               SELECT o.shop_id, o.outbox_id FROM outbox o
                   LEFT JOIN staff_mail m ON m.shop_id = o.shop_id AND m.mail_id = o.outbox_id
               WHERE o.topic = 'staff_mail' AND m.mail_id IS NULL LIMIT $1";
    disagreeing(tx, sql)
}

/// Mails that tell of notices and disagree with their messages, or with the notice and the reader that they name, or one of
/// them is missing: shop and id of mail and message.
pub fn broken_news(tx: &mut Tx<'_>) -> Result<Vec<(i64, String)>, StoreError> {
    let sql = "SELECT m.shop_id, m.mail_id FROM news_mail m
                   LEFT JOIN notice n ON n.notice_id = m.notice_id
                   LEFT JOIN staff s ON s.staff_id = m.staff_id AND s.shop_id = m.shop_id
                   LEFT JOIN outbox o ON o.shop_id = m.shop_id AND o.outbox_id = m.mail_id
               WHERE n.notice_id IS NULL OR s.staff_id IS NULL OR n.shop_id <> m.shop_id
                   OR m.mail_id <> substr(m.notice_id, 5) || '-nm-' || substr(m.staff_id, 5)
                   OR m.created_us <> n.created_us
                   OR (o.outbox_id IS NULL AND (m.created_us >= $2 OR m.state NOT IN ('kept', 'sent', 'dropped')))
                   OR o.topic <> 'news_mail' OR o.world <> 'live' OR o.lane <> o.outbox_id
                   OR o.created_us <> m.created_us OR o.due_us < n.from_us
                   OR o.body <> '{\"notice\":\"' || m.notice_id || '\",\"staff\":\"' || m.staff_id || '\"}'
                   OR CASE m.state WHEN 'waiting' THEN 'waiting' WHEN 'refused' THEN 'failed' WHEN 'given_up' THEN 'failed'
                          ELSE 'sent' END <> o.state
               UNION ALL
               SELECT o.shop_id, o.outbox_id FROM outbox o
                   LEFT JOIN news_mail m ON m.shop_id = o.shop_id AND m.mail_id = o.outbox_id
               WHERE o.topic = 'news_mail' AND m.mail_id IS NULL LIMIT $1";
    disagreeing(tx, sql)
}

/// What a statement finds that gives back shop and id; `$2` is the instant before which messages that were sent may be gone.
fn disagreeing(tx: &mut Tx<'_>, sql: &str) -> Result<Vec<(i64, String)>, StoreError> {
    let kept_since = tx.machine_now().plus_micros(CLOCKS_APART - SENT_KEPT_MICROS);
    let rows = tx.query(sql, &params![FINDINGS_MAX as i64, kept_since])?;
    rows.iter().map(|row| Ok((row.int(0)?, row.text(1)?.to_owned()))).collect()
}

/// Mails to the staff that do not open.
pub fn sealed_mails(tx: &mut Tx<'_>, vault: &shop::Vault) -> Result<Vec<(i64, String)>, StoreError> {
    let wrong = shop::staff::mail::rows::sealed_wrong(tx, vault, FINDINGS_MAX as i64)?;
    Ok(wrong.into_iter().map(|(shop, id)| (shop.0, id)).collect())
}

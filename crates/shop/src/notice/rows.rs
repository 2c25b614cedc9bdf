//! The rows of notices.

use kernel::{ShopId, Timestamp};
use store::{Row, Statement, StoreError, Tx, params};

use super::Notice;

const COLUMNS: &str = "n.notice_id, n.shop_id, n.severity, n.title, n.body, n.from_us, n.until_us, n.withdrawn_us,
    n.created_us";

/// A notice that is shown to a shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What it says.
    pub notice: Notice,
    /// When the member of the staff who asks has read it.
    pub read: Option<Timestamp>,
}

/// What is shown to `shop` now, what `staff` has not read first, then the newest.
pub fn shown(tx: &mut Tx<'_>, shop: ShopId, staff: &str, limit: i64) -> Result<Vec<Shown>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, r.read_us FROM notice n
         LEFT JOIN notice_read r ON r.shop_id = $1 AND r.staff_id = $2 AND r.notice_id = n.notice_id
         WHERE n.from_us <= $3 AND (n.until_us IS NULL OR n.until_us > $3) AND n.withdrawn_us IS NULL
             AND (n.shop_id IS NULL OR n.shop_id = $1)
         ORDER BY CASE WHEN r.read_us IS NULL THEN 0 ELSE 1 END, n.from_us DESC, n.notice_id DESC LIMIT $4"
    );
    let now = tx.machine_now();
    let rows = tx.query(&sql, &params![shop, staff, now, limit])?;
    rows.iter().map(|row| Ok(Shown { notice: read(row)?, read: row.opt_int(9)?.map(Timestamp::from_micros) })).collect()
}

/// Every notice, the newest first; `before` is the name of one that was seen.
pub fn page(tx: &mut Tx<'_>, before: Option<&str>, limit: i64) -> Result<Vec<Notice>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM notice n WHERE n.notice_id < $1 ORDER BY n.notice_id DESC LIMIT $2");
    // Names begin with `ntc_`, which is before this one; PostgreSQL's texts hold no NUL.
    let before = before.filter(|name| !name.contains('\0')).unwrap_or("ntd");
    tx.query(&sql, &params![before, limit])?.iter().map(read).collect()
}

/// A notice by its name.
pub fn find(tx: &mut Tx<'_>, id: &str) -> Result<Option<Notice>, StoreError> {
    // PostgreSQL's texts hold no NUL, so nothing has such a name.
    if id.contains('\0') {
        return Ok(None);
    }
    let sql = format!("SELECT {COLUMNS} FROM notice n WHERE n.notice_id = $1");
    tx.query_opt(&sql, &params![id])?.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Notice, StoreError> {
    let at = |column| Ok::<_, StoreError>(row.opt_int(column)?.map(Timestamp::from_micros));
    Ok(Notice {
        id: row.text(0)?.to_owned(),
        shop: row.opt_int(1)?.map(ShopId),
        severity: row.parsed(2)?,
        title: row.text(3)?.to_owned(),
        body: row.text(4)?.to_owned(),
        from: row.timestamp(5)?,
        until: at(6)?,
        withdrawn: at(7)?,
        created: row.timestamp(8)?,
    })
}

/// Writes a new one.
pub fn insert(notice: &Notice) -> Statement<'static> {
    let Notice { id, shop, severity, title, body, from, until, created, .. } = notice;
    Statement::new(
        "INSERT INTO notice (notice_id, shop_id, severity, title, body, from_us, until_us, created_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        params![id, *shop, severity.as_str(), title, body, *from, *until, *created],
    )
}

/// Withdraws one.
pub fn withdraw(id: &str, at: Timestamp) -> Statement<'static> {
    let sql = "UPDATE notice SET withdrawn_us = $2 WHERE notice_id = $1 AND withdrawn_us IS NULL";
    Statement::new(sql, params![id, at])
}

/// Notes that somebody has read one; the first time counts.
pub fn mark_read(shop: ShopId, staff: &str, notice: &str, at: Timestamp) -> Statement<'static> {
    Statement::new(
        "INSERT INTO notice_read (shop_id, staff_id, notice_id, read_us) VALUES ($1, $2, $3, $4)
         ON CONFLICT (shop_id, staff_id, notice_id) DO NOTHING",
        params![shop, staff, notice, at],
    )
}

/// Forgets that somebody has read one.
pub fn mark_unread(shop: ShopId, staff: &str, notice: &str) -> Statement<'static> {
    Statement::new(
        "DELETE FROM notice_read WHERE shop_id = $1 AND staff_id = $2 AND notice_id = $3",
        params![shop, staff, notice],
    )
}

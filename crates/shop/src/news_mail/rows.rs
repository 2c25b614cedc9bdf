//! The rows of mails that tell of notices.

use kernel::{ShopId, Timestamp};
use store::{Row, Statement, StoreError, Tx, params};

use super::{Order, Outcome};

/// A mail as the operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Whose shop's.
    pub shop: ShopId,
    /// What the notice is called.
    pub title: String,
    /// Where it goes; empty once the reader has no access any more.
    pub to: String,
    /// What became of it.
    pub outcome: Outcome,
    /// What the mail server said last, without an address.
    pub error: Option<String>,
    /// From when its notice is shown, machine time.
    pub due: Timestamp,
}

pub(super) fn insert(shop: ShopId, id: &str, order: &Order, created: Timestamp) -> Statement<'static> {
    Statement::new(
        "INSERT INTO news_mail (shop_id, mail_id, notice_id, staff_id, state, error, created_us)
         VALUES ($1, $2, $3, $4, 'waiting', NULL, $5)",
        params![shop, id, &order.notice, &order.staff, created],
    )
}

/// Notes what became of a mail.
pub fn note(shop: ShopId, id: &str, outcome: Outcome, error: Option<&str>) -> Statement<'static> {
    Statement::new(
        "UPDATE news_mail SET state = $3, error = $4 WHERE shop_id = $1 AND mail_id = $2",
        params![shop, id, outcome.as_str(), error.map(str::to_owned)],
    )
}

/// The newest mails of every shop, for the operator.
pub fn newest(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Kept>, StoreError> {
    let sql =
        "SELECT m.shop_id, n.title, CASE WHEN s.ended_us IS NULL THEN s.email ELSE '' END, m.state, m.error, n.from_us
               FROM (SELECT shop_id, mail_id, notice_id, staff_id, state, error, created_us FROM news_mail
                         ORDER BY created_us DESC, mail_id DESC LIMIT $1) AS m
               JOIN notice n ON n.notice_id = m.notice_id
               JOIN staff s ON s.staff_id = m.staff_id
               ORDER BY m.created_us DESC, m.mail_id DESC";
    let kept = |row: &Row| {
        Ok(Kept {
            shop: ShopId(row.int(0)?),
            title: row.text(1)?.to_owned(),
            to: row.text(2)?.to_owned(),
            outcome: row.parsed(3)?,
            error: row.opt_text(4)?.map(str::to_owned),
            due: row.timestamp(5)?,
        })
    };
    tx.query(sql, &params![limit])?.iter().map(kept).collect()
}

//! The rows of staff and of their sessions.

use kernel::{ShopId, Timestamp};
use store::{Row, Statement, StoreError, Tx, params};

use super::{Email, Staff};
use crate::role::Duties;

const COLUMNS: &str = "s.staff_id, s.shop_id, s.email, s.must_change, s.name, s.roles, s.operator";

fn read(row: &Row) -> Result<Staff, StoreError> {
    let duties = Duties::split(row.text(5)?, row.int(6)? == 1);
    Ok(Staff {
        id: row.text(0)?.to_owned(),
        shop: ShopId(row.int(1)?),
        email: row.parsed(2)?,
        must_change: row.int(3)? == 1,
        name: row.text(4)?.to_owned(),
        duties: duties.map_err(|error| StoreError::new(store::ErrorKind::Programming, error.to_string()))?,
    })
}

/// Writes a new account.
pub fn insert(staff: &Staff, password_hash: &str, now: Timestamp) -> Statement<'static> {
    Statement::new(
        "INSERT INTO staff (staff_id, shop_id, email, password, must_change, created_us, changed_us, name, roles, operator)
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9)",
        params![
            &staff.id,
            staff.shop,
            staff.email.as_str(),
            password_hash,
            staff.must_change,
            now,
            &staff.name,
            staff.duties.joined(),
            staff.duties.is_operator()
        ],
    )
}

/// The account of `email` with the hash of its password.
pub fn find(tx: &mut Tx<'_>, email: &Email) -> Result<Option<(Staff, String)>, StoreError> {
    let sql = format!("SELECT {COLUMNS}, s.password FROM staff s WHERE s.email = $1");
    let row = tx.query_opt(&sql, &params![email.as_str()])?;
    row.map(|row| Ok((read(&row)?, row.text(7)?.to_owned()))).transpose()
}

/// Every account, in the order of shop and address.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Staff>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM staff s ORDER BY s.shop_id, s.email");
    tx.query(&sql, &[])?.iter().map(read).collect()
}

/// Gives an account another password.
pub fn set_password(id: &str, password_hash: &str, must_change: bool, now: Timestamp) -> Statement<'static> {
    Statement::new(
        "UPDATE staff SET password = $2, must_change = $3, changed_us = $4 WHERE staff_id = $1",
        params![id, password_hash, must_change, now],
    )
}

/// Begins a session.
pub fn insert_session(look_up: &[u8], staff_id: &str, now: Timestamp) -> Statement<'static> {
    Statement::new(
        "INSERT INTO staff_session (look_up, staff_id, created_us, seen_us) VALUES ($1, $2, $3, $3)",
        params![look_up, staff_id, now],
    )
}

/// A session as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose it is.
    pub staff: Staff,
    /// What the shop is called.
    pub shop_name: String,
    /// Since when its registration for Live is complete, if it is.
    pub live_since: Option<Timestamp>,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used.
    pub seen: Timestamp,
}

/// The session under `look_up`, whether it goes on or not.
pub fn find_session(tx: &mut Tx<'_>, look_up: &[u8]) -> Result<Option<Session>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, h.name, e.created_us, e.seen_us, h.live_since_us FROM staff_session e
         JOIN staff s ON s.staff_id = e.staff_id JOIN shop h ON h.shop_id = s.shop_id WHERE e.look_up = $1"
    );
    let row = tx.query_opt(&sql, &params![look_up])?;
    row.map(|row| {
        let (staff, shop_name) = (read(&row)?, row.text(7)?.to_owned());
        let live_since = row.opt_int(10)?.map(Timestamp::from_micros);
        Ok(Session { staff, shop_name, live_since, created: row.timestamp(8)?, seen: row.timestamp(9)? })
    })
    .transpose()
}

/// Notes that a session was used.
pub fn touch_session(look_up: &[u8], now: Timestamp) -> Statement<'static> {
    Statement::new("UPDATE staff_session SET seen_us = $2 WHERE look_up = $1", params![look_up, now])
}

/// Ends a session.
pub fn end_session(look_up: &[u8]) -> Statement<'static> {
    Statement::new("DELETE FROM staff_session WHERE look_up = $1", params![look_up])
}

/// Ends every session of an account.
pub fn end_sessions(staff_id: &str) -> Statement<'static> {
    Statement::new("DELETE FROM staff_session WHERE staff_id = $1", params![staff_id])
}

/// Removes sessions that were last used before `before`.
pub fn forget_sessions(before: Timestamp) -> Statement<'static> {
    Statement::new("DELETE FROM staff_session WHERE seen_us < $1", params![before])
}

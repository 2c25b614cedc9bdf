//! The rows of staff and of their sessions.

use kernel::{ShopId, Timestamp};
use store::{Row, Statement, StoreError, Tx, params};

use super::team::Member;
use super::{Email, Staff};
use crate::role::Duties;

const COLUMNS: &str = "s.staff_id, s.shop_id, s.email, s.must_change, s.name, s.roles, s.operator,
    CASE WHEN s.totp IS NULL THEN 0 ELSE 1 END";
/// How many [`COLUMNS`] are.
const OWN: usize = 8;

fn read(row: &Row) -> Result<Staff, StoreError> {
    let duties = Duties::split(row.text(5)?, row.int(6)? == 1);
    Ok(Staff {
        id: row.text(0)?.to_owned(),
        shop: ShopId(row.int(1)?),
        email: row.parsed(2)?,
        must_change: row.int(3)? == 1,
        name: row.text(4)?.to_owned(),
        two_step: row.int(7)? == 1,
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

/// The account of `email` with the hash of its password; none of who has no access any more.
pub fn find(tx: &mut Tx<'_>, email: &Email) -> Result<Option<(Staff, String)>, StoreError> {
    let sql = format!("SELECT {COLUMNS}, s.password FROM staff s WHERE s.email = $1 AND s.ended_us IS NULL");
    let row = tx.query_opt(&sql, &params![email.as_str()])?;
    row.map(|row| Ok((read(&row)?, row.text(OWN)?.to_owned()))).transpose()
}

/// Every account that has access, in the order of shop and address.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Staff>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM staff s WHERE s.ended_us IS NULL ORDER BY s.shop_id, s.email");
    tx.query(&sql, &[])?.iter().map(read).collect()
}

/// Gives an account another password.
pub fn set_password(id: &str, password_hash: &str, must_change: bool, now: Timestamp) -> Statement<'static> {
    Statement::new(
        "UPDATE staff SET password = $2, must_change = $3, changed_us = $4 WHERE staff_id = $1",
        params![id, password_hash, must_change, now],
    )
}

/// How a session begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewSession {
    /// Its name in lists: `ses_…`.
    pub id: String,
    /// What the browser called itself.
    pub device: String,
    /// Where it is.
    pub address: String,
    /// Whether it waits for the code of the second step.
    pub waits: bool,
}

/// Begins a session.
pub fn insert_session(look_up: &[u8], staff_id: &str, session: &NewSession, now: Timestamp) -> Statement<'static> {
    let NewSession { id, device, address, waits } = session;
    Statement::new(
        "INSERT INTO staff_session (look_up, staff_id, created_us, seen_us, session_id, device, address, waits)
         VALUES ($1, $2, $3, $3, $4, $5, $6, $7)",
        params![look_up, staff_id, now, id, device, address, *waits],
    )
}

/// A session as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its name in lists.
    pub id: String,
    /// Whose it is.
    pub staff: Staff,
    /// What the shop is called.
    pub shop_name: String,
    /// Since when its registration for Live is complete, if it is.
    pub live_since: Option<Timestamp>,
    /// Whether Live opens only for who has the two-step login.
    pub live_two_step: bool,
    /// Whether it waits for the code of the second step: then it opens nothing yet.
    pub waits: bool,
    /// When who is logged in last proved again who they are.
    pub confirmed: Timestamp,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used.
    pub seen: Timestamp,
}

/// The session under `look_up`, whether it goes on or not; none of who has no access any more.
pub fn find_session(tx: &mut Tx<'_>, look_up: &[u8]) -> Result<Option<Session>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, h.name, e.created_us, e.seen_us, h.live_since_us, h.live_two_step, e.waits, e.confirmed_us,
             e.session_id
         FROM staff_session e
         JOIN staff s ON s.staff_id = e.staff_id JOIN shop h ON h.shop_id = s.shop_id
         WHERE e.look_up = $1 AND s.ended_us IS NULL"
    );
    let row = tx.query_opt(&sql, &params![look_up])?;
    row.map(|row| {
        Ok(Session {
            staff: read(&row)?,
            shop_name: row.text(OWN)?.to_owned(),
            created: row.timestamp(OWN + 1)?,
            seen: row.timestamp(OWN + 2)?,
            live_since: row.opt_int(OWN + 3)?.map(Timestamp::from_micros),
            live_two_step: row.int(OWN + 4)? == 1,
            waits: row.int(OWN + 5)? == 1,
            confirmed: row.timestamp(OWN + 6)?,
            id: row.text(OWN + 7)?.to_owned(),
        })
    })
    .transpose()
}

/// A session as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its name.
    pub id: String,
    /// What the browser called itself.
    pub device: String,
    /// Where it is.
    pub address: String,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used.
    pub seen: Timestamp,
}

/// The sessions of an account that were used after `after`, the last used first.
pub fn devices(tx: &mut Tx<'_>, staff_id: &str, after: Timestamp) -> Result<Vec<Device>, StoreError> {
    let sql = "SELECT session_id, device, address, created_us, seen_us FROM staff_session
               WHERE staff_id = $1 AND waits = 0 AND seen_us > $2 ORDER BY seen_us DESC, session_id";
    let device = |row: &Row| {
        let text = |column: usize| row.text(column).map(str::to_owned);
        let (id, device, address) = (text(0)?, text(1)?, text(2)?);
        Ok(Device { id, device, address, created: row.timestamp(3)?, seen: row.timestamp(4)? })
    };
    tx.query(sql, &params![staff_id, after])?.iter().map(device).collect()
}

/// Ends one session of an account; false if there is none of this name.
pub fn end_device(tx: &mut Tx<'_>, staff_id: &str, session_id: &str) -> Result<bool, StoreError> {
    let sql = "DELETE FROM staff_session WHERE staff_id = $1 AND session_id = $2";
    Ok(tx.execute(sql, &params![staff_id, session_id])? > 0)
}

/// Ends every session of an account but one; how many.
pub fn end_other_devices(tx: &mut Tx<'_>, staff_id: &str, kept: &str) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM staff_session WHERE staff_id = $1 AND session_id <> $2", &params![staff_id, kept])
}

/// Notes that who is logged in has proved again who they are.
pub fn confirm_session(look_up: &[u8], now: Timestamp) -> Statement<'static> {
    Statement::new("UPDATE staff_session SET confirmed_us = $2 WHERE look_up = $1", params![look_up, now])
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

/// The sealed secret of the authenticator app, and the last step of which a code was taken; the row is kept from others.
pub fn totp(tx: &mut Tx<'_>, staff_id: &str) -> Result<Option<(Vec<u8>, i64)>, StoreError> {
    let sql = format!("SELECT totp, totp_step FROM staff WHERE staff_id = $1{}", tx.for_update());
    let row = tx.query_opt(&sql, &params![staff_id])?;
    let read = |row: Row| Ok::<_, StoreError>((row.opt_blob(0)?.map(<[u8]>::to_vec), row.int(1)?));
    let found = row.map(read).transpose()?;
    Ok(found.and_then(|(sealed, step)| Some((sealed?, step))))
}

/// Gives an account the secret of an authenticator app, or none.
pub fn set_totp(staff_id: &str, sealed: Option<Vec<u8>>, step: i64) -> Statement<'static> {
    Statement::new("UPDATE staff SET totp = $2, totp_step = $3 WHERE staff_id = $1", params![staff_id, sealed, step])
}

/// Takes the code of a step; false if one of it or of a later one was taken.
pub fn take_step(tx: &mut Tx<'_>, staff_id: &str, step: i64) -> Result<bool, StoreError> {
    let sql = "UPDATE staff SET totp_step = $2 WHERE staff_id = $1 AND totp_step < $2";
    Ok(tx.execute(sql, &params![staff_id, step])? == 1)
}

/// Every sealed secret, with its account: for a new master key.
pub fn totps(tx: &mut Tx<'_>) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    let rows = tx.query("SELECT staff_id, totp FROM staff WHERE totp IS NOT NULL ORDER BY staff_id", &[])?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.blob(1)?.to_vec()))).collect()
}

/// Seals the same secret anew.
pub fn reseal_totp(staff_id: &str, sealed: Vec<u8>) -> Statement<'static> {
    Statement::new("UPDATE staff SET totp = $2 WHERE staff_id = $1", params![staff_id, sealed])
}

/// Keeps a recovery code.
pub fn insert_recovery(look_up: &[u8], staff_id: &str) -> Statement<'static> {
    Statement::new("INSERT INTO staff_recovery (look_up, staff_id) VALUES ($1, $2)", params![look_up, staff_id])
}

/// Takes a recovery code; false if it is none of this account, or was used.
pub fn take_recovery(tx: &mut Tx<'_>, look_up: &[u8], staff_id: &str) -> Result<bool, StoreError> {
    let sql = "DELETE FROM staff_recovery WHERE look_up = $1 AND staff_id = $2";
    Ok(tx.execute(sql, &params![look_up, staff_id])? == 1)
}

/// Recovery codes that an account has left.
pub fn count_recovery(tx: &mut Tx<'_>, staff_id: &str) -> Result<i64, StoreError> {
    tx.query_one("SELECT count(*) FROM staff_recovery WHERE staff_id = $1", &params![staff_id])?.int(0)
}

/// Forgets the recovery codes of an account.
pub fn forget_recovery(staff_id: &str) -> Statement<'static> {
    Statement::new("DELETE FROM staff_recovery WHERE staff_id = $1", params![staff_id])
}

/// Whether Live of a shop opens only for who has the two-step login.
pub fn live_two_step(tx: &mut Tx<'_>, shop: ShopId) -> Result<bool, StoreError> {
    let row = tx.query_opt("SELECT live_two_step FROM shop WHERE shop_id = $1", &params![shop])?;
    Ok(row.map(|row| row.int(0)).transpose()? == Some(1))
}

/// Says whether it does.
pub fn set_live_two_step(shop: ShopId, needed: bool) -> Statement<'static> {
    Statement::new("UPDATE shop SET live_two_step = $2 WHERE shop_id = $1", params![shop, needed])
}

/// Keeps the row of a shop from others until the commit.
pub fn hold_shop(tx: &mut Tx<'_>, shop: ShopId) -> Result<(), StoreError> {
    let sql = format!("SELECT shop_id FROM shop WHERE shop_id = $1{}", tx.for_update());
    tx.query_opt(&sql, &params![shop]).map(|_| ())
}

/// Somebody of a shop who has access.
pub fn member(tx: &mut Tx<'_>, shop: ShopId, staff_id: &str) -> Result<Option<Staff>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM staff s WHERE s.shop_id = $1 AND s.staff_id = $2 AND s.ended_us IS NULL");
    tx.query_opt(&sql, &params![shop, staff_id])?.as_ref().map(read).transpose()
}

/// Everybody of a shop who has access, the oldest account first.
pub fn members(tx: &mut Tx<'_>, shop: ShopId) -> Result<Vec<Member>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, s.created_us FROM staff s WHERE s.shop_id = $1 AND s.ended_us IS NULL
         ORDER BY s.created_us, s.staff_id"
    );
    let member = |row: &Row| Ok(Member { staff: read(row)?, since: row.timestamp(OWN)? });
    tx.query(&sql, &params![shop])?.iter().map(member).collect()
}

/// Everybody who has access in the shops that are told of notices by mail; in one shop, or in all.
pub fn of_shops_with_news_mail(tx: &mut Tx<'_>, shop: Option<ShopId>) -> Result<Vec<Staff>, StoreError> {
    let (condition, values) = match shop {
        Some(shop) => (" AND h.shop_id = $1", params![shop].to_vec()),
        None => ("", Vec::new()),
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM staff s JOIN shop h ON h.shop_id = s.shop_id
         WHERE h.news_mail = 1 AND s.ended_us IS NULL{condition} ORDER BY s.shop_id, s.staff_id"
    );
    tx.query(&sql, &values)?.iter().map(read).collect()
}

/// Gives somebody other roles.
pub fn set_roles(staff_id: &str, duties: &Duties) -> Statement<'static> {
    Statement::new("UPDATE staff SET roles = $2 WHERE staff_id = $1", params![staff_id, duties.joined()])
}

/// Ends an account: its address is free for another one.
pub fn end_account(staff_id: &str, now: Timestamp) -> Statement<'static> {
    Statement::new(
        "UPDATE staff SET ended_us = $2, email = $3, totp = NULL, operator = 0 WHERE staff_id = $1",
        params![staff_id, now, format!("{staff_id}@ended.invalid")],
    )
}

/// What everybody who ever was of a shop's staff is called: id, and name (their address where they gave none).
pub fn names(tx: &mut Tx<'_>, shop: ShopId) -> Result<Vec<(String, String)>, StoreError> {
    let sql = "SELECT staff_id, name, email, ended_us FROM staff WHERE shop_id = $1 ORDER BY staff_id";
    let named = |row: &Row| {
        let (id, name, email) = (row.text(0)?, row.text(1)?, row.text(2)?);
        let shown = match (name.is_empty(), row.opt_int(3)?) {
            (false, _) => name,
            (true, None) => email,
            (true, Some(_)) => id,
        };
        Ok((id.to_owned(), shown.to_owned()))
    };
    tx.query(sql, &params![shop])?.iter().map(named).collect()
}

/// An invitation that was not taken yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its name: `inv_…`.
    pub id: String,
    /// To which shop.
    pub shop: ShopId,
    /// Whom.
    pub email: Email,
    /// What they will be called.
    pub name: String,
    /// What they will do.
    pub duties: Duties,
    /// When it was sent.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}

const INVITATION: &str =
    "SELECT invitation_id, shop_id, email, name, roles, created_us, expires_us FROM staff_invitation";

fn invitation(row: &Row) -> Result<Invitation, StoreError> {
    let duties = Duties::split(row.text(4)?, false);
    Ok(Invitation {
        id: row.text(0)?.to_owned(),
        shop: ShopId(row.int(1)?),
        email: row.parsed(2)?,
        name: row.text(3)?.to_owned(),
        duties: duties.map_err(|error| StoreError::new(store::ErrorKind::Programming, error.to_string()))?,
        created: row.timestamp(5)?,
        expires: row.timestamp(6)?,
    })
}

/// Writes an invitation.
pub fn insert_invitation(look_up: &[u8], invitation: &Invitation, invited_by: &str) -> Statement<'static> {
    let Invitation { id, shop, email, name, duties, created, expires } = invitation;
    Statement::new(
        "INSERT INTO staff_invitation (look_up, invitation_id, shop_id, email, name, roles, invited_by, created_us,
             expires_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![look_up, id, *shop, email.as_str(), name, duties.joined(), invited_by, *created, *expires],
    )
}

/// The invitation whose link is found under `look_up`; the row is kept from others.
pub fn find_invitation(tx: &mut Tx<'_>, look_up: &[u8]) -> Result<Option<Invitation>, StoreError> {
    let sql = format!("{INVITATION} WHERE look_up = $1");
    tx.query_opt(&sql, &params![look_up])?.as_ref().map(invitation).transpose()
}

/// The invitation of an address.
pub fn invitation_of(tx: &mut Tx<'_>, email: &Email) -> Result<Option<Invitation>, StoreError> {
    let sql = format!("{INVITATION} WHERE email = $1");
    tx.query_opt(&sql, &params![email.as_str()])?.as_ref().map(invitation).transpose()
}

/// The invitations of a shop, the oldest first.
pub fn invitations(tx: &mut Tx<'_>, shop: ShopId) -> Result<Vec<Invitation>, StoreError> {
    let sql = format!("{INVITATION} WHERE shop_id = $1 ORDER BY created_us, invitation_id");
    tx.query(&sql, &params![shop])?.iter().map(invitation).collect()
}

/// Removes an invitation; false if there is none of this name.
pub fn end_invitation(tx: &mut Tx<'_>, shop: ShopId, id: &str) -> Result<bool, StoreError> {
    let sql = "DELETE FROM staff_invitation WHERE shop_id = $1 AND invitation_id = $2";
    Ok(tx.execute(sql, &params![shop, id])? == 1)
}

/// Removes what has ended: invitations and resets.
pub fn forget_links(now: Timestamp) -> [Statement<'static>; 2] {
    [
        Statement::new("DELETE FROM staff_invitation WHERE expires_us <= $1", params![now]),
        Statement::new("DELETE FROM staff_reset WHERE expires_us <= $1", params![now]),
    ]
}

/// Writes the link by which an account gets another password.
pub fn insert_reset(look_up: &[u8], staff_id: &str, now: Timestamp, expires: Timestamp) -> Statement<'static> {
    Statement::new(
        "INSERT INTO staff_reset (look_up, staff_id, created_us, expires_us) VALUES ($1, $2, $3, $4)",
        params![look_up, staff_id, now, expires],
    )
}

/// The account that a link is of, and when the link ends.
pub fn find_reset(tx: &mut Tx<'_>, look_up: &[u8]) -> Result<Option<(Staff, Timestamp)>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, r.expires_us FROM staff_reset r JOIN staff s ON s.staff_id = r.staff_id
         WHERE r.look_up = $1 AND s.ended_us IS NULL"
    );
    tx.query_opt(&sql, &params![look_up])?.map(|row| Ok((read(&row)?, row.timestamp(OWN)?))).transpose()
}

/// Takes a link; false if it was taken.
pub fn take_reset(tx: &mut Tx<'_>, look_up: &[u8]) -> Result<bool, StoreError> {
    Ok(tx.execute("DELETE FROM staff_reset WHERE look_up = $1", &params![look_up])? == 1)
}

/// Removes the link of an account.
pub fn forget_reset(staff_id: &str) -> Statement<'static> {
    Statement::new("DELETE FROM staff_reset WHERE staff_id = $1", params![staff_id])
}

/// What a shop is called.
pub fn shop_name(tx: &mut Tx<'_>, shop: ShopId) -> Result<String, StoreError> {
    let row = tx.query_opt("SELECT name FROM shop WHERE shop_id = $1", &params![shop])?;
    row.map(|row| row.text(0).map(str::to_owned)).transpose().map(Option::unwrap_or_default)
}

//! The rows of checkout sessions.

use kernel::Timestamp;
use store::{ErrorKind, Row, Statement, StoreError, Tx, params};

use super::state::{Attempted, Kept, Stage, stage};
use super::{Session, SessionId};
use crate::attempt::rows::{self as attempt_rows, Found};
use crate::charge::{Item, Items};

const COLUMNS: &str = "state, items, cart_id, origin, return_url, buyer_id, card_id, code_card_id, point, address_id,
    attempt_id, notice, checking_until_us, expires_us";

/// Inserts a session that was just opened.
pub fn insert(session: &Session, now: Timestamp) -> Statement<'static> {
    let Session { id, items, cart_id, origin, return_url, expires, .. } = session;
    let items = serde_json::to_string(items.list()).expect("items are JSON");
    Statement::new(
        "INSERT INTO checkout_session (shop_id, environment, session_id, state, items, cart_id, origin, return_url,
             point, created_us, expires_us)
         VALUES ($1, $2, $3, 'open', $4, $5, $6, $7, 0, $8, $9)",
        params![
            id.shop,
            id.environment,
            &id.secret,
            items,
            cart_id.clone(),
            origin.clone(),
            return_url.clone(),
            now,
            *expires
        ],
    )
}

/// Looks a session up, on a snapshot, and says where it stands.
pub fn find(tx: &mut Tx<'_>, id: &SessionId) -> Result<Option<(Session, Stage)>, StoreError> {
    look_up(tx, id, "")
}

/// The same; its row is locked until the commit.
pub fn find_for_update(tx: &mut Tx<'_>, id: &SessionId) -> Result<Option<(Session, Stage)>, StoreError> {
    let lock = tx.for_update();
    look_up(tx, id, lock)
}

fn look_up(tx: &mut Tx<'_>, id: &SessionId, lock: &str) -> Result<Option<(Session, Stage)>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM checkout_session WHERE shop_id = $1 AND environment = $2 AND session_id = $3{lock}"
    );
    let row = tx.query_opt(&sql, &params![id.shop, id.environment, &id.secret])?;
    let Some(row) = row else { return Ok(None) };
    let session = session(id, &row)?;
    let attempted = match (&session.kept, &session.attempt) {
        (Kept::Paying, Some(attempt)) => attempted(attempt_rows::find(tx, id.shop, id.environment, attempt)?),
        (Kept::Paying, None) | (Kept::Open | Kept::Checking(_) | Kept::Abandoned, _) => None,
    };
    let stage = stage(session.kept, attempted, session.notice.as_deref(), session.expires, tx.machine_now());
    Ok(Some((session, stage)))
}

fn attempted(found: Option<Found>) -> Option<Attempted> {
    Some(match found? {
        Found::Running { attempt, .. } => {
            attempt.waits.map_or(Attempted::Running, |waits| Attempted::Waiting(waits.url))
        }
        Found::Succeeded { charge_id } => Attempted::Succeeded(charge_id),
        Found::Refused(reason) => Attempted::Refused(reason),
    })
}

fn session(id: &SessionId, row: &Row) -> Result<Session, StoreError> {
    let corrupt = |what: String| StoreError::new(ErrorKind::Corrupt, format!("checkout_session: {what}"));
    let text = |column: usize| row.opt_text(column).map(|text| text.map(str::to_owned));
    let items: Vec<Item> = serde_json::from_str(row.text(1)?).map_err(|error| corrupt(error.to_string()))?;
    let kept = match row.text(0)? {
        "open" => Kept::Open,
        "checking" => Kept::Checking(row.timestamp(12)?),
        "paying" => Kept::Paying,
        "abandoned" => Kept::Abandoned,
        other => return Err(corrupt(format!("state {other:?}"))),
    };
    Ok(Session {
        id: id.clone(),
        kept,
        items: Items::new(items).map_err(|error| corrupt(error.to_string()))?,
        cart_id: text(2)?,
        origin: text(3)?,
        return_url: text(4)?,
        buyer: text(5)?,
        card: text(6)?,
        code_card: text(7)?,
        point: row.yen(8)?,
        address: text(9)?,
        attempt: text(10)?,
        notice: text(11)?,
        expires: row.timestamp(13)?,
    })
}

/// Writes what can change in a session, whose row is locked.
pub fn save(session: &Session) -> Statement<'static> {
    let Session { id, kept, buyer, card, code_card, point, address, attempt, notice, .. } = session;
    let (state, until) = match kept {
        Kept::Open => ("open", None),
        Kept::Checking(until) => ("checking", Some(*until)),
        Kept::Paying => ("paying", None),
        Kept::Abandoned => ("abandoned", None),
    };
    Statement::new(
        "UPDATE checkout_session SET state = $4, buyer_id = $5, card_id = $6, code_card_id = $7, point = $8,
             address_id = $9, attempt_id = $10, notice = $11, checking_until_us = $12
         WHERE shop_id = $1 AND environment = $2 AND session_id = $3",
        params![
            id.shop,
            id.environment,
            &id.secret,
            state,
            buyer.clone(),
            card.clone(),
            code_card.clone(),
            *point,
            address.clone(),
            attempt.clone(),
            notice.clone(),
            until
        ],
    )
}

/// Goes over to paying, in the transaction of the intent; touches no row unless the shop is being asked for exactly this
/// attempt, and in time.
pub fn begin_paying(id: &SessionId, attempt: &str, now: Timestamp) -> Statement<'static> {
    Statement::new(
        "UPDATE checkout_session SET state = 'paying', checking_until_us = NULL
         WHERE shop_id = $1 AND environment = $2 AND session_id = $3 AND state = 'checking' AND attempt_id = $4
             AND checking_until_us > $5",
        params![id.shop, id.environment, &id.secret, attempt, now],
    )
}

/// Opens again what the shop did not let pass; touches no row unless it is being asked for exactly this attempt.
pub fn stop_checking(id: &SessionId, attempt: &str, notice: &str) -> Statement<'static> {
    Statement::new(
        "UPDATE checkout_session SET state = 'open', attempt_id = NULL, notice = $5, checking_until_us = NULL
         WHERE shop_id = $1 AND environment = $2 AND session_id = $3 AND state = 'checking' AND attempt_id = $4",
        params![id.shop, id.environment, &id.secret, attempt, notice],
    )
}

//! Where an account is logged in, and ending that.

use serde_json::json;
use store::{StoreError, Tx};

use super::rows::{self, Device};
use super::{IDLE_MICROS, Staff, is_alive};
use crate::by::By;

/// Where an account is logged in, the last used first.
pub fn list(tx: &mut Tx<'_>, staff_id: &str) -> Result<Vec<Device>, StoreError> {
    let now = tx.machine_now();
    let found = rows::devices(tx, staff_id, now.plus_micros(-IDLE_MICROS))?;
    Ok(found.into_iter().filter(|device| is_alive(device.created, device.seen, now)).collect())
}

/// Ends one session of an account; false if there is none of this name.
pub fn end(tx: &mut Tx<'_>, staff: &Staff, session_id: &str, by: &By) -> Result<bool, StoreError> {
    let ended = rows::end_device(tx, &staff.id, session_id)?;
    if ended {
        let entry = by.record(staff.shop, tx.machine_now(), ("staff.session_end", session_id), &json!({}));
        tx.execute_all(&[entry])?;
    }
    Ok(ended)
}

/// Ends every session of an account but one, or really every one; how many.
pub fn end_all(tx: &mut Tx<'_>, staff: &Staff, kept: Option<&str>, by: &By) -> Result<u64, StoreError> {
    // No session has an empty name.
    let count = rows::end_other_devices(tx, &staff.id, kept.unwrap_or_default())?;
    let entry = by.record(staff.shop, tx.machine_now(), ("staff.sessions_end", &staff.id), &json!({ "ended": count }));
    tx.execute_all(&[entry])?;
    Ok(count)
}

//! The staff of a shop: who is there, what they may do, and the end of their access. A shop always has an owner.

use kernel::{ShopId, Timestamp};
use serde_json::json;
use store::{StoreError, Tx};

use super::{Staff, rows};
use crate::by::By;
use crate::role::{Duties, Role};

/// Characters of a name at the most.
pub const NAME_MAX: usize = 80;

/// Why the staff stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nobody of the shop's staff has this id.
    #[error("There is no such member of the staff.")]
    NoSuch,
    /// They are the last owner.
    #[error("A shop always has an owner: this is the last one.")]
    LastOwner,
    /// Who runs the server is changed by who runs the server.
    #[error("An operator's account is the operator's to change.")]
    OperatorOnly,
    /// Everybody has a role.
    #[error("At least one role is needed.")]
    NoRole,
    /// The address has an account or an invitation.
    #[error("The address has an account or an invitation already.")]
    Taken,
    /// The name is too long, or has line breaks.
    #[error("A name has at most 80 characters, in one line.")]
    BadName,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A member of the staff as a list shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub staff: Staff,
    /// Since when, machine time.
    pub since: Timestamp,
}

/// A name as it may be kept.
pub fn name_of(text: &str) -> Result<String, Refused> {
    let name = text.trim();
    let fits = name.chars().count() <= NAME_MAX && !name.chars().any(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(Refused::BadName) }
}

/// Gives somebody other roles; what holds afterwards. It counts from their next request on.
pub fn change_roles(tx: &mut Tx<'_>, shop: ShopId, staff_id: &str, roles: &[Role], by: &By) -> Result<Staff, Refused> {
    let staff = held(tx, shop, staff_id)?;
    may_touch(&staff, by)?;
    let duties = Duties::of(roles, staff.duties.is_operator());
    if duties.roles().is_empty() {
        return Err(Refused::NoRole);
    }
    if duties == staff.duties {
        return Ok(staff);
    }
    if !duties.roles().contains(&Role::Owner) {
        not_the_last(tx, &staff)?;
    }
    let (before, after) = (staff.duties.joined(), duties.joined());
    let fields = json!({ "roles": [before, after] });
    let entry = by.record(shop, tx.machine_now(), ("staff.roles", staff_id), &fields);
    tx.execute_all(&[rows::set_roles(staff_id, &duties), entry])?;
    Ok(Staff { duties, ..staff })
}

/// Ends somebody's access, and every session of theirs. Their row stays, without their address.
pub fn end_access(tx: &mut Tx<'_>, shop: ShopId, staff_id: &str, by: &By) -> Result<(), Refused> {
    let staff = held(tx, shop, staff_id)?;
    may_touch(&staff, by)?;
    not_the_last(tx, &staff)?;
    let now = tx.machine_now();
    let fields = json!({ "roles": [staff.duties.joined(), null] });
    let entry = by.record(shop, now, ("staff.end", staff_id), &fields);
    let statements = [
        rows::end_account(staff_id, now),
        rows::end_sessions(staff_id),
        rows::forget_recovery(staff_id),
        rows::forget_reset(staff_id),
        entry,
    ];
    tx.execute_all(&statements)?;
    Ok(())
}

/// Who, with the shop's row kept from others, so that two owners cannot end each other at once.
fn held(tx: &mut Tx<'_>, shop: ShopId, staff_id: &str) -> Result<Staff, Refused> {
    rows::hold_shop(tx, shop)?;
    rows::member(tx, shop, staff_id)?.ok_or(Refused::NoSuch)
}

/// An operator's account is changed by an operator alone.
pub fn may_touch(staff: &Staff, by: &By) -> Result<(), Refused> {
    if staff.duties.is_operator() && !by.is_operator { Err(Refused::OperatorOnly) } else { Ok(()) }
}

fn not_the_last(tx: &mut Tx<'_>, staff: &Staff) -> Result<(), Refused> {
    let is_owner = |staff: &Staff| staff.duties.roles().contains(&Role::Owner);
    let others = rows::members(tx, staff.shop)?;
    let another = others.iter().any(|member| member.staff.id != staff.id && is_owner(&member.staff));
    if is_owner(staff) && !another { Err(Refused::LastOwner) } else { Ok(()) }
}

//! Links that are sent by mail: an invitation to the staff, and another password for who has forgotten theirs.
//!
//! | link | counts for | once | asked for how often |
//! |---|---|---|---|
//! | invitation | 72 hours | yes | who manages the staff |
//! | another password | 30 minutes | yes | like failed logins: growing delay, by address and by account |
//!
//! Whether an address has an account is not told to who asks for another password.

use std::sync::Arc;

use kernel::outside::random_hex;
use kernel::time::MICROS_PER_SECOND;
use kernel::{Entropy, ShopId};
use serde_json::json;
use store::{StoreError, Tx};

use super::login::{Door, Entry, Refused, too_often, unlock};
use super::mail::{self, Kind, Letter};
use super::rows::{self, Invitation};
use super::second::Whence;
use super::team::{self, name_of};
use super::{Email, Staff, check_password};
use crate::by::By;
use crate::lockout::{self, Subject};
use crate::role::{Duties, Role};
use crate::vault::Vault;

/// How long an invitation counts; machine time.
pub const INVITATION_MICROS: i64 = 72 * 3_600 * MICROS_PER_SECOND;
/// How long a link for another password counts; machine time.
pub const RESET_MICROS: i64 = 1_800 * MICROS_PER_SECOND;
/// Requests for links are counted apart from logins.
const REALM: &str = "staff-reset";

/// Whom to invite.
#[derive(Clone, Debug)]
pub struct Invite {
    /// Where to.
    pub email: Email,
    /// What they will be called.
    pub name: String,
    /// What they will do.
    pub roles: Vec<Role>,
    /// The same request twice is one invitation: its id is made of this.
    pub key: String,
}

/// Invites somebody: an invitation and its mail. `token` is fresh.
pub fn invite(
    tx: &mut Tx<'_>,
    (vault, entropy): (&Vault, &dyn Entropy),
    shop: ShopId,
    invite: &Invite,
    token: &str,
    by: &By,
) -> Result<Invitation, team::Refused> {
    let duties = Duties::of(&invite.roles, false);
    let name = name_of(&invite.name)?;
    if duties.roles().is_empty() {
        return Err(team::Refused::NoRole);
    }
    rows::hold_shop(tx, shop)?;
    let now = tx.machine_now();
    tx.execute_all(&rows::forget_links(now))?;
    tx.execute_all(&[mail::rows::forget(now)])?;
    let id = format!("inv_{}", &kernel::id::hex(&crate::vault::mac(b"invitation", invite.key.as_bytes()))[..16]);
    match rows::invitation_of(tx, &invite.email)? {
        Some(kept) if kept.shop == shop && kept.id == id => return Ok(kept),
        Some(_) => return Err(team::Refused::Taken),
        None if rows::find(tx, &invite.email)?.is_some() => return Err(team::Refused::Taken),
        None => {}
    }
    let expires = now.plus_micros(INVITATION_MICROS);
    let invitation =
        Invitation { id: id.clone(), shop, email: invite.email.clone(), name, duties, created: now, expires };
    let letter =
        Letter { to: invite.email.as_str().to_owned(), shop: rows::shop_name(tx, shop)?, token: token.to_owned() };
    let fields = json!({ "roles": [null, invitation.duties.joined()] });
    let mut statements = vec![rows::insert_invitation(&vault.look_up(&link(token)), &invitation, &by.actor)];
    statements.extend(mail::send(vault, entropy, (shop, &by.id), Kind::Invitation, &letter, (now, expires)));
    statements.push(by.record(shop, now, ("staff.invite", &id), &fields));
    tx.execute_all(&statements)?;
    Ok(invitation)
}

/// Takes an invitation back.
pub fn take_back(tx: &mut Tx<'_>, shop: ShopId, id: &str, by: &By) -> Result<(), team::Refused> {
    if !rows::end_invitation(tx, shop, id)? {
        return Err(team::Refused::NoSuch);
    }
    let entry = by.record(shop, tx.machine_now(), ("staff.invite_end", id), &json!({}));
    tx.execute_all(&[entry])?;
    Ok(())
}

/// What a link carries: nobody guesses it.
pub fn token(entropy: &dyn Entropy) -> String {
    random_hex::<32>(entropy)
}

impl Door {
    /// The invitation of a link, if it counts.
    pub async fn invitation(&self, token: &str) -> Result<Option<Invitation>, StoreError> {
        let look_ups = self.vault.look_ups(&link(token));
        self.store.read(move |tx| find_invitation(tx, &look_ups)).await
    }

    /// Takes an invitation: the account is made, with a password that its owner chose.
    pub async fn join(&self, token: &str, password: String, from: &Whence) -> Result<Staff, Refused> {
        let invitation = self.invitation(token).await?.ok_or(Refused::Over)?;
        check_password(&password, invitation.email.as_str())?;
        let hash = self.passwords.hash(password, self.entropy.as_ref()).await;
        let look_ups = self.vault.look_ups(&link(token));
        let (entropy, from, id) = (self.entropy.clone(), from.clone(), self.audit_id());
        let write = move |tx: &mut Tx<'_>| {
            let invitation = find_invitation(tx, &look_ups)?.ok_or(Refused::Over)?;
            if !rows::end_invitation(tx, invitation.shop, &invitation.id)? {
                return Err(Refused::Over);
            }
            if rows::find(tx, &invitation.email)?.is_some() {
                return Err(Refused::Already);
            }
            let staff = account(invitation, &entropy);
            let (now, actor) = (tx.machine_now(), staff.actor());
            let entry = Entry {
                shop: staff.shop,
                actor: &actor,
                origin: &from.origin,
                action: "staff.join",
                object: &staff.id,
            };
            tx.execute_all(&[rows::insert(&staff, &hash, now), entry.at(&id, now)])?;
            Ok(staff)
        };
        self.store.write(write).await
    }

    /// Sends a link for another password to an address, if it has an account. The answer is the same if it has none.
    pub async fn ask_reset(&self, email: &str, from: &Whence) -> Result<(), Refused> {
        let name: String = email.trim().to_ascii_lowercase().chars().take(254).collect();
        let token = token(self.entropy.as_ref());
        let (vault, entropy, id, from) = (self.vault.clone(), self.entropy.clone(), self.audit_id(), from.clone());
        let write = move |tx: &mut Tx<'_>| {
            let subjects = [Subject::account(REALM, &name), Subject::address(REALM, from.address)];
            lockout::begin(tx, &subjects)?.map_err(|until| too_often(until, tx.machine_now()))?;
            let now = tx.machine_now();
            tx.execute_all(&rows::forget_links(now))?;
            tx.execute_all(&[mail::rows::forget(now)])?;
            let Ok(email) = name.parse::<Email>() else { return Ok(()) };
            let Some((staff, _)) = rows::find(tx, &email)? else { return Ok(()) };
            let expires = now.plus_micros(RESET_MICROS);
            let letter =
                Letter { to: email.as_str().to_owned(), shop: rows::shop_name(tx, staff.shop)?, token: token.clone() };
            let entry = Entry {
                shop: staff.shop,
                actor: "nobody",
                origin: &from.origin,
                action: "staff.reset_asked",
                object: &staff.id,
            };
            let mut statements = vec![
                rows::forget_reset(&staff.id),
                rows::insert_reset(&vault.look_up(&link(&token)), &staff.id, now, expires),
            ];
            let sent = mail::send(&vault, entropy.as_ref(), (staff.shop, &id), Kind::Reset, &letter, (now, expires));
            statements.extend(sent);
            statements.push(entry.at(&id, now));
            tx.execute_all(&statements)?;
            Ok::<_, Refused>(())
        };
        self.store.write(write).await
    }

    /// Whose password a link changes, if it counts.
    pub async fn reset_of(&self, token: &str) -> Result<Option<Staff>, StoreError> {
        let look_ups = self.vault.look_ups(&link(token));
        self.store.read(move |tx| Ok::<_, StoreError>(find_reset(tx, &look_ups)?.map(|(staff, _)| staff))).await
    }

    /// Gives the account of a link another password. Its sessions end, and its lock-out; its second step stays.
    pub async fn reset(&self, token: &str, password: String, from: &Whence) -> Result<(), Refused> {
        let staff = self.reset_of(token).await?.ok_or(Refused::Over)?;
        check_password(&password, staff.email.as_str())?;
        let hash = self.passwords.hash(password, self.entropy.as_ref()).await;
        let (look_ups, from, id) = (self.vault.look_ups(&link(token)), from.clone(), self.audit_id());
        let write = move |tx: &mut Tx<'_>| {
            let (staff, look_up) = find_reset(tx, &look_ups)?.ok_or(Refused::Over)?;
            if !rows::take_reset(tx, &look_up)? {
                return Err(Refused::Over);
            }
            let (now, actor) = (tx.machine_now(), staff.actor());
            unlock(tx, &staff.email)?;
            let entry = Entry {
                shop: staff.shop,
                actor: &actor,
                origin: &from.origin,
                action: "staff.reset",
                object: &staff.id,
            };
            let password = rows::set_password(&staff.id, &hash, false, now);
            tx.execute_all(&[password, rows::end_sessions(&staff.id), entry.at(&id, now)])?;
            Ok(())
        };
        self.store.write(write).await
    }
}

fn account(invitation: Invitation, entropy: &Arc<dyn Entropy>) -> Staff {
    let Invitation { shop, email, name, duties, .. } = invitation;
    Staff { name, duties, ..Staff::new(shop, email, false, entropy.as_ref()) }
}

fn find_invitation(tx: &mut Tx<'_>, look_ups: &[[u8; 32]]) -> Result<Option<Invitation>, StoreError> {
    for look_up in look_ups {
        if let Some(found) = rows::find_invitation(tx, look_up)? {
            return Ok(Some(found).filter(|found| tx.machine_now() < found.expires));
        }
    }
    Ok(None)
}

fn find_reset(tx: &mut Tx<'_>, look_ups: &[[u8; 32]]) -> Result<Option<(Staff, [u8; 32])>, StoreError> {
    for look_up in look_ups {
        if let Some((staff, expires)) = rows::find_reset(tx, look_up)? {
            return Ok(Some((staff, *look_up)).filter(|_| tx.machine_now() < expires));
        }
    }
    Ok(None)
}

/// So that the hash is that of a link and of nothing else.
fn link(token: &str) -> String {
    format!("staff-link/{token}")
}

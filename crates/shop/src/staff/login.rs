//! Logging in and out, and the session in between. An account that there is not, and a wrong password, get the same
//! answer after the same time. All of it is audited, without names.

use std::net::IpAddr;
use std::sync::Arc;

use kernel::outside::{random_hex, sortable_hex};
use kernel::{Entropy, ShopId, Timestamp};
use store::audit::{self, NewEntry};
use store::{Statement, Store, StoreError, Tx};

use super::rows::{self, NewSession, Session};
use super::{Email, IDLE_MICROS, Staff, Unfit, check_password, is_alive};
use crate::lockout::{self, Subject};
use crate::password::Passwords;
use crate::vault::Vault;

/// Uses of a session that are not written down after one that was; machine time.
const SEEN_AGAIN_MICROS: i64 = 60 * kernel::time::MICROS_PER_SECOND;
/// Characters that are kept of what a browser calls itself.
const DEVICE_MAX: usize = 200;
/// Staff and buyers are locked out apart.
pub(super) const REALM: &str = "staff";
/// Audit rows of accounts that there are not stand under shop 0, which is no shop.
const NO_SHOP: ShopId = ShopId(0);

/// What logins stand on. Cheap to clone.
#[derive(Clone)]
pub struct Door {
    /// The database.
    pub store: Store,
    /// The master keys.
    pub vault: Arc<Vault>,
    /// Where randomness comes from.
    pub entropy: Arc<dyn Entropy>,
    /// Computes hashes, a few at a time.
    pub passwords: Passwords,
}

/// Somebody tries to log in.
#[derive(Clone)]
pub struct Attempt {
    /// What was given as the account.
    pub email: String,
    /// What was given as the password.
    pub password: String,
    /// Where it comes from.
    pub address: IpAddr,
    /// What the browser calls itself.
    pub device: String,
    /// The same for audit rows.
    pub origin: String,
}

/// Somebody is logged in.
#[derive(Clone, Debug)]
pub struct Granted {
    /// Who.
    pub staff: Staff,
    /// What the cookie holds; only its keyed hash is stored.
    pub secret: String,
    /// Whether the session opens nothing before the code of the second step ([`Door::second`]).
    pub waits: bool,
}

/// Why somebody is not let in, or a password is not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No such account, or not its password.
    #[error("the address or the password is wrong")]
    Wrong,
    /// Too many failures: the next login has to wait.
    #[error("too many failed logins")]
    Locked {
        /// Seconds until then.
        seconds: i64,
    },
    /// The password was right too long ago, or never: from the beginning.
    #[error("the login took too long")]
    Over,
    /// It is so already.
    #[error("it is so already")]
    Already,
    /// The new password cannot be used.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An attempt that was counted.
pub(super) struct Knock {
    /// The account and the hash of its password.
    pub(super) found: Option<(Staff, String)>,
    /// Whether the next one has to wait if this one fails.
    pub(super) last_try: bool,
}

impl Door {
    /// Logs somebody in.
    pub async fn login(&self, attempt: Attempt) -> Result<Granted, Refused> {
        // A text that is no address is the name of an account that there is not.
        let name = attempt.email.trim().to_ascii_lowercase().chars().take(254).collect::<String>();
        let Knock { found, last_try } = self.knock(&name, &attempt).await?;
        let (staff, hash) = found.unzip();
        if !self.passwords.is(attempt.password.clone(), hash).await {
            self.refuse(staff, last_try, &attempt).await?;
            return Err(Refused::Wrong);
        }
        let staff = staff.ok_or(Refused::Wrong)?;
        let waits = staff.two_step;
        self.let_in(staff, name, &attempt, waits).await
    }

    /// Counts the attempt and finds the account.
    pub(super) async fn knock(&self, name: &str, attempt: &Attempt) -> Result<Knock, Refused> {
        let (name, subjects) = (name.to_owned(), subjects(name, attempt.address));
        self.store
            .write(move |tx| {
                let counted = lockout::begin(tx, &subjects)?;
                let last_try = counted.map_err(|until| too_often(until, tx.machine_now()))?.is_some();
                let email: Option<Email> = name.parse().ok();
                let found = email.map(|email| rows::find(tx, &email)).transpose()?.flatten();
                Ok(Knock { found, last_try })
            })
            .await
    }

    pub(super) async fn refuse(
        &self,
        staff: Option<Staff>,
        last_try: bool,
        attempt: &Attempt,
    ) -> Result<(), StoreError> {
        let (id, origin) = (self.audit_id(), attempt.origin.clone());
        let write = move |tx: &mut Tx<'_>| {
            let (shop, object) = match &staff {
                Some(staff) => (staff.shop, staff.id.as_str()),
                None => (NO_SHOP, "unknown account"),
            };
            let action = if last_try { "staff.locked_out" } else { "staff.login_refused" };
            let entry = Entry { shop, actor: "nobody", origin: &origin, action, object };
            tx.execute_all(&[entry.at(&id, tx.machine_now())]).map(|_| ())
        };
        self.store.write(write).await
    }

    /// Begins a session, which `waits` for the code of the second step, or opens the pages at once.
    async fn let_in(&self, staff: Staff, name: String, attempt: &Attempt, waits: bool) -> Result<Granted, Refused> {
        let secret = random_hex::<32>(self.entropy.as_ref());
        let look_up = self.vault.look_up(&session(&secret));
        let ([account, address], id) = (subjects(&name, attempt.address), self.audit_id());
        let (origin, granted) = (attempt.origin.clone(), Granted { staff: staff.clone(), secret, waits });
        let begun = self.new_session(attempt.address, &attempt.device, waits);
        let write = move |tx: &mut Tx<'_>| {
            lockout::succeeded(tx, &account)?;
            lockout::take_back(tx, &address)?;
            let now = tx.machine_now();
            let actor = staff.actor();
            let action = if waits { "staff.password_given" } else { "staff.login" };
            let entry = Entry { shop: staff.shop, actor: &actor, origin: &origin, action, object: &staff.id };
            tx.execute_all(&[rows::forget_sessions(now.plus_micros(-IDLE_MICROS))])?;
            tx.execute_all(&[rows::insert_session(&look_up, &staff.id, &begun, now), entry.at(&id, now)]).map(|_| ())
        };
        self.store.write(write).await?;
        Ok(granted)
    }

    pub(super) fn new_session(&self, address: IpAddr, device: &str, waits: bool) -> NewSession {
        NewSession {
            id: format!("ses_{}", random_hex::<8>(self.entropy.as_ref())),
            device: device.chars().take(DEVICE_MAX).collect(),
            address: address.to_canonical().to_string(),
            waits,
        }
    }

    /// The session that a cookie names, if it goes on.
    pub async fn session(&self, secret: &str) -> Result<Option<Session>, StoreError> {
        for look_up in self.vault.look_ups(&session(secret)) {
            let found = self.store.read(move |tx| rows::find_session(tx, &look_up)).await?;
            let Some(found) = found else { continue };
            let now = self.store.machine_now();
            if found.waits || !is_alive(found.created, found.seen, now) {
                return Ok(None);
            }
            if found.seen.plus_micros(SEEN_AGAIN_MICROS) <= now {
                self.store.write(move |tx| tx.execute_all(&[rows::touch_session(&look_up, now)])).await?;
            }
            return Ok(Some(found));
        }
        Ok(None)
    }

    /// Whose session a cookie names, even if it has ended, as long as that is known.
    pub async fn ended(&self, secret: &str) -> Result<Option<String>, StoreError> {
        for look_up in self.vault.look_ups(&session(secret)) {
            if let Some(found) = self.store.read(move |tx| rows::find_session(tx, &look_up)).await? {
                return Ok(Some(found.staff.id));
            }
        }
        Ok(None)
    }

    /// Ends the session that a cookie names.
    pub async fn logout(&self, secret: &str, origin: &str) -> Result<(), StoreError> {
        let look_ups = self.vault.look_ups(&session(secret));
        let (origin, id) = (origin.to_owned(), self.audit_id());
        let write = move |tx: &mut Tx<'_>| {
            for look_up in &look_ups {
                let Some(Session { staff, .. }) = rows::find_session(tx, look_up)? else { continue };
                let actor = staff.actor();
                let entry = Entry {
                    shop: staff.shop,
                    actor: &actor,
                    origin: &origin,
                    action: "staff.logout",
                    object: &staff.id,
                };
                let entry = entry.at(&id, tx.machine_now());
                tx.execute_all(&[rows::end_session(look_up), entry])?;
            }
            Ok(())
        };
        self.store.write(write).await
    }

    /// Gives the account another password, for who knows the one it has. Every session of it ends; a new one begins.
    pub async fn change_password(&self, staff: &Staff, attempt: Attempt, new: String) -> Result<Granted, Refused> {
        let changed = self.set_password(staff, &attempt, new).await?;
        let name = changed.email.as_str().to_owned();
        self.let_in(changed, name, &attempt, false).await
    }

    /// The same without a new session.
    pub async fn replace_password(&self, staff: &Staff, attempt: Attempt, new: String) -> Result<Staff, Refused> {
        let changed = self.set_password(staff, &attempt, new).await?;
        let [account, address] = subjects(changed.email.as_str(), attempt.address);
        let succeeded = move |tx: &mut Tx<'_>| {
            lockout::succeeded(tx, &account)?;
            lockout::take_back(tx, &address)
        };
        self.store.write::<_, StoreError, _>(succeeded).await?;
        Ok(changed)
    }

    /// For who knows the password that the account has.
    async fn set_password(&self, staff: &Staff, attempt: &Attempt, new: String) -> Result<Staff, Refused> {
        check_password(&new, staff.email.as_str())?;
        let name = staff.email.as_str().to_owned();
        let Knock { found, last_try } = self.knock(&name, attempt).await?;
        let hash = found.map(|(_, hash)| hash);
        if !self.passwords.is(attempt.password.clone(), hash).await {
            self.refuse(Some(staff.clone()), last_try, attempt).await?;
            return Err(Refused::Wrong);
        }
        let hash = self.passwords.hash(new, self.entropy.as_ref()).await;
        let changed = Staff { must_change: false, ..staff.clone() };
        let (staff, origin, id) = (changed.clone(), attempt.origin.clone(), self.audit_id());
        let write = move |tx: &mut Tx<'_>| {
            let (now, actor) = (tx.machine_now(), staff.actor());
            let entry =
                Entry { shop: staff.shop, actor: &actor, origin: &origin, action: "staff.password", object: &staff.id };
            let statements =
                [rows::set_password(&staff.id, &hash, false, now), rows::end_sessions(&staff.id), entry.at(&id, now)];
            tx.execute_all(&statements).map(|_| ())
        };
        self.store.write::<_, StoreError, _>(write).await?;
        Ok(changed)
    }

    pub(super) fn audit_id(&self) -> String {
        sortable_hex(self.store.machine_now(), self.entropy.as_ref())
    }
}

/// So that the hash is that of a session and of nothing else.
pub(super) fn session(secret: &str) -> String {
    format!("staff-session/{secret}")
}

/// Lets an account log in at once, whatever failed before.
pub fn unlock(tx: &mut Tx<'_>, email: &Email) -> Result<(), StoreError> {
    lockout::succeeded(tx, &Subject::account(REALM, email.as_str()))
}

/// What failures are counted for.
pub(super) fn subjects(name: &str, address: IpAddr) -> [Subject; 2] {
    [Subject::account(REALM, name), Subject::address(REALM, address)]
}

pub(super) fn too_often(until: Timestamp, now: Timestamp) -> Refused {
    Refused::Locked { seconds: (until.seconds() - now.seconds()).max(1) }
}

pub(super) struct Entry<'a> {
    pub(super) shop: ShopId,
    pub(super) actor: &'a str,
    pub(super) origin: &'a str,
    pub(super) action: &'a str,
    pub(super) object: &'a str,
}

impl Entry<'_> {
    pub(super) fn at(&self, id: &str, at: Timestamp) -> Statement<'static> {
        self.telling(id, at, "{}")
    }

    /// With what changed.
    pub(super) fn telling(&self, id: &str, at: Timestamp, fields: &str) -> Statement<'static> {
        let Entry { shop, actor, origin, action, object } = *self;
        audit::record(&NewEntry { shop, id, at, actor, origin, action, object, fields })
    }
}

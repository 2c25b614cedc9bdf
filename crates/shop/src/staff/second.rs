//! The second step of a login: a code of an authenticator app ([`super::totp`]), or a recovery code. And proving again
//! who one is, before something that only they may see.
//!
//! | what | how often | locked after |
//! |---|---|---|
//! | code of the app | once each, one step early or late | five failures, growing delay, with the address |
//! | recovery code | once each, ten of them | the same |

use std::net::IpAddr;
use std::sync::Arc;

use kernel::outside::random_hex;
use kernel::time::MICROS_PER_SECOND;
use kernel::{ShopId, Timestamp};
use store::{ErrorKind, Statement, StoreError, Tx};

use super::Staff;
use super::login::{Attempt, Door, Entry, Granted, Knock, Refused, session, subjects, too_often};
use super::rows::{self, Session};
use super::totp::{self, Secret};
use crate::lockout::{self, Subject};
use crate::vault::Vault;

/// How long after the password the code may be given; machine time.
pub const CODE_MICROS: i64 = 600 * MICROS_PER_SECOND;
/// How long it counts that somebody has proved again who they are; machine time.
pub const CONFIRMED_MICROS: i64 = 600 * MICROS_PER_SECOND;
/// Failures of the second step are counted apart from those of the first.
const REALM: &str = "staff-code";

/// Where a request comes from.
#[derive(Clone, Debug)]
pub struct Whence {
    /// The address.
    pub address: IpAddr,
    /// What the browser calls itself.
    pub device: String,
    /// The same for audit rows.
    pub origin: String,
}

/// What the second step was done with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    App,
    Recovery,
}

impl By {
    fn fields(self) -> &'static str {
        match self {
            By::App => r#"{"second_step":"app"}"#,
            By::Recovery => r#"{"second_step":"recovery_code"}"#,
        }
    }
}

/// How looking at a code ended; a failure is committed too, because it is counted.
enum Looked<T> {
    Right(T),
    Wrong,
}

/// Whether it counts at `now` that somebody proved at `confirmed` who they are.
pub fn is_confirmed(confirmed: Timestamp, now: Timestamp) -> bool {
    now < confirmed.plus_micros(CONFIRMED_MICROS)
}

impl Door {
    /// The session that waits for a code, if the cookie names one and its time is not over.
    pub async fn waiting(&self, secret: &str) -> Result<Option<Session>, StoreError> {
        for look_up in self.vault.look_ups(&session(secret)) {
            let Some(found) = self.store.read(move |tx| rows::find_session(tx, &look_up)).await? else { continue };
            return Ok(Some(found).filter(|found| waits_at(found, self.store.machine_now())));
        }
        Ok(None)
    }

    /// The second step of a login. The session that waited ends, and one under another secret begins.
    pub async fn second(&self, secret: &str, code: &str, from: &Whence) -> Result<Granted, Refused> {
        let (vault, look_ups) = (self.vault.clone(), self.vault.look_ups(&session(secret)));
        let fresh = random_hex::<32>(self.entropy.as_ref());
        let (look_up, begun) = (vault.look_up(&session(&fresh)), self.new_session(from.address, &from.device, false));
        let (code, from, id) = (code.to_owned(), from.clone(), self.audit_id());
        let write = move |tx: &mut Tx<'_>| {
            let now = tx.machine_now();
            let (staff, waiting) = find_waiting(tx, &look_ups)?.ok_or(Refused::Over)?;
            let actor = staff.actor();
            let entry =
                |action| Entry { shop: staff.shop, actor: &actor, origin: &from.origin, action, object: &staff.id };
            match guarded(tx, &vault, &staff, &code, from.address)? {
                (None, last_try) => {
                    let action = if last_try { "staff.locked_out" } else { "staff.code_refused" };
                    tx.execute_all(&[entry(action).at(&id, now)])?;
                    Ok::<_, Refused>(Looked::Wrong)
                }
                (Some(by), _) => {
                    let login = entry("staff.login").telling(&id, now, by.fields());
                    let begin = rows::insert_session(&look_up, &staff.id, &begun, now);
                    tx.execute_all(&[rows::end_session(&waiting), begin, login])?;
                    Ok(Looked::Right(staff))
                }
            }
        };
        match self.store.write(write).await? {
            Looked::Right(staff) => Ok(Granted { staff, secret: fresh, waits: false }),
            Looked::Wrong => Err(Refused::Wrong),
        }
    }

    /// Who is logged in proves again who they are ([`Door::prove`]); their session remembers it.
    pub async fn confirm(&self, secret: &str, staff: &Staff, attempt: Attempt, code: &str) -> Result<(), Refused> {
        self.proven(self.vault.look_ups(&session(secret)), staff, attempt, code).await
    }

    /// Somebody proves that an account is theirs: by its password, and by a code if the two-step login is on.
    pub async fn prove(&self, staff: &Staff, attempt: Attempt, code: &str) -> Result<(), Refused> {
        self.proven(Vec::new(), staff, attempt, code).await
    }

    /// The same for both; `sessions` remember it.
    async fn proven(
        &self,
        sessions: Vec<[u8; 32]>,
        staff: &Staff,
        attempt: Attempt,
        code: &str,
    ) -> Result<(), Refused> {
        let name = staff.email.as_str().to_owned();
        let Knock { found, last_try } = self.knock(&name, &attempt).await?;
        let hash = found.map(|(_, hash)| hash);
        if !self.passwords.is(attempt.password.clone(), hash).await {
            self.refuse(Some(staff.clone()), last_try, &attempt).await?;
            return Err(Refused::Wrong);
        }
        let (vault, code, staff, id) = (self.vault.clone(), code.to_owned(), staff.clone(), self.audit_id());
        let write = move |tx: &mut Tx<'_>| {
            let (now, actor) = (tx.machine_now(), staff.actor());
            let [account, address] = subjects(&name, attempt.address);
            lockout::succeeded(tx, &account)?;
            lockout::take_back(tx, &address)?;
            let entry =
                |action| Entry { shop: staff.shop, actor: &actor, origin: &attempt.origin, action, object: &staff.id };
            if staff.two_step && guarded(tx, &vault, &staff, &code, attempt.address)?.0.is_none() {
                tx.execute_all(&[entry("staff.code_refused").at(&id, now)])?;
                return Ok::<_, Refused>(Looked::Wrong);
            }
            for look_up in &sessions {
                tx.execute_all(&[rows::confirm_session(look_up, now)])?;
            }
            tx.execute_all(&[entry("staff.confirm").at(&id, now)])?;
            Ok(Looked::Right(()))
        };
        match self.store.write(write).await? {
            Looked::Right(()) => Ok(()),
            Looked::Wrong => Err(Refused::Wrong),
        }
    }

    /// A secret for an app, and the same sealed, for a form to bring back.
    pub fn propose(&self, staff: &Staff) -> (Secret, String) {
        let secret = Secret::generate(self.entropy.as_ref());
        let sealed = self.vault.seal(&proposal(&staff.id), secret.as_bytes(), self.entropy.as_ref());
        (secret, kernel::id::hex(&sealed))
    }

    /// The secret that [`Door::propose`] sealed.
    pub fn proposed(&self, staff: &Staff, sealed: &str) -> Option<Secret> {
        let bytes = kernel::id::unhex(sealed)?;
        Secret::of(&self.vault.open(&proposal(&staff.id), &bytes).ok()?)
    }

    /// Turns the two-step login on, for who shows a code of the new secret; the recovery codes, which nobody can read
    /// again. Other sessions of the account end.
    pub async fn turn_on(
        &self,
        staff: &Staff,
        kept_session: &str,
        secret: &Secret,
        code: &str,
        origin: &str,
    ) -> Result<Vec<String>, Refused> {
        let step = secret.step_of(code, self.store.machine_now(), 0).ok_or(Refused::Wrong)?;
        let sealed = seal(&self.vault, &staff.id, secret, self.entropy.as_ref());
        let codes = totp::recovery_codes(self.entropy.as_ref());
        let (kept_codes, kept_session, id) =
            (self.recovery_look_ups(&staff.id, &codes), kept_session.to_owned(), self.audit_id());
        let (staff, origin) = (staff.clone(), origin.to_owned());
        let write = move |tx: &mut Tx<'_>| {
            if rows::totp(tx, &staff.id)?.is_some() {
                return Err(Refused::Already);
            }
            let actor = staff.actor();
            let entry = Entry {
                shop: staff.shop,
                actor: &actor,
                origin: &origin,
                action: "staff.two_step_on",
                object: &staff.id,
            };
            let mut statements =
                vec![rows::set_totp(&staff.id, Some(sealed.clone()), step), rows::forget_recovery(&staff.id)];
            statements.extend(kept_codes.iter().map(|look_up| rows::insert_recovery(look_up, &staff.id)));
            statements.push(entry.at(&id, tx.machine_now()));
            tx.execute_all(&statements)?;
            rows::end_other_devices(tx, &staff.id, &kept_session)?;
            Ok(())
        };
        self.store.write(write).await?;
        Ok(codes)
    }

    /// Turns the two-step login off. Only for who has just proved again who they are.
    pub async fn turn_off(&self, staff: &Staff, origin: &str) -> Result<(), Refused> {
        let staff_id = staff.id.clone();
        let off = move |_: Timestamp| vec![rows::set_totp(&staff_id, None, 0), rows::forget_recovery(&staff_id)];
        self.own_change(staff, origin, "staff.two_step_off", off).await
    }

    /// New recovery codes; the old ones count no more. Only for who has just proved again who they are.
    pub async fn renew_recovery(&self, staff: &Staff, origin: &str) -> Result<Vec<String>, Refused> {
        let codes = totp::recovery_codes(self.entropy.as_ref());
        let (look_ups, staff_id) = (self.recovery_look_ups(&staff.id, &codes), staff.id.clone());
        let renew = move |_: Timestamp| {
            let mut statements = vec![rows::forget_recovery(&staff_id)];
            statements.extend(look_ups.iter().map(|look_up| rows::insert_recovery(look_up, &staff_id)));
            statements
        };
        self.own_change(staff, origin, "staff.recovery_codes", renew).await?;
        Ok(codes)
    }

    /// A change of one's own account, with its audit row.
    pub(super) async fn own_change(
        &self,
        staff: &Staff,
        origin: &str,
        action: &'static str,
        change: impl Fn(Timestamp) -> Vec<Statement<'static>> + Send + 'static,
    ) -> Result<(), Refused> {
        let (staff, origin, id) = (staff.clone(), origin.to_owned(), self.audit_id());
        let write = move |tx: &mut Tx<'_>| {
            let (now, actor) = (tx.machine_now(), staff.actor());
            let entry = Entry { shop: staff.shop, actor: &actor, origin: &origin, action, object: &staff.id };
            let mut statements = change(now);
            statements.push(entry.at(&id, now));
            tx.execute_all(&statements).map(|_| ())
        };
        self.store.write::<_, StoreError, _>(write).await?;
        Ok(())
    }

    /// Recovery codes that one's own account has left.
    pub async fn recovery_left(&self, staff: &Staff) -> Result<i64, StoreError> {
        let staff_id = staff.id.clone();
        self.store.read(move |tx| rows::count_recovery(tx, &staff_id)).await
    }

    fn recovery_look_ups(&self, staff_id: &str, codes: &[String]) -> Vec<[u8; 32]> {
        codes.iter().map(|code| self.vault.look_up(&recovery(staff_id, code))).collect()
    }
}

/// Says whether Live of a shop opens only for who has the two-step login.
pub fn require_for_live(tx: &mut Tx<'_>, shop: ShopId, needed: bool, by: &crate::By) -> Result<(), StoreError> {
    if rows::live_two_step(tx, shop)? == needed {
        return Ok(());
    }
    let fields = serde_json::json!({ "needed": [!needed, needed] });
    let entry = by.record(shop, tx.machine_now(), ("shop.live_two_step", &format!("shop {shop}")), &fields);
    tx.execute_all(&[rows::set_live_two_step(shop, needed), entry]).map(|_| ())
}

/// Seals every secret of an authenticator app under the newest master key; how many there are.
pub fn reseal(tx: &mut Tx<'_>, vault: &Vault, entropy: &dyn kernel::Entropy) -> Result<usize, StoreError> {
    let all = rows::totps(tx)?;
    for (staff_id, sealed) in &all {
        let secret = vault.open(&purpose(staff_id), sealed).map_err(corrupt)?;
        tx.execute_all(&[rows::reseal_totp(staff_id, vault.seal(&purpose(staff_id), &secret, entropy))])?;
    }
    Ok(all.len())
}

/// The secret of an authenticator app as it is stored.
pub fn seal(vault: &Vault, staff_id: &str, secret: &Secret, entropy: &dyn kernel::Entropy) -> Vec<u8> {
    vault.seal(&purpose(staff_id), secret.as_bytes(), entropy)
}

/// Whether a stored secret opens: for who recounts the database.
pub fn opens(vault: &Vault, staff_id: &str, sealed: &[u8]) -> bool {
    vault.open(&purpose(staff_id), sealed).is_ok_and(|bytes| Secret::of(&bytes).is_some())
}

/// Looks at a code, and counts it as a failure unless it is right; whether the next one has to wait.
fn guarded(
    tx: &mut Tx<'_>,
    vault: &Arc<Vault>,
    staff: &Staff,
    code: &str,
    address: IpAddr,
) -> Result<(Option<By>, bool), Refused> {
    let subjects = [Subject::account(REALM, &staff.id), Subject::address(REALM, address)];
    let counted = lockout::begin(tx, &subjects)?;
    let last_try = counted.map_err(|until| too_often(until, tx.machine_now()))?.is_some();
    let by = take(tx, vault, staff, code)?;
    if by.is_some() {
        lockout::succeeded(tx, &subjects[0])?;
        lockout::take_back(tx, &subjects[1])?;
    }
    Ok((by, last_try))
}

/// Takes a code of the app, or a recovery code; none if it is neither, or was taken before.
fn take(tx: &mut Tx<'_>, vault: &Vault, staff: &Staff, code: &str) -> Result<Option<By>, StoreError> {
    let Some((sealed, used)) = rows::totp(tx, &staff.id)? else { return Ok(None) };
    let secret = Secret::of(&vault.open(&purpose(&staff.id), &sealed).map_err(corrupt)?);
    let secret = secret.ok_or_else(|| corrupt("a secret of an authenticator app has another length"))?;
    if let Some(step) = secret.step_of(code, tx.machine_now(), used)
        && rows::take_step(tx, &staff.id, step)?
    {
        return Ok(Some(By::App));
    }
    let Some(code) = totp::recovery_code(code) else { return Ok(None) };
    for look_up in vault.look_ups(&recovery(&staff.id, &code)) {
        if rows::take_recovery(tx, &look_up, &staff.id)? {
            return Ok(Some(By::Recovery));
        }
    }
    Ok(None)
}

fn find_waiting(tx: &mut Tx<'_>, look_ups: &[[u8; 32]]) -> Result<Option<(Staff, [u8; 32])>, StoreError> {
    for look_up in look_ups {
        let found = rows::find_session(tx, look_up)?;
        if let Some(found) = found.filter(|found| waits_at(found, tx.machine_now())) {
            return Ok(Some((found.staff, *look_up)));
        }
    }
    Ok(None)
}

fn waits_at(found: &Session, now: Timestamp) -> bool {
    found.waits && now < found.created.plus_micros(CODE_MICROS)
}

fn purpose(staff_id: &str) -> String {
    format!("staff-totp/{staff_id}")
}

fn proposal(staff_id: &str) -> String {
    format!("staff-totp-proposal/{staff_id}")
}

fn recovery(staff_id: &str, code: &str) -> String {
    format!("staff-recovery/{staff_id}/{code}")
}

fn corrupt(error: impl ToString) -> StoreError {
    StoreError::new(ErrorKind::Corrupt, error.to_string())
}

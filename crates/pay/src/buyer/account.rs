//! Signing up and logging in.

use std::net::IpAddr;
use std::sync::Arc;

use kernel::outside::random_hex;
use kernel::{Entropy, Timestamp};
use shop::Vault;
use shop::lockout::{self, Subject};
use shop::password::{self, Passwords};
use store::{Store, StoreError, Tx};

use super::address::{self, Wrong, WrongFields};
use super::{Account, LogIn, READY_MADE, rows};

/// How long a log-in lasts, machine time.
pub const LOG_IN_MICROS: i64 = 12 * 3_600 * 1_000_000;

/// Characters of a mail address at the most.
const NAME_MAX: usize = 254;

/// The realm of lock-outs.
const REALM: &str = "buyer";

/// What somebody typed to get an account.
#[derive(Clone, Default)]
pub struct SignUp {
    /// Mail address.
    pub email: String,
    /// Password.
    pub password: String,
    /// 姓.
    pub last_name: String,
    /// 名.
    pub first_name: String,
    /// セイ.
    pub last_name_kana: String,
    /// メイ.
    pub first_name_kana: String,
}

/// Why somebody is not logged in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotLoggedIn {
    /// Unknown account or wrong password: which of the two is not said.
    #[error("mail address or password is wrong")]
    Wrong,
    /// Too many failures; until when.
    #[error("locked until {0}")]
    Locked(Timestamp),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why there is no new account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotSignedUp {
    /// These fields.
    Wrong(WrongFields),
    /// The database failed.
    Store(StoreError),
}

impl From<StoreError> for NotSignedUp {
    fn from(error: StoreError) -> NotSignedUp {
        NotSignedUp::Store(error)
    }
}

/// Makes an account.
pub async fn sign_up(
    store: &Store,
    passwords: &Passwords,
    entropy: &dyn Entropy,
    typed: SignUp,
) -> Result<Account, NotSignedUp> {
    let account = checked(&typed, entropy).map_err(NotSignedUp::Wrong)?;
    let hash = passwords.hash(typed.password, entropy).await;
    let made = account.clone();
    store
        .write(move |tx| {
            let now = tx.machine_now();
            match tx.execute_all(&[rows::insert_account(&made, &hash, now)])?[0] {
                1 => Ok(made.clone()),
                _ => Err(NotSignedUp::Wrong(vec![("email", Wrong::Taken)])),
            }
        })
        .await
}

fn checked(typed: &SignUp, entropy: &dyn Entropy) -> Result<Account, WrongFields> {
    let mut wrong = Vec::new();
    let mut keep = |name: &'static str, checked: Result<String, Wrong>| {
        checked.unwrap_or_else(|why| {
            wrong.push((name, why));
            String::new()
        })
    };
    let account = Account {
        id: format!("buyer_{}", random_hex::<16>(entropy)),
        email: keep("email", email(&typed.email)),
        last_name: keep("last_name", address::text(&typed.last_name)),
        first_name: keep("first_name", address::text(&typed.first_name)),
        last_name_kana: keep("last_name_kana", address::katakana(&typed.last_name_kana)),
        first_name_kana: keep("first_name_kana", address::katakana(&typed.first_name_kana)),
    };
    keep("password", new_password(&typed.password, &typed.email));
    if wrong.is_empty() { Ok(account) } else { Err(wrong) }
}

fn new_password(typed: &str, email: &str) -> Result<String, Wrong> {
    let fits = typed.chars().count() >= password::LENGTH_MIN && typed.len() <= password::BYTES_MAX;
    let is_name = typed.eq_ignore_ascii_case(email.trim());
    if fits && !is_name { Ok(String::new()) } else { Err(Wrong::Password) }
}

/// A mail address in lower case: something, one `@`, a name with a dot; no spaces.
fn email(typed: &str) -> Result<String, Wrong> {
    let text = address::text(typed)?.to_ascii_lowercase();
    let (local, domain) = text.split_once('@').ok_or(Wrong::Email)?;
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'@');
    let dotted = domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.');
    if !local.is_empty() && plain(local) && plain(domain) && dotted { Ok(text) } else { Err(Wrong::Email) }
}

/// Where accounts are looked up and log-ins are kept.
#[derive(Clone, Copy)]
pub struct Office<'a> {
    /// The database.
    pub store: &'a Store,
    /// Keyed hashes of cookies and of those who fail.
    pub vault: &'a Arc<Vault>,
    /// Hashes of passwords.
    pub passwords: &'a Passwords,
    /// For cookies.
    pub entropy: &'a dyn Entropy,
}

impl Office<'_> {
    /// Logs somebody in who knows the password. A try is counted for the account and for the address before the password
    /// is looked at: many at once are as bounded as many in a row.
    pub async fn log_in(&self, from: IpAddr, email: &str, password: String) -> Result<LogIn, NotLoggedIn> {
        // A text that is no address is the name of an account that there is not.
        let name = email.trim().to_ascii_lowercase().chars().take(NAME_MAX).collect::<String>();
        let subjects = subjects(&name, from);
        let counted = subjects.clone();
        let knock = move |tx: &mut Tx<'_>| {
            let locked = lockout::begin(tx, &counted)?.map_err(NotLoggedIn::Locked)?;
            let found = if is_no_name(&name) { None } else { rows::by_email(tx, &name)? };
            Ok::<_, NotLoggedIn>((locked, found))
        };
        let (locked, found) = self.store.write(knock).await?;
        let (account, hash) = found.unzip();
        let known = self.passwords.is(password, hash).await;
        match account.filter(|_| known) {
            Some(account) => Ok(self.let_in(&account, Some(subjects[1].clone())).await?),
            None => Err(locked.map_or(NotLoggedIn::Wrong, NotLoggedIn::Locked)),
        }
    }

    /// Logs the owner of an account in, who proved to be it.
    pub async fn begin(&self, account: &Account) -> Result<LogIn, StoreError> {
        self.let_in(account, None).await
    }

    /// Begins a log-in; what was counted of the address was no failure.
    async fn let_in(&self, account: &Account, counted: Option<Subject>) -> Result<LogIn, StoreError> {
        let (token, vault) = (random_hex::<32>(self.entropy), self.vault.clone());
        let (buyer, subject) = (account.id.clone(), Subject::account(REALM, &account.email));
        let begin = move |tx: &mut Tx<'_>| {
            let now = tx.machine_now();
            lockout::succeeded(tx, &subject)?;
            counted.iter().try_for_each(|address| lockout::take_back(tx, address))?;
            let expires = now.plus_micros(LOG_IN_MICROS);
            tx.execute_all(&[rows::delete_ended_sessions(now)])?;
            tx.execute_all(&[rows::insert_session(&vault.look_up(&cookie(&token)), &buyer, now, expires)])?;
            Ok(LogIn { token: token.clone(), buyer: buyer.clone(), expires })
        };
        self.store.write(begin).await
    }

    /// Who holds this cookie.
    pub async fn logged_in(&self, token: &str) -> Result<Option<Account>, StoreError> {
        if token.len() != 64 {
            return Ok(None);
        }
        let look_ups = self.vault.look_ups(&cookie(token));
        let find = move |tx: &mut Tx<'_>| {
            for look_up in &look_ups {
                if let Some(account) = rows::by_session(tx, look_up)? {
                    return Ok(Some(account));
                }
            }
            Ok(None)
        };
        self.store.read(find).await
    }

    /// Logs out.
    pub async fn log_out(&self, token: &str) -> Result<(), StoreError> {
        let ended: Vec<_> = self.vault.look_ups(&cookie(token)).iter().map(|kept| rows::delete_session(kept)).collect();
        self.store
            .write(move |tx| ended.iter().try_for_each(|end| tx.execute_all(std::slice::from_ref(end)).map(|_| ())))
            .await
    }
}

fn subjects(email: &str, from: IpAddr) -> [Subject; 2] {
    [Subject::account(REALM, email), Subject::address(REALM, from)]
}

/// No account has such a name, and PostgreSQL takes no text with a zero in it.
fn is_no_name(name: &str) -> bool {
    name.contains('\0')
}

/// What is hashed of a cookie.
fn cookie(token: &str) -> String {
    format!("buyer session {token}")
}

/// Makes the ready-made account, unless it is there.
pub async fn ensure_ready_made(store: &Store, passwords: &Passwords, entropy: &dyn Entropy) -> Result<(), StoreError> {
    let (email, password) = READY_MADE;
    if store.read(move |tx| rows::by_email(tx, email)).await?.is_some() {
        return Ok(());
    }
    let text = str::to_owned;
    let typed = SignUp {
        email: text(email),
        password: text(password),
        last_name: text("楽天"),
        first_name: text("太郎"),
        last_name_kana: text("ラクテン"),
        first_name_kana: text("タロウ"),
    };
    match sign_up(store, passwords, entropy, typed).await {
        // Another process that starts at the same time may have made it.
        Ok(_) | Err(NotSignedUp::Wrong(_)) => Ok(()),
        Err(NotSignedUp::Store(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_addresses() {
        assert_eq!(email(" Taro@Example.com "), Ok("taro@example.com".to_owned()));
        for wrong in ["", "taro", "@example.com", "a@b@c.jp", "taro@example", "太郎@example.com", "a b@example.com"] {
            assert!(email(wrong).is_err(), "{wrong}");
        }
    }
}

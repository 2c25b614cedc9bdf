//! Signing up and logging in.

use std::net::IpAddr;

use kernel::outside::random_hex;
use kernel::{Entropy, Timestamp};
use sha2::{Digest, Sha256};
use shop::lockout::{self, Subject};
use shop::password::{self, Passwords};
use store::{Store, StoreError};

use super::address::{self, Wrong, WrongFields};
use super::{Account, LogIn, READY_MADE, rows};

/// How long a log-in lasts, machine time.
pub const LOG_IN_MICROS: i64 = 12 * 3_600 * 1_000_000;
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
    keep("password", new_password(&typed.password));
    if wrong.is_empty() { Ok(account) } else { Err(wrong) }
}

fn new_password(typed: &str) -> Result<String, Wrong> {
    let fits = typed.chars().count() >= password::LENGTH_MIN && typed.len() <= password::BYTES_MAX;
    if fits { Ok(String::new()) } else { Err(Wrong::Password) }
}

/// A mail address in lower case: something, one `@`, a name with a dot; no spaces.
fn email(typed: &str) -> Result<String, Wrong> {
    let text = address::text(typed)?.to_ascii_lowercase();
    let (local, domain) = text.split_once('@').ok_or(Wrong::Email)?;
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'@');
    let dotted = domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.');
    if !local.is_empty() && plain(local) && plain(domain) && dotted { Ok(text) } else { Err(Wrong::Email) }
}

/// Logs somebody in who knows the password. Failures count for the account and for the address.
pub async fn log_in(
    store: &Store,
    passwords: &Passwords,
    entropy: &dyn Entropy,
    from: IpAddr,
    email: &str,
    password: String,
) -> Result<(Account, LogIn), NotLoggedIn> {
    let email = email.trim().to_ascii_lowercase();
    let subjects = [Subject::account(REALM, &email), Subject::address(REALM, from)];
    let looked = subjects.clone();
    let (locked, found) = store
        .read(move |tx| Ok::<_, StoreError>((lockout::locked_until(tx, &looked)?, rows::by_email(tx, &email)?)))
        .await?;
    if let Some(until) = locked {
        return Err(NotLoggedIn::Locked(until));
    }
    let (account, hash) = found.unzip();
    let known = passwords.is(password, hash).await;
    let Some(account) = account.filter(|_| known) else {
        let until = store.write(move |tx| lockout::failed(tx, &subjects)).await?;
        return Err(until.map_or(NotLoggedIn::Wrong, NotLoggedIn::Locked));
    };
    let log_in = begin(store, entropy, &account.id, subjects[0].clone()).await?;
    Ok((account, log_in))
}

/// Logs the owner of an account in, who proved to be it.
pub async fn begin(
    store: &Store,
    entropy: &dyn Entropy,
    buyer: &str,
    subject: Subject,
) -> Result<LogIn, StoreError> {
    let (token, buyer) = (random_hex::<32>(entropy), buyer.to_owned());
    store
        .write(move |tx| {
            let now = tx.machine_now();
            lockout::succeeded(tx, &subject)?;
            let expires = now.plus_micros(LOG_IN_MICROS);
            tx.execute_all(&[rows::delete_ended_sessions(now)])?;
            tx.execute_all(&[rows::insert_session(&look_up(&token), &buyer, now, expires)])?;
            Ok(LogIn { token: token.clone(), buyer: buyer.clone(), expires })
        })
        .await
}

/// The subject of the lock-out of a mail address.
pub fn subject(email: &str) -> Subject {
    Subject::account(REALM, email)
}

/// Who holds this cookie.
pub async fn logged_in(store: &Store, token: &str) -> Result<Option<Account>, StoreError> {
    if token.len() != 64 {
        return Ok(None);
    }
    let look_up = look_up(token);
    store.read(move |tx| rows::by_session(tx, &look_up)).await
}

/// Logs out.
pub async fn log_out(store: &Store, token: &str) -> Result<(), StoreError> {
    let look_up = look_up(token);
    store.write(move |tx| tx.execute_all(&[rows::delete_session(&look_up)]).map(|_| ())).await
}

fn look_up(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
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

//! The people of a shop who see its pages: accounts, login, sessions.

pub mod device;
pub mod link;
pub mod login;
pub mod mail;
pub mod rows;
pub mod second;
pub mod team;
pub mod totp;

use std::fmt;
use std::str::FromStr;

use kernel::time::MICROS_PER_SECOND;
use kernel::{Entropy, ShopId, Timestamp};

use crate::password::BYTES_MAX;
use crate::role::Duties;

pub use login::{Attempt, Door, Granted, Refused};

/// A session that was not used for so long has ended; machine time.
pub const IDLE_MICROS: i64 = 3_600 * MICROS_PER_SECOND;
/// A session ends so long after the login, used or not; machine time.
pub const LONGEST_MICROS: i64 = 12 * 3_600 * MICROS_PER_SECOND;

/// Characters of a password of the staff at the least.
pub const PASSWORD_MIN: usize = 12;

/// Why a password cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Fewer than [`PASSWORD_MIN`] characters.
    #[error("a password has at least {PASSWORD_MIN} characters")]
    Short,
    /// More than [`BYTES_MAX`] bytes.
    #[error("a password has at most {BYTES_MAX} bytes")]
    Long,
    /// It is the account's own name.
    #[error("a password is not the address of the account")]
    SameAsName,
}

/// Whether a new password of the account `name` may be used.
pub fn check_password(password: &str, name: &str) -> Result<(), Unfit> {
    if password.chars().count() < PASSWORD_MIN {
        return Err(Unfit::Short);
    }
    if password.len() > BYTES_MAX {
        return Err(Unfit::Long);
    }
    if password.eq_ignore_ascii_case(name) { Err(Unfit::SameAsName) } else { Ok(()) }
}

/// An address by which somebody logs in, and to which mails to the staff go: in lower case, with one `@`.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

/// Why a text is no [`Email`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an address such as owner@shop.example, in ASCII, with at most 254 characters")]
pub struct NoEmail;

impl Email {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(..)")
    }
}

impl FromStr for Email {
    type Err = NoEmail;

    fn from_str(text: &str) -> Result<Email, NoEmail> {
        let text = text.trim();
        let plain = text.len() <= 254 && text.bytes().all(|byte| byte.is_ascii_graphic());
        let (name, domain) = text.split_once('@').ok_or(NoEmail)?;
        let fits = plain && !name.is_empty() && !domain.is_empty() && !domain.contains('@');
        if fits { Ok(Email(text.to_ascii_lowercase())) } else { Err(NoEmail) }
    }
}

/// Somebody who may see a shop's pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    /// Its name in audit rows: `stf_…`.
    pub id: String,
    /// Whose pages.
    pub shop: ShopId,
    /// By which it logs in.
    pub email: Email,
    /// What colleagues call them; may be empty.
    pub name: String,
    /// What they may do.
    pub duties: Duties,
    /// Whether somebody else has seen the password.
    pub must_change: bool,
    /// Whether a login takes a code of an authenticator app as well.
    pub two_step: bool,
}

impl Staff {
    /// A new account of the shop's owner.
    pub fn new(shop: ShopId, email: Email, must_change: bool, entropy: &dyn Entropy) -> Staff {
        let id = format!("stf_{}", kernel::outside::random_hex::<8>(entropy));
        Staff { id, shop, email, name: String::new(), duties: Duties::owner(), must_change, two_step: false }
    }

    /// Who it is, for audit rows.
    pub fn actor(&self) -> String {
        format!("staff:{}", self.id)
    }
}

/// A password that nobody guesses and people can type: four times five letters and digits that are not mistaken for one
/// another; 98 bits.
pub fn random_password(entropy: &dyn Entropy) -> String {
    // Thirty of them, so that a byte below 240 picks each as often.
    const LETTERS: &[u8; 30] = b"abcdefghjkmnpqrstuvwxyz2345678";
    let mut picked = String::new();
    while picked.len() < 23 {
        let [byte] = kernel::outside::random_bytes::<1>(entropy);
        if byte < 240 {
            picked.push(char::from(LETTERS[usize::from(byte % 30)]));
            if matches!(picked.len(), 5 | 11 | 17) {
                picked.push('-');
            }
        }
    }
    picked
}

/// Whether a session that began and was last used at these instants goes on.
pub fn is_alive(begun: Timestamp, seen: Timestamp, now: Timestamp) -> bool {
    now < seen.plus_micros(IDLE_MICROS) && now < begun.plus_micros(LONGEST_MICROS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_in_any_case_and_nothing_else_is() {
        assert_eq!(" Owner@Shop.Example ".parse::<Email>().unwrap().as_str(), "owner@shop.example");
        for wrong in ["", "@", "a@", "@b", "a b@c", "a@b@c", "店@shop.example", &format!("{}@b", "a".repeat(260))] {
            assert!(wrong.parse::<Email>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_session_ends_when_idle_and_after_its_longest() {
        let second = |n: i64| Timestamp::from_seconds(1_795_305_600 + n);
        let begun = second(0);
        assert!(is_alive(begun, begun, second(3_599)));
        assert!(!is_alive(begun, begun, second(3_600)));
        assert!(is_alive(begun, second(43_000), second(43_199)));
        assert!(!is_alive(begun, second(43_199), second(43_200)));
    }

    #[test]
    fn passwords_are_long_and_not_the_name() {
        assert_eq!(check_password("eleven char", "a@b"), Err(Unfit::Short));
        assert_eq!(check_password("twelve chars", "a@b"), Ok(()));
        assert_eq!(check_password("帳場の鍵はこの中にあります", "a@b"), Ok(()));
        assert_eq!(check_password(&"x".repeat(257), "a@b"), Err(Unfit::Long));
        assert_eq!(check_password("Owner@shop.example", "owner@shop.example"), Err(Unfit::SameAsName));
    }

    #[test]
    fn random_passwords_have_their_form_and_differ() {
        struct Counting(std::sync::atomic::AtomicU8);
        impl Entropy for Counting {
            fn fill(&self, bytes: &mut [u8]) {
                bytes.fill_with(|| self.0.fetch_add(37, std::sync::atomic::Ordering::Relaxed));
            }
        }
        let entropy = Counting(0.into());
        let (one, other) = (random_password(&entropy), random_password(&entropy));
        assert!(one.len() == 23 && one.split('-').all(|part| part.len() == 5), "{one}");
        assert_ne!(one, other);
        assert_eq!(check_password(&one, "a@b"), Ok(()));
    }
}

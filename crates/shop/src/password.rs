//! Passwords: argon2id, on threads that may block, only so many at once.
//!
//! An account that does not exist costs as much time as a wrong password: both are compared with a hash.

use std::sync::{Arc, OnceLock};

use argon2::password_hash::SaltString;
use argon2::{Argon2, PasswordHash, PasswordHasher as _, PasswordVerifier as _};
use kernel::Entropy;
use tokio::sync::Semaphore;

/// Characters of a new password at the least (NIST SP 800-63B: 8).
pub const LENGTH_MIN: usize = 8;
/// Bytes of a password at the most: longer ones are not hashed.
pub const BYTES_MAX: usize = 256;
/// Hashes computed at once: each takes 19 MiB and a processor.
const AT_ONCE: usize = 4;

/// Hashes and compares passwords. Cheap to clone; clones share the bound.
#[derive(Clone)]
pub struct Passwords {
    permits: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Passwords {
        Passwords { permits: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Passwords {
    /// The hash to keep, with a salt of its own.
    pub async fn hash(&self, password: String, entropy: &dyn Entropy) -> String {
        let salt = kernel::outside::random_bytes(entropy);
        self.blocking(move || hashed(&password, salt)).await
    }

    /// Whether `password` is the one that `kept` was made of. Without `kept` it is not, after the same time.
    pub async fn is(&self, password: String, kept: Option<String>) -> bool {
        if password.len() > BYTES_MAX {
            return false;
        }
        self.blocking(move || {
            let known = kept.is_some();
            let text = kept.unwrap_or_else(|| nobody().to_owned());
            let Ok(hash) = PasswordHash::new(&text) else { return false };
            Argon2::default().verify_password(password.as_bytes(), &hash).is_ok() && known
        })
        .await
    }

    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let permit = self.permits.clone().acquire_owned().await.expect("the semaphore is never closed");
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        done.await.expect("hashing does not panic")
    }
}

/// The hash that the passwords of unknown accounts are compared with.
fn nobody() -> &'static str {
    static NOBODY: OnceLock<String> = OnceLock::new();
    NOBODY.get_or_init(|| hashed("nobody", [7; 16]))
}

/// Argon2id with the parameters of the OWASP cheat sheet (19 MiB, two passes, one lane), as a PHC string.
fn hashed(password: &str, salt: [u8; 16]) -> String {
    let salt = SaltString::encode_b64(&salt).expect("16 bytes are a salt");
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
    hash.expect("passwords of bounded length can be hashed").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;
    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.iter_mut().enumerate().for_each(|(index, byte)| *byte = index as u8);
        }
    }

    #[tokio::test]
    async fn only_the_password_itself_is_it() {
        let passwords = Passwords::default();
        let kept = passwords.hash("帳場の合言葉".into(), &Counting).await;
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(passwords.is("帳場の合言葉".into(), Some(kept.clone())).await);
        assert!(!passwords.is("帳場の合言葉 ".into(), Some(kept.clone())).await);
        assert!(!passwords.is("nobody".into(), None).await);
        assert!(!passwords.is("x".repeat(BYTES_MAX + 1), Some(kept)).await);
        assert!(!passwords.is("x".into(), Some("not a hash".into())).await);
    }
}

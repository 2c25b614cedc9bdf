//! Secrets at rest: authenticated encryption under a versioned master key, and the keyed hash by which a key is found.
//!
//! A sealed secret is: key version (4 bytes, big endian), nonce (12 bytes), AES-256-GCM ciphertext with its tag. The
//! *purpose* (table and row) is authenticated too, so a sealed secret moved to another row does not open.

use std::fmt;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hmac::{Hmac, Mac};
use kernel::Entropy;
use sha2::Sha256;

/// Why a sealed secret does not open. Never says anything of its content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The master key of that version is not at hand.
    #[error("sealed under master key version {0}, which is not in the key file")]
    UnknownVersion(u32),
    /// Damaged, of another purpose, or sealed under a different key of the same version.
    #[error("{0} does not open: it was altered, or the master key is another one")]
    DoesNotOpen(String),
    /// There is no master key at all.
    #[error("no master key")]
    NoKey,
}

/// One version of the master key, with the keys derived from it.
struct Version {
    number: u32,
    cipher: Aes256Gcm,
    look_up: [u8; 32],
    signing: [u8; 32],
}

/// The master keys of this installation, newest last.
pub struct Vault {
    versions: Vec<Version>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault(versions {:?})", self.versions.iter().map(|version| version.number).collect::<Vec<_>>())
    }
}

impl Vault {
    /// A vault of master keys with their versions; the largest version seals.
    pub fn new(keys: &[(u32, [u8; 32])]) -> Result<Vault, VaultError> {
        let mut versions: Vec<Version> = keys
            .iter()
            .map(|(number, key)| Version {
                number: *number,
                cipher: Aes256Gcm::new(&derived(key, b"choba seal").into()),
                look_up: derived(key, b"choba look-up"),
                signing: derived(key, b"choba audit"),
            })
            .collect();
        versions.sort_by_key(|version| version.number);
        if versions.is_empty() { Err(VaultError::NoKey) } else { Ok(Vault { versions }) }
    }

    /// The version that seals.
    pub fn current_version(&self) -> u32 {
        self.newest().number
    }

    /// Seals `secret` for `purpose`.
    pub fn seal(&self, purpose: &str, secret: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        let newest = self.newest();
        let nonce: [u8; 12] = kernel::outside::random_bytes(entropy);
        let payload = Payload { msg: secret, aad: purpose.as_bytes() };
        // Only texts of more than 64 GiB cannot be encrypted.
        let text = newest.cipher.encrypt(&Nonce::from(nonce), payload).expect("secrets are short");
        [&newest.number.to_be_bytes()[..], &nonce, &text].concat()
    }

    /// Opens what [`Vault::seal`] made for the same purpose.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let broken = || VaultError::DoesNotOpen(purpose.to_owned());
        let (number, rest) = sealed.split_first_chunk::<4>().ok_or_else(broken)?;
        let (nonce, text) = rest.split_first_chunk::<12>().ok_or_else(broken)?;
        let number = u32::from_be_bytes(*number);
        let version = self.versions.iter().find(|version| version.number == number);
        let version = version.ok_or(VaultError::UnknownVersion(number))?;
        let payload = Payload { msg: text, aad: purpose.as_bytes() };
        version.cipher.decrypt(&Nonce::from(*nonce), payload).map_err(|_| broken())
    }

    /// The version a sealed secret was sealed under.
    pub fn version_of(sealed: &[u8]) -> Option<u32> {
        sealed.first_chunk::<4>().map(|number| u32::from_be_bytes(*number))
    }

    /// The keyed hash under which `key` is indexed now.
    pub fn look_up(&self, key: &str) -> [u8; 32] {
        mac(&self.newest().look_up, key.as_bytes())
    }

    /// The keyed hashes under which `key` may be indexed, newest master key first: during a rotation both are in use.
    pub fn look_ups(&self, key: &str) -> Vec<[u8; 32]> {
        self.versions.iter().rev().map(|version| mac(&version.look_up, key.as_bytes())).collect()
    }

    /// Signs the head of the audit chain: key version (4 bytes), HMAC-SHA256.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let newest = self.newest();
        [&newest.number.to_be_bytes()[..], &mac(&newest.signing, message)].concat()
    }

    /// Whether `signature` was made by [`Vault::sign`] over `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let Some((number, tag)) = signature.split_first_chunk::<4>() else { return false };
        let number = u32::from_be_bytes(*number);
        let version = self.versions.iter().find(|version| version.number == number);
        version.is_some_and(|version| keyed(&version.signing, message).verify_slice(tag).is_ok())
    }

    fn newest(&self) -> &Version {
        self.versions.last().expect("a vault has at least one key")
    }
}

fn keyed(key: &[u8], message: &[u8]) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac
}

/// HMAC-SHA256 of `message` under `key`.
pub fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    keyed(key, message).finalize().into_bytes().into()
}

fn derived(master: &[u8; 32], purpose: &[u8]) -> [u8; 32] {
    mac(master, purpose)
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

    #[test]
    fn a_secret_opens_for_its_purpose_only_and_only_unaltered() {
        let vault = Vault::new(&[(1, [7; 32])]).unwrap();
        let sealed = vault.seal("credential/1", b"secret", &Counting);
        assert_eq!(vault.open("credential/1", &sealed).unwrap(), b"secret");
        assert_eq!(vault.open("credential/2", &sealed), Err(VaultError::DoesNotOpen("credential/2".into())));
        for index in 4..sealed.len() {
            let mut altered = sealed.clone();
            altered[index] ^= 1;
            assert!(vault.open("credential/1", &altered).is_err(), "byte {index}");
        }
        assert!(vault.open("credential/1", &sealed[..10]).is_err());
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
    }

    #[test]
    fn a_new_master_key_opens_what_the_old_one_sealed_and_finds_its_keys() {
        let old = Vault::new(&[(1, [7; 32])]).unwrap();
        let both = Vault::new(&[(2, [8; 32]), (1, [7; 32])]).unwrap();
        let only_new = Vault::new(&[(2, [8; 32])]).unwrap();
        let sealed = old.seal("p", b"s", &Counting);
        assert_eq!(both.open("p", &sealed).unwrap(), b"s");
        assert_eq!(only_new.open("p", &sealed), Err(VaultError::UnknownVersion(1)));
        assert_eq!(both.current_version(), 2);
        assert_eq!(Vault::version_of(&both.seal("p", b"s", &Counting)), Some(2));
        assert_eq!(both.look_ups("k"), [only_new.look_up("k"), old.look_up("k")]);
        assert!(both.verify(b"head", &old.sign(b"head")));
        assert!(!both.verify(b"tail", &old.sign(b"head")));
    }
}

//! Lock-out after failed log-ins, with a growing delay: of an account, and from an address. Machine time; survives a
//! restart.
//!
//! | failures in a row | locked for |
//! |---|---|
//! | fewer than the free ones ([`Subject`]) | – |
//! | each further one | 30 s, doubling, at most an hour |
//!
//! Failures are forgotten a day after the last one; those of an account also when its owner logs in.

mod rows;

use std::net::IpAddr;

use kernel::Timestamp;
use sha2::{Digest, Sha256};
use store::{StoreError, Tx};

/// First and longest lock, in microseconds.
const FIRST_MICROS: i64 = 30 * 1_000_000;
const LONGEST_MICROS: i64 = 3_600 * 1_000_000;
/// How long failures are remembered, in microseconds.
const REMEMBERED_MICROS: i64 = 86_400 * 1_000_000;

/// Who fails to log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    digest: [u8; 32],
    free: i64,
}

impl Subject {
    /// An account, of buyers or of staff: the fifth failure locks it.
    pub fn account(realm: &str, name: &str) -> Subject {
        Subject { digest: digest(realm, name), free: 4 }
    }

    /// An address, which many people may share: the twentieth failure locks it. Of IPv6 the first 64 bits count: who has
    /// one such address has all of them.
    pub fn address(realm: &str, address: IpAddr) -> Subject {
        let counted = match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
        };
        Subject { digest: digest(realm, &format!("address {counted}")), free: 19 }
    }

    /// How long the failure of this number, counted from 1, locks; in microseconds.
    fn lock_micros(&self, failures: i64) -> i64 {
        match failures - self.free - 1 {
            beyond if beyond < 0 => 0,
            beyond => FIRST_MICROS.saturating_mul(1 << beyond.min(20)).min(LONGEST_MICROS),
        }
    }
}

fn digest(realm: &str, name: &str) -> [u8; 32] {
    Sha256::digest(format!("{realm}\n{name}").as_bytes()).into()
}

/// Until when the longest lock of `subjects` lasts; none if none is locked.
pub fn locked_until(tx: &mut Tx<'_>, subjects: &[Subject]) -> Result<Option<Timestamp>, StoreError> {
    let now = tx.machine_now();
    let mut latest = None;
    for subject in subjects {
        let locked = rows::find(tx, &subject.digest)?.map(|kept| kept.locked);
        latest = latest.max(locked.filter(|until| now < *until));
    }
    Ok(latest)
}

/// Notes a failure of each subject; until when the longest lock lasts that this leads to.
pub fn failed(tx: &mut Tx<'_>, subjects: &[Subject]) -> Result<Option<Timestamp>, StoreError> {
    let now = tx.machine_now();
    for subject in subjects {
        let before = rows::find_for_update(tx, &subject.digest)?;
        let recent = before.filter(|kept| now < kept.failed.plus_micros(REMEMBERED_MICROS));
        let failures = recent.map_or(0, |kept| kept.failures) + 1;
        rows::save(tx, &subject.digest, failures, now.plus_micros(subject.lock_micros(failures)))?;
    }
    locked_until(tx, subjects)
}

/// Notes a failure of each subject before its password is looked at, so that many log-ins at once are as bounded as many
/// in a row. The inner error says until when they are locked already; then nothing is noted. Otherwise: until when they
/// are locked if it stays a failure.
pub fn begin(tx: &mut Tx<'_>, subjects: &[Subject]) -> Result<Result<Option<Timestamp>, Timestamp>, StoreError> {
    rows::forget_before(tx, tx.machine_now().plus_micros(-REMEMBERED_MICROS))?;
    for subject in subjects {
        // Whoever else is at this subject waits here, and then sees what this one noted.
        rows::hold(tx, &subject.digest)?;
    }
    match locked_until(tx, subjects)? {
        Some(until) => Ok(Err(until)),
        None => failed(tx, subjects).map(Ok),
    }
}

/// What [`begin`] noted of an address was no failure.
pub fn take_back(tx: &mut Tx<'_>, address: &Subject) -> Result<(), StoreError> {
    rows::take_back(tx, &address.digest)
}

/// The owner of the account logged in: its failures are forgotten.
pub fn succeeded(tx: &mut Tx<'_>, account: &Subject) -> Result<(), StoreError> {
    rows::forget(tx, &account.digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_grows_to_an_hour() {
        let account = Subject::account("buyer", "a@example.com");
        let seconds: Vec<i64> = (1..=13).map(|failures| account.lock_micros(failures) / 1_000_000).collect();
        assert_eq!(seconds, [0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        let address = Subject::address("buyer", std::net::IpAddr::from([127, 0, 0, 1]));
        assert_eq!((address.lock_micros(19), address.lock_micros(20)), (0, FIRST_MICROS));
        assert_ne!(account, Subject::account("staff", "a@example.com"));
    }

    #[test]
    fn an_address_of_ipv6_is_its_network() {
        let of = |text: &str| Subject::address("staff", text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}

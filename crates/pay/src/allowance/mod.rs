//! How often somebody may do what others try to do too often: cards tried at the checkout, accounts made. Counted in the
//! database, so that it holds for all processes together and after a restart. Machine time.
//!
//! A rate allows so many at once, and each comes back after its share of the time. One number says where somebody stands:
//! when everything will be there again. Taking one moves it on by the share of one, at most as far as the rate's time
//! ahead of now.

pub(crate) mod rows;

use std::net::IpAddr;

use kernel::time::MICROS_PER_SECOND;
use sha2::{Digest as _, Sha256};
use store::{StoreError, Tx};

use crate::http::limit::Rate;

/// Who does what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject([u8; 32]);

impl Subject {
    /// An account that does `what`.
    pub fn account(what: &str, name: &str) -> Subject {
        Subject(Sha256::digest(format!("{what}\naccount {name}").as_bytes()).into())
    }

    /// An address that does `what`. Of IPv6 the first 64 bits count: who has one such address has all of them.
    pub fn address(what: &str, address: IpAddr) -> Subject {
        let counted = match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
        };
        Subject(Sha256::digest(format!("{what}\naddress {counted}").as_bytes()).into())
    }
}

/// Takes one for each subject; the inner error is the number of seconds until there is one again. Whoever undoes the
/// transaction then has taken none.
pub fn take(tx: &mut Tx<'_>, wanted: &[(Subject, Rate)]) -> Result<Result<(), u32>, StoreError> {
    let now = tx.machine_now();
    for (Subject(subject), rate) in wanted {
        let (share, longest) = shares(*rate);
        if !rows::take(tx, subject, share, longest)? {
            let full = rows::full_at(tx, subject)?.unwrap_or(now);
            let wait = full.micros() + share - now.micros() - longest;
            return Ok(Err(seconds(wait)));
        }
    }
    Ok(Ok(()))
}

/// Microseconds that one takes to come back, and all of them.
fn shares(Rate { requests, seconds }: Rate) -> (i64, i64) {
    let share = (i64::from(seconds) * MICROS_PER_SECOND / i64::from(requests.max(1))).max(1);
    (share, share.saturating_mul(i64::from(requests.max(1))))
}

fn seconds(micros: i64) -> u32 {
    u32::try_from(micros.max(0) / MICROS_PER_SECOND + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_never_nothing() {
        assert_eq!(shares(Rate { requests: 12, seconds: 600 }), (50_000_000, 600_000_000));
        assert_eq!(shares(Rate { requests: 7, seconds: 1 }), (142_857, 999_999));
        assert_eq!(shares(Rate { requests: u32::MAX, seconds: 3_600 }), (1, i64::from(u32::MAX)));
    }

    #[test]
    fn an_address_of_ipv6_is_its_network() {
        let of = |text: &str| Subject::address("card", text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(Subject::account("card", "a"), Subject::account("account", "a"));
    }
}

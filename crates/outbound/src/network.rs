//! Networks as an operator writes them: `10.0.0.0/8`, `fd00::/8`, or one address.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A network: an address and how many of its leading bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Why a text is no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadNetwork {
    /// The part before the slash is no address.
    #[error("{0:?} is not an address or network")]
    NotAnAddress(String),
    /// The part after the slash is no number of bits that the address has.
    #[error("{text:?} has no prefix from 0 to {longest}")]
    BadPrefix {
        /// What was written.
        text: String,
        /// 32 or 128.
        longest: u8,
    },
    /// `10.0.0.1/8`: which of the two was meant?
    #[error("{0:?} has bits set after its prefix")]
    BitsAfterPrefix(String),
    /// `::ffff:10.0.0.0/104`: it is compared as IPv4, so it must be written as IPv4.
    #[error("{0:?} is an IPv4 address in the form of IPv6; write it as IPv4")]
    MappedForm(String),
}

impl Network {
    /// Whether `address` is in it. An IPv4 address inside IPv6 (`::ffff:a.b.c.d`) is the IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.address.is_ipv4() == address.is_ipv4() && same_prefix(bits(self.address), bits(address), self.prefix)
    }
}

/// The bits of an address, aligned to the left.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn same_prefix(one: u128, other: u128, bits: u8) -> bool {
    bits == 0 || (one ^ other) >> (128 - u32::from(bits)) == 0
}

impl FromStr for Network {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Network, BadNetwork> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| BadNetwork::NotAnAddress(text.to_owned()))?;
        if address.to_canonical() != address {
            return Err(BadNetwork::MappedForm(text.to_owned()));
        }
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix.map(u8::from_str) {
            None => longest,
            Some(Ok(prefix)) if prefix <= longest => prefix,
            Some(_) => return Err(BadNetwork::BadPrefix { text: text.to_owned(), longest }),
        };
        if bits(address).checked_shl(prefix.into()).unwrap_or(0) != 0 {
            return Err(BadNetwork::BitsAfterPrefix(text.to_owned()));
        }
        Ok(Network { address, prefix })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_contain_what_their_prefix_says() {
        let rows = [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false),
            ("10.1.2.3", "::ffff:10.1.2.3", true),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("fd00::/8", "fdff::1", true),
            ("fd00::/8", "fe00::1", false),
            ("::1", "::1", true),
            ("::/0", "10.0.0.1", false),
        ];
        for (written, address, inside) in rows {
            let network: Network = written.parse().unwrap();
            assert_eq!(network.contains(address.parse().unwrap()), inside, "{written} {address}");
        }
    }

    #[test]
    fn what_is_no_network_is_named() {
        let read = |text: &str| text.parse::<Network>();
        assert_eq!(read("ten"), Err(BadNetwork::NotAnAddress("ten".into())));
        assert_eq!(read("10.0.0.0/33"), Err(BadNetwork::BadPrefix { text: "10.0.0.0/33".into(), longest: 32 }));
        assert_eq!(read("::/x"), Err(BadNetwork::BadPrefix { text: "::/x".into(), longest: 128 }));
        assert_eq!(read("10.0.0.1/8"), Err(BadNetwork::BitsAfterPrefix("10.0.0.1/8".into())));
        assert_eq!(read("::ffff:10.0.0.1"), Err(BadNetwork::MappedForm("::ffff:10.0.0.1".into())));
        assert_eq!(read("10.0.0.0/8").unwrap().to_string(), "10.0.0.0/8");
    }
}

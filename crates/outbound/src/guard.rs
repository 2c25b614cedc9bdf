//! Which addresses may be connected to. Pure: no name is looked up here.
//!
//! An address of IPv6 that carries one of IPv4 (mapped, compatible, NAT64, 6to4, Teredo) is as forbidden as what it
//! carries. IPv6 is closed by default: only global unicast, `2000::/3`, is open, less its special blocks.
//! Source: the IANA special-purpose address registries for IPv4 and IPv6 (RFC 6890 and its successors).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::network::Network;

/// What kind of address is not a place on the public internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AddressClass {
    /// `0.0.0.0/8` and `::`: this machine or this network.
    Unspecified,
    /// `127.0.0.0/8` and `::1`: this machine.
    Loopback,
    /// `10.0.0.0/8`, `172.16.0.0/12`, `192.168.0.0/16`, and the old site-local `fec0::/10`.
    Private,
    /// `fc00::/7`: the private networks of IPv6.
    UniqueLocal,
    /// `169.254.0.0/16` and `fe80::/10`; cloud providers answer there with credentials.
    LinkLocal,
    /// `100.64.0.0/10`: between a provider and its customers.
    Shared,
    /// `64:ff9b:1::/48`: translation inside one network.
    LocalTranslation,
    /// `224.0.0.0/4` and `ff00::/8`.
    Multicast,
    /// `255.255.255.255`.
    Broadcast,
    /// Documentation: `192.0.2.0/24`, `198.51.100.0/24`, `203.0.113.0/24`, `2001:db8::/32`, `3fff::/20`.
    Documentation,
    /// `198.18.0.0/15` and `2001:2::/48`.
    Benchmarking,
    /// `192.0.0.0/24`, `192.88.99.0/24` and the rest of `2001::/23`: protocols, not hosts.
    ProtocolAssignment,
    /// `240.0.0.0/4`, and what of IPv6 is not global unicast.
    Reserved,
}

impl fmt::Display for AddressClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AddressClass::Unspecified => "unspecified",
            AddressClass::Loopback => "loopback",
            AddressClass::Private => "private",
            AddressClass::UniqueLocal => "unique local",
            AddressClass::LinkLocal => "link-local",
            AddressClass::Shared => "shared",
            AddressClass::LocalTranslation => "local translation",
            AddressClass::Multicast => "multicast",
            AddressClass::Broadcast => "broadcast",
            AddressClass::Documentation => "documentation",
            AddressClass::Benchmarking => "benchmarking",
            AddressClass::ProtocolAssignment => "protocol assignment",
            AddressClass::Reserved => "reserved",
        })
    }
}

/// An address that may not be connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{address} is not a public address ({class})")]
pub struct Forbidden {
    /// The address as it was resolved.
    pub address: IpAddr,
    /// What it is, or what the address inside it is.
    pub class: AddressClass,
}

/// Decides which addresses may be connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    rule: Rule,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Anything,
    Public { exceptions: Vec<Network>, loopback: bool },
}

impl Guard {
    /// Public addresses only: for targets that a shop or anyone else but the operator chose.
    pub fn public() -> Guard {
        Guard { rule: Rule::Public { exceptions: Vec::new(), loopback: false } }
    }

    /// No restriction: only for an address that the operator typed.
    pub fn operator() -> Guard {
        Guard { rule: Rule::Anything }
    }

    /// Also allows the networks that the operator listed. An address inside another (6to4, NAT64 …) is not looked at:
    /// such a network is listed in its IPv6 form.
    pub fn except(mut self, networks: impl IntoIterator<Item = Network>) -> Guard {
        match &mut self.rule {
            Rule::Anything => {}
            Rule::Public { exceptions, .. } => exceptions.extend(networks),
        }
        self
    }

    /// Also allows this machine, `127.0.0.0/8` and `::1`: for `--demo`.
    pub fn with_loopback(mut self) -> Guard {
        match &mut self.rule {
            Rule::Anything => {}
            Rule::Public { loopback, .. } => *loopback = true,
        }
        self
    }

    /// Whether `address` may be connected to.
    pub fn check(&self, address: IpAddr) -> Result<(), Forbidden> {
        let Rule::Public { exceptions, loopback } = &self.rule else { return Ok(()) };
        let Some(class) = class(address) else { return Ok(()) };
        let listed = exceptions.iter().any(|network| network.contains(address));
        if listed || (*loopback && address.to_canonical().is_loopback()) {
            return Ok(());
        }
        Err(Forbidden { address, class })
    }
}

/// What `address` is, if it is not a place on the public internet.
pub fn class(address: IpAddr) -> Option<AddressClass> {
    match address {
        IpAddr::V4(address) => class_v4(address),
        IpAddr::V6(address) => class_v6(address),
    }
}

/// First match counts.
const SPECIAL_V4: [(Ipv4Addr, u32, AddressClass); 16] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8, AddressClass::Unspecified),
    (Ipv4Addr::new(10, 0, 0, 0), 8, AddressClass::Private),
    (Ipv4Addr::new(100, 64, 0, 0), 10, AddressClass::Shared),
    (Ipv4Addr::new(127, 0, 0, 0), 8, AddressClass::Loopback),
    (Ipv4Addr::new(169, 254, 0, 0), 16, AddressClass::LinkLocal),
    (Ipv4Addr::new(172, 16, 0, 0), 12, AddressClass::Private),
    (Ipv4Addr::new(192, 0, 0, 0), 24, AddressClass::ProtocolAssignment),
    (Ipv4Addr::new(192, 0, 2, 0), 24, AddressClass::Documentation),
    (Ipv4Addr::new(192, 88, 99, 0), 24, AddressClass::ProtocolAssignment),
    (Ipv4Addr::new(192, 168, 0, 0), 16, AddressClass::Private),
    (Ipv4Addr::new(198, 18, 0, 0), 15, AddressClass::Benchmarking),
    (Ipv4Addr::new(198, 51, 100, 0), 24, AddressClass::Documentation),
    (Ipv4Addr::new(203, 0, 113, 0), 24, AddressClass::Documentation),
    (Ipv4Addr::new(224, 0, 0, 0), 4, AddressClass::Multicast),
    (Ipv4Addr::BROADCAST, 32, AddressClass::Broadcast),
    (Ipv4Addr::new(240, 0, 0, 0), 4, AddressClass::Reserved),
];

fn class_v4(address: Ipv4Addr) -> Option<AddressClass> {
    let inside = |network: Ipv4Addr, prefix: u32| (address.to_bits() ^ network.to_bits()) >> (32 - prefix) == 0;
    SPECIAL_V4.into_iter().find(|(network, prefix, _)| inside(*network, *prefix)).map(|(_, _, class)| class)
}

/// First match counts. What of `2000::/3` is not here is open.
const SPECIAL_V6: [(Ipv6Addr, u32, AddressClass); 13] = [
    (Ipv6Addr::UNSPECIFIED, 128, AddressClass::Unspecified),
    (Ipv6Addr::LOCALHOST, 128, AddressClass::Loopback),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, AddressClass::LocalTranslation),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, AddressClass::UniqueLocal),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, AddressClass::LinkLocal),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, AddressClass::Private),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, AddressClass::Multicast),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, AddressClass::Documentation),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, AddressClass::Documentation),
    (Ipv6Addr::new(0x2001, 2, 0, 0, 0, 0, 0, 0), 48, AddressClass::Benchmarking),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, AddressClass::ProtocolAssignment),
    // The two halves of the space on either side of global unicast.
    (Ipv6Addr::UNSPECIFIED, 3, AddressClass::Reserved),
    (Ipv6Addr::new(0x8000, 0, 0, 0, 0, 0, 0, 0), 1, AddressClass::Reserved),
];

fn class_v6(address: Ipv6Addr) -> Option<AddressClass> {
    match carried(address) {
        Carried::Wholly(v4) => class_v4(v4),
        Carried::Partly(addresses) => {
            addresses.into_iter().flatten().find_map(class_v4).or_else(|| class_v6_itself(address))
        }
    }
}

fn class_v6_itself(address: Ipv6Addr) -> Option<AddressClass> {
    let inside = |network: Ipv6Addr, prefix: u32| (address.to_bits() ^ network.to_bits()) >> (128 - prefix) == 0;
    let special = SPECIAL_V6.into_iter().find(|(network, prefix, _)| inside(*network, *prefix));
    let global_unicast = address.segments()[0] & 0xe000 == 0x2000;
    match special {
        Some((_, _, class)) => Some(class),
        None if global_unicast => None,
        None => Some(AddressClass::Reserved),
    }
}

/// The addresses of IPv4 that one of IPv6 carries.
enum Carried {
    /// The system or a gateway connects to just this address.
    Wholly(Ipv4Addr),
    /// These too must be open, and so must the address itself.
    Partly([Option<Ipv4Addr>; 2]),
}

fn carried(address: Ipv6Addr) -> Carried {
    let segments = address.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    let last = v4(segments[6], segments[7]);
    match segments {
        [0, 0, 0, 0, 0, 0xffff, _, _] => Carried::Wholly(last),
        [0x64, 0xff9b, 0, 0, 0, 0, _, _] => Carried::Wholly(last),
        // IPv4-compatible; `::` and `::1` look like it and are not.
        [0, 0, 0, 0, 0, 0, high, low] if (high, low) != (0, 0) && (high, low) != (0, 1) => {
            Carried::Partly([Some(last), None])
        }
        // 6to4: behind the prefix.
        [0x2002, high, low, ..] => Carried::Partly([Some(v4(high, low)), None]),
        // Teredo: the server, and the client with all bits turned.
        [0x2001, 0, high, low, _, _, turned_high, turned_low] => {
            Carried::Partly([Some(v4(high, low)), Some(v4(!turned_high, !turned_low))])
        }
        _ => Carried::Partly([None, None]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use AddressClass::*;
    use proptest::prelude::*;

    fn check(guard: &Guard, address: &str) -> Option<AddressClass> {
        guard.check(address.parse().unwrap()).err().map(|forbidden| forbidden.class)
    }

    #[test]
    fn each_block_is_forbidden_from_its_first_to_its_last_address() {
        let rows = [
            ("0.0.0.0", "0.255.255.255", Unspecified),
            ("10.0.0.0", "10.255.255.255", Private),
            ("100.64.0.0", "100.127.255.255", Shared),
            ("127.0.0.0", "127.255.255.255", Loopback),
            ("169.254.0.0", "169.254.255.255", LinkLocal),
            ("172.16.0.0", "172.31.255.255", Private),
            ("192.0.0.0", "192.0.0.255", ProtocolAssignment),
            ("192.0.2.0", "192.0.2.255", Documentation),
            ("192.88.99.0", "192.88.99.255", ProtocolAssignment),
            ("192.168.0.0", "192.168.255.255", Private),
            ("198.18.0.0", "198.19.255.255", Benchmarking),
            ("198.51.100.0", "198.51.100.255", Documentation),
            ("203.0.113.0", "203.0.113.255", Documentation),
            ("224.0.0.0", "239.255.255.255", Multicast),
            ("240.0.0.0", "255.255.255.254", Reserved),
            ("255.255.255.255", "255.255.255.255", Broadcast),
            ("::", "::", Unspecified),
            ("::1", "::1", Loopback),
            ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", LocalTranslation),
            ("100::", "100::ffff:ffff:ffff:ffff", Reserved),
            ("2001:1::", "2001:1:ffff:ffff:ffff:ffff:ffff:ffff", ProtocolAssignment),
            ("2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", Benchmarking),
            ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", Documentation),
            ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", Documentation),
            ("4000::", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Reserved),
            ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", UniqueLocal),
            ("fe00::", "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Reserved),
            ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", LinkLocal),
            ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Private),
            ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Multicast),
        ];
        for (first, last, class) in rows {
            assert_eq!(check(&Guard::public(), first), Some(class), "{first}");
            assert_eq!(check(&Guard::public(), last), Some(class), "{last}");
            assert_eq!(check(&Guard::operator(), first), None, "{first}");
        }
    }

    #[test]
    fn an_address_that_carries_a_forbidden_one_is_forbidden() {
        let rows = [
            ("::ffff:10.0.0.1", Private),
            ("::ffff:127.0.0.1", Loopback),
            ("::ffff:0:127.0.0.1", Reserved),
            ("::169.254.169.254", LinkLocal),
            ("64:ff9b::192.168.1.1", Private),
            ("64:ff9b::169.254.169.254", LinkLocal),
            ("2002:a00:1::1", Private),
            ("2002:7f00:1::", Loopback),
            // The server is 10.0.0.1, the client 8.8.8.8; then the other way round.
            ("2001:0:a00:1:0:0:f7f7:f7f7", Private),
            ("2001:0:808:808:0:0:f5ff:fffe", Private),
        ];
        for (address, class) in rows {
            assert_eq!(check(&Guard::public(), address), Some(class), "{address}");
            assert!(check(&Guard::public().with_loopback(), address).is_some() || class == Loopback, "{address}");
        }
    }

    #[test]
    fn what_is_next_to_a_block_is_open() {
        let open = [
            "1.0.0.0",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:4860:4860::8888",
            "2606:4700:4700::1111",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
            "3ffe:ffff::1",
        ];
        for address in open {
            assert_eq!(check(&Guard::public(), address), None, "{address}");
        }
        // Open inside, but no such address is a place one can connect to.
        for address in ["::8.8.8.8", "2001:0:808:808:0:0:f7f7:f7f7"] {
            assert!(check(&Guard::public(), address).is_some(), "{address}");
        }
    }

    #[test]
    fn loopback_and_listed_networks_are_opened_and_nothing_else() {
        let demo = Guard::public().with_loopback();
        for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(check(&demo, address), None, "{address}");
        }
        for address in ["0.0.0.0", "::", "::127.0.0.1", "2002:7f00:1::", "64:ff9b::127.0.0.1", "10.0.0.1"] {
            assert!(check(&demo, address).is_some(), "{address}");
        }
        let listed = Guard::public().except(["10.1.0.0/16".parse().unwrap(), "fd12::/16".parse().unwrap()]);
        for address in ["10.1.2.3", "::ffff:10.1.2.3", "fd12::9"] {
            assert_eq!(check(&listed, address), None, "{address}");
        }
        for address in ["10.2.0.1", "64:ff9b::10.1.2.3", "2002:a01:203::", "fd13::1", "127.0.0.1"] {
            assert!(check(&listed, address).is_some(), "{address}");
        }
    }

    #[test]
    fn a_refusal_names_address_and_class() {
        let refusal = Guard::public().check("fe80::1".parse().unwrap()).unwrap_err();
        assert_eq!(refusal.to_string(), "fe80::1 is not a public address (link-local)");
    }

    /// Every way to write `v4` as an address of IPv6; `noise` fills what is free.
    fn forms(v4: Ipv4Addr, noise: u64) -> [Ipv6Addr; 6] {
        let bits = u128::from(v4.to_bits());
        let noise = u128::from(noise);
        [
            v4.to_ipv6_mapped(),
            v4.to_ipv6_compatible(),
            Ipv6Addr::from_bits(0x64_ff9b << 96 | bits),
            Ipv6Addr::from_bits(0x2002 << 112 | bits << 80 | noise),
            Ipv6Addr::from_bits(0x2001_0000 << 96 | bits << 64 | noise),
            Ipv6Addr::from_bits(0x2001_0000 << 96 | noise << 32 | (!bits & 0xffff_ffff)),
        ]
    }

    proptest! {
        #[test]
        fn every_form_of_a_forbidden_address_is_forbidden(row in 0..SPECIAL_V4.len(), host: u32, noise: u64) {
            let (network, prefix, _) = SPECIAL_V4[row];
            let host_bits = u32::MAX.checked_shr(prefix).unwrap_or(0);
            let v4 = Ipv4Addr::from_bits(network.to_bits() | (host & host_bits));
            prop_assert!(Guard::public().check(v4.into()).is_err());
            for form in forms(v4, noise) {
                prop_assert!(Guard::public().check(form.into()).is_err(), "{form}");
            }
        }

        #[test]
        fn a_mapped_address_is_as_open_as_itself(bits: u32) {
            let v4 = Ipv4Addr::from_bits(bits);
            for guard in [Guard::public(), Guard::public().with_loopback(), Guard::operator()] {
                let mapped = guard.check(v4.to_ipv6_mapped().into()).map_err(|forbidden| forbidden.class);
                prop_assert_eq!(guard.check(v4.into()).map_err(|forbidden| forbidden.class), mapped);
            }
        }

        #[test]
        fn outside_global_unicast_only_translations_are_open(bits: u128) {
            let address = Ipv6Addr::from_bits(bits);
            let open = Guard::public().check(address.into()).is_ok();
            let translated = address.to_ipv4_mapped().is_some() || bits >> 32 == 0x64_ff9b << 64;
            prop_assert!(!open || bits >> 125 == 1 || translated, "{address}");
        }
    }
}

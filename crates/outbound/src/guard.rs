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

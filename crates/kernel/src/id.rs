//! Names of things: shops, services, charges. Parsed at the edge, then trusted.

use std::fmt;
use std::str::FromStr;

use crate::JstDate;

/// A shop, the owner of rows: the first column of every primary key of shop data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShopId(pub i64);

impl fmt::Display for ShopId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Why a text is not the id it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not ten decimal digits.
    #[error("a service id has ten digits, not {0:?}")]
    Service(String),
    /// Not `SERVICEID-YYYYMMDD-NNNNNNNNNN`.
    #[error("an order number reads SERVICEID-YYYYMMDD-NNNNNNNNNN, not {0:?}")]
    Charge(String),
}

/// A service id: ten digits, one for a shop's Sandbox and one for its Live (seed 000 "サービスID").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(u64);

impl ServiceId {
    /// The service id with this number, if it fits ten digits.
    pub fn new(number: u64) -> Option<ServiceId> {
        (number <= 9_999_999_999).then_some(ServiceId(number))
    }
}

impl fmt::Display for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:010}", self.0)
    }
}

impl FromStr for ServiceId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        digits(text, 10).map(ServiceId).ok_or_else(|| IdError::Service(text.to_owned()))
    }
}

/// An order number (注文番号), the id of a charge: `SERVICEID-YYYYMMDD-NNNNNNNNNN`, date in JST, ten-digit serial of
/// the service (contract online-lite-api, "Charge object").
///
/// Serials of one service only grow and its dates never go back, so the text order of numbers is the order of creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChargeNumber {
    service: ServiceId,
    date: JstDate,
    serial: u64,
}

impl ChargeNumber {
    /// The number of the charge with this serial, if the serial fits ten digits and the date four-digit years.
    pub fn new(service: ServiceId, date: JstDate, serial: u64) -> Option<ChargeNumber> {
        let (year, _, _) = date.civil();
        (serial <= 9_999_999_999 && (0..=9_999).contains(&year)).then_some(ChargeNumber { service, date, serial })
    }

    /// Whose charge it is.
    pub fn service(self) -> ServiceId {
        self.service
    }

    /// The order date, in JST.
    pub fn date(self) -> JstDate {
        self.date
    }

    /// The running number within the service.
    pub fn serial(self) -> u64 {
        self.serial
    }
}

impl fmt::Display for ChargeNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date.civil();
        write!(f, "{}-{year:04}{month:02}{day:02}-{:010}", self.service, self.serial)
    }
}

impl FromStr for ChargeNumber {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_charge_number(text).ok_or_else(|| IdError::Charge(text.to_owned()))
    }
}

fn parse_charge_number(text: &str) -> Option<ChargeNumber> {
    let mut parts = text.split('-');
    let (service, date, serial) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let service = ServiceId(digits(service, 10)?);
    let date = digits(date, 8)?;
    let date = JstDate::new((date / 10_000) as i64, (date / 100 % 100) as u8, (date % 100) as u8)?;
    ChargeNumber::new(service, date, digits(serial, 10)?)
}

/// The number that exactly `length` ASCII digits spell.
fn digits(text: &str, length: usize) -> Option<u64> {
    let all_digits = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    if all_digits { text.parse().ok() } else { None }
}

/// Lower-case hex digits of `bytes`.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|nibble| char::from(DIGITS[usize::from(nibble)])).collect()
}

/// The bytes that an even number of hex digits spell, in either case.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let nibbles: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let nibbles = nibbles.filter(|nibbles| nibbles.len() % 2 == 0)?;
    Some(nibbles.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_order_number_reads_as_the_contract_says() {
        let number: ChargeNumber = "0000000123-20261122-0000000042".parse().unwrap();
        assert_eq!(number.service().to_string(), "0000000123");
        assert_eq!(number.date().to_string(), "2026-11-22");
        assert_eq!(number.serial(), 42);
        assert_eq!(number.to_string(), "0000000123-20261122-0000000042");
    }

    #[test]
    fn what_is_not_an_order_number_is_refused() {
        for wrong in [
            "",
            "0000000123-20261122-42",
            "0000000123-20261122-0000000042-",
            "0000000123-20261131-0000000042",
            "000000012a-20261122-0000000042",
            "+000000123-20261122-0000000042",
            "0000000123-20261122-000000004２",
        ] {
            assert_eq!(wrong.parse::<ChargeNumber>(), Err(IdError::Charge(wrong.to_owned())));
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_keeps_what_it_accepts(text in "\\PC{0,40}|[0-9]{10}-[0-9]{8}-[0-9]{10}") {
            if let Ok(number) = text.parse::<ChargeNumber>() {
                prop_assert_eq!(number.to_string(), text);
            }
        }

        #[test]
        fn later_serials_sort_later(service in 0..10_000_000_000_u64, day in 0..20_000_i64, serial in 0..9_999_999_999_u64) {
            let service = ServiceId::new(service).unwrap();
            let date = JstDate::new(2020, 1, 1).unwrap().plus_days(day);
            let number = |date, serial| ChargeNumber::new(service, date, serial).unwrap().to_string();
            prop_assert!(number(date, serial) < number(date, serial + 1));
            prop_assert!(number(date, serial) < number(date.plus_days(1), serial + 1));
        }

        #[test]
        fn hex_goes_both_ways(bytes: Vec<u8>) {
            prop_assert_eq!(unhex(&hex(&bytes)), Some(bytes));
        }
    }
}

//! 注文番号: `123456-20180101-1241583267`, shop of six digits, JST date of the order, eight or ten digits.

use std::fmt;
use std::str::FromStr;

use kernel::JstDate;

/// Ids that are kept for the rows of one order.
const ROWS: u32 = 256;

/// The number of an order (contract, section 1 "Order number").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderNumber {
    shop: u32,
    date: JstDate,
    serial: u64,
    /// Ten digits now; eight in orders of before 2018.
    digits: usize,
}

/// A text is no order number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an order number reads 123456-20260101-1234567890, not {0:?}")]
pub struct NoOrderNumber(pub String);

impl OrderNumber {
    /// The number with this serial, if shop, year and serial fit their digits.
    pub fn new(shop: u32, date: JstDate, serial: u64) -> Option<OrderNumber> {
        let fits = shop <= 999_999 && serial <= 9_999_999_999 && (0..=9_999).contains(&date.civil().0);
        fits.then_some(OrderNumber { shop, date, serial, digits: 10 })
    }

    /// The number before the first id of a row of this order (destinations, items, parcels, changes). No two orders of a
    /// shop share an id, as long as they have up to 256 each and the shop up to eight million orders: programs keep such
    /// ids in 32 bits.
    pub fn rows_from(self) -> u32 {
        let block = self.serial % u64::from(i32::MAX as u32 / ROWS);
        block as u32 * ROWS
    }

    /// The mall's number of the shop.
    pub fn shop(self) -> u32 {
        self.shop
    }

    /// The JST date of the order.
    pub fn date(self) -> JstDate {
        self.date
    }
}

impl fmt::Display for OrderNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date.civil();
        write!(f, "{:06}-{year:04}{month:02}{day:02}-{:0width$}", self.shop, self.serial, width = self.digits)
    }
}

impl FromStr for OrderNumber {
    type Err = NoOrderNumber;

    fn from_str(text: &str) -> Result<OrderNumber, NoOrderNumber> {
        parse(text).ok_or_else(|| NoOrderNumber(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<OrderNumber> {
    let mut parts = text.split('-');
    let (shop, date, serial) = (parts.next()?, parts.next()?, parts.next()?);
    let fits = parts.next().is_none() && shop.len() == 6 && date.len() == 8 && matches!(serial.len(), 8 | 10);
    let number =
        |part: &str| if part.bytes().all(|byte| byte.is_ascii_digit()) { part.parse::<u64>().ok() } else { None };
    if !fits {
        return None;
    }
    let day = number(date)?;
    let date = JstDate::new(i64::try_from(day / 10_000).ok()?, (day / 100 % 100) as u8, (day % 100) as u8)?;
    let shop = u32::try_from(number(shop)?).ok()?;
    Some(OrderNumber { shop, date, serial: number(serial)?, digits: serial.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_contract_are_read_and_written() {
        for text in ["502763-20171027-00006701", "123456-20180101-1241583267"] {
            assert_eq!(text.parse::<OrderNumber>().unwrap().to_string(), text);
        }
        let date = JstDate::new(2026, 11, 22).unwrap();
        assert_eq!(OrderNumber::new(123, date, 42).unwrap().to_string(), "000123-20261122-0000000042");
    }

    #[test]
    fn other_texts_are_none() {
        for text in [
            "",
            "502763-20171027-000067",
            "502763-20171327-00006701",
            "50276-20171027-00006701",
            "502763-20171027-00006701-1",
            "５02763-20171027-00006701",
        ] {
            assert!(text.parse::<OrderNumber>().is_err(), "{text}");
        }
    }
}

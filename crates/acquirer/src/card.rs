//! Cards on their way to a token: the only place where a full number is looked at, and where it ends.

use std::fmt;
use std::hint::black_box;
use std::str::FromStr;

use kernel::Timestamp;

/// A card as the buyer typed it. Lives until it is tokenized; overwritten when dropped, hidden from `{:?}`.
pub struct CardDetails {
    /// The number; spaces and hyphens between the digits do not matter.
    pub number: String,
    /// Last year of validity, four digits.
    pub expiry_year: u16,
    /// Last month of validity, 1 to 12.
    pub expiry_month: u8,
    /// The security code, if the buyer was asked for it.
    pub security_code: Option<String>,
    /// The name on the card.
    pub holder: String,
}

impl fmt::Debug for CardDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardDetails { .. }")
    }
}

impl Drop for CardDetails {
    fn drop(&mut self) {
        overwrite(&mut self.number);
        if let Some(code) = &mut self.security_code {
            overwrite(code);
        }
        overwrite(&mut self.holder);
    }
}

fn overwrite(text: &mut String) {
    let mut bytes = std::mem::take(text).into_bytes();
    bytes.fill(0);
    // The memory is about to be freed, so the compiler could leave the zeros out if nobody looked at them.
    black_box(&bytes);
}

/// A security code on its way to the provider. Overwritten when dropped, hidden from `{:?}`.
pub struct SecurityCode(String);

impl SecurityCode {
    /// What the buyer typed.
    pub fn new(typed: String) -> SecurityCode {
        SecurityCode(typed)
    }

    /// Whether it has as many digits as the brand prints.
    pub fn fits(&self, brand: Brand) -> bool {
        is_security_code(&self.0, brand)
    }
}

impl fmt::Debug for SecurityCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecurityCode { .. }")
    }
}

impl Drop for SecurityCode {
    fn drop(&mut self) {
        overwrite(&mut self.0);
    }
}

impl CardDetails {
    /// Checks everything that can be checked without asking the issuer; the brand is the number's.
    ///
    /// Whether the card has expired is for the authorization to say: only that has a world time.
    pub fn check(&self) -> Result<Brand, TokenizeRefused> {
        let brand = self.brand()?;
        if !(2000..=2199).contains(&self.expiry_year) {
            return Err(TokenizeRefused::ExpiryYear);
        }
        if !(1..=12).contains(&self.expiry_month) {
            return Err(TokenizeRefused::ExpiryMonth);
        }
        match &self.security_code {
            Some(code) if !is_security_code(code, brand) => Err(TokenizeRefused::SecurityCode),
            Some(_) | None => Ok(brand),
        }
    }

    /// The last four digits: all that is kept of the number. Meaningful once [`CardDetails::check`] passed.
    pub fn last4(&self) -> String {
        let mut last: Vec<char> = self.digits().rev().take(4).map(char::from).collect();
        last.reverse();
        last.into_iter().collect()
    }

    /// Whether the card has this number, written as digits only.
    pub fn has_number(&self, number: &str) -> bool {
        self.digits().eq(number.bytes())
    }

    fn brand(&self) -> Result<Brand, TokenizeRefused> {
        let length = self.digits().count();
        if !(12..=19).contains(&length) || !self.digits().all(|digit| digit.is_ascii_digit()) {
            return Err(TokenizeRefused::NumberFormat);
        }
        if !passes_luhn(self.digits()) {
            return Err(TokenizeRefused::NumberCheckDigit);
        }
        let beginning = self.digits().take(4).fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
        Brand::of_number(beginning, length).ok_or(TokenizeRefused::NumberBrand)
    }

    fn digits(&self) -> impl DoubleEndedIterator<Item = u8> + '_ {
        self.number.bytes().filter(|byte| !matches!(byte, b' ' | b'-'))
    }
}

/// Whether the last digit fits the others (ISO/IEC 7812-1, annex B). `digits` are ASCII digits.
pub fn passes_luhn(digits: impl DoubleEndedIterator<Item = u8>) -> bool {
    let sum: u32 = digits
        .rev()
        .enumerate()
        .map(|(position, digit)| match (position % 2, u32::from(digit.wrapping_sub(b'0'))) {
            (0, digit) => digit,
            (_, digit) => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

fn is_security_code(code: &str, brand: Brand) -> bool {
    let length = match brand {
        Brand::Amex => 4,
        Brand::Visa | Brand::Mastercard | Brand::Jcb | Brand::Diners => 3,
    };
    code.len() == length && code.bytes().all(|byte| byte.is_ascii_digit())
}

/// Why a card was not taken; the message never repeats what was typed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenizeRefused {
    /// Not 12 to 19 digits.
    #[error("number: a card number has 12 to 19 digits")]
    NumberFormat,
    /// The check digit does not fit.
    #[error("number: the digits do not belong together; one may be mistyped")]
    NumberCheckDigit,
    /// Not the range and length of a brand we take.
    #[error("number: no card of Visa, Mastercard, JCB, American Express or Diners Club has this number")]
    NumberBrand,
    /// Not a four-digit year.
    #[error("expiry_year: expected a year from 2000 to 2199")]
    ExpiryYear,
    /// Not a month.
    #[error("expiry_month: expected a month from 1 to 12")]
    ExpiryMonth,
    /// Not as many digits as the brand prints.
    #[error("security_code: expected 3 digits, for American Express 4")]
    SecurityCode,
    /// The provider could not be asked, or did not answer; nothing is wrong with the card. The text is for the log.
    #[error("the card could not be tokenized now: {0}")]
    Unavailable(String),
}

impl TokenizeRefused {
    /// The field of [`CardDetails`] that is wrong; none if the provider is at fault.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            TokenizeRefused::NumberFormat | TokenizeRefused::NumberCheckDigit | TokenizeRefused::NumberBrand => {
                Some("number")
            }
            TokenizeRefused::ExpiryYear => Some("expiry_year"),
            TokenizeRefused::ExpiryMonth => Some("expiry_month"),
            TokenizeRefused::SecurityCode => Some("security_code"),
            TokenizeRefused::Unavailable(_) => None,
        }
    }
}

/// What stands for a card from now on, and what may be shown of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardToken {
    /// The provider's name for the card.
    pub token: String,
    /// The brand.
    pub brand: Brand,
    /// The last four digits.
    pub last4: String,
    /// Last year of validity, four digits.
    pub expiry_year: u16,
    /// Last month of validity, 1 to 12.
    pub expiry_month: u8,
}

/// The brands of cards that are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Brand {
    /// Visa.
    Visa,
    /// Mastercard.
    Mastercard,
    /// JCB.
    Jcb,
    /// American Express.
    Amex,
    /// Diners Club.
    Diners,
}

impl Brand {
    /// Every brand.
    pub const ALL: [Brand; 5] = [Brand::Visa, Brand::Mastercard, Brand::Jcb, Brand::Amex, Brand::Diners];

    /// The word used in rows and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Brand::Visa => "visa",
            Brand::Mastercard => "mastercard",
            Brand::Jcb => "jcb",
            Brand::Amex => "amex",
            Brand::Diners => "diners",
        }
    }

    /// The brand as it writes itself.
    pub fn display_name(self) -> &'static str {
        match self {
            Brand::Visa => "Visa",
            Brand::Mastercard => "Mastercard",
            Brand::Jcb => "JCB",
            Brand::Amex => "American Express",
            Brand::Diners => "Diners Club",
        }
    }

    /// The brand whose range holds a number with these first four digits and this many digits.
    fn of_number(beginning: u32, length: usize) -> Option<Brand> {
        match (beginning, length) {
            (4000..=4999, 13 | 16 | 19) => Some(Brand::Visa),
            (5100..=5599 | 2221..=2720, 16) => Some(Brand::Mastercard),
            (3528..=3589, 16..=19) => Some(Brand::Jcb),
            (3400..=3499 | 3700..=3799, 15) => Some(Brand::Amex),
            (3000..=3059 | 3095 | 3600..=3699 | 3800..=3999, 14..=19) => Some(Brand::Diners),
            (_, _) => None,
        }
    }
}

impl fmt::Display for Brand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no brand's word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown brand {0:?}: expected visa, mastercard, jcb, amex or diners")]
pub struct UnknownBrand(pub String);

impl FromStr for Brand {
    type Err = UnknownBrand;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Brand::ALL.into_iter().find(|brand| brand.as_str() == text).ok_or_else(|| UnknownBrand(text.to_owned()))
    }
}

/// Whether a card that is valid to the end of a month has expired at `at`, by the Japanese calendar.
pub fn has_expired(expiry_year: i64, expiry_month: i64, at: Timestamp) -> bool {
    let (year, month, _) = at.jst_date().civil();
    (expiry_year, expiry_month) < (year, i64::from(month))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::JstDate;

    fn card(number: &str) -> CardDetails {
        CardDetails {
            number: number.into(),
            expiry_year: 2030,
            expiry_month: 12,
            security_code: None,
            holder: "TARO RAKUTEN".into(),
        }
    }

    #[test]
    fn numbers_are_checked_and_tell_their_brand() {
        let rows = [
            ("4111 1111 1111 1111", Ok(Brand::Visa)),
            ("5555-5555-5555-4444", Ok(Brand::Mastercard)),
            ("2223003122003222", Ok(Brand::Mastercard)),
            ("3530111333300000", Ok(Brand::Jcb)),
            ("378282246310005", Ok(Brand::Amex)),
            ("30569309025904", Ok(Brand::Diners)),
            ("4111111111111112", Err(TokenizeRefused::NumberCheckDigit)),
            ("6011111111111117", Err(TokenizeRefused::NumberBrand)),
            ("4111", Err(TokenizeRefused::NumberFormat)),
            ("", Err(TokenizeRefused::NumberFormat)),
            ("411111111111111x", Err(TokenizeRefused::NumberFormat)),
            ("４１１１１１１１１１１１１１１１", Err(TokenizeRefused::NumberFormat)),
        ];
        for (number, expected) in rows {
            assert_eq!(card(number).check(), expected, "{number}");
        }
    }

    #[test]
    fn the_wrong_field_is_named() {
        let wrong = |change: fn(&mut CardDetails)| {
            let mut card = card("378282246310005");
            change(&mut card);
            card.check().unwrap_err().field().unwrap()
        };
        assert_eq!(wrong(|card| card.number = "1".into()), "number");
        assert_eq!(wrong(|card| card.expiry_year = 30), "expiry_year");
        assert_eq!(wrong(|card| card.expiry_month = 13), "expiry_month");
        assert_eq!(wrong(|card| card.expiry_month = 0), "expiry_month");
        assert_eq!(wrong(|card| card.security_code = Some("123".into())), "security_code");
        assert_eq!(wrong(|card| card.security_code = Some("123x".into())), "security_code");
    }

    #[test]
    fn nothing_of_a_card_is_shown() {
        let mut card = card("4111111111111111");
        card.security_code = Some("737".into());
        let shown = format!("{card:?} {:#?}", Some(&card));
        assert!(!shown.contains("4111") && !shown.contains("737") && !shown.contains("TARO"), "{shown}");
        assert_eq!(card.last4(), "1111");
    }

    #[test]
    fn a_card_is_good_to_the_end_of_its_month_in_japan() {
        let end = JstDate::new(2027, 1, 1).unwrap().start();
        assert!(!has_expired(2026, 12, end.plus_micros(-1)));
        assert!(has_expired(2026, 12, end));
        assert!(!has_expired(2027, 1, end));
    }

    #[test]
    fn brands_go_both_ways() {
        for brand in Brand::ALL {
            assert_eq!(brand.as_str().parse(), Ok(brand));
        }
    }
}

//! Dates and times of the wire (contract, section 1 "Dates and times"): `2018-01-25T13:45:00+0900` and `2018-01-25`, and
//! nothing else.

use kernel::Timestamp;
use kernel::time::MICROS_PER_SECOND;

use crate::order::Day;

/// `2018-01-25T13:45:00+0900`.
pub fn datetime(at: Timestamp) -> String {
    // Ours has the offset with a colon.
    at.to_string().replace("+09:00", "+0900")
}

/// The instant that a text of exactly that form names: other offsets, other separators and fractions are refused as the
/// live API refuses them.
pub fn parse_datetime(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_once('T')?;
    let day = Day::parse(date)?;
    let clock = time.strip_suffix("+0900")?;
    let bytes = clock.as_bytes();
    if bytes.len() != 8 || bytes[2] != b':' || bytes[5] != b':' {
        return None;
    }
    let part = |range: std::ops::Range<usize>, below: i64| {
        let digits = clock.get(range)?;
        let number =
            if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse::<i64>().ok()? } else { return None };
        (number < below).then_some(number)
    };
    let seconds = part(0..2, 24)? * 3_600 + part(3..5, 60)? * 60 + part(6..8, 60)?;
    Some(day.0.start().plus_micros(seconds * MICROS_PER_SECOND))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_form_of_the_contract_is_read() {
        let at = parse_datetime("2018-01-25T13:45:00+0900").unwrap();
        assert_eq!(datetime(at), "2018-01-25T13:45:00+0900");
        // 2018-01-25T04:45:00Z (date -u -d 2018-01-25T04:45:00Z +%s).
        assert_eq!(at.seconds(), 1_516_855_500);
        for wrong in [
            "2018-01-25T13:45:00+09:00",
            "2018-01-25T13:45:00Z",
            "2018-01-25T13:45:00",
            "2018-01-25T13:45:00.000+0900",
            "2018-01-25 13:45:00+0900",
            "2018/01/25T13:45:00+0900",
            "2018-01-25",
            "2018-01-25T13:45:00+0000",
            "2018-02-30T13:45:00+0900",
            "2018-01-25T24:00:00+0900",
            "",
        ] {
            assert_eq!(parse_datetime(wrong), None, "{wrong}");
        }
    }
}

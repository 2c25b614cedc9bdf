//! Lengths of time as people type them: `14d`, `36h`, `1h30m`, `90m`, `45s`.

use std::time::Duration;

/// What is wrong with a typed length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Nothing was typed.
    #[error("no length of time was given; write for example 14d, 36h or 1h30m")]
    Empty,
    /// A unit without a number before it.
    #[error("a number is missing before {0:?}; write for example 14d, 36h or 1h30m")]
    NoNumber(String),
    /// A number without a unit after it.
    #[error("the unit is missing after {0}; the units are d (days), h (hours), m (minutes), s (seconds)")]
    NoUnit(String),
    /// A unit that is none.
    #[error("{0:?} is not a unit; the units are d (days), h (hours), m (minutes), s (seconds)")]
    UnknownUnit(char),
    /// A unit that came before, or a larger one after a smaller one.
    #[error("{0:?} comes too late: each unit once, the largest first, as in 1d12h30m")]
    OutOfOrder(char),
    /// Zero.
    #[error("the length of time is zero")]
    Zero,
    /// More than [`LONGEST`].
    #[error("longer than 3650 days")]
    TooLong,
}

const SECONDS_PER_DAY: u64 = 86_400;

/// The longest length of time that is accepted: ten years, or 3650 days.
pub const LONGEST: Duration = Duration::from_secs(3_650 * SECONDS_PER_DAY);

/// Reads a length of time: whole numbers with the units `d`, `h`, `m`, `s`, each at most once, the largest first.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(DurationError::Empty);
    }
    let mut seconds: u64 = 0;
    let mut smallest_so_far = u64::MAX;
    while let Some(first) = rest.chars().next() {
        let (number, after) = rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count());
        let Some(unit) = after.chars().next() else {
            return Err(DurationError::NoUnit(number.to_owned()));
        };
        let size =
            unit_seconds(unit).ok_or(DurationError::UnknownUnit(if number.is_empty() { first } else { unit }))?;
        if number.is_empty() {
            return Err(DurationError::NoNumber(after.to_owned()));
        }
        if size >= smallest_so_far {
            return Err(DurationError::OutOfOrder(unit));
        }
        smallest_so_far = size;
        let count: u64 = number.parse().map_err(|_| DurationError::TooLong)?;
        seconds = count.checked_mul(size).and_then(|n| n.checked_add(seconds)).ok_or(DurationError::TooLong)?;
        rest = &after[unit.len_utf8()..];
    }
    match Duration::from_secs(seconds) {
        Duration::ZERO => Err(DurationError::Zero),
        too_long if too_long > LONGEST => Err(DurationError::TooLong),
        duration => Ok(duration),
    }
}

fn unit_seconds(unit: char) -> Option<u64> {
    Some(match unit {
        'd' => SECONDS_PER_DAY,
        'h' => 3_600,
        'm' => 60,
        's' => 1,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read() {
        let rows = [
            ("14d", 14 * 86_400),
            ("36h", 129_600),
            ("90m", 5_400),
            ("45s", 45),
            ("1h30m", 5_400),
            ("1d2h3m4s", 93_784),
            (" 2d ", 172_800),
            ("0d5s", 5),
            ("3650d", 3_650 * 86_400),
        ];
        for (text, seconds) in rows {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let rows = [
            ("", DurationError::Empty),
            ("  ", DurationError::Empty),
            ("14", DurationError::NoUnit("14".into())),
            ("1h30", DurationError::NoUnit("30".into())),
            ("d", DurationError::NoNumber("d".into())),
            ("1hm", DurationError::NoNumber("m".into())),
            ("2w", DurationError::UnknownUnit('w')),
            ("-1d", DurationError::UnknownUnit('-')),
            ("1.5h", DurationError::UnknownUnit('.')),
            ("1日", DurationError::UnknownUnit('日')),
            ("1d 2h", DurationError::UnknownUnit(' ')),
            ("30m1h", DurationError::OutOfOrder('h')),
            ("1h1h", DurationError::OutOfOrder('h')),
            ("0s", DurationError::Zero),
            ("3651d", DurationError::TooLong),
            ("99999999999999999999999d", DurationError::TooLong),
            ("18446744073709551615d", DurationError::TooLong),
        ];
        for (text, error) in rows {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }
}

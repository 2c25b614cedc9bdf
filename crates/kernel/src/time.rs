//! Instants in microseconds and dates of Japan Standard Time (UTC+9, no daylight saving).

use std::fmt;

/// Microseconds in one second.
pub const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
const JST_OFFSET_MICROS: i64 = 9 * 3_600 * MICROS_PER_SECOND;

/// An instant: microseconds since 1970-01-01T00:00:00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since 1970 UTC.
    pub const fn from_micros(micros: i64) -> Timestamp {
        Timestamp(micros)
    }

    /// From whole seconds since 1970 UTC; saturates at the ends of what 64 bits hold.
    pub const fn from_seconds(seconds: i64) -> Timestamp {
        Timestamp(seconds.saturating_mul(MICROS_PER_SECOND))
    }

    /// Microseconds since 1970 UTC.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970 UTC, rounded down: the `created` of the wire.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }

    /// This instant moved by `micros`; saturates.
    pub const fn plus_micros(self, micros: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(micros))
    }

    /// This instant moved by `seconds`; saturates.
    pub const fn plus_seconds(self, seconds: i64) -> Timestamp {
        self.plus_micros(seconds.saturating_mul(MICROS_PER_SECOND))
    }

    /// The date on a Japanese calendar at this instant.
    pub const fn jst_date(self) -> JstDate {
        JstDate { days: (self.0 + JST_OFFSET_MICROS).div_euclid(MICROS_PER_DAY) }
    }
}

impl fmt::Display for Timestamp {
    /// `2026-11-22T09:30:00+09:00`: what a person in Japan reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_day = (self.0 + JST_OFFSET_MICROS).rem_euclid(MICROS_PER_DAY) / MICROS_PER_SECOND;
        write!(f, "{}T{:02}:{:02}:{:02}+09:00", self.jst_date(), of_day / 3_600, of_day / 60 % 60, of_day % 60)
    }
}

/// A day of the Japanese calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JstDate {
    days: i64,
}

impl JstDate {
    /// The date of year, month (1 to 12) and day, if the calendar has it.
    pub fn new(year: i64, month: u8, day: u8) -> Option<JstDate> {
        if !(1..=12).contains(&month) || day == 0 || !(-9_999..=9_999).contains(&year) {
            return None;
        }
        let date = JstDate { days: days_from_civil(year, month, day) };
        (date.civil() == (year, month, day)).then_some(date)
    }

    /// Year, month (1 to 12) and day of the month.
    pub const fn civil(self) -> (i64, u8, u8) {
        civil_from_days(self.days)
    }

    /// Days since 1970-01-01: a compact key for counting by day.
    pub const fn day_number(self) -> i64 {
        self.days
    }

    /// The date `days` later (earlier if negative).
    pub const fn plus_days(self, days: i64) -> JstDate {
        JstDate { days: self.days + days }
    }

    /// First instant of this day: 00:00 JST.
    pub const fn start(self) -> Timestamp {
        Timestamp(self.days * MICROS_PER_DAY - JST_OFFSET_MICROS)
    }

    /// First instant after the month that comes `months` after the month of this date; 0 is this month itself.
    ///
    /// A window "until the end of the fifth month after the order" is open while `now < end_of_month_after(5)`.
    pub fn end_of_month_after(self, months: u32) -> Timestamp {
        let (year, month, _) = self.civil();
        let months_from_zero = year * 12 + i64::from(month) - 1 + i64::from(months) + 1;
        let (year, month) = (months_from_zero.div_euclid(12), months_from_zero.rem_euclid(12) + 1);
        JstDate { days: days_from_civil(year, month as u8, 1) }.start()
    }
}

impl fmt::Display for JstDate {
    /// `2026-11-22`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// Days since 1970-01-01 of a proleptic Gregorian date; months are counted from March so that the leap day ends the year.
const fn days_from_civil(year: i64, month: u8, day: u8) -> i64 {
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let month_from_march = (month as i64 + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day as i64 - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

const fn civil_from_days(days: i64) -> (i64, u8, u8) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + if month <= 2 { 1 } else { 0 }, month as u8, day as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(year: i64, month: u8, day: u8) -> JstDate {
        JstDate::new(year, month, day).unwrap()
    }

    #[test]
    fn a_japanese_day_begins_at_fifteen_hundred_utc() {
        // 2026-11-21T15:00:00Z is 1795273200 s after 1970 (date -u -d ... +%s).
        let midnight = Timestamp::from_seconds(1_795_273_200);
        assert_eq!(midnight.jst_date(), date(2026, 11, 22));
        assert_eq!(midnight.plus_micros(-1).jst_date(), date(2026, 11, 21));
        assert_eq!(date(2026, 11, 22).start(), midnight);
        assert_eq!(midnight.to_string(), "2026-11-22T00:00:00+09:00");
    }

    #[test]
    fn months_end_where_the_calendar_says() {
        let rows = [
            (date(2026, 11, 22), 0, date(2026, 12, 1)),
            (date(2026, 11, 22), 1, date(2027, 1, 1)),
            (date(2026, 8, 31), 5, date(2027, 2, 1)),
            (date(2027, 9, 30), 5, date(2028, 3, 1)),
            (date(2026, 12, 31), 12, date(2028, 1, 1)),
        ];
        for (from, months, end) in rows {
            assert_eq!(from.end_of_month_after(months), end.start(), "{from} + {months}");
        }
    }

    #[test]
    fn dates_the_calendar_does_not_have_are_refused() {
        assert_eq!(JstDate::new(2027, 2, 29), None);
        assert_eq!(JstDate::new(2028, 2, 29), Some(date(2028, 2, 29)));
        assert_eq!(JstDate::new(2026, 13, 1), None);
        assert_eq!(JstDate::new(2026, 4, 31), None);
        assert_eq!(JstDate::new(2026, 4, 0), None);
    }

    proptest! {
        #[test]
        fn day_numbers_and_civil_dates_are_the_same_thing(days in -700_000_i64..2_000_000) {
            let (year, month, day) = civil_from_days(days);
            prop_assert_eq!(days_from_civil(year, month, day), days);
        }
    }
}

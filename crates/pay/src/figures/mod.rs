//! 注文金額 and 注文件数 over time (seed 000 "ダッシュボードトップページ"): how many orders were made, and for how much.
//!
//! An order counts in the hour and on the day (JST) in which it was made, with its total at that moment; what becomes of it, 金額変更
//! and キャンセル included, changes no figure: these are orders, not sales. Orders of test keys do not count. The counts are kept
//! ([`rows::count`], in the transaction that makes the charge), so that three years are read as fast as a day; `choba verify`
//! recounts them from the events.

pub mod rows;

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use kernel::{Environment, JstDate, ShopId, Timestamp};
use store::{StoreError, Tx, clock};

/// Years of a period at the most.
pub const YEARS_MAX: i64 = 3;
const MICROS_PER_HOUR: i64 = 3_600_000_000;

/// What a point of a chart stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// An hour.
    Hour,
    /// A day of Japan.
    Day,
    /// Monday to Sunday.
    Week,
    /// A month of the calendar.
    Month,
}

impl Unit {
    /// Every one, the shortest first.
    pub const ALL: [Unit; 4] = [Unit::Hour, Unit::Day, Unit::Week, Unit::Month];

    /// The word of the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Unit::Hour => "hour",
            Unit::Day => "day",
            Unit::Week => "week",
            Unit::Month => "month",
        }
    }

    /// The first day of the span of days that `day` is in; of an hour, its day.
    fn first_day(self, day: JstDate) -> JstDate {
        match self {
            Unit::Hour | Unit::Day => day,
            // 1970-01-01 was a Thursday.
            Unit::Week => day.plus_days(-(day.day_number() + 3).rem_euclid(7)),
            Unit::Month => day.plus_days(1 - i64::from(day.civil().2)),
        }
    }

    /// The day after the span of days that begins with `first`.
    fn next_day(self, first: JstDate) -> JstDate {
        match self {
            Unit::Hour | Unit::Day => first.plus_days(1),
            Unit::Week => first.plus_days(7),
            Unit::Month => first.end_of_month_after(0).jst_date(),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No unit has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown unit {0:?}: expected hour, day, week or month")]
pub struct UnknownUnit(pub String);

impl FromStr for Unit {
    type Err = UnknownUnit;

    fn from_str(text: &str) -> Result<Unit, UnknownUnit> {
        let known = Unit::ALL.into_iter().find(|unit| unit.as_str() == text);
        known.ok_or_else(|| UnknownUnit(text.to_owned()))
    }
}

/// Days of Japan, the last one included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    from: JstDate,
    to: JstDate,
}

/// Why a period cannot be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPeriod {
    /// It ends before it begins.
    #[error("The period ends before it begins.")]
    Backwards,
    /// It is longer than [`YEARS_MAX`].
    #[error("A period has at most {YEARS_MAX} years.")]
    TooLong,
}

impl Period {
    /// From one day to another, both included: at most [`YEARS_MAX`] years.
    pub fn new(from: JstDate, to: JstDate) -> Result<Period, BadPeriod> {
        if to < from {
            return Err(BadPeriod::Backwards);
        }
        let (year, month, day) = from.civil();
        // 29 February has no day in the year three years on; the period then ends with the end of February.
        let same_day = JstDate::new(year + YEARS_MAX, month, day).or_else(|| JstDate::new(year + YEARS_MAX, 3, 1));
        if same_day.is_some_and(|end| to < end) { Ok(Period { from, to }) } else { Err(BadPeriod::TooLong) }
    }

    /// The days up to `to`, `days` of them (at least one, at most those of [`YEARS_MAX`] years).
    pub fn until(to: JstDate, days: i64) -> Period {
        let days = days.clamp(1, 365 * YEARS_MAX);
        Period { from: to.plus_days(1 - days), to }
    }

    /// The first day.
    pub fn from(self) -> JstDate {
        self.from
    }

    /// The last day.
    pub fn to(self) -> JstDate {
        self.to
    }

    /// The hours, since 1970 UTC.
    fn hours(self) -> Range<i64> {
        hour_of(self.from.start())..hour_of(self.to.plus_days(1).start())
    }
}

/// Hours since 1970 UTC; days of Japan begin with one.
pub fn hour_of(at: Timestamp) -> i64 {
    at.micros().div_euclid(MICROS_PER_HOUR)
}

fn instant(hour: i64) -> Timestamp {
    Timestamp::from_micros(hour * MICROS_PER_HOUR)
}

/// How many orders, and for how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// 注文件数.
    pub orders: i64,
    /// 注文金額, in yen.
    pub amount: i64,
}

impl Sum {
    fn add(&mut self, other: Sum) {
        self.orders += other.orders;
        self.amount += other.amount;
    }
}

/// One point of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Its first instant inside the period.
    pub start: Timestamp,
    /// The first instant after it, or after the period.
    pub end: Timestamp,
    /// Whether the period cuts it: a week or a month that is not whole.
    pub is_cut: bool,
    /// What was ordered.
    pub sum: Sum,
}

/// The environment has no figures: orders of test keys do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Orders of test keys are in no figure.")]
pub struct NoFigures;

/// Whether orders of an environment count.
pub fn counts(environment: Environment) -> bool {
    match environment {
        Environment::Sandbox | Environment::Live => true,
        Environment::Test => false,
    }
}

/// The points of a chart, the oldest first, also those without an order.
pub fn points(
    tx: &mut Tx<'_>,
    shop: ShopId,
    environment: Environment,
    period: Period,
    unit: Unit,
) -> Result<Vec<Point>, StoreError> {
    let length = match unit {
        Unit::Hour => 1,
        Unit::Day | Unit::Week | Unit::Month => 24,
    };
    let kept = rows::kept(tx, (shop, environment), length, period.hours())?;
    Ok(filled(empty_points(period, unit), &kept))
}

/// The points of a period, without orders.
fn empty_points(period: Period, unit: Unit) -> Vec<Point> {
    if unit == Unit::Hour {
        let point = |hour| Point { start: instant(hour), end: instant(hour + 1), is_cut: false, sum: Sum::default() };
        return period.hours().map(point).collect();
    }
    let (end, mut points) = (period.to.plus_days(1), Vec::new());
    let mut first = unit.first_day(period.from);
    while first < end {
        let next = unit.next_day(first);
        let is_cut = first < period.from || end < next;
        let (start, end) = (first.max(period.from).start(), next.min(end).start());
        points.push(Point { start, end, is_cut, sum: Sum::default() });
        first = next;
    }
    points
}

/// The points with what was kept, which is in the order of time.
fn filled(mut points: Vec<Point>, kept: &[(i64, Sum)]) -> Vec<Point> {
    let mut at = 0;
    for (hour, sum) in kept {
        while at < points.len() && points[at].end <= instant(*hour) {
            at += 1;
        }
        if let Some(point) = points.get_mut(at) {
            point.sum.add(*sum);
        }
    }
    points
}

/// Today beside yesterday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Today {
    /// World time.
    pub now: Timestamp,
    /// Since midnight, until now.
    pub today: Sum,
    /// Whole hours of today that have passed: what is compared.
    pub hours: i64,
    /// What was ordered in these hours of today.
    pub so_far: Sum,
    /// What was ordered in the same hours of yesterday.
    pub yesterday_so_far: Sum,
    /// All of yesterday.
    pub yesterday: Sum,
}

/// What was ordered today, and yesterday in the same whole hours and altogether.
pub fn today(tx: &mut Tx<'_>, shop: ShopId, environment: Environment) -> Result<Today, StoreError> {
    let now = clock::world_now(tx, shop, environment)?;
    let midnight = hour_of(now.jst_date().start());
    let hours = hour_of(now) - midnight;
    let kept = rows::kept(tx, (shop, environment), 1, midnight - 24..midnight + 24)?;
    let sum = |range: Range<i64>| {
        let mut sum = Sum::default();
        kept.iter().filter(|(hour, _)| range.contains(hour)).for_each(|(_, each)| sum.add(*each));
        sum
    };
    Ok(Today {
        now,
        today: sum(midnight..midnight + 24),
        hours,
        so_far: sum(midnight..midnight + hours),
        yesterday_so_far: sum(midnight - 24..midnight - 24 + hours),
        yesterday: sum(midnight - 24..midnight),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> JstDate {
        let parts: Vec<i64> = text.split('-').map(|part| part.parse().unwrap()).collect();
        JstDate::new(parts[0], parts[1] as u8, parts[2] as u8).unwrap()
    }

    fn period(from: &str, to: &str) -> Result<Period, BadPeriod> {
        Period::new(date(from), date(to))
    }

    #[test]
    fn a_period_has_at_most_three_years() {
        let rows = [
            ("2023-11-23", "2026-11-22", true),
            ("2023-11-22", "2026-11-22", false),
            ("2024-02-29", "2027-02-28", true),
            ("2024-02-29", "2027-03-01", false),
            ("2026-11-22", "2026-11-22", true),
        ];
        for (from, to, fits) in rows {
            assert_eq!(period(from, to).is_ok(), fits, "{from} to {to}");
        }
        assert_eq!(period("2026-11-23", "2026-11-22"), Err(BadPeriod::Backwards));
        assert_eq!(Period::until(date("2026-11-22"), 7), period("2026-11-16", "2026-11-22").unwrap());
    }

    fn spans(from: &str, to: &str, unit: Unit) -> Vec<(String, String, bool)> {
        let points = empty_points(period(from, to).unwrap(), unit);
        let day = |at: Timestamp| at.jst_date().to_string();
        points.into_iter().map(|point| (day(point.start), day(point.end), point.is_cut)).collect()
    }

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_first() {
        let span = |start: &str, end: &str, is_cut| (start.to_owned(), end.to_owned(), is_cut);
        // 2026-11-16 is a Monday.
        let weeks = [span("2026-11-15", "2026-11-16", true), span("2026-11-16", "2026-11-23", false)];
        assert_eq!(spans("2026-11-15", "2026-11-22", Unit::Week), weeks);
        let months = [
            span("2027-12-31", "2028-01-01", true),
            span("2028-01-01", "2028-02-01", false),
            span("2028-02-01", "2028-03-01", false),
            span("2028-03-01", "2028-03-02", true),
        ];
        assert_eq!(spans("2027-12-31", "2028-03-01", Unit::Month), months);
        assert_eq!(spans("2028-02-28", "2028-03-01", Unit::Day).len(), 3);
        assert_eq!(spans("2026-11-22", "2026-11-22", Unit::Hour).len(), 24);
    }

    #[test]
    fn what_was_kept_comes_to_its_point() {
        let of = |orders| Sum { orders, amount: orders * 100 };
        // 2026-11-22T00:00+09:00 is 1795273200, which is hour 498687 of 1970.
        let kept = [(498_686, of(1)), (498_687, of(2)), (498_710, of(3))];
        let points = filled(empty_points(period("2026-11-21", "2026-11-22").unwrap(), Unit::Day), &kept);
        assert_eq!(points.iter().map(|point| point.sum).collect::<Vec<_>>(), [of(1), of(5)]);
        let hours = filled(empty_points(period("2026-11-22", "2026-11-22").unwrap(), Unit::Hour), &kept[1..]);
        assert_eq!((hours[0].sum, hours[1].sum, hours[23].sum), (of(2), of(0), of(3)));
    }
}

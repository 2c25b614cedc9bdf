//! What the address of the top page asks the chart for.

use kernel::JstDate;
use pay::figures::{BadPeriod, Period, Unit};

use super::text::TopText;
use crate::ui::Query;

/// Days and unit of the chart that nobody asked for.
const USUAL: (i64, Unit) = (30, Unit::Day);

/// The period and the unit of the chart.
pub(super) struct Asked {
    pub unit: Unit,
    pub period: Period,
    /// The first day, as it was typed.
    pub from: String,
    /// The last day, as it was typed.
    pub to: String,
    /// Which rows of the table: how many newer ones are passed over.
    pub passed: usize,
    /// Why something else is shown than was asked for.
    pub wrong: Option<&'static str>,
}

impl Asked {
    /// Of the address; `today` is the day in the shop's world.
    pub fn of(query: &Query, today: JstDate, t: &'static TopText) -> Asked {
        let usual = Period::until(today, USUAL.0);
        let (unit, wrong_unit) = match query.given("unit").map(|text| text.parse()) {
            None => (USUAL.1, None),
            Some(Ok(unit)) => (unit, None),
            Some(Err(_)) => (USUAL.1, Some(t.wrong_unit)),
        };
        let (period, wrong) = match period(query, today, t) {
            Ok(period) => (period.unwrap_or(usual), wrong_unit),
            Err(wrong) => (usual, Some(wrong)),
        };
        let typed = |field: &str, day: JstDate| query.given(field).unwrap_or_else(|| day.to_string());
        let passed = query.get("passed").parse().unwrap_or(0);
        Asked { unit, from: typed("from", period.from()), to: typed("to", period.to()), period, passed, wrong }
    }
}

fn period(query: &Query, today: JstDate, t: &'static TopText) -> Result<Option<Period>, &'static str> {
    let day = |field: &str| query.given(field).map(|text| date(&text).ok_or(t.wrong_date)).transpose();
    let (from, to) = match (day("from")?, day("to")?) {
        (None, None) => return Ok(None),
        (Some(from), None) => (from, today.max(from)),
        (None, Some(to)) => (Period::until(to, USUAL.0).from(), to),
        (Some(from), Some(to)) => (from, to),
    };
    let period = Period::new(from, to).map_err(|bad| match bad {
        BadPeriod::Backwards => t.wrong_order,
        BadPeriod::TooLong => t.wrong_length,
    });
    period.map(Some)
}

/// `2026-11-22`.
pub(crate) fn date(text: &str) -> Option<JstDate> {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return None };
    let plain = year.len() == 4 && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let date = JstDate::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    (plain && (1_970..9_000).contains(&date.civil().0)).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::Language;

    fn asked(query: &str) -> (String, String, Unit, bool) {
        let today = date("2026-11-22").unwrap();
        let asked = Asked::of(&Query::of(&format!("/?{query}")), today, TopText::of(Language::En));
        (asked.period.from().to_string(), asked.period.to().to_string(), asked.unit, asked.wrong.is_some())
    }

    #[test]
    fn what_cannot_be_shown_is_said_and_thirty_days_are_shown() {
        let usual = |unit, wrong| ("2026-10-24".to_owned(), "2026-11-22".to_owned(), unit, wrong);
        assert_eq!(asked(""), usual(Unit::Day, false));
        assert_eq!(asked("unit=hour"), usual(Unit::Hour, false));
        assert_eq!(asked("unit=year"), usual(Unit::Day, true));
        for wrong in ["from=2026-11-22&to=2026-11-21", "from=2023-11-22&to=2026-11-22", "from=2026-02-30", "to=x"] {
            assert_eq!(asked(wrong), usual(Unit::Day, true), "{wrong}");
        }
        let three_years = ("2023-11-23".to_owned(), "2026-11-22".to_owned(), Unit::Month, false);
        assert_eq!(asked("from=2023-11-23&to=2026-11-22&unit=month"), three_years);
        assert_eq!(asked("from=2026-11-01").1, "2026-11-22");
    }
}

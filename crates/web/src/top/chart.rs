//! The charts, and the same numbers as a table.

use kernel::{JstDate, Timestamp};
use pay::figures::{Period, Point, Sum, Today, Unit};

use super::asked::Asked;
use super::grouped;
use super::text::TopText;
use crate::ui::Side;
use crate::ui::part::{Choice, Link};

/// Rows of the table at a time.
const ROWS: usize = 120;

/// What the template draws.
pub(super) struct Chart {
    pub unit: &'static str,
    pub units: Vec<Choice>,
    pub presets: Vec<Link>,
    pub from: String,
    pub to: String,
    pub wrong: &'static str,
    /// JSON arrays: first seconds of the points, amounts, orders.
    pub starts: String,
    pub amounts: String,
    pub orders: String,
    pub rows: Vec<Row>,
    pub total: Row,
    /// Whether there is nothing to draw.
    pub is_empty: bool,
    pub older: Option<String>,
    pub newer: Option<String>,
    /// Whether the table is open from the beginning: one that is paged through.
    pub is_open: bool,
}

/// A row of a table.
pub(super) struct Row {
    pub when: String,
    pub amount: String,
    pub orders: String,
}

fn row(when: String, sum: Sum, t: &TopText) -> Row {
    let (amount, orders) = (format!("{}{}", grouped(sum.amount), t.yen), format!("{}{}", grouped(sum.orders), t.count));
    Row { when, amount, orders }
}

impl Chart {
    pub fn of(asked: &Asked, points: &[Point], (side, now): (Side, Timestamp), t: &'static TopText) -> Chart {
        let list = |all: Vec<String>| format!("[{}]", all.join(","));
        // What has not come yet is no zero.
        let numbers = |number: &dyn Fn(&Sum) -> i64| {
            let shown = |point: &Point| if point.start > now { "null".into() } else { number(&point.sum).to_string() };
            list(points.iter().map(shown).collect())
        };
        let mut total = Sum::default();
        for point in points {
            total.orders += point.sum.orders;
            total.amount += point.sum.amount;
        }
        let come = points.partition_point(|point| point.start <= now);
        let newest = points[..come].iter().rev().skip(asked.passed).take(ROWS);
        let at = |passed: usize| {
            let (from, to, unit) = (asked.period.from(), asked.period.to(), asked.unit);
            format!("{}?unit={unit}&from={from}&to={to}&passed={passed}#figures", side.path(""))
        };
        let passed = asked.passed;
        Chart {
            unit: asked.unit.as_str(),
            units: Unit::ALL.map(|unit| Choice::new(unit.as_str(), t.unit_name(unit), unit == asked.unit)).to_vec(),
            presets: presets(asked, side, now.jst_date(), t),
            from: asked.from.clone(),
            to: asked.to.clone(),
            wrong: asked.wrong.unwrap_or_default(),
            starts: list(points.iter().map(|point| point.start.seconds().to_string()).collect()),
            amounts: numbers(&|sum| sum.amount),
            orders: numbers(&|sum| sum.orders),
            rows: newest.map(|point| row(when(point, asked.unit, t), point.sum, t)).collect(),
            is_empty: total.orders == 0,
            total: row(t.total.to_owned(), total, t),
            older: (passed + ROWS < come).then(|| at(passed + ROWS)),
            newer: (passed > 0).then(|| at(passed.saturating_sub(ROWS))),
            is_open: passed > 0,
        }
    }
}

/// Periods that people ask for, each with a unit in which it reads well.
fn presets(asked: &Asked, side: Side, today: JstDate, t: &'static TopText) -> Vec<Link> {
    let all = [
        (1, Unit::Hour, t.preset_today),
        (7, Unit::Day, t.preset_7),
        (30, Unit::Day, t.preset_30),
        (90, Unit::Week, t.preset_90),
        (365, Unit::Week, t.preset_365),
        (1_095, Unit::Month, t.preset_1095),
    ];
    let link = |(days, unit, text)| {
        let period = Period::until(today, days);
        let href = format!("{}?unit={unit}&from={}&to={}#figures", side.path(""), period.from(), period.to());
        Link { href, text, is_here: period == asked.period }
    };
    all.map(link).to_vec()
}

/// What a point stands for, in words.
fn when(point: &Point, unit: Unit, t: &TopText) -> String {
    let (first, last) = (point.start.jst_date(), point.end.plus_micros(-1).jst_date());
    let cut = if point.is_cut { t.cut } else { "" };
    match unit {
        Unit::Hour => point.start.to_string().replace('T', " ").chars().take(16).collect(),
        Unit::Day => first.to_string(),
        Unit::Week => format!("{first} – {last}{cut}"),
        Unit::Month => format!("{}{cut}", first.to_string().chars().take(7).collect::<String>()),
    }
}

/// Today beside yesterday.
pub(super) fn compared(today: &Today, t: &'static TopText) -> Vec<Row> {
    let clock: String = today.now.to_string().chars().skip(11).take(5).collect();
    let hours = |text: &str| text.replace("{h}", &today.hours.to_string());
    let mut rows = vec![row(t.today_now.replace("{at}", &clock), today.today, t)];
    // In the first hour of a day there is nothing to compare.
    if today.hours > 0 {
        rows.push(row(hours(t.today_hours), today.so_far, t));
        rows.push(row(hours(t.yesterday_hours), today.yesterday_so_far, t));
    }
    rows.push(row(t.yesterday.to_owned(), today.yesterday, t));
    rows
}

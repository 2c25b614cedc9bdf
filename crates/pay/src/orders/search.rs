//! What is looked for in the order list, how it is sorted, and from where on; and how all of it is written in an address,
//! so that a link, a saved search and a request of a program say the same.

use kernel::{ChargeNumber, Environment, JstDate, Yen};

use super::Line;
use crate::charge::State;
use crate::http::form::{Form, digits};

/// Which orders are looked for, and in which order they stand (seed 000 "検索").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// 注文番号, all of it.
    pub number: Option<ChargeNumber>,
    /// 注文日: the first day.
    pub from: Option<JstDate>,
    /// 注文日: the last day.
    pub to: Option<JstDate>,
    /// 決済ステータス, each once; none stands for every one.
    pub states: Vec<State>,
    /// 環境: of which keys; none for all that the list shows.
    pub environment: Option<Environment>,
    /// Which comes first.
    pub sort: Sort,
}

/// A column that the list can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    /// 注文日時.
    #[default]
    Date,
    /// 注文金額.
    Amount,
    /// 決済ステータス: 仮売上, 実売上, キャンセル; the newest first in each.
    Status,
}

impl Column {
    /// Every column.
    pub const ALL: [Column; 3] = [Column::Date, Column::Amount, Column::Status];

    /// The word of addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Column::Date => "date",
            Column::Amount => "amount",
            Column::Status => "status",
        }
    }
}

/// A column and a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The column.
    pub column: Column,
    /// Whether the largest comes first.
    pub descending: bool,
}

impl Default for Sort {
    /// The newest first (seed 000 "決済リスト表示").
    fn default() -> Sort {
        Sort { column: Column::Date, descending: true }
    }
}

impl Sort {
    /// Every way to sort.
    pub const ALL: [Sort; 6] = {
        const fn of(column: Column, descending: bool) -> Sort {
            Sort { column, descending }
        }
        [
            of(Column::Date, true),
            of(Column::Date, false),
            of(Column::Amount, true),
            of(Column::Amount, false),
            of(Column::Status, false),
            of(Column::Status, true),
        ]
    };

    /// As addresses spell it: `-date`, `amount`.
    pub fn word(self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.column.as_str())
    }

    fn named(word: &str) -> Option<Sort> {
        Sort::ALL.into_iter().find(|sort| sort.word() == word)
    }
}

/// A field that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Its name in addresses.
    pub field: &'static str,
    /// What it should be.
    pub expected: &'static str,
}

/// The place in the list behind which something begins. It says what the line there was sorted by, so that it stays where
/// it is whatever becomes of that order, and while others arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// Sorted by date.
    Date(ChargeNumber),
    /// Sorted by amount.
    Amount(Yen, ChargeNumber),
    /// Sorted by status.
    Status(State, ChargeNumber),
}

/// From where on lines are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// From the first.
    First,
    /// From this place on, with its line.
    At(Cursor),
    /// From the one after this place.
    After(Cursor),
}

impl Cursor {
    /// The place of a line.
    pub fn of(line: &Line, sort: Sort) -> Cursor {
        match sort.column {
            Column::Date => Cursor::Date(line.number),
            Column::Amount => Cursor::Amount(line.amount, line.number),
            Column::Status => Cursor::Status(line.state, line.number),
        }
    }

    /// As addresses spell it.
    pub fn word(self) -> String {
        match self {
            Cursor::Date(number) => number.to_string(),
            Cursor::Amount(amount, number) => format!("{amount}_{number}"),
            Cursor::Status(state, number) => format!("{}_{number}", state.as_str()),
        }
    }

    /// What `word` says in a list that is sorted so.
    pub fn parse(word: &str, sort: Sort) -> Option<Cursor> {
        let split = || word.split_once('_');
        match sort.column {
            Column::Date => Some(Cursor::Date(word.parse().ok()?)),
            Column::Amount => {
                let (amount, number) = split()?;
                let amount = digits(amount)?.parse().ok().and_then(|yen| Yen::new(yen).ok())?;
                Some(Cursor::Amount(amount, number.parse().ok()?))
            }
            Column::Status => {
                let (state, number) = split()?;
                Some(Cursor::Status(state.parse().ok()?, number.parse().ok()?))
            }
        }
    }
}

impl Search {
    /// Of the parameters of an address. Every field that cannot be read is named.
    pub fn of(form: &Form) -> Result<Search, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let mut search = Search::default();
        let mut read = |field: &'static str, expected: &'static str, take: &mut dyn FnMut(&str) -> Option<()>| {
            let text = form.get(field).unwrap_or_default().trim();
            if !text.is_empty() && take(text).is_none() {
                wrong.push(Wrong { field, expected });
            }
        };
        let whole = "a whole order number, SERVICEID-YYYYMMDD-NNNNNNNNNN";
        read("number", whole, &mut |text| number(text).map(|number| search.number = Some(number)));
        let a_day = "a day such as 2026-11-22";
        read("from", a_day, &mut |text| day(text).map(|day| search.from = Some(day)));
        let last = "a day such as 2026-11-22, not before from";
        let from = search.from;
        read("to", last, &mut |text| {
            day(text).filter(|to| from.is_none_or(|from| from <= *to)).map(|day| search.to = Some(day))
        });
        let known = "authorized, captured or cancelled, or some of them with commas between";
        read("status", known, &mut |text| states(text).map(|states| search.states = states));
        read("environment", "sandbox, test or live", &mut |text| {
            text.parse().ok().map(|environment| search.environment = Some(environment))
        });
        let ways = "date, amount or status, with - before it for the largest first";
        read("sort", ways, &mut |text| Sort::named(text).map(|sort| search.sort = sort));
        if wrong.is_empty() { Ok(search) } else { Err(wrong) }
    }

    /// As addresses spell it, in one way only; empty when everything is looked for.
    pub fn query(&self) -> String {
        let day = |day: Option<JstDate>| day.map(|day| day.to_string());
        let states = (!self.states.is_empty()).then(|| {
            let words: Vec<&str> = self.states.iter().map(|state| state.as_str()).collect();
            words.join(",")
        });
        let pairs = [
            ("number", self.number.map(|number| number.to_string())),
            ("from", day(self.from)),
            ("to", day(self.to)),
            ("status", states),
            ("environment", self.environment.map(|environment| environment.to_string())),
            ("sort", (self.sort != Sort::default()).then(|| self.sort.word())),
        ];
        let given = pairs.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?)));
        given.collect::<Vec<_>>().join("&")
    }

    /// Whether it leaves anything out.
    pub fn is_narrow(&self) -> bool {
        Search { sort: Sort::default(), ..self.clone() } != Search::default()
    }

    /// The states that match, in the order of 決済ステータス.
    pub fn all_states(&self) -> Vec<State> {
        State::ALL.into_iter().filter(|state| self.states.is_empty() || self.states.contains(state)).collect()
    }

    /// Those of `shown` that match.
    pub fn environments_of(&self, shown: &[Environment]) -> Vec<Environment> {
        shown.iter().copied().filter(|one| self.environment.is_none_or(|wanted| wanted == *one)).collect()
    }
}

/// An order number as people type it: digits and hyphens of full width count too.
fn number(text: &str) -> Option<ChargeNumber> {
    let half = |c: char| match c {
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10).unwrap_or(c),
        '－' | '‐' | '−' | 'ー' | '―' => '-',
        other => other,
    };
    text.chars().map(half).collect::<String>().parse().ok()
}

/// `2026-11-22` or `2026/11/22`, of a year with four digits.
fn day(text: &str) -> Option<JstDate> {
    let mut parts = text.splitn(3, ['-', '/']);
    let mut part =
        |length: usize| parts.next().filter(|part| part.len() == length).and_then(digits)?.parse::<i64>().ok();
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    JstDate::new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
}

fn states(text: &str) -> Option<Vec<State>> {
    let given: Vec<State> = text.split(',').map(|word| word.trim().parse().ok()).collect::<Option<_>>()?;
    let known: Vec<State> = State::ALL.into_iter().filter(|state| given.contains(state)).collect();
    // All of them are as good as none.
    Some(if known.len() == State::ALL.len() { Vec::new() } else { known })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(query: &str) -> Result<Search, Vec<&'static str>> {
        let form = Form::parse(query.as_bytes()).unwrap();
        Search::of(&form).map_err(|wrong| wrong.into_iter().map(|one| one.field).collect())
    }

    #[test]
    fn a_search_is_written_in_one_way() {
        for (given, written) in [
            ("", ""),
            ("status=cancelled,authorized&from=2026/11/01", "from=2026-11-01&status=authorized,cancelled"),
            ("status=authorized,captured,cancelled&sort=-date", ""),
            ("sort=amount&environment=test", "environment=test&sort=amount"),
            ("number=+１２３４５６７８９０－20261122ー0000000042", "number=1234567890-20261122-0000000042"),
            ("from=2026-11-22&to=2026-11-22&further=1", "from=2026-11-22&to=2026-11-22"),
        ] {
            assert_eq!(search(given).map(|search| search.query()), Ok(written.to_owned()), "{given}");
            assert_eq!(search(written), search(given));
        }
    }

    #[test]
    fn every_wrong_field_is_named() {
        assert_eq!(
            search("number=12&from=2026-11-31&to=x&status=paid&environment=moon&sort=name"),
            Err(vec!["number", "from", "to", "status", "environment", "sort"])
        );
        assert_eq!(search("from=2026-11-23&to=2026-11-22"), Err(vec!["to"]));
        for wrong in ["2026-1-1", "26-11-22", "2026-11-22-1", "2026-00-10", "+026-11-22", "2026-11-0１"] {
            assert_eq!(search(&format!("from={}", wrong.replace('+', "%2B"))), Err(vec!["from"]), "{wrong}");
        }
    }

    #[test]
    fn places_go_through_addresses() {
        let number: ChargeNumber = "1234567890-20261122-0000000042".parse().unwrap();
        let yen = Yen::new(1_122).unwrap();
        for (sort, cursor) in [
            ("-date", Cursor::Date(number)),
            ("amount", Cursor::Amount(yen, number)),
            ("-status", Cursor::Status(State::Captured, number)),
        ] {
            let sort = Sort::named(sort).unwrap();
            assert_eq!(Cursor::parse(&cursor.word(), sort), Some(cursor));
            for wrong in ["", "x", "_", "-1_1234567890-20261122-0000000042", "paid_1234567890-20261122-0000000042"] {
                assert_eq!(Cursor::parse(wrong, sort), None, "{wrong}");
            }
        }
    }
}

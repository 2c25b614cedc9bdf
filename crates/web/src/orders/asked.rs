//! What somebody asked the list for: the search as it was typed, and what its links carry.

use pay::charge::State;
use pay::http::form::Form;
use pay::orders::{Column, Cursor, Search, Sort, Start, Wrong};

use crate::ui::Query;
use crate::ui::query::escaped;

/// Lines that are loaded at a time (seed 000 "さらに読み込む").
pub const STEP: usize = 10;
/// Lines of a page at the most; further ones are on the next.
const LINES_MAX: usize = 200;
/// The boxes of 決済ステータス.
pub const BOXES: [State; 3] = State::ALL;

/// The search of a page, as it was typed.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// 注文番号.
    pub number: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// 決済ステータス, as addresses spell them.
    pub status: String,
    /// 環境.
    pub environment: String,
    /// How the list is sorted.
    pub sort: String,
    /// The line it goes on after.
    after: String,
    /// The line it begins with.
    top: String,
    /// How many lines.
    count: usize,
}

impl Asked {
    /// Of the address of a page.
    pub fn of(query: &Query) -> Asked {
        let text = |field: &str| query.get(field).to_owned();
        let ticked: Vec<&str> =
            BOXES.into_iter().map(State::as_str).filter(|state| query.given(state).is_some()).collect();
        let count = query.get("count").parse().unwrap_or(STEP).clamp(STEP, LINES_MAX);
        Asked {
            number: text("number"),
            from: text("from"),
            to: text("to"),
            status: if ticked.is_empty() { text("status") } else { ticked.join(",") },
            environment: text("environment"),
            sort: text("sort"),
            after: text("after"),
            top: text("top"),
            count,
        }
    }

    /// The search, or the fields that cannot be read.
    pub fn search(&self) -> Result<Search, Vec<Wrong>> {
        let fields = [
            ("number", &self.number),
            ("from", &self.from),
            ("to", &self.to),
            ("status", &self.status),
            ("environment", &self.environment),
            ("sort", &self.sort),
        ];
        let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        Search::of(&Form::parse(pairs.join("&").as_bytes()).unwrap_or_default())
    }

    /// Whether a box is ticked.
    pub fn ticks(&self, state: State) -> bool {
        self.status.split(',').any(|word| word.trim() == state.as_str())
    }

    /// From where on, and how many. A place that cannot be read is the beginning.
    pub fn window(&self, sort: Sort) -> (Start, usize) {
        if let Some(cursor) = Cursor::parse(&self.after, sort) {
            return (Start::After(cursor), STEP);
        }
        (Cursor::parse(&self.top, sort).map_or(Start::First, Start::At), self.count)
    }
}

/// The address of `page` with a search and what else is said.
pub fn link(page: &str, search: &Search, more: &[(&str, &str)]) -> String {
    let pairs = more.iter().map(|(name, value)| format!("{name}={}", escaped(value)));
    let query = Some(search.query()).filter(|query| !query.is_empty());
    let parts: Vec<String> = query.into_iter().chain(pairs).collect();
    if parts.is_empty() { page.to_owned() } else { format!("{page}?{}", parts.join("&")) }
}

/// Where さらに読み込む leads without a script: the same beginning and ten lines more, or the next page once that is long.
pub fn further(page: &str, search: &Search, first: Cursor, last: Cursor, shown: usize) -> String {
    if shown + STEP > LINES_MAX {
        return next(page, search, last);
    }
    let (top, count) = (first.word(), (shown + STEP).to_string());
    format!("{}#line-{}", link(page, search, &[("top", &top), ("count", &count)]), shown + 1)
}

/// The ten lines after `last`.
pub fn next(page: &str, search: &Search, last: Cursor) -> String {
    link(page, search, &[("after", &last.word())])
}

/// The way to sort that the head of a column leads to: the other direction of the one that is, the usual one of others.
pub fn sorted_by(column: Column, now: Sort) -> Sort {
    let descending = match column {
        Column::Date | Column::Amount => now.column != column || !now.descending,
        Column::Status => now.column == column && !now.descending,
    };
    Sort { column, descending }
}

/// What a link back to the list may say: a search and where its page began, spelled anew.
pub fn back(page: &str, said: &str) -> String {
    let asked = Asked::of(&Query::of(&format!("?{said}")));
    let Ok(search) = asked.search() else { return page.to_owned() };
    let count = asked.count.to_string();
    let place = |name, text: &str| Cursor::parse(text, search.sort).map(|cursor| (name, cursor.word()));
    let place = place("after", &asked.after).or_else(|| place("top", &asked.top));
    let mut more: Vec<(&str, &str)> = place.iter().map(|(name, word)| (*name, word.as_str())).collect();
    if asked.count != STEP {
        more.push(("count", &count));
    }
    link(page, &search, &more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_back_says_only_what_a_list_understands() {
        assert_eq!(back("/o", "status=captured&count=30&evil=1"), "/o?status=captured&count=30");
        assert_eq!(back("/o", "count=100000"), "/o?count=200");
        assert_eq!(back("/o", "number=1&x"), "/o");
        assert_eq!(back("/o", "//evil.example"), "/o");
    }

    #[test]
    fn the_head_of_a_column_turns_the_list_around() {
        let (date, amount) = (Sort::default(), Sort { column: Column::Amount, descending: true });
        assert_eq!(sorted_by(Column::Date, date).word(), "date");
        assert_eq!(sorted_by(Column::Amount, date).word(), "-amount");
        assert_eq!(sorted_by(Column::Amount, amount).word(), "amount");
        assert_eq!(sorted_by(Column::Status, amount).word(), "status");
        assert_eq!(sorted_by(Column::Date, amount).word(), "-date");
    }
}

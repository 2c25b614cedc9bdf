//! `/dashboard/{side}`: notices, what needs attention, today beside yesterday, charts (seed 000 "ダッシュボードトップページ").

mod asked;
mod chart;
mod notices;
mod page;
mod tasks;
mod text;

use shop::Right;

use crate::ui::{Access, Pages, Ui};

/// The pages.
pub fn pages(ui: &Ui) -> Pages {
    let access = Access::With(Right::SeeFigures);
    Pages::new()
        .get("/dashboard/{side}", access, page::show)
        .get("/dashboard/{side}/notices", access, notices::show)
        .post("/dashboard/{side}/notices/read", access, notices::read_all)
        .post("/dashboard/{side}/notices/{id}/read", access, notices::read)
        .post("/dashboard/{side}/notices/{id}/unread", access, notices::unread)
        .with_state(ui.clone())
}

pub(crate) use asked::date;

/// `1,234,567`.
pub(crate) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!([0, 999, 1_000, 1_234_567, -45_000].map(grouped), ["0", "999", "1,000", "1,234,567", "-45,000"]);
    }
}

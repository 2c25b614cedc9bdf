//! The order of what happened: total, and true even where clocks are coarse or differ. A change comes after the one before
//! it, and what follows from a change comes after it.

use std::collections::HashMap;

use super::{Entry, What};

/// The changes of a charge, numbered as they happened.
pub(super) struct Order {
    ranks: HashMap<String, usize>,
    /// By rank: no entry that belongs to the change was earlier than this instant.
    not_before_us: Vec<i64>,
}

/// What entries are sorted by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    at_us: i64,
    /// At one instant the changes come first: a late try to tell of one may fall on the next.
    is_told: bool,
    /// The change that it belongs to; what belongs to none comes last.
    rank: usize,
    /// First the change, then who is told of it.
    step: u8,
    /// Which try.
    number: i64,
    /// So that two that have everything else in common always stand in the same order.
    name: String,
}

impl Order {
    /// Of the changes with their instants, oldest first.
    pub fn of(changes: impl Iterator<Item = (String, i64)>) -> Order {
        let mut order = Order { ranks: HashMap::new(), not_before_us: Vec::new() };
        for (rank, (attempt, at_us)) in changes.enumerate() {
            let before = order.not_before_us.last().copied().unwrap_or(i64::MIN);
            order.not_before_us.push(at_us.max(before));
            order.ranks.insert(attempt, rank);
        }
        order
    }

    /// Puts entries in order, oldest first.
    pub fn sort(&self, entries: &mut [Entry]) {
        entries.sort_by_cached_key(|entry| self.place(entry));
    }

    fn place(&self, entry: &Entry) -> Place {
        let (attempt, step, number, name) = match &entry.what {
            What::Change(change) => (change.attempt.as_str(), 0, 0, &change.attempt),
            What::Mail(mail) => (mail.mail.split('-').next().unwrap_or_default(), 1, 0, &mail.mail),
            What::Delivery(tried) => (told(&tried.event), 2, tried.number.unwrap_or(0), &tried.attempt),
            What::SentAgain(again) => (told(&again.of), 3, 0, &again.of),
        };
        let rank = self.ranks.get(attempt).copied();
        let not_before = rank.map_or(i64::MIN, |rank| self.not_before_us[rank]);
        Place {
            at_us: entry.at_us.max(not_before),
            is_told: step > 0,
            rank: rank.unwrap_or(usize::MAX),
            step,
            number,
            name: name.clone(),
        }
    }
}

/// The attempt that an event tells of.
fn told(event: &str) -> &str {
    event.trim_start_matches("evt_")
}

#[cfg(test)]
mod tests {
    use super::super::{Change, Delivery, MailMade};
    use super::*;

    fn entry(at_us: i64, what: What) -> Entry {
        Entry { at_us, world_us: None, actor: None, what }
    }

    fn change(at_us: i64, attempt: &str) -> Entry {
        let (verb, outcome) = ("capture".to_owned(), "succeeded".to_owned());
        let attempt = attempt.to_owned();
        let what = Change { attempt, verb, outcome, refusal: None, state: None, amount: None, point: None, posted: 0 };
        entry(at_us, What::Change(what))
    }

    fn mail(at_us: i64, id: &str) -> Entry {
        let word = String::new();
        let what = MailMade { mail: id.to_owned(), kind: word.clone(), recipient: word.clone(), outcome: word };
        entry(at_us, What::Mail(what))
    }

    fn delivery(at_us: i64, of: &str, number: i64, attempt: &str) -> Entry {
        let what = Delivery {
            attempt: attempt.to_owned(),
            event: format!("evt_{of}"),
            event_type: String::new(),
            endpoint: String::new(),
            number: Some(number),
            outcome: String::new(),
            status: None,
            took_us: 0,
        };
        entry(at_us, What::Delivery(what))
    }

    /// The entries of `sorted` in any order are put into this one.
    fn check(changes: &[(&str, i64)], sorted: &[Entry]) {
        let order = Order::of(changes.iter().map(|(attempt, at)| ((*attempt).to_owned(), *at)));
        for turned in 0..sorted.len() {
            let mut entries = sorted.to_vec();
            entries.rotate_left(turned);
            order.sort(&mut entries);
            assert_eq!(entries, sorted);
            entries.reverse();
            order.sort(&mut entries);
            assert_eq!(entries, sorted);
        }
    }

    #[test]
    fn at_one_instant_changes_stand_as_they_happened_and_what_tells_of_them_in_the_same_order() {
        // Names that sort the other way round, as those of one millisecond may.
        let sorted = [
            change(5, "b"),
            change(5, "a"),
            mail(5, "b-mb"),
            mail(5, "b-ms"),
            delivery(5, "b", 1, "z"),
            delivery(5, "b", 2, "y"),
            delivery(5, "a", 1, "x"),
            mail(5, "ntfn_c"),
        ];
        check(&[("b", 5), ("a", 5)], &sorted);
    }

    #[test]
    fn what_follows_from_a_change_comes_after_it_whatever_the_clocks_say() {
        let sorted =
            [change(9, "a"), change(7, "b"), delivery(8, "a", 1, "x"), delivery(8, "b", 1, "w"), mail(12, "a-mb")];
        check(&[("a", 9), ("b", 7)], &sorted);
    }
}

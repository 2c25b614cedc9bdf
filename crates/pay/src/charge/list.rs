//! Which charges a list request asks for (contract online-lite-api "Operations": list).

use kernel::{ChargeNumber, Timestamp};

use super::state::State;

/// `payment[…]` of the request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaymentFilter {
    /// Whether a provisional sale exists.
    pub paid: Option<bool>,
    /// Whether an actual sale exists.
    pub captured: Option<bool>,
    /// Whether it is cancelled.
    pub refunded: Option<bool>,
}

/// `created[…]` of the request, Unix seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CreatedFilter {
    /// Later than.
    pub gt: Option<i64>,
    /// At or later than.
    pub gte: Option<i64>,
    /// Earlier than.
    pub lt: Option<i64>,
    /// At or earlier than.
    pub lte: Option<i64>,
}

/// Which charges match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// By order number; a text that is none matches nothing.
    pub id: Option<String>,
    /// By state.
    pub payment: PaymentFilter,
    /// By order date.
    pub created: CreatedFilter,
}

/// Which of the matching charges are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many at the most.
    pub limit: i64,
    /// How many to pass over, from the newest at that moment.
    pub offset: i64,
    /// Only those older than this one: stable while rows are added.
    pub starting_after: Option<ChargeNumber>,
}

impl Filter {
    /// The states that match `payment`.
    pub fn states(&self) -> Vec<State> {
        let fits = |wanted: Option<bool>, is: bool| wanted.is_none_or(|wanted| wanted == is);
        let PaymentFilter { paid, captured, refunded } = self.payment;
        State::ALL
            .into_iter()
            .filter(|state| {
                fits(paid, state.paid()) && fits(captured, state.captured()) && fits(refunded, state.refunded())
            })
            .collect()
    }

    /// First instant that matches `created`. The wire's seconds hold the instants from that second until the next one.
    pub fn created_from(&self) -> Option<Timestamp> {
        let CreatedFilter { gt, gte, .. } = self.created;
        gte.max(gt.map(|second| second.saturating_add(1))).map(bounded)
    }

    /// First instant that no longer matches `created`.
    pub fn created_until(&self) -> Option<Timestamp> {
        let CreatedFilter { lt, lte, .. } = self.created;
        let bounds = [lt, lte.map(|second| second.saturating_add(1))];
        bounds.into_iter().flatten().min().map(bounded)
    }

    /// The days (JST, since 1970) that match as a whole: the first one, and the first after the last one.
    pub fn whole_days(&self) -> (i64, i64) {
        let first = self.created_from().map_or(i64::MIN / 2, |from| {
            let day = from.jst_date();
            day.day_number() + i64::from(day.start() != from)
        });
        let end = self.created_until().map_or(i64::MAX / 2, |until| until.jst_date().day_number());
        (first, end)
    }

    /// The days of which only a part matches.
    pub fn partial_days(&self) -> Vec<i64> {
        let partial =
            |at: Option<Timestamp>| at.filter(|at| at.jst_date().start() != *at).map(|at| at.jst_date().day_number());
        let (from, until) = (self.created_from(), self.created_until());
        if let (Some(from), Some(until)) = (from, until)
            && from >= until
        {
            return Vec::new();
        }
        let mut days: Vec<i64> = [partial(from), partial(until)].into_iter().flatten().collect();
        days.dedup();
        days
    }
}

/// Instants of order numbers lie in four-digit years: what is outside matches everything or nothing all the same.
fn bounded(seconds: i64) -> Timestamp {
    const YEAR_ONE: i64 = -62_135_596_800;
    const YEAR_9999: i64 = 253_370_764_800;
    Timestamp::from_seconds(seconds.clamp(YEAR_ONE, YEAR_9999))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn created(gt: Option<i64>, gte: Option<i64>, lt: Option<i64>, lte: Option<i64>) -> Filter {
        Filter { created: CreatedFilter { gt, gte, lt, lte }, ..Filter::default() }
    }

    #[test]
    fn payment_flags_select_states() {
        let states = |paid, captured, refunded| {
            let payment = PaymentFilter { paid, captured, refunded };
            Filter { payment, ..Filter::default() }.states()
        };
        use State::{Authorized, Cancelled, Captured};
        assert_eq!(states(None, None, None), [Authorized, Captured, Cancelled]);
        assert_eq!(states(Some(true), Some(false), None), [Authorized]);
        assert_eq!(states(Some(true), None, None), [Authorized, Captured]);
        assert_eq!(states(None, Some(false), None), [Authorized, Cancelled]);
        assert_eq!(states(None, None, Some(true)), [Cancelled]);
        assert_eq!(states(Some(false), Some(true), None), []);
    }

    #[test]
    fn ranges_split_into_whole_days_and_the_rest() {
        // 2026-11-22 is day 20779; it begins at 1795273200 (UTC 15:00 of the day before).
        let midnight = 1_795_273_200;
        let next = midnight + 86_400;
        let rows = [
            (created(None, Some(midnight), Some(next), None), (20_779, 20_780), vec![]),
            (created(Some(midnight - 1), None, None, Some(next - 1)), (20_779, 20_780), vec![]),
            (created(Some(midnight), None, Some(next), None), (20_780, 20_780), vec![20_779]),
            (created(None, Some(midnight + 5), Some(next + 86_405), None), (20_780, 20_781), vec![20_779, 20_781]),
            (created(None, Some(midnight + 5), Some(midnight + 9), None), (20_780, 20_779), vec![20_779]),
            (created(None, Some(midnight + 9), Some(midnight + 5), None), (20_780, 20_779), vec![]),
        ];
        for (filter, whole, partial) in rows {
            assert_eq!((filter.whole_days(), filter.partial_days()), (whole, partial), "{filter:?}");
        }
    }

    #[test]
    fn absurd_bounds_are_bounds() {
        let filter = created(Some(i64::MAX), None, Some(i64::MIN), None);
        assert!(filter.created_from() > filter.created_until());
        assert_eq!(filter.partial_days(), Vec::<i64>::new());
    }
}

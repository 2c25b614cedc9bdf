//! Fees: what a shop pays for each charge, from a day on. Kept with their history, for payouts to reckon with.
//!
//! A fee is a share of the total in basis points and a fixed amount in yen. The share drops fractions of a yen, in the merchant's
//! favour; it is reckoned charge by charge, never of a sum.

pub mod rows;

use kernel::{JstDate, ShopId, Timestamp, Yen};
use serde_json::json;
use shop::By;
use shop::register::{Made, keep_made, made_before};
use store::idempotency::RequestKey;
use store::{StoreError, Tx};

/// The largest share: all of it.
pub const BASIS_POINTS_MAX: i64 = 10_000;
/// The largest fixed amount, in yen.
pub const FIXED_MAX: i64 = 100_000;

/// What is taken of a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    basis_points: i64,
    fixed: Yen,
}

/// A number of a fee that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Below nothing or above everything.
    #[error("basis_points must be 0 to {BASIS_POINTS_MAX}")]
    BasisPoints,
    /// Below nothing or above [`FIXED_MAX`].
    #[error("fixed must be 0 to {FIXED_MAX} yen")]
    Fixed,
    /// A fee that charges of the past were not told of.
    #[error("from must be today or later")]
    Past,
}

impl Rate {
    /// A share in basis points and an amount in yen.
    pub fn new(basis_points: i64, fixed: i64) -> Result<Rate, Unfit> {
        let fixed = Yen::new(fixed).ok().filter(|fixed| fixed.get() <= FIXED_MAX).ok_or(Unfit::Fixed)?;
        let fits = (0..=BASIS_POINTS_MAX).contains(&basis_points);
        if fits { Ok(Rate { basis_points, fixed }) } else { Err(Unfit::BasisPoints) }
    }

    /// The share, in hundredths of a percent.
    pub fn basis_points(self) -> i64 {
        self.basis_points
    }

    /// Yen for each charge.
    pub fn fixed(self) -> Yen {
        self.fixed
    }

    /// What is taken of a charge of this total. A fraction of a yen of the share is dropped. May be more than the total.
    pub fn of(self, total: Yen) -> Yen {
        let share = i128::from(total.get()) * i128::from(self.basis_points) / i128::from(BASIS_POINTS_MAX);
        let share = i64::try_from(share).ok().and_then(|share| Yen::new(share).ok());
        share.and_then(|share| share.checked_add(self.fixed).ok()).unwrap_or(Yen::MAX)
    }
}

/// A fee of a shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fee {
    /// Its name: `fee_…`.
    pub id: String,
    /// From which day on, JST.
    pub from: JstDate,
    /// What is taken.
    pub rate: Rate,
    /// When it was written, machine time.
    pub created: Timestamp,
    /// When it was withdrawn, machine time: it never counted.
    pub withdrawn: Option<Timestamp>,
}

/// The fee that counts on `day`: of those that have begun the one that began last, and of these the one written last.
pub fn on(fees: &[Fee], day: JstDate) -> Option<&Fee> {
    let begun = fees.iter().filter(|fee| fee.withdrawn.is_none() && fee.from <= day);
    begun.max_by_key(|fee| (fee.from, fee.created, fee.id.as_str()))
}

/// Writes a fee. It begins today or later, so that what was taken already stays right; only the first one of a shop may have begun.
pub fn write(tx: &mut Tx<'_>, shop: ShopId, fee: &Fee, by: &By) -> Result<Result<(), Unfit>, StoreError> {
    let today = tx.machine_now().jst_date();
    let is_first = rows::all(tx, shop)?.iter().all(|fee| fee.withdrawn.is_some());
    if fee.from < today && !is_first {
        return Ok(Err(Unfit::Past));
    }
    let Rate { basis_points, fixed } = fee.rate;
    let fields = json!({ "from": fee.from.to_string(), "basis_points": basis_points, "fixed": fixed.get() });
    let entry = by.record(shop, tx.machine_now(), ("fee.write", &fee.id), &fields);
    tx.execute_all(&[rows::insert(shop, fee), entry])?;
    Ok(Ok(()))
}

/// Writes a fee once under a key; its name.
pub fn write_once(
    tx: &mut Tx<'_>,
    shop: ShopId,
    fee: &Fee,
    (key, by): (Option<&RequestKey>, &By),
) -> Result<Result<Made<String>, Unfit>, StoreError> {
    if let Some(before) = made_before(tx, key)? {
        return Ok(Ok(before));
    }
    if let Err(unfit) = write(tx, shop, fee, by)? {
        return Ok(Err(unfit));
    }
    keep_made(tx, key, &fee.id)?;
    Ok(Ok(Made::New(fee.id.clone())))
}

/// What came of withdrawing a fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawn {
    /// It never counts.
    Done,
    /// There is none of this name.
    Absent,
    /// It has begun, and stays.
    Begun,
}

/// Withdraws a fee that has not begun; twice is once.
pub fn withdraw(tx: &mut Tx<'_>, shop: ShopId, id: &str, by: &By) -> Result<Withdrawn, StoreError> {
    let now = tx.machine_now();
    let Some(fee) = rows::all(tx, shop)?.into_iter().find(|fee| fee.id == id) else { return Ok(Withdrawn::Absent) };
    if fee.withdrawn.is_some() {
        return Ok(Withdrawn::Done);
    }
    if fee.from <= now.jst_date() {
        return Ok(Withdrawn::Begun);
    }
    let entry = by.record(shop, now, ("fee.withdraw", id), &json!({}));
    tx.execute_all(&[rows::withdraw(shop, id, now), entry])?;
    Ok(Withdrawn::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_drops_fractions_of_a_yen() {
        let rows = [
            (325, 10, 1_000, 42), // 32.5 + 10
            (325, 0, 9_999, 324), // 324.9675
            (0, 0, 99_999_999, 0),
            (10_000, 0, 99_999_999, 99_999_999),
            (1, 5, 1, 5), // 0.0001 + 5
        ];
        for (basis_points, fixed, total, expected) in rows {
            let rate = Rate::new(basis_points, fixed).unwrap();
            assert_eq!(rate.of(Yen::new(total).unwrap()).get(), expected, "{basis_points} {fixed} {total}");
        }
        assert_eq!(Rate::new(10_001, 0), Err(Unfit::BasisPoints));
        assert_eq!(Rate::new(-1, 0), Err(Unfit::BasisPoints));
        assert_eq!(Rate::new(0, -1), Err(Unfit::Fixed));
        assert_eq!(Rate::new(0, 100_001), Err(Unfit::Fixed));
    }

    #[test]
    fn the_fee_of_a_day_is_the_one_that_began_last() {
        let day = |day| JstDate::new(2026, 11, day).unwrap();
        let fee = |id: &str, from, created, withdrawn: bool| Fee {
            id: id.to_owned(),
            from: day(from),
            rate: Rate::new(300, 0).unwrap(),
            created: Timestamp::from_seconds(created),
            withdrawn: withdrawn.then_some(Timestamp::from_seconds(created)),
        };
        let fees = [fee("a", 1, 1, false), fee("b", 10, 2, false), fee("c", 10, 3, false), fee("d", 12, 4, true)];
        let on = |date| on(&fees, day(date)).map(|fee| fee.id.as_str());
        assert_eq!((on(1), on(9), on(10), on(30)), (Some("a"), Some("a"), Some("c"), Some("c")));
        assert_eq!(super::on(&fees, JstDate::new(2026, 10, 31).unwrap()), None);
    }
}

//! Whole yen. JPY has no minor unit: `Yen` of 1 is one yen.

use std::fmt;

/// A non-negative amount of whole yen, at most [`Yen::MAX`].
///
/// Direction (debit, credit) is a property of the ledger line, never a sign. The only ways in are [`Yen::new`] and the
/// checked operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Yen(i64);

/// Why an amount of yen could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Negative, or above [`Yen::MAX`].
    #[error("{0} yen is outside 0..={max}", max = Yen::MAX.0)]
    OutOfRange(i128),
}

impl Yen {
    /// Nothing.
    pub const ZERO: Yen = Yen(0);
    /// Largest amount handled, 999 trillion yen: sums of a lifetime fit, and products with a quantity cannot overflow 128 bits.
    pub const MAX: Yen = Yen(999_999_999_999_999);

    /// Checks the range.
    pub fn new(yen: i64) -> Result<Yen, MoneyError> {
        Yen::from_wide(i128::from(yen))
    }

    /// The number of yen.
    pub fn get(self) -> i64 {
        self.0
    }

    /// Whether this is nothing.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Sum of both.
    pub fn checked_add(self, other: Yen) -> Result<Yen, MoneyError> {
        Yen::from_wide(i128::from(self.0) + i128::from(other.0))
    }

    /// What is left of `self` after taking `other` away; an error below zero.
    pub fn checked_sub(self, other: Yen) -> Result<Yen, MoneyError> {
        Yen::from_wide(i128::from(self.0) - i128::from(other.0))
    }

    /// What is left of `self` after taking `other` away, nothing if `other` is more.
    pub fn saturating_sub(self, other: Yen) -> Yen {
        Yen((self.0 - other.0).max(0))
    }

    /// A unit price times a quantity.
    pub fn times(self, quantity: u32) -> Result<Yen, MoneyError> {
        Yen::from_wide(i128::from(self.0) * i128::from(quantity))
    }

    /// Sum of all, an error as soon as the sum leaves the range.
    pub fn sum(amounts: impl IntoIterator<Item = Yen>) -> Result<Yen, MoneyError> {
        amounts.into_iter().try_fold(Yen::ZERO, Yen::checked_add)
    }

    fn from_wide(yen: i128) -> Result<Yen, MoneyError> {
        match i64::try_from(yen) {
            Ok(narrow) if (0..=Yen::MAX.0).contains(&narrow) => Ok(Yen(narrow)),
            _ => Err(MoneyError::OutOfRange(yen)),
        }
    }
}

impl fmt::Display for Yen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn range_ends_are_inside_and_their_neighbours_outside() {
        assert_eq!(Yen::new(0).unwrap(), Yen::ZERO);
        assert_eq!(Yen::new(Yen::MAX.get()).unwrap(), Yen::MAX);
        assert_eq!(Yen::new(-1), Err(MoneyError::OutOfRange(-1)));
        assert_eq!(Yen::new(Yen::MAX.get() + 1), Err(MoneyError::OutOfRange(1_000_000_000_000_000)));
        assert!(Yen::MAX.times(u32::MAX).is_err());
    }

    proptest! {
        #[test]
        fn what_was_added_can_be_taken_away(a in 0..=Yen::MAX.get(), b in 0..=Yen::MAX.get()) {
            let (a, b) = (Yen::new(a).unwrap(), Yen::new(b).unwrap());
            match a.checked_add(b) {
                Ok(sum) => prop_assert_eq!(sum.checked_sub(b), Ok(a)),
                Err(MoneyError::OutOfRange(wide)) => prop_assert_eq!(wide, i128::from(a.get()) + i128::from(b.get())),
            }
            prop_assert_eq!(a.checked_sub(b).is_ok(), a >= b);
            prop_assert_eq!(a.saturating_sub(b), a.checked_sub(b).unwrap_or(Yen::ZERO));
        }
    }
}

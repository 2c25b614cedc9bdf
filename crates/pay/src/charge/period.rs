//! The periods that charges are counted over: days, and blocks of days, so that years are few rows.
//!
//! Both stand in one table, whose `day` is the period's key: days since 1970 (JST) count up from 0, blocks count down
//! from -1.

use std::ops::Range;

/// Days of a block.
const BLOCK_DAYS: i64 = 32;

/// The keys of the periods that a day belongs to: the day itself and its block.
pub fn keys_of(day: i64) -> [i64; 2] {
    [day, -1 - day.div_euclid(BLOCK_DAYS)]
}

/// Keys of the periods that together are the days from `first` until before `end`, none of them twice. Orders are younger
/// than 1970.
pub fn keys_between(first: i64, end: i64) -> [Range<i64>; 3] {
    let first = first.max(0);
    let (first_block, end_block) = (first.saturating_add(BLOCK_DAYS - 1) / BLOCK_DAYS, end.max(0) / BLOCK_DAYS);
    if first_block >= end_block {
        return [first..end.max(first), 0..0, 0..0];
    }
    [first..first_block * BLOCK_DAYS, -end_block..-first_block, end_block * BLOCK_DAYS..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_day_between_is_counted_once(first in 0_i64..200, length in 0_i64..300, day in 0_i64..600) {
            let end = first + length;
            let ranges = keys_between(first, end);
            let counted = keys_of(day).iter().filter(|key| ranges.iter().any(|range| range.contains(key))).count();
            prop_assert_eq!(counted, usize::from((first..end).contains(&day)));
        }
    }

    #[test]
    fn all_time_is_blocks_alone() {
        let [before, blocks, after] = keys_between(i64::MIN / 2, i64::MAX / 2);
        assert!(before.is_empty() && after.start > 1 << 60, "{before:?} {after:?}");
        assert!([0, 20_000, 3_000_000].iter().all(|day| blocks.contains(&keys_of(*day)[1])));
    }

    #[test]
    fn few_days_are_days_alone() {
        assert_eq!(keys_between(33, 40), [33..40, 0..0, 0..0]);
        assert_eq!(keys_between(40, 33), [40..40, 0..0, 0..0]);
    }
}

//! Token buckets: how many requests somebody may make. In memory of one process; machine time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;

use crate::Timestamp;
use crate::time::MICROS_PER_SECOND;

/// Owners kept at the most; beyond it, those whose buckets are full again are forgotten.
const OWNERS_MAX: usize = 50_000;

/// A rate: so many requests in so many seconds, all at once or spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub requests: u32,
    /// In how many seconds.
    pub seconds: u32,
}

struct Bucket {
    /// Tokens times the microseconds that one costs: whole numbers instead of fractions.
    level: i64,
    at: Timestamp,
}

/// One bucket for each owner.
pub struct Buckets<K> {
    rate: Rate,
    buckets: Mutex<HashMap<K, Bucket>>,
}

impl<K: Hash + Eq> Buckets<K> {
    /// Full buckets of `rate`.
    pub fn new(rate: Rate) -> Buckets<K> {
        Buckets { rate, buckets: Mutex::default() }
    }

    /// Takes a token; `Err` is the number of seconds until there is one.
    pub fn take(&self, owner: K, now: Timestamp) -> Result<(), u32> {
        self.with(owner, now, |level, cost| {
            if *level < cost {
                return Err(((cost - *level) / MICROS_PER_SECOND + 1) as u32);
            }
            *level -= cost;
            Ok(())
        })
    }

    /// Whether there is a token, without taking it; `Err` as in [`Buckets::take`].
    pub fn look(&self, owner: K, now: Timestamp) -> Result<(), u32> {
        self.with(owner, now, |level, cost| {
            if *level < cost { Err(((cost - *level) / MICROS_PER_SECOND + 1) as u32) } else { Ok(()) }
        })
    }

    fn with<T>(&self, owner: K, now: Timestamp, act: impl FnOnce(&mut i64, i64) -> T) -> T {
        let full = i64::from(self.rate.seconds) * MICROS_PER_SECOND;
        let cost = full / i64::from(self.rate.requests.max(1));
        let mut buckets = self.buckets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if buckets.len() >= OWNERS_MAX && !buckets.contains_key(&owner) {
            buckets.retain(|_, bucket| bucket.level + (now.micros() - bucket.at.micros()) < full);
        }
        let bucket = buckets.entry(owner).or_insert(Bucket { level: full, at: now });
        let passed = (now.micros() - bucket.at.micros()).max(0);
        bucket.level = bucket.level.saturating_add(passed).min(full);
        bucket.at = now;
        act(&mut bucket.level, cost.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let buckets = Buckets::new(Rate { requests: 3, seconds: 60 });
        let start = Timestamp::from_seconds(1_000);
        let answers: Vec<_> = (0..4).map(|_| buckets.take("a", start)).collect();
        assert_eq!(answers, [Ok(()), Ok(()), Ok(()), Err(21)]);
        assert_eq!(buckets.take("b", start), Ok(()));
        assert_eq!(buckets.look("a", start.plus_seconds(19)), Err(2));
        assert_eq!(buckets.take("a", start.plus_seconds(20)), Ok(()));
        assert!(buckets.take("a", start.plus_seconds(20)).is_err());
    }
}

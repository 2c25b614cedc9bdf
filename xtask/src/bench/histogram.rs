//! Latencies, counted in buckets that are 3 % wide: cheap to record, small to keep, easy to add up.

use std::time::Duration;

/// Buckets of one microsecond each at the lower end.
const FINE: u64 = 64;
/// Buckets in each doubling above.
const STEPS: u64 = 32;

/// How many answers took how long.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
}

impl Histogram {
    /// Counts one answer.
    pub fn record(&mut self, took: Duration) {
        let bucket = bucket_of(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        if self.buckets.len() <= bucket {
            self.buckets.resize(bucket + 1, 0);
        }
        self.buckets[bucket] += 1;
        self.count += 1;
    }

    /// Counts what `other` counted.
    pub fn add(&mut self, other: &Histogram) {
        if self.buckets.len() < other.buckets.len() {
            self.buckets.resize(other.buckets.len(), 0);
        }
        for (own, more) in self.buckets.iter_mut().zip(&other.buckets) {
            *own += more;
        }
        self.count += other.count;
    }

    /// Answers counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The time in milliseconds within which `part` (0.99 for 99 %) of the answers came; 0 when there are none.
    pub fn quantile_ms(&self, part: f64) -> f64 {
        let wanted = (self.count as f64 * part).ceil() as u64;
        let mut seen = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            seen += count;
            if wanted <= seen && 0 < seen {
                return largest_in(bucket as u64) as f64 / 1000.0;
            }
        }
        0.0
    }
}

fn bucket_of(micros: u64) -> usize {
    if micros < FINE {
        return micros as usize;
    }
    let doubling = u64::from(micros.ilog2()) - 6;
    let step = (micros >> (doubling + 1)) - STEPS;
    (FINE + doubling * STEPS + step) as usize
}

/// The longest time, in microseconds, that falls into `bucket`.
fn largest_in(bucket: u64) -> u64 {
    if bucket < FINE {
        return bucket;
    }
    let (doubling, step) = ((bucket - FINE) / STEPS, (bucket - FINE) % STEPS);
    ((STEPS + step + 1) << (doubling + 1)) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_follow_one_another() {
        for micros in [0, 1, 63, 64, 65, 127, 128, 129, 1_000, 65_535, 1_000_000, 12_345_678] {
            let bucket = bucket_of(micros) as u64;
            assert!(micros <= largest_in(bucket), "{micros}");
            assert!(bucket == 0 || largest_in(bucket - 1) < micros, "{micros}");
        }
    }

    #[test]
    fn quantiles_are_within_three_percent() {
        let mut histogram = Histogram::default();
        let mut more = Histogram::default();
        for micros in 1..=10_000 {
            let half = if micros % 2 == 0 { &mut histogram } else { &mut more };
            half.record(Duration::from_micros(micros));
        }
        histogram.add(&more);
        assert_eq!(histogram.count(), 10_000);
        for (part, expected) in [(0.5, 5.0), (0.99, 9.9), (1.0, 10.0)] {
            let found = histogram.quantile_ms(part);
            assert!((found - expected).abs() < expected * 0.04, "{part}: {found}");
        }
        assert!(Histogram::default().quantile_ms(0.99).abs() < f64::EPSILON);
    }
}
